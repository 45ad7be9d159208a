from colorsys import rgb_to_hsv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.encode.colours.lab import Lab, lab_of

levels = st.tuples(*[st.integers(0, 255)] * 3)


def slow_lab(red: int, green: int, blue: int) -> tuple[float, float, float]:
    """Follow CIE 15 for one colour, from the primaries' chromaticities, without a fixed matrix."""
    chromaticities = np.array([[0.64, 0.33], [0.30, 0.60], [0.15, 0.06]])
    primaries = np.array([[x / y, 1, (1 - x - y) / y] for x, y in chromaticities]).T
    white = np.array([0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290])
    strength = np.linalg.solve(primaries, white)
    linear = [
        v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4
        for v in (red / 255, green / 255, blue / 255)
    ]
    xyz = primaries @ (strength * np.array(linear)) / white
    fx, fy, fz = (
        t ** (1 / 3) if t > (6 / 29) ** 3 else t * (29 / 6) ** 2 / 3 + 4 / 29 for t in xyz
    )
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@given(levels)
def test_lab_is_what_the_standard_says(rgb: tuple[int, int, int]) -> None:
    got = lab_of(np.array(rgb, np.uint8))
    np.testing.assert_allclose(got, slow_lab(*rgb), atol=0.06)


@given(levels)
def test_hex_and_lab_are_each_others_way_back(rgb: tuple[int, int, int]) -> None:
    text = "#{:02x}{:02x}{:02x}".format(*rgb)
    lab = Lab.of_hex(text)
    assert lab is not None
    assert lab.hex == text


@given(st.integers(0, 255))
def test_greys_have_no_chroma(level: int) -> None:
    assert Lab.of_row(lab_of(np.full(3, level, np.uint8))).chroma < 0.05


def test_known_colours_lie_where_tables_say() -> None:
    red = Lab.of_hex("#ff0000")
    assert red is not None
    assert (red.lightness, red.a, red.b) == pytest.approx((53.24, 80.09, 67.20), abs=0.05)
    white = Lab.of_hex("#fff")
    assert white is not None
    assert white.lightness == pytest.approx(100, abs=0.01)


def test_colours_no_screen_can_show_are_written_as_the_nearest() -> None:
    assert Lab(50.0, 200.0, 0.0).hex.startswith("#ff00")
    assert Lab(150.0, 0.0, 0.0).hex == "#ffffff"
    assert Lab(-10.0, 0.0, 0.0).hex == "#000000"


@given(levels)
def test_hue_turns_as_on_a_colour_wheel(rgb: tuple[int, int, int]) -> None:
    lab = Lab.of_row(lab_of(np.array(rgb, np.uint8)))
    hue, saturation, value = rgb_to_hsv(*(level / 255 for level in rgb))
    if saturation > 0.9 and value > 0.5:
        turn = (lab.hue_deg - hue * 360 + 180) % 360 - 180
        assert abs(turn) < 80


@pytest.mark.parametrize("text", ["", "#", "#12", "#12345", "red", "#gggggg", "# 123456"])
def test_what_is_no_hex_is_none(text: str) -> None:
    assert Lab.of_hex(text) is None
