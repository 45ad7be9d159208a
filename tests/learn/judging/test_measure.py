from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learn.toys import material, unit
from shoplens.learn.judging.measure import (
    FEWEST,
    Judged,
    Measured,
    Rows,
    answerable,
    averaged,
    figures,
    measure,
    pooled,
    together_of,
    verdict,
)
from shoplens.types import Embeddings

NOBODY = Measured({}, {}, ())


def drawn(seed: int, n: int, dim: int = 4) -> Embeddings:
    return unit(np.random.default_rng(seed).normal(size=(n, dim)))


def slow(asked: np.ndarray, gallery: list[tuple[np.ndarray, bool, bool]]) -> dict[str, float]:
    """Go down the ranking of one photo; each of the gallery says if it is right, or the photo."""
    scores = [float(np.float32(row.astype(np.float64) @ asked)) for row, _, _ in gallery]
    order = sorted(range(len(gallery)), key=lambda i: (-scores[i], i))
    seen = [gallery[i][1] for i in order if not gallery[i][2]][:100]
    rights = sum(right for _, right, own in gallery if not own)
    places = [place for place, right in enumerate(seen, 1) if right]
    precisions = [number / place for number, place in enumerate(places, 1)]
    most = min(len(gallery), 100)
    return {
        "R@1": float(any(place <= 1 for place in places)),
        "R@5": float(any(place <= 5 for place in places)),
        "MRR": 1 / places[0] if places else 0.0,
        "mAP": sum(precisions) / min(max(rights, 1), most),
    }


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 9999),
    gallery=st.integers(1, 12) | st.integers(98, 104),
    asked=st.integers(0, 8),
    names=st.integers(1, 5),
    leave=st.booleans(),
)
def test_figures_are_those_of_a_slow_walk_down_each_ranking(
    *, seed: int, gallery: int, asked: int, names: int, leave: bool
) -> None:
    rng = np.random.default_rng(seed)
    count = gallery + 8
    labels = [f"n{one}" for one in rng.integers(names, size=count)]
    shown = rng.permutation(count)[:gallery]
    places = np.array(rng.integers(count, size=asked), np.int64)
    rows = Rows(drawn(seed, asked), drawn(seed + 1, gallery))
    found = figures(rows, places, shown, labels, leave_own_out=leave)
    for number, place in enumerate(map(int, places)):
        told = [
            (row, labels[one] == labels[place], leave and one == place)
            for row, one in zip(rows.gallery, map(int, shown), strict=True)
        ]
        wanted = slow(rows.asked[number].astype(np.float64), told)
        assert {name: values[number] for name, values in found.items()} == pytest.approx(wanted)


def test_in_a_small_gallery_every_right_answer_is_among_the_first_five() -> None:
    """Photos are not in the gallery: nothing is left out of their answers, the last place stays."""
    rows = Rows(drawn(1, 30), drawn(2, 5))
    labels = [str(place % 5) for place in range(35)]
    found = figures(rows, np.arange(5, 35), np.arange(5), labels)
    assert found["R@5"].tolist() == [1.0] * 30
    assert found["MRR"].min() >= 0.2


def test_a_photo_that_nothing_answers_is_not_asked() -> None:
    labels, gallery = ["a", "a", "b", "c"], np.array([0, 1, 2])
    asked = np.array([0, 1, 2, 3])
    assert answerable(asked, gallery, labels).tolist() == [0, 1]
    assert answerable(asked, gallery, labels, leave_own_out=False).tolist() == [0, 1, 2]


@settings(deadline=None)
@given(seed=st.integers(0, 999), q=st.integers(0, 5), crops=st.integers(1, 4))
def test_crops_are_averaged_to_unit_length(seed: int, q: int, crops: int) -> None:
    rows = drawn(seed, q * crops).reshape(q, crops, 4)
    found = averaged(rows)
    assert found.shape == (q, 4)
    for one, row in zip(rows, found, strict=True):
        mean = one.astype(np.float64).mean(axis=0)
        np.testing.assert_allclose(row, mean / np.linalg.norm(mean), atol=1e-4)


def test_crops_that_cancel_out_leave_the_first() -> None:
    row = drawn(0, 1)
    np.testing.assert_array_equal(averaged(np.stack([row, -row], axis=1)), row)


