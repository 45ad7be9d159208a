import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.encode.words.cut import tokens
from shoplens.encode.words.rows import token_number, word_query
from shoplens.search.words.ask import WordsAsked, ask_words
from shoplens.search.words.synonyms import Synonyms
from shoplens.search.words.vocabulary import Vocabulary, words_of
from shoplens.types import Product

TITLES = [
    "Red hiking boots", "Blue hiking boots", "Leather boots AB-123", "Rain jacket", "Warm jacket",
    "Push-up bra", "Sports bra", "Jacquard curtain", "Yellow curtain", "红色运动鞋", "黑色皮鞋",
    "无线耳机", "T-shirt 500ml",
]  # fmt: skip
PRODUCTS = [Product(str(i), title) for i, title in enumerate(TITLES)]
SHOP = Vocabulary.of(map(words_of, PRODUCTS))
NONE = Synonyms()
asked = st.lists(
    st.one_of(st.sampled_from([word for title in TITLES for word in title.split()]), st.text())
).map(" ".join)


def ask(text: str, *, typing: bool = False) -> WordsAsked:
    return ask_words(text, SHOP, NONE, typing=typing)


def weights(asked: WordsAsked) -> dict[int, float]:
    return dict(zip(asked.row.tokens.tolist(), asked.row.weights.tolist(), strict=True))


def weight(asked: WordsAsked, word: str) -> float:
    return weights(asked).get(token_number(word), 0.0)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hking boots", "hiking boots"),
        ("hikingg boots", "hiking boots"),
        ("ihking boots", "hiking boots"),
        ("red BOTS", "red boot"),
        ("jacet rain", "jacket rain"),
        ("ylelow currtain", "yellow curtain"),
        ("curtqqin red", "curtain red"),
        ("sportsbra", "sports bra"),
    ],
)
def test_a_typo_is_mended(typed: str, meant: str) -> None:
    mended = ask(typed)
    assert " ".join(tokens(mended.corrected)) == " ".join(tokens(meant))
    for word in tokens(meant):
        assert 0 < weight(mended, word) <= 1


@pytest.mark.parametrize(
    "typed", ["hiking boots", "rain", "AB-123", "AB-124", "cat", "红色", "x1z2"]
)
def test_what_is_known_or_short_or_a_code_is_never_mended(typed: str) -> None:
    assert not ask(typed).corrected


def test_a_rare_word_of_the_shop_is_not_taken_for_a_frequent_one() -> None:
    shop = Vocabulary.of([{"boots"}] * 50 + [{"boats"}])
    found = ask_words("boats", shop, NONE)
    assert not found.corrected
    assert weights(found).keys() == weights(ask_words("boat", shop, NONE)).keys() - {0}


def test_the_word_itself_is_still_asked_for_beside_what_it_may_mean() -> None:
    assert weight(ask("hking boots"), "hking") == 1


def test_two_edits_are_mended_in_long_words_only() -> None:
    assert ask("jacqquurd").corrected == "jacquard"
    assert not ask("bxxts").corrected


def test_the_last_word_is_a_beginning_while_typing() -> None:
    assert weight(ask("red hik", typing=True), "hiking") > 0
    assert not ask("red hik", typing=True).corrected
    assert weight(ask("hik red", typing=True), "hiking") == 0, "not the last word"
    assert weight(ask("rain ", typing=True), "raincoat") == 0


def test_a_known_word_is_a_beginning_only_while_typing() -> None:
    shop = Vocabulary.of([{"rain"}, {"raincoat"}])
    assert weight(ask_words("rain", shop, NONE), "raincoat") == 0
    typed = ask_words("rain", shop, NONE, typing=True)
    assert weight(typed, "rain") == 1 > weight(typed, "raincoat") > 0


def test_an_unknown_last_word_is_a_beginning_even_when_not_typing() -> None:
    assert weight(ask("red jack"), "jacket") > 0


