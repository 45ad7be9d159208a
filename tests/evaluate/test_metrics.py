from collections.abc import Mapping

import ir_measures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import Measure, Qrel, ScoredDoc
from jaxtyping import Float, Float64

from shoplens.errors import MismatchError
from shoplens.evaluate import metrics

RELEVANT = 12
"""Documents that queries of these tests may judge; those ranked may be others."""


@st.composite
def judged(draw: st.DrawFn) -> tuple[list[dict[int, int]], list[list[int]]]:
    """Grades of documents and rankings of distinct ones, shorter or longer, a few queries."""
    q = draw(st.integers(1, 4))
    grades = st.dictionaries(st.integers(0, RELEVANT), st.integers(0, 3), min_size=1)
    some = grades.filter(lambda one: any(one.values()))
    rankings = st.lists(st.integers(0, 2 * RELEVANT), min_size=1, max_size=20, unique=True)
    return draw(st.lists(some, min_size=q, max_size=q)), draw(
        st.lists(rankings, min_size=q, max_size=q)
    )


def arrays(
    grades: list[dict[int, int]], rankings: list[list[int]]
) -> tuple[Float64[np.ndarray, "q k"], Float64[np.ndarray, "q m"]]:
    gains = np.zeros((len(rankings), max(map(len, rankings))))
    ideal = np.zeros((len(rankings), RELEVANT + 1))
    for row, (own, ranking) in enumerate(zip(grades, rankings, strict=True)):
        gains[row, : len(ranking)] = [own.get(document, 0) for document in ranking]
        ideal[row, : len(own)] = sorted(own.values(), reverse=True)
    return gains, ideal


def by_oracle(
    measure: Measure, grades: list[dict[int, int]], rankings: list[list[int]]
) -> list[float]:
    """Measure with ir-measures, which hands it to trec_eval; scores fall strictly."""
    qrels = [
        Qrel(str(q), str(document), grade)
        for q, own in enumerate(grades)
        for document, grade in own.items()
    ]
    run = [
        ScoredDoc(str(q), str(document), 100.0 - place)
        for q, ranking in enumerate(rankings)
        for place, document in enumerate(ranking)
    ]
    found: Mapping[str, float] = {
        one.query_id: one.value
        for one in ir_measures.iter_calc([measure], qrels, run)  # pyright: ignore[reportUnknownMemberType]
    }
    return [found[str(q)] for q in range(len(grades))]


@settings(max_examples=60)
@given(drawn=judged(), k=st.integers(1, 15))
def test_every_metric_is_that_of_trec_eval(
    drawn: tuple[list[dict[int, int]], list[list[int]]], k: int
) -> None:
    gains, ideal = arrays(*drawn)
    relevant = np.count_nonzero(ideal, axis=1)
    pairs: list[tuple[Measure, Float[np.ndarray, " q"]]] = [
        (ir_measures.Success @ k, metrics.success_at(gains, k)),
        (ir_measures.R @ k, metrics.recall_at(gains, relevant, k)),
        (ir_measures.P @ k, metrics.precision_at(gains, k)),
        (ir_measures.RR @ k, metrics.reciprocal_rank(gains, k)),
        (ir_measures.AP @ k, metrics.average_precision(gains, relevant, k)),
        (ir_measures.AP, metrics.average_precision(gains, relevant)),
        (ir_measures.nDCG @ k, metrics.ndcg_at(gains, ideal, k)),
    ]
    for measure, values in pairs:
        assert values.tolist() == pytest.approx(by_oracle(measure, *drawn), abs=1e-9), measure


@settings(max_examples=60)
@given(drawn=judged())
def test_map_at_r_is_average_precision_cut_at_r(
    drawn: tuple[list[dict[int, int]], list[list[int]]],
) -> None:
    gains, ideal = arrays(*drawn)
    relevant = np.count_nonzero(ideal, axis=1)
    padded = np.pad(gains, ((0, 0), (0, RELEVANT)))
    slow = [
        by_oracle(ir_measures.AP @ int(r), [own], [ranking])[0]
        for own, ranking, r in zip(*drawn, relevant, strict=True)
    ]
    assert metrics.map_at_r(padded, relevant).tolist() == pytest.approx(slow, abs=1e-9)


