import math
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shoplens.catalogue.fields import (
    CORE_FIELDS,
    DENSE_CHARS,
    attribute_field,
    dense_text,
    fields_of,
    fold,
    words_text,
)
from shoplens.types import Product

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
JUMPER = Product(
    "J-1",
    "Wool Jumper",
    description="Warm.\nSoft.",
    brand="ACME",
    category=("Clothing", "Knitwear"),
    price=Decimal("50.00"),
    sale_price=Decimal("40.00"),
    currency="EUR",
    gtin="4006381333931",
    mpn="W7",
    attributes={"Colour": ("Red", "red"), "Größe": ("M",), "Price": ("low",)},
    popularity=12,
)
amounts = st.none() | st.decimals(allow_nan=True, allow_infinity=True)
words = st.text(max_size=30)
products = st.builds(
    Product,
    product_id=st.text(min_size=1, max_size=10),
    title=st.text(max_size=400),
    brand=words,
    category=st.lists(words, max_size=4).map(tuple),
    price=amounts,
    sale_price=amounts,
    in_stock=st.booleans(),
    attributes=st.dictionaries(words, st.lists(words, max_size=3).map(tuple), max_size=4),
    popularity=st.none() | st.floats(),
)


@given(st.text())
@example("ΐ ǰ ﬃ ㎓ K")
@example("\u00a8 a\u00a8")
@example("İSTANBUL ſ")
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_forms_and_spaces_make_no_difference(text: str) -> None:
    assert fold(f"  {text}\t") == fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Straße \n 7 ", "strasse 7"),
        ("ＡＢＣ　１２", "abc 12"),
        ("ÉCRU", "écru"),
        ("x²", "x2"),
        ("ĲSSEL ŒUVRE ΣΊΣΥΦΟΣ", "ijssel œuvre σίσυφοσ"),
        ("红色", "红色"),
        ("", ""),
    ],
)
def test_folding_by_example(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("Colour", "colour"),
        ("Säule (cm)", "säule_cm"),
        ("heel-height", "heel_height"),
        ("Brand", "attribute_brand"),
        ("In Stock", "attribute_in_stock"),
        ("Added", "attribute_added"),
        ("!?", "attribute"),
        ("颜色", "colour"),
        ("Base Color", "colour"),
        ("材质", "材质"),
    ],
)
def test_attributes_become_fields_that_a_filter_can_name(name: str, field: str) -> None:
    assert attribute_field(name) == field


@given(st.text())
def test_a_field_name_is_one_word_and_never_a_core_field(name: str) -> None:
    field = attribute_field(name)
    assert field
    assert field == "colour" or field not in CORE_FIELDS
    assert field.replace("_", "a").isalnum()
    assert attribute_field(field) == field


def test_every_field_of_a_product_by_example() -> None:
    assert fields_of(JUMPER, NOW) == {
        "product_id": "j-1",
        "brand": "acme",
        "category": ("clothing", "knitwear", "clothing > knitwear"),
        "currency": "eur",
        "price": 40.0,
        "popularity": 12.0,
        "added": 1777636800.0,
        "in_stock": True,
        "on_sale": True,
        "colour": ("red",),
        "grösse": ("m",),
        "attribute_price": ("low",),
    }


def test_what_a_product_does_not_have_is_left_out() -> None:
    assert fields_of(Product("1", "x", in_stock=False), NOW) == {
        "product_id": "1",
        "in_stock": False,
        "on_sale": False,
        "added": 1777636800.0,
    }


def test_the_moment_of_adding_does_not_depend_on_a_time_zone() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=8)))
    assert fields_of(JUMPER, there) == fields_of(JUMPER, NOW)


def test_a_popularity_that_is_no_number_is_left_out_and_zero_is_not() -> None:
    for told in (None, math.nan, math.inf, -math.inf):
        assert "popularity" not in fields_of(Product("1", "x", popularity=told), NOW)
    assert fields_of(Product("1", "x", popularity=0.0), NOW)["popularity"] == 0.0


def test_a_sale_that_is_no_cheaper_is_no_sale() -> None:
    same = Product("1", "x", price=Decimal(5), sale_price=Decimal("5.00"))
    assert fields_of(same, NOW)["on_sale"] is False


def test_attributes_of_one_field_are_put_together() -> None:
    product = Product("1", "x", attributes={"Colour": ("Red",), "colour ": ("RED", "Blue")})
    assert fields_of(product, NOW)["colour"] == ("red", "blue")


@given(products)
def test_fields_are_of_the_declared_kinds_and_folded(product: Product) -> None:
    kinds = {"number": float, "boolean": bool}
    for name, value in fields_of(product, NOW).items():
        if name in CORE_FIELDS and CORE_FIELDS[name] != "keyword":
            assert type(value) is kinds[CORE_FIELDS[name]]
            continue
        assert isinstance(value, str | tuple)
        for word in (value,) if isinstance(value, str) else value:
            assert word
            assert fold(word) == word


@given(products)
def test_every_level_and_path_of_a_category_can_be_filtered(product: Product) -> None:
    held = fields_of(product, NOW).get("category", ())
    assert isinstance(held, tuple)
    levels = [fold(level) for level in product.category if fold(level)]
    assert set(levels) <= set(held)
    assert len(set(held)) == len(held)
    if levels:
        assert " > ".join(levels) in held


def test_the_dense_text_says_what_the_product_is_in_one_line() -> None:
    assert dense_text(JUMPER) == "Wool Jumper, Knitwear, ACME, Red, M, low"


def test_the_dense_text_says_nothing_twice_and_keeps_whole_words() -> None:
    product = Product("1", "Red cotton jumper", brand="ON", attributes={"c": ("red", "blue")})
    assert dense_text(product) == "Red cotton jumper, ON, blue"


@given(products)
def test_the_dense_text_is_short_and_on_one_line(product: Product) -> None:
    text = dense_text(product)
    assert len(text) <= DENSE_CHARS
    assert len(text.splitlines()) <= 1
    title = " ".join(product.title.split())
    if len(title) <= DENSE_CHARS:
        assert text.startswith(title)


def test_a_long_title_is_cut_between_words() -> None:
    text = dense_text(Product("1", "jumper " * 100))
    assert len(text) >= DENSE_CHARS - len("jumper ")
    assert set(text.split()) == {"jumper"}


def test_the_words_text_holds_everything_a_search_may_name() -> None:
    assert words_text(JUMPER).split("\n") == [
        "Wool Jumper",
        "ACME",
        "Clothing",
        "Knitwear",
        "Red",
        "red",
        "M",
        "low",
        "4006381333931",
        "W7",
        "J-1",
        "Warm.",
        "Soft.",
    ]
