"""Both clients, asked alike: the one that is awaited is led by a loop of its own."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from served_shop import serving
from shoplens import AsyncClient, Client
from shoplens.config import read_settings
from shoplens.engine import Engine

MakeClient = Callable[..., AbstractContextManager[Client]]
ServeShop = Callable[..., AbstractContextManager[str]]


PATIENT: dict[str, Any] = {"timeout_s": 60}
"""A test is never hurried by a machine that has other things to do."""


class Awaited:
    """An ``AsyncClient`` that can be asked like a ``Client``."""

    def __init__(self, runner: asyncio.Runner, client: AsyncClient) -> None:
        self._runner = runner
        self._client = client

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        def ask(*given: Any, **named: Any) -> Any:
            asked = method(*given, **named)
            if inspect.isawaitable(asked):
                return self._runner.run(_result(asked))
            return iter(self._runner.run(_listed(asked)))

        return ask


async def _result(asked: Any) -> Any:
    return await asked


async def _listed(asked: AsyncIterator[Any]) -> list[Any]:
    return [one async for one in asked]


@contextmanager
def blocking(url: str, **options: Any) -> Generator[Client]:
    with Client(url, **(PATIENT | options)) as client:
        yield client


@contextmanager
def awaited(url: str, **options: Any) -> Generator[Client]:
    with asyncio.Runner() as runner:
        client = AsyncClient(url, **(PATIENT | options))
        yield cast("Client", Awaited(runner, client))
        runner.run(client.close())


MAKERS = {"sync": blocking, "async": awaited}


@pytest.fixture(params=MAKERS)
def make_client(request: pytest.FixtureRequest) -> MakeClient:
    return MAKERS[request.param]


@pytest.fixture
def serve_shop(tmp_path: Path) -> ServeShop:
    """Serve an empty shop with the settings given; what is given is its URL."""

    @contextmanager
    def serve(**settings: Any) -> Generator[str]:
        given = {"data": tmp_path / "data", "encoder": "colour", "store": "exact", **settings}
        with Engine.open(read_settings(given)) as engine:
            engine.start_worker()
            with serving(engine) as http:
                yield str(http.base_url)

    return serve


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server that both clients ask, each for products of its own."""
    given = {
        "data": tmp_path_factory.mktemp("shop") / "data",
        "encoder": "colour",
        "store": "exact",
        "serve": {"max_upload_bytes": 1_000_000, "api_key": "admin", "search_key": "search"},
    }
    with Engine.open(read_settings(given)) as engine:
        engine.start_worker()
        with serving(engine) as http:
            yield http


@pytest.fixture
def shop(make_client: MakeClient, server: httpx.Client) -> Iterator[Client]:
    """A client, with the admin's key, of a shop that holds what the tests before left."""
    with make_client(str(server.base_url), key="admin") as client:
        yield client
