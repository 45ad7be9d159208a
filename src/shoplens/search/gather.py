"""Rows of a store become distinct products, however many images each has."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from shoplens.catalogue.fields import fold
from shoplens.types import AllOf, Candidate, Filter, OneOf

Find = Callable[[int, Filter | None], list[Candidate]]
"""Best so many rows that a filter lets through, best first."""

GROWTH = 4
IDS_AT_ONCE = 256
ROWS_EACH = 8
"""Rows of a product that is looked up, to begin with: most have fewer images."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far one search may go.

    ``tier`` is how many products each signal lists at first, ``composed`` the same where a picture
    is asked with something beside: what has both may stand far down in each. ``deepest`` is the
    last place of a product that can be asked for. ``first_rows`` are asked of a store at first, so
    that pages near the top come from one and the same list, and never more than ``rows``.
    """

    deepest: int = 10_000
    tier: int = 32
    composed: int = 128
    first_rows: int = 64
    rows: int = 131_072


@dataclass(frozen=True, slots=True)
class Found:
    """The best row of each product, best product first; ``ended`` when there are no others."""

    best: dict[str, Candidate]
    ended: bool


@dataclass(frozen=True, slots=True)
class Gather:
    """Finds products that ``allowed`` lets through, leaving out those called ``without``.

    Of several probes a product's best score counts.
    """

    allowed: Filter | None
    without: Collection[str]
    bounds: Bounds

    def best(self, probes: Sequence[Find], k: int) -> Found:
        """Find the best ``k`` products; fewer only if there are no more or a bound is met.

        Exact for several probes too: a product among the best ``k`` by its best probe is among
        the best ``k`` of that probe.
        """
        rows = max(self.bounds.first_rows, 2 * k)
        lists = [self._distinct(find, k, rows, self.allowed) for find in probes]
        best = dict(list(_merge(lists).items())[:k])
        return Found(best, ended=all(found.ended for found in lists))

    def of(self, probes: Sequence[Find], product_ids: Collection[str]) -> dict[str, Candidate]:
        """Look up the best row of each of these products that has one and is allowed."""
        lists: list[Found] = []
        for ids in _chunks(sorted(product_ids), IDS_AT_ONCE):
            theirs = OneOf("product_id", tuple(map(fold, ids)))
            allowed = AllOf((theirs, self.allowed)) if self.allowed else theirs
            k, rows = len(ids), ROWS_EACH * len(ids)
            lists += [self._distinct(find, k, rows, allowed, set(ids)) for find in probes]
        return _merge(lists)

    def _distinct(
        self,
        find: Find,
        k: int,
        rows: int,
        allowed: Filter | None,
        only: Collection[str] | None = None,
    ) -> Found:
        """Ask for more and more rows until they hold ``k`` products, ``only`` those if given."""
        rows = min(rows, self.bounds.rows)
        while True:
            found = find(rows, allowed)
            kept = (c for c in found if c.product_id not in self.without)
            best = _first_of_each(c for c in kept if only is None or c.product_id in only)
            ended = len(found) < rows
            if ended or len(best) >= k or rows == self.bounds.rows:
                return Found(dict(list(best.items())[:k]), ended=ended and len(best) <= k)
            rows = min(rows * GROWTH, self.bounds.rows)


def _merge(lists: Sequence[Found]) -> dict[str, Candidate]:
    if len(lists) == 1:
        return lists[0].best
    rows = (candidate for found in lists for candidate in found.best.values())
    return _first_of_each(sorted(rows, key=lambda c: (-c.score, c.row_id)))


def _first_of_each(candidates: Iterable[Candidate]) -> dict[str, Candidate]:
    best: dict[str, Candidate] = {}
    for candidate in candidates:
        best.setdefault(candidate.product_id, candidate)
    return best


def _chunks(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
