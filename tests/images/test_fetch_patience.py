"""A server that sends too much, too slowly, too often or not at all is left in good time."""

import gzip
import threading
import time
from collections.abc import Callable
from typing import IO, TYPE_CHECKING

import pytest

from shoplens.errors import ImageError
from shoplens.images.fetch import Fetcher

if TYPE_CHECKING:
    from .conftest import Shop

Make = Callable[..., Fetcher]
PICTURE = bytes(range(256)) * 40


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
    url = shop.says(
        "/a.jpg", shop.ok(PICTURE), shop.ok(gzip.compress(PICTURE), "Content-Encoding: gzip")
    )
    fetcher = make_fetcher(max_bytes=len(PICTURE))
    assert fetcher.fetch(url) == fetcher.fetch(url) == PICTURE


def test_a_packed_bomb_is_cut_off(shop: "Shop", make_fetcher: Make) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    url = shop.says("/a.jpg", shop.ok(bomb, "Content-Encoding: gzip"))
    with pytest.raises(ImageError, match="more than 1,000,000 bytes"):
        make_fetcher(max_bytes=1_000_000).fetch(url)


def test_an_unknown_packing_is_refused(shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a.jpg", shop.ok(PICTURE, "Content-Encoding: br"))
    with pytest.raises(ImageError, match="packs the image as 'br'"):
        make_fetcher().fetch(url)


def test_damaged_packing_is_refused(shop: "Shop", make_fetcher: Make) -> None:
    packed = gzip.compress(PICTURE)
    url = shop.says("/a.jpg", shop.ok(b"no gzip at all", "Content-Encoding: gzip"))
    cut = shop.says("/b.jpg", shop.ok(packed[:-9], "Content-Encoding: gzip"))
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
    assert make_fetcher().fetch(shop.says("/a.jpg", broken, shop.ok(PICTURE))) == PICTURE
    with pytest.raises(ImageError, match=r"without sending complete message body.*\(3 tries\)"):
        make_fetcher().fetch(shop.says("/b.jpg", broken))


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_a_busy_server_is_asked_again(status: str, shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a.jpg", shop.answer(status), shop.answer(status), shop.ok(PICTURE))
    assert make_fetcher().fetch(url) == PICTURE


def test_a_server_that_stays_busy_is_given_up(shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a.jpg", shop.answer("500 Oh No"))
    with pytest.raises(ImageError, match=r"answers 500 Oh No \(2 tries\): http://shop\.test"):
        make_fetcher(attempts=2).fetch(url)


@pytest.mark.parametrize("status", [400, 403, 404, 410, 204, 304])
def test_a_plain_no_is_not_asked_again(status: int, shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a.jpg", shop.answer(f"{status} No"))
    with pytest.raises(ImageError, match=f"answers {status} No; wanted 200 OK"):
        make_fetcher().fetch(url)
    assert len(shop.requests) == 1


def test_a_server_that_asks_for_a_pause_gets_it(shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a.jpg", shop.answer("429 Slow Down", "Retry-After: 1"), shop.ok(PICTURE))
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
    url = shop.says("/a.jpg", shop.answer("429 Slow Down", *headers), shop.ok(PICTURE))
    with pytest.raises(ImageError, match=r"429 Slow Down \(1 try\)"):
        make_fetcher().fetch(url)


def test_a_pause_nobody_understands_is_ignored(shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a.jpg", shop.answer("503 Busy", "Retry-After: when ready"), shop.ok(PICTURE))
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
        out.write(shop.ok(PICTURE))

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
