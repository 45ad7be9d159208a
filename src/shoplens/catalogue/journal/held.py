"""Which revision of which product a second store holds, beside the one that serves."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Engine,
    Select,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from shoplens.database.tables import held as table
from shoplens.database.tables import products
from shoplens.database.transactions import portions, reading, upsert, writing
from shoplens.types import Stage

UNSURE = 0
"""The revision of rows that may be there, whole, in part or not at all: to be written again."""


class Held:
    """Second stores are called by the names of their folders.

    A product is behind when it is indexed, and a second store does not hold its newest revision. A
    revision is noted as a negative number when a picture of it could not be had: the store holds
    what there is.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def behind(self, store: str, *, after: int = 0, k: int) -> list[tuple[int, str]]:
        """Give the next ``k`` products that are behind as (number, product id), by number."""
        query = _behind(store, products.c.number, products.c.product_id)
        query = query.where(products.c.number > after).order_by(products.c.number).limit(k)
        with reading(self._engine) as connection:
            return [(number, product_id) for number, product_id in connection.execute(query)]

    def count_behind(self, store: str) -> int:
        """Count the products that are behind."""
        with reading(self._engine) as connection:
            return connection.scalar(_behind(store, func.count())) or 0

    def count(self, store: str) -> int:
        """Count the products of which a store may hold rows."""
        query = select(func.count()).where(table.c.store == store)
        with reading(self._engine) as connection:
            return connection.scalar(query) or 0

    def lacking(self, store: str) -> list[int]:
        """Number the products that are held without a picture that the catalogue has."""
        query = select(table.c.number).where(table.c.store == store, table.c.revision < UNSURE)
        with reading(self._engine) as connection:
            return list(connection.scalars(query.order_by(table.c.number)))

    def retry(self, store: str) -> None:
        """Let the products that lack a picture be behind again."""
        lacking = (table.c.store == store) & (table.c.revision < UNSURE)
        with writing(self._engine) as connection:
            connection.execute(update(table).where(lacking).values(revision=UNSURE))

    def stores(self) -> list[str]:
        """Name every store of which something is noted."""
        with reading(self._engine) as connection:
            return list(connection.scalars(select(table.c.store).distinct()))

    def gone(self, store: str, *, k: int) -> list[str]:
        """Name ``k`` products whose rows a store may hold, and that were removed."""
        same = products.c.number == table.c.number
        here = select(products.c.number).where(same, products.c.stage != Stage.REMOVED)
        query = select(table.c.product_id).where(
            table.c.store == store, ~here.correlate(table).exists()
        )
        with reading(self._engine) as connection:
            return list(connection.scalars(query.distinct().limit(k)))

    def put(self, store: str, rows: Sequence[tuple[int, str, int]]) -> None:
        """Note what a store holds: (number, product id, revision, or less, or ``UNSURE``)."""
        values: list[dict[str, str | int]] = [
            {"store": store, "number": number, "product_id": product_id, "revision": revision}
            for number, product_id, revision in rows
        ]
        if values:
            with writing(self._engine) as connection:
                connection.execute(upsert(self._engine, table), values)

    def forget(self, store: str, product_ids: Sequence[str]) -> None:
        """Note that a store holds nothing of these products."""
        with writing(self._engine) as connection:
            for ids in portions(product_ids):
                connection.execute(
                    delete(table).where(table.c.store == store, table.c.product_id.in_(ids))
                )

    def fill(self, store: str) -> None:
        """Note that a store holds every indexed product as it is now: it has served until now.

        Of the others it may hold rows of an earlier revision.
        """
        now = case((products.c.stage == Stage.INDEXED, products.c.revision), else_=UNSURE)
        rows = select(literal(store), products.c.number, products.c.product_id, now)
        with writing(self._engine) as connection:
            connection.execute(delete(table).where(table.c.store == store))
            connection.execute(insert(table).from_select(list(table.c), rows))

    def drop(self, store: str) -> None:
        """Forget a store as a whole."""
        with writing(self._engine) as connection:
            connection.execute(delete(table).where(table.c.store == store))


def _behind(store: str, *columns: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    ours = (table.c.store == store) & (table.c.number == products.c.number)
    held = select(table.c.revision).where(ours).correlate(products).scalar_subquery()
    current = func.abs(func.coalesce(held, UNSURE)) == products.c.revision
    return select(*columns).where(products.c.stage == Stage.INDEXED, ~current)
