from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Scope

from served_shop import Serve, drawing, problem, quoted
from shoplens.serve.gate import ExactPaths, product_id_in

LIMIT = 1_000_000


def pieces(total: int) -> Iterator[bytes]:
    while total > 0:
        yield b"x" * min(total, 65536)
        total -= 65536


def test_a_body_that_says_it_is_too_large_is_refused(shop: httpx.Client) -> None:
    told = problem(shop.post("/v1/search", files={"image": b"x" * LIMIT}), 413)
    assert "1000000 bytes" in told["detail"]


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=b"])
def test_a_body_that_does_not_say_how_large_it_is_is_refused_on_the_way(
    shop: httpx.Client, kind: str
) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'

    def body() -> Iterator[bytes]:
        yield head if "multipart" in kind else b'"'
        yield from pieces(3 * LIMIT)

    answer = shop.post("/v1/search", content=body(), headers={"content-type": kind})
    assert "content-length" not in answer.request.headers
    problem(answer, 413)


def test_a_product_is_limited_in_the_same_way(shop: httpx.Client) -> None:
    kind = {"content-type": "application/json"}
    problem(shop.put("/v1/products/big", content=pieces(2 * LIMIT), headers=kind), 413)
    problem(shop.get("/v1/products/big"), 404)


def test_a_body_just_below_the_limit_goes_through(shop: httpx.Client) -> None:
    answer = shop.post("/v1/search", json={"q": "square", "filter": " " * (LIMIT - 100)})
    told = problem(answer, 422)
    assert told["errors"][0]["at"] == "filter"


@pytest.mark.parametrize("path", ["/", "/docs", "/status", "/v1/fields", "/healthz", "/nowhere"])
def test_every_answer_carries_the_security_headers(shop: httpx.Client, path: str) -> None:
    headers = shop.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "localhost.evil.example", "", "[::1"]
)
def test_without_a_key_foreign_names_are_refused(shop: httpx.Client, host: str) -> None:
    for path in ("/", "/v1/fields", "/v1/images/x.webp"):
        problem(shop.get(path, headers={"host": host}), 403)


@pytest.mark.parametrize("host", ["localhost", "localhost:9000", "127.0.0.1:80", "[::1]:8000"])
def test_the_names_of_this_machine_are_welcome(shop: httpx.Client, host: str) -> None:
    assert shop.get("/v1/fields", headers={"host": host}).status_code == 200


def test_a_page_of_another_site_cannot_change_the_shop(shop: httpx.Client) -> None:
    feed = {"file": ("feed.csv", b"id,title\n1,x\n")}
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        problem(shop.post("/v1/feeds", files=feed, headers={"origin": origin}), 403)
        assert shop.get("/v1/fields", headers={"origin": origin}).status_code == 200
    ours = str(shop.base_url).rstrip("/")
    files = {"image": drawing(1)}
    assert shop.post("/v1/search", files=files, headers={"origin": ours}).status_code == 200


def test_a_site_that_is_allowed_may_search_from_a_browser(serve: Serve) -> None:
    given = {"search_key": "search", "allowed_origins": ["https://shop.example"]}
    with serve(serve=given) as client:
        asked = {
            "origin": "https://shop.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization",
        }
        preflight = client.options("/v1/search", headers=asked)
        assert preflight.headers["access-control-allow-origin"] == "https://shop.example"
        answer = client.get("/v1/fields", headers={"origin": "https://shop.example"})
        assert answer.headers["access-control-allow-origin"] == "https://shop.example"
        assert answer.status_code == 401
        other = client.get("/v1/fields", headers={"origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


async def _path_after(raw: bytes, path: str) -> str:
    seen: list[str] = []

    async def app(scope: Scope, _receive: object, _send: object) -> None:
        seen.append(scope["path"])

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(_message: Message) -> None:
        return

    scope: Scope = {"type": "http", "raw_path": raw, "path": path}
    await ExactPaths(app)(scope, receive, send)
    return seen[0]


@given(product_id=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_id_survives_the_way_through_a_path(product_id: str) -> None:
    raw = f"/v1/products/{quoted(product_id)}".encode()
    step = _path_after(raw, f"/v1/products/{product_id}")
    with pytest.raises(StopIteration) as stopped:
        step.send(None)  # nothing in it waits, so one step is all of it
    kept: str = stopped.value.value.removeprefix("/v1/products/")
    assert product_id_in(kept) == product_id
    assert "/" not in kept
