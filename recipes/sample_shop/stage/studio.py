"""The photographer: an empty stage, light, a camera, and one picture."""

import math
from collections.abc import Sequence
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector
from PIL import Image, ImageDraw, ImageFilter

SKIES = Path(bpy.utils.resource_path("LOCAL")) / "datafiles" / "studiolights" / "world"
"""Lights photographed by Greg Zaal (Poly Haven), CC0, that come with Blender."""


def empty_stage(samples: int, threads: int = 0) -> bpy.types.Scene:
    """Throw everything away and set the renderer up."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device, cycles.samples, cycles.seed = "CPU", samples, 1
    cycles.use_adaptive_sampling, cycles.adaptive_threshold = True, 0.02
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.denoising_input_passes, cycles.denoising_prefilter = "RGB_ALBEDO_NORMAL", "NONE"
    cycles.max_bounces, cycles.transmission_bounces, cycles.transparent_max_bounces = 8, 8, 8
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 6
    if threads:
        scene.render.threads_mode, scene.render.threads = "FIXED", threads
    scene.render.resolution_percentage = 100
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    return scene


def sky(name: str, strength: float, turn_deg: float = 0.0) -> None:
    """Light everything by a photographed room or sky, one of ``SKIES``."""
    world = bpy.data.worlds.new("sky")
    bpy.context.scene.world = world
    world.use_nodes = True
    world.cycles.sampling_method, world.cycles.sample_map_resolution = "MANUAL", 256
    tree = world.node_tree
    back = next(n for n in tree.nodes if n.type == "BACKGROUND")
    picture = tree.nodes.new("ShaderNodeTexEnvironment")
    picture.image = bpy.data.images.load(str(SKIES / f"{name}.exr"), check_existing=True)
    turn = tree.nodes.new("ShaderNodeMapping")
    turn.inputs["Rotation"].default_value[2] = math.radians(turn_deg)
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    tree.links.new(coordinates.outputs["Generated"], turn.inputs["Vector"])
    tree.links.new(turn.outputs[0], picture.inputs["Vector"])
    tree.links.new(picture.outputs[0], back.inputs["Color"])
    back.inputs["Strength"].default_value = strength


def lamp(at: Sequence[float], size: float, watts: float, towards: Sequence[float] = (0, 0, 0),
         warm: Sequence[float] = (1, 1, 1), *, shadow: bool = True) -> None:  # fmt: skip
    """Add a soft square lamp."""
    light = bpy.data.lights.new("lamp", "AREA")
    light.energy, light.size, light.color = watts, size, warm
    light.cycles.cast_shadow = shadow
    thing = bpy.data.objects.new("lamp", light)
    thing.location = at
    thing.rotation_euler = (Vector(towards) - Vector(at)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(thing)


def camera(at: Sequence[float], towards: Sequence[float], lens_mm: float = 85, roll_deg: float = 0,
           f_stop: float = 0) -> bpy.types.Object:  # fmt: skip
    """Put the camera somewhere; with ``f_stop`` what is nearer or farther than its aim blurs."""
    data = bpy.data.cameras.new("camera")
    data.lens, data.clip_start, data.clip_end = lens_mm, 0.005, 200
    thing = bpy.data.objects.new("camera", data)
    thing.location = at
    aim = Vector(towards) - Vector(at)
    thing.rotation_euler = aim.to_track_quat("-Z", "Y").to_euler()
    thing.rotation_euler.rotate_axis("Z", math.radians(roll_deg))
    if f_stop:
        data.dof.use_dof, data.dof.aperture_fstop = True, f_stop
        data.dof.focus_distance = aim.length
    bpy.context.scene.collection.objects.link(thing)
    bpy.context.scene.camera = thing
    bpy.context.view_layer.update()
    return thing


def gathered(parts: Sequence[bpy.types.Object], name: str) -> bpy.types.Object:
    """Hang a product's parts on one handle, so that it is moved, turned and scaled as one."""
    root = bpy.data.objects.new(name, None)
    bpy.context.scene.collection.objects.link(root)
    for part in parts:
        part.parent = root
    return root


def extent(parts: Sequence[bpy.types.Object]) -> tuple[np.ndarray, np.ndarray]:
    """Measure the smallest and largest x, y, z of a product's own points."""
    corners = []
    for part in parts:
        points = np.empty(3 * len(part.data.vertices), np.float32)
        part.data.vertices.foreach_get("co", points)
        corners.append(points.reshape(-1, 3))
    every = np.concatenate(corners)
    return every.min(axis=0), every.max(axis=0)


def on_white(root: bpy.types.Object, parts: Sequence[bpy.types.Object], turn_deg: float,
             height_deg: float, *, hangs: bool = False) -> None:  # fmt: skip
    """Set a shop's white studio up around a product that is scaled to the size of a hand."""
    scene = bpy.context.scene
    scene.render.resolution_x = scene.render.resolution_y = 384
    scene.render.film_transparent = True
    scene.cycles.film_transparent_glass = True
    scene.view_settings.view_transform = "Standard"
    low, high = extent(parts)
    scale = 1 / float(np.linalg.norm(high - low))
    middle = (low + high) / 2
    root.scale = (scale,) * 3
    root.rotation_euler = (0, 0, math.radians(turn_deg))
    turn = math.radians(turn_deg)
    x, y = middle[0] * scale, middle[1] * scale
    root.location = (
        -(x * math.cos(turn) - y * math.sin(turn)),
        -(x * math.sin(turn) + y * math.cos(turn)),
        -float(low[2]) * scale,
    )
    bpy.context.view_layer.update()
    centre = (0, 0, float(high[2] - low[2]) * scale / 2)
    _softboxes(centre)
    if not hangs:
        _floor()
    rise = math.radians(height_deg)
    distance = 3.6
    camera(
        (0, -distance * math.cos(rise), centre[2] + distance * math.sin(rise)), centre, lens_mm=100
    )
    _fill_frame(parts)


