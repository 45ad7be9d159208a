"""What goes wrong with products: a stain, a scratch, a dent, a wrong colour, a missing part.

Each is made on the modelled product, so that the mask of what differs is exact.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector
from PIL import Image, ImageFilter

from sample_shop.model.nodes import Value, colour, feed, mixed, noise, place
from sample_shop.stage.photo import Product
from sample_shop.stage.studio import empty_stage, extent, gathered, ground_shadow, on_white, shoot
from sample_shop.stage.truth import flat, numbered

_ENOUGH = 250
"""Pixels of a part that a person misses when they are gone."""
KINDS = ("stain", "scratch", "dent", "wrong colour", "missing part")


@dataclass(frozen=True, slots=True)
class Defect:
    """A defective product in its catalogue pose, and where it differs, (h, w) bool."""

    kind: str
    picture: Image.Image
    mask: np.ndarray


@dataclass(frozen=True, slots=True)
class _Stage:
    """A product in the studio: its parts and how large it is, metres across."""

    product: Product
    parts: Sequence[bpy.types.Object]
    root: bpy.types.Object
    size: float


def in_studio(product: Product, side: float, samples: int) -> _Stage:
    """Set a product up for its catalogue picture."""
    empty_stage(samples, 1)
    kind = product.kind
    parts = list(kind.build(product.group.form, product.variant.paint))
    root = gathered(parts, product.product_id)
    on_white(root, parts, side, kind.height_deg, hangs=kind.stands == "hangs")
    low, high = extent(parts)
    return _Stage(product, parts, root, float(np.linalg.norm(high - low)))


def catalogue_picture(product: Product, side: float, path: Path, samples: int) -> Image.Image:
    """Photograph a product on white."""
    return _taken(in_studio(product, side, samples), path)


def _taken(stage: _Stage, path: Path) -> Image.Image:
    hangs = stage.product.kind.stands == "hangs"
    shown = [part for part in stage.parts if not part.hide_render]
    return shoot(path, None if hangs else ground_shadow(shown))


def defective(product: Product, kind: str, rng: np.random.Generator, path: Path,
              samples: int) -> Defect | None:  # fmt: skip
    """Make a product defective in the pose of its first picture; None if nothing is seen of it."""
    stage = in_studio(product, product.kind.sides[0], samples)
    mask = _MAKERS[kind](stage, rng, path.with_suffix(".truth.png"))
    if mask is None or mask.sum() < 60:
        return None
    return Defect(kind, _taken(stage, path), mask)


def _stain(stage: _Stage, rng: np.random.Generator, path: Path) -> np.ndarray | None:
    spot = _spot(stage, rng, path)
    if spot is None:
        return None
    radius = stage.size * rng.uniform(0.07, 0.13)
    code = str(rng.choice(["#3b2412", "#1d2440", "#5b1720", "#4a4326"]))

    def share(tree: bpy.types.NodeTree) -> Value:
        x, y, z = place(tree)
        far = ((x - spot[0]) ** 2.0 + (y - spot[1]) ** 2.0 + (z - spot[2]) ** 2.0).sqrt()
        ragged = far + (noise(tree, radius * 0.5, 4) - 0.5) * (radius * 1.6)
        rim = ragged.ramp(radius * 0.65, radius * 0.95) * 0.3 + 0.62
        return ragged.ramp(radius, radius * 0.93) * rim

    return _recoloured(stage, share, code, path)


def _scratch(stage: _Stage, rng: np.random.Generator, path: Path) -> np.ndarray | None:
    spot = _spot(stage, rng, path)
    if spot is None:
        return None
    length, width = stage.size * rng.uniform(0.14, 0.3), stage.size * rng.uniform(0.0016, 0.0034)
    view = _inwards(stage, spot)
    way = view.cross(Vector(rng.normal(size=3))).normalized()
    across = view.cross(way)
    shine = str(rng.choice(["#f4f1ea", "#1a1817"]))

    def share(tree: bpy.types.NodeTree) -> Value:
        at = [a - float(b) for a, b in zip(place(tree), spot, strict=True)]
        along, beside = (at[0] * d.x + at[1] * d.y + at[2] * d.z for d in (way, across))
        past = (along.abs() - length / 2).largest(0.0)
        far = (past * past + beside * beside).sqrt()
        rough = far + (noise(tree, width * 4, 3) - 0.5) * (width * 3)
        return rough.ramp(width, width * 0.6) * 0.9

    return _recoloured(stage, share, shine, path)


def _dent(stage: _Stage, rng: np.random.Generator, path: Path) -> np.ndarray | None:
    spot = _spot(stage, rng, path)
    if spot is None:
        return None
    radius = stage.size * rng.uniform(0.1, 0.16)
    before = _depth_of(stage, path)
    inwards = _inwards(stage, spot)
    for part in stage.parts:
        _densify(part, spot, radius)
        for vertex in part.data.vertices:
            far = (vertex.co - spot).length / radius
            if far < 1:
                vertex.co += inwards * (radius * 0.42 * (1 - far * far) ** 2)
        part.data.update()
    return np.abs(_depth_of(stage, path) - before) > 2.5


def _wrong_colour(stage: _Stage, rng: np.random.Generator, path: Path) -> np.ndarray | None:
    before = _albedo(stage, path)
    code = str(rng.choice(["#c0392b", "#2e6fb0", "#3b8f4c", "#e0b030", "#7a4aa0", "#2b2b2e"]))
    names = sorted({part.name.split(".")[0] for part in stage.parts})
    rng.shuffle(names)
    for name in names:
        for part in stage.parts:
            if part.name.split(".")[0] == name:
                _tint(part, lambda tree: Value(tree, _constant(tree, 0.85)), code)
        mask = _differs(_albedo(stage, path), before)
        if mask.sum() > 400:
            return mask
    return None


def _missing_part(stage: _Stage, rng: np.random.Generator, path: Path) -> np.ndarray | None:
    """Leave one part out, or all of a role whose parts are small (laces, links of a bracelet)."""
    seen = numbered({k: [part] for k, part in enumerate(stage.parts, 1)}, path)
    prefixes = list(stage.product.kind.detachable)
    rng.shuffle(prefixes)
    for prefix in prefixes:
        found = [k for k, part in enumerate(stage.parts, 1) if part.name.startswith(prefix)]
        large = [k for k in found if (seen == k).sum() > _ENOUGH]
        gone = [int(rng.choice(large))] if large else found
        mask = np.isin(seen, gone)
        if mask.sum() > _ENOUGH:
            for k in gone:
                stage.parts[k - 1].hide_render = True
            return mask
    return None


_MAKERS: dict[str, Callable[[_Stage, np.random.Generator, Path], np.ndarray | None]] = {
    "stain": _stain,
    "scratch": _scratch,
    "dent": _dent,
    "wrong colour": _wrong_colour,
    "missing part": _missing_part,
}


# ---- on the product ------------------------------------------------------------------------------


def _spot(stage: _Stage, rng: np.random.Generator, path: Path) -> Vector | None:
    """Choose a point well inside the visible product, in its own metres."""
    seen = numbered({1: stage.parts}, path) == 1
    inner = np.asarray(Image.fromarray(seen).convert("L").filter(ImageFilter.MinFilter(41))) > 0
    rows, columns = np.nonzero(inner if inner.any() else seen)
    if not len(rows):
        return None
    pick = int(rng.integers(len(rows)))
    height, width = seen.shape
    hit = _ray((columns[pick] + 0.5) / width, 1 - (rows[pick] + 0.5) / height)
    return stage.root.matrix_world.inverted() @ hit if hit else None


def _ray(right: float, up: float) -> Vector | None:
    """Follow the camera's ray through a point of the picture to the first surface."""
    scene, graph = bpy.context.scene, bpy.context.evaluated_depsgraph_get()
    eye = scene.camera
    corners = [eye.matrix_world @ corner for corner in eye.data.view_frame(scene=scene)]
    top_right, bottom_right, bottom_left, _ = corners
    aim = bottom_left + (bottom_right - bottom_left) * right + (top_right - bottom_right) * up
    start = eye.matrix_world.translation
    found, where, *_ = scene.ray_cast(graph, start, (aim - start).normalized())
    return where if found else None


