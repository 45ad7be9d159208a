"""Products in an order, page by page to the end, when nothing is asked but a filter."""

from collections.abc import Iterator
from dataclasses import dataclass

from shoplens.answer.facets import ALL, products
from shoplens.catalogue.fields import fold
from shoplens.store.base import Store
from shoplens.types import AllOf, AnyOf, Candidate, Compare, Fields, Filter, Not, OneOf, Sort

AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of main rows; ``total`` counts the products, or groups, of all pages."""

    rows: tuple[Candidate, ...]
    total: int


def browse(
    store: Store,
    allowed: Filter | None,
    sort: Sort | None,
    page: tuple[int, int],
    *,
    distinct: bool = False,
) -> Listed:
    """List the products that ``allowed`` lets through; ``page`` is how many to skip, and how many.

    In order of ``sort``, those without its number last; where nothing tells two apart, in order of
    their rows. ``distinct`` lists the first of each group only. Always exact, to the end.
    """
    skip, k = page
    order = _Order(store, products(allowed), sort)
    if not distinct:
        return Listed(tuple(order.rows(k, skip)), store.count(order.let))
    firsts: dict[str, Candidate] = {}
    for row, group in order.grouped(AT_ONCE):
        firsts.setdefault(group, row)
        if len(firsts) == skip + k:
            break
    return Listed(tuple(firsts.values())[skip:], _groups(store, order.let))


@dataclass(frozen=True, slots=True)
class _Order:
    """All main rows that ``let`` allows, in one order."""

    store: Store
    let: Filter
    sort: Sort | None

    def rows(self, k: int, skip: int) -> list[Candidate]:
        """The ``k`` rows after the first ``skip``."""
        if self.sort is None:
            return self.store.first(k, self.let, skip=skip)
        field, descending = self.sort.field, self.sort.descending
        found = self.store.ordered(field, k, self.let, descending=descending, skip=skip)
        if len(found) == k:
            return found
        number = AnyOf((Compare(field, "<", 0.0), Compare(field, ">=", 0.0)))
        passed = skip - self.store.count(AllOf((self.let, number)))
        bare = AllOf((self.let, Not(number)))
        return found + self.store.first(k - len(found), bare, skip=max(0, passed))

    def grouped(self, k: int) -> Iterator[tuple[Candidate, str]]:
        """Every row with its group, ``k`` looked up at once."""
        skip = 0
        while rows := self.rows(k, skip):
            held = self.store.fields([row.row_id for row in rows], ["group_id"])
            for row in rows:
                yield row, _group(held[row.row_id], row)
            skip += len(rows)


def _group(fields: Fields, row: Candidate) -> str:
    """The group that a product says it is in; one that says none is its own."""
    said = fields.get("group_id", ())
    return said[0] if isinstance(said, tuple) and said else fold(row.product_id)


def _groups(store: Store, let: Filter) -> int:
    """Count groups: those that are named, and products alone that do not name another's group."""
    named = store.facet("group_id", ALL, let)
    alone = store.count(let) - sum(named.values())
    if not alone or not named:
        return len(named) + alone
    heads = store.first(ALL, AllOf((let, OneOf("product_id", tuple(named)))))
    held = store.fields([row.row_id for row in heads], ["group_id"])
    return len(named) + alone - sum("group_id" not in fields for fields in held.values())
