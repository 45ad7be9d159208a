"""Wooden toys: a car, a train engine, a stacking tower, an elephant to pull along."""

import math
from collections.abc import Sequence

import bpy
import numpy as np

from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import (
    Outline,
    Part,
    Point,
    ball,
    box,
    lathe,
    letters,
    move,
    paint,
    smooth_path,
    superellipse,
    tube,
)
from sample_shop.model.surfaces import Surface, fabric, lacquer, wood


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a toy of ``shape`` car, engine, rings or elephant, its nose towards -y."""
    return [move(part, turn_deg=(0, 0, -90)) for part in _SHAPES[form["shape"]](colours)]


def _sawn(
    name: str, outlines: Sequence[Sequence[Point]], depth: float, radius: float, y: float = 0
) -> Part:
    """Saw a board out along (x, z), further outlines being holes, and round its edges over."""
    curve = bpy.data.curves.new(name, "CURVE")
    curve.dimensions, curve.fill_mode = "2D", "BOTH"
    curve.extrude, curve.bevel_depth, curve.bevel_resolution = depth / 2 - radius, radius, 3
    curve.offset = -radius
    for outline in outlines:
        spline = curve.splines.new("POLY")
        spline.points.add(len(outline) - 1)
        spline.points.foreach_set("co", [c for x, z in outline for c in (x, z, 0, 1)])
        spline.use_cyclic_u = True
    drawn = bpy.data.objects.new(name, curve)
    data = bpy.data.meshes.new_from_object(drawn)
    bpy.data.objects.remove(drawn)
    board = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(board)
    data.polygons.foreach_set("use_smooth", [True] * len(data.polygons))
    data.set_sharp_from_angle(angle=math.radians(32))
    return move(board, (0, y, 0), (90, 0, 0))


def _arc(
    x: float, z: float, radius: float, start: float, end: float, count: int = 24
) -> Sequence[Point]:
    """List points of an arc, degrees."""
    turns = np.radians(np.linspace(start, end, count))
    return [(x + radius * math.cos(a), z + radius * math.sin(a)) for a in turns]


def _beech(axis: str = "x") -> Surface:
    """Show plain beech, its fibres along an axis."""
    return wood("#d3aa76", "#b58a56", axis=axis, grain=0.012)


def _wheel(k: int, at: Sequence[float], radius: float, wide: float, colours: Paint) -> list[Part]:
    """Model a wheel with a turned groove, and the peg it runs on, facing the side it is on."""
    half = wide / 2
    groove = [(0, 0.7), (0.48, 0.7), (0.54, 0.74), (0.58, 0.98), (0.62, 1)]
    rim = [(0.86, 1), (0.94, 0.86), (1.0, 0.45), (1.0, -0.45), (0.94, -0.86), (0.86, -1), (0, -1)]
    profile = [(r * radius, z * half) for r, z in (*groove, *rim)]
    side = -1 if at[1] < 0 else 1
    wheel = lathe(f"wheel.{k}", profile, turns=64)
    head = [(0, half + 0.003), (0.0035, half + 0.0022), (0.0056, half)]
    peg = lathe(f"peg.{k}", [*head, (0.006, half * 0.6), (0.006, -half - 0.006)], turns=32)
    paint(wheel, lacquer(colours["wheel"], rough=0.35))
    paint(peg, _beech("y"))
    return [move(part, at, (-90 * side, 0, 0)) for part in (wheel, peg)]


def _wheels(places: Sequence[Point], y: float, wide: float, colours: Paint) -> list[Part]:
    """Put a wheel on both sides at each (x, radius)."""
    parts, k = [], 0
    for x, radius in places:
        for side in (-1, 1):
            k += 1
            parts += _wheel(k, (x, side * y, radius), radius, wide, colours)
    return parts


_ROOF = ((-0.096, 0.05), (-0.094, 0.064), (-0.078, 0.073), (-0.062, 0.08), (-0.043, 0.104),
         (-0.015, 0.112), (0.012, 0.107), (0.034, 0.082), (0.052, 0.072), (0.08, 0.067),
         (0.094, 0.057), (0.098, 0.044))  # fmt: skip
"""A saloon's outline (x, z), from its tail over the roof to its nose."""


