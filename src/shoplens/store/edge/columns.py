"""Words counted and numbers in order: from Qdrant Edge's indexes, row by row where none is."""

from collections import Counter
from collections.abc import Iterator, Mapping

import qdrant_edge as edge

from shoplens.store.edge.rows import HEAD, PAGE, SPARE, candidate_of, number_of, words_in
from shoplens.types import Candidate

_ALL = 1_000_000


def most_frequent(
    shard: edge.EdgeShard, key: str, k: int, let: edge.Filter | None
) -> dict[str, int]:
    """Count the rows that hold each word of an indexed field: the ``k`` most frequent words.

    Edge's ``exact`` counts one word after another and takes 10 to 30 times as long. Without it,
    Edge is exact all the same unless a field has more than ten times ``limit`` words.
    """
    hits = shard.facet(edge.FacetRequest(key, _ALL, filter=let)).hits
    return _first({str(hit.value): hit.count for hit in hits}, k)


def counted(shard: edge.EdgeShard, key: str, k: int, let: edge.Filter | None) -> dict[str, int]:
    """Count the words of a field that has no index."""
    counts = Counter[str]()
    for _, held in _held(shard, key, let):
        counts.update({*words_in(held)})
    return _first(counts, k)


def in_order(
    shard: edge.EdgeShard, key: str, k: int, let: edge.Filter | None, *, descending: bool
) -> list[tuple[int, float]]:
    """First ``k`` rows in order of an indexed number, then by row; with the number of each.

    Edge orders rows of the same number anyhow, so those of a tie that ``k`` cuts are fetched by
    themselves, in order of their ids.
    """
    order = edge.OrderBy(key, edge.Direction.Desc if descending else edge.Direction.Asc)
    request = edge.QueryRequest(limit=k + SPARE, query=order, filter=let)
    found = {number_of(p): float(p.order_value or 0) for p in shard.query(request)}
    last = list(found.values())[k - 1 :]
    if len(last) > SPARE and last[0] == last[-1]:
        found = {row_id: number for row_id, number in found.items() if number != last[0]}
        found |= dict.fromkeys(_tied(shard, key, last[0], k - len(found), let), last[0])
    return _sorted(found, k, descending=descending)


def sorted_out(
    shard: edge.EdgeShard, key: str, k: int, let: edge.Filter | None, *, descending: bool
) -> list[tuple[int, float]]:
    """First ``k`` rows in order of a number that has no index."""
    held = {row_id: float(str(number)) for row_id, number in _held(shard, key, let)}
    return _sorted(held, k, descending=descending)


def by_row(shard: edge.EdgeShard, k: int, let: edge.Filter | None, skip: int) -> list[Candidate]:
    """The ``k`` rows, in order of their ids, after the first ``skip``."""
    offset: edge.PointId | None = None
    if skip:
        _, offset = shard.scroll(edge.ScrollRequest(limit=skip, filter=let, with_payload=False))
    if k <= 0 or (skip and offset is None):
        return []
    page, _ = shard.scroll(edge.ScrollRequest(offset, k, let, HEAD))
    return [candidate_of(record) for record in page]


def _tied(
    shard: edge.EdgeShard, key: str, number: float, k: int, let: edge.Filter | None
) -> list[int]:
    """First ``k`` rows, by id, that hold just this number."""
    same = edge.FieldCondition(key, range=edge.RangeFloat(gte=number, lte=number))
    both = edge.Filter(must=[same] if let is None else [same, let])
    page, _ = shard.scroll(edge.ScrollRequest(limit=k, filter=both, with_payload=False))
    return [number_of(record) for record in page]


def _held(shard: edge.EdgeShard, key: str, let: edge.Filter | None) -> Iterator[tuple[int, object]]:
    """What each allowed row holds under a key, if anything."""
    offset: edge.PointId | None = None
    while True:
        request = edge.ScrollRequest(offset, PAGE, let, with_payload=[key])
        page, offset = shard.scroll(request)
        for record in page:
            if record.payload and key in record.payload:
                yield number_of(record), record.payload[key]
        if offset is None:
            return


def _first(counts: Mapping[str, int], k: int) -> dict[str, int]:
    held = [(word, count) for word, count in counts.items() if count]
    return dict(sorted(held, key=lambda pair: (-pair[1], pair[0]))[:k])


def _sorted(numbers: Mapping[int, float], k: int, *, descending: bool) -> list[tuple[int, float]]:
    sign = -1 if descending else 1
    return sorted(numbers.items(), key=lambda pair: (sign * pair[1], pair[0]))[:k]
