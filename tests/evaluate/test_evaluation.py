import numpy as np
import pytest

from shoplens.errors import MismatchError, QueryError
from shoplens.evaluate.asking import Asked
from shoplens.evaluate.evaluation import WORST, Evaluation, Plan, evaluate
from shoplens.evaluate.judged.judgements import Judgements, Question
from shoplens.evaluate.runs import Placed, Run
from shoplens.types import Product, Rejection

PRODUCTS = {
    f"p{i}": Product(
        f"p{i}", f"Product {i}", category=("Shoes" if i < 4 else "Bags",), group_id=f"g{i // 2}"
    )
    for i in range(8)
}


def asked(n: int = 8) -> tuple[Judgements, Asked]:
    """Question i is about product i; shoes come first, bags second, after their variant."""
    questions = tuple(
        Question(f"q{i}", text=str(i), slices={"place": "street" if i % 2 else "", "note": str(i)})
        for i in range(n)
    )
    judgements = Judgements(
        questions, {f"q{i}": {f"p{i}": 1.0} for i in range(n)}, (Rejection("line 3", "bad"),)
    )
    rankings = {
        f"q{i}": (Placed(f"p{i}", 0.9), Placed(f"p{i ^ 1}", 0.8))
        if i < 4
        else (Placed(f"p{i ^ 1}", 0.9), Placed(f"p{i}", 0.8))
        for i in range(n)
    }
    took = {f"q{i}": float(i + 1) for i in range(n)}
    return judgements, Asked(Run(rankings), took, (Rejection("1.jpg", "no picture"),))


def evaluated(plan: Plan, before: Run | None = None) -> Evaluation:
    return evaluate(*asked(), PRODUCTS, plan, np.random.default_rng(0), before)


def test_an_evaluation_has_figures_time_and_what_was_left_out() -> None:
    found = evaluated(Plan())
    assert (found.questions, found.products, found.capped) == (8, 8, 0)
    assert found.figures["success@1"].mean == 0.5
    assert found.figures["MRR@10"].mean == 0.75
    assert found.latency
    assert (found.latency.p50_ms, found.latency.mean_ms, found.latency.questions) == (4.5, 4.5, 8)
    assert found.latency.p95_ms == pytest.approx(7.65)
    assert [one.where for one in found.refused] == ["line 3", "1.jpg"]
    assert (found.compared, found.robustness, found.coarse) == ({}, (), {})


def test_figures_are_split_by_the_files_columns_and_by_category() -> None:
    slices = {(one.field, one.value): one for one in evaluated(Plan()).slices}
    assert slices["category:1", "shoes"].figures["success@1"].mean == 1
    assert slices["category:1", "bags"].figures["success@1"].mean == 0
    assert slices["place", "street"].questions == slices["place", ""].questions == 4
    assert ("note", "3") in slices
    many = evaluate(*asked(), PRODUCTS, Plan(by=("group_id",)), np.random.default_rng(0))
    assert [(one.value, one.questions) for one in many.slices] == [(f"g{i}", 2) for i in range(4)]
    assert many.slices[0].figures["success@1"].high == np.inf, "one group tells no interval"


def test_a_column_of_notes_is_no_slice_unless_asked_for() -> None:
    questions, come = asked()
    wide = Judgements(
        tuple(
            Question(f"{one.query_id}.{n}", text="x", slices={"note": f"{one.query_id} {n}"})
            for one in questions.questions
            for n in range(7)
        ),
        {f"q{i}.{n}": {f"p{i}": 1.0} for i in range(8) for n in range(7)},
    )
    run = Run({f"q{i}.{n}": come.run.rankings[f"q{i}"] for i in range(8) for n in range(7)})
    rng = np.random.default_rng(0)
    found = evaluate(wide, Asked(run, {}), PRODUCTS, Plan(), rng)
    assert {one.field for one in found.slices} == {"category:1"}
    assert found.latency is None
    by_note = evaluate(wide, Asked(run, {}), PRODUCTS, Plan(by=("note",)), rng)
    assert len(by_note.slices) == 56


def test_a_coarser_label_forgives_variants() -> None:
    found = evaluated(Plan(coarse="group_id"))
    assert found.coarse["success@1"].mean == 1
    assert found.coarse["recall@10"].mean == 1
    with pytest.raises(QueryError, match="no product has a label in 'size'"):
        evaluated(Plan(coarse="size"))


def test_a_run_is_compared_with_the_one_before() -> None:
    worse = Run({f"q{i}": (Placed("p9", 1.0), Placed(f"p{i}", 0.5)) for i in range(8)})
    found = evaluated(Plan(), worse).compared["success@1"]
    assert (found.before, found.after, found.difference) == (0, 0.5, 0.5)
    assert found.p == 0.5, "two of four groups differ: 2 of 4 swaps are as far"
    with pytest.raises(MismatchError):
        evaluated(Plan(), Run({"other": (Placed("p1", 1.0),)}))


def test_the_worst_failures_come_first_and_what_is_right_is_none() -> None:
    judgements, come = asked()
    rankings = dict(come.run.rankings) | {"q7": (), "q0": (Placed("p5", 0.1),)}
    found = evaluate(
        judgements, Asked(Run(rankings), {}), PRODUCTS, Plan(), np.random.default_rng(0)
    )
    assert [one.question.query_id for one in found.failures] == ["q0", "q7", "q4", "q5", "q6"]
    first, second, third = found.failures[:3]
    assert (first.value, first.wanted, first.came[0].grade) == (0, ("p0",), 0)
    assert second.came == ()
    assert [one.grade for one in third.came] == [0, 1]
    assert len(found.failures) <= WORST
