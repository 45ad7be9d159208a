"""A question arrives as a form, as JSON or in the address; here it becomes one ``Query``."""

from collections.abc import Mapping

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import FormData, UploadFile

from shoplens.engine import Engine
from shoplens.regions.box import Box
from shoplens.serve.schemas import Search, Similar, Words, read_search
from shoplens.types import Pixels, Query

FORM = "multipart/form-data"
JSON = "application/json"


def engine_of(request: Request) -> Engine:
    """Give the engine that this app was made with."""
    engine: Engine = request.app.state.engine
    return engine


def content_type(request: Request) -> str:
    """Read the media type of the body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def only_json(request: Request) -> None:
    """Refuse a body that is not JSON (415)."""
    if content_type(request) != JSON:
        raise _unknown_type(request, JSON)


def only_form(request: Request) -> None:
    """Refuse a body that is not a form with files (415)."""
    if content_type(request) != FORM:
        raise _unknown_type(request, FORM)


async def asked(request: Request) -> Search:
    """Read a question out of a body of either kind; 415 for any other."""
    kind = content_type(request)
    if kind == JSON:
        return read_search(await request.body())
    if kind != FORM:
        raise _unknown_type(request, f"{FORM} or {JSON}")
    async with request.form(max_files=1, max_fields=16) as form:
        return read_search(await _fields(form))


def query_of(
    engine: Engine,
    asked: Similar | Words | Search,
    *,
    product_id: str = "",
) -> Query:
    """Make the query: decode its photo, parse its filter, fill in how many.

    Raises:
        ImageError: the photo cannot be decoded.
        QueryError: the filter cannot be understood, or the box is none.
    """
    return Query(
        picture=_picture(engine, asked),
        text=asked.q,
        product_id=product_id or (asked.product_id if isinstance(asked, Words) else ""),
        filter=engine.filter(asked.filter),
        k=asked.limit or engine.settings.search.k,
        offset=asked.offset,
    )


def _picture(engine: Engine, asked: Similar) -> Pixels | None:
    if not isinstance(asked, Search) or asked.image is None:
        return None
    return engine.picture(asked.image, Box(*asked.box) if asked.box else None)


async def _fields(form: FormData) -> Mapping[str, object]:
    """Read each field once; a field that a browser's form left empty counts as not sent."""
    fields: dict[str, object] = {}
    for name, value in form.multi_items():
        if value == "" or (isinstance(value, UploadFile) and not (value.filename or value.size)):
            continue
        if name in fields:
            mistake = {"loc": ("body", name), "msg": "it was sent twice", "type": "value_error"}
            raise RequestValidationError([mistake])
        fields[name] = await value.read() if isinstance(value, UploadFile) else value
    return fields


def _unknown_type(request: Request, wanted: str) -> HTTPException:
    given = request.headers.get("content-type", "")[:100]
    return HTTPException(415, f"send this as {wanted}, not as {given or 'nothing said'}")
