import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text

from shoplens.database.connect import open_database
from shoplens.database.transactions import reading
from shoplens.errors import ConfigError, MissingExtraError, StorageError


def pragma(engine: Engine, name: str) -> object:
    with reading(engine) as connection:
        return connection.execute(text(f"PRAGMA {name}")).scalar_one()


def test_sqlite_waits_for_others_keeps_references_and_survives_a_power_cut(sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    assert pragma(engine, "journal_mode") == "wal"
    assert pragma(engine, "synchronous") == 2  # FULL
    assert pragma(engine, "foreign_keys") == 1
    assert pragma(engine, "busy_timeout") == 30_000
    engine.dispose()


def test_the_folder_is_made_when_it_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "new" / "shop" / "catalogue.db"
    open_database(f"sqlite:///{file}").dispose()
    assert file.is_file()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("catalogue.db", "'catalogue.db' is no database URL; wanted sqlite:////"),
        ("", "'' is no database URL"),
        ("mysql://shop@localhost/shop", "no database of kind 'mysql'; wanted sqlite:////"),
        ("postgresql+asyncpg://localhost/shop", "no database of kind 'postgresql.asyncpg'"),
        ("sqlite://", "names no file on this machine"),
        ("sqlite:///:memory:", "names no file on this machine"),
        ("sqlite://shop@/catalogue.db", "names no file on this machine"),
        ("sqlite://shop/catalogue.db", "names no file on this machine"),
        ("sqlite:///file:catalogue.db?uri=true", "names no file on this machine"),
        ("postgresql://shop@localhost:many/shop", "is no database URL"),
    ],
)
def test_a_url_that_makes_no_sense_is_refused_with_an_example(url: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        open_database(url)


def test_a_password_is_not_shown_in_errors() -> None:
    for url in (
        "postgresql://shop:s3cret@localhost:many/shop",
        "postgresql://shop:x@s3cret:y@localhost:many/shop",
        "postgresql://shop:s3cret@127.0.0.1:1/shop",
        "postgresql://127.0.0.1:1/shop?user=shop&password=s3cret",
        "sqlite://shop:s3cret@localhost/shop",
    ):
        with pytest.raises(ConfigError) as caught:
            open_database(url)
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_server_that_does_not_answer_is_named(scheme: str) -> None:
    with pytest.raises(ConfigError, match=r"127.0.0.1:1/shop: .*refused.*; start the server"):
        open_database(f"{scheme}://shop@127.0.0.1:1/shop")


def test_a_missing_driver_is_named_by_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'shoplens\[postgres\]'"):
        open_database("postgresql+psycopg://shop@127.0.0.1/shop")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"the folder .*file/shop cannot be made .*--data"):
        open_database(f"sqlite:///{tmp_path}/file/shop/catalogue.db")


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=rf"{tmp_path} refused: unable to open"):
        open_database(f"sqlite:///{tmp_path}")


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.db"
    file.write_text("id,title\n" * 1000)
    with pytest.raises(StorageError, match="file is not a database; name another file"):
        open_database(f"sqlite:///{file}")
    assert file.read_text() == "id,title\n" * 1000


@pytest.mark.postgres
def test_postgres_is_found_under_its_other_names(postgres_url: str) -> None:
    for name in ("postgres", "postgresql"):
        url = make_url(postgres_url).set(drivername=name)
        engine = open_database(url.render_as_string(hide_password=False))
        assert engine.url.drivername == "postgresql+psycopg"
        engine.dispose()
