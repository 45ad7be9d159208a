from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.encode.base import Asks, Encoder
from shoplens.encode.combined.asking import AskShrunk, reach_of
from shoplens.encode.combined.opening import fuse, shrink
from shoplens.encode.combined.projection import Projection, pca, principal_axes, truncation
from toy_words import (
    COLOUR,
    LENGTH,
    MatrixAsks,
    OtherTexts,
    encode,
    pictures,
    tiny_bundled,
    with_words,
)

SHOWN = pictures(20)
TEXTS = ("red shoe", "blue hat with a feather", "红色的鞋", "")
few = settings(max_examples=25, deadline=None)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    return tiny_bundled(tmp_path_factory.mktemp("tiny"))


def agreements(encoder: Encoder) -> np.ndarray:
    """Of every text with every picture."""
    assert isinstance(encoder.asks, Asks)
    asked = encoder.asks.ask(TEXTS, encoder.text.encode(TEXTS))
    assert asked.shape == (len(TEXTS), encoder.picture.dim)
    return asked @ encode(encoder.picture, SHOWN).T


@few
@given(weights=st.tuples(*[st.floats(0.05, 20)] * 3))
def test_agreement_is_the_weighted_mean_over_parts_that_know_words(
    weights: tuple[float, float, float], tiny: Encoder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    first, second = with_words(COLOUR), with_words(tiny, 1)
    silent = tiny_bundled(folder, seed=2)
    whole = fuse("all", list(zip((first, silent, second), weights, strict=True)))
    heard = weights[0] * agreements(first) + weights[2] * agreements(second)
    wanted = heard / (weights[0] + weights[2])
    np.testing.assert_allclose(agreements(whole), wanted, atol=1e-4)


def test_a_part_that_knows_pictures_only_changes_no_agreement(tiny: Encoder) -> None:
    known = with_words(COLOUR)
    for parts in ([(known, 0.1), (tiny, 0.9)], [(tiny, 0.9), (known, 0.1)]):
        np.testing.assert_allclose(agreements(fuse("both", parts)), agreements(known), atol=1e-5)


def test_where_no_part_knows_words_the_whole_does_not(tiny: Encoder) -> None:
    assert fuse("both", [(COLOUR, 1.0), (tiny, 1.0)]).asks is None


def test_a_part_is_asked_by_its_own_text_tower(tiny: Encoder) -> None:
    first, second = with_words(COLOUR), with_words(tiny, 1, other_texts=True)
    whole = fuse("both", [(first, 1.0), (second, 1.0)])
    assert whole.text is first.text
    assert isinstance(second.text, OtherTexts)
    wanted = (agreements(first) + agreements(second)) / 2
    np.testing.assert_allclose(agreements(whole), wanted, atol=1e-5)


def test_all_questions_of_one_encoder_have_one_length(tiny: Encoder) -> None:
    first, second = with_words(COLOUR), with_words(tiny, 1)
    both = fuse("both", [(first, 3.0), (second, 1.0)])
    for encoder in (both, shrunk_by(first, 30), shrunk_by(both, 30)):
        assert encoder.asks is not None
        asked = encoder.asks.ask(TEXTS, encoder.text.encode(TEXTS))
        lengths = np.linalg.norm(asked, axis=1)
        np.testing.assert_allclose(lengths, lengths[0], rtol=1e-4)


def test_no_texts_give_no_questions(tiny: Encoder) -> None:
    both = fuse("both", [(with_words(COLOUR), 3.0), (tiny, 1.0)])
    for encoder in (both, shrunk_by(both, 30)):
        assert encoder.asks is not None
        asked = encoder.asks.ask([], encoder.text.encode([]))
        assert asked.shape == (0, encoder.picture.dim)


def projection_of(base: Encoder, dim: int) -> Projection:
    rows = encode(base.picture, SHOWN)
    return pca(principal_axes(rows), dim, base.picture.fingerprint)


def shrunk_by(base: Encoder, dim: int) -> Encoder:
    projection = projection_of(base, dim)
    return shrink("short", base, projection, reach_of(base, projection))


def test_a_question_is_shrunk_as_the_pictures_are() -> None:
    base = with_words(COLOUR)
    made = shrunk_by(base, 30)
    before, after = agreements(base), agreements(made)
    for one, other in zip(before, after, strict=True):  # all pictures lie in 20 directions
        np.testing.assert_array_equal(np.argsort(-one), np.argsort(-other))
    scale = (before * after).sum() / (before**2).sum()
    assert 0.7 < scale < 1.3


def test_a_question_is_as_long_as_what_is_left_of_some() -> None:
    base = with_words(COLOUR)
    projection = projection_of(base, 30)
    assert 0 < reach_of(base, projection) < LENGTH
    assert reach_of(COLOUR, projection) == 0
    assert reach_of(base, truncation(107, 106, "")) == pytest.approx(LENGTH, rel=0.02)
    made = shrunk_by(base, 30)
    assert isinstance(made.asks, AskShrunk)
    asked = made.asks.ask(TEXTS, made.text.encode(TEXTS))
    assert np.linalg.norm(asked, axis=1) == pytest.approx(made.asks.reach, rel=1e-4)


def test_where_words_cannot_ask_they_cannot_ask_shorter_rows() -> None:
    assert shrunk_by(COLOUR, 30).asks is None


def test_a_question_of_which_nothing_is_left_asks_nothing() -> None:
    base = with_words(COLOUR)
    projection = projection_of(base, 30)
    silent = MatrixAsks(np.zeros((base.text.dim, 107), np.float32))
    made = shrink("short", replace(base, asks=silent), projection, 0.2)
    assert made.asks is not None
    asked = made.asks.ask(TEXTS, made.text.encode(TEXTS))
    np.testing.assert_array_equal(asked, np.zeros((len(TEXTS), 30)))


def test_the_text_tower_is_that_of_the_first_part(tmp_path: Path) -> None:
    second = with_words(tiny_bundled(tmp_path, 3), other_texts=True)
    assert fuse("both", [(second, 1.0), (COLOUR, 1.0)]).text is second.text


def test_another_text_tower_for_texts_changes_no_agreement(tiny: Encoder) -> None:
    parts = [(with_words(COLOUR), 2.0), (with_words(tiny, 1), 1.0)]
    both = fuse("both", parts)
    other = fuse("both", parts, OtherTexts())
    projection = projection_of(both, 30)
    short, other_short = (
        shrink("short", both, projection, 0.2, text) for text in (None, OtherTexts())
    )
    for one, turned in ((both, other), (short, other_short)):
        assert isinstance(turned.text, OtherTexts)
        np.testing.assert_allclose(agreements(one), agreements(turned), atol=1e-5)
