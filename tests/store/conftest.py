"""Stores of every kind, each in a folder of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shoplens.store.base import STORES, Store, open_store
from store_rows import DIMS, KINDS


@pytest.fixture(params=STORES)
def kind(request: pytest.FixtureRequest) -> str:
    """The name of a store in the table."""
    return str(request.param)


@pytest.fixture
def reopen(kind: str, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Open the one store of this test; what was open before is closed."""
    held: list[Store] = []

    def opened() -> Store:
        if held:
            held.pop().close()
        held.append(open_store(kind, tmp_path / "store", DIMS))
        held[0].declare(KINDS)
        return held[0]

    yield opened
    if held:
        held.pop().close()


@pytest.fixture
def store(reopen: Callable[[], Store]) -> Store:
    """An empty store."""
    return reopen()
