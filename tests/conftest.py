"""Fixtures for whole shops, and for databases of both kinds, each time an empty one."""

import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy
from sqlalchemy.exc import OperationalError

from shoplens.config import Settings, read_settings
from shoplens.engine import Engine
from small_shop import MakeShop, SmallShop

SERVER = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"


def pytest_configure() -> None:
    """Let Ctrl-C end what tests start: a shell has it ignored by all that it starts with ``&``."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def server() -> Iterator[sqlalchemy.Engine]:
    pytest.importorskip("psycopg")
    engine = sqlalchemy.create_engine(SERVER, connect_args={"connect_timeout": 2})
    try:
        engine.connect().close()
    except OperationalError:
        pytest.skip("no PostgreSQL server answers on 127.0.0.1:5432")
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'catalogue.db'}"


@pytest.fixture
def postgres_url(server: sqlalchemy.Engine) -> Iterator[str]:
    schema = f"test_{uuid4().hex}"
    with server.begin() as connection:
        connection.execute(sqlalchemy.text(f"CREATE SCHEMA {schema}"))
    yield f"{SERVER}?options=-csearch_path%3D{schema}"
    with server.begin() as connection:
        connection.execute(sqlalchemy.text(f"DROP SCHEMA {schema} CASCADE"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(f"{request.param}_url")


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
