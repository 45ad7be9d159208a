"""Words become the numbers of a model's own vocabulary; the one importer of tokenizers."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int64
from tokenizers import Tokenizer

from shoplens.encode.added.manifest import AGAIN, TextPart
from shoplens.errors import MismatchError

Ids = Int64[np.ndarray, "n t"]
CHARACTERS = 32
"""As many a token are read of a text, at most: the rest could only fall beyond the last token."""
_HALVES = re.compile(r"[\ud800-\udfff]")


class Tokens:
    """A ``tokenizer.json``; may be called from several threads at once.

    Longer texts are cut so that the tokens which mark the end stay.
    """

    def __init__(self, path: Path, part: TextPart) -> None:
        """Read the file and try it.

        Raises:
            MismatchError: it is no tokenizer, or cannot keep texts as short as the network wants.
        """
        self._path = path
        self._part = part
        self._tokenizer = _opened(path, part.context)
        ids, _ = self(["a " * part.context, "", "红"])
        if ids.shape[1] > part.context:
            raise MismatchError(
                f"{path} gives {ids.shape[1]} tokens where the network takes {part.context}; "
                f"the two do not belong together: {AGAIN}"
            )

    def __call__(self, texts: Sequence[str]) -> tuple[Ids, Ids]:
        """Give the ids (n, t) and, 1 where a text has one, the mask (n, t).

        Raises:
            MismatchError: the tokenizer is damaged.
        """
        known = [self._ids(text) for text in texts]
        longest = max(map(len, known), default=0)
        width = self._part.context if self._part.whole else max(1, longest)
        ids = np.full((len(known), max(width, longest)), self._part.pad, np.int64)
        mask = np.zeros_like(ids)
        for row, seen, each in zip(ids, mask, known, strict=True):
            row[: len(each)] = each
            # A network that takes a mean over what it sees must see something.
            seen[: max(1, len(each))] = 1
        return ids, mask

    def _ids(self, text: str) -> list[int]:
        whole = _HALVES.sub("\ufffd", text[: CHARACTERS * self._part.context])
        try:
            # One by one: for several at once it takes all cores, and those have pictures to do.
            return self._tokenizer.encode(whole).ids
        except BaseException as error:
            _reword(error, self._path)
            raise


def _opened(path: Path, context: int) -> Tokenizer:
    try:
        content = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MismatchError(f"{path} cannot be read: {error}; {AGAIN}") from error
    try:
        tokenizer: Any = Tokenizer.from_str(content)
        tokenizer.no_padding()
        tokenizer.enable_truncation(max_length=context)
    except BaseException as error:
        _reword(error, path)
        raise
    return tokenizer


def _reword(error: BaseException, path: Path) -> None:
    """Word what tokenizers raises: bare ``Exception``, or a panic of Rust that is not even one."""
    if isinstance(error, Exception) or type(error).__name__ == "PanicException":
        raise MismatchError(
            f"{path} is no tokenizer that can be used, or it is damaged ({error}); {AGAIN}"
        ) from error
