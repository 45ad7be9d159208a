"""The API describes itself: what FastAPI does not know by itself, and an example of each question.

Read ``describe`` first.
"""

from collections.abc import Mapping
from typing import Any, get_args

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from shoplens.serve.schemas.problems import ProblemOut
from shoplens.serve.schemas.questions import ProductField, Search

Described = dict[str, Any]
"""A part of an OpenAPI document."""

_REF = "#/components/schemas/{model}"
_SEARCHES = (
    ("/v1/search", "post"),
    ("/v1/search", "get"),
    ("/v1/products/{product_id}/similar", "get"),
)
_AS_JSON = ("box", "facets", "fields", "like", "unlike")
_PHOTO = (  # the black square of docs/api.md
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAKklEQVR42mPUsDFiIAUwMZAI"
    "aK+BBZmzwOYbVkUJR7gGsx+GgwbGYZCWABHnBE2TprlAAAAAAElFTkSuQmCC"
)
_WORDS = {
    "q": "hiking boots",
    "filter": "price < 120 AND in_stock",
    "facets": ["brand", "colour", "price"],
    "limit": 8,
}
_QUESTIONS: Mapping[str, Described] = {
    "words": {"summary": "Words, a filter and facets", "value": _WORDS},
    "photo": {
        "summary": "The thing in a box of a photo",
        "value": {"image": _PHOTO, "box": [0.1, 0.2, 0.55, 0.9]},
    },
    "both": {
        "summary": "A photo and words together",
        "value": {"image": _PHOTO, "q": "the same in red", "explain": True},
    },
    "more": {
        "summary": "More like one thing, less like another",
        "value": {
            "q": "hiking boots",
            "like": [{"image": _PHOTO, "weight": 0.5}, {"q": "waterproof"}],
            "unlike": [{"q": "stripes"}],
        },
    },
}
_ANSWER: Described = {
    "ranking_id": "5f0c6e5d0d5b4b0f9a1c7f0e2b3a4d5c",
    "products": [
        {
            "product_id": "boot-1",
            "group_id": "boot-1",
            "title": "Wanderer hiking boot",
            "brand": "Daybird",
            "category": ["Footwear", "Boots"],
            "price": 109.99,
            "sale_price": 89.5,
            "currency": "EUR",
            "in_stock": True,
            "url": "https://shop.example/boot-1",
            "image": "/v1/images/" + "9e1d" * 16 + ".webp",
            "score": 0.93,
            "signals": {"picture": 0.91, "words": 4.2},
            "confidence": 0.86,
            "match": "strong",
            "why": None,
        }
    ],
    "total": 1,
    "total_exact": True,
    "match": "strong",
    "guess": None,
    "facets": [
        {
            "field": "brand",
            "kind": "keyword",
            "values": [{"value": "Daybird", "products": 1}],
            "ranges": [],
            "lowest": None,
            "highest": None,
        }
    ],
    "corrected": "",
    "query_image_id": "q-3Zt1kqV0m9u2yX5c8BfGhJkLmNpQrStU",
    "complete": True,
    "timings_ms": {"encode": 25.1, "search": 3.9, "fuse": 0.1, "fetch": 1.2},
}


def question(form: str, json: str) -> Described:
    """Describe both ways to ask, a form and JSON: FastAPI can only describe one by itself."""
    schema = Search.model_json_schema(ref_template=_REF)
    del schema["$defs"]  # they are among the components: ``describe`` puts them there
    questions = [asked["value"] for asked in _QUESTIONS.values()]
    as_json = {"schema": schema | {"examples": questions}, "example": _WORDS}
    sent = {name: _in_a_form(field) for name, field in schema["properties"].items()}
    sent["image"] = {"type": "string", "format": "binary", "description": "An image file."}
    as_form = {
        "schema": schema | {"properties": sent},
        "encoding": {name: {"contentType": "application/json"} for name in _AS_JSON},
        "examples": _QUESTIONS,
    }
    return {"requestBody": {"required": True, "content": {form: as_form, json: as_json}}}


def describe(app: FastAPI) -> Described:
    """Describe the API once, and let ``app`` keep it.

    FastAPI does not know of problems, of ``fields`` that leave members out of an answer, or of an
    example with null in it.
    """
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            tags=app.openapi_tags,
            routes=app.routes,
        )
        asked = Search.model_json_schema(ref_template=_REF)
        problem = ProblemOut.model_json_schema(ref_template=_REF)
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        schemas |= problem.pop("$defs") | asked["$defs"] | {"Problem": problem}
        for path, verb in _SEARCHES:
            answer = schema["paths"][path][verb]["responses"]["200"]["content"]
            answer["application/json"]["example"] = _ANSWER
        always = set(schemas["ShownOut"]["required"]) - set(get_args(ProductField))
        schemas["ShownOut"]["required"] = sorted(always)
        app.openapi_schema = schema
    return app.openapi_schema


def _in_a_form(field: Described) -> Described:
    """Describe a field that a form leaves out where JSON has null."""
    if "anyOf" not in field:
        return field
    (kind,) = [one for one in field["anyOf"] if one.get("type") != "null"]
    return {name: told for name, told in field.items() if name not in {"anyOf", "default"}} | kind
