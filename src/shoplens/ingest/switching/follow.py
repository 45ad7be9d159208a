"""A second store is kept as it should be: in one go before it serves, and a moment after changes.

What it holds is noted by product and revision, so that it goes on where it was, killed anywhere.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from shoplens.catalogue.products import Stored
from shoplens.errors import ShoplensError
from shoplens.indexing.ledger import follow, forget_gone
from shoplens.indexing.pipeline import work_through
from shoplens.indexing.prepare import Hands
from shoplens.indexing.workbench import IndexCounts, Progress, silent
from shoplens.ingest.switching.side import Side
from shoplens.types import Stage

PAUSE_S = 0.3
"""The least time between two looks at what changed: many changes are followed together."""

log = logging.getLogger(__name__)


def catch_up(side: Side, hands: Hands, progress: Progress = silent) -> IndexCounts:
    """Make a second store hold every indexed product as it is, and nothing of those removed.

    Products that change meanwhile may be left: the next call takes them.

    Raises:
        StorageError: the disk is full; the next call goes on.
    """
    held, key = side.bench.catalogue.held, side.identity.key
    forget_gone(side.bench, key)
    total = held.count_behind(key)
    if not total:
        return IndexCounts()
    with hands.preparer(side.bench) as preparer:
        return work_through(
            _behind(side, hands.batch),
            preparer,
            partial(follow, side.bench, key),
            lambda done: progress("encode", done, total),
            hands.stop,
        )


def _behind(side: Side, batch: int) -> Iterator[Sequence[Stored]]:
    catalogue, after = side.bench.catalogue, 0
    while behind := catalogue.held.behind(side.identity.key, after=after, k=batch):
        after = behind[-1][0]
        found = catalogue.products.get_many([product_id for _, product_id in behind])
        indexed = [stored for stored in found.values() if stored.stage is Stage.INDEXED]
        if indexed:
            yield indexed


class Follower:
    """A thread that lets a second side follow; ``find`` opens that side when it is first needed."""

    def __init__(
        self, hands: Hands, changed: threading.Event, find: Callable[[], Side | None]
    ) -> None:
        self._hands = hands
        self._changed = changed
        self._find = find
        self._side: Side | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._loop, name="follow", daemon=True)
        self._told = ""
        self._waits = False

    def start(self) -> None:
        """Begin to follow, if that has not begun."""
        if not self._thread.is_alive():
            self._thread.start()

    def take(self, name: str) -> Side | None:
        """Hand over the side called ``name`` if it is open here; it is not followed from now on.

        Until ``resume`` no side is opened here: whoever takes may open one, and a store has one
        owner.
        """
        with self._lock:
            self._waits = True
            side = self._side
            if side is None or side.name != name:
                return None
            self._side = None
            return side

    def resume(self) -> None:
        """Open what is to be followed again, when something has changed."""
        with self._lock:
            self._waits = False
        self._changed.set()

    def follow(self, side: Side) -> None:
        """Follow ``side`` from now on, and let go of the one before."""
        with self._lock:
            if self._side:
                self._side.bench.store.close()
            self._side = side
        self._changed.set()
        self.start()

    def close(self) -> None:
        """End, after the batch at hand; ``hands`` must have been stopped."""
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._side:
            self._side.bench.store.close()

    def _loop(self) -> None:
        while not self._hands.stop.is_set():
            self._changed.wait()
            self._changed.clear()
            try:
                with self._lock:
                    self._once()
                self._told = ""
            except ShoplensError as error:  # it goes on after the next change, or at a rollback
                if str(error) != self._told:
                    log.warning("the store that a rollback goes back to lags behind: %s", error)
                self._told = str(error)
            self._hands.stop.wait(PAUSE_S)

    def _once(self) -> None:
        if self._hands.stop.is_set():
            return
        if self._side is None and not self._waits:
            self._side = self._find()
        if self._side:
            catch_up(self._side, self._hands)
