"""schema.org products in JSON-LD: a ``.jsonld`` file, or the script blocks of an HTML page.

https://schema.org/Product, /Offer, /ProductGroup. A variant inherits from its group. An array or
a ``@graph`` is read an element at a time.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count, repeat
from typing import IO, cast

from shoplens.feed.draft import BrokenOff, Found, Place, Raw, Reading, build
from shoplens.feed.mapping import attribute_name
from shoplens.feed.parse import Price, image_texts, parse_price, parse_stock, split_path
from shoplens.feed.rows.jsontext import Element, parse_json, split_array
from shoplens.feed.rows.text import Source
from shoplens.types import Rejection

MAX_BLOCK = 8_000_000
"""Longest script block or single object that is read, characters."""
_CHUNK = 1 << 16
_TAG = 2000
_SCRIPT = re.compile(r"<script\b[^<>]{0,900}application/ld\+json[^<>]{0,900}>", re.IGNORECASE)
_WRAPPING = re.compile(r"^\s*(?://)?\s*(?:<!--|<!\[CDATA\[)|(?://)?\s*(?:-->|\]\]>)\s*$")
_SCRIPT_END = re.compile(r"</script", re.IGNORECASE)
_GRAPH = re.compile(r'"(?:@graph|itemListElement)"\s*:\s*\[')
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_PRODUCTS = frozenset(("product", "individualproduct", "productmodel", "someproducts", "vehicle"))
_ATTRIBUTES = ("color", "size", "material", "pattern")
_GTINS = ("gtin", "gtin13", "gtin14", "gtin12", "gtin8", "isbn")
_INNER = ("@graph", "itemListElement", "item", "itemOffered", "mainEntity", "mainEntityOfPage")
_FULL_PRICES = ("strikethroughprice", "listprice", "regularprice", "msrp", "srp")
_MAX_DEPTH = 12

Node = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Block:
    """One JSON text of a page, or one element of an array; empty when it was too long."""

    number: int
    text: str
    closed: bool = True


def open_jsonld(source: Source, now: datetime | None) -> Reading:
    """Products wherever they stand in the document; what is no product is passed over."""

    def found() -> Iterator[Found]:
        with source.text() as text:
            if source.head_text.lstrip("\ufeff \t\r\n").startswith("<"):
                yield from _read_blocks(_script_blocks(text), now)
            else:
                yield from _read_document(text, now)

    fields = {
        "id": "sku", "title": "name", "price": "offers.price", "images": "image",
        "brand": "brand.name", "category": "category", "group_id": "inProductGroupWithID",
    }  # fmt: skip
    return Reading(fields, (), found)


def _read_document(text: IO[str], now: datetime | None) -> Iterator[Found]:
    """An array, an object with a graph, or one object."""
    head = text.read(_CHUNK).lstrip("\ufeff \t\r\n")
    start = 1 if head.startswith("[") else _graph_start(head)
    if not start:
        whole = head + text.read(MAX_BLOCK)
        yield from _read_blocks(iter([_Block(1, whole, closed=not text.read(1))]), now)
        return
    for element in split_array(_Rejoined(head[start:], text), head[:start].count("\n") + 1):
        if isinstance(element, BrokenOff):
            yield element
        else:
            yield from _read_element(element, now)


def _graph_start(head: str) -> int:
    """Where the elements of the outermost object's graph begin; 0 when it has none."""
    for match in _GRAPH.finditer(head):
        marks = _STRING.sub("", head[: match.start()])
        if marks.count("{") - marks.count("}") == 1 and marks.count("[") == marks.count("]"):
            return match.end()
    return 0


class _Rejoined:
    """Text that was read already, then the rest of it."""

    def __init__(self, first: str, rest: IO[str]) -> None:
        self._first = first
        self._rest = rest

    def read(self, size: int) -> str:
        """The next piece; only the first may be longer than asked for."""
        first, self._first = self._first, ""
        return first or self._rest.read(size)


def _read_element(element: Element, now: datetime | None) -> Iterator[Found]:
    where = str(element.place)
    if not element.text:
        yield Rejection(where, "the element is too long to be read")
        return
    try:
        value = parse_json(element.text)
    except ValueError as error:
        yield Rejection(where, f"not JSON: {error}")
        return
    yield from _products(value, repeat(element.place), now)


def _read_blocks(blocks: Iterator[_Block], now: datetime | None) -> Iterator[Found]:
    for block in blocks:
        where = f"block {block.number}"
        if not block.text:
            yield Rejection(where, f"longer than {MAX_BLOCK:,} characters")
            continue
        try:
            value = parse_json(block.text)
        except ValueError as error:
            if block.closed:
                yield Rejection(where, f"not JSON: {error}")
            else:
                yield BrokenOff(where, f"the page breaks off inside this block: {error}")
            continue
        places = (Place("block {line} item {item}", block.number, n) for n in count(1))
        yield from _products(value, places, now)


def _script_blocks(text: IO[str]) -> Iterator[_Block]:
    """The contents of a page's JSON-LD script elements. Memory: one block."""
    held, number, inside = "", 0, False
    while True:
        match = (_SCRIPT_END if inside else _SCRIPT).search(held)
        if match:
            if inside:
                yield _Block(number, _bare(held[: match.start()]))
            number += not inside
            inside, held = not inside, held[match.end() :]
            continue
        if inside and len(held) > MAX_BLOCK:
            yield _Block(number, "")
            inside = False
        chunk = text.read(_CHUNK if not inside else max(_CHUNK, len(held)))
        if not chunk:
            break
        # A tag may begin in the last piece and end in the next.
        held = (held if inside else held[-_TAG:]) + chunk
    if inside:
        yield _Block(number, _bare(held) or "{", closed=False)


