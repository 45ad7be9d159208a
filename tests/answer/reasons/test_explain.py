from collections.abc import Callable, Collection

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawn_products import draw_product
from shoplens.answer.reasons.explain import Question, Reasons, colours_of, explain, no_words
from shoplens.answer.reasons.refs import PhotoRef, ProductRef, Ref, write_ref
from shoplens.encode.colours.lab import Lab
from shoplens.search.words.ask import ask_words
from shoplens.search.words.synonyms import Synonyms
from shoplens.search.words.vocabulary import Vocabulary, words_of
from shoplens.types import Product, RankedProduct, Shown

SHARES = {"picture": 0.5, "words": 0.2, "stock": 0.025}


def path(ref: Ref | None, image_hash: str) -> str:
    return f"/{write_ref(ref)}/{image_hash}" if ref else ""


def shown(*signals: str) -> Shown:
    scores = dict.fromkeys(signals, 0.5)
    ranked = RankedProduct("1", "1", 0, 0.725, scores, shares=SHARES)
    return Shown(ranked, Product("1", "Red Boots"), "abc")


def has(words: str) -> frozenset[str]:
    return frozenset(words_of(Product("", words)))


def understood(asked: str, words: str) -> Callable[[Collection[str]], list[str]]:
    return ask_words(asked, Vocabulary.of([has(words)]), Synonyms()).matched


def had(asked: str, words: str) -> list[str]:
    return understood(asked, words)(has(words))


def test_reasons_put_everything_together() -> None:
    question = Question(
        understood("red hiking boots", "Red Boots"), frozenset({"red", "black"}), PhotoRef("q-1")
    )
    reasons = explain(
        question, shown("picture", "words"), has("Red Boots"), {"red", "红色", "white"}, path
    )
    assert reasons == Reasons(SHARES, ("red", "boots"), ("red",), "/q-1/abc")


def test_a_product_that_no_picture_signal_found_has_no_map() -> None:
    question = Question(no_words, ref=ProductRef("2"))
    assert explain(question, shown("words"), has("Red Boots"), (), path).map == ""
    assert explain(question, shown("text_picture"), has("Red Boots"), (), path).map == "/p-2/abc"


def test_the_words_of_another_reading_are_taken_as_they_are() -> None:
    def matched(has: Collection[str]) -> list[str]:
        return ["mended"] if "boot" in has else []

    assert explain(Question(matched), shown("words"), has("Red Boots"), (), path).words == (
        "mended",
    )


@pytest.mark.parametrize(
    ("asked", "words", "wanted"),
    [
        ("Red SHOES", "a shoe, red", ["red", "shoes"]),
        ("red red red", "red", ["red"]),
        ("the boots for me", "boots for the rain", ["boots"]),
        ("tshirt", "T-Shirt", ["tshirt"]),
        ("t-shirt", "tshirt", ["t-shirt"]),
        ("t-shirt", "a shirt", ["t-shirt"]),
        ("AB-123", "ab 123", ["ab-123"]),
        ("红色运动鞋", "女士运动鞋", ["运动鞋"]),
        ("红色运动鞋", "红色的运动裤", ["红色", "运动"]),
        ("鞋", "运动鞋", ["鞋"]),
        ("鞋", "衬衫", []),
        ("nike 运动鞋", "Nike 鞋", ["nike"]),
        ("", "boots", []),
        ("😀", "boots", []),
    ],
)
def test_words_are_told_as_they_were_asked(asked: str, words: str, wanted: list[str]) -> None:
    assert had(asked, words) == wanted


@given(text=st.text(max_size=60), other=st.text(max_size=60))
def test_told_words_stand_in_the_question_and_meet_the_product(text: str, other: str) -> None:
    told = had(text, other)
    assert len(set(told)) == len(told)
    whole = set(had(text, f"{text} {other}"))
    for word in told:
        assert word in whole or any(word in longer for longer in whole)


def test_a_picked_colour_has_its_name() -> None:
    assert colours_of(colour=Lab(44.0, 53.0, 36.0)) == {"red"}


def test_a_photo_has_the_colours_it_shows_most_of() -> None:
    crimson = draw_product("shirt", "crimson", "plain", 200)
    assert colours_of(crimson) == {"red"}
    assert colours_of(crimson, Lab(7.0, 0.0, 0.0)) == {"red", "black"}
    assert colours_of() == frozenset()


def test_a_colour_that_is_a_small_part_does_not_count() -> None:
    picture = np.full((100, 100, 3), 255, np.uint8)
    picture[20:80, 20:80] = (40, 90, 200)
    picture[45:55, 45:55] = (200, 20, 20)
    assert colours_of(picture) == {"blue"}
