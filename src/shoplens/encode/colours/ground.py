"""Which pixels of a picture are the product, and how much each should count.

A picture is a studio's when most of its border is of one colour. Its ground is then what the border
can reach through pixels of that colour, or of its soft shadows: of the same hue, and changing
slowly. A step of lightness, as at the edge of a white shirt on white, stops it. Enclosed pixels of
the ground's colour may be a hole (a chair's legs, a cup's handle) or a white part: exactly the
ground's colour is a hole, nearly so counts little.

In any other photo a colour belongs to the product as far as it is more frequent in the middle than
along the border.

Everywhere, pixels count less towards the border, where a shop's other things are (the trousers of
whoever wears the shirt), less if they lie between two colours and so mix them, and
less if they may be the skin of whoever wears it. If nothing is left, product and ground look the
same, and the whole picture is the product.
"""

from functools import lru_cache

import numpy as np
from jaxtyping import Bool, Float32, Int64

LabPicture = Float32[np.ndarray, "h w 3"]
Mask = Bool[np.ndarray, "h w"]
Weights = Float32[np.ndarray, "h w"]
_Steps = Float32[np.ndarray, "2 h w"]

PLAIN = 0.5
"""Share of the border that is of one colour in a studio."""
SAME = 3.0
"""Difference (CIE76) up to which a pixel is of the ground's colour."""
EXACT = 1.2
"""Difference up to which an enclosed pixel is a hole."""
HOLE = 0.1
"""How much an enclosed pixel counts that is nearly of the ground's colour."""
SHADOW_DEPTH, SHADOW_CHROMA, SHADOW_STEP = 30.0, 3.0, 4.5
"""A shadow's lightness and chroma differ from the ground's by less, its pixels from the next."""
EDGE_STEP = 8.0
"""A pixel that differs so much from both its neighbours, as a mixed one does, counts half; beside
the ground it is mixed already if it differs from one."""
CENTRE_SIGMA = 0.4
"""Spread of the weights about the middle, in halves of the side."""
SKIN = 0.4
"""How much a pixel counts that may be skin; a product that has no other colour keeps it."""
SKIN_LIGHTNESS, SKIN_CHROMA, SKIN_HUE_DEG = (40.0, 88.0), (13.0, 48.0), (35.0, 72.0)
FEWEST = 0.004
"""A product covers at least this share of its picture."""
PASSES = 3
CELL = np.array([16.0, 8.0, 8.0], dtype=np.float32)
"""Size of the cells in which a photo's colours are counted, in its middle and along its border."""
MIDDLE_SIGMA, OUTER_SIGMA = 0.25, 0.6
DOUBT = 5
"""A colour as frequent along the border as in the middle counts a half to this power."""

_GRID = (8, 32, 32)
_ZERO = np.array([0, 16, 16])


def product_weights(picture: LabPicture) -> Weights:
    """Weigh each pixel by how much it tells of the product; never all zero."""
    height, width = picture.shape[:2]
    centre = _centre(height, width, CENTRE_SIGMA)
    before, after = _steps(picture)
    border = _border(height, width)
    ground = np.median(picture[border], axis=0).astype(np.float32)
    away = picture - ground
    difference = np.sqrt(np.einsum("hwc,hwc->hw", away, away))
    if (difference[border] < 2 * SAME).mean() >= PLAIN:
        product = _off_ground(away, difference, np.maximum(before, after).max(axis=0))
    else:
        product = _off_border(picture)
    if product.mean() < FEWEST:
        return centre
    mixed = np.where(_beside(product < HOLE), np.maximum(before, after), np.minimum(before, after))
    steps = mixed.max(axis=0)
    return product * centre * _unless_skin(picture) / (1 + np.square(steps / EDGE_STEP))


def _off_ground(away: LabPicture, difference: Weights, steps: Weights) -> Weights:
    """Tell product from a studio's ground: 1, 0, or a little for what may be either."""
    shadow = (
        (np.abs(away[:, :, 0]) < SHADOW_DEPTH)
        & (np.hypot(away[:, :, 1], away[:, :, 2]) < SHADOW_CHROMA)
        & (steps < SHADOW_STEP)
    )
    alike = shadow | (difference < SAME)
    product = np.where(alike, HOLE, 1.0).astype(np.float32)
    product[_reached(alike) | (difference < EXACT)] = 0
    return product


