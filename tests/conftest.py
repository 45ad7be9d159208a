"""Fixtures for whole shops."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shoplens.config import Settings, read_settings
from shoplens.engine import Engine
from small_shop import MakeShop, SmallShop


@pytest.fixture
def make_shop(tmp_path: Path) -> MakeShop:
    """Write a shop of n products, each with its own picture of sixteen random squares."""

    def make(n: int) -> SmallShop:
        shop = SmallShop(tmp_path / "shop" / "products.csv", tmp_path / "shop")
        shop.images.mkdir(exist_ok=True)
        shop.write(shop.rows(n))
        for i in range(n):
            shop.draw(f"p{i}.png", i)
        return shop

    return make


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The drawn encoder and the brute-force store, in a folder of the test's own."""
    return read_settings(
        {
            "data": tmp_path / "data",
            "encoder": "colour",
            "store": "exact",
            "index": {"threads": 2, "batch": 4},
        }
    )


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """A shop with nothing in it yet."""
    with Engine.open(settings) as opened:
        yield opened
