"""Copies are changed as their name says, by a seed, and never in place."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from shoplens.feed.sampleshop.copies import EDITS, copy
from shoplens.feed.sampleshop.shop import FOLDER

PICTURE = next(iter(sorted((FOLDER / "catalogue").glob("mug-*-1.webp"))))


@pytest.fixture
def picture() -> Image.Image:
    with Image.open(PICTURE) as opened:
        return opened.convert("RGB")


@pytest.mark.parametrize("edit", EDITS)
def test_a_copy_is_another_picture_the_same_for_the_same_seed(
    picture: Image.Image, edit: str
) -> None:
    before = picture.tobytes()
    one, again = (copy(picture, edit, np.random.default_rng(4)) for _ in range(2))
    assert one.tobytes() == again.tobytes()
    assert one.tobytes() != before
    assert picture.tobytes() == before
    assert one.mode == "RGB"


def test_a_mirrored_copy_mirrors_back(picture: Image.Image) -> None:
    copied = copy(picture, "mirror", np.random.default_rng(1))
    assert ImageOps.mirror(copied).tobytes() == picture.tobytes()


def test_a_crop_is_a_part(picture: Image.Image) -> None:
    copied = np.asarray(copy(picture, "crop", np.random.default_rng(1)))
    whole = np.asarray(picture)
    height, width = copied.shape[:2]
    assert 0.7 * whole.shape[0] <= height <= 0.92 * whole.shape[0]
    windows = np.lib.stride_tricks.sliding_window_view(whole[:, :, 0], (height, width))
    assert any((window == copied[:, :, 0]).all() for row in windows for window in row)


def test_a_border_keeps_the_middle(picture: Image.Image) -> None:
    copied = copy(picture, "border", np.random.default_rng(1))
    wide = (copied.width - picture.width) // 2
    middle = copied.crop((wide, wide, wide + picture.width, wide + picture.height))
    assert wide > 0
    assert middle.tobytes() == picture.tobytes()


def test_a_watermark_leaves_the_product_to_be_seen(picture: Image.Image) -> None:
    marked = np.asarray(copy(picture, "watermark", np.random.default_rng(1)), float)
    change = np.abs(marked - np.asarray(picture, float)).max(axis=2)
    assert 0.02 < (change > 8).mean() < 0.5


def test_an_edit_nobody_knows_is_refused(picture: Image.Image) -> None:
    with pytest.raises(KeyError, match="melt"):
        copy(picture, "melt", np.random.default_rng(1))