def _off_border(picture: LabPicture) -> Weights:
    """Tell how much more frequent a pixel's colour is in the middle than along the border."""
    places = np.floor(picture / CELL).astype(np.int64) + _ZERO
    cell = np.ravel_multi_index(tuple(np.moveaxis(places, 2, 0)), _GRID, mode="clip")
    height, width = picture.shape[:2]
    middle = _centre(height, width, MIDDLE_SIGMA)
    along = (1 - _centre(height, width, OUTER_SIGMA)) ** 4
    inner, outer = (
        np.bincount(cell.ravel(), weights.ravel(), minlength=cell.max() + 1) / weights.sum()
        for weights in (middle, along)
    )
    share = inner / np.maximum(inner + outer, 1e-12)
    return (share**DOUBT)[cell].astype(np.float32)


def _unless_skin(picture: LabPicture) -> Weights:
    """Give 1, and less where a pixel's colour is one of human skin's, of any complexion."""
    lightness, chroma = picture[:, :, 0], np.hypot(picture[:, :, 1], picture[:, :, 2])
    hue_deg = np.degrees(np.arctan2(picture[:, :, 2], picture[:, :, 1]))
    skin = np.ones(lightness.shape, np.bool_)
    for values, (least, most) in (
        (lightness, SKIN_LIGHTNESS), (chroma, SKIN_CHROMA), (hue_deg, SKIN_HUE_DEG),
    ):  # fmt: skip
        skin &= (values > least) & (values < most)
    return np.where(skin, np.float32(SKIN), np.float32(1))


def _reached(open_: Mask) -> Mask:
    """Walk from the border through open pixels, along rows and columns in turn."""
    height, width = open_.shape
    reached = _border(height, width, wide=1) & open_
    runs = _runs(open_), _runs(open_.T).T
    for _ in range(PASSES):
        for run in runs:
            met = np.zeros(open_.size + 1, np.bool_)
            met[run[reached]] = True
            reached = met[run] & open_
    return reached


def _runs(open_: Mask) -> Int64[np.ndarray, "h w"]:
    """Number the open pixels of each row; those without a closed one between have one number."""
    ends = ~open_
    ends[:, 0] = True
    return np.cumsum(ends).reshape(open_.shape)


def _steps(picture: LabPicture) -> tuple[_Steps, _Steps]:
    """Give how far each pixel is, in L, a or b, from the ones above and left; below and right."""
    before, after = np.zeros((2, 2, *picture.shape[:2]), np.float32)
    planes = np.ascontiguousarray(np.moveaxis(picture, 2, 0))
    before[0, 1:] = after[0, :-1] = np.abs(np.diff(planes, axis=1)).max(axis=0)
    before[1, :, 1:] = after[1, :, :-1] = np.abs(np.diff(planes, axis=2)).max(axis=0)
    return before, after


def _beside(mask: Mask) -> Mask:
    """Widen by one pixel up, down, left and right."""
    wider = mask.copy()
    wider[1:] |= mask[:-1]
    wider[:-1] |= mask[1:]
    wider[:, 1:] |= mask[:, :-1]
    wider[:, :-1] |= mask[:, 1:]
    return wider


@lru_cache(maxsize=64)
def _border(height: int, width: int, wide: int = 2) -> Mask:
    border = np.ones((height, width), dtype=np.bool_)
    border[wide:-wide, wide:-wide] = False
    return border


@lru_cache(maxsize=64)
def _centre(height: int, width: int, sigma: float) -> Weights:
    """Weigh by a Gaussian about the middle; the corners of small pictures are not lost."""
    down, across = (
        np.exp(-np.square((np.arange(n) - (n - 1) / 2) * 2 / n / sigma) / 2)
        for n in (height, width)
    )
    return np.outer(down, across).astype(np.float32)
