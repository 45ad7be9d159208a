"""How well is the sample shop searched? Photos of it, its colours, its scenes; nothing else needed.

    python -m bench.sample

photos: a visitor's photo against the catalogue: the product, its group of colours, its kind.
boxes: the same, cut tightly by hand, and asked with the box that is known as ``box``.
scenes: every product of every scene, asked with its box.
variants: are a product's other colours the products most similar to it?
"""

import io
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from bench.report import print_table
from bench.retrieval import open_engine
from shoplens.engine import Engine
from shoplens.feed.sampleshop.shop import Box, feed, query_photos, scenes
from shoplens.ingest.feeds import IndexRequest
from shoplens.regions.box import MARGIN
from shoplens.regions.box import Box as Part
from shoplens.types import Product, Query

ENCODERS = ("lite2", "lite0")
SEEN = 0.5
"""How much of a product must be visible in a scene for it to be asked for."""


@dataclass(frozen=True)
class Asked:
    """A picture file's bytes, what is meant in it, and the product that is right."""

    photo: bytes
    product_id: str
    box: Part | None = None


def cut(path: Path, box: Box) -> bytes:
    """Cut a box out of a picture, a little wider, as PNG."""
    with Image.open(path) as picture:
        left, top, right, bottom = box
        dx, dy = (right - left) * MARGIN, (bottom - top) * MARGIN
        wider = (max(left - dx, 0), max(top - dy, 0), right + dx, bottom + dy)
        part = picture.convert("RGB").crop(tuple(round(side) for side in wider))
    out = io.BytesIO()
    part.save(out, "PNG", compress_level=1)
    return out.getvalue()


def part(path: Path, box: Box) -> Part:
    """Write a box of pixels in shares of the picture's sides."""
    with Image.open(path) as picture:
        width, height = picture.size
    left, top, right, bottom = box
    return Part(left / width, top / height, right / width, bottom / height)


def scores(engine: Engine, asked: Iterable[Asked]) -> list[object]:
    """Give R@1, R@5 and MRR@20 of the product, R@1 of its group, R@1 of its kind."""
    places: list[int] = []
    groups: list[bool] = []
    kinds: list[bool] = []
    for one in asked:
        answer = engine.search(Query(picture=engine.picture(one.photo, one.box), k=20))
        found = [shown.product for shown in answer.shown]
        right = engine.product(one.product_id).product
        ids = [product.product_id for product in found]
        places.append(ids.index(one.product_id) + 1 if one.product_id in ids else 0)
        groups.append(found[0].group_id == right.group_id)
        kinds.append(found[0].category == right.category)
    got = np.array(places)
    first = np.divide(1.0, got, out=np.zeros(len(got)), where=got > 0)
    within = (got > 0) & (got <= 5)
    return [
        len(places), float((got == 1).mean()), float(within.mean()), float(first.mean()),
        float(np.mean(groups)), float(np.mean(kinds)),
    ]  # fmt: skip


def variants(engine: Engine, products: Sequence[Product]) -> tuple[float, float]:
    """Tell how many of a product's other colours, then of its kind, come among as many similar."""
    colours: list[float] = []
    kinds: list[float] = []
    for product in products:
        others = [p for p in products if p.group_id == product.group_id and p is not product]
        answer = engine.search(Query(product_id=product.product_id, k=7))
        found = [shown.product for shown in answer.shown]
        near = found[: len(others)]
        colours.append(float(np.mean([p.group_id == product.group_id for p in near])))
        kinds.append(float(np.mean([p.category == product.category for p in found])))
    return float(np.mean(colours)), float(np.mean(kinds))


def main() -> None:
    """Index the shop with each encoder and ask it everything that is known."""
    photos = query_photos()
    asked = [Asked(p.image.read_bytes(), p.product_id) for p in photos]
    boxed = [Asked(cut(p.image, p.box), p.product_id) for p in photos]
    hidden = [a for a, p in zip(asked, photos, strict=True) if p.visible < 0.9]
    pointed = [Asked(p.image.read_bytes(), p.product_id, part(p.image, p.box)) for p in photos]
    things = [
        Asked(scene.image.read_bytes(), thing.product_id, part(scene.image, thing.box))
        for scene in scenes()
        for thing in scene.things
        if thing.visible >= SEEN
    ]
    rows: list[list[object]] = []
    alike: list[list[object]] = []
    for encoder in ENCODERS:
        with tempfile.TemporaryDirectory() as data, open_engine(data, encoder) as engine:
            engine.index(IndexRequest(feed()))
            products = [view.product for view in engine.page(k=500)[0]]
            rows.append([encoder, "photos", *scores(engine, asked)])
            rows.append([encoder, "photos, partly hidden", *scores(engine, hidden)])
            rows.append([encoder, "photos, cut tightly", *scores(engine, boxed)])
            rows.append([encoder, "photos, asked with a box", *scores(engine, pointed)])
            rows.append([encoder, "things of scenes, asked with a box", *scores(engine, things)])
            alike.append([encoder, *variants(engine, products)])
    rows.append(["chance", "", "", 1 / len(products), 5 / len(products), "", "", ""])
    columns = ["encoder", "asked", "how many", "R@1", "R@5", "MRR@20", "group R@1", "kind R@1"]
    print_table(f"sample shop: {len(products)} products", columns, rows)
    title = "sample shop: products similar to each product"
    print_table(title, ["encoder", "precision on variants", "kind precision@7"], alike)


if __name__ == "__main__":
    main()
