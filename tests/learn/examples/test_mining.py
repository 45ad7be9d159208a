from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.errors import MismatchError
from shoplens.learn.examples.mining import NONE, Neighbours, Places, batches, hard_negatives
from shoplens.types import Embeddings


def unit(rows: Embeddings) -> Embeddings:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def drawn(n: int, labels: int, seed: int) -> tuple[Embeddings, list[str]]:
    """Draw eighths, so that a score is exact in whatever order it is added up; none is above 1."""
    rng = np.random.default_rng(seed)
    rows = (rng.integers(-3, 4, (n, 6)) / 8).astype(np.float32)
    return rows, [f"l{i}" for i in rng.integers(0, labels, n)]


def slow(embeddings: Embeddings, labels: list[str], row: int, margin: float | None) -> list[float]:
    """Pair by pair: the scores of other labels in the order that the docstring tells."""
    scores = [float(embeddings[row] @ other) for other in embeddings]
    own = labels[row]
    positives = [s for j, s in enumerate(scores) if labels[j] == own and j != row]
    limit = np.inf if margin is None or not positives else max(positives) - margin
    others = [s for j, s in enumerate(scores) if labels[j] != own]
    easy = sorted((s for s in others if s < limit), reverse=True)
    return [*easy, *sorted(s for s in others if s >= limit)]


@given(
    n=st.integers(1, 40),
    count=st.integers(1, 6),
    k=st.integers(0, 12),
    block=st.integers(1, 50),
    margin=st.sampled_from([None, 0.0, 0.125, 0.5]),
    seed=st.integers(0, 999),
)
@settings(deadline=None, max_examples=60)
def test_the_nearest_of_other_labels_are_found(
    n: int, count: int, k: int, block: int, margin: float | None, seed: int
) -> None:
    embeddings, labels = drawn(n, count, seed)
    found = hard_negatives(embeddings, labels, k, block, margin)
    assert found.shape == (n, k)
    for row, places in enumerate(found.tolist()):
        there = [place for place in places if place != NONE]
        assert there == places[: len(there)]
        assert len(set(there)) == len(there)
        assert labels[row] not in {labels[place] for place in there}
        scores = [float(embeddings[row] @ embeddings[place]) for place in there]
        assert scores == slow(embeddings, labels, row, margin)[:k]


def test_what_is_nearer_than_every_positive_comes_last() -> None:
    angles = np.radians([0, 10, 5, 40, 90])
    embeddings = unit(np.stack([np.cos(angles), np.sin(angles)], axis=1))
    labels = ["a", "a", "wrong", "b", "c"]
    assert hard_negatives(embeddings, labels, 3)[0].tolist() == [2, 3, 4]
    assert hard_negatives(embeddings, labels, 3, margin=0)[0].tolist() == [3, 4, 2]


def test_equal_pictures_are_ordered_by_place() -> None:
    embeddings = unit(np.ones((5, 3)))
    assert hard_negatives(embeddings, list("abcde"), 4)[4].tolist() == [0, 1, 2, 3]


def test_each_embedding_needs_a_label() -> None:
    with pytest.raises(MismatchError, match="3 labels for 2 embeddings"):
        hard_negatives(unit(np.ones((2, 3))), list("abc"), 1)


# ---- batches -------------------------------------------------------------------------------------

label_lists = st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=60)


def shown(labels: list[str], batch: Places) -> list[str]:
    return [labels[int(place)] for place in batch]


@given(
    labels=label_lists,
    per_label=st.integers(1, 5),
    labels_per_batch=st.integers(1, 6),
    near=st.booleans(),
    seed=st.integers(0, 99),
)
@settings(deadline=None, max_examples=60)
def test_an_epoch_shows_everything_in_full_batches(
    labels: list[str], per_label: int, labels_per_batch: int, *, near: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    neighbours = (
        hard_negatives(unit(rng.normal(size=(len(labels), 4))), labels, 5) if near else None
    )
    epoch = list(batches(labels, rng, per_label, labels_per_batch, neighbours))
    assert {int(place) for batch in epoch for place in batch} == set(range(len(labels)))
    for batch in epoch:
        counts = Counter(shown(labels, batch))
        assert len(counts) == min(labels_per_batch, len(set(labels)))
        assert set(counts.values()) == {per_label}


@given(labels=label_lists, per_label=st.integers(1, 4), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=60)
def test_pictures_come_again_only_where_there_are_too_few(
    labels: list[str], per_label: int, seed: int
) -> None:
    counts = Counter(labels)
    for batch in batches(labels, np.random.default_rng(seed), per_label, 4):
        different = Counter(labels[place] for place in set(map(int, batch)))
        assert all(k == min(per_label, counts[label]) for label, k in different.items())


def test_no_labels_make_no_batch() -> None:
    assert list(batches([], np.random.default_rng(0), 2, 4)) == []


def test_one_seed_makes_one_epoch() -> None:
    labels = list("aabbccddee") * 3
    first, second = (
        [batch.tolist() for batch in batches(labels, np.random.default_rng(7), 2, 3)]
        for _ in range(2)
    )
    assert first == second


def families(count: int, size: int) -> tuple[list[str], Neighbours]:
    """Labels that look like the others of their family only."""
    labels = [f"{family}-{i}" for family in range(count) for i in range(size) for _ in range(2)]
    rng = np.random.default_rng(1)
    centres = np.repeat(np.eye(count), 2 * size, axis=0)
    embeddings = unit(centres + rng.normal(scale=0.05, size=(len(labels), count)))
    return labels, hard_negatives(embeddings, labels, 6)


def test_labels_that_look_alike_share_a_batch() -> None:
    labels, neighbours = families(10, 4)

    def alike(neighbours: Neighbours | None) -> float:
        epoch = batches(labels, np.random.default_rng(2), 2, 4, neighbours)
        families = [{label.split("-")[0] for label in shown(labels, batch)} for batch in epoch]
        return float(np.mean([len(some) for some in families]))

    assert alike(neighbours) == 1
    assert alike(None) > 2


def test_a_label_with_very_many_pictures_meets_many_others() -> None:
    labels = ["many"] * 400 + [f"few{i}" for i in range(40)]
    epoch = list(batches(labels, np.random.default_rng(3), 2, 4))
    assert len(epoch) == 200
    met = Counter(label for batch in epoch for label in set(shown(labels, batch)))
    assert min(met.values()) >= 5
