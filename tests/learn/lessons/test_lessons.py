from dataclasses import replace

import numpy as np
import pytest

from learn.conftest import Taught
from learn.toys import HEAD
from shoplens.errors import ConfigError, ImageError, MismatchError
from shoplens.indexing.workbench import silent
from shoplens.learn.examples.gather import Example, from_catalogue
from shoplens.learn.lessons.lessons import lesson_of
from shoplens.learn.material import Material, read_material
from shoplens.learn.shop import Shop
from shoplens.learn.views.augment import augment


def read(shop: Shop) -> Material:
    kept, look = shop.catalogue.embeddings, shop.opener.open
    found = from_catalogue(shop.catalogue)
    return read_material(found, shop.encoder.picture, kept, look, shop.pool, silent)


def test_without_views_a_head_reads_the_embeddings_that_are_there(taught: Taught) -> None:
    with taught.open() as shop:
        some = read(shop)
        lesson = lesson_of(shop, HEAD, some, silent)
        np.testing.assert_array_equal(lesson.bank.plain(np.arange(12)), some.rows)
        assert lesson.bank.rows.shape == (12, 1, shop.encoder.picture.dim)
        assert not shop.scratch.exists()


def test_views_are_changed_pictures_encoded(taught: Taught) -> None:
    recipe = replace(HEAD, views=2, seed=5, strength=0.5)
    with taught.open() as shop:
        some, tower = read(shop), shop.encoder.picture
        bank = lesson_of(shop, recipe, some, silent).bank
        assert bank.rows.shape == (12, 3, tower.dim)
        np.testing.assert_allclose(bank.plain(np.arange(12)), some.rows, atol=1e-3)
        rng = np.random.default_rng([5, 3])
        picture = shop.opener.open(some.examples.all[3])
        for view in (1, 2):
            changed = augment(picture, 0.5, rng)
            wanted = tower.encode([tower.prepare(changed)])[0]
            np.testing.assert_allclose(bank.rows[3, view], wanted, atol=1e-3)


@pytest.mark.parametrize("other", [{"seed": 1}, {"strength": 0.2}], ids=["seed", "strength"])
def test_other_views_are_never_taken_for_these(other: dict[str, int], taught: Taught) -> None:
    recipe = replace(HEAD, views=1)
    with taught.open() as shop:
        some = read(shop)
        first = np.array(lesson_of(shop, recipe, some, silent).bank.rows)
        second = lesson_of(shop, replace(recipe, **other), some, silent).bank.rows
        assert not np.array_equal(first[:, 1], second[:, 1])
        again = lesson_of(shop, recipe, some, silent).bank.rows
        np.testing.assert_array_equal(first, again)


def test_a_recipe_that_is_trained_elsewhere_says_where(taught: Taught) -> None:
    with taught.open() as shop:
        some = read(shop)
        with pytest.raises(ConfigError, match="shoplens tag --train"):
            lesson_of(shop, replace(HEAD, kind="classifier"), some, silent)
        with pytest.raises(MismatchError, match="no network that can be taken apart"):
            lesson_of(shop, replace(HEAD, kind="tail"), some, silent)


def test_pictures_that_are_all_gone_are_told(taught: Taught) -> None:
    def elsewhere(example: Example) -> Example:
        return replace(example, source="gone.png")

    with taught.open() as shop:
        some = read(shop)
        every = tuple(map(elsewhere, some.examples.all))
        gone = Material(replace(some.examples, all=every), some.rows)
        with pytest.raises(ImageError, match=r"none of 12 pictures can be read; .*gone\.png"):
            lesson_of(shop, replace(HEAD, views=1), gone, silent)
