"""Google Merchant feeds: RSS 2.0 or Atom with ``g:`` elements, and tables with the same names.

https://support.google.com/merchants/answer/7052112 names the attributes. Here a product needs an
id and a title; a missing image_link is reported, since a product is found by its pictures.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser  # pyright: ignore[reportMissingTypeStubs] it has none

from shoplens.errors import FeedError
from shoplens.feed.dialects.plain import Cell, RowReader, read_table, without_image
from shoplens.feed.draft import BrokenOff, Draft, Found, Place, Reading
from shoplens.feed.mapping import ATTRIBUTE, check, parts, plain_name
from shoplens.feed.rows.table import find_layout
from shoplens.feed.rows.text import Source
from shoplens.types import Rejection

MAX_ITEM = 4_000_000
"""Longest item that is read, characters of text and names."""
MAX_TAG = 4_000_000
"""Longest tag or comment that is waited for, characters."""
_MAX_DEPTH = 100
_CHUNK = 1 << 17

_MAPPING = {
    "id": "id",
    "title": "title",
    "description": "description",
    "brand": "brand",
    "category": "product_type",
    "group_id": "item_group_id",
    "price": "price",
    "sale_price": "sale_price",
    "sale_dates": "sale_price_effective_date",
    "in_stock": "availability",
    "url": "link",
    "gtin": "gtin",
    "mpn": "mpn",
    "images": "image_link > additional_image_link",
    "attributes.colour": "color",
}
_ATTRIBUTES = (
    *("size", "size_type", "size_system", "material", "pattern", "gender", "age_group"),
    *("condition", *(f"custom_label_{n}" for n in range(5))),
)
NAMES = frozenset(
    [*_ATTRIBUTES, "color", "google_product_category"]
    + [name for written in _MAPPING.values() for name in written.split(" > ")]
)
# Characters that XML 1.0 forbids; a parser would give the whole feed up for one of them.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def open_table(source: Source, given: Mapping[str, str], now: datetime | None) -> Reading:
    """A table with Google's attribute names, ``image link`` or ``image_link``."""
    layout = find_layout(source)
    known = {plain_name(name): name for name in NAMES}
    columns = tuple(known.get(plain_name(column), column) for column in layout.columns)
    as_written = dict(zip(layout.columns, columns, strict=True))
    given = {
        field: " > ".join(as_written.get(one, one) for one in parts(written, layout.columns))
        for field, written in given.items()
    }
    layout = replace(layout, columns=columns)
    mapping = _mapping(given, columns)
    used = {part for written in mapping.values() for part in written.split(" > ")}
    reader = RowReader.of(mapping, columns, now)

    def found() -> Iterator[Found]:
        for draft in read_table(source, layout, reader, untitled=False):
            yield _finish(draft)

    return Reading(mapping, tuple(column for column in columns if column not in used), found)


def _mapping(given: Mapping[str, str], columns: tuple[str, ...]) -> dict[str, str]:
    """Google's names, those that the feed has; ``given`` wins."""
    check(given, columns)
    mapping = dict(_MAPPING) | {ATTRIBUTE + name: name for name in _ATTRIBUTES}
    if "product_type" not in columns:
        mapping["category"] = "google_product_category"
    kept: dict[str, str] = {}
    for field, written in mapping.items():
        there = [name for name in written.split(" > ") if name in columns]
        if there:
            kept[field] = " > ".join(there)
    kept.update(given)
    for name in ("id", "title"):
        if name not in kept:
            raise FeedError(f"this Google feed has no {name}; it has {', '.join(columns)}")
    return kept


def open_xml(source: Source, given: Mapping[str, str], now: datetime | None) -> Reading:
    """RSS 2.0 or Atom; elements other than Google's may be mapped by their names."""
    extra = [part.strip() for written in given.values() for part in written.split(">")]
    names = tuple(dict.fromkeys([*sorted(NAMES), *extra]))
    mapping = _mapping(given, names)
    reader = RowReader.of(mapping, names, now)

    def found() -> Iterator[Found]:
        for one in read_xml(source):
            yield (
                _finish(reader.draft(*_typed(one), untitled=False))
                if isinstance(one, XmlItem)
                else one
            )

    return Reading(mapping, (), found)


def _typed(item: "XmlItem") -> tuple[Place, Mapping[str, Cell]]:
    """Stand in for a missing product_type with Google's category, where that is words.

    Of several product types the first counts, as Google does it.
    """
    cells = dict(item.cells)
    kinds = cells.get("product_type") or cells.get("google_product_category") or ("",)
    cells["product_type"] = kinds[:1]
    return item.place, cells


