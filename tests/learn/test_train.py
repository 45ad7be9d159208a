from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from learn.toys import HEAD, desk, head_on, material, plain, unit
from shoplens.errors import MismatchError
from shoplens.evaluate.metrics import rank_gallery
from shoplens.learn.examples.splits import Split
from shoplens.learn.lessons.lesson import unit_rows
from shoplens.learn.material import Material
from shoplens.learn.recipe import Recipe
from shoplens.learn.train import Trained, leave_out, train
from shoplens.types import Embeddings

NOBODY = np.zeros(0, np.int64)


def split_of(some: Material, unseen: int = 5) -> Split:
    """Hold out the last products whole, and of the others the last photo but one, and the last."""
    parts: dict[str, list[int]] = {
        name: [] for name in ("train", "dev", "seen", "unseen", "gallery")
    }
    each = len(some.examples.all) // len(some.examples.products)
    first_unseen = len(some.examples.products) - unseen
    for place in range(len(some.examples.all)):
        product, number = divmod(place, each)
        held = {each - 2: "dev", each - 1: "seen"}.get(number, "train")
        if number == 0:
            parts["gallery"].append(place)
        if product < first_unseen:
            parts[held].append(place)
        elif number:
            parts["unseen"].append(place)
    return Split(**{name: np.array(places, np.int64) for name, places in parts.items()})


def embedded(some: Material, trained: Trained, recipe: Recipe) -> Embeddings:
    """Rows as the model's file will make them."""
    every = np.arange(len(some.rows))
    rows = unit_rows(trained.model, plain(some.rows), every, torch.device("cpu"))
    shares = (1 - recipe.blend) ** 0.5, recipe.blend**0.5
    return np.concatenate([some.rows * shares[0], rows * shares[1]], axis=1).astype(np.float32)


def found_first(rows: Embeddings, some: Material, asked: np.ndarray, gallery: np.ndarray) -> float:
    names = np.array(some.labels)
    first = rank_gallery(rows[asked], rows[gallery], 1)[:, 0]
    return float((names[gallery[first]] == names[asked]).mean())


def trained_on(some: Material, split: Split, recipe: Recipe = HEAD) -> Trained:
    return train(head_on(some, recipe), some, split, recipe, desk())


def test_a_head_finds_known_products_better_and_unknown_ones_no_worse() -> None:
    some = material(noise=0.35)
    split = split_of(some)
    made = trained_on(some, split)
    rows = embedded(some, made, HEAD)
    before, after = (
        [found_first(r, some, asked, split.gallery) for asked in (split.seen, split.unseen)]
        for r in (some.rows, rows)
    )
    assert before[0] < 0.7
    assert after[0] >= before[0] + 0.2, "the sign is there, and learnt"
    assert after[1] >= before[1], "it is the same sign on products never seen"


