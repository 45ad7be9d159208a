"""Many short texts, found by whole words and the beginning of the last."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from jaxtyping import Bool, Int32, UInt8

from shoplens.encode.words.cut import (
    beginnings,
    pairs,
    pieces,
    plain,
    singular,
    tokens_and_characters,
)
from shoplens.plugins import load
from shoplens.search.words.runs import boundaries
from shoplens.search.words.vocabulary import Shelf

LONGEST = 100
"""Characters of a beginning that are looked at."""
ARRAYS = 7

Numbers = Int32[np.ndarray, " n"]
Kept = Int32[np.ndarray, "..."] | UInt8[np.ndarray, "..."]
Spell = Callable[[str], Iterable[str]]
"""Other spellings of a text, such as pinyin: words that it is found by too."""

SPELLINGS = {"pinyin": "shoplens.search.words.suggest.pinyin:spellings"}


def open_spell(name: str) -> Spell:
    """Open what spells texts otherwise: ``pinyin`` (MissingExtraError without its package)."""
    return load("spelling", name, SPELLINGS)


@dataclass(frozen=True, slots=True)
class Looked:
    """The words of a question: ``whole`` ones, and those that the last may be the beginning of."""

    whole: tuple[str, ...]
    begun: tuple[str, ...]


def look(text: str) -> Looked:
    """Cut what was typed so far; a space behind the last word ends it."""
    read = plain(text)
    whole: list[str] = []
    begun: tuple[str, ...] = ()
    for piece in pieces(read[:LONGEST]):
        if piece.run:
            shares = [pair for part in piece.parts for pair in _within_words(part)]
            whole += shares[:-1]
            begun, last = (shares[-1],), shares[-1]
        else:
            whole += map(singular, piece.parts[:-1])
            begun, last = beginnings(piece.parts[-1]), singular(piece.parts[-1])
        if piece.end < len(read):
            whole.append(last)
            begun = ()
    return Looked(tuple(dict.fromkeys(whole)), begun)


def _within_words(run: str) -> list[str]:
    """Give the pairs of a run but for those across two words, which may stand apart."""
    between = boundaries(run)
    cut = [pair for end, pair in enumerate(pairs(run), start=1) if end not in between]
    return cut or [run[-1]]


@dataclass(frozen=True, slots=True)
class Entries:
    """Texts with a number of products each, by word: postings of all words behind one another.

    The best come first: those of most products, then the shorter. ``text`` holds all of them, one
    a line; ``ends`` where each ends. The texts of the word at place ``p`` of ``words`` are
    ``postings[starts[p]:starts[p + 1]]``.
    """

    text: bytes
    ends: Numbers
    counts: Numbers
    words: Shelf
    starts: Int32[np.ndarray, " starts"]
    postings: Int32[np.ndarray, " postings"]

    @classmethod
    def of(cls, texts: Sequence[tuple[str, int]], spell: Spell | None = None) -> "Entries":
        """Keep texts, each with its number of products, the best first."""
        found: dict[str, list[int]] = {}
        for number, (text, _) in enumerate(texts):
            words, characters = tokens_and_characters(text)
            for word in {*words, *characters, *(spell(text) if spell else ())}:
                found.setdefault(word, []).append(number)
        order = sorted(found)
        lengths = [len(found[word]) for word in order]
        lines = [" ".join(text.split()).encode(errors="replace") + b"\n" for text, _ in texts]
        numbers = [number for word in order for number in found[word]]
        return cls(
            text=b"".join(lines),
            ends=np.fromiter(accumulate(map(len, lines)), np.int32, len(lines)),
            counts=np.array([count for _, count in texts], np.int32),
            words=Shelf(order, np.array(lengths, np.int32)),
            starts=np.array([0, *accumulate(lengths)], np.int32),
            postings=np.array(numbers, np.int32),
        )

    def to_arrays(self) -> list[Kept]:
        """Take apart what a file keeps: so many arrays as ``ARRAYS`` tells."""
        words = np.frombuffer("\n".join(self.words.words).encode(), np.uint8)
        text = np.frombuffer(self.text, np.uint8)
        lengths = self.words.counts
        return [text, self.ends, self.counts, words, lengths, self.starts, self.postings]

    @classmethod
    def from_arrays(cls, arrays: Sequence[Kept]) -> "Entries":
        """Put together what :meth:`to_arrays` took apart."""
        text, ends, counts, words, lengths, starts, postings = arrays
        listed = words.tobytes().decode().split("\n") if len(words) else []
        return cls(text.tobytes(), ends, counts, Shelf(listed, lengths), starts, postings)

    def __len__(self) -> int:
        """Count the texts."""
        return len(self.ends)

    def at(self, number: int) -> str:
        """Give one text."""
        start = int(self.ends[number - 1]) if number else 0
        return self.text[start : int(self.ends[number]) - 1].decode()

    def find(self, looked: Looked, k: int) -> list[int]:
        """Give the best ``k`` texts that hold every word and some word so begun."""
        if not len(self) or not (looked.whole or looked.begun):
            return []
        hold = np.ones(len(self), np.bool_)
        for word in looked.whole:
            hold &= self._holding([word], exact=True)
        if looked.begun:
            hold &= self._holding(looked.begun, exact=False)
        return np.flatnonzero(hold)[:k].tolist()

    def _holding(self, words: Iterable[str], *, exact: bool) -> Bool[np.ndarray, " n"]:
        hold = np.zeros(len(self), np.bool_)
        for word in words:
            low, high = self.words.between(word, exact=exact)
            hold[self.postings[self.starts[low] : self.starts[high]]] = True
        return hold
