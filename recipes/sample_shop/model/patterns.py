"""Patterns on a surface: where the base colour gives way to others.

A pattern lives in two coordinates in metres: around the z axis and up (``wrap``), or flat on the
side a point faces (``box``). Each function returns how much of the next colour shows there.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import bpy

from sample_shop.model.nodes import Value, cells, colour, mixed, noise, place, vector

Plane = tuple[bpy.types.NodeTree, Value, Value]


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is drawn over a base colour.

    ``name`` is a key of ``PATTERNS``; ``colours`` are the colours after the base, used in turn;
    ``size`` is the period in metres. ``radius`` is the radius of a turned thing, so that a whole
    number of repeats goes around. ``low`` and ``high`` bound the pattern in z (None: everywhere).
    """

    name: str
    colours: Sequence[str]
    size: float = 0.02
    share: float = 0.5
    space: Literal["wrap", "box", "front"] = "wrap"
    radius: float = 0.05
    low: float | None = None
    high: float | None = None


def drawn(tree: bpy.types.NodeTree, base: object, pattern: Pattern) -> bpy.types.NodeSocket:
    """Draw a pattern over a base colour (a socket or linear RGBA)."""
    across, up = _plane(tree, pattern)
    socket: object = base
    for number, code in enumerate(pattern.colours):
        share = PATTERNS[pattern.name]((tree, across, up), pattern, number)
        if pattern.low is not None:
            share = share * (place(tree)[2] > pattern.low)
        if pattern.high is not None:
            share = share * (place(tree)[2] < pattern.high)
        socket = mixed(tree, share, socket, colour(code))
    assert isinstance(socket, bpy.types.NodeSocket)  # noqa: S101 -- a pattern has a colour
    return socket


def _plane(tree: bpy.types.NodeTree, pattern: Pattern) -> tuple[Value, Value]:
    x, y, z = place(tree)
    if pattern.space == "front":
        return x, z
    if pattern.space == "box":
        return _facing(tree, x, y, z)
    repeats = max(round(2 * math.pi * pattern.radius / pattern.size), 1)
    return y.atan2(x) * (repeats * pattern.size / (2 * math.pi)), z


def _facing(tree: bpy.types.NodeTree, x: Value, y: Value, z: Value) -> tuple[Value, Value]:
    """Choose the two coordinates that run along the side a point faces."""
    geometry = tree.nodes.new("ShaderNodeTexCoord")
    split = tree.nodes.new("ShaderNodeSeparateXYZ")
    tree.links.new(geometry.outputs["Normal"], split.inputs[0])
    nx, ny, nz = (Value(tree, socket).abs() for socket in split.outputs)
    top = nz > nx.largest(ny)
    side = (nx > ny) * (top * -1.0 + 1.0)
    across = y * side + x * (side * -1.0 + 1.0)
    up = y * top + z * (top * -1.0 + 1.0)
    return across, up


def _edge(value: Value, limit: float, soft: float = 0.02) -> Value:
    return value.ramp(limit + soft, limit - soft)


def _stripes(plane: Plane, p: Pattern, number: int) -> Value:
    _, _, up = plane
    at = (up / p.size + number * 0.33).modulo(1.0)
    return _edge((at - 0.5).abs(), p.share / 2)


def _pinstripes(plane: Plane, p: Pattern, number: int) -> Value:
    _, across, _ = plane
    at = (across / p.size + number * 0.33).modulo(1.0)
    return _edge((at - 0.5).abs(), p.share / 2)


def _checks(plane: Plane, p: Pattern, _: int) -> Value:
    _, across, up = plane
    a = (across / p.size).modulo(1.0) > 0.5
    b = (up / p.size).modulo(1.0) > 0.5
    return a * 0.5 + b * 0.5


def _tiles(plane: Plane, p: Pattern, _: int) -> Value:
    _, across, up = plane
    return ((across / p.size * 2).floor() + (up / p.size * 2).floor()).modulo(2.0)


def _dots(plane: Plane, p: Pattern, number: int) -> Value:
    _, across, up = plane
    row = (up / p.size + number * 0.5).floor()
    a = (across / p.size + row * 0.5 + number * 0.25).modulo(1.0) - 0.5
    b = (up / p.size + number * 0.5).modulo(1.0) - 0.5
    return _edge((a * a + b * b).sqrt(), p.share / 2)


