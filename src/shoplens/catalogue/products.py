"""Products by id and number, and how far each has come."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    bindparam,
    delete,
    func,
    select,
    update,
)

from shoplens.catalogue.content import CONTENT, columns_of, product_of
from shoplens.catalogue.fields import attribute_fields
from shoplens.catalogue.journal.tags import Tag, tagged, tags_of
from shoplens.database.tables import attribute_names
from shoplens.database.tables import products as table
from shoplens.database.transactions import portions, reading, upsert, writing
from shoplens.errors import MismatchError, NotFoundError
from shoplens.types import Product, Stage

_AWAY = table.c.stage == Stage.REMOVED
_HERE = table.c.stage != Stage.REMOVED
_STORED = (table.c.number, table.c.stage, table.c.revision, table.c.added, table.c.feed, *CONTENT)


@dataclass(frozen=True, slots=True)
class Stored:
    """A product as the catalogue keeps it: what its feed said, and what tags say besides.

    ``number`` is its key, never given to another product, not even after a purge. ``revision``
    counts from 1 and grows whenever there is something to index anew. ``added`` is when it was
    first put, also if it was removed and came back before it was purged. ``feed`` last put it.
    """

    number: int
    product: Product
    stage: Stage
    revision: int
    added: datetime
    feed: str = ""


@dataclass(frozen=True, slots=True)
class PutCounts:
    """What a put found; a removed product that came back counts as changed."""

    new: int
    changed: int
    unchanged: int


class Products:
    """The catalogue's products; safe to share by threads and by processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # ---- what a feed does ----------------------------------------------------------------------

    def put(self, products: Sequence[Product], *, feed: str, run: str, now: datetime) -> PutCounts:
        """Keep ``products``, all of them or none; those that are new or changed become PENDING.

        A product that belongs to another feed is taken over: from now on it is this feed that
        keeps it alive. Characters that no database can hold (NUL, lone surrogates) become U+FFFD.

        Raises:
            MismatchError: two products have one id; which of them is meant only the caller knows.
            StorageError: the disk is full, or the database refuses; nothing of this was kept.
        """
        drafts = _drafts(products)
        seen = {"feed": feed, "run": run}
        mark = {**seen, "stage": Stage.PENDING, "updated": now}
        with writing(self._engine) as connection:
            found = _compare(connection, drafts)
            if found.new:
                rows = [{**row, **mark, "revision": 1, "added": now} for row in found.new]
                connection.execute(table.insert(), rows)
            if found.changed:
                rows = [{**row, **mark, "at": number} for number, row in found.changed]
                connection.execute(_CHANGE, rows)
            for numbers in portions(found.unchanged):
                connection.execute(update(table).where(table.c.number.in_(numbers)).values(seen))
            self._count_names(connection, found.names)
        return PutCounts(len(found.new), len(found.changed), len(found.unchanged))

    def missing(self, *, feed: str, run: str) -> int:
        """Count what ``feed`` once put and did not put during ``run``: what a sweep would take."""
        query = select(func.count()).select_from(table).where(_gone(feed, run))
        with reading(self._engine) as connection:
            return connection.scalar(query) or 0

    def sweep(self, *, feed: str, run: str) -> int:
        """Mark REMOVED what ``feed`` once put and did not put during ``run``; returns how many."""
        with writing(self._engine) as connection:
            return self._remove(connection, _gone(feed, run))

    def remove(self, product_ids: Sequence[str]) -> int:
        """Mark products REMOVED; returns how many, unknown ones are no error."""
        with writing(self._engine) as connection:
            return sum(
                self._remove(connection, table.c.product_id.in_(ids) & _HERE)
                for ids in portions(product_ids)
            )

    # ---- what a reader asks --------------------------------------------------------------------

    def get(self, product_id: str) -> Stored:
        """Give one product; NotFoundError if there is none, or it was removed."""
        found = self.get_many([product_id])
        if not found:
            raise NotFoundError(f"no product {product_id!r}")
        return next(iter(found.values()))

    def get_many(self, product_ids: Sequence[str]) -> dict[str, Stored]:
        """Give those of ``product_ids`` that exist and are not removed."""
        with reading(self._engine) as connection:
            found = [
                stored
                for ids in portions(product_ids)
                for stored in _read(
                    connection, select(*_STORED).where(table.c.product_id.in_(ids), _HERE)
                )
            ]
        return {stored.product.product_id: stored for stored in found}

    def walk(self, *, after: int = 0, k: int = 1000) -> list[Stored]:
        """Give the next ``k`` products of any stage, in order of their numbers."""
        query = select(*_STORED).where(table.c.number > after).order_by(table.c.number).limit(k)
        with reading(self._engine) as connection:
            return _read(connection, query)

    def counts(self) -> dict[Stage, int]:
        """Count the products in each stage; a stage without any has 0."""
        query = select(table.c.stage, func.count()).group_by(table.c.stage)
        with reading(self._engine) as connection:
            found = dict(connection.execute(query).all())
        return {stage: found.get(stage, 0) for stage in Stage}

    def popularities(self) -> list[float]:
        """Give the popularity of each product that has one above 0, in no order."""
        query = select(table.c.popularity).where(table.c.popularity > 0)
        with reading(self._engine) as connection:
            return list(connection.scalars(query))

    def attribute_names(self) -> list[str]:
        """Name the attribute fields of all products that are not removed, in order."""
        query = select(attribute_names.c.name).where(attribute_names.c.products > 0)
        with reading(self._engine) as connection:
            return sorted(connection.scalars(query))

    # ---- what the indexer does -----------------------------------------------------------------

    def pending(self, *, after: int = 0, k: int) -> list[Stored]:
        """Give the next ``k`` products to index, in order of their numbers."""
        query = select(*_STORED).where(table.c.stage == Stage.PENDING, table.c.number > after)
        with reading(self._engine) as connection:
            return _read(connection, query.order_by(table.c.number).limit(k))

    def removed(self, *, k: int) -> list[str]:
        """Name ``k`` removed products, the longest known first."""
        query = select(table.c.product_id).where(_AWAY).order_by(table.c.number).limit(k)
        with reading(self._engine) as connection:
            return list(connection.scalars(query))

    def mark_indexed(self, marks: Sequence[tuple[int, int]]) -> int:
        """Mark products INDEXED by (number, revision); returns how many.

        One that changed since, or was removed, is left as it is: what was indexed is not it.
        """
        if not marks:
            return 0
        statement = (
            update(table)
            .where(
                table.c.number == bindparam("at"),
                table.c.revision == bindparam("seen"),
                table.c.stage == Stage.PENDING,
            )
            .values(stage=Stage.INDEXED)
        )
        with writing(self._engine) as connection:
            rows = [{"at": number, "seen": revision} for number, revision in marks]
            return connection.execute(statement, rows).rowcount

    def mark_pending(self, numbers: Sequence[int]) -> int:
        """Ask for products to be indexed anew; removed ones stay removed. Returns how many."""
        marked = 0
        with writing(self._engine) as connection:
            for some in portions(numbers):
                marked += connection.execute(
                    update(table)
                    .where(table.c.number.in_(some), _HERE)
                    .values(stage=Stage.PENDING, revision=table.c.revision + 1)
                ).rowcount
        return marked

    def purge(self, product_ids: Sequence[str]) -> None:
        """Delete products that are REMOVED, with their images; one put again meanwhile stays."""
        with writing(self._engine) as connection:
            for keys in portions(product_ids):
                connection.execute(delete(table).where(table.c.product_id.in_(keys), _AWAY))

    def _remove(self, connection: Connection, which: ColumnElement[bool]) -> int:
        attributes = select(table.c.attributes).where(which).execution_options(yield_per=1000)
        names: Counter[str] = Counter()
        for carried in connection.scalars(attributes):
            names.subtract(attribute_fields(carried))
        self._count_names(connection, names)
        return connection.execute(update(table).where(which).values(stage=Stage.REMOVED)).rowcount

    def _count_names(self, connection: Connection, difference: Counter[str]) -> None:
        rows = [{"name": name, "products": k} for name, k in sorted(difference.items()) if k]
        if rows:
            connection.execute(upsert(self._engine, attribute_names, adding="products"), rows)


