"""A query becomes an answer: reached, ordered, paged, counted, assessed, explained, shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from shoplens.answer.answer import Answer
from shoplens.answer.browse import browse
from shoplens.answer.facets import count_facets, without
from shoplens.answer.reaching import NEAR, Reached, Reaching, by_words, narrowed
from shoplens.answer.reasons.explain import Question as Explained
from shoplens.answer.reasons.explain import Reasons, colours_of, explain, no_words
from shoplens.answer.reasons.refs import PhotoRef, ProductRef, Ref, WordsRef
from shoplens.answer.reasons.similarity import SimilarityMaps
from shoplens.answer.show import show
from shoplens.catalogue.catalogue import Catalogue
from shoplens.config import RankSettings
from shoplens.encode.colours.field import english
from shoplens.encode.colours.lab import Lab
from shoplens.rank.arrange import Plan
from shoplens.rank.confidence import Guess, assess, best_match, guess_category
from shoplens.rank.rules import Rulebook, read_rules
from shoplens.rank.traits import Traits
from shoplens.search.filters import asked_filter, known_field
from shoplens.search.retrieve import Stopwatch, check_query
from shoplens.search.words.ask import WordsAsked
from shoplens.search.words.vocabulary import words_of
from shoplens.store.base import Store
from shoplens.types import Facet, FieldKind, Query, RankedProduct, Ranking, Rule, Shown, Sort

LAST_PLACE = 2**62
"""A list without a question goes on to the end of the shop, however large that is."""
READ_CHARS = 2000
"""So much of a description is read to explain an answer."""
FieldsNow = Callable[[], Mapping[str, FieldKind]]


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers queries; holds nothing that changes, so threads may share it.

    ``fields`` names what can be filtered now, ``typical_popularity`` that of a typical product.
    """

    reaching: Reaching
    catalogue: Catalogue
    settings: RankSettings
    maps: SimilarityMaps
    fields: FieldsNow
    typical_popularity: float

    @property
    def _store(self) -> Store:
        return self.reaching.searcher.store

    def rules(self) -> Rulebook:
        """Read the rules as the shop's fields are now."""
        kept = self.catalogue.rules.all()
        return _read(kept, tuple(self.fields().items())) if kept else Rulebook()

    def answer(self, query: Query, now: datetime, photo: PhotoRef | None = None) -> Answer:
        """Answer ``query``; ``photo`` is its picture where that is remembered, for the maps.

        Raises:
            QueryError: the query makes no sense.
            NotFoundError: it names a product that does not exist.
        """
        watch = Stopwatch()
        kinds = self.fields() if query.facets else dict[str, FieldKind]()
        query = replace(query, facets=tuple(known_field(name, kinds) for name in query.facets))
        plan = self._plan(query, now)
        if not asks(query):
            return self._list(query, plan, kinds, watch)
        whole = bool(query.facets or query.sort or query.distinct)
        needed = self.reaching.reach if whole else query.offset + query.k
        reached = self.reaching.reach_for(query, plan, needed, watch)
        ordered = self._sorted(reached.products, query.sort)
        page = ordered[query.offset : query.offset + query.k]
        with watch.step("confidence"):
            page, guess = self._assessed(page, reached)
        with watch.step("facets"):
            facets = self._facets(query, plan, kinds, reached, watch)
        shown = self._shown(page, watch)
        words = reached.question.words
        with watch.step("explain"):
            reasons = self._reasons(query, words, shown, photo) if query.explain else {}
        return Answer(
            ranking_id=self.reaching.searcher.new_id(),
            shown=shown,
            complete=reached.complete or len(page) == query.k,
            timings_ms=watch.spent_ms,
            total=reached.total,
            total_exact=reached.exact,
            match=best_match(reached.among),
            guess=guess,
            facets=facets,
            corrected=words.corrected if words else "",
            reasons=reasons,
        )

    def _plan(self, query: Query, now: datetime) -> Plan:
        traits = Traits(self.settings, now, self.typical_popularity)
        rules = self.rules().speaking(query.text, now)
        return Plan(traits, rules, query.diversity, query.distinct)

    # ---- nothing asked but a filter ------------------------------------------------------------

    def _list(
        self, query: Query, plan: Plan, kinds: Mapping[str, FieldKind], watch: Stopwatch
    ) -> Answer:
        """List what is allowed, in the order asked for, exactly and to the end."""
        searcher = self.reaching.searcher
        check_query(query, searcher.settings, replace(searcher.bounds, deepest=LAST_PLACE))
        allowed = narrowed(query.filter, plan.rules)
        with watch.step("search"):
            sort = query.sort or Sort("added", descending=True)
            listed = browse(
                self._store, allowed, sort, (query.offset, query.k), distinct=query.distinct
            )
        with watch.step("facets"):
            facets = tuple(
                facet
                for name in query.facets
                for facet in count_facets(
                    self._store,
                    [name],
                    kinds,
                    narrowed(without(query.filter, name), plan.rules),
                    k=query.facet_values,
                )
            )
        products = [
            RankedProduct(row.product_id, row.group_id, 0, 0.0, {}, row_id=row.row_id)
            for row in listed.rows
        ]
        return Answer(
            ranking_id=searcher.new_id(),
            shown=self._shown(products, watch),
            complete=True,
            timings_ms=watch.spent_ms,
            total=listed.total,
            facets=facets,
        )

    # ---- parts of an answer --------------------------------------------------------------------

    def _sorted(self, products: Sequence[RankedProduct], sort: Sort | None) -> list[RankedProduct]:
        """Order by a number; those without it come last, in order of relevance."""
        if sort is None:
            return list(products)
        held = self._store.fields([p.row_id for p in products], [sort.field])
        numbers = [held.get(p.row_id, {}).get(sort.field) for p in products]
        known = {i: n for i, n in enumerate(numbers) if isinstance(n, int | float)}
        sign = -1 if sort.descending else 1
        order = sorted(range(len(products)), key=lambda i: (i not in known, sign * known.get(i, 0)))
        return [products[i] for i in order]

    def _assessed(
        self, page: Sequence[RankedProduct], reached: Reached
    ) -> tuple[list[RankedProduct], Guess | None]:
        """Tell how sure each is; guess the category where nothing matches."""
        told = {product.product_id: product for product in reached.among}
        further = [product for product in page if product.product_id not in told]
        calibration, asked_by = self.reaching.calibration, reached.asked_by
        others = self.reaching.categories(further) if further else {}
        categories = {**reached.categories, **others}
        near = reached.among[:NEAR]
        found = assess(further, asked_by, calibration, categories, near)
        told |= {p.product_id: by_words(reached.question, p) for p in found}
        guess = None
        if best_match(reached.among) == "none":
            guess = guess_category(near, asked_by, calibration, categories)
            guess = guess if guess.category else None
        return [told[product.product_id] for product in page], guess

    def _facets(
        self,
        query: Query,
        plan: Plan,
        kinds: Mapping[str, FieldKind],
        reached: Reached,
        watch: Stopwatch,
    ) -> tuple[Facet, ...]:
        """Count each field over the answer as it is without the filter's own word on that field."""
        facets: list[Facet] = []
        for name in query.facets:
            products = reached.products
            others = without(query.filter, name)
            if others != query.filter:
                wider = replace(query, filter=others)
                products = self.reaching.reach_for(wider, plan, self.reaching.reach, watch).products
            rows, k = main_rows(products), query.facet_values
            facets += count_facets(self._store, [name], kinds, rows, k=k)
        return tuple(facets)

    def _shown(self, page: Sequence[RankedProduct], watch: Stopwatch) -> tuple[Shown, ...]:
        with watch.step("fetch"):
            return show(self.catalogue, Ranking("", tuple(page), complete=True, timings_ms={}))

    def _reasons(
        self,
        query: Query,
        words: WordsAsked | None,
        shown: Sequence[Shown],
        photo: PhotoRef | None,
    ) -> dict[str, Reasons]:
        colour = Lab(*query.colour) if query.colour else None
        matched = words.matched if words else no_words
        asked = Explained(matched, colours_of(query.picture, colour), _ref(query, photo))
        held = self._store.fields([s.ranked.row_id for s in shown], ["colour"])
        reasons: dict[str, Reasons] = {}
        for one in shown:
            colours = held.get(one.ranked.row_id, {}).get("colour", ())
            reasons[one.product.product_id] = explain(
                asked,
                one,
                words_of(replace(one.product, description=one.product.description[:READ_CHARS])),
                [english(word) for word in colours] if isinstance(colours, tuple) else (),
                self.maps.path,
            )
        return reasons


@lru_cache(maxsize=4)
def _read(rules: tuple[Rule, ...], fields: tuple[tuple[str, FieldKind], ...]) -> Rulebook:
    """Read rules once, not at every search: a filter takes longer to parse than to ask."""
    kinds = dict(fields)
    return read_rules(rules, lambda text: asked_filter(text, kinds))


def asks(query: Query) -> bool:
    """Tell whether anything is asked for; a filter alone asks for nothing."""
    shown = query.picture is not None or bool(query.product_id) or query.colour is not None
    return shown or bool(query.text.strip()) or bool(query.terms)


def main_rows(products: Sequence[RankedProduct]) -> list[int]:
    """Name the main row of each product: a row's number tells its product's and its position."""
    return [product.row_id - product.position for product in products]


def _ref(query: Query, photo: PhotoRef | None) -> Ref | None:
    if query.picture is not None:
        return photo
    if query.product_id:
        return ProductRef(query.product_id)
    return WordsRef(query.text) if query.text.strip() else None