def _bare(script: str) -> str:
    """JSON without the comment marks that some shops still put around scripts."""
    return _WRAPPING.sub("", script).strip().rstrip(";")


def _products(value: object, places: Iterator[Place], now: datetime | None) -> Iterator[Found]:
    for node, group in _walk(value, 0):
        yield build(next(places), _raw(node, group), now)


def _walk(value: object, depth: int) -> Iterator[tuple[Node, Node]]:
    """Every product with its group; a node without one has an empty group."""
    if depth > _MAX_DEPTH:
        return
    for node in _nodes(value):
        kinds = _kinds(node)
        variants = [one for one in _nodes(node.get("hasVariant")) if one.keys() - {"@id", "@type"}]
        if variants and kinds & {"productgroup", *_PRODUCTS}:
            for variant in variants:
                yield variant, node
        elif kinds & {"productgroup", *_PRODUCTS}:
            yield node, {}
        else:
            for key in _INNER:
                yield from _walk(node.get(key), depth + 1)


def _nodes(value: object) -> list[Node]:
    """The objects of a value that may be one, or a list of them."""
    if isinstance(value, dict):
        return [cast("Node", value)]
    if isinstance(value, list):
        listed = cast("list[object]", value)
        return [cast("Node", one) for one in listed if isinstance(one, dict)]
    return []


def _kinds(node: Node) -> set[str]:
    """Types without namespace: ``http://schema.org/Product`` is ``product``."""
    return {re.split(r"[/:#]", kind)[-1].casefold() for kind in _texts(node.get("@type"))}


def _texts(value: object) -> list[str]:
    """Texts of a value: itself, an object's name or value, each of a list."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list):
        listed = cast("list[object]", value)
        return [text for one in listed if not isinstance(one, list) for text in _texts(one)]
    for node in _nodes(value):
        for key in ("name", "@value", "value", "suggestedGender", "codeValue", "@id"):
            inner = node.get(key)
            if isinstance(inner, str) and inner.strip():
                return [inner]
    return []


def _first(node: Node, *keys: str) -> str:
    return next((text for key in keys for text in _texts(node.get(key))), "")


def _raw(node: Node, group: Node) -> Raw:
    both: Node = {**group, **{key: value for key, value in node.items() if value}}
    prices = _offers(both.get("offers"))
    own_id = _first(node, "sku", "productID", *_GTINS, "mpn", "@id", "url")
    group_id = _first(node, "inProductGroupWithID") or _first(
        group, "productGroupID", "sku", "@id", "url", "name"
    )
    images = [*image_texts(node.get("image")), *image_texts(group.get("image"))]
    return Raw(
        product_id=own_id,
        title=_first(both, "name"),
        description=_first(both, "description"),
        brand=_first(both, "brand", "manufacturer"),
        category=_category(_texts(both.get("category"))),
        group_id=group_id or _first(node, "isVariantOf"),
        price=prices.price,
        sale_price=prices.sale_price,
        currency=prices.currency,
        in_stock=prices.in_stock,
        url=_first(both, "url") or prices.url,
        gtin=_first(node, *_GTINS),
        mpn=_first(node, "mpn"),
        images=images,
        attributes=_attributes(both),
    )


def _category(texts: list[str]) -> tuple[str, ...]:
    """The longest path; a list of plain words is a path itself."""
    if any(">" in text for text in texts):
        return max((split_path(text) for text in texts), key=len)
    return split_path(texts[0]) if len(texts) == 1 else tuple(texts)


def _attributes(node: Node) -> dict[str, list[str]]:
    found = {attribute_name(name): _texts(node.get(name)) for name in _ATTRIBUTES}
    found["gender"] = _texts(node.get("audience"))
    for extra in _nodes(node.get("additionalProperty")):
        name = _first(extra, "name", "propertyID")
        if name:
            found.setdefault(attribute_name(name), []).extend(_texts(extra.get("value")))
    return found


@dataclass(frozen=True, slots=True)
class _Offered:
    price: str = ""
    sale_price: str = ""
    currency: str = ""
    in_stock: str = ""
    url: str = ""


def _offers(value: object) -> _Offered:
    """The cheapest of the offers; in stock when any of them is."""
    offers = [inner for one in _nodes(value) for inner in (_nodes(one.get("offers")) or [one])]
    if not offers:
        return _Offered()
    found = [_offer(one) for one in offers]
    best = min(found, key=lambda one: _amount(one.sale_price or one.price))
    stocks = [one.in_stock for one in found if one.in_stock]
    in_stock = next((one for one in stocks if parse_stock(one)), stocks[0] if stocks else "")
    currency = best.currency or _first(_nodes(value)[0], "priceCurrency")
    return _Offered(best.price, best.sale_price, currency, in_stock, best.url)


def _offer(offer: Node) -> _Offered:
    """A price stands in the offer, or in its price specifications, a struck-through one too."""
    price, full = _first(offer, "price", "lowPrice"), ""
    currency = _first(offer, "priceCurrency")
    for one in _nodes(offer.get("priceSpecification")):
        kind = _first(one, "priceType").rsplit("/", 1)[-1].casefold()
        currency = currency or _first(one, "priceCurrency")
        if kind in _FULL_PRICES:
            full = _first(one, "price")
        else:
            price = price or _first(one, "price")
    stock, url = _first(offer, "availability"), _first(offer, "url")
    if full and _amount(full) > _amount(price):
        return _Offered(full, price, currency, stock, url)
    return _Offered(price or full, "", currency, stock, url)


def _amount(cell: str) -> float:
    price = parse_price(cell) if cell else ""
    return float(price.amount) if isinstance(price, Price) else float("inf")
