"""One spelling of many: width, case, accents, apostrophes, Traditional Chinese."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_ACCENTS = re.compile(r"(?<=[a-z])[\u0300-\u036f]+")
_APOSTROPHES = dict.fromkeys("\u2018\u2019\u02bc\u0060\u00b4", "'")
_LETTER_FOLDS = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h",
}  # fmt: skip


def fold(text: str) -> str:
    """Make one spelling of many: width, case, the accents of Latin letters, Traditional Chinese.

    Accents of other scripts stay, because there they make another letter (й is not и). Chinese is
    folded character by character, so that a part of a text folds as the whole does.
    """
    if text.isascii():
        return text.casefold().replace("`", "'")
    once = _fold_once(text)
    # Folding a case can bring about a new composition, and the other way round.
    while (again := _fold_once(once)) != once:
        once = again
    return once


def _fold_once(text: str) -> str:
    straight = _exchange(text, _APOSTROPHES)
    wide = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", straight).casefold())
    bare = _ACCENTS.sub("", _exchange(unicodedata.normalize("NFD", wide), _LETTER_FOLDS))
    whole = unicodedata.normalize("NFC", bare).encode(errors="replace").decode()
    return _exchange(whole, _simplified())


def _exchange(text: str, table: Mapping[str, str]) -> str:
    """Exchange characters: only those that are there, as most texts hold none or few."""
    for character in table.keys() & set(text):
        text = text.replace(character, table[character])
    return text


@cache
def _simplified() -> Mapping[str, str]:
    """Read which Simplified character stands for each Traditional one."""
    table = files("shoplens.encode.words").joinpath("traditional.txt").read_text("utf-8")
    lines = (line for line in table.splitlines() if not line.startswith("#"))
    return {pair[0]: pair[1] for line in lines for pair in line.split()}
