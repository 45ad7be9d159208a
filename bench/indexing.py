"""Does indexing run at the encoder's own speed? Images/s against the encoder alone, in one run.

    python -m bench.indexing [--images 1500] [--encoder lite2] [--data fashion_catalog]

The encoder alone: pictures already decoded and resized, one thread a core, nothing else. Both
sides are measured in turns, A B A B, as these machines drift.
"""

import argparse
import csv
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from bench.report import DATA, print_table, resident_mb
from shoplens.config import read_settings
from shoplens.encode.base import Encoder, Prepared, open_encoder
from shoplens.engine import Engine
from shoplens.images.decode import decode
from shoplens.ingest.feeds import IndexRequest

ROUNDS = 3


def encoder_alone(encoder: Encoder, ready: list[Prepared], threads: int) -> float:
    """Encode what is ready on all cores; images/s."""
    with ThreadPoolExecutor(threads) as pool:
        began = time.perf_counter()
        list(pool.map(lambda one: encoder.picture.encode([one]), ready))
        return len(ready) / (time.perf_counter() - began)


def whole_pipeline(feed: Path, images: Path, encoder: str) -> tuple[float, float, float]:
    """Index a feed from nothing; images/s while indexing, the same with optimise, memory in MB."""
    marks: dict[str, float] = {}

    def note(step: str, done: int, total: int) -> None:
        del done, total
        marks.setdefault(step, time.perf_counter())

    with tempfile.TemporaryDirectory() as data:
        settings = read_settings({"data": Path(data), "encoder": encoder})
        with Engine.open(settings) as engine:
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
    alone, whole, total, memory = [], [], [], 0.0
    with tempfile.TemporaryDirectory() as scratch:
        feed = Path(scratch) / "products.csv"
        with feed.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *rows])
        for _ in range(ROUNDS):
            alone.append(encoder_alone(encoder, ready, threads))
            one, all_in, memory = whole_pipeline(feed, folder, given.encoder)
            whole.append(one)
            total.append(all_in)
    a, b, c = (float(np.median(x)) for x in (alone, whole, total))
    print_table(
        f"indexing {len(rows)} products of {given.data} with {given.encoder}, {threads} threads",
        ["what", "images/s", "of the encoder alone"],
        [
            ["encoder alone", a, "1.00"],
            ["feed to searchable rows", b, f"{b / a:.2f}"],
            ["the same, with optimise", c, f"{c / a:.2f}"],
            ["resident memory, MB", memory, ""],
        ],
    )


if __name__ == "__main__":
    main()
