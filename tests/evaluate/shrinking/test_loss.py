from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.encode.combined.projection import pca, principal_axes
from shoplens.errors import MismatchError
from shoplens.evaluate.shrinking.loss import LEAST, Losses, measure_losses
from shoplens.types import Embeddings
from toy_words import clustered

N, DIM = 130, 24


def own_groups(n: int) -> list[str]:
    return [f"p{i}" for i in range(n)]


def measured(
    rows: Embeddings, dims: Sequence[int], groups: Sequence[str] = (), seed: int = 0
) -> Losses:
    return measure_losses(rows, groups or own_groups(len(rows)), dims, np.random.default_rng(seed))


def nearest(rows: list[list[float]], own: int) -> set[int]:
    scores = [sum(a * b for a, b in zip(rows[own], row, strict=True)) for row in rows]
    order = sorted((i for i in range(len(rows)) if i != own), key=lambda i: (-scores[i], i))
    return set(order[:10])


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 99))
def test_what_is_lost_is_what_a_slow_count_gives(seed: int) -> None:
    rows, groups = clustered(N, DIM, seed), own_groups(N)
    losses = measured(rows, [6], seed=seed)
    held = held_out(groups, seed)
    before = [[float(x) for x in rows[place]] for place in held]
    axes = principal_axes(np.delete(rows, held, axis=0))
    directions = {"truncate": np.eye(6, DIM), "pca": pca(axes, 6, "").directions}
    for way, along in directions.items():
        short = [[sum(map(float, np.array(row) * one)) for one in along] for row in before]
        after = [[x / sum(y * y for y in row) ** 0.5 for x in row] for row in short]
        kept = [len(nearest(before, i) & nearest(after, i)) / 10 for i in range(len(held))]
        found = losses.find("pca" if way == "pca" else "truncate", 6)
        assert found is not None
        assert found.recall == pytest.approx(float(np.mean(kept)), abs=0.004)  # ties in float32
        pairs = [(i, j) for i in range(len(held)) for j in range(len(held)) if i != j]
        moved = [abs(np.dot(before[i], before[j]) - np.dot(after[i], after[j])) for i, j in pairs]
        assert found.off == pytest.approx(float(np.mean(moved)), abs=1e-5)
        assert found.row_bytes == 24


def held_out(groups: list[str], seed: int) -> list[int]:
    """The same draw of half of the groups, done again."""
    names = sorted(set(groups))
    order = np.random.default_rng(seed).permutation(len(names))
    fits = {names[int(place)] for place in order[: len(names) // 2]}
    return [place for place, group in enumerate(groups) if group not in fits]


def test_rows_of_few_directions_lose_nothing_by_pca_and_much_by_truncation() -> None:
    rng = np.random.default_rng(0)
    turned = np.linalg.qr(rng.normal(size=(DIM, DIM)))[0]
    rows = np.zeros((400, DIM))
    rows[:, -8:] = clustered(400, 8)
    losses = measured((rows @ turned).astype(np.float32), [8])
    by_pca, cut = losses.find("pca", 8), losses.find("truncate", 8)
    assert by_pca is not None
    assert cut is not None
    assert by_pca.recall > 0.99
    assert by_pca.off < 1e-5
    assert cut.recall < 0.7
    assert losses.least(8) == by_pca


def test_where_the_first_numbers_say_it_all_to_truncate_loses_nothing() -> None:
    rows = np.zeros((300, DIM), np.float32)
    rows[:, :5] = clustered(300, 5)
    cut = measured(rows, [5]).find("truncate", 5)
    assert cut is not None
    assert (cut.recall, cut.off) == (1.0, pytest.approx(0, abs=1e-7))


def test_longer_rows_lose_less() -> None:
    losses = measured(clustered(400, DIM), [4, 12, 20])
    assert losses.dims == (20, 12, 4)
    for way in ("truncate", "pca"):
        found = [losses.find(way, dim) for dim in losses.dims]
        recalls = [loss.recall for loss in found if loss]
        assert recalls == sorted(recalls, reverse=True)
        assert len(recalls) == 3


def test_pictures_of_one_group_are_fitted_on_or_measured_never_both() -> None:
    """A half that knew the other would have as many directions to fit as there are groups."""
    groups = [f"g{i // 40}" for i in range(200)]
    losses = measured(clustered(200, DIM), [4], groups)
    assert (losses.fitted, losses.measured) == (80, 120)


def test_pca_is_not_measured_with_fewer_pictures_than_numbers() -> None:
    losses = measured(clustered(120, 100), [80, 60])
    assert losses.fitted == 60
    assert losses.find("pca", 80) is None
    assert losses.find("truncate", 80) is not None
    assert losses.find("pca", 60) is not None
    assert losses.find("pca", 61) is losses.least(61) is None


def test_lengths_that_are_not_shorter_are_passed_over() -> None:
    assert measured(clustered(N, DIM), [DIM, 512, 0, 4, 4]).dims == (4,)


def test_the_same_draw_gives_the_same_figures() -> None:
    rows = clustered(N, DIM)
    assert measured(rows, [6]) == measured(rows, [6])
    assert measured(rows, [6]) != measured(rows, [6], seed=1)


@pytest.mark.parametrize(
    ("n", "groups"), [(LEAST - 1, 99), (200, 1), (0, 0)], ids=["few", "one group", "none"]
)
def test_too_few_pictures_are_refused(n: int, groups: int) -> None:
    rows = clustered(n, DIM)
    with pytest.raises(MismatchError, match=f"{n} pictures .* are too few .* wanted are 100"):
        measured(rows, [6], [f"g{i % max(groups, 1)}" for i in range(n)])
