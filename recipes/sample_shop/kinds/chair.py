"""Dining chairs: a spindle back, an upholstered bucket, bent plywood, a folding bistro chair."""

import math

import numpy as np

from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import (
    Part,
    Point,
    ball,
    box,
    circle,
    joined,
    paint,
    smooth_path,
    strip,
    superellipse,
    sweep,
)
from sample_shop.model.surfaces import fabric, lacquer, metal, rubber, wood
from sample_shop.model.timber import bent, folded, pad, rod, wooden


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a chair of ``shape`` spindle, bucket, plywood or bistro."""
    return _SHAPES[form["shape"]](colours)


_LEG = [(0, 0.011), (0.08, 0.0135), (0.35, 0.0195), (0.55, 0.019), (0.9, 0.0135), (1, 0.012)]
_STRETCHER = [(0, 0.008), (0.2, 0.0105), (0.5, 0.0145), (0.8, 0.0105), (1, 0.008)]
_CAP = [(0, 0.0105), (0.1, 0.0118), (0.9, 0.0115), (1, 0.0095)]
_SPINDLE = [(0, 0.0065), (0.1, 0.0075), (0.35, 0.0095), (0.7, 0.007), (1, 0.006)]


def _spindle(colours: Paint) -> list[Part]:
    """Model a saddled seat on turned legs with a bow of spindles."""
    ring = superellipse(0.225, 0.21, 2.9, 96)
    ring[:, 0] *= 1 - 0.5 * ring[:, 1]

    def saddle(x: float, y: float, h: float) -> Point:
        hollow = max(1 - (x / 0.21) ** 2 - ((y - 0.01) / 0.2) ** 2, 0) ** 0.8
        ridge = 0.008 * math.exp(-((x / 0.035) ** 2)) * min(max(-y / 0.2, 0), 1)
        return x, y, 0.433 + h - (0.015 * hollow - ridge if h > 0 else 0)

    seat = paint(pad("seat", ring, 0.04, edge=0.1, bend=saddle), wooden(colours, "wood", "y"))
    upright = wooden(colours, "wood", "z")
    parts = []
    feet = [(s * x, y) for y, x in ((-0.215, 0.205), (0.235, 0.19)) for s in (-1, 1)]
    for k, (x, y) in enumerate(feet, 1):
        parts.append(rod(f"leg.{k}", (x * 0.74, y * 0.68, 0.42), (x, y, 0), _LEG))
    middle = {s: (s * 0.181, 0.005, 0.17) for s in (-1, 1)}
    for k, s in enumerate((-1, 1), 1):
        front, back = (s * 0.185, -0.187, 0.17), (s * 0.172, 0.205, 0.17)
        parts.append(rod(f"stretcher.{k}", front, back, _STRETCHER))
    parts.append(rod("stretcher.3", middle[-1], middle[1], _STRETCHER))
    left = [(-0.165, 0.165, 0.435), (-0.196, 0.19, 0.56), (-0.2, 0.218, 0.7)]
    left += [(-0.16, 0.25, 0.845), (-0.085, 0.268, 0.905)]
    right = [(-x, y, z) for x, y, z in left[::-1]]
    bow = smooth_path([*left, (0, 0.273, 0.92), *right], 120)
    parts.append(sweep("bow", bow, superellipse(0.0105, 0.0125, 2.6, 20)))
    for k in range(-3, 4):
        top = min(bow[30:90], key=lambda p: abs(p[0] - k * 0.05))
        foot = (k * 0.041, 0.178 - 0.0015 * k * k, 0.44)
        parts.append(rod(f"spindle.{k + 4}", foot, top, _SPINDLE))
    return [seat, *(paint(part, upright) for part in parts)]


def _bucket(colours: Paint) -> list[Part]:
    """Model a padded shell with piping on four tapered legs."""
    seat = [(-0.235, 0.44), (-0.11, 0.437), (0.03, 0.438), (0.14, 0.468), (0.21, 0.555)]
    profile = [*seat, (0.247, 0.67), (0.275, 0.8)]
    tips = superellipse(0.26, 1, 3.4, 128)

    def curve(v: float) -> float:
        return 0.9 + 3.6 * math.exp(-(((v - 0.12) / 0.5) ** 2)) + 0.5 * (v > 0) * v

    bend = folded(profile, curve)
    cloth = fabric(colours["shell"], kind="velvet", weave=0.0003)
    shell = paint(pad("shell", tips, 0.03, edge=0.1, crown=0.014, bend=bend), cloth)
    rim = [bend(x * 1.004, v * 1.002, 0.012) for x, v in tips]
    piping = paint(sweep("piping", rim, circle(0.0042, 10), closed=True), cloth)
    seams = []
    for k, x in enumerate((-0.12, -0.04, 0.04, 0.12), 1):
        line = [bend(x * (1 + 0.25 * v), v, 0.0215) for v in np.linspace(0.05, 0.9, 50)]
        seams.append(sweep(f"seam.{k}", line, circle(0.003, 8)))
    dark = fabric(colours["seam"], kind="velvet", weave=0.0003)
    frame = paint(box("frame", (0.26, 0.27, 0.016), 0.007, (0, -0.02, 0.404)), rubber("#26272b"))
    legs = []
    for k, (sx, sy) in enumerate(((-1, -1), (1, -1), (-1, 1), (1, 1)), 1):
        top, foot = (sx * 0.115, sy * 0.12 - 0.02, 0.415), (sx * 0.2, sy * 0.205 - 0.01, 0)
        leg = rod(f"leg.{k}", top, foot, [(0, 0.017), (0.1, 0.0175), (0.6, 0.0135), (1, 0.0095)])
        legs.append(paint(leg, wooden(colours, "leg", "z")))
    return [shell, piping, frame, *(paint(seam, dark) for seam in seams), *legs]


def _plywood(colours: Paint) -> list[Part]:
    """Model one sheet of veneer, pressed to seat and back, on bent steel tube."""
    seat = [(0.0, -1.0), (0.13, -0.995), (0.193, -0.93), (0.212, -0.7), (0.208, -0.4)]
    back = [(0.178, -0.1), (0.168, 0.15), (0.186, 0.45), (0.203, 0.72), (0.19, 0.92), (0.13, 0.99)]
    half = [*seat, *back]
    ring = smooth_path([*half, (0.0, 1.0), *((-x, v) for x, v in half[:0:-1])], 128, closed=True)
    flat = [(-0.225, 0.425), (-0.185, 0.449), (-0.1, 0.452), (0.03, 0.441), (0.13, 0.45)]
    profile = [*flat, (0.193, 0.52), (0.222, 0.62), (0.25, 0.73), (0.283, 0.83)]
    bend = folded(profile, lambda v: 0.6 + 1.7 / (1 + math.exp(-8 * v)))
    sheet = pad("sheet", ring, 0.0125, edge=0.03, bend=bend)
    paint(sheet, wooden(colours, "sheet", "z"))
    sheet.data.materials.append(wood("#d9b98a", "#b98f5c", axis="x"))
    for face in sheet.data.polygons:
        face.material_index = int(15 <= face.index // len(ring) <= 22)
    parts = [sheet]
    steel, tip = metal("#c9cbcd", rough=0.14), rubber("#26272b")
    for k, s in enumerate((-1, 1), 1):
        knees = ((0.21, -0.215, 0.004), (0.15, -0.14, 0.437), (0.15, 0.075, 0.431))
        corners = [(s * x, y, z) for x, y, z in (*knees, (0.21, 0.215, 0.004))]
        leg = [paint(sweep(f"leg.{k}", bent(corners, 0.035), circle(0.0095)), steel)]
        for end, way in ((corners[0], corners[1]), (corners[-1], corners[2])):
            a, b = np.array(end), np.array(way)
            cap = rod("cap", a - (b - a) * 0.004, a + (b - a) * 0.05, _CAP)
            leg.append(paint(cap, tip))
        parts.append(joined(f"leg.{k}", leg))
    for k, y in enumerate((-0.1, 0.05), 1):
        bar = rod(f"brace.{k}", (-0.15, y, 0.43), (0.15, y, 0.43), [(0, 0.008), (1, 0.008)])
        parts.append(paint(bar, steel))
    for s in (-1, 1):
        for v in (-0.52, -0.18):
            screw = ball(f"screw.{len(parts)}", (0.007, 0.007, 0.0025), bend(s * 0.15, v, 0.0065))
            parts.append(paint(screw, steel))
    return parts


def _bistro(colours: Paint) -> list[Part]:
    """Model two crossed frames of flat bar, a slatted seat and two slats behind the back."""
    parts = []
    knots = [(0.262, 0.825), (0.228, 0.7), (0.19, 0.55), (0.135, 0.43), (-0.04, 0.217)]
    front = smooth_path([*knots, (-0.215, 0.004)], 60)
    rear = np.linspace((-0.178, 0.44), (0.245, 0.004), 12)
    bar = strip(0.026, 0.008)
    for k, s in enumerate((-1, 1), 1):
        for number, path, x in ((k, front, 0.203), (k + 2, rear, 0.186)):
            points = [(s * x, y, z) for y, z in path]
            parts.append(sweep(f"leg.{number}", points, bar, up=(1, 0, 0)))
        rail = [(s * 0.168, y, 0.4425) for y in np.linspace(-0.2, 0.165, 12)]
        parts.append(sweep(f"rail.{k}", rail, strip(0.007, 0.022), up=(0, 0, 1)))
        parts.append(ball(f"rivet.{k}", (0.006, 0.011, 0.011), (s * 0.208, -0.004, 0.261)))
        parts.append(ball(f"rivet.{k + 2}", (0.006, 0.011, 0.011), (s * 0.208, 0.146, 0.447)))
    ends = [(0, 0.0065), (1, 0.0065)]
    for k, (x, y, z) in enumerate(
        ((0.203, -0.165, 0.06), (0.186, 0.195, 0.058), (0.2, 0.15, 0.44)), 1
    ):
        parts.append(rod(f"bar.{k}", (-x, y, z), (x, y, z), ends))
    for k, y in enumerate(np.linspace(-0.182, 0.148, 7), 1):
        line = [(x, y, 0.457) for x in np.linspace(-0.187, 0.187, 20)]
        parts.append(sweep(f"slat.{k}", line, strip(0.043, 0.006), up=(0, 0, 1)))
    for k, (y, z, wide) in enumerate(((0.262, 0.805, 0.06), (0.235, 0.695, 0.045)), 1):
        line = [(x, y + 0.026 * (1 - (x / 0.21) ** 2), z) for x in np.linspace(-0.21, 0.21, 40)]
        parts.append(sweep(f"backslat.{k}", line, strip(wide, 0.005), up=(0, 1, -0.25)))
    skin = lacquer(colours["steel"], rough=0.35)
    return [paint(part, skin) for part in parts]


_SHAPES = {"spindle": _spindle, "bucket": _bucket, "plywood": _plywood, "bistro": _bistro}

KIND = Kind(
    name=Words("Dining chair", "餐椅"),
    category=(Words("Furniture", "家具"), Words("Seating", "坐具"), Words("Dining chairs", "餐椅")),
    stands="floor",
    sides=(32.0, -42.0, 150.0),
    height_deg=14,
    detachable=("leg", "backslat", "bow"),
    build=build,
    groups=(
        Group(
            "chair-ashby", "Norrvik",
            Words("Ashby spindle-back dining chair", "林岸温莎梳背餐椅"),
            Words("A saddled seat, turned legs and seven slim spindles under a steam-bent bow. "
                  "Sturdy, light and quietly traditional.",
                  "马鞍形座面，车削椅腿，蒸汽弯曲的靠背内排列七根细柱，结实轻巧，耐看百搭。"),
            Words("Solid oak", "橡木实木"), "149.00",
            (
                Variant(Words("natural oak", "橡木原色"),
                        {"wood": "#bd8a52", "wood grain": "#936134"}, "brown"),
                Variant(Words("black", "黑色"), {"wood": "#26272b"}, "black"),
            ),
            {"shape": "spindle"},
        ),
        Group(
            "chair-cosette", "Norrvik",
            Words("Cosette velvet shell chair", "珂赛绒面弧形软包餐椅"),
            Words("A padded shell that wraps gently around the back, channel-stitched inside and "
                  "piped along the edge.",
                  "软包椅壳贴合腰背，内侧竖向车线，边缘滚边收口，久坐舒适。"),
            Words("Polyester velvet, beech legs", "涤纶绒布，榉木椅腿"), "129.00",
            (
                Variant(Words("mustard", "芥末黄"),
                        {"shell": "#d1931d", "seam": "#9c6a12", "leg": "#8a5a34",
                         "leg grain": "#623c20"}, "yellow"),
                Variant(Words("blush pink", "脏粉色"),
                        {"shell": "#d58f92", "seam": "#a8686b", "leg": "#8a5a34",
                         "leg grain": "#623c20"}, "pink"),
            ),
            {"shape": "bucket"},
        ),
        Group(
            "chair-lark", "Norrvik",
            Words("Lark stacking plywood chair", "云雀可叠放弯曲木餐椅"),
            Words("One sheet of pressed veneer forms seat and back, set on a bent steel frame. "
                  "Stacks six high.",
                  "整张胶合板热压成型，座面与靠背一体，搭配弯管钢架，可叠放六把。"),
            Words("Birch plywood, chromed steel", "桦木胶合板，镀铬钢"), "99.00",
            (
                Variant(Words("tomato red", "番茄红"), {"sheet": "#b3261e"}, "red"),
                Variant(Words("petrol blue", "石油蓝"), {"sheet": "#1f5a73"}, "blue"),
            ),
            {"shape": "plywood"},
        ),
        Group(
            "chair-marais", "Norrvik",
            Words("Marais folding bistro chair", "玛黑折叠金属咖啡椅"),
            Words("The café classic: powder-coated steel slats on a frame that folds flat, "
                  "for the kitchen or the balcony.",
                  "经典咖啡馆款，喷粉钢条座面，椅架可折叠收平，厨房阳台都合适。"),
            Words("Powder-coated steel", "喷粉钢"), "59.00",
            (
                Variant(Words("leaf green", "叶绿色"), {"steel": "#3f7d45"}, "green"),
                Variant(Words("tangerine", "橘橙色"), {"steel": "#d9621a"}, "orange"),
            ),
            {"shape": "bistro"},
        ),
    ),
)  # fmt: skip
