"""Every word of the shop, with the number of products that have it."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import cached_property
from zlib import crc32

import numpy as np
from jaxtyping import Int32

from shoplens.catalogue.fields import words_text
from shoplens.encode.words.cut import tokens_and_characters
from shoplens.search.words.near import NearWords
from shoplens.types import Product

VERSION = 1
LONG_SINCE = 4096
"""Words put since the walk that are kept apart; more are put among the others."""
MOST = 1_000_000
"""So many words are kept, the most frequent; a shop's text has fewer."""


def words_of(product: Product) -> set[str]:
    """Give every token that a search by words finds ``product`` by."""
    found, characters = tokens_and_characters(words_text(product))
    return {*found, *characters}


def _code(word: str) -> bool:
    """A code that one product has says as much as a word that none has, so it need not be kept."""
    return not word.isalpha() and word.isascii()


class Shelf:
    """Words in order, each with a number of products; immutable."""

    def __init__(self, words: list[str], counts: Int32[np.ndarray, " n"]) -> None:
        self.words = words
        self.counts = counts

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> "Shelf":
        """Put words in order."""
        words = sorted(counts)
        return cls(words, np.array([counts[word] for word in words], np.int32))

    def to_dict(self) -> dict[str, int]:
        """Give every word with its count."""
        return dict(zip(self.words, self.counts.tolist(), strict=True))

    def count(self, word: str) -> int:
        """Count the products that have ``word``."""
        low, high = self.between(word, exact=True)
        return int(self.counts[low]) if low < high else 0

    def between(self, prefix: str, *, exact: bool = False) -> tuple[int, int]:
        """Give the places from and to which words begin with ``prefix``, or are it."""
        low = bisect_left(self.words, prefix)
        if exact:
            return low, low + (low < len(self.words) and self.words[low] == prefix)
        return low, bisect_left(self.words, prefix + "\U0010ffff", low)

    def starting(self, prefix: str, k: int) -> dict[str, int]:
        """Give the ``k`` most frequent words that begin with ``prefix``, itself left out."""
        low, high = self.between(prefix)
        low = self.between(prefix, exact=True)[1]
        counts = self.counts[low:high]
        best = np.argsort(-counts, kind="stable")[:k].tolist()
        return {self.words[low + place]: int(counts[place]) for place in best}

    def near(self, word: str, edits: int) -> dict[str, int]:
        """Give the words within so many edits of ``word``, and how many each is away."""
        places, far = self._near.within(word, edits)
        return {self.words[p]: int(d) for p, d in zip(places, far, strict=True)}

    @cached_property
    def _near(self) -> NearWords:
        return NearWords(self.words)


class Vocabulary:
    """The words of ``products`` products; immutable, so any thread may read it.

    A large shelf, made by walking the catalogue, and a small one of what was put since: a product
    that is put costs the small one alone.
    """

    def __init__(self, products: int, walked: Shelf, since: Shelf) -> None:
        self.products = products
        self._shelves = (walked, since)

    @classmethod
    def of(cls, products: Iterable[Iterable[str]]) -> "Vocabulary":
        """Count the words of products, each given by its words, but for codes of one product."""
        counts: dict[str, int] = {}
        total = 0
        for words in products:
            total += 1
            for word in set(words):
                counts[word] = counts.get(word, 0) + 1
        counts = {word: count for word, count in counts.items() if count > 1 or not _code(word)}
        if len(counts) > MOST:
            kept = sorted(counts, key=lambda word: (-counts[word], word))[:MOST]
            counts = {word: counts[word] for word in kept}
        return cls(total, Shelf.of(counts), Shelf.of({}))

    def add(self, words: Iterable[str]) -> "Vocabulary":
        """Give a vocabulary with one more product; what a replaced product had stays counted."""
        walked, since = self._shelves
        if len(since.words) > LONG_SINCE:
            walked, since = self._together(), Shelf.of({})
        counts = since.to_dict()
        for word in set(words):
            counts[word] = counts.get(word, 0) + 1
        return Vocabulary(self.products + 1, walked, Shelf.of(counts))

    def _together(self) -> Shelf:
        walked, since = self._shelves
        counts = walked.to_dict()
        for word, count in since.to_dict().items():
            counts[word] = counts.get(word, 0) + count
        return Shelf.of(counts)

    def __len__(self) -> int:
        """Count the words; one on both shelves counts twice."""
        return sum(len(shelf.words) for shelf in self._shelves)

    def count(self, word: str) -> int:
        """Count the products that have ``word``."""
        return sum(shelf.count(word) for shelf in self._shelves)

    def idf(self, word: str) -> float:
        """Tell how much ``word`` says, as a store does; see :meth:`idf_of`."""
        return self.idf_of(self.count(word))

    def idf_of(self, count: int) -> float:
        """Tell how much a word says that so many products have: BM25's idf, never below 0."""
        count = min(count, self.products)
        return math.log(1 + (self.products - count + 0.5) / (count + 0.5))

    def starting(self, prefix: str, k: int) -> list[str]:
        """Give the ``k`` most frequent words that begin with ``prefix``, itself left out."""
        walked, since = self._shelves
        # All of the small shelf: what stands on both may be frequent on neither.
        found = {*walked.starting(prefix, k), *since.starting(prefix, len(since.words))}
        return sorted(found, key=lambda word: (-self.count(word), word))[:k]

    def near(self, word: str, edits: int, k: int) -> list[tuple[str, int]]:
        """Give ``k`` words within so many edits, the nearest first, then the most frequent."""
        found: dict[str, int] = {}
        for shelf in self._shelves:
            found |= shelf.near(word, edits)
        order = sorted(found, key=lambda near: (found[near], -self.count(near), near))
        return [(near, found[near]) for near in order[:k]]

    def warm(self) -> None:
        """Build what is built at the first look, so that no visitor waits for it."""
        for shelf in self._shelves:
            shelf.near("warm", 1)

    # ---- kept in a file ------------------------------------------------------------------------

    def to_bytes(self) -> bytes:
        """Write everything down."""
        whole = self._together()
        body = whole.counts.astype("<i4").tobytes() + "\n".join(whole.words).encode()
        head = f"{VERSION} {self.products} {len(whole.words)} {crc32(body)}\n"
        return head.encode() + body

    @classmethod
    def from_bytes(cls, content: bytes) -> "Vocabulary":
        """Read what :meth:`to_bytes` wrote (ValueError if it is anything else)."""
        line, _, rest = content.partition(b"\n")
        version, products, total, check = (int(number) for number in line.split())
        if version != VERSION or check != crc32(rest):
            raise ValueError(f"no vocabulary of version {VERSION}")
        counts = np.frombuffer(rest[: 4 * total], "<i4").astype(np.int32)
        text = rest[4 * total :].decode()
        words = text.split("\n") if text else []
        if not len(words) == len(counts) == total:
            raise ValueError(f"{len(words)} words and {len(counts)} counts, not {total}")
        return cls(products, Shelf(words, counts), Shelf.of({}))