def _finish(draft: Found) -> Found:
    """Drop a category that is only a number, split ``Red/Blue``, report a missing image."""
    if not isinstance(draft, Draft):
        return draft
    product = draft.product
    if len(product.category) == 1 and product.category[0].isdecimal():
        product = replace(product, category=())
    colours = [one.strip() for c in product.attributes.get("colour", ()) for one in c.split("/")]
    if colours:
        product = replace(product, attributes={**product.attributes, "colour": tuple(colours)})
    return without_image(replace(draft, product=product), "image_link")


@dataclass(frozen=True, slots=True)
class XmlItem:
    """One ``item`` or ``entry``: the texts of its children by name without prefix."""

    place: Place
    cells: Mapping[str, tuple[str, ...]]


class _Items(ContentHandler):
    """Collects one item at a time; no tree is built."""

    def __init__(self, parser: DefusedExpatParser) -> None:
        super().__init__()
        self.ready: list[XmlItem | Rejection] = []
        self.count = 0
        self._parser = parser
        self._depth = 0
        self._item_depth = 0
        self._line = 0
        self._size = 0
        self._name = ""
        self._cells: dict[str, list[str]] = {}
        self._ranks: dict[str, int] = {}
        self._rank = 0
        self._text: list[str] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 SAX's name
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise SAXException(f"elements are nested more than {_MAX_DEPTH} deep")
        prefix, _, local = name.casefold().rpartition(":")
        if not self._item_depth and local in ("item", "entry"):
            self._item_depth, self._line = self._depth, self._parser.getLineNumber() or 0
            self._cells, self._ranks, self._size = {}, {}, 0
            self.count += 1
        elif self._item_depth and self._depth == self._item_depth + 1:
            self._name, self._text = local, []
            self._rank = 2 if prefix == "g" else 0 if prefix else 1
            if local == "link" and "href" in attrs.getNames():
                self.characters(attrs.getValue("href"))

    def characters(self, content: str) -> None:
        if self._item_depth and self._depth == self._item_depth + 1:
            self._size += len(content)
            if self._size <= MAX_ITEM:
                self._text.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802 SAX's name
        del name
        if self._item_depth and self._depth == self._item_depth + 1:
            self._size += len(self._name)
            text = "".join(self._text).strip()
            if text and self._size <= MAX_ITEM:
                self._keep(text)
        elif self._depth == self._item_depth:
            self._end_item()
        self._depth -= 1

    def _keep(self, text: str) -> None:
        """``g:id`` beats ``id``, which beats the same name under another prefix."""
        known = self._ranks.get(self._name, -1)
        if self._rank > known:
            self._cells[self._name], self._ranks[self._name] = [text], self._rank
        elif self._rank == known:
            self._cells[self._name].append(text)

    def _end_item(self) -> None:
        self._item_depth = 0
        place = Place("item {item} (line {line})", self._line, self.count)
        if self._size > MAX_ITEM:
            self.ready.append(Rejection(str(place), f"longer than {MAX_ITEM:,} characters"))
        else:
            cells = {name: tuple(texts) for name, texts in self._cells.items()}
            self.ready.append(XmlItem(place, cells))


def read_xml(source: Source) -> Iterator[XmlItem | Rejection | BrokenOff]:
    """Every complete item; where the feed is cut or hostile it ends with one BrokenOff.

    Entity declarations and external references are refused. Memory: one item.
    """
    parser = DefusedExpatParser()
    items = _Items(parser)
    parser.setContentHandler(items)
    stuck_at, stuck = (0, 0), 0
    with source.text() as text:
        while chunk := text.read(_CHUNK):
            reason = _feed(parser, chunk)
            yield from items.ready
            items.ready.clear()
            now_at = (parser.getLineNumber() or 0, parser.getColumnNumber() or 0)
            stuck, stuck_at = (stuck + len(chunk) if now_at == stuck_at else 0), now_at
            if stuck > MAX_TAG:
                reason = f"a tag is longer than {MAX_TAG:,} characters"
            if reason:
                yield BrokenOff(f"line {parser.getLineNumber()}", _broken(reason, items.count))
                return
    reason = _feed(parser, "")
    yield from items.ready
    if reason:
        yield BrokenOff(f"line {parser.getLineNumber()}", _broken(reason, items.count))


def _broken(reason: str, count: int) -> str:
    return f"the feed breaks off here, in or after item {count}: {reason}"


def _feed(parser: DefusedExpatParser, chunk: str) -> str:
    """Parse some more, or the end when empty; say why it cannot go on."""
    try:
        if chunk:
            parser.feed(_FORBIDDEN.sub(" ", chunk))
        else:
            parser.close()
    except DefusedXmlException as error:
        return f"entity declarations are not allowed ({type(error).__name__})"
    except SAXException as error:
        return error.getMessage()
    return ""
