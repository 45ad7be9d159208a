"""Rows in Qdrant Edge, inside this process: fast, durable, exact where few rows are allowed."""

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import qdrant_edge as edge

from shoplens.store.base import Dims
from shoplens.store.check import check_query, check_rows
from shoplens.store.edge.columns import by_row, counted, in_order, most_frequent, sorted_out
from shoplens.store.edge.filters import (
    OWN_INDEXES,
    index_of,
    key_of,
    only_products,
    translated,
)
from shoplens.store.edge.near import best, by_words
from shoplens.store.edge.rows import (
    HEAD,
    PAGE,
    SPARE,
    candidates,
    embedding_in,
    embeddings_of,
    fields_of,
    number_of,
    pages,
    point_of,
)
from shoplens.store.edge.shard import (
    Optimiser,
    check_room,
    config,
    copy_shard,
    load_shard,
    make_shard,
    naming_errors,
    remove_others,
    unindexed,
    walk,
)
from shoplens.store.folder import Note, claim, read_note, write_note
from shoplens.types import Candidate, Embedding, FieldKind, Fields, Filter, Row, Space, SparseRow

EXACT_BELOW = 30_000
"""Up to so many allowed rows are scanned: 1 to 3 ms, and always right."""
INDEX_ABOVE = 45_000
"""So many embeddings, of pictures, texts and colours together, are left without a graph."""
_EXACT_SHARE = 0.1  # a graph walked under a filter this narrow would fall apart
_SCAN_FOR = 1000  # rows asked for, beyond which a walk costs more than a scan


