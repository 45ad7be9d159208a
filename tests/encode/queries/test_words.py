"""A memory before a tower changes no row of it."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import Float32

from shoplens.encode.base import Asks, OneSpace, TextTower, open_encoder
from shoplens.encode.queries.words import remembering_asks, remembering_texts
from shoplens.encode.runtime.remembering import Remembered
from shoplens.types import Embeddings

SAID = ["red shoe", "blue bag", "", "红色的鞋", "\ud83d", "x" * 40]
WORDS = st.lists(st.sampled_from(SAID), max_size=6)


class Counting:
    """The real tower of an encoder, and what it was asked."""

    def __init__(self) -> None:
        self.tower = open_encoder("colour").text
        self.dim, self.fingerprint = self.tower.dim, self.tower.fingerprint
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Embeddings:
        self.asked += texts
        return self.tower.encode(texts)


class Sums:
    """Goes by the words and by their embeddings."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def ask(self, texts: Sequence[str], embeddings: Embeddings) -> Float32[np.ndarray, "n p"]:
        self.asked += texts
        rows = [[len(text), *row[:3]] for text, row in zip(texts, embeddings, strict=True)]
        return np.array(rows, np.float32).reshape(len(texts), 4)


@settings(max_examples=30, deadline=None)
@given(asked=st.lists(WORDS, max_size=4))
def test_texts_get_the_rows_of_their_tower_and_are_encoded_once(asked: list[list[str]]) -> None:
    counting = Counting()
    tower = remembering_texts(counting, Remembered(4000))
    for texts in asked:
        np.testing.assert_array_equal(tower.encode(texts), counting.tower.encode(texts))
    assert sorted(counting.asked) == sorted({text for texts in asked for text in texts})


def test_a_remembering_tower_is_a_tower_and_says_it_is_the_same() -> None:
    plain = open_encoder("colour").text
    tower = remembering_texts(plain, Remembered(4000))
    assert isinstance(tower, TextTower)
    assert (tower.dim, tower.fingerprint) == (plain.dim, plain.fingerprint)


def test_two_towers_share_a_memory_and_no_rows() -> None:
    remembered = Remembered(4000)
    one, other = Counting(), Counting()
    other.fingerprint = "0" * 16
    for counting in (one, other):
        remembering_texts(counting, remembered).encode(["red shoe"])
    assert one.asked == other.asked == ["red shoe"]
    assert len(remembered) == 2


def test_an_error_of_a_tower_is_raised_each_time() -> None:
    class Failing(Counting):
        def encode(self, texts: Sequence[str]) -> Embeddings:
            raise RuntimeError(*texts)

    tower = remembering_texts(Failing(), Remembered(4000))
    for _ in range(2):
        with pytest.raises(RuntimeError, match="red shoe"):
            tower.encode(["red shoe"])


@settings(max_examples=30, deadline=None)
@given(asked=st.lists(WORDS, max_size=4))
def test_words_ask_pictures_with_the_same_rows_and_only_once(asked: list[list[str]]) -> None:
    sums, texts = Sums(), open_encoder("colour").text
    asks = remembering_asks(sums, Remembered(4000))
    for each in asked:
        rows = texts.encode(each)
        np.testing.assert_array_equal(asks.ask(each, rows), Sums().ask(each, rows))
    assert sorted(sums.asked) == sorted({text for each in asked for text in each})


def test_words_with_another_embedding_are_another_question() -> None:
    sums = Sums()
    asks = remembering_asks(sums, Remembered(4000))
    rows = np.eye(4, dtype=np.float32)
    for row in rows[:2]:
        np.testing.assert_array_equal(asks.ask(["red"], row[None]), Sums().ask(["red"], row[None]))
    assert sums.asked == ["red", "red"]


def test_two_that_ask_share_a_memory_and_no_rows() -> None:
    remembered, texts = Remembered(4000), open_encoder("colour").text
    rows = texts.encode(["red"])
    one = remembering_asks(Sums(), remembered)
    other = remembering_asks(OneSpace(texts), remembered)
    assert isinstance(one, Asks)
    assert one.ask(["red"], rows).shape == (1, 4)
    np.testing.assert_array_equal(other.ask(["red"], rows), rows)
