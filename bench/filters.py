"""How fast and how right are filtered searches, facets and browsing, and what do colours cost?

    python -m bench.filters [--rows 200000] [--browsed 100000] [--dim 320] [--queries 100]

Edge is built in one process and measured in a fresh one, once with colours and once without. The
truth is numpy over the same rows; every search, facet and page is compared with it.
"""

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from bench.report import Times, print_table, resident_mb
from bench.store import BATCH, CASES, FIELDS, clustered
from shoplens.answer.browse import browse
from shoplens.answer.facets import count_facets
from shoplens.catalogue.fields import MAIN
from shoplens.encode.colours.vector import COLOUR_DIM
from shoplens.store.base import Dims, Store, open_store
from shoplens.types import Compare, Embeddings, FieldKind, Fields, Filter, Row, Sort, Space

K = 10
KINDS: Mapping[str, FieldKind] = {
    **FIELDS,
    "brand": "keyword",
    "category": "keyword",
    "price": "number",
    "on_sale": "boolean",
    "product_id": "keyword",
    "group_id": "keyword",
    MAIN: "boolean",
}
FACETS = ("brand", "category", "price", "on_sale")


@dataclass(frozen=True)
class Shop:
    """What is kept and asked, the same in every process."""

    rows: int
    dim: int
    queries: int
    colours: bool


@dataclass
class Figures:
    """Times by what was asked, the share of right answers beside them, and the memory."""

    times: dict[str, Times] = field(default_factory=dict[str, Times])
    right: dict[str, float] = field(default_factory=dict[str, float])
    rss_mb: float = 0
    disk_mb: float = 0
    optimise_s: float = 0


def fields_at(n: int) -> Fields:
    """What row ``n`` holds; brands and prices are skewed, as in shops."""
    deal = np.random.default_rng(n).random(2)
    a, b, c = n % 10, n % 60, n % 300
    return {
        "tenth": (f"t{n % 10}", "all"),
        "hundredth": float(n % 100),
        "thousandth": f"th{n % 1000}",
        "in_stock": n % 3 > 0,
        "brand": f"b{int(500 * deal[0] ** 3)}",
        "category": (f"a{a}", f"b{b}", f"c{c}", f"a{a} > b{b}", f"a{a} > b{b} > c{c}"),
        "price": round(float(np.exp(3 + 2 * deal[1])), 2),
        "on_sale": n % 7 == 0,
        "product_id": f"p{n}",
        "group_id": f"g{n // 3}",
        MAIN: True,
    }


def vectors(start: int, count: int, dim: int) -> Embeddings:
    """The embeddings of one batch."""
    return clustered(count, dim, seen=True, seed=start)


def gallery(shop: Shop) -> Iterator[list[Row]]:
    """The rows, in batches."""
    for start in range(0, shop.rows, BATCH):
        pictures = vectors(start, BATCH, shop.dim)
        colours = vectors(start, BATCH, COLOUR_DIM)
        yield [
            Row(
                row_id=n * 256,
                product_id=f"p{n}",
                group_id=f"g{n // 3}",
                position=0,
                picture=pictures[n - start],
                text=None,
                words=None,
                fields=fields_at(n),
                colour=colours[n - start] if shop.colours else None,
            )
            for n in range(start, min(start + BATCH, shop.rows))
        ]


def opened(folder: Path, shop: Shop) -> Store:
    """Open the store of one shop."""
    store = open_store("edge", folder, Dims(shop.dim, 8, COLOUR_DIM))
    store.declare(KINDS)
    return store


def build(folder: Path, shop: Shop) -> Figures:
    """Write every row as ``index`` does, then optimise."""
    with closing(opened(folder, shop)) as store:
        for rows in gallery(shop):
            store.upsert(rows)
        store.flush()
        began = time.perf_counter()
        store.optimise()
        figures = Figures(optimise_s=time.perf_counter() - began)
    files = [file.stat().st_blocks for file in folder.rglob("*") if file.is_file()]
    figures.disk_mb = sum(files) * 512 / 1e6
    return figures


def measure(folder: Path, shop: Shop) -> Figures:
    """Open a built store and ask it everything."""
    figures = Figures()
    before = resident_mb()
    with closing(opened(folder, shop)) as store:
        for query in vectors(1, 20, shop.dim):
            store.search("picture", query, K)
        store.search("colour", vectors(1, 1, COLOUR_DIM)[0], K)
        figures.rss_mb = resident_mb() - before
        _searches(store, shop, figures, "picture", shop.dim, CASES)
        if shop.colours:
            cases = {"colour, all": None, "colour, 10 %": CASES["10 %"]}
            _searches(store, shop, figures, "colour", COLOUR_DIM, cases)
        _facets(store, shop, figures)
        _pages(store, shop, figures)
    return figures


