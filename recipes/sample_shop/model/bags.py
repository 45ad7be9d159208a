"""What bags are made of: hulls and pouches, flaps, straps, zips and metalware."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sample_shop.model.forms import (
    Part,
    Point,
    box,
    circle,
    crumple,
    evenly,
    loft,
    mesh,
    move,
    paint,
    panel,
    smooth_path,
    superellipse,
    sweep,
    thickened,
    tube,
)
from sample_shop.model.sewing import flat, joined
from sample_shop.model.surfaces import Surface


@lru_cache(maxsize=16)
def _table(knots: Sequence[tuple[float, float, float]]) -> np.ndarray:
    return smooth_path(knots, 90).T


@dataclass(frozen=True, slots=True)
class Hull:
    """A bag's body: knots of (z, half width, half depth), and how square its plan is."""

    knots: Sequence[tuple[float, float, float]]
    power: float = 7

    def size(self, z: float) -> tuple[float, float]:
        """Tell half the width and half the depth at a height."""
        at, wide, deep = _table(tuple(self.knots))
        return float(np.interp(z, at, wide)), float(np.interp(z, at, deep))

    def ring(self, z: float, grow: float = 0.0, count: int = 220) -> np.ndarray:
        """Make the level ring at a height, its points evenly spaced, (count, 3)."""
        rx, ry = self.size(z)
        dense = superellipse(max(rx + grow, 1e-4), max(ry + grow, 1e-4), self.power, 4000)
        walk = np.cumsum(np.linalg.norm(np.diff(dense, axis=0, append=dense[:1]), axis=1))
        at = np.linspace(0, walk[-1], count, endpoint=False)
        flat = [np.interp(at, np.concatenate([[0], walk[:-1]]), dense[:, k]) for k in (0, 1)]
        return np.stack([*flat, np.full(count, z)], -1)

    def front(self, x: float, z: float, out: float = 0.0) -> tuple[float, float, float]:
        """Find the point of the front face at (x, z), or ``out`` before it."""
        rx, ry = self.size(z)
        return x, -ry * max(1 - abs(x / rx) ** self.power, 0) ** (1 / self.power) - out, z

    def shell(
        self,
        name: str,
        low: float,
        high: float,
        *,
        edge: float = 0.012,
        grow: float = 0.0,
        wall: float = 0.0,
    ) -> Part:
        """Skin the hull; with a ``wall`` it is open at the top, else closed and rounded there."""
        turn = np.linspace(0, math.pi / 2, 7)
        under = [(low, -self.size(low)[1] * s) for s in (0.98, 0.6, 0.3)]
        rounds = [(low + edge * (1 - math.sin(a)), -edge * (1 - math.cos(a))) for a in turn[::-1]]
        top = high if wall else high - edge
        sides = [(z, 0.0) for z in np.linspace(low + edge, top, int((top - low) / 0.0022))[1:]]
        if wall:
            over = [(high, -wall * s) for s in (0.3, 0.7, 1)]
            over += [(z, -wall) for z in np.linspace(high, low + 0.02, 30)[1:]]
            over.append((low + 0.02, -self.size(low)[1] * 0.9))
        else:
            over = [(top + edge * math.sin(a), -edge * (1 - math.cos(a))) for a in turn[1:]]
            over += [(high, -self.size(high)[1] * s) for s in (0.3, 0.6, 0.98)]
        rings = [self.ring(z, grow + inset) for z, inset in (*under, *rounds, *sides, *over)]
        return loft(name, rings)


