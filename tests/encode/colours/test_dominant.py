import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from drawn_products import COLOURS, OUTLINES, draw_product
from shoplens.encode.colours.dominant import Dominant, dominant
from shoplens.encode.colours.lab import Lab, lab_of
from shoplens.types import Pixels

RED, BLUE, GREEN = (196, 30, 40), (40, 90, 180), (40, 140, 70)
Rgb = tuple[int, int, int]
Box = tuple[int, int, int, int]


def draw(*boxes: tuple[Box, Rgb], ground: Rgb = (255, 255, 255), side: int = 200) -> Pixels:
    picture = Image.new("RGB", (side, side), ground)
    pen = ImageDraw.Draw(picture)
    for (left, top, right, bottom), colour in boxes:
        pen.rectangle((left, top, right - 1, bottom - 1), colour)
    return np.asarray(picture)


def names(found: tuple[Dominant, ...]) -> list[str]:
    return [one.name.value for one in found]


def difference(one: Lab, rgb: Rgb) -> float:
    other = Lab.of_row(lab_of(np.array(rgb, np.uint8)))
    a, b = one.a - other.a, one.b - other.b
    return float(np.linalg.norm([one.lightness - other.lightness, a, b]))


@pytest.mark.parametrize(
    "ground", [(255, 255, 255), (236, 236, 238), (30, 30, 30), (190, 205, 190)]
)
@pytest.mark.parametrize("colour", [RED, BLUE, GREEN, (240, 200, 40), (110, 65, 35)])
def test_a_patch_on_a_plain_ground_is_the_only_colour(ground: Rgb, colour: Rgb) -> None:
    found = dominant(draw(((60, 50, 140, 150), colour), ground=ground))
    assert len(found) == 1
    assert difference(found[0].lab, colour) < 1
    assert found[0].share == pytest.approx(1)
    assert found[0].hex == "#{:02x}{:02x}{:02x}".format(*colour)


@pytest.mark.parametrize("red_share", [0.5, 0.65, 0.75])
def test_two_colours_come_with_their_shares(red_share: float) -> None:
    stripes = [((60, 40, 140, 160), BLUE)]
    stripes += [((x, 40, x + round(40 * red_share), 160), RED) for x in (60, 100)]
    shares = {one.name.value: one.share for one in dominant(draw(*stripes))}
    assert set(shares) == {"red", "blue"}
    assert shares["red"] == pytest.approx(red_share, abs=0.06)
    assert sum(shares.values()) == pytest.approx(1, abs=0.01)


def test_three_colours_come_largest_first_and_k_cuts() -> None:
    stripes = [((50, 50, 150, 100), RED), ((50, 100, 150, 130), BLUE), ((50, 130, 150, 150), GREEN)]
    picture = draw(*stripes)
    assert names(dominant(picture)) == ["red", "blue", "green"]
    assert dominant(picture, k=2) == dominant(picture)[:2]
    assert dominant(picture, k=0) == ()


def test_white_on_white_is_white() -> None:
    assert names(dominant(draw(((60, 60, 140, 140), (250, 250, 249))))) == ["white"]
    assert names(dominant(draw(((60, 60, 140, 140), (238, 238, 237))))) == ["white"]
    assert names(dominant(draw())) == ["white"]


def test_black_on_black_is_black() -> None:
    picture = draw(((60, 60, 140, 140), (14, 14, 15)), ground=(10, 10, 10))
    assert names(dominant(picture)) == ["black"]


def test_a_product_that_touches_the_border_is_still_found() -> None:
    trousers = ((70, 0, 130, 200), BLUE)
    assert names(dominant(draw(trousers)))[:1] == ["blue"]
    corner = ((90, 90, 200, 200), RED)
    assert names(dominant(draw(corner)))[:1] == ["red"]


def test_a_picture_that_is_all_product_has_its_colour() -> None:
    assert names(dominant(np.full((120, 90, 3), RED, np.uint8))) == ["red"]


def test_transparent_turned_white_leaves_the_product_alone() -> None:
    cut = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    ImageDraw.Draw(cut).ellipse((50, 50, 150, 150), (*GREEN, 255))
    paper = Image.new("RGBA", cut.size, (255, 255, 255, 255))
    found = dominant(np.asarray(Image.alpha_composite(paper, cut).convert("RGB")))
    assert names(found) == ["green"]


def test_a_hole_is_not_a_colour() -> None:
    ring = draw(((50, 50, 150, 150), RED), ((75, 75, 125, 125), (255, 255, 255)))
    assert names(dominant(ring)) == ["red"]


