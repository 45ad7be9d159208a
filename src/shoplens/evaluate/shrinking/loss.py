"""What is lost when rows are made shorter: neighbours, and the truth of their scores."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from shoplens.encode.combined.projection import (
    Projection,
    Way,
    pca,
    principal_axes,
    truncation,
)
from shoplens.errors import MismatchError
from shoplens.evaluate.metrics import rank_gallery
from shoplens.types import Embeddings

DIMS = (512, 384, 256, 128, 64)
"""Lengths that are tried, where they are shorter than the rows are."""
K = 10
LEAST = 100
"""So many pictures at least say something."""
QUERIES = 1000
"""So many of the pictures held out ask, at most."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What one way of shrinking does to rows that it was not fitted on.

    ``recall`` is the share of a picture's ten nearest that are still among its ten nearest.
    ``off`` is how far a cosine is from what it was, in the mean over all pairs. ``row_bytes`` is
    the size of a row in float32.
    """

    way: Way
    dim: int
    recall: float
    off: float
    row_bytes: int


@dataclass(frozen=True, slots=True)
class Losses:
    """All that was tried on rows of ``base_dim`` numbers.

    PCA was fitted on ``fitted`` pictures, everything measured on ``measured`` of other products.
    """

    base_dim: int
    fitted: int
    measured: int
    all: tuple[Loss, ...]

    def find(self, way: Way, dim: int) -> Loss | None:
        """Give what one way loses; None where it was not measured."""
        return next((loss for loss in self.all if (loss.way, loss.dim) == (way, dim)), None)

    def least(self, dim: int) -> Loss | None:
        """Give the way that keeps most neighbours at this length; None if none was measured."""
        found = [loss for loss in self.all if loss.dim == dim]
        return max(found, key=lambda loss: loss.recall, default=None)

    @property
    def dims(self) -> tuple[int, ...]:
        """Lengths that were measured, the longest first."""
        return tuple(sorted({loss.dim for loss in self.all}, reverse=True))


def measure_losses(
    rows: Embeddings, groups: Sequence[str], dims: Sequence[int], rng: np.random.Generator
) -> Losses:
    """Fit PCA on the pictures of half of the ``groups``, and measure on those of the other half.

    PCA is measured where it was fitted on at least as many pictures as it keeps numbers.

    Args:
        rows: unit rows of distinct pictures.
        groups: what each picture shows; pictures of one group stay in one half.
        dims: lengths to try; those that are not shorter than the rows are passed over.
        rng: draws the halves, and the pictures that ask.

    Raises:
        MismatchError: there are too few pictures, or too few groups, to say anything.
    """
    fit, held = _halves(groups, rng)
    if len(rows) < LEAST or len(held) < 2 * K or not len(fit):
        raise MismatchError(
            f"{len(rows)} pictures with rows of this encoder are too few to measure by; wanted are "
            f"{LEAST} or more, of several products"
        )
    base_dim: int = rows.shape[1]
    gallery = rows[held]
    asking = np.sort(rng.permutation(len(held))[:QUERIES])
    before = _Before(gallery, asking, _nearest(gallery, asking))
    axes = principal_axes(rows[fit])
    losses: list[Loss] = []
    for dim in sorted({dim for dim in dims if 0 < dim < base_dim}, reverse=True):
        losses.append(before.loss("truncate", truncation(base_dim, dim, "")))
        if len(fit) >= dim:
            losses.append(before.loss("pca", pca(axes, dim, "")))
    return Losses(base_dim, len(fit), len(held), tuple(losses))


@dataclass(frozen=True, slots=True)
class _Before:
    """Rows as they are, the places of those that ask, and the places of their nearest."""

    gallery: Embeddings
    asking: Int64[np.ndarray, " q"]
    nearest: Int64[np.ndarray, "q k"]

    def loss(self, way: Way, projection: Projection) -> Loss:
        short = projection.shrink(self.gallery)
        found = _nearest(short, self.asking)
        pairs = zip(self.nearest.tolist(), found.tolist(), strict=True)
        kept = [len({*wanted} & {*got}) / len(wanted) for wanted, got in pairs]
        off = _mean_off(self.gallery, short, self.asking)
        return Loss(way, projection.dim, float(np.mean(kept)), off, 4 * projection.dim)


def _halves(
    groups: Sequence[str], rng: np.random.Generator
) -> tuple[Int64[np.ndarray, " f"], Int64[np.ndarray, " h"]]:
    """Draw places of pictures to fit on and others to measure on, no group in both."""
    names = sorted(set(groups))
    drawn = {names[int(place)] for place in rng.permutation(len(names))[: len(names) // 2]}
    fits = np.array([group in drawn for group in groups], bool)
    return np.flatnonzero(fits), np.flatnonzero(~fits)


def _nearest(rows: Embeddings, asking: Int64[np.ndarray, " q"]) -> Int64[np.ndarray, "q k"]:
    """Give the places of the ten nearest to each that asks, itself left out."""
    order = rank_gallery(rows[asking], rows, K + 1)
    others = [
        [place for place in found if place != own][:K]
        for own, found in zip(asking.tolist(), order.tolist(), strict=True)
    ]
    return np.array(others, np.int64).reshape(len(asking), -1)


def _mean_off(before: Embeddings, after: Embeddings, asking: Int64[np.ndarray, " q"]) -> float:
    """Average how far cosines moved; a picture's with itself cannot, and does not count."""
    total = 0.0
    for own in np.array_split(asking, max(len(asking) // 64, 1)):
        moved: Float64[np.ndarray, "b n"] = np.abs(
            before[own] @ before.T - after[own] @ after.T
        ).astype(np.float64)
        total += float(moved.sum())
    return total / (len(asking) * (len(before) - 1))
