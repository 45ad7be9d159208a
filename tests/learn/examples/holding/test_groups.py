import numpy as np

from shoplens.learn.examples.gather import Example
from shoplens.learn.examples.holding.groups import held_groups, held_labels, held_with
from shoplens.learn.examples.holding.spread import Shares

SHARES = Shares(unseen=0.2, dev=0.1)


def of(label: str, group: str) -> Example:
    return Example("", "", label, group, "gallery", "", "feed")


def test_no_group_is_held_out_for_two_reasons() -> None:
    sizes = {f"g{i}": 1 + i % 7 for i in range(50)}
    unseen, watched = held_groups(sizes, SHARES, np.random.default_rng(0))
    assert len(unseen.groups) == 10
    assert len(watched.groups) == 5
    assert not unseen.groups & watched.groups


def test_a_label_takes_its_groups_with_it() -> None:
    asking = [of("red", "shirt"), of("blue", "shirt"), of("blue", "hat")]
    held = held_with(asking, ["red"])
    assert held.groups == {"shirt"}
    assert [held.has(example) for example in asking] == [True, False, False]


def test_held_labels_share_no_group_with_watched_ones() -> None:
    asking = [of(f"l{i % 10}", f"g{i}") for i in range(100)]
    for seed in range(10):
        unseen, watched = held_labels(asking, SHARES, np.random.default_rng(seed))
        assert unseen.labels is not None
        assert watched.labels is not None
        assert not unseen.groups & watched.groups
        assert not unseen.labels & watched.labels
        assert (len(unseen.labels), len(watched.labels)) == (2, 1)


def test_where_no_label_fits_the_smallest_is_held_out() -> None:
    asking = [
        of(label, f"{label}{i}")
        for label, k in zip("abc", (5, 4, 6), strict=True)
        for i in range(k)
    ]
    unseen, watched = held_labels(asking, SHARES, np.random.default_rng(0))
    assert unseen.labels == {"b"}
    assert watched.labels == set()


def test_a_group_that_is_most_of_the_shop_is_trained_on() -> None:
    sizes = {"chain": 300, **{f"g{i}": 3 for i in range(50)}}
    for seed in range(20):
        unseen, watched = held_groups(sizes, SHARES, np.random.default_rng(seed))
        assert "chain" not in unseen.groups | watched.groups
        assert len(unseen.groups) == 10