def _car(colours: Paint) -> list[Part]:
    """Model a saloon sawn from one block, two windows through it, a number on its door."""
    roof = smooth_path(_ROOF, 90)
    front = [(0.099, 0.034), (0.094, 0.024), *_arc(0.058, 0.022, 0.029, 5, 175)]
    rear = [*_arc(-0.058, 0.022, 0.029, 5, 175), (-0.092, 0.024), (-0.097, 0.032)]
    slope = smooth_path([(0.023, 0.077), (0.014, 0.091), (0.004, 0.098)], 9)
    glass = [(0.004, 0.074), (0.02, 0.074), *slope]
    curve = smooth_path([(-0.008, 0.101), (-0.03, 0.097), (-0.045, 0.083), (-0.044, 0.075)], 14)
    pane = [(-0.004, 0.074), (-0.004, 0.1), *curve]
    body = _sawn("body", [[*roof, *front, *rear], glass, pane], 0.07, 0.0055)
    parts = [paint(body, lacquer(colours["body"], rough=0.3))]
    stripe = lacquer(colours["mark"], rough=0.4)
    for k, side in enumerate((-1, 1), 1):
        rim = [(0.0165, 0), (0.0165, 0.0006), (0.016, 0.001), (0, 0.001)]
        disc = lathe(f"disc.{k}", rim, turns=48)
        parts.append(paint(move(disc, (-0.003, side * 0.0347, 0.05), (-90 * side, 0, 0)), stripe))
        at = (-0.003, side * 0.0359, 0.05)
        number = letters(f"number.{k}", "7", 0.03, at, (90, 0, 0 if side < 0 else 180))
        parts.append(paint(number, lacquer("#26272b")))
        lamp = ball(f"lamp.{k}", (0.0045, 0.0075, 0.0075), (0.096, side * 0.022, 0.048))
        parts.append(paint(lamp, _beech()))
    return parts + _wheels([(0.058, 0.0235), (-0.058, 0.0235)], 0.038, 0.015, colours)


def _lying(name: str, profile: Outline, at: Sequence[float]) -> Part:
    """Turn a profile of (radius, length) and lay it along x."""
    return move(lathe(name, profile, turns=72), at, (0, 90, 0))


def _cab() -> tuple[Part, Part]:
    """Saw the cab with its window, and an arched roof that stands out over it."""
    window = [*_arc(-0.058, 0.102, 0.013, 0, 180, 16), (-0.071, 0.086), (-0.045, 0.086)]
    wall = [(-0.09, 0.046), (-0.026, 0.046), (-0.026, 0.126), (-0.09, 0.126)]
    cab = _sawn("cab", [wall, window], 0.06, 0.003)
    arch = [*_arc(0, 0.06, 0.072, 122, 58), *_arc(0, 0.06, 0.064, 58, 122)]
    roof = move(_sawn("roof", [arch], 0.086, 0.002), (-0.058, 0, 0.004), (0, 0, 90))
    return cab, roof


def _chimney() -> Part:
    """Turn a chimney that widens to its rim."""
    pipe = smooth_path([(0.0105, 0.0), (0.0095, 0.012), (0.01, 0.022), (0.0135, 0.032)], 20)
    rim = [(0.015, 0.034), (0.0152, 0.0375), (0.0145, 0.039), (0.009, 0.039), (0.008, 0.03)]
    return move(lathe("chimney", [*map(tuple, pipe), *rim, (0, 0.03)]), (0.083, 0, 0.104))


