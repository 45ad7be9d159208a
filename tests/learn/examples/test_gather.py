from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from shoplens.catalogue.catalogue import Catalogue, open_catalogue
from shoplens.catalogue.images import ImageRecord
from shoplens.errors import MismatchError, NotFoundError
from shoplens.indexing.pictures import PASSED_OVER
from shoplens.learn.examples.gather import (
    PLACEHOLDER,
    Example,
    Examples,
    from_catalogue,
    together,
    without,
)
from shoplens.types import Product, Rejection

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Pictures = dict[str, list[str]]
Fill = Callable[[list[Product], Pictures], Catalogue]


@pytest.fixture
def fill(sqlite_url: str) -> Iterator[Fill]:
    catalogue = open_catalogue(sqlite_url)

    def fill(products: list[Product], pictures: Pictures) -> Catalogue:
        """Index products; a picture is called by what is in it, ``!`` before it means unusable."""
        catalogue.products.put(products, feed="feed.csv", run="1", now=NOW)
        for product_id, stored in catalogue.products.get_many(
            [product.product_id for product in products]
        ).items():
            catalogue.images.replace(
                stored.number,
                [
                    ImageRecord(
                        position=i,
                        source=f"{product_id}_{i}.jpg",
                        stamp=PASSED_OVER if name == "!beyond" else "1-1",
                        image_hash="" if name.startswith("!") else name,
                        width=9,
                        height=9,
                        reason=name.removeprefix("!") if name.startswith("!") else "",
                    )
                    for i, name in enumerate(pictures.get(product_id, []))
                ],
            )
            catalogue.products.mark_indexed([(stored.number, stored.revision)])
        return catalogue

    yield fill
    catalogue.close()


def product(product_id: str, group: str = "", category: str = "", **attributes: str) -> Product:
    return Product(
        product_id,
        product_id,
        group_id=group,
        category=tuple(category.split(" > ")) if category else (),
        attributes={name: tuple(text.split("|")) for name, text in attributes.items()},
        brand=attributes.get("brand", ""),
    )


def named(examples: Examples) -> list[tuple[str, str, str, str]]:
    return [(e.product_id, e.image_hash, e.label, e.role) for e in examples.all]


def test_the_first_usable_picture_answers_and_the_others_ask(fill: Fill) -> None:
    shop = fill([product("a"), product("b")], {"a": ["a0", "a1", "a2"], "b": ["!damaged", "b1"]})
    found = from_catalogue(shop)
    assert named(found) == [
        ("a", "a0", "a", "gallery"),
        ("a", "a1", "a", "photo"),
        ("a", "a2", "a", "photo"),
        ("b", "b1", "b", "gallery"),
    ]
    assert found.refused == (Rejection("b_0.jpg", "damaged", "b"),)
    assert found.products == {"a": 0, "b": 3}
    assert found.all[1] == Example("a1", "a", "a", "a", "photo", "a_1.jpg", "feed.csv")


def test_only_indexed_products_with_usable_pictures_teach(fill: Fill) -> None:
    shop = fill(
        [product("a"), product("b"), product("c")], {"a": ["a0"], "c": ["!gone", "!beyond"]}
    )
    shop.products.put([product("new")], feed="feed.csv", run="2", now=NOW)
    found = from_catalogue(shop)
    assert named(found) == [("a", "a0", "a", "gallery")]
    reasons = [(one.where, one.reason) for one in found.refused]
    assert ("product b", "it has no usable picture") in reasons
    assert ("product c", "it has no usable picture") in reasons
    assert ("c_0.jpg", "gone") in reasons
    assert len(reasons) == 3  # one beyond index.max_images is nobody's fault


def test_the_same_file_is_one_example_of_its_label(fill: Fill) -> None:
    variants = [product("s", "shirt"), product("m", "shirt")]
    shop = fill(variants, {"s": ["front", "front", "back"], "m": ["front", "detail"]})
    assert named(from_catalogue(shop, "group")) == [
        ("s", "front", "shirt", "gallery"),
        ("s", "back", "shirt", "gallery"),
        ("m", "detail", "shirt", "gallery"),
    ]
    by_product = from_catalogue(shop)
    assert [(e.image_hash, e.role) for e in by_product.all if e.product_id == "s"] == [
        ("front", "gallery"),
        ("back", "photo"),
    ]
    assert from_catalogue(shop, "group").by_product()["m"].image_hash == "front"


def test_products_that_share_a_picture_are_held_out_together(fill: Fill) -> None:
    products = [product("a", "g1"), product("b", "g1"), product("c"), product("d"), product("e")]
    pictures = {"a": ["1"], "b": ["2", "x"], "c": ["x", "y"], "d": ["3", "y"], "e": ["4"]}
    found = from_catalogue(fill(products, pictures))
    groups = {e.product_id: e.group for e in found.all}
    assert len({groups[name] for name in "abcd"}) == 1
    assert groups["e"] == "e"


