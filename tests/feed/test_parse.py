import math
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.feed.parse import (
    Price,
    clean,
    parse_currency,
    parse_popularity,
    parse_price,
    parse_stock,
    sale_is_on,
    split_images,
    split_path,
    strip_html,
)


@pytest.mark.parametrize(
    ("cell", "amount", "currency"),
    [
        ("12.99", "12.99", ""),
        ("12.99 USD", "12.99", "USD"),
        ("USD 12.99", "12.99", "USD"),
        ("usd12.99", "12.99", "USD"),
        ("$1,299.00", "1299.00", "USD"),
        ("1.299,00 €", "1299.00", "EUR"),
        ("1.299 €", "1299", "EUR"),
        ("12,5", "12.5", ""),
        ("1,299", "1299", ""),
        ("1,29,900.50", "129900.50", ""),
        ("240.000", "240.000", ""),
        ("1.299.000", "1299000", ""),
        ("1 299,90 zł", "1299.90", "PLN"),
        ("1\u202f299,90 EUR", "1299.90", "EUR"),
        ("CHF 1'299.-", "1299", "CHF"),
        ("¥899", "899", "CNY"),
        ("￥８９９", "899", "CNY"),
        ("899元", "899", "CNY"),
        ("HK$ 20", "20", "HKD"),
        ("0", "0", ""),
    ],
)
def test_prices_are_read_as_people_and_machines_write_them(
    cell: str, amount: str, currency: str
) -> None:
    assert parse_price(cell) == Price(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("12", 12),
        ("0", 0),
        ("-0.0", 0),
        (" 0.731 ", 0.731),
        (".5", 0.5),
        ("1e-05", 1e-05),
        ("1E+16", 1e16),
        ("1,204", 1204),
        ("1 204", 1204),
        ("1'204'000", 1204000),
        ("1.204.000", 1204000),
        ("1.204,5", 1204.5),
        ("500+", 500),
        ("1.1k", 1100),
        ("2K+", 2000),
        ("1.1万", 11000),
        ("3 万+", 30000),
        ("１２", 12),
    ],
)
def test_popularity_is_read_as_people_and_machines_write_it(cell: str, number: float) -> None:
    assert parse_popularity(cell) == number


@pytest.mark.parametrize(
    "cell",
    ["high", "N/A", "yes", "NaN", "inf", "1e400", "12 pcs", "k", "万", "+", "1.2.3,4,5", "9" * 400],
)
def test_what_is_no_popularity_is_named(cell: str) -> None:
    reason = parse_popularity(cell)
    assert isinstance(reason, str)
    assert reason.endswith("is not a number")
    assert cell[:20] in reason


@pytest.mark.parametrize("cell", ["-1", "-0.5", "-3k", "-1e-05"])
def test_a_popularity_below_zero_is_refused(cell: str) -> None:
    assert parse_popularity(cell) == f"{cell!r} is negative"


@given(st.text(max_size=20))
def test_any_popularity_is_a_number_or_a_reason(cell: str) -> None:
    found = parse_popularity(cell)
    assert isinstance(found, str) or 0 <= found < math.inf


@given(st.floats(0, 1e300))
def test_a_number_as_a_machine_writes_it_comes_back(number: float) -> None:
    assert parse_popularity(repr(number)) == number


@pytest.mark.parametrize(
    "cell", ["N/A", "-", "null", "10 - 20", "1.2.3,4,5", "12 PCS", "NaN", "inf", "1e400", "9" * 40]
)
def test_what_is_no_price_is_named(cell: str) -> None:
    reason = parse_price(cell)
    assert isinstance(reason, str)
    assert reason.endswith("is not a number")
    assert cell[:20] in reason


def test_a_negative_price_says_that_it_is_negative() -> None:
    assert parse_price("-5.00 EUR") == "'-5.00 EUR' is negative"


@given(st.decimals(0, 10**9, places=2, allow_nan=False), st.sampled_from(["{:,}", "{}", "$ {:,}"]))
def test_every_formatted_amount_comes_back(amount: Decimal, form: str) -> None:
    price = parse_price(form.format(amount))
    assert isinstance(price, Price)
    assert price.amount == amount


