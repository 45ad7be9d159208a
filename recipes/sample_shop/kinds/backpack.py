"""Backpacks: soft boxes skinned from their front outline, with zips, webbing and padded straps."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np

from sample_shop.kinds.cushion import cloth, joined
from sample_shop.kinds.handbag import (
    Hull,
    flap_hem,
    flap_outline,
    flap_sheet,
    flat,
    plate,
    ringlet,
    stitches,
)  # fmt: skip
from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import (
    Point,
    box,
    circle,
    crumple,
    loft,
    mesh,
    move,
    paint,
    smooth_path,
    sweep,
    thickened,
    tube,
    warp,
)  # fmt: skip
from sample_shop.model.surfaces import leather, metal, rubber

Part = bpy.types.Object
Surface = bpy.types.Material


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a backpack of one ``shape``: daypack, rolltop, flap or boxy."""
    parts = _SHAPES[form["shape"]](colours)
    return [warp(part, lambda p: (p[0], p[1], max(p[2], 0))) for part in parts]


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
        corners = ((wide, self.foot, self.foot, -90),
                   (wide - self.narrower, tall - self.top, self.top, 0),
                   (self.narrower - wide, tall - self.top, self.top, 90),
                   (-wide, self.foot, self.foot, 180))  # fmt: skip
        bends = [
            (x - math.copysign(r, x) + r * math.cos(a), z + r * math.sin(a))
            for x, z, r, start in corners
            for a in np.radians(np.linspace(start, start + 90, 24))
        ]  # fmt: skip
        dense = np.array([*bends, bends[0]])
        dense[:, 0] *= 1 + 0.02 * np.sin(np.pi * dense[:, 1] / tall)
        walk = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(dense, axis=0), axis=1))])
        at = np.linspace(0, walk[-1], count, endpoint=False)
        even = np.stack([np.interp(at, walk, dense[:, k]) for k in (0, 1)], -1) - (0, tall / 2)
        even *= 1 + grow / np.array([wide, tall / 2])
        even[:, 1] += tall / 2 + self.low
        return even

    def ring(self, y: float, grow: float = 0.0) -> np.ndarray:
        """Lay the outline at a depth, (count, 3)."""
        flat_ring = self.outline(grow)
        return np.stack([flat_ring[:, 0], np.full(len(flat_ring), y), flat_ring[:, 1]], -1)

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
                puff = self.bulge * (1 - s**2) * (1 if side < 0 else 0.3)
                half.append(middle + (rim - middle) * (s, 1, s) + (0, -puff if side < 0 else puff,
                    0))  # fmt: skip
            for a in turn[1:]:
                depth = y - side * self.edge * (1 - math.cos(a))
                half.append(self.ring(depth, -self.edge * (1 - math.sin(a))))
            rings += half if side > 0 else half[::-1]
            if side > 0:
                ys = np.linspace(self.back - self.edge, self.back - self.depth + self.edge,
                                 16)[1:-1]  # fmt: skip
                rings += [self.ring(depth) for depth in ys]
        thing = loft(name, rings)
        return crumple(crumple(thing, soft, 0.11, seed), soft * 0.4, 0.035, seed + 9)

    def seam(self, y: float, above: float, grow: float = 0.0) -> np.ndarray:
        """Follow the outline at a depth over the top, from side to side, above a height."""
        ring = self.ring(y, grow)
        return ring[ring[:, 2] > self.low + above]


# ---- what is sewn on ----------------------------------------------------------------------------


def _zip(path: np.ndarray, tape: Surface, teeth: Surface, up: Point, width: float = 0.015) -> Part:
    """Lay a zip's tape along a path and a row of teeth on it."""
    return joined("zip", [paint(sweep("tape", path, flat(width, 0.003), up=up), tape),
                          paint(sweep("teeth", path, flat(0.0048, 0.0062), up=up),
                                teeth)])  # fmt: skip


