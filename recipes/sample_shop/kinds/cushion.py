"""Cushions: two sheets sewn together and blown up as cloth, or a pleated round one."""

import math
from collections.abc import Sequence

import numpy as np
from mathutils import Vector

from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import (
    Part,
    ball,
    circle,
    crumple,
    lathe,
    loft,
    move,
    paint,
    smooth_path,
    sweep,
    tube,
    warp,
)
from sample_shop.model.sewing import cloth, grown, inflated, joined, outward, seam, sewn
from sample_shop.model.surfaces import wood

LEAN_DEG = 11.0
"""How far a cushion leans back."""


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a cushion of ``size`` (across, up); ``shape`` is lumbar, knit, piped or round."""
    if form["shape"] == "round":
        return _round(form, colours)
    across, up = form["size"]
    sheets = grown(inflated(across, up, form["thick"]), form.get("fine", 2))
    if form["shape"] == "knit":
        sheets = _knitted(sheets, across, up)
    sheets = _posed(sheets, form.get("lift", 0.0))
    body = sewn("body", sheets)
    if form["shape"] == "lumbar":
        _striped(body, sheets.shape, colours, form["stripes"])
        return [body, *_tassels(sheets, colours["tassel"])]
    if form["shape"] == "knit":
        paint(body, cloth(colours["body"], 0.0045, "knit"))
        return [body, *_placket(sheets, colours)]
    paint(body, cloth(colours["body"], kind="velvet"))
    piping = sweep("piping", seam(sheets), circle(0.0048, 12), closed=True)
    return [body, paint(piping, cloth(colours["piping"], kind="velvet"))]


def _knitted(sheets: np.ndarray, across: float, up: float) -> np.ndarray:
    """Raise cables of two crossing strands, with moss stitch between them."""
    _, rows, columns, _ = sheets.shape
    u, v = np.meshgrid(np.linspace(0, across, columns), np.linspace(0, up, rows))
    pitch, length = across / 8, 0.075
    column = np.floor(u / pitch)
    middle = (u / pitch - column - 0.5) * pitch
    turn = 2 * math.pi * v / length + column * math.pi
    height = np.zeros_like(u)
    for side in (1, -1):
        strand = middle - side * 0.0105 * np.cos(turn)
        dome = np.sqrt(np.maximum(1 - (strand / 0.0098) ** 2, 0))
        height = np.maximum(height, dome * (0.0085 + side * 0.0038 * np.sin(turn)))
    moss = np.sin(u * 2 * math.pi / 0.011) * np.sin(v * 2 * math.pi / 0.011)
    height = np.where(height > 0.0005, height, 0.0011 * moss)
    ribbed = 0.0022 * np.sin(v * 2 * math.pi / 0.012)
    height = np.where((u > pitch * 6.55) & (np.arange(2)[:, None, None] == 0), ribbed, height)
    edge = np.minimum(np.minimum(u, across - u), np.minimum(v, up - v))
    return sheets + outward(sheets) * (height * np.clip(edge / 0.02, 0, 1))[..., None]


def _posed(points: np.ndarray, lift: float) -> np.ndarray:
    """Stand flat points (x across, y up, z front) up, lean them back and settle them."""
    lean = math.radians(LEAN_DEG)
    x, y, z = np.moveaxis(points, -1, 0)
    back = y * math.sin(lean) - z * math.cos(lean)
    tall = y * math.cos(lean) + z * math.sin(lean)
    tall = tall - tall.min() - 0.008
    settled = 0.006 * np.logaddexp(0, tall / 0.006)
    return np.stack([x, back - (back.min() + back.max()) / 2, settled - settled.min() + lift], -1)


def _striped(
    body: Part,
    shape: tuple[int, ...],
    colours: Paint,
    stripes: Sequence[tuple[float, float, str]],
) -> None:
    """Weave stripes across: each from one share of the width to another, in a role's colour."""
    roles = ["body", *dict.fromkeys(role for *_, role in stripes)]
    for role in roles:
        body.data.materials.append(cloth(colours[role], 0.0016))
    _, rows, columns, _ = shape
    at = (np.arange(columns - 1) + 0.5) / (columns - 1)
    index = np.zeros(columns - 1, int)
    for low, high, role in stripes:
        index[(at > low) & (at < high)] = roles.index(role)
    body.data.polygons.foreach_set("material_index", np.tile(index, 2 * (rows - 1)).tolist())