def _zigzag(plane: Plane, p: Pattern, number: int) -> Value:
    _, across, up = plane
    wave = ((across / p.size).modulo(1.0) - 0.5).abs() * 2
    at = (up / p.size + wave * 0.6 + number * 0.33).modulo(1.0)
    return _edge((at - 0.5).abs(), p.share / 2)


def _waves(plane: Plane, p: Pattern, number: int) -> Value:
    _, across, up = plane
    at = (up / p.size + (across * (2 * math.pi / p.size)).sin() * 0.22 + number * 0.33).modulo(1.0)
    return _edge((at - 0.5).abs(), p.share / 2)


def _flowers(plane: Plane, p: Pattern, number: int) -> Value:
    """Five petals around a middle; the second colour is the middle."""
    _, across, up = plane
    row = (up / p.size).floor()
    a = (across / p.size + row * 0.5).modulo(1.0) - 0.5
    b = (up / p.size).modulo(1.0) - 0.5
    r = (a * a + b * b).sqrt()
    if number:
        return _edge(r, 0.07)
    petals = (b.atan2(a) * 2.5 + row * 2.1).cos().abs() * 0.16 + 0.16
    return (petals - r).ramp(-0.02, 0.02)


def _leaves(plane: Plane, p: Pattern, number: int) -> Value:
    """Pointed leaves in rows that lean to and fro."""
    _, across, up = plane
    row = (up / p.size + number * 0.5).floor()
    lean = row.modulo(2.0) * 2 - 1
    a = (across / p.size + row * 0.37).modulo(1.0) - 0.5
    b = (up / p.size + number * 0.5).modulo(1.0) - 0.5
    s, t = a + b * lean * 0.7, b
    return ((t * math.pi).cos() * 0.17 - s.abs()).ramp(-0.02, 0.02)


def _speckles(plane: Plane, p: Pattern, number: int) -> Value:
    tree, _, _ = plane
    x, y, z = place(tree)
    at = vector(tree, x + number * 3.1, y + number * 1.7, z)
    return _edge(cells(tree, p.size, at), 0.12 + 0.3 * p.share, 0.04)


def _terrazzo(plane: Plane, p: Pattern, number: int) -> Value:
    tree, _, _ = plane
    x, y, z = place(tree)
    wobble = noise(tree, p.size * 0.6) * (p.size * 0.8)
    at = vector(tree, x + wobble + number * 5.3, y + wobble, z + number * 2.9)
    return _edge(cells(tree, p.size * 1.7, at), 0.3 * p.share + 0.12)


def _marble(plane: Plane, p: Pattern, number: int) -> Value:
    tree, across, up = plane
    swirl = noise(tree, p.size * 2.5, 5) * 6
    at = ((across + up * 0.6) / p.size + swirl + number * 2.1).sin().abs()
    return at.ramp(0.16 + 0.3 * p.share, 0.0)


def _dip(plane: Plane, p: Pattern, _: int) -> Value:
    """Everything below z = ``size`` (glaze dipped, or a sole's foxing)."""
    tree, _, up = plane
    return (noise(tree, 0.02, 1) * 0.004 + up).ramp(p.size + 0.0035, p.size + 0.0005)


def _bands(plane: Plane, p: Pattern, number: int) -> Value:
    """One ring each colour, ``share`` of a period wide, a period apart from z = ``low``."""
    _, _, up = plane
    start = (p.low or 0) + number * p.size
    return (up > start) * (up < start + p.size * p.share)


PATTERNS: dict[str, Callable[[Plane, Pattern, int], Value]] = {
    "stripes": _stripes,
    "pinstripes": _pinstripes,
    "checks": _checks,
    "tiles": _tiles,
    "dots": _dots,
    "zigzag": _zigzag,
    "waves": _waves,
    "flowers": _flowers,
    "leaves": _leaves,
    "speckles": _speckles,
    "terrazzo": _terrazzo,
    "marble": _marble,
    "dip": _dip,
    "bands": _bands,
}
