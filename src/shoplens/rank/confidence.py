"""How sure an answer is: each hit's evidence becomes the probability that it is what was meant.

Evidence of one signal is how high a hit scores (its level), how far it is ahead of the best of the
other groups (``lead``), and how far it stands out from them, in their own deviations (``rise``;
``gap`` is the lead in these). All hits are compared with the same products, whatever page is
shown, and all evidence grows with a hit's own score: one that scores more is never told less.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64, Int64

from shoplens.catalogue.fields import fold
from shoplens.rank.calibration import Calibration, Column, Slant, Way, probability
from shoplens.types import Match, RankedProduct

CategoryPath = tuple[str, ...]
Categories = Mapping[str, CategoryPath]
"""The category path of each product that has one, from broad to narrow."""

NEAREST = 20
"""So many groups vote for a category."""
HALF_WORDS = 8.0
"""The BM25 score that is half convincing where nobody says what a full match would score."""
STEADY = 0.02
"""The least deviation that the other groups are taken to have."""
FAR = 8.0
_SAME = Slant(1.0, 0.0)


@dataclass(frozen=True, slots=True)
class AskedBy:
    """Which signals a question had; ``ideal`` is the words score of a full match, 0 if not known.

    ``by_product`` says that the picture was that of a product, not a visitor's photo.
    """

    signals: tuple[str, ...]
    ideal: float = 0.0
    by_product: bool = False

    def kinds(self) -> dict[str, str]:
        """Name the evidence that each signal is, in the order of these names."""
        kinds = {signal: signal for signal in self.signals}
        if self.ideal > 0 and "words" in kinds:
            kinds["words"] = "coverage"
        if self.by_product and "picture" in kinds:
            kinds["picture"] = "product"
        return dict(sorted(kinds.items(), key=lambda kind: kind[1]))


@dataclass(frozen=True, slots=True)
class Guess:
    """The category that is probably meant; an empty path when nothing speaks for one."""

    category: CategoryPath
    confidence: float


def assess(
    products: Sequence[RankedProduct],
    asked: AskedBy,
    calibration: Calibration,
    categories: Categories,
    among: Sequence[RankedProduct] | None = None,
) -> list[RankedProduct]:
    """Tell of each product how likely it, or a variant of it, is meant; the order stays.

    ``among`` are the first products found, with which those of every page are compared;
    ``products`` themselves if not given. A hit is ``similar`` when it is no ``strong`` one but
    probably of the category that is meant.
    """
    if not products:
        return []
    hits = weigh(products, asked, calibration, categories, among)
    cuts = calibration.strong, calibration.similar
    return [
        replace(product, confidence=round(meant, 4), match=_match(meant, kind, cuts))
        for product, meant, kind in zip(
            products, hits.meant.tolist(), hits.kind.tolist(), strict=True
        )
    ]


def guess_category(
    products: Sequence[RankedProduct],
    asked: AskedBy,
    calibration: Calibration,
    categories: Categories,
) -> Guess:
    """Guess the category that is meant from the nearest groups, each voting by its confidence.

    The guess goes as deep as more than half of the votes agree.
    """
    if not products:
        return Guess((), 0.0)
    hits = weigh(products, asked, calibration, categories)
    way, _ = way_of(asked, calibration)
    category, share = elect(hits.votes)
    if way is None or not category:
        return Guess((), 0.0)
    told = {"vote": np.array([share]), "odds": np.array([hits.odds.max()])}
    return Guess(category, round(float(probability(way.guess.odds(told, 1))[0]), 4))


def best_match(products: Sequence[RankedProduct]) -> Match:
    """Tell what the best of these is; ``none`` means that an answer has no confident match."""
    found = {product.match for product in products}
    return "strong" if "strong" in found else "similar" if "similar" in found else "none"


def way_of(asked: AskedBy, calibration: Calibration) -> tuple[Way | None, AskedBy]:
    """Choose the way that weighs most of what was asked, and leave out what it does not weigh.

    Words are weighed as they are where nothing was learnt of their share of a full match.
    """
    for heard in (asked, replace(asked, ideal=0.0)):
        kinds = heard.kinds()
        fitting = [
            name for name in calibration.ways if {*kinds.values()}.issuperset(name.split("+"))
        ]
        most = max(fitting, key=lambda name: (name.count("+"), name), default="")
        if most:
            signals = tuple(signal for signal, kind in kinds.items() if kind in most.split("+"))
            return calibration.ways[most], replace(heard, signals=signals)
    return None, replace(asked, signals=())


def _match(meant: float, kind: float, cuts: tuple[float, float]) -> Match:
    strong, similar = cuts
    return "strong" if meant >= strong else "similar" if kind >= similar else "none"


# ---- weighing ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hits:
    """How likely each product is meant, and is of the category that is meant.

    ``odds`` are the log-odds behind ``meant``, ``agreed`` the share of votes for each product's own
    category, ``votes`` those of all categories.
    """

    meant: Column
    kind: Column
    odds: Column
    agreed: Column
    votes: Mapping[CategoryPath, float]


def weigh(
    products: Sequence[RankedProduct],
    asked: AskedBy,
    calibration: Calibration,
    categories: Categories,
    among: Sequence[RankedProduct] | None = None,
) -> Hits:
    """Work out both probabilities of each product; what was never calibrated is told 0."""
    n = len(products)
    rows = [*products, *among] if among else products
    first = n if among else 0
    way, heard = way_of(asked, calibration)
    evidence = evidence_of(rows, heard, first)
    odds = way.meant.odds(evidence, len(rows)) if way else np.full(len(rows), -30.0)
    odds = _slanted(odds, rows, calibration, categories)
    votes = _votes(rows[first:], probability(odds[first:]), categories)
    told = {name: column[:n] for name, column in evidence.items()}
    told["odds"] = odds[:n]
    told["vote"] = _shares(products, votes, categories)
    exact = np.array([calibration.exact if p.exact else 0.0 for p in products])
    meant = np.maximum(probability(odds[:n]), exact)
    kind = meant
    if way:
        known = np.array([bool(categories.get(p.product_id)) for p in products])
        odds_of_kind = np.where(known, way.kind.odds(told, n), way.blind.odds(told, n))
        kind = np.maximum(probability(odds_of_kind), meant)
    return Hits(meant, kind, odds[:n], told["vote"], votes)


def evidence_of(rows: Sequence[RankedProduct], asked: AskedBy, first: int = 0) -> dict[str, Column]:
    """Measure every row against the groups of those from place ``first`` on.

    Columns are named ``picture``, ``picture.lead``, ``picture.rise`` and ``picture.gap``.
    """
    groups = [row.group_id or row.product_id for row in rows]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(groups[first:]))}
    group = np.array([numbers.get(name, -1) for name in groups])
    told: dict[str, Column] = {}
    for signal, kind in asked.kinds().items():
        level = _levels(rows, signal, asked.ideal)
        best = np.zeros(len(numbers))
        np.maximum.at(best, group[first:], level[first:])
        top, mean, deviation = _others(best, group)
        lead = level - top
        told[kind] = level
        told[f"{kind}.lead"] = lead
        told[f"{kind}.rise"] = np.minimum((level - mean) / deviation, FAR)
        told[f"{kind}.gap"] = np.minimum(lead / deviation, FAR)
    return told


def _levels(rows: Sequence[RankedProduct], signal: str, ideal: float) -> Column:
    """Bring raw scores to [0, 1]: a cosine below 0 is none, words count by what they could be."""
    raw = np.array([row.signals.get(signal, 0.0) for row in rows], np.float64)
    if signal != "words":
        return np.maximum(raw, 0.0)
    return np.minimum(raw / ideal, 1.0) if ideal > 0 else raw / (raw + HALF_WORDS)


def _others(
    best: Float64[np.ndarray, " g"], group: Int64[np.ndarray, " n"]
) -> tuple[Column, Column, Column]:
    """Give the highest, the mean and the deviation of all groups but each row's own.

    ``best`` is used up.
    """
    own = np.where(group >= 0, best[group], 0.0)
    left = len(best) - (group >= 0)
    count = np.maximum(left, 1)
    mean = (best.sum() - own) / count
    square = (best @ best - own**2) / count
    deviation = np.sqrt(np.maximum(square - mean**2, 0.0)) + STEADY
    leader = int(best.argmax())
    highest = float(best[leader])
    best[leader] = 0.0
    return np.where(group == leader, best.max(), highest), mean, deviation


def _slanted(
    odds: Column, rows: Sequence[RankedProduct], calibration: Calibration, categories: Categories
) -> Column:
    """Apply what is known of the category of each row."""
    if not calibration.slants:
        return odds
    slants = [
        calibration.slants.get(branch(categories.get(row.product_id, ())), _SAME) for row in rows
    ]
    return odds * [s.slope for s in slants] + [s.shift for s in slants]


def branch(category: CategoryPath) -> str:
    """Name the top level of a path as calibrations do; empty for no path."""
    return fold(category[0]) if category else ""


# ---- voting --------------------------------------------------------------------------------------


def _votes(
    rows: Sequence[RankedProduct], weights: Column, categories: Categories
) -> dict[CategoryPath, float]:
    """Let the nearest groups vote, each once, by its most likely product; shares add up to 1."""
    voted: set[str] = set()
    votes: dict[CategoryPath, float] = {}
    order: list[int] = np.argsort(-weights, kind="stable").tolist()
    for place in order:
        row = rows[place]
        if (group := row.group_id or row.product_id) not in voted:
            voted.add(group)
            path = categories.get(row.product_id, ())
            votes[path] = votes.get(path, 0.0) + float(weights[place])
        if len(voted) == NEAREST:
            break
    total = sum(votes.values()) or 1.0
    return {path: vote / total for path, vote in votes.items()}


def _shares(
    products: Sequence[RankedProduct],
    votes: Mapping[CategoryPath, float],
    categories: Categories,
) -> Column:
    paths = [categories.get(product.product_id, ()) for product in products]
    return np.array([votes.get(path, 0.0) if path else 0.0 for path in paths])


def elect(votes: Mapping[CategoryPath, float]) -> tuple[CategoryPath, float]:
    """Go down the tree of categories as long as one branch has more than half of all votes."""
    elected: CategoryPath = ()
    share = 1.0
    while True:
        depth = len(elected)
        branches: dict[CategoryPath, float] = {}
        for path, vote in votes.items():
            if len(path) > depth and path[:depth] == elected:
                narrower = path[: depth + 1]
                branches[narrower] = branches.get(narrower, 0.0) + vote
        best = max(branches, key=lambda path: branches[path], default=())
        if not best or (elected and branches[best] <= 0.5):
            return elected, share if elected else 0.0
        elected, share = best, branches[best]