def _softboxes(centre: Sequence[float]) -> None:
    """Light as packshots are lit: a large box from the left, fill from the right, a rim behind."""
    world = bpy.data.worlds.new("studio")
    bpy.context.scene.world = world
    world.use_nodes = True
    back = next(n for n in world.node_tree.nodes if n.type == "BACKGROUND")
    back.inputs["Color"].default_value = (0.9, 0.95, 1.0, 1)
    back.inputs["Strength"].default_value = 0.42
    lamp((-1.5, -1.2, 1.7), 1.6, 34, centre)
    lamp((1.9, -1.0, 1.0), 1.2, 9, centre)
    lamp((0.5, 1.7, 1.6), 1.0, 14, centre)


def _floor() -> None:
    """Lay a white floor that throws light back; its shadow is drawn by ``ground_shadow``."""
    bpy.ops.mesh.primitive_plane_add(size=80)  # a small one would leave glass without a tint
    bpy.context.object.visible_camera = False


def seen_box(parts: Sequence[bpy.types.Object]) -> tuple[float, float, float, float]:
    """Tell the box that parts take in the picture, 0 to 1 from its lower left corner."""
    from bpy_extras.object_utils import world_to_camera_view  # noqa: PLC0415 -- Blender's own path

    scene = bpy.context.scene
    seen = []
    for part in parts:
        step = max(len(part.data.vertices) // 2000, 1)
        for vertex in list(part.data.vertices)[::step]:
            point = world_to_camera_view(scene, scene.camera, part.matrix_world @ vertex.co)
            seen.append((point.x, point.y))
    every = np.array(seen)
    left, bottom = every.min(axis=0)
    right, top = every.max(axis=0)
    return float(left), float(bottom), float(right), float(top)


def _fill_frame(parts: Sequence[bpy.types.Object], share: float = 0.84) -> None:
    """Shift and zoom the camera until the product fills its share of the frame."""
    data = bpy.context.scene.camera.data
    left, bottom, right, top = seen_box(parts)
    zoom = share / max(right - left, top - bottom)
    data.lens *= zoom
    data.shift_x = ((left + right) / 2 - 0.5) * zoom
    data.shift_y = ((bottom + top) / 2 - 0.5) * zoom


def ground_shadow(parts: Sequence[bpy.types.Object]) -> Image.Image:
    """Draw the soft shadow that products cast on a white floor at z = 0 under a wide light.

    Each face is dropped onto the floor and drawn as the camera sees it there, the blurrier and the
    fainter the higher it was; white is no shadow.
    """
    scene = bpy.context.scene
    size = scene.render.resolution_x, scene.render.resolution_y
    faces = [face for part in parts for face in _dropped(part, size)]
    top = max((height for height, _ in faces), default=1.0)
    shade = np.ones((size[1], size[0]))
    for low, high, blur, strength in _SHADOWS:
        layer = Image.new("L", size)
        pen = ImageDraw.Draw(layer)
        for height, corners in faces:
            if low <= height / top < high:
                pen.polygon(corners, 255)
        soft = np.asarray(layer.filter(ImageFilter.GaussianBlur(blur * size[0])), float) / 255
        shade *= 1 - strength * soft
    return Image.fromarray((shade * 255).astype(np.uint8))


_SHADOWS = (
    (-1, 0.04, 0.006, 0.45),
    (0.04, 0.25, 0.02, 0.16),
    (0.25, 0.6, 0.05, 0.14),
    (0.6, 2, 0.09, 0.12),
)
"""Lowest and highest faces (of the product's height), blur (of the picture's width), darkness."""


def _dropped(
    part: bpy.types.Object, size: tuple[int, int]
) -> list[tuple[float, list[tuple[float, float]]]]:
    data = part.data
    points = np.empty(3 * len(data.vertices), np.float32)
    data.vertices.foreach_get("co", points)
    world = points.reshape(-1, 3) @ np.array(part.matrix_world)[:3, :3].T
    world += np.array(part.matrix_world)[:3, 3]
    floor = np.concatenate([world * [1, 1, 0], np.ones((len(world), 1))], axis=1)
    view = _projection() @ floor.T
    x = (view[0] / view[3] * 0.5 + 0.5) * size[0]
    y = (0.5 - view[1] / view[3] * 0.5) * size[1]
    return [
        (float(world[list(face.vertices), 2].mean()), [(x[i], y[i]) for i in face.vertices])
        for face in data.polygons
    ]


def _projection() -> np.ndarray:
    scene = bpy.context.scene
    eye, graph = scene.camera, bpy.context.evaluated_depsgraph_get()
    width, height = scene.render.resolution_x, scene.render.resolution_y
    return np.array(eye.calc_matrix_camera(graph, x=width, y=height)) @ np.array(
        eye.matrix_world.inverted()
    )


def shoot(path: Path, ground: Image.Image | None = None) -> Image.Image:
    """Render to a picture; what is clear shows the ground, white if there is none."""
    scene = bpy.context.scene
    raw = path.with_suffix(".raw.png")
    scene.render.filepath = str(raw)
    bpy.ops.render.render(write_still=True)
    with Image.open(raw) as rendered:
        clear = rendered.convert("RGBA")
    raw.unlink()
    under = ground or Image.new("L", clear.size, 255)
    flat = under.convert("RGBA")
    flat.alpha_composite(clear)
    return flat.convert("RGB")