_DOME = ((0.013, 0), (0.0125, 0.012), (0.0105, 0.018), (0.006, 0.0215), (0, 0.0225))
_BUFFER = ((0.0035, 0), (0.0035, 0.007), (0.008, 0.008), (0.0085, 0.011), (0, 0.0135))


def _engine(colours: Paint) -> list[Part]:
    """Model a tank engine: boiler, smokebox, chimney, dome, cab with a window, six wheels."""
    bare, enamel = _beech(), lacquer(colours["boiler"], rough=0.32)
    accent, dark = lacquer(colours["accent"], rough=0.35), lacquer(colours["wheel"], rough=0.4)
    base = box("base", (0.2, 0.062, 0.018), 0.004, (0.0, 0, 0.029))
    drum = [(0, 0), (0.028, 0), (0.029, 0.001), (0.029, 0.095), (0.028, 0.096), (0, 0.096)]
    boiler = _lying("boiler", drum, (-0.022, 0, 0.075))
    hull = [(0.0312, 0), (0.032, 0.001), (0.032, 0.018), (0.031, 0.0205), (0.024, 0.0225)]
    door = [(0.0235, 0.021), (0.008, 0.021), (0.007, 0.0255), (0, 0.0265)]
    smoke = _lying("smokebox", [*hull, *door], (0.072, 0, 0.075))
    hoop = [(0.029, 0), (0.0302, 0.0008), (0.0302, 0.0052), (0.029, 0.006)]
    bands = [_lying(f"band.{k}", hoop, (x, 0, 0.075)) for k, x in ((1, 0.002), (2, 0.046))]
    cradle = box("cradle", (0.08, 0.04, 0.012), 0.002, (0.03, 0, 0.043))
    cab, roof = _cab()
    chimney, dome = _chimney(), lathe("dome", _DOME)
    parts = [paint(p, bare) for p in (base, cradle)]
    parts += [paint(p, enamel) for p in (boiler, cab)]
    parts += [paint(p, accent) for p in (roof, move(dome, (0.024, 0, 0.1)), *bands)]
    parts += [paint(p, dark) for p in (smoke, chimney)]
    for k, side in enumerate((-1, 1), 1):
        knob = _lying(f"buffer.{k}", _BUFFER, (0.099, side * 0.019, 0.038))
        parts.append(paint(knob, accent))
    axles = [(0.062, 0.0205), (0.012, 0.0205), (-0.058, 0.027)]
    return parts + _wheels(axles, 0.0375, 0.012, colours)


def _rings(colours: Paint) -> list[Part]:
    """Model six rings, each smaller than the one below, on a peg, and a ball on top."""
    foot = [(0, 0), (0.07, 0), (0.073, 0.002), (0.074, 0.006), (0.074, 0.014), (0.072, 0.018)]
    foot += [(0.068, 0.02), (0.001, 0.02)]
    peg = lathe("peg", [(0.0105, 0.018), (0.0105, 0.178), (0.001, 0.178)], turns=40)
    parts = [paint(lathe("base", foot), _beech()), paint(peg, _beech("z"))]
    thick, z = 0.0245, 0.02
    for k in range(6):
        outer, inner = 0.069 - 0.0068 * k, 0.0125
        middle, half = (outer + inner) / 2, (outer - inner) / 2
        section = superellipse(half, thick / 2, 3, 40) + np.array([middle, z + thick / 2])
        ring = lathe(f"ring.{k + 1}", [(float(r), float(h)) for r, h in [*section, section[0]]])
        parts.append(paint(ring, lacquer(colours[f"ring {k + 1}"], rough=0.34)))
        z += thick
    knob = ball("top", (0.025, 0.025, 0.0245), (0, 0, z + 0.0205))
    return [*parts, paint(knob, lacquer(colours["top"], rough=0.34))]


