"""The whole story on one page: open a shop, index its feed, answer a photo.

Each method is a paragraph; the chapters it points to are the rooms.
"""

import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np

from shoplens.answer.answer import Answer
from shoplens.answer.answering import Answering
from shoplens.answer.calibrating.calibrate import fingerprint_of, kept
from shoplens.answer.calibrating.report import CalibrateReport
from shoplens.answer.calibrating.shop import CalibrateRequest, Calibrating
from shoplens.answer.reasons.refs import PhotoRef
from shoplens.answer.reasons.similarity import SimilarityMaps
from shoplens.answer.recent import RecentPictures
from shoplens.catalogue.catalogue import ProductView, open_catalogue
from shoplens.catalogue.journal.jobs import Job, Jobs
from shoplens.config import Settings
from shoplens.database.owner import Ownership
from shoplens.encode.colours.parse import parse_colour
from shoplens.errors import QueryError
from shoplens.feed.read import Feed, open_feed
from shoplens.feed.sync import SyncReport, sync
from shoplens.indexing.ledger import acknowledge, forget_removed
from shoplens.indexing.pipeline import index_pending
from shoplens.indexing.prepare import Preparer
from shoplens.indexing.workbench import IndexCounts, Progress, silent, utc_now
from shoplens.ingest.feeds import API_FEED, IndexReport, IndexRequest, mark_all, mark_stale
from shoplens.ingest.status import Status, status_of
from shoplens.ingest.verify import VerifyReport, VerifyRequest, verify
from shoplens.ingest.worker import CALIBRATE, INDEX, VERIFY, Worker
from shoplens.parts import Parts
from shoplens.regions.box import Box
from shoplens.search.filters import asked_filter
from shoplens.search.words.suggest.suggest import Suggested
from shoplens.types import FieldKind, Filter, Pixels, Product, Query, Rejection, Rule, Stage


