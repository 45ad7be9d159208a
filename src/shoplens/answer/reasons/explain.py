"""Why a product stands in an answer: what each signal gave, and what it shares with the question.

A ``Question`` is worked out once; ``explain`` is then pure and cheap: reading the words of a
product is nearly all of it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from shoplens.answer.reasons.refs import Ref
from shoplens.encode.colours.dominant import dominant
from shoplens.encode.colours.lab import Lab
from shoplens.encode.colours.names import name_of
from shoplens.encode.words.cut import STOP_WORDS, Piece, joined, pairs, pieces, singular, tokens
from shoplens.encode.words.fold import fold
from shoplens.types import Pixels, Shown

Matched = Callable[[Collection[str]], Sequence[str]]
"""Tells which of the visitor's own words a product with these tokens has."""

MAPPED = frozenset({"picture", "text_picture"})
"""Signals that look at a product's picture, so that a map tells of them."""
COLOUR_SHARE = 0.15
"""A photo asks for a colour that is so much of what it shows."""
READ_CHARS = 4000
"""So much of a product's words is read."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, as far as it can be found again in a product.

    ``colours`` are English names, as in the field ``colour``. ``ref`` says what a map compares
    with; None when nothing can be mapped.
    """

    matched: Matched
    colours: frozenset[str] = frozenset()
    ref: Ref | None = None


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why one product was found.

    ``shares`` is what each signal, rule or trait gave to the score. ``words`` are the visitor's
    own, in their order. ``map`` is the path of a picture that is warm where it agrees, or empty.
    """

    shares: Mapping[str, float]
    words: tuple[str, ...]
    colours: tuple[str, ...]
    map: str


def explain(
    question: Question,
    shown: Shown,
    words: str,
    colours: Collection[str],
    path: Callable[[Ref | None, str], str],
) -> Reasons:
    """Explain one product of an answer.

    Args:
        question: what was asked.
        shown: the product.
        words: the text that a search by words reads of it.
        colours: its field ``colour``.
        path: makes the path of a map, as ``SimilarityMaps.path`` does.
    """
    mapped = MAPPED & shown.ranked.signals.keys()
    return Reasons(
        shares=dict(shown.ranked.shares),
        words=tuple(question.matched(frozenset(tokens(words[:READ_CHARS])))),
        colours=tuple(sorted(question.colours.intersection(colours))),
        map=path(question.ref, shown.image_hash) if mapped else "",
    )


def colours_of(picture: Pixels | None = None, colour: Lab | None = None) -> frozenset[str]:
    """Name the colours that a photo shows most of, and a picked colour."""
    seen = () if picture is None else dominant(picture)
    names = {one.name.value for one in seen if one.share >= COLOUR_SHARE}
    if colour is not None:
        names.add(name_of(colour).value)
    return frozenset(names)


def words_of(text: str) -> Matched:
    """Prepare to tell which words of ``text`` a product has, spelled as they were asked.

    A compound is had in parts or as one word. Of a run of a script without spaces those stretches
    are had whose neighbours are neighbours in the product too: of 红色运动鞋 a 运动鞋 has 运动鞋.
    """
    asked = [piece for piece in pieces(fold(text)) if piece.text not in STOP_WORDS]

    def matched(has: Collection[str]) -> Sequence[str]:
        found = (
            word for piece in asked for word in (_stretches if piece.run else _word)(piece, has)
        )
        return list(dict.fromkeys(found))

    return matched


def _word(piece: Piece, has: Collection[str]) -> Iterator[str]:
    if joined(piece) in has or all(singular(part) in has for part in piece.parts):
        yield piece.text


def _stretches(piece: Piece, has: Collection[str]) -> Iterator[str]:
    for part in piece.parts:
        if len(part) == 1 and any(part in token for token in has):
            yield part
        start = 0
        for place, pair in enumerate([*pairs(part), ""]):
            if pair not in has or not pair:
                if place > start:
                    yield part[start : place + 1]
                start = place + 1
