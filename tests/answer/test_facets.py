"""Facets are the same however they are counted, and are what a plain loop counts."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.answer.facets import count_facets, round_edges, without
from shoplens.catalogue.fields import MAIN
from shoplens.store.base import STORES, Store, open_store
from shoplens.store.match import matches
from shoplens.types import AllOf, AnyOf, Compare, Facet, Filter, Not, OneOf, Range, Row
from store_rows import DIMS, KINDS, fill, filters, many, plain_row, shops

numbers = st.floats(allow_nan=False, allow_infinity=False)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(request.param, tmp_path, DIMS)
    opened.declare({**KINDS, MAIN: "boolean"})
    yield opened
    opened.close()


def words_in(row: Row, name: str) -> set[str]:
    held = row.fields.get(name, ())
    if isinstance(held, bool):
        return {"true" if held else "false"}
    return {*held} if isinstance(held, tuple) else {str(held)}


def naive(name: str, rows: Sequence[Row], k: int) -> Facet:
    """Look at every row for every value; ranges as ``round_edges`` cuts them."""
    if KINDS[name] != "number":
        counts = Counter(word for row in rows for word in words_in(row, name))
        ordered = sorted(counts, key=lambda word: (-counts[word], word))
        ordered = ordered[:k] if KINDS[name] == "keyword" else ordered
        return Facet(name, KINDS[name], {word: counts[word] for word in ordered})
    held = [float(str(row.fields[name])) for row in rows if name in row.fields]
    if not held:
        return Facet(name, "number")
    edges = round_edges(min(held), max(held))
    ranges = [
        Range(low, high, sum(low <= x < high or x == high == edges[-1] for x in held))
        for low, high in pairwise(edges)
    ]
    return Facet(name, "number", {}, tuple(ranges), min(held), max(held))


@many
@given(gallery=shops, allowed=st.none() | filters, k=st.integers(1, 6))
def test_counted_by_the_store_or_from_rows_facets_are_what_a_loop_counts(
    store: Store, gallery: list[Row], allowed: Filter | None, k: int
) -> None:
    main = [row for row in fill(store, gallery).allowed(allowed) if row.position == 0]
    expected = tuple(naive(name, main, k) for name in KINDS)
    found = count_facets(store, [*KINDS], KINDS, allowed, k=k)
    assert found == expected
    assert [list(f.values) for f in found] == [list(f.values) for f in expected], "in order too"
    assert count_facets(store, [*KINDS], KINDS, [row.row_id for row in main], k=k) == expected


def test_every_number_is_in_one_range_and_the_last_end_counts(store: Store) -> None:
    prices = [0.0, 9.99, 10.0, 55.5, 89.99, 90.0]
    kept = [{"price": price, MAIN: True} for price in prices]
    store.upsert([plain_row(i, kept=fields) for i, fields in enumerate(kept)])
    (facet,) = count_facets(store, ["price"], KINDS, None)
    assert [(r.low, r.high) for r in facet.ranges] == [(i * 10.0, i * 10.0 + 10) for i in range(9)]
    assert [r.products for r in facet.ranges] == [2, 1, 0, 0, 0, 1, 0, 0, 2]
    assert (facet.lowest, facet.highest) == (0.0, 90.0)


def test_one_price_is_one_range(store: Store) -> None:
    store.upsert([plain_row(i, kept={"price": 19.9, MAIN: True}) for i in range(3)])
    (facet,) = count_facets(store, ["price"], KINDS, None)
    assert facet.ranges == (Range(19.9, 19.9, 3),)


def test_paths_leave_out_the_levels_that_they_end_in(store: Store) -> None:
    paths = [("sale", "shoes", "sale > shoes"), ("shoes",), ("bags",)]
    kept = [{"category": path, MAIN: True} for path in paths]
    store.upsert([plain_row(i, kept=fields) for i, fields in enumerate(kept)])
    (facet,) = count_facets(store, ["category"], KINDS, None, paths=True)
    assert facet.values == {"bags": 1, "sale": 1, "sale > shoes": 1}


@given(ends=st.tuples(numbers, numbers).map(sorted))
def test_edges_are_round_and_hold_both_ends(ends: list[float]) -> None:
    lowest, highest = ends
    edges = round_edges(lowest, highest)
    assert edges[0] <= lowest <= highest <= edges[-1]
    assert 2 <= len(edges) <= 11
    assert all(math.isfinite(edge) for edge in edges)
    if lowest < highest:
        assert edges == sorted({*edges})
        assert edges[1] > lowest, "the first range is needed"
        assert edges[-2] < highest, "the last range is needed"


@given(low=st.integers(0, 10**6), span=st.integers(1, 10**6))
def test_steps_are_one_two_or_five_times_a_power_of_ten_and_none_finer_would_do(
    low: int, span: int
) -> None:
    edges = round_edges(low / 100, (low + span) / 100)
    step = edges[1] - edges[0]
    digits = f"{step:.0e}"
    assert digits[0] in "125"
    assert step == pytest.approx(float(digits))
    finer = step / (2.5 if digits[0] == "5" else 2)
    assert math.ceil((low + span) / 100 / finer) - math.floor(low / 100 / finer) > 9


@given(allowed=filters, name=st.sampled_from([*KINDS]), gallery=shops)
def test_without_a_field_nothing_that_was_allowed_is_refused(
    allowed: Filter, name: str, gallery: list[Row]
) -> None:
    wider = without(allowed, name)
    for row in gallery:
        assert wider is None or matches(wider, row.fields) or not matches(allowed, row.fields)


def test_without_drops_only_what_speaks_of_the_field_alone() -> None:
    red, new = Compare("colour", "=", "red"), OneOf("brand", ("a", "b"))
    either = AnyOf((red, new))
    assert without(None, "colour") is None
    assert without(red, "colour") is None
    assert without(Not(red), "colour") is None
    assert without(AnyOf((red, Compare("colour", "=", "blue"))), "colour") is None
    assert without(red, "brand") == red
    assert without(either, "colour") == either
    assert without(AllOf((red, new)), "colour") == new
    assert without(AllOf((AllOf((red, new)), either)), "colour") == AllOf((new, either))
    assert without(AllOf((Compare("price", ">", 1.0), Compare("price", "<", 9.0))), "price") is None


def test_a_chosen_field_still_shows_its_other_values(store: Store) -> None:
    kept = [("acme", True), ("acme", False), ("zeta", True)]
    store.upsert(
        [
            plain_row(i, kept={"brand": b, "in_stock": s, MAIN: True})
            for i, (b, s) in enumerate(kept)
        ]
    )
    chosen = AllOf((Compare("brand", "=", "acme"), Compare("in_stock", "=", value=True)))
    (facet,) = count_facets(store, ["brand"], KINDS, without(chosen, "brand"))
    assert facet.values == {"acme": 1, "zeta": 1}
