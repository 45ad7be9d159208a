"""The toy shop's files say what the toy shop knows to be true."""

import csv
import io
from collections import Counter
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoplens.errors import ConfigError, StorageError
from shoplens.feed.read import open_feed
from shoplens.feed.toyshop.drawing import COLOURS, PATTERNS, SHAPES, Painter
from shoplens.feed.toyshop.shop import LARGEST, ToyShop, draw_query, draw_shop
from shoplens.types import Product


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> ToyShop:
    return draw_shop(tmp_path_factory.mktemp("toy"), rng=np.random.default_rng(7))


def pixels(file: Path) -> np.ndarray:
    with Image.open(file) as picture:
        return np.asarray(picture.convert("RGB"), np.float32)


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def test_the_same_seed_draws_the_same_shop_and_another_another(tmp_path: Path) -> None:
    for name, seed in [("one", 3), ("two", 3), ("three", 4)]:
        draw_shop(tmp_path / name, rng=np.random.default_rng(seed), k=8, photos=3, side_px=64)
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")
    assert files_of(tmp_path / "one") != files_of(tmp_path / "three")


def test_a_shop_drawn_again_is_not_touched(tmp_path: Path) -> None:
    def stamps() -> dict[Path, int]:
        return {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*") if file.is_file()}

    draw_shop(tmp_path, rng=np.random.default_rng(3), k=6, photos=2, side_px=64)
    before = stamps()
    draw_shop(tmp_path, rng=np.random.default_rng(3), k=6, photos=2, side_px=64)
    assert stamps() == before


def test_every_file_is_named_and_every_name_is_a_file(toy: ToyShop) -> None:
    named = {name for product in toy.products for name in product.images}
    assert {f"images/{file.name}" for file in (toy.images / "images").iterdir()} == named
    assert all(query.image.is_file() for query in toy.queries)
    assert len(list((toy.images / "queries").iterdir())) == len(toy.queries) == 24


def test_every_product_is_another_thing(toy: ToyShop) -> None:
    assert len(toy.products) == len({p.product_id for p in toy.products}) == 120
    assert len({(p.shape, p.colour, p.pattern) for p in toy.products}) == 120
    assert len({p.title for p in toy.products}) == len({p.title_zh for p in toy.products}) == 120
    small = np.stack([pixels(toy.images / p.images[0])[::6, ::6] for p in toy.products])
    for one, other in combinations(small, 2):
        assert np.abs(one - other).mean() > 1


def test_all_shapes_colours_and_patterns_are_sold(toy: ToyShop) -> None:
    assert {p.shape for p in toy.products} == set(SHAPES)
    assert {p.colour for p in toy.products} == set(COLOURS)
    assert {p.pattern for p in toy.products} == set(PATTERNS)
    assert {p.in_stock for p in toy.products} == {True, False}
    assert {len(p.images) for p in toy.products} == {1, 2}
    assert any(p.sale_price for p in toy.products)
    assert all(p.sale_price is None or p.sale_price < p.price for p in toy.products)
    assert min(p.price for p in toy.products) > 0


def test_a_group_is_one_shape_and_pattern_in_several_colours(toy: ToyShop) -> None:
    sizes = Counter(p.group_id for p in toy.products)
    assert max(sizes.values()) >= 3
    for one, other in combinations(toy.products, 2):
        assert (one.group_id == other.group_id) == (one.likeness(other) in {6, 7})
        assert one.likeness(other) == other.likeness(one) < 7
    assert all(p.likeness(p) == 7 for p in toy.products)


def test_the_feed_says_what_is_true(toy: ToyShop) -> None:
    rows = list(open_feed(toy.feed).records)
    assert [row.product_id for row in rows] == [p.product_id for p in toy.products]
    for row, product in zip(rows, toy.products, strict=True):
        assert isinstance(row, Product)
        assert row.title == product.title
        assert row.brand == product.brand
        assert row.category == product.category
        assert row.group_id == product.group_id
        assert (row.price, row.sale_price) == (product.price, product.sale_price)
        assert (row.currency, row.in_stock) == ("EUR", product.in_stock)
        assert row.images == product.images
        assert row.attributes["colour"] == (product.colour,)
        assert row.attributes["pattern"] == (product.pattern,)
        assert row.attributes["title_zh"] == (product.title_zh,)


def test_the_feed_is_plain_csv(toy: ToyShop) -> None:
    with toy.feed.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 120
    assert Decimal(rows[0]["price"]) == toy.products[0].price
    with (toy.images / "queries.csv").open(encoding="utf-8", newline="") as file:
        answers = [(toy.images / row["image"], row["product_id"]) for row in csv.DictReader(file)]
    assert answers == [(query.image, query.product_id) for query in toy.queries]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_plain_thing_shows_its_colour(shape: str, colour: str) -> None:
    thing = np.asarray(Painter(96).draw(shape, colour, "plain"), np.float32)
    shown = np.median(thing[thing[..., 3] > 250][:, :3], axis=0)
    palette = np.array(list(COLOURS.values()))
    nearest = np.abs(palette - shown).sum(axis=1).argmin()
    assert list(COLOURS)[nearest] == colour


@pytest.mark.parametrize("shape", SHAPES)
def test_a_thing_fills_its_picture_and_stays_inside(shape: str) -> None:
    painter = Painter(96)
    outlines = [np.asarray(painter.draw(shape, "red", pattern))[..., 3] for pattern in PATTERNS]
    for outline in outlines:
        np.testing.assert_array_equal(outline, outlines[0])
        assert not np.concatenate([outline[0], outline[-1], outline[:, 0], outline[:, -1]]).any()
        assert 0.1 < (outline > 128).mean() < 0.7


def test_a_photo_shows_its_product_somewhere_else(toy: ToyShop) -> None:
    by_id = {p.product_id: p for p in toy.products}
    assert len({query.product_id for query in toy.queries}) == len(toy.queries)
    for query in toy.queries:
        product, photo = by_id[query.product_id], pixels(query.image)
        assert photo.shape == (480, 360, 3)
        if product.colour != "black":
            assert (hue_gap(photo, COLOURS[product.colour]) < 20).mean() > 0.02


def hue_gap(photo: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """Degrees between each pixel's hue and a colour's; 180 where a pixel is nearly grey."""
    hsv = np.asarray(Image.fromarray(photo.astype(np.uint8)).convert("HSV"), np.float32)
    hue = np.asarray(Image.new("RGB", (1, 1), colour).convert("HSV"), np.float32)[0, 0, 0]
    gap = np.abs(hsv[..., 0] - hue) * 360 / 255
    return np.where(hsv[..., 1] > 90, np.minimum(gap, 360 - gap), 180)


def test_a_further_photo_is_another_one_and_comes_back_with_its_seed(toy: ToyShop) -> None:
    first, again, other = (
        draw_query(toy.products[0], np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert first == again != other
    with Image.open(io.BytesIO(first)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (360, 480))


@pytest.mark.parametrize(("k", "photos"), [(0, 0), (LARGEST + 1, 1), (5, 6), (5, -1)])
def test_a_shop_that_cannot_be_says_what_can(k: int, photos: int, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"wanted 1 to {LARGEST} products"):
        draw_shop(tmp_path, rng=np.random.default_rng(1), k=k, photos=photos)


def test_the_largest_shop_can_be_invented(tmp_path: Path) -> None:
    shop = draw_shop(tmp_path, rng=np.random.default_rng(1), k=LARGEST, photos=0, side_px=24)
    assert len(shop.products) == LARGEST


def test_a_disk_that_refuses_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "images").write_text("in the way")
    with pytest.raises(StorageError, match=r"toy-001-1\.jpg cannot be written"):
        draw_shop(tmp_path, rng=np.random.default_rng(1), k=2, photos=1, side_px=32)