def test_a_soft_shadow_is_not_a_colour() -> None:
    down, across = np.mgrid[0:200, 0:200]
    shade = 60 * np.exp(-(((across - 100) / 50) ** 2) - ((down - 140) / 30) ** 2)
    picture = np.repeat((255 - shade)[:, :, None], 3, axis=2).round().astype(np.uint8)
    picture[60:140, 65:135] = BLUE
    assert names(dominant(picture)) == ["blue"]


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (9, 1), (2, 3), (3, 3), (5, 4), (1, 900)])
def test_tiny_pictures_have_a_colour(shape: tuple[int, int]) -> None:
    found = dominant(np.full((*shape, 3), BLUE, np.uint8))
    assert names(found) == ["blue"]
    assert found[0].share == pytest.approx(1)


def test_in_a_photo_what_is_along_the_border_too_is_not_the_product() -> None:
    rng = np.random.default_rng(1)
    paints = np.array([(150, 110, 70), (90, 120, 80), (200, 195, 180), (60, 60, 70)], np.uint8)
    room = np.repeat(np.repeat(paints[rng.integers(0, 4, (20, 20))], 10, axis=0), 10, axis=1)
    room[60:140, 60:140] = RED
    found = dominant(room)
    assert found[0].name == "red"
    assert found[0].share > 0.7


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 2**32 - 1))
def test_grey_pictures_never_have_a_hue(product: int, ground: int, seed: int) -> None:
    sheet = draw(((60, 50, 140, 150), (product, product, product)), ground=(ground, ground, ground))
    grain = np.random.default_rng(seed).integers(-8, 9, sheet.shape[:2])
    picture = np.clip(sheet + grain[:, :, None], 0, 255).astype(np.uint8)
    assert {*names(dominant(picture))} <= {"black", "grey", "white"}


pictures = st.builds(
    draw_product,
    st.sampled_from(sorted(OUTLINES)),
    st.sampled_from(sorted(COLOURS)),
    st.just("plain"),
    st.integers(120, 400),
)


@given(pictures, st.integers(0, 7))
def test_turning_and_mirroring_hardly_matter(picture: Pixels, turn: int) -> None:
    turned = np.rot90(picture, turn % 4)
    turned = np.ascontiguousarray(turned[::-1] if turn > 3 else turned)
    one, other = dominant(picture), dominant(turned)
    assert one[0].name == other[0].name
    assert one[0].share == pytest.approx(other[0].share, abs=0.05)


@given(pictures, st.integers(48, 500))
def test_resizing_hardly_matters(picture: Pixels, side: int) -> None:
    size = (side, side)
    other = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC))
    one, two = dominant(picture)[0], dominant(other)[0]
    assert one.name == two.name
    assert one.share == pytest.approx(two.share, abs=0.15)


@given(pictures, st.integers(0, 2**32 - 1))
def test_the_order_of_a_patchs_pixels_hardly_matters(picture: Pixels, seed: int) -> None:
    shuffled = picture.copy()
    middle = slice(picture.shape[0] * 2 // 5, picture.shape[0] * 3 // 5)
    patch = shuffled[middle, middle].reshape(-1, 3)
    shuffled[middle, middle] = (
        np.random.default_rng(seed).permutation(patch).reshape(shuffled[middle, middle].shape)
    )
    assert dominant(picture)[0].name == dominant(shuffled)[0].name


@given(pictures)
@settings(max_examples=20)
def test_the_same_picture_gives_the_same_answer(picture: Pixels) -> None:
    assert dominant(picture) == dominant(picture.copy())


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_any_picture_has_colours_with_shares_in_order(height: int, width: int, seed: int) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    shares = [one.share for one in dominant(picture, k=6)]
    assert shares
    assert shares == sorted(shares, reverse=True)
    assert 0 < sum(shares) <= 1 + 1e-9


@given(period=st.integers(2, 60), upright=st.booleans())
def test_stripes_of_any_width_are_seen_in_both_colours(period: int, *, upright: bool) -> None:
    """Widths that the reduced picture's steps are a multiple of, too."""
    picture = np.full((480, 480, 3), 255, np.uint8)
    stripe = np.arange(384) % (2 * period) < period
    picture[48:432, 48:432] = np.where(stripe[None, :, None], RED, BLUE)
    found = dominant(picture if upright else picture.transpose(1, 0, 2))
    shares = {one.name.value: one.share for one in found}
    assert min(shares["red"], shares["blue"]) > 0.25
