"""Things that a toy shop sells, drawn: a shape in a colour and a pattern, on paper or in a photo.

Coordinates run from 0 to 100, right and down. Everything is drawn twice as large and halved, so
that edges are soft.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float
from PIL import Image, ImageChops, ImageDraw, ImageFilter

Point = tuple[float, float]
Plane = Float[np.ndarray, "h w"]
Role = Literal["fabric", "shade", "dark", "light", "strap", "seam", "lace", "pole"]


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a shape: an area with corners rounded by ``size``, or a line so thick."""

    role: Role
    points: Sequence[Point]
    size: float = 0.0


def _both(half: Sequence[Point]) -> list[Point]:
    """Complete a right half by its mirror image."""
    return [*half, *((100 - x, y) for x, y in reversed(half))]


def _arc(centre: Point, radii: Point, start: int, end: int) -> list[Point]:
    """Walk along an ellipse, angles in degrees, clockwise from the right."""
    turns = (math.radians(angle) for angle in np.linspace(start, end, 25))
    return [(centre[0] + radii[0] * math.cos(t), centre[1] + radii[1] * math.sin(t)) for t in turns]


def _box(left: float, top: float, right: float, bottom: float) -> list[Point]:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _scallops(count: int) -> list[Point]:
    """Make the lower edge of an umbrella, from right to left."""
    half = 42 / count
    centres = (92 - half - 2 * half * number for number in range(count))
    return [point for x in centres for point in _arc((x, 52), (half, 6), 360, 180)]


