"""Bring a database to the newest tables, once, however many processes open it at the same time.

A new migration: change ``tables``, then let Alembic draft it (``commands`` has all it needs)::

    alembic.command.revision(commands(connection), "add colour", autogenerate=True)
"""

import logging
from collections.abc import Iterable
from pathlib import Path

from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine

from shoplens.database.transactions import reading, writing
from shoplens.errors import MismatchError

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "shoplens_version"
"""Not Alembic's own name for it: another program may use Alembic in the same database."""


def migrate(engine: Engine) -> None:
    """Upgrade the tables to the newest revision; cheap when they are there already.

    Raises:
        MismatchError: a newer Shoplens made this database.
        StorageError: the database refuses.
    """
    _hush()
    script = ScriptDirectory(str(MIGRATIONS))
    with reading(engine) as connection:
        if _revision(connection, script) == script.get_current_head():
            return
    # Who waited for the writer's turn finds the work done: revisions are read again in here.
    with writing(engine) as connection:
        _revision(connection, script)
        _upgrade(connection, script)


def commands(connection: Connection) -> Config:
    """Give what ``alembic.command`` needs to work on these migrations, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection, script: ScriptDirectory) -> None:
    def steps(heads: tuple[str, ...], context: MigrationContext) -> Iterable[MigrationStep]:
        del context
        newest_first = script.iterate_revisions("head", heads or "base")
        return [
            MigrationStep.upgrade_from_script(script.revision_map, revision)
            for revision in reversed(list(newest_first))
        ]

    options = {"fn": steps, "version_table": VERSION_TABLE, "transactional_ddl": True}
    context = MigrationContext.configure(connection, opts=options)
    # Handed over, as alembic.op is one global for all threads of a process.
    context.run_migrations(op=Operations(context))


def _revision(connection: Connection, script: ScriptDirectory) -> str | None:
    options = {"version_table": VERSION_TABLE}
    current = MigrationContext.configure(connection, opts=options).get_current_revision()
    try:
        script.get_revision(current or "base")
    except CommandError as error:
        raise MismatchError(
            f"the database is at revision {current}, this Shoplens knows only up to "
            f"{script.get_current_head()}: use the newer Shoplens that made it, "
            "or name another database"
        ) from error
    return current


def _hush() -> None:
    """Keep Alembic's chatter out of an application's log, unless someone asked for it."""
    logger = logging.getLogger("alembic")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.WARNING)
