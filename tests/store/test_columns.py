"""Fields read back, counted and ordered, alike in every store."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.store.base import Store
from shoplens.store.check import embedding_of
from shoplens.types import Compare, Filter, Row, Space
from store_rows import KINDS, fill, filters, galleries, many, pairs, plain_row

names = st.lists(st.sampled_from([*KINDS, "undeclared words", "missing"]), unique=True)
word_fields = st.sampled_from(["brand", "category", "颜色.[0]", "price", "undeclared words"])
spaces: st.SearchStrategy[Space] = st.sampled_from(["picture", "text", "colour"])


@many
@given(gallery=galleries, space=spaces, row_ids=st.lists(st.integers(0, 30), max_size=30))
def test_embeddings_are_given_back_by_row(
    store: Store, gallery: list[Row], space: Space, row_ids: list[int]
) -> None:
    slow = fill(store, gallery)
    held = {i: embedding_of(slow.kept[i], space) for i in row_ids if i in slow.kept}
    expected = {i: row.tolist() for i, row in held.items() if row is not None}
    found = store.embeddings(space, row_ids)
    assert {i: row.tolist() for i, row in found.items()} == expected


@many
@given(gallery=galleries, row_ids=st.lists(st.integers(0, 30), max_size=30), names=names)
def test_fields_are_given_back_by_row(
    store: Store, gallery: list[Row], row_ids: list[int], names: list[str]
) -> None:
    slow = fill(store, gallery)
    expected = {i: slow.plain(i, names) for i in row_ids if i in slow.kept}
    found = store.fields(row_ids, names)
    assert found == expected
    kinds = [type(value) for held in found.values() for value in held.values()]
    assert kinds == [type(v) for i in found for v in (expected[i][n] for n in found[i])]


@many
@given(gallery=galleries, name=word_fields, k=st.integers(0, 9), allowed=st.none() | filters)
def test_a_facet_counts_the_most_frequent_words(
    store: Store, gallery: list[Row], name: str, k: int, allowed: Filter | None
) -> None:
    slow = fill(store, gallery)
    found = store.facet(name, k, allowed)
    assert list(found.items()) == slow.facet(name, k, allowed)


@many
@given(
    gallery=galleries,
    name=st.sampled_from(["price", "undeclared number"]),
    k=st.integers(0, 30),
    allowed=st.none() | filters,
    descending=st.booleans(),
)
def test_rows_come_in_order_of_a_number_ties_by_row_id(
    store: Store,
    gallery: list[Row],
    name: str,
    k: int,
    allowed: Filter | None,
    *,
    descending: bool,
) -> None:
    slow = fill(store, gallery)
    found = store.ordered(name, k, allowed, descending=descending)
    expected = slow.ordered(name, k, allowed, descending=descending)
    assert pairs(found) == expected
    found = store.ordered(name, k, allowed, descending=descending, skip=3)
    assert pairs(found) == slow.ordered(name, 3 + k if k else 0, allowed, descending=descending)[3:]
    assert {c.product_id for c in found} == {slow.kept[c.row_id].product_id for c in found}


@pytest.mark.parametrize("descending", [False, True])
def test_a_long_tie_in_an_order_is_cut_by_row_id(store: Store, *, descending: bool) -> None:
    rows = [plain_row(i, kept={"price": float(i % 3)}) for i in range(600)]
    slow = fill(store, list(reversed(rows)))
    for k in (1, 100, 199, 200, 201, 450, 600, 700):
        expected = slow.ordered("price", k, None, descending=descending)
        assert pairs(store.ordered("price", k, descending=descending)) == expected


@pytest.mark.parametrize("words", [40, 1500])
def test_a_field_of_many_words_is_counted_right(store: Store, words: int) -> None:
    kept = [{"brand": f"b{i * i % words}", "in_stock": i % 2 == 0} for i in range(3000)]
    slow = fill(store, [plain_row(i, kept=fields) for i, fields in enumerate(kept)])
    slow.delete([f"p{i}" for i in range(0, 3000, 3)])
    store.delete([f"p{i}" for i in range(0, 3000, 3)])
    for allowed in (None, Compare("in_stock", "=", value=True), Compare("brand", "=", "b1")):
        for k in (1, 20, 2000):
            assert list(store.facet("brand", k, allowed).items()) == slow.facet("brand", k, allowed)


@many
@given(gallery=galleries, k=st.integers(0, 30), allowed=st.none() | filters)
def test_the_first_rows_come_by_row_id(
    store: Store, gallery: list[Row], k: int, allowed: Filter | None
) -> None:
    slow = fill(store, gallery)
    assert pairs(store.first(k, allowed)) == slow.first(k, allowed)
    assert pairs(store.first(k, allowed, skip=3)) == slow.first(3 + k, allowed)[3:]


def test_the_first_rows_come_over_many_pages(store: Store) -> None:
    slow = fill(store, [plain_row(i, kept={"in_stock": i % 2 > 0}) for i in range(5000, 0, -1)])
    for k in (999, 1000, 1001, 2400, 2600):
        for allowed in (None, Compare("in_stock", "=", value=True)):
            assert pairs(store.first(k, allowed)) == slow.first(k, allowed)
