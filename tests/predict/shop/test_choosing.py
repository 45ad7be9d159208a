import numpy as np
import pytest

from shoplens.predict.shop.choosing import choose, density, uncertainty


def rows(*degrees: float) -> np.ndarray:
    angle = np.deg2rad(np.array(degrees))
    return np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)


NONE = np.empty((0, 2), np.float32)


def test_doubt_is_one_where_all_labels_are_equal_and_zero_where_one_is_sure() -> None:
    told = np.array([[0.25] * 4, [1, 0, 0, 0], [0.5, 0.5, 0, 0]])
    assert uncertainty([told]) == pytest.approx([1, 0, 0.5])
    assert uncertainty([told, told[::-1]])[1] == 0


def test_a_row_in_a_crowd_is_denser_than_one_alone() -> None:
    crowd = [float(degree) for degree in range(20)]
    dense = density(rows(*crowd, 180), np.random.default_rng(0))
    assert dense[:20].min() > dense[20]


def test_density_of_many_is_told_by_some_of_them() -> None:
    many = rows(*np.random.default_rng(0).uniform(0, 10, 1500), 120, 240)
    dense = density(many, np.random.default_rng(1))
    assert set(np.argsort(dense)[:2].tolist()) == {1500, 1501}


def test_the_same_thing_is_not_asked_twice() -> None:
    chosen = choose(np.array([1, 0.99, 0.98, 0.5]), rows(0, 1, 2, 90), NONE, 2)
    assert chosen.tolist() == [0, 3]


def test_what_is_like_a_labelled_row_comes_last() -> None:
    assert choose(np.ones(3), rows(0, 60, 120), rows(1), 3).tolist() == [2, 1, 0]


def test_no_row_is_chosen_twice_and_no_more_than_there_are() -> None:
    same = rows(*[0.0] * 5)
    assert sorted(choose(np.ones(5), same, NONE, 9).tolist()) == [0, 1, 2, 3, 4]


def test_rows_without_any_doubt_are_still_given_when_asked_for() -> None:
    assert sorted(choose(np.zeros(3), rows(0, 1, 2), NONE, 3).tolist()) == [0, 1, 2]
