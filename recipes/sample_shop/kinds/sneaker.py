"""Sneakers, and the stitches, tongues, laces and assembly that boots share.

See ``boot`` for the coordinates of a shoe and of places on its upper.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import bpy
import numpy as np

from sample_shop.kinds.boot import HALF, Ground, Knots, Last, last, patch, shell, sole, tab
from sample_shop.model import forms, nodes, surfaces
from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.patterns import Pattern, drawn


def stitches(name: str, foot: Last, line: Knots, out: float = 0.0016, step: float = 0.0038) -> object:  # fmt: skip
    """Sew dashes of thread along a curve of (t, s)."""
    spot = forms.smooth_path(line, 600)
    path = foot.at(spot[:, 0], spot[:, 1], out)
    run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    points: list[np.ndarray] = []
    faces: list[tuple[int, ...]] = []
    for start in np.arange(0, run[-1] - step, step):
        a, b = (np.array([np.interp(start + d, run, path[:, k]) for k in range(3)])
                for d in (0, step * 0.62))  # fmt: skip
        side = np.cross(b - a, [0.3, 0.5, 0.8])
        side *= 0.00045 / np.linalg.norm(side)
        up = np.cross(side, b - a) / np.linalg.norm(b - a)
        ring = [side, up, -side, -up]
        base = len(points)
        points += [p + r for p in (a, b) for r in ring]
        faces += [(base + k, base + (k + 1) % 4, base + 4 + (k + 1) % 4, base + 4 + k) for k in range(4)]  # fmt: skip
    return forms.mesh(name, points, faces)


def tongue(name: str, foot: Last, reach: tuple[float, float], thick: float = 0.0045) -> object:
    """Bend a padded tongue under the throat; ``reach`` is how far it stands out, l and z."""
    edge = [foot.at(float(t), 1.0) for t in (9, 8, 7, 6, 5)]
    middle = [(e[0], e[2], abs(e[1])) for e in edge]
    first = (middle[0][0] + 0.02, middle[0][1] - 0.008, 0.010)
    final = (middle[-1][0] + reach[0], middle[-1][1] + reach[1], middle[-1][2] + 0.004)
    path = forms.smooth_path([first, *middle, final], 60)
    rings = []
    for k, (ahead, z, half) in enumerate(path):
        tangent = np.gradient(path[:, :2], axis=0)[k]
        normal = np.array([tangent[1], -tangent[0]]) / np.linalg.norm(tangent)
        normal *= np.sign(normal[1]) or 1
        close = math.sqrt(max(1 - max((k - 53) / 6.2, 0) ** 2, 0.02))
        ring = []
        for x, y in forms.superellipse(
            (half + 0.007) * (0.55 + 0.45 * close), thick * close, 2.6, 40
        ):
            lift = y + 0.001 - 9.0 * x * x
            ring.append((ahead + normal[0] * lift, x, z + normal[1] * lift))
        rings.append(ring)
    return forms.crumple(forms.loft(name, rings), 0.0012, 0.03, 2)


def eyelets(name: str, foot: Last, spots: Knots, out: float, radius: float = 0.0036) -> object:
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
        faces += [
            tuple(base + (i + u) % 20 * 8 + (j + v) % 8 for u, v in ((0, 0), (1, 0), (1, 1), (0, 1)))
            for i in range(20) for j in range(8)
        ]  # fmt: skip
    return forms.mesh(name, points, faces)


def laces(foot: Last, rows: Sequence[float], s: float, width: float, *, cross: bool = False) -> list[object]:  # fmt: skip
    """Lace the throat over the tongue in bars, or crosswise."""
    flat = [(float(x), float(y)) for x, y in forms.superellipse(width / 2, min(0.0011, width / 3), 3, 14)]  # fmt: skip
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
        path = [a - up * 0.004, a + across * 0.06 + up * 0.002, a + across * 0.3 + up * rise,
                a + across * 0.7 + up * rise, b - across * 0.06 + up * 0.002, b - up * 0.004]  # fmt: skip
        parts.append(forms.sweep(f"lace.{k}", forms.smooth_path(path, 28), flat, up=up))
    return parts


def assembled(form: Form, colours: Paint) -> tuple[Last, list[object]]:
    """Model and cover a shoe that ``form`` spells out piece by piece; its toe is still at +l."""
    ground = Ground(**form["ground"])
    foot = last(form["last"], ground, *form["pad"])
    parts = [forms.crumple(shell("upper", foot), form.get("crumple", 0.001), 0.035, 1)]
    parts.append(sole("lining", foot, ground, [(1, -6, -4), (1, 3, -3)]))
    for k, (role, both, low, high, thick) in enumerate(form.get("patches", ())):
        parts.append(patch(f"{role}.p{k}", foot, low, high, thick / 1000))
        if both:
            parts.append(patch(f"{role}.q{k}", foot, mirrored(low), mirrored(high), thick / 1000))
    for k, (line, out) in enumerate(form.get("threads", ())):
        parts.append(stitches(f"thread.p{k}", foot, line, out / 1000))
        parts.append(stitches(f"thread.q{k}", foot, mirrored(line), out / 1000))
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


def covered(parts: Sequence[object], made: Mapping[str, Any], colours: Paint) -> None:
    """Cover parts by their roles: ``made`` names a surface and its options, ``colours`` the colour."""
    ready: dict[str, object] = {}
    for part in parts:
        role = part.name.split(".")[0]
        if role not in ready:
            kind, options = made.get(role, MADE.get(role, ("leather", {})))
            ready[role] = (cloth if kind == "cloth" else getattr(surfaces, kind))(colours.get(role,
                  colours["upper"]), **options)  # fmt: skip
        forms.paint(part, ready[role])


def cloth(code: str, thread: float = 0.0015, ribs: str = "") -> bpy.types.Material:
    """Make matt cloth or suede whose threads barely show: no clouds, which dark canvas lacks."""
    material = bpy.data.materials.new("cloth")
    material.use_nodes = True
    tree = material.node_tree
    node = next(n for n in tree.nodes if n.type == "BSDF_PRINCIPLED")
    fine = nodes.noise(tree, thread, 2)
    base: object = nodes.colour(code)
    if ribs:
        base = drawn(tree, base, Pattern("pinstripes", [ribs], 0.0032, 0.5, space="box"))
    dark = tuple(0.72 * v for v in nodes.colour(code)[:3])
    shade = nodes.mixed(tree, fine.ramp(0.35, 0.65) * (0.5 if ribs else 1.0), base, (*dark, 1.0))
    for name, source in (("Base Color", shade), ("Roughness", 0.9), ("Sheen Weight", 0.2),
                         ("Specular IOR Level", 0.2),
                         ("Normal", nodes.bump(tree, fine, thread * 0.3, 0.6))):  # fmt: skip
        nodes.feed(tree, node.inputs[name], source)
    return material


MADE = {
    "sole": ("rubber", {}), "lace": ("cloth", {}),
    "eyelet": ("metal", {}), "thread": ("cloth", {}),
    "lining": ("cloth", {}), "hole": ("rubber", {}), "tab": ("cloth", {}),
}  # fmt: skip


def placed(parts: Sequence[object], *, pair: bool = False, bend: float = 0.009) -> list[object]:
    """Bend a shoe inwards at the toe as feet are and turn the toe to -y; set the other one by it."""
    for part in parts:
        forms.warp(part, lambda p: (p.y - bend * (max(p.x, 0) / 0.14) ** 2, -p.x, p.z))
    if not pair:
        return list(parts)
    others = [forms.copied(part, f"{part.name}.right", "x") for part in parts]
    for part in parts:
        forms.move(part, (0.072, 0, 0), (0, 0, 4))
    for other in others:
        forms.move(other, (-0.072, 0.03, 0), (0, 0, -9))
    return [*parts, *others]


def _bow(foot: Last, row: float, s: float, width: float) -> list[object]:
    """Tie two loops and two ends that lie upon the quarters."""
    cord = [(float(x), float(y)) for x, y in forms.superellipse(width * 0.36, 0.0014, 2.5, 12)]
    left, right = foot.at(row, s, 0.004), foot.at(2 * HALF - row, s, 0.004)
    knot = (left + right) / 2 + np.array([0.002, 0, 0.0085])
    parts = []
    for k, side in enumerate((1, -1)):

        def on(t: float, s: float, out: float, side: int = side) -> np.ndarray:
            return foot.at(t if side > 0 else 2 * HALF - t, s, out)

        loop = [knot, on(row + 0.1, 0.9, 0.012), on(row - 0.1, 0.66, 0.010), on(row + 0.1, 0.53, 0.007),
                on(row + 0.45, 0.62, 0.009), on(row + 0.5, 0.84, 0.011), knot + np.array([0.004, 0, 0])]  # fmt: skip
        end = [knot + np.array([0.002, 0, 0]), on(row + 0.8, 0.88, 0.012), on(row + 1.1, 0.7, 0.006),
               on(row + 1.15, 0.52, 0.0035)]  # fmt: skip
        parts.append(forms.sweep(f"lace.{20 + k}", forms.smooth_path(loop, 60), cord))
        parts.append(forms.sweep(f"lace.{22 + k}", forms.smooth_path(end, 40), cord))
    across = [knot + np.array([0, d, -abs(d) * 0.35]) for d in (-0.006, -0.003, 0, 0.003, 0.006)]
    parts.append(forms.sweep("lace.24", across, [(x * 1.5, y * 3) for x, y in cord], scales=[0.4, 0.9, 1, 0.9, 0.4]))  # fmt: skip
    return parts


def mirrored(line: Knots) -> list[tuple[float, float]]:
    """Move a curve of (t, s) to the inner side."""
    return [(2 * HALF - t, s) for t, s in line]


def build(form: Form, colours: Paint) -> list[object]:
    """Model a left shoe from the pieces that ``form`` lists, its laces tied."""
    foot, parts = assembled(form, colours)
    if form.get("bow"):
        rows, s, width, _ = form["laces"]
        bow = _bow(foot, rows[0], s, width)
        covered(bow, form["made"], colours)
        parts += bow
    return placed(parts)


# Rows as ``boot.last`` reads them.
LOW = ((-140, 0, -131, 0, 88, 15, 22, -6, 0, -20), (-127, 25, -122, 21, 86, 15, 22, -3, 4, -20),
       (-98, 34.5, -96, 28.5, 74, 12, 20, 0, 6, -16), (-55, 36, -58, 32, 66, 10, 16, 0, 6, -14),
       (-8, 37, -22, 32, 79, 8, 20, 4, 9, -18), (35, 43, 4, 24, 97, 5, 22, 8, 16, -18),
       (72, 47.5, 26, 20, 90, 5, 22, 12, 20, -12), (105, 42.5, 48, 17, 80, 5, 22, 20, 18, -8),
       (132, 26, 64, 11, 73.5, 5, 22, 28, 10, -6), (143, 0, 69, 0, 72, 5, 24, 34, 0, -7))  # fmt: skip
HIGH = ((-140, 0, -126, 0, 152, 12, 42, 8, 0, -42), (-127, 25, -116, 21, 152, 12, 42, 4, 3, -42),
        (-98, 34.5, -92, 31, 149, 10, 40, 0, 2, -42), (-55, 36, -60, 34, 147, 8, 40, -2, 2, -45),
        (-8, 37, -34, 31, 152, 6, 40, 4, 6, -42), (35, 43, -18, 23, 160, 5, 36, 8, 14, -42),
        (72, 47.5, 0, 22, 122, 5, 26, 14, 20, -22), (105, 42.5, 38, 19, 92, 5, 22, 22, 20, -10),
        (132, 26, 62, 12, 77, 5, 22, 30, 11, -7), (143, 0, 68, 0, 75, 5, 24, 35, 0, -8))  # fmt: skip
_STAY = [(4.75, 0.70), (5.6, 0.72), (7.2, 0.76), (9, 0.80), (10.8, 0.76), (12.4, 0.72), (13.25, 0.70)]  # fmt: skip
_THROAT = [(4.75, 1), (9, 1), (13.25, 1)]
_CLOTH = ("cloth", {})
_KNIT = ("cloth", {"thread": 0.003})

CANVAS = {
    "last": LOW, "ground": {"heel": 0.026, "toe": 0.024, "spring": 0.008}, "pad": (0.0005, 4.6), "bow": True,
    "patches": (
        ("upper", False, _STAY, _THROAT, 1.3),
        ("upper", False, [(-0.42, 0), (-0.36, 0.5), (-0.4, 1)], [(0.42, 0), (0.36, 0.5), (0.4, 1)], 1.3),
        ("cap", False, [(6.9, 0), (9, 0), (11.1, 0)], [(6.9, 0.02), (7.6, 0.36), (9, 0.53), (10.4, 0.36), (11.1, 0.02)], 2.2),
        ("stripe", True, [(2.6, 0.05), (3.2, 0.45), (4.0, 0.86)], [(3.1, 0.05), (3.7, 0.45), (4.35, 0.86)], 1.0),
    ),
    "threads": (
        ([(4.85, 0.73), (5.6, 0.75), (7.2, 0.79), (9, 0.83)], 1.6), ([(0.5, 0.93), (2, 0.92), (3.5, 0.92), (4.7, 0.93)], 0.8),
        ([(3.9, 0.1), (4.3, 0.4), (4.7, 0.72)], 0.8),
    ),
    "soles": (
        ("sole", "bumper", [(0, 0, 0), (0.02, 0, 3), (0.1, 0, 4.1), (0.5, 0, 4.2), (0.9, 0, 4.1), (0.98, 0, 3), (1, 0, 1.6), (1, 0, -3)]),
        ("stripe", "bumper", [(0.66, 0, 3), (0.67, 0, 4.6), (0.69, 0, 4.8), (0.77, 0, 4.8), (0.79, 0, 4.6), (0.8, 0, 3)]),
        ("tread", "bumper", [(0, 0, 0), (0, 0, 3.6), (0, 0.5, 4.4), (0, 3, 4.6), (0, 3.4, 3)]),
    ),
    "tongue": ((-0.010, 0.011), 0.003), "laces": ([5.12 + 0.48 * k for k in range(6)], 0.88, 0.0075, False), "eyelet": 0.0036,
    "made": {"upper": _CLOTH, "tongue": _CLOTH, "cap": ("lacquer", {"rough": 0.5}), "sole": ("lacquer", {"rough": 0.5}), "stripe": ("rubber", {}), "tread": ("rubber", {})},
}  # fmt: skip

RUNNER = {
    "last": LOW, "ground": {"heel": 0.041, "toe": 0.026, "spring": 0.014}, "pad": (0.0035, 4.8), "bow": True,
    "patches": (
        ("stay", False, [(4.6, 0.62), (5.4, 0.60), (6.2, 0.72), (7.4, 0.74), (9, 0.82), (10.6, 0.74), (11.8, 0.72), (12.6, 0.60), (13.4, 0.62)], [(4.7, 0.98), (9, 1), (13.3, 0.98)], 1.5),
        ("cap", False, [(6.6, 0), (9, 0), (11.4, 0)], [(6.6, 0.08), (7.5, 0.2), (8.2, 0.28), (9, 0.42), (9.8, 0.28), (10.5, 0.2), (11.4, 0.08)], 1.3),
        ("counter", False, [(-2.6, 0.0), (-1.6, 0), (0, 0), (1.6, 0), (2.6, 0)], [(-2.6, 0.1), (-1.5, 0.5), (0, 0.62), (1.5, 0.5), (2.6, 0.1)], 2.6),
        ("stripe", True, [(2.0, 0.55), (2.9, 0.48), (3.9, 0.58), (4.7, 0.72)], [(2.2, 0.70), (2.95, 0.62), (3.85, 0.72), (4.65, 0.86)], 1.3),
        ("stripe", True, [(3.3, 0.02), (3.75, 0.28), (4.35, 0.5), (5.0, 0.66)], [(3.9, 0.02), (4.25, 0.24), (4.75, 0.44), (5.3, 0.62)], 1.3),
    ),
    "threads": (([(4.75, 0.66), (5.4, 0.64), (6.2, 0.755), (7.4, 0.775), (9, 0.85)], 1.8),),
    "soles": (
        ("sole", "flare", [(0, 5, 0), (0, 5, 4), (0.18, 4, 7), (0.34, 3, 8), (0.48, 1, 7.4), (0.54, 0, 5), (0.58, 0, 4.6), (0.63, 0, 6), (0.8, 0, 6), (0.93, 0, 5), (1, 0, 3), (1.03, 0, 1), (1, 0, -3)]),
        ("tread", "lugs", [(0, 0, -2), (0, 0, 3), (0, 1, 4.4), (0, 5, 5.4), (0, 5.2, 3)]),
    ),
    "tongue": ((-0.012, 0.019), 0.006), "laces": ([5.2 + 0.46 * k for k in range(6)], 0.87, 0.006, True), "eyelet": 0.0026, "tabs": ((0, 0.022, 0.018),),
    "made": {"upper": _KNIT, "tongue": _KNIT, "stay": ("lacquer", {"rough": 0.5}), "cap": ("lacquer", {"rough": 0.5}), "counter": ("lacquer", {"rough": 0.35}),
             "stripe": ("lacquer", {"rough": 0.35}), "sole": ("rubber", {}), "tread": ("rubber", {}), "eyelet": ("rubber", {})},
}  # fmt: skip

STRAPPED = {
    "last": HIGH, "ground": {"heel": 0.031, "toe": 0.027, "spring": 0.008}, "pad": (0.004, 4.9), "bridge": ((5.2, 0.88, 0.03),),
    "patches": (
        ("stay", False, [(4.7, 0.80), (5.6, 0.72), (6.6, 0.70), (7.4, 0.74), (9, 0.82), (10.6, 0.74), (11.4, 0.70), (12.4, 0.72), (13.3, 0.80)], _THROAT, 1.6),
        ("cap", False, [(6.2, 0), (9, 0), (11.8, 0)], [(6.2, 0.1), (7.3, 0.24), (8.2, 0.36), (9, 0.5), (9.8, 0.36), (10.7, 0.24), (11.8, 0.1)], 1.8),
        ("stay", False, [(-2.4, 0.0), (-1.4, 0), (0, 0), (1.4, 0), (2.4, 0)], [(-2.5, 0.3), (-1.4, 0.46), (0, 0.5), (1.4, 0.46), (2.5, 0.3)], 1.8),
        ("stripe", True, [(2.7, 0.02), (3.6, 0.36), (4.3, 0.68)], [(3.5, 0.02), (4.2, 0.34), (4.7, 0.64)], 1.6),
        ("strap", False, [(-5.3, 0.82), (-4.2, 0.70), (-2.5, 0.66), (0, 0.68), (2.5, 0.66), (4.2, 0.70), (5.3, 0.82)], [(-5.0, 0.97), (-4.2, 0.9), (-2.5, 0.86), (0, 0.88), (2.5, 0.86), (4.2, 0.9), (5.0, 0.97)], 2.6),
    ),
    "threads": (([(4.9, 0.83), (5.7, 0.75), (6.6, 0.73), (7.4, 0.77), (9, 0.85)], 1.9), ([(6.4, 0.08), (7.3, 0.21), (8.2, 0.33), (9, 0.47)], 2.0),
                ([(0, 0.70), (2.5, 0.68), (4.2, 0.72), (5.2, 0.84)], 2.8), ([(0, 0.47), (1.4, 0.43), (2.4, 0.28)], 2.0)),
    "soles": (
        ("sole", "", [(0, 0, 0), (0.02, 0, 3.4), (0.1, 0, 5), (0.5, 0, 5.2), (0.9, 0, 5), (0.98, 0, 3.6), (1.08, 0, 1.8), (1, 0, -3)]),
        ("tread", "", [(0, 0, 0), (0, 0, 3.8), (0, 0.6, 5.2), (0, 6, 5.6), (0, 6.6, 4)]),
        ("sole", "", [(0.74, 0, 4), (0.75, 0, 5.6), (0.78, 0, 5.7), (0.79, 0, 4)]),
    ),
    "tongue": ((-0.014, 0.024), 0.007), "laces": ([5.75 + 0.4 * k for k in range(6)], 0.88, 0.0075, False), "eyelet": 0.003, "tabs": ((0, 0.02, 0.022),), "holes": [(7.9 + 0.25 * k, 0.62 + 0.05 * j) for k in range(5) for j in range(3)],
    "made": {"upper": ("leather", {}), "tongue": ("leather", {}), "stay": _CLOTH, "cap": _CLOTH, "strap": ("leather", {}), "stripe": ("leather", {}), "tread": ("rubber", {})},
}  # fmt: skip

COURT = {
    "last": LOW, "ground": {"heel": 0.027, "toe": 0.023, "spring": 0.007}, "pad": (0.0028, 4.6),
    "patches": (
        ("upper", False, [(4.3, 0.05), (4.6, 0.4), (5.5, 0.62), (7.2, 0.72), (9, 0.80), (10.8, 0.72), (12.5, 0.62), (13.4, 0.4), (13.7, 0.05)], [(4.2, 0.2), (4.5, 0.6), (4.9, 1), (7, 1), (9, 1), (11, 1), (13.1, 1), (13.5, 0.6), (13.8, 0.2)], 1.6),
        ("upper", False, [(6.0, 0), (9, 0), (12.0, 0)], [(6.0, 0.1), (7.4, 0.24), (8.2, 0.34), (9, 0.46), (9.8, 0.34), (10.6, 0.24), (12.0, 0.1)], 1.4),
        ("counter", False, [(-1.5, 0.52), (-0.7, 0.5), (0, 0.5), (0.7, 0.5), (1.5, 0.52)], [(-1.8, 0.98), (-0.7, 1), (0, 1), (0.7, 1), (1.8, 0.98)], 2.0),
        ("stripe", True, [(2.3, 0.08), (2.95, 0.36), (2.7, 0.7)], [(2.75, 0.08), (3.45, 0.36), (3.25, 0.7)], 1.4),
    ),
    "threads": (([(4.6, 0.5), (5.5, 0.66), (7.2, 0.76), (9, 0.84)], 1.9), ([(6.2, 0.08), (7.4, 0.2), (8.2, 0.3), (9, 0.42)], 1.7), ([(0, 0.54), (0.7, 0.54), (1.4, 0.57)], 2.2)),
    "soles": (
        ("sole", "", [(0, 0, 0), (0.02, 0, 2.6), (0.1, 0, 4), (0.5, 0, 4.4), (0.9, 0, 4.4), (1.0, 0, 3.4), (1.1, 0, 1.6), (1, 0, -3)]),
        ("tread", "", [(0, 0, 0), (0, 0, 2.8), (0, 0.6, 4.2), (0, 3.4, 4.6), (0, 4, 3)]),
    ),
    "tongue": ((-0.011, 0.015), 0.0055), "laces": ([5.15 + 0.44 * k for k in range(6)], 0.87, 0.0075, False), "eyelet": 0.0022, "holes": [(8.3 + 0.35 * k, 0.56 + 0.06 * j) for k in range(3) for j in range(3)],
    "made": {"upper": ("lacquer", {"rough": 0.42}), "tongue": ("lacquer", {"rough": 0.42}), "counter": ("leather", {}), "stripe": ("leather", {}), "tread": ("rubber", {}), "eyelet": ("rubber", {})},
}  # fmt: skip

KIND = Kind(
    name=Words("Sneaker", "运动鞋"),
    category=(Words("Shoes", "鞋靴"), Words("Casual shoes", "休闲鞋"), Words("Sneakers", "运动鞋")),
    stands="table", build=build, sides=(-64.0, 38.0, -136.0), height_deg=16.0,
    detachable=("lace", "tongue", "stripe", "strap"),
    groups=(
        Group("sneaker-jetty", "Cadence", Words("Jetty low canvas plimsoll", "低帮帆布胶底鞋"),
            Words("A light canvas plimsoll on a vulcanised sole, with a rubber toe cap and metal eyelets.", "轻便帆布鞋面，硫化橡胶大底，橡胶鞋头配金属鞋眼，百搭好穿。"),
            Words("Cotton canvas, rubber sole", "棉质帆布，橡胶大底"), "49.00",
            (Variant(Words("navy", "藏青色"), {"upper": "#2c3e66", "cap": "#efe9dc", "sole": "#efe9dc", "stripe": "#b8322e", "tread": "#b58a5a", "thread": "#e8e2d4", "lining": "#ddd3c0", "lace": "#efebe2", "eyelet": "#c9cbcd"}, "blue"),
                Variant(Words("sunflower yellow", "向日葵黄"), {"upper": "#dfa321", "cap": "#efe9dc", "sole": "#efe9dc", "stripe": "#2b2c30", "tread": "#b58a5a", "thread": "#f3ead0", "lining": "#ddd3c0", "lace": "#efebe2", "eyelet": "#c9cbcd"}, "yellow")), CANVAS),
        Group("sneaker-tempo", "Cadence", Words("Tempo 3 cushioned running shoe", "Tempo 3 缓震跑鞋"),
            Words("A breathable knit running shoe on a thick rebound midsole, with a moulded heel cup and a pull tab.", "透气针织鞋面，厚底回弹中底，定型后跟配提拉环，日常慢跑脚感轻弹。"),
            Words("Polyester knit, EVA midsole, rubber outsole", "涤纶针织鞋面，EVA 中底，橡胶外底"), "119.00",
            (Variant(Words("grey and coral orange", "灰配珊瑚橙"), {"upper": "#8d9299", "tongue": "#7b8088", "stay": "#5b6068", "cap": "#5b6068", "counter": "#e0592f", "stripe": "#e0592f", "sole": "#f1ede5", "tread": "#2d2e33", "thread": "#d8d8d8", "lining": "#3b3d43", "lace": "#e0592f", "eyelet": "#2d2e33", "tab": "#e0592f"}, "grey"),
                Variant(Words("purple and mint", "紫配薄荷绿"), {"upper": "#6c4a9c", "tongue": "#5b3c88", "stay": "#46306b", "cap": "#46306b", "counter": "#8ccfb2", "stripe": "#8ccfb2", "sole": "#f1ede5", "tread": "#46306b", "thread": "#c9b8e6", "lining": "#33244f", "lace": "#8ccfb2", "eyelet": "#33244f", "tab": "#8ccfb2"}, "purple")), RUNNER),
        Group("sneaker-halftime", "Cadence", Words("Halftime high-top with ankle strap", "Halftime 高帮绑带板鞋"),
            Words("A padded leather high-top with suede overlays, held at the ankle by a wide hook-and-loop strap.", "加厚高帮皮质鞋身拼接反绒皮，脚踝宽魔术贴绑带，稳固又有型。"),
            Words("Leather and suede, rubber cup sole", "牛皮拼反绒皮，橡胶大底"), "135.00",
            (Variant(Words("black and red", "黑红色"), {"upper": "#2b2c30", "tongue": "#26272b", "stay": "#26272b", "cap": "#26272b", "strap": "#a92a2c", "stripe": "#a92a2c", "sole": "#f1ede5", "tread": "#a92a2c", "thread": "#d6d0c6", "lining": "#35363b", "lace": "#26272b", "eyelet": "#8b8d90", "tab": "#a92a2c", "hole": "#121214"}, "black"),
                Variant(Words("sand and teal", "沙色配青绿"), {"upper": "#d3bf9d", "tongue": "#cbb48f", "stay": "#b89a6d", "cap": "#b89a6d", "strap": "#2f7f7f", "stripe": "#2f7f7f", "sole": "#f1ede5", "tread": "#b58a5a", "thread": "#f3ead8", "lining": "#c3ae8a", "lace": "#efebe2", "eyelet": "#c9a14a", "tab": "#2f7f7f", "hole": "#6b5638"}, "beige")), STRAPPED),
        Group("sneaker-baseline", "Cadence", Words("Baseline leather court shoe", "Baseline 复古网球小白鞋"),
            Words("A clean court shoe in smooth leather, with a perforated toe, a contrast heel and a stitched cup sole.", "简洁皮质网球鞋，鞋头打孔透气，撞色后跟，缝线大底耐穿好搭。"),
            Words("Leather, rubber cup sole", "头层牛皮，橡胶大底"), "95.00",
            (Variant(Words("white and green", "白配绿"), {"upper": "#f1ede5", "tongue": "#f1ede5", "counter": "#27683f", "stripe": "#27683f", "sole": "#f1ede5", "tread": "#e3dccb", "thread": "#cfc8ba", "lining": "#d9d2c3", "lace": "#f4f1ea", "eyelet": "#e8e3d8", "hole": "#8c867a"}, "white"),
                Variant(Words("blush pink", "柔粉色"), {"upper": "#e3a3a6", "tongue": "#e3a3a6", "counter": "#f1ede5", "stripe": "#f1ede5", "sole": "#f1ede5", "tread": "#c99a6a", "thread": "#f6dcd9", "lining": "#ecd2cc", "lace": "#f4f1ea", "eyelet": "#f1ede5", "hole": "#9b6266"}, "pink")), COURT),
    ),
)  # fmt: skip
