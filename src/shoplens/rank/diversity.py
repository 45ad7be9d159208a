"""Variety: the next product is like what was asked, and unlike what already stands above it."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float32, Float64

from shoplens.types import Embedding, RankedProduct


def diverse(
    ranked: Sequence[RankedProduct],
    vectors: Mapping[int, Embedding],
    diversity: float,
    above: Sequence[RankedProduct] = (),
) -> list[RankedProduct]:
    """Order ``ranked``, best first, anew so that neighbours differ; no score changes.

    The next is always the one with the most ``(1 - diversity) score - diversity likeness``, where
    likeness is that to the most alike product chosen before, ``above`` included, as ``(1 + s) / 2``
    of the cosine ``s`` of their ``vectors`` (by row; one without is unrelated to all, cosine 0).
    Ties keep their order, and diversity 0 keeps it all.
    (Maximal marginal relevance, lambda = 1 - diversity: Carbonell and Goldstein, 1998.)
    """
    if diversity <= 0 or len(ranked) < 2:
        return list(ranked)
    rows = _rows([*ranked, *above], vectors)
    alike = (1.0 + (rows @ rows[: len(ranked)].T).astype(np.float64)) / 2.0  # (n + above, n)
    scores = np.array([product.score for product in ranked], np.float64)
    first = alike[len(ranked) :].max(axis=0, initial=0.0)
    chosen = _choose(
        scores * (1.0 - diversity), alike[: len(ranked)] * diversity, diversity * first
    )
    return [ranked[place] for place in chosen]


def _choose(
    gains: Float64[np.ndarray, " n"],
    costs: Float64[np.ndarray, "n n"],
    cost: Float64[np.ndarray, " n"],
) -> list[int]:
    """Take the place with the most ``gains - cost`` until all are taken; the first of equals."""
    gains, chosen = gains.copy(), list[int]()
    for _ in range(len(gains)):
        best = int((gains - cost).argmax())
        chosen.append(best)
        gains[best] = -np.inf
        np.maximum(cost, costs[best], out=cost)
    return chosen


def _rows(
    products: Sequence[RankedProduct], vectors: Mapping[int, Embedding]
) -> Float32[np.ndarray, "n d"]:
    dim = len(next(iter(vectors.values()), ()))
    rows = np.zeros((len(products), dim), np.float32)
    for place, product in enumerate(products):
        if product.row_id in vectors:
            rows[place] = vectors[product.row_id]
    return rows