_ELEPHANT = ((-0.079, 0.05), (-0.083, 0.09), (-0.074, 0.125), (-0.045, 0.143), (-0.005, 0.143),
             (0.022, 0.146), (0.045, 0.158), (0.07, 0.155), (0.088, 0.136), (0.097, 0.11),
             (0.105, 0.088), (0.117, 0.08), (0.127, 0.089), (0.128, 0.103), (0.137, 0.107),
             (0.145, 0.099), (0.142, 0.077), (0.124, 0.061), (0.103, 0.065), (0.088, 0.082),
             (0.075, 0.093), (0.064, 0.082), (0.06, 0.05))  # fmt: skip
"""An elephant's outline (x, z), from its hind foot over the back to the trunk and a forefoot."""


def _elephant(colours: Paint) -> list[Part]:
    """Model an elephant sawn from a thick board, sawn ears, on a cart with a cord to pull."""
    back = smooth_path(_ELEPHANT, 150)
    knots = [(0.016, 0.056), (0.014, 0.067), (-0.002, 0.075), (-0.02, 0.075), (-0.034, 0.067)]
    belly = smooth_path([*knots, (-0.036, 0.056)], 24)
    outline = [*back, (0.06, 0.043), (0.016, 0.043), *belly, (-0.036, 0.043), (-0.079, 0.043)]
    skin = lacquer(colours["body"], rough=0.42)
    parts = [paint(_sawn("body", [outline], 0.046, 0.007), skin)]
    front = [(0.05, 0.148), (0.026, 0.147), (0.01, 0.132), (0.008, 0.108)]
    rear = [(0.02, 0.09), (0.036, 0.089), (0.046, 0.104), (0.056, 0.122)]
    ear = smooth_path([*front, *rear], 60, closed=True)
    for k, side in enumerate((-1, 1), 1):
        flap = _sawn(f"ear.{k}", [ear], 0.006, 0.0025, side * 0.026)
        parts.append(paint(flap, lacquer(colours["ear"], rough=0.45)))
        eye = ball(f"eye.{k}", (0.005, 0.0022, 0.005), (0.074, side * 0.023, 0.128))
        parts.append(paint(eye, lacquer("#26272b", rough=0.15)))
    board = _sawn("board", [superellipse(0.098, 0.034, 6, 64)], 0.014, 0.003)
    parts.append(paint(move(board, (-0.005, 0, 0.036), (90, 0, 0)), _beech()))
    rope = fabric(colours["cord"], weave=0.0008)
    tail = [(-0.079, 0, 0.118), (-0.091, 0, 0.112), (-0.094, 0, 0.095), (-0.092, 0, 0.08)]
    lead = [(0.088, 0, 0.036), (0.105, 0, 0.034), (0.122, -0.004, 0.012), (0.145, -0.012, 0.0025)]
    lead += [(0.17, -0.004, 0.0025), (0.185, 0.02, 0.0025), (0.175, 0.045, 0.009)]
    for name, path, radius in (("tail", tail, 0.0032), ("cord", lead, 0.0022)):
        parts.append(paint(tube(name, path, radius), rope))
    parts.append(paint(ball("tassel", (0.0045, 0.0045, 0.009), (-0.092, 0, 0.075)), rope))
    parts.append(paint(ball("bead", (0.0115, 0.0115, 0.0115), (0.173, 0.052, 0.0115)), _beech()))
    return parts + _wheels([(0.06, 0.022), (-0.068, 0.022)], 0.0415, 0.013, colours)


_SHAPES = {"car": _car, "engine": _engine, "rings": _rings, "elephant": _elephant}


def _tower(*codes: str) -> dict[str, str]:
    """Name a tower's colours: six rings from below, then the ball."""
    return dict(zip((*(f"ring {k}" for k in range(1, 7)), "top"), codes, strict=True))


