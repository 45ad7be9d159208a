import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shoplens.evaluate.judged.judgements import Judgements, Others, Question, some, usable
from shoplens.types import Rejection

QUESTIONS = tuple(Question(f"q{i}", text=f"words {i}") for i in range(9))


def test_what_the_shop_does_not_have_is_told_once_and_left_out() -> None:
    grades = {
        "q0": {"a": 1.0, "gone": 2.0},
        "q1": {"gone": 1.0},
        "q2": {"a": 0.0, "b": 0.0},
        "q3": {"b": 3.0},
    }
    before = (Rejection("line 7", "bad"),)
    found = usable(Judgements(QUESTIONS[:4], grades, before), {"a", "b"})
    assert [one.query_id for one in found.questions] == ["q0", "q3"]
    assert found.grades["q0"] == {"a": 1}
    told = {one.where: one.reason for one in found.refused}
    assert [*told] == ["line 7", "product gone", "question q1", "question q2"]
    assert "judged 2×" in told["product gone"]


def test_right_products_come_by_grade_then_by_id() -> None:
    judgements = Judgements(QUESTIONS, {"q0": {"c": 1, "b": 2, "d": 0, "a": 1}})
    assert judgements.right("q0") == ["b", "a", "c"]
    assert judgements.right("q1") == []


def test_some_questions_are_drawn_in_order_and_the_same_for_one_seed() -> None:
    judgements = Judgements(QUESTIONS, {})
    drawn, again, other = (
        some(judgements, 4, np.random.default_rng(seed)).questions for seed in (1, 1, 2)
    )
    assert drawn == again != other
    assert list(drawn) == sorted(drawn, key=QUESTIONS.index)
    assert len({one.query_id for one in drawn}) == 4
    assert some(judgements, 9, np.random.default_rng(1)) is judgements


@given(
    shared=st.dictionaries(st.sampled_from("abcd"), st.floats(0, 3)), asked=st.sampled_from("ae")
)
def test_others_are_the_shared_grades_without_one(shared: dict[str, float], asked: str) -> None:
    slow = {name: grade for name, grade in shared.items() if name != asked}
    others = Others(shared, asked)
    assert dict(others) == slow
    assert len(others) == len(slow)
    assert asked not in others


def test_a_question_is_named_by_all_that_it_holds() -> None:
    assert Question("q", text="red", product_id="7").told() == "red + 7"
