"""The whole story with its catalogue in PostgreSQL."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from shoplens.config import Settings
from shoplens.engine import Engine
from shoplens.errors import NotFoundError
from shoplens.ingest.feeds import IndexRequest
from shoplens.types import Product, Query, Stage
from small_shop import MakeShop

SERVER = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"

pytestmark = pytest.mark.postgres


@pytest.fixture
def settings_there(settings: Settings) -> Iterator[Settings]:
    """A shop whose catalogue is a schema of its own."""
    pytest.importorskip("psycopg")
    server = create_engine(SERVER, connect_args={"connect_timeout": 2})
    schema = f"test_{uuid4().hex}"
    try:
        with server.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
    except OperationalError:
        pytest.skip("no PostgreSQL server answers on 127.0.0.1:5432")
    url = f"{SERVER}?options=-csearch_path%3D{schema}"
    yield settings.model_copy(update={"database": url, "store": "edge"})
    with server.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    server.dispose()


def test_a_shop_in_postgresql_is_indexed_asked_changed_and_proven(
    settings_there: Settings, make_shop: MakeShop
) -> None:
    shop = make_shop(12)
    photo = (shop.images / "p7.png").read_bytes()
    request = IndexRequest(shop.feed)
    with Engine.open(settings_there) as engine:
        assert engine.index(request).counts.encoded == 12
        assert (
            engine.search(Query(picture=engine.picture(photo))).shown[0].product.product_id == "p7"
        )
        cheap = engine.search(Query(text="square", filter=engine.filter("price < 12"), k=9))
        assert {shown.product.product_id for shown in cheap.shown} == {"p0", "p1"}
        assert engine.verify().ok
        assert "postgresql" in engine.status().database
    with Engine.open(settings_there) as engine:
        again = engine.index(request)
        assert (again.sync.unchanged, again.counts.products) == (12, 0)
        rows = shop.rows(11)
        rows[2]["colour"] = "gold"
        shop.write(rows)
        report = engine.index(request)
        assert (report.sync.changed, report.sync.removed) == (1, 1)
        assert (report.counts.encoded, report.counts.reused) == (0, 1)
        gold = engine.search(Query(text="square", filter=engine.filter("colour = gold"), k=9))
        assert [shown.product.product_id for shown in gold.shown] == ["p2"]
        engine.put_product(Product("new", "a new thing"), [photo])
        engine.remove_product("p7")
        assert (
            engine.search(Query(picture=engine.picture(photo))).shown[0].product.product_id == "new"
        )
        with pytest.raises(NotFoundError):
            engine.product("p7")
        assert engine.verify().ok
        assert engine.status().products[Stage.INDEXED] == 11
