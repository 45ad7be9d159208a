import pytest
from hypothesis import given

from shoplens.store.match import matches
from shoplens.types import AllOf, AnyOf, Compare, Fields, Filter, Not, OneOf
from store_rows import fields, filters

SHOE: Fields = {
    "brand": "acme",
    "category": ("shoes", "shoes > boots"),
    "price": 80.0,
    "in_stock": True,
    "sizes": (),
}


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        (Compare("brand", "=", "acme"), True),
        (Compare("brand", "=", "Acme"), False),
        (Compare("category", "=", "shoes > boots"), True),
        (Compare("category", "=", "boots"), False),
        (Compare("price", "=", 80.0), True),
        (Compare("price", "<", 80.0), False),
        (Compare("price", "<=", 80.0), True),
        (Compare("price", ">", 79.9), True),
        (Compare("price", ">=", 80.1), False),
        (Compare("in_stock", "=", value=True), True),
        (Compare("in_stock", "=", value=False), False),
        (OneOf("brand", ("bolt", "acme")), True),
        (OneOf("brand", ()), False),
        (AllOf(()), True),
        (AnyOf(()), False),
        (Not(Compare("brand", "=", "acme")), False),
    ],
)
def test_a_filter_means_what_it_says(allowed: Filter, expected: bool) -> None:  # noqa: FBT001
    assert matches(allowed, SHOE) is expected


@pytest.mark.parametrize("field", ["colour", "sizes"])
def test_a_field_that_is_missing_or_empty_equals_nothing(field: str) -> None:
    assert not matches(Compare(field, "=", "red"), SHOE)
    assert not matches(Compare(field, "<", 1.0), SHOE)
    assert matches(Not(Compare(field, "=", "red")), SHOE)


@pytest.mark.parametrize(
    "allowed",
    [
        Compare("in_stock", "=", 1.0),
        Compare("in_stock", "=", "true"),
        Compare("price", "=", "80.0"),
        Compare("in_stock", "<=", 1.0),
        Compare("price", "<=", value=True),
        Compare("brand", "<", "b"),
        Compare("price", "=", float("nan")),
    ],
)
def test_values_of_two_kinds_never_meet(allowed: Filter) -> None:
    assert not matches(allowed, SHOE)


@given(inner=filters, held=fields)
def test_not_is_plain_negation(inner: Filter, held: Fields) -> None:
    assert matches(Not(inner), held) is not matches(inner, held)


@given(one=filters, two=filters, held=fields)
def test_de_morgan_holds(one: Filter, two: Filter, held: Fields) -> None:
    either = matches(AnyOf((one, two)), held)
    assert either is matches(Not(AllOf((Not(one), Not(two)))), held)
