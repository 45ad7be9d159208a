"""While a visitor types: questions, categories and products that may be meant."""

import io
from collections import Counter
from dataclasses import dataclass

import numpy as np

from shoplens.search.words.mend import edits_of
from shoplens.search.words.suggest.entries import ARRAYS, Entries, Looked, Spell, look
from shoplens.search.words.suggest.phrases import Phrases
from shoplens.types import Product

VERSION = 1
PATH = " > "
"""Between the levels of a category that is kept as one text."""


@dataclass(frozen=True, slots=True)
class SuggestedQuery:
    """A question that so many products answer by name."""

    text: str
    products: int


@dataclass(frozen=True, slots=True)
class SuggestedCategory:
    """A category from broad to narrow, and how many products are in it or below."""

    category: tuple[str, ...]
    products: int


@dataclass(frozen=True, slots=True)
class SuggestedProduct:
    """A product by its title; it may have been removed since."""

    product_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """What may be meant, the likeliest first."""

    queries: tuple[SuggestedQuery, ...] = ()
    categories: tuple[SuggestedCategory, ...] = ()
    products: tuple[SuggestedProduct, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Everything that can be suggested in a shop; immutable, so any thread may ask."""

    queries: Entries
    categories: Entries
    products: Entries
    product_ids: tuple[str, ...]

    def ask(self, text: str, k: int = 8) -> Suggested:
        """Complete ``text`` in all three ways, ``k`` of each at most.

        Text that is the spelling of a query's words finds that query's products.
        """
        looked = self._mended(look(text))
        queries = self.queries.find(looked, k)
        products = self.products.find(looked, k)
        if queries and not products:
            products = self.products.find(look(self.queries.at(queries[0]) + " "), k)
        return Suggested(
            tuple(SuggestedQuery(self.queries.at(n), int(self.queries.counts[n])) for n in queries),
            tuple(self._category(n) for n in self.categories.find(looked, k)),
            tuple(SuggestedProduct(self.product_ids[n], self.products.at(n)) for n in products),
        )

    def warm(self) -> None:
        """Build what is built at the first look, so that no visitor waits for it."""
        for entries in (self.queries, self.products):
            entries.words.near("warm", 1)

    def _mended(self, looked: Looked) -> Looked:
        """Take the nearest word of the shop for one that is not there, nor begins one."""
        whole = [word if self._has(word, exact=True) else self._near(word) for word in looked.whole]
        begun = looked.begun
        if begun and not any(self._has(start, exact=False) for start in begun):
            begun = (self._near(begun[0]),)
        return Looked(tuple(whole), begun)

    def _has(self, word: str, *, exact: bool) -> bool:
        kept = (self.queries, self.categories, self.products)
        spans = (entries.words.between(word, exact=exact) for entries in kept)
        return any(low < high for low, high in spans)

    def _near(self, word: str) -> str:
        """Give the nearest word, of several the most frequent; ``word`` itself if none is near."""
        edits = edits_of(word)
        if not edits:
            return word
        for entries in (self.queries, self.products):
            if found := entries.words.near(word, edits):
                return min(found, key=lambda near: (found[near], -entries.words.count(near), near))
        return word

    def _category(self, number: int) -> SuggestedCategory:
        path = tuple(self.categories.at(number).split(PATH))
        return SuggestedCategory(path, int(self.categories.counts[number]))

    # ---- kept in a file ------------------------------------------------------------------------

    def to_bytes(self) -> bytes:
        """Write everything down."""
        ids = np.frombuffer("\0".join(self.product_ids).encode(errors="replace"), np.uint8)
        parts = (self.queries, self.categories, self.products)
        arrays = [array for entries in parts for array in entries.to_arrays()]
        file = io.BytesIO()
        np.savez(file, np.int32(VERSION), ids, *arrays)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Suggestions":
        """Read what :meth:`to_bytes` wrote (ValueError, KeyError, BadZipFile if it is not that)."""
        with np.load(io.BytesIO(content), allow_pickle=False) as held:
            version, codes, *arrays = (held[f"arr_{number}"] for number in range(len(held.files)))
        if version != VERSION or len(arrays) != 3 * ARRAYS:
            raise ValueError(f"no suggestions of version {VERSION}")
        ids = codes.tobytes().decode()
        queries, categories, products = (
            Entries.from_arrays(arrays[start : start + ARRAYS])
            for start in range(0, 3 * ARRAYS, ARRAYS)
        )
        return cls(queries, categories, products, tuple(ids.split("\0")) if ids else ())


class Gathering:
    """Gathers what can be suggested while products go by."""

    def __init__(self) -> None:
        self._phrases = Phrases()
        self._categories: Counter[str] = Counter()
        self._titles: dict[str, str] = {}

    def add(self, product: Product) -> None:
        """Gather from one product; of those of one title the first stands for all."""
        self._phrases.add(product)
        levels = [" ".join(level.split()) for level in product.category]
        paths = {PATH.join(levels[:depth]) for depth in range(1, len(levels) + 1)}
        self._categories.update(paths)
        self._titles.setdefault(" ".join(product.title.split()), product.product_id)

    def suggestions(self, spell: Spell | None = None) -> Suggestions:
        """Sort what was gathered. Only queries and categories are spelt otherwise too."""
        categories = sorted(self._categories.items(), key=lambda one: (-one[1], len(one[0]), one))
        titles = sorted(self._titles, key=lambda title: (len(title), title))
        return Suggestions(
            queries=Entries.of(self._phrases.best(), spell),
            categories=Entries.of(categories, spell),
            products=Entries.of([(title, 1) for title in titles]),
            product_ids=tuple(self._titles[title] for title in titles),
        )
