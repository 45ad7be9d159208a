"""The sample shop's files are whole, agree with each other, and say what is true."""

from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import Image

from shoplens.errors import StorageError
from shoplens.feed.read import open_feed
from shoplens.feed.sampleshop.shop import (
    FOLDER,
    DefectKind,
    DefectPair,
    Dialect,
    Language,
    Scene,
    defect_pairs,
    export,
    feed,
    judgements,
    query_photos,
    scenes,
)
from shoplens.types import Product, Rejection

MAX_BYTES = 25_000_000


@cache
def read(dialect: Dialect, language: Language) -> tuple[Product | Rejection, ...]:
    return tuple(open_feed(feed(dialect, language)).records)


def products(dialect: Dialect = "google", language: Language = "en") -> dict[str, Product]:
    return {one.product_id: one for one in read(dialect, language) if isinstance(one, Product)}


def levels(path: Path, mode: str = "RGB") -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert(mode)).astype(int)


def test_it_is_a_shop_of_about_160_products_in_60_to_84_groups() -> None:
    shop = products().values()
    assert 150 <= len(shop) <= 175
    assert 60 <= len({product.group_id for product in shop}) <= 84
    assert len({product.category for product in shop}) >= 16
    assert {len(product.images) for product in shop} <= {2, 3}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("dialect", ["google", "shopify"])
def test_every_feed_is_read_without_a_complaint(dialect: Dialect, language: Language) -> None:
    assert [one for one in read(dialect, language) if isinstance(one, Rejection)] == []
    shop = products(dialect, language)
    assert shop.keys() == products().keys()
    for product in shop.values():
        assert product.brand
        assert product.description
        assert product.price is not None
        assert product.price > 0
        currency = "CNY" if language == "zh" else "USD"
        assert product.currency == ("" if dialect == "shopify" else currency)
        is_chinese = any("\u4e00" <= letter <= "\u9fff" for letter in product.title)
        assert is_chinese == (language == "zh")


def test_both_dialects_tell_of_the_same_pictures_prices_and_groups() -> None:
    google, shopify = products("google"), products("shopify")
    for product_id, product in google.items():
        other = shopify[product_id]
        assert product.group_id == other.group_id
        assert product.in_stock == other.in_stock
        assert product.gtin == other.gtin
        asked = product.price if product.sale_price is None else product.sale_price
        assert asked == (other.price if other.sale_price is None else other.sale_price)
        assert set(product.images) <= set(other.images)


def test_variants_differ_in_colour_and_in_nothing_else() -> None:
    groups: dict[str, list[Product]] = {}
    for product in products().values():
        groups.setdefault(product.group_id, []).append(product)
    for members in groups.values():
        assert len(members) >= 2
        assert len({m.attributes["colour"] for m in members}) == len(members)
        assert len({(m.brand, m.category, m.price, m.description) for m in members}) == 1


def test_article_numbers_have_right_check_digits() -> None:
    for product in products().values():
        total = sum(int(d) * (3 if k % 2 else 1) for k, d in enumerate(product.gtin))
        assert len(product.gtin) == 13
        assert total % 10 == 0


def test_every_picture_is_named_and_every_name_is_a_picture() -> None:
    named = {image for product in products().values() for image in product.images}
    assert {f"catalogue/{file.name}" for file in (FOLDER / "catalogue").iterdir()} == named
    for name in sorted(named)[::20]:
        with Image.open(FOLDER / name) as picture:
            assert picture.size == (384, 384)
            assert picture.format == "WEBP"


def test_it_is_small_enough_to_ship() -> None:
    sizes = [file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()]
    assert sum(sizes) <= MAX_BYTES
    assert max(sizes) < 400_000


def test_query_photos_show_known_products_where_their_box_says() -> None:
    known = products()
    photos = query_photos()
    assert len(photos) >= 150
    assert len({photo.product_id for photo in photos}) == len(photos)
    for photo in photos:
        assert photo.product_id in known
        with Image.open(photo.image) as picture:
            left, top, right, bottom = photo.box
            assert 0 <= left < right <= picture.width
            assert 0 <= top < bottom <= picture.height
        assert 0 < photo.visible <= 1
    assert any(photo.visible < 0.8 for photo in photos), "some are partly hidden"
    assert len({photo.place for photo in photos}) >= 12


def test_judgements_grade_the_product_its_colours_and_its_kind() -> None:
    known, asked = products(), {photo.image.stem: photo.product_id for photo in query_photos()}
    graded = judgements()
    assert {one.query for one in graded} == asked.keys()
    for one in graded:
        right, product = known[asked[one.query]], known[one.product_id]
        wanted = 3 if product is right else 2 if product.group_id == right.group_id else 1
        assert one.grade == wanted
        assert product.category == right.category
    assert Counter(one.grade for one in graded)[3] == len(asked)


@pytest.mark.parametrize("scene", scenes(), ids=lambda scene: scene.image.stem)
def test_a_scenes_boxes_and_numbers_agree(scene: Scene) -> None:
    numbers = levels(scene.mask, "L")
    assert 1 <= len(scene.things) <= 8
    assert set(np.unique(numbers).tolist()) - {0} == {thing.number for thing in scene.things}
    for thing in scene.things:
        rows, columns = np.nonzero(numbers == thing.number)
        box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert tuple(int(side) for side in box) == thing.box
        assert thing.product_id in products()
    with Image.open(scene.image) as picture:
        assert numbers.shape == (picture.height, picture.width)


def test_most_scenes_have_several_products() -> None:
    counts = [len(scene.things) for scene in scenes()]
    assert len(counts) >= 55
    assert sum(count >= 2 for count in counts) >= 0.95 * len(counts)
    assert max(counts) >= 7


@pytest.mark.parametrize("pair", defect_pairs(), ids=lambda pair: f"{pair.kind}-{pair.image.stem}")
def test_a_defective_piece_differs_where_its_mask_says(pair: DefectPair) -> None:
    mask = levels(pair.mask, "L") > 0
    change = np.abs(levels(pair.image) - levels(pair.good)).mean(axis=2)
    assert 40 <= mask.sum() < 0.7 * mask.size
    assert change[mask].mean() > 3 * change[~mask].mean()


def test_there_are_defects_of_every_kind() -> None:
    kinds = Counter(pair.kind for pair in defect_pairs())
    assert set(kinds) == set(get_args(DefectKind))
    assert min(kinds.values()) >= 6


def test_it_is_copied_whole_into_a_new_folder_only(tmp_path: Path) -> None:
    export(tmp_path / "shop")
    files = {f.relative_to(FOLDER) for f in FOLDER.rglob("*") if f.is_file()}
    assert {
        f.relative_to(tmp_path / "shop") for f in (tmp_path / "shop").rglob("*") if f.is_file()
    } == files
    assert len(products()) == len(list(open_feed(tmp_path / "shop" / "google.en.xml").records))
    with pytest.raises(StorageError, match="there already"):
        export(tmp_path / "shop")


def test_prices_are_plausible() -> None:
    prices = [product.price for product in products().values() if product.price]
    assert min(prices) >= Decimal(5)
    assert max(prices) <= Decimal(3000)
