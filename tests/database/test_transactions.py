import sqlite3
from threading import Event, Thread

import pytest
from sqlalchemy import Engine, event, func, select, text

from shoplens.database.connect import open_database
from shoplens.database.tables import attribute_names, notes
from shoplens.database.transactions import portions, reading, upsert, writing
from shoplens.errors import StorageError


def values(engine: Engine) -> dict[str, str]:
    with reading(engine) as connection:
        return dict(connection.execute(select(notes.c.name, notes.c.value)).all())


def test_what_is_interrupted_leaves_nothing_behind(engine: Engine) -> None:
    def interrupted() -> None:
        with writing(engine) as connection:
            connection.execute(notes.insert(), [{"name": "a", "value": "1"}])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert values(engine) == {}


def test_a_reader_sees_one_moment_while_others_write(engine: Engine) -> None:
    count = select(func.count()).select_from(notes)
    with reading(engine) as reader:
        assert reader.scalar(count) == 0
        with writing(engine) as writer:
            writer.execute(notes.insert(), [{"name": "a", "value": "1"}])
            assert reader.scalar(count) == 0
        assert reader.scalar(count) == 0
    assert values(engine) == {"a": "1"}


def test_a_writer_that_reads_first_waits_for_the_other(engine: Engine) -> None:
    """Under a deferred BEGIN the second would be refused, its view being out of date."""
    inside, go = Event(), Event()

    def add_one() -> None:
        with writing(engine) as connection:
            read = connection.scalar(select(notes.c.value)) or "0"
            inside.set()
            go.wait(10)
            more = {"name": "n", "value": str(int(read) + 1)}
            connection.execute(upsert(engine, notes), [more])

    first = Thread(target=add_one)
    first.start()
    inside.wait(10)
    second = Thread(target=add_one)
    second.start()
    go.set()
    first.join()
    second.join()
    assert values(engine) == {"n": "2"}


def test_a_refused_write_is_a_storage_error_that_names_the_database(engine: Engine) -> None:
    row = {"name": "a", "value": "1"}
    refused = pytest.raises(StorageError, match=r"the database (sqlite|postgresql).* refused: ")
    with refused, writing(engine) as connection:
        connection.execute(notes.insert(), [row, row])
    assert values(engine) == {}


def test_a_writer_that_waited_too_long_says_so(sqlite_url: str) -> None:
    holder, waiter = open_database(sqlite_url), open_database(sqlite_url)

    @event.listens_for(waiter, "connect")
    def hurry(connection: sqlite3.Connection, record: object) -> None:  # pyright: ignore[reportUnusedFunction] - called by the event
        connection.execute("PRAGMA busy_timeout = 20")

    waiter.dispose()
    refused = pytest.raises(StorageError, match="locked; another process wrote for")
    with writing(holder), refused, writing(waiter):
        pass
    holder.dispose()
    waiter.dispose()


def test_upsert_adds_where_it_is_told_to(engine: Engine) -> None:
    for more in (2, 3):
        with writing(engine) as connection:
            connection.execute(
                upsert(engine, attribute_names, adding="products"),
                [{"name": "colour", "products": more}],
            )
    with reading(engine) as connection:
        assert connection.execute(select(attribute_names)).one() == ("colour", 5)


def test_portions_hold_everything_once_in_order() -> None:
    assert [list(some) for some in portions(range(5), 2)] == [[0, 1], [2, 3], [4]]
    assert list(portions((), 2)) == []


@pytest.mark.postgres
def test_two_shops_in_one_server_do_not_wait_for_each_other(
    server: Engine, postgres_url: str
) -> None:
    schema = postgres_url.rpartition("%3D")[2] + "_b"
    with server.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    one, other = open_database(postgres_url), open_database(f"{postgres_url}_b")
    with writing(one), writing(other) as connection:
        connection.execute(notes.insert(), [{"name": "a", "value": "1"}])
    assert values(one) == {}
    one.dispose()
    other.dispose()
    with server.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
