"""Rows reach the store and the catalogue in an order that survives being killed anywhere.

The embeddings and image records first, then the rows, then a flush, and only then the mark that
the product is indexed. Killed in between, the product is still pending and is simply done again.
"""

import re
from collections.abc import Iterable, Sequence

from shoplens.catalogue.fields import CORE_FIELDS, EXACT, MAIN, colours_told, fields_of, fold
from shoplens.catalogue.images import ImageRecord
from shoplens.catalogue.journal.held import UNSURE
from shoplens.catalogue.products import Stored
from shoplens.encode.colours.field import colour_words
from shoplens.encode.colours.vector import colour_vector
from shoplens.indexing.colours import FINGERPRINT, first_of
from shoplens.indexing.workbench import IndexCounts, Ready, Workbench
from shoplens.types import FieldKind, Fields, Product, Row

_GAPS = re.compile(r"[\s-]+")
POSITIONS = 256
"""Rows per product number: one per image position, so a row's number tells its product's."""


def row_id(number: int, position: int) -> int:
    """Name the row of one image of one product."""
    return number * POSITIONS + position


def rows_of(ready: Ready) -> list[Row]:
    """Make one row per usable image; the main row is always there, with text, words and colour."""
    product = ready.stored.product
    seen = first_of([i.colours for i in ready.images])
    colours = colour_words(colours_told(product), seen, product.title)
    fields = fields_of(product, ready.stored.added, colours)
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
            colour=colour_vector(seen) if seen and position == 0 else None,
            fields=_marked(fields, product, main=position == 0),
        )
        for position in sorted({0, *pictures})
    ]


def fields_in(rows: Iterable[Row]) -> dict[str, FieldKind]:
    """Name every field in ``rows``, the hidden ones too, with its kind."""
    kinds: dict[str, FieldKind] = {**CORE_FIELDS, MAIN: "boolean", EXACT: "keyword"}
    for row in rows:
        for name in row.fields:
            kinds.setdefault(name, "keyword")
    return kinds


def _marked(fields: Fields, product: Product, *, main: bool) -> Fields:
    """Add the hidden fields: which row is the main one, and what its product is called exactly."""
    names = _exact_names(product) if main else ()
    return {**fields, MAIN: main} | ({EXACT: names} if names else {})


def _exact_names(product: Product) -> tuple[str, ...]:
    """Fold what a product is called: id and codes, these also without gaps, and the whole title."""
    codes = [fold(code) for code in (product.product_id, product.gtin, product.mpn)]
    names = [*codes, *(_GAPS.sub("", code) for code in codes), fold(product.title)]
    return tuple(dict.fromkeys(name for name in names if name))


def acknowledge(bench: Workbench, batch: Sequence[Ready]) -> IndexCounts:
    """Make ``batch`` searchable and durable; products that changed meanwhile are left pending."""
    catalogue = bench.catalogue
    _keep(bench, batch)
    with bench.commit:
        current = catalogue.products.get_many([r.stored.product.product_id for r in batch])
        batch = [r for r in batch if _is_current(r, current)]
        catalogue.images.replace_many(
            {ready.stored.number: [i.record for i in ready.images] for ready in batch}
        )
        _write(bench, batch)
        catalogue.products.mark_indexed([(r.stored.number, r.stored.revision) for r in batch])
    bench.changed.set()
    return _counts(batch)


def follow(bench: Workbench, store: str, batch: Sequence[Ready]) -> IndexCounts:
    """Put ``batch`` into a second store, called ``store``, and note that it holds these revisions.

    Noted before too, as unsure: killed in between, the rows are known and are written again.
    """
    held = bench.catalogue.held
    _keep(bench, batch)
    keys = [(r.stored.number, r.stored.product.product_id) for r in batch]
    held.put(store, [(*key, UNSURE) for key in keys])
    _write(bench, batch)
    records = bench.catalogue.images.of([number for number, _ in keys])
    marks = [
        -r.stored.revision if _is_lacking(r, records[r.stored.number]) else r.stored.revision
        for r in batch
    ]
    held.put(store, [(*key, mark) for key, mark in zip(keys, marks, strict=True)])
    return _counts(batch)


def _is_lacking(ready: Ready, records: Sequence[ImageRecord]) -> bool:
    """Tell whether an image is refused now that the catalogue calls usable."""
    usable = {record.position for record in records if not record.reason}
    return any(i.embedding is None and i.record.position in usable for i in ready.images)


def _keep(bench: Workbench, batch: Sequence[Ready]) -> None:
    images = [image for ready in batch for image in ready.images]
    encoded = {
        i.record.image_hash: i.embedding for i in images if i.encoded and i.embedding is not None
    }
    coloured = {
        i.record.image_hash: i.colours for i in images if i.coloured and i.colours is not None
    }
    cache, tower = bench.catalogue.embeddings, bench.encoder.picture
    cache.put(encoded, fingerprint=tower.fingerprint, now=bench.now())
    cache.put(coloured, fingerprint=FINGERPRINT, now=bench.now())


def _write(bench: Workbench, batch: Sequence[Ready]) -> None:
    rows = [row for ready in batch for row in rows_of(ready)]
    bench.store.declare(fields_in(rows))
    changed = [r.stored.product.product_id for r in batch if r.stored.revision > 1]
    if changed:
        bench.store.delete(changed)
    bench.store.upsert(rows)
    bench.store.flush()


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
        bench.changed.set()
        forgotten += len(gone)


def forget_gone(bench: Workbench, store: str, *, k: int = 1000) -> None:
    """Take out of a second store what is no longer in the catalogue."""
    held = bench.catalogue.held
    while gone := held.gone(store, k=k):
        bench.store.delete(gone)
        bench.store.flush()
        held.forget(store, gone)


def _is_current(ready: Ready, current: dict[str, Stored]) -> bool:
    found = current.get(ready.stored.product.product_id)
    return found is not None and found.revision == ready.stored.revision


def _counts(batch: Sequence[Ready]) -> IndexCounts:
    images = [i for ready in batch for i in ready.images]
    return IndexCounts(
        products=len(batch),
        encoded=sum(i.encoded for i in images),
        reused=sum(i.embedding is not None and not (i.encoded or i.derived) for i in images),
        refused=sum(i.embedding is None for i in images),
        derived=sum(i.derived for i in images),
    )
