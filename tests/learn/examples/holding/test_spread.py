import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.learn.examples.holding.spread import Shares, by_size, divided, drawn, shuffled


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@given(n=st.integers(0, 50), k=st.integers(0, 60), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=60)
def test_a_draw_is_of_different_things_at_even_distances(n: int, k: int, seed: int) -> None:
    found = drawn(range(n), k, rng(seed))
    assert len(found) == len(set(found)) == min(n, k)
    if 0 < k < n:
        gaps = np.diff([*found, found[0] + n])
        assert gaps.max() - gaps.min() <= 1 + 1e-9 or k == 1


def test_everything_is_drawn_equally_often() -> None:
    counts = np.zeros(10)
    for seed in range(2000):
        counts[drawn(range(10), 3, rng(seed))] += 1
    assert np.abs(counts / 2000 - 0.3).max() < 0.05


def test_names_are_ordered_by_size_and_equal_ones_at_random() -> None:
    sizes = {"c": 2, "a": 1, "b": 1, "d": 9}
    orders = {tuple(by_size(sizes, rng(seed))) for seed in range(20)}
    assert orders == {("a", "b", "c", "d"), ("b", "a", "c", "d")}


@given(n=st.integers(0, 200), unseen=st.floats(0, 1), dev=st.floats(0, 1))
@settings(deadline=None, max_examples=60)
def test_two_are_always_left_to_train_on(n: int, unseen: float, dev: float) -> None:
    held, watched = divided(n, Shares(unseen=unseen, dev=dev))
    assert n - held - watched >= min(n, 2)
    assert held >= (unseen > 0 and n > 2)


def test_shuffling_loses_nothing() -> None:
    assert sorted(shuffled("abc", rng())) == ["a", "b", "c"]
