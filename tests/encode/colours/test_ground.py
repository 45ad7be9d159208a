import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.encode.colours.ground import product_weights
from shoplens.encode.colours.lab import lab_of
from shoplens.types import Pixels

SKIN = (214, 164, 136)


def on_white(size: int = 60) -> Pixels:
    return np.full((size, size, 3), 255, np.uint8)


@given(
    st.integers(1, 20), st.integers(1, 20), st.integers(0, 2**32 - 1), st.sampled_from([1, 2, 256])
)
def test_some_pixel_always_counts(height: int, width: int, seed: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, levels, (height, width, 3)).astype(np.uint8)
    weights = product_weights(lab_of(picture))
    assert np.isfinite(weights).all()
    assert weights.min() >= 0
    assert weights.max() > 0


def test_a_studios_ground_counts_nothing_and_the_middle_most() -> None:
    picture = on_white()
    picture[15:45, 20:40] = (40, 90, 180)
    weights = product_weights(lab_of(picture))
    assert not weights[:14].any()
    assert not weights[:, 42:].any()
    assert weights[30, 30] == weights.max()


@pytest.mark.parametrize("level", [244, 232, 215])
def test_a_white_products_shaded_body_counts(level: int) -> None:
    picture = on_white()
    picture[15:45, 15:45] = level
    assert product_weights(lab_of(picture))[30, 30] > 0


def test_skin_counts_less_than_what_it_wears() -> None:
    picture = on_white()
    picture[10:30, 20:40] = SKIN
    picture[30:50, 20:40] = (60, 120, 70)
    weights = product_weights(lab_of(picture))
    assert weights[25, 30] < weights[34, 30] / 2


def test_a_pixel_between_two_colours_counts_less_than_either() -> None:
    picture = on_white()
    picture[10:50, 10:30] = (200, 30, 40)
    picture[10:50, 30] = (120, 60, 110)
    picture[10:50, 31:50] = (40, 90, 180)
    across = product_weights(lab_of(picture))[30]
    assert across[30] < min(across[29], across[31]) / 5


def test_around_a_corner_the_ground_is_still_ground() -> None:
    picture = on_white()
    picture[10:50, 10:50] = (200, 30, 40)
    picture[20:40, 20:40] = 250
    picture[20:26, 0:20] = 250
    weights = product_weights(lab_of(picture))
    assert not weights[24:36, 24:36].any()
