"""Several picture towers as one: a cosine of its rows is the weighted mean of theirs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from shoplens.encode.base import ColourApart, PictureTower, Prepared
from shoplens.errors import MismatchError
from shoplens.types import Embedding, Embeddings, Pixels

VERSION = "1"
"""Another number whenever a row changes; part of the fingerprint."""
NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class PreparedParts(Prepared):
    """A picture made ready for each part; ``pixels`` are those of the part that sees most."""

    parts: tuple[Prepared, ...]


class FusedPictures:
    """Rows of all parts in one, each times the root of its weight; weights are made to sum to 1.

    It is no ``Mapper``: parts look at places of their own. Nor is it ``Derived``, as it would have
    to be of several.
    """

    def __init__(self, parts: Sequence[tuple[PictureTower, float]]) -> None:
        """Take two towers or more.

        Raises:
            MismatchError: there is only one, one is there twice, or a weight is not above 0.
        """
        self.towers = tuple(tower for tower, _ in parts)
        self.weights = _shares([weight for _, weight in parts])
        if len({tower.fingerprint for tower in self.towers}) < max(len(parts), 2):
            raise MismatchError("two encoders or more are fused, each another one; give others")
        self._starts = tuple(int(sum(t.dim for t in self.towers[:i])) for i in range(len(parts)))
        self.dim = sum(tower.dim for tower in self.towers)
        self.size_px = max(tower.size_px for tower in self.towers)
        told = zip(self.towers, self.weights, strict=True)
        named = " ".join(f"{tower.fingerprint} {weight:.6f}" for tower, weight in told)
        self.fingerprint = sha256(f"fused {VERSION} {named}".encode()).hexdigest()[:16]

    def places(self) -> tuple[slice, ...]:
        """Tell where in a row each part's numbers stand."""
        along = zip(self._starts, self.towers, strict=True)
        return tuple(slice(start, start + tower.dim) for start, tower in along)

    def prepare(self, picture: Pixels) -> PreparedParts:
        """Prepare for each part by itself."""
        parts = tuple(tower.prepare(picture) for tower in self.towers)
        largest = max(parts, key=lambda part: part.pixels.shape[0])
        return PreparedParts(largest.pixels, np.empty(0, np.float32), parts)

    def encode(self, prepared: Sequence[Prepared]) -> Embeddings:
        """Encode with each part and put the rows side by side.

        Raises:
            MismatchError: a picture was prepared by another encoder.
        """
        own = [ready for ready in prepared if isinstance(ready, PreparedParts)]
        if len(own) < len(prepared) or any(len(r.parts) != len(self.towers) for r in own):
            raise MismatchError("these pictures were prepared by another encoder than this one")
        rows = np.empty((len(prepared), self.dim), np.float32)
        for number, (tower, place) in enumerate(zip(self.towers, self.places(), strict=True)):
            part = tower.encode([ready.parts[number] for ready in own])
            rows[:, place] = part * np.float32(math.sqrt(self.weights[number]))
        return rows


class FusedApart(FusedPictures):
    """The same where a part leaves colours out: that part forgets them, the others do not."""

    def without_colour(self, embedding: Embedding) -> Embedding:
        """Leave colour out of those parts, each of the length it had."""
        kept = embedding.copy()
        for tower, place in zip(self.towers, self.places(), strict=True):
            length = float(np.linalg.norm(embedding[place]))
            if isinstance(tower, ColourApart) and length > NOTHING:
                unit = embedding[place] / np.float32(length)
                kept[place] = tower.without_colour(unit) * np.float32(length)
        return kept


def fused(parts: Sequence[tuple[PictureTower, float]]) -> FusedPictures:
    """Fuse towers; what some of them can leave out, the whole can."""
    apart = any(isinstance(tower, ColourApart) for tower, _ in parts)
    return (FusedApart if apart else FusedPictures)(parts)


def _shares(weights: Sequence[float]) -> tuple[float, ...]:
    if not all(math.isfinite(weight) and weight > 0 for weight in weights):
        told = ", ".join(f"{weight:g}" for weight in weights)
        raise MismatchError(f"weights of parts are numbers above 0, not {told}")
    whole = math.fsum(weights)
    return tuple(weight / whole for weight in weights)
