import io

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drawn_products import draw_product
from shoplens.answer.reasons.heat import GREYED, warmed
from shoplens.encode.colours.lab import lab_of
from shoplens.types import Pixels


def shown(webp: bytes) -> Pixels:
    with Image.open(io.BytesIO(webp)) as picture:
        assert picture.format == "WEBP"
        return np.asarray(picture.convert("RGB"))


def greyed(picture: Pixels) -> Pixels:
    plain = Image.fromarray(picture)
    return np.asarray(Image.blend(plain, plain.convert("L").convert("RGB"), GREYED))


@settings(max_examples=25, deadline=None)
@given(height=st.integers(1, 90), width=st.integers(1, 90), cells=st.integers(1, 16))
def test_a_map_is_as_large_as_its_picture(height: int, width: int, cells: int) -> None:
    heat = np.linspace(-3, 3, cells * cells, dtype=np.float32).reshape(cells, cells)
    assert shown(warmed(np.zeros((height, width, 3), np.uint8), heat)).shape == (height, width, 3)


def test_where_it_is_cold_the_picture_is_only_greyed() -> None:
    picture = draw_product("bag", "gold", "dots", 160)
    cold = shown(warmed(picture, np.full((9, 9), -1, np.float32)))
    assert np.abs(cold.astype(int) - greyed(picture)).mean() < 6


def test_heat_lies_where_the_cells_are_hot_and_only_inside_the_centred_square() -> None:
    picture = np.full((100, 180, 3), 128, np.uint8)
    heat = np.zeros((8, 8), np.float32)
    heat[6:, 6:] = 1
    changed = np.abs(shown(warmed(picture, heat)).astype(int) - 128).max(axis=2)
    assert changed[85:, 125:138].min() > 60
    assert changed[:, :36].max() < 12
    assert changed[:, 144:].max() < 12  # WebP keeps colour at half the size
    assert changed[:60, 40:110].max() < 12


def test_hotter_is_lighter_on_a_dark_picture() -> None:
    black = np.zeros((64, 64, 3), np.uint8)
    steps = np.linspace(0, 1, 12)
    light = [
        lab_of(shown(warmed(black, np.full((4, 4), step, np.float32))))[20:44, 20:44, 0].mean()
        for step in steps
    ]
    assert np.diff(light).min() > 0
