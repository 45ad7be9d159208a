"""Brute force over matrices in memory: the oracle that every other store is compared with."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64, UInt32

from shoplens.store.base import Dims
from shoplens.store.check import check_query, check_rows, embedding_of
from shoplens.store.folder import Note, claim, read_note
from shoplens.store.log import Change, Log
from shoplens.store.match import is_number, matches, plain_fields
from shoplens.types import (
    Candidate,
    Embedding,
    Embeddings,
    FieldKind,
    Fields,
    Filter,
    Row,
    Space,
    SparseRow,
)

_FILE = "rows.log"
_NOISE = 1e-4  # how far float32 scores of unit-sized rows may be off


class ExactStore:
    """All inner products, then a sort; right for some ten thousand products.

    Everything is in memory, and on disk in one log of batches. A filter is asked of every row in
    Python, about 1 µs each.

    Raises:
        MismatchError: the folder holds rows of other dimensions, or another kind of store.
        BusyError: another process has it open.
        StorageError: it cannot be read.
    """

    def __init__(self, folder: Path, dims: Dims) -> None:
        self._dims = dims
        self._lock = threading.RLock()
        self._rows: dict[int, Row] = {}
        self._logged = 0
        self._view: _View | None = None
        self._owned = claim(folder)
        with ExitStack() as undo:
            undo.callback(self._owned.release)
            read_note(folder, Note.of("exact", dims, _FILE))
            self._log = Log(folder / _FILE)
            undo.callback(self._log.close)
            for change in self._log.replay():
                self._apply(change)
            undo.pop_all()

    def declare(self, fields: Mapping[str, FieldKind]) -> None:
        """Do nothing: every field of every row is looked at anyway."""

    def upsert(self, rows: Sequence[Row]) -> None:
        """Add rows, or replace those of the same ``row_id`` whole."""
        check_rows(rows, self._dims)
        if rows:
            self._write(Change(rows=tuple(rows)))

    def delete(self, product_ids: Sequence[str]) -> None:
        """Forget every row of these products; unknown ones are no error."""
        if product_ids:
            self._write(Change(deleted=tuple(product_ids)))

    def search(
        self, space: Space, query: Embedding, k: int, allowed: Filter | None = None
    ) -> list[Candidate]:
        """Best ``k`` rows that ``allowed`` lets through, by inner product; ties by ``row_id``."""
        check_query(query, self._dims, space)
        view = self._current()
        places, gallery = view.space(space)
        if allowed is not None:
            kept = view.allowed(allowed)[places]
            places, gallery = places[kept], gallery[kept]
        near = _near(gallery @ query, k)
        # Summed row by row in float64: equal rows get equal scores wherever they stand.
        scores = (gallery[near].astype(np.float64) * query).sum(axis=1)
        return view.candidates(places[near], scores, k)

    def search_words(
        self, query: SparseRow, k: int, allowed: Filter | None = None
    ) -> list[Candidate]:
        """Best ``k`` rows by BM25: sum over shared tokens of query weight, row weight and idf."""
        view = self._current()
        places, scores = view.bm25(query)
        if allowed is not None and len(places):
            kept = view.allowed(allowed)[places]
            places, scores = places[kept], scores[kept]
        return view.candidates(places, scores, k)

    def count_words(
        self, query: SparseRow, least: float, most: int, allowed: Filter | None = None
    ) -> int:
        """How many of the best ``most`` rows by BM25 score at least ``least``, above 0."""
        return sum(row.score >= least for row in self.search_words(query, most, allowed))

    def pictures(self, product_id: str) -> list[tuple[int, Embedding]]:
        """The picture embeddings of one product with their positions, in order of position."""
        rows = sorted(self._of({product_id}), key=lambda row: row.position)
        return [(row.position, row.picture) for row in rows if row.picture is not None]

    def embeddings(self, space: Space, row_ids: Sequence[int]) -> dict[int, Embedding]:
        """The embeddings that these rows have in ``space``; rows without one are left out."""
        held = {row.row_id: embedding_of(row, space) for row in self._called(row_ids)}
        return {row_id: row for row_id, row in held.items() if row is not None}

    def fields(self, row_ids: Sequence[int], names: Sequence[str]) -> dict[int, Fields]:
        """What these rows hold in the fields called ``names``; unknown rows are left out."""
        return {row.row_id: plain_fields(row.fields, names) for row in self._called(row_ids)}

    def facet(self, field: str, k: int, allowed: Filter | None = None) -> dict[str, int]:
        """Count the rows that hold each word of a keyword field: the ``k`` most frequent words."""
        counts = Counter[str]()
        for row in self._allowed(allowed):
            held = row.fields.get(field)
            if isinstance(held, str | tuple):
                counts.update({held} if isinstance(held, str) else {*held})
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[: max(k, 0)])

    def ordered(
        self,
        field: str,
        k: int,
        allowed: Filter | None = None,
        *,
        descending: bool = False,
        skip: int = 0,
    ) -> list[Candidate]:
        """First ``k`` allowed rows in order of a number field, the number as their score."""
        found = [
            Candidate(row.row_id, row.product_id, row.group_id, row.position, float(held))
            for row in self._allowed(allowed)
            for held in (row.fields.get(field),)
            if isinstance(held, int | float) and is_number(held)
        ]
        found.sort(key=lambda c: (-c.score if descending else c.score, c.row_id))
        return found[skip : skip + max(k, 0)]

    def first(self, k: int, allowed: Filter | None = None, *, skip: int = 0) -> list[Candidate]:
        """First ``k`` allowed rows after ``skip``, in order of ``row_id``; their scores are 0."""
        return [
            Candidate(row.row_id, row.product_id, row.group_id, row.position, 0.0)
            for row in self._allowed(allowed)[skip : skip + max(k, 0)]
        ]

    def count(self, allowed: Filter | None = None) -> int:
        """How many rows there are, or how many ``allowed`` lets through."""
        view = self._current()
        return len(view.rows) if allowed is None else int(view.allowed(allowed).sum())

    def rows(self) -> Iterator[tuple[str, int]]:
        """Every kept row as (product_id, row_id), in order of ``row_id``."""
        return iter([(row.product_id, row.row_id) for row in self._current().rows])

    def optimise(self) -> None:
        """Rewrite the log without the rows that were replaced or deleted."""
        with self._lock:
            if self._logged > len(self._rows):
                self._log.replace(self._current().rows)
                self._logged = len(self._rows)

    def flush(self) -> None:
        """Do nothing new: every write already waited for the disk."""
        with self._lock:
            self._log.sync()

    def close(self) -> None:
        """Let go of the folder; the log is rewritten first when most of it is dead."""
        with self._lock:
            if not self._owned.is_locked:
                return
            if self._logged > 2 * len(self._rows):
                self.optimise()
            self._log.close()
            self._owned.release()

    def _write(self, change: Change) -> None:
        with self._lock:
            self._log.append(change)
            self._apply(change)

    def _apply(self, change: Change) -> None:
        for row in self._of(set(change.deleted)) if change.deleted else ():
            del self._rows[row.row_id]
        self._rows.update((row.row_id, row) for row in change.rows)
        self._logged += len(change.rows)
        self._view = None

    def _of(self, product_ids: set[str]) -> list[Row]:
        with self._lock:
            return [row for row in self._rows.values() if row.product_id in product_ids]

    def _called(self, row_ids: Sequence[int]) -> list[Row]:
        with self._lock:
            return [self._rows[row_id] for row_id in row_ids if row_id in self._rows]

    def _allowed(self, allowed: Filter | None) -> list[Row]:
        rows = self._current().rows
        return [row for row in rows if allowed is None or matches(allowed, row.fields)]

    def _current(self) -> "_View":
        with self._lock:
            if self._view is None:
                ordered = sorted(self._rows.values(), key=lambda row: row.row_id)
                self._view = _View(tuple(ordered), self._dims)
            return self._view


@dataclass(frozen=True)
class _View:
    """The rows as arrays, in order of ``row_id``; made anew after each write."""

    rows: tuple[Row, ...]
    dims: Dims

    def space(self, space: Space) -> tuple[Int64[np.ndarray, " n"], Embeddings]:
        """Which rows have an embedding in one space, and the matrix of those."""
        if space == "picture":
            return self._picture
        return self._text if space == "text" else self._colour

    @cached_property
    def _picture(self) -> tuple[Int64[np.ndarray, " n"], Embeddings]:
        return self._stacked("picture")

    @cached_property
    def _text(self) -> tuple[Int64[np.ndarray, " n"], Embeddings]:
        return self._stacked("text")

    @cached_property
    def _colour(self) -> tuple[Int64[np.ndarray, " n"], Embeddings]:
        return self._stacked("colour")

    def _stacked(self, space: Space) -> tuple[Int64[np.ndarray, " n"], Embeddings]:
        held = [
            (place, embedding)
            for place, row in enumerate(self.rows)
            for embedding in (embedding_of(row, space),)
            if embedding is not None
        ]
        matrix = np.empty((len(held), self.dims.of(space)), np.float32)
        for at, (_, embedding) in enumerate(held):
            matrix[at] = embedding
        return np.array([place for place, _ in held], np.int64), matrix

    @cached_property
    def postings(
        self,
    ) -> tuple[UInt32[np.ndarray, " p"], Int64[np.ndarray, " p"], Float32[np.ndarray, " p"]]:
        """Every (token, row, weight), in order of token and row."""
        held = [(at, row.words) for at, row in enumerate(self.rows) if row.words is not None]
        tokens = np.concatenate([np.empty(0, np.uint32), *(words.tokens for _, words in held)])
        sizes = np.array([len(words.tokens) for _, words in held], np.int64)
        places = np.repeat(np.array([at for at, _ in held], np.int64), sizes)
        weights = np.concatenate([np.empty(0, np.float32), *(words.weights for _, words in held)])
        order = np.argsort(tokens, kind="stable")
        return tokens[order], places[order], weights[order]

    @cached_property
    def worded(self) -> int:
        """How many rows carry words: the ``n`` of BM25."""
        return len(np.unique(self.postings[1]))

    def allowed(self, allowed: Filter) -> Bool[np.ndarray, " n"]:
        """Which rows the filter lets through."""
        let = (matches(allowed, row.fields) for row in self.rows)
        return np.fromiter(let, bool, len(self.rows))

    def bm25(self, query: SparseRow) -> tuple[Int64[np.ndarray, " n"], Float64[np.ndarray, " n"]]:
        """Places and scores of the rows that share a token with the query."""
        tokens, places, weights = self.postings
        scores, shared = np.zeros(len(self.rows)), np.zeros(len(self.rows), bool)
        starts = np.searchsorted(tokens, query.tokens).tolist()
        ends = np.searchsorted(tokens, query.tokens, "right").tolist()
        for start, end, weight in zip(starts, ends, query.weights.tolist(), strict=True):
            df = end - start
            idf = np.log(1 + (self.worded - df + 0.5) / (df + 0.5))
            scores[places[start:end]] += weights[start:end].astype(np.float64) * weight * idf
            shared[places[start:end]] = True
        found = np.flatnonzero(shared)
        return found, scores[found]

    def candidates(
        self, places: Int64[np.ndarray, " n"], scores: Float64[np.ndarray, " n"], k: int
    ) -> list[Candidate]:
        """The best ``k``; scores are rounded to float32 first, so that noise breaks no tie."""
        rounded = scores.astype(np.float32)
        best = np.lexsort((places, -rounded))[: max(k, 0)]
        return [
            Candidate(row.row_id, row.product_id, row.group_id, row.position, float(rounded[at]))
            for at in best
            for row in (self.rows[places[at]],)
        ]


def _near(scores: Float32[np.ndarray, " n"], k: int) -> Int64[np.ndarray, " m"]:
    """Everything that might be among the best ``k`` once scored without noise."""
    if k <= 0 or len(scores) <= k:
        return np.arange(len(scores) if k > 0 else 0)
    last = np.partition(scores, -k)[-k]
    return np.flatnonzero(scores >= last - _NOISE * max(1.0, float(np.abs(scores).max())))
