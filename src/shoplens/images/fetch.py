"""URLs become bytes: bounded in time, size and number, and never from inside the network.

All downloads share one thread with an event loop, because only there a deadline is exact: a
server that sends a byte now and then keeps a blocking read alive for ever.
"""

import asyncio
import concurrent.futures
import contextlib
import email.utils
import itertools
import ssl
import threading
import zlib
from collections.abc import Generator
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib.metadata import version

import httpx
import numpy as np

from shoplens.config import ImageSettings
from shoplens.errors import ImageError
from shoplens.images.network import Network, Target, parse_target, pinned_addresses

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 5
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_CONNECT_S = 10.0
_MAX_SITES = 64


class Fetcher:
    """Downloads images from allowed hosts; may be called from any thread; close it when done."""

    def __init__(
        self,
        settings: ImageSettings,
        network: Network | None = None,
        *,
        rng: np.random.Generator | None = None,
    ) -> None:
        self._settings = settings
        self._network = network or Network()
        self._rng = rng or np.random.default_rng()
        self._sites: dict[str, _Site] = {}
        self._slots = asyncio.Semaphore(settings.connections)
        self._tls = self._network.tls
        self._agent = f"Shoplens/{version('shoplens')} (product image indexing)"
        self._lock = threading.Lock()
        self._closed = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="shoplens-fetch", daemon=True
        )
        self._thread.start()

    def fetch(self, url: str) -> bytes:
        """Download one image; waits for its turn, then at most ``timeout_s`` a try.

        Raises:
            ImageError: the URL is not allowed, or its bytes did not come; the reason is in it.
        """
        future = self.submit(url)
        try:
            return future.result()
        except concurrent.futures.CancelledError as error:
            raise ImageError(f"the download was given up, the program is ending: {url}") from error
        finally:
            future.cancel()  # where the wait was interrupted; does nothing after an answer

    def submit(self, url: str) -> "concurrent.futures.Future[bytes]":
        """Start a download and go on; its result raises what :meth:`fetch` does."""
        target = parse_target(url, self._settings.allowed_hosts, self._network.ports)
        with self._lock:  # nothing is handed to a loop that is about to stop: it would never end
            if self._closed:
                raise ImageError(f"the fetcher is closed; {url} was not downloaded")
            return asyncio.run_coroutine_threadsafe(self._patiently(target), self._loop)

    def close(self) -> None:
        """Give up what is under way and close every connection."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        asyncio.run_coroutine_threadsafe(self._give_up(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # ---- below runs on the loop's own thread --------------------------------------------------

    async def _give_up(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for site in self._sites.values():
            await site.transport.aclose()
        self._sites.clear()

    async def _patiently(self, target: Target) -> bytes:
        """Try several times, waiting longer each time; the host's slot is kept while waiting."""
        await self._forget_idle_sites()
        with self._using(target.host) as site:
            async with site.slots:
                for attempt in itertools.count(1):
                    try:
                        return await self._once(target)
                    except _AgainError as error:
                        await self._wait_or_raise(error, attempt, target)
        raise AssertionError("the loop above has no end")

    async def _wait_or_raise(self, error: "_AgainError", attempt: int, target: Target) -> None:
        """Wait twice as long each time, with jitter, or as long as the server asked."""
        network = self._network
        doubled_s = network.backoff_s * 2 ** (attempt - 1) * self._rng.uniform(0.5, 1.5)
        wait_s = max(error.wait_s, min(doubled_s, network.longest_wait_s))
        if attempt < self._settings.attempts and wait_s <= network.longest_wait_s:
            await asyncio.sleep(wait_s)
            return
        reason = f"{error} ({attempt} {'try' if attempt == 1 else 'tries'})"
        if isinstance(error, _UnreachableError):  # thousands of its images may be waiting
            error.site.down_until = self._loop.time() + network.remember_s
            error.site.down_reason = reason
        raise ImageError(f"{reason}: {target.url}") from error

    async def _once(self, target: Target) -> bytes:
        timeout_s = self._settings.timeout_s
        async with self._slots:
            try:
                async with asyncio.timeout(timeout_s):
                    return await self._follow(target)
            except TimeoutError as error:
                raise ImageError(
                    f"not downloaded within {timeout_s:g} s (images.timeout_s): {target.url}"
                ) from error

    async def _follow(self, target: Target) -> bytes:
        """Ask, and follow redirects by hand: each is judged like the first URL."""
        for _ in range(_MAX_REDIRECTS + 1):
            with self._using(target.host) as site:
                response = await self._ask(site, target)
                try:
                    location = response.headers.get("location", "")
                    if response.status_code not in _REDIRECTS or not location:
                        _check_status(response)
                        return await _body(response, self._settings.max_bytes)
                except httpx.TransportError as error:
                    raise _AgainError(network_reason(error)) from error
                finally:
                    await response.aclose()
            target = self._redirected(target, location)
        raise ImageError(f"more than {_MAX_REDIRECTS} redirects, the last one to {target.url}")

    def _redirected(self, target: Target, location: str) -> Target:
        try:
            joined = str(target.url.join(location))
        except (httpx.InvalidURL, ValueError) as error:
            raise ImageError(f"{target.url} redirects to {location[:200]!r}, no URL") from error
        try:
            return parse_target(joined, self._settings.allowed_hosts, self._network.ports)
        except ImageError as error:
            raise ImageError(f"{target.url} redirects to a forbidden place: {error}") from error

    async def _ask(self, site: "_Site", target: Target) -> httpx.Response:
        """Send one request to a judged address, under the name that the certificate must bear."""
        if self._loop.time() < site.down_until:
            raise ImageError(f"a moment ago {site.down_reason}; not tried again yet: {target.url}")
        headers = {
            "Host": target.url.netloc.decode("ascii"),
            "User-Agent": self._agent,
            "Accept": "image/*",
            "Accept-Encoding": "identity",
        }
        addresses = await self._addresses(site, target)
        timeout_s, said = self._settings.timeout_s, "cannot connect"
        # Each address may use its share of half the time, so that silence is known as silence.
        connect_s = min(_CONNECT_S, timeout_s / 2 / len(addresses))
        timeout = httpx.Timeout(timeout_s, connect=connect_s).as_dict()
        extensions = {"sni_hostname": target.host, "timeout": timeout}
        for address in addresses:
            url = target.url.copy_with(host=address)
            request = httpx.Request("GET", url, headers=headers, extensions=extensions)
            try:
                return await site.transport.handle_async_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                said = network_reason(error)
            except httpx.TransportError as error:
                raise _AgainError(network_reason(error)) from error
        site.known_until = 0.0  # none of them answers: ask for addresses again next time
        raise _UnreachableError(said, site)

    async def _addresses(self, site: "_Site", target: Target) -> list[str]:
        if self._loop.time() >= site.known_until:
            judge = pinned_addresses, target, self._network
            try:
                found = await self._loop.run_in_executor(None, *judge)
            except (OSError, UnicodeError) as error:
                raise _UnreachableError(f"the host cannot be found: {error}", site) from error
            site.addresses = found
            site.known_until = self._loop.time() + self._network.remember_s
        return site.addresses

    @contextlib.contextmanager
    def _using(self, host: str) -> "Generator[_Site]":
        """Keep one connection pool a host: a connection made for one name serves no other."""
        site = self._sites.pop(host, None) or self._new_site()
        self._sites[host] = site  # the last one used stands last
        site.users += 1
        try:
            yield site
        finally:
            site.users -= 1

    def _new_site(self) -> "_Site":
        if self._tls is None:
            self._tls = httpx.create_ssl_context(trust_env=False)
        limits = httpx.Limits(
            max_connections=self._settings.connections,
            max_keepalive_connections=self._settings.per_host,
            keepalive_expiry=15.0,
        )
        transport = httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False, limits=limits)
        return _Site(transport, asyncio.Semaphore(self._settings.per_host))

    async def _forget_idle_sites(self) -> None:
        idle = [host for host, site in self._sites.items() if not site.users]
        surplus = idle[: max(len(self._sites) - _MAX_SITES, 0)]
        for site in [self._sites.pop(host) for host in surplus]:
            await site.transport.aclose()


