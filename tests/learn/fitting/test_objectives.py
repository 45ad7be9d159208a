"""Each loss against a slow one, written from the formula of its paper."""

import itertools
import math
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.learn.fitting.objectives import SCALE, Batch, Objective, agreement, moved
from shoplens.learn.recipe import Loss, Recipe

RECIPE = Recipe("test", "a test", "head", temperature=0.2)
DIM = 5

batches = st.tuples(st.integers(0, 999), st.integers(2, 5), st.integers(2, 4))
"""A seed, how many labels, and how many pictures of each at most."""


def drawn(seed: int, labels: int, each: int) -> tuple[np.ndarray, np.ndarray]:
    """Unit rows with labels; of the first there are two at least."""
    rng = np.random.default_rng(seed)
    told = np.repeat(np.arange(labels), [2, *rng.integers(1, each + 1, labels - 1)])
    return unit(rng.normal(size=(len(told), DIM))), told


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def batch(rows: np.ndarray, labels: np.ndarray, **more: np.ndarray) -> tuple[torch.Tensor, Batch]:
    told = {name: torch.tensor(value, dtype=torch.float32) for name, value in more.items()}
    tensor = torch.tensor(rows, dtype=torch.float32)
    return tensor, Batch(tensor, torch.tensor(labels), **told)


def loss_of(recipe: Recipe, rows: np.ndarray, labels: np.ndarray, **more: np.ndarray) -> float:
    tensor, told = batch(rows, labels, **more)
    return float(Objective(recipe, DIM, int(labels.max()) + 1)(tensor, told).detach())


def slow_supcon(rows: np.ndarray, labels: np.ndarray, t: float) -> float:
    """Khosla et al., 2020, equation 2, averaged over the rows that have a positive."""
    n, found = len(rows), list[float]()
    for i in range(n):
        positives = [p for p in range(n) if p != i and labels[p] == labels[i]]
        total = sum(math.exp(rows[i] @ rows[a] / t) for a in range(n) if a != i)
        terms = [-math.log(math.exp(rows[i] @ rows[p] / t) / total) for p in positives]
        found += [sum(terms) / len(terms)] if terms else []
    return sum(found) / len(found)


def slow_infonce(rows: np.ndarray, labels: np.ndarray, t: float) -> float:
    """Oord et al., 2018: each positive against the negatives of its row, over all pairs."""
    n, found = len(rows), list[float]()
    for i, p in itertools.permutations(range(n), 2):
        if labels[i] == labels[p]:
            own = math.exp(rows[i] @ rows[p] / t)
            others = [math.exp(rows[i] @ rows[a] / t) for a in range(n) if labels[a] != labels[i]]
            found.append(-math.log(own / (own + sum(others))))
    return sum(found) / len(found)


def slow_triplet(rows: np.ndarray, labels: np.ndarray, margin: float) -> float:
    """Schroff et al., 2015, on distances, averaged over the triplets that are not yet right."""
    n, found = len(rows), list[float]()
    for i, p, a in itertools.permutations(range(n), 3):
        if labels[i] == labels[p] != labels[a]:
            near, far = np.linalg.norm(rows[i] - rows[p]), np.linalg.norm(rows[i] - rows[a])
            found.append(max(0.0, float(near - far) + margin))
    over = [one for one in found if one > 0]
    return sum(over) / len(over) if over else 0.0


def slow_multi_similarity(rows: np.ndarray, labels: np.ndarray, _: float) -> float:
    """Wang et al., 2019, without their mining: alpha 2, beta 50, lambda 0.5."""
    n, found = len(rows), list[float]()
    for i in range(n):
        same = [rows[i] @ rows[p] for p in range(n) if p != i and labels[p] == labels[i]]
        other = [rows[i] @ rows[a] for a in range(n) if labels[a] != labels[i]]
        near = math.log(1 + sum(math.exp(-2 * (s - 0.5)) for s in same)) / 2
        far = math.log(1 + sum(math.exp(50 * (s - 0.5)) for s in other)) / 50
        found.append(near + far)
    return sum(found) / n


SLOW = {
    "supcon": slow_supcon,
    "infonce": slow_infonce,
    "triplet": slow_triplet,
    "multi-similarity": slow_multi_similarity,
}


def test_every_loss_has_a_slow_one() -> None:
    assert set(SLOW) == set(get_args(Loss))