def _puller(name: str, at: Point, turn: float, steel: Surface, cord: Surface) -> Part:
    """Hang a slider with a corded tab; untouched it faces -y."""
    parts = [paint(box("slider", (0.0085, 0.006, 0.013), 0.0022, (0, -0.002, -0.004)), steel),
             paint(tube("loop", [(0.002, -0.005, -0.001), (0.004, -0.006, -0.016),
                                 (0, -0.006, -0.027),
                                 (-0.004, -0.006, -0.016), (-0.002, -0.005, -0.001)], 0.0013,
                                 count=30), cord),
             paint(plate("tab", 0.008, 0.021, 0.004, (0, -0.006, -0.035)), cord)]  # fmt: skip
    return move(joined(name, parts), at, (0, 0, turn))


@dataclass(frozen=True, slots=True)
class Harness:
    """Where shoulder straps start (x, z) and end, at which back (y), and how big their pads are."""

    start: tuple[float, float]
    end: tuple[float, float]
    back: float
    wide: float = 0.06
    thick: float = 0.014


def _straps(harness: Harness, pad: Surface, web: Surface, buckle: Surface) -> list[Part]:
    """Make both shoulder straps: a pad from the top, webbing from the bottom, a buckle between."""
    (inner, top), (outer, low), back = harness.start, harness.end, harness.back
    straps = []
    for number, side in enumerate((1, -1), 1):
        drop = top - low
        knots = [(inner, back - 0.012, top), (inner * 1.12, back + 0.022, top + 0.006),
                 (inner * 1.5, back + 0.062, top - 0.25 * drop),
                 (outer * 0.9, back + 0.064, top - 0.55 * drop),
                 (outer, back + 0.048, top - 0.70 * drop)]  # fmt: skip
        tail = [knots[-1], (outer * 1.03, back + 0.026, low + 0.12 * drop),
                (outer * 1.02, back - 0.012, low)]  # fmt: skip
        sizes = [1 - 0.45 * max(t - 0.86, 0) / 0.14 for t in np.linspace(0, 1, 60)]
        parts = [paint(sweep("pad", smooth_path(knots, 60), flat(harness.wide, harness.thick),
                             up=(1, 0, 0), scales=sizes), pad),
                 paint(sweep("web", smooth_path(tail, 30), flat(0.022, 0.0026), up=(1, 0, 0)),
                       web)]  # fmt: skip
        spot = np.array(knots[-1])
        parts.append(paint(move(box("lock", (0.034, 0.008, 0.026), 0.003, (0, 0, -0.016)), spot,
                                (-20, 0, 0)), buckle))  # fmt: skip
        strap = joined(f"strap.{number}", parts)
        if side < 0:
            strap.data.transform(np.diag([-1, 1, 1, 1]))
            strap.data.flip_normals()
        straps.append(strap)
    return straps


def _loop(name: str, half: float, rise: float, at: Point, width: float, web: Surface) -> Part:
    """Arch a grab handle of webbing over a point."""
    knots = [(-half, 0, -0.012), (-half * 0.98, 0, rise * 0.35), (-half * 0.6, 0, rise * 0.92),
             (0, 0, rise),
             (half * 0.6, 0, rise * 0.92), (half * 0.98, 0, rise * 0.35),
             (half, 0, -0.012)]  # fmt: skip
    handle = paint(sweep(name, smooth_path(knots, 50), flat(width, 0.0042), up=(0, 1, 0)), web)
    return move(handle, at)


def _side_pocket(name: str, x: float, size: tuple[float, float], back: float, cover: Surface,
                 hem: Surface) -> Part:  # fmt: skip
    """Sew a bottle pocket with an elastic hem to a side; ``x`` tells which."""
    wide, tall = size
    pouch = Pouch(wide, tall, 0.030, 0.012, 0.004, top=0.004, foot=0.03, edge=0.008, bulge=0.014)
    edge = [pouch.front(a, tall - 0.006, 0.001) for a in np.linspace(-wide / 2 + 0.006,
        wide / 2 - 0.006, 30)]  # fmt: skip
    parts = [paint(pouch.shell("bag", 0.003, 5), cover),
             paint(sweep("hem", edge, flat(0.016, 0.006), up=(0, 0, 1)), hem)]  # fmt: skip
    return move(joined(name, parts), (x, back, 0), (0, 0, math.copysign(90, x)))


