from itertools import product as combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.errors import MismatchError
from shoplens.evaluate.compare import compare, interval

values = st.lists(st.integers(0, 8), min_size=2, max_size=9)


@settings(max_examples=30)
@given(before=values, data=st.data())
def test_the_test_of_few_queries_is_exact(before: list[int], data: st.DataObject) -> None:
    n = len(before)
    after = data.draw(st.lists(st.integers(0, 8), min_size=n, max_size=n))
    gained = np.subtract(after, before)
    swapped = [abs(np.dot(signs, gained)) for signs in combinations((-1, 1), repeat=n)]
    exact = np.mean([one >= abs(gained.sum()) for one in swapped])
    found = compare(np.array(before, float), np.array(after, float), np.random.default_rng(0))
    assert found.p == pytest.approx(exact)
    assert found.difference == pytest.approx(gained.mean())
    assert found.low <= found.difference <= found.high


@pytest.mark.parametrize("n", [16, 400])
def test_the_test_of_many_queries_agrees_with_the_normal_approximation(n: int) -> None:
    rng = np.random.default_rng(2)
    before = rng.random(n)
    after = before + rng.normal(0.05, 0.15 if n == 16 else 0.5, n)
    gained = after - before
    z = abs(gained.sum()) / np.sqrt((gained**2).sum())
    tail = 2 * (rng.standard_normal(400_000) > z).mean()
    found = compare(before, after, rng)
    assert found.p == pytest.approx(tail, abs=0.02)
    error = gained.std() / np.sqrt(n)
    assert found.low == pytest.approx(found.difference - 1.96 * error, abs=0.2 * error)
    assert found.high == pytest.approx(found.difference + 1.96 * error, abs=0.2 * error)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    found = [interval(rng.random(60), rng, level=0.9) for _ in range(150)]
    held = np.mean([one.low <= 0.5 <= one.high for one in found])
    assert 0.84 <= held <= 0.96


def test_no_difference_is_seldom_called_one() -> None:
    rng = np.random.default_rng(4)
    told = [compare(rng.random(40), rng.random(40), rng).verdict() for _ in range(100)]
    assert told.count("no difference that can be told") >= 88


def test_a_difference_has_its_direction() -> None:
    rng = np.random.default_rng(5)
    low, high = rng.random(50), rng.random(50) + 1
    assert compare(low, high, rng).verdict() == "better"
    assert compare(high, low, rng).verdict() == "worse"


def test_photos_of_one_product_count_as_one() -> None:
    rng = np.random.default_rng(6)
    products = rng.random(12)
    photos, names = np.repeat(products, 20), [f"p{i}" for i in range(12) for _ in range(20)]
    alone, grouped = interval(photos, rng), interval(photos, rng, groups=names)
    assert grouped.mean == alone.mean
    once = interval(products, rng)
    assert grouped.low == pytest.approx(once.low, abs=0.02)
    assert grouped.high - grouped.low > 3 * (alone.high - alone.low)
    shifted = photos + np.repeat(rng.normal(0.02, 0.1, 12), 20)
    p = compare(photos, shifted, rng, names).p
    assert p == compare(products, shifted[::20], rng).p  # both exact
    assert p > compare(photos, shifted, rng).p


def test_the_same_run_twice_is_no_difference() -> None:
    run = np.array([0.0, 1.0, 0.5])
    found = compare(run, run, np.random.default_rng(7))
    assert (found.difference, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_one_query_alone_tells_nothing() -> None:
    rng = np.random.default_rng(8)
    assert interval(np.array([0.7]), rng) == (0.7, -np.inf, np.inf)
    assert interval(np.array([0.7, 0.9]), rng, groups=["a", "a"]).high == np.inf
    found = compare(np.array([0.0]), np.array([1.0]), rng)
    assert (found.p, found.verdict()) == (1, "no difference that can be told")


def test_what_cannot_be_compared_is_refused() -> None:
    rng = np.random.default_rng(9)
    with pytest.raises(MismatchError, match="0 values"):
        interval(np.array([]), rng)
    with pytest.raises(MismatchError, match="2 values, 1 of them finite"):
        interval(np.array([0.5, np.nan]), rng)
    with pytest.raises(MismatchError, match="1 groups for 2 values"):
        interval(np.array([0.5, 0.5]), rng, groups=["a"])
    with pytest.raises(MismatchError, match="2 values before and 3 after"):
        compare(np.zeros(2), np.zeros(3), rng)
