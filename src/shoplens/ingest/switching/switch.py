"""From one model to another: a second store is filled beside the first, proven, and takes over.

Nothing of the side that serves is touched before the one transaction that makes the other one
serve. Whatever ends a switch before it, the next one goes on where that was.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from shoplens.catalogue.catalogue import Catalogue
from shoplens.catalogue.journal.jobs import Job
from shoplens.config import Settings
from shoplens.encode.base import Encoder
from shoplens.errors import MismatchError, NotFoundError, StorageError
from shoplens.indexing.prepare import Hands
from shoplens.indexing.workbench import Progress
from shoplens.ingest.switching.closed import delete_store, key_of_name, remove_model
from shoplens.ingest.switching.follow import Follower
from shoplens.ingest.switching.prove import Proven, fill, prove, take_over
from shoplens.ingest.switching.report import (
    ModelRequest,
    PromoteReport,
    RemoveReport,
    report_of,
)
from shoplens.ingest.switching.side import Side, counterpart, open_side

PROMOTE, ROLLBACK, REMOVE = KINDS = ("promote", "rollback", "remove model")
"""The kinds of jobs that are done here."""
Turn = Callable[[], None]
"""Makes a side serve; cannot fail."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shop:
    """What a switch works on: ``first`` gives the side that serves now.

    ``get_ready`` opens all that a side needs to serve, and gives what makes it serve. ``indexing``
    is held by whoever changes many products.
    """

    settings: Settings
    hands: Hands
    indexing: threading.Lock
    first: Callable[[], Side]
    get_ready: Callable[[Side], Turn]


class Switching:
    """Brings sides in and out, one at a time, and keeps the one that a rollback goes back to."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._catalogue = shop.first().bench.catalogue
        self._one = threading.Lock()  # closing waits for it too
        self._follower = Follower(shop.hands, shop.first().bench.changed, self._find)
        if counterpart(self._catalogue.models) is not None:
            self._follower.start()

    def close(self) -> None:
        """End; ``hands`` must have been stopped."""
        with self._one:
            self._follower.close()

    def promote(self, name: str, progress: Progress) -> PromoteReport:
        """Let ``name`` serve; the name of the settings' encoder brings that back.

        Raises:
            NotFoundError: there is no such model, or its file is gone.
            MismatchError: it serves already, was judged unsafe, was made from another encoder, or
                too many pictures can no longer be read.
            StorageError: the disk is full, or its store cannot be trusted.
        """
        if name == self._shop.settings.encoder:
            return self._to("", progress)
        model = self._catalogue.models.get(name)
        if not model.safe:
            raise MismatchError(
                f"model {name!r} is not let serve: {model.reason or 'it was judged worse'}; train "
                "another one, say with more pictures a product"
            )
        return self._to(name, progress)

    def roll_back(self, progress: Progress) -> PromoteReport:
        """Let the model serve again that did before, with all that has changed since.

        Raises:
            NotFoundError: none did; or as ``promote``.
        """
        return self._to(before_of(self._catalogue), progress)

    def run(self, job: Job, progress: Progress) -> PromoteReport | RemoveReport:
        """Do what a queued job of one of the ``KINDS`` asks for."""
        if job.kind == ROLLBACK:
            return self.roll_back(progress)
        name = ModelRequest.from_json(job.spec).model
        if job.kind == PROMOTE:
            return self.promote(name, progress)
        with self._one:
            return remove_model(self._shop.settings, self._catalogue, name)

    def _to(self, name: str, progress: Progress) -> PromoteReport:
        began = time.monotonic()
        with self._one:
            first = self._shop.first()
            if self._told(name) == self._told(first.name):
                raise MismatchError(f"model {self._told(name)!r} serves already")
            proven = self._bring(name, first, progress)
            dropped = self._sweep(first, proven.side) if proven else ()
        names = (self._told(first.name), self._told(name))
        return report_of(names, proven, dropped, time.monotonic() - began)

    def _bring(self, name: str, first: Side, progress: Progress) -> Proven | None:
        kept = self._follower.take(name)
        try:
            return self._brought(name, first, kept, progress)
        finally:
            self._follower.resume()

    def _brought(
        self, name: str, first: Side, kept: Side | None, progress: Progress
    ) -> Proven | None:
        second = kept or open_side(self._shop.settings, name, first.bench)
        hands = self._shop.hands
        try:
            counts = fill(second, hands, progress)
            with self._shop.indexing, first.bench.commit:
                proven = prove(second, hands, counts, progress)
                if proven:
                    turn = self._shop.get_ready(second.serving())
                    first.identity.leave_to(second.identity)
                    take_over(proven, first.identity.key, turn)
                return proven
        finally:
            if self._shop.first().name == name:
                self._follower.follow(first.following(second.bench.store))
            elif kept:
                self._follower.follow(kept)
            else:
                second.bench.store.close()

    def _find(self) -> Side | None:
        """Open the side that a rollback goes back to, if its store is kept."""
        name, first = counterpart(self._catalogue.models), self._shop.first()
        if name is None or not {*self._catalogue.held.stores()} - {first.identity.key}:
            return None
        return open_side(self._shop.settings, name, first.bench)

    def _sweep(self, first: Side, second: Side) -> tuple[str, ...]:
        """Delete every other store, and name the models that they were of."""
        settings, dropped = self._shop.settings, list[str]()
        try:
            others = {*self._catalogue.held.stores()}
            others -= {first.identity.key, second.identity.key}
            names = _names(settings, self._catalogue, first.encoder) if others else {}
            for key in sorted(others):
                delete_store(settings, self._catalogue, key)
                dropped.append(names.get(key, "a model that was removed"))
        except StorageError as error:  # the switch is done: what is left is deleted by the next
            log.warning("a store that is no longer needed could not be deleted: %s", error)
        return tuple(dropped)

    def _told(self, name: str) -> str:
        return name or self._shop.settings.encoder


def before_of(catalogue: Catalogue) -> str:
    """Name what a rollback goes back to; NotFoundError if there was nothing before."""
    name = counterpart(catalogue.models)
    if name is None:
        raise NotFoundError(
            "no model served before this one, so there is nothing to go back to; 'shoplens models "
            "list' shows what there is"
        )
    return name


def _names(settings: Settings, catalogue: Catalogue, words: Encoder) -> dict[str, str]:
    ours = [model.name for model in catalogue.models.list()]
    return {
        key_of_name(settings, catalogue, name, words): name or settings.encoder
        for name in ("", *ours)
    }
