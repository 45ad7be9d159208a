"""A product's colours, or a picked colour, become one unit vector; their product says how alike.

For a picked colour it is, but for rounding, the mean of ``exp(-(difference / SPREAD)² / 2)`` over
the product's area, raised for products of several colours, as no colour fills them. Differences
are those of DIN99o (DIN 6176:2018; Cui, Luo, Rigg, Roesler & Witt 2002), a space in which plain
distances follow CIEDE2000: at a CIEDE2000 of 10 two colours score about 0.85, at 20 about 0.5, at
40 nearly 0. The features of the Gaussian are those of Nyström (Williams & Seeger 2001) at 32
anchors. In plain Lab, and with the kernel's values at the anchors for features, products came back
in an order further from that by CIEDE2000 (``bench/colours.py``).
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from jaxtyping import Float32, Float64

from shoplens.encode.colours.dominant import Dominant
from shoplens.encode.colours.lab import Lab, Labs, lab_of
from shoplens.types import Embedding

COLOUR_DIM = 32
SPREAD = 22.0
"""Difference at which likeness has fallen to 0.6, in units of DIN99o."""
ANCHORS = (
    "201010 201048 102038 203818 402087 701818 204048 602850 584020 604850 505087 406838 a74860 "
    "786838 8748cf 40789f 87788f cf6038 508f97 609768 ef78a7 cf87e7 9faf78 80afdf d7a78f efb750 "
    "e7c7df 8fe768 8fe7bf 80e7ef cfdfe7 eff7af"
)
"""Means of the gamut of sRGB, cut into cells of 10 in DIN99o; stored rows depend on them."""

Rgb = tuple[int, int, int]
"""Red, green and blue of sRGB, 0 to 255."""


def colour_vector(dominants: Sequence[Dominant]) -> Embedding:
    """Put a product's colours, of which there is at least one, into the row that a store keeps."""
    labs = np.array([(d.lab.lightness, d.lab.a, d.lab.b) for d in dominants], np.float32)
    shares = np.array([d.share for d in dominants], np.float32)
    return _unit(shares @ _features(labs))


def query_vector(colour: Lab | Rgb) -> Embedding:
    """Put a picked colour into the same space; a product all of it scores 1."""
    if isinstance(colour, Lab):
        lab = np.array([(colour.lightness, colour.a, colour.b)], np.float32)
    else:
        lab = lab_of(np.array([colour], np.uint8))
    return _unit(_features(lab)[0])


def _unit(row: Embedding) -> Embedding:
    return (row / np.linalg.norm(row)).astype(np.float32)


def _features(labs: Labs) -> Float32[np.ndarray, "c 32"]:
    """Give unit rows whose inner products are nearly the Gaussian's values."""
    anchors, whitening = _frame()
    rows = _gaussian(_din99o(labs), anchors) @ whitening
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _gaussian(
    points: Float64[np.ndarray, "c 3"], anchors: Float64[np.ndarray, "m 3"]
) -> Float64[np.ndarray, "c m"]:
    squares = np.square(points[:, None] - anchors[None]).sum(axis=2)
    return np.exp(squares / (-2 * SPREAD**2))


@cache
def _frame() -> tuple[Float64[np.ndarray, "32 3"], Float64[np.ndarray, "32 32"]]:
    """Give the anchors, and what turns likeness to them into features."""
    levels = np.array([list(bytes.fromhex(anchor)) for anchor in ANCHORS.split()], np.uint8)
    anchors = _din99o(lab_of(levels))
    root = np.linalg.cholesky(_gaussian(anchors, anchors))
    return anchors, np.linalg.inv(root).T


def _din99o(labs: Labs) -> Float64[np.ndarray, "c 3"]:
    """Bend CIELAB so that differences look equally large everywhere: chroma is drawn together."""
    lightness, a, b = np.asarray(labs, np.float64).T
    turn = np.radians(26)
    along = a * np.cos(turn) + b * np.sin(turn)
    across = 0.83 * (b * np.cos(turn) - a * np.sin(turn))
    chroma = np.log1p(0.075 * np.hypot(along, across)) / 0.0435
    hue = np.arctan2(across, along) + turn
    bent = (303.67 * np.log1p(0.0039 * lightness), chroma * np.cos(hue), chroma * np.sin(hue))
    return np.stack(bent, axis=1)
