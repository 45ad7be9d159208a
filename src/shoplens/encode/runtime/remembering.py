"""What was asked before is not encoded again, and what several ask at once is encoded once."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import blake2b
from secrets import token_bytes
from threading import Event, Lock

import numpy as np
from jaxtyping import Float32

from shoplens.types import Embedding, Pixels

Key = bytes
"""Stands for what was asked, of which nothing can be read from it."""


class _Making:
    """A row that one caller computes; others wait until ``done``. None when there was an error."""

    def __init__(self) -> None:
        self.done = Event()
        self.row: Embedding | None = None


class Remembered:
    """Embeddings of the ``most`` queries asked last; for all threads, in memory only.

    Neither pictures nor texts are kept, only hashes of them under a secret that ends with this
    object. What a visitor's photo came to is forgotten after ``pictures_s`` seconds, with the next
    question after that, and never kept if it is 0. 4,000 rows of 512 numbers are 9 MB.
    """

    def __init__(
        self,
        most: int,
        *,
        pictures_s: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._pictures_s = pictures_s
        self._clock = clock
        self._secret = token_bytes(32)
        self._lock = Lock()
        self._rows: OrderedDict[Key, Embedding] = OrderedDict()
        self._until: dict[Key, float] = {}  # those that end first stand first
        self._making: dict[Key, _Making] = {}
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._rows)

    def clear(self) -> None:
        """Forget everything, what is being computed right now too."""
        with self._lock:
            self._rows.clear()
            self._until.clear()
            self._making = {}

    def key(self, *said: str | bytes | np.ndarray) -> Key:
        """Hash what was asked; parts that differ in where one ends have another key."""
        made = blake2b(digest_size=16, key=self._secret)
        for part in said:
            if isinstance(part, np.ndarray):
                made.update(f"{part.dtype.str}{part.shape}".encode())
                made.update(np.ascontiguousarray(part).reshape(-1).data)
            else:
                content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
                made.update(f"{len(content)} ".encode())
                made.update(content)
        return made.digest()

    def picture(
        self, tower: str, picture: Pixels, make: Callable[[], Embedding], *, crops: bool
    ) -> Embedding:
        """Give the embedding of a query picture, by ``make`` if it is not known.

        ``tower`` is the fingerprint of the picture tower; ``crops`` whether it looks twice or more.
        """
        if not self._pictures_s:
            return make()
        key = self.key(tower, "crops" if crops else "whole", picture)
        return self.rows([key], lambda _: make()[None], self._pictures_s)[0]

    def rows(
        self,
        keys: Sequence[Key],
        make: Callable[[Sequence[int]], Float32[np.ndarray, "m d"]],
        keep_s: float = math.inf,
    ) -> Float32[np.ndarray, "n d"]:
        """Give a row a key, in order; ``make`` computes those at the places it is told.

        What is computed now is kept for ``keep_s`` seconds, the same for all that end at all.
        Called with as many places at once as possible, never twice at the same time for one key.
        What it raises is raised, and not kept: who waited for it tries by itself.
        """
        places = {key: place for place, key in enumerate(keys)}
        known: dict[Key, Embedding] = {}
        while lacking := [key for key in places if key not in known]:
            ours: dict[Key, _Making] = {}
            try:
                theirs = self._claim(lacking, known, ours)
                if ours:
                    made = make([places[key] for key in ours])
                    known |= self._keep(ours, made, keep_s)
            finally:
                self._let_go(ours)
            for key, making in theirs.items():
                making.done.wait()
                if making.row is not None:
                    known[key] = making.row
        return np.stack([known[key] for key in keys])

    def _claim(
        self, keys: Sequence[Key], known: dict[Key, Embedding], ours: dict[Key, _Making]
    ) -> dict[Key, _Making]:
        """Sort keys into those ``known``, those that we compute, and those that others do."""
        theirs: dict[Key, _Making] = {}
        with self._lock:
            self._expire()
            for key in keys:
                row, making = self._rows.get(key), self._making.get(key)
                if row is not None:
                    known[key] = row
                    self._rows.move_to_end(key)
                elif making:
                    theirs[key] = making
                else:
                    ours[key] = self._making[key] = _Making()
            self.misses += len(ours)
            self.hits += len(keys) - len(ours)
        return theirs

    def _keep(
        self, ours: dict[Key, _Making], made: Float32[np.ndarray, "m d"], keep_s: float
    ) -> dict[Key, Embedding]:
        """Remember rows, each its own array, unless everything was forgotten meanwhile."""
        rows = dict(zip(ours, map(np.array, made), strict=True))
        with self._lock:
            for key, making in ours.items():
                row = making.row = rows[key]
                if self._making.get(key) is making:
                    self._rows[key] = row
                    if keep_s < math.inf:
                        self._until[key] = self._clock() + keep_s
            while len(self._rows) > self._most:
                key, _ = self._rows.popitem(last=False)
                self._until.pop(key, None)
        return rows

    def _expire(self) -> None:
        """Forget what has had its time; the lock is held."""
        now = self._clock()
        while self._until and next(iter(self._until.values())) <= now:
            key = next(iter(self._until))
            del self._until[key]
            self._rows.pop(key, None)

    def _let_go(self, ours: dict[Key, _Making]) -> None:
        with self._lock:
            for key, making in ours.items():
                if self._making.get(key) is making:
                    del self._making[key]
        for making in ours.values():
            making.done.set()
