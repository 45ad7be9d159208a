from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from shoplens.catalogue.journal.held import UNSURE, Held
from shoplens.catalogue.products import Products
from shoplens.types import Product

NOW = datetime(2026, 5, 1, tzinfo=UTC)
IDS = ["a", "b", "c"]


@pytest.fixture
def held(engine: Engine) -> Held:
    return Held(engine)


@pytest.fixture
def shop(products: Products) -> Products:
    """Three products, indexed, numbers 1 to 3."""
    put(products, *IDS)
    products.mark_indexed([(number, 1) for number in (1, 2, 3)])
    return products


def put(products: Products, *product_ids: str, title: str = "a thing") -> None:
    products.put([Product(one, title) for one in product_ids], feed="f", run="1", now=NOW)


def test_a_store_is_behind_with_what_is_indexed_and_not_held(shop: Products, held: Held) -> None:
    assert held.behind("s", k=2) == [(1, "a"), (2, "b")]
    assert held.behind("s", after=2, k=2) == [(3, "c")]
    held.put("s", [(1, "a", 1), (2, "b", UNSURE)])
    assert held.behind("s", k=9) == [(2, "b"), (3, "c")]
    assert held.count_behind("s") == 2
    assert held.count_behind("other") == 3


def test_a_pending_product_is_not_waited_for(shop: Products, held: Held) -> None:
    held.fill("s")
    assert held.count_behind("s") == 0
    put(shop, "b", title="changed")
    put(shop, "new")
    assert held.count_behind("s") == 0
    shop.mark_indexed([(2, 2), (4, 1)])
    assert held.behind("s", k=9) == [(2, "b"), (4, "new")]


def test_a_store_that_served_may_hold_older_rows_of_what_waits(shop: Products, held: Held) -> None:
    put(shop, "b", title="changed")
    held.fill("s")
    assert held.count("s") == 3
    shop.remove(["b"])
    assert held.gone("s", k=9) == ["b"]


def test_what_was_removed_is_gone_until_it_is_forgotten(shop: Products, held: Held) -> None:
    held.fill("s")
    shop.remove(["a", "b"])
    shop.purge(["a"])
    assert sorted(held.gone("s", k=9)) == ["a", "b"]
    assert len(held.gone("s", k=1)) == 1
    held.forget("s", ["a", "b"])
    assert held.gone("s", k=9) == []
    assert held.count("s") == 1


def test_a_product_that_came_back_under_a_new_number_is_done_again(
    shop: Products, held: Held
) -> None:
    held.fill("s")
    shop.remove(["a"])
    shop.purge(["a"])
    put(shop, "a")
    shop.mark_indexed([(4, 1)])
    assert held.gone("s", k=9) == ["a"], "rows of its old number are there"
    held.put("s", [(4, "a", 1)])
    held.forget("s", ["a"])
    assert held.behind("s", k=9) == [(4, "a")], "deleting by id took the new rows along"


def test_stores_are_told_apart(shop: Products, held: Held) -> None:
    held.fill("s")
    held.fill("t")
    held.drop("s")
    assert (held.count("s"), held.count("t")) == (0, 3)
