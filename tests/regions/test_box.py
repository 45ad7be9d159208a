"""What a box points at is seen whole, in a square, inside the picture."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.errors import QueryError
from shoplens.regions.box import MARGIN, Box, cut

sides = st.floats(0, 1)
lengths = st.integers(1, 90)


def numbered(height: int, width: int) -> np.ndarray:
    """A picture whose red and green tell row and column."""
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([rows, columns, rows * 0], axis=2).astype(np.uint8)


@pytest.mark.parametrize(
    "given",
    [
        (0.5, 0, 0.5, 1),
        (0, 0.7, 1, 0.2),
        (-0.1, 0, 1, 1),
        (0, 0, 1.01, 1),
        (math.nan, 0, 1, 1),
        (0, 0, math.inf, 1),
    ],
)
def test_what_is_no_box_is_refused_with_what_came(given: tuple[float, ...]) -> None:
    with pytest.raises(QueryError, match="is no box; wanted left, top, right, bottom"):
        Box(*given)


def test_the_whole_box_of_a_square_picture_is_the_picture() -> None:
    picture = numbered(40, 40)
    assert (cut(picture, Box(0, 0, 1, 1)) == picture).all()


def test_a_tall_thing_is_cut_as_a_square_about_it() -> None:
    part = cut(numbered(90, 90), Box(0.4, 0.2, 0.5, 0.7))
    assert part.shape[0] == pytest.approx(0.5 * 90 * (1 + 2 * MARGIN), abs=2)
    assert abs(part.shape[0] - part.shape[1]) <= 1
    assert part[..., 1].mean() == pytest.approx(0.45 * 90, abs=1)


def test_at_an_edge_the_square_slides_inwards() -> None:
    part = cut(numbered(80, 80), Box(0, 0.25, 0.1, 0.75))
    assert part[0, 0, 1] == 0
    assert abs(part.shape[0] - part.shape[1]) <= 1


@given(st.tuples(sides, sides), st.tuples(sides, sides), lengths, lengths)
def test_every_pixel_of_the_box_is_kept(
    across: tuple[float, float], down: tuple[float, float], height: int, width: int
) -> None:
    (left, right), (top, bottom) = sorted(across), sorted(down)
    if left == right or top == bottom:
        return
    part = cut(numbered(height, width), Box(left, top, right, bottom))
    assert part.size
    assert part[..., 1].min() <= math.floor(left * width)
    assert part[..., 1].max() >= min(math.ceil(right * width), width) - 1
    assert part[..., 0].min() <= math.floor(top * height)
    assert part[..., 0].max() >= min(math.ceil(bottom * height), height) - 1
