"""A picture's colours as a small unit vector: what a network trained on object names forgets.

The picture is reduced to 64 x 64 pixels and each pixel spreads its weight over the eight nearest
nodes of a coarse grid in CIE Lab. Pixels count more towards the middle, where the product is. The
square roots of the counts make a unit vector, so that a dot product is the Bhattacharyya
coefficient (Bhattacharyya 1943), from 0 to 1. Two nodes of lightness are enough, because light
differs most between a shop and a studio; six by six of a and b tell the hues apart.
"""

import numpy as np
from jaxtyping import Float32
from PIL import Image

from shoplens.encode.colours.lab import lab_of
from shoplens.types import Pixels

SIDE_PX = 64
NODES = (2, 6, 6)
"""Nodes of the grid along L, a and b."""
COLOUR_DIM = 72
LOWEST = np.array([0.0, -60.0, -60.0], dtype=np.float32)
HIGHEST = np.array([100.0, 60.0, 60.0], dtype=np.float32)
CENTRE_SIGMA = 0.5
"""Spread of the pixels' weights, in halves of the side."""

ColourHistogram = Float32[np.ndarray, " c"]
ColourMap = Float32[np.ndarray, "rows columns c"]


def colour_histogram(picture: Pixels) -> ColourHistogram:
    """Describe the colours of ``picture`` by 72 numbers, no less than 0, of unit length.

    A picture of any shape is squeezed to a square first; give the same crop as the network sees.
    """
    nodes, weights = _spread(picture)
    counts = np.bincount(nodes.ravel(), weights.ravel(), minlength=COLOUR_DIM)
    return np.sqrt(counts / counts.sum()).astype(np.float32)


def colour_map(picture: Pixels, rows: int, columns: int) -> ColourMap:
    """Tell where the histogram's colours are: cells whose mean is ``colour_histogram``.

    A node of the histogram is its count over the count's root, and the count is a sum over pixels:
    so each cell has what its pixels gave, over that root. A pixel on a border gives to both cells.
    """
    nodes, weights = _spread(picture)
    given = np.zeros((SIDE_PX * SIDE_PX, COLOUR_DIM), np.float32)
    given[np.arange(len(given)), nodes] = weights / weights.sum()  # a pixel's nodes are distinct
    root = np.sqrt(given.sum(axis=0))
    strips = _overlaps(rows) @ given.reshape(SIDE_PX, -1)  # (rows, side * c)
    cells = _overlaps(columns) @ strips.reshape(rows, SIDE_PX, COLOUR_DIM)
    return cells * (rows * columns / np.where(root > 0, root, 1)).astype(np.float32)


def _spread(picture: Pixels) -> tuple[np.ndarray, np.ndarray]:
    """Give the eight nodes nearest to each pixel, and what the pixel gives to each: (8, p)."""
    square = Image.fromarray(picture).resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX)
    lab = lab_of(np.asarray(square).reshape(-1, 3))
    position = (lab - LOWEST) / (HIGHEST - LOWEST) * _LAST_NODE  # (p, 3)
    position = np.clip(position, 0, _LAST_NODE)
    below = np.minimum(position.astype(np.int64), _LAST_NODE - 1)
    share = position - below  # of the node above, along each axis
    shares = np.stack([1 - share, share])  # (2, p, 3)
    lightness = shares[:, :, 0] * _PIXEL_WEIGHTS
    weights = np.einsum("ip,jp,kp->ijkp", lightness, shares[:, :, 1], shares[:, :, 2])
    nodes = (below @ _STRIDES) + _CORNERS[:, None]
    return nodes, weights.reshape(nodes.shape)


def _overlaps(cells: int) -> np.ndarray:
    """Tell how much of each of the pixels along a side lies in each cell: (cells, side)."""
    edges = np.linspace(0, SIDE_PX, cells + 1)[:, None]
    pixel = np.arange(SIDE_PX)
    shared = np.minimum(edges[1:], pixel + 1) - np.maximum(edges[:-1], pixel)
    return np.clip(shared, 0, 1).astype(np.float32)


def _pixel_weights() -> np.ndarray:
    """Weigh each pixel by a Gaussian about the middle of the picture."""
    along = np.linspace(-1, 1, SIDE_PX)
    gaussian = np.exp(-(along**2) / (2 * CENTRE_SIGMA**2))
    return np.outer(gaussian, gaussian).ravel().astype(np.float32)


_PIXEL_WEIGHTS = _pixel_weights()
_LAST_NODE = np.array(NODES) - 1
_STRIDES = np.array([NODES[1] * NODES[2], NODES[2], 1])
_CORNERS = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)]) @ _STRIDES
