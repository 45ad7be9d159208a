"""What merchandisers want of rankings: kept by id, checked when written, read at every search."""

from dataclasses import asdict, fields
from datetime import datetime
from threading import Lock
from typing import get_args

from sqlalchemy import Engine, RowMapping, delete, func, select

from shoplens.database.columns import storable
from shoplens.database.tables import rules as table
from shoplens.database.transactions import reading, upsert, writing
from shoplens.errors import NotFoundError, QueryError
from shoplens.types import Action, Rule

MAX_RULES = 1000
MAX_PRODUCTS = 1000
MAX_POSITION = 1000
MAX_FACTOR = 100
MAX_ID = 200
MAX_TEXTS = {"filter": 4000, "query": 2000, "note": 2000}
"""The longest of each text, in characters."""

_COLUMNS = tuple(table.c[field.name] for field in fields(Rule))


class Rules:
    """The catalogue's rules; safe to share by threads.

    Reading them costs nothing after the first time. Only the one process that owns the data folder
    may write them: the others would not hear of it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: tuple[Rule, ...] | None = None
        self._lock = Lock()  # so that nobody remembers what he read before another's write

    def put(self, rule: Rule, now: datetime) -> None:
        """Keep ``rule``, instead of the one with its id if there is one.

        Characters that no database can hold (NUL, lone surrogates) become U+FFFD, as in products.

        Raises:
            QueryError: the rule makes no sense, or there are too many; the message says what to do.
            StorageError: the disk is full, or the database refuses.
        """
        check_rule(rule)
        names = list(map(storable, rule.product_ids))
        row = {**asdict(rule), "product_ids": names, "updated": now}
        others = select(func.count()).where(table.c.rule_id != rule.rule_id)
        with self._lock:
            try:
                with writing(self._engine) as connection:
                    if (connection.scalar(others) or 0) >= MAX_RULES:
                        raise QueryError(
                            f"there are {MAX_RULES} rules already, and no more are kept; remove one"
                        )
                    connection.execute(upsert(self._engine, table), [row])
            finally:
                self._known = None

    def get(self, rule_id: str) -> Rule:
        """Give one rule; NotFoundError if there is none."""
        for rule in self.all():
            if rule.rule_id == rule_id:
                return rule
        raise _unknown(rule_id)

    def all(self) -> tuple[Rule, ...]:
        """Give every rule, also those of another day, in order of their ids."""
        known = self._known
        if known is None:
            with self._lock:
                known = self._known = self._read()
        return known

    def remove(self, rule_id: str) -> None:
        """Forget a rule; NotFoundError if there is none."""
        with self._lock:
            try:
                with writing(self._engine) as connection:
                    gone = connection.execute(delete(table).where(table.c.rule_id == rule_id))
            finally:
                self._known = None
        if not gone.rowcount:
            raise _unknown(rule_id)

    def _read(self) -> tuple[Rule, ...]:
        with reading(self._engine) as connection:
            rules = [_rule(row) for row in connection.execute(select(*_COLUMNS)).mappings()]
        return tuple(sorted(rules, key=lambda rule: rule.rule_id))


def _rule(row: RowMapping) -> Rule:
    columns = {column.name: row[column] for column in _COLUMNS}
    columns["product_ids"] = tuple(columns["product_ids"])
    return Rule(**columns)


def check_rule(rule: Rule) -> None:
    """See that a rule makes sense by itself; its filter is only understood where fields are known.

    Raises:
        QueryError: it does not; the message says what to do.
    """
    _check_name(rule)
    _check_texts(rule)
    _check_target(rule)
    if not 1 <= rule.position <= MAX_POSITION:
        raise QueryError(f"position is {rule.position}; give one from 1 to {MAX_POSITION}")
    if not 0 < rule.factor <= MAX_FACTOR:
        raise QueryError(
            f"factor is {rule.factor}; give a number above 0 and at most {MAX_FACTOR}, such as 1.5"
        )
    _check_dates(rule)


def _check_name(rule: Rule) -> None:
    name = rule.rule_id
    if not name or name != name.strip() or not name.isprintable() or len(name) > MAX_ID:
        raise QueryError(
            f"{name[:MAX_ID]!r} cannot be a rule's id; give 1 to {MAX_ID} printable characters, "
            "without spaces around them"
        )
    if rule.action not in get_args(Action):
        raise QueryError(
            f"no rule can {str(rule.action)[:MAX_ID]!r}; give one of {', '.join(get_args(Action))}"
        )


def _check_texts(rule: Rule) -> None:
    for name, most in MAX_TEXTS.items():
        length = len(getattr(rule, name))
        if length > most:
            raise QueryError(
                f"{name} has {length} characters; at most {most} are kept, so shorten it"
            )


def _check_target(rule: Rule) -> None:
    if not rule.product_ids and not rule.filter.strip():
        raise QueryError("this rule speaks of no product; give product_ids or a filter")
    if len(rule.product_ids) > MAX_PRODUCTS:
        raise QueryError(
            f"this rule names {len(rule.product_ids)} products; name at most {MAX_PRODUCTS}, "
            "or give a filter"
        )
    for product_id in rule.product_ids:
        if not product_id or len(product_id) > MAX_ID:
            raise QueryError(
                f"{product_id[:MAX_ID]!r} is no product's id; an id has 1 to {MAX_ID} characters"
            )


def _check_dates(rule: Rule) -> None:
    for name, moment in (("starts", rule.starts), ("ends", rule.ends)):
        if moment is not None and moment.utcoffset() is None:
            raise QueryError(f"{name} has no time zone; write {moment.isoformat()}Z for UTC")
    if rule.starts is not None and rule.ends is not None and rule.starts >= rule.ends:
        raise QueryError(
            f"this rule ends at {rule.ends.isoformat()}, not after it starts at "
            f"{rule.starts.isoformat()}; give ends a later moment"
        )


def _unknown(rule_id: str) -> NotFoundError:
    return NotFoundError(f"no rule {rule_id!r}")
