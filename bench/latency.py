"""How long does an answer take, step by step, in a shop of 100,000 products?

    python -m bench.latency [--products 100000] [--encoder lite2] [--queries 200]

The shop is synthetic: 100,000 product records with clustered random embeddings of the encoder's
own dimensions, kept through the same ledger as real ones; the query photos are real. Baseline: the
time of encoding one picture, measured in the same run.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from bench.report import DATA, Times, print_table, resident_mb
from shoplens.catalogue.catalogue import open_catalogue
from shoplens.catalogue.fields import words_text
from shoplens.catalogue.images import ImageRecord
from shoplens.config import Settings, read_settings
from shoplens.encode.base import open_encoder
from shoplens.encode.colours.vector import COLOUR_DIM
from shoplens.encode.words.rows import word_row
from shoplens.engine import Engine
from shoplens.images.thumbnails import Thumbnails
from shoplens.indexing.ledger import acknowledge
from shoplens.indexing.workbench import ImageOutcome, Ready, Workbench, utc_now
from shoplens.ingest.switching.identity import Identity
from shoplens.parts import walk
from shoplens.search.words.keeper import WordsKeeper
from shoplens.store.base import Dims, open_store
from shoplens.types import Product, Query

CLUSTERS = 2000
BATCH = 500
KINDS = ("shoe", "bag", "lamp", "chair", "shirt", "vase", "watch", "bottle")
VOCABULARY = 20_000
COLOURS = ("red", "green", "blue", "black", "white", "brown")


def unit(rows: np.ndarray) -> np.ndarray:
    """Scale each row to length 1."""
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def products(count: int, rng: np.random.Generator) -> Iterator[list[Product]]:
    """Make product records in batches."""
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        kinds, colours = (
            rng.integers(len(KINDS), size=BATCH),
            rng.integers(len(COLOURS), size=BATCH),
        )
        yield [
            Product(
                f"p{n}",
                f"{COLOURS[colours[i]]} {KINDS[kinds[i]]} model {n % 9973}",
                category=("All", KINDS[kinds[i]]),
                brand=f"Brand {n % 500}",
                description=" ".join(
                    f"w{w}" for w in rng.zipf(1.3, rng.integers(5, 40)) % VOCABULARY
                ),
                images=(f"{n}.jpg",),
                attributes={"colour": (COLOURS[colours[i]],)},
            )
            for i, n in enumerate(numbers)
        ]


def fill(settings: Settings, count: int) -> float:
    """Build the shop; seconds, of which nothing is encoding."""
    rng = np.random.default_rng(1)
    encoder = open_encoder(settings.encoder)
    catalogue = open_catalogue(settings.database_url)
    identity = Identity(settings.store, encoder, catalogue.notes)
    dims = encoder.picture.dim, encoder.text.dim
    store = open_store(settings.store, identity.folder(settings.data), Dims(*dims, COLOUR_DIM))
    identity.settle()
    thumbnails = Thumbnails(settings.data / "thumbnails", settings.images.thumbnail_px)
    bench = Workbench(catalogue, encoder, store, thumbnails, _no_source, 10**8, 16)
    centres = unit(rng.normal(size=(CLUSTERS, dims[0])))
    texts = unit(rng.normal(size=(CLUSTERS, dims[1])))
    began = time.perf_counter()
    for batch in products(count, rng):
        catalogue.products.put(batch, feed="synthetic", run="1", now=utc_now())
        stored = catalogue.products.get_many([p.product_id for p in batch])
        where = rng.integers(CLUSTERS, size=len(batch))
        noise = rng.normal(size=(len(batch), dims[0])) * 0.04
        pictures = unit(centres[where] + noise)
        words = unit(texts[where] + rng.normal(size=(len(batch), dims[1])) * 0.03)
        ready = [
            Ready(
                stored[product.product_id],
                (ImageOutcome(_record(product), pictures[i], encoded=True),),
                words[i],
                word_row(words_text(product)),
            )
            for i, product in enumerate(batch)
        ]
        acknowledge(bench, ready)
    store.optimise()
    WordsKeeper(settings.data / "words", lambda: walk(catalogue)).settle()
    seconds = time.perf_counter() - began
    store.close()
    catalogue.close()
    return seconds


def _record(product: Product) -> ImageRecord:
    digest = f"{int(product.product_id[1:]):064x}"
    return ImageRecord(0, product.images[0], "1-1", digest, 400, 400, "")


def _no_source(feed: str) -> object:
    raise NotImplementedError(feed)


def ask(engine: Engine, photos: Sequence[bytes], *, crops: str) -> list[list[object]]:
    """Ask with every photo; a row for each step."""
    steps: dict[str, Times] = {}
    whole, decoding = Times(), Times()
    for photo in photos:
        with whole.one():
            with decoding.one():
                picture = engine.picture(photo)
            answer = engine.search(Query(picture=picture, k=12))
        for step, ms in answer.timings_ms.items():
            steps.setdefault(step, Times()).ms.append(ms)
    rows: list[list[object]] = [[f"picture, {crops}: decode", decoding.at(50), decoding.at(99)]]
    rows += [[f"picture, {crops}: {name}", t.at(50), t.at(99)] for name, t in steps.items()]
    return [*rows, [f"picture, {crops}: **whole**", whole.at(50), whole.at(99)]]


def ask_words(engine: Engine, count: int, text_filter: str = "") -> list[object]:
    """Ask with words; one row."""
    times = Times()
    rng = np.random.default_rng(2)
    for _ in range(count):
        words = f"{rng.choice(COLOURS)} {rng.choice(KINDS)} {rng.integers(9973)}"
        with times.one():
            engine.search(Query(text=words, filter=engine.filter(text_filter), k=12))
    name = f"words, {text_filter}" if text_filter else "words"
    return [f"{name}: **whole**", times.at(50), times.at(99)]


def open_and_measure(settings: Settings, queries: int) -> None:
    """Open the shop in this fresh process, ask it, print."""
    began = time.perf_counter()
    engine = Engine.open(settings)
    engine.warm()
    start_s = time.perf_counter() - began
    folder = DATA / "grocery_street_to_catalogue" / "photos"
    photos = [p.read_bytes() for p in sorted(folder.glob("val_*.jpg"))[:queries]]
    encoder = open_encoder(settings.encoder)
    alone = Times()
    for photo in photos:
        ready = encoder.picture.prepare(engine.picture(photo))
        with alone.one():
            encoder.picture.encode([ready])
    rows: list[list[object]] = [["encoder alone, one picture", alone.at(50), alone.at(99)]]
    one_crop = settings.search.model_copy(update={"crops": False})
    rows += ask(engine, photos, crops="crops")
    rows += [ask_words(engine, queries), ask_words(engine, queries, "colour = red")]
    memory = resident_mb()
    engine.close()
    single = settings.model_copy(update={"search": one_crop})
    with Engine.open(single) as engine:
        engine.warm()
        rows += ask(engine, photos, crops="one crop")
    print_table("milliseconds an answer", ["what", "p50 ms", "p99 ms"], rows)
    rows = [["open and warm, s", start_s], ["resident memory after queries, MB", memory]]
    print_table("start and memory", ["what", "figure"], rows)


def main() -> None:
    """Build the shop here, ask it in a fresh process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--encoder", default="lite2")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--ask", type=Path, help="(inner) ask the shop in this folder")
    given = parser.parse_args()
    if given.ask:
        settings = read_settings({"data": given.ask, "encoder": given.encoder})
        open_and_measure(settings, given.queries)
        return
    with tempfile.TemporaryDirectory() as data:
        settings = read_settings({"data": Path(data), "encoder": given.encoder})
        seconds = fill(settings, given.products)
        print(f"{given.products} synthetic products built in {seconds:.0f} s (no encoding)")
        again = ["--ask", data, "--encoder", given.encoder, "--queries", str(given.queries)]
        subprocess.run([sys.executable, "-m", "bench.latency", *again], check=True)


if __name__ == "__main__":
    main()
