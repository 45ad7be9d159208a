import numpy as np
import pytest

from shoplens.errors import MismatchError
from shoplens.evaluate.judged.judgements import Judgements, Question
from shoplens.evaluate.measure import compare_measured, figures_of, measure
from shoplens.evaluate.runs import Placed, Run

JUDGEMENTS = Judgements(
    tuple(Question(f"q{i}") for i in range(5)),
    {
        "q0": {"a": 2.0, "b": 1.0, "z": 0.0},
        "q1": {"c": 1.0},
        "q2": {"a": 0.0},  # nothing is right
        "q3": {"a": 1.0},  # never asked
        "q4": {"d": 1.0, "e": 1.0, "f": 1.0, "g": 1.0},
    },
)


def ranked(**rankings: str) -> Run:
    """One letter is one product."""
    return Run({name: tuple(Placed(p, 0.0) for p in ids) for name, ids in rankings.items()})


RUN = ranked(q0="zba", q1="xyzc", q2="a", q4="dxefg")


def test_each_question_that_was_asked_and_has_something_right_has_a_value() -> None:
    found = measure(JUDGEMENTS, RUN, 3, 3)
    assert found.query_ids == ("q0", "q1", "q4")
    assert found.capped == 1
    assert {name: values.tolist() for name, values in found.values.items()} == {
        "success@1": [0, 0, 1],
        "success@3": [1, 0, 1],
        "recall@3": [1, 0, 0.5],
        "precision@3": pytest.approx([2 / 3, 0, 2 / 3]),
        "MRR@3": [0.5, 0, 1],
        "mAP@3": pytest.approx([(1 / 2 + 2 / 3) / 2, 0, (1 + 2 / 3) / 4]),
        "mAP@R": pytest.approx([0.25, 0, (1 + 2 / 3) / 3]),
        "nDCG@3": pytest.approx(
            [
                (1 / np.log2(3) + 2 / 2) / (2 + 1 / np.log2(3)),
                0,
                (1 + 1 / 2) / (1 + 1 / np.log2(3) + 1 / 2),
            ]
        ),
    }


def test_a_deeper_look_finds_more() -> None:
    found = measure(JUDGEMENTS, RUN, 1, 5)
    assert found.capped == 0
    assert found.values["mAP@R"].tolist() == pytest.approx([0.25, 0, (1 + 2 / 3 + 3 / 4) / 4])
    assert [*found.values] == [
        "success@1", "recall@1", "precision@1", "MRR@1", "mAP@1", "mAP@R", "nDCG@1",
    ]  # fmt: skip


def test_a_run_that_answers_nothing_is_refused() -> None:
    with pytest.raises(MismatchError, match="none of 5 questions was answered"):
        measure(JUDGEMENTS, ranked(q2="a", q9="a"), 3, 3)


def test_questions_about_one_thing_count_as_one() -> None:
    found = measure(JUDGEMENTS, RUN, 3, 3)
    rng = np.random.default_rng(0)
    alone = figures_of(found, {}, rng)["success@3"]
    assert alone.mean == pytest.approx(2 / 3)
    assert (alone.low, alone.high) == (0, 1)
    about = figures_of(found, {"q0": "g", "q1": "g", "q4": "g"}, rng)["success@3"]
    assert about.high == np.inf
    kept = figures_of(found, {}, rng, [0, 2])["success@3"]
    assert (kept.mean, kept.low) == (1, 1)


def test_runs_are_compared_over_what_both_answered() -> None:
    before = measure(JUDGEMENTS, ranked(q4="xx", q1="c"), 3, 3)
    after = measure(JUDGEMENTS, RUN, 3, 3)
    found = compare_measured(before, after, {}, np.random.default_rng(0))["success@1"]
    assert (found.before, found.after, found.difference) == (0.5, 0.5, 0)
    with pytest.raises(MismatchError, match="share no question"):
        compare_measured(
            measure(JUDGEMENTS, ranked(q3="a"), 3, 3), after, {}, np.random.default_rng(0)
        )
