"""A feed is read, and what is new, changed or gone in it becomes searchable."""

import time
from dataclasses import dataclass

from shoplens.config import Settings
from shoplens.feed.read import Feed, open_feed
from shoplens.feed.sync import SyncReport, sync
from shoplens.indexing.pipeline import index_pending
from shoplens.indexing.prepare import Hands
from shoplens.indexing.workbench import Progress, Workbench, utc_now
from shoplens.ingest.feeds import ImagePlaces, IndexReport, IndexRequest, mark_all, mark_stale
from shoplens.ingest.switching.identity import Identity


@dataclass(frozen=True, slots=True)
class Feeding:
    """What it takes to index feeds; one runs at a time, and no model is switched meanwhile."""

    settings: Settings
    bench: Workbench
    identity: Identity
    places: ImagePlaces
    hands: Hands

    def run(self, request: IndexRequest, progress: Progress) -> IndexReport:
        """Index a feed; interrupted at any point, the same call goes on where it was.

        Raises:
            FeedError: the feed cannot be read at all.
            MismatchError: the shop was indexed with another encoder; ask for ``rebuild``.
            StorageError: the disk is full; what was acknowledged is safe.
        """
        began = time.monotonic()
        if request.rebuild:
            mark_all(self.bench)
        else:
            self.identity.check()
        self.identity.settle()
        self.places.remember(request.feed, request.root)
        feed = open_feed(request.path, kind=request.kind, mapping=request.mapping, now=utc_now())
        synced = self._sync(feed, request, progress)
        stale = mark_stale(self.bench, request.feed, self.settings.images.allowed_hosts)
        with self.hands.preparer(self.bench) as preparer:
            batch, stop = self.hands.batch, self.hands.stop
            counts = index_pending(self.bench, preparer, batch=batch, progress=progress, stop=stop)
        shape = (feed.kind, feed.mapping, feed.ignored)
        seconds = time.monotonic() - began
        return IndexReport(request.feed, *shape, synced, stale, counts, seconds)

    def _sync(self, feed: Feed, request: IndexRequest, progress: Progress) -> SyncReport:
        return sync(
            feed,
            self.bench.catalogue.products,
            self.bench.catalogue.rejections,
            name=request.feed,
            now=utc_now(),
            allow_shrink=request.allow_shrink,
            progress=lambda done, total: progress("read", done, total),
        )
