from dataclasses import replace
from pathlib import Path

import pytest

from shoplens.config import Settings
from shoplens.engine import Engine
from shoplens.errors import BusyError, ImageError, MismatchError, NotFoundError
from shoplens.ingest.feeds import IndexRequest
from shoplens.types import Product, Query, Stage
from small_shop import MakeShop


def ask(engine: Engine, image: Path, k: int = 3) -> list[str]:
    answer = engine.search(Query(picture=engine.picture(image.read_bytes()), k=k))
    return [shown.product.product_id for shown in answer.shown]


def test_a_picture_of_a_product_finds_that_product(engine: Engine, make_shop: MakeShop) -> None:
    shop = make_shop(10)
    report = engine.index(IndexRequest(shop.feed))
    assert (report.sync.new, report.counts.products, report.counts.encoded) == (10, 10, 10)
    for i in range(10):
        assert ask(engine, shop.images / f"p{i}.png")[0] == f"p{i}"


def test_the_second_run_of_a_feed_does_no_work(engine: Engine, make_shop: MakeShop) -> None:
    shop = make_shop(9)
    engine.index(IndexRequest(shop.feed))
    again = engine.index(IndexRequest(shop.feed))
    assert (again.sync.new, again.sync.changed, again.sync.removed) == (0, 0, 0)
    assert (again.counts.products, again.counts.encoded, again.counts.reused) == (0, 0, 0)


def test_changed_and_removed_products_are_found(engine: Engine, make_shop: MakeShop) -> None:
    shop = make_shop(9)
    engine.index(IndexRequest(shop.feed))
    rows = shop.rows(8)
    rows[3]["price"] = "99.00"
    shop.write(rows)
    report = engine.index(IndexRequest(shop.feed))
    assert (report.sync.changed, report.sync.removed) == (1, 1)
    assert (report.counts.encoded, report.counts.reused) == (0, 1)
    assert "p8" not in ask(engine, shop.images / "p8.png", k=20)
    assert engine.verify().ok


def test_an_image_file_that_changed_is_encoded_again(engine: Engine, make_shop: MakeShop) -> None:
    shop = make_shop(6)
    engine.index(IndexRequest(shop.feed))
    shop.draw("p2.png", 77)
    report = engine.index(IndexRequest(shop.feed))
    assert (report.stale, report.counts.encoded) == (1, 1)
    assert ask(engine, shop.images / "p2.png")[0] == "p2"


def test_bad_images_cost_one_line_each(engine: Engine, make_shop: MakeShop) -> None:
    shop = make_shop(6)
    (shop.images / "p1.png").write_bytes(b"not a picture")
    (shop.images / "p2.png").unlink()
    report = engine.index(IndexRequest(shop.feed))
    assert (report.counts.products, report.counts.refused) == (6, 2)
    assert {r.product_id for r in engine.rejections()} == {"p1", "p2"}
    answer = engine.search(Query(text="green square number 1", k=6))
    assert answer.shown[0].product.product_id == "p1", "still found by its words"
    shop.draw("p1.png", 1)
    shop.draw("p2.png", 2)
    assert engine.index(IndexRequest(shop.feed)).counts.encoded == 2
    assert engine.rejections() == []


def test_words_and_filters_find_products(engine: Engine, make_shop: MakeShop) -> None:
    shop = make_shop(12)
    engine.index(IndexRequest(shop.feed))
    answer = engine.search(Query(text="square", filter=engine.filter("price < 13"), k=9))
    assert {shown.product.product_id for shown in answer.shown} == {"p0", "p1", "p2"}
    red = engine.search(Query(text="square", filter=engine.filter("colour = Red"), k=9))
    assert {shown.product.product_id for shown in red.shown} == {"p0", "p3", "p6", "p9"}


def test_a_put_product_is_searchable_at_once_and_gone_at_once(
    engine: Engine, make_shop: MakeShop
) -> None:
    shop = make_shop(3)
    photo = (shop.images / "p1.png").read_bytes()
    view = engine.put_product(Product("new", "a new thing"), [photo])
    assert view.stage is Stage.INDEXED
    assert ask(engine, shop.images / "p1.png") == ["new"]
    assert engine.thumbnail(view.images[0].image_hash).exists()
    engine.remove_product("new")
    assert ask(engine, shop.images / "p1.png") == []
    with pytest.raises(NotFoundError, match="new"):
        engine.product("new")


