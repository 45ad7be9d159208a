import json

import numpy as np

from shoplens.evaluate.asking import Asked
from shoplens.evaluate.evaluation import Plan, evaluate
from shoplens.evaluate.judged.judgements import Judgements, Question
from shoplens.evaluate.report.table import (
    compared_rows,
    counted,
    figure_rows,
    level_rows,
    remarks,
    slice_rows,
)
from shoplens.evaluate.report.tojson import to_json
from shoplens.evaluate.runs import Placed, Run
from shoplens.types import Product

PRODUCTS = {name: Product(name, name, brand="Acme") for name in "abcdef"}
QUESTIONS = tuple(Question(name, text=name) for name in "abc")
RIGHT = Judgements(QUESTIONS, {"a": {"a": 1.0}, "b": {"b": 1.0}, "c": {"c": 1.0}})
RUN = Run({name: (Placed("a", 0.5), Placed("b", 0.25)) for name in "abc"})
BEFORE = Run({name: (Placed("f", 0.5),) for name in "abc"})


def test_json_holds_all_figures_and_reads_back() -> None:
    plan = Plan(k=2, depth=2, by=("brand",), coarse="brand")
    found = evaluate(
        RIGHT, Asked(RUN, {"a": 2.0, "b": 4.0}), PRODUCTS, plan, np.random.default_rng(0), BEFORE
    )
    told = json.loads(to_json(found))
    assert told["metrics"]["success@1"]["mean"] == 1 / 3
    assert told["coarse"] == {"field": "brand", "metrics": told["coarse"]["metrics"]}
    assert told["coarse"]["metrics"]["success@1"]["mean"] == 1
    assert told["slices"][0]["value"] == "acme"
    assert told["latency"]["p50_ms"] == 3
    assert told["compared"]["success@2"]["verdict"] == "no difference that can be told"
    assert told["compared"]["success@2"]["difference"] == 2 / 3
    assert told["failures"][0]["query_text"] == "c"
    assert told["failures"][0]["came"][0] == {"product_id": "a", "score": 0.5, "grade": 0}
    assert (told["capped"], told["questions"], told["robustness"]) == (0, 3, [])


def test_bounds_that_nothing_is_known_of_are_null_and_told_in_words() -> None:
    one = Judgements(QUESTIONS[:1], RIGHT.grades)
    found = evaluate(one, Asked(RUN, {}), PRODUCTS, Plan(), np.random.default_rng(0), BEFORE)
    assert json.loads(to_json(found))["metrics"]["success@1"] == {
        "mean": 1,
        "low": None,
        "high": None,
    }
    assert figure_rows(found)[0] == ("success@1", "1.000", "one product")
    assert compared_rows(found)[0] == ("success@1", "0.000", "1.000", "+1.000", "1.000", "")
    assert list(remarks(found))[1].startswith(
        "against the run before, no difference that can be told: success@1, success@10"
    )
    assert slice_rows(found) == {}
    assert level_rows(found) == []
    assert counted(found.refused) == ""


def test_a_cap_is_told() -> None:
    many = Judgements(QUESTIONS[:1], {"a": dict.fromkeys("abcdef", 1.0)})
    found = evaluate(many, Asked(RUN, {"a": 5.0}), PRODUCTS, Plan(2, 2), np.random.default_rng(0))
    told = list(remarks(found))
    assert told[0] == "1 questions to 6 products; each took 5 ms (p50), 5 ms (p95), alone"
    assert "more right products than the 2 places" in told[1]
    assert found.figures["mAP@R"].mean == 1
