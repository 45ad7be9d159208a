"""What a shop's products are called, counted: questions that have an answer."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from shoplens.encode.words.cut import STOP_WORDS, pieces, plain, tokens
from shoplens.search.words.runs import boundaries
from shoplens.types import Product

KEPT = 20_000
"""So many phrases are kept, those of most products."""
ROOM = 300_000
"""So many are counted at a time; those seen once go when there are more."""
LONGEST = 3
"""Words of the longest phrase of a title."""
SHORTEST_VALUE, LONGEST_VALUE, LONGEST_RUN = 3, 24, 6
"""Characters of an attribute that is put before a category; the last for scripts without spaces."""
IN_TITLES = 2
"""A part of a title is a phrase when so many products have it."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NO_NAMES = frozenset(
    ("yes", "no", "true", "false", "none", "other", "n/a", "是", "否", "无", "其他")
)


class Phrases:
    """Counts phrases as products go by: lossy counting (Manku and Motwani, 2002)."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._texts: dict[str, str] = {}
        self._named: dict[str, str] = {}

    def add(self, product: Product) -> None:
        """Count every phrase of ``product`` once."""
        named = {_key(text): (text, _key(whole)) for text, whole in _names(product)}
        titled = {_key(text): text for text in _of_title(product.title)}
        self._named |= {key: whole for key, (_, whole) in named.items()}
        for key, text in (titled | {key: text for key, (text, _) in named.items()}).items():
            self._counts[key] = self._counts.get(key, 0) + 1
            self._texts.setdefault(key, text)
        if len(self._counts) > ROOM:
            self._forget()

    def best(self) -> list[tuple[str, int]]:
        """Give the phrases of most products, each with their number."""
        kept = [key for key in self._counts if key and self._tells(key)]
        kept.sort(key=lambda key: (-self._counts[key], len(key), key))
        return [(self._texts[key], self._counts[key]) for key in kept[:KEPT]]

    def _tells(self, key: str) -> bool:
        """Leave out what is said once, and ``new boots`` where all boots are new."""
        count, whole = self._counts[key], self._named.get(key)
        if whole is None:
            return count >= IN_TITLES
        return key == whole or count == 1 or count < self._counts.get(whole, 0)

    def _forget(self) -> None:
        for key in [key for key, count in self._counts.items() if count == 1]:
            del self._counts[key], self._texts[key]
            self._named.pop(key, None)


@lru_cache(1 << 16)
def _key(text: str) -> str:
    return " ".join(tokens(text))


def _names(product: Product) -> Iterator[tuple[str, str]]:
    """Give brand, categories, and the narrowest category with brand or a short attribute.

    Each with what it is a part of: itself, or that category.
    """
    yield from ((_shown(name), _shown(name)) for name in (*product.category, product.brand))
    narrow = next(iter(product.category[-1:]), "")
    if not narrow:
        return
    values = (value for values in product.attributes.values() for value in values)
    for value in (*filter(None, (product.brand,)), *filter(_names_a_kind, values)):
        gap = " " if value.isascii() or narrow.isascii() else ""
        yield _shown(f"{value}{gap}{narrow}"), _shown(narrow)


def _names_a_kind(value: str) -> bool:
    spaced = value.isascii()
    least, most = (SHORTEST_VALUE, LONGEST_VALUE) if spaced else (2, LONGEST_RUN)
    fits = least <= len(value) <= most and value.casefold() not in _NO_NAMES
    return fits and not any(character.isdigit() for character in value)


def _of_title(title: str) -> Iterator[str]:
    """Give one to three neighbouring words, and the words of scripts without spaces."""
    words = [match[0] for match in _WORD.finditer(title) if match[0].isascii() or len(match[0]) > 1]
    latin = [word.lower() if word.isascii() else "" for word in words]
    for size in range(1, LONGEST + 1):
        for start in range(len(latin) - size + 1):
            part = latin[start : start + size]
            if all(part) and len(part[-1]) > 2 and not {part[0], part[-1]} & STOP_WORDS:
                yield " ".join(part)
    for piece in pieces(plain(title)):
        if piece.run:
            yield from _of_run(piece.text)


def _of_run(run: str) -> Iterator[str]:
    ends = [0, *sorted(boundaries(run)), len(run)]
    yield from (run[start:end] for start, end in pairwise(ends) if end - start > 1)
    yield from (run[start:end] for start, end in zip(ends, ends[2:], strict=False))


def _shown(text: str) -> str:
    return " ".join(text.split()).lower()
