"""Everyday places where products are photographed: tables, floors, shelves, gardens.

A place is built around the origin: the ground at z = 0, a wall behind at +y in most. Everything is
chosen by ``rng``; lengths are metres.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import bpy
import numpy as np

from sample_shop.model.forms import box, move, paint
from sample_shop.model.patterns import Pattern
from sample_shop.model.surfaces import fabric, lacquer, stone, wood
from sample_shop.stage import props
from sample_shop.stage.studio import gathered, lamp, sky


@dataclass(frozen=True, slots=True)
class Place:
    """What a place is made of; ``far`` is how far behind the product the wall stands."""

    name: str
    ground: str
    wall: str | None
    sky: str


TABLES = (
    Place("desk", "oak", "white", "interior"),
    Place("kitchen", "marble", "tiles", "interior"),
    Place("dark table", "walnut", "sage", "courtyard"),
    Place("linen cloth", "linen", "sand", "courtyard"),
    Place("ledge", "concrete", None, "forest"),
    Place("garden table", "teak", None, "courtyard"),
    Place("counter", "black stone", "brick", "city"),
    Place("painted shelf", "white wood", "blue", "interior"),
    Place("bench", "pine", "clay", "sunrise"),
    Place("bed", "blanket", "grey", "interior"),
    Place("terrazzo", "terrazzo", "rose", "city"),
    Place("window sill", "white wood", None, "city"),
)
FLOORS = (
    Place("living room", "planks", "white", "interior"),
    Place("study", "dark planks", "green", "interior"),
    Place("hall", "terrazzo", "sand", "city"),
    Place("nursery", "carpet", "blue", "interior"),
    Place("loft", "concrete", "brick", "city"),
    Place("terrace", "deck", None, "courtyard"),
    Place("park", "paving", None, "forest"),
    Place("bedroom", "rug", "rose", "sunrise"),
)


def surface(name: str) -> bpy.types.Material:
    """Make the surface of a ground or a wall by its name."""
    return _SURFACES[name]()


def _boards(light: str, dark: str, width: float) -> bpy.types.Material:
    return wood(light, dark, axis="x", grain=width / 5, rough=0.4)


_SURFACES = {
    "oak": lambda: wood("#c59d6b", "#9a7245", axis="x", grain=0.03),
    "walnut": lambda: wood("#6d4a30", "#3f2717", axis="x", grain=0.028),
    "pine": lambda: wood("#dcb77f", "#b98a50", axis="x", grain=0.045),
    "teak": lambda: wood("#9c6a3c", "#6f4524", axis="x", grain=0.02),
    "white wood": lambda: lacquer("#e6e3dc", rough=0.4),
    "marble": lambda: stone("#e8e6e3", rough=0.15, pattern=Pattern(
        "marble", ["#9a9a9c"], 0.12, share=0.1, space="box")),
    "black stone": lambda: stone("#2a2b2e", rough=0.25),
    "concrete": lambda: stone("#9b9892", rough=0.8),
    "paving": lambda: stone("#8f8a82", rough=0.85, pattern=Pattern(
        "tiles", ["#a39d93"], 0.8, space="box")),
    "terrazzo": lambda: stone("#ddd6cb", rough=0.3, pattern=Pattern(
        "terrazzo", ["#8d6f5c", "#5f6b66", "#c28f5d"], 0.03, share=0.4, space="box")),
    "linen": lambda: fabric("#d9cfbd", weave=0.0015),
    "blanket": lambda: fabric("#9aa3a8", weave=0.006, kind="knit"),
    "carpet": lambda: fabric("#b9b2a6", weave=0.008, kind="felt"),
    "rug": lambda: fabric("#c9bda9", weave=0.006, pattern=Pattern(
        "zigzag", ["#7d6f66", "#a8543f"], 0.35, share=0.2, space="box")),
    "planks": lambda: _boards("#b98f5f", "#8e683f", 0.16),
    "dark planks": lambda: _boards("#6a472f", "#472c1b", 0.16),
    "deck": lambda: _boards("#8d7a63", "#665542", 0.13),
    "white": lambda: lacquer("#dedbd4", rough=0.85),
    "sage": lambda: lacquer("#8f9c86", rough=0.85),
    "sand": lambda: lacquer("#cdb994", rough=0.85),
    "blue": lambda: lacquer("#6b87a1", rough=0.85),
    "green": lambda: lacquer("#3f5a4c", rough=0.85),
    "grey": lambda: lacquer("#8b8d8f", rough=0.85),
    "rose": lambda: lacquer("#cfa295", rough=0.85),
    "clay": lambda: lacquer("#a8684c", rough=0.85),
    "tiles": lambda: lacquer("#e3e4e2", rough=0.2, pattern=Pattern(
        "tiles", ["#d3d8d8"], 0.2, space="box")),
    "brick": lambda: lacquer("#97543d", rough=0.85, pattern=Pattern(
        "stripes", ["#b9a898"], 0.075, share=0.14, space="front")),
}  # fmt: skip


def build_place(place: Place, scale: float, rng: np.random.Generator) -> None:
    """Build ground, wall and light; ``scale`` is 1 for a table and about 4 for a room."""
    bpy.context.scene.render.film_transparent = False
    bpy.context.scene.view_settings.view_transform = "AgX"
    bpy.context.scene.view_settings.look = "AgX - Medium High Contrast"
    bpy.context.scene.view_settings.exposure = float(rng.uniform(-0.35, 0.3))
    reach = 1.1 * scale if place.wall else 0.8 * scale
    ground = box("ground", (8 * scale, 2 * reach, 0.04 * scale), 0, (0, 0, -0.04 * scale))
    paint(ground, surface(place.ground))
    far = rng.uniform(0.35, 0.7) * scale
    if place.wall:
        wall = box("wall", (8 * scale, 0.1, 5 * scale), 0, (0, far + 0.05, -2 * scale))
        paint(wall, surface(place.wall))
        _on_the_wall(scale, far, rng)
    sky(place.sky, float(rng.uniform(0.7, 1.1)), float(rng.uniform(0, 360)))
    side = float(rng.choice([-1, 1]))
    at = (
        side * rng.uniform(0.9, 1.8) * scale,
        -rng.uniform(0.4, 1.6) * scale,
        rng.uniform(0.8, 1.8) * scale,
    )
    warmth = rng.uniform(-0.12, 0.16)
    watts = float(rng.uniform(9, 24)) * scale**2
    warm = (1 + warmth, 1, 1 - warmth * 1.4)
    lamp(at, rng.uniform(0.25, 1.0) * scale, watts, (0, 0, 0.1 * scale), warm)


def _on_the_wall(scale: float, far: float, rng: np.random.Generator) -> None:
    if rng.random() < 0.55:
        wide = rng.uniform(0.2, 0.4) * scale
        picture = props.frame(rng, wide, wide * rng.uniform(0.8, 1.4))
        at = (rng.uniform(-0.5, 0.5) * scale, far - 0.02, rng.uniform(0.3, 0.55) * scale)
        for part in picture:
            move(part, at)
    elif scale > 2:
        for part in props.curtain(rng):
            move(part, (rng.choice([-1, 1]) * rng.uniform(0.5, 0.9), far - 0.12, 0))
    if scale > 2:
        skirting = box("skirting", (8 * scale, 0.02, 0.09), 0.004, (0, far - 0.01, 0))
        paint(skirting, lacquer("#e6e3dc", rough=0.5))


def scatter(spots: Sequence[tuple[float, float]], scale: float, rng: np.random.Generator,
            *, low: bool) -> None:  # fmt: skip
    """Stand a prop on each spot (x, y); the last is not a tall one if it shall be ``low``."""
    for number, (x, y) in enumerate(spots):
        choice = props.LOW if low and number == len(spots) - 1 else props.SMALL
        make = choice[int(rng.integers(len(choice)))]
        root = gathered(make(rng), f"prop.{number}")
        root.location = (x, y, 0)
        root.scale = (scale,) * 3
        root.rotation_euler = (0, 0, math.radians(float(rng.uniform(0, 360))))
