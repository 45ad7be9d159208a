from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.exc import StatementError

from shoplens.database.columns import storable
from shoplens.database.tables import jobs, notes, products
from shoplens.database.transactions import reading, writing

NOW = datetime(2026, 5, 1, 12, 30, 15, 123456, tzinfo=UTC)
JOB = {"kind": "k", "state": "s", "spec": "", "done": 0, "total": 0, "message": ""}
PRODUCT: dict[str, object] = {
    **dict.fromkeys(["product_id", "group_id", "title", "description", "brand", "currency"], ""),
    **dict.fromkeys(["url", "gtin", "mpn", "content_hash", "stage", "feed", "run"], ""),
    "category": [],
    "images": [],
    "attributes": {},
    "in_stock": True,
    "revision": 1,
    "updated": NOW,
    "added": NOW,
}


@given(st.text(st.characters()))
@example("a\x00b\ud800c")
def test_storable_text_changes_only_what_cannot_be_stored(text: str) -> None:
    tidy = storable(text)
    tidy.encode()
    assert "\x00" not in tidy
    assert len(tidy) == len(text)
    for before, after in zip(text, tidy, strict=True):
        assert before == after or (before == "\x00" or "\ud800" <= before <= "\udfff")


def test_text_that_no_database_can_hold_is_stored_and_found(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(notes.insert(), [{"name": "a\x00", "value": "\udc80!"}])
    with reading(engine) as connection:
        query = select(notes.c.value).where(notes.c.name == "a\x00")
        assert connection.scalar(query) == "\ufffd!"


@pytest.mark.parametrize("amount", ["0.1", "19.90", "1234567890123456789.12345678901234", "0"])
def test_an_amount_keeps_every_digit(engine: Engine, amount: str) -> None:
    with writing(engine) as connection:
        connection.execute(products.insert(), [{**PRODUCT, "price": Decimal(amount)}])
    with reading(engine) as connection:
        price = connection.execute(select(products.c.price)).scalar_one()
    assert isinstance(price, Decimal)
    assert str(price) == amount


def test_a_moment_comes_back_as_the_same_moment_in_utc(engine: Engine) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=9)))
    with writing(engine) as connection:
        connection.execute(jobs.insert(), [{**JOB, "created": elsewhere}])
    with reading(engine) as connection:
        created, started = connection.execute(select(jobs.c.created, jobs.c.started)).one()
    assert created == NOW
    assert created.tzinfo == UTC
    assert started is None


def test_a_moment_without_time_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="has no time zone"), writing(engine) as connection:
        connection.execute(jobs.insert(), [{**JOB, "created": NOW.replace(tzinfo=None)}])