def _piped(pouch: Pouch, y: float, surface: Surface, radius: float = 0.0028) -> Part:
    return paint(sweep("piping", pouch.ring(y, 0.0005), circle(radius, 10), closed=True), surface)


# ---- the four designs ---------------------------------------------------------------------------


def _daypack(colours: Paint) -> list[Part]:
    cover, dark = cloth(colours["body"], 0.0009), cloth(colours["trim"], 0.0009)
    steel, cord = metal("#8f9296", rough=0.3), rubber(colours["pull"])
    main = Pouch(0.29, 0.455, 0.165, 0.0825, top=0.125, foot=0.045, narrower=0.012, edge=0.032,
                 bulge=0.02)  # fmt: skip
    pocket = Pouch(0.232, 0.225, 0.062, -0.070, 0.022, top=0.055, foot=0.035, edge=0.024,
                   bulge=0.016)  # fmt: skip
    upper = Pouch(0.185, 0.105, 0.026, -0.078, 0.268, top=0.045, foot=0.018, edge=0.014,
                  bulge=0.006)  # fmt: skip
    parts = [paint(main.shell("body", 0.005, 2), cover),
             paint(pocket.shell("pocket", 0.003, 3), cover),
             paint(upper.shell("upper", 0.002, 4), cover)]  # fmt: skip
    parts += [_zip(main.seam(-0.022, 0.17, 0.0028), dark, steel, (0, 1, 0)),
              _zip(pocket.seam(-0.101, 0.085, 0.0016), dark, steel, (0, 1, 0), 0.012)]  # fmt: skip
    slit = np.array([upper.front(x, 0.349, 0.0022) for x in np.linspace(-0.062, 0.062, 40)])
    parts += [_zip(slit, dark, steel, (0, 0, 1), 0.013),
              _puller("puller.1", (0.054, slit[0][1] - 0.001, 0.350), 0, steel, cord)]  # fmt: skip
    parts += [_puller("puller.2", (0.1545, -0.022, 0.235), 90, steel, cord),
              _puller("puller.3", (-0.1545, -0.022, 0.265), -90, steel, cord),
              _puller("puller.4", (0.119, -0.101, 0.155), 90, steel, cord),
              _puller("puller.5", (-0.119, -0.101, 0.135), -90, steel, cord)]  # fmt: skip
    parts += [_piped(main, -0.0505, dark), _piped(main, 0.052, dark)]
    spot = pocket.front(0, 0.165, 0.001)
    parts.append(paint(plate("label", 0.052, 0.030, 0.004, spot, 5), leather(colours["label"])))
    for number, x in ((1, 0.136), (2, -0.136)):
        parts.append(_side_pocket(f"sidepocket.{number}", x, (0.105, 0.165), 0.02, dark, dark))
    for number, side in enumerate((1, -1), 1):
        knots = [(side * 0.140, 0.058, 0.312), (side * 0.1505, 0.04, 0.312),
                 (side * 0.1525, 0, 0.310), (side * 0.1505, -0.045, 0.308),
                 (side * 0.140, -0.062, 0.308)]  # fmt: skip
        web = paint(sweep("web", smooth_path(knots, 40), flat(0.019, 0.004), up=(0, 0, 1)), dark)
        clip = paint(box("clip", (0.011, 0.036, 0.029), 0.004, (side * 0.1535, 0.012, 0.296)),
                     rubber("#26272b"))  # fmt: skip
        parts.append(joined(f"compression.{number}", [web, clip]))
    panel = Pouch(0.235, 0.37, 0.012, 0.094, 0.03, top=0.09, foot=0.04, edge=0.008, bulge=0.004)
    parts.append(paint(panel.shell("backpanel", 0.002), dark))
    parts.append(_loop("handle", 0.045, 0.040, (0, 0.052, 0.449), 0.024, dark))
    return [*parts, *_straps(Harness((0.05, 0.425), (0.115, 0.055), 0.092), dark, dark,
                             rubber("#26272b"))]  # fmt: skip


