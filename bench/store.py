"""How fast, how small and how right is each store?

    python -m bench.store [--rows 20000] [--dim 320] [--text-dim 512] [--queries 50]

Rows are clustered unit vectors with a text, twelve words of a Zipf vocabulary and fields that allow
10, 1 and 0.1 % of them; half of the queries come from clusters that the gallery does not have.
Each store is built in one process and measured in a fresh one, with one BLAS thread. Baseline and
truth: the exact store, in the same run.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from bench.report import Times, print_table, resident_mb
from shoplens.encode.colours.vector import COLOUR_DIM
from shoplens.store.base import STORES, Dims, Store, open_store
from shoplens.types import (
    Candidate,
    Compare,
    Embedding,
    Embeddings,
    FieldKind,
    Filter,
    Row,
    SparseRow,
)

BATCH, K, VOCABULARY, INNER = 1000, 10, 20_000, 48
FIELDS: Mapping[str, FieldKind] = {
    "tenth": "keyword",
    "hundredth": "number",
    "thousandth": "keyword",
    "in_stock": "boolean",
}
CASES: Mapping[str, Filter | None] = {
    "all": None,
    "10 %": Compare("tenth", "=", "t3"),
    "1 %": Compare("hundredth", "=", 7.0),
    "0.1 %": Compare("thousandth", "=", "th77"),
}


@dataclass(frozen=True)
class Shop:
    """What is kept and asked, the same in every process."""

    rows: int
    dim: int
    text_dim: int
    queries: int

    @property
    def dims(self) -> Dims:
        """The dimensions of each space; no row has a colour."""
        return Dims(self.dim, self.text_dim, COLOUR_DIM)


@dataclass
class Figures:
    """What was measured of one store; ``found`` holds the row ids of each case's answers."""

    build_s: float = 0
    optimise_s: float = 0
    open_s: float = 0
    disk_mb: float = 0
    rss_mb: float = 0
    found: dict[str, list[list[int]]] = field(default_factory=dict[str, list[list[int]]])
    times: dict[str, Times] = field(default_factory=dict[str, Times])


Step = Callable[[str, Path, Shop], Figures]


def clustered(count: int, dim: int, *, seen: bool, seed: int) -> Embeddings:
    """Unit vectors in clusters near a 48-dimensional plane; unseen ones lie near another."""
    world = np.random.default_rng([dim, int(seen)])
    basis, centres = world.normal(size=(INNER, dim)), world.normal(size=(2000, INNER))
    rng = np.random.default_rng([dim, seed])
    inner = centres[rng.integers(len(centres), size=count)] + 0.6 * rng.normal(size=(count, INNER))
    rows = inner @ basis + 2 * rng.normal(size=(count, dim))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def words(count: int, rng: np.random.Generator) -> SparseRow:
    """Distinct words, common ones more often."""
    tokens = np.unique((VOCABULARY ** rng.random(count)).astype(np.uint32))
    return SparseRow(tokens, rng.uniform(0.5, 1.5, len(tokens)).astype(np.float32))


def gallery(shop: Shop) -> Iterator[list[Row]]:
    """The rows, in batches."""
    for start in range(0, shop.rows, BATCH):
        pictures = clustered(BATCH, shop.dim, seen=True, seed=start)
        texts = clustered(BATCH, shop.text_dim, seen=True, seed=start)
        rng = np.random.default_rng(start)
        yield [
            Row(
                row_id=n * 256,
                product_id=f"p{n}",
                group_id=f"g{n // 3}",
                position=0,
                picture=pictures[n - start],
                text=texts[n - start],
                words=words(12, rng),
                fields={
                    "tenth": (f"t{n % 10}", "all"),
                    "hundredth": float(n % 100),
                    "thousandth": f"th{n % 1000}",
                    "in_stock": n % 3 > 0,
                },
            )
            for n in range(start, min(start + BATCH, shop.rows))
        ]


def build(kind: str, folder: Path, shop: Shop) -> Figures:
    """Write every row in batches as ``index`` does, then optimise."""
    figures = Figures()
    with closing(open_store(kind, folder, shop.dims)) as store:
        store.declare(FIELDS)
        for rows in gallery(shop):
            began = time.perf_counter()
            store.upsert(rows)
            store.flush()
            figures.build_s += time.perf_counter() - began
        began = time.perf_counter()
        store.optimise()
        figures.optimise_s = time.perf_counter() - began
    files = [file.stat().st_blocks for file in folder.rglob("*") if file.is_file()]
    figures.disk_mb = sum(files) * 512 / 1e6
    return figures


