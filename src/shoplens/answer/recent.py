"""Query pictures are remembered for some minutes, in memory only, so that none is sent twice.

Nothing here is ever written to disk or to a log. A picture is forgotten so many minutes after it
came, whether or not it is used; sooner if too many come, the one that was not used for longest
first; and at once when the server stops.
"""

import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from shoplens.errors import NotFoundError
from shoplens.regions.box import Box
from shoplens.types import Embedding

BOXES = 16
"""Embeddings kept of one picture: one for each box that was asked with, the newest ones."""
OVERHEAD = 1024
"""Bytes that a picture takes beside its file."""

Cancel = Callable[[], None]
Later = Callable[[float, Callable[[], None]], Cancel]
"""Does something so many seconds later, unless it is cancelled."""


def later(wait_s: float, action: Callable[[], None]) -> Cancel:
    """Wait in a thread that does not keep the program from ending."""
    timer = threading.Timer(wait_s, action)
    timer.daemon = True
    timer.start()
    return timer.cancel


def new_query_image_id() -> str:
    """Draw an id that nobody guesses: 192 bits."""
    return f"q-{secrets.token_urlsafe(24)}"


@dataclass(slots=True, eq=False)
class _Kept:
    """One picture; ``repr`` does not show it."""

    data: bytes = field(repr=False)
    size: int
    embeddings: dict[tuple[str, Box | None], Embedding] = field(
        default_factory=dict["tuple[str, Box | None]", Embedding], repr=False
    )
    making: threading.Lock = field(default_factory=threading.Lock, repr=False)


class RecentPictures:
    """Files of query pictures by unguessable ids; safe to share by threads.

    ``clock`` counts seconds and never goes back; ``later`` wakes this up to forget what is due.
    """

    def __init__(
        self,
        minutes: float,
        max_bytes: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        later: Later = later,
        new_id: Callable[[], str] = new_query_image_id,
    ) -> None:
        """Remember for ``minutes``, and at most so many bytes; 0 minutes: nothing at all."""
        self._life_s = minutes * 60
        self._max_bytes = max_bytes
        self._clock, self._later, self._new_id = clock, later, new_id
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()  # the last used one last
        self._due: deque[tuple[float, str]] = deque()  # in order of coming
        self._bytes = 0
        self._cancel: Cancel | None = None

    def put(self, data: bytes) -> str:
        """Remember a picture's file; the id is empty if that is off or the file is too large."""
        size = len(data) + OVERHEAD
        if not self._life_s or size > self._max_bytes:
            return ""
        query_image_id = self._new_id()
        with self._lock:
            self._forget_due()
            self._kept[query_image_id] = _Kept(data, size)
            self._due.append((self._clock() + self._life_s, query_image_id))
            self._add(size)
            self._wake_later()
        return query_image_id

    def get(self, query_image_id: str) -> bytes:
        """Give a picture's file.

        Raises:
            NotFoundError: it is not remembered, or no longer.
        """
        return self._find(query_image_id).data

    def embedding(
        self,
        query_image_id: str,
        box: Box | None,
        make: Callable[[bytes, Box | None], Embedding],
        *,
        fingerprint: str = "",
    ) -> Embedding:
        """Give the embedding of a picture or of a box in it, made once however many ask at a time.

        ``fingerprint`` names what ``make`` makes it with: another model makes another.

        Raises:
            NotFoundError: it is not remembered, or no longer.
        """
        kept = self._find(query_image_id)
        with kept.making:
            found = kept.embeddings.get((fingerprint, box))
            if found is None:
                found = make(kept.data, box)
                grown = found.nbytes
                kept.embeddings[fingerprint, box] = found
                if len(kept.embeddings) > BOXES:
                    grown -= kept.embeddings.pop(next(iter(kept.embeddings))).nbytes
                self._grow(query_image_id, kept, grown)
        return found

    def close(self) -> None:
        """Forget everything now."""
        with self._lock:
            self._kept.clear()
            self._due.clear()
            self._bytes = 0
            if self._cancel:
                self._cancel()
            self._cancel = None

    def __len__(self) -> int:
        """Count the pictures that are held in memory."""
        return len(self._kept)

    @property
    def held_bytes(self) -> int:
        """Tell how much memory they take."""
        return self._bytes

    def _find(self, query_image_id: str) -> _Kept:
        with self._lock:
            self._forget_due()
            kept = self._kept.get(query_image_id)
            if kept:
                self._kept.move_to_end(query_image_id)
                return kept
        if not self._life_s:
            raise NotFoundError("this server remembers no query pictures; send the photo again")
        raise NotFoundError(
            f"query picture {query_image_id[:80]!r} is not remembered, or no longer: they are kept"
            f" for {self._life_s / 60:g} minutes; send the photo again"
        )

    def _grow(self, query_image_id: str, kept: _Kept, size: int) -> None:
        with self._lock:
            if self._kept.get(query_image_id) is kept:
                kept.size += size
                self._add(size)

    def _add(self, size: int) -> None:
        """Count bytes, and forget what was not used for longest until the rest has room."""
        self._bytes += size
        while self._bytes > self._max_bytes:
            _, kept = self._kept.popitem(last=False)
            self._bytes -= kept.size

    def _forget_due(self) -> None:
        now = self._clock()
        while self._due and self._due[0][0] <= now:
            _, query_image_id = self._due.popleft()
            if kept := self._kept.pop(query_image_id, None):
                self._bytes -= kept.size

    def _wake_later(self) -> None:
        """Have the next one forgotten when it is due, though nobody should ask again."""
        if self._due and self._cancel is None:
            self._cancel = self._later(max(self._due[0][0] - self._clock(), 0), self._wake)

    def _wake(self) -> None:
        with self._lock:
            self._cancel = None
            self._forget_due()
            self._wake_later()
