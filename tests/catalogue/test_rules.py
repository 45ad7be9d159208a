import math
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, event, select
from sqlalchemy.exc import OperationalError

from shoplens.catalogue.rules import MAX_RULES, Rules, check_rule
from shoplens.database.tables import rules as table
from shoplens.database.transactions import reading, writing
from shoplens.errors import NotFoundError, QueryError, StorageError
from shoplens.types import Rule

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
BOOTS = Rule(
    "spring boots",
    "pin",
    product_ids=("b-2", "b-1"),
    filter="category = Boots",
    query="wandern 登山",
    position=3,
    factor=2.5,
    starts=NOW,
    ends=NOW + timedelta(days=30),
    note="Ask Ana \U0001f97e",
)
SALE = Rule("sale", "boost", filter="on_sale")


@pytest.fixture
def rules(engine: Engine) -> Rules:
    return Rules(engine)


def test_a_rule_comes_back_as_it_was_put(rules: Rules, engine: Engine) -> None:
    rules.put(BOOTS, NOW)
    rules.put(SALE, NOW)
    assert rules.get("spring boots") == BOOTS
    assert rules.all() == (SALE, BOOTS)
    assert Rules(engine).all() == (SALE, BOOTS)


def test_a_rule_put_again_takes_the_place_of_the_first(rules: Rules, engine: Engine) -> None:
    rules.put(BOOTS, NOW)
    rules.put(SALE, NOW)
    plain = Rule("spring boots", "hide", product_ids=("b-1",))
    later = NOW + timedelta(days=1)
    rules.put(plain, later)
    assert rules.all() == Rules(engine).all() == (SALE, plain)
    with reading(engine) as connection:
        dates = dict(connection.execute(select(table.c.rule_id, table.c.updated)).all())
    assert dates == {"sale": NOW, "spring boots": later}


def test_a_removed_rule_is_not_found(rules: Rules, engine: Engine) -> None:
    rules.put(SALE, NOW)
    rules.remove("sale")
    assert rules.all() == Rules(engine).all() == ()
    with pytest.raises(NotFoundError, match="no rule 'sale'"):
        rules.get("sale")
    with pytest.raises(NotFoundError, match="no rule 'sale'"):
        rules.remove("sale")


def test_rules_stand_in_the_same_order_whatever_the_order_they_came_in(rules: Rules) -> None:
    for name in ("b", "ä", "B", "a", "10", "9"):
        rules.put(replace(SALE, rule_id=name), NOW)
    assert [rule.rule_id for rule in rules.all()] == ["10", "9", "B", "a", "b", "ä"]


def test_product_ids_are_kept_as_products_keep_theirs(rules: Rules) -> None:
    rules.put(replace(SALE, product_ids=("a\x00", "\ud800"), note="\x00"), NOW)
    assert rules.get("sale") == replace(SALE, product_ids=("a\ufffd", "\ufffd"), note="\ufffd")


def test_moments_of_any_time_zone_are_the_same_moments(rules: Rules) -> None:
    there = NOW.astimezone(timezone(timedelta(hours=8)))
    rules.put(replace(SALE, starts=there), NOW)
    assert rules.get("sale").starts == NOW


# ---- what makes no sense -----------------------------------------------------------------------

WRONG = {
    "position is 0; give one from 1 to 1000": replace(BOOTS, position=0),
    "position is 1001": replace(BOOTS, position=1001),
    "factor is 0; give a number above 0 and at most 100": replace(SALE, factor=0),
    "factor is -1": replace(SALE, factor=-1),
    "factor is 100.5": replace(SALE, factor=100.5),
    "factor is nan": replace(SALE, factor=math.nan),
    "factor is inf": replace(SALE, factor=math.inf),
    "speaks of no product; give product_ids or a filter": Rule("r", "hide", filter=" "),
    "names 1001 products; name at most 1000": replace(SALE, product_ids=("a",) * 1001),
    "'' is no product's id": replace(SALE, product_ids=("a", "")),
    "'x+' is no product's id; an id has 1 to 200": replace(SALE, product_ids=("x" * 201,)),
    "'' cannot be a rule's id; give 1 to 200 printable": replace(SALE, rule_id=""),
    "' a' cannot be a rule's id": replace(SALE, rule_id=" a"),
    "cannot be a rule's id": replace(SALE, rule_id="a\nb"),
    "'x{200}' cannot be a rule's id": replace(SALE, rule_id="x" * 201),
    "no rule can 'promote'; give one of pin, hide, boost, bury": replace(
        SALE,
        action="promote",  # pyright: ignore[reportArgumentType] - as a door might
    ),
    "filter has 4001 characters; at most 4000": replace(SALE, filter="x" * 4001),
    "query has 2001 characters": replace(SALE, query="x" * 2001),
    "note has 2001 characters": replace(SALE, note="x" * 2001),
    "this rule ends at .* give ends a later moment": replace(SALE, starts=NOW, ends=NOW),
    "starts has no time zone; write 2026-05-01T00:00:00Z for UTC": replace(
        SALE,
        starts=datetime(2026, 5, 1),  # noqa: DTZ001 - as a door might
    ),
    "ends has no time zone": replace(SALE, ends=datetime(2026, 5, 1)),  # noqa: DTZ001 - as above
}


