"""Every test that asks for ``engine`` meets SQLite and PostgreSQL, each time an empty database."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from shoplens.catalogue.products import Products
from shoplens.database.connect import open_database


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
def products(engine: Engine) -> Products:
    return Products(engine)