@dataclass(frozen=True, slots=True)
class Pouch:
    """A soft box: its front outline, from ``back`` (y) forwards by ``depth``, above z = ``low``."""

    width: float
    height: float
    depth: float
    back: float
    low: float = 0.0
    top: float = 0.05
    """Radius of the upper corners; the lower ones have ``foot``."""
    foot: float = 0.03
    narrower: float = 0.0
    edge: float = 0.02
    bulge: float = 0.012

    def outline(self, grow: float = 0.0, count: int = 200) -> np.ndarray:
        """Trace (x, z) counter-clockwise from the right end of the bottom edge, evenly spaced."""
        wide, tall = self.width / 2, self.height
        corners = (
            (wide, self.foot, self.foot, -90),
            (wide - self.narrower, tall - self.top, self.top, 0),
            (self.narrower - wide, tall - self.top, self.top, 90),
            (-wide, self.foot, self.foot, 180),
        )
        bends = [
            (x - math.copysign(r, x) + r * math.cos(a), z + r * math.sin(a))
            for x, z, r, start in corners
            for a in np.radians(np.linspace(start, start + 90, 24))
        ]
        dense = np.array([*bends, bends[0]])
        dense[:, 0] *= 1 + 0.02 * np.sin(np.pi * dense[:, 1] / tall)
        even = evenly(dense, count + 1)[:-1] - (0, tall / 2)
        even *= 1 + grow / np.array([wide, tall / 2])
        even[:, 1] += tall / 2 + self.low
        return even

    def ring(self, y: float, grow: float = 0.0) -> np.ndarray:
        """Lay the outline at a depth, (count, 3)."""
        x, z = self.outline(grow).T
        return np.stack([x, np.full(len(x), y), z], -1)

    def front(self, x: float, z: float, out: float = 0.0) -> tuple[float, float, float]:
        """Find the point of the front at (x, z), or ``out`` before it."""
        ring = self.outline(-self.edge) - (0, self.low + self.height / 2)
        angles = np.arctan2(ring[:, 1], ring[:, 0])
        order = np.argsort(angles)
        dz = z - self.low - self.height / 2
        reach = np.interp(math.atan2(dz, x), angles[order], np.hypot(*ring.T)[order])
        share = min(math.hypot(x, dz) / reach, 1)
        return x, self.back - self.depth - self.bulge * (1 - share**2) - out, z

    def shell(self, name: str, soft: float = 0.003, seed: float = 1) -> Part:
        """Skin the box, its edges rounded and both faces puffed, and crumple it a little."""
        turn, face = np.linspace(0, math.pi / 2, 8), np.linspace(0.03, 1, 16)
        middle, rings = np.array([0, 0, self.low + self.height / 2]), []
        for side, y in ((1, self.back), (-1, self.back - self.depth)):
            rim, half = self.ring(y, -self.edge), []
            for s in face:
                puff = self.bulge * (1 - s**2) * (-1 if side < 0 else 0.3)
                half.append(middle + (rim - middle) * (s, 1, s) + (0, puff, 0))
            for a in turn[1:]:
                depth = y - side * self.edge * (1 - math.cos(a))
                half.append(self.ring(depth, -self.edge * (1 - math.sin(a))))
            rings += half if side > 0 else half[::-1]
            if side > 0:
                ends = (self.back - self.edge, self.back - self.depth + self.edge)
                rings += [self.ring(depth) for depth in np.linspace(*ends, 16)[1:-1]]
        thing = loft(name, rings)
        return crumple(crumple(thing, soft, 0.11, seed), soft * 0.4, 0.035, seed + 9)

    def seam(self, y: float, above: float, grow: float = 0.0) -> np.ndarray:
        """Follow the outline at a depth over the top, from side to side, above a height."""
        ring = self.ring(y, grow)
        return ring[ring[:, 2] > self.low + above]


def arched(half: Sequence[Point]) -> list[Point]:
    """Complete an arch over x = 0 by its mirror image; the last knot is its crown."""
    return [*half, *((-x, y, z) for x, y, z in half[-2::-1])]


Flap = list[tuple[float, float, float]]
"""Down a flap's middle: (y, z, half width) from the back over the top to its front edge."""


