"""What several signals say of the products becomes one score each: ``fuse``, or by rank alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

Scores = Mapping[str, float]
"""The raw score of each product in one signal: a cosine, or BM25 for words."""
Shares = dict[str, dict[str, float]]
"""What each signal gives to the score of each product; a product's score is their sum."""

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "picture": 3.0,
        "text_picture": 4.0,
        "text": 1.0,
        "words": 1.0,
        "colour": 1.0,
        "unwanted": 1.0,
    }
)
"""How much each signal counts: ``picture`` for the photo or product shown, ``text`` for its words
against product texts, ``words`` for shared words, ``text_picture`` for words against pictures,
``colour`` for a colour against those of the product, ``unwanted`` for words asked against.

A picture leads, words correct it. Among words alone, a product that has all of a rare word or
title gains more from ``words`` than ``text`` can give to any other. Cosines of words against
pictures lie close together (0.1 to 0.35 in CLIP), hence their large weight. Chosen on a half of
fashion products, told in docs/decisions/0007-fusion.md: a larger weight of the picture keeps more
of the kind and less of what words ask for. Words and text, on 2,000 fashion titles with the bundled
encoder: the product of a code is first in 150 of 150, of a title in 146 (some titles are twins).
"""

HALF = 4.0
"""The BM25 score at which words are half convincing; one rare word shared."""

LATE = 60
"""The rank constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009)."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How the weights of what was asked enter a signal.

    Several things asked in one space are asked as one: with the sum of their weighted unit
    vectors, ``norm`` long. ``size`` sums the weights without their signs, ``against`` those below
    0. One thing asked with weight 1 is 1, 1 and 0.
    """

    norm: float = 1.0
    size: float = 1.0
    against: float = 0.0


ONE = Scale()


def fuse(
    signals: Mapping[str, Scores],
    weights: Mapping[str, float] = WEIGHTS,
    scales: Mapping[str, Scale] | None = None,
) -> dict[str, float]:
    """Weigh all signals into one score in [0, 1] for every product that any of them names."""
    return totals(shares(signals, weights, scales))


def totals(shares: Shares) -> dict[str, float]:
    """Add up what the signals gave."""
    return {product_id: sum(given.values()) for product_id, given in shares.items()}


def shares(
    signals: Mapping[str, Scores],
    weights: Mapping[str, float] = WEIGHTS,
    scales: Mapping[str, Scale] | None = None,
) -> Shares:
    """Tell what each signal gives to the score of every product that any of them names.

    The score is the weighted mean of what was asked, each thing with the weight of its signal
    times its own. A cosine ``s`` gives ``(1 + s) / 2``; a BM25 score ``x`` gives
    ``x / (best + 4)``, where ``best`` is the highest in the list, so that scores keep their
    proportions and a list of weak matches stays weak; a colour's cosine, never below 0, gives
    itself. A thing asked against gives what is missing to 1. A product that a signal does not name
    gets 1/2 from cosines, as if unrelated, and 0 from words and colours.

    A product whose score rises in one signal never falls in the answer (never rises, if that is
    asked against), and a signal alone keeps its order. (Linear combination of normalised scores:
    Fox and Shaw, 1994; Bruch et al., 2023. Weighted sums of vectors: Rocchio, 1971.)
    """
    known = scales or {}
    total = sum(weights[name] * known.get(name, ONE).size for name in signals)
    given: Shares = {p: {} for scores in signals.values() for p in scores}
    for name, scores in signals.items():
        scale = known.get(name, ONE)
        best = max(scores.values(), default=0.0)
        for product_id, theirs in given.items():
            value = _value(name, scores.get(product_id, 0.0), best, scale)
            theirs[name] = weights[name] / total * value
    return given


def shares_by_rank(
    signals: Mapping[str, Scores],
    weights: Mapping[str, float] = WEIGHTS,
    scales: Mapping[str, Scale] | None = None,
) -> Shares:
    """Do the same by places alone: place ``r`` in a signal gives ``61 / (60 + r)`` of its weight.

    A product that a signal does not name gets nothing from it, and all of it from what is asked
    against. (Reciprocal rank fusion: Cormack, Clarke and Büttcher, 2009.)
    """
    known = scales or {}
    total = sum(weights[name] * known.get(name, ONE).size for name in signals)
    given: Shares = {p: {} for scores in signals.values() for p in scores}
    for name, scores in signals.items():
        part = weights[name] * known.get(name, ONE).size / total
        ordered = sorted(scores, key=lambda p: (-scores[p], p))
        places = {p: (LATE + 1) / (LATE + place) for place, p in enumerate(ordered, 1)}
        for product_id, theirs in given.items():
            value = places.get(product_id, 0.0)
            theirs[name] = part * (1 - value if name == "unwanted" else value)
    return given


FUSIONS = {"sum": shares, "rank": shares_by_rank}


def _value(name: str, score: float, best: float, scale: Scale) -> float:
    """Bring one raw score to [0, size]."""
    if name == "words":
        return scale.size * score / (best + HALF)
    if name == "unwanted":
        return scale.size * (1 - score / (best + HALF))
    if name == "colour":
        return scale.against + scale.norm * score
    return (scale.size + scale.norm * score) / 2
