"""The whole story on one page: open a shop, index its feed, answer a photo.

Each method is a paragraph; the chapters it points to are the rooms.
"""

import math
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np

from shoplens.answer.show import show
from shoplens.catalogue.catalogue import Catalogue, ProductView, open_catalogue
from shoplens.catalogue.fields import CORE_FIELDS, dense_text, words_text
from shoplens.catalogue.journal.jobs import Job, Jobs
from shoplens.config import Settings
from shoplens.database.owner import Ownership
from shoplens.encode.base import Encoder, open_encoder
from shoplens.errors import ImageError, NotFoundError
from shoplens.feed.read import Feed, open_feed
from shoplens.feed.sync import SyncReport, sync
from shoplens.images.decode import decode
from shoplens.images.fetch import Fetcher
from shoplens.images.thumbnails import Thumbnails
from shoplens.indexing.ledger import acknowledge, forget_removed
from shoplens.indexing.pipeline import index_pending
from shoplens.indexing.prepare import Preparer
from shoplens.indexing.workbench import IndexCounts, Progress, Workbench, silent, utc_now
from shoplens.ingest.feeds import (
    API_FEED,
    ImagePlaces,
    IndexReport,
    IndexRequest,
    mark_all,
    mark_stale,
)
from shoplens.ingest.identity import Identity
from shoplens.ingest.status import Status, status_of
from shoplens.ingest.uploads import Uploads
from shoplens.ingest.verify import VerifyReport, VerifyRequest, verify
from shoplens.ingest.worker import INDEX, VERIFY, Worker
from shoplens.regions.box import Box, cut
from shoplens.search.filters import parse_filter
from shoplens.search.retrieve import Searcher
from shoplens.store.base import Store, open_store
from shoplens.types import Answer, FieldKind, Filter, Pixels, Product, Query, Rejection, Stage