def test_a_placeholder_shows_nothing(fill: Fill) -> None:
    names = [f"p{i:02}" for i in range(PLACEHOLDER + 1)]
    pictures = {name: ["soon"] for name in names} | {"p00": ["soon", "own"]}
    found = from_catalogue(fill([product(name) for name in names], pictures))
    assert named(found) == [("p00", "own", "p00", "gallery")]
    assert found.refused[-1].reason.startswith("a placeholder, it seems: 21")


def test_labels_may_be_categories_down_to_a_level(fill: Fill) -> None:
    products = [
        product("a", category="Women > Shoes > Heels"),
        product("b", category="women >  SHOES"),
        product("c", category="Women > Shoes"),
        product("d", category="Men"),
    ]
    shop = fill(products, {name: [name] for name in "abcd"})
    assert [e.label for e in from_catalogue(shop, "category:1").all] == ["Women"] * 3 + ["Men"]
    second = from_catalogue(shop, "category:2")
    assert [e.label for e in second.all] == ["Women > Shoes"] * 3
    assert second.refused == (Rejection("product d", "it has no category:2", "d"),)
    whole = from_catalogue(shop, "category")
    assert next(e.label for e in whole.all) == "Women > Shoes > Heels"
    assert {e.role for e in whole.all} == {"gallery"}


def test_labels_may_be_an_attribute_of_one_value(fill: Fill) -> None:
    products = [
        product("a", Colour="Red"),
        product("b", Colour="red"),
        product("c", Colour="Red|Blue"),
        product("d", Colour="Red|RED"),
        product("e", brand="Acme"),
    ]
    shop = fill(products, {name: [name] for name in "abcde"})
    found = from_catalogue(shop, "color")
    assert [(e.product_id, e.label) for e in found.all] == [
        ("a", "Red"),
        ("b", "Red"),
        ("d", "Red"),
    ]
    assert [one.reason for one in found.refused] == [
        "it has 2 values of colour, and one is learnt",
        "it has no colour",
    ]
    assert [e.label for e in from_catalogue(shop, "brand").all] == ["Acme"]


def test_ids_that_differ_in_case_are_two_products(fill: Fill) -> None:
    found = from_catalogue(fill([product("a"), product("A")], {"a": ["1"], "A": ["2"]}))
    assert [e.label for e in found.all] == ["a", "A"]


def test_an_unknown_field_is_refused_with_the_known_ones(fill: Fill) -> None:
    shop = fill([product("a", Colour="red")], {"a": ["1"]})
    for label in ("colr", "category:x", "category:0", ""):
        with pytest.raises(NotFoundError, match=r"there are: product, group, .*colour"):
            from_catalogue(shop, label)


# ---- put together, and taken apart ---------------------------------------------------------------


def example(image: str, of: str, feed: str = "f", **changed: str) -> Example:
    role = "gallery" if feed else "photo"
    return Example(image, of, changed.get("label", of), changed.get("group", of), role, image, feed)


def test_photos_are_added_but_not_twice() -> None:
    shop = Examples((example("a0", "a"), example("b0", "b")), products={"a": 0, "b": 1})
    photos = Examples(
        (example("a0", "a", ""), example("a1", "a", ""), example("b0", "a", "")),
        pairs=((1, 2),),
        declared={0: "val", 1: "val", 2: "train"},
    )
    both = together(shop, photos)
    assert [e.image_hash for e in both.all] == ["a0", "b0", "a1", "b0"]
    assert both.declared == {2: "val", 3: "train"}  # the gallery picture is nobody's val photo
    assert both.pairs == ((2, 3),)
    assert both.refused == (Rejection("a0", "the same file shows this already", "a"),)
    assert len({e.group for e in both.all}) == 1  # b0 was photographed as an a
    assert both.products == {"a": 0, "b": 1}


def test_examples_of_two_kinds_of_labels_are_not_mixed() -> None:
    with pytest.raises(MismatchError, match="labelled by product and by brand"):
        together(Examples(()), Examples((), way="brand"))


def test_what_cannot_be_read_is_left_out_and_another_picture_answers() -> None:
    photo = Example("a1", "a", "a", "a", "photo", "a1", "f")
    labelled = [example("a2", "a", ""), example("b1", "b", "")]
    shop = Examples(
        (example("a0", "a"), photo, labelled[0], example("b0", "b"), labelled[1]),
        pairs=((0, 3), (1, 2)),
        declared={2: "val", 4: "test"},
        products={"a": 0, "b": 3},
    )
    reason = Rejection("a0", "cut off", "a")
    left = without(shop, [0, 3], [reason])
    assert [(e.image_hash, e.role) for e in left.all] == [("a1", "gallery"), ("a2", "photo")]
    assert left.products == {"a": 0}
    assert left.pairs == ((0, 1),)
    assert left.declared == {1: "val"}
    assert left.refused[0] == reason
    assert left.refused[1].product_id == "b"
