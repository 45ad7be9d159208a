"""Whatever goes wrong is told as a problem (RFC 9457), in words for the person who asked."""

import logging
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Match

from shoplens.errors import (
    BusyError,
    ConfigError,
    FeedError,
    ImageError,
    MismatchError,
    MissingExtraError,
    NotFoundError,
    QueryError,
    ShoplensError,
    StorageError,
)

STATUS: Mapping[type[ShoplensError], int] = {
    ShoplensError: 500,
    ConfigError: 500,
    MissingExtraError: 501,
    FeedError: 422,
    ImageError: 422,
    QueryError: 400,
    NotFoundError: 404,
    MismatchError: 409,
    BusyError: 503,
    StorageError: 507,
}
"""The only table from error to HTTP status; a subclass not named here takes its parent's."""

TITLES: Mapping[int, str] = {
    400: "The question cannot be understood",
    401: "A key is needed",
    403: "Not allowed",
    404: "Not found",
    405: "Not possible here",
    409: "Two things do not agree",
    413: "Too large",
    415: "Unknown content type",
    422: "Something sent cannot be used",
    500: "Something broke here",
    501: "An optional package is missing",
    503: "Not ready",
    507: "The disk or the database refused",
}

MOST = 50
"""Mistakes told of one request: who sent thousands is helped by the first."""
LONGEST = 500
"""Characters told of where a mistake is, and why: what was sent may be megabytes."""

_UNREADABLE = "There was an error parsing the body"
"""What FastAPI says of JSON in bytes that are no text, or so deep that Python cannot read it."""

_log = logging.getLogger(__name__)


class Problem(JSONResponse):
    """A problem as ``application/problem+json``.

    ``more`` holds further members, such as the ``position`` of a mistake in a filter.
    """

    media_type = "application/problem+json"

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> None:
        members: dict[str, Any] = {
            "type": "about:blank",
            "title": TITLES.get(status, "It did not work"),
            "status": status,
            "detail": detail,
        }
        super().__init__(members | more, status_code=status, headers=headers)
        self.headers.setdefault("cache-control", "no-store")
        self.headers.setdefault("x-content-type-options", "nosniff")


def told(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe in OpenAPI the problems that a route may answer with."""
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {Problem.media_type: {"schema": schema}}
    return {status: {"description": TITLES[status], "content": content} for status in statuses}


def status_of(error: type[ShoplensError]) -> int:
    """Give the status of an error class: its own, or that of its nearest parent."""
    return next(STATUS[kind] for kind in error.__mro__ if kind in STATUS)


def tell_problems(app: FastAPI) -> None:
    """Make ``app`` answer every error with a problem."""
    app.add_exception_handler(ShoplensError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unknown)


def _known(request: Request, error: Exception) -> Problem:
    assert isinstance(error, ShoplensError)  # noqa: S101 - registered for this class only
    status = status_of(type(error))
    if status >= 500:
        _log.error("%s %s: %s", request.method, request.url.path, error, exc_info=error)
    if isinstance(error, QueryError) and error.position is not None:
        return Problem(status, str(error), position=error.position)
    return Problem(status, str(error))


def _invalid(_request: Request, error: Exception) -> Problem:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    found = [_mistake(e) for e in error.errors()[:MOST]]
    return Problem(422, "; ".join(f"{m['at']}: {m['reason']}" for m in found[:5]), errors=found)


def _http(request: Request, error: Exception) -> Problem:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    if error.detail == _UNREADABLE:
        return Problem(400, "the body is no JSON in UTF-8, or lists in lists too deep to be read")
    if error.status_code == 405 and error.detail == "Method Not Allowed":  # Starlette's own
        allowed = ", ".join(_methods(request))
        detail = f"{request.method[:20]} is not possible here; {allowed or 'nothing'} is"
        return Problem(405, detail, headers={"allow": allowed})
    return Problem(error.status_code, str(error.detail), headers=error.headers)


def _methods(request: Request) -> list[str]:
    """List what is possible at an address; a route by itself knows only its own method."""
    routes = request.app.routes
    return [
        method
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
        if any(r.matches({**request.scope, "method": method})[0] is Match.FULL for r in routes)
    ]


def _unknown(request: Request, error: Exception) -> Problem:
    number = uuid.uuid4().urn
    _log.error("%s: %s %s", number, request.method, request.url.path, exc_info=error)
    return Problem(
        500, f"this was not foreseen; the log of the server has it as {number}", instance=number
    )


def _mistake(found: Mapping[str, Any]) -> dict[str, str]:
    """Say where and why, without what was sent: that may be megabytes, or a secret."""
    place: Sequence[object] = found["loc"]
    inner = place[1:] if len(place) > 1 and place[0] in {"body", "query", "path"} else place
    reason = str(found["msg"]).removeprefix("Value error, ")
    if found["type"] == "json_invalid":
        inner, reason = ["body"], f"this is not JSON: {found['ctx']['error']}{_after(place)}"
    return {"at": _cut(".".join(map(str, inner))), "reason": _cut(reason)}


def _after(place: Sequence[object]) -> str:
    """Say where JSON breaks off, if its reader says so."""
    return f", at {place[-1]}" if isinstance(place[-1], int) else ""


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