def _searches(
    store: Store,
    shop: Shop,
    figures: Figures,
    space: Space,
    dim: int,
    cases: Mapping[str, Filter | None],
) -> None:
    queries = clustered(shop.queries, dim, seen=False, seed=10**9)
    for name, allowed in cases.items():
        times, found = Times(), list[set[int]]()
        store.search(space, queries[0], K, allowed)
        for query in queries:
            with times.one():
                best = store.search(space, query, K, allowed)
            found.append({candidate.row_id // 256 for candidate in best})
        figures.times[name] = times
        figures.right[name] = _recall(found, queries, shop, name)


def _recall(found: Sequence[set[int]], queries: Embeddings, shop: Shop, name: str) -> float:
    """Share of the true best that was found, a batch of rows at a time."""
    step, rest = {"10 %": (10, 3), "1 %": (100, 7), "0.1 %": (1000, 77)}.get(
        name.removeprefix("colour, "), (1, 0)
    )
    scores = np.empty((len(queries), 0), np.float32)
    numbers = np.arange(rest, shop.rows, step)
    for start in range(0, shop.rows, BATCH):
        within = numbers[(numbers >= start) & (numbers < start + BATCH)] - start
        rows = vectors(start, BATCH, queries.shape[1])[within]
        scores = np.concatenate([scores, queries @ rows.T], axis=1)
    best = np.argsort(-scores, axis=1)[:, :K]
    hits = sum(len(some & {*numbers[at].tolist()}) for some, at in zip(found, best, strict=True))
    return hits / best.size


def _facets(store: Store, shop: Shop, figures: Figures) -> None:
    for name, allowed in {"all": None, "10 %": CASES["10 %"]}.items():
        held = [fields_at(n) for n in range(shop.rows) if allowed is None or n % 10 == 3]
        for facet in FACETS:
            times = _timed(10, partial(count_facets, store, [facet], KINDS, allowed))
            (counted,) = count_facets(store, [facet], KINDS, allowed)
            what = f"facet {facet}, {name}"
            figures.times[what] = times
            figures.right[what] = float(
                dict(counted.values) == _counts(held, facet)
                if KINDS[facet] != "number"
                else sum(r.products for r in counted.ranges) == len(held)
            )
    row_ids = [n * 256 for n in range(0, shop.rows, max(1, shop.rows // 1000))][:1000]
    figures.times["facets, all four, of 1,000 rows"] = _timed(
        10, partial(count_facets, store, FACETS, KINDS, row_ids)
    )


def _counts(held: Sequence[Fields], facet: str) -> dict[str, int]:
    counts = Counter[str]()
    for fields in held:
        value = fields[facet]
        counts.update(value if isinstance(value, tuple) else [str(value).lower()])
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:20])


def _pages(store: Store, shop: Shop, figures: Figures) -> None:
    price = {n: float(str(fields_at(n)["price"])) for n in range(shop.rows)}
    order = sorted(price, key=lambda n: (price[n], n))
    deep = min(10_000, shop.rows // 2)
    asked: dict[str, tuple[Sort | None, int, bool]] = {
        "first page by price": (Sort("price"), 0, False),
        "first page, newest row last": (None, 0, False),
        f"page after {deep} by price": (Sort("price"), deep, False),
        "first page by price, distinct": (Sort("price"), 0, True),
    }
    for name, (sort, skip, distinct) in asked.items():
        ask = partial(browse, store, None, sort, (skip, 24), distinct=distinct)
        figures.times[name] = _timed(5, ask)
        shown = [row.row_id // 256 for row in ask().rows]
        true = (order if sort else list(range(shop.rows)))[skip : skip + 24]
        if not distinct:
            figures.right[name] = float(shown == true)
    narrow = partial(browse, store, Compare("tenth", "=", "t3"), Sort("price"), (0, 24))
    figures.times["first page by price, 10 % allowed"] = _timed(5, narrow)


def _timed(rounds: int, ask: Callable[[], object]) -> Times:
    times = Times()
    ask()
    for _ in range(rounds):
        with times.one():
            ask()
    return times


def alone(shop: Shop) -> Figures:
    """Build and measure in two fresh processes."""
    with tempfile.TemporaryDirectory() as folder:
        done: list[Figures] = []
        for step in (build, measure):
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                done.append(process.submit(step, Path(folder) / "edge", shop).result())
    built, measured = done
    return replace(measured, disk_mb=built.disk_mb, optimise_s=built.optimise_s)


def main() -> None:
    """Measure and print three tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--browsed", type=int, default=100_000)
    parser.add_argument("--dim", type=int, default=320)
    parser.add_argument("--queries", type=int, default=100)
    given = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    columns = ["rows", "asked", "right", "p50 ms", "p95 ms"]
    weighed: list[list[object]] = []
    for rows, colours in ((given.browsed, False), (given.browsed, True), (given.rows, True)):
        shop = Shop(rows, given.dim, given.queries, colours)
        here = alone(shop)
        weighed.append(
            [rows, "yes" if colours else "no", here.rss_mb, here.disk_mb, here.optimise_s]
        )
        if colours:
            table: list[list[object]] = [
                [rows, name, here.right.get(name, ""), times.at(50), times.at(95)]
                for name, times in here.times.items()
            ]
            print_table(f"Edge, {rows} rows of {given.dim} dimensions, k = {K}", columns, table)
    print_table(
        "What colours cost", ["rows", "colours", "RSS MB", "disk MB", "optimise s"], weighed
    )


if __name__ == "__main__":
    main()
