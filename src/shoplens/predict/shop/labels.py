"""What a shop already says of its products becomes labels to learn from."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shoplens.catalogue.fields import attribute_field, fold
from shoplens.catalogue.journal.tags import BETWEEN_LEVELS, CATEGORY
from shoplens.predict.shop.alike import near_duplicates
from shoplens.types import Product, Rejection

SEVERAL = 0.5
"""A field is passed over when more than this share of its products have several values."""


@dataclass(frozen=True, slots=True)
class Labels:
    """Task -> the label of each product, None where it has none or several.

    ``passed`` says why fields were passed over, ``alike`` which labels look like one.
    """

    tasks: Mapping[str, tuple[str | None, ...]]
    passed: tuple[Rejection, ...] = ()
    alike: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Field:
    """One field's values by the place of their product, folded; and how each is spelled."""

    values: dict[int, tuple[str, ...]] = field(default_factory=dict[int, tuple[str, ...]])
    spelled: dict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict[str, Counter[str]](Counter)
    )

    def add(self, place: int, value: str) -> None:
        folded = fold(value)
        if folded:
            known = self.values.get(place, ())
            self.values[place] = known if folded in known else (*known, folded)
            self.spelled[folded][value.strip()] += 1

    def labels(self, n: int) -> tuple[str | None, ...]:
        """Give each product's only value in its commonest spelling."""
        told = {folded: _commonest(counts) for folded, counts in self.spelled.items()}
        values = (self.values.get(place, ()) for place in range(n))
        return tuple(told[some[0]] if len(some) == 1 else None for some in values)

    def several(self) -> float:
        """Tell the share of products with several values."""
        return sum(len(some) > 1 for some in self.values.values()) / len(self.values)


def labels_of(products: Sequence[Product]) -> Labels:
    """Find the labels of every field that mostly has one value a product.

    Each level of the category is a task of its own, its labels being paths from the top. Labels
    that differ in case, width or white space alone are one, told in the commonest spelling. Fields
    of several values are passed over: one answer a product is all that is learnt.
    """
    found: dict[str, _Field] = defaultdict(_Field)
    for place, product in enumerate(products):
        for task, value in _told(product):
            found[task].add(place, value)
    tasks: dict[str, tuple[str | None, ...]] = {}
    passed: list[Rejection] = []
    alike: list[str] = []
    for task, one in found.items():
        if not one.values:
            continue
        if one.several() > SEVERAL:
            reason = f"{one.several():.0%} of its products have several values, and one is learnt"
            passed.append(Rejection(task, reason))
            continue
        tasks[task] = one.labels(len(products))
        counts = Counter(label for label in tasks[task] if label is not None)
        alike += [f"{task}: {said}" for said in look_alikes(counts)]
    return Labels(tasks, tuple(passed), tuple(alike))


def _told(product: Product) -> Iterator[tuple[str, str]]:
    levels = [level.strip() for level in product.category if fold(level)]
    for depth in range(1, len(levels) + 1):
        yield f"{CATEGORY} {depth}", BETWEEN_LEVELS.join(levels[:depth])
    for name, values in product.attributes.items():
        for value in values:
            yield attribute_field(name), value


def _commonest(counts: Counter[str]) -> str:
    return min(counts, key=lambda spelling: (-counts[spelling], spelling))


def look_alikes(counts: Mapping[str, int]) -> list[str]:
    """Say which labels look like one, each with what looks like it: see ``near_duplicates``."""
    found: dict[str, list[str]] = {}
    for often, seldom, _ in near_duplicates(counts):
        found.setdefault(often, [often]).append(seldom)
    return [
        "these look like one: " + ", ".join(f"{one!r} ({counts[one]})" for one in some)
        for some in found.values()
    ]
