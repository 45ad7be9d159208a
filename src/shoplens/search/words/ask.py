"""What a visitor typed becomes weighted words that the shop knows: typos, beginnings, synonyms.

Every word that was typed is a slot: itself, or what it may mean instead. A slot's words count as
one word of BM25: the rarer of them is weighed down to what all of them together say, or else a
rare completion would beat the common one.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from shoplens.encode.words.cut import STOP_WORDS, Piece, joined, pairs, pieces, plain, tokens_of
from shoplens.encode.words.rows import sparse
from shoplens.search.words.mend import Meanings, Mender
from shoplens.search.words.runs import boundaries
from shoplens.search.words.synonyms import Synonyms
from shoplens.search.words.vocabulary import Vocabulary
from shoplens.types import SparseRow

ACROSS = 0.25
"""What two neighbours of a script without spaces count where they belong to different words."""
SINGLE = 0.3
"""What a single character counts beside the pairs it stands in."""
SYNONYM = 0.8
"""What a word counts that means the same."""
JOINED = 1.0
"""What ``pushup`` counts when ``push up`` was typed, beside the two words."""
MOST_WORDS, MOST_CHARACTERS = 64, 96
"""Words, and characters of scripts without spaces, that are understood; the rest is passed over."""


@dataclass(frozen=True, slots=True)
class AskedWord:
    """A word as it was typed, and the tokens any of which a product has it by."""

    text: str
    tokens: frozenset[str]
    run: bool = False


@dataclass(frozen=True, slots=True)
class WordsAsked:
    """What was asked for, in words that a store and a person understand.

    ``ideal`` is the BM25 score of a usual product that has each asked word once: a product's own
    score, divided by it, tells how much of the question it has. ``corrected`` is the question as
    it was understood; empty when no typo was mended.
    """

    row: SparseRow
    ideal: float
    corrected: str
    words: tuple[AskedWord, ...]

    def matched(self, tokens: Collection[str]) -> list[str]:
        """Name the typed words that a product with these ``tokens`` has, in their order.

        Of a script without spaces the longest parts are named whose neighbours the product has.
        """
        named: list[str] = []
        for word in self.words:
            if word.run:
                named += _shared_parts(word.text, tokens)
            elif not word.tokens.isdisjoint(tokens):
                named.append(word.text)
        return list(dict.fromkeys(named))


@dataclass(frozen=True, slots=True)
class _Slot:
    """One typed word: ``weights`` of the tokens it became, ``ideal`` what it adds to the score."""

    asked: AskedWord
    weights: Mapping[str, float]
    ideal: float


def ask_words(
    text: str, vocabulary: Vocabulary, synonyms: Synonyms, *, typing: bool = False
) -> WordsAsked:
    """Understand ``text`` by what the shop sells; the last word may be a beginning if ``typing``.

    A word that the shop has is taken as it is; any other takes the shop's words it may mean.
    """
    read = plain(text)
    cut = _first(pieces(read))
    telling = [piece for piece in cut if not STOP_WORDS.issuperset(tokens_of(piece))] or cut
    mender = Mender(vocabulary)
    slots: list[_Slot] = []
    mended: list[tuple[Piece, str]] = []
    for piece in telling:
        last = piece is cut[-1] and read.endswith(piece.text)
        if piece.run:
            slots += _run_slots(piece, vocabulary)
            continue
        meanings = mender.meanings(piece, beginning=last, typing=typing)
        slots.append(_slot(piece, meanings, vocabulary))
        if meanings.mended:
            mended.append((piece, meanings.mended))
    weights = _merge(slots)
    weights |= _neighbours(telling, vocabulary)
    for part, other in synonyms.others(telling):
        for token, weight in _instead(part, other, vocabulary).items():
            weights[token] = max(weights.get(token, 0.0), weight)
    return WordsAsked(
        row=sparse(weights),
        ideal=sum((slot.ideal for slot in slots), 0.0),
        corrected=_rewrite(read, mended),
        words=tuple(slot.asked for slot in slots),
    )


def _first(cut: Iterable[Piece]) -> list[Piece]:
    """Keep what is asked first of a text that is too long, and each word once."""
    kept: dict[str, Piece] = {}
    left = MOST_CHARACTERS
    for piece in cut:
        if piece.run and left > 0 and len(piece.text) > left:
            parts = tuple(part[:left] for part in piece.parts[:left])
            kept[piece.text] = replace(piece, text=piece.text[:left], parts=parts)
        elif not piece.run or left > 0:
            kept.setdefault(piece.text, piece)
        left -= len(piece.text) if piece.run else 0
        if len(kept) >= MOST_WORDS:
            break
    return list(kept.values())


def _slot(piece: Piece, meanings: Meanings, vocabulary: Vocabulary) -> _Slot:
    """Weigh a word's meanings so that none says more than all of them together."""
    count = sum(vocabulary.count(token) for token in meanings.shares)
    together = vocabulary.idf_of(count)
    weights = dict.fromkeys(meanings.own, 1.0)
    for token, share in meanings.shares.items():
        idf = vocabulary.idf(token)
        weights[token] = max(weights.get(token, 0.0), share * min(1.0, together / idf))
    best = max((share * together for share in meanings.shares.values()), default=0.0)
    ideal = best if meanings.guessed else sum(map(vocabulary.idf, _parts(meanings.own)))
    return _Slot(AskedWord(piece.text, frozenset(weights)), weights, ideal)


