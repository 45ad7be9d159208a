"""A model comes to serve, and another goes back, while nothing of the shop is lost."""

import shutil
from dataclasses import replace

import pytest

from shoplens.catalogue.products import Products
from shoplens.config import Settings
from shoplens.engine import Engine
from shoplens.errors import MismatchError, NotFoundError, StorageError
from shoplens.indexing.workbench import IndexCounts, silent
from shoplens.ingest.feeds import IndexRequest
from shoplens.ingest.switching.report import PromoteReport
from shoplens.parts import roll_back
from shoplens.types import Product, Query
from small_shop import MakeShop, SmallShop
from trained_models import add_head, add_network, first, register, soon

N = 12


@pytest.fixture(params=["exact", "edge"])
def settings_of(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    return settings.model_copy(update={"store": request.param})


@pytest.fixture
def shop(make_shop: MakeShop) -> SmallShop:
    return make_shop(N)


def photos(shop: SmallShop) -> dict[str, bytes]:
    return {f"p{i}": (shop.images / f"p{i}.png").read_bytes() for i in range(N)}


def assert_whole(engine: Engine, wanted: dict[str, bytes]) -> None:
    """Every product is there once, and found by its own picture."""
    report = engine.verify()
    assert (report.ok, report.products, report.pending) == (True, len(wanted), 0), report
    assert {product_id: first(engine, photo) for product_id, photo in wanted.items()} == {
        product_id: product_id for product_id in wanted
    }


def stores(settings: Settings) -> set[str]:
    return {folder.name for folder in (settings.data / "store").iterdir()}


def test_a_head_comes_to_serve_without_a_look_at_any_picture(
    settings_of: Settings, shop: SmallShop
) -> None:
    asked = photos(shop)
    with Engine.open(settings_of) as engine:
        engine.index(IndexRequest(shop.feed))
        add_head(settings_of, "head-1")
        for image in shop.images.glob("*.png"):
            image.unlink()
        report = engine.promote("head-1")
        assert (report.before, report.after, report.done) == ("colour", "head-1", True)
        assert (report.products, report.rows, report.waiting, report.dropped) == (N, N, 0, ())
        assert (report.counts.derived, report.counts.encoded, report.counts.reused) == (N, 0, 0)
        assert engine.status().encoder == "head-1"
        assert_whole(engine, asked)
    with Engine.open(settings_of) as engine:
        assert engine.status().encoder == "head-1", "it serves from now on"
        assert_whole(engine, asked)


def test_a_whole_network_encodes_every_picture_once(settings_of: Settings, shop: SmallShop) -> None:
    with Engine.open(settings_of) as engine:
        engine.index(IndexRequest(shop.feed))
        add_network(settings_of, "tail-1")
        assert engine.promote("tail-1").counts.encoded == N
        assert_whole(engine, photos(shop))
        assert engine.promote("colour").counts.products == 0, "it was kept as it should be"
        back = engine.promote("tail-1")
        assert (back.counts.encoded, back.counts.products) == (0, 0)
        assert_whole(engine, photos(shop))


def test_a_rollback_has_all_that_changed_since(settings_of: Settings, shop: SmallShop) -> None:
    asked = photos(shop)
    with Engine.open(settings_of) as engine:
        engine.index(IndexRequest(shop.feed))
        add_head(settings_of, "head-1")
        engine.promote("head-1")
        rows = shop.rows(N)[2:]
        rows[0]["price"] = "99.00"
        shop.write(rows)
        engine.index(IndexRequest(shop.feed))
        shop.draw("p3.png", 77)
        engine.index(IndexRequest(shop.feed))
        shop.draw("new.png", 78)
        new = (shop.images / "new.png").read_bytes()
        engine.put_product(Product("new", "a new thing"), [new])
        report = engine.rollback()
        assert (report.before, report.after) == ("head-1", "colour")
        asked |= {"new": new, "p3": (shop.images / "p3.png").read_bytes()}
        del asked["p0"], asked["p1"]
        assert_whole(engine, asked)
        dear = engine.search(Query(text="square", filter=engine.filter("price > 90")))
        assert [shown.product.product_id for shown in dear.shown] == ["p2"]
        assert engine.rollback().after == "head-1", "there and back"
        assert_whole(engine, asked)


def test_what_changes_is_in_the_other_store_a_moment_later(
    settings_of: Settings, shop: SmallShop
) -> None:
    with Engine.open(settings_of) as engine:
        engine.index(IndexRequest(shop.feed))
        add_head(settings_of, "head-1")
        engine.promote("head-1")
    for again in range(2):  # by the process that switched, and by one that did not
        with Engine.open(settings_of) as engine:
            parts = engine._parts  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
            held = parts.catalogue.held
            (kept,) = {*held.stores()} - {parts.identity.key}
            engine.put_product(Product(f"new{again}", "a new thing"))
            engine.remove_product(f"p{again}")
            soon(
                lambda kept=kept, held=held: not (held.count_behind(kept) or held.gone(kept, k=1)),
                "the second store follows",
            )
            assert engine.rollback().counts.products == 0, "nothing was left to do"


def test_the_store_of_the_model_before_the_previous_is_deleted(
    settings_of: Settings, shop: SmallShop
) -> None:
    with Engine.open(settings_of) as engine:
        engine.index(IndexRequest(shop.feed))
        (base,) = stores(settings_of)
        for name in ("head-1", "head-2"):
            add_head(settings_of, name)
        assert engine.promote("head-1").dropped == ()
        report = engine.promote("head-2")
        assert report.dropped == ("colour",)
        assert "store of colour was deleted" in "\n".join(report.lines())
        assert len(stores(settings_of)) == 2
        assert base not in stores(settings_of)
        assert [model.state for model in engine.models()] == ["previous", "serving"]
        assert_whole(engine, photos(shop))
        assert engine.rollback().after == "head-1"
        report = engine.promote("colour")
        assert (report.counts.reused, report.counts.encoded) == (N, 0), "from the cache"
        assert_whole(engine, photos(shop))


def test_the_serving_model_is_not_left_for_one_that_must_not_serve(
    settings: Settings, engine: Engine, shop: SmallShop
) -> None:
    engine.index(IndexRequest(shop.feed))
    add_head(settings, "head-1")
    add_head(settings, "worse-1", safe=False, reason="R@1 on new products fell from 0.31 to 0.19")
    add_head(settings, "gone-1").unlink()
    with pytest.raises(MismatchError, match=r"not let serve: R@1 on new products fell from 0\.31"):
        engine.promote("worse-1")
    with pytest.raises(NotFoundError, match="file of model 'gone-1' is gone"):
        engine.promote("gone-1")
    with pytest.raises(NotFoundError, match="no model 'head-9'; there are"):
        engine.promote("head-9")
    with pytest.raises(MismatchError, match="'colour' serves already"):
        engine.promote("colour")
    with pytest.raises(NotFoundError, match="nothing to go back to"):
        engine.rollback()
    assert {model.state for model in engine.models()} == {"candidate"}
    assert len(stores(settings)) == 1
    assert_whole(engine, photos(shop))


def test_another_file_than_was_trained_is_refused(
    settings: Settings, engine: Engine, shop: SmallShop
) -> None:
    engine.index(IndexRequest(shop.feed))
    path, other = add_head(settings, "head-1"), add_head(settings, "head-2")
    shutil.copy(other, path)
    with pytest.raises(MismatchError, match="not those that were trained"):
        engine.promote("head-1")


def test_a_model_of_another_encoder_is_refused_with_what_to_do(
    settings: Settings, shop: SmallShop
) -> None:
    other = settings.model_copy(update={"encoder": "lite0"})
    with Engine.open(settings) as engine:
        engine.index(IndexRequest(shop.feed))
        add_head(settings, "head-1")
    with Engine.open(other) as engine, pytest.raises(MismatchError, match="indexed as"):
        engine.promote("head-1")
    with Engine.open(settings) as engine:
        engine.promote("head-1")
    with pytest.raises(MismatchError, match=r"set encoder to 'colour'.*rollback"):
        Engine.open(other)
    with pytest.raises(MismatchError, match="set encoder to 'colour'"):
        roll_back(other, silent)


def test_a_shop_whose_serving_file_is_gone_goes_back(
    settings_of: Settings, shop: SmallShop
) -> None:
    with Engine.open(settings_of) as engine:
        engine.index(IndexRequest(shop.feed))
        path = add_head(settings_of, "head-1")
        engine.promote("head-1")
        engine.put_product(Product("new", "a new thing"))
        engine.remove_product("p0")
    content = path.read_bytes()
    path.unlink()
    with pytest.raises(NotFoundError, match="shoplens models rollback"):
        Engine.open(settings_of)
    report = roll_back(settings_of, silent)
    assert (report.before, report.after, report.done) == ("head-1", "colour", True)
    asked = photos(shop)
    del asked["p0"]
    with Engine.open(settings_of) as engine:
        assert engine.status().encoder == "colour"
        assert engine.product("new")
        assert engine.verify().ok
        assert {first(engine, photo) for photo in asked.values()} == {*asked}
        with pytest.raises(NotFoundError, match="is gone"):
            engine.rollback()
        assert engine.status().encoder == "colour"
        path.write_bytes(content)
        assert engine.rollback().after == "head-1"
        assert engine.verify().ok


def test_pictures_that_are_gone_stop_a_network_unless_they_are_few(
    settings: Settings, engine: Engine, make_shop: MakeShop
) -> None:
    shop = make_shop(120)
    engine.index(IndexRequest(shop.feed))
    add_network(settings, "tail-1")
    for i in (1, 2, 3):
        (shop.images / f"p{i}.png").rename(shop.images / f"away{i}")
    with pytest.raises(MismatchError, match="3 of 120 products have a picture"):
        engine.promote("tail-1")
    assert (engine.status().encoder, engine.verify().ok) == ("colour", True)
    for i in (1, 2):
        (shop.images / f"away{i}").rename(shop.images / f"p{i}.png")
    report = engine.promote("tail-1")
    assert (report.done, report.waiting) == (True, 1)
    assert "1 products wait" in report.lines()[0]
    proof = engine.verify()
    assert (proof.ok, proof.pending, proof.indexed) == (True, 1, 119)
    found = engine.search(Query(text="green square number 1", k=200))
    assert "p1" in {shown.product.product_id for shown in found.shown}
    engine.index(IndexRequest(shop.feed))
    assert [(r.product_id, "no such file" in r.reason) for r in engine.rejections()] == [
        ("p3", True)
    ]
    assert engine.verify().pending == 0
    assert engine.rollback().done
    assert engine.verify().ok, "the older store forgot that picture too"


def test_a_lost_second_store_is_made_again(settings_of: Settings, shop: SmallShop) -> None:
    with Engine.open(settings_of) as engine:
        engine.index(IndexRequest(shop.feed))
        (base,) = stores(settings_of)
        add_head(settings_of, "head-1")
        engine.promote("head-1")
    shutil.rmtree(settings_of.data / "store" / base)
    with Engine.open(settings_of) as engine:
        report = engine.rollback()
        assert (report.counts.products, report.counts.reused) == (N, N)
        assert_whole(engine, photos(shop))


def test_rows_that_came_or_went_by_themselves_are_put_right(
    settings: Settings, shop: SmallShop
) -> None:
    with Engine.open(settings) as engine:
        engine.index(IndexRequest(shop.feed))
        add_head(settings, "head-1")
        engine.promote("head-1")
        engine.rollback()
        follower = engine._switching._follower  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        side = follower.take("head-1")
        assert side
        rows = list(side.bench.store.rows())
        side.bench.store.delete(["p1", "p2"])
        assert len(list(side.bench.store.rows())) == len(rows) - 2
        follower.follow(side)
        engine.remove_product("p3")
        report = engine.rollback()
        assert (report.after, report.products) == ("head-1", N - 1)
        assert report.counts.products == 2
        assert engine.verify().ok


def test_what_waits_goes_on_waiting(settings: Settings, shop: SmallShop) -> None:
    with Engine.open(settings) as engine:
        engine.index(IndexRequest(shop.feed))
        products: Products = engine._catalogue.products  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        add_head(settings, "head-1")
        stored = products.get("p4")
        products.mark_pending([stored.number])
        report = engine.promote("head-1")
        assert (report.products, report.waiting) == (N - 1, 0)
        assert (engine.verify().ok, engine.verify().pending) == (True, 1)
        engine.index(IndexRequest(shop.feed))
        assert_whole(engine, photos(shop))
        engine.rollback()
        assert_whole(engine, photos(shop))


def test_an_empty_shop_can_be_switched_and_filled(settings: Settings, shop: SmallShop) -> None:
    with Engine.open(settings) as engine:
        add_head(settings, "head-1")
        assert engine.promote("head-1").products == 0
        engine.index(IndexRequest(shop.feed))
        assert_whole(engine, photos(shop))
        engine.rollback()
        assert_whole(engine, photos(shop))


def test_a_store_that_cannot_be_made_leaves_all_as_it_was(
    settings: Settings, engine: Engine, shop: SmallShop
) -> None:
    engine.index(IndexRequest(shop.feed))
    add_head(settings, "head-1")
    engine.promote("head-1")
    engine.rollback()
    engine.promote("head-1")
    add_head(settings, "head-2")
    with Engine.open(settings.model_copy(update={"data": settings.data.parent / "other"})) as two:
        two.index(IndexRequest(shop.feed))
        register_copy(settings, two.settings, "head-2")
        two.promote("head-2")
        (folder,) = stores(two.settings) - stores(settings)
    (settings.data / "store" / folder).write_text("in the way")
    with pytest.raises(StorageError, match=folder):
        engine.promote("head-2")
    assert engine.status().encoder == "head-1"
    (settings.data / "store" / folder).unlink()
    assert engine.promote("head-2").done
    assert_whole(engine, photos(shop))


def register_copy(settings: Settings, other: Settings, name: str) -> None:
    shutil.copytree(settings.data / "models" / name, other.data / "models" / name)
    register(other, name)


def test_a_report_comes_back_from_its_text() -> None:
    report = PromoteReport("a", "b", True, 3, 4, 1, IndexCounts(7), ("c",), 0.5)  # noqa: FBT003
    assert PromoteReport.from_json(report.to_json()) == report
    assert "b serves instead of a, with 3 products and 4 rows" in report.told()
    assert "a goes on serving" in replace(report, done=False).told()


def test_a_rollback_at_once_does_not_meet_the_follower_at_the_store(
    settings: Settings, shop: SmallShop
) -> None:
    with Engine.open(settings) as engine:
        engine.index(IndexRequest(shop.feed))
        add_head(settings, "head-1")
        engine.promote("head-1")
    for again in range(12):  # each opens the shop, wakes the follower, and goes back at once
        with Engine.open(settings) as engine:
            engine.put_product(Product(f"again{again}", "a new thing"))
            assert engine.rollback().done