SHAPES: Mapping[str, Sequence[Part]] = {
    "t-shirt": (
        Part("fabric", _both([(50, 21), (57, 19), (62, 13), (73, 17), (94, 35), (83, 48), (74, 40),
                              (74, 89), (50, 90)]), 3),
        Part("shade", _both([(50, 26), (59, 22), (65, 14), (62, 13), (57, 19), (50, 21)]), 1),
        Part("seam", [(74, 40), (71, 18)], 0.6),
        Part("seam", [(26, 40), (29, 18)], 0.6),
        Part("seam", [(27, 85), (50, 86.5), (73, 85)], 0.5),
        Part("seam", [(80, 46), (90, 33)], 0.5),
        Part("seam", [(20, 46), (10, 33)], 0.5),
    ),
    "dress": (
        Part("fabric", _both([(50, 22), (56, 18), (58, 7), (64, 7), (67, 24), (62, 44), (88, 88),
                              (70, 92), (50, 93)]), 3),
        Part("dark", _both([(50, 42), (62.5, 41), (62.5, 46), (50, 47)]), 1),
        Part("seam", [(46, 48), (36, 91)], 0.5),
        Part("seam", [(54, 48), (64, 91)], 0.5),
        Part("seam", [(50, 48), (50, 92)], 0.4),
    ),
    "trousers": (
        Part("fabric", _both([(50, 8), (68, 8), (73, 40), (75, 94), (57, 94), (51.5, 45),
                              (50, 42)]), 1.5),
        Part("shade", _both([(50, 8), (68, 8), (69, 14), (50, 14)]), 0.5),
        Part("seam", [(50, 14), (50, 42)], 0.6),
        Part("seam", [(58, 14), (63, 24), (70.5, 26)], 0.6),
        Part("seam", [(42, 14), (37, 24), (29.5, 26)], 0.6),
        Part("seam", [(65, 30), (66, 93)], 0.4),
        Part("seam", [(35, 30), (34, 93)], 0.4),
    ),
    "handbag": (
        Part("strap", _arc((50, 44), (19, 33), 180, 360), 4),
        Part("fabric", [(20, 42), (80, 42), (90, 88), (10, 88)], 6),
        Part("shade", [(19, 42), (81, 42), (84, 57), (50, 66), (16, 57)], 3),
        Part("light", _arc((50, 63), (4, 4), 0, 360)),
        Part("dark", _box(29, 41, 34, 49), 1),
        Part("dark", _box(66, 41, 71, 49), 1),
    ),
    "backpack": (
        Part("strap", _arc((50, 17), (9, 9), 180, 360), 3),
        Part("dark", _box(17, 48, 24, 80), 3),
        Part("dark", _box(76, 48, 83, 80), 3),
        Part("fabric", [(27, 14), (73, 14), (80, 92), (20, 92)], 16),
        Part("seam", [(26, 40), (32, 24), (50, 19), (68, 24), (74, 40)], 0.9),
        Part("shade", _box(29, 53, 71, 85), 5),
        Part("light", [(33, 60), (67, 60)], 0.2),
        Part("lace", [(33, 60), (67, 60)], 1.4),
        Part("dark", _box(60, 60, 63, 67), 1),
    ),
    "mug": (
        Part("strap", _arc((66, 54), (20, 18), 270, 450), 6),
        Part("fabric", [(18, 24), (70, 24), (67, 88), (21, 88)], 6),
        Part("shade", _arc((44, 24), (26, 7), 0, 360)),
        Part("dark", _arc((44, 25), (22, 5), 0, 360)),
    ),
    "sneaker": (
        Part("fabric", [(8, 76), (10, 40), (15, 34), (30, 37), (36, 46), (48, 44), (66, 58),
                        (86, 63), (94, 76)], 5),
        Part("shade", [(9, 74), (10, 42), (20, 40), (24, 74)], 3),
        Part("light", [(74, 76), (78, 62), (88, 64), (95, 76)], 4),
        Part("light", [(5, 73), (96, 73), (97, 80), (92, 85), (9, 85), (4, 80)], 3),
        Part("dark", [(5, 83), (95, 83), (91, 87), (9, 87)], 1),
        Part("lace", [(45, 53), (53, 47)], 2),
        Part("lace", [(51, 57), (60, 52)], 2),
        Part("lace", [(57, 61), (67, 57)], 2),
        Part("seam", [(36, 47), (42, 62), (74, 70)], 0.7),
    ),
    "cap": (
        Part("shade", [(58, 54), (78, 53), (97, 66), (96, 71), (76, 68), (56, 69)], 3),
        Part("fabric", [(10, 68), (10, 46), (26, 27), (44, 23), (62, 30), (72, 48), (72, 66),
                        (40, 71)], 9),
        Part("seam", [(43, 24), (40, 70)], 0.7),
        Part("seam", [(43, 24), (22, 42), (17, 68)], 0.6),
        Part("seam", [(43, 24), (60, 42), (62, 67)], 0.6),
        Part("dark", _arc((43, 23.5), (3, 2), 0, 360)),
    ),
    "lamp": (
        Part("pole", [(50, 48), (50, 88)], 3.5),
        Part("dark", [(30, 86), (70, 86), (74, 93), (26, 93)], 3),
        Part("light", _arc((50, 54), (5, 6), 0, 360)),
        Part("fabric", [(35, 9), (65, 9), (84, 54), (16, 54)], 2),
        Part("shade", [(18, 49), (82, 49), (84, 54), (16, 54)], 1),
        Part("dark", _arc((50, 71), (5, 4), 0, 360)),
    ),
    "chair": (
        Part("dark", [(27, 56), (32, 56), (30, 90), (27, 90)], 1),
        Part("dark", [(73, 56), (68, 56), (70, 90), (73, 90)], 1),
        Part("dark", [(19, 66), (26, 66), (22, 97), (18, 97)], 1),
        Part("dark", [(81, 66), (74, 66), (78, 97), (82, 97)], 1),
        Part("fabric", [(26, 5), (74, 5), (76, 52), (24, 52)], 8),
        Part("dark", _box(30, 49, 35, 58)),
        Part("dark", _box(65, 49, 70, 58)),
        Part("fabric", [(23, 54), (77, 54), (87, 67), (13, 67)], 3),
        Part("shade", [(13, 66), (87, 66), (87, 73), (13, 73)], 2),
    ),
    "umbrella": (
        Part("pole", [(50, 8), (50, 86), (49, 91), (44, 93), (39, 90), (39, 85)], 2.6),
        Part("fabric", [*_arc((50, 52), (42, 38), 180, 360), *_scallops(4)]),
        Part("seam", _arc((50, 52), (21, 38), 180, 270), 0.6),
        Part("seam", _arc((50, 52), (21, 38), 270, 360), 0.6),
        Part("seam", [(50, 14), (50, 52)], 0.6),
    ),
}  # fmt: skip

COLOURS: Mapping[str, tuple[int, int, int]] = {
    "red": (198, 42, 48),
    "orange": (236, 128, 38),
    "yellow": (242, 204, 60),
    "green": (52, 140, 80),
    "blue": (40, 94, 178),
    "purple": (120, 66, 158),
    "pink": (238, 142, 176),
    "black": (52, 54, 60),
}
PATTERNS = ("plain", "striped", "dotted", "checked")

_DARK, _LIGHT = (74, 62, 56), (246, 243, 236)


