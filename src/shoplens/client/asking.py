"""What can be asked of a server, each a ``Talk``: written once, led by either client."""

import base64
import json
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, TypedDict
from urllib.parse import quote

from shoplens.client.answers import (
    Answer,
    Field,
    Fields,
    Job,
    Page,
    Product,
    Rejection,
    Rejections,
    Status,
)
from shoplens.client.wire import Request, Talk
from shoplens.errors import BusyError, FeedError, ImageError, QueryError

File = bytes | Path | IO[bytes]
"""Bytes, where to read them, or a file that is open for reading as bytes."""
Watch = Callable[[Job], None]

FIRST_LOOK_S = 0.1
LONGEST_LOOK_S = 2.0

_TOLD = frozenset({"product_id", "images", "stage"})
"""Members of a product that are not sent as they are."""


class Narrowed(TypedDict, total=False):
    """What narrows a question: words, a filter, how many, and how many to pass over."""

    q: str
    filter: str
    limit: int | None
    offset: int


class Asked(Narrowed, total=False):
    """A question beside its photo; ``box`` is the part of it that is meant, sides from 0 to 1."""

    product_id: str
    box: tuple[float, float, float, float]


class FeedOptions(TypedDict, total=False):
    """How a feed is read; ``mapping`` goes from product field to column."""

    name: str
    kind: str
    mapping: Mapping[str, str]
    allow_shrink: bool


# ---- questions ---------------------------------------------------------------------------------


def search(image: File | None, asked: Asked) -> Talk[Answer]:
    """Ask with a photo, words, a product, or several together."""
    given = _given(asked)
    if image is None:
        reply = yield Request("POST", "/v1/search", body=given)
    else:
        file = {"image": ("image", _bytes(image))}
        reply = yield Request("POST", "/v1/search", form=_form(given), files=file)
    return reply.read(Answer)


def similar(product_id: str, asked: Narrowed) -> Talk[Answer]:
    """Ask for what is like a product of the shop."""
    reply = yield Request("GET", f"{_path(product_id)}/similar", params=_given(asked))
    return reply.read(Answer)


def filterable() -> Talk[tuple[Field, ...]]:
    """Ask what can be filtered."""
    reply = yield Request("GET", "/v1/fields")
    return reply.read(Fields).fields


# ---- products ----------------------------------------------------------------------------------


def product(product_id: str) -> Talk[Product]:
    """Look a product up."""
    reply = yield Request("GET", _path(product_id))
    return reply.read(Product)


def page(after: int, limit: int) -> Talk[Page]:
    """List a page of products."""
    reply = yield Request("GET", "/v1/products", params={"after": after, "limit": limit})
    return reply.read(Page)


def put(product: Product, images: Iterable[File | str]) -> Talk[Product]:
    """Add or replace a product: the images that the server named, then ``images``."""
    given = {one.name: getattr(product, one.name) for one in fields(product)}
    body = {name: _plain(value) for name, value in _given(given).items() if name not in _TOLD}
    if product.group_id == product.product_id:
        del body["group_id"]  # as the server tells it for a product without variants
    kept = [image.source for image in product.images]
    body["images"] = kept + [_image(image) for image in images]
    reply = yield Request("PUT", _path(product.product_id), body=body)
    return reply.read(Product)


def remove(product_id: str) -> Talk[None]:
    """Forget a product."""
    yield Request("DELETE", _path(product_id))


# ---- feeds and how things stand ----------------------------------------------------------------


def queue(feed: File, how: FeedOptions) -> Talk[Job]:
    """Send a feed, which becomes a job."""
    form = _form(_given(how))
    with _opened(feed) as file:
        reply = yield Request(
            "POST",
            "/v1/feeds",
            form=form,
            files={"file": file},
            repeatable=False,
            refused=FeedError,
        )
    return reply.read(Job)


def job(job_id: str, after_s: float = 0) -> Talk[Job]:
    """Look how far a job has come."""
    reply = yield Request("GET", f"/v1/jobs/{quote(job_id, safe='')}", after_s=after_s)
    return reply.read(Job)


def wait(waited: Job | str, watch: Watch | None, timeout_s: float | None) -> Talk[Job]:
    """Look at a job until it ends, less and less often."""
    job_id = waited if isinstance(waited, str) else waited.job_id
    before, slept_s, pause_s = None, 0.0, 0.0
    while True:
        now = yield from job(job_id, pause_s)
        if watch and now != before:
            watch(now)
        if now.state == "done":
            return now
        if now.ended:
            raise FeedError(f"job {job_id} {now.state}: {now.message or 'no reason was given'}")
        before, slept_s = now, slept_s + pause_s
        if timeout_s is not None and slept_s >= timeout_s:
            raise BusyError(f"job {job_id} is still {now.state} after {timeout_s:g} s; it goes on")
        left_s = LONGEST_LOOK_S if timeout_s is None else timeout_s - slept_s
        pause_s = min(max(pause_s * 1.5, FIRST_LOOK_S), LONGEST_LOOK_S, left_s)


def index(feed: File, watch: Watch | None, how: FeedOptions) -> Talk[Job]:
    """Send a feed and wait for the end of its job."""
    queued = yield from queue(feed, how)
    return (yield from wait(queued, watch, None))


def rejections(limit: int) -> Talk[tuple[Rejection, ...]]:
    """List what was refused."""
    reply = yield Request("GET", "/v1/rejections", params={"limit": limit})
    return reply.read(Rejections).rejections


def status() -> Talk[Status]:
    """Count everything."""
    reply = yield Request("GET", "/v1/status")
    return reply.read(Status)


def ready() -> Talk[bool]:
    """Ask whether a search would be answered."""
    reply = yield Request("GET", "/readyz", accepts=503)
    return reply.status == 200


# ---- what is sent ------------------------------------------------------------------------------


def _given(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing; zero and False say something."""
    return {name: value for name, value in asked.items() if value not in (None, "", (), {})}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value


def _form(given: Mapping[str, Any]) -> dict[str, str]:
    """Write what is no text as JSON: a form has text only."""
    return {k: v if isinstance(v, str) else json.dumps(v) for k, v in given.items()}


def _path(product_id: str) -> str:
    if not product_id:
        raise QueryError("a product id cannot be empty")
    quoted = quote(product_id, safe="")
    dots = not quoted.strip(".")  # "..", as it stands, would mean the folder above
    return f"/v1/products/{quoted.replace('.', '%2E') if dots else quoted}"


def _image(image: File | str) -> str:
    if isinstance(image, str) and image.startswith(("http://", "https://")):
        return image
    return f"data:application/octet-stream;base64,{base64.b64encode(_bytes(image)).decode()}"


def _bytes(image: object) -> bytes:
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
def _opened(feed: File) -> Generator[tuple[str, bytes | IO[bytes]]]:
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