class EdgeStore:
    """Searches every allowed row where these are few, a graph over int8 rows where many.

    All calls of Edge 0.9 hold the interpreter lock, so one plain lock around each costs nothing
    and makes the exchange of shards in ``optimise`` safe.

    Raises:
        MismatchError: the folder holds rows of other dimensions, or another kind of store.
        BusyError: another process has it open.
        StorageError: it is damaged.
    """

    def __init__(
        self,
        folder: Path,
        dims: Dims,
        *,
        exact_below: int = EXACT_BELOW,
        index_above: int = INDEX_ABOVE,
    ) -> None:
        self._folder = folder
        self._exact_below, self._index_above = exact_below, index_above
        self._dims = dims
        self._config = config(dims, index_above=index_above // 4)
        self._calling = threading.RLock()  # around every call of Edge
        self._writing = threading.RLock()  # taken before it; held alone, searches go on
        self._optimising = threading.Lock()
        self._optimiser = Optimiser()
        self._touched: set[int] | None = None  # rows written while a copy is being optimised
        self._owned = claim(folder)
        with ExitStack() as undo:
            undo.callback(self._owned.release)
            self._note = read_note(folder, Note.of("edge", dims))
            remove_others(folder, self._note.place)
            if not self._note.place:
                self._point_at(make_shard(folder, self._config))
            self._shard = load_shard(folder / self._note.place, self._config)
            self._kinds: dict[str, FieldKind] = dict[str, FieldKind](OWN_INDEXES)
            self._index(self._shard)
            undo.pop_all()

    def declare(self, fields: Mapping[str, FieldKind]) -> None:
        """Index ``fields``; one that never was declared is still filtered rightly, but slowly."""
        wanted: dict[str, FieldKind] = {key_of(name, kind): kind for name, kind in fields.items()}
        with self._writing, self._calling:
            if wanted.keys() - self._kinds.keys():
                self._kinds |= wanted
                self._index(self._shard)

    def upsert(self, rows: Sequence[Row]) -> None:
        """Add rows, or replace those of the same ``row_id`` whole.

        Raises:
            MismatchError: a row cannot be kept; then none of them is.
            StorageError: the disk is full or refused the write.
        """
        check_rows(rows, self._dims)
        check_room(self._folder)
        for page in pages(rows):
            points = edge.UpdateOperation.upsert_points([point_of(row) for row in page])
            with self._writing:
                self._update(points)
                self._note_touched([row.row_id for row in page])

    def delete(self, product_ids: Sequence[str]) -> None:
        """Forget every row of these products; unknown ones are no error."""
        for page in pages(product_ids):
            with self._writing:
                row_ids = [number_of(record) for record in self._scroll(only_products(page))]
                if row_ids:
                    self._update(edge.UpdateOperation.delete_points(list(row_ids)))
                    self._note_touched(row_ids)

    def search(
        self, space: Space, query: Embedding, k: int, allowed: Filter | None = None
    ) -> list[Candidate]:
        """Best ``k`` rows that ``allowed`` lets through, by inner product; ties by ``row_id``.

        The answer is exact where at most ``exact_below`` rows, or a tenth of all, are allowed, or
        more than 1,000 are asked for; by colours always, with scores right to three places.
        """
        check_query(query, self._dims, space)
        wanted = edge.Query.Nearest(query.tolist(), using=space)
        let = translated(allowed)
        with self._calling, naming_errors("search"):
            few = space == "colour" or k > _SCAN_FOR or self._few(let)
            params = (
                edge.SearchParams(exact=True) if few else walk(k + SPARE, filtered=let is not None)
            )
            return best(self._shard, wanted, k, let, params)

    def search_words(
        self, query: SparseRow, k: int, allowed: Filter | None = None
    ) -> list[Candidate]:
        """Best ``k`` rows by BM25: sum over shared tokens of query weight, row weight and idf."""
        if not len(query.tokens):
            return []
        wanted, params = by_words(query)
        with self._calling, naming_errors("search words"):
            return best(self._shard, wanted, k, translated(allowed), params)

    def count_words(
        self, query: SparseRow, least: float, most: int, allowed: Filter | None = None
    ) -> int:
        """How many of the best ``most`` rows by BM25 score at least ``least``, above 0."""
        if not len(query.tokens) or most <= 0:
            return 0
        wanted, params = by_words(query)
        request = edge.SearchRequest(wanted, most, filter=translated(allowed), params=params)
        with self._calling, naming_errors("count words"):
            return sum(point.score >= least for point in self._shard.search(request))

    def pictures(self, product_id: str) -> list[tuple[int, Embedding]]:
        """The picture embeddings of one product with their positions, in order of position."""
        found: list[tuple[int, Embedding]] = []
        for record in self._scroll(only_products([product_id]), vectors=["picture"]):
            embedding = embedding_in(record, "picture")
            if embedding is not None and record.payload:
                found.append((int(record.payload["position"]), embedding))
        return sorted(found, key=lambda pair: pair[0])

    def embeddings(self, space: Space, row_ids: Sequence[int]) -> dict[int, Embedding]:
        """The embeddings that these rows have in ``space``; rows without one are left out."""
        held: dict[int, Embedding] = {}
        for page in pages(row_ids):
            with self._calling, naming_errors("look up embeddings"):
                held |= embeddings_of(self._shard, space, page)
        return held

    def fields(self, row_ids: Sequence[int], names: Sequence[str]) -> dict[int, Fields]:
        """What these rows hold in the fields called ``names``; unknown rows are left out."""
        held: dict[int, Fields] = {}
        for page in pages(row_ids):
            with self._calling, naming_errors("look up fields"):
                held |= fields_of(self._shard, page, names)
        return held

    def facet(self, field: str, k: int, allowed: Filter | None = None) -> dict[str, int]:
        """Count the rows that hold each word of a keyword field: the ``k`` most frequent words."""
        key, let = key_of(field, "keyword"), translated(allowed)
        with self._calling, naming_errors("count words"):
            count = most_frequent if key in self._kinds else counted
            return count(self._shard, key, k, let) if k > 0 else {}

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
        key, let = key_of(field, "number"), translated(allowed)
        with self._calling, naming_errors("order its rows"):
            order = in_order if key in self._kinds else sorted_out
            least = skip + k if k > 0 else 0
            numbers = order(self._shard, key, least, let, descending=descending) if least else []
            return candidates(self._shard, dict(numbers[skip:]))

    def first(self, k: int, allowed: Filter | None = None, *, skip: int = 0) -> list[Candidate]:
        """First ``k`` allowed rows after ``skip``, in order of ``row_id``; their scores are 0."""
        with self._calling, naming_errors("list its rows"):
            return by_row(self._shard, k, translated(allowed), skip)

    def count(self, allowed: Filter | None = None) -> int:
        """How many rows there are, or how many ``allowed`` lets through."""
        with self._calling, naming_errors("count"):
            return self._shard.count(edge.CountRequest(exact=True, filter=translated(allowed)))

    def rows(self) -> Iterator[tuple[str, int]]:
        """Every kept row as (product_id, row_id), in order of ``row_id``, a page at a time."""
        for record in self._scroll(None):
            yield str((record.payload or {})["product_id"]), number_of(record)

    def optimise(self) -> None:
        """Build graphs and int8 rows for what was added since; needed after bulk writes.

        Nothing is built while at most ``index_above`` embeddings lack a graph. Works on a copy,
        in a child process at nice 9: searches and writes go on, and the finished copy takes over
        at the end. Needs three times the store's size of free disk meanwhile.

        Raises:
            StorageError: no room, or the child failed; the store stays as it was.
        """
        with self._optimising:
            with self._calling:
                lacking = unindexed(self._shard)
            if lacking <= self._index_above:
                return
            try:
                with self._writing:
                    self.flush()
                    self._touched = set()
                    copy = copy_shard(self._folder / self._note.place)
                self._optimise_copy(copy)
            finally:
                self._touched = None

    def flush(self) -> None:
        """Put everything on disk, so that it survives a power cut too."""
        with self._calling, naming_errors("flush"):
            self._shard.flush()

    def close(self) -> None:
        """Flush and let go of the folder; a running ``optimise`` is given up."""
        self._optimiser.stop()
        with self._optimising, self._writing, self._calling:
            if self._owned.is_locked:
                try:
                    self.flush()
                    self._shard.close()
                finally:
                    self._owned.release()

    # ---- searching -------------------------------------------------------------------------

    def _few(self, let: edge.Filter | None) -> bool:
        """Whether few enough rows are allowed to look at each; the estimate costs 20 µs."""
        total = self._shard.info().points_count
        if let is None:
            return total <= self._exact_below
        few = max(self._exact_below, int(total * _EXACT_SHARE) if self._exact_below else 0)
        return any(
            self._shard.count(edge.CountRequest(exact=exact, filter=let)) <= few
            for exact in (False, True)
        )

    def _scroll(
        self, let: edge.Filter | None, *, vectors: list[str] | None = None
    ) -> Iterator[edge.Record]:
        offset: edge.PointId | None = None
        while True:
            request = edge.ScrollRequest(
                offset, PAGE, let, with_payload=HEAD, with_vector=vectors or False
            )
            with self._calling, naming_errors("list its rows"):
                records, offset = self._shard.scroll(request)
            yield from records
            if offset is None:
                return

    # ---- writing and exchanging shards -----------------------------------------------------

    def _update(self, operation: edge.UpdateOperation) -> None:
        with self._calling, naming_errors("write"):
            self._shard.update(operation)

    def _note_touched(self, row_ids: Sequence[int]) -> None:
        touched = self._touched
        if touched is not None:
            touched.update(row_ids)

    def _index(self, shard: edge.EdgeShard) -> None:
        with naming_errors("index a field"):
            there = shard.info().payload_schema
            for key, kind in self._kinds.items():
                if key not in there:
                    shard.update(edge.UpdateOperation.create_field_index(key, index_of(kind)))

    def _optimise_copy(self, copy: Path) -> None:
        """Let the child work, catch up with what was written meanwhile, then change over."""
        try:
            self._optimiser.run(copy)
            with self._writing, self._calling:
                fresh = load_shard(copy, self._config)
                self._index(fresh)
                self._catch_up(fresh)
                self._point_at(copy)
                old, self._shard = self._shard, fresh
                with naming_errors("close its old files"):
                    old.close()
        finally:
            if self._note.place != copy.name:
                shutil.rmtree(copy, ignore_errors=True)
        remove_others(self._folder, copy.name)

    def _catch_up(self, fresh: edge.EdgeShard) -> None:
        row_ids = sorted(self._touched or ())
        for some in pages(row_ids):
            page: list[edge.PointId] = list(some)
            with naming_errors("catch up"):
                there = self._shard.retrieve(page, with_payload=True, with_vector=True)
                points = [edge.Point(r.id, r.vector or {}, r.payload) for r in there]
                fresh.update(edge.UpdateOperation.delete_points(page))
                fresh.update(edge.UpdateOperation.upsert_points(points))
        with naming_errors("flush"):
            fresh.flush()

    def _point_at(self, place: Path) -> None:
        note = Note.of("edge", self._dims, place.name)
        write_note(self._folder, note)
        self._note = note
