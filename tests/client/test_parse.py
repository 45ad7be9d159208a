from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, get_type_hints

import pytest

from shoplens.client import answers
from shoplens.client.answers import Answer, Job, Page, Problem, Product, Shown
from shoplens.client.parse import parse
from shoplens.errors import ShoplensError
from shoplens.serve.routes.out import answers as told
from shoplens.serve.routes.out import records


def test_members_of_a_newer_server_are_passed_over() -> None:
    found: dict[str, Any] = {
        "product_id": "1",
        "score": 1,
        "price": 0.1,
        "badges": ["new"],
        "signals": {},
    }
    read = parse(Answer, {"ranking_id": "r", "products": [found], "banner": {"text": "sale"}})
    assert read == Answer("r", (Shown("1", price=Decimal("0.1"), score=1.0),))
    assert type(read.products[0].score) is float


def test_members_that_an_older_server_does_not_send_have_their_default() -> None:
    assert parse(Job, {"job_id": "1", "state": "queued"}) == Job("1", "queued")


def test_times_and_nothing_are_read() -> None:
    read = parse(Job, {"job_id": "1", "state": "done", "created": "2026-11-21T08:36:07Z"})
    assert read.created == datetime(2026, 11, 21, 8, 36, 7, tzinfo=UTC)
    assert parse(Page, {"products": [], "next": None}).next is None


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        (Job, {"job_id": "1"}, r"answer\.state is missing"),
        (Job, {"job_id": 1, "state": "done"}, r"answer\.job_id is 1, no str"),
        (Job, {"job_id": "1", "state": "done", "done": True}, "is True, no int"),
        (Job, {"job_id": "1", "state": "done", "created": "today"}, "'today', no datetime"),
        (Product, {"product_id": "1", "title": "x", "price": "much"}, "'much', no Decimal"),
        (Page, {"products": {}}, r"answer\.products is \{\}, no list"),
        (Page, {"products": [1]}, r"answer\.products\[0\] is 1, no dict"),
        (Problem, [], r"answer is \[\], no dict"),
    ],
)
def test_what_is_something_else_is_named(kind: type, given: Any, message: str) -> None:
    with pytest.raises(ShoplensError, match=message):
        parse(kind, given)


TWINS: Mapping[type, type] = {
    answers.Answer: told.AnswerOut,
    answers.Shown: told.ShownOut,
    answers.Why: told.WhyOut,
    answers.Guess: told.GuessOut,
    answers.Facet: told.FacetOut,
    answers.FacetValue: told.ValueOut,
    answers.FacetRange: told.RangeOut,
    answers.Suggested: told.SuggestOut,
    answers.SuggestedQuery: told.SuggestedQueryOut,
    answers.SuggestedCategory: told.SuggestedCategoryOut,
    answers.SuggestedProduct: told.SuggestedProductOut,
    answers.Product: records.ProductOut,
    answers.ProductImage: records.ImageOut,
    answers.Page: records.PageOut,
    answers.Job: records.JobOut,
    answers.Status: records.StatusOut,
    answers.Field: records.FieldOut,
    answers.Rule: records.RuleOut,
    answers.Rules: records.RulesOut,
}


@pytest.mark.parametrize("ours", TWINS, ids=lambda kind: kind.__name__)
def test_everything_the_server_tells_can_be_read(ours: type) -> None:
    assert get_type_hints(ours).keys() == get_type_hints(TWINS[ours]).keys()
