"""An evaluation as JSON, for machines and for later."""

import json
import math
from dataclasses import asdict

from shoplens.evaluate.compare import Compared
from shoplens.evaluate.evaluation import Evaluation, Failure
from shoplens.evaluate.measure import Figures


def to_json(evaluation: Evaluation) -> str:
    """Write all of it down; bounds that nothing is known of are null."""
    plan = evaluation.plan
    told = {
        "k": plan.k,
        "depth": plan.depth,
        "questions": evaluation.questions,
        "products": evaluation.products,
        "capped": evaluation.capped,
        "metrics": _figures(evaluation.figures),
        "coarse": {"field": plan.coarse, "metrics": _figures(evaluation.coarse)},
        "slices": [
            {
                "field": one.field,
                "value": one.value,
                "questions": one.questions,
                "metrics": _figures(one.figures),
            }
            for one in evaluation.slices
        ],
        "latency": asdict(evaluation.latency) if evaluation.latency else None,
        "compared": {name: _compared(one) for name, one in evaluation.compared.items()},
        "robustness": [
            {
                "corruption": point.corruption,
                "level": point.level,
                "questions": point.questions,
                "metrics": _figures(point.figures),
            }
            for point in evaluation.robustness
        ],
        "failures": [_failure(one) for one in evaluation.failures],
        "refused": [asdict(one) for one in evaluation.refused],
    }
    return json.dumps(told, ensure_ascii=False, allow_nan=False)


def _figures(figures: Figures) -> dict[str, dict[str, float | None]]:
    return {
        name: {"mean": one.mean, "low": _finite(one.low), "high": _finite(one.high)}
        for name, one in figures.items()
    }


def _compared(one: Compared) -> dict[str, float | str | None]:
    bounds = {"low": _finite(one.low), "high": _finite(one.high), "verdict": one.verdict()}
    return {**asdict(one), **bounds}


def _finite(bound: float) -> float | None:
    return bound if math.isfinite(bound) else None


def _failure(one: Failure) -> dict[str, object]:
    question = one.question
    return {
        "query_id": question.query_id,
        "query_image": str(question.picture or ""),
        "query_text": question.text,
        "query_product": question.product_id,
        "value": one.value,
        "came": [
            {
                "product_id": shown.placed.product_id,
                "score": shown.placed.score,
                "grade": shown.grade,
            }
            for shown in one.came
        ],
        "wanted": list(one.wanted),
    }
