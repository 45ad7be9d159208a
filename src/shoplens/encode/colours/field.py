"""What the field ``colour`` of a product says: the shop's words go before the picture."""

from collections.abc import Iterable

from shoplens.encode.colours.dominant import Dominant
from shoplens.encode.colours.names import CHINESE, ColourName, name_of
from shoplens.encode.colours.parse import colours_said

LEAST_SHARE = 0.25
"""A colour of the picture that covers less of the product is not its name."""


def colour_words(told: Iterable[str], seen: Iterable[Dominant]) -> tuple[str, ...]:
    """Name a product's colours by the twelve plain names, each in English and in Chinese.

    Args:
        told: what the shop calls its colour; if one of these is understood, they alone decide.
        seen: the dominant colours of its picture, the largest first; the largest always counts.
    """
    names = [name_of(lab) for text in told for lab in colours_said(text)] or _seen_names(seen)
    return tuple(word for name in dict.fromkeys(names) for word in (name.value, CHINESE[name]))


def _seen_names(seen: Iterable[Dominant]) -> list[ColourName]:
    shares: dict[ColourName, float] = {}
    for one in seen:
        shares[one.name] = shares.get(one.name, 0.0) + one.share
    most = max(shares.values(), default=0.0)
    return [name for name, share in shares.items() if share >= min(LEAST_SHARE, most)]
