from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learn.conftest import Taught, Teach
from learn.toys import HEAD, plain
from shoplens.encode.trained.aligned import FILE as WORDS
from shoplens.encode.trained.opening import open_trained
from shoplens.errors import MismatchError, StorageError
from shoplens.indexing.workbench import silent
from shoplens.learn.examples.gather import from_catalogue
from shoplens.learn.lessons.align import FEWEST, align_lesson, space_of, titles_of
from shoplens.learn.material import Material, read_material
from shoplens.learn.shop import Shop

RECIPE = replace(HEAD, kind="align", dim=12)


def read(shop: Shop) -> Material:
    kept, look = shop.catalogue.embeddings, shop.opener.open
    found = from_catalogue(shop.catalogue)
    return read_material(found, shop.encoder.picture, kept, look, shop.pool, silent)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 99), n=st.integers(FEWEST, 40), dim=st.integers(1, 60))
def test_a_space_keeps_the_directions_in_which_titles_differ_most(
    seed: int, n: int, dim: int
) -> None:
    rows = np.random.default_rng(seed).normal(size=(n, 16)).astype(np.float32)
    twice = np.concatenate([rows, rows[: n // 2]])  # a title told twice counts once
    space = space_of(twice, dim, "texts")
    kept = len(space.directions)
    assert kept == min(dim, n - 1, 16)
    np.testing.assert_allclose(space.middle, rows.mean(axis=0), atol=1e-5)
    product = space.directions @ space.directions.T
    np.testing.assert_allclose(product, np.eye(kept), atol=1e-4)
    centred = (rows - rows.mean(axis=0)).astype(np.float64)
    explained = np.square(centred @ space.directions.T).sum()
    largest = np.sort(np.linalg.eigvalsh(centred.T @ centred))[::-1][:kept].sum()
    assert explained == pytest.approx(largest, rel=1e-3)


def test_too_few_titles_are_told() -> None:
    rows = np.random.default_rng(0).normal(size=(FEWEST - 1, 16)).astype(np.float32)
    with pytest.raises(MismatchError, match=r"19 different titles are too few.*20 are needed"):
        space_of(np.concatenate([rows, rows]), 4, "texts")


def test_titles_are_those_of_the_catalogue_in_order(taught: Taught) -> None:
    with taught.open() as shop:
        some = read(shop)
        titles = titles_of(shop, some)
        gone = replace(some.examples.all[1], product_id="p99")
        every = (some.examples.all[0], gone)
        strange = Material(replace(some.examples, all=every), some.rows[:2])
        assert titles_of(shop, strange) == [titles[0], ""]
    assert len(titles) == len(set(titles)) == 12
    assert "red apple dragon" in titles[0]


def test_a_model_with_its_words_is_written_and_opens(teach: Teach, tmp_path: Path) -> None:
    taught = teach(products=22, photos=0)
    (tmp_path / "model").mkdir()
    with taught.open() as shop:
        some = read(shop)
        lesson = align_lesson(shop, RECIPE, plain(some.rows), some)
        assert lesson.targets is not None
        assert lesson.targets.shape == (22, 12)
        np.testing.assert_allclose(np.linalg.norm(lesson.targets, axis=1), 1, atol=1e-4)
        lesson.write(lesson.make(), tmp_path / "model", "words-1")
        encoder = open_trained(tmp_path / "model", "words-1", shop.encoder)
        assert encoder.asks is not None
        text = shop.encoder.text.encode(["red apple"])
        assert encoder.asks.ask(["red apple"], text).shape == (1, encoder.picture.dim)
        (tmp_path / "model" / WORDS).unlink()
        (tmp_path / "model" / WORDS).mkdir()
        with pytest.raises(StorageError, match=WORDS):
            lesson.write(lesson.make(), tmp_path / "model", "words-1")
