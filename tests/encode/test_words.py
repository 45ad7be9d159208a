import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.encode.words.cut import STOP_WORDS, beginnings, singular, tokens
from shoplens.encode.words.fold import fold
from shoplens.encode.words.rows import AVERAGE_LENGTH, K1, B, token_number, word_query, word_row
from shoplens.types import SparseRow

SHOP_TEXT = (
    "shoes AB-123 women's T-shirt 红色的运动鞋 L’Oréal 3,5mm 1,299.00 スニーカー ชุดเดรส 운동화"
    " Straße हिन्दी кроссовки the of 的 ＡＢＣ ﬁne 12x18cm İstanbul H&M"
)
SHOP_WORDS = SHOP_TEXT.split()
texts = st.lists(st.one_of(st.sampled_from(SHOP_WORDS), st.text(max_size=8)), max_size=12).map(
    " ".join
)


def as_dict(row: SparseRow) -> dict[int, float]:
    return dict(zip(row.tokens.tolist(), row.weights.tolist(), strict=True))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Red Shoes", "red shoe"),
        ("women's men’s boss", "women men boss"),
        ("AB-123", "ab 123 ab123"),
        ("T-Shirts", "t shirt tshirt"),
        ("H&M L’Oréal", "h m hm l oreal loreal"),
        ("WH-1000XM4", "wh 1000xm4 wh1000xm4"),
        ("SKU_00_12", "sku 00 12 sku0012"),
        ("3,5mm 12.5 kg 500ml", "3.5mm 3.5 mm 12.5 kg 500ml 500 ml"),
        ("1,299.00 1,299 10-20", "1299.00 1299 10 20"),
        ("Straße ﬁne ＡＢＣ İstanbul Łódź", "strasse fine abc istanbul lodz"),
        ("и й", "и й"),
        ("हिन्दी", "हिन्दी"),
        ("红色运动鞋", "红色 色运 运动 动鞋"),
        ("红色的鞋", "红色 鞋"),
        ("鞋", "鞋"),
        ("紅色運動鞋", "红色 色运 运动 动鞋"),
        ("的", "的"),
        ("iPhone手机壳15", "iphone 手机 机壳 15"),
        ("スニーカー", "スニ ニー ーカ カー"),
        ("운동화", "운동 동화"),
        ("and/or, (shoe.Nice!)", "and or shoe nice"),
        (" \x00\n - _ ' , . ", ""),
    ],
)
def test_a_text_is_cut_as_documented(text: str, wanted: str) -> None:
    assert tokens(text) == wanted.split()


@pytest.mark.parametrize(
    "spellings",
    [
        ("shoes", "shoe", "SHOE", "Shoe's"),
        ("boxes", "box"),
        ("dresses", "dress"),
        ("watches", "watch"),
        ("brushes", "brush"),
        ("hoodies", "hoodie", "hoody"),
        ("berries", "berry"),
        ("ties", "tie"),
        ("café", "cafe", "CAFÉ", "cafe\u0301", "cafés"),
    ],
)
def test_spellings_of_one_word_meet(spellings: tuple[str, ...]) -> None:
    assert {tuple(tokens(spelling)) for spelling in spellings} == {tuple(tokens(spellings[0]))}


@pytest.mark.parametrize("word", ["glass", "bus", "gps", "x1s", "ab123s", "ботинкиs", "s"])
def test_what_is_no_english_plural_stays(word: str) -> None:
    assert singular(word) == word


@given(text=st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(text=st.text(st.characters(max_codepoint=0x24F), max_size=20))
def test_composed_and_decomposed_letters_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)


@given(text=st.one_of(st.text(st.characters()), texts))
def test_any_text_becomes_words_without_spaces(text: str) -> None:
    for token in tokens(text):
        assert token
        assert not any(character.isspace() for character in token)


def test_half_a_surrogate_pair_is_no_word_and_no_crash() -> None:
    assert tokens("red \ud800 shoe") == ["red", "shoe"]
    assert word_row("\udfff").tokens.size == 0


@given(words=st.lists(st.sampled_from(SHOP_WORDS), max_size=10), data=st.data())
def test_order_and_repetition_do_not_change_a_query(words: list[str], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(words * 2))
    assert as_dict(word_query(" ".join(words))) == as_dict(word_query(" ".join(shuffled)))


@given(words=st.lists(st.sampled_from(SHOP_WORDS), max_size=10), data=st.data())
def test_order_does_not_change_a_row(words: list[str], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(words))
    ours, theirs = word_row(" ".join(words)), word_row(" ".join(shuffled))
    np.testing.assert_array_equal(ours.tokens, theirs.tokens)
    np.testing.assert_array_equal(ours.weights, theirs.weights)


