"""The nouns of the package, and the shapes of its arrays.

Sizes, everywhere: ``n`` gallery rows, ``q`` queries, ``k`` candidates a query, ``d`` dimensions
of a picture embedding, ``t`` dimensions of a text embedding. Scores: higher is better, always.
Embeddings: float32, one unit-length row each.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal

import numpy as np
from jaxtyping import Float32, UInt8, UInt32

Pixels = UInt8[np.ndarray, "h w 3"]
"""A decoded picture: RGB, upright, on white where it was transparent."""
Embedding = Float32[np.ndarray, " d"]
Embeddings = Float32[np.ndarray, "n d"]

FieldKind = Literal["keyword", "number", "boolean"]
FieldValue = str | float | bool | tuple[str, ...]
"""What one filterable field of one row holds; a tuple matches when any of its words does."""
Fields = Mapping[str, FieldValue]


# ---- the catalogue ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Product:
    """What a shop sells, as its feed told it; variants share a ``group_id``.

    ``images`` are paths or URLs, the main one first. ``category`` is a path from broad to narrow.
    ``attributes`` holds everything else worth filtering: colour, material, size, gender.
    Prices are in major units of ``currency`` (ISO 4217), ``sale_price`` being what is asked now.
    """

    product_id: str
    title: str
    description: str = ""
    brand: str = ""
    category: tuple[str, ...] = ()
    group_id: str = ""
    price: Decimal | None = None
    sale_price: Decimal | None = None
    currency: str = ""
    in_stock: bool = True
    url: str = ""
    gtin: str = ""
    mpn: str = ""
    images: tuple[str, ...] = ()
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


@dataclass(frozen=True, slots=True)
class Rejection:
    """A bad input as a value: where it stands, why it was refused, whose it was if known.

    ``where`` is a place a person can go to, such as ``line 17`` or an image's path or URL.
    """

    where: str
    reason: str
    product_id: str = ""


class Stage(StrEnum):
    """How far a product has come; every product is in exactly one stage."""

    PENDING = "pending"
    INDEXED = "indexed"
    REMOVED = "removed"


# ---- what a store keeps and returns ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SparseRow:
    """Weighted words as a sparse vector: distinct token numbers, one weight each."""

    tokens: UInt32[np.ndarray, " w"]
    weights: Float32[np.ndarray, " w"]


@dataclass(frozen=True, slots=True)
class Row:
    """One image of one product, ready to be kept by a store.

    The row of a product's main image (``position`` 0) exists even when no image is usable, and it
    alone carries ``text`` and ``words``, so a search by words meets every product exactly once.
    """

    row_id: int
    product_id: str
    group_id: str
    position: int
    picture: Embedding | None
    text: Embedding | None
    words: SparseRow | None
    fields: Fields


Space = Literal["picture", "text"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row the store found, with its inner product or BM25 score."""

    row_id: int
    product_id: str
    group_id: str
    position: int
    score: float


# ---- filters: our own small typed tree, translated by each store -------------------------------

Operator = Literal["=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Compare:
    """``field operator value``; order operators are for numbers only. A missing field: false."""

    field: str
    operator: Operator
    value: str | float | bool


@dataclass(frozen=True, slots=True)
class OneOf:
    """``field IN (values)``."""

    field: str
    values: tuple[str | float | bool, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True where ``inner`` is false, a missing field included."""

    inner: "Filter"


@dataclass(frozen=True, slots=True)
class AllOf:
    """True where every part is."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True where at least one part is."""

    parts: tuple["Filter", ...]


Filter = Compare | OneOf | Not | AllOf | AnyOf


# ---- asking and answering ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Query:
    """What a visitor asks: a picture, words, a product they look at, or several together."""

    picture: Pixels | None = None
    text: str = ""
    product_id: str = ""
    filter: Filter | None = None
    k: int = 12
    offset: int = 0


@dataclass(frozen=True, slots=True)
class RankedProduct:
    """A product in an answer; ``position`` tells which of its images matched best.

    ``signals`` names each signal's own score before fusion: ``picture``, ``text``, ``words``, and
    ``text_picture`` for words against pictures where both share a space.
    """

    product_id: str
    group_id: str
    position: int
    score: float
    signals: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Ranking:
    """What the visitor sees: distinct products, best first.

    ``complete`` is false when fewer products came back than were asked for although more may
    exist. ``timings_ms`` holds the time of each step.
    """

    ranking_id: str
    products: tuple[RankedProduct, ...]
    complete: bool
    timings_ms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Shown:
    """A ranked product as a visitor sees it, with the image that matched best.

    ``image_hash`` names its thumbnail; empty when the product has no usable image.
    """

    ranked: RankedProduct
    product: Product
    image_hash: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A ranking with everything needed to show it."""

    ranking_id: str
    shown: tuple[Shown, ...]
    complete: bool
    timings_ms: Mapping[str, float]