def _rolltop(colours: Paint) -> list[Part]:
    shell, dark = cloth(colours["body"], 0.0009), cloth(colours["trim"], 0.0009)
    web, black = cloth(colours["web"], 0.001), rubber("#2a2b2f")
    hull = Hull(((0, 0.136, 0.070), (0.06, 0.142, 0.078), (0.2, 0.147, 0.082), (0.33, 0.150, 0.066),
                 (0.42, 0.155, 0.028), (0.455, 0.158, 0.010)), 5)  # fmt: skip
    body = crumple(hull.shell("body", 0.014, 0.455, edge=0.006), 0.007, 0.10, 3)
    base = crumple(hull.shell("base", 0.0, 0.095, grow=0.0062, wall=0.003, edge=0.02), 0.0015, 0.1,
                   5)  # fmt: skip
    parts = [paint(body, shell), paint(base, dark), paint(_roll(0.158, 0.468), shell)]
    pocket = Pouch(0.205, 0.185, 0.030, -0.066, 0.115, top=0.02, foot=0.02, edge=0.014, bulge=0.008)
    parts.append(paint(pocket.shell("pocket", 0.002, 8), shell))
    slit = np.array([pocket.front(x, 0.268, 0.0022) for x in np.linspace(-0.086, 0.086, 40)])
    steel = metal("#8f9296", rough=0.3)
    parts += [_zip(slit, dark, steel, (0, 0, 1)),
              _puller("puller", (0.078, slit[0][1] - 0.003, 0.268), 0, steel, web)]  # fmt: skip
    parts.append(paint(plate("label", 0.055, 0.022, 0.003, pocket.front(-0.05, 0.165, 0.001), 6),
                       rubber(colours["label"])))  # fmt: skip
    parts.append(_closure(hull, web, black, steel))
    for number, side in enumerate((1, -1), 1):
        x = side * 0.163
        tie = [(x, 0, 0.470), (x * 1.035, 0, 0.44), (x * 0.985, 0, 0.37), (x * 0.95, 0, 0.27)]
        clip = [paint(sweep("web", smooth_path(tie, 40), flat(0.022, 0.003), up=(0, 1, 0)), web),
                paint(move(box("lock", (0.012, 0.034, 0.052), 0.005, (0, 0, -0.026)),
                           (x * 0.992, 0, 0.385), (0, side * 4, 0)), black)]  # fmt: skip
        parts.append(joined(f"clip.{number}", clip))
    panel = Pouch(0.225, 0.36, 0.014, 0.09, 0.035, top=0.06, foot=0.04, edge=0.009, bulge=0.004)
    parts.append(paint(panel.shell("backpanel", 0.002), dark))
    parts.append(_loop("handle", 0.042, 0.036, (0, 0.062, 0.392), 0.024, web))
    return [*parts, *_straps(Harness((0.05, 0.385), (0.112, 0.05), 0.085), dark, web, black)]


def _roll(half: float, height: float) -> Part:
    """Roll the mouth of the bag up: a spiral of cloth along x."""
    turn = np.linspace(0, 2 * math.pi * 2.6, 110)
    xs = np.linspace(-half, half, 50)
    points = []
    for x in xs:
        for a in turn:
            r = 0.0055 + 0.0195 * a / turn[-1] + 0.0012 * math.sin(23 * x + 3 * a)
            points.append((x, 0.9 * r * math.sin(a) - 0.012,
                           height + r * math.cos(a) + 0.0025 * math.sin(18 * x)))  # fmt: skip
    n = len(turn)
    quads = [(i * n + k, i * n + k + 1, (i + 1) * n + k + 1,
              (i + 1) * n + k) for i in range(49) for k in range(n - 1)]  # fmt: skip
    return thickened(mesh("roll", points, quads), 0.003)


