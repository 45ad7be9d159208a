"""Where one Chinese word ends and the next begins: jieba-rs behind one function."""

from functools import cache

from rjieba import Jieba


def boundaries(run: str) -> frozenset[int]:
    """Give the places between characters where a word of ``run`` ends and another begins."""
    ends, place = set[int](), 0
    for word in _jieba().cut(run):
        place += len(word)
        ends.add(place)
    return frozenset(ends - {len(run)})


@cache
def _jieba() -> Jieba:
    return Jieba()
