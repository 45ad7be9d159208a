from dataclasses import fields, replace
from decimal import Decimal
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.catalogue.content import columns_of, content_hash
from shoplens.types import Product

SHOE = Product("S-1", "Shoe", price=Decimal("10.50"), attributes={"a": ("1",), "b": ("2", "3")})
CHANGES: dict[str, object] = {
    "product_id": "S-2",
    "title": "shoe",
    "description": "d",
    "brand": "b",
    "category": ("c",),
    "group_id": "g",
    "price": Decimal("10.51"),
    "sale_price": Decimal("10.50"),
    "currency": "EUR",
    "in_stock": False,
    "url": "u",
    "gtin": "1",
    "mpn": "m",
    "images": ("i",),
    "attributes": {"a": ("1",), "b": ("3", "2")},
    "popularity": 1.0,
}


def test_the_hash_of_a_product_is_the_same_for_ever() -> None:
    """If this fails, every product of every shop would be indexed anew after an upgrade."""
    said = (
        b'{"attributes":{"a":["1"],"b":["2","3"]},"in_stock":false,"price":"10.5",'
        b'"product_id":"S-1","title":"Sch\xc3\xbch"}'
    )
    product = replace(SHOE, title="Schüh", in_stock=False)
    assert content_hash(product) == sha256(said).hexdigest()
    assert content_hash(Product("", "")) == sha256(b"{}").hexdigest()


@pytest.mark.parametrize("name", [field.name for field in fields(Product)])
def test_a_change_of_any_field_changes_the_hash(name: str) -> None:
    assert content_hash(replace(SHOE, **{name: CHANGES[name]})) != content_hash(SHOE)  # pyright: ignore[reportArgumentType] - each value fits the field of its name


def test_every_popularity_has_a_hash_of_its_own() -> None:
    told = (None, 0.0, 1.0, 2.0, 0.1 + 0.2, 0.3)
    assert len({content_hash(replace(SHOE, popularity=one)) for one in told}) == len(told)
    assert content_hash(replace(SHOE, popularity=2)) == content_hash(replace(SHOE, popularity=2.0))


def test_order_of_attributes_and_zeros_of_a_price_make_no_difference() -> None:
    same = replace(SHOE, price=Decimal("10.5"), attributes={"b": ("2", "3"), "a": ("1",)})
    assert content_hash(same) == content_hash(SHOE)


@given(st.text(), st.text())
def test_text_does_not_run_over_from_one_field_to_the_next(one: str, other: str) -> None:
    a = Product("1", "x", brand=one, gtin=other)
    b = Product("1", "x", brand=other, gtin=one)
    assert (content_hash(a) == content_hash(b)) == (one == other)


def test_what_cannot_be_stored_is_replaced_everywhere() -> None:
    bad = "\x00a\udc80"
    product = Product(
        bad, bad, category=(bad,), images=(bad,), attributes={bad: (bad,)}, description="\\u0000"
    )
    good = "\ufffda\ufffd"
    tidy = columns_of(product)
    assert {tidy[name] for name in ("product_id", "title")} == {good}
    assert tidy["category"] == tidy["images"] == (good,)
    assert tidy["attributes"] == {good: [good]}
    assert tidy["description"] == "\\u0000"