def _tassels(sheets: np.ndarray, code: str) -> list[Part]:
    """Hang a tassel of threads on each corner; the lower two lie on the floor."""
    thread = cloth(code)
    things = []
    corners = ((0, 0, -82), (0, -1, 82), (-1, 0, -9), (-1, -1, 9))
    for number, (row, column, swing) in enumerate(corners, 1):
        tip = sheets[0, row, column]
        at = (tip[0] + math.copysign(0.003, tip[0]), tip[1], max(tip[2], 0.0225))
        tassel = paint(_tassel(f"tassel.{number}"), thread)
        things.append(move(tassel, at, (0, -swing, 0)))
    return things


def _tassel(name: str) -> Part:
    """Bind seventy threads under a knob and let them spread."""
    chance = np.random.default_rng(3)
    parts = [ball(name, (0.0085, 0.0085, 0.009), (0, 0, -0.012)), ball(name, (0.003, 0.003, 0.008))]
    parts.append(
        lathe(
            name,
            [(0, -0.018), (0.0066, -0.018), (0.0076, -0.021), (0.0066, -0.024), (0, -0.024)],
            turns=24,
        )
    )
    for k in range(70):
        angle, r = k * 2.39996, 0.0062 * math.sqrt((k + 0.5) / 70)
        c, s = math.cos(angle), math.sin(angle)
        spread = 1.5 + chance.uniform(-0.25, 0.35)
        end = -0.075 + chance.uniform(-0.004, 0.004)
        path = [
            (r * c, r * s, -0.02),
            (r * c * 1.3, r * s * 1.3, -0.04),
            (r * c * spread, r * s * spread, end),
        ]
        parts.append(sweep(name, smooth_path(path, 7), circle(0.0011, 6)))
    return joined(name, parts)


def _placket(sheets: np.ndarray, colours: Paint) -> list[Part]:
    """Button the knit up with wooden buttons along its right edge."""
    _, rows, columns, _ = sheets.shape
    surface = wood(colours["button"], "#4a2f1c", axis="x", grain=0.006)
    thread = cloth(colours["body"])
    normals, things = outward(sheets)[0], []
    for number, share in enumerate((0.2, 0.4, 0.6, 0.8), 1):
        row, column = int(share * rows), int(0.89 * columns)
        near = np.s_[row - 9 : row + 10, column - 9 : column + 10]
        normal = Vector(normals[near].mean(axis=(0, 1))).normalized()
        spot = Vector(sheets[0][near].mean(axis=(0, 1))) + normal * 0.0035
        turn = [math.degrees(a) for a in normal.to_track_quat("Z", "Y").to_euler()]
        disc = [
            (0, 0.004),
            (0.009, 0.004),
            (0.0115, 0.0058),
            (0.0138, 0.0052),
            (0.015, 0.003),
            (0.0138, 0.0),
            (0, 0),
        ]
        parts = [paint(lathe("disc", disc, turns=40), surface)]
        for x in (0.003, -0.003):
            sewn = [(-x, -0.003, 0.0035), (0, 0, 0.0068), (x, 0.003, 0.0035)]
            parts.append(paint(tube("thread", sewn, 0.0012, count=9), thread))
        things.append(move(joined(f"button.{number}", parts), spot, turn))
    return things


