"""What a word may mean that the shop does not have, or that is not typed to its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shoplens.encode.colours.parse import parse_colour
from shoplens.encode.words.cut import Piece, beginnings, singular, tokens_of
from shoplens.search.words.near import LONGEST
from shoplens.search.words.vocabulary import Vocabulary

NEAR: Mapping[int, float] = {1: 0.9, 2: 0.7}
"""What a word counts that is so many edits away."""
BEGUN, LONGER = 1.0, 0.8
"""What a word counts of which the beginning was typed: one that is no word, or is one itself."""
PARTS = 0.8
"""What each of two words counts that were typed as one."""
SHORTEST, TWO_EDITS = 4, 8
"""Letters of the shortest word that is mended, and of the shortest that may hold two typos."""
NEAREST, ENDINGS = 3, 12
"""So many words at most are taken for a typo, and for a beginning."""
MENDED = 8
"""Words of one question that are mended at most; a text with more is in another language."""


@dataclass(frozen=True, slots=True)
class Meanings:
    """What a word is looked up as: its ``own`` tokens, and what else may be meant by it.

    ``shares`` tell how much each of the others counts; ``guessed`` that the shop has no such word,
    so one of the others must be meant. ``mended`` is what a typo became, empty if it is none.
    """

    own: tuple[str, ...]
    shares: Mapping[str, float] = field(default_factory=dict[str, float])
    guessed: bool = False
    mended: str = ""


class Mender:
    """Finds meanings for the words of one question."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._left = MENDED

    def meanings(self, piece: Piece, *, beginning: bool, typing: bool) -> Meanings:
        """Give what ``piece`` may mean; only the last word of a question is a ``beginning``."""
        own = tuple(dict.fromkeys(tokens_of(piece)))
        known = any(self._vocabulary.count(token) for token in own)
        begins = beginning and (typing or not known)
        begun = self._begun(piece.text, LONGER if known else BEGUN) if begins else {}
        if known or len(piece.parts) > 1 or (begun and typing):
            return Meanings(own, begun, guessed=bool(begun) and not known)
        return self._mended(piece.text, own, begun)

    def _mended(self, text: str, own: tuple[str, ...], begun: dict[str, float]) -> Meanings:
        near = self._near(text)
        parts = () if near or begun else self._parts(text)
        if parts:
            return Meanings((*own, *parts), dict.fromkeys(parts, PARTS), mended=" ".join(parts))
        shares = near | begun
        mended = "" if begun else next(iter(near), "")
        return Meanings(own, shares, guessed=bool(shares), mended=mended)

    def _begun(self, text: str, share: float) -> dict[str, float]:
        starts = beginnings(text)
        longer = [word for start in starts for word in self._vocabulary.starting(start, ENDINGS)]
        whole = [start for start in starts if self._vocabulary.count(start)]
        return dict.fromkeys([*whole, *longer][:ENDINGS], share)

    def _near(self, text: str) -> dict[str, float]:
        """Give the nearest words, the likeliest first: only words as near as the nearest.

        The name of a colour is no typo, though no text of the shop may say it: pictures do.
        """
        edits = edits_of(text)
        if not edits or not self._left or parse_colour(text):
            return {}
        self._left -= 1
        found = self._vocabulary.near(singular(text), edits, NEAREST)
        nearest = found[0][1] if found else 0
        return {near: NEAR[far] for near, far in found if far == nearest}

    def _parts(self, text: str) -> tuple[str, ...]:
        """Cut a word in two that the shop has, the rarer of which is the most frequent."""
        if not edits_of(text) or parse_colour(text):
            return ()
        cuts = [(singular(text[:i]), singular(text[i:])) for i in range(2, len(text) - 1)]
        rarer = {cut: min(map(self._vocabulary.count, cut)) for cut in cuts}
        best = max(rarer, key=lambda cut: rarer[cut], default=None)
        return best if best and rarer[best] else ()


def edits_of(word: str) -> int:
    """Tell how many typos a word may hold: the longer, the more; codes and numbers none."""
    if not SHORTEST <= len(word) <= LONGEST or not (word.isascii() and word.isalpha()):
        return 0
    return 2 if len(word) >= TWO_EDITS else 1
