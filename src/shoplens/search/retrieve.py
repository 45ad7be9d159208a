"""A query becomes a ranking of distinct products.

What is asked becomes signals (``asked``), each signal lists its best products (``gather``), every
product listed by one signal gets its true score in the others, and the scores become one
(``fuse``). Places are filled tier by tier: the best of the first 32 products of every signal, then
what the first 64 add, and so on. So the order of the products does not depend on ``k`` and
``offset``, and page after page shows each product once.
"""

import time
import uuid
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field

from shoplens.config import SearchSettings
from shoplens.encode.base import Encoder
from shoplens.errors import QueryError
from shoplens.search.asked import Asking, Signal, TextsOf
from shoplens.search.fuse import fuse
from shoplens.search.gather import Bounds, Gather
from shoplens.store.base import Store
from shoplens.types import Candidate, Query, RankedProduct, Ranking


def new_ranking_id() -> str:
    """Draw an id that no other answer has."""
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class Searcher:
    """Ranks products for queries; holds nothing that changes, so threads may share it.

    ``texts_of`` gives the dense and the words text of a product, for one without pictures; it
    raises NotFoundError for one that does not exist. The crops of a photo are encoded in ``pool``
    if one is given, which must be no pool that ``rank`` itself runs in.
    """

    encoder: Encoder
    store: Store
    settings: SearchSettings
    texts_of: TextsOf
    new_id: Callable[[], str] = new_ranking_id
    bounds: Bounds = field(default_factory=Bounds)
    pool: Executor | None = None

    def rank(self, query: Query) -> Ranking:
        """Rank the products that ``query.filter`` allows by likeness to what is asked.

        A product that is asked with is not in its own answer. Scores lie in [0, 1].

        Raises:
            QueryError: nothing is asked, or more than the limits allow.
            NotFoundError: the product asked with does not exist.
        """
        self._check(query)
        watch = _Stopwatch()
        with watch.step("encode"):
            crops = self.settings.crops
            asking = Asking(self.encoder, self.store, self.texts_of, crops, self.pool)
            signals = asking.signals(query)
        gather = Gather(query.filter, query.product_id, self.bounds)
        needed = query.offset + query.k
        ranked, ended = self._fill(gather, signals, needed, watch)
        return Ranking(
            ranking_id=self.new_id(),
            products=tuple(ranked[query.offset : needed]),
            complete=ended or len(ranked) >= needed,
            timings_ms=watch.spent_ms,
        )

    def _check(self, query: Query) -> None:
        if query.picture is None and not query.text.strip() and not query.product_id:
            raise QueryError("nothing was asked; ask with a picture, a text or a product")
        longest, most, deepest = self.settings.max_text, self.settings.max_k, self.bounds.deepest
        if len(query.text) > longest:
            raise QueryError(f"this text has {len(query.text)} characters; at most {longest} go in")
        if not 1 <= query.k <= most:
            raise QueryError(f"{query.k} products were asked for; ask for 1 to {most}")
        if not 0 <= query.offset <= deepest - query.k:
            what = f"places {query.offset + 1} to {query.offset + query.k} were asked for"
            raise QueryError(f"{what}; there are places 1 to {deepest}; narrow it with a filter")

    def _fill(
        self, gather: Gather, signals: Sequence[Signal], needed: int, watch: "_Stopwatch"
    ) -> tuple[list[RankedProduct], bool]:
        """Fill places tier by tier; true when there are no more products than those returned."""
        ranked: dict[str, RankedProduct] = {}
        known: dict[str, dict[str, Candidate]] = {signal.name: {} for signal in signals}
        tier = self.bounds.tier
        while True:
            with watch.step("search"):
                lists = [gather.best(signal.probes, tier) for signal in signals]
                fresh = {product_id for found in lists for product_id in found.best} - ranked.keys()
                for signal, found in zip(signals, lists, strict=True):
                    others = set[str]() if found.ended else fresh - found.best.keys()
                    known[signal.name] |= found.best | gather.of(signal.probes, others)
            with watch.step("fuse"):
                ranked |= {product.product_id: product for product in _tier(known, fresh)}
            ended = all(found.ended for found in lists)
            # Less than a tier although there is more: the bound on rows was met, and will be again.
            stuck = all(found.ended or len(found.best) < tier for found in lists)
            if stuck or len(ranked) >= needed:
                return list(ranked.values()), ended
            tier *= 2


def _tier(
    known: Mapping[str, Mapping[str, Candidate]], fresh: Collection[str]
) -> list[RankedProduct]:
    """Order the products of one tier by their fused score; ties by row, as in a store."""
    raw = {name: {p: c.score for p, c in rows.items()} for name, rows in known.items()}
    fused = fuse(raw)
    placed: list[tuple[float, int, RankedProduct]] = []
    for product_id in fresh:
        rows = {name: found[product_id] for name, found in known.items() if product_id in found}
        row = next(iter(rows.values()))  # that of a picture signal, if it has one
        signals = {name: row.score for name, row in rows.items()}
        score = fused[product_id]
        product = RankedProduct(product_id, row.group_id, row.position, score, signals)
        placed.append((-score, row.row_id, product))
    return [product for _, _, product in sorted(placed, key=lambda place: place[:2])]


@dataclass(slots=True)
class _Stopwatch:
    """Adds up the time of each step of one search, in milliseconds."""

    spent_ms: dict[str, float] = field(default_factory=dict[str, float])

    @contextmanager
    def step(self, name: str) -> Generator[None]:
        began = time.perf_counter()
        yield
        spent = (time.perf_counter() - began) * 1000
        self.spent_ms[name] = self.spent_ms.get(name, 0.0) + spent
