"""What is where in a picture, exactly: every product's visible pixels.

The stage is rendered again with every product shining in its own number and all else black, one
sample a pixel, no light and no smoothing.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import bpy
import numpy as np
from PIL import Image

Numbers = Mapping[int, Sequence[bpy.types.Object]]
"""A product's number, 1 to 255, to its parts."""


def numbered(products: Numbers, path: Path) -> np.ndarray:
    """Tell which product each pixel shows, (h, w) uint8; 0 is none of them."""
    for thing in bpy.data.objects:
        thing.pass_index = 0
    for number, parts in products.items():
        for part in parts:
            part.pass_index = number
    return flat(_shining_number(), path)[..., 0]


def visible_share(products: Numbers, seen: np.ndarray, path: Path) -> dict[int, float]:
    """Tell how much of each product's outline nothing else hides or cuts off, 0 to 1."""
    shares = {}
    others = [thing for thing in bpy.data.objects if thing.type == "MESH" and not thing.hide_render]
    for number, parts in products.items():
        for thing in others:
            thing.hide_render = thing not in parts
        alone = numbered({number: parts}, path) == number
        whole = max(int(alone.sum()), 1)
        shares[number] = float(((seen == number) & alone).sum() / whole)
    for thing in others:
        thing.hide_render = False
    return shares


def flat(override: bpy.types.Material | None, path: Path) -> np.ndarray:
    """Render colours as they are written, (h, w, 3) uint8: no light, one sample, no blur."""
    scene, layer = bpy.context.scene, bpy.context.view_layer
    eye = scene.camera.data
    kept = (scene.cycles.samples, scene.cycles.use_denoising, scene.view_settings.view_transform,
            scene.view_settings.look, scene.view_settings.exposure, scene.world, eye.dof.use_dof,
            scene.render.film_transparent)  # fmt: skip
    scene.cycles.samples, scene.cycles.use_denoising = 1, False
    scene.cycles.pixel_filter_type, scene.cycles.filter_width = "BOX", 0.01
    scene.view_settings.view_transform, scene.view_settings.look = "Raw", "None"
    scene.view_settings.exposure, scene.world, eye.dof.use_dof = 0, None, False
    scene.render.film_transparent, scene.render.dither_intensity = False, 0
    layer.material_override = override
    lights = [thing for thing in bpy.data.objects if thing.type == "LIGHT"]
    for light in lights:
        light.hide_render = True
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    layer.material_override = None
    for light in lights:
        light.hide_render = False
    (scene.cycles.samples, scene.cycles.use_denoising, scene.view_settings.view_transform,
     scene.view_settings.look, scene.view_settings.exposure, scene.world, eye.dof.use_dof,
     scene.render.film_transparent) = kept  # fmt: skip
    scene.cycles.pixel_filter_type, scene.cycles.filter_width = "BLACKMAN_HARRIS", 1.5
    with Image.open(path) as picture:
        levels = np.asarray(picture.convert("RGB"))
    path.unlink()
    return levels


def _shining_number() -> bpy.types.Material:
    material = bpy.data.materials.new("number")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    info = tree.nodes.new("ShaderNodeObjectInfo")
    share = tree.nodes.new("ShaderNodeMath")
    share.operation, share.inputs[1].default_value = "DIVIDE", 255
    shine = tree.nodes.new("ShaderNodeEmission")
    end = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(info.outputs["Object Index"], share.inputs[0])
    tree.links.new(share.outputs[0], shine.inputs["Color"])
    tree.links.new(shine.outputs[0], end.inputs["Surface"])
    return material


def box_of(mask: np.ndarray) -> tuple[int, int, int, int] | None:
    """Find the box (left, top, right, bottom) around true pixels, right and bottom exclusive."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
