"""What furniture is made of: upholstered pads, turned rods, bent tube and veneer, painted wood."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from sample_shop.model.design import Paint
from sample_shop.model.forms import Part, Point, circle, loft, smooth_path, sweep
from sample_shop.model.surfaces import Surface, lacquer, wood

Bend = Callable[[float, float, float], Point]
"""Where a slab's point (across, along, height) comes to lie."""


def pad(
    name: str,
    outline: Sequence[Point],
    thickness: float,
    *,
    edge: float = 0.05,
    crown: float = 0.0,
    bend: Bend = lambda x, y, h: (x, y, h),
) -> Part:
    """Make a slab of an outline about the origin, its edge round over a share ``edge``.

    ``crown`` is how much thicker its middle is; ``bend`` puts (x, y, height) in space.
    """
    inner = np.linspace(0.02, 1 - edge, 14, endpoint=False)
    turned = [
        (1 - edge + edge * math.cos(a), math.sin(a) / 2)
        for a in np.linspace(-math.pi / 2, math.pi / 2, 11)
    ]
    steps = [(s, -0.5) for s in inner] + turned + [(s, 0.5) for s in inner[::-1]]
    return loft(
        name,
        [
            [bend(x * s, y * s, h * (thickness + crown * (1 - s**2))) for x, y in outline]
            for s, h in steps
        ],
    )


def rod(name: str, start: Point, end: Point, knots: Sequence[Point]) -> Part:
    """Turn a rod between two points; knots are (share of its length, radius)."""
    shares, radii = smooth_path(knots, 40).T
    a, b = np.asarray(start, float), np.asarray(end, float)
    return sweep(name, a + shares[:, None] * (b - a), circle(1.0), scales=radii)


def bent(corners: Sequence[Point], fillet: float) -> np.ndarray:
    """Walk straight lines from corner to corner, each corner rounded."""
    p = np.asarray(corners, float)
    path = [p[0]]
    for before, corner, after in zip(p, p[1:], p[2:], strict=False):
        a = corner + fillet * (before - corner) / np.linalg.norm(before - corner)
        b = corner + fillet * (after - corner) / np.linalg.norm(after - corner)
        path += [
            (1 - t) ** 2 * a + 2 * t * (1 - t) * corner + t**2 * b for t in np.linspace(0, 1, 9)
        ]
    return np.array([*path, p[-1]])


def folded(profile: Sequence[Point], curve: Callable[[float], float]) -> Bend:
    """Bend a slab along a profile (y, z) for its y from -1 to 1, and across by ``curve`` (1/m)."""
    path = smooth_path(profile, 200)
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    at = np.linspace(-1, 1, 200)

    def bend(x: float, v: float, h: float) -> Point:
        y, z, ty, tz = (np.interp(v, at, c) for c in (*path.T, *along.T))
        k = curve(v)
        lift = (1 - math.cos(k * x) * (1 - k * h)) / k
        return math.sin(k * x) / k * (1 - k * h), y - tz * lift, z + ty * lift

    return bend


def wooden(colours: Paint, role: str, axis: str) -> Surface:
    """Paint wood, or show its grain if the paint names one."""
    if f"{role} grain" in colours:
        return wood(colours[role], colours[f"{role} grain"], axis=axis, grain=0.03)
    return lacquer(colours[role], rough=0.42)
