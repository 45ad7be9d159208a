"""Where a feed's images are, which of them changed, and what indexing a feed asks and reports."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from shoplens.catalogue.images import ImageRecord
from shoplens.catalogue.journal.notes import Notes
from shoplens.errors import ImageError, NotFoundError
from shoplens.feed.sync import SyncReport
from shoplens.images.fetch import Fetcher
from shoplens.images.network import Network, parse_target
from shoplens.images.source import ImageSource
from shoplens.indexing.pictures import PASSED_OVER
from shoplens.indexing.workbench import IndexCounts, Workbench
from shoplens.types import Stage

API_FEED = "api"
"""The feed of products that came over HTTP one by one."""


@dataclass(frozen=True, slots=True)
class IndexRequest:
    """A feed to index: ``images`` is the folder that its relative image paths start from.

    ``name`` tells feeds apart: what vanished from a feed is removed, what other feeds hold stays.
    """

    path: Path
    images: Path | None = None
    name: str = ""
    kind: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict[str, str])
    allow_shrink: bool = False
    rebuild: bool = False

    @property
    def feed(self) -> str:
        """The feed's name: its own path unless another was given."""
        return self.name or str(self.path.absolute())

    @property
    def root(self) -> Path:
        """The folder that relative image paths start from."""
        beside = self.path if self.path.is_dir() else self.path.parent
        return (self.images or beside).absolute()

    def to_json(self) -> str:
        """Write the request down for a job."""
        return json.dumps(asdict(replace(self, name=self.feed)), default=str)

    @classmethod
    def from_json(cls, text: str) -> "IndexRequest":
        """Read what ``to_json`` wrote."""
        spec = json.loads(text)
        images = Path(spec.pop("images")) if spec["images"] else spec.pop("images")
        return cls(path=Path(spec.pop("path")), images=images, **spec)


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What indexing a feed did; ``stale`` counts products whose image files had changed.

    ``mapping`` is field -> column as guessed or given, ``ignored`` names columns not used.
    """

    feed: str
    kind: str
    mapping: Mapping[str, str]
    ignored: tuple[str, ...]
    sync: SyncReport
    stale: int
    counts: IndexCounts
    seconds: float

    def told(self) -> str:
        """Say it in one sentence, for a list of jobs."""
        sync, counts = self.sync, self.counts
        return (
            f"{counts.products} products indexed in {self.seconds:.0f} s: {sync.new} new, "
            f"{sync.changed} changed, {sync.removed} removed, {sync.rejected} rows and "
            f"{counts.refused} images refused"
        )

    def to_json(self) -> str:
        """Write the report down for whoever asked for the job."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "IndexReport":
        """Read what ``to_json`` wrote."""
        told = json.loads(text)
        told["ignored"] = tuple(told["ignored"])
        told["sync"] = SyncReport(**told["sync"])
        told["counts"] = IndexCounts(**told["counts"])
        return cls(**told)


class ImagePlaces:
    """Remembers for each feed the folder that its local images are in."""

    def __init__(self, notes: Notes, uploads: Path, fetcher: Fetcher, max_bytes: int) -> None:
        self._notes = notes
        self._uploads = uploads
        self._fetcher = fetcher
        self._max_bytes = max_bytes

    def remember(self, feed: str, root: Path) -> None:
        """Note that the local images of ``feed`` are below ``root``."""
        self._notes.put(f"images of {feed}", str(root))

    def source_of(self, feed: str) -> ImageSource:
        """Give the place to read the images of ``feed`` from."""
        root = images_root(self._notes, self._uploads, feed)
        return ImageSource(root, self._fetcher, self._max_bytes)


def images_root(notes: Notes, uploads: Path, feed: str) -> Path | None:
    """Name the folder that the local images of ``feed`` are below; None if none was named."""
    if feed == API_FEED:
        return uploads
    try:
        return Path(notes.get(f"images of {feed}"))
    except NotFoundError:
        return None


def mark_stale(bench: Workbench, feed: str, allowed_hosts: Sequence[str]) -> int:
    """Mark indexed products of ``feed`` pending whose images should be read again; count them.

    A local image counts when its size or time differ from what was indexed, so also when it
    appeared or vanished. A URL counts when it was refused, as the network may be better today,
    but not when it would be refused for the same reason without asking the network. One beyond
    the limit of images counts when the limit is another by now.
    """
    known = _Known(bench.source_of(feed), allowed_hosts, bench.max_images)
    after, stale = 0, 0
    while products := bench.catalogue.products.walk(after=after, k=1000):
        after = products[-1].number
        ours = [p for p in products if p.feed == feed and p.stage is Stage.INDEXED]
        records = bench.catalogue.images.of([p.number for p in ours])
        numbers = [p.number for p in ours if any(map(known.is_stale, records[p.number]))]
        stale += bench.catalogue.products.mark_pending(numbers) if numbers else 0
    return stale


def mark_all(bench: Workbench) -> int:
    """Mark every product pending: their embeddings are kept, so no image is encoded twice."""
    after, marked = 0, 0
    while products := bench.catalogue.products.walk(after=after, k=1000):
        after = products[-1].number
        numbers = [p.number for p in products if p.stage is Stage.INDEXED]
        marked += bench.catalogue.products.mark_pending(numbers) if numbers else 0
    return marked


@dataclass(frozen=True, slots=True)
class _Known:
    """Compares images as they were indexed with how they are now, without opening any."""

    source: ImageSource
    allowed_hosts: Sequence[str]
    max_images: int

    def is_stale(self, record: ImageRecord) -> bool:
        beyond = record.position >= self.max_images
        if beyond or record.stamp == PASSED_OVER:
            return beyond != (record.stamp == PASSED_OVER)
        if self.source.is_remote(record.source):
            return bool(record.reason) and record.reason != self._refusal(record.source)
        return self.source.stamp(record.source) != record.stamp

    def _refusal(self, url: str) -> str:
        try:
            parse_target(url, self.allowed_hosts, Network().ports)
        except ImageError as error:
            return str(error)
        return ""
