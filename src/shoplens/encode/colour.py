"""An encoder made of arithmetic alone: for tests, and as a floor that a network must beat.

It sees where the ink is, which colours there are and how edges run: pictures of one shape, colour
and pattern are neighbours, and nothing more is claimed. It needs no file and no warm-up.
"""

from collections.abc import Sequence
from hashlib import blake2b, sha256

import numpy as np
from jaxtyping import Float32
from PIL import Image

from shoplens.encode.base import Encoder, Prepared
from shoplens.encode.runtime.session import Running
from shoplens.encode.words.cut import tokens
from shoplens.types import Embedding, Embeddings, Pixels

VERSION = "1"
TEXT_VERSION = "2"
"""Another number whenever an embedding changes; part of both fingerprints."""
SIZE_PX = 48
CELLS = 4
"""The layout is the mean ink of 4 x 4 cells."""
LEVELS = 3
"""Nodes of the colour histogram along red, green and blue."""
BINS = 8
"""Directions of edges, counted in each quarter of the picture."""
LAYOUT_DIM, COLOUR_DIM, EDGE_DIM = CELLS * CELLS * 3, LEVELS**3, 4 * BINS
LAYOUT_SHARE, COLOUR_SHARE, EDGE_SHARE = 0.4, 0.35, 0.25
TEXT_DIM = 256

_Square = Float32[np.ndarray, "s s 3"]


class ColourPictures:
    """Pictures by layout, colours and edges: three parts of fixed shares in one unit vector."""

    dim = LAYOUT_DIM + COLOUR_DIM + EDGE_DIM
    size_px = SIZE_PX
    fingerprint = sha256(f"colour pictures {VERSION} {dim}".encode()).hexdigest()[:16]

    def prepare(self, picture: Pixels) -> Prepared:
        """Squeeze to a square, whatever the shape was."""
        square = Image.fromarray(picture).resize((SIZE_PX, SIZE_PX), Image.Resampling.BILINEAR)
        return Prepared(pixels=np.asarray(square), colour=np.empty(0, np.float32))

    def encode(self, prepared: Sequence[Prepared]) -> Embeddings:
        """Describe each picture by itself."""
        rows = np.empty((len(prepared), self.dim), np.float32)
        for row, ready in zip(rows, prepared, strict=True):
            row[:] = _describe(ready.pixels.astype(np.float32) / 255)
        return rows


class HashedTexts:
    """Texts by the words and letter triples they share: signed feature hashing.

    Weinberger et al., 2009. One place is kept for a small constant, so that no text is zero.
    """

    dim = TEXT_DIM
    fingerprint = sha256(f"hashed texts {TEXT_VERSION} {TEXT_DIM}".encode()).hexdigest()[:16]

    def encode(self, texts: Sequence[str]) -> Embeddings:
        """Hash each text by itself; the order of its words does not matter."""
        rows = np.zeros((len(texts), TEXT_DIM), np.float32)
        rows[:, 0] = 0.1
        for row, text in zip(rows, texts, strict=True):
            for word in tokens(text):
                _count(row, word, 1.0)
                padded = f"<{word}>"
                for i in range(len(padded) - 2):
                    _count(row, padded[i : i + 3], 0.3)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def open_colour(running: Running | None = None) -> Encoder:
    """Make the drawn reference encoder; cannot fail."""
    del running
    return Encoder(name="colour", picture=ColourPictures(), text=HashedTexts())


def _describe(square: _Square) -> Embedding:
    """Join the parts; those without ink or edges weigh less, the colours are never nothing."""
    parts = np.concatenate(
        [
            LAYOUT_SHARE**0.5 * _at_most_unit(_layout(square)),
            COLOUR_SHARE**0.5 * _at_most_unit(_colours(square)),
            EDGE_SHARE**0.5 * _at_most_unit(_edges(square)),
        ]
    )
    return (parts / np.linalg.norm(parts)).astype(np.float32)


def _at_most_unit(part: Embedding) -> Embedding:
    """Scale to unit length, but never blow up the noise of an empty picture."""
    return part / max(float(np.linalg.norm(part)), 0.1)


def _layout(square: _Square) -> Embedding:
    """Mean ink of each cell, ink being what white paper lacks."""
    side = SIZE_PX // CELLS
    cells = (1 - square).reshape(CELLS, side, CELLS, side, 3)
    return cells.mean(axis=(1, 3)).ravel()


def _colours(square: _Square) -> Embedding:
    """Share of each colour, white counting little; square roots, as for Hellinger's distance."""
    pixels = square.reshape(-1, 3)
    weight = 0.05 + (1 - pixels).max(axis=1)
    nodes = np.arange(LEVELS, dtype=np.float32)
    near = np.maximum(0, 1 - np.abs(pixels[:, :, None] * (LEVELS - 1) - nodes))  # (p, 3, levels)
    counts = np.einsum("p,pi,pj,pk->ijk", weight, near[:, 0], near[:, 1], near[:, 2], optimize=True)
    return np.sqrt(counts / weight.sum()).ravel()


def _edges(square: _Square) -> Embedding:
    """Strength of edges by direction in each quarter, each edge shared by the two nearest bins."""
    down, across = np.gradient(square.mean(axis=2))
    strength = np.hypot(down, across)
    place = np.arctan2(down, across) / np.pi % 1 * BINS
    below = np.floor(place).astype(np.int64)
    half = SIZE_PX // 2
    quarter = np.add.outer(np.arange(SIZE_PX) // half * 2, np.arange(SIZE_PX) // half)
    share = place - below
    counts = np.zeros(EDGE_DIM)
    for step, part in ((0, 1 - share), (1, share)):
        bins = quarter * BINS + (below + step) % BINS
        counts += np.bincount(bins.ravel(), (strength * part).ravel(), minlength=EDGE_DIM)
    return np.sqrt(counts / strength.size).astype(np.float32)


def _count(row: Embedding, feature: str, weight: float) -> None:
    """Add a feature at its hashed place, its sign hashed too."""
    number = int.from_bytes(blake2b(feature.encode(), digest_size=4).digest(), "little")
    row[1 + number // 2 % (TEXT_DIM - 1)] += weight if number % 2 else -weight
