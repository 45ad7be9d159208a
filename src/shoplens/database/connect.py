"""Open the database that a URL names, ready to be used: SQLite, or PostgreSQL."""

import json
import re
import sqlite3
import time
from functools import partial
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from shoplens.database.migrate import migrate
from shoplens.database.transactions import BUSY_TIMEOUT_S, WRITES, explain, shown
from shoplens.errors import ConfigError, MissingExtraError, StorageError

_WANTED = "sqlite:////absolute/path/catalogue.db or postgresql+psycopg://name@host/database"
_POSTGRES = {"postgres", "postgresql", "postgresql+psycopg"}
_CONNECT_TIMEOUT_S = 10
# FULL survives a power cut. A commit costs 0.4 to 3.5 ms instead of 0.1 ms with NORMAL (virtual
# disk, 2 cores); a put of 1,000 products takes 50 to 100 ms with either.
_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA journal_size_limit = 67108864",  # a large write does not leave its log behind
)


def open_database(url: str) -> Engine:
    """Open the database at ``url`` and bring its tables up to date; made if there is none.

    Raises:
        ConfigError: the URL makes no sense, or no PostgreSQL server answers there.
        MissingExtraError: PostgreSQL was named and its driver is not installed.
        StorageError: the folder or the database cannot be written.
        MismatchError: a newer Shoplens made this database.
    """
    parsed = _parse(url)
    engine = _open_sqlite(parsed) if parsed.drivername == "sqlite" else _open_postgres(parsed)
    try:
        _try(engine)
        migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        masked = re.sub("//.*@", "//***@", url)  # nor is the cause kept: it shows the password
        raise ConfigError(f"{masked!r} is no database URL; wanted {_WANTED}") from None
    if parsed.drivername in _POSTGRES:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite":
        raise ConfigError(f"no database of kind {parsed.drivername!r}; wanted {_WANTED}")
    database = parsed.database or ":memory:"
    if parsed.host or parsed.username or database.startswith((":memory:", "file:")):
        raise ConfigError(f"{shown(parsed)} names no file on this machine; wanted {_WANTED}")
    return parsed


_to_json = partial(json.dumps, separators=(",", ":"))


def _open_sqlite(url: URL) -> Engine:
    folder = Path(url.database or "").absolute().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"the folder {folder} cannot be made ({error.strerror}); name another with --data"
        ) from error
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_TIMEOUT_S},
        pool_size=16,
        max_overflow=-1,  # a connection is a file handle: let each thread have one
        json_serializer=_to_json,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _open_postgres(url: URL) -> Engine:
    timeout = url.query.get("connect_timeout", str(_CONNECT_TIMEOUT_S))
    try:
        return create_engine(
            url,
            connect_args={"connect_timeout": timeout},
            pool_pre_ping=True,  # the server may have been restarted meanwhile
            json_serializer=_to_json,
        )
    except ImportError as error:
        raise MissingExtraError("a PostgreSQL database", extra="postgres") from error


def _try(engine: Engine) -> None:
    """Connect once, to say in plain words why it cannot be done."""
    try:
        with engine.connect():
            pass
    except DBAPIError as error:
        if engine.dialect.name == "sqlite":
            raise StorageError(explain(engine, error)) from error
        said = " ".join(str(error.orig).split())
        raise ConfigError(
            f"no connection to {shown(engine.url)}: {said}; "
            "start the server, or correct the setting 'database'"
        ) from error


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#sqlite-enabling-transactions
    connection.isolation_level = None
    _use_wal(connection)
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _use_wal(connection: sqlite3.Connection) -> None:
    # Of two that switch a new file at once, SQLite refuses one without letting it wait. The mode
    # is kept in the file, so this happens once in its life.
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin(connection: Connection) -> None:
    # A writer takes the lock at once and so waits its turn; one that first reads and then
    # writes would be refused without waiting when another wrote in between.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
