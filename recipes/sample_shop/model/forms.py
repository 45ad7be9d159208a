"""Shapes: profiles turned, sections swept, rings skinned, boards sawn. Lengths in metres.

Every shape is a mesh whose object sits at the origin unturned, so object coordinates are the
product's own: patterns and defects are placed in them. Names of parts are roles; put a number after
a dot for several (``leg.1``).
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import bmesh
import bpy
import numpy as np
from mathutils import Euler, Matrix, Vector, noise

Part = bpy.types.Object
Point = Sequence[float]
Outline = Sequence[tuple[float, float]]
_ROUNDED = {"profile": 0.5, "affect": "EDGES", "clamp_overlap": True}


def mesh(
    name: str, points: Sequence[Point], faces: Sequence[Sequence[int]], *, smooth: bool = True
) -> Part:
    """Make an object of points (x, y, z) and faces (indices, counter-clockwise from outside)."""
    data = bpy.data.meshes.new(name)
    data.from_pydata([tuple(p) for p in points], [], [tuple(f) for f in faces])
    data.validate()
    thing = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(thing)
    _outwards(thing)
    data.polygons.foreach_set("use_smooth", [smooth] * len(data.polygons))
    return thing


def _outwards(thing: Part) -> None:
    work = bmesh.new()
    work.from_mesh(thing.data)
    bmesh.ops.recalc_face_normals(work, faces=work.faces)
    work.to_mesh(thing.data)
    work.free()


def smooth_path(points: Sequence[Point], count: int, *, closed: bool = False) -> np.ndarray:
    """Walk a Catmull-Rom curve through points, (n, d) to (count, d)."""
    p = np.asarray(points, float)
    ends = (p[-1], p[:2]) if closed else (2 * p[0] - p[1], 2 * p[-1] - p[-2])
    padded = np.vstack([ends[0], p, ends[1]])
    spans = len(padded) - 3
    at = np.linspace(0, spans, count, endpoint=not closed)
    i = np.minimum(at.astype(int), spans - 1)
    t = (at - i)[:, None]
    a, b, c, d = (padded[i + k] for k in range(4))
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )


def evenly(path: Sequence[Point], count: int) -> np.ndarray:
    """Walk straight from point to point in steps of one length, (n, d) to (count, d)."""
    p = np.asarray(path, float)
    way = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))])
    at = np.linspace(0, way[-1], count)
    return np.stack([np.interp(at, way, column) for column in p.T], axis=1)


def lathe(
    name: str,
    profile: Outline,
    *,
    turns: int = 96,
    around: Callable[[float, float], float] | None = None,
) -> Part:
    """Turn a profile of (radius, z) about the z axis; a radius of 0 closes it.

    ``around(angle, z)`` multiplies the radius there: flutes, facets, squared bodies. For a vessel,
    go up the outside, over the rim and down the inside.
    """
    points: list[Point] = []
    rings: list[list[int]] = []
    for radius, z in profile:
        if radius <= 1e-9:
            points.append((0, 0, z))
            rings.append([len(points) - 1])
            continue
        ring = []
        for k in range(turns):
            angle = 2 * math.pi * k / turns
            r = radius * (around(angle, z) if around else 1)
            points.append((r * math.cos(angle), r * math.sin(angle), z))
            ring.append(len(points) - 1)
        rings.append(ring)
    return mesh(name, points, [f for a, b in pairwise(rings) for f in _skin(a, b)])


def _skin(a: list[int], b: list[int]) -> list[list[int]]:
    if len(a) == 1 and len(b) == 1:
        return []
    n = max(len(a), len(b))
    if len(a) == 1:
        return [[a[0], b[(k + 1) % n], b[k]] for k in range(n)]
    if len(b) == 1:
        return [[a[k], a[(k + 1) % n], b[0]] for k in range(n)]
    return [[a[k], a[(k + 1) % n], b[(k + 1) % n], b[k]] for k in range(n)]


def loft(
    name: str, rings: Sequence[Sequence[Point]], *, caps: bool = True, closed: bool = False
) -> Part:
    """Skin rings of equally many points (x, y, z), one to the next; ``closed`` joins last to first.

    The way to a body that no lathe makes: a shoe, a rucksack, a cup of headphones.
    """
    n = len(rings[0])
    points = [tuple(p) for ring in rings for p in ring]
    index = [list(range(k * n, (k + 1) * n)) for k in range(len(rings))]
    pairs = list(pairwise(index)) + ([(index[-1], index[0])] if closed else [])
    faces = [f for a, b in pairs for f in _skin(a, b)]
    if caps and not closed:
        for ring in (index[0], index[-1]):
            centre = np.mean([points[i] for i in ring], axis=0)
            points.append(tuple(centre))
            faces += [[ring[k], ring[(k + 1) % n], len(points) - 1] for k in range(n)]
    return mesh(name, points, faces)


def superellipse(rx: float, ry: float, power: float = 2, count: int = 48) -> np.ndarray:
    """Make a ring, (count, 2): an ellipse at power 2, nearly a rectangle at 6 (Lamé, 1818)."""
    t = np.linspace(0, 2 * np.pi, count, endpoint=False)
    c, s = np.cos(t), np.sin(t)
    p = 2 / power
    return np.stack([rx * np.sign(c) * np.abs(c) ** p, ry * np.sign(s) * np.abs(s) ** p], axis=1)


def walled(outside: Sequence[Point], wall: float) -> list[Point]:
    """Close an outline (radius, z) that goes up by the same one set ``wall`` inwards."""
    points = np.asarray(outside, float)
    along = np.gradient(points, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    inside = points + wall * np.stack([-along[:, 1], along[:, 0]], axis=1)
    inside[:, 0] = np.maximum(inside[:, 0], 0)
    return [tuple(p) for p in (*points, *inside[::-1], points[0])]


def sweep(
    name: str,
    path: Sequence[Point],
    section: Outline,
    *,
    closed: bool = False,
    up: Point | None = None,
    scales: Sequence[float] | None = None,
) -> Part:
    """Carry a closed section (x, y) along a path of (x, y, z).

    ``up`` keeps the section's y near that direction (straps, rails); without it the section turns
    as little as it can. ``scales`` resizes the section at each point of the path.
    """
    p = np.asarray(path, float)
    n = len(p)
    tangents = np.roll(p, -1, 0) - np.roll(p, 1, 0) if closed else np.gradient(p, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    ys = _frames(tangents, up)
    xs = np.cross(ys, tangents)
    scale = np.ones(n) if scales is None else np.asarray(scales, float)
    rings = [[p[k] + scale[k] * (x * xs[k] + y * ys[k]) for x, y in section] for k in range(n)]
    return loft(name, rings, closed=closed)


def _frames(tangents: np.ndarray, up: Point | None) -> np.ndarray:
    axis = np.eye(3)[np.argmin(np.abs(tangents[0]))]
    first = np.cross(tangents[0], axis) if up is None else np.asarray(up, float)
    ys = np.empty_like(tangents)
    for k, tangent in enumerate(tangents):
        y = first - tangent * (first @ tangent)
        norm = np.linalg.norm(y)
        ys[k] = y / norm if norm > 1e-6 else ys[k - 1]
        if up is None:
            first = ys[k]
    return ys


def circle(radius: float, count: int = 20) -> list[tuple[float, float]]:
    """Make a round section for ``sweep``."""
    return [(float(x), float(y)) for x, y in superellipse(radius, radius, 2, count)]


def strip(width: float, thickness: float) -> list[tuple[float, float]]:
    """Make a flat section with soft edges for ``sweep``: x is the width, y the thickness."""
    return [(float(x), float(y)) for x, y in superellipse(width / 2, thickness / 2, 6, 24)]


def tube(
    name: str, path: Sequence[Point], radius: float, *, count: int = 48, closed: bool = False
) -> Part:
    """Sweep a circle along a smooth curve through some points."""
    return sweep(name, smooth_path(path, count, closed=closed), circle(radius), closed=closed)


def hoop(name: str, radius: float, z: float, thick: float) -> Part:
    """Bend a wire to a level ring about the z axis."""
    turn = np.linspace(0, 2 * math.pi, 96, endpoint=False)
    path = [(radius * math.cos(a), radius * math.sin(a), z) for a in turn]
    return sweep(name, path, circle(thick, 10), closed=True)


def box(name: str, size: Point, radius: float = 0.0, at: Point = (0, 0, 0)) -> Part:
    """Make a box (x, y, z) with rounded edges whose *bottom* centre is ``at``."""
    work = bmesh.new()
    bmesh.ops.create_cube(work, size=1)
    bmesh.ops.scale(work, vec=Vector(size), verts=work.verts)
    bmesh.ops.translate(work, vec=Vector(at) + Vector((0, 0, size[2] / 2)), verts=work.verts)
    if radius:
        reach = min(radius, min(size) / 2.01)
        bmesh.ops.bevel(work, geom=work.edges[:], offset=reach, segments=5, **_ROUNDED)
    return _from_bmesh(name, work, smooth=bool(radius))


def panel(name: str, outline: Outline, depth: float, radius: float = 0.0) -> Part:
    """Extrude an outline (x, z) to a board from y = -depth/2 to depth/2, its edges rounded."""
    work = bmesh.new()
    face = work.faces.new([work.verts.new((x, -depth / 2, z)) for x, z in outline])
    grown = bmesh.ops.extrude_face_region(work, geom=[face])
    moved = [v for v in grown["geom"] if isinstance(v, bmesh.types.BMVert)]
    bmesh.ops.translate(work, vec=(0, depth, 0), verts=moved)
    bmesh.ops.recalc_face_normals(work, faces=work.faces)
    if radius:
        edges = [e for e in work.edges if abs(e.verts[0].co.y - e.verts[1].co.y) < 1e-9]
        bmesh.ops.bevel(work, geom=edges, offset=radius, segments=4, **_ROUNDED)
    return _from_bmesh(name, work, smooth=True)


def _from_bmesh(name: str, work: bmesh.types.BMesh, *, smooth: bool) -> Part:
    data = bpy.data.meshes.new(name)
    work.to_mesh(data)
    work.free()
    thing = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(thing)
    data.polygons.foreach_set("use_smooth", [smooth] * len(data.polygons))
    if smooth:
        data.set_sharp_from_angle(angle=math.radians(40))
    return thing


def ball(name: str, radii: Point, at: Point = (0, 0, 0), power: float = 2) -> Part:
    """Make an ellipsoid (or a squarer body at a higher power) about ``at``, its centre."""
    rings = []
    for a in np.linspace(-math.pi / 2, math.pi / 2, 33):
        c, s = math.cos(a), math.sin(a)
        r = max(abs(c) ** (2 / power), 1e-3)
        z = math.copysign(abs(s) ** (2 / power), s)
        ring = superellipse(radii[0] * r, radii[1] * r, power, 64)
        rings.append([(x + at[0], y + at[1], radii[2] * z + at[2]) for x, y in ring])
    return loft(name, rings)


def letters(
    name: str,
    text: str,
    height: float,
    at: Point,
    turn_deg: Point = (90, 0, 0),
    depth: float = 0.0006,
) -> Part:
    """Write raised letters centred about ``at``; as they come they face -y."""
    font = bpy.data.curves.new(name, "FONT")
    font.body, font.size, font.extrude = text, height, depth
    font.align_x = font.align_y = "CENTER"
    thing = bpy.data.objects.new(name, font)
    bpy.context.scene.collection.objects.link(thing)
    solid = _applied(thing)
    return move(solid, at, turn_deg)


def _applied(thing: Part) -> Part:
    graph = bpy.context.evaluated_depsgraph_get()
    data = bpy.data.meshes.new_from_object(thing.evaluated_get(graph))
    name, paints = thing.name, [slot.material for slot in thing.material_slots]
    bpy.data.objects.remove(thing)
    solid = bpy.data.objects.new(name, data)
    for paint, slot in zip(paints, solid.material_slots, strict=False):
        slot.material = paint
    bpy.context.scene.collection.objects.link(solid)
    return solid


def move(thing: Part, at: Point = (0, 0, 0), turn_deg: Point = (0, 0, 0), scale: float = 1) -> Part:
    """Scale, turn (degrees about x, y, z) and move the points of a shape; the object stays."""
    turn = Euler([math.radians(t) for t in turn_deg]).to_matrix().to_4x4()
    thing.data.transform(Matrix.Translation(at) @ turn @ Matrix.Scale(scale, 4))
    return thing


def copied(thing: Part, name: str, mirror: str = "") -> Part:
    """Copy a shape with its surface, mirrored along ``x`` or ``y`` if asked."""
    other = thing.copy()
    other.data = thing.data.copy()
    other.name = name
    bpy.context.scene.collection.objects.link(other)
    if mirror:
        scales = [-1 if axis == mirror else 1 for axis in "xyz"]
        other.data.transform(Matrix.Diagonal([*scales, 1]))
        other.data.flip_normals()
    return other


def joined(name: str, parts: Sequence[Part]) -> Part:
    """Join painted shapes to one part, so that nothing of it is left where it is missing."""
    with bpy.context.temp_override(active_object=parts[0], selected_editable_objects=list(parts)):
        bpy.ops.object.join()
    parts[0].name = name
    return parts[0]


def warp(thing: Part, shift: Callable[[Vector], Point]) -> Part:
    """Move every point to where ``shift(point)`` says."""
    for vertex in thing.data.vertices:
        vertex.co = shift(vertex.co)
    thing.data.update()
    return thing


def crumple(thing: Part, depth: float, size: float, seed: float = 0) -> Part:
    """Push points along their normals by noise so deep and so wide: cloth, leather, clay."""
    offset = Vector((seed * 13.7, seed * 5.1, seed * 9.3))
    normals = [vertex.normal.copy() for vertex in thing.data.vertices]
    for vertex, normal in zip(thing.data.vertices, normals, strict=True):
        vertex.co += normal * depth * noise.fractal(vertex.co / size + offset, 1.0, 2.0, 3)
    thing.data.update()
    return thing


def thickened(thing: Part, thickness: float, offset: float = 0) -> Part:
    """Give a sheet thickness: ``offset`` -1 grows inwards, 1 outwards."""
    modifier = thing.modifiers.new("thicken", "SOLIDIFY")
    modifier.thickness, modifier.offset = thickness, offset
    return _applied(thing)


def paint(thing: Part, surface: bpy.types.Material) -> Part:
    """Cover a whole shape with one surface."""
    thing.data.materials.clear()
    thing.data.materials.append(surface)
    return thing
