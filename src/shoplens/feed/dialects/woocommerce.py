"""WooCommerce's product CSV: simple products as they are, variable ones as their variations.

https://github.com/woocommerce/woocommerce/wiki/Product-CSV-Import-Schema describes the columns. A
variation names its parent by SKU or ``id:123`` and inherits what it does not say itself; the
parent may stand before or after it, within limits of memory. A variable product is a product of
its own only when the feed has no variation of it.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shoplens.feed.draft import BrokenOff, Draft, Found, Place, Raw, Reading, build
from shoplens.feed.mapping import attribute_name, plain_name
from shoplens.feed.parse import clean, split_images, split_path, split_values
from shoplens.feed.rows.table import Layout, TableRow, find_layout, read_rows
from shoplens.feed.rows.text import Source
from shoplens.types import Rejection

MAX_HELD = 32_000_000
"""Most characters of parents, and again of variations that wait for theirs, held in memory."""

_HEADERS: dict[str, tuple[str, ...]] = {
    "id": ("id",),
    "type": ("type",),
    "sku": ("sku",),
    "gtin": ("gtinupceanorisbn", "gtin"),
    "name": ("name",),
    "published": ("published",),
    "short": ("shortdescription",),
    "description": ("description",),
    "sale_start": ("datesalepricestarts",),
    "sale_end": ("datesalepriceends",),
    "in_stock": ("instock",),
    "stock": ("stock",),
    "backorders": ("backordersallowed",),
    "sale_price": ("saleprice",),
    "price": ("regularprice",),
    "categories": ("categories",),
    "tags": ("tags",),
    "images": ("images",),
    "parent": ("parent",),
    "url": ("externalurl",),
    "brand": ("brands", "brand"),
    "popularity": ("totalsales", "metatotalsales"),
}
_ATTRIBUTE = re.compile(r"attribute(\d+)(name|values)")
_COMMA = re.compile(r"(?<!\\),")


def is_woocommerce(columns: tuple[str, ...]) -> bool:
    """Whether a header is WooCommerce's."""
    names = {plain_name(column) for column in columns}
    return {"type", "name"} <= names and len(names & {
        "regularprice", "parent", "published", "visibilityincatalog", "categories", "attribute1name"
    }) >= 3  # fmt: skip


@dataclass(slots=True)
class _Parent:
    place: Place
    raw: Raw
    keys: tuple[str, ...]
    refusal: str = ""
    has_variations: bool = False


Waiting = tuple[str, Place, Raw]


class _Family:
    """Parents that were read, variations whose parent was not yet; the oldest give way."""

    def __init__(self, limit: int) -> None:
        self.parents: OrderedDict[str, _Parent] = OrderedDict()
        self.waiting: OrderedDict[str, list[Waiting]] = OrderedDict()
        self._by_key: dict[str, _Parent] = {}
        self._limit = limit
        self._parents_size = 0
        self._waiting_size = 0

    def parent(self, key: str) -> _Parent | None:
        """The parent of that SKU or ``id:123``, which from now on has variations."""
        parent = self._by_key.get(key)
        if parent is not None:
            parent.has_variations = True
            self.parents.move_to_end(parent.keys[0])
        return parent

    def knows(self, keys: Sequence[str]) -> bool:
        """Whether a parent of one of these names is held."""
        return any(key in self._by_key for key in keys)

    def add(self, parent: _Parent) -> list[Waiting]:
        """Keep a parent; returns the variations that waited for it."""
        self.parents[parent.keys[0]] = parent
        self._by_key.update(dict.fromkeys(parent.keys, parent))
        self._parents_size += _size(parent.raw)
        children = [one for key in parent.keys for one in self.waiting.pop(key, [])]
        self._waiting_size -= sum(_size(raw) for _, _, raw in children)
        parent.has_variations = bool(children or parent.refusal)
        return children

    def wait(self, key: str, place: Place, raw: Raw) -> None:
        """Keep a variation until its parent comes."""
        self.waiting.setdefault(key, []).append((key, place, raw))
        self._waiting_size += _size(raw)

    def overflow(self) -> Iterator[_Parent | Waiting]:
        """Let go of the oldest beyond the limit."""
        while self._parents_size > self._limit and self.parents:
            _, parent = self.parents.popitem(last=False)
            self._parents_size -= _size(parent.raw)
            for key in parent.keys:
                self._by_key.pop(key, None)
            yield parent
        while self._waiting_size > self._limit and self.waiting:
            for one in self.waiting.popitem(last=False)[1]:
                self._waiting_size -= _size(one[2])
                yield one


def _size(raw: Raw) -> int:
    """Rough memory of a product's texts, characters."""
    return 1000 + len(raw.description) + len(raw.title) + sum(map(len, raw.images))


def open_woocommerce(source: Source, now: datetime | None, max_held: int = MAX_HELD) -> Reading:
    """Columns by their English names, as the exporter writes them."""
    layout = find_layout(source)
    by_plain = {plain_name(column): column for column in reversed(layout.columns)}
    mapping = {
        name: by_plain[plain]
        for name, plains in _HEADERS.items()
        for plain in plains
        if plain in by_plain
    }
    attributes = {n: by_plain[n] for n in sorted(by_plain) if _ATTRIBUTE.fullmatch(n)}
    used = {*mapping.values(), *attributes.values()}

    def found() -> Iterator[Found]:
        return _read(source, layout, mapping | attributes, _Family(max_held), now)

    return Reading(mapping, tuple(c for c in layout.columns if c not in used), found)


