from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learn.toys import HEAD, material, unit
from shoplens.learn.examples.splits import Split
from shoplens.learn.material import Material
from shoplens.learn.recipe import Recipe
from shoplens.learn.views.batches import Drawer, drawer

RECIPE = replace(HEAD, labels_per_batch=4, per_label=3)
NOBODY = np.zeros(0, np.int64)


def split_of(some: Material) -> Split:
    places = np.arange(len(some.examples.all))
    gallery = [i for i, one in enumerate(some.examples.all) if one.role == "gallery"]
    return Split(places, NOBODY, NOBODY, NOBODY, np.array(gallery, np.int64))


Batch = tuple[list[int], list[int]]


def epoch_of(one: Drawer, seed: int) -> list[Batch]:
    """Draw an epoch: the places and the labels of each batch."""
    drawn = one.epoch(np.random.default_rng(seed))
    return [([int(p) for p in places], [int(n) for n in labels]) for places, labels in drawn]


def drawn(some: Material, recipe: Recipe = RECIPE) -> Drawer:
    split = split_of(some)
    return drawer(some, split, split.train, recipe)


shops = st.tuples(st.integers(2, 9), st.integers(0, 6), st.integers(0, 99))
sizes = st.tuples(st.integers(2, 6), st.integers(2, 5))


@settings(max_examples=40, deadline=None)
@given(shop=shops, size=sizes, way=st.sampled_from(["product", "category"]))
def test_a_batch_holds_so_many_pictures_of_so_many_labels(
    shop: tuple[int, int, int], size: tuple[int, int], way: str
) -> None:
    products, photos, seed = shop
    some = material(products, photos, way=way)
    recipe = replace(RECIPE, labels_per_batch=size[0], per_label=size[1])
    batches = epoch_of(drawn(some, recipe), seed)
    assert len(batches) == drawn(some, recipe).steps
    names = some.labels
    for places, labels in batches:
        counts = Counter(labels)
        assert len(counts) == min(size[0], products)
        assert set(counts.values()) == {size[1]}
        numbers = {(label, names[place]) for place, label in zip(places, labels, strict=True)}
        assert len(numbers) == len(counts), "one number a label"


@settings(max_examples=30, deadline=None)
@given(shop=shops, seed=st.integers(0, 99))
def test_a_batch_holds_the_gallery_picture_of_each_of_its_products(
    shop: tuple[int, int, int], seed: int
) -> None:
    some = material(*shop[:2])
    gallery = some.examples.products
    for places, _ in epoch_of(drawn(some), seed):
        for product in {some.examples.all[place].product_id for place in places}:
            assert gallery[product] in places


def test_an_epoch_shows_every_picture() -> None:
    some = material(7, 5)
    shown = {place for places, _ in epoch_of(drawn(some), 1) for place in places}
    assert shown == set(range(len(some.examples.all)))


def test_a_single_picture_is_its_own_pair() -> None:
    some = material(4, 0)
    one = drawn(some)
    assert one.anchors == {}
    places, labels = epoch_of(one, 1)[0]
    assert Counter(zip(places, labels, strict=True)) == {
        (0, 0): 3, (1, 1): 3, (2, 2): 3, (3, 3): 3,
    }  # fmt: skip


def test_what_cannot_be_used_is_in_no_batch() -> None:
    some = material(5, 4)
    usable = np.setdiff1d(np.arange(25), [0, 6, 20, 21, 22, 23, 24])
    one = drawer(some, split_of(some), usable, RECIPE)
    assert one.classes == 4
    assert 0 not in one.anchors, "its gallery picture is not among them"
    for places, _ in epoch_of(one, 1):
        assert np.isin(places, usable).all()


def test_one_seed_draws_one_epoch() -> None:
    some = drawn(material(6, 3), replace(RECIPE, hard=0.5))
    first, same, other = (epoch_of(some, seed) for seed in (3, 3, 4))
    assert first == same
    assert first != other


def families(count: int, size: int) -> Material:
    """Products that look like the others of their family only."""
    some = material(count * size, 2)
    rng = np.random.default_rng(0)
    centres = np.repeat(np.eye(count), size, axis=0) + rng.normal(0, 0.2, (count * size, count))
    rows = centres.repeat(3, axis=0)
    return Material(some.examples, unit(rows + rng.normal(0, 0.01, rows.shape)))


def test_hard_batches_hold_look_alikes_and_others_do_not() -> None:
    some = families(6, 4)
    names = [int(label[1:]) // 4 for label in some.labels]

    def mixed(hard: float) -> float:
        epoch = epoch_of(drawn(some, replace(RECIPE, hard=hard)), 2)
        return float(np.mean([len({names[place] for place in places}) for places, _ in epoch]))

    assert mixed(1.0) == 1
    assert mixed(0.0) > 2


@pytest.mark.parametrize("seed", range(4))
def test_look_alikes_are_those_that_a_slow_search_finds(seed: int) -> None:
    some = material(12, 3, seed=seed)
    one = drawn(some, replace(RECIPE, hard=1.0, labels_per_batch=2))
    assert one.neighbours is not None
    rows = some.rows[one.photos].astype(np.float64)
    for row, near in enumerate(one.neighbours):
        scores = rows @ rows[row]
        own = [i for i, label in enumerate(one.labels) if label == one.labels[row] and i != row]
        limit = max(scores[own]) - 0.05
        others = [i for i, label in enumerate(one.labels) if label != one.labels[row]]
        semi = sorted((i for i in others if scores[i] < limit), key=lambda i: -scores[i])
        rest = sorted((i for i in others if scores[i] >= limit), key=lambda i: scores[i])
        assert near.tolist() == (semi + rest)[:10]


def test_what_was_clicked_together_meets_now_and_then() -> None:
    some = material(6, 3)
    gallery = some.examples.products
    pair = gallery["p01"], gallery["p04"]
    clicked = paired(some, pair)

    def met(share: float) -> int:
        count = 0
        for seed in range(20):
            one = drawn(clicked, replace(RECIPE, clicked=share))
            for places, labels in epoch_of(one, seed):
                told = set(zip(places, labels, strict=True))
                count += len(told & {(pair[1], 1), (pair[0], 4)})
        return count

    assert met(0.0) == 0
    assert 0 < met(0.3) < met(1.0)


def paired(some: Material, *pairs: tuple[int, int]) -> Material:
    return Material(replace(some.examples, pairs=pairs), some.rows)


def test_clicks_on_what_is_held_out_teach_nothing() -> None:
    some = material(4, 2)
    held = paired(some, (0, 3), (0, 9))
    usable = np.arange(9)
    one = drawer(held, split_of(some), usable, replace(RECIPE, clicked=1.0))
    assert {label: places.tolist() for label, places in one.clicked.items()} == {0: [3], 1: [0]}
