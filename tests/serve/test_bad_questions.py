"""What cannot be answered is refused in words that help, however it is asked; nothing crashes."""

import base64
import io
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from served_shop import Serve, data_url, drawing, ids, problem
from shoplens.serve.problems import MOST
from shoplens.serve.schemas.questions import Words

Question = Mapping[str, Any]
JSON = {"content-type": "application/json"}
DEEP = "[" * 50_000 + "]" * 50_000
PHOTO = data_url(drawing(1))


def as_json(shop: httpx.Client, question: Question) -> httpx.Response:
    return shop.post("/v1/search", content=json.dumps(question), headers=JSON)


def as_form(shop: httpx.Client, question: Question) -> httpx.Response:
    parts = {name: (None, in_text(value)) for name, value in question.items()}
    return shop.post("/v1/search", files=parts)


def in_address(shop: httpx.Client, question: Question) -> httpx.Response:
    return shop.get("/v1/search", params={name: in_text(value) for name, value in question.items()})


def in_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


WAYS: dict[str, Callable[[httpx.Client, Question], httpx.Response]] = {
    "json": as_json,
    "form": as_form,
    "address": in_address,
}

QUESTIONS: dict[str, tuple[Question, int, str]] = {
    "10,000 characters": ({"q": "x" * 10_000}, 400, "10000 characters; at most 2000"),
    "NUL": ({"q": "red\0boots"}, 422, "q: there is a control character (U+0000) at 3"),
    "bell": ({"q": "\a"}, 422, "q: there is a control character (U+0007) at 0"),
    "escape": ({"q": "\x1b[31m"}, 422, "q: there is a control character (U+001B) at 0"),
    "delete": ({"q": "boots\x7f"}, 422, "q: there is a control character (U+007F) at 5"),
    "unknown field": ({"filtr": "price < 3"}, 422, "filtr: there is no such field; did you mean"),
    "nothing like it": ({"zzz": "1"}, 422, "zzz: there is no such field; there are filter, facets"),
    "filter of 4,001": ({"filter": "x" * 4_001}, 422, "filter: String should have at most 4000"),
    "bell in a filter": ({"filter": 'brand = "\a"'}, 422, "filter: there is a control character"),
    "no products": ({"q": "red", "limit": 0}, 422, "limit: Input should be greater than or equal"),
    "a million products": ({"q": "red", "limit": 10**6}, 400, "1000000 products were asked for;"),
    "below none": ({"limit": -1}, 422, "limit: "),
    "half a product": ({"limit": 1.5}, 422, "limit: "),
    "ten": ({"limit": "ten"}, 422, "limit: "),
    "4,300 digits": ({"limit": "9" * 4_300}, 400, "products were asked for; ask for 1 to 100"),
    "5,000 digits": ({"limit": "9" * 5_000}, 422, "limit: "),
    "offset below 0": ({"q": "red", "offset": -1}, 422, "offset: "),
    "offset too far": ({"q": "red", "offset": 10**6}, 400, "places 1000001 to 1000012 were asked"),
    "offset without end": ({"q": "red", "offset": "9" * 4_300}, 400, "narrow it with a filter"),
    "diversity of NaN": ({"diversity": math.nan}, 422, "diversity: Input should be a finite"),
    "diversity of 2": ({"diversity": 2}, 422, "diversity: Input should be less than or equal to 1"),
    "no such order": ({"sort": "cheapest"}, 422, "sort: Input should be 'relevance', 'price:asc'"),
    "no such facet": ({"facets": "prize"}, 400, "did you mean 'price'?"),
    "no values": ({"facets": "price", "facet_values": 0}, 422, "facet_values: "),
    "51 facets": ({"facets": ",".join("abc" * 17)}, 422, "facets: List should have at most 50"),
    "facets too deep": ({"facets": "[" * 9_000}, 422, "facets: this is JSON inside JSON, too deep"),
    "half a list": ({"facets": '["price"'}, 422, "facets: this is not JSON"),
    "no such detail": ({"fields": "prize"}, 422, "fields.0: Input should be 'group_id', 'title'"),
    "no colour": ({"colour": "blurple"}, 400, "'blurple' is no colour; write #c0392b"),
    "nobody's": ({"product_id": "nobody"}, 404, "no product 'nobody'"),
    "NUL in an id": ({"product_id": "a\0b"}, 422, "product_id: there is a control character"),
    "maybe": ({"distinct": "maybe"}, 422, "distinct: Input should be a valid boolean"),
    "two photos": (
        {"image": PHOTO, "query_image_id": "q-x"}, 422, "either image or query_image_id, not both"
    ),
    "forgotten photo": ({"query_image_id": "q-nobody"}, 404, "send the photo again"),
    "no photo": ({"image": "AAAA"}, 422, "not a picture"),
    "no base64": ({"image": "a photo"}, 422, "image: this is not base64"),
    "box too wide": ({"image": PHOTO, "box": [0, 0, 2, 1]}, 422, "box.2: Input should be less"),
    "box too far left": ({"image": PHOTO, "box": [-0.1, 0, 1, 1]}, 422, "box.0: Input should be"),
    "box of NaN": ({"image": PHOTO, "box": [math.nan, 0, 1, 1]}, 422, "box.0: Input should be a"),
    "box of nothing": ({"image": PHOTO, "box": [0.5, 0, 0.5, 1]}, 400, "is no box; wanted left"),
    "box the wrong way": ({"image": PHOTO, "box": [0.9, 0, 0.1, 1]}, 400, "is no box; wanted left"),
    "half a box": ({"image": PHOTO, "box": [0, 0]}, 422, "box.2: Field required"),
    "box without a photo": ({"q": "red", "box": [0, 0, 1, 1]}, 422, "send image too"),
    "weight of NaN": (
        {"like": [{"q": "red", "weight": math.nan}]}, 422, "like.0.weight: Input should be a finite"
    ),
    "weight without end": ({"like": [{"q": "red", "weight": math.inf}]}, 422, "like.0.weight: "),
    "weight of 0": ({"unlike": [{"q": "red", "weight": 0}]}, 422, "unlike.0.weight: Input should"),
    "weight below 0": ({"like": [{"q": "red", "weight": -1}]}, 422, "like.0.weight: Input should"),
    "weight of true": (
        {"like": [{"q": "red", "weight": True}]}, 422, "like.0.weight: this is a number, not true"
    ),
    "like nothing": ({"like": [{}]}, 422, "like.0: this asks for nothing; give q, image"),
    "like the unknown": ({"like": [{"qq": "red", "q": "red"}]}, 422, "like.0.qq: there is no such"),
    "17 likes": ({"like": [{"q": "red"}] * 17}, 422, "like: List should have at most 16 items"),
    "like 10,000": ({"like": [{"q": "x" * 10_000}]}, 400, "10000 characters; at most 2000"),
    "like nobody's": ({"unlike": [{"product_id": "nobody"}]}, 404, "no product 'nobody'"),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_that_makes_no_sense_is_refused_in_words_that_help(
    shop: httpx.Client, name: str, way: str
) -> None:
    question, status, words = QUESTIONS[name]
    known = Words.model_fields.keys() | {"filtr", "zzz"}
    if way == "address" and not question.keys() <= known:
        pytest.skip("only a body holds this")
    assert words in problem(WAYS[way](shop, question), status)["detail"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("price << 80", 7, "a value was expected here"),
        ("prize < 80", 0, "did you mean 'price'?"),
        ("brand = a AND prize < 80", 14, "did you mean 'price'?"),
        ("price < 80 AND", 14, "a condition such as price < 80 was expected here"),
        ("price < eighty", 8, "'price' is a number like 79.90, not 'eighty'"),
        ("price < 1e999", 8, "'price' is a number like 79.90"),
        ("price 80 TO 20", 6, "this range ends below its start"),
        ("in_stock = perhaps", 11, "'in_stock' is true or false"),
        ('brand = "Square', 8, "this quote has no partner"),
        ("price < 80)", 10, "this ) has no ( before it"),
        ("(price < 80", 11, "a ) is missing at the end"),
        ("(" * 4_000, 4_000, "a condition such as price < 80 was expected here"),
        ("(" * 33 + "price < 3" + ")" * 33, 32, "more than 32 parentheses"),
        ("NOT " * 900 + "in_stock", 128, "more than 32 parentheses and NOTs"),
        (f"price IN ({','.join('1' * 1_500)})", 2_010, "an IN list holds at most 1000 values"),
        ("brand > Square", 6, "> is for numbers, and 'brand' is a keyword"),
    ],
)  # fmt: skip
def test_an_error_points_at_the_character_of_a_filter(
    shop: httpx.Client, text: str, position: int, words: str, way: str
) -> None:
    told = problem(WAYS[way](shop, {"q": "square", "filter": text}), 400)
    assert (told["position"], words in told["detail"]) == (position, True), told


