import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.rank.diversity import diverse
from shoplens.types import Embedding, RankedProduct

# Unit vectors of halves, scores of 64ths: every sum below is exact, in any order.
DIRECTIONS = [np.array(signs, np.float32) / 2 for signs in itertools.product((-1, 1), repeat=4)]
vectors = st.dictionaries(st.integers(0, 9), st.sampled_from(DIRECTIONS))
steps = st.sampled_from([0.25, 0.5, 0.75, 1.0])


def product(row_id: int, score: float) -> RankedProduct:
    return RankedProduct(f"p{row_id}", "", 0, score, {}, row_id)


@st.composite
def rankings(draw: st.DrawFn) -> list[RankedProduct]:
    scores = draw(st.lists(st.integers(0, 64), max_size=10))
    return [product(i, s / 64) for i, s in enumerate(sorted(scores, reverse=True))]


def slowly(
    ranked: Sequence[RankedProduct],
    vectors: Mapping[int, Embedding],
    diversity: float,
    above: Sequence[RankedProduct],
) -> list[RankedProduct]:
    """Straight from the docstring, one product after the other."""

    def likeness(a: RankedProduct, b: RankedProduct) -> float:
        nothing = np.zeros(4, np.float32)
        pair = zip(vectors.get(a.row_id, nothing), vectors.get(b.row_id, nothing), strict=True)
        return (1 + sum(float(x * y) for x, y in pair)) / 2

    left, chosen = list(ranked), list[RankedProduct]()
    while left:
        worth = [
            (1 - diversity) * p.score
            - diversity * max((likeness(p, other) for other in [*above, *chosen]), default=0)
            for p in left
        ]
        chosen.append(left.pop(worth.index(max(worth))))
    return chosen


@given(ranked=rankings(), vectors=vectors, diversity=steps, cut=st.integers(0, 4))
def test_variety_is_the_one_defined(
    ranked: list[RankedProduct], vectors: dict[int, Embedding], diversity: float, cut: int
) -> None:
    above, below = ranked[:cut], ranked[cut:]
    assert diverse(below, vectors, diversity, above) == slowly(below, vectors, diversity, above)


@given(ranked=rankings(), vectors=vectors)
def test_without_variety_nothing_moves(
    ranked: list[RankedProduct], vectors: dict[int, Embedding]
) -> None:
    assert diverse(ranked, vectors, 0.0) == ranked


@given(ranked=rankings(), diversity=st.floats(0, 0.99))
def test_without_vectors_nothing_moves(ranked: list[RankedProduct], diversity: float) -> None:
    assert diverse(ranked, {}, diversity) == ranked


def test_of_three_twins_the_second_and_third_make_room() -> None:
    twin, other = DIRECTIONS[0], DIRECTIONS[3]
    ranked = [product(0, 0.9), product(1, 0.89), product(2, 0.88), product(3, 0.8)]
    alike = {0: twin, 1: twin, 2: twin, 3: other}
    assert [p.row_id for p in diverse(ranked, alike, 0.3)] == [0, 3, 1, 2]
    assert [p.score for p in diverse(ranked, alike, 0.3)] == [0.9, 0.8, 0.89, 0.88]
    assert [p.row_id for p in diverse(ranked, alike, 0.01)] == [0, 1, 2, 3]


def test_what_stands_above_is_not_repeated() -> None:
    pinned = product(9, 0.1)
    ranked = [product(0, 0.9), product(1, 0.85)]
    alike = {9: DIRECTIONS[0], 0: DIRECTIONS[0], 1: DIRECTIONS[5]}
    assert [p.row_id for p in diverse(ranked, alike, 0.5, [pinned])] == [1, 0]


@pytest.mark.parametrize("n", [0, 1])
def test_nothing_and_one_are_lists_too(n: int) -> None:
    ranked = [product(i, 0.5) for i in range(n)]
    assert diverse(ranked, {0: DIRECTIONS[0]}, 1.0) == ranked
