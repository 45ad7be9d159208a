"""A visitor points at one thing in a photo: it is looked at, and a little around it."""

import math
from dataclasses import dataclass

from shoplens.errors import QueryError
from shoplens.types import Pixels

MARGIN = 0.06
"""How much wider than a box the part that is looked at is on each side, of the box's side."""


@dataclass(frozen=True, slots=True)
class Box:
    """A part of an upright picture: sides from 0 to 1, from the left and from the top.

    Raises:
        QueryError: a side is no number from 0 to 1, or nothing lies between two sides.
    """

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        sides = (self.left, self.top, self.right, self.bottom)
        inside = all(math.isfinite(side) and 0 <= side <= 1 for side in sides)
        if not inside or self.left >= self.right or self.top >= self.bottom:
            came = ", ".join(f"{side:g}" for side in sides)
            raise QueryError(
                f"{came} is no box; wanted left, top, right, bottom, each from 0 to 1 of the "
                "picture's width or height, left before right and top above bottom"
            )

    @property
    def shorter(self) -> float:
        """Tell the shorter side as a share of the picture's, at least one part in a thousand."""
        return max(min(self.right - self.left, self.bottom - self.top), 1e-3)


def cut(picture: Pixels, box: Box) -> Pixels:
    """Cut out what a box holds, with a margin, as a square where the picture is large enough.

    Encoders see the middle square of what they are given: a tall thing in a tight box would lose
    its ends. So the shorter side grows on both sides, and slides inwards at the picture's edges.

    Returns:
        A view, at least one pixel wide and high.
    """
    height, width = picture.shape[:2]
    wide = (box.right - box.left) * width * (1 + 2 * MARGIN)
    tall = (box.bottom - box.top) * height * (1 + 2 * MARGIN)
    side = max(wide, tall)
    left, right = _span((box.left + box.right) / 2 * width, side, width)
    top, bottom = _span((box.top + box.bottom) / 2 * height, side, height)
    return picture[top:bottom, left:right]


def _span(middle: float, length: float, limit: int) -> tuple[int, int]:
    """Place a length about a middle, pushed inside 0 to ``limit``."""
    length = min(length, limit)
    start = min(max(middle - length / 2, 0.0), limit - length)
    first = min(int(start), limit - 1)
    return first, max(min(math.ceil(start + length), limit), first + 1)
