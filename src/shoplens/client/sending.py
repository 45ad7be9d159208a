"""What is sent: questions, photos, products and files, and how each is written for the wire."""

import base64
import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Literal, TypedDict

from shoplens.client.wire import Request
from shoplens.errors import FeedError, ImageError

File = bytes | Path | IO[bytes]
"""Bytes, where to read them, or a file that is open for reading as bytes."""
Sides = tuple[float, float, float, float]
"""Left, top, right, bottom, each from 0 to 1 of a photo's width or height."""
Sort = Literal["relevance", "price:asc", "price:desc", "newest", "popularity"]

SEARCH = "/v1/search"


@dataclass(frozen=True, slots=True)
class Thing:
    """One more thing asked for, or against: words, a photo, or a product of the shop.

    ``box`` is the part of its photo that is meant. ``weight`` is how much it counts, where the
    question's own photo and words count 1; a thing asked against counts half that if not given.
    """

    q: str = ""
    image: File | None = None
    query_image_id: str = ""
    product_id: str = ""
    box: Sides | None = None
    weight: float | None = None


class Narrowed(TypedDict, total=False):
    """What narrows a question: words, a filter, a colour; which part of the answer, and what of it.

    ``typing``: the last word of ``q`` may be unfinished. ``facets`` are counted over the whole
    answer, at most ``facet_values`` told of each. ``distinct`` shows the best variant of each group
    only; ``diversity`` goes from 0, most alike, to 1, most varied. ``fields`` are what is told of
    each product, all if not given; ``explain`` tells why each is there.
    """

    q: str
    typing: bool
    colour: str
    filter: str
    facets: Sequence[str]
    facet_values: int
    sort: Sort
    limit: int | None
    offset: int
    distinct: bool
    diversity: float
    fields: Sequence[str]
    explain: bool


class Asked(Narrowed, total=False):
    """A question beside its photo, or with ``query_image_id`` instead of one sent before.

    ``box`` is the part of the photo that is meant; ``like`` and ``unlike`` are asked beside it.
    """

    product_id: str
    query_image_id: str
    box: Sides | None
    like: Sequence[Thing]
    unlike: Sequence[Thing]


class FeedOptions(TypedDict, total=False):
    """How a feed is read; ``mapping`` goes from product field to column."""

    name: str
    kind: str
    mapping: Mapping[str, str]
    allow_shrink: bool


def question(image: File | None, asked: Asked) -> Request:
    """Write a question as JSON, a photo as base64; as a form if there is a photo and no thing.

    Raises:
        ImageError: a photo cannot be read.
    """
    body = given(asked)
    things = [name for name in ("like", "unlike") if name in body]
    body |= {name: [_thing(thing) for thing in body[name]] for name in things}
    if image is None:
        return Request("POST", SEARCH, body=body)
    data = file_bytes(image)
    if things:
        return Request("POST", SEARCH, body=body | {"image": base64_text(data)})
    return Request("POST", SEARCH, form=form(body), files={"image": ("image", data)})


def by_id(asked: Asked, query_image_id: str) -> Request:
    """Ask with a photo that the server may remember: 404 is an answer too."""
    known: Asked = {**asked, "query_image_id": query_image_id}
    return replace(question(None, known), accepts=404)


def at_hand(asked: Asked) -> Asked:
    """Read the photos of its things, so that a question can be written more than once."""
    read = asked.copy()
    if "like" in asked:
        read["like"] = [_read(thing) for thing in asked["like"]]
    if "unlike" in asked:
        read["unlike"] = [_read(thing) for thing in asked["unlike"]]
    return read


def members(noun: Any, *, without: frozenset[str]) -> dict[str, Any]:
    """Write a dataclass as JSON wants it, leaving out what says nothing, and ``without``."""
    told = {one.name: getattr(noun, one.name) for one in fields(noun) if one.name not in without}
    return {name: _plain(value) for name, value in given(told).items()}


def given(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing; zero and False say something."""
    return {name: value for name, value in asked.items() if value not in (None, "", (), {}, [])}


def form(given: Mapping[str, Any]) -> dict[str, str]:
    """Write what is no text as JSON: a form, like an address, has text only."""
    return {k: v if isinstance(v, str) else json.dumps(v) for k, v in given.items()}


def image_source(image: File | str) -> str:
    """Write an image of a product: a URL as it is, a file as a data URL."""
    if isinstance(image, str) and image.startswith(("http://", "https://")):
        return image
    return f"data:application/octet-stream;base64,{base64_text(file_bytes(image))}"


def base64_text(data: bytes) -> str:
    """Write bytes as JSON can hold them."""
    return base64.b64encode(data).decode()


def file_bytes(image: object) -> bytes:
    """Read an image file; a path as text is refused, for it would be another machine's.

    Raises:
        ImageError: it cannot be read, or is neither bytes, a Path nor an open file.
    """
    try:
        data = image.read_bytes() if isinstance(image, Path) else image
    except OSError as error:
        raise ImageError(f"{image} cannot be read: {error.strerror}") from error
    if not isinstance(data, bytes) and hasattr(data, "read"):
        data = data.read()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType] - looked
    if isinstance(data, bytes):
        return data
    raise ImageError(f"send an image as bytes, a Path or a file opened with 'rb', not {image!r}")


@contextmanager
def opened(feed: File) -> Generator[tuple[str, bytes | IO[bytes]]]:
    """Open a feed, named by the last part of its path: the rest is nobody's business."""
    if isinstance(feed, Path):
        try:
            file = feed.open("rb")
        except OSError as error:
            raise FeedError(f"{feed} cannot be read: {error.strerror}") from error
        with file:
            yield feed.name, file
    elif isinstance(feed, bytes):
        yield "feed", feed
    else:
        yield Path(str(getattr(feed, "name", "feed"))).name, feed


def _thing(thing: Thing) -> dict[str, Any]:
    told = members(thing, without=frozenset({"image"}))
    return told if thing.image is None else told | {"image": base64_text(file_bytes(thing.image))}


def _read(thing: Thing) -> Thing:
    return thing if thing.image is None else replace(thing, image=file_bytes(thing.image))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
