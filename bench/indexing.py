"""Does indexing run at the encoder's own speed? Images/s against the encoder alone, in one run.

    python -m bench.indexing [--images 1500] [--encoder lite2] [--data fashion_catalog]

The encoder alone: pictures already decoded and resized, one thread a core, nothing else. A product
has words too, so the same with the text tower's work beside it is the second baseline. All sides
are measured in turns, A B A B, as these machines drift; models are loaded and warm before.
"""

import argparse
import csv
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from bench.report import DATA, print_table, resident_mb
from shoplens.catalogue.fields import dense_text
from shoplens.config import read_settings
from shoplens.encode.base import Encoder, Prepared, open_encoder
from shoplens.engine import Engine
from shoplens.feed.read import open_feed
from shoplens.images.decode import decode
from shoplens.ingest.feeds import IndexRequest
from shoplens.types import Product

ROUNDS = 3
TEXTS = 128


def encoder_alone(encoder: Encoder, ready: list[Prepared], texts: list[str], threads: int) -> float:
    """Encode what is ready on all cores, the texts beside the pictures; images/s."""
    with ThreadPoolExecutor(threads) as pool:
        began = time.perf_counter()
        parts = [texts[i : i + TEXTS] for i in range(0, len(texts), TEXTS)]
        beside = [pool.submit(encoder.text.encode, part) for part in parts]
        list(pool.map(lambda one: encoder.picture.encode([one]), ready))
        for part in beside:
            part.result()
        return len(ready) / (time.perf_counter() - began)


def products_of(folder: Path) -> list[Product]:
    """Read a whole feed."""
    records = open_feed(folder / "products.csv").records
    return [record for record in records if isinstance(record, Product)]


def whole_pipeline(feed: Path, images: Path, encoder: str) -> tuple[float, float, float]:
    """Index a feed from nothing; images/s while indexing, the same with optimise, memory in MB."""
    marks: dict[str, float] = {}

    def note(step: str, done: int, total: int) -> None:
        del done, total
        marks.setdefault(step, time.perf_counter())

    with tempfile.TemporaryDirectory() as data:
        settings = read_settings({"data": Path(data), "encoder": encoder})
        with Engine.open(settings) as engine:
            engine.warm()
            began = time.perf_counter()
            report = engine.index(IndexRequest(feed, images), note)
            ended = time.perf_counter()
            memory = resident_mb()
    counted = report.counts.encoded
    return counted / (marks["optimise"] - began), counted / (ended - began), memory


def main() -> None:
    """Measure both sides in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1500)
    parser.add_argument("--encoder", default="lite2")
    parser.add_argument("--data", default="fashion_catalog")
    given = parser.parse_args()
    folder = DATA / given.data
    rows = list(csv.reader((folder / "products.csv").open(encoding="utf-8-sig", newline="")))
    head, rows = rows[0], rows[1 : given.images + 1]
    encoder = open_encoder(given.encoder)
    names = [row[head.index("image")] for row in rows]
    sample = [decode((folder / name).read_bytes()) for name in names[:400]]
    ready = [encoder.picture.prepare(picture) for picture in sample]
    threads = read_settings({}).index.threads
    texts = [dense_text(product) for product in products_of(folder)][: len(ready)]
    encoder.text.encode(texts[:1])
    alone, both, whole, total, memory = [], [], [], [], 0.0
    with tempfile.TemporaryDirectory() as scratch:
        feed = Path(scratch) / "products.csv"
        with feed.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *rows])
        for _ in range(ROUNDS):
            alone.append(encoder_alone(encoder, ready, [], threads))
            both.append(encoder_alone(encoder, ready, texts, threads))
            one, all_in, memory = whole_pipeline(feed, folder, given.encoder)
            whole.append(one)
            total.append(all_in)
    a, t, b, c = (float(np.median(x)) for x in (alone, both, whole, total))
    print_table(
        f"indexing {len(rows)} products of {given.data} with {given.encoder}, {threads} threads",
        ["what", "images/s", "of pictures alone", "of pictures and texts alone"],
        [
            ["encoder alone, pictures", a, "1.00", ""],
            ["encoder alone, pictures and texts", t, f"{t / a:.2f}", "1.00"],
            ["feed to searchable rows", b, f"{b / a:.2f}", f"{b / t:.2f}"],
            ["the same, with optimise", c, f"{c / a:.2f}", f"{c / t:.2f}"],
            ["resident memory, MB", memory, "", ""],
        ],
    )


if __name__ == "__main__":
    main()
