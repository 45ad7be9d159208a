"""What is sewn: cloth, foam, stitches, filled covers, a watch's strap, a plush animal's limbs."""

import math
from collections.abc import Sequence
from functools import lru_cache

import bpy
import numpy as np

from sample_shop.model.forms import (
    Part,
    Point,
    circle,
    loft,
    mesh,
    paint,
    smooth_path,
    strip,
    superellipse,
    sweep,
)
from sample_shop.model.nodes import bump, colour, feed, mixed, noise
from sample_shop.model.patterns import Pattern, drawn
from sample_shop.model.surfaces import Surface, fabric, principled


def cloth(code: str, weave: float = 0.0012, kind: str = "plain") -> Surface:
    """Dye cloth evenly: a fabric without the pale clouds, which show as stains on dark colours."""
    surface = fabric(code, weave=weave, kind=kind)
    tree, node = principled(surface)
    shade = noise(tree, weave * 2.5, 5).ramp(0.35, 0.7) * 0.22
    feed(tree, node.inputs["Base Color"], mixed(tree, shade, colour(code), colour("#1a1512")))
    return surface


def foam(code: str) -> Surface:
    """Make open-pored foam: felt without its pale clouds."""
    surface = fabric(code, weave=0.0012, kind="felt")
    tree, node = principled(surface)
    pores = noise(tree, 0.0016, 4).ramp(0.42, 0.62) * 0.4
    feed(tree, node.inputs["Base Color"], mixed(tree, pores, colour(code), colour("#1a1512")))
    return surface


def canvas(code: str, thread: float = 0.0015, ribs: str = "") -> Surface:
    """Weave matt cloth whose threads barely show; ``ribs`` is the colour of an elastic's."""
    material = bpy.data.materials.new("cloth")
    material.use_nodes = True
    tree, node = principled(material)
    fine = noise(tree, thread, 2)
    base: object = colour(code)
    if ribs:
        base = drawn(tree, base, Pattern("pinstripes", [ribs], 0.0032, 0.5, space="box"))
    dark = tuple(0.72 * v for v in colour(code)[:3])
    shade = mixed(tree, fine.ramp(0.35, 0.65) * (0.5 if ribs else 1.0), base, (*dark, 1.0))
    feed(tree, node.inputs["Base Color"], shade)
    feed(tree, node.inputs["Roughness"], 0.9)
    feed(tree, node.inputs["Sheen Weight"], 0.2)
    feed(tree, node.inputs["Specular IOR Level"], 0.2)
    feed(tree, node.inputs["Normal"], bump(tree, fine, thread * 0.3, 0.6))
    return material


def joined(name: str, parts: Sequence[Part]) -> Part:
    """Make one soft part of several, with no sharp edge; each keeps its own surface."""
    points: list[tuple[float, ...]] = []
    faces: list[list[int]] = []
    surfaces: list[Surface] = []
    index: list[int] = []
    for part in parts:
        start = len(points)
        points += [tuple(v.co) for v in part.data.vertices]
        faces += [[start + i for i in f.vertices] for f in part.data.polygons]
        index += [len(surfaces) + f.material_index for f in part.data.polygons]
        surfaces += list(part.data.materials)
        bpy.data.objects.remove(part)
    whole = mesh(name, points, faces)
    for surface in surfaces:
        whole.data.materials.append(surface)
    whole.data.polygons.foreach_set("material_index", index)
    return whole


def stitches(name: str, path: Sequence[Point], code: str, pitch: float = 0.007) -> Part:
    """Sew short dashes of thread along a path."""
    p = np.asarray(path, float)
    walk = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))])
    starts = np.arange(0, walk[-1] - pitch * 0.6, pitch)
    dashes = []
    for start in starts:
        at = (start, start + 0.3 * pitch, start + 0.6 * pitch)
        ends = [[np.interp(way, walk, p[:, k]) for k in range(3)] for way in at]
        dash = sweep("dash", ends, circle(0.0006, 6))
        dashes.append(paint(dash, cloth(code)) if not dashes else dash)
    return joined(name, dashes)


def flat(width: float, thickness: float) -> list[tuple[float, float]]:
    """Make the section of a strap whose width runs along ``up``."""
    return [(y, x) for x, y in strip(width, thickness)][::-1]


@lru_cache(maxsize=4)
def inflated(across: float, up: float, thick: float) -> np.ndarray:
    """Blow up two sewn sheets, (2, rows, columns, 3), as Müller et al. (2007) move cloth."""
    columns, rows = 57, max(int(57 * up / across) // 2 * 2 + 1, 31)
    x, y = np.meshgrid(
        np.linspace(-across / 2, across / 2, columns), np.linspace(-up / 2, up / 2, rows)
    )
    dome = np.cos(x / across * math.pi) * np.cos(y / up * math.pi)
    rough = np.random.default_rng(7).normal(0, 0.0012, (2, rows, columns)) * (dome > 0.02)
    now = np.stack([np.stack([x, y, sign * dome * 0.02], -1) for sign in (1, -1)])
    now[..., 2] += rough
    before = now.copy()
    for _ in range(220):
        speed, before = (now - before) * 0.9, now.copy()
        slack = 1 - np.ptp(now[..., 2]) / thick
        now = now + speed + outward(now) * (0.0012 * max(slack, 0))
        for _ in range(6):
            _hold(now, across / (columns - 1), up / (rows - 1))
    return now


def outward(sheets: np.ndarray) -> np.ndarray:
    """Tell the unit normals of both sheets, away from the filling."""
    normals = np.cross(np.gradient(sheets, axis=2), np.gradient(sheets, axis=1))
    normals[1] *= -1
    return normals / np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-9)


