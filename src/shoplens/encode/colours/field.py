"""What the field ``colour`` of a product says: the shop's words go before the picture."""

import re
from collections.abc import Iterable

from shoplens.encode.colours.dominant import Dominant
from shoplens.encode.colours.names import CHINESE, ColourName, name_of
from shoplens.encode.colours.parse import colours_said

LEAST_SHARE = 0.25
"""A colour of the picture that covers less of the product is not its name."""


ENGLISH = {chinese: name.value for name, chinese in CHINESE.items()} | {"gray": "grey"}
"""The English name of each colour that has another."""
_HAN = re.compile("[\u4e00-\u9fff]")


def colour_words(told: Iterable[str], seen: Iterable[Dominant], title: str = "") -> tuple[str, ...]:
    """Name a product's colours by the twelve plain names, in the language of its title.

    Args:
        told: what the shop calls its colour; if one of these is understood, they alone decide.
        seen: the dominant colours of its picture, the largest first; the largest always counts.
        title: with Chinese characters in it, the names are Chinese, or else English.
    """
    chinese = _HAN.search(title)
    names = [name_of(lab) for text in told for lab in colours_said(text)] or _seen_names(seen)
    return tuple(CHINESE[name] if chinese else name.value for name in dict.fromkeys(names))


def english(word: str) -> str:
    """Give the English name of a folded colour word; one that is no plain name stays."""
    return ENGLISH.get(word, word)


def same_colour(word: str) -> tuple[str, ...]:
    """Give a folded colour word, then the same plain name in the other language."""
    name = english(word)
    others = (name, *(chinese for chinese, known in ENGLISH.items() if known == name))
    return tuple(dict.fromkeys((word, *others)))


def _seen_names(seen: Iterable[Dominant]) -> list[ColourName]:
    shares: dict[ColourName, float] = {}
    for one in seen:
        shares[one.name] = shares.get(one.name, 0.0) + one.share
    most = max(shares.values(), default=0.0)
    return [name for name, share in shares.items() if share >= min(LEAST_SHARE, most)]