def ask(store: Store, shop: Shop, figures: Figures) -> None:
    """Ask every query in every case, once to warm up and once on the clock."""
    half = shop.queries // 2
    pictures = np.concatenate(
        [
            clustered(half, shop.dim, seen=True, seed=10**9),
            clustered(shop.queries - half, shop.dim, seen=False, seed=10**9),
        ]
    )
    for name, allowed in CASES.items():
        finds = [partial(store.search, "picture", query, K, allowed) for query in pictures]
        _ask_all(name, finds, figures)
    rng = np.random.default_rng(1)
    finds = [partial(store.search_words, words(3, rng), K) for _ in range(shop.queries)]
    _ask_all("words", finds, figures)


def _ask_all(name: str, finds: Sequence[Callable[[], list[Candidate]]], figures: Figures) -> None:
    times, found = Times(), list[list[int]]()
    finds[0]()
    for find in finds:
        with times.one():
            candidates = find()
        found.append([candidate.row_id for candidate in candidates])
    figures.times[name], figures.found[name] = times, found


def measure(kind: str, folder: Path, shop: Shop) -> Figures:
    """Open a built store and ask it."""
    figures = Figures()
    before = resident_mb()
    began = time.perf_counter()
    with closing(open_store(kind, folder, shop.dims)) as store:
        store.search("picture", first_query(shop), K)
        figures.open_s = time.perf_counter() - began
        ask(store, shop, figures)
        figures.rss_mb = resident_mb() - before
    return figures


def first_query(shop: Shop) -> Embedding:
    """Any query: opening counts until the first answer."""
    return clustered(1, shop.dim, seen=True, seed=1)[0]


def _in_fresh_process(step: Step, kind: str, folder: Path, shop: Shop) -> Figures:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(step, kind, folder, shop).result()


def alone(kind: str, folder: Path, shop: Shop) -> Figures:
    """Build and measure in two fresh processes."""
    built, measured = (_in_fresh_process(step, kind, folder, shop) for step in (build, measure))
    return replace(
        measured, build_s=built.build_s, optimise_s=built.optimise_s, disk_mb=built.disk_mb
    )


def recall(found: list[list[int]], true: list[list[int]]) -> float:
    """Share of the true best that was found."""
    hits = sum(len({*some} & {*best}) for some, best in zip(found, true, strict=True))
    return hits / max(1, sum(map(len, true)))


def table_rows(kind: str, shop: Shop, here: Figures, exact: Figures) -> list[list[object]]:
    """One row of the first table, and one of the second for each case."""
    first: list[object] = [kind, shop.rows, here.build_s, here.optimise_s, here.open_s]
    rows = [[*first, here.disk_mb, here.rss_mb]]
    for name, times in here.times.items():
        right = recall(here.found[name], exact.found[name])
        ratio = exact.times[name].at(50) / times.at(50)
        rows.append([kind, shop.rows, name, right, times.at(50), times.at(99), f"{ratio:.1f} ×"])
    return rows


def main() -> None:
    """Measure every store and print two tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--dim", type=int, default=320)
    parser.add_argument("--text-dim", type=int, default=512)
    parser.add_argument("--queries", type=int, default=50)
    given = parser.parse_args()
    shop = Shop(given.rows, given.dim, given.text_dim, given.queries)
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    measured: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind in STORES:
            measured[kind] = alone(kind, Path(folder) / kind, shop)
    whole: list[list[object]] = []
    asked: list[list[object]] = []
    for kind, figures in measured.items():
        first, *others = table_rows(kind, shop, figures, measured["exact"])
        whole.append(first)
        asked += others
    sizes = f"{shop.dim} + {shop.text_dim} dimensions"
    print_table(
        f"Stores of {sizes}",
        ["store", "rows", "build s", "optimise s", "open s", "disk MB", "RSS MB"],
        whole,
    )
    print_table(
        "Answers, k = 10",
        ["store", "rows", "allowed", "recall@10", "p50 ms", "p99 ms", "exact / this, p50"],
        asked,
    )


if __name__ == "__main__":
    main()
