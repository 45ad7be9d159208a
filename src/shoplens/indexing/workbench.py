"""What indexing works with, and what it reports; no work is done here."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from shoplens.catalogue.catalogue import Catalogue
from shoplens.catalogue.images import ImageRecord
from shoplens.catalogue.products import Stored
from shoplens.encode.base import Encoder
from shoplens.images.source import ImageSource
from shoplens.images.thumbnails import Thumbnails
from shoplens.indexing.colours import Colours
from shoplens.store.base import Store
from shoplens.types import Embedding, SparseRow

Progress = Callable[[str, int, int], None]
"""Is told a step, how much of it is done, and of how much (0 while unknown); must be quick."""


def silent(step: str, done: int, total: int) -> None:
    """Tell nobody."""
    del step, done, total


def utc_now() -> datetime:
    """Tell the time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Workbench:
    """The parts that indexing puts together.

    ``source_of`` gives the place where a feed's images are. ``commit`` is held while rows reach
    the store and the catalogue together, so that an older revision never overwrites a newer one.
    ``reuse`` is set once there are embeddings of earlier runs: looking for one costs a twentieth of
    encoding a picture, which a shop's first run need not spend. ``changed`` is set after each
    change of the store. A second store has one of its own: it ``follows`` the store that serves,
    and so believes what the catalogue says of images, whatever became of their files.
    """

    catalogue: Catalogue
    encoder: Encoder
    store: Store
    thumbnails: Thumbnails
    source_of: Callable[[str], ImageSource]
    max_pixels: int
    max_images: int
    now: Callable[[], datetime] = utc_now
    commit: threading.RLock = field(default_factory=threading.RLock)
    reuse: threading.Event = field(default_factory=threading.Event)
    changed: threading.Event = field(default_factory=threading.Event)
    follows: Store | None = None


@dataclass(frozen=True, slots=True)
class ImageOutcome:
    """What became of one image; without an embedding, ``record.reason`` says why.

    ``coloured`` when the colours are not in the cache yet, ``derived`` when the embedding was made
    of another tower's.
    """

    record: ImageRecord
    embedding: Embedding | None
    encoded: bool
    colours: Colours | None = None
    coloured: bool = False
    derived: bool = False

    def at(self, position: int, *, again: bool = False) -> "ImageOutcome":
        """Give the same image another place; ``again`` when it was counted before."""
        record = replace(self.record, position=position)
        encoded, derived = self.encoded and not again, self.derived and not again
        return replace(self, record=record, encoded=encoded, derived=derived)


@dataclass(frozen=True, slots=True)
class Ready:
    """A product with everything that its rows need."""

    stored: Stored
    images: tuple[ImageOutcome, ...]
    text: Embedding
    words: SparseRow


@dataclass(frozen=True, slots=True)
class IndexCounts:
    """What indexing did: products acknowledged, images encoded anew, reused, refused, derived."""

    products: int = 0
    encoded: int = 0
    reused: int = 0
    refused: int = 0
    derived: int = 0

    def __add__(self, other: "IndexCounts") -> "IndexCounts":
        """Count both together."""
        return IndexCounts(
            self.products + other.products,
            self.encoded + other.encoded,
            self.reused + other.reused,
            self.refused + other.refused,
            self.derived + other.derived,
        )


@dataclass(frozen=True, slots=True)
class Known:
    """An image as it was indexed before: it need not be opened again if nothing changed.

    ``colours`` is None if that was before they were kept. ``embedding`` is None only for a second
    store, of an image that was refused, or that its encoder has not seen.
    """

    record: ImageRecord
    embedding: Embedding | None
    colours: Colours | None = None
    derived: bool = False
