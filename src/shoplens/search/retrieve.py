"""A query becomes candidates: distinct products in tiers, each with its score.

What is asked becomes signals (``asked``), each signal lists its best products (``gather``), every
product listed by one signal gets its true score in the others, and the scores become one
(``fuse``). Places are filled tier by tier: the best of the first 32 products of every signal (128
of a picture and something beside), then what twice as many add, and so on. So the order of the
products does not depend on ``k`` and ``offset``, and page after page shows each product once.
"""

import math
import time
import uuid
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

from shoplens.config import SearchSettings
from shoplens.encode.base import Encoder
from shoplens.encode.queries.words import remembering_asks, remembering_texts
from shoplens.encode.runtime.remembering import Remembered
from shoplens.errors import QueryError
from shoplens.search.asked import Asking, AskWords, Question, Signal
from shoplens.search.fuse import FUSIONS, WEIGHTS, totals
from shoplens.search.gather import Bounds, Gather
from shoplens.search.terms import Sorting, TextsOf
from shoplens.store.base import Store
from shoplens.types import AllOf, Candidate, Filter, Query, RankedProduct, Ranking

MAX_WEIGHT = 100.0
_WHOLE = frozenset({"picture", "text"})
"""Signals that list nearly every product, whatever was asked."""


def new_ranking_id() -> str:
    """Draw an id that no other answer has."""
    return uuid.uuid4().hex


@dataclass(slots=True)
class Stopwatch:
    """Adds up the time of each step of one search, in milliseconds."""

    spent_ms: dict[str, float] = field(default_factory=dict[str, float])

    @contextmanager
    def step(self, name: str) -> Generator[None]:
        """Count what runs inside for the step called ``name``."""
        began = time.perf_counter()
        yield
        spent = (time.perf_counter() - began) * 1000
        self.spent_ms[name] = self.spent_ms.get(name, 0.0) + spent


@dataclass(frozen=True, slots=True)
class Tier:
    """The next places, best first; ``ended`` when there are no products after them.

    ``stuck`` when there may be more but the bound on rows was met.
    """

    products: list[RankedProduct]
    ended: bool
    stuck: bool


