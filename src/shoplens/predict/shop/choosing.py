"""Which products to label next: those whose labels would teach most (Settles, 2009)."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Int64

from shoplens.types import Embeddings

Worth = Float64[np.ndarray, " n"]
Chosen = Int64[np.ndarray, " k"]

SAMPLE = 1000
"""So many products tell how crowded the place of another is."""
NEAREST = 10
SHORTLIST = 10
"""So many times ``k`` products are looked at for variety; the rest are sure or far from all."""


def uncertainty(probabilities: Sequence[Float64[np.ndarray, "n _"]]) -> Worth:
    """Tell how unsure heads are of each row: their mean entropy, in shares of the most there is.

    Shannon's entropy (1948), over the logarithm of the number of labels.
    """
    parts = [
        -(p * np.log(np.maximum(p, 1e-12))).sum(axis=1) / np.log(max(p.shape[1], 2))
        for p in probabilities
    ]
    return np.mean(parts, axis=0)


def density(embeddings: Embeddings, rng: np.random.Generator) -> Worth:
    """Tell how like each row is to those nearest to it: the mean cosine of some, from 0 to 1."""
    some = embeddings
    if len(embeddings) > SAMPLE:
        some = embeddings[rng.choice(len(embeddings), SAMPLE, replace=False)]
    likeness = embeddings @ some.T  # (n, s)
    k = min(NEAREST + 1, likeness.shape[1])
    nearest = np.partition(likeness, -k, axis=1)[:, -k:]
    return np.clip(nearest.mean(axis=1, dtype=np.float64), 0, 1)


def choose(worth: Worth, embeddings: Embeddings, taken: Embeddings, k: int) -> Chosen:
    """Choose ``k`` rows that are worth much and unlike each other, and unlike those ``taken``.

    Of the ten times ``k`` worth most, the next is always the one for which its worth times its
    distance to the nearest one chosen or taken is greatest
    (k-centre; Sener and Savarese, 2018).
    """
    short = np.argsort(-worth, kind="stable")[: k * SHORTLIST]
    rows = embeddings[short]
    away = _away(rows, taken)
    chosen: list[int] = []
    for _ in range(min(k, len(short))):
        gain = worth[short] * away
        gain[chosen] = -1
        best = int(gain.argmax())
        chosen.append(best)
        away = np.minimum(away, 1 - rows @ rows[best])
    return short[chosen]


def _away(rows: Embeddings, taken: Embeddings) -> Worth:
    """Give the distance of each row to the nearest taken one, 2 being the largest there is."""
    if not len(taken):
        return np.full(len(rows), 2.0)
    return 1 - (rows @ taken.T).max(axis=1).astype(np.float64)
