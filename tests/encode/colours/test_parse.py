import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.encode.colours.names import CHINESE, ColourName, name_of
from shoplens.encode.colours.parse import CERTAIN, WORDS, colour_in, colours_said, parse_colour

KNOWN = [word for words in WORDS.values() for word in words.split("|")]


@pytest.mark.parametrize("name", ColourName)
def test_a_basic_name_is_a_place_of_that_name_in_both_languages(name: ColourName) -> None:
    for word in (name.value, CHINESE[name], CHINESE[name].removesuffix("色")):
        lab = parse_colour(word)
        assert lab is not None, word
        assert name_of(lab) == name


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("Burgundy", "red"), ("NAVY", "blue"), ("navy-blue", "blue"), ("酒红色", "red"),
        ("藏青", "blue"), ("米色", "beige"), ("off-white", "white"), ("  sky   blue ", "blue"),
        ("咖啡色", "brown"), ("军绿色", "green"), ("gray", "grey"), ("#c0392b", "red"),
        ("紅色", "red"), ("ＲＥＤ", "red"), ("＃c0392b", "red"),
        ("#fff", "white"), ("玫红色", "pink"), ("姜黄色", "yellow"), ("香芋紫", "purple"),
    ],
)  # fmt: skip
def test_words_of_shops_lie_in_their_family(word: str, name: str) -> None:
    lab = parse_colour(word)
    assert lab is not None
    assert name_of(lab) == name


@pytest.mark.parametrize(
    ("darker", "lighter"),
    [("dark green", "green"), ("深灰色", "灰色"), ("grey", "light grey"), ("红色", "浅红色")],
)
def test_dark_and_light_move_lightness_alone(darker: str, lighter: str) -> None:
    low, high = parse_colour(darker), parse_colour(lighter)
    assert low
    assert high
    assert low.lightness < high.lightness - 10
    assert (low.a, low.b) == (high.a, high.b)


@pytest.mark.parametrize(
    "text",
    ["", " ", "色", "multicolour", "multi", "花色", "clear", "透明", "xyz", "light", "深色", "#12"],
)
def test_what_is_no_single_colour_is_none(text: str) -> None:
    assert parse_colour(text) is None


@given(st.text(max_size=30))
def test_no_text_is_too_strange(text: str) -> None:
    lab = parse_colour(text)
    assert lab is None or 0 <= lab.lightness <= 100


@given(st.sampled_from(["light ", "深", "dark-"]), st.integers(1, 3000))
def test_modifiers_without_end_do_not_exhaust_the_stack(word: str, times: int) -> None:
    assert parse_colour(word * times) is None


def test_no_word_has_two_places() -> None:
    assert len(KNOWN) == len(set(KNOWN))


def test_words_are_written_as_they_are_looked_up() -> None:
    assert all(word == word.lower().replace("-", " ").strip() for word in KNOWN)
    assert not any(word.endswith("色") for word in KNOWN)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("black/white", ["black", "white"]), ("Navy & Dark Brown", ["blue", "brown"]),
        ("gold with brown strap", ["yellow", "brown"]), ("Red, Blue", ["red", "blue"]),
        ("flame orange", ["orange"]), ("coral orange", ["orange"]), ("navy blue", ["blue"]),
        ("off-white", ["white"]), ("forest green marble", ["green"]), ("#c0392b", ["red"]),
        ("白底蓝花", ["white", "blue"]), ("银壳藏青带", ["grey", "blue"]), ("陶土棕", ["brown"]),
        ("黑红色", ["black", "red"]), ("灰配珊瑚橙", ["grey", "orange"]), ("酒红", ["red"]),
        ("红色 / red", ["red", "red"]), ("ＲＥＤ", ["red"]),
        ("rainbow", []), ("multicolour", []), ("透明", []), ("", []),
    ],
)  # fmt: skip
def test_every_colour_that_a_shop_tells_is_found(text: str, named: list[str]) -> None:
    assert [name_of(lab).value for lab in colours_said(text)] == named


@given(st.lists(st.sampled_from(sorted(KNOWN)), min_size=1, max_size=4))
def test_known_words_between_slashes_are_all_found(words: list[str]) -> None:
    assert colours_said("/".join(words)) == tuple(map(parse_colour, words))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("red shoes", "red"), ("a navy blue dress", "blue"), ("dark green jacket", "green"),
        ("olive green bag", "green"), ("coffee coloured mug", "brown"), ("Black-white", "white"),
        ("红色的包", "red"), ("酒红连衣裙", "red"), ("咖啡色杯子", "brown"), ("深蓝色裤子", "blue"),
        ("#C0392B", "red"), ("＃C0392B", "red"), ("紅色的包", "red"),
        ("lamp in mustard colour", "yellow"),
    ],
)  # fmt: skip
def test_a_colour_asked_for_is_found(text: str, named: str) -> None:
    lab = colour_in(text)
    assert lab is not None
    assert name_of(lab) == named


@pytest.mark.parametrize(
    "text",
    [
        "coffee mug", "olive oil", "rose", "wine glass", "咖啡杯", "牛仔裤", "珍珠项链", "沙发",
        "红酒杯", "蓝牙耳机", "shoes", "", "#", "#12345 boots", "colour", "bluetooth", "covered",
    ],
)  # fmt: skip
def test_a_thing_is_no_colour(text: str) -> None:
    assert colour_in(text) is None


@given(st.text(max_size=60))
def test_no_text_is_too_strange_to_look_through(text: str) -> None:
    for lab in (*colours_said(text), *filter(None, [colour_in(text)])):
        assert 0 <= lab.lightness <= 100


def test_a_long_text_is_looked_through_in_no_time() -> None:
    text = "light deep red-ish 深深红" * 10_000
    assert len(colours_said(text)) < 100


def test_certain_words_are_known_words() -> None:
    assert set(KNOWN) >= CERTAIN