@pytest.mark.parametrize("name", get_args(Loss))
@settings(max_examples=15, deadline=None)
@given(shape=batches, temperature=st.floats(0.2, 1))
def test_a_loss_is_that_of_its_paper(
    name: Loss, shape: tuple[int, int, int], temperature: float
) -> None:
    rows, labels = drawn(*shape)
    recipe = replace(RECIPE, loss=name, temperature=temperature)
    wanted = SLOW[name](rows, labels, temperature)
    np.testing.assert_allclose(loss_of(recipe, rows, labels), wanted, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", get_args(Loss))
@settings(max_examples=10, deadline=None)
@given(shape=batches)
def test_the_order_of_a_batch_means_nothing(name: Loss, shape: tuple[int, int, int]) -> None:
    rows, labels = drawn(*shape)
    mixed = np.random.default_rng(shape[0]).permutation(len(rows))
    recipe = replace(RECIPE, loss=name)
    first, again = loss_of(recipe, rows, labels), loss_of(recipe, rows[mixed], labels[mixed])
    np.testing.assert_allclose(first, again, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", get_args(Loss))
@pytest.mark.parametrize("labels", [[0], [0, 0, 0], [0, 1, 2], [0, 0, 1]])
def test_a_batch_of_any_labels_has_a_finite_loss_and_gradient(
    name: Loss, labels: list[int]
) -> None:
    rows = torch.tensor(unit(np.ones((len(labels), DIM))), dtype=torch.float32, requires_grad=True)
    recipe = replace(RECIPE, loss=name, classify=1.0, keep=1.0)
    objective = Objective(recipe, DIM, 3)
    loss: Any = objective(rows, Batch(rows, torch.tensor(labels), rows.detach()))
    loss.backward()
    assert math.isfinite(float(loss.detach()))
    assert rows.grad is not None
    assert torch.isfinite(rows.grad).all()


def cross_entropy(scores: np.ndarray, wanted: np.ndarray) -> float:
    found = [
        -math.log(math.exp(row[one]) / sum(map(math.exp, row)))
        for row, one in zip(scores.tolist(), wanted.tolist(), strict=True)
    ]
    return sum(found) / len(found)


@settings(max_examples=15, deadline=None)
@given(shape=batches, margin=st.floats(0, 1.5), weight=st.floats(0.1, 3))
def test_telling_labels_is_a_softmax_of_scaled_cosines_with_a_margin(
    shape: tuple[int, int, int], margin: float, weight: float
) -> None:
    """Deng et al., 2019; past the half turn their code goes on in a straight line."""
    rows, labels = drawn(*shape)
    recipe = replace(RECIPE, classify=weight, margin=margin)
    objective = Objective(recipe, DIM, shape[1])
    middles = next(iter(objective.parameters())).detach().numpy()  # (DIM, labels)
    cosines = rows @ (middles / np.linalg.norm(middles, axis=0))
    for i, label in enumerate(labels.tolist()):
        angle = math.acos(cosines[i, label])
        turned = math.cos(angle + margin)
        straight = cosines[i, label] - margin * math.sin(margin)
        cosines[i, label] = turned if angle + margin < math.pi else straight
    wanted = slow_supcon(rows, labels, 0.2) + weight * cross_entropy(SCALE * cosines, labels)
    tensor, told = batch(rows, labels)
    np.testing.assert_allclose(float(objective(tensor, told).detach()), wanted, rtol=2e-3)


@settings(max_examples=15, deadline=None)
@given(shape=batches, temperature=st.floats(0.05, 1), kind=st.sampled_from(["align", "distil"]))
def test_pictures_and_targets_find_each_other_both_ways(
    shape: tuple[int, int, int], temperature: float, kind: Any
) -> None:
    """Radford et al., 2021; what shows the same is no wrong answer."""
    rows, labels = drawn(*shape)
    targets = unit(np.random.default_rng(shape[0] + 1).normal(size=rows.shape))
    scores = rows @ targets.T / temperature
    n, found = len(rows), list[float]()
    for i in range(n):
        for row in (scores[i], scores[:, i]):
            kept = [row[j] for j in range(n) if j == i or labels[j] != labels[i]]
            found.append(-math.log(math.exp(row[i]) / sum(map(math.exp, kept))))
    recipe = replace(RECIPE, kind=kind, temperature=temperature, classify=1.0, keep=1.0)
    made = loss_of(recipe, rows, labels, targets=targets)
    np.testing.assert_allclose(made, sum(found) / len(found), rtol=1e-3, atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(shape=batches, wide=st.integers(1, 9), keep=st.floats(0.1, 9))
def test_what_is_kept_are_likenesses_in_any_dimension(
    shape: tuple[int, int, int], wide: int, keep: float
) -> None:
    """Park et al., 2019, on cosines: the mean squared change over all pairs."""
    rows, labels = drawn(*shape)
    before = unit(np.random.default_rng(shape[0] + 1).normal(size=(len(rows), wide)))
    pairs = itertools.product(range(len(rows)), repeat=2)
    changes = [(rows[i] @ rows[j] - before[i] @ before[j]) ** 2 for i, j in pairs]
    wanted = sum(changes) / len(changes)
    tensors = [torch.tensor(some, dtype=torch.float32) for some in (rows, before)]
    np.testing.assert_allclose(float(moved(tensors[0], tensors[1])), wanted, rtol=1e-3, atol=1e-6)
    if wide != DIM:
        alike = agreement(tensors[0], tensors[1], torch.tensor(labels), 0.1)
        np.testing.assert_allclose(float(alike), wanted, rtol=1e-3, atol=1e-6)
    recipe = replace(RECIPE, keep=keep)
    plain = loss_of(RECIPE, rows, labels)
    made = loss_of(recipe, rows, labels, before=before)
    np.testing.assert_allclose(made, plain + keep * wanted, rtol=1e-3, atol=1e-4)
    assert loss_of(recipe, rows, labels) == pytest.approx(plain)


def test_a_single_row_agrees_with_its_target() -> None:
    one = torch.tensor([[1.0, 0.0]])
    assert float(agreement(one, one, torch.tensor([0]), 0.1)) == pytest.approx(0)
