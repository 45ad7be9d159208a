"""A product as columns and back, and the hash that tells whether it changed."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal

from sqlalchemy import RowMapping

from shoplens.database.columns import storable
from shoplens.database.tables import products as table
from shoplens.types import Product

CONTENT = tuple(table.c[field.name] for field in fields(Product))
"""The columns that hold what a feed said."""

_UNSTORABLE = re.compile("\\\\u0000|[\ud800-\udfff]")  # as they look in JSON
_DEFAULTS: tuple[object, ...] = ("", None, (), {})


def content_hash(product: Product) -> str:
    """Hash what the feed said: SHA-256 of canonical JSON, in hexadecimal.

    The order of attributes and the zeros at the end of a price make no difference. What stands at
    its default is left out, so that a field added to Product later changes no hash.
    """
    return _hash(_canonical(product))


def columns_of(product: Product) -> dict[str, object]:
    """Write a product as columns, with its hash; what cannot be stored becomes U+FFFD."""
    canonical = _canonical(product)
    if _UNSTORABLE.search(canonical):
        product = _tidy(product)
        canonical = _canonical(product)
    columns = {column.name: getattr(product, column.name) for column in CONTENT}
    attributes = {name: list(values) for name, values in product.attributes.items()}
    return {**columns, "attributes": attributes, "content_hash": _hash(canonical)}


def product_of(row: RowMapping) -> Product:
    """Read a product from a row that has the columns of ``CONTENT``."""
    columns = {column.name: row[column] for column in CONTENT}
    lists: Mapping[str, list[str]] = columns["attributes"]
    columns["attributes"] = {name: tuple(words) for name, words in lists.items()}
    columns["category"] = tuple(columns["category"])
    columns["images"] = tuple(columns["images"])
    return Product(**columns)


def _hash(canonical: str) -> str:
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(product: Product) -> str:
    said = {field.name: getattr(product, field.name) for field in fields(product)}
    said["attributes"] = dict(product.attributes)
    kept = {name: _plain(value) for name, value in said.items() if not _is_default(value)}
    return json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _is_default(value: object) -> bool:
    return value is True or value in _DEFAULTS  # not by equality: a popularity may be 1.0


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value.normalize())
    return float(value) if type(value) is int else value


def _tidy(product: Product) -> Product:
    texts = {
        field.name: storable(value)
        for field in fields(product)
        if isinstance(value := getattr(product, field.name), str)
    }
    return replace(
        product,
        **texts,
        category=tuple(map(storable, product.category)),
        images=tuple(map(storable, product.images)),
        attributes={
            storable(name): tuple(map(storable, values))
            for name, values in product.attributes.items()
        },
    )
