"""Words become sparse rows: many scripts, no model, no vocabulary.

Tokens are made alike for products and for queries, and numbered by a hash, so a row never
depends on other rows. A product's weights hold the term-frequency half of BM25; the other half,
idf, needs the whole shop and is the store's.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b

import numpy as np

from shoplens.types import SparseRow

K1 = 1.2
"""How soon more of the same word stops counting (Robertson and Zaragoza, 2009)."""
B = 0.75
"""How much a long text is held against its words, from 0 to 1."""
AVERAGE_LENGTH = 40.0
"""Tokens of a usual product text; a constant, lest every row change with every product."""

_ENGLISH = (
    "a an and are as at be by for from i in is it me my of on or our that the this to want with you"
    " your"
)
_CHINESE = "一个 一款 一些 这个 那个 什么 怎么 没有 可以 我要 我想 想要 想买 请问 有没 以及"
_PARTICLES = "的了吗呢吧啊是"
STOP_WORDS = frozenset((*_ENGLISH.split(), *_CHINESE.split(), *_PARTICLES))
"""Words that say nothing of a product; left out of queries, unless nothing else is asked."""

# Scripts written without spaces: Thai, Lao, Myanmar, Khmer, kana, Han, Hangul. Korean has spaces,
# but its endings cling to the word, so it is cut like the others (as Lucene's CJK analyser does).
_UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u104f\u1780-\u17d3"
    "\u3005-\u3007\u3041-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
# Vowel signs and accents are no word characters to ``re``, yet Hindi or Hebrew words hold them.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0900-\u0963\u0966-\u0dff"
)
_LETTERS = rf"(?:(?![{_UNSPACED}_])[\w{_MARKS}])+"
_PIECES = re.compile(
    rf"(?P<run>[{_UNSPACED}]+)"
    rf"|(?P<word>{_LETTERS}(?:(?:[-_'&\u2010\u2011]|(?<=\d)[.,](?=\d)){_LETTERS})*)"
)
_POSSESSIVE = re.compile(r"(?<=\w)'s(?!\w)")
_JOINERS = re.compile(r"[-_'&\u2010\u2011]")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_ACCENTS = re.compile(r"(?<=[a-z])[\u0300-\u036f]+")
_MEASURE = re.compile(
    r"(\d+(?:\.\d+)?)"
    r"(mm|cm|dm|m|km|in|inch|ft|ml|cl|l|mg|g|kg|oz|lb|w|kw|v|a|ah|mah|mb|gb|tb|hz|khz|mhz|ghz|mp)"
)
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u0060\u00b4", "'"))
_LETTER_FOLDS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
# Particles between two Chinese words: cutting there makes 红色的鞋 and 红色 鞋 the same words.
_BETWEEN = re.compile(f"[{_PARTICLES}]+")


def fold(text: str) -> str:
    """Make one spelling of many: width, case, and the accents of Latin letters.

    Accents of other scripts stay, because there they make another letter (й is not и).
    """
    once = _fold_once(text)
    # Folding a case can bring about a new composition, and the other way round.
    while (again := _fold_once(once)) != once:
        once = again
    return once


def tokens(text: str) -> list[str]:
    """Cut a text into folded words, in order, repetitions kept.

    * ``red shoes`` gives ``red shoe``: an English plural s is dropped (see :func:`singular`), a
      possessive ``'s`` too.
    * ``AB-123`` gives ``ab 123 ab123``: a code or compound is kept in parts and whole, and the
      whole has no hyphen, so ``t-shirt``, ``tshirt`` and ``t shirt`` meet.
    * ``3,5mm`` gives ``3.5mm 3.5 mm``; ``1,299`` gives ``1299``.
    * ``红色运动鞋`` gives ``红色 色运 运动 动鞋``: pairs of neighbours, in every script without
      spaces; a run of one character is kept as it is.
    """
    return list(_tokens(fold(text)))


def word_row(text: str) -> SparseRow:
    """Weigh the words of a product text: ``tf (k1 + 1) / (tf + k1 (1 - b + b len / avg_len))``.

    Single characters of scripts without spaces are added, so that 鞋 finds 运动鞋; they do not
    count for the length. Formula: Robertson and Zaragoza, 2009, without idf.
    """
    folded = fold(text)
    counts = Counter(_tokens(folded))
    length = counts.total()
    for character, count in Counter(_characters(folded)).items():
        counts[character] = max(counts[character], count)
    norm = K1 * (1 - B + B * length / AVERAGE_LENGTH)
    return _sparse({token: tf * (K1 + 1) / (tf + norm) for token, tf in counts.items()})


def word_query(text: str) -> SparseRow:
    """Weigh each distinct word of a query 1, whatever its place or repetition."""
    distinct = set(tokens(text))
    return _sparse(dict.fromkeys(distinct - STOP_WORDS or distinct, 1.0))


def token_number(token: str) -> int:
    """Number a word by a hash that is the same on every machine, 32 bits."""
    return int.from_bytes(blake2b(token.encode(), digest_size=4).digest(), "little")


def singular(word: str) -> str:
    """Drop an English plural ending and nothing else: the S stemmer (Harman, 1991), eased.

    Eased: ``boxes`` and ``dresses`` lose the whole ``es``, and ``hoodie``, ``hoodies``,
    ``hoody`` are one word. Stop words, words of up to three letters, and words with digits or
    other than plain Latin letters stay as they are. French and Spanish plurals in s profit.
    """
    if len(word) <= 3 or word in STOP_WORDS or not (word.isascii() and word.isalpha()):
        return word
    if len(word) > 4 and word.endswith(("ies", "ie")):
        return word[: word.rindex("ie")] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us")) else word


def _fold_once(text: str) -> str:
    straight = text.translate(_APOSTROPHES)
    wide = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", straight).casefold())
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", wide).translate(_LETTER_FOLDS))
    return unicodedata.normalize("NFC", bare).encode(errors="replace").decode()


def _tokens(folded: str) -> Iterator[str]:
    plain = _THOUSANDS.sub(lambda match: match[0].replace(",", ""), _POSSESSIVE.sub("", folded))
    for match in _PIECES.finditer(plain):
        yield from _pairs(match["run"]) if match["run"] else _words(match["word"])


def _pairs(run: str) -> Iterator[str]:
    parts = [part for part in _BETWEEN.split(run) if part] or [run]
    for part in parts:
        if len(part) == 1:
            yield part
        yield from (part[i : i + 2] for i in range(len(part) - 1))


def _words(compound: str) -> Iterator[str]:
    parts = _JOINERS.split(compound.replace(",", "."))
    for part in parts:
        yield singular(part)
        if measure := _MEASURE.fullmatch(part):
            yield from measure.groups()
    whole = "".join(parts)
    # 10-20 is a range, not the number 1020.
    if len(parts) > 1 and not whole.replace(".", "").isdecimal():
        yield singular(whole)


def _characters(folded: str) -> Iterable[str]:
    for match in _PIECES.finditer(folded):
        yield from match["run"] or ""


def _sparse(weights: Mapping[str, float]) -> SparseRow:
    """Number and sort; words that share a number share a place, their weights summed."""
    merged: dict[int, float] = {}
    for token in sorted(weights):  # one order of summing, whatever the order of the text
        number = token_number(token)
        merged[number] = merged.get(number, 0.0) + weights[token]
    numbers = sorted(merged)
    return SparseRow(
        tokens=np.array(numbers, np.uint32),
        weights=np.array([merged[number] for number in numbers], np.float32),
    )
