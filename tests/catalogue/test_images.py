from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from shoplens.catalogue.images import ImageRecord, Images
from shoplens.catalogue.products import Products
from shoplens.errors import NotFoundError
from shoplens.types import Product

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def image(position: int, image_hash: str = "", reason: str = "") -> ImageRecord:
    return ImageRecord(position, f"{position}.jpg", "10-20", image_hash, 3, 4, reason)


@pytest.fixture
def images(engine: Engine) -> Images:
    return Images(engine)


@pytest.fixture
def numbers(products: Products) -> list[int]:
    products.put([Product(i, i) for i in "abc"], feed="shop", run="1", now=NOW)
    return [stored.number for stored in products.walk()]


def test_images_come_back_in_order_and_for_every_product_asked(
    images: Images, numbers: list[int]
) -> None:
    a, b, _ = numbers
    images.replace(a, [image(2, "h2"), image(0, "h0"), image(1, reason="not found")])
    assert images.of([a, b]) == {
        a: [image(0, "h0"), image(1, reason="not found"), image(2, "h2")],
        b: [],
    }
    assert images.of([]) == {}


def test_replacing_forgets_what_was_there(images: Images, numbers: list[int]) -> None:
    a, b, c = numbers
    images.replace_many({a: [image(0), image(1)], b: [image(0)], c: [image(5)]})
    images.replace_many({a: [image(0, "new")], b: []})
    assert images.of(numbers) == {a: [image(0, "new")], b: [], c: [image(5)]}


def test_images_of_a_purged_product_go_and_do_not_come_back(
    images: Images, products: Products, numbers: list[int]
) -> None:
    a, b, _ = numbers
    images.replace_many({a: [image(0, "h")], b: [image(0, "g")]})
    products.remove(["a"])
    products.purge(["a"])
    assert images.of([a, b]) == {a: [], b: [image(0, "g")]}
    images.replace_many({a: [image(0, "h")], b: [image(0, "k")]})
    assert images.of([a, b]) == {a: [], b: [image(0, "k")]}


def test_an_image_is_found_by_its_content_a_usable_one_first(
    images: Images, numbers: list[int]
) -> None:
    a, b, _ = numbers
    images.replace_many({a: [image(0, "h", "too small")], b: [image(3, "h")]})
    assert images.find("h") == image(3, "h")
    assert images.origin("h") == ("shop", image(3, "h"))
    assert images.find("other") is None
    with pytest.raises(NotFoundError, match="no product has an image 'other'"):
        images.origin("other")


def test_the_origin_of_an_image_is_a_product_that_is_there(
    images: Images, products: Products, numbers: list[int]
) -> None:
    a, b, _ = numbers
    products.put([Product("b", "b")], feed="other shop", run="1", now=NOW)
    images.replace_many({a: [image(0, "h")], b: [image(1, "h")]})
    products.remove(["a"])
    assert images.origin("h") == ("other shop", image(1, "h"))
    products.remove(["b"])
    with pytest.raises(NotFoundError):
        images.origin("h")


def test_images_are_counted_and_rejected_ones_listed_page_by_page(
    images: Images, products: Products, numbers: list[int]
) -> None:
    a, b, c = numbers
    bad = [image(position, reason="broken") for position in (0, 2, 10)]
    images.replace_many({a: [*bad, image(1, "h")], b: bad[:1], c: bad})
    products.remove(["c"])
    assert images.counts() == (1, 4)
    everything = [("a", bad[0]), ("a", bad[1]), ("a", bad[2]), ("b", bad[0])]
    assert images.rejected(k=10) == everything
    page = images.rejected(k=2)
    assert page == everything[:2]
    assert images.rejected(after=(page[-1][0], page[-1][1].position), k=10) == everything[2:]


def test_an_empty_catalogue_has_no_images(images: Images) -> None:
    assert images.counts() == (0, 0)
    assert images.rejected(k=5) == []