def test_one_seed_makes_one_model_and_another_another() -> None:
    some = material(8)
    split = split_of(some, 2)
    short = replace(HEAD, epochs=3)
    first, again, other = (
        embedded(some, trained_on(some, split, recipe), recipe)
        for recipe in (short, short, replace(short, seed=1))
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.01


def test_a_look_asks_the_dev_photos_with_the_blend_that_will_serve() -> None:
    some = material(10)
    split, recipe = split_of(some, 2), replace(HEAD, epochs=4, blend=0.3)
    made = trained_on(some, split, recipe)
    rows, names = embedded(some, made, recipe), np.array(some.labels)
    ranks: list[float] = []
    for place in split.dev:
        scores = rows[split.gallery].astype(np.float64) @ rows[place]
        order = np.argsort(-scores, kind="stable")
        right = np.flatnonzero(names[split.gallery[order]] == names[place])
        ranks.append(1 / (right[0] + 1))
    best = max(look for _, look in made.fitted.history)
    assert best == pytest.approx(np.mean(ranks))
    assert made.fitted.history[made.fitted.best - 1][1] == best


def test_known_and_unknown_products_are_watched_alike() -> None:
    some = material(10)
    split = split_of(some, 2)
    both = replace(split, dev_unseen=split.unseen)
    alone = replace(split, dev=NOBODY, dev_unseen=split.unseen)
    short = replace(HEAD, epochs=1)
    looks = [trained_on(some, one, short).fitted.history[0][1] for one in (split, alone, both)]
    assert looks[2] == pytest.approx((looks[0] + looks[1]) / 2)


def test_where_nobody_watches_the_last_epoch_is_kept() -> None:
    some = material(8)
    split = replace(split_of(some, 2), dev=NOBODY)
    found = trained_on(some, split, replace(HEAD, patience=1)).fitted
    assert (found.epochs, found.best) == (HEAD.epochs, HEAD.epochs)


def test_holes_are_neither_trained_on_nor_watched() -> None:
    """A row of a hole that were used would make the loss, or the look, no number."""
    some = material(8)
    split = split_of(some, 2)
    holes = [int(split.train[1]), int(split.train[8]), int(split.dev[0]), int(split.gallery[3])]
    rows = some.rows.copy()
    rows[holes] = np.nan
    lesson = head_on(some, bank=plain(rows, holes))
    found = train(lesson, some, split, replace(HEAD, epochs=2), desk()).fitted
    assert np.isfinite(found.history).all()


def test_rows_that_are_no_numbers_are_told() -> None:
    some = material(8)
    rows = some.rows.copy()
    rows[2] = np.nan
    with pytest.raises(MismatchError, match=r"loss became nan in epoch 1.*--set rate="):
        train(head_on(some, bank=plain(rows)), some, split_of(some, 2), HEAD, desk())


def test_a_training_without_any_picture_is_told() -> None:
    some = material(4)
    nothing = replace(split_of(some, 1), train=NOBODY)
    with pytest.raises(MismatchError, match="nothing to train on"):
        trained_on(some, nothing)


def test_pictures_are_brought_to_their_targets() -> None:
    """The targets are a turn of the sign: a head finds it, and each target finds its picture."""
    some = material(12, 5)
    turn = np.random.default_rng(4).normal(size=(6, 16))
    targets = unit(some.rows[:, :6] @ turn)
    recipe = replace(HEAD, kind="align", epochs=10)
    lesson = replace(head_on(some, recipe), targets=targets)
    made = train(lesson, some, split_of(some, 3), recipe, desk())
    assert made.fitted.history[0][1] < max(look for _, look in made.fitted.history)
    assert max(look for _, look in made.fitted.history) > 0.5


def test_likenesses_are_learnt_where_targets_have_other_dimensions() -> None:
    some = material(12, 5)
    targets = unit(some.rows[:, :6])
    recipe = replace(HEAD, kind="distil", epochs=8)
    lesson = replace(head_on(some, recipe), targets=targets)
    looks = [
        look for _, look in train(lesson, some, split_of(some, 3), recipe, desk()).fitted.history
    ]
    assert looks[0] < max(looks) < 0


def test_a_picture_without_a_target_is_not_trained_on() -> None:
    some = material(6, 5)
    targets = unit(some.rows[:, :16])
    targets[3] = 0
    rows = some.rows.copy()
    rows[3] = np.nan
    recipe = replace(HEAD, kind="align", epochs=1)
    lesson = replace(head_on(some, recipe, plain(rows)), targets=targets)
    assert train(lesson, some, split_of(some, 1), recipe, desk()).fitted.epochs == 1


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 999), n=st.integers(1, 9), k=st.integers(1, 9), asked=st.integers(0, 6))
def test_a_picture_never_answers_itself_and_others_keep_their_order(
    seed: int, n: int, k: int, asked: int
) -> None:
    rng = np.random.default_rng(seed)
    gallery = rng.permutation(20)[:n]
    places = rng.integers(20, size=asked)
    order = np.stack([rng.permutation(n)[:k] for _ in range(asked)] or [np.zeros(0, np.int64)])
    order = order[:asked] if asked else np.zeros((0, min(k, n)), np.int64)
    found = leave_out(order, places, gallery)
    assert found.shape == order.shape
    for row, own, after in zip(order, places, found, strict=True):
        wanted = [one for one in row.tolist() if gallery[one] != own]
        assert after.tolist() == wanted + [-1] * (len(row) - len(wanted))
