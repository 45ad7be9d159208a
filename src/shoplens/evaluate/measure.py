"""Judgements and a run become figures: every metric of every question, and means of them."""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from shoplens.errors import MismatchError
from shoplens.evaluate import metrics
from shoplens.evaluate.compare import Compared, Interval, compare, interval
from shoplens.evaluate.judged.judgements import Judgements
from shoplens.evaluate.runs import Run

Groups = Mapping[str, str]
"""What each question is about, by ``query_id``: those about one thing are not independent."""
Figures = Mapping[str, Interval]
"""The mean and interval of each metric, by its name."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One value a question, by the name of the metric; ``query_ids`` are in the same order.

    ``capped`` questions have more right products than places were ranked.
    """

    query_ids: tuple[str, ...]
    values: Mapping[str, metrics.PerQuery]
    capped: int


def measure(judgements: Judgements, run: Run, k: int, depth: int) -> Measured:
    """Take every metric of the questions that were asked and have something right.

    Rankings are looked at down to ``depth``, which R of mAP@R is capped at.

    Raises:
        MismatchError: the run answers none of the questions.
    """
    ids = tuple(
        question.query_id
        for question in judgements.questions
        if question.query_id in run.rankings
        and any(grade > 0 for grade in judgements.grades.get(question.query_id, {}).values())
    )
    if not ids:
        what = f"none of {len(judgements.questions)} questions was answered"
        raise MismatchError(f"{what} and has a right product in the shop; judge others")
    gains, ideal, relevant = _arrays(judgements, run, ids, depth)
    capped = np.minimum(relevant, depth)
    values = {
        "success@1": metrics.success_at(gains, 1),
        f"success@{k}": metrics.success_at(gains, k),
        f"recall@{k}": metrics.recall_at(gains, relevant, k),
        f"precision@{k}": metrics.precision_at(gains, k),
        f"MRR@{k}": metrics.reciprocal_rank(gains, k),
        f"mAP@{k}": metrics.average_precision(gains, relevant, k),
        "mAP@R": metrics.map_at_r(gains, capped),
        f"nDCG@{k}": metrics.ndcg_at(gains, ideal, k),
    }
    return Measured(ids, values, int((relevant > depth).sum()))


def _arrays(
    judgements: Judgements, run: Run, ids: Sequence[str], depth: int
) -> tuple[Float64[np.ndarray, "q k"], Float64[np.ndarray, "q k"], Int64[np.ndarray, " q"]]:
    """Give gains, ideal gains down to ``depth``, and how many products are right."""
    gains, ideal = np.zeros((len(ids), depth)), np.zeros((len(ids), depth))
    relevant = np.zeros(len(ids), np.int64)
    for row, query_id in enumerate(ids):
        grades = judgements.grades[query_id]
        for place, product_id in enumerate(run.ids(query_id)[:depth]):
            gains[row, place] = grades.get(product_id, 0.0)
        best = heapq.nlargest(depth, grades.values())
        ideal[row, : len(best)] = best
        relevant[row] = sum(grade > 0 for grade in grades.values())
    return gains, ideal, relevant


def figures_of(
    measured: Measured,
    groups: Groups,
    rng: np.random.Generator,
    kept: Sequence[int] | None = None,
) -> Figures:
    """Average each metric over all questions, or those at the places ``kept``."""
    places = range(len(measured.query_ids)) if kept is None else kept
    about = _about([measured.query_ids[place] for place in places], groups)
    return {
        name: interval(values[list(places)], rng, groups=about)
        for name, values in measured.values.items()
    }


def compare_measured(
    before: Measured, after: Measured, groups: Groups, rng: np.random.Generator
) -> Mapping[str, Compared]:
    """Compare every metric over the questions that both runs answered.

    Raises:
        MismatchError: there is no such question.
    """
    places = {query_id: place for place, query_id in enumerate(before.query_ids)}
    shared = [query_id for query_id in after.query_ids if query_id in places]
    if not shared:
        raise MismatchError("the two runs share no question; ask both the same ones")
    old = [places[query_id] for query_id in shared]
    new = [place for place, query_id in enumerate(after.query_ids) if query_id in places]
    about = _about(shared, groups)
    return {
        name: compare(before.values[name][old], values[new], rng, about)
        for name, values in after.values.items()
    }


def _about(query_ids: Sequence[str], groups: Groups) -> list[str]:
    return [groups.get(query_id, f"\0{query_id}") for query_id in query_ids]
