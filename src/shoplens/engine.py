"""The whole story on one page: open a shop, index its feed, answer a photo.

Each method is a paragraph; the chapters it points to are the rooms.
"""

import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from shoplens.answer.answer import Answer
from shoplens.answer.calibrating.report import CalibrateReport
from shoplens.answer.calibrating.shop import CalibrateRequest, Calibrating
from shoplens.answer.reasons.refs import PhotoRef
from shoplens.answer.reasons.similarity import SimilarityMaps
from shoplens.answer.recent import RecentPictures
from shoplens.catalogue.catalogue import ProductView, open_catalogue
from shoplens.catalogue.journal.jobs import Job, Jobs
from shoplens.catalogue.journal.models import Model
from shoplens.catalogue.products import Stored
from shoplens.config import Settings
from shoplens.database.owner import Ownership
from shoplens.encode.colours.parse import parse_colour
from shoplens.errors import QueryError
from shoplens.indexing.ledger import acknowledge, forget_removed
from shoplens.indexing.workbench import Progress, silent, utc_now
from shoplens.ingest.feeds import API_FEED, IndexReport, IndexRequest
from shoplens.ingest.status import Status, status_of
from shoplens.ingest.switching.report import PromoteReport
from shoplens.ingest.switching.side import Side
from shoplens.ingest.switching.switch import KINDS, Shop, Switching, Turn
from shoplens.ingest.verify import VerifyReport, VerifyRequest, verify
from shoplens.ingest.worker import CALIBRATE, INDEX, VERIFY, Report, Worker
from shoplens.parts import Parts, Serving
from shoplens.regions.box import Box
from shoplens.search.filters import asked_filter
from shoplens.search.words.suggest.suggest import Suggested
from shoplens.types import FieldKind, Filter, Pixels, Product, Query, Rejection, Rule, Stage


