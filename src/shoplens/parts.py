"""The parts of a shop, opened and put together; what is done with them is told by ``engine``."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from shoplens.answer.answering import Answering
from shoplens.answer.calibrating.calibrate import fingerprint_of, kept
from shoplens.answer.reaching import Reaching
from shoplens.answer.reasons.similarity import SimilarityMaps
from shoplens.answer.recent import RecentPictures
from shoplens.catalogue.catalogue import Catalogue, open_catalogue
from shoplens.catalogue.fields import CORE_FIELDS, dense_text, words_text
from shoplens.config import Settings
from shoplens.database.owner import Ownership
from shoplens.encode.base import Encoder
from shoplens.encode.runtime.remembering import Remembered
from shoplens.images.fetch import Fetcher
from shoplens.images.thumbnails import Thumbnails
from shoplens.indexing.prepare import Hands
from shoplens.indexing.workbench import Progress, Workbench
from shoplens.ingest.feeding import Feeding
from shoplens.ingest.feeds import ImagePlaces
from shoplens.ingest.pictures import Pictures
from shoplens.ingest.switching.closed import go_back_to, remove_model
from shoplens.ingest.switching.identity import Identity
from shoplens.ingest.switching.report import PromoteReport, RemoveReport
from shoplens.ingest.switching.side import Side, dims_of, open_model, serving_name
from shoplens.ingest.switching.switch import before_of
from shoplens.ingest.uploads import Uploads
from shoplens.rank.traits import typical
from shoplens.search.retrieve import Searcher
from shoplens.search.words.ask import WordsAsked, ask_words
from shoplens.search.words.keeper import WordsKeeper
from shoplens.search.words.suggest.entries import open_spell
from shoplens.search.words.synonyms import Synonyms, shop_synonyms
from shoplens.store.base import Store, open_store
from shoplens.types import FieldKind, Product, Query, Stage

WALKED = 1000
"""Products read at a time when the whole catalogue is walked."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a shop is made of, each part opened once.

    ``model`` names the trained model that serves, and is empty for the encoder of the settings.
    """

    settings: Settings
    catalogue: Catalogue
    model: str
    encoder: Encoder
    identity: Identity
    store: Store
    fetcher: Fetcher
    places: ImagePlaces
    pictures: Pictures
    bench: Workbench
    uploads: Uploads
    words: WordsKeeper
    synonyms: Synonyms
    recent: RecentPictures
    remembered: Remembered
    crops: ThreadPoolExecutor

    @classmethod
    def open(cls, settings: Settings, catalogue: Catalogue, model: str | None = None) -> "Parts":
        """Open what ``settings`` name, with the model that serves, or another if it is given.

        Raises:
            NotFoundError, MismatchError, StorageError, ConfigError: a part cannot be opened.
        """
        model = serving_name(catalogue.models) if model is None else model
        encoder = open_model(settings, catalogue.models, model)
        identity = Identity(settings.store, encoder, catalogue.notes)
        store = open_store(settings.store, identity.folder(settings.data), dims_of(encoder))
        fetcher = Fetcher(settings.images)
        thumbnails = Thumbnails(settings.data / "thumbnails", settings.images.thumbnail_px)
        uploads = settings.data / "uploads"
        places = ImagePlaces(catalogue.notes, uploads, fetcher, settings.images.max_bytes)
        return cls(
            settings=settings,
            catalogue=catalogue,
            model=model,
            encoder=encoder,
            identity=identity,
            store=store,
            fetcher=fetcher,
            places=places,
            pictures=Pictures(encoder, catalogue.images, places, thumbnails, settings.images),
            bench=Workbench(
                catalogue,
                encoder,
                store,
                thumbnails,
                places.source_of,
                settings.images.max_pixels,
                settings.index.max_images,
            ),
            uploads=Uploads(uploads, places),
            words=_words(settings, catalogue),
            synonyms=shop_synonyms(settings.search.synonyms),
            recent=_recent(settings),
            remembered=_remembered(settings),
            crops=ThreadPoolExecutor(settings.index.threads, "crop"),
        )

    def close(self) -> None:
        """Put everything on disk and let go of it."""
        self.recent.close()
        self.crops.shutdown()
        self.words.close()
        self.store.close()
        self.catalogue.close()

    def side(self) -> Side:
        """Give what changes when another model serves."""
        return Side(self.model, self.encoder, self.identity, self.bench)

    def turned(self, side: Side) -> "Parts":
        """Give the same shop with another model serving; both remain open."""
        return replace(
            self,
            model=side.name,
            encoder=side.encoder,
            identity=side.identity,
            store=side.bench.store,
            bench=side.bench,
            pictures=replace(self.pictures, encoder=side.encoder),
        )

    def hands(self, stop: threading.Event) -> Hands:
        """Put together who prepares products, until ``stop``."""
        index, connections = self.settings.index, self.settings.images.connections
        return Hands(index.threads, connections, index.batch, stop, self.fetcher.close)

    def feeding(self, hands: Hands) -> Feeding:
        """Put together what indexes feeds."""
        return Feeding(self.settings, self.bench, self.identity, self.places, hands)

    def fields(self) -> dict[str, FieldKind]:
        """Name everything that can be filtered."""
        attributes = self.catalogue.products.attribute_names()
        return {**dict.fromkeys(attributes, "keyword"), **CORE_FIELDS}

    def maps(self) -> SimilarityMaps:
        """Put together what draws where a product agrees with a question."""
        look, thumbnail = self.pictures.look, self.pictures.thumbnail
        crops = self.settings.search.crops
        return SimilarityMaps(self.encoder, self.store, self.recent, look, thumbnail, crops)

    def answering(self) -> Answering:
        """Put together what answers questions, as the shop and its calibration are now."""
        calibration = kept(self.catalogue.notes, fingerprint_of(self.encoder))
        searcher = Searcher(
            self.encoder,
            self.store,
            self.settings.search,
            self._texts_of,
            self._ask_words,
            pool=self.crops,
            remembered=self.remembered,
        )
        return Answering(
            reaching=Reaching(searcher, calibration, self.settings.search.reach),
            catalogue=self.catalogue,
            settings=self.settings.rank,
            maps=self.maps(),
            fields=self.fields,
            typical_popularity=typical(self.catalogue.products.popularities()),
        )

    def _ask_words(self, text: str, typing: bool) -> WordsAsked:  # noqa: FBT001 - an AskWords
        return ask_words(text, self.words.vocabulary, self.synonyms, typing=typing)

    def _texts_of(self, product_id: str) -> tuple[str, str]:
        product = self.catalogue.products.get(product_id).product
        return dense_text(product), words_text(product)


@dataclass(frozen=True, slots=True)
class Serving:
    """What answers right now, kept in one piece: encoder and store are always of one model."""

    parts: Parts
    answering: Answering

    @classmethod
    def of(cls, parts: Parts) -> "Serving":
        """Put together what answers from these parts."""
        return cls(parts, parts.answering())

    def warm(self, now: datetime) -> None:
        """Ask something, so that the first visitor waits for nothing."""
        grey = np.full((64, 64, 3), 128, np.uint8)
        self.answering.answer(Query(picture=grey, text="warm", k=1), now)


def roll_back(settings: Settings, progress: Progress) -> PromoteReport:
    """Do what ``Engine.rollback`` does, without opening the model that serves: it may be broken.

    Raises:
        BusyError: another process owns the data folder.
        NotFoundError: no model served before this one, or its file is gone too.
        MismatchError, StorageError: as a promotion.
    """
    with (
        closing(Ownership(settings.data)),
        closing(open_catalogue(settings.database_url)) as opened,
        closing(Parts.open(settings, opened, before_of(opened))) as parts,
    ):
        hands = parts.hands(threading.Event())
        return go_back_to(parts.side(), settings, hands, progress)


def remove(settings: Settings, name: str) -> RemoveReport:
    """Delete a model of a shop that nobody has open (BusyError; or as ``remove_model``)."""
    with (
        closing(Ownership(settings.data)),
        closing(open_catalogue(settings.database_url)) as opened,
    ):
        return remove_model(settings, opened, name)


def walk(catalogue: Catalogue) -> Iterator[Product]:
    """Give every product of the shop, the oldest first."""
    after = 0
    while page := catalogue.products.walk(after=after, k=WALKED):
        yield from (stored.product for stored in page if stored.stage is not Stage.REMOVED)
        after = page[-1].number


def _words(settings: Settings, catalogue: Catalogue) -> WordsKeeper:
    spell = open_spell("pinyin") if settings.search.pinyin else None
    return WordsKeeper(settings.data / "words", lambda: walk(catalogue), spell)


def _recent(settings: Settings) -> RecentPictures:
    privacy = settings.privacy
    return RecentPictures(privacy.query_image_minutes, privacy.query_image_mb * 1_000_000)


def _remembered(settings: Settings) -> Remembered:
    """Keep embeddings of what was asked, those of pictures as long as pictures themselves."""
    pictures_s = 60 * settings.privacy.query_image_minutes
    return Remembered(settings.inference.remembered, pictures_s=pictures_s)
