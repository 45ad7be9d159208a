import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.encode.colours.dominant import Dominant
from shoplens.encode.colours.field import LEAST_SHARE, colour_words, english, same_colour
from shoplens.encode.colours.names import CHINESE, ColourName
from shoplens.encode.colours.parse import parse_colour


def seen(*parts: tuple[str, float]) -> tuple[Dominant, ...]:
    labs = [(parse_colour(name), share) for name, share in parts]
    return tuple(
        Dominant(lab, s, ColourName(n)) for (lab, s), (n, _) in zip(labs, parts, strict=True) if lab
    )


def test_a_name_is_in_the_language_of_the_title() -> None:
    assert colour_words((), seen(("red", 0.9)), "帆布鞋 A1") == ("红色",)
    assert colour_words(["Navy"], ()) == ("blue",)
    assert colour_words((), seen(("red", 0.9))) == ("red",)


def test_what_the_shop_tells_goes_before_the_picture() -> None:
    assert colour_words(["black/white"], seen(("red", 1.0))) == ("black", "white")


@pytest.mark.parametrize("told", [[], ["multicolour"], ["Sunset No. 5", ""]])
def test_what_is_not_understood_leaves_it_to_the_picture(told: list[str]) -> None:
    assert colour_words(told, seen(("green", 0.6))) == ("green",)


def test_one_word_understood_decides() -> None:
    assert colour_words(["Sunset No. 5", "红"], seen(("green", 0.6))) == ("red",)


def test_small_parts_have_no_name_and_parts_of_one_name_count_together() -> None:
    parts = seen(("red", 0.6), ("blue", LEAST_SHARE - 0.01), ("white", 0.1))
    assert colour_words((), parts) == ("red",)
    parts = seen(("red", 0.5), ("blue", 0.15), ("blue", 0.15))
    assert colour_words((), parts) == ("red", "blue")


def test_a_product_of_many_small_parts_has_the_name_of_the_largest() -> None:
    assert colour_words((), seen(("red", 0.2), ("blue", 0.15), ("white", 0.1))) == ("red",)


@given(
    st.lists(st.text(max_size=20), max_size=3),
    st.lists(st.tuples(st.sampled_from([n.value for n in ColourName]), st.floats(0.03, 1))),
)
def test_names_are_plain_names_and_none_only_without_a_picture(
    told: list[str], parts: list[tuple[str, float]]
) -> None:
    words = colour_words(told, seen(*parts))
    assert [CHINESE[ColourName(word)] for word in words] == list(
        colour_words(told, seen(*parts), "鞋")
    )
    assert len(set(words)) == len(words)
    assert words or not parts


def test_a_plain_name_speaks_for_both_languages_and_no_other_word_does() -> None:
    assert same_colour("red") == ("red", "红色")
    assert same_colour("红色") == ("红色", "red")
    assert set(same_colour("gray")) == {"gray", "grey", "灰色"}
    assert same_colour("flame orange") == ("flame orange",)
    assert english("蓝色") == "blue"
