"""Products under several writers, a full disk, a killed process, a large feed."""

import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, event, text

from shoplens.catalogue.products import Products
from shoplens.database.connect import open_database
from shoplens.database.transactions import reading
from shoplens.errors import StorageError
from shoplens.types import Product, Stage

NOW = datetime(2026, 5, 1, tzinfo=UTC)
WRITER = """
import sys
from datetime import UTC, datetime
from shoplens.catalogue.products import Products
from shoplens.database.connect import open_database
from shoplens.types import Product

url, name, batches = sys.argv[1], sys.argv[2], int(sys.argv[3])
products = Products(open_database(url))
for batch in range(batches):
    drafts = [Product(f"{name}{batch}-{i}", "x" * 500) for i in range(40)]
    drafts.append(Product("shared", f"{name} {batch}"))
    products.put(drafts, feed="shop", run="1", now=datetime.now(UTC))
    print(batch, flush=True)
"""


def drawn(first: int, last: int, title: str = "x") -> list[Product]:
    return [Product(f"p{i}", title) for i in range(first, last)]


def test_threads_may_put_at_once_even_the_same_products(products: Products) -> None:
    def put_some(writer: int) -> None:
        for batch in range(8):
            drafts = drawn(writer * 1000, writer * 1000 + 20, f"{batch}")
            drafts += drawn(50_000, 50_010, f"{writer} {batch}")
            products.put(drafts, feed=f"feed {writer}", run="1", now=NOW)
            marks = [(p.number, p.revision) for p in products.pending(k=30)]
            products.mark_indexed(marks)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(put_some, range(6)))
    assert len(products.walk(k=9999)) == 6 * 20 + 10
    assert products.get("p1000").revision == 8
    assert products.get("p50000").revision == 6 * 8


def test_processes_may_put_at_once(url: str) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, url, name, "10"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for name in ("a", "b")
    ]
    for writer in writers:
        _, said = writer.communicate(timeout=60)
        assert (said, writer.returncode) == (b"", 0)
    engine = open_database(url)
    products = Products(engine)
    assert sum(products.counts().values()) == 2 * 10 * 40 + 1
    assert products.get("shared").revision == 20
    engine.dispose()


@pytest.mark.parametrize("acknowledged", [1, 4])
def test_what_a_killed_process_was_told_is_kept_is_kept(url: str, acknowledged: int) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, url, "a", "100000"], stdout=subprocess.PIPE
    )
    assert writer.stdout is not None
    for _ in range(acknowledged):
        writer.stdout.readline()
    writer.kill()
    told = acknowledged + len(writer.communicate()[0].splitlines())
    engine = open_database(url)
    products = Products(engine)
    for batch in range(told):
        names = [f"a{batch}-{i}" for i in range(40)]
        assert len(products.get_many(names)) == 40
    assert sum(products.counts().values()) in {told * 40 + 1, (told + 1) * 40 + 1}
    assert products.put(drawn(0, 1), feed="shop", run="2", now=NOW).new == 1
    engine.dispose()


@pytest.fixture
def small_disk(sqlite_url: str) -> Iterator[Engine]:
    """A database whose file may not grow over 400 KB, with some products in it."""
    engine = open_database(sqlite_url)
    Products(engine).put(drawn(0, 100), feed="shop", run="1", now=NOW)

    @event.listens_for(engine, "connect")
    def limit(connection: sqlite3.Connection, _record: object) -> None:  # pyright: ignore[reportUnusedFunction] - called by the event
        connection.execute("PRAGMA max_page_count = 100")

    engine.dispose()
    yield engine
    engine.dispose()


def test_a_full_disk_is_a_storage_error_and_what_was_there_is_safe(small_disk: Engine) -> None:
    products = Products(small_disk)
    with pytest.raises(StorageError, match="disk is full; free some space"):
        products.put(drawn(100, 2000, "y" * 1000), feed="shop", run="2", now=NOW)
    assert [p.product for p in products.walk()] == drawn(0, 100)
    assert products.counts()[Stage.PENDING] == 100
    assert products.put(drawn(0, 2, "z"), feed="shop", run="3", now=NOW).changed == 2
    with reading(small_disk) as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"


@pytest.mark.slow
def test_a_large_feed_passes_through_in_bounded_memory(sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    products = Products(engine)

    def stream(k: int, run: str) -> None:
        for batch in range(k // 1000):
            drafts = drawn(batch * 1000, (batch + 1) * 1000, "y" * 1000)
            products.put(drafts, feed="shop", run=run, now=NOW)

    stream(1000, "0")
    tracemalloc.start()
    stream(2000, "1")
    small = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    stream(20_000, "2")
    after = 0
    while page := products.walk(after=after, k=1000):
        after = page[-1].number
    assert products.sweep(feed="shop", run="3") == 20_000
    large = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    engine.dispose()
    assert large < small * 1.5
    assert large < 20_000_000
