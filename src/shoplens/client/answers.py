"""What a server tells, as frozen dataclasses.

A member that is not known here is passed over, one that an older server does not send has its
default: see ``parse``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

ENDS = frozenset({"done", "failed", "interrupted"})


@dataclass(frozen=True, slots=True)
class Why:
    """Why a product is there: what each signal gave to its score, and what it shares.

    ``map`` is the path of a picture that is warm where it agrees with what was asked, or empty.
    """

    shares: Mapping[str, float]
    words: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    map: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A product in an answer; ``score`` lies between 0 and 1, ``signals`` say what it is made of.

    ``image`` is the path, on the server, of the thumbnail that matched best; empty for none.
    Prices are in major units of ``currency``, ``sale_price`` being what is asked now.
    ``confidence`` is the probability that it is what was meant, or a variant of that; ``match`` is
    strong, similar (probably of its kind) or none. ``why`` is there when it was asked for.
    """

    product_id: str
    group_id: str = ""
    title: str = ""
    brand: str = ""
    category: tuple[str, ...] = ()
    price: Decimal | None = None
    sale_price: Decimal | None = None
    currency: str = ""
    in_stock: bool = True
    url: str = ""
    image: str = ""
    score: float = 0.0
    signals: Mapping[str, float] = field(default_factory=dict[str, float])
    confidence: float = 0.0
    match: str = "none"
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a field, and how many products of the answer have it."""

    value: str
    products: int


@dataclass(frozen=True, slots=True)
class FacetRange:
    """Products with a number from ``low`` up to, not with, ``high``; the last has its end too."""

    low: float
    high: float
    products: int


@dataclass(frozen=True, slots=True)
class Facet:
    """What the whole answer holds in one field: words with counts, or a histogram of numbers."""

    field: str
    kind: str
    values: tuple[FacetValue, ...] = ()
    ranges: tuple[FacetRange, ...] = ()
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class Guess:
    """The category that a question without a confident match is probably about."""

    category: tuple[str, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Distinct products, best first.

    ``total`` counts all pages; where ``total_exact`` is false there are at least so many. ``match``
    is that of the best product; with none, ``guess`` may say which category is meant.
    ``corrected`` is how the words were understood when a typo was mended. ``query_image_id`` names
    the photo for a next question, for some minutes.
    ``complete`` is false when fewer came back than were asked for although more may exist.
    """

    ranking_id: str
    products: tuple[Shown, ...]
    total: int = 0
    total_exact: bool = False
    match: str = "none"
    guess: Guess | None = None
    facets: tuple[Facet, ...] = ()
    corrected: str = ""
    query_image_id: str = ""
    complete: bool = True
    timings_ms: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class SuggestedQuery:
    """Words to ask with; so many products answer them by name."""

    text: str
    products: int


@dataclass(frozen=True, slots=True)
class SuggestedCategory:
    """A category from broad to narrow, and how many products are in it or below."""

    category: tuple[str, ...]
    products: int


@dataclass(frozen=True, slots=True)
class SuggestedProduct:
    """A product of the shop."""

    product_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """How what has been typed may go on, the likeliest first."""

    queries: tuple[SuggestedQuery, ...] = ()
    categories: tuple[SuggestedCategory, ...] = ()
    products: tuple[SuggestedProduct, ...] = ()


@dataclass(frozen=True, slots=True)
class ProductImage:
    """What became of one image: ``reason`` is empty when it is searchable.

    ``source`` is its URL, or the name that the server keeps it by; ``image`` is the path of its
    thumbnail on the server.
    """

    source: str
    position: int = 0
    width: int = 0
    height: int = 0
    image: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """A product, to put or as it stands; ``images`` and ``stage`` are for the server to tell.

    ``stage`` is pending or indexed (searchable). ``category`` is a path from broad to narrow;
    ``attributes`` hold everything else worth filtering. Money as in ``Shown``. ``popularity`` is
    any number of the shop's own, more is more popular: units sold, views.
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
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    images: tuple[ProductImage, ...] = ()
    stage: str = ""
    popularity: float | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Products, the oldest first; ``next`` is ``after`` for the next page, None at the end."""

    products: tuple[Product, ...]
    next: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """Work in the background: ``done`` of ``total``, which is 0 while it is not known.

    ``state`` goes from queued to running to done, failed or interrupted.
    """

    job_id: str
    state: str
    kind: str = ""
    feed: str = ""
    done: int = 0
    total: int = 0
    message: str = ""
    created: datetime | None = None
    started: datetime | None = None
    finished: datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will become of it."""
        return self.state in ENDS


@dataclass(frozen=True, slots=True)
class Rejection:
    """What was refused: where it stands, why, and whose it was if known."""

    where: str
    reason: str
    product_id: str = ""


@dataclass(frozen=True, slots=True)
class Rejections:
    """Refused feed rows, then refused images."""

    rejections: tuple[Rejection, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """Something that can be filtered; ``kind`` is keyword, number or boolean."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Fields:
    """Everything that can be filtered."""

    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """What is indexed, and with what; ``products`` counts by stage."""

    products: Mapping[str, int]
    images: int = 0
    rejected_images: int = 0
    rejected_rows: int = 0
    rows: int = 0
    encoder: str = ""
    fingerprint: str = ""
    provider: str = ""
    store: str = ""
    database: str = ""
    data: str = ""
    jobs_running: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """What a merchandiser wants of some products: ``action`` is pin, hide, boost or bury.

    It speaks of ``product_ids``, or of what ``filter`` lets through; for questions that hold all
    words of ``query``, or all questions if that is empty; from ``starts`` up to ``ends``, in UTC if
    they name no zone. ``position``, from 1, is for pin; ``factor`` for boost and bury. ``problem``
    is for the server to tell: why the rule cannot be followed any more, or empty.
    """

    rule_id: str
    action: str
    product_ids: tuple[str, ...] = ()
    filter: str = ""
    query: str = ""
    position: int = 1
    factor: float = 1.5
    starts: datetime | None = None
    ends: datetime | None = None
    note: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """Every rule, in order of their ids."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong in what was sent."""

    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong (RFC 9457); ``position`` counts a filter's characters from 0."""

    detail: str = ""
    title: str = ""
    position: int | None = None
    errors: tuple[Mistake, ...] = ()
