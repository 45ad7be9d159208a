"""Products are made ready for the store on all cores, many images at a time."""

from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass

from shoplens.catalogue.fields import dense_text, words_parts
from shoplens.catalogue.products import Stored
from shoplens.encode.words.rows import word_row
from shoplens.images.source import ImageSource
from shoplens.indexing.colours import FINGERPRINT
from shoplens.indexing.pictures import here, on, pass_over, read_image
from shoplens.indexing.workbench import ImageOutcome, Known, Ready, Workbench
from shoplens.types import Embeddings

REMEMBERED = 4096
"""Images kept in mind during a run: variants often repeat their group's images."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An image that will be there; ``again`` when another product asked for it before."""

    future: Future[ImageOutcome]
    again: bool


@dataclass(frozen=True, slots=True)
class Started:
    """A batch whose parts are being computed; for the pipeline to hold, not to look into."""

    batch: Sequence[Stored]
    images: Sequence[Sequence[Asked]]
    texts: Future[Embeddings]


class Preparer:
    """Two pools: one thread a core for decoding and encoding, more for waiting on the network."""

    def __init__(self, bench: Workbench, *, threads: int, connections: int) -> None:
        self._bench = bench
        if bench.catalogue.embeddings.count(bench.encoder.picture.fingerprint):
            bench.reuse.set()
        self._sources: dict[str, ImageSource] = {}
        self._cpu = ThreadPoolExecutor(threads, "encode")
        self._net = ThreadPoolExecutor(connections, "fetch")
        self._seen: OrderedDict[tuple[str, str], Future[ImageOutcome]] = OrderedDict()

    def start(self, batch: Sequence[Stored]) -> Started:
        """Begin with ``batch``; returns at once."""
        known = self._known(batch)
        images = [self._images(stored, known) for stored in batch]
        texts = [dense_text(stored.product) for stored in batch]
        return Started(batch, images, self._cpu.submit(self._bench.encoder.text.encode, texts))

    def finish(self, started: Started) -> list[Ready]:
        """Wait until every product of the batch is ready."""
        texts = started.texts.result()
        return [
            Ready(
                stored,
                self._placed(stored, images),
                text,
                word_row(words_parts(stored.product)),
            )
            for stored, images, text in zip(started.batch, started.images, texts, strict=True)
        ]

    def close(self) -> None:
        """Drop what has not begun, wait for what has."""
        for pool in (self._net, self._cpu):
            pool.shutdown(wait=True, cancel_futures=True)

    def _images(self, stored: Stored, known: dict[tuple[int, str], Known]) -> list[Asked]:
        if stored.feed not in self._sources:
            self._sources[stored.feed] = self._bench.source_of(stored.feed)
        source = self._sources[stored.feed]
        kept = stored.product.images[: self._bench.max_images]
        return [
            self._image(stored.feed, source, name, known.get((stored.number, name)))
            for name in kept
        ]

    def _image(self, feed: str, source: ImageSource, name: str, known: Known | None) -> Asked:
        key = (feed, name)
        again = key in self._seen
        if not again:
            remote = source.is_remote(name)
            pool: Executor = self._net if remote else self._cpu
            cpu = on(self._cpu) if remote else here
            self._seen[key] = pool.submit(read_image, self._bench, source, name, known, cpu)
            if len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        return Asked(self._seen[key], again)

    def _placed(self, stored: Stored, images: Sequence[Asked]) -> tuple[ImageOutcome, ...]:
        """Give each image its own position: a shared one may stand elsewhere in each product."""
        limit = self._bench.max_images
        beyond = [pass_over(name, limit) for name in stored.product.images[limit:]]
        found = [
            asked.future.result().at(position, again=asked.again)
            for position, asked in enumerate(images)
        ]
        return (*found, *(outcome.at(limit + i) for i, outcome in enumerate(beyond)))

    def _known(self, batch: Sequence[Stored]) -> dict[tuple[int, str], Known]:
        """Look up the images indexed before, with what was made of them, in three questions."""
        tower = self._bench.encoder.picture
        catalogue = self._bench.catalogue
        records = catalogue.images.of([stored.number for stored in batch])
        usable = [(n, r) for n, found in records.items() for r in found if not r.reason]
        hashes = [record.image_hash for _, record in usable]
        embeddings = catalogue.embeddings.get(hashes, tower.fingerprint)
        colours = catalogue.embeddings.get(hashes, FINGERPRINT)
        return {
            (number, record.source): Known(
                record, embeddings[record.image_hash], colours.get(record.image_hash)
            )
            for number, record in usable
            if record.image_hash in embeddings
        }