class Engine:
    """A shop that can be searched; opened once, shared by every door, safe to share by threads."""

    def __init__(self, settings: Settings, owner: Ownership, parts: Parts) -> None:
        self.settings = settings
        self._owner = owner
        self._catalogue = parts.catalogue
        self._serving = Serving.of(parts)  # replaced as a whole, by who holds _indexing
        self._indexing = threading.Lock()
        self._stop = threading.Event()
        self._hands = parts.hands(self._stop)
        self._worker = Worker(parts.catalogue.jobs, parts.catalogue.notes, self._run_job)
        shop = Shop(settings, self._hands, self._indexing, self._side, self._get_ready)
        self._switching = Switching(shop)

    @property
    def _parts(self) -> Parts:
        return self._serving.parts

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
        self._switching.close()
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
        self._serving.warm(utc_now())

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
            report = self._parts.feeding(self._hands).run(request, progress)
            changed = report.counts.products + report.sync.removed
            if changed and not self._stop.is_set():
                progress("optimise", 0, 0)
                self._parts.store.optimise()
                progress("words", 0, 0)
                self._parts.words.settle(changed)
                self._serving = Serving.of(self._parts)
        return replace(report, seconds=time.monotonic() - began)

    def put_product(self, product: Product, uploads: Sequence[bytes] = ()) -> ProductView:
        """Add or replace one product; it is searchable when this returns.

        ``uploads`` are image files that come after ``product.images``. A local path is accepted
        only if this product already has it.

        Raises:
            ImageError: an image is a path on this machine, which the network may not name.
            MismatchError: the shop was indexed with another encoder.
        """
        self._parts.identity.check()
        products = self._catalogue.products
        before = products.get_many([product.product_id]).get(product.product_id)
        product = replace(product, images=self._parts.uploads.images_of(product, before, uploads))
        products.put([product], feed=API_FEED, run=uuid.uuid4().hex, now=utc_now())
        while (stored := products.get(product.product_id)).stage is Stage.PENDING:
            if self._acknowledged(stored):
                self._parts.words.note([stored.product])
                break
        return self.product(product.product_id)

    def remove_product(self, product_id: str) -> None:
        """Forget a product; it is gone from search when this returns (NotFoundError if unknown)."""
        self._catalogue.products.get(product_id)
        self._catalogue.products.remove([product_id])
        with self._parts.bench.commit:  # else another model could come to serve in between
            forget_removed(self._parts.bench)

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
        return self._serving.answering.answer(query, utc_now(), photo)

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
    def maps(self) -> SimilarityMaps:
        """What draws where a product agrees with a question."""
        return self._serving.answering.maps

    @property
    def recent(self) -> RecentPictures:
        """Query pictures that are remembered for some minutes."""
        return self._parts.recent

    # ---- a merchandiser's rules ----------------------------------------------------------------

    def rules(self) -> list[tuple[Rule, str]]:
        """List every rule, with what is wrong with it if it cannot be followed any more."""
        broken = {wrong.where: wrong.reason for wrong in self._serving.answering.rules().broken}
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
        return status_of(self._parts.bench, self.settings)

    def verify(self, *, repair: bool = False, progress: Progress = silent) -> VerifyReport:
        """Prove that no product was skipped; ``repair`` marks what is missing to be done again."""
        with self._indexing:
            return verify(self._parts.bench, repair=repair, progress=progress)

    def calibrate(self, request: CalibrateRequest, progress: Progress = silent) -> CalibrateReport:
        """Learn from questions with known answers how far this shop's scores can be trusted.

        Raises:
            FeedError: the file of judged pairs cannot be read.
            MismatchError: there are too few questions, or another encoder made the rows.
        """
        self._parts.identity.check()
        with self._indexing:
            report = self.calibrating().run(request, progress)
            self._serving = Serving.of(self._parts)
        return report

    def calibrating(self) -> Calibrating:
        """Put together what asks this shop questions with known answers."""
        parts, reaching = self._parts, self._serving.answering.reaching
        looks = (parts.pictures.look, parts.pictures.thumbnail)
        return Calibrating(self._catalogue, parts.encoder, reaching, *looks)

    def rejections(self, *, k: int = 100) -> list[Rejection]:
        """List refused feed rows, then refused images, each with its reason."""
        return self._catalogue.rejected(k=k)

    # ---- another model -------------------------------------------------------------------------

    def models(self) -> list[Model]:
        """List the trained models, the oldest first."""
        return self._catalogue.models.list()

    def promote(self, name: str, progress: Progress = silent) -> PromoteReport:
        """Let a trained model serve, or the encoder of the settings again by its own name.

        Its store is filled beside the one that answers, and takes over once both agree.

        Raises:
            NotFoundError: there is no such model, or its file is gone.
            MismatchError: it serves already, was judged unsafe, or does not fit this shop.
            StorageError: the disk is full; the same call goes on once there is room.
        """
        self._parts.identity.check()
        return self._switching.promote(name, progress)

    def rollback(self, progress: Progress = silent) -> PromoteReport:
        """Let the model serve again that did before; NotFoundError if none did."""
        return self._switching.roll_back(progress)

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

    def _run_job(self, job: Job, progress: Progress) -> Report:
        if job.kind == VERIFY:
            asked = VerifyRequest.from_json(job.spec)
            return self.verify(repair=asked.repair, progress=progress)
        if job.kind == CALIBRATE:
            return self.calibrate(CalibrateRequest.from_json(job.spec), progress)
        if job.kind in KINDS:
            return self._switching.run(job, progress)
        return self.index(IndexRequest.from_json(job.spec), progress)

    # ---- behind the scenes ---------------------------------------------------------------------

    def _acknowledged(self, stored: Stored) -> bool:
        """Make one product searchable, unless another model came to serve while it was prepared."""
        bench = self._parts.bench
        with self._hands.preparer(bench) as preparer:
            ready = preparer.finish(preparer.start([stored]))
        with bench.commit:
            if self._parts.bench is not bench:
                return False
            self._parts.identity.settle()
            acknowledge(bench, ready)
        return True

    def _side(self) -> Side:
        return self._parts.side()

    def _get_ready(self, side: Side) -> Turn:
        """Open what answers with another model, and ask it once, so that no visitor waits."""
        ready = Serving.of(self._parts.turned(side))
        ready.warm(utc_now())

        def turn() -> None:
            self._serving = ready

        return turn
