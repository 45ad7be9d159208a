from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from shoplens.catalogue.products import Products, PutCounts, Stored
from shoplens.database.tables import products as table
from shoplens.database.transactions import reading
from shoplens.errors import MismatchError, NotFoundError
from shoplens.types import Product, Stage

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
JUMPER = Product(
    "J-1",
    "Wool Jumper, 毛衣",
    description="Warm.\nSoft. 🧶",
    brand="ACME",
    category=("Clothing", "Knitwear"),
    group_id="J",
    price=Decimal("50.10"),
    sale_price=Decimal(40),
    currency="EUR",
    in_stock=False,
    url="https://shop.example/j-1",
    gtin="4006381333931",
    mpn="W7",
    images=("a.jpg", "b.jpg"),
    attributes={"Colour": ("Red", "Blue"), "size": ("M",)},
    popularity=0.1,
)


def drawn(*product_ids: str) -> list[Product]:
    return [Product(product_id, f"product {product_id}") for product_id in product_ids]


def put(products: Products, *product_ids: str, run: str = "1", feed: str = "shop") -> PutCounts:
    return products.put(drawn(*product_ids), feed=feed, run=run, now=NOW)


def index_all(products: Products) -> int:
    return products.mark_indexed([(p.number, p.revision) for p in products.pending(k=10_000)])


def stages(products: Products) -> dict[str, Stage]:
    return {stored.product.product_id: stored.stage for stored in products.walk()}


def test_a_product_comes_back_as_it_was_put(products: Products) -> None:
    products.put([JUMPER], feed="shop", run="1", now=NOW)
    stored = products.get("J-1")
    assert stored == Stored(stored.number, JUMPER, Stage.PENDING, 1, NOW, "shop")
    assert products.get_many(["J-1", "J-2"]) == {"J-1": stored}
    assert products.walk() == products.pending(k=5) == [stored]


def test_putting_tells_new_from_changed_from_unchanged(products: Products) -> None:
    assert put(products, "a", "b") == PutCounts(2, 0, 0)
    assert index_all(products) == 2
    changed = replace(drawn("b")[0], title="now another")
    again = [*drawn("a", "c"), changed]
    assert products.put(again, feed="shop", run="2", now=NOW) == PutCounts(1, 1, 1)
    assert stages(products) == {
        "a": Stage.INDEXED,
        "b": Stage.PENDING,
        "c": Stage.PENDING,
    }
    assert (products.get("b").revision, products.get("a").revision) == (2, 1)
    assert products.get("b").product == changed


def test_nothing_to_do_is_no_error(products: Products) -> None:
    assert products.put([], feed="shop", run="1", now=NOW) == PutCounts(0, 0, 0)
    assert products.get_many([]) == {}
    assert products.mark_indexed([]) == products.mark_pending([]) == products.remove([]) == 0
    products.purge([])
    assert products.counts() == {Stage.PENDING: 0, Stage.INDEXED: 0, Stage.REMOVED: 0}


def test_what_a_run_did_not_put_is_swept_from_its_feed_only(products: Products) -> None:
    put(products, "a", "b", "c")
    put(products, "x", feed="other")
    put(products, "b", run="2")
    assert products.sweep(feed="shop", run="2") == 2
    assert stages(products) == {
        "a": Stage.REMOVED,
        "b": Stage.PENDING,
        "c": Stage.REMOVED,
        "x": Stage.PENDING,
    }
    assert products.sweep(feed="shop", run="2") == 0


def test_a_removed_product_is_not_found_but_still_walked(products: Products) -> None:
    put(products, "a", "b")
    assert products.remove(["a", "unknown"]) == 1
    assert products.remove(["a"]) == 0
    with pytest.raises(NotFoundError, match="no product 'a'"):
        products.get("a")
    assert products.get_many(["a", "b"]).keys() == {"b"}
    assert [p.product.product_id for p in products.pending(k=9)] == ["b"]
    assert stages(products)["a"] is Stage.REMOVED
    assert products.removed(k=9) == ["a"]
    assert products.counts() == {Stage.PENDING: 1, Stage.INDEXED: 0, Stage.REMOVED: 1}


def test_a_removed_product_that_is_put_again_is_indexed_anew(products: Products) -> None:
    put(products, "a")
    before = products.get("a")
    index_all(products)
    products.remove(["a"])
    assert put(products, "a") == PutCounts(0, 1, 0)
    after = products.get("a")
    assert (after.number, after.stage) == (before.number, Stage.PENDING)
    assert after.revision > before.revision
    assert products.removed(k=9) == []


def test_a_product_is_taken_over_by_the_feed_that_puts_it(products: Products) -> None:
    put(products, "a", "b")
    index_all(products)
    assert put(products, "a", feed="other") == PutCounts(0, 0, 1)
    assert (products.get("a").feed, products.get("a").stage) == ("other", Stage.INDEXED)
    assert products.sweep(feed="shop", run="2") == 1
    assert products.get("a").stage is Stage.INDEXED


def test_marking_a_stale_revision_indexed_does_nothing(products: Products) -> None:
    put(products, "a", "b", "c")
    seen = [(p.number, p.revision) for p in products.pending(k=9)]
    products.put([Product("a", "changed meanwhile")], feed="shop", run="1", now=NOW)
    products.remove(["b"])
    assert products.mark_indexed(seen) == 1
    assert stages(products) == {"a": Stage.PENDING, "b": Stage.REMOVED, "c": Stage.INDEXED}