def test_a_rare_ending_never_beats_the_frequent_one() -> None:
    shop = Vocabulary.of([{"shoe"}] * 50 + [{"shoal"}] + [{"hat"}] * 50)
    found = ask_words("sho", shop, NONE, typing=True)
    often, rarely = (weight(found, word) * shop.idf(word) for word in ("shoe", "shoal"))
    assert rarely <= often * 1.05


@pytest.mark.parametrize(("typed", "joined"), [("push up", "pushup"), ("t shirt", "tshirt")])
def test_words_that_the_shop_writes_as_one_are_joined(typed: str, joined: str) -> None:
    assert weight(ask(typed), joined) > 0
    assert weight(ask("rain jacket"), "rainjacket") == 0


def test_single_characters_and_words_of_chinese_count() -> None:
    found = ask("红色运动鞋")
    assert weight(found, "运动") == 1
    assert 0 < weight(found, "鞋") < weight(found, "运动")
    assert 0 < weight(found, "色运") < weight(found, "运动"), "a pair across two words"
    assert weights(ask("紅色運動鞋")) == weights(found)
    assert weight(ask("鞋"), "鞋") == 1


def test_the_words_that_a_product_has_are_named() -> None:
    red, _, _, rain, *_ = map(words_of, PRODUCTS)
    shoes = words_of(PRODUCTS[9])
    assert ask("hking red boots for rain").matched(red) == ["hking", "red", "boots"]
    assert ask("hking red boots for rain").matched(rain) == ["rain"]
    assert ask("新款运动鞋 红").matched(shoes) == ["运动鞋", "红"]
    assert ask("boots boots").matched(red) == ["boots"]
    assert ask("sofa").matched(red) == []


def test_the_ideal_is_reached_by_a_usual_product_with_every_word() -> None:
    found = ask("red boots")
    score = sum(SHOP.idf(word) * weight(found, word) for word in ("red", "boot"))
    assert found.ideal == pytest.approx(score)
    assert ask("red boots sofa").ideal > 1.5 * found.ideal, "what nothing has is missing"
    mended = ask("red boosts")
    assert 0.8 * found.ideal < mended.ideal <= found.ideal


def test_a_synonym_counts_less_than_the_word_and_says_no_more() -> None:
    synonyms = Synonyms({("boot",): ("wellies",)})
    shop = Vocabulary.of([{"boot"}] * 9 + [{"welly"}])
    found = ask_words("boots", shop, synonyms)
    assert weight(found, "boot") == 1
    assert 0 < weight(found, "welly") * shop.idf("welly") < shop.idf("boot")


@given(text=asked, typing=st.booleans())
def test_whatever_is_asked_is_understood(text: str, typing: bool) -> None:  # noqa: FBT001
    found = ask(text, typing=typing)
    assert (found.row.weights > 0).all()
    assert (found.row.weights <= 2).all()
    assert found.ideal >= 0
    assert bool(len(found.row.tokens)) == bool(found.words) == bool(found.ideal)
    assert found.matched(()) == []


@given(text=asked)
def test_an_empty_vocabulary_asks_for_the_words_as_they_are(text: str) -> None:
    found = ask_words(text, Vocabulary.of(()), NONE)
    short = text if len(text) < 64 else ""
    assert set(word_query(short).tokens.tolist()) <= {*weights(found), *_by_chance(short)}
    assert not found.corrected


def _by_chance(text: str) -> set[int]:
    return {token_number(token) for token in tokens(text) if not token.isascii()}


@pytest.mark.parametrize(
    "text", ["\x00\x01\x1f", "🙂🙃", "", " \t\n", "x" * 10_000, "红" * 10_000, "abcdefg " * 2_000]
)
def test_odd_questions_stay_small(text: str) -> None:
    found = ask(text, typing=True)
    assert len(found.row.tokens) <= 200
    assert len(found.words) <= 64


def test_the_name_of_a_colour_is_no_typo_though_no_text_says_it() -> None:
    vocabulary = Vocabulary.of([{"block", "chair"}, {"block", "mellow"}])
    for text in ("black", "yellow", "brown"):
        assert ask_words(text, vocabulary, Synonyms()).corrected == ""
    assert ask_words("blick", vocabulary, Synonyms()).corrected == "block"