def _closure(hull: Hull, web: Surface, black: Surface, steel: Surface) -> Part:
    """Hold the roll with a strap from the back over the top to a hook in front."""
    over = [(0, 0.068, 0.385), (0, 0.030, 0.455), (0, 0.012, 0.490), (0, -0.012, 0.4975),
            (0, -0.037, 0.480),
            (0, -0.046, 0.440), hull.front(0, 0.37, 0.010),
            hull.front(0, 0.325, 0.009)]  # fmt: skip
    low = [(0, -0.086, 0.316), (0, -0.094, 0.304), (0, -0.1015, 0.293), (0, -0.1035, 0.279)]
    parts = [paint(sweep("web", smooth_path(over, 70), flat(0.028, 0.0032), up=(1, 0, 0)), web)]
    parts.append(paint(sweep("web", smooth_path(low, 20), flat(0.028, 0.0032), up=(1, 0, 0)), web))
    spot = hull.front(0, 0.338, 0.014)
    parts.append(paint(move(box("lock", (0.042, 0.011, 0.046), 0.004, (0, 0, -0.023)), spot,
                            (-8, 0, 0)), black))  # fmt: skip
    parts.append(paint(ringlet("hook", 0.013, 0.0026, (spot[0], spot[1] - 0.006, spot[2] - 0.027),
                               (-8, 0, 0)), steel))  # fmt: skip
    return joined("closure", parts)


def _flap_pack(colours: Paint) -> list[Part]:
    hide = leather(colours["body"], grain=0.0018, rough=0.42)
    trim = leather(colours["trim"], rough=0.4)
    brass, height = metal("#c9a14a", rough=0.22), 0.355
    hull = Hull(((0, 0.130, 0.062), (0.06, 0.137, 0.069), (0.18, 0.138, 0.070),
                 (0.29, 0.130, 0.062), (height, 0.121, 0.052)), 5)  # fmt: skip
    parts = [paint(crumple(hull.shell("body", 0.0, height, edge=0.016), 0.004, 0.09, 3), hide)]
    outline = flap_outline(hull, height, 0.158, 0.05)
    outline = [(y - 0.003 * (y < 0), z, wide + 0.003) for y, z, wide in outline]
    parts += [paint(crumple(flap_sheet("flap", outline), 0.0025, 0.09, 5), hide),
              stitches("stitch", flap_hem(outline, 0.008), colours["thread"])]  # fmt: skip
    pocket = Pouch(0.175, 0.125, 0.042, -0.062, 0.022, top=0.012, foot=0.022, edge=0.012,
                   bulge=0.008)  # fmt: skip
    parts.append(paint(pocket.shell("pocket", 0.002, 7), hide))
    edge = [pocket.front(x, 0.137, 0.0016) for x in np.linspace(-0.072, 0.072, 40)]
    parts.append(stitches("stitch.2", edge, colours["thread"]))
    for number, x in ((1, 0.066), (2, -0.066)):
        parts.append(_buckled(f"buckle.{number}", x, hull, trim, brass))
    for number, x in ((1, 0.130), (2, -0.130)):
        parts.append(_side_pocket(f"sidepocket.{number}", x, (0.088, 0.135), 0.0, hide, trim))
    parts.append(_loop("handle", 0.045, 0.040, (0, 0.042, height + 0.006), 0.022, trim))
    return [*parts, *_straps(Harness((0.045, 0.335), (0.100, 0.04), 0.068, 0.042, 0.008), trim,
                             trim, brass)]  # fmt: skip


