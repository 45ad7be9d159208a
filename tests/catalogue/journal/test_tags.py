"""Tags against what a reader sees, whatever feeds say before and after."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from shoplens.catalogue.journal.tags import Tag, Tags, says, tagged
from shoplens.catalogue.products import Products, PutCounts
from shoplens.errors import QueryError
from shoplens.types import Product, Stage

NOW = datetime(2026, 5, 1, tzinfo=UTC)
BARE = Product("1", "t")
RED = Product("1", "t", attributes={"Color": ("red",)})
BLUE = Tag("1", "colour", "blue")


@pytest.fixture
def products(engine: Engine) -> Products:
    products = Products(engine)
    products.put([BARE], feed="f", run="1", now=NOW)
    products.mark_indexed([(1, 1)])
    return products


@pytest.fixture
def tags(engine: Engine) -> Tags:
    return Tags(engine)


def test_a_tag_outlives_the_next_run_of_the_feed(products: Products, tags: Tags) -> None:
    tags.put([BLUE], now=NOW)
    assert products.put([BARE], feed="f", run="2", now=NOW) == PutCounts(0, 0, 1)
    stored = products.get("1")
    assert (stored.product.attributes, stored.stage) == ({"colour": ("blue",)}, Stage.PENDING)
    assert stored.revision == 2
    assert [one.product for one in products.walk()] == [stored.product]
    assert [one.product for one in products.pending(k=9)] == [stored.product]


def test_what_the_feed_says_goes_before_and_the_tag_waits(products: Products, tags: Tags) -> None:
    tags.put([BLUE], now=NOW)
    products.put([RED], feed="f", run="2", now=NOW)
    assert products.get("1").product == RED
    products.put([BARE], feed="f", run="3", now=NOW)
    assert products.get("1").product.attributes == {"colour": ("blue",)}


def test_a_product_that_went_and_came_back_has_its_tags(products: Products, tags: Tags) -> None:
    tags.put([BLUE, Tag("1", "category", "A > B")], now=NOW)
    products.remove(["1"])
    products.purge(["1"])
    assert products.get_many(["1"]) == {}
    products.put([BARE], feed="f", run="2", now=NOW)
    assert products.get("1").product.category == ("A", "B")


def test_a_tag_may_wait_for_its_product(products: Products, tags: Tags) -> None:
    tags.put([Tag("2", "fit", "slim")], now=NOW)
    assert [one.stage for one in products.walk()] == [Stage.INDEXED]
    products.put([Product("2", "t")], feed="f", run="2", now=NOW)
    assert products.get("2").product.attributes == {"fit": ("slim",)}


def test_a_second_tag_of_a_field_replaces_the_first(products: Products, tags: Tags) -> None:
    tags.put([BLUE], now=NOW)
    tags.put([Tag("1", "colour", " green ")], now=NOW)
    assert tags.all() == [Tag("1", "colour", "green")]
    assert tags.of(["1", "2"]) == {"1": [Tag("1", "colour", "green")]}
    assert tags.remove([BLUE]) == 0, "it says something else by now"
    assert products.get("1").product.attributes == {"colour": ("green",)}


def test_a_tag_taken_back_leaves_the_product_as_its_feed_has_it(
    products: Products, tags: Tags
) -> None:
    tags.put([BLUE], now=NOW)
    products.mark_indexed([(1, 2)])
    assert tags.remove([BLUE, Tag("9", "colour", "red")]) == 1
    stored = products.get("1")
    assert (stored.product, stored.stage, stored.revision) == (BARE, Stage.PENDING, 3)


def test_fields_that_only_tags_carry_are_known_while_they_last(
    products: Products, tags: Tags
) -> None:
    fit = Tag("1", "fit", "slim")
    tags.put([fit], now=NOW)
    tags.put([fit], now=NOW)
    assert products.attribute_names() == ["fit"]
    tags.remove([fit])
    assert products.attribute_names() == []


def test_a_thousand_tags_are_kept_and_taken_back_together(products: Products, tags: Tags) -> None:
    many = [Tag(f"{n}", "colour", "red") for n in range(1200)]
    tags.put(many, now=NOW)
    assert len(tags.all()) == 1200
    assert tags.remove(many) == 1200
    assert products.get("1").product == BARE


@pytest.mark.parametrize("field", ["price", "Colour", "brand", "", "main", "attribute main"])
def test_fields_that_cannot_be_tagged_are_refused(tags: Tags, field: str) -> None:
    with pytest.raises(QueryError, match="cannot be tagged"):
        tags.put([Tag("1", field, "x")], now=NOW)
    assert tags.all() == []


@pytest.mark.parametrize("value", ["", "  ", "x" * 1001])
def test_values_that_say_nothing_or_too_much_are_refused(tags: Tags, value: str) -> None:
    with pytest.raises(QueryError, match="give 1 to 1000"):
        tags.put([Tag("1", "fit", value)], now=NOW)


def test_characters_that_no_database_holds_are_replaced(tags: Tags) -> None:
    tags.put([Tag("1", "fit", "a\0b\ud800")], now=NOW)
    assert tags.all() == [Tag("1", "fit", "a\ufffdb\ufffd")]


def test_empty_words_of_a_feed_say_nothing() -> None:
    empty = Product("1", "t", category=("", " "), attributes={"Colour": ("", " ")})
    assert not says(empty, "category")
    assert not says(empty, "colour")
    assert tagged(empty, [BLUE]).attributes["colour"] == ("blue",)


def test_a_description_fills_an_empty_one_and_becomes_no_filter(
    products: Products, tags: Tags
) -> None:
    tags.put([Tag("1", "description", "A red bag."), BLUE], now=NOW)
    told = products.get("1").product
    assert (told.description, told.attributes) == ("A red bag.", {"colour": ("blue",)})
    assert products.attribute_names() == ["colour"]
    assert says(told, "description")
    products.put([Product("1", "t", "Its own words")], feed="f", run="2", now=NOW)
    assert products.get("1").product.description == "Its own words", "the feed goes before"
    assert tags.remove([Tag("1", "description", "A red bag.")]) == 1
    assert products.attribute_names() == ["colour"]
