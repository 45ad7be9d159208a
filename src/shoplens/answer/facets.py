"""What the products of an answer hold: words with counts, numbers as a histogram.

The same figures come from the rows of an answer, or from the store for all that a filter allows.
"""

import math
import sys
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Protocol

from shoplens.catalogue.fields import MAIN
from shoplens.store.base import Store
from shoplens.types import (
    AllOf,
    AnyOf,
    Compare,
    Facet,
    FieldKind,
    Fields,
    Filter,
    Not,
    OneOf,
    Range,
)

VALUES = 20
RANGES = 10
ALL = 1_000_000
_STEPS = (1, 2, 5)


def count_facets(
    store: Store,
    names: Sequence[str],
    kinds: Mapping[str, FieldKind],
    within: Filter | Sequence[int] | None,
    *,
    k: int = VALUES,
    paths: bool = False,
) -> tuple[Facet, ...]:
    """Count what products hold in the fields called ``names``.

    ``within`` is the main rows of an answer, or a filter for all products that it allows. The
    ``k`` most frequent words are given, folded as filters compare them. ``paths`` leaves out
    the levels of a category that a path in the same facet ends in: ``shoes`` beside
    ``sale > shoes``.
    """
    rows = isinstance(within, Sequence)
    counting = _OfRows(store.fields(within, names)) if rows else _OfStore(store, products(within))
    return tuple(_facet(counting, name, kinds[name], k, paths=paths) for name in names)


def products(allowed: Filter | None) -> Filter:
    """Allow the main rows of the products that ``allowed`` lets through."""
    main = Compare(MAIN, "=", value=True)
    return main if allowed is None else AllOf((main, allowed))


def without(allowed: Filter | None, field: str) -> Filter | None:
    """Drop the conditions that all must meet and that speak of ``field`` only.

    Counted under the rest, a field that was chosen from still shows its other values.
    """
    if allowed is None or _spoken_of(allowed) == {field}:
        return None
    if not isinstance(allowed, AllOf):
        return allowed
    kept = tuple(part for each in allowed.parts if (part := without(each, field)) is not None)
    return kept[0] if len(kept) == 1 else AllOf(kept) if kept else None


def _spoken_of(allowed: Filter) -> set[str]:
    match allowed:
        case AllOf(parts) | AnyOf(parts):
            return {name for part in parts for name in _spoken_of(part)}
        case Not(inner):
            return _spoken_of(inner)
        case OneOf(field) | Compare(field):
            return {field}


# ---- two ways to count -------------------------------------------------------------------------


class _Counting(Protocol):
    """Counts products by what they hold in one field."""

    def words(self, field: str, k: int) -> Mapping[str, int]:
        """The most frequent words, most frequent first, then by word."""
        ...

    def truths(self, field: str) -> tuple[int, int]:
        """How many hold true, and how many false."""
        ...

    def ends(self, field: str) -> tuple[float, float] | None:
        """The lowest and the highest number."""
        ...

    def between(self, field: str, edges: Sequence[float]) -> list[int]:
        """How many have a number from each edge up to the next; the last edge included."""
        ...


@dataclass(frozen=True, slots=True)
class _OfRows:
    """Counts rows that were looked up."""

    held: Mapping[int, Fields]

    def words(self, field: str, k: int) -> Mapping[str, int]:
        counts = Counter[str]()
        for fields in self.held.values():
            words = fields.get(field)
            counts.update({*words} if isinstance(words, tuple) else ())
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:k])

    def truths(self, field: str) -> tuple[int, int]:
        values = [fields.get(field) for fields in self.held.values()]
        return sum(v is True for v in values), sum(v is False for v in values)

    def ends(self, field: str) -> tuple[float, float] | None:
        numbers = self._numbers(field)
        return (numbers[0], numbers[-1]) if numbers else None

    def between(self, field: str, edges: Sequence[float]) -> list[int]:
        numbers = self._numbers(field)
        at = [bisect_left(numbers, edge) for edge in edges[:-1]]
        return [b - a for a, b in pairwise([*at, bisect_right(numbers, edges[-1])])]

    def _numbers(self, field: str) -> list[float]:
        values = (fields.get(field) for fields in self.held.values())
        return sorted(value for value in values if type(value) is float)


@dataclass(frozen=True, slots=True)
class _OfStore:
    """Lets the store count the rows that a filter allows."""

    store: Store
    allowed: Filter

    def words(self, field: str, k: int) -> Mapping[str, int]:
        return self.store.facet(field, k, self.allowed)

    def truths(self, field: str) -> tuple[int, int]:
        return (
            self._count(Compare(field, "=", value=True)),
            self._count(Compare(field, "=", value=False)),
        )

    def ends(self, field: str) -> tuple[float, float] | None:
        lowest = self.store.ordered(field, 1, self.allowed)
        highest = self.store.ordered(field, 1, self.allowed, descending=True)
        return (lowest[0].score, highest[0].score) if lowest and highest else None

    def between(self, field: str, edges: Sequence[float]) -> list[int]:
        *lower, (low, high) = pairwise(edges)
        counts = [self._count(Compare(field, ">=", a), Compare(field, "<", b)) for a, b in lower]
        return [*counts, self._count(Compare(field, ">=", low), Compare(field, "<=", high))]

    def _count(self, *conditions: Filter) -> int:
        return self.store.count(AllOf((*conditions, self.allowed)))


# ---- one facet ---------------------------------------------------------------------------------


def _facet(counting: _Counting, name: str, kind: FieldKind, k: int, *, paths: bool) -> Facet:
    if kind == "keyword":
        if not paths:
            return Facet(name, kind, counting.words(name, k))
        kept = list(_without_levels(counting.words(name, ALL)).items())
        return Facet(name, kind, dict(kept[:k]))
    if kind == "boolean":
        true, false = counting.truths(name)
        counts = sorted([(-true, "true"), (-false, "false")])
        return Facet(name, kind, {word: -count for count, word in counts if count})
    ends = counting.ends(name)
    if ends is None:
        return Facet(name, kind)
    edges = round_edges(*ends)
    counts = counting.between(name, edges)
    ranges = (Range(low, high, n) for (low, high), n in zip(pairwise(edges), counts, strict=True))
    return Facet(name, kind, ranges=tuple(ranges), lowest=ends[0], highest=ends[1])


def _without_levels(words: Mapping[str, int]) -> dict[str, int]:
    ended_in = {word.rpartition(" > ")[2] for word in words if " > " in word}
    return {word: count for word, count in words.items() if word not in ended_in}


def round_edges(lowest: float, highest: float) -> list[float]:
    """Cut a stretch into at most ten ranges of the finest step of 1, 2 or 5 times a power of ten.

    The first edge is at or below ``lowest``, the last at or above ``highest``; both are the same
    where all is one number.
    """
    low, high = Fraction(str(lowest)), Fraction(str(highest))  # 0.1 is a tenth, not a bit more
    if low == high:
        return [lowest, highest]
    span = high - low
    power = math.floor(math.log10(span.numerator) - math.log10(span.denominator)) - 2
    while True:
        for digit in _STEPS:
            step = digit * Fraction(10) ** power
            first, last = math.floor(low / step), math.ceil(high / step)
            if last - first <= RANGES:
                edges = sorted({_as_float(at * step) for at in range(first, last + 1)})
                return edges[bisect_right(edges, lowest) - 1 : bisect_left(edges, highest) + 1]
        power += 1


def _as_float(number: Fraction) -> float:
    most = sys.float_info.max
    return float(max(Fraction(-most), min(Fraction(most), number)))
