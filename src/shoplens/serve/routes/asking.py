"""A question arrives as a form, as JSON or in the address, and becomes one ``Query``."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated

from fastapi import HTTPException, Path, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import FormData, UploadFile

from shoplens.answer.answer import Answer
from shoplens.answer.reasons.refs import PhotoRef
from shoplens.engine import Engine
from shoplens.errors import QueryError
from shoplens.regions.box import Box
from shoplens.serve.schemas.questions import Search, Similar, Words, read_search
from shoplens.serve.schemas.values import Sides
from shoplens.types import Pixels, Query, Sort, Term

FORM = "multipart/form-data"
JSON = "application/json"
IdInPath = Annotated[str, Path(description="Percent-encoded; 'a/b' is a%2Fb.", examples=["boot-1"])]


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
    async with request.form(max_files=1, max_fields=32) as form:
        return read_search(await _fields(form))


SORTS: Mapping[str, Sort | None] = MappingProxyType(
    {
        "relevance": None,
        "price:asc": Sort("price"),
        "price:desc": Sort("price", descending=True),
        "newest": Sort("added", descending=True),
        "popularity": Sort("popularity", descending=True),
    }
)
FARTHEST = 2**63
"""Far beyond every limit, and still a number that a message can hold."""
UNLIKE_WEIGHT = 0.35
"""What a thing not wanted counts if nobody says: at 1 the answer would flee all that is like it."""


@dataclass(frozen=True, slots=True)
class Photo:
    """The photo of a question, decoded, and how to name it later; empty names nothing."""

    picture: Pixels | None = None
    query_image_id: str = ""
    box: Box | None = None

    @property
    def ref(self) -> PhotoRef | None:
        """What a map compares with."""
        return PhotoRef(self.query_image_id, self.box) if self.query_image_id else None


def answer_to(
    engine: Engine, asked: Similar | Words | Search, *, product_id: str = ""
) -> tuple[Answer, Photo]:
    """Make the query: decode its photos, parse its filter, fill in how many; then answer it.

    Raises:
        ImageError: a photo cannot be decoded.
        NotFoundError: a photo is no longer remembered, or there is no such product.
        QueryError: the filter cannot be understood, a box is none, photos are too large together.
    """
    photo = _photo(engine, asked)
    query = Query(
        picture=photo.picture,
        text=asked.q,
        product_id=product_id or (asked.product_id if isinstance(asked, Words) else ""),
        filter=engine.filter(asked.filter),
        k=min(asked.limit or engine.settings.search.k, FARTHEST),
        offset=min(asked.offset, FARTHEST),
        colour=engine.colour(asked.colour) if asked.colour.strip() else None,
        terms=_terms(engine, asked),
        sort=SORTS[asked.sort],
        distinct=asked.distinct,
        diversity=asked.diversity,
        facets=tuple(dict.fromkeys(asked.facets)),
        facet_values=asked.facet_values,
        typing=asked.typing,
        explain=asked.explain,
    )
    return engine.search(query, photo.ref), photo


def _terms(engine: Engine, asked: Similar) -> tuple[Term, ...]:
    if not isinstance(asked, Search):
        return ()
    signs = [(thing, 1.0, 1.0) for thing in asked.like]
    signs += [(thing, -1.0, UNLIKE_WEIGHT) for thing in asked.unlike]
    terms: list[Term] = []
    left = engine.settings.images.max_pixels
    for thing, sign, usual in signs:
        picture = _decoded(engine, thing.image, thing.query_image_id, thing.box)
        left -= 0 if picture is None else picture.shape[0] * picture.shape[1]
        if left < 0:
            raise QueryError(
                "the photos of like and unlike are too large together: images.max_pixels reads at "
                f"most {engine.settings.images.max_pixels:,} pixels; send smaller ones, or fewer"
            )
        weight = sign * (usual if thing.weight is None else thing.weight)
        terms.append(Term(picture, thing.q, thing.product_id, weight))
    return tuple(terms)


def _photo(engine: Engine, asked: Similar) -> Photo:
    if not isinstance(asked, Search) or (asked.image is None and not asked.query_image_id):
        return Photo()
    picture = _decoded(engine, asked.image, asked.query_image_id, asked.box)
    known = asked.query_image_id or engine.recent.put(asked.image or b"")
    return Photo(picture, known, Box(*asked.box) if asked.box else None)


def _decoded(
    engine: Engine, image: bytes | None, query_image_id: str, box: Sides | None
) -> Pixels | None:
    data = engine.recent.get(query_image_id) if query_image_id else image
    return None if data is None else engine.picture(data, Box(*box) if box else None)


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