class Painter:
    """Draws in one size; patterns and light are prepared once."""

    def __init__(self, side_px: int) -> None:
        self._px = 2 * side_px
        rows, columns = np.mgrid[0 : self._px, 0 : self._px] * (100 / self._px)
        self._contrast = Image.new("RGB", (self._px, self._px), (255, 252, 244))
        self._weights = {
            name: Image.fromarray((255 * _weights(name, rows, columns)).astype(np.uint8))
            for name in PATTERNS
        }

    def draw(self, shape: str, colour: str, pattern: str) -> Image.Image:
        """Draw one thing, (side_px, side_px) RGBA, clear around it."""
        base = COLOURS[colour]
        canvas = Image.new("RGB", self._contrast.size, base)
        alpha = Image.new("L", canvas.size)
        fabric = Image.composite(self._contrast, canvas, self._weights[pattern])
        shaded = fabric.point([int(level * 0.74) for level in range(256)] * 3)
        cloth = {"fabric": fabric, "shade": shaded, "seam": shaded}
        paint = {"strap": tuple(int(level * 0.7) for level in base), "dark": _DARK, "pole": _DARK}
        for part in SHAPES[shape]:
            stencil, (left, top) = self._stencil(part)
            box = (left, top, left + stencil.width, top + stencil.height)
            if part.role in cloth:
                canvas.paste(cloth[part.role].crop(box), box, stencil)
            else:
                canvas.paste(paint.get(part.role, _LIGHT), box, stencil)
            alpha.paste(255, box, stencil)
        canvas, alpha = canvas.reduce(2), alpha.reduce(2)
        lit = ImageChops.multiply(canvas, _light(alpha))
        lit.putalpha(alpha)
        return lit

    def _stencil(self, part: Part) -> tuple[Image.Image, tuple[int, int]]:
        """Cut a part out of a sheet just large enough; where its corner belongs."""
        scale, thick = self._px / 100, part.role in {"strap", "seam", "lace", "pole"}
        points = part.points if thick else _rounded(part.points, part.size)
        margin = part.size * scale / 2 + 2 if thick else 1
        xs, ys = ([value * scale for value in axis] for axis in zip(*points, strict=True))
        left, top = int(min(xs) - margin), int(min(ys) - margin)
        extent = int(max(xs) + margin) - left + 1, int(max(ys) + margin) - top + 1
        stencil = Image.new("L", extent)
        pen, path = (
            ImageDraw.Draw(stencil),
            [(x - left, y - top) for x, y in zip(xs, ys, strict=True)],
        )
        if thick:
            width = max(round(part.size * scale), 1)
            pen.line(path, 255, width, joint="curve")
            for x, y in (path[0], path[-1]):
                pen.circle((x, y), width / 2, 255)
        else:
            pen.polygon(path, 255)
        return stencil, (left, top)