def _buckled(name: str, x: float, hull: Hull, trim: Surface, brass: Surface) -> Part:
    """Strap the flap down: a tongue of leather through a brass buckle."""
    knots = [hull.front(x, z, out) for z, out in ((0.30, 0.0105), (0.25, 0.0118), (0.2, 0.0122),
                                                  (0.165, 0.0135))]  # fmt: skip
    knots += [(x, -0.110, 0.135), (x, -0.1165, 0.105), (x, -0.1165, 0.07)]
    parts = [paint(sweep("tongue", smooth_path(knots, 60), flat(0.021, 0.0036), up=(1, 0, 0),
                         scales=[1] * 52 + [1, 0.99, 0.97, 0.93, 0.85, 0.7, 0.5, 0.15]),
                         trim)]  # fmt: skip
    z, y = 0.108, -0.1185
    frame = [(x + a, y, z + b) for a, b in ((-0.016, 0.012), (0.016, 0.012), (0.016, -0.012),
                                            (-0.016, -0.012))]  # fmt: skip
    for a, b in zip(frame, [*frame[1:], frame[0]], strict=True):
        parts.append(paint(tube("bar", [a, b], 0.0023, count=4), brass))
    parts.append(paint(tube("prong", [(x, y - 0.001, z + 0.012), (x, y - 0.003, z - 0.013)], 0.0015,
                            count=4), brass))  # fmt: skip
    parts.append(paint(box("keeper", (0.0265, 0.010, 0.0085), 0.002, (x, y + 0.0015, z - 0.030)),
                       trim))  # fmt: skip
    return joined(name, parts)


def _boxy(colours: Paint) -> list[Part]:
    cover, web = cloth(colours["body"], 0.0009), cloth(colours["web"], 0.0011)
    steel, black = metal("#b9bbbe", rough=0.25), rubber("#26272b")
    main = Pouch(0.265, 0.370, 0.125, 0.0625, top=0.040, foot=0.035, edge=0.014, bulge=0.012)
    pocket = Pouch(0.205, 0.150, 0.036, -0.060, 0.028, top=0.012, foot=0.022, edge=0.011,
                   bulge=0.007)  # fmt: skip
    parts = [paint(main.shell("body", 0.004, 6), cover),
             paint(pocket.shell("pocket", 0.002, 9), cover)]  # fmt: skip
    parts += [_zip(main.seam(-0.018, 0.10, 0.0028), web, steel, (0, 1, 0), 0.02),
              _piped(main, -0.0535, web, 0.0032), _piped(main, 0.0535, web, 0.0032)]  # fmt: skip
    parts += [_puller("puller.1", (0.1395, -0.018, 0.225), 90, steel, web),
              _puller("puller.2", (-0.1395, -0.018, 0.255), -90, steel, web)]  # fmt: skip
    slit = np.array([pocket.front(x, 0.160, 0.0022) for x in np.linspace(-0.088, 0.088, 40)])
    parts += [_zip(slit, web, steel, (0, 0, 1), 0.013),
              _puller("puller.3", (0.08, slit[0][1] - 0.003, 0.160), 0, steel, web)]  # fmt: skip
    disc = plate("badge", 0.046, 0.046, 0.004, main.front(0, 0.262, 0.001), 2)
    parts += [paint(disc, rubber(colours["badge"])),
              paint(plate("mark", 0.026, 0.026, 0.004, main.front(0, 0.262, 0.0025), 2),
                    cover)]  # fmt: skip
    for number, y in ((1, -0.034), (2, 0.030)):
        parts.append(_loop(f"handle.{number}", 0.062, 0.070, (0, y, 0.370), 0.026, web))
    for number, x in ((1, 0.128), (2, -0.128)):
        parts.append(_side_pocket(f"sidepocket.{number}", x, (0.090, 0.125), 0.004, cover, web))
    return [*parts, *_straps(Harness((0.05, 0.345), (0.105, 0.05), 0.068, 0.036, 0.005), web, web,
                             black)]  # fmt: skip


_SHAPES: dict[str, Callable[[Paint], list[Part]]] = {
    "daypack": _daypack, "rolltop": _rolltop, "flap": _flap_pack, "boxy": _boxy,
}  # fmt: skip