def _read(
    source: Source,
    layout: Layout,
    mapping: Mapping[str, str],
    family: _Family,
    now: datetime | None,
) -> Iterator[Found]:
    places = {name: layout.columns.index(column) for name, column in mapping.items()}
    broken = False
    for row in read_rows(source, layout):
        if not isinstance(row, TableRow):
            broken = broken or isinstance(row, BrokenOff)
            yield row
            continue
        cells = {name: row.cells[at].strip() for name, at in places.items()}
        for place, raw in _sort_in(cells, Place("line {line}", row.line), family):
            yield raw if isinstance(raw, Rejection) else build(place, raw, now)
        for one in family.overflow():
            yield from _let_go(one, now)
    for parent in family.parents.values():
        yield from _cut(parent) if broken or source.failure else _let_go(parent, now)
    for orphan in [one for some in family.waiting.values() for one in some]:
        yield from _let_go(orphan, now)


def _sort_in(
    cells: Mapping[str, str], place: Place, family: _Family
) -> Iterator[tuple[Place, Raw | Rejection]]:
    """Products that are complete now that this row is known."""
    kinds = {kind.strip() for kind in cells.get("type", "").casefold().split(",")}
    raw = _raw(cells)
    hidden = cells.get("published") in {"0", "-1"}
    refusal = "not for sale: it is not published" if hidden else ""
    keys = [key for key in (cells.get("sku", ""), f"id:{raw.spare_id}") if key not in {"", "id:"}]
    if "variable" in kinds and keys and family.knows(keys):
        refusal = f"another variable product is called {keys[0]!r}; that one is kept"
    elif "variable" in kinds and keys:
        parent = _Parent(place, raw, tuple(keys), refusal)
        for _, at, child in family.add(parent):
            yield at, _child(at, child, parent)
    if refusal:
        yield place, Rejection(str(place), refusal, clean(raw.product_id, 200))
    elif "variation" in kinds:
        key = cells.get("parent", "")
        known = family.parent(key)
        if known is not None:
            yield place, _child(place, raw, known)
        else:
            family.wait(key, place, raw)
    elif "variable" not in kinds or not keys:
        yield place, raw


def _child(place: Place, raw: Raw, parent: _Parent) -> Raw | Rejection:
    if parent.refusal:
        reason = f"its parent is {parent.refusal}"
        return Rejection(str(place), reason, clean(raw.product_id, 200))
    return _inherit(raw, parent.raw)


def _let_go(one: _Parent | Waiting, now: datetime | None) -> Iterator[Found]:
    """A parent without variations is a product; so is a variation without parent, with a note."""
    if isinstance(one, _Parent):
        if not one.has_variations:
            yield build(one.place, one.raw, now)
        return
    key, place, raw = one
    draft = build(place, replace(raw, group_id=key), now)
    if isinstance(draft, Draft):
        reason = f"its parent {clean(key, 200)!r} is not in the feed; the product stands alone"
        draft = replace(draft, problems=(*draft.problems, reason))
    yield draft


def _cut(parent: _Parent) -> Iterator[Found]:
    if not parent.has_variations:
        reason = "the feed breaks off before the variations of this product"
        yield Rejection(str(parent.place), reason, clean(parent.raw.product_id, 200))


def _raw(cells: Mapping[str, str]) -> Raw:
    main, others = _categories(cells.get("categories", ""))
    stock = cells.get("in_stock", "") or cells.get("stock", "")
    if cells.get("backorders", "") in {"1", "notify"}:
        stock = ""
    attributes = _attributes(cells) | {
        "tags": _listed(cells.get("tags", "")),
        "categories": others,
    }
    number = cells.get("id", "")
    return Raw(
        product_id=cells.get("sku", "") or number,
        spare_id=number,
        title=cells.get("name", ""),
        description=cells.get("description", "") or cells.get("short", ""),
        brand=next(iter(_listed(cells.get("brand", ""))), ""),
        category=main,
        price=cells.get("price", ""),
        sale_price=cells.get("sale_price", ""),
        sale_dates=(cells.get("sale_start", ""), cells.get("sale_end", "")),
        in_stock=stock,
        url=cells.get("url", ""),
        gtin=cells.get("gtin", ""),
        images=split_images(cells.get("images", "")),
        attributes={name: values for name, values in attributes.items() if values},
        popularity=cells.get("popularity", ""),
    )


def _inherit(child: Raw, parent: Raw) -> Raw:
    """What a variation does not say, its parent says; its own image comes first."""
    return replace(
        child,
        title=child.title or parent.title,
        description=child.description or parent.description,
        brand=child.brand or parent.brand,
        category=child.category or parent.category,
        group_id=parent.product_id,
        price=child.price or parent.price,
        in_stock=child.in_stock or parent.in_stock,
        url=child.url or parent.url,
        images=(*child.images, *parent.images),
        attributes={**parent.attributes, **child.attributes},
        popularity=parent.popularity or child.popularity,
    )


def _listed(cell: str) -> tuple[str, ...]:
    """Parts between commas; one that belongs to a part is written with a backslash."""
    parts = (clean(part.replace("\\,", ",")) for part in _COMMA.split(cell))
    return tuple(part for part in parts if part)


def _categories(cell: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The deepest path, and the other ones as text: a product of ours has one path."""
    paths = [tuple(split_path(part)) if ">" in part else (part,) for part in _listed(cell)]
    main = max(paths, key=len, default=())
    return main, tuple(" > ".join(path) for path in paths if path != main)


def _attributes(cells: Mapping[str, str]) -> dict[str, Sequence[str]]:
    found: dict[str, Sequence[str]] = {}
    for name, cell in cells.items():
        match = _ATTRIBUTE.fullmatch(name)
        if match and match[2] == "name" and cell:
            values = split_values("|".join(_listed(cells.get(f"attribute{match[1]}values", ""))))
            if values:
                found[attribute_name(cell)] = values
    return found
