import base64
from contextlib import suppress
from decimal import Decimal

import pytest
from fastapi.exceptions import RequestValidationError
from hypothesis import given
from hypothesis import strategies as st

from shoplens.serve.schemas.products import ProductPost, ProductPut
from shoplens.serve.schemas.questions import read_search
from shoplens.serve.schemas.values import image_bytes


@given(
    data=st.binary(), head=st.sampled_from(["", "data:image/png;base64,", "data:a/b;c=d;base64,"])
)
def test_bytes_survive_base64_bare_or_in_a_data_url(data: bytes, head: str) -> None:
    text = base64.b64encode(data).decode()
    assert image_bytes(head + text) == data
    assert image_bytes(head + "\n".join(text)) == data
    assert image_bytes(data) == data


@pytest.mark.parametrize(
    "text", ["data:image/png,abc", "data:;base64,AAAA", "###", "AAA", "A=AA", "é", "/etc/passwd"]
)
def test_what_is_not_base64_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="base64"):
        image_bytes(text)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{", b'{"query": "x"}', b'{"limit": 0}', b'{"limit": 1.5}',
     b'{"offset": -1}', b'{"q": 7}', b'{"q": "\\ud800"}', b'{"q": "a\\u0000b"}', b'{"q": "\xff"}',
     b'{"image": "###"}', b'{"image": 5}'],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_refused_with_its_place(body: bytes) -> None:
    with pytest.raises(RequestValidationError) as refused:
        read_search(body)
    assert refused.value.errors()[0]["loc"][0] == "body"


def test_a_forms_texts_become_numbers() -> None:
    asked = read_search({"q": "boots", "limit": "5", "offset": "10", "image": b"\x00"})
    assert (asked.limit, asked.offset, asked.image) == (5, 10, b"\x00")


@given(body=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_body_makes_it_stumble(body: bytes) -> None:
    with suppress(RequestValidationError):  # whatever else it raised would fail the test
        read_search(body)


def product(**fields: object) -> ProductPost:
    return ProductPost.model_validate({"product_id": "a", "title": "A", **fields})


def test_images_in_the_body_are_told_from_addresses() -> None:
    made = product(images=["data:image/png;base64,AAEC", "https://cdn.example/a.jpg"])
    assert made.product("a").images == ("https://cdn.example/a.jpg",)
    assert made.uploads() == [b"\x00\x01\x02"]


def test_a_category_and_attributes_are_taken_as_people_write_them() -> None:
    made = product(category="Shoes > Boots", attributes={"colour": "red", "size": ["40", "41"]})
    noun = made.product("a")
    assert noun.category == ("Shoes", "Boots")
    assert noun.attributes == {"colour": ("red",), "size": ("40", "41")}


def test_a_price_is_exact() -> None:
    for price in (0.1, "0.10", 109.99, "1000000", 0):
        assert product(price=price).product("a").price == Decimal(str(price))


@pytest.mark.parametrize(
    "fields",
    [{"price": -1}, {"price": "NaN"}, {"price": "Infinity"}, {"price": 1e30}, {"title": ""},
     {"product_id": ""}, {"product_id": "a\nb"}, {"product_id": "a" * 201}, {"currency": "euro"},
     {"url": "javascript:alert(1)"}, {"images": [""]}, {"images": "https://x"}, {"stock": 3},
     {"title": "a\x00"}, {"attributes": {"a": {"b": "c"}}}],
)  # fmt: skip
def test_a_product_that_makes_no_sense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        product(**fields)


def test_a_product_keeps_the_id_of_its_path() -> None:
    put = ProductPut.model_validate({"title": "A", "product_id": "a"})
    assert put.id_in("a") == "a"
    with pytest.raises(RequestValidationError):
        put.id_in("b")
    for bad in ("", "a\nb", "a" * 201):
        with pytest.raises(RequestValidationError):
            ProductPut.model_validate({"title": "A"}).id_in(bad)
