"""The oracle is convolution by hand: each pixel a weighted mean of those under its filter.

Weights are those of Pillow's filters (antialiased: the filter is as wide as what a pixel covers),
computed one by one in double precision, without Pillow's rounding between the two passes.
"""

import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.encode.added.manifest import Resize, Shape
from shoplens.encode.added.resizing import square
from shoplens.types import Pixels


def triangle(x: float) -> float:
    return max(0.0, 1 - abs(x))


def cubic(x: float, a: float = -0.5) -> float:
    """Keys (1981), with Pillow's a."""
    x = abs(x)
    if x < 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a if x < 2 else 0.0


def sinc3(x: float) -> float:
    if abs(x) >= 3:
        return 0.0
    return float(np.sinc(x) * np.sinc(x / 3))


ORACLE: dict[str, tuple[Callable[[float], float], float]] = {
    "bilinear": (triangle, 1.0),
    "bicubic": (cubic, 2.0),
    "lanczos": (sinc3, 3.0),
}


def weights(source: int, target: int, name: str) -> np.ndarray:
    """Give the matrix (target, source) of one pass."""
    kernel, support = ORACLE[name]
    scale = source / target
    wide = max(scale, 1.0)
    matrix = np.zeros((target, source))
    for out in range(target):
        centre = (out + 0.5) * scale
        first = max(0, int(centre - support * wide + 0.5))
        last = min(source, int(centre + support * wide + 0.5))
        for place in range(first, last):
            matrix[out, place] = kernel((place - centre + 0.5) / wide)
        matrix[out] /= matrix[out].sum()
    return matrix


def resized(picture: Pixels, width: int, height: int, name: str) -> np.ndarray:
    across = weights(picture.shape[1], width, name)
    down = weights(picture.shape[0], height, name)
    wide = np.einsum("xw,hwc->hxc", across, picture.astype(np.float64))
    return np.einsum("yh,hxc->yxc", down, np.clip(wide, 0, 255))


def expected(picture: Pixels, how: Resize) -> np.ndarray:
    """What the square should be, by the words of transformers and open_clip."""
    height, width = picture.shape[:2]
    side = how.size_px
    if how.shape == "squash":
        return resized(picture, side, side, how.filter)
    if how.shape == "crop":
        if width <= height:  # torchvision: the short side, then the long one cut to a whole number
            new_width, new_height = how.short_px, int(how.short_px * height / width)
        else:
            new_width, new_height = int(how.short_px * width / height), how.short_px
        whole = resized(picture, new_width, new_height, how.filter)
        spare_y, spare_x = new_height - side, new_width - side
        if how.middle == "floor":
            top, left = math.floor(spare_y / 2), math.floor(spare_x / 2)
        else:
            top, left = int(np.rint(spare_y / 2)), int(np.rint(spare_x / 2))
        return whole[top : top + side, left : left + side]
    share = max(height / side, width / side)
    new_height, new_width = max(1, round(height / share)), max(1, round(width / share))
    out = np.full((side, side, 3), float(how.fill))
    top, left = (side - new_height) // 2, (side - new_width) // 2
    out[top : top + new_height, left : left + new_width] = resized(
        picture, new_width, new_height, how.filter
    )
    return out


