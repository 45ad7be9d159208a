"""One contract, every store: a new store is one line in STORES."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.errors import MismatchError
from shoplens.store.base import Store
from shoplens.types import (
    AllOf,
    AnyOf,
    Compare,
    Embedding,
    Filter,
    Not,
    OneOf,
    Row,
    Space,
    SparseRow,
)
from store_rows import (
    COLOUR_DIM,
    DIM,
    DIMS,
    TEXT_DIM,
    assert_ranked,
    best,
    fill,
    filters,
    galleries,
    many,
    pairs,
    plain_row,
    quarters,
    sparse,
    sparse_rows,
)


@many
@given(gallery=galleries, query=quarters(DIM), k=st.integers(0, 30), allowed=st.none() | filters)
def test_the_best_allowed_pictures_come_back_ties_by_row_id(
    store: Store, gallery: list[Row], query: Embedding, k: int, allowed: Filter | None
) -> None:
    slow = fill(store, gallery)
    found = store.search("picture", query, k, allowed)
    assert pairs(found) == best(slow.scores("picture", query, allowed), k)


@many
@given(gallery=galleries, query=quarters(TEXT_DIM), k=st.integers(1, 30))
def test_the_best_texts_come_back(
    store: Store, gallery: list[Row], query: Embedding, k: int
) -> None:
    slow = fill(store, gallery)
    assert pairs(store.search("text", query, k)) == best(slow.scores("text", query), k)


@many
@given(
    gallery=galleries,
    query=quarters(COLOUR_DIM),
    k=st.integers(1, 30),
    allowed=st.none() | filters,
)
def test_the_best_allowed_colours_come_back(
    store: Store, gallery: list[Row], query: Embedding, k: int, allowed: Filter | None
) -> None:
    slow = fill(store, gallery)
    found = store.search("colour", query, k, allowed)
    assert pairs(found) == best(slow.scores("colour", query, allowed), k)


@many
@given(
    gallery=galleries,
    query=sparse_rows(min_size=1),
    k=st.integers(1, 30),
    allowed=st.none() | filters,
)
def test_words_score_by_bm25_over_the_rows_that_carry_words(
    store: Store, gallery: list[Row], query: SparseRow, k: int, allowed: Filter | None
) -> None:
    slow = fill(store, gallery)
    assert_ranked(store.search_words(query, k, allowed), slow.word_scores(query, allowed), k)


@many
@given(
    gallery=galleries,
    query=sparse_rows(),
    least=st.sampled_from([0.01, 0.5, 1.0, 3.0]),
    most=st.integers(0, 30),
    allowed=st.none() | filters,
)
def test_words_are_counted_by_their_score(
    store: Store,
    gallery: list[Row],
    query: SparseRow,
    least: float,
    most: int,
    allowed: Filter | None,
) -> None:
    fill(store, gallery)
    found = store.search_words(query, most, allowed)
    assert store.count_words(query, least, most, allowed) == sum(c.score >= least for c in found)


@many
@given(gallery=galleries, allowed=filters)
def test_filters_count_what_they_mean(store: Store, gallery: list[Row], allowed: Filter) -> None:
    slow = fill(store, gallery)
    assert store.count(allowed) == len(slow.allowed(allowed))
    assert store.count() == len(gallery)


@many
@given(gallery=galleries)
def test_a_candidate_tells_whose_it_is(store: Store, gallery: list[Row]) -> None:
    slow = fill(store, gallery)
    for candidate in store.search("picture", np.ones(DIM, np.float32), 24):
        row = slow.kept[candidate.row_id]
        assert (candidate.product_id, candidate.group_id, candidate.position) == (
            row.product_id,
            row.group_id,
            row.position,
        )


@pytest.mark.parametrize("n", [1, 40, 400])
def test_a_tie_cut_by_k_keeps_the_lowest_ids(store: Store, n: int) -> None:
    same = plain_row(0)
    store.upsert([replace(same, row_id=i, product_id=f"p{i}") for i in reversed(range(n))])
    assert same.picture is not None
    k = min(n, 20)
    found = store.search("picture", same.picture, k)
    assert [candidate.row_id for candidate in found] == list(range(k))
    found = store.search_words(sparse({9: 1.0}), k)
    assert [candidate.row_id for candidate in found] == list(range(k))


@pytest.mark.parametrize(("every", "share"), [(10, 200), (100, 20), (1000, 2)])
def test_a_narrow_filter_gives_the_exact_answer(store: Store, every: int, share: int) -> None:
    rows = [plain_row(i, kept={"brand": f"b{i % every}", "price": i / 10}) for i in range(2000)]
    slow = fill(store, rows)
    query = np.arange(DIM, dtype=np.float32) / 4
    for allowed in (Compare("brand", "=", "b7"), Compare("price", "<", share / 10)):
        assert store.count(allowed) == share
        expected = best(slow.scores("picture", query, allowed), 10)
        assert pairs(store.search("picture", query, 10, allowed)) == expected


def test_booleans_are_found_and_are_no_numbers(store: Store) -> None:
    store.upsert([plain_row(i, kept={"in_stock": i < 3}) for i in range(5)])
    assert store.count(Compare("in_stock", "=", value=True)) == 3
    assert store.count(Compare("in_stock", "=", value=False)) == 2
    assert store.count(OneOf("in_stock", (True, False))) == 5
    assert store.count(Compare("in_stock", "=", 1.0)) == 0


def test_filters_that_allow_nothing_or_everything_are_taken_at_their_word(store: Store) -> None:
    store.upsert([plain_row(i) for i in range(3)])
    nothing: list[Filter] = [
        AnyOf(()),
        OneOf("brand", ()),
        Not(AllOf(())),
        Compare("price", "<", float("nan")),
        Compare("missing", "=", "x"),
    ]
    assert [store.count(allowed) for allowed in nothing] == [0] * 5
    assert [store.count(Not(allowed)) for allowed in nothing] == [3] * 5
    assert store.count(Not(Compare("price", "<", float("inf")))) == 3


def test_a_field_may_be_named_like_our_own_keys(store: Store) -> None:
    store.upsert([plain_row(1, kept={"product_id": "p2", "worded": "x", "position": 7.0})])
    assert store.count(Compare("product_id", "=", "p2")) == 1
    store.delete(["p2"])
    assert store.count() == 1


def test_a_very_deep_filter_is_answered(store: Store) -> None:
    store.upsert([plain_row(1, kept={"brand": "acme"})])
    allowed: Filter = Compare("brand", "=", "acme")
    for _ in range(100):
        allowed = Not(AnyOf((allowed,)))
    assert store.count(allowed) == 1


def test_very_many_values_may_be_asked_for(store: Store) -> None:
    store.upsert([plain_row(i, kept={"brand": f"b{i}", "price": float(i)}) for i in range(50)])
    assert store.count(OneOf("brand", tuple(f"b{i}" for i in range(0, 5000, 2)))) == 25
    assert store.count(OneOf("price", tuple(float(i) for i in range(0, 1000, 2)))) == 25


@pytest.mark.parametrize("space", ["picture", "text", "colour"])
def test_a_row_that_lacks_an_embedding_is_not_found_by_it(store: Store, space: Space) -> None:
    bare = replace(plain_row(1), picture=None, text=None, words=None, colour=None)
    store.upsert([plain_row(1)])
    store.upsert([bare])
    assert store.search(space, np.ones(DIMS.of(space), np.float32), 5) == []
    assert store.embeddings(space, [1]) == {}
    assert store.search_words(sparse({9: 1.0}), 5) == []
    assert store.pictures("p1") == []
    assert store.count() == 1


def test_a_row_is_replaced_whole(store: Store) -> None:
    store.upsert([plain_row(1, kept={"brand": "acme", "in_stock": True})])
    store.upsert([plain_row(1, kept={"price": 3.0})])
    assert store.count(Compare("brand", "=", "acme")) == 0
    assert store.count(Compare("price", "=", 3.0)) == 1


def test_the_idf_forgets_rows_at_once(store: Store) -> None:
    slow = fill(store, [plain_row(i) for i in range(40)])
    for gone in (["p0", "p5"], [f"p{i}" for i in range(10, 30)]):
        store.delete(gone)
        slow.delete(gone)
        query = sparse({0: 1.0, 9: 1.0})
        assert_ranked(store.search_words(query, 50), slow.word_scores(query), 50)


def test_pictures_come_in_order_of_position(store: Store) -> None:
    order = (2, 0, 1)
    rows = [plain_row(i, product_id="p", position=i) for i in order]
    store.upsert([*rows, plain_row(9, product_id="q")])
    found = store.pictures("p")
    assert [position for position, _ in found] == [0, 1, 2]
    for position, embedding in found:
        np.testing.assert_array_equal(embedding, rows[order.index(position)].picture)
    assert store.pictures("nobody") == []


def test_rows_are_listed_in_order_over_many_pages(store: Store) -> None:
    store.upsert([plain_row(i) for i in range(2500, 0, -1)])
    assert list(store.rows()) == [(f"p{i}", i) for i in range(1, 2501)]


def test_deleted_rows_stay_away_after_reopening(reopen: Callable[[], Store]) -> None:
    store = reopen()
    store.upsert([plain_row(i) for i in range(30)])
    store.flush()
    store.delete([f"p{i}" for i in range(0, 30, 2)] + ["nobody"])
    store = reopen()
    assert [row_id for _, row_id in store.rows()] == list(range(1, 30, 2))
    query = plain_row(0).picture
    assert query is not None
    assert {c.row_id for c in store.search("picture", query, 30)} == set(range(1, 30, 2))


def test_reopening_changes_nothing(reopen: Callable[[], Store]) -> None:
    store = reopen()
    store.upsert([plain_row(i, kept={"brand": WORD, "price": 0.1 + 0.2}) for i in range(20)])

    def answers(store: Store) -> object:
        query = np.ones(DIM, np.float32)
        allowed = AllOf((Compare("brand", "=", WORD), Compare("price", "=", 0.1 + 0.2)))
        return (
            list(store.rows()),
            store.search("picture", query, 20, allowed),
            store.search("text", np.ones(TEXT_DIM, np.float32), 20),
            store.search_words(sparse({1: 1.0, 9: 2.0}), 20),
            store.pictures("p3")[0][1].tolist(),
            store.embeddings("colour", [3])[3].tolist(),
            store.fields([3], ["brand", "price"]),
            store.facet("brand", 3),
        )

    before = answers(store)
    assert answers(reopen()) == before


WORD = "naïve 鞋"


def test_a_field_declared_after_its_rows_is_found(store: Store) -> None:
    store.upsert([plain_row(i, kept={"sole": "rubber" if i % 2 else "leather"}) for i in range(9)])
    assert store.count(Compare("sole", "=", "rubber")) == 4
    store.declare({"sole": "keyword"})
    store.declare({"sole": "keyword"})
    assert store.count(Compare("sole", "=", "rubber")) == 4


def test_nothing_is_no_trouble(store: Store) -> None:
    store.upsert([])
    store.delete([])
    store.delete(["nobody"])
    store.optimise()
    assert store.search("picture", np.ones(DIM, np.float32), 5) == []
    assert store.search_words(sparse({}), 5) == []
    assert list(store.rows()) == []
    assert store.count() == 0


def test_a_row_or_query_of_another_dimension_is_refused_by_name(store: Store) -> None:
    wide = replace(plain_row(2), picture=np.ones(DIM + 1, np.float32))
    with pytest.raises(MismatchError, match=r"7-dimensional picture .* keeps 6-dimensional"):
        store.upsert([plain_row(1), wide])
    assert store.count() == 0
    with pytest.raises(MismatchError, match=r"query .* 9-dimensional text .* 4-dimensional"):
        store.search("text", np.ones(9, np.float32), 5)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(store: Store, bad: float) -> None:
    with pytest.raises(MismatchError, match="not finite"):
        store.upsert([replace(plain_row(1), picture=np.full(DIM, bad, np.float32))])
    with pytest.raises(MismatchError, match=r"price = .*finite"):
        store.upsert([plain_row(1, kept={"price": bad})])
    with pytest.raises(MismatchError, match="not finite"):
        store.search("picture", np.full(DIM, bad, np.float32), 5)