@pytest.mark.parametrize(("said", "rule"), WRONG.items(), ids=WRONG)
def test_a_rule_that_makes_no_sense_is_refused_and_told_why(said: str, rule: Rule) -> None:
    with pytest.raises(QueryError, match=said):
        check_rule(rule)


def test_a_refused_rule_leaves_the_one_before(rules: Rules, engine: Engine) -> None:
    rules.put(SALE, NOW)
    with pytest.raises(QueryError, match="factor"):
        rules.put(replace(SALE, factor=0), NOW)
    assert rules.all() == Rules(engine).all() == (SALE,)


@pytest.mark.parametrize(
    "rule",
    [
        replace(BOOTS, position=1),
        replace(BOOTS, position=1000),
        replace(SALE, factor=100),
        replace(SALE, factor=1e-9),
        replace(SALE, product_ids=("x" * 200,) * 1000, filter=""),
        replace(SALE, rule_id="x" * 200),
        replace(SALE, filter="x" * 4000, query="x" * 2000, note="x" * 2000),
        replace(SALE, ends=NOW),
        replace(SALE, starts=NOW),
    ],
    ids=lambda rule: rule.rule_id[:9] if isinstance(rule, Rule) else "",
)
def test_what_is_just_allowed_is_kept(rules: Rules, rule: Rule) -> None:
    rules.put(rule, NOW)
    assert rules.all() == (rule,)


def test_there_are_at_most_a_thousand_rules_and_each_can_still_be_changed(
    rules: Rules, engine: Engine
) -> None:
    rules.put(SALE, NOW)
    with reading(engine) as connection:
        row = dict(connection.execute(select(table)).mappings().one())
    with writing(engine) as connection:
        rows = [{**row, "rule_id": f"r{i}"} for i in range(MAX_RULES - 1)]
        connection.execute(table.insert(), rows)
    with pytest.raises(QueryError, match=r"there are 1000 rules already.*remove one"):
        rules.put(BOOTS, NOW)
    rules.put(replace(SALE, factor=3), NOW)
    assert (len(rules.all()), rules.get("sale").factor) == (MAX_RULES, 3)
    rules.remove("r7")
    rules.put(BOOTS, NOW)
    assert len(rules.all()) == MAX_RULES


@given(st.text(max_size=12), st.floats(), st.integers())
def test_whatever_comes_is_kept_or_refused_by_name(name: str, factor: float, position: int) -> None:
    rule = replace(SALE, rule_id=name, factor=factor, position=position)
    try:
        check_rule(rule)
    except QueryError:
        return
    assert 0 < len(name) <= 200
    assert 0 < factor <= 100
    assert 1 <= position <= 1000


# ---- read at every search ----------------------------------------------------------------------


def test_rules_are_read_from_the_database_once_and_again_after_a_write(
    rules: Rules, engine: Engine
) -> None:
    reads = count()

    def note_read(*said: object) -> None:
        next(reads) if str(said[2]).startswith("SELECT rules") else None

    rules.put(SALE, NOW)
    event.listen(engine, "before_cursor_execute", note_read)
    for _ in range(50):
        assert rules.all() == (SALE,)
        assert rules.get("sale") == SALE
    rules.put(BOOTS, NOW)
    for _ in range(50):
        assert rules.all() == (SALE, BOOTS)
    rules.remove("sale")
    for _ in range(50):
        assert rules.all() == (BOOTS,)
    assert next(reads) == 3


def test_a_write_during_a_read_is_not_forgotten(rules: Rules, engine: Engine) -> None:
    """The reader has seen the table without the rule, and remembers only after the writer."""
    read, go_on = Event(), Event()

    def hold(_connection: Connection, *said: object) -> None:
        if str(said[1]).startswith("SELECT rules") and not read.is_set():
            read.set()
            assert go_on.wait(30)

    event.listen(engine, "after_cursor_execute", hold)
    with ThreadPoolExecutor(2) as pool:
        reader = pool.submit(rules.all)
        assert read.wait(30)
        writer = pool.submit(rules.put, SALE, NOW)
        wait([writer], timeout=0.2)  # it cannot end: the reader is not done
        go_on.set()
        writer.result(30)
        assert reader.result(30) in ((), (SALE,))
    assert rules.all() == (SALE,)


def test_threads_that_read_and_write_end_with_what_the_database_has(
    rules: Rules, engine: Engine
) -> None:
    def work(number: int) -> None:
        for turn in range(5):
            rule = replace(SALE, rule_id=f"r{number}", factor=turn + 1)
            rules.put(rule, NOW)
            assert rules.get(rule.rule_id) == rule
        if number % 2:
            rules.remove(f"r{number}")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    left = tuple(replace(SALE, rule_id=f"r{number}", factor=5) for number in (0, 2, 4))
    assert rules.all() == Rules(engine).all() == left


def test_a_database_that_refuses_is_named_and_the_old_rules_stay(
    rules: Rules, engine: Engine
) -> None:
    rules.put(SALE, NOW)

    def refuse(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk is full"))

    event.listen(engine, "commit", refuse)
    with pytest.raises(StorageError, match="disk is full; free some space"):
        rules.put(BOOTS, NOW)
    event.remove(engine, "commit", refuse)
    assert rules.all() == Rules(engine).all() == (SALE,)