def _instead(part: Sequence[str], other: Sequence[str], vocabulary: Vocabulary) -> dict[str, float]:
    """Weigh words that mean the same as ``part`` so that they never say more than it does."""
    says = sum(map(vocabulary.idf, part))
    theirs = sum(map(vocabulary.idf, other))
    return dict.fromkeys(other, SYNONYM * min(1.0, says / theirs))


def _parts(own: Sequence[str]) -> Sequence[str]:
    """Leave out the whole of a compound, which says nothing new beside its parts."""
    return own[:-1] if len(own) > 2 and own[-1] == "".join(own[:-1]) else own


def _run_slots(piece: Piece, vocabulary: Vocabulary) -> Iterator[_Slot]:
    for part in piece.parts:
        weights = _run_weights(part)
        ideal = sum(weight * vocabulary.idf(token) for token, weight in weights.items())
        yield _Slot(AskedWord(part, frozenset(weights), run=True), weights, ideal)


def _run_weights(run: str) -> dict[str, float]:
    """Weigh pairs and single characters; a pair across two words is a pair by chance."""
    if len(run) == 1:
        return {run: 1.0}
    weights = {one: SINGLE for one in run if one not in STOP_WORDS}
    between = boundaries(run)
    for end, pair in enumerate(pairs(run), start=1):
        weights[pair] = max(weights.get(pair, 0.0), ACROSS if end in between else 1.0)
    return {token: weight for token, weight in weights.items() if token not in STOP_WORDS}


def _merge(slots: Sequence[_Slot]) -> dict[str, float]:
    merged: dict[str, float] = {}
    for slot in slots:
        for token, weight in slot.weights.items():
            merged[token] = max(merged.get(token, 0.0), weight)
    return merged


def _neighbours(cut: Sequence[Piece], vocabulary: Vocabulary) -> dict[str, float]:
    """Join two words where the shop writes them as one."""
    words = [piece.text if not piece.run and len(piece.parts) == 1 else "" for piece in cut]
    found: dict[str, float] = {}
    for left, right in pairwise(words):
        if left and right and (whole := joined((left, right))) and vocabulary.count(whole):
            found[whole] = JOINED
    return found


def _rewrite(text: str, mended: Sequence[tuple[Piece, str]]) -> str:
    if not mended:
        return ""
    for piece, word in reversed(mended):
        text = text[: piece.start] + word + text[piece.end :]
    return " ".join(text.split())


def _shared_parts(run: str, tokens: Collection[str]) -> Iterator[str]:
    """Give the longest parts of ``run`` all of whose pairs are among ``tokens``."""
    if len(run) == 1:
        yield from [run] if run in tokens else []
        return
    start = end = 0
    for place, pair in enumerate(pairs(run)):
        if pair in tokens:
            start, end = (start if place < end else place), place + 2
        elif end > start:
            yield run[start:end]
            start = end = 0
    if end > start:
        yield run[start:end]
