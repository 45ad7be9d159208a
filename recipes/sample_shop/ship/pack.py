"""Pack what was rendered: ``python -m sample_shop.ship.pack --rendered /tmp/shop --out FOLDER``.

Writes the pictures as WebP, the feeds as a shop would export them, and the truth as CSV and TREC
judgements. Run ``render`` first; a picture that is missing stops it.
"""

import argparse
import csv
import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image

from sample_shop.ship.feeds import google_xml, offers, shopify_csv
from sample_shop.shop import Job, plan, products
from sample_shop.stage.photo import Product

QUALITY = 80
FOLDERS = {"catalogue": "catalogue", "query": "queries", "scene": "scenes", "defect": "defects"}


def main() -> None:
    """Empty the folder and fill it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rendered", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    jobs = plan()
    truths = [_truth(options.rendered, job) for job in jobs]
    for folder in FOLDERS.values():
        shutil.rmtree(options.out / folder, ignore_errors=True)
        (options.out / folder).mkdir(parents=True)
    for job in jobs:
        _copy_pictures(job, options.rendered, options.out)
    _write_feeds(jobs, options.out)
    _write_truth(truths, options.out)
    sizes = [file.stat().st_size for file in options.out.rglob("*") if file.is_file()]
    print(f"{len(sizes)} files, {sum(sizes) / 1e6:.1f} MB")


def _truth(rendered: Path, job: Job) -> dict[str, object]:
    return json.loads((rendered / job.what / f"{job.name}.json").read_text())


def _copy_pictures(job: Job, rendered: Path, out: Path) -> None:
    source, folder = rendered / job.what / f"{job.name}.png", out / FOLDERS[job.what]
    with Image.open(source) as picture:
        picture.save(folder / f"{job.name}.webp", quality=QUALITY, method=6)
    mask = source.with_suffix(".mask.png")
    if job.what in {"scene", "defect"}:
        with Image.open(mask) as numbers:
            numbers.save(folder / f"{job.name}.png", optimize=True)


def _write_feeds(jobs: Sequence[Job], out: Path) -> None:
    images: dict[str, list[str]] = {}
    for job in jobs:
        if job.what == "catalogue":
            images.setdefault(job.products[0].product_id, []).append(f"catalogue/{job.name}.webp")
    for language in ("en", "zh"):
        every = offers(products(), images, language)
        (out / f"google.{language}.xml").write_text(google_xml(every, language), encoding="utf-8")
        (out / f"shopify.{language}.csv").write_text(
            shopify_csv(every, language), encoding="utf-8", newline=""
        )


def _write_truth(truths: Sequence[dict[str, object]], out: Path) -> None:
    of = {what: [t for t in truths if t["what"] == what] for what in FOLDERS}
    box = ("left", "top", "right", "bottom")
    queries = [
        (f"queries/{t['name']}.webp", s["product_id"], *s["box"], s["visible"], t["place"])
        for t in of["query"]
        for s in t["seen"]
    ]
    _csv(out / "queries.csv", ("image", "product_id", *box, "visible", "place"), queries)
    scenes = [
        (f"scenes/{t['name']}.webp", f"scenes/{t['name']}.png", s["number"], s["product_id"],
         *s["box"], s["visible"], t["place"])
        for t in of["scene"]
        for s in t["seen"]
    ]  # fmt: skip
    header = ("image", "mask", "number", "product_id", *box, "visible", "place")
    _csv(out / "scenes.csv", header, scenes)
    defects = [
        (f"defects/{t['name']}.webp", f"defects/{t['name']}.png",
         f"catalogue/{t['product_id']}-1.webp", t["product_id"], t["kind"])
        for t in of["defect"]
    ]  # fmt: skip
    _csv(out / "defects.csv", ("image", "mask", "good", "product_id", "kind"), defects)
    photos = [(t["name"], s["product_id"]) for t in of["query"] for s in t["seen"]]
    (out / "judgements.qrels").write_text("".join(_judgements(photos)), encoding="utf-8")


def _judgements(photos: Iterable[tuple[str, str]]) -> Iterable[str]:
    """Grade as TREC does: 3 the product, 2 its other colours, 1 others of its kind."""
    every = products()
    by_id: dict[str, Product] = {product.product_id: product for product in every}
    for name, product_id in photos:
        asked = by_id[product_id]
        for product in every:
            if product.kind.name == asked.kind.name:
                same = product.group.group_id == asked.group.group_id
                grade = 3 if product is asked else 2 if same else 1
                yield f"{name} 0 {product.product_id} {grade}\n"


def _csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