def test_map_at_r_wants_rankings_as_long_as_r() -> None:
    with pytest.raises(MismatchError, match="3 right products, its ranking 2 places"):
        metrics.map_at_r(np.ones((1, 2)), np.array([3]))


def test_map_at_r_of_the_paper() -> None:
    # Musgrave et al., table 1: R = 10; the first is right, the first and tenth, the first two.
    gains = np.zeros((3, 10))
    gains[:, 0] = 1
    gains[1, 9] = gains[2, 1] = 1
    found = metrics.map_at_r(gains, np.array([10, 10, 10]))
    assert found.tolist() == pytest.approx([0.1, 0.12, 0.2])


def test_a_query_with_nothing_right_has_the_value_0() -> None:
    gains, nothing = np.zeros((1, 5)), np.array([0])
    assert metrics.recall_at(gains, nothing, 5) == 0
    assert metrics.average_precision(gains, nothing) == 0
    assert metrics.map_at_r(gains, nothing) == 0
    assert metrics.ndcg_at(gains, np.zeros((1, 0)), 5) == 0


def test_rankings_without_any_place_have_the_value_0() -> None:
    gains = np.zeros((2, 0))
    assert metrics.reciprocal_rank(gains, 5).tolist() == [0, 0]
    assert metrics.success_at(gains, 5).tolist() == [0, 0]


# ---- the gallery ---------------------------------------------------------------------------------

small = st.integers(-3, 3)


@given(
    rows=st.lists(st.tuples(small, small, small), min_size=1, max_size=30),
    asked=st.lists(st.tuples(small, small, small), min_size=1, max_size=5),
    k=st.integers(1, 40),
)
def test_the_gallery_is_ranked_by_score_then_by_row(
    rows: list[tuple[int, ...]], asked: list[tuple[int, ...]], k: int
) -> None:
    gallery, queries = np.array(rows, np.float32), np.array(asked, np.float32)
    slow = [
        sorted(range(len(rows)), key=lambda row: (-sum(map(np.prod, zip(one, rows[row]))), row))[:k]  # noqa: B905
        for one in asked
    ]
    assert metrics.rank_gallery(queries, gallery, k).tolist() == slow


def test_equal_rows_tie_wherever_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    gallery = np.repeat(rng.normal(size=(7, 61)), 9, axis=0).astype(np.float32)
    queries = rng.normal(size=(11, 61)).astype(np.float32)
    whole = metrics.rank_gallery(queries, gallery, 63)
    assert (np.diff(whole.reshape(11, 7, 9), axis=2) == 1).all()
    monkeypatch.setattr(metrics, "BLOCK_SCORES", 130)  # two queries at a time
    assert (metrics.rank_gallery(queries, gallery, 63) == whole).all()


def test_an_empty_gallery_ranks_nothing() -> None:
    order = metrics.rank_gallery(np.ones((2, 3)), np.ones((0, 3)), 5)
    assert order.shape == (2, 0)
    assert metrics.label_gains(order, ["a", "b"], []).shape == (2, 0)


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(MismatchError, match="3 dimensions, the gallery 4"):
        metrics.rank_gallery(np.ones((2, 3)), np.ones((2, 4)), 5)
    with pytest.raises(MismatchError, match="the gallery hold numbers that are not finite"):
        metrics.rank_gallery(np.ones((2, 3)), np.full((2, 3), np.nan), 5)


def test_gains_are_those_of_the_labels() -> None:
    order = np.array([[2, 0, 1], [1, 2, -1]])
    assert metrics.label_gains(order, ["a", "c"], ["a", "b", "a"]).tolist() == [[1, 1, 0], [0] * 3]
    numbers = metrics.label_gains(order, np.array([7, 8]), np.array([7, 8, 7]))
    assert numbers.tolist() == [[1, 1, 0], [1, 0, 0]]
    grades = np.array([[0.0, 2.0, 3.0], [1.0, 0.5, 0.0]])
    assert metrics.gains_of(order, grades).tolist() == [[3, 0, 2], [0.5, 0, 0]]
    assert metrics.gains_of(order, grades > 1).tolist() == [[1, 0, 1], [0, 0, 0]]
