import re

import httpx
import pytest

from served_shop import Serve, problem
from shoplens.config import ServeSettings
from shoplens.errors import ConfigError
from shoplens.serve.auth import Keys, Role, check_address, is_loopback

OPEN = {"/healthz", "/readyz", "/v1/images/{image_hash}.webp", "/v1/maps/{ref}/{image_hash}.webp"}
SEARCH = {
    ("get", "/v1/search"),
    ("post", "/v1/search"),
    ("get", "/v1/products/{product_id}/similar"),
    ("get", "/v1/products/{product_id}"),
    ("get", "/v1/products"),
    ("get", "/v1/fields"),
    ("get", "/v1/suggest"),
}


def settings(**given: str) -> ServeSettings:
    return ServeSettings.model_validate(given)


def operations(client: httpx.Client) -> list[tuple[str, str]]:
    paths = client.get("/openapi.json").json()["paths"]
    return [(verb, path) for path, verbs in paths.items() for verb in verbs]


def ask(client: httpx.Client, verb: str, path: str, key: str) -> httpx.Response:
    headers = {"x-api-key": key} if key else {}
    return client.request(verb, re.sub(r"\{\w+\}", "x", path), headers=headers)


def test_with_a_key_set_every_route_needs_one_and_changes_need_the_admins(serve: Serve) -> None:
    with serve(serve={"api_key": "admin", "search_key": "search"}) as client:
        checked = 0
        for verb, path in operations(client):
            if path in OPEN:
                assert ask(client, verb, path, "").status_code not in {401, 403}
                continue
            checked += 1
            problem(ask(client, verb, path, ""), 401)
            problem(ask(client, verb, path, "guess"), 401)
            allowed = (verb, path) in SEARCH
            assert (ask(client, verb, path, "search").status_code == 403) is not allowed
            assert ask(client, verb, path, "admin").status_code not in {401, 403}
        assert checked == 18


def test_a_key_is_taken_as_bearer_or_as_x_api_key(serve: Serve) -> None:
    with serve(serve={"api_key": "admin"}) as client:
        for headers in ({"Authorization": "Bearer admin"}, {"authorization": "bearer admin"}):
            assert client.get("/v1/status", headers=headers).status_code == 200
        for headers in ({"Authorization": "Basic admin"}, {"Authorization": "Bearer"}, {}):
            answer = client.get("/v1/status", headers=headers)
            problem(answer, 401)
            assert answer.headers["www-authenticate"] == "Bearer"


def test_a_search_key_alone_closes_everything_else(serve: Serve) -> None:
    with serve(serve={"search_key": "search"}) as client:
        problem(client.get("/v1/status"), 401)
        problem(client.get("/v1/status", headers={"x-api-key": "search"}), 403)
        assert client.get("/v1/fields", headers={"x-api-key": "search"}).status_code == 200


def test_a_body_is_not_read_before_the_key(serve: Serve) -> None:
    with serve(serve={"api_key": "admin", "max_upload_bytes": 10}) as client:
        problem(client.post("/v1/feeds", files={"file": b"x" * 1000}), 401)


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ({b"x-api-key": b"admin"}, Role.ADMIN),
        ({b"x-api-key": b" search "}, Role.SEARCH),
        ({b"authorization": b"Bearer search"}, Role.SEARCH),
        ({b"authorization": b"Bearer admi"}, Role.NOBODY),
        ({b"x-api-key": b"admin\xff"}, Role.NOBODY),
        ({b"x-api-key": b""}, Role.NOBODY),
        ({}, Role.NOBODY),
    ],
)
def test_a_role_follows_from_the_key(header: dict[bytes, bytes], role: Role) -> None:
    assert Keys.of(settings(api_key="admin", search_key="search")).role(header) is role


def test_no_key_in_memory_is_readable() -> None:
    assert "swordfish" not in repr(Keys.of(settings(api_key="swordfish")))


def test_without_a_search_key_an_empty_one_is_no_key() -> None:
    assert Keys.of(settings(api_key="admin")).role({b"x-api-key": b""}) is Role.NOBODY


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "LOCALHOST", "::1", "[::1]", "127.9.9.9"]
)
def test_this_machine_only_needs_no_key(host: str) -> None:
    assert is_loopback(host)
    check_address(host, settings())


@pytest.mark.parametrize(
    "host", ["0" + ".0.0.0", "::", "", "192.168.1.5", "shop.example", "localhost.example"]
)
def test_a_public_address_needs_the_admin_key(host: str) -> None:
    with pytest.raises(ConfigError, match="SHOPLENS_SERVE__API_KEY"):
        check_address(host, settings(search_key="search"))
    check_address(host, settings(api_key="admin"))
