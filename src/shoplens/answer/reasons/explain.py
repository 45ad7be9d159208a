"""Why a product stands in an answer: what each signal gave, and what it shares with the question.

A ``Question`` is worked out once; ``explain`` is then pure and cheap.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from shoplens.answer.reasons.refs import Ref
from shoplens.encode.colours.dominant import dominant
from shoplens.encode.colours.lab import Lab
from shoplens.encode.colours.names import name_of
from shoplens.types import Pixels, Shown

Matched = Callable[[Collection[str]], Sequence[str]]
"""Tells which of the visitor's own words a product with these tokens has."""


def no_words(_tokens: Collection[str]) -> Sequence[str]:
    """Say of a question without words that a product has none of them."""
    return ()


MAPPED = frozenset({"picture", "text_picture"})
"""Signals that look at a product's picture, so that a map tells of them."""
COLOUR_SHARE = 0.15
"""A photo asks for a colour that is so much of what it shows."""


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
    tokens: Collection[str],
    colours: Collection[str],
    path: Callable[[Ref | None, str], str],
) -> Reasons:
    """Explain one product of an answer.

    Args:
        question: what was asked.
        shown: the product.
        tokens: what a search by words finds it by.
        colours: its field ``colour``.
        path: makes the path of a map, as ``SimilarityMaps.path`` does.
    """
    mapped = MAPPED & shown.ranked.signals.keys()
    return Reasons(
        shares=dict(shown.ranked.shares),
        words=tuple(question.matched(tokens)),
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
