"""What is asked, sorted by the space it is compared in: pictures, texts, words, colours."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

import numpy as np

from shoplens.encode.base import ColourApart, Encoder
from shoplens.encode.colours.lab import Lab
from shoplens.encode.colours.parse import colour_in
from shoplens.encode.colours.vector import query_vector
from shoplens.encode.crops import encode_query
from shoplens.encode.runtime.remembering import Remembered
from shoplens.search.fuse import Scale
from shoplens.store.base import Store
from shoplens.types import Embedding, Pixels, Query, Term

TextsOf = Callable[[str], tuple[str, str]]
"""The dense text and the words text of a product; NotFoundError when there is no such product."""

PICTURES = 4
"""So many pictures of a product are asked with; more say little new."""
NAMED_COLOUR = 0.35
"""What a colour said in words counts beside one that was picked: the words are asked, too.

At 1 "red sneaker" finds red things of any kind first; below 0.35 too little is left where no text
tells colours (``bench/composed.py``).
"""
T = TypeVar("T")

NOTHING = 1e-6
"""A vector this short has no direction: what was asked contradicts itself to nothing."""


@dataclass(frozen=True, slots=True)
class Weighted(Generic[T]):
    """One thing asked, with its weight; below 0 it is asked against."""

    weight: float
    what: T


@dataclass(slots=True)
class Parts:
    """Everything asked, by where it is compared; ``shown`` are the pictures of a product asked."""

    pictures: list[Weighted[Embedding]] = field(default_factory=list[Weighted[Embedding]])
    shown: Sequence[Embedding] = ()
    dense: list[Weighted[str]] = field(default_factory=list[Weighted[str]])
    words: list[Weighted[str]] = field(default_factory=list[Weighted[str]])
    colours: list[Weighted[Embedding]] = field(default_factory=list[Weighted[Embedding]])


@dataclass(frozen=True, slots=True)
class Sorting:
    """Encodes pictures, where it can by memory, and finds out what texts speak of."""

    encoder: Encoder
    store: Store
    texts_of: TextsOf
    crops: bool
    pool: Executor | None
    remembered: Remembered | None = None

    def parts(self, query: Query) -> Parts:
        """Sort the query's own picture, words, product and colour, then its terms.

        A product is asked with by its pictures, or by its texts if it has none. Where a colour is
        asked for or against, the colours of the pictures shown do not count.

        Raises:
            NotFoundError: there is no such product.
        """
        parts = Parts()
        if query.colour:
            parts.colours.append(Weighted(1.0, query_vector(Lab(*query.colour))))
        own = Term(query.picture, query.text, query.product_id)
        for term in (own, *query.terms):
            self._sort(term, parts, shows=term is own)
        if parts.colours:
            self._forget_colours(parts)
        return parts

    def _sort(self, term: Term, parts: Parts, *, shows: bool) -> None:
        dense = words = term.text.strip()
        if dense and (colour := colour_in(dense)):
            parts.colours.append(Weighted(term.weight * NAMED_COLOUR, query_vector(colour)))
        if term.picture is not None:
            parts.pictures.append(Weighted(term.weight, self._encoded(term.picture)))
        if term.product_id and not self._show(term, parts, shows=shows):
            their_dense, their_words = self.texts_of(term.product_id)
            dense, words = f"{dense} {their_dense}".strip(), f"{words} {their_words}".strip()
        parts.dense += [Weighted(term.weight, dense)] if dense else []
        parts.words += [Weighted(term.weight, words)] if words else []

    def _show(self, term: Term, parts: Parts, *, shows: bool) -> bool:
        """Ask with the pictures of a product; false if it has none."""
        pictures = [row for _, row in self.store.pictures(term.product_id)[:PICTURES]]
        if shows:
            parts.shown = pictures
        elif pictures:
            parts.pictures.append(Weighted(term.weight, pictures[0]))
        return bool(pictures)

    def _encoded(self, picture: Pixels) -> Embedding:
        tower, crops = self.encoder.picture, self.crops
        make = partial(encode_query, tower, picture, multi=crops, pool=self.pool)
        if self.remembered is None:
            return make()
        return self.remembered.picture(tower.fingerprint, picture, make, crops=crops)

    def _forget_colours(self, parts: Parts) -> None:
        tower = self.encoder.picture
        if isinstance(tower, ColourApart):
            parts.shown = [tower.without_colour(row) for row in parts.shown]
            parts.pictures = [
                Weighted(p.weight, tower.without_colour(p.what)) for p in parts.pictures
            ]


@dataclass(frozen=True, slots=True)
class Sum:
    """Several things asked in one space, asked as one: the weighted sum of their unit vectors.

    Their weighted scores add up to the score of the sum (Rocchio, 1971), so that what is asked
    against takes part in finding, too. ``wanted`` is false when everything was asked against.
    """

    row: Embedding
    scale: Scale
    wanted: bool


def add_up(asked: Sequence[Weighted[Embedding]]) -> Sum | None:
    """Add the vectors of one space; None when there are none, or they cancel out."""
    if not asked:
        return None
    row: Embedding = np.sum([a.what * np.float32(a.weight) for a in asked], axis=0)
    norm = float(np.linalg.norm(row))
    if norm < NOTHING:
        return None
    unit: Embedding = row / np.float32(norm)
    return Sum(unit, _scale(asked, norm), any(a.weight > 0 for a in asked))


def _scale(asked: Sequence[Weighted[Embedding]], norm: float) -> Scale:
    size = sum((abs(a.weight) for a in asked), start=0.0)
    against = sum((-a.weight for a in asked if a.weight < 0), start=0.0)
    return Scale(norm, size, against)


def sums_with(shown: Sequence[Embedding], asked: Sequence[Weighted[Embedding]]) -> Iterator[Sum]:
    """Add each picture of a product shown to the rest; the rest alone if none is shown."""
    for row in shown:
        yield add_up([Weighted(1.0, row), *asked]) or Sum(row, Scale(), wanted=True)
    if not shown and (alone := add_up(asked)):
        yield alone