class _AgainError(Exception):
    """A failure that another try may mend; ``wait_s`` is what the server asked for."""

    def __init__(self, message: str, wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class _UnreachableError(_AgainError):
    """Nobody answers at all at a host: not a matter of this one image."""

    def __init__(self, message: str, site: "_Site") -> None:
        super().__init__(message)
        self.site = site


@dataclass(slots=True)
class _Site:
    """One host: its connections and slots; for some time its addresses, or that it is down."""

    transport: httpx.AsyncHTTPTransport
    slots: asyncio.Semaphore
    users: int = 0
    addresses: list[str] = field(default_factory=list[str])
    known_until: float = 0.0
    down_until: float = 0.0
    down_reason: str = ""


def network_reason(error: httpx.TransportError) -> str:
    """Say why a connection failed, certificates included."""
    cause = error.__cause__.__cause__ if error.__cause__ else None
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"the certificate is not valid: {cause.verify_message}"
    return f"the connection failed: {str(error) or type(error).__name__}"


def _check_status(response: httpx.Response) -> None:
    code = response.status_code
    if code == HTTPStatus.OK:
        return
    said = f"the server answers {code} {response.reason_phrase}"
    if code in _TRANSIENT:
        raise _AgainError(said, retry_after_s(response.headers))
    raise ImageError(f"{said}; wanted 200 OK")


def retry_after_s(headers: httpx.Headers) -> float:
    """Read seconds, or a date, which is compared with the server's own clock."""
    asked = headers.get("retry-after", "").strip()
    if asked.isdecimal():
        return float(asked[:9])
    try:
        until, now = map(email.utils.parsedate_to_datetime, (asked, headers.get("date", "")))
        return max((until - now).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return 0.0


async def _body(response: httpx.Response, max_bytes: int) -> bytes:
    """Read a body, unpacked, of at most ``max_bytes``; a packed bomb is cut at that too."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
        raise ImageError(f"the server packs the image as {encoding!r}; wanted identity or gzip")
    announced = response.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:19]) > max_bytes:
        raise _too_large(f"{int(announced[:19]):,}", max_bytes)
    inflate = None if encoding in {"", "identity"} else zlib.decompressobj(zlib.MAX_WBITS | 32)
    body = bytearray()
    async for chunk in response.aiter_raw():
        try:
            body += inflate.decompress(chunk, max_bytes + 1 - len(body)) if inflate else chunk
        except zlib.error as error:
            raise ImageError(f"the server's {encoding} data is damaged: {error}") from error
        if len(body) > max_bytes:
            raise _too_large(f"more than {max_bytes:,}", max_bytes)
    if inflate and not inflate.eof:
        raise _AgainError(f"the server's {encoding} data ends early")
    return bytes(body)


def _too_large(said: str, max_bytes: int) -> ImageError:
    return ImageError(f"the image is too large: {said} bytes; images.max_bytes is {max_bytes:,}")
