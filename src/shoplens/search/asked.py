"""What a visitor asks becomes signals: ways to compare every product with it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from shoplens.catalogue.fields import fold
from shoplens.errors import QueryError
from shoplens.search.fuse import Scale
from shoplens.search.gather import Find
from shoplens.search.terms import NOTHING, Parts, Sorting, Sum, Weighted, add_up, sums_with
from shoplens.search.words.ask import WordsAsked
from shoplens.store.base import Store
from shoplens.types import Candidate, Embedding, Embeddings, Filter, OneOf, Query, Space, SparseRow

AskWords = Callable[[str, bool], WordsAsked]
"""Understands words by what the shop sells; the last may be unfinished if the second is true."""

UNTYPED = False
"""Words that are not being typed."""
LONGEST_NAME = 300
"""A longer text is no title."""
_GAPS = re.compile(r"[\s-]+")


@dataclass(frozen=True, slots=True)
class Signal:
    """One way to compare; a product's best score of several probes counts.

    Only one that ``lists`` brings products into the answer: what is asked against does not.
    """

    name: str
    probes: Sequence[Find]
    scale: Scale = field(default_factory=Scale)
    lists: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """A question understood: its signals, its words if any, the products it was asked with.

    ``exact`` allows the products that are called just what was typed. ``picture`` is what was
    shown, as one embedding; None when nothing was.
    """

    signals: Sequence[Signal]
    words: WordsAsked | None
    without: frozenset[str]
    exact: Filter | None = None
    picture: Embedding | None = None

    @property
    def only_words(self) -> bool:
        """Whether words alone were asked: then products that have none of them are no answer."""
        names = {signal.name for signal in self.signals if signal.lists}
        return self.words is not None and "picture" not in names


@dataclass(frozen=True, slots=True)
class Asking:
    """Turns queries into signals."""

    sorting: Sorting
    ask_words: AskWords

    def understand(self, query: Query) -> Question:
        """Encode ``query``: the picture signals first, then those of words.

        Raises:
            QueryError: nothing was asked for, or a product has neither pictures nor texts.
            NotFoundError: there is no such product.
        """
        parts = self.sorting.parts(query)
        wanted = [self.ask_words(w.what, query.typing) for w in parts.words if w.weight > 0]
        shown = list(sums_with(parts.shown, parts.pictures))
        signals = [
            *_compared("picture", "picture", shown, self.sorting.store),
            *self._of_texts(parts),
            *self._of_words(parts, wanted),
            *_compared("colour", "colour", _one(add_up(parts.colours)), self.sorting.store),
        ]
        if not any(signal.lists for signal in signals):
            raise QueryError(_nothing_wanted(query))
        asked_with = {query.product_id, *(term.product_id for term in query.terms)}
        picture = shown[0].row if shown else None
        words = wanted[0] if wanted else None
        return Question(
            signals, words, frozenset(asked_with - {""}), exact_filter(query.text), picture
        )

    def _of_texts(self, parts: Parts) -> list[Signal]:
        """Compare with product texts; where words can ask pictures, also with these."""
        if not parts.dense:
            return []
        encoder, store = self.sorting.encoder, self.sorting.store
        texts = [text.what for text in parts.dense]
        rows = encoder.text.encode(texts)
        signals = _compared("text", "text", _one(_summed(parts.dense, rows)), store)
        if encoder.asks is None:
            return signals
        asked = encoder.asks.ask(texts, rows)
        reach = np.linalg.norm(asked, axis=1).max()
        summed = _one(_summed(parts.dense, asked / max(reach, NOTHING)))
        reaching = [replace(one, row=one.row * reach) for one in summed]
        return [*_compared("text_picture", "picture", reaching, store), *signals]

    def _of_words(self, parts: Parts, wanted: Sequence[WordsAsked]) -> list[Signal]:
        store = self.sorting.store
        weights = [w.weight for w in parts.words if w.weight > 0]
        against = [w for w in parts.words if w.weight < 0]
        rows = [Weighted(w, asked.row) for w, asked in zip(weights, wanted, strict=True)]
        unwanted = [Weighted(-w.weight, self.ask_words(w.what, UNTYPED).row) for w in against]
        return [
            *_shared_words("words", rows, store, lists=True),
            *_shared_words("unwanted", unwanted, store, lists=False),
        ]


def exact_filter(text: str) -> Filter | None:
    """Allow the products whose id, code or whole title is ``text``; None for what is no name.

    Codes are also found without the spaces and hyphens that people put into them.
    """
    folded = fold(text)
    if not folded or len(folded) > LONGEST_NAME:
        return None
    return OneOf("exact", tuple(dict.fromkeys((folded, _GAPS.sub("", folded)))))


def _summed(texts: Sequence[Weighted[str]], rows: Embeddings) -> Sum | None:
    return add_up([Weighted(t.weight, row) for t, row in zip(texts, rows, strict=True)])


def _one(sum_: Sum | None) -> list[Sum]:
    return [] if sum_ is None else [sum_]


def _compared(name: str, space: Space, sums: Sequence[Sum], store: Store) -> list[Signal]:
    if not sums:
        return []
    probes = [_near(store, space, sum_.row) for sum_ in sums]
    return [Signal(name, probes, sums[0].scale, lists=sums[0].wanted)]


def _near(store: Store, space: Space, embedding: Embedding) -> Find:
    def find(k: int, allowed: Filter | None) -> list[Candidate]:
        return store.search(space, embedding, k, allowed)

    return find


def _shared_words(
    name: str, rows: Sequence[Weighted[SparseRow]], store: Store, *, lists: bool
) -> list[Signal]:
    row = _mixed(rows)
    if not len(row.tokens):
        return []

    def find(k: int, allowed: Filter | None) -> list[Candidate]:
        return store.search_words(row, k, allowed)

    size = sum((each.weight for each in rows), start=0.0)
    return [Signal(name, [find], Scale(size=size), lists)]


def _mixed(rows: Sequence[Weighted[SparseRow]]) -> SparseRow:
    """Add up what several texts ask for, each word with the weight of its text."""
    mixed: dict[int, float] = {}
    for row in rows:
        tokens, weights = row.what.tokens.tolist(), row.what.weights.tolist()
        for token, weight in zip(tokens, weights, strict=True):
            mixed[token] = mixed.get(token, 0.0) + row.weight * weight
    numbers = sorted(mixed)
    return SparseRow(
        np.array(numbers, np.uint32), np.array([mixed[n] for n in numbers], np.float32)
    )


def _nothing_wanted(query: Query) -> str:
    if query.product_id:
        what = f"product {query.product_id!r} has neither a picture nor words to compare with"
        return f"{what}; ask with a picture or a text"
    if query.terms:
        return "only what is not wanted was asked; ask for something too"
    return "nothing was asked; ask with a picture, a text, a colour or a product"
