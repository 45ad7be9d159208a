"""Products, rules and feeds that make no sense are refused in words that help; nothing changes."""

import json
import math
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from served_shop import Serve, problem

Fields = Mapping[str, Any]
JSON = {"content-type": "application/json"}
DEEP = "[" * 50_000 + "]" * 50_000
PRODUCT = {"title": "Boot"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"titel": "Boot"}, "titel: there is no such field; did you mean 'title'?"),
        ({"title": "Bo\aot"}, "title: there is a control character (U+0007) at 2"),
        ({"title": ""}, "title: String should have at least 1 character"),
        ({"price": math.nan}, "price: Input should be a finite number"),
        ({"price": -1}, "price: "),
        ({"price": True}, "price: "),
        ({"popularity": True}, "popularity: this is a number, not true"),
        ({"popularity": math.inf}, "popularity: "),
        ({"in_stock": 2}, "in_stock: this is true or false, not 2"),
        ({"url": "https://shop.example/\0"}, "url: String should match"),
        ({"attributes": {"co\0lour": "red"}}, "attributes.co"),
        ({"attributes": {"colour": {"a": "red"}}}, "attributes.colour: "),
        ({"attributes": {f"a{i}": "x" for i in range(201)}}, "attributes: "),
        ({"images": ["file:///etc/passwd"]}, "over HTTP an image is a URL"),
        ({"images": ["data:image/png,x"]}, "images: a data URL of an image is"),
        ({"product_id": "another"}, "product_id: the path says 'boot'"),
    ],
)
def test_a_product_that_makes_no_sense_is_refused_in_words_that_help(
    shop: httpx.Client, fields: Fields, words: str
) -> None:
    body = json.dumps({**PRODUCT, **fields})
    told = problem(shop.put("/v1/products/boot", content=body, headers=JSON), 422)
    assert words in told["detail"]
    problem(shop.get("/v1/products/boot"), 404)


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"filter": "price << 3"}, 400, "a value was expected here"),
        ({"filter": "brand = \0"}, 422, "filter: there is a control character"),
        ({}, 400, "this rule speaks of no product"),
        ({"product_ids": ["a\n"]}, 422, "product_ids.0: there is a control character"),
        ({"product_ids": ["a"] * 1_001}, 422, "product_ids: List should have at most 1000"),
        ({"product_ids": ["a"], "factor": math.nan}, 422, "factor: Input should be a finite"),
        ({"product_ids": ["a"], "factor": True}, 422, "factor: this is a number, not true"),
        ({"product_ids": ["a"], "position": 0}, 422, "position: "),
        ({"product_ids": ["a"], "starts": "0001-01-01T00:00:00+14:00"}, 422, "starts: in UTC"),
        ({"product_ids": ["a"], "ends": "9999-12-31T23:59:59-14:00"}, 422, "ends: in UTC"),
        ({"product_ids": ["a"], "starts": 1e300}, 422, "starts: "),
        ({"product_ids": ["a"], "start": None}, 422, "did you mean 'starts'?"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_in_words_that_help(
    shop: httpx.Client, fields: Fields, status: int, words: str
) -> None:
    body = json.dumps({"action": "boost", **fields})
    told = problem(shop.put("/v1/rules/summer", content=body, headers=JSON), status)
    assert words in told["detail"]
    assert shop.get("/v1/rules").json() == {"rules": []}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "xlsx"}, "kind: no feed of the kind 'xlsx' can be sent; there are csv, jsonl"),
        ({"kind": "folder"}, "kind: no feed of the kind 'folder' can be sent"),
        ({"mapping": DEEP}, "mapping: this is JSON inside JSON, too deep to be read"),
        ({"mapping": "{"}, "mapping: this is not JSON"),
        ({"mapping": "[]"}, "mapping: "),
        ({"mapping": '{"title": 1}'}, "mapping.title: "),
        ({"mapping": '{"\\ud800": "a"}'}, "mapping"),
        ({"name": "a/b"}, "name: 'a/b' cannot be a feed's name"),
        ({"name": "api"}, "name: 'api' cannot be a feed's name"),
        ({"name": "x" * 101}, "name: String should have at most 100 characters"),
        ({"name": "a\0"}, "name: there is a control character"),
        ({"nmae": "a"}, "nmae: there is no such field; did you mean 'name'"),
        ({"allow_shrink": "perhaps"}, "allow_shrink: "),
    ],
)  # fmt: skip
def test_a_feed_that_makes_no_sense_is_refused_in_words_that_help(
    shop: httpx.Client, fields: Mapping[str, str], words: str
) -> None:
    parts = {name: (None, value) for name, value in fields.items()}
    answer = shop.post("/v1/feeds", files={"file": ("a.csv", b"id,title\n1,a\n"), **parts})
    assert words in problem(answer, 422)["detail"]
    assert shop.get("/v1/jobs").json() == {"jobs": []}


def test_a_feed_is_named_after_its_file_and_never_after_the_servers(serve: Serve) -> None:
    with serve() as client:
        for sent, named in ((".csv", "feed"), ("boots.csv", "boots"), (" .csv", "feed")):
            answer = client.post("/v1/feeds", files={"file": (sent, b"id,title\n1,a\n")})
            assert answer.json()["feed"] == named
        long = client.post("/v1/feeds", files={"file": ("x" * 300, b"id,title\n1,a\n")})
        assert "at most 100" in problem(long, 422)["detail"]


@pytest.mark.parametrize("body", [b"\xff", DEEP.encode(), b'{"price": ' + b"1" * 5_000 + b"}"])
@pytest.mark.parametrize(("verb", "path"), [("POST", "/v1/products"), ("PUT", "/v1/rules/r")])
def test_a_body_that_cannot_be_read_is_said_to_be_none(
    shop: httpx.Client, verb: str, path: str, body: bytes
) -> None:
    told = problem(shop.request(verb, path, content=body, headers=JSON), 400)
    assert "JSON" in told["detail"]


def test_json_that_breaks_off_says_where(shop: httpx.Client) -> None:
    for path in ("/v1/products", "/v1/search"):
        told = problem(shop.post(path, content=b'{"title": ', headers=JSON), 422)
        assert told["errors"][0]["at"] == "body"
        assert "10" in told["errors"][0]["reason"]


def test_what_is_not_possible_at_an_address_names_what_is(shop: httpx.Client) -> None:
    for verb, path, allowed in (
        ("PATCH", "/v1/products/q0", "GET, PUT, DELETE"),
        ("PUT", "/v1/search", "GET, POST"),
        ("DELETE", "/v1/products", "GET, POST"),
        ("GET", "/v1/rules/r", "PUT, DELETE"),
        ("PUT", "/v1/products/q0/similar", "GET"),
        ("OPTIONS", "/v1/products/q0/similar", "GET"),
        ("POST", "/", "GET"),
    ):
        answer = shop.request(verb, path)
        assert allowed.partition(",")[0] in problem(answer, 405)["detail"]
        assert answer.headers["allow"] == allowed
