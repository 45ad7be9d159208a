"""Words that were asked before are not encoded again: memories before what encodes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from secrets import token_bytes

import numpy as np
from jaxtyping import Float32

from shoplens.encode.base import Asks, TextTower
from shoplens.encode.runtime.remembering import Remembered
from shoplens.types import Embeddings


@dataclass(frozen=True, slots=True)
class _RememberingTexts:
    """A text tower that encodes what it was not asked before."""

    tower: TextTower
    remembered: Remembered

    @property
    def dim(self) -> int:
        return self.tower.dim

    @property
    def fingerprint(self) -> str:
        return self.tower.fingerprint

    def encode(self, texts: Sequence[str]) -> Embeddings:
        if not texts:
            return self.tower.encode(texts)
        keys = [self.remembered.key(self.fingerprint, "text", text) for text in texts]
        return self.remembered.rows(
            keys, lambda places: self.tower.encode([texts[place] for place in places])
        )


@dataclass(frozen=True, slots=True)
class _RememberingAsks:
    """Words asked of pictures, remembered for as long as this object: ``own`` names it in keys.

    What asks has no fingerprint, and may go by the texts, by their embeddings or by both.
    """

    asks: Asks
    remembered: Remembered
    own: bytes

    def ask(self, texts: Sequence[str], embeddings: Embeddings) -> Float32[np.ndarray, "n p"]:
        if not texts:
            return self.asks.ask(texts, embeddings)
        keys = [
            self.remembered.key(self.own, text, row)
            for text, row in zip(texts, embeddings, strict=True)
        ]

        def make(places: Sequence[int]) -> Float32[np.ndarray, "m p"]:
            return self.asks.ask([texts[place] for place in places], embeddings[list(places)])

        return self.remembered.rows(keys, make)


def remembering_texts(tower: TextTower, remembered: Remembered) -> TextTower:
    """Put a memory before a text tower; for queries only: a catalogue's texts come once."""
    return _RememberingTexts(tower, remembered)


def remembering_asks(asks: Asks, remembered: Remembered) -> Asks:
    """Put a memory before what asks pictures with words."""
    return _RememberingAsks(asks, remembered, token_bytes(16))