def flap_outline(hull: Hull, height: float, low: float, corner: float = 0.035) -> Flap:
    """Lead a flap from a hull's back over its top down its front to a height."""
    ry = hull.size(height)[1]
    over = [
        (ry + 0.0055, height - 0.030),
        (ry + 0.0035, height - 0.012),
        (ry - 0.006, height + 0.0015),
        (0, height + 0.003),
        (-ry + 0.006, height + 0.0015),
        (-ry - 0.0035, height - 0.012),
    ]
    down = [(hull.front(0, z)[1] - 0.004, z) for z in np.linspace(height - 0.03, low, 8)]
    spots = smooth_path([*over, *down], 90)
    outline = []
    for y, z in spots:
        wide = hull.size(min(z, height))[0] * 0.985 + 0.001
        left = min(z - low, corner) if y < 0 else corner
        wide -= corner - math.sqrt(max(corner**2 - (corner - left) ** 2, 0))
        outline.append((float(y), float(z), wide))
    return outline


def flap_sheet(
    name: str,
    outline: Flap,
    columns: int = 60,
    raised: Callable[[float, float], float] | None = None,
) -> Part:
    """Cut a flap out of thick leather; ``raised(x, way)`` lifts it, ``way`` measured along it."""
    rows = np.array([(y, z) for y, z, _ in outline])
    tangents = np.gradient(rows, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    way = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(rows, axis=0), axis=1))])
    points = []
    for (y, z, wide), (ty, tz), along in zip(outline, tangents, way, strict=True):
        for x in np.linspace(-wide, wide, columns):
            up = raised(x, along) if raised else 0
            points.append((x, y + tz * up, z - ty * up))
    corners = [r * columns + c for r in range(len(outline) - 1) for c in range(columns - 1)]
    quads = [(c, c + 1, c + columns + 1, c + columns) for c in corners]
    return thickened(mesh(name, points, quads), 0.004)


def flap_hem(outline: Flap, inset: float) -> np.ndarray:
    """Follow a flap's front edge at a distance inside it, a little before its face."""
    low = outline[-1][1] + inset
    inside = [spot for spot in outline[34:] if spot[2] > inset + 0.02 and spot[1] > low]
    front = [(y - 0.0023, z, wide - inset) for y, z, wide in inside]
    right = [(wide, y, z) for y, z, wide in front]
    return np.array([*right, *[(-x, y, z) for x, y, z in right[::-1]]])


def ringlet(name: str, radius: float, wire: float, at: Point, turn_deg: Point = (0, 0, 0)) -> Part:
    """Bend a metal ring that stands in the x-z plane."""
    turn = np.linspace(0, 2 * math.pi, 40)[:-1]
    path = [(radius * math.cos(a), 0, radius * math.sin(a)) for a in turn]
    return move(sweep(name, path, circle(wire, 12), closed=True), at, turn_deg)


def plate(
    name: str, width: float, height: float, depth: float, at: Point, power: float = 4
) -> Part:
    """Make a flat piece with rounded corners that faces -y, ``at`` its middle."""
    return move(panel(name, superellipse(width / 2, height / 2, power, 40), depth, depth * 0.3), at)


def zipper(
    path: np.ndarray, tape: Surface, teeth: Surface, up: Point, width: float = 0.015
) -> Part:
    """Lay a zip's tape along a path and a row of teeth on it."""
    woven = paint(sweep("tape", path, flat(width, 0.003), up=up), tape)
    row = paint(sweep("teeth", path, flat(0.0048, 0.0062), up=up), teeth)
    return joined("zip", [woven, row])


def puller(name: str, at: Point, turn: float, steel: Surface, cord: Surface) -> Part:
    """Hang a slider with a corded tab; untouched it faces -y."""
    slider = box("slider", (0.0085, 0.006, 0.013), 0.0022, (0, -0.002, -0.004))
    right = [(0.002, -0.005, -0.001), (0.004, -0.006, -0.016)]
    left = [(-0.004, -0.006, -0.016), (-0.002, -0.005, -0.001)]
    loop = tube("loop", [*right, (0, -0.006, -0.027), *left], 0.0013, count=30)
    tab = plate("tab", 0.008, 0.021, 0.004, (0, -0.006, -0.035))
    parts = [paint(slider, steel), paint(loop, cord), paint(tab, cord)]
    return move(joined(name, parts), at, (0, 0, turn))


