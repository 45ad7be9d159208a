"""What did not go well is asked again, or becomes an error of ours."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from itertools import count

from shoplens.client.answers import Problem
from shoplens.client.wire import Reply, Request, T, Talk
from shoplens.errors import (
    BusyError,
    ConfigError,
    FeedError,
    MismatchError,
    NotFoundError,
    QueryError,
    ShoplensError,
    StorageError,
)

ERRORS: Mapping[int, type[ShoplensError]] = {
    0: BusyError,
    401: ConfigError,
    403: ConfigError,
    404: NotFoundError,
    409: MismatchError,
    429: BusyError,
    501: ConfigError,
    502: BusyError,
    503: BusyError,
    504: BusyError,
    507: StorageError,
}
"""From status to error, as far as the request has no say; any other is a ShoplensError."""

FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 30.0
"""A server that wants more than this is not waited for."""
LARGE_BYTES = 1_000_000


def patiently(talk: Talk[T], retries: int) -> Talk[T]:
    """Lead ``talk``, which is sent good replies only: ask again what may be, or raise.

    Raises:
        ShoplensError: whatever a server refuses with, see ``error_of``. Each has ``status``, 0 if
            no server refused, and ``detail``.
    """
    try:
        request = next(talk)
        while True:
            reply = yield from _asked(request, retries)
            request = talk.send(reply)
    except StopIteration as end:
        told: T = end.value
        return told
    except ShoplensError as error:
        vars(error).setdefault("status", 0)
        vars(error).setdefault("detail", str(error))
        raise
    finally:
        talk.close()


def _asked(request: Request, retries: int) -> Talk[Reply]:
    broken = False
    for attempt in count():
        reply = yield request
        if 200 <= reply.status < 300 or reply.status == request.accepts:
            return reply
        if broken and request.method == "DELETE" and reply.status == 404:
            return reply  # the first one went through, only its answer was lost
        pause_s = pause_after(reply, attempt)
        if attempt == retries or pause_s is None or not request.repeatable:
            raise error_of(request, reply)
        broken = broken or reply.broken
        request = replace(request, after_s=pause_s)
    raise AssertionError  # never: it counts on


def pause_after(reply: Reply, attempt: int) -> float | None:
    """Say how many seconds to wait before asking again; None where that would not help.

    A connection that was kept open too long breaks at once: the first pause after one is none.
    """
    ours = FIRST_PAUSE_S * 2**attempt
    if reply.broken:
        return ours if attempt else 0.0
    pause_s = _retry_after_s(reply.headers)
    if reply.status == 503 and pause_s is None:
        pause_s = ours
    wanted = reply.status in {429, 503} and pause_s is not None and pause_s <= LONGEST_PAUSE_S
    return pause_s if wanted else None


def error_of(request: Request, reply: Reply) -> ShoplensError:
    """Make the error of a reply, in the words of the server; a QueryError has its ``position``."""
    problem = _problem_in(reply)
    detail = problem.detail or problem.title
    if reply.status == 413:
        detail = f"{reply.sent_bytes:,} bytes are too large for this server: {detail}"
    kind = _kind(request, reply.status, problem)
    error = kind(detail)
    if isinstance(error, QueryError):
        error.position = problem.position
    vars(error)["status"] = reply.status
    return error


def status_of(error: ShoplensError) -> int:
    """Tell with which HTTP status a server refused; 0 if none did."""
    status: int = vars(error).get("status", 0)
    return status


def _kind(request: Request, status: int, problem: Problem) -> type[ShoplensError]:
    if status == 400 or (status == 422 and problem.errors and request.refused is not FeedError):
        return QueryError
    if status in {413, 422}:
        return request.refused
    return ERRORS.get(status, ShoplensError)


def _problem_in(reply: Reply) -> Problem:
    if reply.headers.get("content-type", "").startswith("application/problem+json"):
        return reply.read(Problem)
    told = reply.body[:200].decode(errors="replace").strip()
    if reply.status:
        moved = reply.headers.get("location", "")
        where = f"; it is at {moved} now" if moved else ""
        return Problem(f"status {reply.status} and not as shoplens answers{where}: {told!r}")
    if reply.broken and reply.sent_bytes > LARGE_BYTES:
        told += f"; {reply.sent_bytes:,} bytes may be more than serve.max_upload_bytes allows"
    return Problem(told)


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3): seconds, or a date, counted from the reply's own."""
    told = headers.get("retry-after", "").strip()
    try:
        if told.isdecimal():
            return float(told)
        wait = parsedate_to_datetime(told) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return max(wait, timedelta()).total_seconds()