def _inwards(stage: _Stage, spot: Vector) -> Vector:
    """Tell the direction away from the camera, in the product's own axes."""
    eye = stage.root.matrix_world.inverted() @ bpy.context.scene.camera.matrix_world.translation
    return (spot - eye).normalized()


def _densify(part: bpy.types.Object, spot: Vector, radius: float) -> None:
    """Cut large faces near the spot, so that they can bend."""
    import bmesh  # noqa: PLC0415 -- exists only inside Blender

    for _ in range(6):
        work = bmesh.new()
        work.from_mesh(part.data)
        long = [edge for edge in work.edges if _is_coarse(edge, spot, radius)]
        if not long or len(work.verts) > 120_000:
            work.free()
            return
        bmesh.ops.subdivide_edges(work, edges=long, cuts=1, use_grid_fill=True)
        work.to_mesh(part.data)
        work.free()


def _is_coarse(edge: object, spot: Vector, radius: float) -> bool:
    length = edge.calc_length()
    near = min((vertex.co - spot).length for vertex in edge.verts) < radius * 2 + length
    return near and length > radius / 5


def _recoloured(stage: _Stage, share: Callable[[bpy.types.NodeTree], Value], code: str,
                path: Path) -> np.ndarray:  # fmt: skip
    before = _albedo(stage, path)
    for part in stage.parts:
        _tint(part, share, code)
    return _differs(_albedo(stage, path), before)


