"""The best rows of one search, ties in order of their ids."""

import qdrant_edge as edge

from shoplens.store.edge.filters import only_worded
from shoplens.store.edge.rows import SPARE, candidates, number_of
from shoplens.types import Candidate, SparseRow


def by_words(query: SparseRow) -> tuple[edge.Query, edge.SearchParams]:
    """Ask by BM25.

    Edge's own idf counts deleted and replaced rows until these are swept; over a named corpus,
    here the rows that carry words, it is exact at once.
    """
    sparse = edge.SparseVector(query.tokens.tolist(), query.weights.tolist())
    params = edge.SearchParams(exact=True, idf=edge.IdfParams(only_worded()))
    return edge.Query.Nearest(sparse, using="words"), params


def best(
    shard: edge.EdgeShard,
    wanted: edge.Query,
    k: int,
    let: edge.Filter | None,
    params: edge.SearchParams,
) -> list[Candidate]:
    """Fetch more until the tie that ``k`` would cut is whole, then order by score and id."""
    if k <= 0:
        return []
    limit = k + SPARE
    while True:
        request = edge.SearchRequest(wanted, limit, filter=let, params=params)
        found = shard.search(request)
        if len(found) < limit or not params.exact or found[k - 1].score > found[-1].score:
            break
        limit *= 8
    found.sort(key=lambda point: (-point.score, point.id))
    return candidates(shard, {number_of(point): point.score for point in found[:k]})
