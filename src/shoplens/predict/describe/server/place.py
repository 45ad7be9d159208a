"""Where pictures would go, and whether somebody said that they may."""

import ipaddress
import re
from dataclasses import dataclass

import httpx

from shoplens.errors import ConfigError

_HOST = re.compile(r"[\w.:-]+")


@dataclass(frozen=True, slots=True)
class Place:
    """A server: ``address`` is its URL up to ``/v1``, ``host`` what pictures are sent to."""

    address: str
    host: str
    local: bool
    encrypted: bool

    @property
    def told(self) -> str:
        """Say where it is, and what is worth knowing about the way there."""
        if self.local:
            return f"{self.host} (this machine)"
        return self.host if self.encrypted else f"{self.host} (not encrypted)"


def place_of(url: str) -> Place:
    """Read the address of a server.

    Raises:
        ConfigError: it is no http address, or carries a name, a key or a query that would be shown.
    """
    if not url:
        raise ConfigError(
            "no language model was named; give --llm http://127.0.0.1:11434/v1 or set llm.url"
        )
    try:
        found = httpx.URL(url.strip())
    except httpx.InvalidURL as error:
        raise ConfigError(f"llm.url is no address ({error})") from error
    usable = _HOST.fullmatch(found.host) and 0 < (found.port or 1) < 1 << 16
    if found.scheme not in {"http", "https"} or not usable:
        raise ConfigError(f"llm.url wants http://HOST/v1 or https://HOST/v1, not {url[:80]!r}")
    if found.userinfo or found.query or found.fragment:
        raise ConfigError(
            "llm.url ends at /v1, without a name, key or query in it; the key belongs in "
            "SHOPLENS_LLM__API_KEY"
        )
    host = f"{found.host}:{found.port}" if found.port else found.host
    return Place(str(found).rstrip("/"), host, _is_here(found.host), found.scheme == "https")


def _is_here(host: str) -> bool:
    """Tell loopback by its number or its one reserved name; other names may lead anywhere."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def permit(place: Place, named: str, *, allow_remote: bool) -> None:
    """Let pictures leave this machine only where that was said.

    ``named`` is the host that somebody typed for this run, with or without its port.

    Raises:
        ConfigError: nobody said it, or another host was named.
    """
    bare = httpx.URL(place.address).host
    if named and named.lower() not in {place.host, bare}:
        raise ConfigError(f"--send-pictures-to says {named}, but llm.url leads to {place.host}")
    if not (place.local or named or allow_remote):
        raise ConfigError(
            f"pictures and texts of products would be sent to {place.host}, another machine; if "
            f"that is meant: --send-pictures-to {bare}, or set llm.allow_remote = true"
        )