def drawn(height: int, width: int, seed: int) -> Pixels:
    """Draw something smooth with edges in it, neither black nor white.

    Else what a filter with lobes adds is cut off between the passes, which Pillow may turn around.
    """
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    waves = [
        127 + 60 * np.sin(x * rng.uniform(0.02, 0.3) + y * rng.uniform(0.02, 0.3) + c)
        for c in range(3)
    ]
    picture = np.stack(waves, axis=-1)
    picture[height // 3 : height // 2, width // 4 : width // 2] = rng.integers(60, 196, 3)
    return picture.astype(np.uint8)


RESIZES = st.builds(
    Resize,
    shape=st.sampled_from(["squash", "crop", "pad"]),
    size_px=st.integers(1, 24),
    short_px=st.integers(24, 33),
    filter=st.sampled_from([*ORACLE]),
    fill=st.integers(0, 255),
    middle=st.sampled_from(["floor", "round"]),
)


@settings(max_examples=150, deadline=None)
@given(how=RESIZES, height=st.integers(1, 70), width=st.integers(1, 70), seed=st.integers(0, 9))
def test_every_square_is_what_convolution_by_hand_gives(
    how: Resize, height: int, width: int, seed: int
) -> None:
    picture = drawn(height, width, seed)
    made = square(picture, how)
    assert made.shape == (how.size_px, how.size_px, 3)
    assert made.dtype == np.uint8
    off = np.abs(made - np.clip(expected(picture, how), 0, 255))
    # Pillow rounds to whole levels after each pass; a filter with lobes then adds several such.
    assert off.max() <= 3
    assert off.mean() <= 0.6


@pytest.mark.parametrize("shape", [(36, 37), (37, 36), (36, 39), (39, 36), (36, 41)])
def test_an_odd_rest_begins_where_the_library_begins(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    how = Resize("crop", size_px=36, short_px=36, filter="bicubic")
    spare_y, spare_x = shape[0] - 36, shape[1] - 36
    floor = picture[spare_y // 2 :, spare_x // 2 :][:36, :36]
    np.testing.assert_array_equal(square(picture, how), floor)
    top, left = round(spare_y / 2), round(spare_x / 2)
    rounded = picture[top : top + 36, left : left + 36]
    np.testing.assert_array_equal(square(picture, replace(how, middle="round")), rounded)


@pytest.mark.parametrize("form", ["squash", "crop", "pad"])
@pytest.mark.parametrize("shape", [(1, 4000), (4000, 1), (2, 9000), (1, 1)])
def test_a_picture_thin_as_a_thread_works(form: Shape, shape: tuple[int, int]) -> None:
    how = Resize(form, size_px=224, short_px=256, filter="bicubic", fill=7)
    made = square(np.full((*shape, 3), (200, 100, 50), np.uint8), how)
    assert made.shape == (224, 224, 3)
    if form == "pad" and shape != (1, 1):
        rows = (made == 7).all(axis=(1, 2)) if shape[0] < shape[1] else (made == 7).all(axis=(0, 2))
        assert rows.sum() == 223
    else:
        np.testing.assert_array_equal(made, np.broadcast_to((200, 100, 50), made.shape))


THIN = """
import resource
import numpy as np
from shoplens.encode.added.manifest import Resize
from shoplens.encode.added.resizing import square

how = Resize("crop", size_px=224, short_px=256, filter="bicubic")
square(np.zeros((500, 500, 3), np.uint8), how)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
square(np.zeros((1, 4000, 3), np.uint8), how)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="another system counts memory otherwise")
def test_a_picture_thin_as_a_thread_costs_no_memory() -> None:
    """Its short side at 256 px it would be 256 x 1,024,000 pixels, 786 MB."""
    done = subprocess.run([sys.executable, "-c", THIN], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 20_000  # kB


@settings(max_examples=30, deadline=None)
@given(
    short=st.integers(1, 4), times=st.integers(17, 40), tall=st.booleans(), seed=st.integers(0, 9)
)
def test_a_thin_picture_that_is_cut_first_is_what_it_would_be_cut_last(
    short: int, times: int, *, tall: bool, seed: int
) -> None:
    how = Resize("crop", size_px=24, short_px=29, filter="bicubic")
    picture = drawn(short * times, short, seed) if tall else drawn(short, short * times, seed)
    off = np.abs(square(picture, how) - np.clip(expected(picture, how), 0, 255))
    assert off.max() <= 3


def test_the_picture_is_left_alone_and_views_are_taken() -> None:
    picture = drawn(50, 80, 0)
    kept = picture.copy()
    how = Resize("crop", size_px=24, short_px=28, filter="bicubic")
    mirrored = square(picture[:, ::-1], how)
    np.testing.assert_array_equal(mirrored, square(np.ascontiguousarray(picture[:, ::-1]), how))
    np.testing.assert_array_equal(picture, kept)
