"""The nouns of the package, and the shapes of its arrays.

Sizes, everywhere: ``n`` gallery rows, ``q`` queries, ``k`` candidates a query, ``d`` dimensions
of a picture embedding, ``t`` dimensions of a text embedding. Scores: higher is better, always.
Embeddings: float32, one unit-length row each.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
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
    ``popularity`` is any number of the shop's own, more is more popular: units sold, views.
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
    popularity: float | None = None


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
    alone carries ``text``, ``words`` and ``colour``, so a search by these meets every product
    exactly once.
    """

    row_id: int
    product_id: str
    group_id: str
    position: int
    picture: Embedding | None
    text: Embedding | None
    words: SparseRow | None
    fields: Fields
    colour: Embedding | None = None


Space = Literal["picture", "text", "colour"]
"""What is compared: pictures, texts, or the colours of a product's main picture."""


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
class Term:
    """One thing asked for beside the query's own: a picture, words or a product of the shop.

    ``weight`` tells how much it counts beside the query's own, which count 1; below 0 it is asked
    against: less like this.
    """

    picture: Pixels | None = None
    text: str = ""
    product_id: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Sort:
    """An order other than relevance, by a number that products hold; those without it come last."""

    field: Literal["price", "added", "popularity"]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What a visitor asks: a picture, words, a colour, a product they look at, or several together.

    ``colour`` is a place in CIELAB: lightness from 0 to 100, a, b. ``terms`` are asked beside.
    ``distinct`` shows the best variant of each group only. ``diversity`` from 0 to 1 trades
    likeness for variety. ``facets`` names fields whose values are counted over the answer.
    ``typing`` says that the last word may be unfinished.
    A query that asks for nothing lists what ``filter`` allows.
    """

    picture: Pixels | None = None
    text: str = ""
    product_id: str = ""
    filter: Filter | None = None
    k: int = 12
    offset: int = 0
    colour: tuple[float, float, float] | None = None
    terms: tuple[Term, ...] = ()
    sort: Sort | None = None
    distinct: bool = False
    diversity: float = 0.0
    facets: tuple[str, ...] = ()
    facet_values: int = 20
    typing: bool = False
    explain: bool = False


Match = Literal["strong", "similar", "none"]
"""``strong``: probably what was meant; ``similar``: probably of its kind; ``none``: neither."""


@dataclass(frozen=True, slots=True)
class RankedProduct:
    """A product in an answer; ``position`` tells which of its images matched best.

    ``signals`` names each signal's own score before fusion: ``picture``, ``text``, ``words``,
    ``colour``, and ``text_picture`` for words against pictures where both share a space.
    ``shares`` tells what each signal, rule or trait gave to ``score``, which is their sum.
    ``exact`` says that the words asked are this product's own id, code or whole title.
    ``confidence`` is the calibrated probability that this is what was meant.
    """

    product_id: str
    group_id: str
    position: int
    score: float
    signals: Mapping[str, float]
    row_id: int = 0
    shares: Mapping[str, float] = field(default_factory=dict[str, float])
    exact: bool = False
    confidence: float = 0.0
    match: Match = "none"


@dataclass(frozen=True, slots=True)
class Ranking:
    """What the visitor sees: distinct products, best first.

    ``complete`` is false when fewer products came back than were asked for although more may
    exist. ``timings_ms`` holds the time of each step. ``total`` counts the products of all pages.
    """

    ranking_id: str
    products: tuple[RankedProduct, ...]
    complete: bool
    timings_ms: Mapping[str, float]
    total: int = 0


Action = Literal["pin", "hide", "boost", "bury"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a merchandiser wants: some products at a place, away, higher or lower.

    It speaks of ``product_ids``, or of what ``filter`` (as text) lets through; for questions whose
    words hold all words of ``query``, or all questions if that is empty; from ``starts`` up to
    ``ends``, where given. ``position`` counts from 1 and is for ``pin``. ``factor`` says how much
    ``boost`` and ``bury`` count.
    """

    rule_id: str
    action: Action
    product_ids: tuple[str, ...] = ()
    filter: str = ""
    query: str = ""
    position: int = 1
    factor: float = 1.5
    starts: datetime | None = None
    ends: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Range:
    """How many products of an answer have a number from ``low`` up to, but not with, ``high``.

    The last range of a histogram holds its upper end too.
    """

    low: float
    high: float
    products: int


@dataclass(frozen=True, slots=True)
class Facet:
    """What the products of an answer hold in one field: words with counts, or a histogram.

    ``values`` are ordered by count, then by name; ``lowest`` and ``highest`` are None for words and
    where no product has the number.
    """

    field: str
    kind: FieldKind
    values: Mapping[str, int] = dataclasses.field(default_factory=dict[str, int])
    ranges: tuple[Range, ...] = ()
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A ranked product as a visitor sees it, with the image that matched best.

    ``image_hash`` names its thumbnail; empty when the product has no usable image.
    """

    ranked: RankedProduct
    product: Product
    image_hash: str
