"""Does a photo find its product? R@1, R@5, MRR on real photos, through the whole engine.

    python -m bench.retrieval [grocery] [magento] [fashion]

grocery: phone photos of the published val split against 81 catalogue pictures.
magento: a product's other views against one main view of each product and colour.
fashion: precision@10 of the article type among products similar to each of 500 products.
"""

import csv
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.report import DATA, print_table
from shoplens.config import read_settings
from shoplens.engine import Engine
from shoplens.ingest.feeds import IndexRequest
from shoplens.types import Query

ENCODERS = ("lite2", "lite0", "colour")


@dataclass(frozen=True)
class Judged:
    """A query photo and the product that is right."""

    photo: Path
    product_id: str


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read a small CSV whole."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def open_engine(folder: str, encoder: str, *, crops: bool = True) -> Engine:
    """Open a shop in a folder of the benchmark's own."""
    flags = {"data": Path(folder), "encoder": encoder, "search": {"crops": crops}}
    return Engine.open(read_settings(flags))


def ranks(engine: Engine, judged: Sequence[Judged], k: int = 20) -> list[int]:
    """Give the place of the right product for each photo, 0 if it did not come."""
    places: list[int] = []
    for one in judged:
        answer = engine.search(Query(picture=engine.picture(one.photo.read_bytes()), k=k))
        ids = [shown.product.product_id for shown in answer.shown]
        places.append(ids.index(one.product_id) + 1 if one.product_id in ids else 0)
    return places


def scores(places: Sequence[int]) -> list[float]:
    """Turn places into R@1, R@5 and MRR@20."""
    got = np.array(places)
    first = np.divide(1.0, got, out=np.zeros(len(got)), where=got > 0)
    return [float((got == 1).mean()), float(((got > 0) & (got <= 5)).mean()), float(first.mean())]


def grocery() -> None:
    """Photo in the wild to catalogue picture."""
    folder = DATA / "grocery_street_to_catalogue"
    photos = [row for row in read_csv(folder / "photos.csv") if row["split"] == "val"]
    judged = [Judged(folder / row["photo"], row["class_id"]) for row in photos]
    rows: list[list[object]] = []
    for encoder in ENCODERS:
        for crops in (False, True):
            with (
                tempfile.TemporaryDirectory() as data,
                open_engine(data, encoder, crops=crops) as engine,
            ):
                engine.index(IndexRequest(folder / "products.csv"))
                rows.append([encoder, "yes" if crops else "no", *scores(ranks(engine, judged))])
    rows.append(["chance", "", 1 / 81, 5 / 81, ""])
    title = f"grocery: {len(judged)} val photos against 81 catalogue pictures"
    print_table(title, ["encoder", "multi-crop", "R@1", "R@5", "MRR@20"], rows)


def magento() -> None:
    """The same product from another side."""
    folder = DATA / "magento_multiview"
    views = [row for row in read_csv(folder / "images.csv") if row["instance"]]
    by_instance: dict[str, list[dict[str, str]]] = {}
    for row in views:
        by_instance.setdefault(row["instance"], []).append(row)
    mains = [min(rows, key=lambda row: row["view"] != "main") for rows in by_instance.values()]
    judged = [
        Judged(folder / row["image"], row["instance"])
        for rows, main in zip(by_instance.values(), mains, strict=True)
        for row in rows
        if row is not main
    ]
    rows: list[list[object]] = []
    for encoder in ENCODERS:
        with tempfile.TemporaryDirectory() as data:
            feed = Path(data) / "mains.csv"
            with feed.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["id", "title", "image"])
                for main in mains:
                    writer.writerow([main["instance"], main["name"] or main["sku"], main["image"]])
            with open_engine(data, encoder) as engine:
                engine.index(IndexRequest(feed, folder))
                rows.append([encoder, *scores(ranks(engine, judged))])
    title = f"magento: {len(judged)} other views against {len(mains)} main views"
    print_table(title, ["encoder", "R@1", "R@5", "MRR@20"], rows)


def fashion() -> None:
    """Products similar to a product should be of its kind."""
    folder = DATA / "fashion_catalog"
    kinds = {row["id"]: row["articleType"] for row in read_csv(folder / "products.csv")}
    rng = np.random.default_rng(0)
    asked = rng.choice(sorted(kinds), 500, replace=False)
    shares = np.unique(list(kinds.values()), return_counts=True)[1] / len(kinds)
    rows: list[list[object]] = []
    for encoder in ENCODERS:
        with tempfile.TemporaryDirectory() as data, open_engine(data, encoder) as engine:
            engine.index(IndexRequest(folder / "products.csv"))
            right: list[float] = []
            for product_id in asked:
                answer = engine.search(Query(product_id=str(product_id), k=10))
                same = [kinds[s.product.product_id] == kinds[str(product_id)] for s in answer.shown]
                right.append(float(np.mean(same)))
            rows.append([encoder, float(np.mean(right))])
    rows.append(["chance", float((shares**2).sum())])
    title = f"fashion: article type among 10 products similar to each of 500 of {len(kinds)}"
    print_table(title, ["encoder", "precision@10"], rows)


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["grocery", "magento", "fashion"]
    for name in wanted:
        {"grocery": grocery, "magento": magento, "fashion": fashion}[name]()
