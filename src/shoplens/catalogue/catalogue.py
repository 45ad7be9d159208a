"""The whole catalogue, opened once and handed down."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy

from shoplens.catalogue.embeddings import Embeddings
from shoplens.catalogue.images import ImageRecord, Images
from shoplens.catalogue.journal.held import Held
from shoplens.catalogue.journal.jobs import Jobs
from shoplens.catalogue.journal.models import Models
from shoplens.catalogue.journal.notes import Notes
from shoplens.catalogue.journal.rejections import Rejections
from shoplens.catalogue.journal.tags import Tags
from shoplens.catalogue.products import Products, Stored
from shoplens.catalogue.rules import Rules
from shoplens.database.connect import open_database
from shoplens.types import Product, Rejection, Stage


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product as it stands: how far it has come, and what became of each image."""

    product: Product
    stage: Stage
    images: tuple[ImageRecord, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The system of record: everything else can be rebuilt from it."""

    products: Products
    images: Images
    embeddings: Embeddings
    rejections: Rejections
    jobs: Jobs
    notes: Notes
    rules: Rules
    models: Models
    held: Held
    tags: Tags
    database: sqlalchemy.Engine

    def views(self, products: Sequence[Stored]) -> list[ProductView]:
        """Put each product together with its images."""
        records = self.images.of([p.number for p in products])
        return [ProductView(p.product, p.stage, tuple(records.get(p.number, ()))) for p in products]

    def rejected(self, *, k: int) -> list[Rejection]:
        """List at most ``k`` refused feed rows and images, each with its reason."""
        rows = self.rejections.list(None, k=k)
        images = self.images.rejected(k=k - len(rows)) if len(rows) < k else []
        return [*rows, *(Rejection(r.source, r.reason, product_id) for product_id, r in images)]

    def close(self) -> None:
        """Close every connection."""
        self.database.dispose()


def open_catalogue(url: str) -> Catalogue:
    """Open the database at ``url`` and bring its tables up to date.

    Raises:
        ConfigError: the URL makes no sense or nothing answers there.
        StorageError: the database refuses to be written.
        MismatchError: a newer Shoplens made it.
    """
    database = open_database(url)
    return Catalogue(
        Products(database),
        Images(database),
        Embeddings(database),
        Rejections(database),
        Jobs(database),
        Notes(database),
        Rules(database),
        Models(database),
        Held(database),
        Tags(database),
        database,
    )
