"""Labels that a person accepted for products whose feed says nothing in that field.

They are kept beside what feeds say, not in it: a product is read with its tags, the next run of its
feed takes none away, and what the feed itself says of a field goes before.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, select, tuple_, update

from shoplens.catalogue.fields import CORE_FIELDS, attribute_field, fold
from shoplens.database.columns import storable
from shoplens.database.tables import attribute_names, products
from shoplens.database.tables import tags as table
from shoplens.database.transactions import portions, reading, upsert, writing
from shoplens.errors import QueryError
from shoplens.types import Product, Stage

CATEGORY = "category"
DESCRIPTION = "description"
BETWEEN_LEVELS = " > "
"""A tag of the category is a path from broad to narrow, written with this."""
MOST_CHARACTERS = 1000
PAIRS = 400
"""Keys of two columns that fit an IN list together."""
_TAGGABLE = {CATEGORY, "colour"}


@dataclass(frozen=True, slots=True)
class Tag:
    """What a product is said to be: ``field`` is category, description or that of an attribute."""

    product_id: str
    field: str
    value: str


class Tags:
    """The accepted tags; those of products that are gone wait for them to come back."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, tags: Sequence[Tag], *, now: datetime) -> None:
        """Keep tags, instead of those before in the same fields; their products become PENDING.

        Raises:
            QueryError: a tag speaks of a field that cannot be tagged, or says nothing.
        """
        rows = {(tag.product_id, tag.field): tidy(tag) for tag in tags}
        with writing(self._engine) as connection:
            for some in portions(list(rows), PAIRS):
                known = _known(connection, some)
                fresh = [rows[key] for key in some]
                values = [
                    {
                        "product_id": tag.product_id,
                        "field": tag.field,
                        "value": tag.value,
                        "created": now,
                    }
                    for tag in fresh
                ]
                connection.execute(upsert(self._engine, table), values)
                names = Counter(key[1] for key in some if key not in known)
                self._changed(connection, fresh, names)

    def remove(self, tags: Sequence[Tag]) -> int:
        """Forget tags that are as given; their products become PENDING. Returns how many."""
        removed = 0
        wanted = {(tag.product_id, tag.field): tidy(tag) for tag in tags}
        with writing(self._engine) as connection:
            for some in portions(list(wanted), PAIRS):
                known = _known(connection, some)
                gone = [wanted[key] for key in some if known.get(key) == wanted[key].value]
                keys = [(tag.product_id, tag.field) for tag in gone]
                if keys:
                    connection.execute(delete(table).where(_KEY.in_(keys)))
                    self._changed(connection, gone, _less(gone))
                removed += len(gone)
        return removed

    def of(self, product_ids: Sequence[str]) -> dict[str, list[Tag]]:
        """Give the tags of those products that have any."""
        with reading(self._engine) as connection:
            return tags_of(connection, product_ids)

    def all(self) -> list[Tag]:
        """Give every tag, in order of products and fields."""
        query = select(table.c.product_id, table.c.field, table.c.value)
        with reading(self._engine) as connection:
            return [Tag(*row) for row in connection.execute(query.order_by(*table.primary_key))]

    def _changed(self, connection: Connection, tags: Sequence[Tag], names: Counter[str]) -> None:
        """Let products be indexed anew, and fields be known that only tags carry."""
        ids = sorted({tag.product_id for tag in tags})
        connection.execute(
            update(products)
            .where(products.c.product_id.in_(ids), products.c.stage != Stage.REMOVED)
            .values(stage=Stage.PENDING, revision=products.c.revision + 1)
        )
        del names[DESCRIPTION]  # it is read, not filtered by
        rows = [{"name": name, "products": k} for name, k in sorted(names.items()) if k]
        if rows:
            connection.execute(upsert(self._engine, attribute_names, adding="products"), rows)


def tags_of(connection: Connection, product_ids: Sequence[str]) -> dict[str, list[Tag]]:
    """Give the tags of each product that has any."""
    found: dict[str, list[Tag]] = {}
    for some in portions(product_ids):
        query = select(table.c.product_id, table.c.field, table.c.value)
        for row in connection.execute(query.where(table.c.product_id.in_(some))):
            found.setdefault(row.product_id, []).append(Tag(*row))
    return found


def tagged(product: Product, tags: Sequence[Tag]) -> Product:
    """Fill what ``product`` does not say itself with what its tags say."""
    for tag in tags:
        if says(product, tag.field):
            continue
        if tag.field == CATEGORY:
            levels = tuple(level.strip() for level in tag.value.split(BETWEEN_LEVELS.strip()))
            product = replace(product, category=tuple(filter(None, levels)))
        elif tag.field == DESCRIPTION:
            product = replace(product, description=tag.value)
        else:
            product = replace(product, attributes={**product.attributes, tag.field: (tag.value,)})
    return product


def says(product: Product, field: str) -> bool:
    """Tell whether a product says anything in a field: category, description, an attribute's."""
    if field == CATEGORY:
        return any(map(fold, product.category))
    if field == DESCRIPTION:
        return bool(fold(product.description))
    return any(
        fold(value)
        for name, values in product.attributes.items()
        if attribute_field(name) == field
        for value in values
    )


_KEY = tuple_(table.c.product_id, table.c.field)


def _known(connection: Connection, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    query = select(table.c.product_id, table.c.field, table.c.value).where(_KEY.in_(list(keys)))
    return {(row.product_id, row.field): row.value for row in connection.execute(query)}


def _less(gone: Sequence[Tag]) -> Counter[str]:
    names: Counter[str] = Counter()
    names.subtract(tag.field for tag in gone)
    return names


def tidy(tag: Tag) -> Tag:
    """Give a tag as it is kept; QueryError if its field cannot be tagged, or it says nothing."""
    if tag.field not in _TAGGABLE and (
        attribute_field(tag.field) != tag.field or tag.field in CORE_FIELDS
    ):
        raise QueryError(
            f"{tag.field[:80]!r} cannot be tagged; give category or the field of an attribute, in "
            "small letters with _ between words"
        )
    if not fold(tag.value) or len(tag.value) > MOST_CHARACTERS:
        raise QueryError(
            f"the tag {tag.field!r} of {tag.product_id[:80]!r} has {len(tag.value)} characters; "
            f"give 1 to {MOST_CHARACTERS}"
        )
    return Tag(tag.product_id, storable(tag.field), storable(tag.value.strip()))
