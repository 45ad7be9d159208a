import logging
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Engine, column, create_engine, inspect, table, text

from shoplens.catalogue.catalogue import open_catalogue
from shoplens.catalogue.content import content_hash
from shoplens.catalogue.products import PutCounts, Stored
from shoplens.database.columns import Moment
from shoplens.database.connect import open_database
from shoplens.database.migrate import MIGRATIONS, VERSION_TABLE, commands
from shoplens.database.tables import metadata
from shoplens.database.transactions import reading, writing
from shoplens.errors import MismatchError, StorageError
from shoplens.types import Product, Stage

NOW = datetime(2026, 5, 1, 12, 30, 15, 123456, UTC)
BOOT = Product("b-1", "Boot", attributes={"Added": ("yes",), "Popularity": ("high",)})
CUP = Product("c-1", "Cup", attributes={"attribute added": ("no",)})
TEXTS = "product_id group_id title description brand currency url gtin mpn content_hash stage feed"
FIRST = table(
    "products",
    *map(column, TEXTS.split()),
    *(column(name, JSON) for name in ("category", "images", "attributes")),
    *map(column, ("in_stock", "revision", "run")),
    column("updated", Moment),
)
"""What revision 0001 had of products."""


def old_row(product: Product, stage: Stage, updated: datetime) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys((*TEXTS.split(), "run"), "")
    row |= {
        "product_id": product.product_id,
        "title": product.title,
        "category": list[str](),
        "images": list[str](),
        "attributes": {name: list(words) for name, words in product.attributes.items()},
        "in_stock": True,
        "content_hash": content_hash(product),
        "stage": stage,
        "revision": 3,
        "feed": "shop",
        "updated": updated,
    }
    return row


@pytest.fixture
def old_url(url: str) -> str:
    """A database as revision 0001 made it, with two products and an image."""
    engine = create_engine(url)
    with engine.begin() as connection:
        command.upgrade(commands(connection), "0001")
        connection.execute(FIRST.insert(), old_row(BOOT, Stage.INDEXED, NOW))
        connection.execute(FIRST.insert(), old_row(CUP, Stage.REMOVED, NOW - timedelta(days=9)))
        connection.execute(
            text("INSERT INTO images VALUES (1, 0, 'boot.jpg', 's', 'hash', 640, 480, '')")
        )
        connection.execute(
            text(
                "INSERT INTO attribute_names VALUES "
                "('added', 1), ('attribute_added', 0), ('popularity', 1), "
                "('colour', 2), ('颜色', 1), ('main', 1), ('exact', 1)"
            )
        )
    engine.dispose()
    return url


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


def test_a_database_of_the_first_revision_comes_up_whole(old_url: str) -> None:
    catalogue = open_catalogue(old_url)
    boot, cup = catalogue.products.walk()
    assert boot == Stored(1, BOOT, Stage.INDEXED, 3, NOW, "shop")
    assert cup == Stored(2, CUP, Stage.REMOVED, 3, NOW - timedelta(days=9), "shop")
    assert [image.source for image in catalogue.images.of([1])[1]] == ["boot.jpg"]
    assert catalogue.rules.all() == ()
    again = catalogue.products.put([BOOT], feed="shop", run="2", now=NOW + timedelta(days=1))
    assert again == PutCounts(0, 0, 1)
    catalogue.close()


def test_attributes_named_as_a_new_field_are_counted_under_their_new_name(old_url: str) -> None:
    catalogue = open_catalogue(old_url)
    names = [f"attribute_{name}" for name in ("added", "exact", "main", "popularity")]
    names.append("colour")
    assert catalogue.products.attribute_names() == names
    assert catalogue.products.remove(["b-1"]) == 1
    assert catalogue.products.attribute_names() == ["attribute_exact", "attribute_main", "colour"]
    catalogue.close()


def test_an_old_database_gets_the_tables_of_a_new_one(old_url: str) -> None:
    engine = open_database(old_url)
    with reading(engine) as connection:
        options = {"version_table": VERSION_TABLE}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
        columns = {one["name"]: one for one in inspect(connection).get_columns("products")}
    assert columns["added"]["nullable"] is False
    assert columns["popularity"]["nullable"] is True
    engine.dispose()


def test_an_upgrade_that_cannot_be_ended_leaves_all_as_it_was(old_url: str) -> None:
    engine = create_engine(old_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE rules (of_another INTEGER)"))
    with pytest.raises(StorageError, match="already exists"):
        open_database(old_url)
    with engine.connect() as connection:
        columns = {one["name"] for one in inspect(connection).get_columns("products")}
        names = connection.scalars(text("SELECT name FROM attribute_names")).all()
        revision = connection.scalar(table(VERSION_TABLE, column("version_num")).select())
    engine.dispose()
    assert not columns & {"added", "popularity"}
    assert {"added", "popularity"} <= set(names)
    assert revision == "0001"


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
    assert f"down_revision = '{ScriptDirectory(str(MIGRATIONS)).get_current_head()}'" in source
    assert "def upgrade(op: Operations) -> None:" in source
