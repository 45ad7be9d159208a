import shutil
import subprocess
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.errors import ImageError, StorageError
from shoplens.indexing.workbench import silent
from shoplens.learn.views import bank as module
from shoplens.learn.views.bank import AHEAD, Bank, Viewing, fill
from shoplens.types import Pixels

SIDE = 6


@dataclass
class Pictures:
    """Drawn ones, some of which cannot be read; remembers which were looked at."""

    unreadable: set[int] = field(default_factory=set[int])
    looked: list[int] = field(default_factory=list[int])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, place: int) -> Pixels:
        with self.lock:
            self.looked.append(place)
        if place in self.unreadable:
            raise ImageError(f"picture {place} is gone")
        return np.random.default_rng(place).integers(0, 256, (SIDE, SIDE, 3), np.uint8)

    def viewing(self, views: int = 2, name: str = "first") -> Viewing:
        return Viewing(self.look, means, views, 1.0, 7, name)


def means(picture: Pixels) -> np.ndarray:
    return picture.mean(axis=(0, 1)) / 255


def free_bytes(free: int) -> Callable[[Path], SimpleNamespace]:
    def usage(path: Path) -> SimpleNamespace:
        return SimpleNamespace(free=free)

    return usage


@pytest.fixture
def pool() -> Generator[Executor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def stopped_at(place: int) -> Callable[[str, int, int], None]:
    def progress(_: str, done: int, total: int) -> None:
        assert total
        if done == place:
            raise KeyboardInterrupt

    return progress


def test_a_bank_holds_the_views_of_every_picture(pool: Executor, tmp_path: Path) -> None:
    pictures = Pictures()
    told: list[tuple[str, int, int]] = []

    def progress(step: str, done: int, total: int) -> None:
        told.append((step, done, total))

    bank = fill(pictures.viewing(), 9, tmp_path, pool, progress)
    assert bank.rows.shape == (9, 3, 3)
    assert bank.whole.tolist() == [1] * 9
    for place in range(9):
        wanted = pictures.viewing().rows(place)
        np.testing.assert_array_equal(wanted[0], means(pictures.look(place)))
        np.testing.assert_allclose(bank.rows[place], wanted, atol=1e-3)
    assert told == [("views", done, 9) for done in range(1, 10)]


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 20), views=st.integers(1, 4), seed=st.integers(0, 99))
def test_a_view_is_drawn_of_each_picture_by_chance(n: int, views: int, seed: int) -> None:
    rows = np.arange(n * views, dtype=np.float16).reshape(n, views, 1)
    bank = Bank(rows, np.ones(n, np.uint8))
    places = np.random.default_rng(seed).integers(n, size=3 * n)
    drawn, same = (bank.drawn(places, np.random.default_rng(seed)) for _ in range(2))
    np.testing.assert_array_equal(drawn, same)
    assert drawn.dtype == np.float32
    assert [row[0] // views for row in drawn] == places.tolist()
    np.testing.assert_array_equal(bank.plain(places)[:, 0], places * views)


def test_what_is_filled_is_not_computed_again(pool: Executor, tmp_path: Path) -> None:
    pictures = Pictures()
    first = fill(pictures.viewing(), 9, tmp_path, pool, silent)
    pictures.looked.clear()
    again = fill(pictures.viewing(), 9, tmp_path, pool, silent)
    assert pictures.looked == [0], "one row tells the shape"
    np.testing.assert_array_equal(first.rows, again.rows)


def test_an_interrupted_fill_goes_on_where_it_was(tmp_path: Path) -> None:
    pictures = Pictures()
    with ThreadPoolExecutor(1) as pool, pytest.raises(KeyboardInterrupt):
        fill(pictures.viewing(), 200, tmp_path, pool, stopped_at(90))
    pictures.looked.clear()
    with ThreadPoolExecutor(1) as pool:
        bank = fill(pictures.viewing(), 200, tmp_path, pool, silent)
    assert pictures.looked == [0, *range(90, 200)]
    whole = fill(pictures.viewing(name="other"), 200, tmp_path, ThreadPoolExecutor(1), silent)
    np.testing.assert_array_equal(bank.rows, whole.rows)


def test_another_name_or_other_views_are_another_bank(pool: Executor, tmp_path: Path) -> None:
    pictures = Pictures()
    fill(pictures.viewing(), 4, tmp_path, pool, silent)
    for viewing in (pictures.viewing(name="second"), pictures.viewing(views=1)):
        pictures.looked.clear()
        fill(viewing, 4, tmp_path, pool, silent)
        assert sorted(pictures.looked) == [0, 0, 1, 2, 3]


def test_a_picture_that_cannot_be_read_is_a_hole_until_it_can(
    pool: Executor, tmp_path: Path
) -> None:
    pictures = Pictures({0, 3})
    bank = fill(pictures.viewing(), 5, tmp_path, pool, silent)
    assert bank.whole.tolist() == [0, 1, 1, 0, 1]
    pictures.unreadable.clear()
    bank = fill(pictures.viewing(), 5, tmp_path, pool, silent)
    assert bank.whole.tolist() == [1] * 5
    np.testing.assert_allclose(bank.rows[3], pictures.viewing().rows(3), atol=1e-3)


def test_where_none_can_be_read_the_first_says_why(pool: Executor, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="none of 3 pictures can be read; the first: picture 0"):
        fill(Pictures({0, 1, 2}).viewing(), 3, tmp_path, pool, silent)


def test_a_bounded_number_of_pictures_is_in_memory(tmp_path: Path) -> None:
    pictures, most = Pictures(), 0

    def progress(_: str, done: int, total: int) -> None:
        nonlocal most
        most = max(most, len(pictures.looked) - 1 - (done - 1))
        assert total == 500

    with ThreadPoolExecutor(8) as pool:
        fill(pictures.viewing(views=0), 500, tmp_path, pool, progress)
    assert len(pictures.looked) == 501
    assert most <= AHEAD


def test_a_disk_that_is_too_small_is_told_before_anything_is_written(
    pool: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", free_bytes(600 << 20))
    viewing = Viewing(Pictures().look, lambda _: np.zeros(10_000), 4, 1.0, 0, "large")
    with pytest.raises(
        StorageError, match=r"10000 pictures need 1\.0 GB .* 0\.6 GB are free; make"
    ):
        fill(viewing, 10_000, tmp_path / "views", pool, silent)
    assert not list((tmp_path / "views").iterdir())


def test_a_disk_that_fills_up_is_an_error_and_not_the_end_of_the_process(
    pool: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file in memory that is full of holes kills whoever writes where there is no room."""
    monkeypatch.setattr(module, "SPARE_BYTES", 0)
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "shoplens-test", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        viewing = Viewing(Pictures().look, lambda _: np.zeros(1000), 0, 1.0, 0, "large")
        monkeypatch.setattr(shutil, "disk_usage", free_bytes(1 << 30))
        with pytest.raises(StorageError, match="No space left on device; remove it, or make room"):
            fill(viewing, 1000, disk, pool, silent)
        with pytest.raises(StorageError, match="No space left"):
            fill(viewing, 1000, disk, pool, silent)
        subprocess.run(["mount", "-o", "remount,size=9m", str(disk)], check=True)
        assert fill(viewing, 1000, disk, pool, silent).whole.all()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_damaged_bank_is_told_by_its_file(pool: Executor, tmp_path: Path) -> None:
    fill(Pictures().viewing(), 4, tmp_path, pool, silent)
    path = next(tmp_path.glob("*.rows.npy"))
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(StorageError, match=f"{path.name} cannot be written.*remove it"):
        fill(Pictures().viewing(), 4, tmp_path, pool, silent)


def test_a_folder_that_cannot_be_made_is_told(pool: Executor, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="file"):
        fill(Pictures().viewing(), 4, tmp_path / "file" / "views", pool, silent)
