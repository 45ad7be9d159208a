"""What the frozen part makes of every view of every picture, computed once and kept on disk."""

import hashlib
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from shoplens.errors import ImageError, StorageError
from shoplens.indexing.workbench import Progress
from shoplens.learn.views.augment import augment
from shoplens.types import Pixels

Places = Int64[np.ndarray, " m"]
SPARE_BYTES = 512 << 20
AHEAD = 64
"""Pictures begun before the oldest is awaited: so many are in memory at most."""


@dataclass(frozen=True, slots=True)
class Bank:
    """``rows`` (n, v, ...): picture, view; the first view is the picture itself.

    ``whole`` tells which pictures are there: the others could not be read.
    """

    rows: np.ndarray
    whole: UInt8[np.ndarray, " n"]

    def plain(self, places: Places) -> Float32[np.ndarray, "m ..."]:
        """Give pictures as they are."""
        return np.asarray(self.rows[places, 0], np.float32)

    def drawn(self, places: Places, rng: np.random.Generator) -> Float32[np.ndarray, "m ..."]:
        """Give a view of each picture by chance."""
        views = rng.integers(self.rows.shape[1], size=len(places))
        return np.asarray(self.rows[places, views], np.float32)


@dataclass(frozen=True, slots=True)
class Viewing:
    """How pictures become rows: ``look`` opens one by its place, ``run`` makes its row.

    ``views`` counts changed views beside the picture itself. ``name`` tells one bank from another:
    whatever changes rows must be in it.
    """

    look: Callable[[int], Pixels]
    run: Callable[[Pixels], np.ndarray]
    views: int
    strength: float
    seed: int
    name: str

    def rows(self, place: int) -> np.ndarray:
        """Make all rows of one picture (v, ...), the same ones each time."""
        picture = self.look(place)
        rng = np.random.default_rng([self.seed, place])
        changed = (augment(picture, self.strength, rng) for _ in range(self.views))
        return np.stack([self.run(picture), *map(self.run, changed)])


def fill(viewing: Viewing, count: int, folder: Path, pool: Executor, progress: Progress) -> Bank:
    """Compute the rows of pictures 0 to ``count``; what is on disk from before is not done again.

    Memory holds some tens of pictures; the rows are float16 files below ``folder``. A picture that
    cannot be read is not ``whole``.

    Raises:
        StorageError: the disk has no room for them; says how much is needed.
    """
    shape = (count, *_first(viewing, count).shape)
    stem = folder / hashlib.sha256(f"{viewing.name} {shape}".encode()).hexdigest()[:16]
    _check_room(folder, shape, stem)
    rows = _mapped(stem.with_suffix(".rows.npy"), shape, np.float16)
    whole = _mapped(stem.with_suffix(".whole.npy"), (count,), np.uint8)
    todo = [place for place in range(count) if not whole[place]]
    for done, (place, made) in enumerate(_made(viewing, todo, pool), count - len(todo) + 1):
        if made is not None:
            rows[place] = made
            whole[place] = 1
        progress("views", done, count)
    return Bank(rows, whole)


def _first(viewing: Viewing, count: int) -> np.ndarray:
    """Find the shape of a picture's rows by the first that can be read."""
    reason = ""
    for place in range(count):
        try:
            return viewing.rows(place)
        except ImageError as error:
            reason = reason or str(error)
    raise ImageError(f"none of {count} pictures can be read; the first: {reason}")


def _made(
    viewing: Viewing, places: Sequence[int], pool: Executor
) -> Iterator[tuple[int, np.ndarray | None]]:
    """Compute on all cores, in order, with a bounded number in memory; None if unreadable."""
    begun: deque[tuple[int, Future[np.ndarray]]] = deque()
    waiting = iter(places)
    while True:
        while len(begun) < AHEAD and (place := next(waiting, None)) is not None:
            begun.append((place, pool.submit(viewing.rows, place)))
        if not begun:
            return
        place, future = begun.popleft()
        try:
            rows = future.result()
        except ImageError:
            rows = None
        yield place, rows


def _mapped(path: Path, shape: tuple[int, ...], kind: type) -> np.ndarray:
    try:
        found = _opened(path, shape, kind)
        _reserve(path)
    except (OSError, ValueError) as error:
        raise StorageError(f"{path} cannot be written: {error}; remove it, or make room") from error
    return found


def _opened(path: Path, shape: tuple[int, ...], kind: type) -> np.ndarray:
    """Open a file of rows, or begin one."""
    if path.is_file():
        found = np.lib.format.open_memmap(path, "r+")
        if found.shape == shape and found.dtype == kind:
            return found
    return np.lib.format.open_memmap(path, "w+", kind, shape)


def _reserve(path: Path) -> None:
    """Take the room of a file that is full of holes: without, a full disk ends the process."""
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def _check_room(folder: Path, shape: tuple[int, ...], stem: Path) -> None:
    if stem.with_suffix(".rows.npy").is_file():
        return
    needed = 2 * int(np.prod(shape))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise StorageError(f"{folder} cannot be made: {error}") from error
    if needed + SPARE_BYTES > free:
        raise StorageError(
            f"the views of {shape[0]} pictures need {needed / 1e9:.1f} GB below {folder}, "
            f"{free / 1e9:.1f} GB are free; make room, or ask for fewer: --set views=1"
        )
