import json
from collections.abc import Mapping
from typing import Any, cast, get_args

import httpx

from shoplens.serve.schemas.questions import ProductField

Content = dict[str, dict[str, Any]]


def in_json(shop: httpx.Client, question: Mapping[str, Any]) -> httpx.Response:
    return shop.post("/v1/search", json=question)


def in_a_form(shop: httpx.Client, question: Mapping[str, Any]) -> httpx.Response:
    parts = {n: (None, v if isinstance(v, str) else json.dumps(v)) for n, v in question.items()}
    return shop.post("/v1/search", files=parts)


def ways_to_ask(shop: httpx.Client) -> tuple[Content, Content]:
    asking = shop.get("/openapi.json").json()["paths"]["/v1/search"]["post"]
    content: dict[str, Content] = asking["requestBody"]["content"]
    return content["application/json"], content["multipart/form-data"]


def test_every_kind_of_question_has_an_example_and_each_is_answered(shop: httpx.Client) -> None:
    as_json, as_form = ways_to_ask(shop)
    questions: list[dict[str, Any]] = as_json["schema"]["examples"]
    assert [told["value"] for told in as_form["examples"].values()] == questions
    asked = [question.keys() for question in questions]
    assert {"q", "filter", "facets", "limit"} in asked
    assert {"image", "box"} in asked
    assert any({"image", "q"} <= names for names in asked)
    assert any({"like", "unlike"} <= names for names in asked)
    for question in questions:
        for way in (in_json, in_a_form):
            answer = way(shop, {**question, "facets": ["brand"]})  # no test's shop has colours
            assert answer.status_code == 200, answer.text


def test_the_example_of_an_answer_has_every_member_of_one(shop: httpx.Client) -> None:
    real = in_json(shop, {"facets": ["brand"], "limit": 1}).json()
    paths = shop.get("/openapi.json").json()["paths"]
    for path, verb in (
        ("/v1/search", "post"),
        ("/v1/search", "get"),
        ("/v1/products/{product_id}/similar", "get"),
    ):
        told = paths[path][verb]["responses"]["200"]["content"]["application/json"]
        assert members(told["example"]) == members(real)
        assert told["schema"] == {"$ref": "#/components/schemas/AnswerOut"}


def members(told: object) -> object:
    """Tell the names in an answer, but for those that differ by the question."""
    if isinstance(told, dict):
        named = cast("dict[str, object]", told)
        differing = {"category", "signals", "timings_ms"}
        return {n: None if n in differing else members(value) for n, value in named.items()}
    if isinstance(told, list):
        return [members(value) for value in cast("list[object]", told)[:1]]
    return None


def test_a_form_has_the_fields_of_json_and_says_how_each_is_written(shop: httpx.Client) -> None:
    as_json, as_form = ways_to_ask(shop)
    sent: Content = as_form["schema"]["properties"]
    assert sent.keys() == as_json["schema"]["properties"].keys()
    lists = {name for name, field in sent.items() if field["type"] == "array"}
    assert lists == {"box", "facets", "fields", "like", "unlike"}
    assert as_form["encoding"] == {name: {"contentType": "application/json"} for name in lists}
    assert "null" in json.dumps(as_json["schema"]["properties"]["limit"])
    assert "null" not in json.dumps(sent)  # a form leaves out what JSON has null for


def test_what_fields_may_leave_out_of_an_answer_is_not_promised(shop: httpx.Client) -> None:
    shown = shop.get("/openapi.json").json()["components"]["schemas"]["ShownOut"]
    promised = set(shown["required"])
    assert not promised & set(get_args(ProductField))
    (least,) = in_json(shop, {"fields": ["title"], "limit": 1}).json()["products"]
    assert set(least) == promised | {"title"}
