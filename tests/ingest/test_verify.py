from shoplens.engine import Engine
from shoplens.ingest.feeds import IndexRequest
from small_shop import MakeShop


def test_rows_that_the_store_lost_are_named_and_repaired(
    engine: Engine, make_shop: MakeShop
) -> None:
    shop = make_shop(8)
    engine.index(IndexRequest(shop.feed))
    assert engine.verify().ok
    engine._store.delete(["p3", "p5"])  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    report = engine.verify(repair=True)
    assert not report.ok
    assert report.missing == ("p3", "p5")
    again = engine.index(IndexRequest(shop.feed))
    assert (again.counts.products, again.counts.encoded, again.counts.reused) == (2, 0, 2)
    assert engine.verify().ok


def test_rows_without_a_product_are_orphans_until_repaired(
    engine: Engine, make_shop: MakeShop
) -> None:
    shop = make_shop(4)
    engine.index(IndexRequest(shop.feed))
    products = engine._catalogue.products  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    products.remove(["p1"])
    products.purge(["p1"])
    report = engine.verify(repair=True)
    assert report.orphans == ("p1",)
    assert engine.verify().ok
