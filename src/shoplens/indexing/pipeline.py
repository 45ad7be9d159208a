"""Every pending product becomes searchable: read, decode, encode, keep, acknowledge.

Batches overlap: while one is written to the store, the next ones are decoded and encoded.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from shoplens.catalogue.products import Stored
from shoplens.indexing.ledger import acknowledge, forget_removed
from shoplens.indexing.prepare import Preparer, Started
from shoplens.indexing.workbench import IndexCounts, Progress, Ready, Workbench, silent
from shoplens.types import Stage

AHEAD = 2
"""Batches begun before the oldest is awaited: enough to keep every core busy at a commit."""


def index_pending(
    bench: Workbench,
    preparer: Preparer,
    *,
    batch: int,
    progress: Progress = silent,
    stop: threading.Event | None = None,
) -> IndexCounts:
    """Index every pending product and forget every removed one; ``stop`` ends it early."""
    stop = stop or threading.Event()
    forget_removed(bench)
    total = bench.catalogue.products.counts().get(Stage.PENDING, 0)
    return work_through(
        _batches(bench, batch),
        preparer,
        partial(acknowledge, bench),
        lambda done: progress("encode", done, total),
        stop,
    )


def work_through(
    batches: Iterator[Sequence[Stored]],
    preparer: Preparer,
    finish: Callable[[Sequence[Ready]], IndexCounts],
    told: Callable[[int], None],
    stop: threading.Event,
) -> IndexCounts:
    """Prepare batches ahead of the one that ``finish`` writes; ``told`` is told how many are done.

    A batch is not finished if ``stop`` came meanwhile: by then downloads may have been given up,
    which is no reason to call their images bad.
    """
    counts = IndexCounts()
    begun: deque[Started] = deque()
    told(0)
    while not stop.is_set():
        products = next(batches, None)
        if products is not None:
            begun.append(preparer.start(products))
        elif not begun:
            break
        if products is None or len(begun) > AHEAD:
            ready = preparer.finish(begun.popleft())
            counts += IndexCounts() if stop.is_set() else finish(ready)
            told(counts.products)
    return counts


def _batches(bench: Workbench, batch: int) -> Iterator[Sequence[Stored]]:
    after = 0
    while products := bench.catalogue.products.pending(after=after, k=batch):
        after = products[-1].number
        yield products
