"""Asking: a photo, words or a product goes in, products come out."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import FileResponse

from shoplens.serve.auth import may_search
from shoplens.serve.gate import product_id_in
from shoplens.serve.problems import told
from shoplens.serve.routes.answers import AnswerOut, FieldOut, FieldsOut
from shoplens.serve.routes.asking import FORM, JSON, asked, engine_of, query_of
from shoplens.serve.schemas import Search, Similar, Words

router = APIRouter(prefix="/v1", tags=["search"])
searching = [Depends(may_search)]

_FOREVER = {"cache-control": "public, max-age=31536000, immutable"}
_HEX = r"^[0-9a-f]{64}$"


def _body() -> dict[str, Any]:
    """Describe both ways to ask: FastAPI can only describe one by itself."""
    schema = Search.model_json_schema()
    file = {"type": "string", "format": "binary", "description": "A photo: an image file."}
    form = schema | {"properties": schema["properties"] | {"image": file}}
    example = {"q": "hiking boots", "filter": "price < 120 AND in_stock", "limit": 8}
    content = {FORM: {"schema": form}, JSON: {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/search",
    summary="Search by photo, words or product",
    openapi_extra=_body(),
    responses=told(400, 401, 404, 409, 413, 415, 422),
    dependencies=searching,
)
def search_by_anything(request: Request, asked: Annotated[Search, Depends(asked)]) -> AnswerOut:
    """Find the products that look like the photo, answer to the words, or both together."""
    engine = engine_of(request)
    return AnswerOut.of(engine.search(query_of(engine, asked)))


@router.get(
    "/search",
    summary="Search by words or product",
    responses=told(400, 401, 404, 409, 422),
    dependencies=searching,
)
def search_by_words(request: Request, asked: Annotated[Words, Query()]) -> AnswerOut:
    """Find the products that answer to the words in ``q``, or are similar to a product."""
    engine = engine_of(request)
    return AnswerOut.of(engine.search(query_of(engine, asked)))


@router.get(
    "/products/{product_id:path}/similar",
    summary="Similar products",
    responses=told(400, 401, 404, 409, 422),
    dependencies=searching,
)
def similar(
    request: Request, product_id: Annotated[str, Path()], asked: Annotated[Similar, Query()]
) -> AnswerOut:
    """Find the products most like one of the shop's own, which is left out of the answer."""
    engine = engine_of(request)
    query = query_of(engine, asked, product_id=product_id_in(product_id))
    return AnswerOut.of(engine.search(query))


@router.get("/fields", summary="What can be filtered", responses=told(401), dependencies=searching)
def fields(request: Request) -> FieldsOut:
    """List every field that a filter may name, with its kind."""
    found = engine_of(request).fields()
    return FieldsOut([FieldOut(name, kind) for name, kind in found.items()])


@router.get(
    "/images/{image_hash}.webp",
    summary="Thumbnail",
    responses={200: {"content": {"image/webp": {}}}, **told(404, 422)},
    response_class=FileResponse,
)
def thumbnail(request: Request, image_hash: Annotated[str, Path(pattern=_HEX)]) -> FileResponse:
    """Show an image small. Needs no key, so that a page can show it; its name is a hash."""
    path = engine_of(request).thumbnail(image_hash)
    return FileResponse(path, media_type="image/webp", headers=_FOREVER)
