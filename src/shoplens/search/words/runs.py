"""Where words end in scripts without spaces."""

from collections.abc import Callable
from functools import cache

from shoplens.plugins import load

SEGMENTERS = {"jieba": "shoplens.encode.words.segment:boundaries"}


def boundaries(run: str) -> frozenset[int]:
    """Give the places between characters where a word of ``run`` ends and another begins."""
    return _segmenter()(run)


@cache
def _segmenter() -> Callable[[str], frozenset[int]]:
    """Load the dictionary at the first run that is cut: 0.1 s and 33 MB."""
    return load("segmenter", "jieba", SEGMENTERS)
