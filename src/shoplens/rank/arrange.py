"""Candidates become a ranking: their likeness, lifted by traits and rules, put in order.

Nothing here asks a store or a clock. What stands above what:

1. What a rule hides is gone, whatever else is said of it.
2. A product that a rule pins by its id, for the words of this very question, stands at its place.
3. Exact matches come before all others, by score.
4. Other pins stand at their places, as far as exact matches leave them.
5. All others follow by score, or by score and variety; equal scores in order of rows.
"""

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from shoplens.catalogue.fields import fold
from shoplens.rank.diversity import diverse
from shoplens.rank.rules import Factors, Pin, ReadRule, field_names, pinned
from shoplens.rank.traits import TRAITS, Traits
from shoplens.store.match import matches
from shoplens.types import Embedding, Fields, RankedProduct

RULE = "rule"
"""The share that boosts and buries give or take."""
LIKENESS = "likeness"
"""The share of the score that a product came with, if it does not say what that is made of."""

_OURS = frozenset({*TRAITS, RULE})
_NO_FIELDS: Fields = MappingProxyType({})
_NO_VECTORS: Mapping[int, Embedding] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Plan:
    """What counts beside likeness: traits, the rules that speak, variety from 0 to 1.

    ``distinct`` keeps one product of each group: the one that stands first.
    """

    traits: Traits
    rules: tuple[ReadRule, ...] = ()
    diversity: float = 0.0
    distinct: bool = False

    @property
    def fields(self) -> list[str]:
        """The names of the fields that :func:`arrange` needs to know of each product."""
        return sorted({TRAITS[name] for name in self.traits.weights} | field_names(self.rules))


def arrange(
    found: Sequence[RankedProduct],
    fields: Mapping[int, Fields],
    plan: Plan,
    vectors: Mapping[int, Embedding] = _NO_VECTORS,
    above: Sequence[RankedProduct] = (),
) -> list[RankedProduct]:
    """Put distinct products in order, and tell in their shares what made their scores.

    ``fields`` hold ``plan.fields`` by row, ``vectors`` one embedding by row, for variety. The order
    of ``found`` does not matter, and arranging twice changes nothing.

    With products ``above``, this list is to follow them: neither they nor, if ``distinct``, others
    of their groups come again, and there are no pins, which belong to the first list.
    """
    ranked = _scored(found, fields, plan)
    pins = [] if above else pinned(plan.rules)
    places = _Places(ranked, fields, plan.distinct)
    places.take(above)
    named = places.pin([pin for pin in pins if pin.named])
    exact = places.take([product for product in ranked if product.exact])
    free = places.pin([pin for pin in pins if not pin.named])
    rest = places.take(ranked)
    fixed = [*above, *exact, *(product for _, product in [*named, *free])]
    return _put(named, exact, free, diverse(rest, vectors, plan.diversity, fixed))


def _scored(
    found: Sequence[RankedProduct], fields: Mapping[int, Fields], plan: Plan
) -> list[RankedProduct]:
    """Score what is not hidden, best first."""
    kept, factors = found, [1.0] * len(found)
    if plan.rules:
        kept, factors = _ruled(found, fields, plan.rules)
    traits = plan.traits.shares([fields.get(p.row_id, _NO_FIELDS) for p in kept])
    made = map(_shares, kept, traits, factors)
    ranked = [
        replace(product, score=math.fsum(shares.values()), shares=shares)
        for product, shares in zip(kept, made, strict=True)
    ]
    return sorted(ranked, key=lambda product: (-product.score, product.row_id))


def _ruled(
    found: Sequence[RankedProduct], fields: Mapping[int, Fields], rules: Sequence[ReadRule]
) -> tuple[list[RankedProduct], list[float]]:
    """Leave out what is hidden; beside the others, what boosts and buries multiply them by."""
    hides = [read for read in rules if read.rule.action == "hide"]
    all_factors = Factors.of(rules)
    kept, factors = list[RankedProduct](), list[float]()
    for product in found:
        folded_id, held = fold(product.product_id), fields.get(product.row_id, _NO_FIELDS)
        if not any(read.touches(folded_id, held) for read in hides):
            kept.append(product)
            factors.append(all_factors.on(folded_id, held))
    return kept, factors


def _shares(product: RankedProduct, traits: Mapping[str, float], factor: float) -> dict[str, float]:
    """Add traits and rules to the shares of likeness; those of an earlier time are made anew."""
    shares = {name: share for name, share in product.shares.items() if name not in _OURS}
    shares = shares or {LIKENESS: product.score}
    ruled = math.fsum(shares.values()) * (factor - 1.0)
    return {**shares, **traits, RULE: ruled} if ruled else {**shares, **traits}


@dataclass(slots=True)
class _Places:
    """Hands out products, each once; if ``distinct``, one of each group."""

    ranked: Sequence[RankedProduct]
    fields: Mapping[int, Fields]
    distinct: bool
    _taken: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def take(self, products: Sequence[RankedProduct]) -> list[RankedProduct]:
        """Take those that are left, in their order."""
        return [product for product in products if self._take(product)]

    def pin(self, pins: Sequence[Pin]) -> list[tuple[Pin, RankedProduct]]:
        """Take the best product that is left for each pin; a pin without one lapses."""
        held: list[tuple[Pin, RankedProduct]] = []
        by_id: dict[str, list[RankedProduct]] = {}
        for product in self.ranked if pins else ():
            by_id.setdefault(fold(product.product_id), []).append(product)
        for pin in pins:
            product = next(filter(self._take, self._fitting(pin, by_id)), None)
            held += [(pin, product)] if product else []
        return held

    def _fitting(
        self, pin: Pin, by_id: Mapping[str, Sequence[RankedProduct]]
    ) -> Iterable[RankedProduct]:
        if pin.filter is None:
            return by_id.get(fold(pin.product_id), ())
        held, allowed = self.fields, pin.filter
        return (p for p in self.ranked if matches(allowed, held.get(p.row_id, _NO_FIELDS)))

    def _take(self, product: RankedProduct) -> bool:
        grouped = self.distinct and product.group_id
        key = ("group", product.group_id) if grouped else ("product", product.product_id)
        fresh = key not in self._taken
        self._taken.add(key)
        return fresh


def _put(
    named: Sequence[tuple[Pin, RankedProduct]],
    exact: Sequence[RankedProduct],
    free: Sequence[tuple[Pin, RankedProduct]],
    rest: Sequence[RankedProduct],
) -> list[RankedProduct]:
    """Fill places one by one: with the pin that is due, a named one first, else with the next.

    A place that is taken moves a pin to the next; one beyond the end stands last.
    """
    line, ordered = deque([*exact, *rest]), list[RankedProduct]()
    first, second = deque(named), deque(free)
    while first or second or line:
        waiting = [first, second] if len(line) <= len(rest) else [first]
        left = [pins for pins in waiting if pins]
        due = [pins for pins in left if pins[0][0].position <= len(ordered) + 1]
        if due:
            ordered.append(due[0].popleft()[1])
        elif line:
            ordered.append(line.popleft())
        else:
            ordered.append(min(left, key=lambda pins: pins[0][0].position).popleft()[1])
    return ordered
