"""Where a download may go: names that are allowed, ports, and addresses of the public internet.

A name is resolved by us, every address is judged, and the connection goes to that very address:
a name that answers with another address a moment later (DNS rebinding) gains nothing.
"""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx

from shoplens.errors import ImageError


def is_public(address: str) -> bool:
    """Tell addresses of the public internet from loopback, private, metadata and other inner ones.

    An IPv6 address that carries an IPv4 address is judged by it (NAT64, RFC 6052), or refused
    (6to4, Teredo, mapped: no honest name resolves to them). Tables: IANA special registries.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:  # also one with a zone, such as fe80::1%eth0
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip.ipv4_mapped or ip.sixtofour or ip.teredo or ip in _NAT64_LOCAL or int(ip) < 1 << 32:
            return False
    inner = ip.is_multicast or ip.is_reserved or any(ip in net for net in _INNER)
    return ip.is_global and not inner


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.IPv6Network("64:ff9b:1::/48")
_INNER = (
    ipaddress.IPv4Network("192.0.0.0/24"),  # "global" to Python before 3.11.10
    ipaddress.IPv4Network("168.63.129.16/32"),  # Azure's own services, at a public address
)


def resolve_host(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a name, in its order of preference.

    Raises:
        OSError: the name does not exist, or nobody answers.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class Network:
    """How a Fetcher reaches the world; the defaults are the strict ones, tests pass their own.

    ``is_allowed`` judges an address and a port. ``backoff_s`` is the first wait before another
    try, doubled each time; a server that asks for more than ``longest_wait_s`` is given up.
    A name's addresses, and that its server is down, are kept for ``remember_s``.
    """

    resolve: Callable[[str, int], Sequence[str]] = resolve_host
    is_allowed: Callable[[str, int], bool] = lambda address, _port: is_public(address)
    ports: tuple[int, ...] = (80, 443)
    backoff_s: float = 0.5
    longest_wait_s: float = 30.0
    remember_s: float = 60.0
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be asked for, its host in ASCII, lower case, without a final dot."""

    url: httpx.URL
    host: str
    port: int


def parse_target(url: str, allowed_hosts: Sequence[str], ports: Sequence[int]) -> Target:
    """Take a URL apart once, and check everything that needs no network.

    Raises:
        ImageError: no http(s) URL, credentials in it, or a host or port that is not allowed.
    """
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise ImageError(f"not a URL: {url[:200]!r} ({error})") from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ImageError(f"not an http or https URL: {url[:200]!r}")
    if parsed.userinfo:
        raise ImageError("a URL with a user name in it; wanted one that needs no login")
    host = parsed.raw_host.decode("ascii").lower().rstrip(".")
    if not any(_matches(host, pattern.lower()) for pattern in allowed_hosts):
        known = ", ".join(allowed_hosts) or "none"
        raise ImageError(
            f"host {host!r} is not allowed (allowed: {known}); to allow it, add it to the setting "
            "images.allowed_hosts"
        )
    port = parsed.port or (443 if parsed.scheme == "https" else 80)
    if port not in ports:
        wanted = " or ".join(map(str, ports))
        raise ImageError(f"port {port} of {host!r} is not allowed; wanted {wanted}")
    return Target(parsed, host, port)


def _matches(host: str, pattern: str) -> bool:
    """``*`` is any host, ``*.example.com`` any below example.com, else the very name."""
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return pattern in {"*", host}


def pinned_addresses(target: Target, network: Network) -> list[str]:
    """Resolve a target's host once; what comes back is where to connect, best first.

    Raises:
        ImageError: one of the addresses is not of the public internet.
        OSError: the name cannot be resolved.
    """
    addresses = list(network.resolve(target.host, target.port))
    for address in addresses:
        if not network.is_allowed(address, target.port):
            raise ImageError(
                f"host {target.host!r} has the address {address}, which is not of the public "
                "internet; images are fetched from public addresses only"
            )
    if not addresses:
        raise ImageError(f"host {target.host!r} has no address")
    return addresses
