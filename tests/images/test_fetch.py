"""Downloads come from the place that was allowed, and from no other."""

import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING

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


def test_the_bytes_come_as_they_are(shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a%20b.jpg?size=%2F1", shop.ok(PICTURE))
    assert make_fetcher().fetch(url) == PICTURE
    head = shop.requests[0]
    assert head.startswith("GET /a%20b.jpg?size=%2F1 HTTP/1.1\r\n")
    assert f"Host: shop.test:{shop.port}\r\n" in head
    assert "User-Agent: Shoplens/" in head


def test_without_allowed_hosts_nothing_is_asked(shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a.jpg", shop.ok(PICTURE))
    with pytest.raises(ImageError, match=r"images\.allowed_hosts"):
        make_fetcher(allowed_hosts=()).fetch(url)
    assert not shop.requests


def test_proxies_of_the_environment_are_ignored(
    shop: "Shop", make_fetcher: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert make_fetcher().fetch(shop.says("/a.jpg", shop.ok(PICTURE))) == PICTURE


# ---- never from inside the network -----------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0"])
def test_the_strict_default_never_connects_to_this_machine(
    host: str, shop: "Shop", make_fetcher: Make
) -> None:
    shop.says("/a.jpg", shop.ok(PICTURE))
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
    url = shop.says("/a.jpg", shop.ok(PICTURE))
    fetcher = make_fetcher(network)
    assert fetcher.fetch(url) == PICTURE
    with pytest.raises(ImageError, match=r"the address 10\.0\.0\.1"):
        fetcher.fetch(url)
    assert len(shop.requests) == 1


def test_a_name_is_resolved_once_for_many_images(
    shop: "Shop", make_fetcher: Make, to_shop: Networks
) -> None:
    fetcher = make_fetcher(to_shop(resolve=rebinding("127.0.0.1", "10.0.0.1")))
    url = shop.says("/a.jpg", shop.ok(PICTURE))
    assert [fetcher.fetch(url) for _ in range(3)] == [PICTURE] * 3


def test_the_next_address_is_tried_when_one_does_not_answer(
    shop: "Shop", make_fetcher: Make, to_shop: Networks
) -> None:
    url = shop.says("/a.jpg", shop.ok(PICTURE))
    assert make_fetcher(to_shop("127.0.0.7", "127.0.0.1"), attempts=1).fetch(url) == PICTURE


def test_a_name_that_does_not_exist_is_tried_again_then_given_up(
    make_fetcher: Make, to_shop: Networks, shop: "Shop"
) -> None:
    calls: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        calls.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    url = shop.says("/a.jpg", shop.ok(PICTURE))
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

    url = shop.says("/a.jpg", shop.ok(PICTURE))
    for remember_s, asked in [(60, 2), (0, 4)]:
        calls.clear()
        fetcher = make_fetcher(to_shop(resolve=resolve, remember_s=remember_s), attempts=2)
        with pytest.raises(ImageError, match=r"connection failed: .*\(2 tries\)"):
            fetcher.fetch(url)
        with pytest.raises(ImageError, match="connection failed"):
            fetcher.fetch(url)
        assert len(calls) == asked
    assert make_fetcher().fetch(url) == PICTURE


def test_a_redirect_to_a_host_that_is_down_blames_that_host(
    make_fetcher: Make, to_shop: Networks, shop: "Shop"
) -> None:
    def resolve(host: str, _port: int) -> list[str]:
        return ["127.0.0.7"] if host == "down.test" else ["127.0.0.1"]

    fetcher = make_fetcher(to_shop(resolve=resolve), attempts=1)
    url = shop.says("/a.jpg", shop.answer("302 Found", f"Location: http://down.test:{shop.port}/"))
    for reason in ("^the connection failed", "^a moment ago the connection failed"):
        with pytest.raises(ImageError, match=reason):
            fetcher.fetch(url)
    assert fetcher.fetch(shop.says("/b.jpg", shop.ok(PICTURE))) == PICTURE


def test_a_silent_address_is_left_for_the_next_one(
    make_fetcher: Make, to_shop: Networks, shop: "Shop"
) -> None:
    """A full queue of connections answers nothing, as a firewall that drops packets does."""
    with socket.socket() as deaf, contextlib.ExitStack() as waiting:
        deaf.bind(("127.0.0.5", shop.port))
        deaf.listen(0)
        for _ in range(4):
            visitor = waiting.enter_context(socket.socket())
            visitor.settimeout(0)
            visitor.connect_ex(deaf.getsockname())
        fetcher = make_fetcher(to_shop("127.0.0.5", "127.0.0.1"), attempts=1, timeout_s=2)
        assert fetcher.fetch(shop.says("/a.jpg", shop.ok(PICTURE))) == PICTURE


def test_many_hosts_are_asked_one_after_the_other(
    make_fetcher: Make, shop: "Shop", to_shop: Networks
) -> None:
    """More hosts than connection pools are kept for: the oldest are closed, and come back."""
    url, fetcher = shop.says("/a.jpg", shop.ok(PICTURE)), make_fetcher()
    for number in [*range(70), 0]:
        assert fetcher.fetch(url.replace("shop.test", f"s{number}.test")) == PICTURE


# ---- redirects -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(status: int, shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/old/a.jpg", shop.answer(f"{status} Moved", "Location: ../new/a.jpg"))
    shop.says("/new/a.jpg", shop.ok(PICTURE))
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
    url = shop.says("/a.jpg", shop.answer("302 Found", f"Location: {location}"))
    with pytest.raises(ImageError, match=f"redirects to .*{reason}"):
        make_fetcher().fetch(url)


def test_a_redirect_to_an_inner_address_is_not_followed(
    shop: "Shop", make_fetcher: Make, to_shop: Networks
) -> None:
    def resolve(host: str, _port: int) -> list[str]:
        return ["169.254.169.254"] if host == "meta.test" else ["127.0.0.1"]

    inner = f"Location: http://meta.test:{shop.port}/latest/meta-data"
    url = shop.says("/a.jpg", shop.answer("302 Found", inner))
    with pytest.raises(ImageError, match=r"169\.254\.169\.254, which is not of the public"):
        make_fetcher(to_shop(resolve=resolve)).fetch(url)


def test_a_redirect_loop_ends(shop: "Shop", make_fetcher: Make) -> None:
    url = shop.says("/a.jpg", shop.answer("302 Found", "Location: /a.jpg"))
    with pytest.raises(ImageError, match="more than 5 redirects"):
        make_fetcher().fetch(url)
    assert len(shop.requests) == 6


# ---- TLS -------------------------------------------------------------------------------------


def test_the_certificate_is_checked_for_the_name_not_the_address(
    tls_shop: "Shop", trusting: ssl.SSLContext
) -> None:
    tls_shop.says("/a.jpg", tls_shop.ok(PICTURE))
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
