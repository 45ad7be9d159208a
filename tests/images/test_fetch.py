"""Downloads from a real server that behaves badly in every way we know."""

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import IO, TYPE_CHECKING

import pytest

from shoplens.config import ImageSettings
from shoplens.errors import ImageError
from shoplens.images.fetch import Fetcher
from shoplens.images.network import Network

if TYPE_CHECKING:
    from .conftest import Shop

Make = Callable[..., Fetcher]
Networks = Callable[..., Network]
PICTURE = bytes(range(256)) * 40


def ok(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def answer(status: str, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Length: 0", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def test_the_bytes_come_as_they_are(shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a%20b.jpg?size=%2F1", ok(PICTURE))
    assert make_fetcher().fetch(url) == PICTURE
    head = shop.requests[0]
    assert head.startswith("GET /a%20b.jpg?size=%2F1 HTTP/1.1\r\n")
    assert f"Host: shop.test:{shop.port}\r\n" in head
    assert "User-Agent: Shoplens/" in head


def test_without_allowed_hosts_nothing_is_asked(shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a.jpg", ok(PICTURE))
    with pytest.raises(ImageError, match=r"images\.allowed_hosts"):
        make_fetcher(allowed_hosts=()).fetch(url)
    assert not shop.requests


def test_proxies_of_the_environment_are_ignored(
    shop: "Shop", make_fetcher: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert make_fetcher().fetch(shop.says("/a.jpg", ok(PICTURE))) == PICTURE


# ---- never from inside the network -----------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0"])
def test_the_strict_default_never_connects_to_this_machine(
    host: str, shop: "Shop", make_fetcher: Make
) -> None:
    shop.says("/a.jpg", ok(PICTURE))
    fetcher = make_fetcher(Network(ports=(shop.port,)), allowed_hosts=["*"], attempts=1)
    with pytest.raises(ImageError, match=r"not of the public internet|cannot be found"):
        fetcher.fetch(f"http://{host}:{shop.port}/a.jpg")
    assert not shop.requests


def rebinding(*answers: str) -> Callable[[str, int], list[str]]:
    """Answer with another address each time somebody asks."""
    left = iter(answers)

    def resolve(_host: str, _port: int) -> list[str]:
        return [next(left)]

    return resolve


def test_a_name_that_changes_its_address_gains_nothing(
    shop: "Shop", make_fetcher: Make, to_shop: Networks
) -> None:
    network = to_shop(resolve=rebinding("127.0.0.1", "10.0.0.1"), remember_s=0)
    url = shop.says("/a.jpg", ok(PICTURE))
    fetcher = make_fetcher(network)
    assert fetcher.fetch(url) == PICTURE
    with pytest.raises(ImageError, match=r"the address 10\.0\.0\.1"):
        fetcher.fetch(url)
    assert len(shop.requests) == 1


def test_a_name_is_resolved_once_for_many_images(
    shop: "Shop", make_fetcher: Make, to_shop: Networks
) -> None:
    fetcher = make_fetcher(to_shop(resolve=rebinding("127.0.0.1", "10.0.0.1")))
    url = shop.says("/a.jpg", ok(PICTURE))
    assert [fetcher.fetch(url) for _ in range(3)] == [PICTURE] * 3


def test_the_next_address_is_tried_when_one_does_not_answer(
    shop: "Shop", make_fetcher: Make, to_shop: Networks
) -> None:
    url = shop.says("/a.jpg", ok(PICTURE))
    assert make_fetcher(to_shop("127.0.0.7", "127.0.0.1"), attempts=1).fetch(url) == PICTURE


def test_a_name_that_does_not_exist_is_tried_again_then_given_up(
    make_fetcher: Make, to_shop: Networks, shop: "Shop"
) -> None:
    calls: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        calls.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    url = shop.says("/a.jpg", ok(PICTURE))
    with pytest.raises(ImageError, match=r"cannot be found.*3 tries"):
        make_fetcher(to_shop(resolve=resolve)).fetch(url)
    assert len(calls) == 3


def test_a_host_that_is_down_is_left_alone_for_a_while(
    make_fetcher: Make, to_shop: Networks, shop: "Shop"
) -> None:
    calls: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        calls.append(host)
        return ["127.0.0.7"]

    url = shop.says("/a.jpg", ok(PICTURE))
    for remember_s, asked in [(60, 2), (0, 4)]:
        calls.clear()
        fetcher = make_fetcher(to_shop(resolve=resolve, remember_s=remember_s), attempts=2)
        with pytest.raises(ImageError, match=r"connection failed: .*\(2 tries\)"):
            fetcher.fetch(url)
        with pytest.raises(ImageError, match="connection failed"):
            fetcher.fetch(url)
        assert len(calls) == asked
    assert make_fetcher().fetch(url) == PICTURE


def test_many_hosts_are_asked_one_after_the_other(
    make_fetcher: Make, shop: "Shop", to_shop: Networks
) -> None:
    """More hosts than connection pools are kept for: the oldest are closed, and come back."""
    url, fetcher = shop.says("/a.jpg", ok(PICTURE)), make_fetcher()
    for number in [*range(70), 0]:
        assert fetcher.fetch(url.replace("shop.test", f"s{number}.test")) == PICTURE


# ---- redirects -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(status: int, shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/old/a.jpg", answer(f"{status} Moved", "Location: ../new/a.jpg"))
    shop.says("/new/a.jpg", ok(PICTURE))
    assert make_fetcher().fetch(url) == PICTURE


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://elsewhere.example/a.jpg", "'elsewhere.example' is not allowed"),
        ("file:///etc/passwd", "not an http or https URL"),
        ("http://shop.test:22/", "port 22"),
        ("http://shop.test:x/", "no URL"),
    ],
)
def test_a_redirect_to_a_forbidden_place_is_not_followed(
    location: str, reason: str, shop: "Shop", make_fetcher: Make
) -> None:
    url = shop.says("/a.jpg", answer("302 Found", f"Location: {location}"))
    with pytest.raises(ImageError, match=f"redirects to .*{reason}"):
        make_fetcher().fetch(url)


def test_a_redirect_to_an_inner_address_is_not_followed(
    shop: "Shop", make_fetcher: Make, to_shop: Networks
) -> None:
    def resolve(host: str, _port: int) -> list[str]:
        return ["169.254.169.254"] if host == "meta.test" else ["127.0.0.1"]

    inner = f"Location: http://meta.test:{shop.port}/latest/meta-data"
    url = shop.says("/a.jpg", answer("302 Found", inner))
    with pytest.raises(ImageError, match=r"169\.254\.169\.254, which is not of the public"):
        make_fetcher(to_shop(resolve=resolve)).fetch(url)


def test_a_redirect_loop_ends(shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a.jpg", answer("302 Found", "Location: /a.jpg"))
    with pytest.raises(ImageError, match="more than 5 redirects"):
        make_fetcher().fetch(url)
    assert len(shop.requests) == 6


# ---- bytes and seconds -----------------------------------------------------------------------


def test_an_endless_body_is_cut_off(shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a.jpg", shop.drips(b"HTTP/1.1 200 OK\r\n\r\n", bytes(5000)))
    with pytest.raises(ImageError, match=r"more than 9,000 bytes; images\.max_bytes is 9,000"):
        make_fetcher(max_bytes=9000).fetch(url)


def test_a_size_announced_too_large_is_refused_unread(shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a.jpg", b"HTTP/1.1 200 OK\r\nContent-Length: 123456789\r\n\r\n")
    with pytest.raises(ImageError, match="too large: 123,456,789 bytes"):
        make_fetcher().fetch(url)


def test_a_body_of_exactly_the_limit_is_taken(shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a.jpg", ok(PICTURE), ok(gzip.compress(PICTURE), "Content-Encoding: gzip"))
    fetcher = make_fetcher(max_bytes=len(PICTURE))
    assert fetcher.fetch(url) == fetcher.fetch(url) == PICTURE


def test_a_packed_bomb_is_cut_off(shop: "Shop", make_fetcher: Make) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    url = shop.says("/a.jpg", ok(bomb, "Content-Encoding: gzip"))
    with pytest.raises(ImageError, match="more than 1,000,000 bytes"):
        make_fetcher(max_bytes=1_000_000).fetch(url)


def test_an_unknown_packing_is_refused(shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a.jpg", ok(PICTURE, "Content-Encoding: br"))
    with pytest.raises(ImageError, match="packs the image as 'br'"):
        make_fetcher().fetch(url)


def test_damaged_packing_is_refused(shop: "Shop", make_fetcher: Make) -> None:
    packed = gzip.compress(PICTURE)
    url = shop.says("/a.jpg", ok(b"no gzip at all", "Content-Encoding: gzip"))
    cut = shop.says("/b.jpg", ok(packed[:-9], "Content-Encoding: gzip"))
    with pytest.raises(ImageError, match="gzip data is damaged"):
        make_fetcher().fetch(url)
    with pytest.raises(ImageError, match="gzip data ends early"):
        make_fetcher().fetch(cut)


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\nx"])
def test_a_server_that_drips_bytes_is_left_at_the_deadline(
    first: bytes, shop: "Shop", make_fetcher: Make
) -> None:
    """A drop every 20 ms: no single read ever waits long, in the headers or in the body."""
    url = shop.says("/a.jpg", shop.drips(first, b"x"))
    start = time.monotonic()
    with pytest.raises(ImageError, match=r"not downloaded within 0\.4 s \(images\.timeout_s\)"):
        make_fetcher(timeout_s=0.4).fetch(url)
    assert 0.3 < time.monotonic() - start < 3


# ---- failures and further tries --------------------------------------------------------------


def test_a_broken_off_body_is_asked_for_again(shop: "Shop", make_fetcher: Make) -> None:
    broken = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nonly this"
    assert make_fetcher().fetch(shop.says("/a.jpg", broken, ok(PICTURE))) == PICTURE
    with pytest.raises(ImageError, match=r"without sending complete message body.*\(3 tries\)"):
        make_fetcher().fetch(shop.says("/b.jpg", broken))


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_a_busy_server_is_asked_again(status: str, shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a.jpg", answer(status), answer(status), ok(PICTURE))
    assert make_fetcher().fetch(url) == PICTURE


def test_a_server_that_stays_busy_is_given_up(shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a.jpg", answer("500 Oh No"))
    with pytest.raises(ImageError, match=r"answers 500 Oh No \(2 tries\): http://shop\.test"):
        make_fetcher(attempts=2).fetch(url)


@pytest.mark.parametrize("status", [400, 403, 404, 410, 204, 304])
def test_a_plain_no_is_not_asked_again(status: int, shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a.jpg", answer(f"{status} No"))
    with pytest.raises(ImageError, match=f"answers {status} No; wanted 200 OK"):
        make_fetcher().fetch(url)
    assert len(shop.requests) == 1


def test_a_server_that_asks_for_a_pause_gets_it(shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a.jpg", answer("429 Slow Down", "Retry-After: 1"), ok(PICTURE))
    start = time.monotonic()
    assert make_fetcher().fetch(url) == PICTURE
    assert time.monotonic() - start >= 1


@pytest.mark.parametrize(
    "headers",
    [
        ["Retry-After: 3600"],
        ["Date: Sat, 01 Jan 2028 00:00:00 GMT", "Retry-After: Sat, 01 Jan 2028 01:00:00 GMT"],
    ],
)
def test_a_pause_too_long_is_not_waited_for(
    headers: list[str], shop: "Shop", make_fetcher: Make
) -> None:
    url = shop.says("/a.jpg", answer("429 Slow Down", *headers), ok(PICTURE))
    with pytest.raises(ImageError, match=r"429 Slow Down \(1 try\)"):
        make_fetcher().fetch(url)


def test_a_pause_nobody_understands_is_ignored(shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a.jpg", answer("503 Busy", "Retry-After: when ready"), ok(PICTURE))
    assert make_fetcher().fetch(url) == PICTURE


def test_what_is_no_http_is_an_image_error(shop: "Shop", make_fetcher: Make) -> None:
    with pytest.raises(ImageError, match="the connection failed"):
        make_fetcher().fetch(shop.says("/a.jpg", b"\xff\xd8\xff\xe0 raw picture bytes"))


# ---- politeness and the end ------------------------------------------------------------------


def test_one_host_is_asked_for_few_images_at_a_time(shop: "Shop", make_fetcher: Make) -> None:
    pair, lock = threading.Barrier(2, timeout=10), threading.Lock()
    under_way, most = 0, 0

    def reply(out: IO[bytes]) -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        pair.wait()  # proves that two are served at once
        with lock:
            under_way -= 1
        out.write(ok(PICTURE))

    url = shop.says("/a.jpg", reply)
    fetcher = make_fetcher(per_host=2, connections=8)
    assert all(future.result() == PICTURE for future in [fetcher.submit(url) for _ in range(8)])
    assert most == 2


def test_closing_gives_up_what_is_under_way(shop: "Shop", make_fetcher: Make) -> None:
    asked = threading.Event()

    def reply(_out: IO[bytes]) -> None:
        asked.set()
        shop.ended.wait(10)

    fetcher = make_fetcher()
    url = shop.says("/a.jpg", reply)
    reasons: list[ImageError] = []

    def wait() -> None:
        with pytest.raises(ImageError, match="the program is ending") as caught:
            fetcher.fetch(url)
        reasons.append(caught.value)

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert asked.wait(10)
    fetcher.close()
    waiting.join(10)
    assert reasons
    with pytest.raises(ImageError, match="closed"):
        fetcher.fetch(url)


# ---- TLS -------------------------------------------------------------------------------------


def test_the_certificate_is_checked_for_the_name_not_the_address(
    tls_shop: "Shop", trusting: ssl.SSLContext
) -> None:
    tls_shop.says("/a.jpg", ok(PICTURE))
    settings = ImageSettings.model_validate({"allowed_hosts": ["*"], "attempts": 1, "timeout_s": 5})
    network = Network(
        resolve=lambda _host, _port: ["127.0.0.1"],
        is_allowed=lambda address, _port: address == "127.0.0.1",
        ports=(tls_shop.port,),
        tls=trusting,
    )
    fetcher = Fetcher(settings, network)
    try:
        assert fetcher.fetch(f"https://shop.test:{tls_shop.port}/a.jpg") == PICTURE
        with pytest.raises(ImageError, match=r"certificate is not valid.*other\.test"):
            fetcher.fetch(f"https://other.test:{tls_shop.port}/a.jpg")
    finally:
        fetcher.close()
    assert len(tls_shop.requests) == 1
