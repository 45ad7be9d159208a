"""Chinese spelt in Latin letters: pypinyin behind one function."""

from pypinyin import Style, lazy_pinyin

from shoplens.encode.words.cut import pieces, plain

LONGEST = 24
"""Letters of a spelling that are kept."""


def spellings(text: str) -> set[str]:
    """Spell a text from each of its characters on: ``yundongxie dongxie xie ydx dx x``."""
    found: set[str] = set()
    for piece in pieces(plain(text)):
        if not piece.run:
            continue
        syllables = lazy_pinyin(piece.text, errors="ignore")
        initials = lazy_pinyin(piece.text, style=Style.FIRST_LETTER, errors="ignore")
        for parts in (syllables, initials):
            found |= {"".join(parts[start:])[:LONGEST] for start in range(len(parts))}
    return found - {""}
