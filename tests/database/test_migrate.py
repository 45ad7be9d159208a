import logging
import subprocess
import sys
from pathlib import Path
from threading import Barrier, Thread

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, column, create_engine, inspect, table, text

from shoplens.database.connect import open_database
from shoplens.database.migrate import MIGRATIONS, VERSION_TABLE, commands
from shoplens.database.tables import metadata
from shoplens.database.transactions import reading, writing
from shoplens.errors import MismatchError, StorageError


def tables(engine: Engine) -> set[str]:
    with reading(engine) as connection:
        return set(inspect(connection).get_table_names())


def test_the_migrated_tables_are_those_of_the_metadata(engine: Engine) -> None:
    with reading(engine) as connection:
        options = {"version_table": VERSION_TABLE}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_foreign_keys_cascade_as_the_metadata_says(engine: Engine) -> None:
    with reading(engine) as connection:
        (key,) = inspect(connection).get_foreign_keys("images")
    assert key["referred_table"] == "products"
    assert key.get("options") == {"ondelete": "CASCADE"}


def test_opening_again_changes_nothing(url: str) -> None:
    first = open_database(url)
    with writing(first) as connection:
        connection.execute(text("INSERT INTO notes VALUES ('kept', 'yes')"))
    first.dispose()
    second = open_database(url)
    with reading(second) as connection:
        assert connection.execute(text("SELECT value FROM notes")).scalar_one() == "yes"
    second.dispose()


def test_many_threads_may_open_a_new_database_at_once(url: str) -> None:
    together = Barrier(6)
    found: list[set[str]] = []

    def open_and_look() -> None:
        together.wait()
        engine = open_database(url)
        found.append(tables(engine))
        engine.dispose()

    threads = [Thread(target=open_and_look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [{*metadata.tables, VERSION_TABLE}] * 6


def test_processes_may_open_a_new_database_at_once(url: str) -> None:
    script = "import sys; from shoplens.database.connect import open_database as o; "
    script += "sys.stdin.read(1); o(sys.argv[1]).dispose()"
    openers = [
        subprocess.Popen([sys.executable, "-c", script, url], stdin=subprocess.PIPE)
        for _ in range(3)
    ]
    for opener in openers:
        opener.communicate(b"!", timeout=60)
    assert [opener.returncode for opener in openers] == [0, 0, 0]


def test_a_database_from_a_newer_shoplens_is_refused_and_left_alone(url: str) -> None:
    engine = open_database(url)
    with writing(engine) as connection:
        connection.execute(
            table(VERSION_TABLE, column("version_num")).update(), {"version_num": "9999"}
        )
    engine.dispose()
    with pytest.raises(MismatchError, match="revision 9999, this Shoplens knows only up to"):
        open_database(url)


def test_tables_of_another_program_are_not_taken_over(sqlite_url: str) -> None:
    other = create_engine(sqlite_url)
    with other.begin() as connection:
        connection.execute(text("CREATE TABLE products (sku TEXT)"))
    other.dispose()
    with pytest.raises(StorageError, match="table products already exists"):
        open_database(sqlite_url)
    with other.connect() as connection:
        assert inspect(connection).get_table_names() == ["products"]
    other.dispose()


def test_alembic_stays_out_of_the_log(
    sqlite_url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("alembic"), "level", logging.NOTSET)
    caplog.set_level(logging.INFO)
    open_database(sqlite_url).dispose()
    assert caplog.records == []


def test_history_is_one_line_without_branches() -> None:
    revisions = list(ScriptDirectory(str(MIGRATIONS)).walk_revisions())
    assert [r.revision for r in revisions] == [
        f"{number:04}" for number in range(len(revisions), 0, -1)
    ]
    for revision in revisions:
        assert Path(revision.path).name.startswith(revision.revision)


def test_a_developer_can_check_and_draft_migrations(engine: Engine, tmp_path: Path) -> None:
    with writing(engine) as connection:
        config = commands(connection)
        config.set_main_option("version_locations", f"{MIGRATIONS / 'versions'}:{tmp_path}")
        command.check(config)
        command.revision(config, "add colour", autogenerate=True, version_path=str(tmp_path))
    (draft,) = tmp_path.glob("*_add_colour.py")
    source = draft.read_text()
    compile(source, draft, "exec")
    assert "down_revision = '0001'" in source
    assert "def upgrade(op: Operations) -> None:" in source
