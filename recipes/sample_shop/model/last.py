"""Shoes: a last, and the pieces that are cut, sewn and glued upon it.

While modelling, points are (l, w, z): the toe at +l, the outer side of this left shoe at +w. A
place on the upper is (t, s): t runs around from the heel (0) over the outer side to the toe (9)
and back (18), s from the sole's edge (0) to the topline (1).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sample_shop.model import surfaces
from sample_shop.model.design import Form, Paint
from sample_shop.model.forms import (
    Part,
    copied,
    crumple,
    loft,
    mesh,
    move,
    paint,
    smooth_path,
    superellipse,
    sweep,
    warp,
)
from sample_shop.model.sewing import canvas

Knots = Sequence[tuple[float, float]]
"""A curve on the upper, by its (t, s)."""
HALF = 9
_CLOTH = ("lace", "thread", "lining", "tab")
_USUAL = {"sole": "rubber", "hole": "rubber", "eyelet": "metal", **dict.fromkeys(_CLOTH, "cloth")}
"""What a part is made of, unless the shoe says otherwise or it is leather."""


@dataclass(frozen=True, slots=True)
class Ground:
    """How high the sole's two faces are along the shoe, metres."""

    heel: float
    toe: float
    spring: float = 0.011
    arch: float = 0.0

    def bottom(self, x: np.ndarray) -> np.ndarray:
        """Lift the tread at the toe, the heel's edge and, behind a block heel, the waist."""
        ends = np.clip((x - 0.05) / 0.1, 0, 1.2) ** 2 * self.spring
        ends = ends + 0.003 * np.clip((-x - 0.115) / 0.03, 0, 1.2) ** 2
        return ends + self.arch * _smooth((0.05 - x) / 0.07) * _smooth((x + 0.062) / 0.003)

    def top(self, x: np.ndarray) -> np.ndarray:
        """Tell where the foot stands."""
        lift = np.clip((x - 0.05) / 0.1, 0, 1.2) ** 2 * self.spring
        return self.toe + (self.heel - self.toe) * _smooth((0.06 - x) / 0.15) + lift


def _smooth(x: np.ndarray) -> np.ndarray:
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


@dataclass(frozen=True, slots=True)
class Last:
    """The shape of an upper: each station's control points of a Bézier curve, (18, n, 3) metres."""

    knots: np.ndarray
    pad: float = 0.0
    """How far the padded collar swells, from the heel to station ``end``."""
    end: float = 4.6

    def swell(self, t: np.ndarray, s: np.ndarray) -> np.ndarray:
        """Tell how far the padding lifts the outside."""
        far = np.minimum(t % (2 * HALF), -t % (2 * HALF))
        rise = np.sin(np.pi * np.clip((s - 0.74) / 0.34, 0, 1))
        return self.pad * np.clip((self.end - far) / 0.9, 0, 1) * rise

    def at(self, t: object, s: object, out: object = 0.0) -> np.ndarray:
        """Find points of the upper, lifted off it by ``out``."""
        t, s, out = np.broadcast_arrays(*(np.asarray(v, float) for v in (t, s, out)))
        step = 1e-3
        around = self._point(t + step, s) - self._point(t - step, s)
        up = self._point(t, np.minimum(s + step, 1)) - self._point(t, np.maximum(s - step, 0))
        normal = np.cross(up, around)
        normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
        return self._point(t, s) + (out + self.swell(t, s))[..., None] * normal

    def _point(self, t: np.ndarray, s: np.ndarray) -> np.ndarray:
        i = np.floor(t).astype(int)
        f = (t - i)[..., None, None]
        a, b, c, d = (self.knots[(i + k) % (2 * HALF)] for k in (-1, 0, 1, 2))
        bend, twist = 2 * a - 5 * b + 4 * c - d, 3 * b - a - 3 * c + d
        p = 0.5 * (2 * b + (c - a) * f + bend * f**2 + twist * f**3)
        n = self.knots.shape[1] - 1
        weights = [math.comb(n, k) * s**k * (1 - s) ** (n - k) for k in range(n + 1)]
        return (p * np.stack(weights, axis=-1)[..., None]).sum(axis=-2)


