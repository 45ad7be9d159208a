"""Words are asked of pictures behind several encoders, or behind shorter rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from shoplens.encode.base import Asks, Encoder, TextTower
from shoplens.encode.combined.fused import FusedPictures
from shoplens.encode.combined.projection import NOTHING, Projection
from shoplens.types import Embeddings

PHRASES = (
    "a red dress", "leather shoes", "a blue shirt for men", "a wooden chair", "a silver ring",
    "a kitchen knife", "a table lamp", "a phone case", "running shoes", "a green backpack",
    "a bottle of shampoo", "a toy car", "a striped sweater", "sunglasses", "a gold watch",
    "coffee beans", "a garden table", "a white sofa", "headphones", "a winter jacket",
)  # fmt: skip
"""What is asked to learn how long questions are that rows of a tower are shrunk with."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One part that understands words, and where its numbers stand in the whole.

    ``text`` encodes for it; None where the whole's own text tower is the same. ``scale`` brings its
    share to the weighted mean of all such parts.
    """

    asks: Asks
    text: TextTower | None
    place: slice
    scale: float


@dataclass(frozen=True, slots=True)
class AskFused:
    """Each part that understands words is asked; the agreement is the weighted mean of theirs."""

    voices: tuple[Voice, ...]
    dim: int

    def ask(self, texts: Sequence[str], embeddings: Embeddings) -> Float32[np.ndarray, "n e"]:
        """Give rows that ask each part, and nothing of those that know pictures only."""
        rows = np.zeros((len(texts), self.dim), np.float32)
        for voice in self.voices:
            known = voice.text.encode(texts) if voice.text else embeddings
            rows[:, voice.place] = voice.asks.ask(texts, known) * np.float32(voice.scale)
        return rows


@dataclass(frozen=True, slots=True)
class AskShrunk:
    """Words asked of shorter rows: the question is shrunk as the pictures were.

    All questions get the length ``reach``, the mean of what is left of some: so agreement stays
    where it was. ``text`` is as that of a ``Voice``.
    """

    asks: Asks
    text: TextTower | None
    projection: Projection
    reach: float

    def ask(self, texts: Sequence[str], embeddings: Embeddings) -> Float32[np.ndarray, "n e"]:
        """Give rows whose products with shrunk pictures are nearly those from before."""
        known = self.text.encode(texts) if self.text else embeddings
        seen = self.projection.seen(self.asks.ask(texts, known))
        lengths = np.linalg.norm(seen, axis=1, keepdims=True)
        return seen * (np.float32(self.reach) / np.maximum(lengths, np.float32(NOTHING)))


def ask_fused(parts: Sequence[Encoder], tower: FusedPictures, text: TextTower) -> AskFused | None:
    """Ask the parts that understand words; None if there is none.

    With weights w over all parts and v over those, a picture's row holds sqrt(w) times its part's
    row: v / sqrt(w) times the question makes of it v times the agreement.
    """
    able = [part.asks is not None for part in parts]
    heard = sum(weight for weight, one in zip(tower.weights, able, strict=True) if one)
    along = zip(parts, tower.places(), tower.weights, strict=True)
    voices = [
        Voice(
            part.asks,
            own_text(part, text),
            place,
            weight**0.5 / heard,
        )
        for part, place, weight in along
        if part.asks is not None
    ]
    return AskFused(tuple(voices), tower.dim) if voices else None


def own_text(part: Encoder, text: TextTower) -> TextTower | None:
    """Give the text tower that must encode for a part; None where ``text`` has done so already."""
    return None if part.text.fingerprint == text.fingerprint else part.text


def reach_of(base: Encoder, projection: Projection) -> float:
    """Measure how long questions are once they are shrunk; 0 where words cannot be asked."""
    if base.asks is None:
        return 0.0
    asked = base.asks.ask(PHRASES, base.text.encode(PHRASES))
    return float(np.linalg.norm(projection.seen(asked), axis=1).mean())
