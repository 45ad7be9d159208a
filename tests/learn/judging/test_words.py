from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learn.toys import example, unit
from shoplens.encode.base import Encoder
from shoplens.encode.colour import open_colour
from shoplens.encode.trained.aligned import AskPictures, WordsSpace
from shoplens.encode.trained.headed import OnnxHead, headed
from shoplens.learn.examples.gather import Examples
from shoplens.learn.judging.measure import Measured
from shoplens.learn.judging.words import by_chance, measure_words
from shoplens.learn.material import Material
from shoplens.learn.network.head import Head, write_head
from shoplens.types import Embeddings

BASE = open_colour()
TITLES = ["red shoe", "blue hat", "green bag", "white cup", "black lamp"]


@pytest.fixture
def seeing(tmp_path: Path) -> tuple[Encoder, Embeddings]:
    """A head that sees in each of five pictures just what its title says."""
    texts = BASE.text.encode(TITLES)
    space = WordsSpace(texts.mean(axis=0), np.eye(5, BASE.text.dim, dtype=np.float32), "")
    directions = np.linalg.svd(texts - space.middle, full_matrices=False)[2][:4]
    space = WordsSpace(space.middle, np.ascontiguousarray(directions), BASE.text.fingerprint)
    rows = unit(np.eye(5, BASE.picture.dim) + 0.01)
    layers = Head(
        np.eye(BASE.picture.dim, dtype=np.float32),
        np.zeros(BASE.picture.dim, np.float32),
        np.ascontiguousarray((np.linalg.pinv(rows) @ space(texts)).T, np.float32),
        np.zeros(4, np.float32),
    )
    about = {"name": "words", "derives_from": BASE.picture.fingerprint}
    write_head(tmp_path / "head.onnx", layers, 0.2, about)
    tower = headed(BASE.picture, OnnxHead(tmp_path / "head.onnx"))
    asks = AskPictures(space, tower.base_dim, tower.blend)
    return Encoder("words", tower, BASE.text, asks), rows


def told(rows: Embeddings) -> Material:
    every = tuple(example(place, f"p{place % 5}", "gallery") for place in range(len(rows)))
    return Material(Examples(every), rows)


def test_titles_find_pictures_that_say_the_same(seeing: tuple[Encoder, Embeddings]) -> None:
    encoder, rows = seeing
    found = measure_words(encoder, TITLES, told(rows), np.arange(5), np.arange(5))
    assert found.after["R@1"].tolist() == [1.0] * 5
    assert found.before["R@1"].tolist() == pytest.approx([0.2] * 5)
    assert found.groups == ("p0", "p1", "p2", "p3", "p4")
    wrong = [*TITLES[1:], TITLES[0]]
    found = measure_words(encoder, wrong, told(rows), np.arange(5), np.arange(5))
    assert found.after["R@1"].tolist() == [0.0] * 5


def test_a_product_asks_once(seeing: tuple[Encoder, Embeddings]) -> None:
    encoder, rows = seeing
    twice = told(np.concatenate([rows, rows]))
    found = measure_words(encoder, TITLES * 2, twice, np.array([7, 2, 3, 8]), np.arange(5))
    assert found.groups == ("p2", "p3")


def test_an_encoder_that_knows_no_words_is_not_asked(seeing: tuple[Encoder, Embeddings]) -> None:
    encoder, rows = seeing
    nobody = Measured({}, {}, ())
    assert measure_words(BASE, TITLES, told(rows), np.arange(5), np.arange(5)) == nobody
    none = np.zeros(0, np.int64)
    assert measure_words(encoder, TITLES, told(rows), none, np.arange(5)) == nobody


@settings(deadline=None)
@given(gallery=st.integers(1, 400))
def test_chance_is_the_mean_over_every_place_that_may_be_right(gallery: int) -> None:
    places = np.arange(1, gallery + 1)
    found = by_chance(2, gallery)
    assert found["R@1"].tolist() == pytest.approx([1 / gallery] * 2)
    assert found["R@10"][0] == pytest.approx(np.mean(places <= 10))
    assert found["MRR"][0] == pytest.approx(np.where(places <= 100, 1 / places, 0).mean())