@pytest.mark.parametrize("way", WAYS)
def test_beyond_the_end_is_an_empty_page_that_tells_how_many_there_are(
    shop: httpx.Client, way: str
) -> None:
    for question, total in (
        ({"q": "square", "offset": 50}, 6),
        ({"product_id": "q0", "offset": 50}, 5),
        ({"offset": 10**6}, 6),  # a list goes on to its end, however far
    ):
        told = WAYS[way](shop, question).json()
        assert (told["products"], told["total"]) == ([], total)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("asked", [{"q": "square"}, {}, {"product_id": "q0"}], ids=str)
def test_a_filter_that_allows_nothing_is_answered_with_nothing(
    shop: httpx.Client, way: str, asked: Question
) -> None:
    answer = WAYS[way](shop, {**asked, "filter": "price > 1000", "facets": "brand"})
    assert ids(answer) == []
    told = answer.json()
    assert (told["total"], told["total_exact"], told["match"]) == (0, True, "none")


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 422, "body: this is not JSON"),
        (b"{", 422, "body: this is not JSON"),
        (b'{"q": "\xff"}', 422, "body: this is not JSON"),
        (b'{"q": "\\ud800"}', 422, "body: this is not JSON"),
        (b"null", 422, "body: "),
        (b'["q"]', 422, "body: "),
        (DEEP.encode(), 422, "recursion limit exceeded"),
        (f'{{"like": {DEEP}}}'.encode(), 422, "recursion limit exceeded"),
        (b'{"limit": ' + b"9" * 5_000 + b"}", 422, "number out of range"),
        (b'{"limit": ' + b"9" * 4_300 + b"}", 400, "ask for 1 to 100"),
        (b'{"q": "a", "offset": ' + b"9" * 4_300 + b"}", 400, "narrow it with a filter"),
        (b'{"limit": true}', 422, "limit: this is a number, not true"),
        (b'{"typing": 1}', 422, "typing: this is true or false, not 1"),
        (b'{"facets": null}', 422, "facets.0: "),
        (b'{"facets": [["price"]]}', 422, "facets.0: "),
        (b'{"q": ["red"]}', 422, "q: "),
        (b'{"' + b"x" * 500_000 + b'": 1}', 422, "there is no such field"),
    ],
)
def test_a_body_that_is_no_question_is_a_problem(
    shop: httpx.Client, body: bytes, status: int, words: str
) -> None:
    answer = shop.post("/v1/search", content=body, headers=JSON)
    assert words in problem(answer, status)["detail"]
    assert len(answer.content) < 10_000