KIND = Kind(
    name=Words("Wooden toy", "木制玩具"),
    category=(Words("Toys", "玩具"), Words("Toddler toys", "婴幼儿玩具"),
              Words("Wooden toys", "木制玩具")),
    stands="table",
    sides=(56.0, -48.0, 142.0),
    height_deg=18,
    detachable=("wheel", "ring", "chimney", "ear"),
    build=build,
    groups=(
        Group(
            "wooden-toy-dash", "Wrenbox",
            Words("Dash wooden car, 20 cm", "疾风木制小汽车 20 厘米"),
            Words("Sawn from one block of beech, with windows to hold on to and "
                  "free-running wheels.",
                  "整块榉木锯制，镂空车窗方便小手抓握，轮子顺滑好推。"),
            Words("Beech, water-based paint", "榉木，水性漆"), "19.50",
            (
                Variant(Words("red", "红色"),
                        {"body": "#b8281f", "wheel": "#26272b", "mark": "#f1ede5"}, "red"),
                Variant(Words("sky blue", "天蓝色"),
                        {"body": "#3f8fc0", "wheel": "#26272b", "mark": "#f1ede5"}, "blue"),
            ),
            {"shape": "car"},
        ),
        Group(
            "wooden-toy-puffin", "Wrenbox",
            Words("Puffin wooden train engine, 21 cm", "海鹦木制火车头 21 厘米"),
            Words("A sturdy tank engine with a turned chimney, a roomy cab and six wheels that "
                  "really roll.",
                  "结实的小火车头，车旋烟囱，宽敞驾驶室，六个轮子都能转动。"),
            Words("Beech, water-based paint", "榉木，水性漆"), "29.00",
            (
                Variant(Words("green and red", "绿色配红色"),
                        {"boiler": "#2f7a45", "accent": "#bd3425", "wheel": "#26272b"}, "green"),
                Variant(Words("purple and yellow", "紫色配黄色"),
                        {"boiler": "#6a4591", "accent": "#e0aa22", "wheel": "#26272b"}, "purple"),
            ),
            {"shape": "engine"},
        ),
        Group(
            "wooden-toy-tumble", "Wrenbox",
            Words("Tumble stacking rings, 22 cm", "叠乐叠叠圈 22 厘米"),
            Words("Six smooth rings and a ball to stack by size on a wide, steady base.",
                  "六个光滑圆环加一个圆球，按大小叠放，底座宽稳，锻炼手眼协调。"),
            Words("Beech, water-based paint", "榉木，水性漆"), "16.00",
            (
                Variant(Words("rainbow", "彩虹色"), _tower(
                    "#6a4591", "#2b62b0", "#2f8f4e", "#e8bd1f", "#e0741c", "#c22a22", "#c22a22"),
                    "multicolour"),
                Variant(Words("pastel", "马卡龙色"), _tower(
                    "#e3a5b0", "#edc4a6", "#eedfa0", "#b5d3ae", "#a5c8da", "#bcaed6", "#e3a5b0"),
                    "multicolour"),
                Variant(Words("shades of blue", "渐变蓝"), _tower(
                    "#1f3763", "#2c5288", "#3f72a8", "#6295c1", "#8fb6d3", "#bed5e3", "#f1ede5"),
                    "blue"),
            ),
            {"shape": "rings"},
        ),
        Group(
            "wooden-toy-ellie", "Wrenbox",
            Words("Ellie pull-along elephant, 19 cm", "艾莉拖拉小象 19 厘米"),
            Words("A little elephant that rolls after its friend on a cotton cord with "
                  "a bead to hold.",
                  "小象木车，棉绳木珠拉手，学步宝宝拉着走，滚动平稳。"),
            Words("Beech, cotton cord", "榉木，棉绳"), "26.00",
            (
                Variant(Words("grey", "灰色"),
                        {"body": "#858a90", "ear": "#a3a8ae", "wheel": "#cf8a2a",
                        "cord": "#d8cbb4"}, "grey"),
                Variant(Words("pink", "粉色"),
                        {"body": "#d68795", "ear": "#e6acb4", "wheel": "#f1ede5",
                        "cord": "#d8cbb4"}, "pink"),
            ),
            {"shape": "elephant"},
        ),
    ),
)  # fmt: skip