def last(
    table: Sequence[Sequence[float]], ground: Ground, pad: float = 0.0, end: float = 4.6
) -> Last:
    """Build a last on a sole from rows per station, heel to toe, in millimetres.

    Columns: sole's edge l w; topline l w z (above a sole of 28); lean of the wall in hundredths
    and length of its lower handle; upper handle l w z from the topline.
    """
    rows = np.array(table, float) / 1000
    rows = np.vstack([rows, rows[-2:0:-1]])
    side = np.where(np.arange(len(rows)) > HALF, -1.0, 1.0)
    foot = np.stack([rows[:, 0], rows[:, 1] * side, ground.top(rows[:, 0]) - 0.003], axis=1)
    outward = _outward(foot)
    low = foot + rows[:, 6:7] * np.column_stack([outward * rows[:, 5:6] * 10, 0 * side + 1])
    lift = ground.top(rows[:, 2]) - 0.028
    edge = np.stack([rows[:, 2], rows[:, 3] * side, rows[:, 4] + lift], axis=1)
    high = edge + rows[:, 7:10] * np.stack([0 * side + 1, side, 0 * side + 1], axis=1)
    return Last(np.stack([foot, low, high, edge], axis=1), pad, end)


def _outward(edge: np.ndarray) -> np.ndarray:
    along = np.roll(edge, -1, 0) - np.roll(edge, 1, 0)
    outward = np.stack([-along[:, 1], along[:, 0]], axis=1)
    return outward / np.linalg.norm(outward, axis=1, keepdims=True)


def shell(name: str, foot: Last, throat: float = 0.003) -> Part:
    """Make the upper: outside, rolled topline, lining; ``throat`` is its thickness unpadded."""
    t = np.linspace(0, 2 * HALF, 216, endpoint=False)
    full = foot.swell(t, np.full(len(t), 0.91))
    thick = throat + 2.2 * full
    rings = [foot.at(t, s) for s in np.linspace(0, 1, 44)]
    rim = foot.at(t, 1.0) - foot.at(t, 0.99)
    rim /= np.linalg.norm(rim, axis=1, keepdims=True)
    for a in np.linspace(0.3, math.pi, 7):
        depth = foot.swell(t, 0 * t + 1) + thick
        out = -depth * (1 - math.cos(a)) / 2
        rings.append(foot.at(t, 1.0, out) + rim * (math.sin(a) * depth / 2)[:, None])
    down = np.linspace(0.96, 0, 16)
    lining = [foot.at(t, s, -thick - foot.swell(t, np.full(len(t), s))) for s in down]
    return loft(name, rings + lining, caps=False)


def patch(name: str, foot: Last, low: Knots, high: Knots, thick: float = 0.0014) -> Part:
    """Lay a piece with a cut edge upon the upper between two curves of (t, s)."""
    a = np.array([0, 0, 0.012, *np.linspace(0.03, 0.97, 90), 0.988, 1, 1])
    b = np.array([0, 0, 0.06, *np.linspace(0.12, 0.88, 16), 0.94, 1, 1])
    lift = np.minimum.outer(_edge_lift(len(a)), _edge_lift(len(b))) * (thick + 0.001) - 0.001
    row = (a * 399).round().astype(int)
    first, second = (smooth_path(curve, 400)[row][:, None] for curve in (low, high))
    spot = first * (1 - b)[None, :, None] + second * b[None, :, None]
    points = foot.at(spot[..., 0], np.clip(spot[..., 1], 0, 1), lift)
    n, m = points.shape[:2]
    corners = [i * m + j for i in range(n - 1) for j in range(m - 1)]
    faces = [(c, c + m, c + m + 1, c + 1) for c in corners]
    return mesh(name, points.reshape(-1, 3), faces)


def _edge_lift(n: int) -> np.ndarray:
    lift = np.ones(n)
    lift[[0, -1]], lift[[1, -2]] = 0.0, 0.75
    return lift


def sole(
    name: str, foot: Last, ground: Ground, levels: Sequence[Sequence[float]], carve: str = ""
) -> Part:
    """Stack outlines of the sole: (share of its height, millimetres above that, growth in them)."""
    t = np.linspace(0, 2 * HALF, 480, endpoint=False)
    edge = foot.at(t, 0.0)
    outward = _outward(edge)
    run = np.cumsum(np.linalg.norm(np.roll(edge, -1, 0) - edge, axis=1))
    far = np.minimum(t, 2 * HALF - t)
    rings = []
    for share, lift, grow in levels:
        more = np.full(len(t), grow / 1000)
        if carve == "bumper" and grow > 4:
            more += 0.0013 * np.clip((far - 6.4) / 0.15, 0, 1)
        if carve == "lugs" and share < 0.3:
            more -= 0.004 * np.clip(np.sin(run * (2 * np.pi / 0.021)) * 4 - 1, 0, 1)
        if carve == "flare":
            more += 0.009 * _smooth((2.6 - far) / 2.4) * math.sin(math.pi * min(share * 1.1, 1))
            more += 0.0016 * np.sin(run * 150 + share * 7) * math.sin(math.pi * share) ** 2
        flat = edge[:, :2] + outward * more[:, None]
        low, high = ground.bottom(flat[:, 0]), ground.top(flat[:, 0])
        rings.append(np.column_stack([flat, low + share * (high - low) + lift / 1000]))
    return loft(name, rings)


