"""Answers as they go out over the wire, made from the nouns inside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shoplens.answer.answer import Answer
from shoplens.answer.reasons.explain import Reasons
from shoplens.search.words.suggest.suggest import Suggested
from shoplens.types import Facet, FieldKind, Match, Shown


@dataclass(frozen=True, slots=True)
class WhyOut:
    """Why a product is there: what each signal gave to its score, and what it shares.

    `map` is the path of a picture that is warm where it agrees with what was asked, or empty.
    """

    shares: Mapping[str, float]
    words: Sequence[str]
    colours: Sequence[str]
    map: str

    @classmethod
    def of(cls, reasons: Reasons) -> "WhyOut":
        """Render reasons."""
        shares = {name: round(share, 4) for name, share in reasons.shares.items()}
        return cls(shares, reasons.words, reasons.colours, reasons.map)


@dataclass(frozen=True, slots=True)
class ShownOut:
    """A product in an answer; `image` is the path of the thumbnail of its best match, or empty.

    `confidence` is the probability that it is what was meant, or a variant of that; `match` is
    `strong`, `similar` (probably of its kind) or `none`. `why` is there when it was asked for.
    """

    product_id: str
    group_id: str
    title: str
    brand: str
    category: Sequence[str]
    price: float | None
    sale_price: float | None
    currency: str
    in_stock: bool
    url: str
    image: str
    score: float
    signals: Mapping[str, float]
    confidence: float
    match: Match
    why: WhyOut | None

    @classmethod
    def of(cls, shown: Shown, reasons: Reasons | None) -> "ShownOut":
        """Render one ranked product."""
        product, ranked = shown.product, shown.ranked
        return cls(
            product_id=product.product_id,
            group_id=product.group_id or product.product_id,
            title=product.title,
            brand=product.brand,
            category=product.category,
            price=number(product.price),
            sale_price=number(product.sale_price),
            currency=product.currency,
            in_stock=product.in_stock,
            url=product.url,
            image=thumbnail_path(shown.image_hash),
            score=ranked.score,
            signals=ranked.signals,
            confidence=ranked.confidence,
            match=ranked.match,
            why=WhyOut.of(reasons) if reasons else None,
        )


@dataclass(frozen=True, slots=True)
class ValueOut:
    """A value of a field, and how many products of the answer have it."""

    value: str
    products: int


@dataclass(frozen=True, slots=True)
class RangeOut:
    """Products with a number from `low` up to, not with, `high`; the last range holds its end."""

    low: float
    high: float
    products: int


@dataclass(frozen=True, slots=True)
class FacetOut:
    """What the whole answer holds in one field: words with counts, or a histogram of numbers."""

    field: str
    kind: FieldKind
    values: Sequence[ValueOut]
    ranges: Sequence[RangeOut]
    lowest: float | None
    highest: float | None

    @classmethod
    def of(cls, facet: Facet) -> "FacetOut":
        """Render a facet."""
        values = [ValueOut(value, count) for value, count in facet.values.items()]
        ranges = [RangeOut(r.low, r.high, r.products) for r in facet.ranges]
        return cls(facet.field, facet.kind, values, ranges, facet.lowest, facet.highest)


@dataclass(frozen=True, slots=True)
class GuessOut:
    """The category that a question without a confident match is probably about."""

    category: Sequence[str]
    confidence: float


@dataclass(frozen=True, slots=True)
class AnswerOut:
    """Distinct products, best first.

    `total` counts all pages; where `total_exact` is false there are at least so many. `match` is
    that of the best product: with `none`, nothing in the shop is confidently what was meant, and
    `guess` may say of which category it is. `corrected` is how the words were understood when a
    typo was mended. `query_image_id` names the photo for a next question, for some minutes.
    `complete` is false when fewer came back than were asked for although more may exist.
    """

    ranking_id: str
    products: Sequence[ShownOut]
    total: int
    total_exact: bool
    match: Match
    guess: GuessOut | None
    facets: Sequence[FacetOut]
    corrected: str
    query_image_id: str
    complete: bool
    timings_ms: Mapping[str, float]

    @classmethod
    def of(cls, answer: Answer, query_image_id: str = "") -> "AnswerOut":
        """Render an answer."""
        guess = answer.guess
        return cls(
            ranking_id=answer.ranking_id,
            products=[
                ShownOut.of(shown, answer.reasons.get(shown.product.product_id))
                for shown in answer.shown
            ],
            total=answer.total,
            total_exact=answer.total_exact,
            match=answer.match,
            guess=GuessOut(guess.category, guess.confidence) if guess else None,
            facets=[FacetOut.of(facet) for facet in answer.facets],
            corrected=answer.corrected,
            query_image_id=query_image_id,
            complete=answer.complete,
            timings_ms={name: round(ms, 2) for name, ms in answer.timings_ms.items()},
        )


@dataclass(frozen=True, slots=True)
class SuggestedQueryOut:
    """Words to ask with; so many products answer them by name."""

    text: str
    products: int


@dataclass(frozen=True, slots=True)
class SuggestedCategoryOut:
    """A category from broad to narrow, and how many products are in it or below."""

    category: Sequence[str]
    products: int


@dataclass(frozen=True, slots=True)
class SuggestedProductOut:
    """A product of the shop."""

    product_id: str
    title: str


@dataclass(frozen=True, slots=True)
class SuggestOut:
    """How what has been typed may go on, the likeliest first."""

    queries: Sequence[SuggestedQueryOut]
    categories: Sequence[SuggestedCategoryOut]
    products: Sequence[SuggestedProductOut]

    @classmethod
    def of(cls, found: Suggested) -> "SuggestOut":
        """Render suggestions."""
        return cls(
            [SuggestedQueryOut(q.text, q.products) for q in found.queries],
            [SuggestedCategoryOut(c.category, c.products) for c in found.categories],
            [SuggestedProductOut(p.product_id, p.title) for p in found.products],
        )


def thumbnail_path(image_hash: str) -> str:
    """Give the path that a browser finds a thumbnail at; empty for no image."""
    return f"/v1/images/{image_hash}.webp" if image_hash else ""


def number(amount: Decimal | None) -> float | None:
    """Give an amount of money as JSON holds it."""
    return None if amount is None else float(amount)
