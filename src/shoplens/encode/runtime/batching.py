"""Questions that come at the same time go through a network together.

Nobody waits for company: who finds the network free runs it, in its own thread. Who does not,
waits, and what waits when the network comes free goes through it together. No thread is started,
so there is nothing to close: led by its callers a question costs 4 µs more than without, handed to
a thread 18, or 100 where others compute (``bench/batching.py``).

On a processor short texts gain most, whose time goes into reading the weights. Measured with
networks as of CLIP ViT-B/32 on two busy cores, 16 clients against each running the network at once:
texts 1.4 to 1.7, pictures 1.2 to 1.4 times as many answers a second with up to 8 rows in a lane a
core, and no more with 16. One lane is as good for texts and worse for pictures.
"""

from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from itertools import accumulate
from threading import Lock
from typing import Protocol, runtime_checkable

import numpy as np

from shoplens.encode.runtime.session import REFUSALS

STEP = 16
"""Rows are padded together if their lengths lie in one step of this many. Measured of such a text
tower, a token costs 0.4 ms, and a row alone 6 ms more than one of eight: as much as the padding of
15 tokens, which is the most; 5 are usual."""
_FAILED = (*REFUSALS, ArithmeticError, MemoryError, RuntimeError, TypeError, ValueError)
"""What a batch ends in when it is too large, or one of its rows is not right."""


@runtime_checkable
class Runs(Protocol):
    """A network, as ``Session``; feeds share their first axis with each other and the output."""

    def run(self, output: str, feed: Mapping[str, np.ndarray]) -> np.ndarray:
        """Compute one output."""
        ...


class _Request:
    """What one caller wants. ``made`` is its own rows once there are some.

    ``woken`` is held until its caller has something to do. ``apart`` when it must not share a
    batch; ``gone`` when nobody waits for it any more. ``batch`` is what it runs, while it leads.
    """

    def __init__(self, output: str, feed: Mapping[str, np.ndarray], kind: Hashable) -> None:
        lengths = {len(each) for each in feed.values()}
        self.output = output
        self.feed = feed
        self.kind = kind
        self.rows = max(lengths)
        self.apart = len(lengths) > 1
        self.gone = False
        self.woken = Lock()
        self.batch: list[_Request] = []
        self.made: np.ndarray | None = None

    def goes_with(self, other: "_Request") -> bool:
        """Tell whether both may be in one batch."""
        return self.kind == other.kind and not (self.apart or other.apart)


