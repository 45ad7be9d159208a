"""What a training needs of a shop: its catalogue, its encoder, and how its pictures are opened."""

import math
from collections.abc import Callable, Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from shoplens.catalogue.catalogue import Catalogue, open_catalogue
from shoplens.catalogue.journal.models import Models
from shoplens.config import Settings
from shoplens.encode.base import Encoder
from shoplens.encode.opening import FOLDER, encoder_of, stands_alone
from shoplens.images.fetch import Fetcher
from shoplens.images.thumbnails import Thumbnails
from shoplens.indexing.pictures import MARGIN
from shoplens.ingest.feeds import ImagePlaces
from shoplens.ingest.switching.side import open_named
from shoplens.learn.examples.opening import Opener


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop as a training sees it: it reads, and adds embeddings and models, nothing else.

    So it may run beside the server that owns the shop. ``open`` opens an encoder by its name, say
    that of a teacher.
    """

    catalogue: Catalogue
    encoder: Encoder
    opener: Opener
    pool: Executor
    models: Path
    max_bytes: int
    open: Callable[[str], Encoder]

    @property
    def scratch(self) -> Path:
        """Folder of what is only needed while something is trained."""
        return self.models / ".training"


def base_of(settings: Settings, models: Models) -> str:
    """Name the encoder that is trained from: an added one that serves, or that of the settings.

    Of a trained model that serves it is the one that that was trained from.
    """
    serving, folder = models.serving(), settings.data / FOLDER
    added = serving and stands_alone(folder, serving.base)
    named = stands_alone(folder, settings.encoder)
    return serving.base if serving and added and not named else settings.encoder


@contextmanager
def open_shop(settings: Settings) -> Generator[Shop]:
    """Open what ``settings`` name, and close it after.

    Raises:
        NotFoundError, MismatchError, StorageError: a part cannot be opened.
    """
    catalogue = open_catalogue(settings.database_url)
    fetcher = Fetcher(settings.images)
    pool = ThreadPoolExecutor(settings.index.threads, "learn")
    try:
        named = base_of(settings, catalogue.models)
        encoder = open_named(settings, catalogue.models, named)
        limit = settings.images.max_bytes
        places = ImagePlaces(catalogue.notes, settings.data / "uploads", fetcher, limit)
        opener = Opener(
            places.source_of,
            Thumbnails(settings.data / "thumbnails", settings.images.thumbnail_px),
            math.ceil(encoder.picture.size_px * MARGIN),
            limit,
            settings.images.max_pixels,
        )
        yield Shop(
            catalogue,
            encoder,
            opener,
            pool,
            settings.data / FOLDER,
            limit,
            partial(encoder_of, settings),
        )
    finally:
        pool.shutdown(cancel_futures=True)
        fetcher.close()
        catalogue.close()
