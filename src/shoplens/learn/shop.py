"""What a training needs of a shop: its catalogue, its encoder, and how its pictures are opened."""

import math
from collections.abc import Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shoplens.catalogue.catalogue import Catalogue, open_catalogue
from shoplens.config import Settings
from shoplens.encode.base import Encoder, open_encoder
from shoplens.images.fetch import Fetcher
from shoplens.images.thumbnails import Thumbnails
from shoplens.indexing.pictures import MARGIN
from shoplens.ingest.feeds import ImagePlaces
from shoplens.learn.examples.opening import Opener


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop as a training sees it: it reads, and adds embeddings and models, nothing else.

    So it may run beside the server that owns the shop.
    """

    catalogue: Catalogue
    encoder: Encoder
    opener: Opener
    pool: Executor
    models: Path
    max_bytes: int

    @property
    def scratch(self) -> Path:
        """Folder of what is only needed while something is trained."""
        return self.models / ".training"


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
        encoder = open_encoder(settings.encoder)
        limit = settings.images.max_bytes
        places = ImagePlaces(catalogue.notes, settings.data / "uploads", fetcher, limit)
        opener = Opener(
            places.source_of,
            Thumbnails(settings.data / "thumbnails", settings.images.thumbnail_px),
            math.ceil(encoder.picture.size_px * MARGIN),
            limit,
            settings.images.max_pixels,
        )
        yield Shop(catalogue, encoder, opener, pool, settings.data / "models", limit)
    finally:
        pool.shutdown(cancel_futures=True)
        fetcher.close()
        catalogue.close()