def _tint(part: bpy.types.Object, share: Callable[[bpy.types.NodeTree], Value], code: str) -> None:
    """Cover a share of a part's surface with another colour; parts keep surfaces of their own."""
    for slot in part.material_slots:
        slot.material = slot.material.copy()
        tree = slot.material.node_tree
        for node in [n for n in tree.nodes if n.type == "BSDF_PRINCIPLED"]:
            amount = share(tree)
            for name in ("Base Color", "Emission Color"):
                socket = node.inputs[name]
                under = socket.links[0].from_socket if socket.links else tuple(socket.default_value)
                feed(tree, socket, mixed(tree, amount, under, colour(code)))
            for name in ("Metallic", "Transmission Weight"):
                if not node.inputs[name].links:
                    feed(
                        tree,
                        node.inputs[name],
                        (amount * -1.0 + 1.0) * node.inputs[name].default_value,
                    )


def _constant(tree: bpy.types.NodeTree, number: float) -> bpy.types.NodeSocket:
    node = tree.nodes.new("ShaderNodeValue")
    node.outputs[0].default_value = number
    return node.outputs[0]


def _albedo(stage: _Stage, path: Path) -> np.ndarray:
    """Render the bare colours of all surfaces, (h, w, 3) int16."""
    kept = [(slot, slot.material) for part in stage.parts for slot in part.material_slots]
    for slot, material in kept:
        slot.material = _shining(material)
    levels = flat(None, path).astype(np.int16)
    for slot, material in kept:
        slot.material = material
    return levels


def _shining(material: bpy.types.Material) -> bpy.types.Material:
    other = material.copy()
    tree = other.node_tree
    principled = next((n for n in tree.nodes if n.type == "BSDF_PRINCIPLED"), None)
    if principled:
        shine = tree.nodes.new("ShaderNodeEmission")
        socket = principled.inputs["Base Color"]
        source = socket.links[0].from_socket if socket.links else tuple(socket.default_value)
        feed(tree, shine.inputs["Color"], source)
        end = next(n for n in tree.nodes if n.type == "OUTPUT_MATERIAL")
        tree.links.new(shine.outputs[0], end.inputs["Surface"])
    return other


def _depth_of(stage: _Stage, path: Path) -> np.ndarray:
    """Render how far each point lies from the camera, (h, w), in 1/160 of the product's size."""
    material = bpy.data.materials.new("depth")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    view = tree.nodes.new("ShaderNodeCameraData")
    shine = tree.nodes.new("ShaderNodeEmission")
    end = tree.nodes.new("ShaderNodeOutputMaterial")
    start = (
        bpy.context.scene.camera.matrix_world.translation - stage.root.matrix_world.translation
    ).length
    depth = (Value(tree, view.outputs["View Z Depth"]) - (start - 0.8)) / 1.6
    tree.links.new(depth.socket, shine.inputs["Color"])
    tree.links.new(shine.outputs[0], end.inputs["Surface"])
    return flat(material, path)[..., 0].astype(np.int16)


def _differs(after: np.ndarray, before: np.ndarray) -> np.ndarray:
    return np.abs(after - before).max(axis=2) > 10
