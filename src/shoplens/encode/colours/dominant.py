"""A product picture's few colours: the ground is set aside, the rest gathered into clusters."""

from dataclasses import dataclass
from functools import lru_cache
from math import dist

import numpy as np
from jaxtyping import Float32, Float64, UInt8

from shoplens.encode.colours.ground import product_weights
from shoplens.encode.colours.lab import Lab, lab_of
from shoplens.encode.colours.names import ColourName, name_of
from shoplens.types import Pixels

SIDE_PX = 44
"""A picture is reduced to this on its longer side."""
LIGHTNESS_SHARE = 0.6
"""Lightness counts less than hue when colours are gathered: a product has a lit and a dark side."""
CELL = 4.0
CELLS = 64
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
_TURN = (0.7548776662466927, 0.5698402909980532)
"""Powers of the plastic number's inverse: their multiples fill a square evenly (Roberts 2018)."""

_Reduced = UInt8[np.ndarray, "s t 3"]
_Places = Float64[np.ndarray, "s t"]
_Weighed = Float64[np.ndarray, " c"]
_Cluster = tuple[float, Lab, ColourName]


@dataclass(frozen=True, slots=True)
class Dominant:
    """One colour of a product; ``share`` is its part of the product, 0 to 1."""

    lab: Lab
    share: float
    name: ColourName

    @property
    def hex(self) -> str:
        """Write it as ``#rrggbb``."""
        return self.lab.hex


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
    total = sum(share for share, _, _ in clusters)
    found = [
        Dominant(lab, share / total, name)
        for share, lab, name in clusters
        if share >= LEAST * total
    ]
    return tuple(found[:k])


def _reduced(picture: Pixels) -> _Reduced:
    """Take one pixel of each part, not its mean: the edges of things are mixed already."""
    height, width = picture.shape[:2]
    scale = max(height, width) / SIDE_PX
    if scale <= 1:
        return picture
    down, across = max(round(height / scale), 1), max(round(width / scale), 1)
    rows, columns = _places(down, across)
    return picture[
        (rows * (height / down)).astype(np.intp), (columns * (width / across)).astype(np.intp)
    ]


@lru_cache(maxsize=64)
def _places(down: int, across: int) -> tuple[_Places, _Places]:
    """Choose a place in each part; it differs from part to part, else stripes would be missed."""
    i, j = np.ogrid[:down, :across]
    return i + (i * _TURN[0] + j * _TURN[1]) % 1, j + (i * _TURN[1] + j * _TURN[0]) % 1


def _counted(
    labs: Float32[np.ndarray, "p 3"], weights: Float32[np.ndarray, " p"]
) -> tuple[Float32[np.ndarray, "c 3"], _Weighed]:
    """Count colours in cells: the mean colour and the weight of the heaviest."""
    at = np.floor(labs * (_AXES / CELL)).astype(np.int32)
    at -= at.min(axis=0)
    _, down, across = at.max(axis=0) + 1
    cell = (at[:, 0] * down + at[:, 1]) * across + at[:, 2]
    mass = np.bincount(cell, weights)
    kept = np.flatnonzero(mass)
    kept = kept[np.argsort(-mass[kept], kind="stable")[:CELLS]]
    sums = [np.bincount(cell, weights * labs[:, axis])[kept] for axis in range(3)]
    return (np.stack(sums, axis=1) / mass[kept, None]).astype(np.float32), mass[kept]


def _gathered(cells: Float32[np.ndarray, "c 3"], mass: _Weighed) -> list[_Cluster]:
    """Gather cells around the peaks of their density (k-means, Lloyd 1982, from fixed seeds)."""
    points = cells * _AXES
    centres = points[_seeds(points, mass)]
    nearest = np.full(len(points), -1)
    for _ in range(ROUNDS):
        before = nearest
        nearest = (points @ (-2 * centres.T) + _lengths(centres)).argmin(axis=1)
        if (nearest == before).all():
            break
        centres = _means(points, mass, nearest, len(centres))
    shares = np.bincount(nearest, mass, minlength=len(centres))
    colours = _means(cells, mass, nearest, len(centres))
    return [
        (float(share), lab := Lab.of_row(row), name_of(lab))
        for share, row in zip(shares, colours, strict=True)
        if share
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
    lengths = _lengths(points)[:, None] + _lengths(centres)
    return np.maximum(lengths - 2 * (points @ centres.T), 0)


def _lengths(rows: Float32[np.ndarray, "c 3"]) -> Float32[np.ndarray, " c"]:
    return np.einsum("ij,ij->i", rows, rows)


def _means(
    points: Float32[np.ndarray, "c 3"], mass: _Weighed, nearest: np.ndarray, count: int
) -> Float32[np.ndarray, "m 3"]:
    """Give the weighted mean of each cluster; one that lost all its points is far from any."""
    belongs = (nearest == np.arange(count)[:, None]) * mass
    total = belongs.sum(axis=1, keepdims=True)
    means = belongs @ points / np.maximum(total, 1e-12)
    means[total[:, 0] == 0] = -1e4
    return means.astype(np.float32)


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
    limit = SAME_NAME if one[2] == other[2] else SAME
    here, there = ((lab.lightness * LIGHTNESS_SHARE, lab.a, lab.b) for lab in (one[1], other[1]))
    return dist(here, there) / limit


def _joined(one: _Cluster, other: _Cluster) -> _Cluster:
    (m, p, _), (n, q, _) = one, other
    part = n / (m + n)
    lab = Lab(
        p.lightness + (q.lightness - p.lightness) * part,
        p.a + (q.a - p.a) * part,
        p.b + (q.b - p.b) * part,
    )
    return m + n, lab, name_of(lab)
