"""A product picture's few colours: the ground is set aside, the rest gathered into clusters."""

from dataclasses import dataclass
from math import dist

import numpy as np
from jaxtyping import Float32, Float64, UInt8
from PIL import Image

from shoplens.encode.colours.ground import product_weights
from shoplens.encode.colours.lab import Lab, lab_of
from shoplens.encode.colours.names import ColourName, name_of
from shoplens.types import Pixels

SIDE_PX = 64
"""A picture is reduced to this on its longer side."""
LIGHTNESS_SHARE = 0.6
"""Lightness counts less than hue when colours are gathered: a product has a lit and a dark side."""
CELL = 4.0
CELLS = 128
"""Colours are counted in cells of this size, and the heaviest of them are gathered."""
SEEDS = 6
SMOOTH, APART = 6.0, 16.0
"""Seeds are peaks of the density of cells at the first of these spreads, the second apart."""
ROUNDS = 5
SAME = 5.0
SAME_NAME = 25.0
"""Clusters nearer than this become one: any, and those of the same name."""
LEAST = 0.03
"""A smaller share is noise."""

_AXES = np.array([LIGHTNESS_SHARE, 1.0, 1.0], dtype=np.float32)
_GRID = (16, 64, 64)
_ZERO = np.array([0, 32, 32])

_Reduced = UInt8[np.ndarray, "s t 3"]
_Weighed = Float64[np.ndarray, " c"]
_Cluster = tuple[float, Lab]


@dataclass(frozen=True, slots=True)
class Dominant:
    """One colour of a product; ``share`` is its part of the product, 0 to 1."""

    lab: Lab
    hex: str
    share: float
    name: ColourName


def dominant(picture: Pixels, *, k: int = 3) -> tuple[Dominant, ...]:
    """Give up to ``k`` colours of the product, the largest share first, the ground left out.

    Shares are of the product's area, its middle counting more; what is not among the ``k`` is
    missing from their sum. The same picture always gives the same answer.
    """
    labs = lab_of(_reduced(picture))
    weights = product_weights(labs)
    seen = weights > 0
    cells, mass = _counted(labs[seen], weights[seen])
    clusters = _merged(_gathered(cells, mass))
    total = sum(share for share, _ in clusters)
    found = [
        Dominant(lab, lab.hex, share / total, name_of(lab))
        for share, lab in clusters
        if share >= LEAST * total
    ]
    return tuple(found[:k])


def _reduced(picture: Pixels) -> _Reduced:
    height, width = picture.shape[:2]
    longer = max(height, width)
    if longer <= SIDE_PX:
        return picture
    size = (max(round(width * SIDE_PX / longer), 1), max(round(height * SIDE_PX / longer), 1))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))


def _counted(
    labs: Float32[np.ndarray, "p 3"], weights: Float32[np.ndarray, " p"]
) -> tuple[Float32[np.ndarray, "c 3"], _Weighed]:
    """Count colours in cells: the mean colour and the weight of the heaviest."""
    at = np.floor(labs * _AXES / CELL).astype(np.int64) + _ZERO
    cell = np.ravel_multi_index(tuple(at.T), _GRID, mode="clip")
    mass = np.bincount(cell, weights)
    kept = np.flatnonzero(mass)
    kept = kept[np.argsort(-mass[kept], kind="stable")[:CELLS]]
    sums = [np.bincount(cell, weights * labs[:, axis])[kept] for axis in range(3)]
    return (np.stack(sums, axis=1) / mass[kept, None]).astype(np.float32), mass[kept]


def _gathered(cells: Float32[np.ndarray, "c 3"], mass: _Weighed) -> list[_Cluster]:
    """Gather cells around the peaks of their density (k-means, Lloyd 1982, from fixed seeds)."""
    points = cells * _AXES
    centres = points[_seeds(points, mass)]
    nearest = np.zeros(len(points), np.int64)
    for _ in range(ROUNDS):
        nearest = _squares(points, centres).argmin(axis=1)
        centres = _means(points, mass, nearest, len(centres))
    shares = np.bincount(nearest, mass, minlength=len(centres))
    colours = _means(cells, mass, nearest, len(centres))
    return [
        (float(share), Lab.of_row(row)) for share, row in zip(shares, colours, strict=True) if share
    ]


def _seeds(points: Float32[np.ndarray, "c 3"], mass: _Weighed) -> list[int]:
    """Take the densest cell, then the densest of those not near it, and so on."""
    squares = _squares(points, points)
    left = np.exp(squares / (-2 * SMOOTH**2)) @ mass
    seeds: list[int] = []
    least = 0.01 * left.max()
    while len(seeds) < SEEDS and left.max() >= least:
        seeds.append(int(left.argmax()))
        left = left * (1 - np.exp(squares[seeds[-1]] / (-2 * APART**2)))
    return seeds


def _squares(
    points: Float32[np.ndarray, "c 3"], centres: Float32[np.ndarray, "m 3"]
) -> Float32[np.ndarray, "c m"]:
    return np.square(points[:, None] - centres[None]).sum(axis=2)


def _means(
    points: Float32[np.ndarray, "c 3"], mass: _Weighed, nearest: np.ndarray, count: int
) -> Float32[np.ndarray, "m 3"]:
    """Give the weighted mean of each cluster; one that lost all its points is far from any."""
    belongs = (nearest == np.arange(count)[:, None]) * mass
    total = belongs.sum(axis=1, keepdims=True)
    means = belongs @ points / np.maximum(total, 1e-12)
    return np.where(total > 0, means, -1e4).astype(np.float32)


def _merged(clusters: list[_Cluster]) -> list[_Cluster]:
    """Join the nearest two as long as they look the same; the largest first."""
    while len(clusters) > 1:
        apart, first, second = min(
            (_apart(clusters[i], clusters[j]), i, j) for j in range(len(clusters)) for i in range(j)
        )
        if apart > 1:
            break
        joined = _joined(clusters[first], clusters[second])
        rest = [c for place, c in enumerate(clusters) if place not in {first, second}]
        clusters = [*rest, joined]
    return sorted(clusters, key=lambda cluster: (-cluster[0], cluster[1].lightness))


def _apart(one: _Cluster, other: _Cluster) -> float:
    """Compare two clusters; up to 1 they are one colour."""
    limit = SAME_NAME if name_of(one[1]) == name_of(other[1]) else SAME
    here, there = ((lab.lightness * LIGHTNESS_SHARE, lab.a, lab.b) for lab in (one[1], other[1]))
    return dist(here, there) / limit


def _joined(one: _Cluster, other: _Cluster) -> _Cluster:
    (m, p), (n, q) = one, other
    part = n / (m + n)
    return m + n, Lab(
        p.lightness + (q.lightness - p.lightness) * part,
        p.a + (q.a - p.a) * part,
        p.b + (q.b - p.b) * part,
    )
