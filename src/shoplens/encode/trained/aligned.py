"""Words are asked of pictures through a head that was trained to bring them together."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tokenize import TokenError
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Float32

from shoplens.encode.base import Asks, Encoder, TextTower
from shoplens.encode.trained.headed import HeadedPictures
from shoplens.errors import MismatchError
from shoplens.types import Embeddings

FILE = "words.npz"
REACH = 0.25
"""Cosines of words and pictures are brought to the range that CLIP's have, which search expects."""
_UNREADABLE = (
    OSError, ValueError, TypeError, KeyError, EOFError, RuntimeError, SyntaxError, TokenError,
    BadZipFile,
)  # fmt: skip
"""What a damaged file of arrays ends in. RuntimeError: its zip says that it is encrypted; the two
after it: numpy reads an array's header as Python, flipped bits and all."""


@dataclass(frozen=True, slots=True)
class WordsSpace:
    """Directions in which a shop's own titles differ, and their middle.

    Texts come to the space that a head was taught to put pictures into; ``made_for`` is the
    fingerprint of the text tower.
    """

    middle: Float32[np.ndarray, " t"]
    directions: Float32[np.ndarray, "h t"]
    made_for: str

    def __call__(self, texts: Embeddings) -> Float32[np.ndarray, "n h"]:
        """Bring embeddings of texts there, at unit length."""
        rows = (texts - self.middle) @ self.directions.T
        lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        return (rows / lengths).astype(np.float32)


@dataclass(frozen=True, slots=True)
class AskPictures:
    """What of an encoder turns words into a question to its pictures."""

    space: WordsSpace
    before: int
    share: float

    def ask(self, texts: Sequence[str], embeddings: Embeddings) -> Float32[np.ndarray, "n e"]:
        """Give rows whose inner product with a picture's is a quarter of their agreement."""
        del texts
        part = self.space(embeddings) * np.float32(REACH / self.share**0.5)
        return np.pad(part, ((0, 0), (self.before, 0)))


@dataclass(frozen=True, slots=True)
class AskBase:
    """Words asked of pictures behind an encoder whose words could do so before."""

    asks: Asks
    share: float
    behind: int

    def ask(self, texts: Sequence[str], embeddings: Embeddings) -> Float32[np.ndarray, "n e"]:
        """Give rows whose inner product with a picture's is what it was without the head."""
        part = self.asks.ask(texts, embeddings) / np.float32((1 - self.share) ** 0.5)
        return np.pad(part, ((0, 0), (0, self.behind)))


def ask_base(tower: HeadedPictures, base: Encoder) -> AskBase | None:
    """Keep words and pictures together behind a base that compares them."""
    return AskBase(base.asks, tower.blend, tower.dim - tower.base_dim) if base.asks else None


def open_words(folder: Path, tower: HeadedPictures, texts: TextTower) -> AskPictures | None:
    """Open the words' side of a head, if it has one.

    Raises:
        MismatchError: the file is damaged, or made for other towers.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as kept:
            middle, directions = (
                kept[name].astype(np.float32) for name in ("middle", "directions")
            )
            made_for = str(kept["made_for"])
    except _UNREADABLE as error:
        raise MismatchError(f"{path} cannot be read ({error}); train the model anew") from error
    behind = tower.dim - tower.base_dim
    made = (made_for, middle.shape, directions.shape)
    if made != (texts.fingerprint, (texts.dim,), (behind, texts.dim)):
        raise MismatchError(
            f"{path} is for the text encoder {made_for} and turns {middle.shape} into "
            f"{directions.shape}; this one is {texts.fingerprint}, with {behind} numbers of a "
            "picture: train it anew"
        )
    return AskPictures(WordsSpace(middle, directions, made_for), tower.base_dim, tower.blend)


def words_file(space: WordsSpace) -> bytes:
    """Write the space down."""
    file = BytesIO()
    np.savez(file, middle=space.middle, directions=space.directions, made_for=space.made_for)
    return file.getvalue()