def _round(form: Form, colours: Paint) -> list[Part]:
    """Pleat two faces towards a button each and join them by a piped border."""
    radius, thick = form["size"]
    velvet = cloth(colours["body"], kind="velvet")
    rings = _pleated(radius, thick)
    body = loft("body", _settled(np.array(rings), radius))
    parts = [paint(crumple(body, 0.0025, 0.09, 2), velvet)]
    angles = np.linspace(0, 2 * math.pi, 120, endpoint=False)
    for number, y in enumerate((-thick / 2, thick / 2), 1):
        edge = np.stack([radius * np.cos(angles), np.full(120, y), radius * np.sin(angles)], -1)
        parts.append(
            sweep(f"piping.{number}", _settled(edge, radius), circle(0.0045, 12), closed=True)
        )
        middle = (0, math.copysign(_face(0.02, radius, thick), y), 0)
        button = ball(f"button.{number}", (0.026, 0.011, 0.026), middle, 2.3)
        parts.append(warp(button, lambda p: tuple(_settled(np.array(p), radius))))
    for part, role in zip(parts[1:], ("piping", "button", "piping", "button"), strict=True):
        paint(part, cloth(colours[role], kind="velvet"))
    return parts


def _face(r: float, radius: float, thick: float) -> float:
    """Tell how far a face stands out at a distance from the middle, before it is pleated."""
    t = r / radius
    return thick / 2 + 0.052 * (1 - t**2.4) * (1 - 0.85 * math.exp(-((t / 0.26) ** 2)))


def _pleated(radius: float, thick: float, pleats: int = 26) -> list[np.ndarray]:
    """List the rings of both pleated faces and of the border between them."""
    angles = np.linspace(0, 2 * math.pi, pleats * 18, endpoint=False)
    bent = angles + 0.035 * np.sin(3 * angles + 1) + 0.02 * np.sin(7 * angles)
    rings = []
    for side in (-1, 1):
        steps = np.linspace(0.05, 1, 44)
        half = []
        for t in steps:
            swirl = bent + side * 0.16 * (1 - t)
            fold = np.sqrt(np.abs(np.sin(swirl * pleats / 2))) - 0.75
            deep = 0.017 * t**0.6 * (1 - t**5) + 0.002
            y = side * (_face(t * radius, radius, thick) + fold * deep)
            half.append(np.stack([t * radius * np.cos(angles), y, t * radius * np.sin(angles)], -1))
        rings += half if side < 0 else half[::-1]
        if side < 0:
            for y in np.linspace(-thick / 2, thick / 2, 12)[1:-1]:
                r = radius * (1 + 0.05 * math.cos(math.pi * y / thick))
                rings.append(
                    np.stack([r * np.cos(angles), np.full(len(angles), y), r * np.sin(angles)], -1)
                )
    return rings


def _settled(points: np.ndarray, radius: float) -> np.ndarray:
    """Lean the round cushion back and flatten it a little where it stands."""
    lean = math.radians(LEAN_DEG + 4)
    x, y, z = np.moveaxis(points, -1, 0)
    back = y * math.cos(lean) + z * math.sin(lean)
    tall = z * math.cos(lean) - y * math.sin(lean) + radius * 1.02
    return np.stack([x, back, 0.008 * np.logaddexp(0, tall / 0.008)], -1)


_STRIPES = (
    (0.05, 0.13, "stripe"), (0.155, 0.17, "line"), (0.22, 0.30, "stripe"), (0.34, 0.355, "line"),
    (0.38, 0.395, "line"), (0.44, 0.56, "stripe"), (0.605, 0.62, "line"), (0.645, 0.66, "line"),
    (0.70, 0.78, "stripe"), (0.83, 0.845, "line"), (0.87, 0.95, "stripe"),
)  # fmt: skip