@dataclass(frozen=True)
class Searcher:
    """Finds and scores products; holds nothing that changes, so threads may share it.

    ``texts_of`` gives the dense and the words text of a product, for one without pictures; it
    raises NotFoundError for one that does not exist. The crops of a photo are encoded in ``pool``
    if one is given, which must be no pool that ``rank`` itself runs in. What was asked before is
    not encoded again where it is ``remembered``.
    """

    encoder: Encoder
    store: Store
    settings: SearchSettings
    texts_of: TextsOf
    ask_words: AskWords
    new_id: Callable[[], str] = new_ranking_id
    bounds: Bounds = field(default_factory=Bounds)
    pool: Executor | None = None
    remembered: Remembered | None = None

    @cached_property
    def _asking(self) -> Asking:
        encoder, kept = self.encoder, self.remembered
        if kept:
            asks = remembering_asks(encoder.asks, kept) if encoder.asks else None
            encoder = replace(encoder, text=remembering_texts(encoder.text, kept), asks=asks)
        crops, pool = self.settings.crops, self.pool
        sorting = Sorting(encoder, self.store, self.texts_of, crops, pool, kept)
        return Asking(sorting, self.ask_words)

    def rank(self, query: Query) -> Ranking:
        """Rank the products that ``query.filter`` allows by likeness to what is asked, no more.

        A product that is asked with is not in its own answer. Scores lie in [0, 1].

        Raises:
            QueryError: nothing is asked, or more than the limits allow.
            NotFoundError: the product asked with does not exist.
        """
        watch = Stopwatch()
        question = self.understand(query, watch)
        needed = query.offset + query.k
        ranked: list[RankedProduct] = []
        ended = False
        for tier in self.tiers(question, query.filter, watch):
            ranked += tier.products
            ended = tier.ended
            if len(ranked) >= needed:
                break
        return Ranking(
            ranking_id=self.new_id(),
            products=tuple(ranked[query.offset : needed]),
            complete=ended or len(ranked) >= needed,
            timings_ms=watch.spent_ms,
            total=len(ranked),
        )

    def understand(self, query: Query, watch: Stopwatch) -> Question:
        """Check ``query`` and encode what it asks for.

        Raises:
            QueryError: nothing is asked for, or more than the limits allow.
            NotFoundError: a product asked with does not exist.
        """
        check_query(query, self.settings, self.bounds)
        with watch.step("encode"):
            return self._asking.understand(query)

    def tiers(
        self,
        question: Question,
        allowed: Filter | None,
        watch: Stopwatch,
        also: Sequence[Filter] = (),
    ) -> Iterator[Tier]:
        """Fill places tier by tier, until there are no more products.

        Products whose own id, code or title was typed come first of all. The best that each filter
        of ``also`` lets through are in the first tier, wherever they would stand.
        """
        gather = Gather(allowed, question.without, self.bounds)
        signals = question.signals
        listing = [signal for signal in signals if signal.lists]
        placed: set[str] = set()
        known: dict[str, dict[str, Candidate]] = {signal.name: {} for signal in signals}
        k = self._first(listing)
        while True:
            with watch.step("search"):
                lists = {s.name: gather.best(s.probes, k) for s in listing}
                fresh = {p for found in lists.values() for p in found.best} - placed
                exact = set[str]() if placed else self._exact(question, allowed)
                if not placed:
                    fresh |= exact | self._among(question, allowed, also)
                for signal in signals:
                    found = lists.get(signal.name)
                    best = found.best if found else {}
                    others = set[str]() if found and found.ended else fresh - best.keys()
                    known[signal.name] |= {**best, **gather.of(signal.probes, others)}
            with watch.step("fuse"):
                products = self._scored(signals, known, fresh, exact)
            placed |= fresh
            ended = all(found.ended for found in lists.values())
            # Less than a tier although there is more: the bound on rows was met, and will be again.
            stuck = all(found.ended or len(found.best) < k for found in lists.values())
            yield Tier(products, ended, stuck)
            if stuck:
                return
            k *= 2

    def _first(self, listing: Sequence[Signal]) -> int:
        """Tell how many products each signal lists at first."""
        composed = len(listing) > 1 and listing[0].name == "picture"
        return self.bounds.composed if composed else self.bounds.tier

    def _exact(self, question: Question, allowed: Filter | None) -> set[str]:
        """Find the products whose id, code or whole title is what was typed."""
        return self._among(question, allowed, [question.exact]) if question.exact else set()

    def _among(
        self, question: Question, allowed: Filter | None, also: Sequence[Filter]
    ) -> set[str]:
        """Find the best that each filter lets through, by what every product or picture has."""
        found: set[str] = set()
        listing = [signal for signal in question.signals if signal.lists]
        for wanted in also:
            both = AllOf((wanted, allowed)) if allowed else wanted
            gather = Gather(both, question.without, self.bounds)
            for signal in listing:
                if signal.name in _WHOLE or len(listing) == 1:
                    found |= gather.best(signal.probes, self.bounds.tier).best.keys()
        return found

    def _scored(
        self,
        signals: Sequence[Signal],
        known: Mapping[str, Mapping[str, Candidate]],
        fresh: Collection[str],
        exact: Collection[str],
    ) -> list[RankedProduct]:
        """Order the products of one tier: exact ones first, then by score; ties by row."""
        raw = {name: {p: c.score for p, c in rows.items()} for name, rows in known.items()}
        scales = {signal.name: signal.scale for signal in signals}
        given = FUSIONS[self.settings.fusion](raw, WEIGHTS, scales)
        scores = totals(given)
        products: list[RankedProduct] = []
        for product_id in fresh:
            rows = {name: found[product_id] for name, found in known.items() if product_id in found}
            if not rows:
                continue
            row = next(iter(rows.values()))  # that of a picture signal, if it has one
            products.append(
                RankedProduct(
                    product_id,
                    row.group_id,
                    row.position,
                    scores[product_id],
                    {name: row.score for name, row in rows.items()},
                    row_id=row.row_id,
                    shares=given[product_id],
                    exact=product_id in exact,
                )
            )
        return sorted(products, key=lambda p: (not p.exact, -p.score, p.row_id))


def check_query(query: Query, settings: SearchSettings, bounds: Bounds) -> None:
    """Refuse a query that asks for more than the limits allow (QueryError)."""
    texts = (query.text, *(term.text for term in query.terms))
    longest = max(map(len, texts))
    if longest > settings.max_text:
        raise QueryError(f"this text has {longest} characters; at most {settings.max_text} go in")
    if not 1 <= query.k <= settings.max_k:
        raise QueryError(f"{query.k} products were asked for; ask for 1 to {settings.max_k}")
    if not 0 <= query.offset <= bounds.deepest - query.k:
        what = f"places {query.offset + 1} to {query.offset + query.k} were asked for"
        raise QueryError(f"{what}; there are places 1 to {bounds.deepest}; narrow it with a filter")
    if not 0 <= query.diversity <= 1:
        raise QueryError(f"diversity is from 0 to 1, not {query.diversity}")
    for term in query.terms:
        if not math.isfinite(term.weight) or not 0 < abs(term.weight) <= MAX_WEIGHT:
            raise QueryError(f"a weight is up to {MAX_WEIGHT:g}, and not 0: not {term.weight}")
