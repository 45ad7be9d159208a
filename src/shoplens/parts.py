"""The parts of a shop, opened and put together; what is done with them is told by ``engine``."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from shoplens.answer.answering import Answering
from shoplens.answer.reaching import Reaching
from shoplens.answer.reasons.similarity import SimilarityMaps
from shoplens.answer.recent import RecentPictures
from shoplens.catalogue.catalogue import Catalogue
from shoplens.catalogue.fields import CORE_FIELDS, dense_text, words_text
from shoplens.config import Settings
from shoplens.encode.base import Encoder, open_encoder
from shoplens.encode.colours.vector import COLOUR_DIM
from shoplens.images.fetch import Fetcher
from shoplens.images.thumbnails import Thumbnails
from shoplens.indexing.workbench import Workbench
from shoplens.ingest.feeds import ImagePlaces
from shoplens.ingest.identity import Identity
from shoplens.ingest.pictures import Pictures
from shoplens.ingest.uploads import Uploads
from shoplens.rank.calibration import Calibration
from shoplens.rank.traits import typical
from shoplens.search.retrieve import Searcher
from shoplens.search.words.ask import WordsAsked, ask_words
from shoplens.search.words.keeper import WordsKeeper
from shoplens.search.words.suggest.entries import open_spell
from shoplens.search.words.synonyms import Synonyms, shop_synonyms
from shoplens.store.base import Dims, Store, open_store
from shoplens.types import FieldKind, Product, Stage

WALKED = 1000
"""Products read at a time when the whole catalogue is walked."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a shop is made of, each part opened once."""

    settings: Settings
    catalogue: Catalogue
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
    crops: ThreadPoolExecutor

    @classmethod
    def open(cls, settings: Settings, catalogue: Catalogue) -> "Parts":
        """Open what ``settings`` name.

        Raises:
            NotFoundError, MismatchError, StorageError, ConfigError: a part cannot be opened.
        """
        encoder = open_encoder(settings.encoder)
        synonyms = shop_synonyms(settings.search.synonyms)
        spell = open_spell("pinyin") if settings.search.pinyin else None
        identity = Identity(settings.store, encoder, catalogue.notes)
        dims = Dims(encoder.picture.dim, encoder.text.dim, COLOUR_DIM)
        store = open_store(settings.store, identity.folder(settings.data), dims)
        fetcher = Fetcher(settings.images)
        thumbnails = Thumbnails(settings.data / "thumbnails", settings.images.thumbnail_px)
        uploads = settings.data / "uploads"
        places = ImagePlaces(catalogue.notes, uploads, fetcher, settings.images.max_bytes)
        return cls(
            settings=settings,
            catalogue=catalogue,
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
            words=WordsKeeper(settings.data / "words", lambda: walk(catalogue), spell),
            synonyms=synonyms,
            recent=_recent(settings),
            crops=ThreadPoolExecutor(settings.index.threads, "crop"),
        )

    def close(self) -> None:
        """Put everything on disk and let go of it."""
        self.recent.close()
        self.crops.shutdown()
        self.words.close()
        self.store.close()
        self.catalogue.close()

    def fields(self) -> dict[str, FieldKind]:
        """Name everything that can be filtered."""
        attributes = self.catalogue.products.attribute_names()
        return {**dict.fromkeys(attributes, "keyword"), **CORE_FIELDS}

    def maps(self) -> SimilarityMaps:
        """Put together what draws where a product agrees with a question."""
        look, thumbnail = self.pictures.look, self.pictures.thumbnail
        crops = self.settings.search.crops
        return SimilarityMaps(self.encoder, self.store, self.recent, look, thumbnail, crops)

    def answering(self, calibration: Calibration, maps: SimilarityMaps) -> Answering:
        """Put together what answers questions."""
        searcher = Searcher(
            self.encoder,
            self.store,
            self.settings.search,
            self._texts_of,
            self._ask_words,
            pool=self.crops,
        )
        return Answering(
            reaching=Reaching(searcher, calibration, self.settings.search.reach),
            catalogue=self.catalogue,
            settings=self.settings.rank,
            maps=maps,
            fields=self.fields,
            typical_popularity=typical(self.catalogue.products.popularities()),
        )

    def _ask_words(self, text: str, typing: bool) -> WordsAsked:  # noqa: FBT001 - an AskWords
        return ask_words(text, self.words.vocabulary, self.synonyms, typing=typing)

    def _texts_of(self, product_id: str) -> tuple[str, str]:
        product = self.catalogue.products.get(product_id).product
        return dense_text(product), words_text(product)


def walk(catalogue: Catalogue) -> Iterator[Product]:
    """Give every product of the shop, the oldest first."""
    after = 0
    while page := catalogue.products.walk(after=after, k=WALKED):
        yield from (stored.product for stored in page if stored.stage is not Stage.REMOVED)
        after = page[-1].number


def _recent(settings: Settings) -> RecentPictures:
    privacy = settings.privacy
    return RecentPictures(privacy.query_image_minutes, privacy.query_image_mb * 1_000_000)
