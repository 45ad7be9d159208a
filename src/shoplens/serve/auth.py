"""Who may do what: two keys, compared as hashes, and never a public address without one."""

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated

from fastapi import HTTPException, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from shoplens.config import ServeSettings
from shoplens.errors import ConfigError

# the gate has looked at the keys before any body was read; these two describe them in OpenAPI
_Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(HTTPBearer(auto_error=False))]
_Header = Annotated[str | None, Security(APIKeyHeader(name="X-API-Key", auto_error=False))]


class Role(IntEnum):
    """What a visitor may do; a higher role may do everything a lower one may."""

    NOBODY = 0
    SEARCH = 1
    ADMIN = 2


@dataclass(frozen=True, slots=True)
class Keys:
    """Hashes of the keys that are set; without any, everyone who reaches us is an admin."""

    admin: bytes
    search: bytes

    @classmethod
    def of(cls, settings: ServeSettings) -> "Keys":
        """Hash the keys in ``settings``; an empty one is none."""
        return cls(_digest(settings.api_key.encode()), _digest(settings.search_key.encode()))

    @property
    def needed(self) -> bool:
        """Whether any key is set."""
        return bool(self.admin or self.search)

    def role(self, headers: Mapping[bytes, bytes]) -> Role:
        """Tell what the key in ``headers`` (names in lower case) allows."""
        if not self.needed:
            return Role.ADMIN
        given = _digest(_given(headers))
        # both are always compared, so that time tells nothing about either
        admin = hmac.compare_digest(given, self.admin) and bool(self.admin)
        search = hmac.compare_digest(given, self.search) and bool(self.search)
        return Role.ADMIN if admin else Role.SEARCH if search else Role.NOBODY


def check_address(host: str, settings: ServeSettings) -> None:
    """Refuse to listen where others can reach us, unless they need a key.

    Raises:
        ConfigError: ``host`` is not this machine only, and no ``api_key`` is set.
    """
    if settings.api_key or is_loopback(host):
        return
    shown = host or "every address"
    raise ConfigError(
        f"listening on {shown} lets the whole network change this shop: set SHOPLENS_SERVE__API_KEY"
        " (or serve.api_key in shoplens.toml), or keep the host 127.0.0.1"
    )


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach ``host``; other names than localhost count as no."""
    bare = host.strip("[]").lower()
    try:
        return ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return bare == "localhost"


def may_search(request: Request, _bearer: _Bearer, _header: _Header) -> None:
    """Let through who has any key."""
    _demand(request, Role.SEARCH)


def may_change(request: Request, _bearer: _Bearer, _header: _Header) -> None:
    """Let through who has the admin key."""
    _demand(request, Role.ADMIN)


def _demand(request: Request, wanted: Role) -> None:
    role: Role = request.scope["state"]["role"]
    if role < wanted:
        raise HTTPException(
            403, "this key may search only; the admin key (serve.api_key) is needed"
        )


def _given(headers: Mapping[bytes, bytes]) -> bytes:
    scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() == b"bearer" and token.strip():
        return token.strip()
    return headers.get(b"x-api-key", b"").strip()


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest() if key else b""
