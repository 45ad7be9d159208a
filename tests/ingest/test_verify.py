import threading

from shoplens.config import Settings
from shoplens.engine import Engine
from shoplens.ingest.feeds import IndexRequest
from shoplens.ingest.verify import VerifyReport
from shoplens.types import Product
from small_shop import MakeShop


def test_rows_that_the_store_lost_are_named_and_repaired(
    engine: Engine, make_shop: MakeShop
) -> None:
    shop = make_shop(8)
    engine.index(IndexRequest(shop.feed))
    assert engine.verify().ok
    engine._parts.store.delete(["p3", "p5"])  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
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


def test_products_that_come_and_go_meanwhile_are_no_fault(
    settings: Settings, make_shop: MakeShop
) -> None:
    shop = make_shop(40)
    reports: list[VerifyReport] = []
    with Engine.open(settings) as engine:
        engine.index(IndexRequest(shop.feed))
        photo = (shop.images / "p1.png").read_bytes()

        def come_and_go() -> None:
            for i in range(40):
                engine.put_product(Product(f"new{i}", "a new thing"), [photo])
                engine.remove_product(f"new{i}" if i % 2 else f"p{i}")

        visitors = threading.Thread(target=come_and_go)
        visitors.start()
        while visitors.is_alive():
            reports.append(engine.verify())
        visitors.join()
        reports.append(engine.verify())
    assert len(reports) > 10, "it was asked meanwhile"
    assert all(report.ok for report in reports), [report.told() for report in reports]
    assert reports[-1].products == 40
