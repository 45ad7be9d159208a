"""Products are made ready for the store on all cores, many images at a time."""

import os
import sys
from collections import OrderedDict
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import Event

import numpy as np

from shoplens.catalogue.fields import dense_text, words_parts
from shoplens.catalogue.products import Stored
from shoplens.encode.words.rows import word_row
from shoplens.images.source import ImageSource
from shoplens.indexing.cached import embeddings_kept, is_any_kept
from shoplens.indexing.colours import FINGERPRINT
from shoplens.indexing.ledger import POSITIONS, row_id
from shoplens.indexing.pictures import here, on, pass_over, read_image
from shoplens.indexing.workbench import ImageOutcome, Known, Ready, Workbench
from shoplens.types import Embeddings

REMEMBERED = 4096
"""Images kept in mind during a run: variants often repeat their group's images."""
BACKGROUND = 5
"""How much lower the priority of threads is that fill a second store: not so low that, where
another program takes every core, they sleep on what the threads of visitors wait for."""


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


@dataclass(frozen=True, slots=True)
class Hands:
    """Who works at a bench: how many at a time, and until when.

    ``give_up`` ends the downloads that are on their way.
    """

    threads: int
    connections: int
    batch: int
    stop: Event
    give_up: Callable[[], None]

    @contextmanager
    def preparer(self, bench: Workbench) -> Generator["Preparer"]:
        """Prepare at ``bench`` while the block runs; Ctrl-C waits for no download."""
        made = Preparer(bench, threads=self.threads, connections=self.connections)
        with closing(made) as preparer:
            try:
                yield preparer
            except KeyboardInterrupt:
                self.give_up()
                raise


class Preparer:
    """Two pools: one thread a core for decoding and encoding, more for waiting on the network."""

    def __init__(self, bench: Workbench, *, threads: int, connections: int) -> None:
        self._bench = bench
        # What the catalogue says of each image counts for a second store, and not the limit of now.
        self._limit = POSITIONS if bench.follows else bench.max_images
        if is_any_kept(bench):
            bench.reuse.set()
        self._sources: dict[str, ImageSource] = {}
        manners = _stand_back if bench.follows else None
        self._cpu = ThreadPoolExecutor(threads, "encode", manners)
        self._net = ThreadPoolExecutor(connections, "fetch", manners)
        self._seen: OrderedDict[tuple[str, str], Future[ImageOutcome]] = OrderedDict()

    def start(self, batch: Sequence[Stored]) -> Started:
        """Begin with ``batch``; returns at once."""
        known = self._known(batch)
        images = [self._images(stored, known) for stored in batch]
        return Started(batch, images, self._cpu.submit(self._texts, batch))

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
        kept = stored.product.images[: self._limit]
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
        limit = self._limit
        beyond = [pass_over(name, limit) for name in stored.product.images[limit:]]
        found = [
            asked.future.result().at(position, again=asked.again)
            for position, asked in enumerate(images)
        ]
        return (*found, *(outcome.at(limit + i) for i, outcome in enumerate(beyond)))

    def _texts(self, batch: Sequence[Stored]) -> Embeddings:
        """Encode each product's words, but for those that the store that is followed has."""
        tower, follows = self._bench.encoder.text, self._bench.follows
        rows = np.empty((len(batch), tower.dim), np.float32)
        main = [row_id(stored.number, 0) for stored in batch]
        there = follows.embeddings("text", main) if follows else {}
        for place, row in enumerate(main):
            if row in there:
                rows[place] = there[row]
        fresh = [place for place, row in enumerate(main) if row not in there]
        if fresh:
            rows[fresh] = tower.encode([dense_text(batch[place].product) for place in fresh])
        return rows

    def _known(self, batch: Sequence[Stored]) -> dict[tuple[int, str], Known]:
        """Look up the images indexed before, with what was made of them, in three questions."""
        catalogue = self._bench.catalogue
        records = catalogue.images.of([stored.number for stored in batch])
        follows = bool(self._bench.follows)
        usable = [(n, r) for n, found in records.items() for r in found if follows or not r.reason]
        hashes = [record.image_hash for _, record in usable if not record.reason]
        embeddings, derived = embeddings_kept(self._bench, hashes)
        colours = catalogue.embeddings.get(hashes, FINGERPRINT)
        return {
            (number, record.source): Known(
                record,
                embeddings.get(record.image_hash) if not record.reason else None,
                colours.get(record.image_hash),
                derived=record.image_hash in derived,
            )
            for number, record in usable
            if follows or record.image_hash in embeddings
        }


def _stand_back() -> None:
    """Let visitors go first: in Linux each thread has a priority of its own."""
    if sys.platform == "linux":
        os.nice(BACKGROUND)