def test_both_encoders_are_asked_the_same_photos() -> None:
    some = material(4, 3)
    gallery = np.array(sorted(some.examples.products.values()))
    asked = np.setdiff1d(np.arange(len(some.rows)), gallery)
    after = Rows(some.rows[asked], some.rows[gallery])
    worst = Rows(-after.asked, after.gallery)
    found = measure(some, asked, after, worst, gallery)
    assert found.groups == tuple(some.labels[place] for place in map(int, asked))
    assert len(found) == 12
    wanted = figures(after, asked, gallery, some.labels)
    for name, values in wanted.items():
        np.testing.assert_array_equal(found.after[name], values)
    assert found.before["MRR"].mean() < found.after["MRR"].mean()
    assert measure(some, asked[:0], after, after, gallery) == NOBODY


# ---- the rule ------------------------------------------------------------------------------------


def judged(before: list[float], after: list[float], each: int = 3) -> Measured:
    """Photos of products, ``each`` of one; MRR moves with R@1."""
    told = [{name: np.array(some) for name in ("R@1", "MRR")} for some in (before, after)]
    return Measured(told[0], told[1], tuple(f"p{i // each}" for i in range(len(before))))


def test_unseen_products_that_are_found_worse_make_it_unsafe() -> None:
    found = verdict(NOBODY, judged([1.0] * 30, [0.0] * 15 + [1.0] * 15))
    assert not found.safe
    assert "products it never saw are found worse: R@1 1.000 → 0.500 (-0.500, from" in found.reason


def test_later_places_count_as_well() -> None:
    same = judged([1.0] * 30, [1.0] * 30)
    worse = Measured(same.before, {**same.after, "MRR": np.full(30, 0.5)}, same.groups)
    found = verdict(NOBODY, worse)
    assert not found.safe
    assert "found worse: MRR 1.000 → 0.500" in found.reason


@pytest.mark.parametrize(("photos", "safe"), [(0, False), (FEWEST - 1, False), (FEWEST, True)])
def test_too_few_photos_are_no_proof(photos: int, safe: bool) -> None:  # noqa: FBT001 - a column
    found = verdict(NOBODY, judged([0.0] * photos, [1.0] * photos) if photos else NOBODY)
    assert found.safe == safe
    if not safe:
        assert f"{photos} photos of products it never saw are too few" in found.reason
        assert "--photos" in found.reason


def test_photos_of_a_single_product_are_no_proof() -> None:
    found = verdict(NOBODY, judged([0.0] * 50, [1.0] * 50, each=50))
    assert not found.safe
    assert "50 photos of a single product" in found.reason


def test_what_is_better_or_the_same_is_safe_and_tells_the_gain() -> None:
    same = judged([0.0, 1.0, 1.0] * 10, [0.0, 1.0, 1.0] * 10)
    assert verdict(NOBODY, same).safe
    found = verdict(judged([0.0] * 9, [1.0] * 9), judged([0.0] * 30, [1.0] * 30))
    assert found.safe
    assert "no worse: R@1 0.000 → 1.000" in found.reason
    assert found.reason.endswith(
        "it was trained on: R@1 0.000 → 1.000 (+1.000, from +1.000 to +1.000)"
    )
    alone = verdict(judged([0.0] * 9, [1.0] * 9, each=9), same)
    assert alone.reason.endswith("(+1.000, of a single product)")


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 999), share=st.floats(0.3, 1))
def test_what_chance_explains_is_no_harm_and_what_it_does_not_is(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    before = rng.integers(0, 2, 120).astype(float)
    mixed = before.copy()
    one, other = rng.choice(40, 2, replace=False) * 3
    mixed[one : one + 3], mixed[other : other + 3] = 1.0, 0.0
    before[one : one + 3], before[other : other + 3] = 0.0, 1.0
    assert verdict(NOBODY, judged(before.tolist(), mixed.tolist())).safe
    lost = np.minimum(before, rng.random(120) > share)
    if lost.sum() < 0.6 * before.sum():
        assert not verdict(NOBODY, judged(before.tolist(), lost.tolist())).safe


def test_folds_are_put_together_photo_by_photo() -> None:
    one, two = judged([0.0, 1.0], [1.0, 1.0]), judged([0.5], [0.25])
    two = replace(two, groups=("q",))
    found = pooled([one, NOBODY, two])
    assert found.groups == ("p0", "p0", "q")
    assert found.before["R@1"].tolist() == [0.0, 1.0, 0.5]
    assert found.after["MRR"].tolist() == [1.0, 1.0, 0.25]
    assert pooled([NOBODY, NOBODY]) == pooled([]) == NOBODY
    both = together_of([Judged(one, NOBODY), Judged(two, one)])
    assert (len(both.photos), len(both.words)) == (3, 2)


def test_nothing_compares_to_nothing() -> None:
    assert NOBODY.compared() == {}