class Engine:
    """A shop that can be searched; opened once, shared by every door, safe to share by threads."""

    def __init__(self, settings: Settings, owner: Ownership, parts: Parts) -> None:
        self.settings = settings
        self._owner = owner
        self._parts = parts
        self._bench = parts.bench
        self._catalogue = parts.catalogue
        self.maps: SimilarityMaps = parts.maps()
        self._answering = self._make_answering()
        self._indexing = threading.Lock()
        self._stop = threading.Event()
        self._worker = Worker(parts.catalogue.jobs, parts.catalogue.notes, self._run_job)

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
            return cls(settings, owner, Parts.open(settings, catalogue))
        except BaseException:
            owner.close()
            raise

    def close(self) -> None:
        """Give up the batch at hand, put everything on disk, let go of the folder."""
        self._stop.set()
        self._parts.fetcher.close()
        self._worker.close()
        with self._indexing:
            self._parts.close()
        self._owner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm(self) -> None:
        """Touch every part once, so that the first visitor waits for nothing."""
        self._parts.words.settle()
        grey = np.full((64, 64, 3), 128, np.uint8)
        self._answering.answer(Query(picture=grey, text="warm", k=1), utc_now())

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
                self._parts.identity.check()
            self._parts.identity.settle()
            self._parts.places.remember(request.feed, request.root)
            feed = open_feed(
                request.path, kind=request.kind, mapping=request.mapping, now=utc_now()
            )
            synced = self._sync(feed, request, progress)
            stale = mark_stale(self._bench, request.feed, self.settings.images.allowed_hosts)
            counts = self._index_pending(progress)
            changed = counts.products + synced.removed
            if changed and not self._stop.is_set():
                progress("optimise", 0, 0)
                self._parts.store.optimise()
                progress("words", 0, 0)
                self._parts.words.settle(changed)
                self._answering = self._make_answering()
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
        self._parts.identity.check()
        self._parts.identity.settle()
        products = self._catalogue.products
        before = products.get_many([product.product_id]).get(product.product_id)
        product = replace(product, images=self._parts.uploads.images_of(product, before, uploads))
        products.put([product], feed=API_FEED, run=uuid.uuid4().hex, now=utc_now())
        stored = products.get(product.product_id)
        if stored.stage is Stage.PENDING:
            with closing(self._preparer()) as preparer:
                acknowledge(self._bench, preparer.finish(preparer.start([stored])))
            self._parts.words.note([stored.product])
        return self.product(product.product_id)

    def remove_product(self, product_id: str) -> None:
        """Forget a product; it is gone from search when this returns (NotFoundError if unknown)."""
        self._catalogue.products.get(product_id)
        self._catalogue.products.remove([product_id])
        forget_removed(self._bench)

    # ---- a question is answered ----------------------------------------------------------------

    def picture(self, data: bytes, box: Box | None = None) -> Pixels:
        """Decode the photo of a query, or what a box in it holds; ImageError if it cannot be."""
        return self._parts.pictures.look(data, box)

    def filter(self, text: str) -> Filter | None:
        """Parse a filter expression; QueryError says where it is wrong."""
        return asked_filter(text, self.fields()) if text.strip() else None

    def colour(self, text: str) -> tuple[float, float, float]:
        """Find the place in CIELAB of ``#c0392b``, or of a colour's name; QueryError if none."""
        lab = parse_colour(text)
        if lab is None:
            raise QueryError(f"{text[:64]!r} is no colour; write #c0392b, or a name such as red")
        return lab.lightness, lab.a, lab.b

    def fields(self) -> Mapping[str, FieldKind]:
        """Name everything that can be filtered."""
        return self._parts.fields()

    def search(self, query: Query, photo: PhotoRef | None = None) -> Answer:
        """Find the products that answer ``query`` best; ``photo`` names its picture for maps.

        Raises:
            QueryError: the query makes no sense.
            NotFoundError: it names a product that does not exist.
            MismatchError: the shop was indexed with another encoder.
        """
        self._parts.identity.check()
        for product_id in {query.product_id, *(term.product_id for term in query.terms)} - {""}:
            self._catalogue.products.get(product_id)
        return self._answering.answer(query, utc_now(), photo)

    def suggest(self, text: str, k: int) -> Suggested:
        """Complete what has been typed: queries, categories and products."""
        found = self._parts.words.suggestions.ask(text, k)
        here = self._catalogue.products.get_many([p.product_id for p in found.products])
        sold = (p for p in found.products if p.product_id in here)
        return replace(found, products=tuple(sold))

    def thumbnail(self, image_hash: str) -> Path:
        """Give the file of a thumbnail, made now if it was never looked at (NotFoundError)."""
        return self._parts.pictures.thumbnail(image_hash)

    @property
    def recent(self) -> RecentPictures:
        """Query pictures that are remembered for some minutes."""
        return self._parts.recent

    # ---- a merchandiser's rules ----------------------------------------------------------------

    def rules(self) -> list[tuple[Rule, str]]:
        """List every rule, with what is wrong with it if it cannot be followed any more."""
        broken = {wrong.where: wrong.reason for wrong in self._answering.rules().broken}
        return [(rule, broken.get(rule.rule_id, "")) for rule in self._catalogue.rules.all()]

    def put_rule(self, rule: Rule) -> None:
        """Add or replace a rule; it counts from the next search on (QueryError if it is none)."""
        if rule.filter.strip():
            self.filter(rule.filter)
        self._catalogue.rules.put(rule, utc_now())

    def remove_rule(self, rule_id: str) -> None:
        """Forget a rule (NotFoundError)."""
        self._catalogue.rules.remove(rule_id)

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

    def calibrate(self, request: CalibrateRequest, progress: Progress = silent) -> CalibrateReport:
        """Learn from questions with known answers how far this shop's scores can be trusted.

        Raises:
            FeedError: the file of judged pairs cannot be read.
            MismatchError: there are too few questions, or another encoder made the rows.
        """
        self._parts.identity.check()
        with self._indexing:
            report = self.calibrating().run(request, progress)
            self._answering = self._make_answering()
        return report

    def calibrating(self) -> Calibrating:
        """Put together what asks this shop questions with known answers."""
        look, thumbnail = self._parts.pictures.look, self._parts.pictures.thumbnail
        reaching = self._answering.reaching
        return Calibrating(self._catalogue, self._parts.encoder, reaching, look, thumbnail)

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

    def _run_job(
        self, job: Job, progress: Progress
    ) -> IndexReport | VerifyReport | CalibrateReport:
        if job.kind == VERIFY:
            asked = VerifyRequest.from_json(job.spec)
            return self.verify(repair=asked.repair, progress=progress)
        if job.kind == CALIBRATE:
            return self.calibrate(CalibrateRequest.from_json(job.spec), progress)
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
                self._parts.fetcher.close()  # else the preparer waits for all downloads
                raise

    def _preparer(self) -> Preparer:
        return Preparer(
            self._bench,
            threads=self.settings.index.threads,
            connections=self.settings.images.connections,
        )

    def _make_answering(self) -> Answering:
        """Put together what answers: anew when the shop has changed."""
        calibration = kept(self._catalogue.notes, fingerprint_of(self._parts.encoder))
        return self._parts.answering(calibration, self.maps)