KIND = Kind(
    name=Words("Backpack", "双肩包"),
    category=(Words("Bags", "箱包"), Words("Travel & Everyday Bags", "旅行与日用包"),
              Words("Backpacks", "双肩包")),
    stands="table",
    sides=(-30.0, 32.0, 150.0),
    height_deg=13,
    detachable=("handle", "strap", "buckle", "closure", "puller"),
    build=build,
    groups=(
        Group(
            "backpack-fell", "Tarn", Words("Fell daypack 22 L", "山野日用双肩包 22 升"),
            Words("A light daypack with two zipped front pockets, bottle pockets and a breathable "
                  "padded back.",
                  "轻量日用双肩包，双拉链前袋，两侧水壶袋，透气加厚背垫。"),
            Words("Recycled nylon", "再生尼龙"), "79.00",
            (
                Variant(Words("pine green", "松绿色"),
                        {"body": "#265a3f", "trim": "#26282b", "pull": "#d98a1f",
                         "label": "#8a5a34"}, "green"),
                Variant(Words("flame orange", "火焰橙"),
                        {"body": "#d65a1a", "trim": "#2c2e33", "pull": "#f0e6d6",
                         "label": "#33251d"}, "orange"),
            ),
            {"shape": "daypack"},
        ),
        Group(
            "backpack-quay", "Tarn", Words("Quay roll-top backpack 25 L", "码头卷口双肩包 25 升"),
            Words("Waterproof roll-top for wet commutes: clips down at both sides, hooks in front, "
                  "grows when unrolled.",
                  "防水卷口设计，两侧插扣、前方挂钩固定，展开即可扩容，雨天通勤无忧。"),
            Words("Coated polyester canvas", "涂层涤纶帆布"), "98.00",
            (
                Variant(Words("mustard", "芥末黄"),
                        {"body": "#c8941c", "trim": "#2d2f34", "web": "#26272b",
                         "label": "#e9e2d2"}, "yellow"),
                Variant(Words("slate grey", "石板灰"),
                        {"body": "#6d7379", "trim": "#3a3d42", "web": "#26272b",
                         "label": "#d98a1f"}, "grey"),
            ),
            {"shape": "rolltop"},
        ),
        Group(
            "backpack-dunmore", "Halden & Rye",
            Words("Dunmore leather rucksack 15 L", "邓莫尔皮革翻盖双肩包 15 升"),
            Words("Full-grain leather under a long flap with two brass buckles; ages beautifully "
                  "with every trip.",
                  "头层牛皮，长翻盖配双黄铜针扣，越用越有光泽。"),
            Words("Full-grain leather, brass", "头层牛皮、黄铜"), "229.00",
            (
                Variant(Words("chestnut", "栗棕色"),
                        {"body": "#8a4a22", "trim": "#55290f", "thread": "#e2c896"}, "brown"),
                Variant(Words("black", "黑色"),
                        {"body": "#26272b", "trim": "#1f2023", "thread": "#77787c"}, "black"),
            ),
            {"shape": "flap"},
        ),
        Group(
            "backpack-lumi", "Little Fern", Words("Lumi mini school backpack 12 L",
                                                  "露米迷你书包 12 升"),
            Words("A neat box for small shoulders: wide zip, two carrying handles, a pocket on "
                  "every side.",
                  "方正小巧的儿童书包，大开口拉链，双提手，三面口袋，轻便好收纳。"),
            Words("Waxed cotton blend", "涂蜡棉混纺"), "59.00",
            (
                Variant(Words("sky blue", "天蓝色"),
                        {"body": "#3f86bf", "web": "#22324f", "badge": "#f1ede5"}, "blue"),
                Variant(Words("poppy red", "罂粟红"),
                        {"body": "#c62f2a", "web": "#3b2324", "badge": "#f1ede5"}, "red"),
            ),
            {"shape": "boxy"},
        ),
    ),
)  # fmt: skip