_CHANGE = (
    update(table).where(table.c.number == bindparam("at")).values(revision=table.c.revision + 1)
)
_Columns = dict[str, Any]


def _gone(feed: str, run: str) -> ColumnElement[bool]:
    return (table.c.feed == feed) & (table.c.run != run) & _HERE


@dataclass(frozen=True, slots=True)
class _Compared:
    """What of a put is new, changed (with its number) or unchanged (its number only).

    ``names`` is how many products more or fewer carry each attribute field.
    """

    new: list[_Columns]
    changed: list[tuple[int, _Columns]]
    unchanged: list[int]
    names: Counter[str]


def _compare(connection: Connection, drafts: Mapping[str, _Columns]) -> _Compared:
    found = _Compared([], [], [], Counter())
    columns = (table.c.number, table.c.product_id, table.c.content_hash, table.c.stage)
    known = {
        row.product_id: row
        for ids in portions(list(drafts))
        for row in connection.execute(
            select(*columns, table.c.attributes).where(table.c.product_id.in_(ids))
        )
    }
    for product_id, draft in drafts.items():
        old = known.get(product_id)
        here = old is not None and old.stage != Stage.REMOVED
        if old is not None and here and old.content_hash == draft["content_hash"]:
            found.unchanged.append(old.number)
            continue
        if old is None:
            found.new.append(draft)
        else:
            found.changed.append((old.number, draft))
        if old is not None and here:
            found.names.subtract(attribute_fields(old.attributes))
        found.names.update(attribute_fields(draft["attributes"]))
    return found


def _drafts(products: Sequence[Product]) -> dict[str, _Columns]:
    drafts: dict[str, _Columns] = {}
    for columns in map(columns_of, products):
        product_id = str(columns["product_id"])
        if product_id in drafts:
            raise MismatchError(f"product {product_id!r} comes twice in one put; give it once")
        drafts[product_id] = columns
    return drafts


def _read(connection: Connection, query: Select[Any]) -> list[Stored]:
    """Give the products that ``query`` finds, with their tags."""
    rows = connection.execute(query).mappings().all()
    tags = tags_of(connection, [row[table.c.product_id] for row in rows])
    return [_stored(row, tags.get(row[table.c.product_id], ())) for row in rows]


def _stored(row: RowMapping, tags: Sequence[Tag]) -> Stored:
    return Stored(
        number=row[table.c.number],
        product=tagged(product_of(row), tags),
        stage=Stage(row[table.c.stage]),
        revision=row[table.c.revision],
        added=row[table.c.added],
        feed=row[table.c.feed],
    )
