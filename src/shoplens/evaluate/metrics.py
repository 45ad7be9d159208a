"""How good rankings are: one value a query, for all queries at once.

``gains`` (q, k) holds the grade of each ranked product, best first; 0 is not right, or nothing
stood there. ``relevant`` (q,) counts the right products of each query, found or not. A query
without any has the value 0: leave it out of a mean. Higher is better, always.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int, Int64

from shoplens.errors import MismatchError

Order = Int[np.ndarray, "q k"]
"""Rows of a gallery, best first; -1 where a ranking is shorter than ``k``."""
Gains = Float[np.ndarray, "q k"]
Relevant = Int[np.ndarray, " q"]
PerQuery = Float64[np.ndarray, " q"]
Labels = Sequence[str] | Int[np.ndarray, " n"]

BLOCK_SCORES = 1 << 23
"""So many scores are held at a time, 64 MB."""


# ---- rankings become gains -----------------------------------------------------------------------


def rank_gallery(
    queries: Float[np.ndarray, "q d"], gallery: Float[np.ndarray, "n d"], k: int
) -> Int64[np.ndarray, "q k"]:
    """Give the ``k`` rows of ``gallery`` with the highest inner product; ties by row number.

    Exact; all ``n`` where there are fewer than ``k``. Summed in float64 and compared in float32,
    so that equal rows tie wherever they stand.

    Raises:
        MismatchError: the dimensions differ, or a number is not finite.
    """
    _check_rows(queries, gallery)
    k = min(k, len(gallery))
    order = np.empty((len(queries), k), np.int64)
    wide = gallery.astype(np.float64)
    step = max(BLOCK_SCORES // max(len(gallery), 1), 1)
    for start in range(0, len(queries) if k else 0, step):
        block = queries[start : start + step].astype(np.float64)
        scores = (block @ wide.T).astype(np.float32)  # (step, n)
        least = np.partition(scores, -k, axis=1)[:, -k]
        for place, row in enumerate(scores):
            near = np.flatnonzero(row >= least[place])
            order[start + place] = near[np.argsort(-row[near], kind="stable")[:k]]
    return order


def _check_rows(queries: Float[np.ndarray, "q d"], gallery: Float[np.ndarray, "n e"]) -> None:
    if queries.shape[1] != gallery.shape[1]:
        told = f"the queries have {queries.shape[1]} dimensions, the gallery {gallery.shape[1]}"
        raise MismatchError(f"{told}; encode both with one encoder")
    for name, rows in (("queries", queries), ("gallery", gallery)):
        if not np.isfinite(rows).all():
            raise MismatchError(f"the {name} hold numbers that are not finite; leave such rows out")


def gains_of(
    order: Order, right: Bool[np.ndarray, "q n"] | Float[np.ndarray, "q n"]
) -> Float32[np.ndarray, "q k"]:
    """Look up the grade of each ranked row; ``right`` holds that of every row for every query."""
    found = np.take_along_axis(right, np.maximum(order, 0), axis=1)
    return np.where(order >= 0, found, 0).astype(np.float32)


def label_gains(
    order: Order, query_labels: Labels, gallery_labels: Labels
) -> Float32[np.ndarray, "q k"]:
    """Grade a ranked row 1 where its label is that of the query, else 0."""
    numbers: dict[str | int, int] = {}
    gallery = _numbered(gallery_labels, numbers)
    wanted = _numbered(query_labels, numbers)
    found = gallery[np.maximum(order, 0)] if len(gallery) else np.full(order.shape, -1)
    return ((found == wanted[:, None]) & (order >= 0)).astype(np.float32)


def _numbered(labels: Labels, numbers: dict[str | int, int]) -> Int64[np.ndarray, " n"]:
    """Number labels as they come; equal ones have one number."""
    told: list[str | int] = labels.tolist() if isinstance(labels, np.ndarray) else list(labels)
    return np.array([numbers.setdefault(label, len(numbers)) for label in told], np.int64)


# ---- gains become values -------------------------------------------------------------------------


def success_at(gains: Gains, k: int) -> PerQuery:
    """Tell whether at least one of the first ``k`` is right: hit rate, or R@k of photo retrieval.

    (Kalantidis et al., 2013; Song et al., 2016 call it Recall@K.)
    """
    return np.minimum(_right_among(gains, k), 1.0)


def recall_at(gains: Gains, relevant: Relevant, k: int) -> PerQuery:
    """Give the share of all right products that stand among the first ``k``."""
    return _right_among(gains, k) / np.maximum(relevant, 1)


def precision_at(gains: Gains, k: int) -> PerQuery:
    """Give the share of the first ``k`` that is right; places left empty count as wrong."""
    return _right_among(gains, k) / k


def reciprocal_rank(gains: Gains, k: int) -> PerQuery:
    """Give 1 / place of the first right product, 0 if none is among the first ``k``.

    (Voorhees, 1999.)
    """
    right = gains[:, :k] > 0
    if not right.shape[1]:
        return np.zeros(len(right))
    return np.where(right.any(axis=1), 1.0 / (right.argmax(axis=1) + 1), 0.0)


def average_precision(gains: Gains, relevant: Relevant, k: int | None = None) -> PerQuery:
    """Average the precision at the place of each right product; one that is missing counts 0.

    Only the first ``k`` are looked at if given, and still divided by all right products, as
    trec_eval's ``map_cut`` does. (Buckley and Voorhees, 2000.)
    """
    return _precisions(gains[:, :k]).sum(axis=1) / np.maximum(relevant, 1)


def map_at_r(gains: Gains, relevant: Relevant) -> PerQuery:
    """Average the precision at the right products among the first R, R being how many there are.

    (Musgrave, Belongie and Lim, 2020.)

    Raises:
        MismatchError: a query has more right products than were ranked.
    """
    most = int(relevant.max(initial=0))
    if most > gains.shape[1]:
        told = f"a query has {most} right products, its ranking {gains.shape[1]} places"
        raise MismatchError(f"{told}; rank at least {most}, or cap R")
    within = np.arange(most) < relevant[:, None]
    return np.where(within, _precisions(gains[:, :most]), 0.0).sum(axis=1) / np.maximum(relevant, 1)


def ndcg_at(gains: Gains, ideal: Float[np.ndarray, "q m"], k: int) -> PerQuery:
    """Discount grades by log2(place + 1), as a share of what the best order would have.

    ``ideal`` holds the grades of all right products, highest first, then zeros. Grades count as
    they are, not as 2^grade - 1. (Järvelin and Kekäläinen, 2002.)
    """
    best = _discounted(ideal[:, :k])
    return np.divide(_discounted(gains[:, :k]), best, out=np.zeros(len(gains)), where=best > 0)


def _right_among(gains: Gains, k: int) -> PerQuery:
    return np.count_nonzero(gains[:, :k] > 0, axis=1).astype(np.float64)


def _precisions(gains: Gains) -> Float64[np.ndarray, "q k"]:
    """Give the precision up to each place that is right, 0 at the others."""
    right = gains > 0
    return np.where(right, right.cumsum(axis=1) / _places(gains), 0.0)


def _discounted(gains: Gains) -> PerQuery:
    return gains.astype(np.float64) @ (1.0 / np.log2(_places(gains) + 1.0))


def _places(gains: Gains) -> Float64[np.ndarray, " k"]:
    k: int = gains.shape[1]
    return np.arange(1, k + 1, dtype=np.float64)
