import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.errors import MismatchError
from shoplens.learn.classify.classes import classes_of
from shoplens.learn.classify.parting import folds_of, split_groups


def groups(n: int) -> list[str]:
    return [str(place) for place in range(n)]


def test_labels_that_fold_to_one_share_a_number() -> None:
    labels = ["Red", "blue", "RED", None, "Blue ", ""]
    (colour,), refused = classes_of({"colour": labels}, groups(6), 2)
    assert colour.labels == ("blue", "Red")
    assert colour.numbers.tolist() == [1, 0, 1, -1, 0, -1]
    assert (colour.counts, refused) == ([2, 2], [])


def test_variants_of_one_group_are_one_example() -> None:
    labels = ["red"] * 4 + ["blue"] * 2 + ["green"] * 2
    of = ["a", "a", "a", "a", "b", "c", "d", "e"]
    (colour,), (why,) = classes_of({"colour": labels}, of, 2)
    assert colour.labels == ("blue", "green")
    assert why.reason == "a label has fewer than 2 products and cannot be told: 'red' (1)"


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([None] * 6, "no product has a label"),
        (["red"] * 6, "all 6 labelled products have one label; two are needed"),
        (["red"] * 4 + ["a", "b"], "1 of 3 labels have 3 or more products"),
        (["x", "x", "x", "y", "y", "y", *"abcdefgh"], "cover 6 of 14 labelled products"),
    ],
)
def test_a_task_that_cannot_be_learnt_says_why(labels: list[str | None], said: str) -> None:
    with pytest.raises(MismatchError, match=f"there is nothing to learn: colour: .*{said}"):
        classes_of({"colour": labels}, groups(len(labels)), 3)
    labels = [*labels, *[None] * 6]
    good = [None] * (len(labels) - 6) + ["up"] * 3 + ["down"] * 3
    learnt, refused = classes_of({"colour": labels, "way": good}, groups(len(labels)), 3)
    assert [one.task for one in learnt] == ["way"]
    assert said in refused[0].reason


def test_ids_are_no_labels() -> None:
    with pytest.raises(MismatchError, match="seems to name products"):
        classes_of({"sku": [str(n // 2) for n in range(4002)]}, groups(4002), 2)


def test_labels_for_other_rows_are_refused() -> None:
    with pytest.raises(MismatchError, match="labels 1 rows, not 2"):
        classes_of({"colour": ["red"]}, groups(2), 2)


some_groups = st.lists(st.sampled_from("abcdefghij"), min_size=5, max_size=60)


@given(some_groups, st.integers(2, 5), st.integers(0, 99))
def test_no_group_is_in_two_folds_and_folds_are_even(names: list[str], k: int, seed: int) -> None:
    folds = folds_of(names, k, np.random.default_rng(seed))
    for name in set(names):
        assert len({int(fold) for fold, one in zip(folds, names, strict=True) if one == name}) == 1
    largest = max(names.count(name) for name in names)
    sizes = np.bincount(folds, minlength=k)
    assert sizes.max() - sizes.min() <= largest


@given(some_groups, st.floats(0, 1), st.integers(0, 99))
def test_a_split_parts_all_rows_and_no_group(names: list[str], share: float, seed: int) -> None:
    first, second = split_groups(names, share, np.random.default_rng(seed))
    assert sorted([*first.tolist(), *second.tolist()]) == list(range(len(names)))
    kept, held = ({names[int(row)] for row in part} for part in (first, second))
    assert not kept & held
    assert len(kept) == round(share * len(set(names)))
