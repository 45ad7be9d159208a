"""What became of every image of every product."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Engine, delete, func, select, tuple_

from shoplens.database.tables import images as table
from shoplens.database.tables import products
from shoplens.database.transactions import portions, reading, writing
from shoplens.errors import NotFoundError
from shoplens.types import Stage


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """One image of a product as it was last read.

    ``stamp`` tells cheaply whether the file changed. ``image_hash`` is empty when it was never
    read. ``reason`` says why it is not usable, and is empty when it is. Sides are in pixels.
    """

    position: int
    source: str
    stamp: str
    image_hash: str
    width: int
    height: int
    reason: str


_RECORD = tuple(table.c[name] for name in ImageRecord.__slots__)
_WITH_PRODUCT = table.join(products)
_HERE = products.c.stage != Stage.REMOVED


class Images:
    """The images of the catalogue's products; they go when their product is purged."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def replace(self, number: int, records: Sequence[ImageRecord]) -> None:
        """Keep ``records`` as the images of one product, instead of those before."""
        self.replace_many({number: records})

    def replace_many(self, records: Mapping[int, Sequence[ImageRecord]]) -> None:
        """Do it for several products at once; one that was purged meanwhile is left out."""
        with writing(self._engine) as connection:
            for numbers in portions(list(records)):
                connection.execute(delete(table).where(table.c.number.in_(numbers)))
                there = select(products.c.number).where(products.c.number.in_(numbers))
                rows = [
                    {"number": number, **asdict(record)}
                    for number in connection.scalars(there)
                    for record in records[number]
                ]
                if rows:
                    connection.execute(table.insert(), rows)

    def of(self, numbers: Sequence[int]) -> dict[int, list[ImageRecord]]:
        """Give the images of each product, in order; a product without any has an empty list."""
        found: dict[int, list[ImageRecord]] = {number: [] for number in numbers}
        with reading(self._engine) as connection:
            for some in portions(numbers):
                query = select(table.c.number, *_RECORD).where(table.c.number.in_(some))
                for number, *record in connection.execute(query.order_by(table.c.position)):
                    found[number].append(ImageRecord(*record))
        return found

    def find(self, image_hash: str) -> ImageRecord | None:
        """Give one image with this content, a usable one if there is any."""
        query = (
            select(*_RECORD)
            .where(table.c.image_hash == image_hash)
            .order_by(table.c.reason != "", table.c.number, table.c.position)
            .limit(1)
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
            return None if row is None else ImageRecord(*row)

    def origin(self, image_hash: str) -> tuple[str, ImageRecord]:
        """Give the feed that names an image with this content, and the image.

        Raises:
            NotFoundError: no product that is not removed has such an image.
        """
        query = (
            select(products.c.feed, *_RECORD)
            .select_from(_WITH_PRODUCT)
            .where(table.c.image_hash == image_hash, _HERE)
            .order_by(table.c.reason != "", table.c.number, table.c.position)
            .limit(1)
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        if row is None or not image_hash:
            raise NotFoundError(f"no product has an image {image_hash!r}")
        feed, *record = row
        return feed, ImageRecord(*record)

    def counts(self) -> tuple[int, int]:
        """Count (usable, rejected) images of products that are not removed."""
        query = (
            select(
                func.count().filter(table.c.reason == ""), func.count().filter(table.c.reason != "")
            )
            .select_from(_WITH_PRODUCT)
            .where(_HERE)
        )
        with reading(self._engine) as connection:
            usable, rejected = connection.execute(query).one()
        return usable, rejected

    def rejected(
        self, *, after: tuple[str, int] = ("", -1), k: int
    ) -> list[tuple[str, ImageRecord]]:
        """Give the next ``k`` images that are not usable, with the ids of their products.

        In order of product id and position; ``after`` is the id and position of the last one seen.
        Products that are removed are left out.
        """
        place = tuple_(products.c.product_id, table.c.position)
        query = (
            select(products.c.product_id, *_RECORD)
            .select_from(_WITH_PRODUCT)
            .where(table.c.reason != "", _HERE, place > after)
            .order_by(products.c.product_id, table.c.position)
            .limit(k)
        )
        with reading(self._engine) as connection:
            return [(i, ImageRecord(*record)) for i, *record in connection.execute(query)]
