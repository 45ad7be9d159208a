"""Asking: a photo, words or a product goes in, products come out."""

from collections.abc import Sequence
from typing import Annotated, get_args

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import FileResponse, JSONResponse

from shoplens.serve.auth import may_search
from shoplens.serve.gate import product_id_in
from shoplens.serve.openapi import question
from shoplens.serve.problems import told
from shoplens.serve.routes.asking import FORM, JSON, IdInPath, answer_to, asked, engine_of
from shoplens.serve.routes.out.answers import AnswerOut, SuggestOut
from shoplens.serve.routes.out.records import FieldOut, FieldsOut
from shoplens.serve.schemas.questions import ProductField, Search, Similar, Suggest, Words

router = APIRouter(prefix="/v1", tags=["search"])
searching = [Depends(may_search)]

_FOREVER = {"cache-control": "public, max-age=31536000, immutable"}
_FOR_NOW = {"cache-control": "private, max-age=600"}
_HEX = r"^[0-9a-f]{64}$"


@router.post(
    "/search",
    summary="Search by photo, words or product",
    openapi_extra=question(FORM, JSON),
    response_model=AnswerOut,
    responses=told(400, 401, 404, 409, 413, 415, 422),
    dependencies=searching,
)
def search_by_anything(
    request: Request, asked: Annotated[Search, Depends(asked)]
) -> AnswerOut | Response:
    """Find the products that look like the photo, answer to the words, or both together.

    Without anything asked, the products that the filter allows are listed.
    """
    answer, photo = answer_to(engine_of(request), asked)
    return told_with(AnswerOut.of(answer, photo.query_image_id), asked.fields)


@router.get(
    "/search",
    summary="Search by words or product",
    response_model=AnswerOut,
    responses=told(400, 401, 404, 409, 422),
    dependencies=searching,
)
def search_by_words(request: Request, asked: Annotated[Words, Query()]) -> AnswerOut | Response:
    """Find the products that answer to the words in ``q``, or are similar to a product."""
    answer, _ = answer_to(engine_of(request), asked)
    return told_with(AnswerOut.of(answer), asked.fields)


@router.get(
    "/products/{product_id:path}/similar",
    summary="Similar products",
    response_model=AnswerOut,
    responses=told(400, 401, 404, 409, 422),
    dependencies=searching,
)
def similar(
    request: Request, product_id: IdInPath, asked: Annotated[Similar, Query()]
) -> AnswerOut | Response:
    """Find the products most like one of the shop's own, which is left out of the answer."""
    answer, _ = answer_to(engine_of(request), asked, product_id=product_id_in(product_id))
    return told_with(AnswerOut.of(answer), asked.fields)


@router.api_route(
    "/products/{product_id:path}/similar",
    methods=["HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "QUERY", "TRACE"],
    include_in_schema=False,
)
def not_similar() -> None:
    """Keep this from being read as a change of the product 'a/similar'."""
    reason = "only GET is possible here; the product 'a/similar' is written a%2Fsimilar"
    raise HTTPException(405, reason, headers={"allow": "GET"})


@router.get("/suggest", summary="As you type", responses=told(401, 422), dependencies=searching)
def suggest(request: Request, asked: Annotated[Suggest, Query()]) -> SuggestOut:
    """Complete what has been typed so far: queries, categories and products."""
    return SuggestOut.of(engine_of(request).suggest(asked.q, asked.limit))


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


@router.get(
    "/maps/{ref}/{image_hash}.webp",
    summary="Similarity map",
    responses={200: {"content": {"image/webp": {}}}, **told(400, 404, 422)},
    response_class=Response,
)
def similarity_map(
    request: Request, ref: Annotated[str, Path()], image_hash: Annotated[str, Path(pattern=_HEX)]
) -> Response:
    """Show where a product agrees with what was asked: `why.map` of an answer is such a path.

    Needs no key, so that a page can show it.
    """
    drawn = engine_of(request).maps.draw(ref, image_hash)
    return Response(drawn, media_type="image/webp", headers=_FOR_NOW)


def told_with(answer: AnswerOut, fields: Sequence[str]) -> AnswerOut | Response:
    """Tell an answer; of each product only ``fields``, if given, beside what every answer has."""
    if not fields:
        return answer
    told_all = jsonable_encoder(answer)
    for product in told_all["products"]:
        for name in set(get_args(ProductField)) - set(fields):
            del product[name]
    return JSONResponse(told_all)
