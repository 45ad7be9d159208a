"""Our rows as points of Qdrant Edge, and back: what a row is called, what it holds."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar, cast

import numpy as np
import qdrant_edge as edge

from shoplens.store.edge.filters import WORDED, key_of
from shoplens.types import Candidate, Embedding, FieldKind, Fields, FieldValue, Row, Space

HEAD = ["product_id", "group_id", "position"]
PAGE = 1000
SPARE = 16
"""So many rows are fetched beyond k, to see whether a tie is cut in two."""
Item = TypeVar("Item")
_KINDS: tuple[FieldKind, ...] = ("keyword", "number", "boolean")


def point_of(row: Row) -> edge.Point:
    """Make a row what Edge keeps; what it lacks, the point lacks too."""
    vector: dict[str, edge.NamedVector] = {}
    if row.picture is not None:
        vector["picture"] = row.picture.tolist()
    if row.text is not None:
        vector["text"] = row.text.tolist()
    if row.colour is not None:
        vector["colour"] = row.colour.tolist()
    payload: dict[str, object] = {
        "product_id": row.product_id,
        "group_id": row.group_id,
        "position": row.position,
    }
    if row.words is not None and len(row.words.tokens):
        vector["words"] = edge.SparseVector(row.words.tokens.tolist(), row.words.weights.tolist())
        payload[WORDED] = 1
    payload.update(_kept(row.fields))
    return edge.Point(row.row_id, vector, payload)


def pages(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Give ``items`` a page at a time."""
    for at in range(0, len(items), PAGE):
        yield items[at : at + PAGE]


def number_of(record: edge.Record | edge.ScoredPoint) -> int:
    """The ``row_id`` of a point."""
    return int(str(record.id))


def embedding_in(record: edge.Record, space: Space) -> Embedding | None:
    """The embedding that a point has in one space."""
    held = record.vector.get(space) if isinstance(record.vector, dict) else None
    return None if held is None else np.array(held, np.float32)


def candidate_of(record: edge.Record, score: float = 0.0) -> Candidate:
    """Tell whose a row is; its payload holds ``HEAD``."""
    head = record.payload or {}
    return Candidate(
        number_of(record),
        str(head["product_id"]),
        str(head["group_id"]),
        int(head["position"]),
        score,
    )


def candidates(shard: edge.EdgeShard, scores: Mapping[int, float]) -> list[Candidate]:
    """Look up whose the scored rows are, in the order of ``scores``."""
    records = {number_of(r): r for r in shard.retrieve(list(scores), HEAD, with_vector=False)}
    return [candidate_of(records[row_id], score) for row_id, score in scores.items()]


def embeddings_of(
    shard: edge.EdgeShard, space: Space, row_ids: Sequence[int]
) -> dict[int, Embedding]:
    """The embeddings of these rows, at most a page of them."""
    records = shard.retrieve(list(row_ids), with_payload=False, with_vector=[space])
    held = {number_of(record): embedding_in(record, space) for record in records}
    return {row_id: row for row_id, row in held.items() if row is not None}


def fields_of(
    shard: edge.EdgeShard, row_ids: Sequence[int], names: Sequence[str]
) -> dict[int, Fields]:
    """What these rows hold in some fields, whatever their kinds, at most a page of rows."""
    keys: dict[str, tuple[str, FieldKind]] = {
        key_of(name, kind): (name, kind) for name in names for kind in _KINDS
    }
    records = shard.retrieve(list(row_ids), list(keys), with_vector=False)
    return {
        number_of(record): {
            name: _said(held, kind)
            for key, held in (record.payload or {}).items()
            for name, kind in (keys[key],)
            if held != []
        }
        for record in records
    }


def _said(held: object, kind: FieldKind) -> FieldValue:
    """Read a value back as it is kept by ``_kept``."""
    if kind == "keyword":
        return words_in(held)
    return bool(held) if kind == "boolean" else float(str(held))


def words_in(held: object) -> tuple[str, ...]:
    """The words of a keyword field, as Edge gives them back."""
    return tuple(map(str, cast("list[object]", held))) if isinstance(held, list) else ()


def _kept(fields: Fields) -> dict[str, object]:
    kept: dict[str, object] = {}
    for name, value in fields.items():
        if isinstance(value, bool):
            kept[key_of(name, "boolean")] = int(value)
        elif isinstance(value, int | float):
            kept[key_of(name, "number")] = float(value)
        else:
            words = [value] if isinstance(value, str) else list(value)
            kept[key_of(name, "keyword")] = words
    return kept