@given(st.text())
def test_no_text_breaks_a_parser(text: str) -> None:
    assert isinstance(parse_price(text), Price | str)
    assert parse_stock(text) in (True, False, None)
    assert all(one.strip() == one and one for one in split_images(text))
    assert all(split_path(text)) or not split_path(text)
    assert isinstance(strip_html(text), str)


@pytest.mark.parametrize(
    ("cell", "in_stock"),
    [
        ("in stock", True), ("in_stock", True), ("InStock", True), ("preorder", True),
        ("https://schema.org/BackOrder", True), ("有货", True), ("3", True), ("TRUE", True),
        ("out of stock", False), ("OutOfStock", False), ("http://schema.org/SoldOut", False),
        ("缺货", False), ("0", False), ("-2", False), ("0.0", False), ("perhaps", None),
    ],
)  # fmt: skip
def test_availability_is_a_word_a_url_or_a_quantity(cell: str, in_stock: bool | None) -> None:  # noqa: FBT001
    assert parse_stock(cell) is in_stock


@pytest.mark.parametrize(
    ("cell", "images"),
    [
        ("a.jpg", ["a.jpg"]),
        ("a.jpg, b/c.PNG", ["a.jpg", "b/c.PNG"]),
        ("a.jpg;b.webp", ["a.jpg", "b.webp"]),
        ("img/1|img/2", ["img/1", "img/2"]),
        ("red, large.jpg", ["red, large.jpg"]),
        ("https://x/w_3,h_4/a.jpg", ["https://x/w_3,h_4/a.jpg"]),
        ("https://x/w_3,h_4/a?s=1,https://x/b", ["https://x/w_3,h_4/a?s=1", "https://x/b"]),
        ("https://x/a https://x/b", ["https://x/a", "https://x/b"]),
        ("//x/a.jpg, //x/b.jpg", ["//x/a.jpg", "//x/b.jpg"]),
        ('["a.jpg", {"url": "b.jpg"}]', ["a.jpg", "b.jpg"]),
        ("[x] a.jpg", ["[x] a.jpg"]),
        ("my  photo.jpg", ["my  photo.jpg"]),
        (" , ", []),
    ],
)
def test_images_are_split_only_where_another_begins(cell: str, images: list[str]) -> None:
    assert split_images(cell) == images


def test_html_becomes_the_text_that_a_reader_sees() -> None:
    shown = "<p>Soft &amp; warm<br>blue</p><script>x()</script><style>p{}</style><b>un</b>cut"
    assert strip_html(shown) == "Soft & warm blue uncut"
    assert strip_html("3 < 4 and 5 > 2") == "3 < 4 and 5 > 2"
    assert strip_html("<" * 200_000)


def test_text_is_one_clean_line() -> None:
    assert clean("\ufeff a\x00\u200bb\r\n\tc\ud800  e\u0301 ") == "a b c \u00e9"
    assert clean("x" * 50, 10) == "x" * 10


@given(st.text(max_size=50))
def test_clean_text_stays_as_it_is_and_can_be_stored(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert "\x00" not in once
    once.encode()


def test_currencies_are_codes_or_symbols() -> None:
    assert [parse_currency(cell) for cell in ("eur", "€", "人民币", "", "XYZ")] == [
        "EUR", "EUR", "CNY", "", "",
    ]  # fmt: skip


def test_category_paths_have_many_separators() -> None:
    assert split_path("A &gt; B > ") == ("A", "B")
    assert split_path("Men/Tops/Hoodies & Sweatshirts") == ("Men", "Tops", "Hoodies & Sweatshirts")
    assert split_path("A/V > Radios") == ("A/V", "Radios")


def test_a_sale_is_on_between_its_dates() -> None:
    now = datetime(2024, 5, 5, tzinfo=UTC)
    assert sale_is_on(("2024-05-01T00:00+0100", "2024-06-01"), now)
    assert not sale_is_on(("2024-05-06", ""), now)
    assert not sale_is_on(("", "2024-05-04"), now)
    assert sale_is_on(("soon", "later"), now)
    assert sale_is_on(("2030-01-01",), None)
