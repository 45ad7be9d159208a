import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageColor

from shoplens.encode.colours.lab import Lab
from shoplens.encode.colours.names import CHINESE, ColourName, name_of

ACHROMATIC = {ColourName.BLACK, ColourName.GREY, ColourName.WHITE}
PLAIN = {
    "black": "#141414", "grey": "#808080", "white": "#fafafa", "beige": "#dcc9a6",
    "brown": "#6b4226", "red": "#c81e28", "orange": "#f07818", "yellow": "#f5d21e",
    "green": "#2d8c46", "blue": "#2864b4", "purple": "#6e3c96", "pink": "#f08cb4",
}  # fmt: skip


def named(text: str) -> ColourName:
    lab = Lab.of_hex(text)
    assert lab is not None
    return name_of(lab)


def grey(lightness: float) -> ColourName:
    return name_of(Lab(lightness, 0.0, 0.0))


def of_css(name: str) -> str:
    return "#" + bytes(ImageColor.getrgb(name)).hex()


@given(
    st.builds(
        Lab,
        st.floats(0, 100),
        st.floats(-130, 130),
        st.floats(-130, 130),
    )
)
def test_every_colour_has_a_name(lab: Lab) -> None:
    assert name_of(lab) in ColourName


@given(st.floats(0, 100), st.floats(0, 360), st.floats(0, 130))
def test_names_of_light_colours_are_not_for_dark_ones(
    lightness: float, hue_deg: float, chroma: float
) -> None:
    turned = chroma * complex(0, 1) ** (hue_deg / 90)
    darkest = {"white": 80, "beige": 60, "yellow": 45, "orange": 40, "pink": 36}
    name = name_of(Lab(lightness, turned.real, turned.imag))
    assert lightness >= darkest.get(name, 0)
    assert name != "black" or lightness < 40


@given(st.integers(0, 255))
def test_greys_are_never_named_a_hue(level: int) -> None:
    assert named(f"#{level:02x}{level:02x}{level:02x}") in ACHROMATIC


@given(st.floats(0, 100), st.floats(0, 360), st.floats(0, 3.9))
def test_a_tint_of_white_balance_gives_grey_no_hue(
    lightness: float, hue_deg: float, chroma: float
) -> None:
    turned = chroma * complex(0, 1) ** (hue_deg / 90)
    assert name_of(Lab(lightness, turned.real, turned.imag)) in ACHROMATIC


@given(st.floats(0, 99), st.floats(0, 1))
def test_greys_run_from_black_to_white_without_turning_back(lightness: float, step: float) -> None:
    order = [ColourName.BLACK, ColourName.GREY, ColourName.WHITE]
    darker, lighter = grey(lightness), grey(lightness + step)
    assert order.index(darker) <= order.index(lighter)


@pytest.mark.parametrize(("name", "text"), PLAIN.items())
def test_plain_examples_have_their_names(name: str, text: str) -> None:
    assert named(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("#1f2c4d", "blue"), ("#6f1a26", "red"), ("#d29a20", "yellow"), ("#1f4a35", "green"),
        ("#4f3222", "brown"), ("#d6257e", "pink"), ("#b9a2d9", "purple"), ("#f5c6cb", "pink"),
        ("#c4581f", "orange"), ("#6b6d34", "green"), ("#f7f5f0", "white"), ("#0000ff", "blue"),
    ],
)  # fmt: skip
def test_shades_belong_to_their_family(text: str, name: str) -> None:
    assert named(text) == name


def test_most_css_names_that_end_in_a_basic_name_get_it() -> None:
    basic = {name.value for name in ColourName}
    asked = {
        css: family
        for css in ImageColor.colormap
        for family in basic
        if css.endswith(family) and not css.startswith(("blue", "green", "yellow", "orange"))
    }
    right = [css for css, family in asked.items() if named(of_css(css)) == family]
    assert len(asked) > 40
    assert len(right) / len(asked) > 0.7, sorted(set(asked) - set(right))


def test_every_name_has_one_in_chinese() -> None:
    assert set(CHINESE) == set(ColourName)
    assert all(name.endswith("色") for name in CHINESE.values())
