"""Rows, filters and queries for the tests of stores, and a slow store that cannot be wrong."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from shoplens.catalogue.fields import MAIN
from shoplens.store.base import Dims, Store
from shoplens.store.check import embedding_of
from shoplens.store.match import is_number, matches
from shoplens.types import (
    AllOf,
    AnyOf,
    Candidate,
    Compare,
    Embedding,
    FieldKind,
    Fields,
    FieldValue,
    Filter,
    Not,
    OneOf,
    Row,
    Space,
    SparseRow,
)

DIM, TEXT_DIM, COLOUR_DIM = 6, 4, 3
DIMS = Dims(DIM, TEXT_DIM, COLOUR_DIM)
KINDS: Mapping[str, FieldKind] = {
    "brand": "keyword",
    "category": "keyword",
    "颜色.[0]": "keyword",
    "price": "number",
    "in_stock": "boolean",
}
WORDS = ["shoe", "鞋", 'a "quoted"', "", "a\0b", "straße", "true", "1"]
NUMBERS = [-1.5, 0.0, -0.0, 0.1 + 0.2, 0.3, 1.0, 80.0, 5e-324, 1e308]


def quarters(size: int) -> st.SearchStrategy[Embedding]:
    """Vectors of quarters: their inner products are exact in any order, and ties are common."""
    numbers = st.lists(st.integers(-2, 2), min_size=size, max_size=size)
    return numbers.map(lambda drawn: np.array(drawn, np.float32) / 4)


def sparse_rows(min_size: int = 0) -> st.SearchStrategy[SparseRow]:
    weights = st.dictionaries(
        st.sampled_from([0, 3, 7, 2**32 - 1]), st.sampled_from([0.5, 1.0, 1.5]), min_size=min_size
    )
    return weights.map(sparse)


def sparse(weights: Mapping[int, float]) -> SparseRow:
    return SparseRow(np.array([*weights], np.uint32), np.array([*weights.values()], np.float32))


words = st.sampled_from(WORDS)
numbers = st.sampled_from(NUMBERS)
fields = st.fixed_dictionaries(
    {},
    optional={
        "brand": words,
        "category": st.lists(words, max_size=3, unique=True).map(tuple),
        "颜色.[0]": words,
        "price": numbers,
        "in_stock": st.booleans(),
        "undeclared words": words,
        "undeclared number": numbers,
    },
)


@st.composite
def rows(draw: st.DrawFn, row_ids: st.SearchStrategy[int] | None = None) -> Row:
    """A row; its id tells its product and its position, as the real ones do."""
    row_id = draw(row_ids or st.integers(0, 23))
    return Row(
        row_id=row_id,
        product_id=f"p{row_id // 4}",
        group_id=f"g{row_id // 8}",
        position=row_id % 4,
        picture=draw(st.none() | quarters(DIM)),
        text=draw(st.none() | quarters(TEXT_DIM)),
        words=draw(st.none() | sparse_rows()),
        fields=draw(fields),
        colour=draw(st.none() | quarters(COLOUR_DIM)),
    )


galleries = st.lists(rows(), max_size=24, unique_by=lambda row: row.row_id)
shops = galleries.map(
    lambda rows: [replace(r, fields={**r.fields, MAIN: r.position == 0}) for r in rows]
)
"""Galleries whose main rows are marked, as the indexing room marks them."""

_values = words | numbers | st.booleans()
_leaves = st.one_of(
    st.builds(Compare, st.sampled_from([*KINDS, "missing"]), st.just("="), _values),
    st.builds(Compare, st.just("price"), st.sampled_from(["<", "<=", ">", ">="]), numbers),
    st.builds(OneOf, st.sampled_from([*KINDS]), st.lists(_values, max_size=3).map(tuple)),
)
filters: st.SearchStrategy[Filter] = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(AllOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


@dataclass
class SlowStore:
    """A dict of rows and a Python loop."""

    kept: dict[int, Row] = field(default_factory=dict[int, Row])

    def upsert(self, given: Sequence[Row]) -> None:
        self.kept.update((row.row_id, row) for row in given)

    def delete(self, product_ids: Sequence[str]) -> None:
        self.kept = {i: row for i, row in self.kept.items() if row.product_id not in product_ids}

    def allowed(self, allowed: Filter | None) -> list[Row]:
        return [r for r in self.kept.values() if allowed is None or matches(allowed, r.fields)]

    def scores(
        self, space: Space, query: Embedding, allowed: Filter | None = None
    ) -> dict[int, float]:
        pairs = [(row.row_id, embedding_of(row, space)) for row in self.allowed(allowed)]
        return {i: float(held @ query) for i, held in pairs if held is not None}

    def plain(self, row_id: int, names: Sequence[str]) -> dict[str, FieldValue]:
        held = {name: v for name, v in self.kept[row_id].fields.items() if name in names}
        words = {name: (v,) if isinstance(v, str) else v for name, v in held.items()}
        return {name: v for name, v in words.items() if v != ()}

    def facet(self, name: str, k: int, allowed: Filter | None) -> list[tuple[str, int]]:
        held = [self.plain(row.row_id, [name]).get(name) for row in self.allowed(allowed)]
        words = [word for words in held if isinstance(words, tuple) for word in set(words)]
        counts = [(-words.count(word), word) for word in set(words)]
        return [(word, -count) for count, word in sorted(counts)[:k]]

    def ordered(
        self, name: str, k: int, allowed: Filter | None, *, descending: bool
    ) -> list[tuple[int, float]]:
        held = {row.row_id: row.fields.get(name) for row in self.allowed(allowed)}
        sign = -1.0 if descending else 1.0
        numbers = [(sign * float(str(v)), i) for i, v in held.items() if is_number(v)]
        return [(i, sign * number) for number, i in sorted(numbers)[:k]]

    def first(self, k: int, allowed: Filter | None) -> list[tuple[int, float]]:
        return [(i, 0.0) for i in sorted(row.row_id for row in self.allowed(allowed))[:k]]

    def word_scores(self, query: SparseRow, allowed: Filter | None = None) -> dict[int, float]:
        held = {row.row_id: _weights(row.words) for row in self.kept.values()}
        worded = [weights for weights in held.values() if weights]
        scores: dict[int, float] = {}
        for row in self.allowed(allowed):
            for token, weight in _weights(query).items():
                if token in held[row.row_id]:
                    df = sum(token in weights for weights in worded)
                    idf = math.log(1 + (len(worded) - df + 0.5) / (df + 0.5))
                    score = weight * held[row.row_id][token] * idf
                    scores[row.row_id] = scores.get(row.row_id, 0.0) + score
        return scores


# One store serves all examples of a test; each begins by emptying it.
many = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def fill(store: Store, gallery: list[Row]) -> SlowStore:
    store.delete(sorted({product_id for product_id, _ in store.rows()}))
    store.upsert(gallery)
    slow = SlowStore()
    slow.upsert(gallery)
    return slow


def _weights(words: SparseRow | None) -> dict[int, float]:
    if words is None:
        return {}
    return dict(zip(words.tokens.tolist(), words.weights.tolist(), strict=True))


def best(scores: Mapping[int, float], k: int) -> list[tuple[int, float]]:
    """The best k by score, then by row id."""
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))[:k]


def pairs(found: Sequence[Candidate]) -> list[tuple[int, float]]:
    return [(candidate.row_id, candidate.score) for candidate in found]


def assert_ranked(found: Sequence[Candidate], scores: Mapping[int, float], k: int) -> None:
    """Hold an answer to the true scores, where those carry float noise.

    Scores may be off by 1e-5 and so two rows closer than that may change places, nothing else;
    rows whose returned scores are equal stand in order of their ids.
    """
    assert len(found) == min(k, len(scores))
    for candidate in found:
        assert math.isclose(candidate.score, scores[candidate.row_id], rel_tol=1e-5, abs_tol=1e-5)
    assert pairs(found) == best(dict(pairs(found)), k)
    left = scores.keys() - {candidate.row_id for candidate in found}
    if found and left:
        assert max(scores[row_id] for row_id in left) <= found[-1].score + 1e-5


def plain_row(row_id: int, *, kept: Fields | None = None, **given: object) -> Row:
    """A row with a picture, a text and words that depend on its id alone."""
    rng = np.random.default_rng(row_id)
    made = {
        "row_id": row_id,
        "product_id": f"p{row_id}",
        "group_id": "",
        "position": 0,
        "picture": rng.integers(-4, 5, DIM).astype(np.float32) / 4,
        "text": rng.integers(-4, 5, TEXT_DIM).astype(np.float32) / 4,
        "colour": rng.integers(-4, 5, COLOUR_DIM).astype(np.float32) / 4,
        "words": sparse({row_id % 5: 1.0, 9: 0.5}),
        "fields": kept or {},
    }
    return Row(**(made | given))  # pyright: ignore[reportArgumentType] - the caller's kinds