def _weights(pattern: str, rows: Plane, columns: Plane) -> Plane:
    """Say how much of the contrast colour each place shows, 0 to 1."""
    if pattern == "striped":
        return (rows % 10 < 4) * 0.88
    if pattern == "dotted":
        across = (columns + rows // 9 % 2 * 5.5) % 11 - 5.5
        return (across**2 + (rows % 9 - 4.5) ** 2 < 2.5**2) * 0.9
    if pattern == "checked":
        return 0.4 * (rows % 12 < 6) + 0.4 * (columns % 12 < 6)
    return np.zeros_like(rows)


def _rounded(points: Sequence[Point], radius: float) -> list[Point]:
    """Replace every corner of an area by a quadratic Bézier curve that starts ``radius`` away."""
    if not radius:
        return list(points)
    corners = np.array(points, np.float64)
    rounded: list[Point] = []
    for before, corner, after in zip(
        np.roll(corners, 1, 0), corners, np.roll(corners, -1, 0), strict=True
    ):
        starts = [
            corner + (end - corner) * min(radius / max(float(np.hypot(*(end - corner))), 1e-9), 0.5)
            for end in (before, after)
        ]
        for t in np.linspace(0, 1, 7):
            x, y = (1 - t) ** 2 * starts[0] + 2 * t * (1 - t) * corner + t**2 * starts[1]
            rounded.append((float(x), float(y)))
    return rounded


def _light(alpha: Image.Image) -> Image.Image:
    """Darken towards the edges and to the lower right, as a soft lamp does."""
    small = alpha.resize((64, 64), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(4))
    rows, columns = np.mgrid[0:64, 0:64] / 63
    level = 0.62 + 0.38 * np.asarray(small, np.float32) / 255 + 0.08 * (0.5 - (rows + columns) / 2)
    grey = Image.fromarray((np.clip(level, 0, 1) * 255).astype(np.uint8))
    return Image.merge("RGB", [grey.resize(alpha.size, Image.Resampling.BICUBIC)] * 3)


# ---- on paper and in a photo -------------------------------------------------------------------


def on_paper(thing: Image.Image) -> Image.Image:
    """Lay a drawn thing on a shop's white ground, with a soft shadow under it; RGB, same size."""
    ground = Image.new("RGB", thing.size, (252, 252, 251))
    _cast_shadow(ground, thing, (0, thing.height // 50), 0.35)
    ground.paste(thing, mask=thing)
    return ground


def second_view(thing: Image.Image) -> Image.Image:
    """Show the same thing mirrored, tilted and nearer, on light grey."""
    mirrored = thing.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    turned = mirrored.rotate(11, Image.Resampling.BICUBIC, expand=True)
    ground = Image.new("RGB", thing.size, (234, 234, 232))
    # What turning made larger is cut off again, and a little more: a nearer view.
    cut = (turned.width - round(thing.width * 0.94)) // 2
    near = turned.crop((cut, cut, turned.width - cut, turned.height - cut)).resize(thing.size)
    _cast_shadow(ground, near, (thing.width // 60, thing.height // 40), 0.35)
    ground.paste(near, mask=near)
    return ground


def in_a_photo(thing: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Photograph a thing by hand: some ground, askew, far or cut off, coloured light, noise; RGB.

    Three wide to four high, as a phone is held.
    """
    width, height = thing.width, thing.height * 4 // 3
    photo = _some_ground(width, height, rng)
    scale = rng.uniform(0.72, 1.02)
    resized = thing.resize((int(thing.width * scale), int(thing.height * scale)))
    askew = resized.rotate(rng.uniform(-16, 16), Image.Resampling.BICUBIC, expand=True)
    place = Image.new("RGBA", photo.size)
    left = (width - askew.width) / 2 + rng.uniform(-0.13, 0.13) * width
    top = (height - askew.height) / 2 + rng.uniform(-0.1, 0.1) * height
    place.paste(askew, (int(left), int(top)))
    _cast_shadow(photo, place, (int(rng.uniform(-0.04, 0.04) * width), height // 40), 0.5)
    photo.paste(place, mask=place)
    photo = photo.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.9)))
    return _in_light(photo, rng)


def _some_ground(width: int, height: int, rng: np.random.Generator) -> Image.Image:
    """Make a wall over a table top, each of a dull colour with soft blotches."""
    tones = rng.uniform(95, 215) + rng.normal(0, 8, (2, 3))  # wall, table; RGB
    tones[1] *= rng.uniform(0.65, 0.95)
    edge = int(height * rng.uniform(0.45, 0.75))
    ground = np.empty((height, width, 3), np.float32)
    ground[:edge], ground[edge:] = tones[0], tones[1]
    coarse = rng.normal(128, 9, (8, 6)).clip(0, 255).astype(np.uint8)
    blotches = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    ground += np.asarray(blotches, np.float32)[..., None] - 128
    return Image.fromarray(ground.clip(0, 255).astype(np.uint8))


def _in_light(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Light it from one side with a lamp that is not quite white, and add the sensor's noise."""
    rows, columns = np.mgrid[-1 : 1 : photo.height * 1j, -1 : 1 : photo.width * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    slope = 1 + 0.16 * (columns * np.cos(angle) + rows * np.sin(angle))  # (h, w)
    lamp = rng.uniform(0.82, 1.08) * (1 + rng.normal(0, 0.035, 3))
    noise = rng.normal(0, rng.uniform(2, 6), (photo.height, photo.width, 1))
    lit = np.asarray(photo, np.float32) * slope[..., None] * lamp + noise
    return Image.fromarray(lit.clip(0, 255).astype(np.uint8))


def _cast_shadow(
    ground: Image.Image, thing: Image.Image, offset: tuple[int, int], strength: float
) -> None:
    small = thing.getchannel("A").resize((thing.width // 4, thing.height // 4))
    soft = small.filter(ImageFilter.GaussianBlur(thing.width / 130)).resize(thing.size)
    dimmed = soft.point([int(level * strength) for level in range(256)])
    ground.paste((30, 30, 34), offset, dimmed)
