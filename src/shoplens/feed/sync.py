"""A feed and the catalogue are made to agree: new, changed and vanished products are found."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import uuid4

from shoplens.catalogue.journal.rejections import Rejections
from shoplens.catalogue.products import Products, PutCounts
from shoplens.feed.read import Feed
from shoplens.types import Product, Rejection

BATCH = 500
Progress = Callable[[int, int], None]
"""Called with the bytes read so far and the bytes there are, 0 where that is not known."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync found; ``rejected`` counts every Rejection, of a product or of a field of one.

    ``removed`` is 0 when the feed gave no reason to trust its gaps; a Rejection then says why.
    """

    new: int
    changed: int
    unchanged: int
    removed: int
    rejected: int


def sync(  # noqa: PLR0913 all but two are named by the caller
    feed: Feed,
    products: Products,
    rejections: Rejections,
    *,
    name: str,
    now: datetime,
    progress: Progress | None = None,
    allow_shrink: bool = False,
) -> SyncReport:
    """Put every product of ``feed`` in the catalogue under ``name``, then remove what vanished.

    A product whose content did not change costs nothing further. Nothing is removed when the
    feed broke off, held no product, or when more than half of what it held before would go,
    unless ``allow_shrink``. Interrupted at any point, a second sync finishes the work.

    Raises:
        StorageError: the database refuses; what was put before is kept.
    """
    run = f"{now:%Y%m%dT%H%M%S}-{uuid4().hex[:8]}"
    counts, rejected = PutCounts(0, 0, 0), 0
    while batch := list(islice(feed.records, BATCH)):
        good = [one for one in batch if isinstance(one, Product)]
        refused = [one for one in batch if isinstance(one, Rejection)]
        if good:
            counts = _sum(counts, products.put(good, feed=name, run=run, now=now))
        rejections.add(name, run, refused, now)
        rejected += len(refused)
        if progress is not None:
            progress(feed.position(), feed.size_bytes)
    missing = products.missing(feed=name, run=run)
    doubt = _doubt(feed, counts, missing, allow_shrink=allow_shrink) if missing else ""
    if doubt:
        reason = f"{doubt}; {missing} products that are not in it stay in the catalogue"
        rejections.add(name, run, [Rejection(name, reason)], now)
    removed = 0 if doubt else products.sweep(feed=name, run=run)
    rejections.sweep(name, run)
    return SyncReport(counts.new, counts.changed, counts.unchanged, removed, rejected + bool(doubt))


def _sum(first: PutCounts, second: PutCounts) -> PutCounts:
    return PutCounts(
        first.new + second.new,
        first.changed + second.changed,
        first.unchanged + second.unchanged,
    )


def _doubt(feed: Feed, counts: PutCounts, missing: int, *, allow_shrink: bool) -> str:
    """Why the gaps of this feed should not be believed."""
    known = counts.changed + counts.unchanged
    if not feed.complete:
        return "the feed could not be read to its end"
    if not counts.new + known:
        return "the feed holds no product"
    if missing > known and not allow_shrink:
        return (
            f"the feed lacks {missing} of the {missing + known} products that it held before, "
            "more than half; allow it to shrink if that is meant"
        )
    return ""
