"""Answers with known truth become a calibration, and a calibration is judged by others."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from shoplens.rank.calibration import (
    Calibration,
    Column,
    Curve,
    Evidence,
    Slant,
    Way,
    auroc,
    brier,
    calibration_error,
    fit_curve,
    fit_slant,
    reliability,
)
from shoplens.rank.confidence import (
    AskedBy,
    Categories,
    CategoryPath,
    branch,
    elect,
    evidence_of,
    guess_category,
    weigh,
)
from shoplens.types import RankedProduct

FIRST = 10
"""So many hits of an answer are pairs to learn from; the first counts as much as it is seen."""
OUTSIDE = 1 / 3
"""How many questions are taken to be for what the shop does not sell."""
FEWEST = 40
"""Answers that a way to ask needs to be learnt; with fewer it stays what it was."""
LEVELS_AND_LEADS = ("", ".lead", ".rise")
"""Endings of the columns that a shop learns from."""
FLAT = Curve({}, 0.0)


@dataclass(frozen=True, slots=True)
class Case:
    """An answer, and the groups that were meant; ``outside`` when the shop sells none of them.

    ``category`` is that of what was meant, empty if not known. Cases of one ``key`` show one
    thing, and are learnt from or judged by together.
    """

    products: tuple[RankedProduct, ...]
    asked: AskedBy
    groups: frozenset[str]
    category: CategoryPath
    key: str
    outside: bool = False

    @property
    def name(self) -> str:
        """Name the way it was asked."""
        return "+".join(self.asked.kinds().values())


def without(case: Case) -> Case:
    """Take what was meant out of an answer: the shop as if it did not sell it."""
    kept = tuple(p for p in case.products if (p.group_id or p.product_id) not in case.groups)
    return replace(case, products=kept, outside=True)


def halves(cases: Iterable[Case]) -> tuple[list[Case], list[Case]]:
    """Split cases into those to learn from and those to judge by, by a hash of their keys."""
    found: tuple[list[Case], list[Case]] = [], []
    for case in cases:
        found[hashlib.sha256(case.key.encode()).digest()[0] % 2].append(case)
    return found


# ---- learning ------------------------------------------------------------------------------------


def learn(
    cases: Sequence[Case],
    base: Calibration,
    categories: Categories,
    *,
    endings: Sequence[str] = LEVELS_AND_LEADS,
) -> Calibration:
    """Learn every way that enough cases were asked; the others stay as in ``base``."""
    by_way: dict[str, list[Case]] = {}
    for case in cases:
        if case.products:
            by_way.setdefault(case.name, []).append(case)
    asked = {name: found for name, found in by_way.items() if len(found) >= FEWEST}
    ways = {name: _meant(name, found, endings) for name, found in asked.items()}
    draft = replace(base, ways={**base.ways, **ways})
    slants = _slants([case for found in asked.values() for case in found], draft, categories)
    draft = replace(draft, slants=slants)
    ways = {
        name: _kinds(name, draft, found, base, categories, endings) for name, found in asked.items()
    }
    return replace(draft, ways={**base.ways, **ways})


def _meant(name: str, cases: Sequence[Case], endings: Sequence[str]) -> Way:
    parts = [evidence_of(case.products, case.asked) for case in cases]
    evidence = _joined([{n: column[:FIRST] for n, column in told.items()} for told in parts])
    right = np.concatenate([_right(case)[:FIRST] for case in cases])
    columns = [kind + ending for kind in name.split("+") for ending in endings]
    return Way(
        fit_curve(evidence, right, _weights(cases), only=columns), FLAT, FLAT, FLAT, len(right)
    )


def _slants(cases: Sequence[Case], draft: Calibration, categories: Categories) -> dict[str, Slant]:
    """Learn how each top-level category differs, from the first hits, which are what is told."""
    plain = replace(draft, slants={})
    found: dict[str, list[tuple[float, float, float]]] = {}
    for case in cases:
        name = branch(categories.get(case.products[0].product_id, ()))
        odds = weigh(case.products, case.asked, plain, categories).odds[0]
        found.setdefault(name, []).append((float(odds), float(_right(case)[0]), 2 * _prior(case)))
    if len(found) < 2:
        return {}
    return {name: fit_slant(*np.array(found[name]).T) for name in sorted(found) if name}


def _kinds(
    name: str,
    draft: Calibration,
    cases: Sequence[Case],
    base: Calibration,
    categories: Categories,
    endings: Sequence[str],
) -> Way:
    """Learn when a hit is of the kind that was meant, and when the guess of the kind is right."""
    way = draft.ways[name]
    known = [case for case in cases if case.category]
    if len(known) < FEWEST:
        old = base.ways.get(name, way)
        return replace(way, kind=old.kind, blind=old.blind, guess=old.guess)
    told: list[dict[str, Column]] = []
    elected: list[dict[str, Column]] = []
    same: list[Column] = []
    guessed: list[float] = []
    for case in known:
        hits = weigh(case.products, case.asked, draft, categories)
        columns = evidence_of(case.products, case.asked) if "" in endings else {}
        evidence = {n: columns[n][:FIRST] for n in name.split("+") if n in columns}
        told.append({**evidence, "odds": hits.odds[:FIRST], "vote": hits.agreed[:FIRST]})
        same.append(_same(case, categories)[:FIRST])
        category, share = elect(hits.votes)
        elected.append({"odds": np.array([hits.odds.max()]), "vote": np.array([share])})
        guessed.append(float(bool(category) and _within(case.category, category)))
    joined, right, weights = _joined(told), np.concatenate(same), _weights(known)
    unseen = [column for column in joined if column != "vote"]
    return replace(
        way,
        kind=fit_curve(joined, right, weights),
        blind=fit_curve(joined, right, weights, only=unseen),
        guess=fit_curve(_joined(elected), np.array(guessed), np.array([_prior(c) for c in known])),
    )


def _joined(parts: Sequence[Mapping[str, Column]]) -> Evidence:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _right(case: Case) -> Column:
    return np.array([float((p.group_id or p.product_id) in case.groups) for p in case.products])


def _same(case: Case, categories: Categories) -> Column:
    return np.array([float(categories.get(p.product_id) == case.category) for p in case.products])


def _within(category: CategoryPath, broader: CategoryPath) -> bool:
    return category[: len(broader)] == broader


def _prior(case: Case) -> float:
    return OUTSIDE if case.outside else 1 - OUTSIDE


def _weights(cases: Sequence[Case]) -> Column:
    """Weigh each pair: the second hit half as much as the first, the third a third."""
    shares = 1 / np.arange(1, FIRST + 1)
    return np.concatenate([_prior(c) * shares[: len(c.products)] for c in cases])


# ---- judging -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judged:
    """How well the confidence of first hits was told, over so many ``answers``.

    ``error`` is the expected calibration error, ``outside`` the AUROC of telling what the shop
    sells from what it does not, ``guesses`` the share of right category guesses and ``guess_error``
    their calibration error. ``bins`` hold mean confidence told, share right, answers.
    """

    answers: int
    right: float
    error: float
    brier: float
    outside: float
    guesses: float
    guess_error: float
    bins: tuple[tuple[float, float, int], ...]


def judge(cases: Sequence[Case], calibration: Calibration, categories: Categories) -> Judged:
    """Ask a calibration about answers that it was not learnt from."""
    cases = [case for case in cases if case.products]
    told: list[float] = []
    guesses: list[tuple[float, float]] = []
    for case in cases:
        told.append(float(weigh(case.products, case.asked, calibration, categories).meant[0]))
        if case.category:
            guess = guess_category(case.products, case.asked, calibration, categories)
            hit = bool(guess.category) and _within(case.category, guess.category)
            guesses.append((guess.confidence, float(hit)))
    sure, right = np.array(told), np.array([_right(case)[0] for case in cases])
    inside = np.array([float(not case.outside) for case in cases])
    guess, hit = np.array(guesses).reshape(-1, 2).T
    return Judged(
        len(cases),
        float(right.mean()) if cases else 0.0,
        calibration_error(sure, right),
        brier(sure, right),
        auroc(sure, inside),
        float(hit.mean()) if guesses else 0.0,
        calibration_error(guess, hit),
        tuple(reliability(sure, right)),
    )


def some_outside(cases: Iterable[Case]) -> list[Case]:
    """Take what was meant out of a third of the answers, chosen by a hash of their keys."""
    found: list[Case] = []
    for case in cases:
        third = hashlib.sha256(case.key.encode()).digest()[1] % 3 == 0
        found.append(without(case) if third else case)
    return found
