import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.predict.judging import (
    NEVER,
    calibrate,
    figures,
    find_threshold,
    fit_temperature,
    log_loss,
    macro_f1,
    softmax,
)

seeds = st.integers(0, 2**32 - 1)


def drawn(seed: int, heat: float, n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Logits ``heat`` times as large as those that the labels were drawn from."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (n, 4))
    chance = softmax(logits)
    numbers = (chance.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    return logits * heat, np.minimum(numbers, 3)


@pytest.mark.parametrize("heat", [0.4, 1.0, 3.0])
def test_the_temperature_undoes_what_logits_were_multiplied_by(heat: float) -> None:
    assert fit_temperature(*drawn(1, heat)) == pytest.approx(heat, rel=0.08)


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_no_other_temperature_of_a_grid_is_better(seed: int) -> None:
    logits, numbers = drawn(seed, 2.0, 60)
    best = log_loss(logits / fit_temperature(logits, numbers), numbers)
    assert all(best <= log_loss(logits / t, numbers) + 1e-6 for t in np.geomspace(0.06, 19, 40))


def test_a_temperature_never_changes_the_first_label() -> None:
    logits, _ = drawn(3, 1.0, 100)
    assert (softmax(logits).argmax(1) == softmax(logits / 7).argmax(1)).all()


def test_calibrated_probabilities_mean_what_they_say() -> None:
    logits, numbers = drawn(5, 4.0)
    raw = figures(softmax(logits), numbers, NEVER)
    temperature, _ = calibrate(logits, numbers, 0.9)
    after = figures(softmax(logits / temperature), numbers, NEVER)
    assert raw.error > 0.15
    assert after.error < 0.03
    assert after.accuracy == raw.accuracy


def slow_threshold(sure: np.ndarray, right: np.ndarray, wanted: float) -> float:
    good = NEVER
    for cut in sorted(set(sure.tolist()), reverse=True):
        told = right[sure >= cut]
        n, share = len(told), told.mean()
        centre = (share + 1 / (2 * n)) / (1 + 1 / n)
        reach = ((share * (1 - share) / n + 1 / (4 * n * n)) ** 0.5) / (1 + 1 / n)
        if centre - reach >= wanted - 1e-12:
            good = cut
    return good


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=60),
    st.sampled_from([0.5, 0.8, 0.9]),
)
def test_the_threshold_is_the_lowest_that_keeps_the_promise(
    rows: list[tuple[int, bool]], wanted: float
) -> None:
    sure = np.array([place / 12 for place, _ in rows], np.float64)
    right = np.array([good for _, good in rows], bool)
    assert find_threshold(sure, right, wanted) == slow_threshold(sure, right, wanted)


def test_a_few_lucky_rows_promise_nothing() -> None:
    assert find_threshold(np.ones(5), np.ones(5, bool), 0.9) == NEVER
    assert find_threshold(np.ones(50), np.ones(50, bool), 0.9) == 1.0


def test_without_rows_nothing_is_told() -> None:
    assert calibrate(np.empty((0, 3)), np.empty(0, np.int64), 0.9) == (1.0, NEVER)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40))
def test_macro_f1_is_the_mean_over_the_labels_that_are_there(pairs: list[tuple[int, int]]) -> None:
    each: list[float] = []
    for label in {right for _, right in pairs}:
        hit = sum(said == right == label for said, right in pairs)
        precision = hit / max(sum(said == label for said, _ in pairs), 1)
        recall = hit / sum(right == label for _, right in pairs)
        each.append(2 * precision * recall / (precision + recall) if hit else 0.0)
    said, right = np.array(pairs, np.int64).T
    assert macro_f1(said, right) == pytest.approx(sum(each) / len(each))
