"""What every switch does to the side that comes: fill it, prove it, and note that it serves."""

from collections.abc import Callable
from dataclasses import dataclass

from shoplens.errors import MismatchError, StorageError
from shoplens.indexing.prepare import Hands
from shoplens.indexing.workbench import IndexCounts, Progress, utc_now
from shoplens.ingest.switching.follow import catch_up
from shoplens.ingest.switching.identity import NOTE
from shoplens.ingest.switching.side import Side, serving_name
from shoplens.ingest.verify import compare
from shoplens.types import Stage

MOST_LOST = 0.01
"""The largest share of products that may have a picture which can no longer be read."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A side that holds what the catalogue says; ``lacking`` numbers products without a picture."""

    side: Side
    counts: IndexCounts
    products: int
    rows: int
    lacking: tuple[int, ...]


def fill(side: Side, hands: Hands, progress: Progress) -> IndexCounts:
    """Fill a side and arrange it for speed, while the shop goes on changing."""
    side.bench.catalogue.held.retry(side.identity.key)
    counts = catch_up(side, hands, progress)
    if counts.products and not hands.stop.is_set():
        progress("optimise", 0, 0)
        side.bench.store.optimise()
        side.bench.store.flush()
    return counts + catch_up(side, hands, progress)


def prove(side: Side, hands: Hands, counts: IndexCounts, progress: Progress) -> Proven | None:
    """Fill in what is left, and compare row by row; nothing may change meanwhile.

    Rows that were lost are made again. ``counts`` is what was filled before. Gives None if it was
    stopped.

    Raises:
        MismatchError: too many pictures can no longer be read.
        StorageError: the store holds what it should not, even after it was told to forget it.
    """
    bench = side.bench
    counts += catch_up(side, hands, progress)
    compared = compare(bench, progress)
    if not compared.agree:
        bench.store.delete(sorted(compared.orphans))
        bench.store.flush()
        again = {*compared.orphans, *(product_id for _, product_id in compared.missing)}
        bench.catalogue.held.forget(side.identity.key, sorted(again))
        counts += catch_up(side, hands, progress)
        compared = compare(bench, progress)
    if hands.stop.is_set():
        return None
    if compared.orphans:
        raise StorageError(
            f"the new store holds rows of {len(compared.orphans)} products that the shop does not "
            f"have, such as {min(compared.orphans)!r}; delete its folder "
            f"store/{side.identity.key} in the data folder, then do the same again"
        )
    products = bench.catalogue.products.counts()[Stage.INDEXED]
    lacking = {number for number, _ in compared.missing}
    lacking.update(bench.catalogue.held.lacking(side.identity.key))
    if len(lacking) > MOST_LOST * products:
        raise MismatchError(
            f"{len(lacking)} of {products} products have a picture that can no longer be read; "
            "nothing was changed. Put the images back, or index their feed again so that the shop "
            "knows, then do the same again"
        )
    return Proven(side, counts, products, compared.rows, tuple(sorted(lacking)))


def take_over(proven: Proven, lost: str, turn: Callable[[], None]) -> None:
    """Note that a side serves instead of the store with the key ``lost``, and let it: ``turn``.

    Both or neither, also if the database or Ctrl-C comes in between.
    """
    side, catalogue = proven.side, proven.side.bench.catalogue
    catalogue.products.mark_pending(proven.lacking)
    catalogue.held.fill(lost)
    try:
        catalogue.models.set_serving(side.name, utc_now(), {NOTE: side.identity.name})
    finally:
        if serving_name(catalogue.models) == side.name:
            turn()
