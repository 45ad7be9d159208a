"""What every request passes before a route sees it: headers, host, key, size, path."""

import re
from collections.abc import Sequence
from urllib.parse import unquote

from fastapi import HTTPException
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shoplens.serve.auth import Keys, Role, is_loopback
from shoplens.serve.problems import Problem

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
PRODUCTS = "/v1/products/"
HOST = re.compile(r"(\[[0-9a-f:.]*\]|[a-z0-9.-]*)(:[0-9]*)?\Z", re.IGNORECASE)


_SHOWN = ("/v1/images/", "/v1/maps/")
"""Pictures: a page shows them with an ``img``, which sends no key."""


class Shield:
    """Puts the security headers on every answer that does not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, add to what comes back."""

        async def shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, shielded)


class Gate:
    """Lets through who may knock at all; what they may do is for the routes.

    With a key set, everything below /v1 but the thumbnails needs one. Without, only this machine
    can reach us, so a foreign ``Host`` (DNS rebinding) or ``Origin`` (another site's form) is
    somebody else's page using the visitor's browser.
    """

    def __init__(self, app: ASGIApp, keys: Keys, allowed_origins: Sequence[str] = ()) -> None:
        self._app = app
        self._keys = keys
        self._origins = frozenset(allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with the visitor's role in its state, or answer with a problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict[bytes, bytes](scope["headers"])
        role = self._keys.role(headers)
        refusal = self._refusal(scope, headers, role)
        if refusal:
            await refusal(scope, receive, send)
            return
        scope.setdefault("state", {})["role"] = role
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: dict[bytes, bytes], role: Role) -> Problem | None:
        if not self._keys.needed:
            return self._foreign(scope["method"], headers)
        path: str = scope["path"]
        if role or not path.startswith("/v1/") or path.startswith(_SHOWN):
            return None
        return Problem(
            401,
            "send the key as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'",
            headers={"www-authenticate": "Bearer"},
        )

    def _foreign(self, method: str, headers: dict[bytes, bytes]) -> Problem | None:
        host = headers.get(b"host", b"").decode("latin-1")
        named = HOST.match(host)
        if not named or not is_loopback(named[1]):
            return Problem(
                403,
                f"without a key this server answers to localhost only, not to {host[:100]!r}; "
                "set SHOPLENS_SERVE__API_KEY to serve other names",
            )
        origin = headers.get(b"origin", b"").decode("latin-1")
        ours = origin in {"", f"http://{host}", f"https://{host}", *self._origins}
        if method in {"GET", "HEAD", "OPTIONS"} or ours:
            return None
        return Problem(403, f"pages of {origin[:100]!r} may not change this shop")


class BodyLimit:
    """Refuses a body larger than ``max_bytes`` while it arrives, announced or not."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what comes in; 413 as soon as it is too much."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._max_bytes:
                raise HTTPException(413, self._reason)
            return message

        announced = dict[bytes, bytes](scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > self._max_bytes:
            await Problem(413, self._reason)(scope, receive, send)
            return
        await self._app(scope, counted, send)

    @property
    def _reason(self) -> str:
        return (
            f"at most {self._max_bytes} bytes can be sent at once "
            "(serve.max_upload_bytes); send a smaller picture or a part of the feed"
        )


class ExactPaths:
    """Keeps ``%2F`` and ``%25`` in the path below /v1/products as they were sent.

    So the product 'a/similar' is told from what is similar to 'a'; ``product_id_in`` undoes it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Decode the path again, but for those two."""
        if scope["type"] == "http" and scope["path"].startswith(PRODUCTS):
            raw: bytes = scope.get("raw_path") or b""
            kept = re.sub(rb"%(2[fF5])", rb"%25\1", raw).decode("latin-1")
            path = unquote(kept) if raw else scope["path"].replace("%", "%25")
            scope = {**scope, "path": path}
        await self._app(scope, receive, send)


def product_id_in(path: str) -> str:
    """Read a product id out of a path that ``ExactPaths`` has kept."""
    return unquote(path)