@dataclass(frozen=True, slots=True)
class Harness:
    """Where shoulder straps start (x, z) and end, at which back (y), and how big their pads are."""

    start: tuple[float, float]
    end: tuple[float, float]
    back: float
    wide: float = 0.06
    thick: float = 0.014


def straps(harness: Harness, pad: Surface, web: Surface, buckle: Surface) -> list[Part]:
    """Make both shoulder straps: a pad from the top, webbing from the bottom, a buckle between."""
    upper, lower = _strap_paths(harness)
    section = flat(harness.wide, harness.thick)
    sizes = [1 - 0.45 * max(t - 0.86, 0) / 0.14 for t in np.linspace(0, 1, 60)]
    both = []
    for number, side in enumerate((1, -1), 1):
        soft = sweep("pad", smooth_path(upper, 60), section, up=(1, 0, 0), scales=sizes)
        band = sweep("web", smooth_path(lower, 30), flat(0.022, 0.0026), up=(1, 0, 0))
        lock = box("lock", (0.034, 0.008, 0.026), 0.003, (0, 0, -0.016))
        move(lock, upper[-1], (-20, 0, 0))
        parts = [paint(soft, pad), paint(band, web), paint(lock, buckle)]
        strap = joined(f"strap.{number}", parts)
        if side < 0:
            strap.data.transform(np.diag([-1, 1, 1, 1]))
            strap.data.flip_normals()
        both.append(strap)
    return both


def _strap_paths(harness: Harness) -> tuple[list[Point], list[Point]]:
    """Lead the pad down from the bag's top and the webbing on to its bottom."""
    (inner, top), (outer, low), back = harness.start, harness.end, harness.back
    drop = top - low
    upper = [
        (inner, back - 0.012, top),
        (inner * 1.12, back + 0.022, top + 0.006),
        (inner * 1.5, back + 0.062, top - 0.25 * drop),
        (outer * 0.9, back + 0.064, top - 0.55 * drop),
        (outer, back + 0.048, top - 0.70 * drop),
    ]
    lower = [(outer * 1.03, back + 0.026, low + 0.12 * drop), (outer * 1.02, back - 0.012, low)]
    return upper, [upper[-1], *lower]


def grab_loop(name: str, half: float, rise: float, at: Point, width: float, web: Surface) -> Part:
    """Arch a grab handle of webbing over a point."""
    side = [(-half, 0, -0.012), (-half * 0.98, 0, rise * 0.35), (-half * 0.6, 0, rise * 0.92)]
    path = smooth_path(arched([*side, (0, 0, rise)]), 50)
    handle = paint(sweep(name, path, flat(width, 0.0042), up=(0, 1, 0)), web)
    return move(handle, at)


def side_pocket(
    name: str, x: float, size: tuple[float, float], back: float, cover: Surface, hem: Surface
) -> Part:
    """Sew a bottle pocket with an elastic hem to a side; ``x`` tells which."""
    wide, tall = size
    pouch = Pouch(wide, tall, 0.030, 0.012, 0.004, top=0.004, foot=0.03, edge=0.008, bulge=0.014)
    across = np.linspace(-wide / 2 + 0.006, wide / 2 - 0.006, 30)
    edge = [pouch.front(a, tall - 0.006, 0.001) for a in across]
    band = sweep("hem", edge, flat(0.016, 0.006), up=(0, 0, 1))
    parts = [paint(pouch.shell("bag", 0.003, 5), cover), paint(band, hem)]
    return move(joined(name, parts), (x, back, 0), (0, 0, math.copysign(90, x)))


def piped(pouch: Pouch, y: float, surface: Surface, radius: float = 0.0028) -> Part:
    """Sew a cord around a pouch at a depth."""
    return paint(sweep("piping", pouch.ring(y, 0.0005), circle(radius, 10), closed=True), surface)