KIND = Kind(
    name=Words("Cushion", "抱枕"),
    category=(Words("Home & Kitchen", "家居厨房"), Words("Home Textiles", "家纺"),
              Words("Cushions", "抱枕靠垫")),
    stands="table",
    sides=(24.0, -32.0, 158.0),
    height_deg=13,
    detachable=("tassel", "button", "piping"),
    build=build,
    groups=(
        Group(
            "cushion-lido", "Brightwick", Words("Lido striped lumbar cushion 50 × 30 cm",
                                                "利多条纹腰枕 50 × 30 厘米"),
            Words("Woven stripes of two widths and a hand-tied tassel at each corner. Removable "
                  "cover with a hidden zip.",
                  "宽窄相间的色织条纹，四角手工流苏，隐形拉链，枕套可拆洗。"),
            Words("Cotton and linen", "棉麻"), "32.00",
            (
                Variant(Words("blue on cream", "米白底蓝条纹"),
                        {"body": "#eae2cf", "stripe": "#2f5a94", "line": "#2f5a94",
                         "tassel": "#2a5088"}, "blue"),
                Variant(Words("burnt orange on cream", "米白底焦橙条纹"),
                        {"body": "#ece1cc", "stripe": "#c4581f", "line": "#8a3b1c",
                         "tassel": "#bb521c"}, "orange"),
            ),
            {"shape": "lumbar", "size": (0.50, 0.30), "thick": 0.105, "stripes": _STRIPES},
        ),
        Group(
            "cushion-skerry", "Brightwick", Words("Skerry cable-knit cushion 45 × 45 cm",
                                                  "斯凯里麻花针织抱枕 45 × 45 厘米"),
            Words("Chunky cables knitted from thick yarn, closed with four wooden buttons.",
                  "粗线麻花针织，四颗木扣开合，蓬松厚实，秋冬沙发必备。"),
            Words("Cotton and wool knit", "棉羊毛混纺针织"), "45.00",
            (
                Variant(Words("oatmeal", "燕麦色"), {"body": "#d6c4a4", "button": "#8a5c36"},
                        "beige"),
                Variant(Words("stone grey", "石灰色"), {"body": "#85878a", "button": "#b98a5c"},
                        "grey"),
            ),
            {"shape": "knit", "size": (0.45, 0.45), "thick": 0.14, "fine": 4},
        ),
        Group(
            "cushion-marlow", "Norrvik", Words("Marlow piped velvet cushion 50 × 50 cm",
                                               "马洛滚边天鹅绒抱枕 50 × 50 厘米"),
            Words("Dense cotton velvet with a corded piping all round; plumply filled with duck "
                  "feathers.",
                  "厚密棉质天鹅绒，四周嵌绳滚边，羽毛填充，饱满有型。"),
            Words("Cotton velvet, feather filling", "棉天鹅绒，羽毛填充"), "39.00",
            (
                Variant(Words("emerald green", "祖母绿"), {"body": "#0f5a41", "piping": "#d1aa52"},
                        "green"),
                Variant(Words("mustard yellow", "芥末黄"), {"body": "#c98d12", "piping": "#4a2d1a"},
                        "yellow"),
            ),
            {"shape": "piped", "size": (0.50, 0.50), "thick": 0.16, "lift": 0.004},
        ),
        Group(
            "cushion-rosette", "Brightwick", Words("Rosette pleated round cushion Ø 40 cm",
                                                   "玫瑰褶圆形抱枕 直径 40 厘米"),
            Words("Twenty-six pleats gathered to a covered button on both sides. A soft round for "
                  "beds and armchairs.",
                  "双面二十六道手工褶，中心包扣收束，圆润柔软，床头与单椅皆宜。"),
            Words("Polyester velvet", "涤纶天鹅绒"), "36.00",
            (
                Variant(Words("dusty pink", "豆沙粉"),
                        {"body": "#cf8a8c", "piping": "#c07a7e", "button": "#cf8a8c"}, "pink"),
                Variant(Words("aubergine", "茄紫色"),
                        {"body": "#54305f", "piping": "#472652", "button": "#54305f"}, "purple"),
            ),
            {"shape": "round", "size": (0.195, 0.075)},
        ),
    ),
)  # fmt: skip
