"""Every pending product becomes searchable: read, decode, encode, keep, acknowledge.

Batches overlap: while one is written to the store, the next ones are decoded and encoded.
"""

import threading
from collections import deque
from collections.abc import Iterator, Sequence

from shoplens.catalogue.products import Stored
from shoplens.indexing.ledger import acknowledge, forget_removed
from shoplens.indexing.prepare import Preparer, Started
from shoplens.indexing.workbench import IndexCounts, Progress, Workbench, silent
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
    progress("encode", 0, total)
    counts = IndexCounts()
    begun: deque[Started] = deque()
    for products in _batches(bench, batch, stop):
        begun.append(preparer.start(products))
        if len(begun) <= AHEAD:
            continue
        counts += _done(bench, preparer, begun.popleft(), stop)
        progress("encode", counts.products, total)
    while begun and not stop.is_set():
        counts += _done(bench, preparer, begun.popleft(), stop)
        progress("encode", counts.products, total)
    return counts


def _done(
    bench: Workbench, preparer: Preparer, begun: Started, stop: threading.Event
) -> IndexCounts:
    """Wait for a batch and acknowledge it, but not if ``stop`` came meanwhile.

    By then downloads may have been given up, which is no reason to call their images bad.
    """
    ready = preparer.finish(begun)
    return IndexCounts() if stop.is_set() else acknowledge(bench, ready)


def _batches(bench: Workbench, batch: int, stop: threading.Event) -> Iterator[Sequence[Stored]]:
    after = 0
    while not stop.is_set():
        products = bench.catalogue.products.pending(after=after, k=batch)
        if not products:
            return
        after = products[-1].number
        yield products
