from datetime import UTC, datetime

from sqlalchemy import Engine

from shoplens.catalogue.journal.rejections import Rejections
from shoplens.types import Rejection

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def lines(first: int, last: int) -> list[Rejection]:
    return [Rejection(f"line {i}", "no id", f"p{i}") for i in range(first, last)]


def test_rejections_come_back_in_order_page_by_page(engine: Engine) -> None:
    rejections = Rejections(engine)
    rejections.add("shop", "1", lines(0, 3), NOW)
    rejections.add("other", "1", lines(90, 91), NOW)
    rejections.add("shop", "1", lines(3, 5), NOW)
    rejections.add("shop", "1", [], NOW)
    assert rejections.list("shop", k=10) == lines(0, 5)
    assert rejections.list("shop", k=2, after=2) == lines(2, 4)
    assert rejections.list(None, k=10) == [*lines(0, 3), *lines(90, 91), *lines(3, 5)]
    assert rejections.list("unknown", k=10) == []
    assert (rejections.count(), rejections.count("shop"), rejections.count("x")) == (6, 5, 0)


def test_a_new_run_replaces_the_older_runs_of_its_feed_only(engine: Engine) -> None:
    rejections = Rejections(engine)
    rejections.add("shop", "1", lines(0, 3), NOW)
    rejections.add("other", "1", lines(7, 8), NOW)
    rejections.add("shop", "2", lines(1, 2), NOW)
    assert rejections.count("shop") == 4
    assert rejections.sweep("shop", "2") == 3
    assert rejections.list("shop", k=10) == lines(1, 2)
    assert rejections.list("other", k=10) == lines(7, 8)


def test_a_hostile_reason_is_kept_all_the_same(engine: Engine) -> None:
    rejections = Rejections(engine)
    rejections.add("shop", "1", [Rejection("line \x00", "price '\ud800'", "\x00")], NOW)
    assert rejections.list(None, k=1) == [Rejection("line \ufffd", "price '\ufffd'", "\ufffd")]
