from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from shoplens.catalogue.catalogue import Catalogue, open_catalogue
from shoplens.catalogue.images import ImageRecord
from shoplens.catalogue.journal.tags import Tag
from shoplens.catalogue.products import Stored
from shoplens.errors import NotFoundError
from shoplens.predict.heads import Head, Heads, Layer
from shoplens.predict.shop.gathering import gather
from shoplens.predict.shop.tagging import FieldCount, suggest_missing
from shoplens.predict.shop.teaching import suggest_teaching
from toy_labels import COLOURS, DIM, NOW, TOWER, fill, hash_of, toy_rows

CORNERS = 12 * np.eye(DIM, dtype=np.float32)
HEADS = Heads(
    TOWER,
    None,
    (
        Head("category 1", ("Shop", "Else"), Layer(CORNERS[[5, 6]], np.array([9, 0], np.float32)),
             threshold=0.5),
        Head("category 2", ("Shop > Bags", "Shop > Boots"),
             Layer(CORNERS[3:5], np.zeros(2, np.float32)), threshold=0.9),
        Head("colour", COLOURS, Layer(CORNERS[:3], np.zeros(3, np.float32)), threshold=0.9),
    ),
)  # fmt: skip
"""Heads made by hand: the corner of a label is its row of weights."""


def place(stored: Stored, image: ImageRecord) -> str:
    return f"{stored.product.product_id}/{image.source}"


@pytest.fixture
def catalogue(sqlite_url: str) -> Iterator[Catalogue]:
    opened = open_catalogue(sqlite_url)
    yield opened
    opened.close()


def test_only_what_is_missing_is_told_the_most_certain_first(catalogue: Catalogue) -> None:
    fill(catalogue, 60, 20)
    found, counts = suggest_missing(gather(catalogue, TOWER), HEADS, place)
    assert {one.product_id for one in found} <= {f"p{i}" for i in range(40, 60)}
    chances = [one.probability for one in found]
    assert chances == sorted(chances, reverse=True)
    told = [one for one in found if one.field == "colour"]
    assert counts[1] == FieldCount("colour", 20, len(told))
    _, colours, _ = toy_rows(60)
    right = [one.value == colours[int(one.product_id[1:])] for one in told]
    assert np.mean(right) > 0.9
    assert told[0].picture == f"{told[0].product_id}/{told[0].product_id[1:]}.jpg"


def test_a_category_is_told_as_deep_as_the_heads_are_sure(catalogue: Catalogue) -> None:
    fill(catalogue, 60, 30)
    found, counts = suggest_missing(gather(catalogue, TOWER), HEADS, place, ("category",))
    assert [one.field for one in counts] == ["category"]
    assert {one.value for one in found} == {"Shop", "Shop > Bags", "Shop > Boots"}
    assert len(found) == len({one.product_id for one in found})


def test_heads_that_are_never_sure_tell_nothing(catalogue: Catalogue) -> None:
    fill(catalogue, 20, 10)
    shy = replace(HEADS, heads=tuple(replace(head, threshold=2.0) for head in HEADS.heads))
    found, counts = suggest_missing(gather(catalogue, TOWER), shy, place)
    assert (found, [one.missing for one in counts]) == ([], [10, 10])


def test_products_without_a_usable_picture_are_counted(catalogue: Catalogue) -> None:
    fill(catalogue, 10, 0)
    catalogue.images.replace(3, [ImageRecord(0, "2.jpg", "", hash_of(2), 1, 1, "damaged")])
    catalogue.products.remove(["p9"])
    gathered = gather(catalogue, TOWER)
    assert (len(gathered.stored), gathered.without) == (8, 1)


def test_a_shop_that_nobody_looked_at_is_told_to_index(catalogue: Catalogue) -> None:
    with pytest.raises(NotFoundError, match="run 'shoplens index' first"):
        gather(catalogue, TOWER)
    fill(catalogue, 5, 0)
    with pytest.raises(NotFoundError, match="another tower"):
        gather(catalogue, "another tower")


def test_the_first_usable_image_speaks_for_its_product(catalogue: Catalogue) -> None:
    fill(catalogue, 4, 0)
    images = [
        ImageRecord(0, "0.jpg", "", hash_of(0), 1, 1, "damaged"),
        ImageRecord(1, "3.jpg", "", hash_of(3), 1, 1, ""),
        ImageRecord(2, "2.jpg", "", hash_of(2), 1, 1, ""),
    ]
    catalogue.images.replace(1, images)
    gathered = gather(catalogue, TOWER)
    assert gathered.pictures[0].source == "3.jpg"
    assert (gathered.embeddings[0] == toy_rows(4)[0][3]).all()


def test_labels_to_give_next_are_of_products_that_lack_them(catalogue: Catalogue) -> None:
    fill(catalogue, 80, 30)
    gathered = gather(catalogue, TOWER)
    by = (place, np.random.default_rng(0))
    asked = suggest_teaching(gathered, HEADS, ("colour",), 10, by)
    assert len(asked) == len({one.product_id for one in asked}) == 10
    assert {int(one.product_id[1:]) >= 50 for one in asked} == {True}
    doubt = np.mean([one.probability for one in asked])
    everyone, _ = suggest_missing(gathered, HEADS, place, ("colour",))
    assert doubt < np.mean([one.probability for one in everyone])
    blind = suggest_teaching(gathered, None, (), 10, by)
    assert {one.field for one in blind} == {"category", "colour"}
    assert {one.value for one in blind} == {""}
    assert len(blind) == 20


def test_when_every_product_has_its_labels_nothing_is_asked(catalogue: Catalogue) -> None:
    fill(catalogue, 5, 0)
    gathered = gather(catalogue, TOWER)
    with pytest.raises(NotFoundError, match="nothing is left to label"):
        suggest_teaching(gathered, None, ("colour",), 3, (place, np.random.default_rng(0)))


def test_tags_teach_like_labels_of_the_feed(catalogue: Catalogue) -> None:
    fill(catalogue, 6, 2)
    catalogue.tags.put([Tag("p5", "colour", "Red")], now=NOW)
    found, _ = suggest_missing(gather(catalogue, TOWER), HEADS, place, ("colour",))
    assert "p5" not in {one.product_id for one in found}
