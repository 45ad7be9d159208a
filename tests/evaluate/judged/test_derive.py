from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoplens.errors import ImageError, NotFoundError
from shoplens.evaluate.judged.derive import (
    by_images,
    by_label,
    by_photos,
    by_pictures,
    by_variants,
    images_left,
)
from shoplens.store.exact import ExactStore
from shoplens.types import Embedding, Pixels, Product
from store_rows import DIMS, plain_row

PRODUCTS = {
    product.product_id: product
    for product in (
        Product("red 1", "Red mug", category=("Home", "Mugs"), group_id="mug"),
        Product("blue", "Blue mug", category=("Home", "Mugs"), group_id="mug"),
        Product("cup", "Cup", category=("Home", "Cups")),
        Product("bag", "Bag", category=("Bags",)),
    )
}


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for name in PRODUCTS:
        blocks = rng.integers(0, 255, (60, 80, 3), np.uint8)
        Image.fromarray(blocks).save(tmp_path / f"{name}.png")
    return tmp_path


def look(data: bytes) -> Pixels:
    if not data:
        raise ImageError("no bytes")
    return np.full((64, 64, 3), len(data) % 256, np.uint8)


def test_variants_find_each_other() -> None:
    found = by_variants(PRODUCTS)
    assert [one.product_id for one in found.questions] == ["red 1", "blue"]
    first = found.questions[0]
    assert dict(found.grades[first.query_id]) == {"blue": 1}
    assert (first.picture, " " in first.query_id) == (None, False)


def test_products_of_a_label_find_each_other() -> None:
    found = by_label(PRODUCTS, "category:1")
    assert [one.product_id for one in found.questions] == ["red 1", "blue", "cup"]
    assert dict(found.grades["cup"]) == {"red 1": 1, "blue": 1}


def test_pictures_ask_for_their_group(shots: Path) -> None:
    def thumbnail(product_id: str) -> Path:
        if product_id == "cup":
            raise NotFoundError(product_id)
        return shots / f"{product_id}.png"

    found = by_pictures(PRODUCTS, thumbnail, np.random.default_rng(0), 9)
    pictures = {one.query_id: one.picture for one in found.questions}
    assert pictures == {
        name: shots / f"{shown}.png"
        for name, shown in (("red%201", "red 1"), ("blue", "blue"), ("bag", "bag"))
    }
    assert found.grades["blue"] == {"red 1": 1, "blue": 1}
    assert len(by_pictures(PRODUCTS, thumbnail, np.random.default_rng(0), 2).questions) == 2


def test_photos_are_made_and_what_has_no_picture_is_told(shots: Path, tmp_path: Path) -> None:
    (shots / "bag.png").write_bytes(b"")
    rng, folder = np.random.default_rng(1), tmp_path / "made"
    folder.mkdir()
    found = by_photos(PRODUCTS, lambda name: shots / f"{name}.png", look, folder, rng, 9)
    assert {one.query_id for one in found.questions} <= {"red%201", "blue", "cup"}
    assert "product bag" in {one.where for one in found.refused}
    assert len(found.questions) + len(found.refused) == 4
    for question in found.questions:
        assert question.picture
        with Image.open(question.picture) as photo:
            assert photo.size == (320, 320)


# ---- leaving one image out -----------------------------------------------------------------------

HASHES: Mapping[str, dict[int, str]] = {
    "red 1": {0: "a", 1: "b"},
    "blue": {0: "b", 1: "c", 2: "c"},
    "cup": {0: "d", 1: "d"},
    "bag": {0: "e", 1: "f"},
}
"""The mugs share an image, and the cup has but one."""


def direction(degrees: float) -> Embedding:
    return np.array(
        [np.cos(np.radians(degrees)), np.sin(np.radians(degrees)), *[0] * 4], np.float32
    )


ANGLES = {"a": 0.0, "b": 40.0, "c": 80.0, "d": 60.0, "e": 128.0, "f": 95.0}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ExactStore]:
    store = ExactStore(tmp_path / "store", DIMS)
    rows = [
        plain_row(
            10 * number + position,
            product_id=product_id,
            position=position,
            picture=direction(ANGLES[image_hash]),
        )
        for number, (product_id, images) in enumerate(HASHES.items())
        for position, image_hash in images.items()
    ]
    store.upsert(rows)
    yield store
    store.close()


def test_an_image_is_asked_as_if_it_were_not_in_the_shop(store: ExactStore) -> None:
    lefts = list(images_left(PRODUCTS, HASHES.__getitem__, np.random.default_rng(0), 99))
    assert sorted(left.row for left in lefts) == [
        ("bag", 1),
        ("blue", 1),
        ("blue", 2),
        ("red 1", 1),
    ]
    judgements, run = by_images(lefts, PRODUCTS, store, Path, 3)
    assert run.ids("red%201#1") == ["cup", "red 1", "blue"], "not by the copy that the blue one has"
    assert run.ids("blue#1") == ["bag", "cup", "red 1"]
    assert run.ids("blue#2") == run.ids("blue#1")
    assert run.ids("bag#1") == ["blue", "bag", "cup"]
    assert judgements.grades["blue#1"] == {"red 1": 1, "blue": 1}
    assert judgements.questions[0].picture == Path(lefts[0].image_hash)


def test_so_many_images_are_drawn_as_were_asked_for() -> None:
    lefts = images_left(PRODUCTS, HASHES.__getitem__, np.random.default_rng(0), 2)
    assert len({left.row for left in lefts}) == 2