@given(text=texts)
def test_rows_are_sorted_and_distinct(text: str) -> None:
    for row in (word_row(text), word_query(text)):
        assert row.tokens.dtype == np.uint32
        assert row.weights.dtype == np.float32
        assert row.tokens.shape == row.weights.shape
        assert (np.diff(row.tokens.astype(np.int64)) > 0).all()
        assert (row.weights > 0).all()


@given(text=texts)
def test_every_word_asked_of_a_text_is_in_its_row(text: str) -> None:
    assert set(as_dict(word_query(text))) <= set(as_dict(word_row(text)))


@given(text=st.text(st.characters(categories=("Lu", "Ll", "Nd")), min_size=1))
def test_a_query_with_a_word_in_it_is_never_empty(text: str) -> None:
    assert word_query(text).tokens.size > 0


@pytest.mark.parametrize("text", [*sorted(STOP_WORDS), "the of and", "的", "这个", "是的"])
def test_a_query_of_stop_words_alone_keeps_them(text: str) -> None:
    assert word_query(text).tokens.size > 0


@pytest.mark.parametrize("word", sorted(STOP_WORDS))
def test_stop_words_are_left_out_beside_others(word: str) -> None:
    assert as_dict(word_query(f"{word} shoes")) == {token_number("shoe"): 1.0}


def test_a_wordy_query_means_its_nouns() -> None:
    assert as_dict(word_query("the shoes for me")) == {token_number("shoe"): 1.0}
    assert as_dict(word_query("我要 红色 的 鞋")) == as_dict(word_query("红色 鞋"))


def test_one_character_finds_a_longer_word() -> None:
    assert token_number("鞋") in as_dict(word_row("运动鞋"))
    assert token_number("鞋") not in as_dict(word_query("运动鞋"))


def test_weights_are_the_term_frequency_half_of_bm25() -> None:
    row = as_dict(word_row("red red shoe"))
    norm = K1 * (1 - B + B * 3 / AVERAGE_LENGTH)
    assert row[token_number("red")] == pytest.approx(2 * (K1 + 1) / (2 + norm))
    assert row[token_number("shoe")] == pytest.approx(1 * (K1 + 1) / (1 + norm))


def test_a_long_text_weighs_each_word_less() -> None:
    number = token_number("shoe")
    short, long = word_row("shoe"), word_row("shoe " + " ".join(f"w{i}" for i in range(100)))
    assert as_dict(short)[number] > as_dict(long)[number]


def test_words_that_share_a_number_are_summed() -> None:
    first, second = collision()
    row = as_dict(word_query(f"{first} {second}"))
    assert row == {token_number(first): 2.0}


def collision() -> tuple[str, str]:
    """Some two words of one number, by the birthday paradox: about 80,000 tries."""
    seen: dict[int, str] = {}
    for i in range(2_000_000):
        word = f"w{i}"
        if (other := seen.setdefault(token_number(word), word)) != word:
            return other, word
    raise AssertionError("no collision among two million words")


def test_numbers_are_the_same_on_every_machine() -> None:
    assert token_number("shoe") == 3515400552


@pytest.mark.parametrize(
    ("begun", "whole"),
    [
        ("boots", "boots"),
        ("boo", "boots"),
        ("hoodi", "hoodies"),
        ("hoodie", "hoodies"),
        ("batterie", "batteries"),
        ("dresse", "dresses"),
        ("watche", "watches"),
        ("ab12", "ab123"),
    ],
)
def test_the_beginning_of_a_word_begins_its_token(begun: str, whole: str) -> None:
    assert any(tokens(whole)[-1].startswith(start) for start in beginnings(begun))


def test_a_word_of_the_title_weighs_more_than_one_of_the_description() -> None:
    row = as_dict(word_row({"title": "shoe", "description": "box"}))
    assert row[token_number("shoe")] > row[token_number("box")]


@given(title=texts, description=texts)
def test_the_parts_are_weighed_as_repetitions_would_be(title: str, description: str) -> None:
    """BM25F with whole weights is BM25 over a text that says the part so often."""
    ours = as_dict(word_row({"title": title, "description": description}))
    doubled = as_dict(word_row({"x": " ".join([title] * 3), "y": " ".join([description] * 2)}))
    assert ours.keys() == doubled.keys()
    plain = as_dict(word_row({"title": "", "y": description}))
    assert plain == as_dict(word_row(description))


def test_every_traditional_character_has_one_simplified_one() -> None:
    assert fold("頭髮 乾燥 無線 電腦 蘋果") == "头发 干燥 无线 电脑 苹果"
    assert fold("头发 干燥 スニーカー 운동화") == "头发 干燥 スニーカー 운동화"


def test_no_words_give_an_empty_row() -> None:
    assert word_row("").tokens.shape == word_query(" … ").tokens.shape == (0,)
