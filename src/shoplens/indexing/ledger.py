"""Rows reach the store and the catalogue in an order that survives being killed anywhere.

The embeddings and image records first, then the rows, then a flush, and only then the mark that
the product is indexed. Killed in between, the product is still pending and is simply done again.
"""

from collections.abc import Iterable, Sequence

from shoplens.catalogue.fields import CORE_FIELDS, fields_of
from shoplens.catalogue.products import Stored
from shoplens.indexing.workbench import IndexCounts, Ready, Workbench
from shoplens.types import FieldKind, Row

POSITIONS = 256
"""Rows per product number: one per image position, so a row's number tells its product's."""


def row_id(number: int, position: int) -> int:
    """Name the row of one image of one product."""
    return number * POSITIONS + position


def rows_of(ready: Ready) -> list[Row]:
    """Make one row per usable image; the main row exists always and carries text and words."""
    product = ready.stored.product
    fields = fields_of(product)
    pictures = {i.record.position: i.embedding for i in ready.images if i.embedding is not None}
    return [
        Row(
            row_id=row_id(ready.stored.number, position),
            product_id=product.product_id,
            group_id=product.group_id or product.product_id,
            position=position,
            picture=pictures.get(position),
            text=ready.text if position == 0 else None,
            words=ready.words if position == 0 else None,
            fields=fields,
        )
        for position in sorted({0, *pictures})
    ]


def fields_in(rows: Iterable[Row]) -> dict[str, FieldKind]:
    """Name every filterable field in ``rows``, with its kind."""
    kinds: dict[str, FieldKind] = dict(CORE_FIELDS)
    for row in rows:
        for name in row.fields:
            kinds.setdefault(name, "keyword")
    return kinds


def acknowledge(bench: Workbench, batch: Sequence[Ready]) -> IndexCounts:
    """Make ``batch`` searchable and durable; products that changed meanwhile are left pending."""
    catalogue = bench.catalogue
    tower = bench.encoder.picture
    fresh = {
        i.record.image_hash: i.embedding
        for ready in batch
        for i in ready.images
        if i.encoded and i.embedding is not None
    }
    catalogue.embeddings.put(fresh, fingerprint=tower.fingerprint, now=bench.now())
    with bench.commit:
        current = catalogue.products.get_many([r.stored.product.product_id for r in batch])
        batch = [r for r in batch if _is_current(r, current)]
        rows = [row for ready in batch for row in rows_of(ready)]
        catalogue.images.replace_many(
            {ready.stored.number: [i.record for i in ready.images] for ready in batch}
        )
        bench.store.declare(fields_in(rows))
        changed = [r.stored.product.product_id for r in batch if r.stored.revision > 1]
        if changed:
            bench.store.delete(changed)
        bench.store.upsert(rows)
        bench.store.flush()
        catalogue.products.mark_indexed([(r.stored.number, r.stored.revision) for r in batch])
    return _counts(batch)


def forget_removed(bench: Workbench, *, k: int = 1000) -> int:
    """Take removed products out of the store, then out of the catalogue; returns how many."""
    forgotten = 0
    while True:
        with bench.commit:
            gone = bench.catalogue.products.removed(k=k)
            if not gone:
                return forgotten
            bench.store.delete(gone)
            bench.store.flush()
            bench.catalogue.products.purge(gone)
        forgotten += len(gone)


def _is_current(ready: Ready, current: dict[str, Stored]) -> bool:
    found = current.get(ready.stored.product.product_id)
    return found is not None and found.revision == ready.stored.revision


def _counts(batch: Sequence[Ready]) -> IndexCounts:
    images = [i for ready in batch for i in ready.images]
    return IndexCounts(
        products=len(batch),
        encoded=sum(i.encoded for i in images),
        reused=sum(i.embedding is not None and not i.encoded for i in images),
        refused=sum(i.embedding is None for i in images),
    )
