"""What of a product can be filtered, and what of it is read as text."""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from shoplens.types import FieldKind, Fields, FieldValue, Product

CORE_FIELDS: Mapping[str, FieldKind] = MappingProxyType(
    {
        "product_id": "keyword",
        "group_id": "keyword",
        "brand": "keyword",
        "category": "keyword",
        "colour": "keyword",
        "currency": "keyword",
        "price": "number",
        "popularity": "number",
        "added": "number",
        "in_stock": "boolean",
        "on_sale": "boolean",
    }
)
"""Fields that every shop has; each attribute is a keyword field beside them."""

COLOUR_SPELLINGS = frozenset(
    {"colour", "color", "colours", "colors", "colour_name", "color_name", "base_colour"}
    | {"base_color", "basecolour", "basecolor", "farbe", "颜色", "顏色", "商品颜色", "颜色分类"}
)
"""Fields that are one, ``colour``, and what it may be called in a filter."""

MAIN = "main"
"""A hidden boolean field, true on the main row of each product: counts of these are of products."""
EXACT = "exact"
"""A hidden keyword field of main rows: the folded id, codes and whole title of the product."""
HIDDEN = frozenset({MAIN, EXACT})
"""Fields that every row has and nobody filters by."""

DENSE_CHARS = 300
SHORT_CHARS = 40
NAME_CHARS = 100
WORD = re.compile(r"\w+")


def fold(text: str) -> str:
    """Reduce ``text`` to what filters compare: compatible forms, case and white space made one.

    NFKC, then case folding, then white space collapsed; folding twice changes nothing.
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    # The second time because folding case can take a text out of its normal form: ǰ, ẖ, ΐ.
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(text.split())


def attribute_field(name: str) -> str:
    """Name the filterable field of an attribute: ``Säule (cm)`` becomes ``säule_cm``.

    A name that only differs from another in case or punctuation names the same field; one that
    is a core field gets ``attribute_`` before it. Every word for colour names ``colour``.
    """
    field = re.sub(r"\W+", "_", fold(name)).strip("_")[:NAME_CHARS].strip("_")
    if not field:
        return "attribute"
    if field in COLOUR_SPELLINGS:
        return "colour"
    return f"attribute_{field}" if field in CORE_FIELDS or field in HIDDEN else field


def attribute_fields(attributes: Mapping[str, object]) -> set[str]:
    """Name the fields that these attributes become."""
    return {attribute_field(name) for name in attributes}


def colours_told(product: Product) -> tuple[str, ...]:
    """Give what the shop calls the colours of ``product``, as it wrote them."""
    attributes = product.attributes.items()
    return tuple(
        v for name, values in attributes if attribute_field(name) == "colour" for v in values
    )


def fields_of(product: Product, added: datetime, colours: Sequence[str] = ()) -> Fields:
    """Give every filterable field of ``product``; what it does not have is left out.

    Keywords are folded. ``category`` holds each level and each path from the top, ``a > b``.
    ``price`` is what is asked now. ``on_sale`` says that this is less than the usual price.
    ``added`` becomes seconds since 1970. ``colour`` holds the shop's own words, then ``colours``.
    """
    price = product.price if product.sale_price is None else product.sale_price
    fields: dict[str, FieldValue] = {
        "in_stock": product.in_stock,
        "on_sale": _on_sale(product),
        "added": added.timestamp(),
    }
    if price is not None and price.is_finite() and math.isfinite(float(price)):
        fields["price"] = float(price)
    if product.popularity is not None and math.isfinite(product.popularity):
        fields["popularity"] = float(product.popularity)
    for name in ("product_id", "group_id", "brand", "currency"):
        value = fold(getattr(product, name))
        if value:
            fields[name] = value
    keywords = _keywords(product)
    keywords["colour"] = _distinct([*keywords.get("colour", ()), *colours])
    return fields | {name: values for name, values in keywords.items() if values}


def _keywords(product: Product) -> dict[str, tuple[str, ...]]:
    """Fold the fields with several words each; attributes of one field's name are put together."""
    levels = [level for level in map(fold, product.category) if level]
    paths = [" > ".join(levels[: depth + 1]) for depth in range(len(levels))]
    keywords = {"category": _distinct([*levels, *paths])}
    for name, values in product.attributes.items():
        field = attribute_field(name)
        keywords[field] = _distinct([*keywords.get(field, ()), *map(fold, values)])
    return keywords


def _on_sale(product: Product) -> bool:
    sale, price = product.sale_price, product.price
    if sale is None or price is None or sale.is_nan() or price.is_nan():
        return False
    return sale < price


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word))


def dense_text(product: Product) -> str:
    """Say in one short line what the product is, for a sentence encoder: at most 300 characters.

    Title, narrowest category, brand, then short attribute values. Nothing is said twice, since
    a sentence encoder averages over what it reads.
    """
    line = ""
    for part in map(_short, _dense_parts(product)):
        joined = f"{line}, {part}" if line else part
        if part and len(joined) <= DENSE_CHARS and (not line or _adds(part, line)):
            line = joined
    return line


def _adds(part: str, line: str) -> bool:
    words = _spoken(part)
    return not words.isspace() and words not in _spoken(line)


def _short(text: str) -> str:
    """Put ``text`` on one line, cut between words where it is too long."""
    line = " ".join(text.split())
    return line if len(line) <= DENSE_CHARS else line[:DENSE_CHARS].rsplit(" ", 1)[0]


def _spoken(text: str) -> str:
    """Give the words of ``text`` between spaces, so that ``on`` is not found in ``cotton``."""
    return f" {' '.join(re.findall(WORD, text.casefold()))} "


def _dense_parts(product: Product) -> Iterator[str]:
    yield product.title
    yield from product.category[-1:]
    yield product.brand
    for values in product.attributes.values():
        yield from (value for value in values if len(value) <= SHORT_CHARS)


def words_parts(product: Product) -> dict[str, str]:
    """Name the parts of a product that a search by words may hit; empty ones are left out."""
    attributes = (value for values in product.attributes.values() for value in values)
    parts = {
        "title": (product.title,),
        "brand": (product.brand,),
        "category": product.category,
        "attributes": attributes,
        "codes": (product.gtin, product.mpn, product.product_id),
        "description": (product.description,),
    }
    lines = {
        name: "\n".join(text for text in texts if text.strip()) for name, texts in parts.items()
    }
    return {name: text for name, text in lines.items() if text}


def words_text(product: Product) -> str:
    """Put together everything that a search by words may hit, one part a line."""
    return "\n".join(words_parts(product).values())
