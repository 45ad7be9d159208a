"""Requests and replies as data, and the way from one to the other that both clients share."""

import ipaddress
import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, TypeVar

import httpx

from shoplens.client.parse import parse
from shoplens.errors import ConfigError, ImageError, ShoplensError

T = TypeVar("T")
Upload = tuple[str, bytes | IO[bytes]]
"""A file's name and content."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask: ``body`` goes as JSON, or ``form`` and ``files`` as a form.

    ``repeatable``: asking twice does no harm. ``accepts``: a status that is an answer too.
    ``after_s``: wait so long before sending. ``refused`` is the error if what was sent is too
    large or cannot be used.
    """

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    body: Mapping[str, Any] | None = None
    form: Mapping[str, str] = field(default_factory=dict[str, str])
    files: Mapping[str, Upload] = field(default_factory=dict[str, Upload])
    repeatable: bool = True
    accepts: int = 200
    after_s: float = 0.0
    refused: type[ShoplensError] = ImageError


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; ``status`` 0: nothing did, ``body`` says why in words.

    ``broken``: the connection was, so that another one may do better. ``sent_bytes`` counts the
    body of the request; 0 if it was not known beforehand.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    broken: bool = False
    sent_bytes: int = 0

    def read(self, kind: type[T]) -> T:
        """Read the body as a ``kind``; ShoplensError if it is none."""
        try:
            told = json.loads(self.body)
        except ValueError as error:
            raise ShoplensError(f"this is no answer of shoplens: {self.body[:80]!r}") from error
        return parse(kind, told)


Talk = Generator[Request, Reply, T]
"""Asks one request after the other, is sent their replies, returns what they amount to."""


def options(url: str, key: str, timeout_s: float) -> dict[str, Any]:
    """Say how an httpx client of either kind is to be made.

    Raises:
        ConfigError: ``url`` is none that a server can be reached at, or ``key`` cannot be sent.
    """
    try:
        base = httpx.URL(url)
    except (httpx.InvalidURL, TypeError) as error:
        raise ConfigError(f"{url!r} is no URL: {error}") from error
    if base.scheme not in {"http", "https"} or not base.host or base.query or base.fragment:
        raise ConfigError(f"{url!r} is no URL of a server, such as http://127.0.0.1:8000")
    key = key.strip()
    if not key.isprintable():
        raise ConfigError("the key holds a control character")
    key_header = {"x-api-key": key.encode()} if key else {}
    return {
        "base_url": base,
        "headers": {"accept": "application/json", **key_header},
        "timeout": httpx.Timeout(timeout_s, pool=None),  # many at once wait for their turn
        "trust_env": not _is_loopback(base.host),  # no proxy stands between us and ourselves
    }


def built(http: httpx.Client | httpx.AsyncClient, request: Request) -> httpx.Request:
    """Write a request down as httpx wants it."""
    return http.build_request(
        request.method,
        request.path,
        params=request.params or None,
        json=request.body,
        data=dict(request.form) or None,
        files=dict(request.files) or None,
    )


def replied(response: httpx.Response) -> Reply:
    """Take what both clients get."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    sent = _length(response.request)
    return Reply(response.status_code, response.content, headers, sent_bytes=sent)


def failed(error: httpx.RequestError) -> Reply:
    """Say in words why nothing came back."""
    request = error.request
    server = f"{request.url.scheme}://{request.url.netloc.decode()}"  # and no password
    why = str(error) or type(error).__name__
    if isinstance(error, httpx.TimeoutException):
        told = f"{server} did not answer in time (timeout_s)"
    elif isinstance(error, httpx.ConnectError):
        told = f"{server} cannot be reached: {why}"
    else:
        told = f"{server} broke the connection off: {why}"
    network = (httpx.NetworkError, httpx.RemoteProtocolError, httpx.ConnectTimeout)
    broken = isinstance(error, network)
    return Reply(0, told.encode(), broken=broken, sent_bytes=_length(request))


def _length(request: httpx.Request) -> int:
    return int(request.headers.get("content-length", 0))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
