"""A folded text is cut into pieces as it was written, and each piece into tokens."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from shoplens.encode.words.fold import fold

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
_MEASURE = re.compile(
    r"(\d+(?:\.\d+)?)"
    r"(mm|cm|dm|m|km|in|inch|ft|ml|cl|l|mg|g|kg|oz|lb|w|kw|v|a|ah|mah|mb|gb|tb|hz|khz|mhz|ghz|mp)"
)
# Particles between two Chinese words: cutting there makes 红色的鞋 and 红色 鞋 the same words.
_BETWEEN = re.compile(f"[{_PARTICLES}]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, or a run of a script without spaces, folded but otherwise as written.

    ``parts`` are the words of a compound, or a run without its particles. ``start`` and ``end``
    are where it stood in the plain text.
    """

    text: str
    parts: tuple[str, ...]
    run: bool
    start: int
    end: int


def plain(text: str) -> str:
    """Fold a text, and leave out possessive endings and the commas of thousands."""
    straight = _POSSESSIVE.sub("", fold(text))
    return _THOUSANDS.sub(lambda match: match[0].replace(",", ""), straight)


def pieces(text: str) -> Iterator[Piece]:
    """Cut a :func:`plain` text at spaces, punctuation and changes of script."""
    for match in _PIECES.finditer(text):
        cut = _run_parts if match["run"] else _word_parts
        yield Piece(match[0], tuple(cut(match[0])), match["run"] is not None, *match.span())


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
    return tokens_and_characters(text)[0]


def tokens_and_characters(text: str) -> tuple[list[str], list[str]]:
    """Cut a text into its tokens, and into every character of the scripts without spaces."""
    found: list[str] = []
    singles: list[str] = []
    for match in _PIECES.finditer(plain(text)):
        if run := match["run"]:
            singles += run
            found += _run_tokens(run)
        else:
            found += _word_tokens(match[0])
    return found, singles


def tokens_of(piece: Piece) -> Sequence[str]:
    """Give the tokens of one piece, as :func:`tokens` does."""
    return _run_tokens(piece.text) if piece.run else _word_tokens(piece.text)


def _run_tokens(run: str) -> list[str]:
    return [pair for part in _run_parts(run) for pair in pairs(part)]


def _run_parts(run: str) -> list[str]:
    return [part for part in _BETWEEN.split(run) if part] or [run]


def _word_parts(word: str) -> list[str]:
    return _JOINERS.split(word.replace(",", "."))


@lru_cache(1 << 16)
def _word_tokens(word: str) -> tuple[str, ...]:
    """Give the tokens of a word or compound; kept, for the words of a shop come again and again."""
    found: list[str] = []
    parts = _word_parts(word)
    for part in parts:
        found.append(singular(part))
        if measure := _MEASURE.fullmatch(part):
            found += measure.groups()
    whole = joined(parts)
    return tuple([*found, whole] if whole else found)


def pairs(run: str) -> list[str]:
    """Give each two neighbours; a single character is given as it is."""
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def joined(parts: Sequence[str]) -> str:
    """Write a compound as one word; nothing for a single word, or a range such as ``10-20``."""
    whole = "".join(parts)
    single = len(parts) == 1 or whole.replace(".", "").isdecimal()
    return "" if single else singular(whole)


def beginnings(part: str) -> tuple[str, ...]:
    """Give what a token may begin with when a word so begun is typed on.

    Tokens lack plural endings, so ``boots`` begins ``boot``, ``batteri`` and ``batterie`` begin
    ``battery``, ``dresse`` begins ``dress``.
    """
    found = [part, singular(part)]
    if len(part) > 3 and part.isascii() and part.isalpha():
        found += (
            [part.removesuffix("e").removesuffix("i") + "y"] if part.endswith(("i", "ie")) else []
        )
        found += [part[:-1]] if part.endswith(("sse", "xe", "che", "she")) else []
    return tuple(dict.fromkeys(found))


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