class Engine:
    """A shop that can be searched; opened once, shared by every door, safe to share by threads."""

    def __init__(self, settings: Settings, owner: Ownership, catalogue: Catalogue) -> None:
        self.settings = settings
        self._owner = owner
        self._catalogue = catalogue
        self._encoder: Encoder = open_encoder(settings.encoder)
        self._identity = Identity(settings.store, self._encoder, catalogue.notes)
        self._store: Store = open_store(
            settings.store,
            self._identity.folder(settings.data),
            self._encoder.picture.dim,
            self._encoder.text.dim,
        )
        self._crops = ThreadPoolExecutor(settings.index.threads, "crop")
        self._searcher = Searcher(
            self._encoder, self._store, settings.search, self._texts_of, pool=self._crops
        )
        self._fetcher = Fetcher(settings.images)
        self._thumbnails = Thumbnails(settings.data / "thumbnails", settings.images.thumbnail_px)
        self._places = ImagePlaces(
            catalogue.notes, settings.data / "uploads", self._fetcher, settings.images.max_bytes
        )
        self._bench = Workbench(
            catalogue,
            self._encoder,
            self._store,
            self._thumbnails,
            self._places.source_of,
            settings.images.max_pixels,
            settings.index.max_images,
        )
        self._uploads = Uploads(settings.data / "uploads", self._places)
        self._indexing = threading.Lock()
        self._stop = threading.Event()
        self._worker = Worker(catalogue.jobs, catalogue.notes, self._run_job)

    # ---- opening and closing -------------------------------------------------------------------

    @classmethod
    def open(cls, settings: Settings, *, address: str = "") -> Self:
        """Take the data folder and open everything that ``settings`` name.

        Raises:
            BusyError: another process owns the folder.
            ConfigError, NotFoundError, MismatchError, StorageError: a part cannot be opened.
        """
        owner = Ownership(settings.data, address=address)
        try:
            catalogue = open_catalogue(settings.database_url)
            catalogue.jobs.abandon(utc_now())
            return cls(settings, owner, catalogue)
        except BaseException:
            owner.close()
            raise

    def close(self) -> None:
        """Give up the batch at hand, put everything on disk, let go of the folder."""
        self._stop.set()
        self._fetcher.close()
        self._crops.shutdown()
        self._worker.close()
        with self._indexing:
            self._store.close()
        self._catalogue.close()
        self._owner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm(self) -> None:
        """Touch every part once, so that the first visitor waits for nothing."""
        grey = np.full((64, 64, 3), 128, np.uint8)
        self._searcher.rank(Query(picture=grey, text="warm", k=1))

    # ---- a feed goes in ------------------------------------------------------------------------

    def index(self, request: IndexRequest, progress: Progress = silent) -> IndexReport:
        """Read a feed, find what is new, changed or gone, and make all of it searchable.

        Interrupted at any point, the same call goes on where it was.

        Raises:
            FeedError: the feed cannot be read at all.
            MismatchError: the shop was indexed with another encoder; ask for ``rebuild``.
            StorageError: the disk is full; what was acknowledged is safe.
        """
        began = time.monotonic()
        with self._indexing:
            if request.rebuild:
                mark_all(self._bench)
            else:
                self._identity.check()
            self._identity.settle()
            self._places.remember(request.feed, request.root)
            feed = open_feed(
                request.path, kind=request.kind, mapping=request.mapping, now=utc_now()
            )
            synced = self._sync(feed, request, progress)
            stale = mark_stale(self._bench, request.feed, self.settings.images.allowed_hosts)
            counts = self._index_pending(progress)
            if (counts.products or synced.removed) and not self._stop.is_set():
                progress("optimise", 0, 0)
                self._store.optimise()
        seconds = time.monotonic() - began
        shape = (feed.kind, feed.mapping, feed.ignored)
        return IndexReport(request.feed, *shape, synced, stale, counts, seconds)

    def put_product(self, product: Product, uploads: Sequence[bytes] = ()) -> ProductView:
        """Add or replace one product; it is searchable when this returns.

        ``uploads`` are image files that come after ``product.images``. A local path is accepted
        only if this product already has it.

        Raises:
            ImageError: an image is a path on this machine, which the network may not name.
            MismatchError: the shop was indexed with another encoder.
        """
        self._identity.check()
        self._identity.settle()
        products = self._catalogue.products
        before = products.get_many([product.product_id]).get(product.product_id)
        product = replace(product, images=self._uploads.images_of(product, before, uploads))
        products.put([product], feed=API_FEED, run=uuid.uuid4().hex, now=utc_now())
        stored = products.get(product.product_id)
        if stored.stage is Stage.PENDING:
            with closing(self._preparer()) as preparer:
                acknowledge(self._bench, preparer.finish(preparer.start([stored])))
        return self.product(product.product_id)

    def remove_product(self, product_id: str) -> None:
        """Forget a product; it is gone from search when this returns (NotFoundError if unknown)."""
        self._catalogue.products.get(product_id)
        self._catalogue.products.remove([product_id])
        forget_removed(self._bench)

    # ---- a question is answered ----------------------------------------------------------------

    def picture(self, data: bytes, box: Box | None = None) -> Pixels:
        """Decode the photo of a query, or what a box in it holds; ImageError if it cannot be."""
        side = math.ceil(2 * self._encoder.picture.size_px / (box.shorter if box else 1))
        limit = self.settings.images.max_pixels
        picture = decode(data, min_side_px=side, max_pixels=limit, for_eyes=False)
        return cut(picture, box) if box else picture

    def filter(self, text: str) -> Filter | None:
        """Parse a filter expression; QueryError says where it is wrong."""
        return parse_filter(text, self.fields()) if text.strip() else None

    def fields(self) -> Mapping[str, FieldKind]:
        """Name everything that can be filtered."""
        attributes = self._catalogue.products.attribute_names()
        return {**CORE_FIELDS, **dict.fromkeys(attributes, "keyword")}

    def search(self, query: Query) -> Answer:
        """Find the products that answer ``query`` best.

        Raises:
            QueryError: the query makes no sense.
            NotFoundError: it names a product that does not exist.
            MismatchError: the shop was indexed with another encoder.
        """
        self._identity.check()
        if query.product_id:
            self._catalogue.products.get(query.product_id)
        ranking = self._searcher.rank(query)
        began = time.perf_counter()
        shown = show(self._catalogue, ranking)
        timings = {**ranking.timings_ms, "fetch": (time.perf_counter() - began) * 1000}
        return Answer(ranking.ranking_id, shown, ranking.complete, timings)

    def thumbnail(self, image_hash: str) -> Path:
        """Give the file of a thumbnail, made now if it was never looked at (NotFoundError)."""
        path = self._thumbnails.path(image_hash)
        if path:
            return path
        feed, record = self._catalogue.images.origin(image_hash)
        try:
            file = self._places.source_of(feed).read(record.source)
            if file.image_hash != image_hash:
                raise NotFoundError(f"{record.source} has changed since it was indexed")
            side = self.settings.images.thumbnail_px
            picture = decode(
                file.data, min_side_px=side, max_pixels=self.settings.images.max_pixels
            )
        except ImageError as error:
            raise NotFoundError(f"{record.source} cannot be shown: {error}") from error
        return self._thumbnails.put(image_hash, picture)

    # ---- looking around ------------------------------------------------------------------------

    def product(self, product_id: str) -> ProductView:
        """Look one product up (NotFoundError)."""
        return self._catalogue.views([self._catalogue.products.get(product_id)])[0]

    def page(self, *, after: int = 0, k: int = 50) -> tuple[list[ProductView], int]:
        """List products; the second value is ``after`` for the next page, 0 at the end."""
        products = self._catalogue.products.walk(after=after, k=k)
        end = products[-1].number if len(products) == k else 0
        return self._catalogue.views([p for p in products if p.stage is not Stage.REMOVED]), end

    def status(self) -> Status:
        """Count everything."""
        return status_of(self._bench, self.settings)

    def verify(self, *, repair: bool = False, progress: Progress = silent) -> VerifyReport:
        """Prove that no product was skipped; ``repair`` marks what is missing to be done again."""
        with self._indexing:
            return verify(self._bench, repair=repair, progress=progress)

    def rejections(self, *, k: int = 100) -> list[Rejection]:
        """List refused feed rows, then refused images, each with its reason."""
        return self._catalogue.rejected(k=k)

    # ---- work in the background ----------------------------------------------------------------

    @property
    def jobs(self) -> Jobs:
        """The queue, and what became of earlier jobs."""
        return self._catalogue.jobs

    def start_worker(self) -> None:
        """Run queued jobs in a thread, also those that a command line queues for this server."""
        self._worker.start()

    def submit(self, request: IndexRequest) -> Job:
        """Queue a feed to be indexed."""
        job = self.jobs.submit(INDEX, request.to_json(), utc_now())
        self._worker.wake()
        return job

    def _run_job(self, job: Job, progress: Progress) -> IndexReport | VerifyReport:
        if job.kind == VERIFY:
            asked = VerifyRequest.from_json(job.spec)
            return self.verify(repair=asked.repair, progress=progress)
        return self.index(IndexRequest.from_json(job.spec), progress)

    # ---- behind the scenes ---------------------------------------------------------------------

    def _sync(self, feed: Feed, request: IndexRequest, progress: Progress) -> SyncReport:
        return sync(
            feed,
            self._catalogue.products,
            self._catalogue.rejections,
            name=request.feed,
            now=utc_now(),
            allow_shrink=request.allow_shrink,
            progress=lambda done, total: progress("read", done, total),
        )

    def _index_pending(self, progress: Progress) -> IndexCounts:
        batch = self.settings.index.batch
        with closing(self._preparer()) as preparer:
            try:
                return index_pending(
                    self._bench, preparer, batch=batch, progress=progress, stop=self._stop
                )
            except KeyboardInterrupt:
                self._fetcher.close()  # or else the preparer waits for every download under way
                raise

    def _preparer(self) -> Preparer:
        return Preparer(
            self._bench,
            threads=self.settings.index.threads,
            connections=self.settings.images.connections,
        )

    def _texts_of(self, product_id: str) -> tuple[str, str]:
        product = self._catalogue.products.get(product_id).product
        return dense_text(product), words_text(product)
