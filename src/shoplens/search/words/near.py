"""Words of the shop that a mistyped word may mean: by edits, over all words at once."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int32, UInt8, UInt32

LONGEST = 24
"""Letters of the longest word that is looked at; a longer one is no word that people mistype."""
_A = ord("a")

Numbers = Int32[np.ndarray, " n"]
Letters = UInt8[np.ndarray, "n letters"]
Signs = UInt32[np.ndarray, " n"]


class NearWords:
    """Finds words of plain Latin letters within some edits of another; immutable.

    A letter more, less or other, or two neighbours swapped, is one edit (optimal string alignment:
    Damerau, 1964). Edits are computed for all words side by side, after leaving out those whose
    length or set of letters differs too much to be near.
    """

    def __init__(self, words: Sequence[str]) -> None:
        fit = [len(word) <= LONGEST and word.isascii() and word.isalpha() for word in words]
        self._places: Numbers = np.flatnonzero(fit).astype(np.int32)
        kept = [words[place] for place in self._places]
        packed = np.array(kept, f"S{LONGEST}") if kept else np.zeros(0, f"S{LONGEST}")
        self._letters: Letters = packed.view(np.uint8).reshape(len(kept), LONGEST)
        self._lengths = np.count_nonzero(self._letters, axis=1).astype(np.uint8)
        self._signs = _signs(self._letters)

    def within(self, word: str, edits: int) -> tuple[Numbers, Numbers]:
        """Give the places of the words at most ``edits`` away, and how far each is."""
        if not word or len(word) > LONGEST or not (word.isascii() and word.isalpha()):
            return np.zeros(0, np.int32), np.zeros(0, np.int32)
        asked: Letters = np.frombuffer(word.encode(), np.uint8)[None]
        differing = np.bitwise_count(self._signs ^ _signs(asked)[0])
        near = differing <= 2 * edits
        near &= self._lengths <= len(word) + edits
        near &= self._lengths + edits >= len(word)
        rows = np.flatnonzero(near)
        far = _edits(asked[0], self._letters[rows], self._lengths[rows])
        found = far <= edits
        return self._places[rows[found]], far[found]


def _signs(letters: Letters) -> Signs:
    """Set a bit for each letter that a word has; one edit changes at most two."""
    signs = np.zeros(len(letters), np.uint32)
    for column in letters.T:
        bit = np.uint32(1) << (column - np.uint8(_A)).astype(np.uint32) % np.uint32(32)
        signs |= np.where(column > 0, bit, np.uint32(0))
    return signs


def _edits(
    asked: UInt8[np.ndarray, " asked"], words: Letters, lengths: UInt8[np.ndarray, " n"]
) -> Numbers:
    """Count the edits from ``asked`` to each word: the usual table, its cells vectors of words."""
    columns = np.ascontiguousarray(words.T)
    width = int(lengths.max(initial=0))
    before: list[UInt8[np.ndarray, " n"]] = []
    row = [np.full(len(words), j, np.uint8) for j in range(width + 1)]
    for i, letter in enumerate(asked):
        fresh = [np.full(len(words), i + 1, np.uint8)]
        for j in range(width):
            other = row[j] + (columns[j] != letter)
            cell = np.minimum(np.minimum(fresh[j], row[j + 1]) + np.uint8(1), other)
            if i and j:
                swapped = (columns[j] == asked[i - 1]) & (columns[j - 1] == letter)
                cell = np.where(swapped, np.minimum(cell, before[j - 1] + np.uint8(1)), cell)
            fresh.append(cell)
        before, row = row, fresh
    table = np.array(row)  # (letters + 1, n)
    return table[lengths, np.arange(len(words))].astype(np.int32)