def test_products_marked_pending_are_indexed_anew(products: Products) -> None:
    put(products, "a", "b", "c")
    numbers = [p.number for p in products.walk()]
    old = [(p.number, p.revision) for p in products.pending(k=9)]
    index_all(products)
    products.remove(["c"])
    assert products.mark_pending([numbers[0], numbers[2], 999]) == 1
    assert stages(products) == {"a": Stage.PENDING, "b": Stage.INDEXED, "c": Stage.REMOVED}
    assert products.mark_indexed(old) == 0


def test_a_number_is_never_given_again(products: Products) -> None:
    put(products, "a", "b")
    highest = products.get("b").number
    products.remove(["a", "b"])
    products.purge(["a", "b"])
    assert products.walk() == []
    put(products, "b", "c")
    assert all(p.number > highest for p in products.walk())
    assert products.get("b").revision == 1


def test_only_removed_products_are_purged(products: Products) -> None:
    put(products, "a", "b", "c")
    products.remove(["a", "b"])
    put(products, "b")
    products.purge(["a", "b", "c", "unknown"])
    assert stages(products).keys() == {"b", "c"}


def test_one_id_twice_in_one_put_is_refused_and_nothing_is_kept(products: Products) -> None:
    with pytest.raises(MismatchError, match="product 'a' comes twice in one put"):
        put(products, "b", "a", "a")
    assert products.walk() == []


def test_pages_follow_each_other_without_gaps(products: Products) -> None:
    put(products, *(f"{i:03}" for i in range(25)))
    seen: list[str] = []
    after = 0
    while page := products.walk(after=after, k=7):
        after = page[-1].number
        seen += [stored.product.product_id for stored in page]
    assert seen == [f"{i:03}" for i in range(25)]
    pending = products.pending(after=products.get("019").number, k=3)
    assert [p.product.product_id for p in pending] == ["020", "021", "022"]


def test_more_products_than_one_statement_may_name(products: Products) -> None:
    names = [f"p{i}" for i in range(2100)]
    assert put(products, *names) == PutCounts(2100, 0, 0)
    assert put(products, *names, run="2") == PutCounts(0, 0, 2100)
    assert products.get_many(names).keys() == set(names)
    assert products.mark_pending([p.number for p in products.walk(k=9999)]) == 2100
    assert products.remove(names) == 2100
    products.purge(names)
    assert products.walk() == []


def test_attribute_names_are_those_of_products_that_are_there(products: Products) -> None:
    def names_after(*drafts: Product) -> list[str]:
        products.put(drafts, feed="shop", run="1", now=NOW)
        return products.attribute_names()

    red = Product("a", "a", attributes={"Colour": ("red",), "size": ("M",)})
    blue = Product("b", "b", attributes={"colour": ("blue",), "Heel height": ("2",)})
    assert names_after(red, blue) == ["colour", "heel_height", "size"]
    assert names_after(replace(red, attributes={"fit": ("slim",)})) == [
        "colour",
        "fit",
        "heel_height",
    ]
    products.remove(["b"])
    assert products.attribute_names() == ["fit"]
    assert names_after(blue) == ["colour", "fit", "heel_height"]
    products.sweep(feed="shop", run="2")
    assert products.attribute_names() == []


def test_a_change_is_dated_and_a_look_is_not(products: Products, engine: Engine) -> None:
    def updated() -> datetime:
        with reading(engine) as connection:
            return connection.execute(select(table.c.updated)).scalar_one()

    later = NOW + timedelta(days=1)
    put(products, "a")
    products.put(drawn("a"), feed="shop", run="2", now=later)
    assert updated() == NOW
    products.put([Product("a", "new title")], feed="shop", run="3", now=later)
    assert updated() == later


def test_a_product_is_dated_when_it_is_first_put_and_only_then(products: Products) -> None:
    put(products, "a", "b")
    later = NOW + timedelta(days=1)
    products.remove(["b"])
    changed = [Product("a", "new title"), *drawn("b", "c")]
    assert products.put(changed, feed="shop", run="2", now=later) == PutCounts(1, 2, 0)
    assert [products.get(name).added for name in "abc"] == [NOW, NOW, later]
    products.remove(["b"])
    products.purge(["b"])
    products.put(drawn("b"), feed="shop", run="3", now=later)
    assert products.get("b").added == later


def test_a_change_of_popularity_alone_is_a_change(products: Products) -> None:
    popular = [replace(one, popularity=1.0) for one in drawn("a")]
    put(products, "a")
    assert products.put(popular, feed="shop", run="1", now=NOW) == PutCounts(0, 1, 0)
    assert products.put(popular, feed="shop", run="1", now=NOW) == PutCounts(0, 0, 1)
    assert products.get("a").product.popularity == 1.0


def test_hostile_text_is_kept_as_far_as_a_database_can(products: Products) -> None:
    hostile = Product("a\x00", "\ud800", attributes={"\x00": ("\udfff",)}, images=("'; DROP--",))
    assert products.put([hostile], feed="\x00", run="1", now=NOW) == PutCounts(1, 0, 0)
    assert products.put([hostile], feed="\x00", run="2", now=NOW) == PutCounts(0, 0, 1)
    stored = products.get("a\x00")
    assert (stored.product.product_id, stored.product.title) == ("a\ufffd", "\ufffd")
    assert stored.product.images == ("'; DROP--",)
    with pytest.raises(NotFoundError):
        products.get("\x00")