def _hold(sheets: np.ndarray, dx: float, dy: float) -> None:
    """Bring neighbours back to their distance in the flat cloth, and the seams together."""
    rows, columns = sheets.shape[1:3]
    slant = math.hypot(dx, dy)
    threads = ((0, 1, dx, 1.0), (1, 0, dy, 1.0))
    bias = ((1, 1, slant, 0.35), (1, -1, slant, 0.35))
    bending = ((0, 3, 3 * dx, 0.12), (3, 0, 3 * dy, 0.12))
    for di, dj, rest, firm in (*threads, *bias, *bending):
        a = sheets[:, : rows - di, max(-dj, 0) : columns - max(dj, 0)]
        b = sheets[:, di:, max(dj, 0) : columns + min(dj, 0)]
        gap = b - a
        length = np.linalg.norm(gap, axis=-1, keepdims=True)
        pull = gap * ((length - rest) / np.maximum(length, 1e-9))
        pull *= np.where(length > rest, 0.24, 0.1) * firm
        a += pull
        b -= pull
    for edge in (np.s_[:, 0], np.s_[:, -1], np.s_[:, :, 0], np.s_[:, :, -1]):
        sheets[edge] = sheets[edge].mean(axis=0)


def grown(sheets: np.ndarray, times: int) -> np.ndarray:
    """Give the sheets ``times`` as many rows and columns along smooth curves."""
    layers = []
    for sheet in sheets:
        rows, columns, _ = sheet.shape
        tall = smooth_path(sheet.reshape(rows, -1), (rows - 1) * times + 1)
        tall = tall.reshape(-1, columns, 3).transpose(1, 0, 2)
        wide = smooth_path(tall.reshape(columns, -1), (columns - 1) * times + 1)
        layers.append(wide.reshape(-1, (rows - 1) * times + 1, 3).transpose(1, 0, 2))
    return np.stack(layers)


def sewn(name: str, sheets: np.ndarray) -> Part:
    """Mesh two sheets that share the points of their edge."""
    _, rows, columns, _ = sheets.shape
    front = np.arange(rows * columns).reshape(rows, columns)
    back = np.full_like(front, -1)
    back[1:-1, 1:-1] = rows * columns + np.arange((rows - 2) * (columns - 2)).reshape(rows - 2, -1)
    back = np.where(back < 0, front, back)
    points = np.concatenate([sheets[0].reshape(-1, 3), sheets[1, 1:-1, 1:-1].reshape(-1, 3)])
    faces = []
    for index in (front, back):
        quads = [index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]]
        faces.append(np.stack(quads, -1).reshape(-1, 4))
    return mesh(name, points.tolist(), np.concatenate(faces).tolist())


def seam(sheets: np.ndarray) -> np.ndarray:
    """Walk around the edge that two sheets share, (count, 3)."""
    s = sheets[0]
    return np.concatenate([s[0, :-1], s[:-1, -1], s[-1, :0:-1], s[:0:-1, 0]])


def wrist_normals(path: np.ndarray) -> np.ndarray:
    """Tell which way is off the wrist along a watch's strap (y, z), in millimetres."""
    along = np.gradient(path, axis=0)
    out = np.column_stack([-along[:, 1], along[:, 0]]) * -1
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    return out * np.sign((out * (path - [0, -24])).sum(axis=1, keepdims=True).mean())


def wristband(name: str, path: np.ndarray, widths: np.ndarray, thick: np.ndarray) -> Part:
    """Skin a stretch of a watch's strap, in millimetres."""
    rings = []
    for (y, z), n, w, t in zip(path, wrist_normals(path), widths, thick, strict=True):
        oval = superellipse(w / 2, t / 2, 5, 40)
        rings.append([(x, y + n[0] * d, z + n[1] * d) for x, d in oval])
    return loft(name, rings)


def wristband_stitches(name: str, path: np.ndarray, widths: np.ndarray, thick: np.ndarray) -> Part:
    """Sew both edges of a watch's strap with dashes, as one mesh, in millimetres."""
    points: list[Point] = []
    faces: list[tuple[int, ...]] = []
    normal = wrist_normals(path)
    for side in (-1, 1):
        for k in range(0, len(path) - 3, 4):
            base = len(points)
            for j in (k, k + 2):
                (y, z), n = path[j], normal[j]
                x = side * (widths[j] / 2 - 1.7)
                for dx, d in ((-0.28, 0.0), (0, 0.3), (0.28, 0.0)):
                    lift = thick[j] / 2 - 0.02 + d
                    points.append((x + dx, y + n[0] * lift, z + n[1] * lift))
            faces += [(left, left + 1, left + 4, left + 3) for left in (base, base + 1)]
    return mesh(name, points, faces)


def limb(name: str, path: Sequence[Point], radii: Sequence[float], flat: float = 1.0) -> Part:
    """Stuff a limb along a path: rounded ends, ``flat`` is its depth as a share of its width."""
    count = 36
    points = smooth_path(path, count)
    run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    scale = np.interp(run / run[-1], np.linspace(0, 1, len(radii)), radii)
    for k in range(count):
        ends = ((run[k], radii[0]), (run[-1] - run[k], radii[-1]))
        near, end = min(ends, key=lambda p: p[0] / p[1])
        scale[k] *= math.sqrt(max(1 - max(1 - near / end, 0) ** 2, 0.004))
    section = [(float(x), float(y)) for x, y in superellipse(1, flat, 2, 40)]
    return sweep(name, points, section, scales=scale, up=(0, 1, 0) if flat < 1 else None)
