from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy

from shoplens.catalogue.journal.rejections import Rejections
from shoplens.catalogue.products import Products
from shoplens.database.connect import open_database
from shoplens.feed.read import open_feed
from shoplens.feed.sync import SyncReport, sync
from shoplens.types import Stage

NOW = datetime(2025, 1, 1, tzinfo=UTC)


class Shop:
    """A feed's file and the catalogue it is brought into."""

    def __init__(self, engine: sqlalchemy.Engine, path: Path) -> None:
        self.products = Products(engine)
        self.rejections = Rejections(engine)
        self.path = path

    def write(self, *rows: str, header: str = "id,title,price\n") -> None:
        self.path.write_text(header + "".join(f"{row}\n" for row in rows), encoding="utf-8")

    def sync(self, *, name: str = "shop", allow_shrink: bool = False) -> SyncReport:
        return sync(
            open_feed(self.path),
            self.products,
            self.rejections,
            name=name,
            now=NOW,
            allow_shrink=allow_shrink,
        )

    def refused(self) -> list[str]:
        return [f"{one.where}: {one.reason}" for one in self.rejections.list(None, k=100)]

    def ids(self) -> list[str]:
        stored = self.products.walk(k=10_000)
        return [one.product.product_id for one in stored if one.stage != Stage.REMOVED]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    engine = open_database(f"sqlite:///{tmp_path / 'catalogue.db'}")
    yield Shop(engine, tmp_path / "products.csv")
    engine.dispose()


def test_a_second_run_of_the_same_feed_finds_nothing_to_do(shop: Shop) -> None:
    shop.write("1,A,5", "2,B,6")
    assert shop.sync() == SyncReport(2, 0, 0, 0, 0)
    before = shop.products.walk()
    shop.products.mark_indexed([(one.number, one.revision) for one in before])
    assert shop.sync() == SyncReport(0, 0, 2, 0, 0)
    assert shop.products.walk() == [replace(one, stage=Stage.INDEXED) for one in before]


def test_new_changed_and_removed_products_are_found(shop: Shop) -> None:
    shop.write("1,A,5", "2,B,6", "3,C,7")
    shop.sync()
    shop.write("1,A,5", "3,C,8", "4,D,9")
    assert shop.sync() == SyncReport(new=1, changed=1, unchanged=1, removed=1, rejected=0)
    assert shop.ids() == ["1", "3", "4"]


def test_rejections_are_those_of_the_newest_run(shop: Shop) -> None:
    shop.write("1,A,5", ",B,6", "3,C,N/A")
    assert shop.sync().rejected == 2
    assert [line.split(":")[0] for line in shop.refused()] == ["line 3", "line 4"]
    shop.write("1,A,5", "2,B,6", "3,C,7")
    assert shop.sync().rejected == 0
    assert shop.refused() == []


def test_a_feed_that_breaks_off_removes_nothing(shop: Shop) -> None:
    shop.write("1,A,5", "2,B,6", "3,C,7")
    shop.sync()
    shop.path.write_text("id,title,price\n1,A,5\n2,B", encoding="utf-8")
    assert shop.sync() == SyncReport(0, 0, 1, 0, rejected=2)
    assert shop.ids() == ["1", "2", "3"]
    assert shop.refused()[1] == (
        "shop: the feed could not be read to its end; "
        "2 products that are not in it stay in the catalogue"
    )


def test_a_feed_without_products_removes_nothing(shop: Shop) -> None:
    shop.write("1,A,5")
    shop.sync()
    shop.write()
    assert shop.sync(allow_shrink=True).removed == 0
    assert shop.ids() == ["1"]
    assert "holds no product" in shop.refused()[0]


def test_a_feed_that_lost_more_than_half_must_be_allowed_to(shop: Shop) -> None:
    shop.write("1,A,5", "2,B,6", "3,C,7")
    shop.sync()
    shop.write("1,A,5")
    assert shop.sync() == SyncReport(0, 0, 1, 0, rejected=1)
    assert "lacks 2 of the 3 products" in shop.refused()[0]
    assert shop.sync(allow_shrink=True) == SyncReport(0, 0, 1, removed=2, rejected=0)


def test_feeds_remove_only_their_own(shop: Shop) -> None:
    shop.write("1,A,5", "2,B,6")
    shop.sync(name="first")
    shop.write("3,C,7")
    assert shop.sync(name="second").removed == 0
    assert shop.ids() == ["1", "2", "3"]


def test_an_interrupted_sync_removes_nothing_and_the_next_finishes(shop: Shop) -> None:
    shop.write(*(f"{n},T,5" for n in range(1200)))
    shop.sync()
    shop.write(*(f"{n},T,6" for n in range(100, 1300)))
    seen: list[tuple[int, int]] = []

    def interrupt(position: int, size_bytes: int) -> None:
        seen.append((position, size_bytes))
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(
            open_feed(shop.path), shop.products, shop.rejections,
            name="shop", now=NOW, progress=interrupt,
        )  # fmt: skip
    assert len(shop.ids()) == 1200
    assert shop.sync() == SyncReport(new=100, changed=100, unchanged=1000, removed=100, rejected=0)
    assert [size for _, size in seen] == [shop.path.stat().st_size] * 2


def test_progress_ends_at_the_size_of_the_feed(shop: Shop) -> None:
    shop.write(*(f"{n},T,5" for n in range(1200)))
    seen: list[tuple[int, int]] = []

    def note(position: int, size_bytes: int) -> None:
        seen.append((position, size_bytes))

    sync(
        open_feed(shop.path), shop.products, shop.rejections,
        name="shop", now=NOW, progress=note,
    )  # fmt: skip
    size = shop.path.stat().st_size
    assert len(seen) == 3
    assert seen[-1] == (size, size)
    assert [at for at, _ in seen] == sorted(at for at, _ in seen)
