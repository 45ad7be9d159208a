import threading
import time

import httpx
import pytest

from served_shop import Serve, problem
from shoplens.engine import Engine
from shoplens.errors import StorageError


def ready(client: httpx.Client) -> httpx.Response:
    """Ask until the server has made up its mind."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        answer = client.get("/readyz")
        if answer.status_code == 200 or "failed" in answer.json()["detail"]:
            return answer
    raise AssertionError("it never got ready")


def test_it_is_ready_once_it_is_warm_and_alive_before(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    warm = Engine.warm

    def slowly(engine: Engine) -> None:
        assert go.wait(20)
        warm(engine)

    monkeypatch.setattr(Engine, "warm", slowly)
    with serve() as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert problem(client.get("/readyz"), 503)["detail"] == "still warming up; ask again"
        go.set()
        assert ready(client).json() == {"status": "ready"}


def test_a_failed_warm_up_says_why(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_engine: Engine) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(Engine, "warm", broken)
    with serve() as client:
        told = problem(ready(client), 503)
        assert "the disk is full" in told["detail"]
        assert client.get("/healthz").status_code == 200


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_warm_up_that_breaks_unforeseen_is_not_waited_for(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_engine: Engine) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr(Engine, "warm", broken)
    with serve() as client:
        told = problem(ready(client), 503)
        assert "see the log" in told["detail"]


def test_the_api_describes_itself(shop: httpx.Client) -> None:
    api = shop.get("/openapi.json").json()
    assert api["info"]["title"] == "Shoplens"
    schemas = api["components"]["schemas"]
    assert "position" in schemas["Problem"]["properties"]
    assert "HTTPValidationError" not in schemas
    for path, verbs in api["paths"].items():
        for verb, operation in verbs.items():
            where = f"{verb} {path}"
            assert operation["summary"], where
            assert operation["description"], where
            assert len(operation["tags"]) == 1, where
            for status, told in operation["responses"].items():
                if status[0] in "45":
                    schema = told["content"]["application/problem+json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/Problem"}, where
    search = api["paths"]["/v1/search"]["post"]["requestBody"]["content"]
    assert search["multipart/form-data"]["schema"]["properties"]["image"]["format"] == "binary"
    assert search["application/json"]["example"]


def test_every_reference_in_the_description_leads_somewhere(shop: httpx.Client) -> None:
    text = shop.get("/openapi.json").text
    schemas = shop.get("/openapi.json").json()["components"]["schemas"]
    for part in text.split('"$ref":"#/components/schemas/')[1:]:
        assert part.split('"')[0] in schemas
    assert '"#/$defs' not in text


def test_many_visitors_at_once_all_get_their_own_answer(shop: httpx.Client) -> None:
    found: dict[int, str] = {}

    def ask(i: int) -> None:
        answer = shop.get("/v1/search", params={"q": f"square q{i % 6}"})
        found[i] = answer.json()["products"][0]["product_id"]

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {i: f"q{i % 6}" for i in range(24)}
