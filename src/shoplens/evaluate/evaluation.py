"""A whole evaluation: questions were asked, figures taken, split, compared, and failures listed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from shoplens.answer.calibrating.questions import group_of
from shoplens.evaluate.asking import Asked
from shoplens.evaluate.compare import Compared
from shoplens.evaluate.judged.judgements import Judgements, Question
from shoplens.evaluate.judged.labels import Products, coarse, label_told, labels_of
from shoplens.evaluate.measure import (
    Figures,
    Groups,
    Measured,
    compare_measured,
    figures_of,
    measure,
)
from shoplens.evaluate.robustness import Point
from shoplens.evaluate.runs import Placed, Run
from shoplens.types import Rejection

WORST = 24
"""Failures that are kept."""
SHOWN = 5
"""Products of a failed ranking that are kept."""
SPLITS = 50
"""A column of more values than that is no slice unless it is asked for."""
BRANCH = "category:1"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to take: metrics at ``k``, by which fields, and judged by labels of a coarser one.

    ``depth`` places of each ranking are looked at.
    """

    k: int = 10
    depth: int = 10
    by: tuple[str, ...] = ()
    coarse: str = ""


@dataclass(frozen=True, slots=True)
class Slice:
    """Figures of the questions that have one value in a field."""

    field: str
    value: str
    questions: int
    figures: Figures


@dataclass(frozen=True, slots=True)
class Latency:
    """How long questions took, from the photo's file to the ranking, one at a time."""

    p50_ms: float
    p95_ms: float
    mean_ms: float
    questions: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A product that came, and how right it is."""

    placed: Placed
    grade: float


@dataclass(frozen=True, slots=True)
class Failure:
    """A question that was answered badly: what came first, and what should have."""

    question: Question
    value: float
    came: tuple[Shown, ...]
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that was found; ``compared`` and ``robustness`` are empty where not asked for.

    ``coarse`` holds the figures judged by labels. ``capped`` questions have more right products
    than ``plan.depth``. The first of ``failures`` is the worst.
    """

    plan: Plan
    questions: int
    products: int
    figures: Figures
    coarse: Figures
    slices: tuple[Slice, ...]
    capped: int
    latency: Latency | None
    compared: Mapping[str, Compared]
    robustness: tuple[Point, ...]
    failures: tuple[Failure, ...]
    refused: tuple[Rejection, ...]


def evaluate(
    judgements: Judgements,
    asked: Asked,
    products: Products,
    plan: Plan,
    rng: np.random.Generator,
    before: Run | None = None,
) -> Evaluation:
    """Take all figures of what was asked, and compare them with those of the run ``before``.

    Raises:
        MismatchError: no question was answered, or none that ``before`` holds.
        QueryError: no product has a field of ``plan``.
    """
    measured = measure(judgements, asked.run, plan.k, plan.depth)
    groups = groups_of(judgements, products)
    compared: Mapping[str, Compared] = {}
    if before:
        old = measure(judgements, before, plan.k, plan.depth)
        compared = compare_measured(old, measured, groups, rng)
    return Evaluation(
        plan=plan,
        questions=len(measured.query_ids),
        products=len(products),
        figures=figures_of(measured, groups, rng),
        coarse=_coarse(judgements, asked.run, products, plan, rng),
        slices=_slices(judgements, measured, products, plan, rng),
        capped=measured.capped,
        latency=_latency(asked),
        compared=compared,
        robustness=(),
        failures=_failures(judgements, asked.run, measured),
        refused=(*judgements.refused, *asked.refused, *(before.refused if before else ())),
    )


def with_robustness(evaluation: Evaluation, points: tuple[Point, ...]) -> Evaluation:
    """Put the robustness curve beside the figures."""
    return replace(evaluation, robustness=points)


def groups_of(judgements: Judgements, products: Products) -> Groups:
    """Name the group of the product that each question is about: its best right one."""
    groups: dict[str, str] = {}
    for question in judgements.questions:
        right = judgements.right(question.query_id)
        if right and right[0] in products:
            groups[question.query_id] = group_of(products[right[0]])
    return groups


def _coarse(
    judgements: Judgements, run: Run, products: Products, plan: Plan, rng: np.random.Generator
) -> Figures:
    if not plan.coarse:
        return {}
    widened = coarse(judgements, labels_of(products, plan.coarse))
    measured = measure(widened, run, plan.k, plan.depth)
    return figures_of(measured, groups_of(judgements, products), rng)


# ---- slices --------------------------------------------------------------------------------------


def _slices(
    judgements: Judgements,
    measured: Measured,
    products: Products,
    plan: Plan,
    rng: np.random.Generator,
) -> tuple[Slice, ...]:
    """Split by what was asked for; else by the file's own columns and by category."""
    groups = groups_of(judgements, products)
    columns = {name for question in judgements.questions for name in question.slices}
    fields = plan.by or (*sorted(columns), *([BRANCH] if _has_categories(products) else ()))
    slices: list[Slice] = []
    for name in fields:
        told = _values(judgements, products, name, column=name in columns)
        places: dict[str, list[int]] = {}
        for place, query_id in enumerate(measured.query_ids):
            places.setdefault(told[query_id], []).append(place)
        if plan.by or 1 < len(places) <= SPLITS:
            slices += [
                Slice(name, value, len(kept), figures_of(measured, groups, rng, kept))
                for value, kept in sorted(places.items(), key=lambda one: (-len(one[1]), one[0]))
            ]
    return tuple(slices)


def _has_categories(products: Products) -> bool:
    return any(product.category for product in products.values())


def _values(
    judgements: Judgements, products: Products, name: str, *, column: bool
) -> dict[str, str]:
    """Look up what each question has in a column, or what its best right product has in a field."""
    if column:
        return {one.query_id: one.slices.get(name, "") for one in judgements.questions}
    labels = labels_of(products, name)
    return {
        one.query_id: label_told(labels, next(iter(judgements.right(one.query_id)), ""))
        for one in judgements.questions
    }


# ---- time and failures ---------------------------------------------------------------------------


def _latency(asked: Asked) -> Latency | None:
    if not asked.took_ms:
        return None
    took = np.array(list(asked.took_ms.values()))
    p50, p95 = np.percentile(took, [50, 95]).tolist()
    return Latency(p50, p95, float(took.mean()), len(took))


def _failures(judgements: Judgements, run: Run, measured: Measured) -> tuple[Failure, ...]:
    """List questions by nDCG, the lowest first; those that were answered perfectly are none."""
    values = list(measured.values.values())[-1]
    questions = {question.query_id: question for question in judgements.questions}
    failures: list[Failure] = []
    places: list[int] = np.argsort(values, kind="stable")[:WORST].tolist()
    for place in places:
        if values[place] < 1 - 1e-9:
            query_id = measured.query_ids[place]
            grades = judgements.grades[query_id]
            came = tuple(
                Shown(placed, grades.get(placed.product_id, 0.0))
                for placed in run.rankings[query_id][:SHOWN]
            )
            wanted = tuple(judgements.right(query_id)[:SHOWN])
            failures.append(Failure(questions[query_id], float(values[place]), came, wanted))
    return tuple(failures)
