from pathlib import Path

import numpy as np
import pytest

from shoplens.answer.calibrating.photos import as_photo
from shoplens.answer.calibrating.questions import (
    judged_questions,
    own_questions,
    path_of,
    some_words,
)
from shoplens.errors import FeedError, ImageError, NotFoundError
from shoplens.types import Pixels, Product

PRODUCTS = [
    Product(f"p{i}", f"{colour} mug number {i}", category=("Home", "Mugs"), group_id=f"g{i // 2}")
    for i, colour in enumerate(("red", "green", "blue", "white", "black", "grey"))
]


def picture_of(product_id: str) -> Pixels:
    """A square of the product's own colour on white."""
    picture = np.full((120, 100, 3), 255, np.uint8)
    picture[30:90, 20:80] = np.random.default_rng(int(product_id[1:])).integers(0, 200, 3)
    return picture


def no_picture(product_id: str) -> Pixels:
    raise NotFoundError(product_id)


def decode(data: bytes) -> Pixels:
    if data != b"photo":
        raise ImageError("not a picture")
    return picture_of("p1")


# ---- photos --------------------------------------------------------------------------------------


def test_a_photo_is_another_every_time_and_the_same_for_one_seed() -> None:
    first, second, again = (
        as_photo(picture_of("p1"), picture_of("p2"), np.random.default_rng(seed))
        for seed in (1, 2, 1)
    )
    assert first.shape == (320, 320, 3)
    assert first.dtype == np.uint8
    assert not np.array_equal(first, second)
    assert np.array_equal(first, again)


def test_the_plain_ground_is_gone_and_the_thing_is_there() -> None:
    picture = np.full((200, 200, 3), 255, np.uint8)
    picture[60:140, 60:140] = (200, 20, 20)
    behind = np.full((200, 200, 3), (20, 20, 120), np.uint8)
    white: list[float] = []
    red: list[float] = []
    for seed in range(12):
        photo = as_photo(picture, behind, np.random.default_rng(seed)).astype(int)
        white.append(float((photo.min(axis=2) > 235).mean()))
        red.append(float((photo[..., 0] > photo[..., 1] + 40).mean()))
    assert np.mean(white) < 0.1
    assert np.mean(red) > 0.15


@pytest.mark.parametrize("shape", [(1, 1), (3, 400), (400, 3), (64, 64)])
def test_pictures_of_any_shape_become_photos(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    picture = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
    for _ in range(5):
        assert as_photo(picture, picture, rng).shape == (320, 320, 3)


# ---- of a shop's own products --------------------------------------------------------------------


def test_a_shop_asks_in_every_way_and_knows_what_is_meant() -> None:
    asked = list(own_questions(PRODUCTS, picture_of, np.random.default_rng(1), 6))
    by_photo = [k for k in asked if k.query.picture is not None and not k.query.text]
    by_both = [k for k in asked if k.query.picture is not None and k.query.text]
    by_product = [k for k in asked if k.query.product_id]
    assert len(by_photo) == len(by_both) == len(by_product) == 6
    assert all(known.category == ("home", "mugs") for known in asked)
    groups = {p.product_id: p.group_id for p in PRODUCTS}
    assert all(known.groups == {groups[known.query.product_id]} for known in by_product)
    assert all(known.groups == {known.key} for known in asked)


def test_every_group_is_asked_for_before_any_twice() -> None:
    asked = list(own_questions(PRODUCTS, no_picture, np.random.default_rng(2), 3))
    assert sorted(known.key for known in asked) == ["g0", "g1", "g2"]


def test_a_product_without_a_picture_is_asked_for_by_itself_if_at_all() -> None:
    alone = list(own_questions(PRODUCTS[:1], no_picture, np.random.default_rng(3), 2))
    assert alone == []
    twins = list(own_questions(PRODUCTS[:2], no_picture, np.random.default_rng(3), 2))
    assert {known.query.product_id for known in twins} <= {"p0", "p1"}
    assert len(twins) == 2


def test_an_empty_shop_asks_nothing() -> None:
    assert list(own_questions([], no_picture, np.random.default_rng(4), 5)) == []


def test_words_asked_are_words_of_the_product() -> None:
    product = Product("a", "Harbour striped mug 350 ml", category=("Home", "Tea cups"))
    words = {
        word
        for seed in range(60)
        for word in some_words(product, np.random.default_rng(seed)).split()
    }
    assert words == {"Harbour", "striped", "mug", "350", "ml", "Tea", "cups"}


def test_a_run_of_chinese_is_asked_in_part() -> None:
    product = Product("a", "海港条纹马克杯")
    asked = {some_words(product, np.random.default_rng(seed)) for seed in range(40)}
    assert all(len(text) >= 2 and text in product.title for text in asked)
    assert len({len(text) for text in asked}) > 2


def test_a_product_without_a_title_is_not_asked_for_by_words() -> None:
    assert some_words(Product("a", ""), np.random.default_rng(1)) == ""


# ---- judged by people ----------------------------------------------------------------------------

BY_ID = {product.product_id: product for product in PRODUCTS}


def test_judged_lines_of_one_question_come_together(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"photo")
    file = tmp_path / "judged.csv"
    file.write_text(
        "query_image,query_text,product_id,right\n"
        ",red mug,p0,1\n"
        ",red mug,p2,\n"
        ",red mug,p4,0\n"
        "photo.jpg,,p3,1\n"
        ",a teapot,p1,0\n"
    )
    found = judged_questions(file, BY_ID, decode)
    assert found.refused == ()
    mug, photo, teapot = found.questions
    assert mug.groups == {"g0", "g1"}
    assert mug.category == path_of(PRODUCTS[0])
    assert photo.query.picture is not None
    assert photo.groups == {"g1"}
    assert teapot.groups == frozenset(), "the shop sells none"


def test_lines_that_cannot_be_used_are_refused_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"?")
    file = tmp_path / "judged.csv"
    file.write_text(
        "query_image,query_text,product_id,right\n"
        ",,p0,1\n"
        ",mug,nobody,1\n"
        ",mug,p0,maybe\n"
        "missing.jpg,,p0,1\n"
        "broken.jpg,,p0,1\n"
    )
    found = judged_questions(file, BY_ID, decode)
    assert found.questions == ()
    assert [refusal.where for refusal in found.refused] == [
        "line 2", "line 3", "line 4", "missing.jpg", "broken.jpg",
    ]  # fmt: skip
    assert "nobody" in found.refused[1].reason
    assert "maybe" in found.refused[2].reason


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "query_text\nmug\n"])
def test_a_file_without_its_columns_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "judged.csv"
    file.write_text(text)
    with pytest.raises(FeedError, match="wanted product_id"):
        judged_questions(file, BY_ID, decode)


def test_a_file_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match=r"no\.csv"):
        judged_questions(tmp_path / "no.csv", BY_ID, decode)
