"""Shops that are served by a real server on a free port, asked by a real client."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from served_shop import Serve, drawing, put, serving
from shoplens.config import read_settings
from shoplens.engine import Engine


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    """Serve an empty shop with the settings given, such as ``serve={"api_key": "k"}``."""

    @contextmanager
    def serve(**settings: Any) -> Generator[httpx.Client]:
        given = {"data": tmp_path / "data", "encoder": "colour", "store": "exact", **settings}
        with Engine.open(read_settings(given)) as engine:
            engine.start_worker()
            with serving(engine) as client:
                yield client

    return serve


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A shop of six squares, q0 to q5, for tests that change nothing."""
    given = {
        "data": tmp_path_factory.mktemp("shop") / "data",
        "encoder": "colour",
        "store": "exact",
        "search": {"max_k": 100},
        "serve": {"max_upload_bytes": 1_000_000},
    }
    with Engine.open(read_settings(given)) as engine, serving(engine) as client:
        for i in range(6):
            put(client, f"q{i}", drawing(i), price=10 + i, brand="Square & Co")
        yield client