@pytest.mark.parametrize("field", ["like", "unlike", "facets", "fields", "box"])
@pytest.mark.parametrize(
    "text", [DEEP, "[" * 100_000, '[{"q": "\\ud800"}]', '[{"\\ud800": 1}]', "[NaN]", "[1e999]",
             "[" + "9" * 5_000 + "]", '"', "{}", "[[]]", "[null]"],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_a_forms_json_that_makes_no_sense_is_refused(
    shop: httpx.Client, field: str, text: str
) -> None:
    answer = shop.post("/v1/search", files={field: (None, text), "image": drawing(1)})
    told = problem(answer, answer.status_code)
    assert answer.status_code in {400, 422}
    assert field in told["detail"] or "no field is called" in told["detail"]


def test_bytes_that_are_no_text_are_refused_in_every_field(shop: httpx.Client) -> None:
    for field in ("q", "filter", "colour", "product_id", "sort", "limit", "facets", "like", "box"):
        file = {field: ("words.txt", b"\xff\xfe\xfd")}
        answer = shop.post("/v1/search", files=file)
        assert field in problem(answer, 422)["detail"]


def test_a_hundred_thousand_unknown_fields_are_one_short_answer(shop: httpx.Client) -> None:
    body = json.dumps({f"a{i}": 1 for i in range(60_000)})
    for path in ("/v1/search", "/v1/products"):
        answer = shop.post(path, content=body, headers=JSON)
        assert len(problem(answer, 422)["errors"]) == MOST
        assert len(answer.content) < 50_000


def test_a_filter_of_very_many_terms_is_answered_or_refused(shop: httpx.Client) -> None:
    many = " OR ".join(["price < 1", "price = 12", *["price < 1"] * 280])
    assert ids(as_json(shop, {"filter": many})) == ["q2"]
    far_more = " OR ".join(["price < 1"] * 10_000)
    assert "at most 4000" in problem(as_json(shop, {"filter": far_more}), 422)["detail"]
    assert "at most 4000" in problem(as_form(shop, {"filter": far_more}), 422)["detail"]


def photo_of_5_mb(seed: int) -> str:
    out = io.BytesIO()
    noise = np.random.default_rng(seed).integers(0, 256, (1_300, 1_300, 3), dtype=np.uint8)
    Image.fromarray(noise).save(out, "PNG", compress_level=0)
    return base64.b64encode(out.getvalue()).decode()


@pytest.mark.slow
def test_sixteen_large_photos_are_refused_or_answered_as_the_limit_says(serve: Serve) -> None:
    photo = photo_of_5_mb(0)
    assert len(photo) * 3 / 4 > 5_000_000
    body = json.dumps({"q": "boots", "like": [{"image": photo}] * 16}).encode()
    with serve() as client:
        answer = client.post("/v1/search", content=body, headers=JSON)
        assert "serve.max_upload_bytes" in problem(answer, 413)["detail"]
    with serve(serve={"max_upload_bytes": len(body)}) as client:
        assert client.post("/v1/search", content=body, headers=JSON).status_code == 200


def strip(length: int) -> str:
    """Make a picture that is many pixels and few bytes, and too narrow to be read smaller."""
    out = io.BytesIO()
    Image.new("RGB", (60, length), "red").save(out, "PNG")
    assert len(out.getvalue()) < 30_000
    return base64.b64encode(out.getvalue()).decode()


def test_photos_that_are_small_as_files_and_huge_in_memory_are_refused(serve: Serve) -> None:
    one = {"image": strip(10_000)}  # 600,000 pixels
    with serve(images={"max_pixels": 1_000_000}) as client:
        assert as_json(client, {"like": [one]}).status_code == 200
        for question in ({"like": [one, one]}, {"like": [one], "unlike": [one]}):
            told = problem(as_json(client, question), 400)
            assert "too large together: images.max_pixels" in told["detail"]
        boxed = one | {"box": [0, 0, 1, 0.01]}  # what is not looked at takes no memory
        assert as_json(client, {"like": [boxed] * 16}).status_code == 200
        assert "too large" in problem(as_json(client, {"image": strip(20_000)}), 422)["detail"]
