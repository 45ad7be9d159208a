"""Browsing shows every allowed product once, in order, page by page to the end."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.answer.browse import browse
from shoplens.catalogue.fields import MAIN
from shoplens.store.base import STORES, Store, open_store
from shoplens.types import Filter, Row, Sort
from store_rows import DIMS, KINDS, fill, filters, many, plain_row, shops

sorts = st.none() | st.builds(Sort, st.just("price"), st.booleans())


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(request.param, tmp_path, DIMS)
    opened.declare({**KINDS, "product_id": "keyword", "group_id": "keyword", MAIN: "boolean"})
    yield opened
    opened.close()


def group_of(row: Row) -> str:
    return str(row.fields.get("group_id", row.fields["product_id"]))


grouped = shops.flatmap(
    lambda rows: st.lists(
        st.sampled_from(["", "p0", "p1", "g0", "g1"]), min_size=len(rows), max_size=len(rows)
    ).map(lambda groups: [with_group(r, g) for r, g in zip(rows, groups, strict=True)])
)


def with_group(row: Row, group: str) -> Row:
    """A row that says its product, and its group unless it is alone; some are named alike."""
    said = {"group_id": group} if group else {}
    return replace(row, fields={**row.fields, "product_id": row.product_id, **said})


def in_order(rows: list[Row], sort: Sort | None) -> list[Row]:
    """Sort in two heaps: rows with the number, then those without."""
    rows = sorted(rows, key=lambda row: row.row_id)
    if sort is None:
        return rows
    sign = -1 if sort.descending else 1
    numbered = [row for row in rows if "price" in row.fields]
    bare = [row for row in rows if "price" not in row.fields]
    return sorted(numbered, key=lambda row: sign * float(str(row.fields["price"]))) + bare


@many
@given(
    gallery=grouped,
    allowed=st.none() | filters,
    sort=sorts,
    k=st.integers(1, 9),
    distinct=st.booleans(),
)
def test_pages_put_together_are_all_that_is_allowed_in_order(
    store: Store,
    gallery: list[Row],
    allowed: Filter | None,
    sort: Sort | None,
    k: int,
    *,
    distinct: bool,
) -> None:
    main = [row for row in fill(store, gallery).allowed(allowed) if row.position == 0]
    expected = in_order(main, sort)
    if distinct:
        groups = [group_of(row) for row in expected]
        expected = [row for i, row in enumerate(expected) if groups[i] not in groups[:i]]
    shown: list[int] = []
    for skip in range(0, len(expected) + k, k):
        listed = browse(store, allowed, sort, (skip, k), distinct=distinct)
        assert listed.total == len(expected)
        assert len(listed.rows) == min(k, max(0, len(expected) - skip))
        shown += [row.row_id for row in listed.rows]
    assert shown == [row.row_id for row in expected]


@pytest.mark.parametrize("descending", [False, True])
def test_products_without_the_number_come_last(store: Store, *, descending: bool) -> None:
    prices = {1: 5.0, 2: None, 3: 1.0, 4: None, 5: 3.0}
    kept = {i: {MAIN: True} | ({"price": p} if p is not None else {}) for i, p in prices.items()}
    store.upsert([plain_row(i, kept=fields) for i, fields in kept.items()])
    listed = browse(store, None, Sort("price", descending), (0, 9))
    priced = [1, 5, 3] if descending else [3, 5, 1]
    assert [row.row_id for row in listed.rows] == [*priced, 2, 4]


def test_distinct_keeps_the_first_of_each_group_in_the_order_asked_for(store: Store) -> None:
    rows = [plain_row(i, kept={"price": float(9 - i), MAIN: True}) for i in range(6)]
    store.upsert([with_group(row, f"g{row.row_id // 2}") for row in rows])
    listed = browse(store, None, Sort("price"), (0, 2), distinct=True)
    assert ([row.row_id for row in listed.rows], listed.total) == ([5, 3], 3)
