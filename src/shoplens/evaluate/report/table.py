"""An evaluation as rows of text, for tables on a terminal or a page."""

from collections.abc import Iterator

import numpy as np

from shoplens.evaluate.compare import Compared, Interval, Verdict
from shoplens.evaluate.evaluation import Evaluation
from shoplens.evaluate.robustness import CORRUPTIONS, LEVELS, Point
from shoplens.types import Rejection

LEVEL_COLUMNS = ("photos with", "untouched", *(f"level {level}" for level in LEVELS))
COMPARED_COLUMNS = ("metric", "before", "now", "difference, 95 % interval", "p", "")
FIRST = "success@1"
SAME: Verdict = "no difference that can be told"


def spread(told: Interval) -> str:
    """Write the bounds of an interval; one product alone tells none."""
    return f"{told.low:.3f}–{told.high:.3f}" if np.isfinite(told.low) else "one product"


def figure_columns(evaluation: Evaluation) -> tuple[str, ...]:
    """Name the columns of ``figure_rows``."""
    wider = (f"by {evaluation.plan.coarse}", "95 % interval") if evaluation.coarse else ()
    return ("metric", "value", "95 % interval", *wider)


def figure_rows(evaluation: Evaluation) -> list[tuple[str, ...]]:
    """List every metric with its interval, and as judged by labels beside it."""
    rows: list[tuple[str, ...]] = []
    for name, told in evaluation.figures.items():
        wider = evaluation.coarse.get(name)
        beside = (f"{wider.mean:.3f}", spread(wider)) if wider else ()
        rows.append((name, f"{told.mean:.3f}", spread(told), *beside))
    return rows


def slice_metrics(evaluation: Evaluation) -> tuple[str, ...]:
    """Name the metrics that slices are told by; JSON has them all."""
    k = evaluation.plan.k
    return tuple(dict.fromkeys((FIRST, f"success@{k}", f"nDCG@{k}")))


def slice_rows(evaluation: Evaluation) -> dict[str, list[tuple[str, ...]]]:
    """List the values of each field: how many questions, then each metric with its interval."""
    names = slice_metrics(evaluation)
    rows: dict[str, list[tuple[str, ...]]] = {}
    for one in evaluation.slices:
        told = (one.figures[name] for name in names)
        cells = (f"{value.mean:.2f}{_short(value)}" for value in told)
        rows.setdefault(one.field, []).append((one.value or "none", str(one.questions), *cells))
    return rows


def _short(told: Interval) -> str:
    return f" ({told.low:.2f}–{told.high:.2f})" if np.isfinite(told.low) else ""


def compared_rows(evaluation: Evaluation) -> list[tuple[str, ...]]:
    """List what changed since the run before; the last cell is empty where that may be chance."""
    return [
        (
            name,
            f"{one.before:.3f}",
            f"{one.after:.3f}",
            f"{one.difference:+.3f}{_signed(one)}",
            f"{one.p:.3f}" if one.p >= 0.0005 else "<0.001",
            "" if one.verdict() == SAME else one.verdict(),
        )
        for name, one in evaluation.compared.items()
    ]


def _signed(one: Compared) -> str:
    return f" ({one.low:+.3f} to {one.high:+.3f})" if np.isfinite(one.low) else ""


def curves_of(evaluation: Evaluation) -> dict[str, list[Point]]:
    """Give the points of each corruption, from untouched to the worst."""
    first = [point for point in evaluation.robustness if point.level == 0]
    return {
        name: [*first, *(point for point in evaluation.robustness if point.corruption == name)]
        for name in CORRUPTIONS
        if first
    }


def level_rows(evaluation: Evaluation) -> list[tuple[str, ...]]:
    """List success@1 level by level, and the mean over all ways."""
    means = {
        name: [point.figures[FIRST].mean for point in points]
        for name, points in curves_of(evaluation).items()
    }
    if means:
        means["mean"] = np.mean(list(means.values()), axis=0).tolist()
    return [(name, *(f"{mean:.2f}" for mean in row)) for name, row in means.items()]


def remarks(evaluation: Evaluation) -> Iterator[str]:
    """Say in sentences what figures alone would hide."""
    asked = f"{evaluation.questions} questions to {evaluation.products} products"
    took = evaluation.latency
    if took:
        asked += f"; each took {took.p50_ms:.0f} ms (p50), {took.p95_ms:.0f} ms (p95), alone"
    yield asked
    if evaluation.capped:
        yield (
            f"{evaluation.capped} questions have more right products than the "
            f"{evaluation.plan.depth} places looked at: R of mAP@R is capped there; --depth looks "
            "further"
        )
    for verdict in ("better", "worse", SAME):
        names = [name for name, one in evaluation.compared.items() if one.verdict() == verdict]
        if names:
            yield f"against the run before, {verdict}: {', '.join(names)}"
    points = evaluation.robustness
    if points:
        yield f"photos were spoilt for {points[0].questions} of the questions"


def counted(refused: tuple[Rejection, ...]) -> str:
    """Say how much could not be used; empty if nothing."""
    return f"{len(refused)} lines, photos or products could not be used" if refused else ""