def tab(name: str, foot: Last, t: float, height: float = 0.02, width: float = 0.018) -> Part:
    """Sew a pull loop over the topline."""
    flat = [(float(x), float(y)) for x, y in superellipse(width / 2, 0.0011, 4, 20)]
    rise = np.array([0, 0, height])
    turn = ((0.004, 0.4), (0.002, 1), (-0.003, 1), (-0.006, 0.4))
    over = [foot.at(t, 1, out) + rise * share for out, share in turn]
    path = [foot.at(t, 0.82, 0.0015), foot.at(t, 0.92, 0.002), *over, foot.at(t, 0.92, -0.006)]
    side = foot.at(t + 0.2, 1) - foot.at(t - 0.2, 1)
    return sweep(name, smooth_path(path, 50), flat, up=np.cross(side, [0, 0, 1]))


def dashes(name: str, foot: Last, line: Knots, out: float = 0.0016, step: float = 0.0038) -> Part:
    """Sew dashes of thread along a curve of (t, s)."""
    spot = smooth_path(line, 600)
    path = foot.at(spot[:, 0], spot[:, 1], out)
    run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    points: list[np.ndarray] = []
    faces: list[tuple[int, ...]] = []
    for start in np.arange(0, run[-1] - step, step):
        ends = (start, start + step * 0.62)
        a, b = (np.array([np.interp(end, run, path[:, k]) for k in range(3)]) for end in ends)
        side = np.cross(b - a, [0.3, 0.5, 0.8])
        side *= 0.00045 / np.linalg.norm(side)
        up = np.cross(side, b - a) / np.linalg.norm(b - a)
        ring = [side, up, -side, -up]
        base = len(points)
        points += [p + r for p in (a, b) for r in ring]
        sides = [(base + k, base + (k + 1) % 4) for k in range(4)]
        faces += [(left, right, right + 4, left + 4) for left, right in sides]
    return mesh(name, points, faces)


def tongue(name: str, foot: Last, reach: tuple[float, float], thick: float = 0.0045) -> Part:
    """Bend a padded tongue under the throat; ``reach`` is how far it stands out, l and z."""
    edge = [foot.at(float(t), 1.0) for t in (9, 8, 7, 6, 5)]
    middle = [(e[0], e[2], abs(e[1])) for e in edge]
    first = (middle[0][0] + 0.02, middle[0][1] - 0.008, 0.010)
    final = (middle[-1][0] + reach[0], middle[-1][1] + reach[1], middle[-1][2] + 0.004)
    path = smooth_path([first, *middle, final], 60)
    rings = []
    for k, (ahead, z, half) in enumerate(path):
        tangent = np.gradient(path[:, :2], axis=0)[k]
        normal = np.array([tangent[1], -tangent[0]]) / np.linalg.norm(tangent)
        normal *= np.sign(normal[1]) or 1
        close = math.sqrt(max(1 - max((k - 53) / 6.2, 0) ** 2, 0.02))
        ring = []
        for x, y in superellipse((half + 0.007) * (0.55 + 0.45 * close), thick * close, 2.6, 40):
            lift = y + 0.001 - 9.0 * x * x
            ring.append((ahead + normal[0] * lift, x, z + normal[1] * lift))
        rings.append(ring)
    return crumple(loft(name, rings), 0.0012, 0.03, 2)


def eyelets(name: str, foot: Last, spots: Knots, out: float, radius: float = 0.0036) -> Part:
    """Set metal rings in places of the upper, all as one mesh."""
    points: list[np.ndarray] = []
    faces: list[tuple[int, ...]] = []
    a, b = (np.arange(n) * 2 * np.pi / n for n in (20, 8))
    reach = (radius * (1 + 0.36 * np.cos(b)))[None, :, None]
    high = radius * 0.3 * np.sin(b)[None, :, None]
    for t, s in spots:
        axis = (foot.at(t, s, out + 0.01) - foot.at(t, s, out)) / 0.01
        x = np.cross(axis, [0, 0, 1]) / np.linalg.norm(np.cross(axis, [0, 0, 1]))
        round_ = (np.outer(np.cos(a), x) + np.outer(np.sin(a), np.cross(axis, x)))[:, None]
        base = len(points)
        points += list((foot.at(t, s, out) + reach * round_ + high * axis).reshape(-1, 3))
        for i in range(20):
            row, following = base + i * 8, base + (i + 1) % 20 * 8
            ring = [(j, (j + 1) % 8) for j in range(8)]
            faces += [(row + j, following + j, following + k, row + k) for j, k in ring]
    return mesh(name, points, faces)