def test_a_path_from_the_network_is_refused(engine: Engine) -> None:
    with pytest.raises(ImageError, match="is a path"):
        engine.put_product(Product("spy", "spy", images=("/etc/passwd",)))


def test_a_product_put_back_keeps_its_images(engine: Engine, make_shop: MakeShop) -> None:
    shop = make_shop(3)
    engine.index(IndexRequest(shop.feed))
    before = engine.product("p1").product
    view = engine.put_product(before)
    assert [r.reason for r in view.images] == [""]
    assert ask(engine, shop.images / "p1.png")[0] == "p1"


def test_two_engines_never_share_a_folder(engine: Engine) -> None:
    with pytest.raises(BusyError, match="in use by process"):
        Engine.open(engine.settings)


def test_another_encoder_needs_a_rebuild_that_encodes_once(
    settings: Settings, make_shop: MakeShop
) -> None:
    shop = make_shop(4)
    with Engine.open(settings) as engine:
        engine.index(IndexRequest(shop.feed))
    other = settings.model_copy(update={"store": "edge"})
    with Engine.open(other) as engine:
        with pytest.raises(MismatchError, match="--rebuild"):
            engine.search(Query(text="red"))
        with pytest.raises(MismatchError, match="--rebuild"):
            engine.index(IndexRequest(shop.feed))
        report = engine.index(IndexRequest(shop.feed, rebuild=True))
        assert (report.counts.reused, report.counts.encoded) == (4, 0)
        assert ask(engine, shop.images / "p2.png")[0] == "p2"


def test_similar_products_leave_out_the_product_itself(engine: Engine, make_shop: MakeShop) -> None:
    shop = make_shop(5)
    engine.index(IndexRequest(shop.feed))
    answer = engine.search(Query(product_id="p2", k=10))
    assert sorted(shown.product.product_id for shown in answer.shown) == ["p0", "p1", "p3", "p4"]
    with pytest.raises(NotFoundError):
        engine.search(Query(product_id="p99"))


def test_warming_needs_no_products(engine: Engine) -> None:
    engine.warm()
    assert engine.status().rows == 0


def test_a_sale_that_is_over_no_longer_sets_the_price(engine: Engine, tmp_path: Path) -> None:
    feed = tmp_path / "google.tsv"
    columns = ["id", "title", "link", "image_link", "price", "sale_price"]
    dates = "sale_price_effective_date"
    over = ["a", "lamp", "https://x.test/a", "", "90 EUR", "60 EUR", "2020-01-01/2020-02-01"]
    rows = ["\t".join([*columns, dates]), "\t".join(over)]
    feed.write_text("\n".join(rows) + "\n", "utf-8")
    engine.index(IndexRequest(feed))
    assert engine.product("a").product.sale_price is None


def test_a_photo_reaches_the_whole_shop_page_by_page(engine: Engine, make_shop: MakeShop) -> None:
    shop = make_shop(75)  # more than the products that each signal lists at first
    engine.index(IndexRequest(shop.feed))
    photo = engine.picture((shop.images / "p7.png").read_bytes())
    for query in (Query(picture=photo), Query(product_id="p7"), Query(picture=photo, text="red")):
        pages = [engine.search(replace(query, k=30, offset=offset)) for offset in range(0, 120, 30)]
        found = [shown.product.product_id for page in pages for shown in page.shown]
        everything = 74 if query.product_id else 75
        assert len(found) == len(set(found)) == everything
        assert {(page.total, page.total_exact) for page in pages} == {(everything, True)}


def test_words_reach_every_product_that_has_them(engine: Engine, make_shop: MakeShop) -> None:
    shop = make_shop(120)
    engine.index(IndexRequest(shop.feed))
    query = Query(text="blue square", k=25, facets=("colour",))
    pages = [engine.search(replace(query, offset=offset)) for offset in range(0, 150, 25)]
    found = [shown.product.product_id for page in pages for shown in page.shown]
    assert {f"p{i}" for i in range(2, 120, 3)} <= set(found)
    assert len(found) == len(set(found))
    assert {page.total for page in pages} == {len(found)}
    short = engine.search(replace(query, facets=(), k=5))
    assert short.total == len(found)
