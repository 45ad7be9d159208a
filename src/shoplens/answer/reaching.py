"""The products that a question reaches, in order: as many as are needed, or all of them.

Pictures, colours and products rank: the nearest ``search.reach`` products are the answer. Words
select: of these, only products that have a good part of the words, or are probably of the kind
that is meant. Where no product has enough of the words, the nearest are shown all the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from shoplens.catalogue.fields import MAIN
from shoplens.rank.arrange import Plan, arrange
from shoplens.rank.calibration import Calibration
from shoplens.rank.confidence import AskedBy, CategoryPath, assess
from shoplens.rank.rules import ReadRule, hidden
from shoplens.search.asked import Question
from shoplens.search.retrieve import Searcher, Stopwatch, Tier
from shoplens.types import (
    AllOf,
    Compare,
    Embedding,
    Fields,
    Filter,
    Not,
    OneOf,
    Query,
    RankedProduct,
)

ENOUGH = 0.3
"""The share of what the words say that makes a product an answer to them."""
NEARLY = 0.8
"""The share from which on a product has nearly all of the words."""


CATEGORY = "category"
NEAR = 64
"""So many of the first products are what all others are compared with."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What a question reached: its answer in order, as far as was needed, and how much there is.

    ``among`` are the first products found, assessed, with which others are compared, and
    ``categories`` those of them that have one. ``total`` is
    exact, or else the least that there is.
    """

    question: Question
    asked_by: AskedBy
    products: tuple[RankedProduct, ...]
    among: tuple[RankedProduct, ...]
    categories: Mapping[str, CategoryPath]
    total: int
    exact: bool
    complete: bool


@dataclass(frozen=True, slots=True)
class Reaching:
    """Collects an answer tier by tier; ``reach`` is the most products that one may hold."""

    searcher: Searcher
    calibration: Calibration
    reach: int

    def reach_for(self, query: Query, plan: Plan, needed: int, watch: Stopwatch) -> Reached:
        """Find and arrange at least the first ``needed`` products of the answer, if there are.

        Raises:
            QueryError: the query makes no sense.
            NotFoundError: it names a product that does not exist.
        """
        question = self.searcher.understand(query, watch)
        allowed = narrowed(query.filter, plan.rules)
        one = _Collecting(self, question, plan, asked_by(question, query))
        for tier in self.searcher.tiers(question, allowed, watch, named_by(plan.rules)):
            with watch.step("rank"):
                one.add(tier)
            if one.ended or len(one.products) >= min(needed, self.reach):
                break
        with watch.step("count"):
            total, exact = one.total(allowed)
        return Reached(
            question=question,
            asked_by=one.asked_by,
            products=tuple(one.products[: self.reach]),
            among=tuple(one.among),
            categories=one.categories,
            total=total,
            exact=exact,
            complete=one.complete or len(one.products) >= needed,
        )

    def categories(self, products: Sequence[RankedProduct]) -> dict[str, CategoryPath]:
        """Look up the category path of each product that has one, folded."""
        held = self.searcher.store.fields([p.row_id for p in products], [CATEGORY])
        return _paths(products, held)


@dataclass(slots=True)
class _Collecting:
    """One answer on its way."""

    by: Reaching
    question: Question
    plan: Plan
    asked_by: AskedBy
    products: list[RankedProduct]
    among: list[RankedProduct]
    arranged: list[RankedProduct]
    categories: dict[str, CategoryPath]
    ended: bool
    complete: bool

    def __init__(self, by: Reaching, question: Question, plan: Plan, asked_by: AskedBy) -> None:
        self.by, self.question, self.plan, self.asked_by = by, question, plan, asked_by
        self.products, self.among, self.arranged, self.categories = [], [], [], {}
        self.ended = self.complete = False

    def add(self, tier: Tier) -> None:
        """Arrange a tier and put what answers after what is there."""
        first = not self.among
        arranged = self._arranged(tier.products)
        self.arranged += arranged
        if first:
            near, calibration = arranged[:NEAR], self.by.calibration
            told = assess(arranged, self.asked_by, calibration, self.categories, near)
            self.among = [by_words(self.question, product) for product in told]
        found = self.among if first else arranged
        answering = self._answering(found)
        self.products += answering or (found if first else [])  # or else the nearest are shown
        # Lists go down: no later tier has words that this one lacks.
        over = self.question.only_words and not answering
        self.complete = tier.ended or over
        self.ended = self.complete or tier.stuck

    def total(self, allowed: Filter | None) -> tuple[int, bool]:
        """Count the answer; false if there is at least so much."""
        reach, found = self.by.reach, len(self.products)
        if self.ended or found >= reach:
            return min(found, reach), self.ended and found <= reach
        store = self.by.searcher.store
        if self.question.only_words:
            beside = sum(not self._has_words(p) for p in self.products)
            words = self.question.words
            least = ENOUGH * words.ideal if words else 0.0
            counted = store.count_words(words.row, least, reach, allowed) if words else 0
            return min(max(counted + beside, found), reach), counted + beside < reach
        others = Not(OneOf("product_id", tuple(self.question.without)))
        parts = [Compare(MAIN, "=", value=True), others, *([allowed] if allowed else [])]
        counted = store.count(AllOf(tuple(parts)))
        return min(counted, reach), counted <= reach

    def _arranged(self, products: Sequence[RankedProduct]) -> list[RankedProduct]:
        store, rows = self.by.searcher.store, [p.row_id for p in products]
        names = self.plan.fields if self.arranged else [*self.plan.fields, CATEGORY]
        fields = store.fields(rows, names) if names else {}
        if not self.arranged:
            self.categories = _paths(products, fields)
        vectors: dict[int, Embedding] = {}
        if self.plan.diversity:
            vectors = store.embeddings("picture", rows)
        return arrange(products, fields, self.plan, vectors, self.arranged)

    def _answering(self, products: Sequence[RankedProduct]) -> list[RankedProduct]:
        """Leave out what words did not select; everything else that is asked ranks.

        Nothing where none has the words: meaning alone is too unsure to leave any out.
        """
        if not self.question.only_words:
            return list(products)
        if not any(map(self._has_words, products)):
            return [p for p in products if p.exact]
        return [p for p in products if p.exact or p.match != "none" or self._has_words(p)]

    def _has_words(self, product: RankedProduct) -> bool:
        return share_of_words(self.question, product) >= ENOUGH


def by_words(question: Question, product: RankedProduct) -> RankedProduct:
    """Tell of what has nearly all words that it is similar at least: "red" means any red thing."""
    nearly = question.only_words and share_of_words(question, product) >= NEARLY
    return replace(product, match="similar") if product.match == "none" and nearly else product


def share_of_words(question: Question, product: RankedProduct) -> float:
    """Tell how much of what the words say a product has; 0 where no words were asked."""
    words = question.words
    return product.signals.get("words", 0.0) / words.ideal if words and words.ideal else 0.0


def asked_by(question: Question, query: Query) -> AskedBy:
    """Say what was asked in the words of ``confidence``."""
    names = tuple(signal.name for signal in question.signals if signal.lists)
    ideal = question.words.ideal if question.words else 0.0
    return AskedBy(names, ideal, by_product=bool(query.product_id) and query.picture is None)


def narrowed(allowed: Filter | None, rules: Sequence[ReadRule]) -> Filter | None:
    """Leave out what rules hide, so that pages stay full."""
    away = hidden(rules)
    if away is None:
        return allowed
    return AllOf((allowed, Not(away))) if allowed else Not(away)


def named_by(rules: Sequence[ReadRule]) -> list[Filter]:
    """List what rules lift: it must be among the first found, wherever it would stand."""
    lifting = [read for read in rules if read.rule.action in {"pin", "boost"}]
    ids = [
        OneOf("product_id", tuple(sorted(read.product_ids))) for read in lifting if read.product_ids
    ]
    return [*ids, *(read.filter for read in lifting if read.filter)]


def _paths(
    products: Sequence[RankedProduct], held: Mapping[int, Fields]
) -> dict[str, CategoryPath]:
    paths = {p.product_id: _path(held.get(p.row_id, {})) for p in products}
    return {product_id: path for product_id, path in paths.items() if path}


def _path(fields: Fields) -> CategoryPath:
    """Take the longest path of a row's category field, which comes last."""
    held = fields.get(CATEGORY)
    return tuple(held[-1].split(" > ")) if isinstance(held, tuple) and held else ()