class Batched:
    """A network for many threads: what waits for it is run together; same ``run`` as its own.

    At most ``lanes`` batches run at once, each in the thread of one of its callers; the first to
    ask is the first to be run, with those of its kind behind it, up to ``most`` rows. A request of
    more rows than that is run as it is, by itself. ``pads`` names the arrays (n, t) that may be
    made as long as the longest of a batch, and with what; others go together only if their shapes
    agree. ``wait_ms`` is how long a batch that is not full waits for others: it is added to the
    answer of who asks alone.

    A batch that fails is run again row by row, so that an error reaches only whom it concerns.
    A caller that is interrupted leaves; those that it led are led by another.
    """

    def __init__(
        self,
        session: Runs,
        most: int,
        lanes: int = 1,
        wait_ms: float = 0.0,
        pads: Mapping[str, int] | None = None,
    ) -> None:
        self._session = session
        self._most = most
        self._lanes = lanes
        self._wait_s = wait_ms / 1000
        self._pads: Mapping[str, int] = pads or {}
        # All that follows changes under this lock only; no network runs while it is held. Steps
        # are ordered so that doing them again, after an interrupt in their midst, does no harm.
        self._lock = Lock()
        self._queue: deque[_Request] = deque()
        self._leading: set[_Request] = set()
        self._gathering: _Request | None = None

    @property
    def waiting(self) -> int:
        """How many requests wait for a lane right now."""
        return len(self._queue)

    def run(self, output: str, feed: Mapping[str, np.ndarray]) -> np.ndarray:
        """Compute one output, with what others ask at the same time (raises what they raise)."""
        own = self._request(output, feed)
        while own.made is None:
            try:
                self._join(own)
                own.woken.acquire()
                if own in self._leading:
                    self._lead(own)
            finally:
                try:
                    self._leave(own)
                finally:
                    self._leave(own)  # An interrupt may have come in the midst of the first.
        return own.made

    def _request(self, output: str, feed: Mapping[str, np.ndarray]) -> _Request:
        shapes = [(name, each.dtype.str, *self._shape(name, each)) for name, each in feed.items()]
        return _Request(output, feed, (output, *sorted(shapes)))

    def _shape(self, name: str, array: np.ndarray) -> tuple[int, ...]:
        """Give what the shapes of two arrays must have in common to go together."""
        padded = name in self._pads and array.ndim == 2
        return (-1, (array.shape[1] - 1) // STEP) if padded else array.shape[1:]

    def _join(self, own: _Request) -> None:
        own.woken.acquire(blocking=False)
        with self._lock:
            own.gone = False
            self._queue.append(own)
            self._promote()
            leader = self._gathering
            if leader and _rows([leader, *filter(leader.goes_with, self._queue)]) >= self._most:
                _wake(leader)

    def _promote(self) -> None:
        """Let those lead who have waited longest, while there are lanes."""
        while self._queue and not self._gathering:
            leader = self._queue[0]
            if leader not in self._leading and len(self._leading) >= self._lanes:
                return
            self._leading.add(leader)
            if self._wait_s and leader.rows < self._most and not leader.apart:
                self._gathering = leader
            _wake(leader)
            self._queue.popleft()

    def _lead(self, own: _Request) -> None:
        """Run one batch with ``own`` in it; where that fails, all in it have no rows."""
        if self._gathering is own:
            own.woken.acquire(timeout=self._wait_s)
        self._gather(own)
        if len(own.batch) == 1:
            own.made = self._session.run(own.output, own.feed)
            return
        try:
            made = self._session.run(own.output, self._joined(own.batch))
        except _FAILED:
            return
        if len(made) == _rows(own.batch):
            ends = accumulate(each.rows for each in own.batch)
            for each, end in zip(own.batch, ends, strict=True):
                # Copied, so that nobody keeps the rows of all.
                each.made = made[end - each.rows : end].copy()

    def _gather(self, own: _Request) -> None:
        """Take those along that fit, in order."""
        with self._lock:
            own.batch = [own]
            if own in self._queue:  # who promoted it was interrupted
                self._queue.remove(own)
            for other in filter(own.goes_with, self._queue):
                if _rows(own.batch) + other.rows > self._most:
                    break
                own.batch.append(other)
            for other in own.batch[1:]:
                self._queue.remove(other)
            if self._gathering is own:
                self._gathering = None
            self._promote()

    def _joined(self, batch: Sequence[_Request]) -> dict[str, np.ndarray]:
        feeds = [each.feed for each in batch]
        return {
            name: _stacked([feed[name] for feed in feeds], self._pads.get(name))
            for name in feeds[0]
        }

    def _leave(self, own: _Request) -> None:
        """Stop waiting or leading; those of its batch have their rows, or are run by themselves."""
        with self._lock:
            own.gone = own.made is None
            if own in self._queue:
                self._queue.remove(own)
            if self._gathering is own:
                self._gathering = None
            for each in reversed(own.batch):
                if each.made is not None:
                    _wake(each)
                    continue
                each.apart = True
                if not each.gone and each not in self._queue and each not in self._leading:
                    self._queue.appendleft(each)
            own.batch = []
            self._leading.discard(own)
            self._promote()


def _rows(batch: Sequence[_Request]) -> int:
    return sum(each.rows for each in batch)


def _wake(request: _Request) -> None:
    if request.woken.locked():
        request.woken.release()


def _stacked(arrays: Sequence[np.ndarray], pad: int | None) -> np.ndarray:
    if pad is None or arrays[0].ndim != 2:
        return np.concatenate(arrays)
    longest = max(each.shape[1] for each in arrays)
    stacked = np.full((sum(map(len, arrays)), longest), pad, arrays[0].dtype)
    start = 0
    for each in arrays:
        stacked[start : start + len(each), : each.shape[1]] = each
        start += len(each)
    return stacked
