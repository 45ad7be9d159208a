"""Every read and write of the catalogue goes through ``reading`` or ``writing``.

They say what the database refused as a StorageError, and let one writer at a time through: the
others wait, so that nobody meets "database is locked" or a deadlock.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import URL, ColumnElement, Connection, Engine, Insert, Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shoplens.errors import StorageError

T = TypeVar("T")

BUSY_TIMEOUT_S = 30
"""How long a writer waits for its turn."""
WRITES = "shoplens_writes"
"""Execution option that marks the connection of a writer."""

# The lock belongs to one schema, so that two shops in one database do not wait for each other;
# it is freed when the transaction ends, by whatever end.
_TAKE_TURN = text(
    f"SELECT set_config('lock_timeout', '{BUSY_TIMEOUT_S}s', true), "
    "pg_advisory_xact_lock(hashtext(current_schema() || '.shoplens'))"
)
_ADVICE = (
    ("disk is full", "free some space, then do the same again"),
    ("No space left", "free some space, then do the same again"),
    ("locked", f"another process wrote for over {BUSY_TIMEOUT_S} s; try again when it is done"),
    ("lock timeout", f"another process wrote for over {BUSY_TIMEOUT_S} s; try again when it ends"),
    ("readonly", "make the file and its folder writable, or name another with --data"),
    ("unable to open", "make its folder writable, or name another with --data"),
    ("not a database", "name another file, or move this one away"),
    ("malformed", "the file is damaged: bring back a copy, or move it away and index again"),
)


@contextmanager
def reading(engine: Engine) -> Generator[Connection]:
    """Open one view of the database, which nothing changes while it lasts.

    Raises:
        StorageError: the database cannot be read.
    """
    with _explained(engine), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine) -> Generator[Connection]:
    """Open a transaction that is the only writer; all of it is kept at the end, or none.

    Raises:
        StorageError: the disk is full, or the database refuses; earlier transactions are safe.
    """
    with _explained(engine), engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(_TAKE_TURN)
            yield connection


def upsert(engine: Engine, table: Table, *, adding: str = "") -> Insert:
    """Insert rows, or change those whose primary key exists to the new values.

    The column ``adding`` grows by the new value instead.
    """
    insert = (sqlite if engine.dialect.name == "sqlite" else postgresql).insert(table)
    keys = [column.name for column in table.primary_key]
    values: dict[str, ColumnElement[Any]] = {
        name: table.c[name] + value if name == adding else value
        for name, value in insert.excluded.items()
        if name not in keys
    }
    return insert.on_conflict_do_update(index_elements=keys, set_=values)


def portions(values: Sequence[T], k: int = 500) -> Iterator[Sequence[T]]:
    """Cut ``values`` into portions that fit an IN list: SQLite may allow only 999 variables."""
    for start in range(0, len(values), k):
        yield values[start : start + k]


@contextmanager
def _explained(engine: Engine) -> Generator[None]:
    try:
        yield
    except (DBAPIError, PoolTimeoutError) as error:
        raise StorageError(explain(engine, error)) from error


def explain(engine: Engine, error: DBAPIError | PoolTimeoutError) -> str:
    """Say which database refused, why, and what can be done."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    said = " ".join(str(cause).split())
    advice = next((advice for sign, advice in _ADVICE if sign in said), "")
    return f"the database {shown(engine.url)} refused: {said}" + (f"; {advice}" if advice else "")


def shown(url: URL) -> str:
    """Write a URL without its password and its options, which may hold another."""
    return url.set(query={}).render_as_string(hide_password=True)