def laces(
    foot: Last, rows: Sequence[float], s: float, width: float, *, cross: bool = False
) -> list[Part]:
    """Lace the throat over the tongue in bars, or crosswise."""
    oval = superellipse(width / 2, min(0.0011, width / 3), 3, 14)
    flat = [(float(x), float(y)) for x, y in oval]
    pairs = list(zip(rows, rows, strict=True))
    if cross:
        pairs = [p for a, b in pairwise(rows) for p in ((a, b), (b, a))]
        pairs.append((rows[-1], rows[-1]))
    parts = []
    for k, (left, right) in enumerate(pairs):
        a, b = foot.at(left, s, 0.001), foot.at(2 * HALF - right, s, 0.001)
        across, ahead = b - a, foot.at(left + 0.3, s) - foot.at(left - 0.3, s)
        ahead[1] = 0
        up = np.cross(across, ahead)
        up *= np.sign(up[2]) / np.linalg.norm(up)
        rise = 0.0055 + 0.0022 * (k % 2 if cross else 0)
        left_end = [a - up * 0.004, a + across * 0.06 + up * 0.002, a + across * 0.3 + up * rise]
        right_end = [a + across * 0.7 + up * rise, b - across * 0.06 + up * 0.002, b - up * 0.004]
        parts.append(sweep(f"lace.{k}", smooth_path([*left_end, *right_end], 28), flat, up=up))
    return parts


def mirrored(line: Knots) -> list[tuple[float, float]]:
    """Move a curve of (t, s) to the inner side."""
    return [(2 * HALF - t, s) for t, s in line]


def assembled(form: Form, colours: Paint) -> tuple[Last, list[Part]]:
    """Model and cover a shoe that ``form`` spells out piece by piece; its toe is still at +l."""
    ground = Ground(**form["ground"])
    foot = last(form["last"], ground, *form["pad"])
    parts = [crumple(shell("upper", foot), form.get("crumple", 0.001), 0.035, 1)]
    parts.append(sole("lining", foot, ground, [(1, -6, -4), (1, 3, -3)]))
    for k, (role, both, low, high, thick) in enumerate(form.get("patches", ())):
        parts.append(patch(f"{role}.p{k}", foot, low, high, thick / 1000))
        if both:
            parts.append(patch(f"{role}.q{k}", foot, mirrored(low), mirrored(high), thick / 1000))
    for k, (line, out) in enumerate(form.get("threads", ())):
        parts.append(dashes(f"thread.p{k}", foot, line, out / 1000))
        parts.append(dashes(f"thread.q{k}", foot, mirrored(line), out / 1000))
    for role, carve, levels in form["soles"]:
        parts.append(sole(role, foot, ground, levels, carve))
    if "tongue" in form:
        parts.append(tongue("tongue", foot, *form["tongue"]))
    if "laces" in form:
        rows, s, width, cross = form["laces"]
        parts += laces(foot, rows, s, width, cross=cross)
        spots = [(t, s) for t in rows]
        parts.append(eyelets("eyelet", foot, [*spots, *mirrored(spots)], form["eyelet"]))
    for row, s, width in form.get("bridge", ()):
        parts += laces(foot, [row], s, width)
        parts[-1].name = "strap.bridge"
    holes = [*form.get("holes", ()), *mirrored(form.get("holes", ()))]
    parts += [eyelets("hole", foot, holes, 0.0004, 0.0011)] if holes else []
    parts += [tab(f"tab.{k}", foot, *spot) for k, spot in enumerate(form.get("tabs", ()))]
    covered(parts, form["made"], colours)
    return foot, parts


def covered(parts: Sequence[Part], made: Form, colours: Paint) -> None:
    """Cover parts by their roles: ``made`` names a surface and options, ``colours`` a colour."""
    ready: dict[str, surfaces.Surface] = {}
    for part in parts:
        role = part.name.split(".")[0]
        if role not in ready:
            kind, options = made.get(role, (_USUAL.get(role, "leather"), {}))
            surface = canvas if kind == "cloth" else getattr(surfaces, kind)
            ready[role] = surface(colours.get(role, colours["upper"]), **options)
        paint(part, ready[role])


def placed(parts: Sequence[Part], *, pair: bool = False, bend: float = 0.009) -> list[Part]:
    """Bend a shoe inwards at the toe as feet are, turn the toe to -y; set the other one by it."""
    for part in parts:
        warp(part, lambda p: (p.y - bend * (max(p.x, 0) / 0.14) ** 2, -p.x, p.z))
    if not pair:
        return list(parts)
    others = [copied(part, f"{part.name}.right", "x") for part in parts]
    for part in parts:
        move(part, (0.072, 0, 0), (0, 0, 4))
    for other in others:
        move(other, (-0.072, 0.03, 0), (0, 0, -9))
    return [*parts, *others]
