"""What a visitor asks becomes signals: ways to compare every product with it."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from shoplens.encode.base import Encoder
from shoplens.encode.crops import encode_query
from shoplens.encode.words import word_query
from shoplens.errors import QueryError
from shoplens.search.gather import Find
from shoplens.store.base import Store
from shoplens.types import Candidate, Embedding, Filter, Query, Space

TextsOf = Callable[[str], tuple[str, str]]
"""The dense text and the words text of a product; NotFoundError when there is no such product."""

PICTURES = 4
"""So many pictures of a product are asked with; more say little new."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One way to compare; a product's best score of several probes counts."""

    name: str
    probes: Sequence[Find]


@dataclass(frozen=True, slots=True)
class Asking:
    """Turns queries into signals; ``crops`` averages a photo over several crops."""

    encoder: Encoder
    store: Store
    texts_of: TextsOf
    crops: bool
    pool: Executor | None

    def signals(self, query: Query) -> list[Signal]:
        """Encode ``query``: the picture signals first, then those of words.

        A product is asked with by its pictures, or by its texts if it has none.

        Raises:
            QueryError: the product asked with has neither pictures nor texts.
            NotFoundError: there is no such product.
        """
        shown = self._shown(query.product_id)
        signals = self._of_pictures(self._pictures(query, shown))
        dense = words = query.text.strip()
        if query.product_id and not shown:
            their_dense, their_words = self.texts_of(query.product_id)
            dense = f"{dense} {their_dense}".strip()
            words = f"{words} {their_words}".strip()
        signals += self._of_text(dense) + self._of_words(words)
        if not signals:
            what = f"product {query.product_id!r} has neither a picture nor words to compare with"
            raise QueryError(f"{what}; ask with a picture or a text")
        return signals

    def _shown(self, product_id: str) -> list[Embedding]:
        pictures = self.store.pictures(product_id) if product_id else []
        return [embedding for _, embedding in pictures[:PICTURES]]

    def _pictures(self, query: Query, shown: Sequence[Embedding]) -> Sequence[Embedding]:
        """Photo and product together ask for what looks like both: the middle of each pair."""
        if query.picture is None:
            return shown
        tower = self.encoder.picture
        photo = encode_query(tower, query.picture, multi=self.crops, pool=self.pool)
        return [_middle(photo, embedding) for embedding in shown] or [photo]

    def _of_pictures(self, pictures: Sequence[Embedding]) -> list[Signal]:
        if not pictures:
            return []
        return [Signal("picture", [_near(self.store, "picture", p) for p in pictures])]

    def _of_text(self, dense: str) -> list[Signal]:
        """Compare with product texts; where towers share a space, also with pictures."""
        if not dense:
            return []
        embedding = self.encoder.text.encode([dense])[0]
        signals = [Signal("text", [_near(self.store, "text", embedding)])]
        if not self.encoder.shared:
            return signals
        return [Signal("text_picture", [_near(self.store, "picture", embedding)]), *signals]

    def _of_words(self, words: str) -> list[Signal]:
        row = word_query(words)
        if not len(row.tokens):
            return []

        def find(k: int, allowed: Filter | None) -> list[Candidate]:
            return self.store.search_words(row, k, allowed)

        return [Signal("words", [find])]


def _near(store: Store, space: Space, embedding: Embedding) -> Find:
    def find(k: int, allowed: Filter | None) -> list[Candidate]:
        return store.search(space, embedding, k, allowed)

    return find


def _middle(a: Embedding, b: Embedding) -> Embedding:
    """Bisect the angle; of two opposite directions the first is kept."""
    middle = a + b
    length = float(np.linalg.norm(middle))
    return middle / np.float32(length) if length > 1e-6 else a
