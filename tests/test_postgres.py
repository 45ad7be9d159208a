"""The whole story with its catalogue in PostgreSQL."""

import pytest

from shoplens.config import Settings
from shoplens.engine import Engine
from shoplens.errors import NotFoundError
from shoplens.ingest.feeds import IndexRequest
from shoplens.types import Product, Query, Stage
from small_shop import MakeShop
from trained_models import add_head, first

pytestmark = pytest.mark.postgres


@pytest.fixture
def settings_there(settings: Settings, postgres_url: str) -> Settings:
    """A shop whose catalogue is a schema of its own."""
    return settings.model_copy(update={"database": postgres_url, "store": "edge"})


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


def test_models_come_and_go_in_postgresql(settings_there: Settings, make_shop: MakeShop) -> None:
    shop = make_shop(12)
    photo = (shop.images / "p7.png").read_bytes()
    with Engine.open(settings_there) as engine:
        engine.index(IndexRequest(shop.feed))
        for name in ("head-1", "head-2"):
            add_head(settings_there, name)
        assert engine.promote("head-1").counts.derived == 12
        engine.put_product(Product("new", "a new thing"))
        engine.remove_product("p1")
        assert engine.promote("head-2").dropped == ("colour",)
        assert (first(engine, photo), engine.verify().ok) == ("p7", True)
        assert engine.rollback().after == "head-1"
        assert (first(engine, photo), engine.verify().ok) == ("p7", True)
    with Engine.open(settings_there) as engine:
        assert engine.status().encoder == "head-1"
        assert engine.status().products[Stage.INDEXED] == 12
