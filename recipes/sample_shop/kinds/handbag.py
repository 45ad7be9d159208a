"""Handbags: hulls skinned from level rings, with flaps, straps, stitches and metal fittings."""

import math
from collections.abc import Callable

import numpy as np
from mathutils import Vector, noise

from sample_shop.model.bags import (
    Flap,
    Hull,
    arched,
    flap_hem,
    flap_outline,
    flap_sheet,
    plate,
    ringlet,
)
from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import (
    Part,
    Point,
    box,
    circle,
    crumple,
    lathe,
    move,
    paint,
    smooth_path,
    superellipse,
    sweep,
    tube,
    warp,
)
from sample_shop.model.sewing import cloth, flat, joined, stitches
from sample_shop.model.surfaces import Surface, leather, metal


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a handbag of one ``shape``: tote, flap, bucket or quilted."""
    parts = _SHAPES[form["shape"]](colours)
    return [warp(part, lambda p: (p[0], p[1], max(p[2], 0))) for part in parts]


_RIVET = ((0, 0.003), (0.0028, 0.0026), (0.004, 0.001), (0.004, 0), (0, 0))
_BUTTON = ((0, 0.003), (0.004, 0.002), (0.0045, 0), (0, 0))
_FOOT = ((0, 0), (0.005, 0), (0.0062, 0.002), (0.0062, 0.009), (0, 0.009))
_BELL = ((0, 0.006), (0.0036, 0.006), (0.005, 0), (0.0085, -0.024), (0.0075, -0.0255), (0, -0.0255))
"""Metalware and a cord's end, turned: (radius, height)."""


def _tote(colours: Paint) -> list[Part]:
    """Model an open canvas bag on a leather base, its sides folded in, with two rolled handles."""
    height = 0.275
    hull = Hull(
        ((0, 0.150, 0.070), (0.1, 0.158, 0.071), (0.2, 0.170, 0.069), (height, 0.183, 0.066)), 7
    )
    hide, canvas = leather(colours["trim"], rough=0.5), cloth(colours["body"], 0.0008)

    def folded(p: Point) -> Point:
        rx, ry = hull.size(p[2])
        side = min(abs(p[0]) / rx, 1) ** 5 * max(1 - (p[1] / ry) ** 2, 0)
        share = max(p[2] / height, 0)
        slack = 0.011 * min(share, 1) * noise.fractal(Vector((p[0], 0.3, p[2])) / 0.13, 1.0, 2.0, 2)
        return (
            p[0] - math.copysign(0.055 * side * share**1.6, p[0]),
            p[1] + math.copysign(slack, p[1]) * (0.6 if p[1] > 0 else 1),
            p[2],
        )

    body = paint(hull.shell("body", 0.001, height, wall=0.0028), canvas)
    base = paint(hull.shell("base", 0.0, 0.075, grow=0.0022, wall=0.002), hide)
    hem = [hull.front(x, height - 0.022, 0.0022) for x in np.linspace(-0.172, 0.172, 60)]
    rim = [hull.front(x, 0.069, 0.0029) for x in np.linspace(-0.14, 0.14, 60)]
    sewn = [stitches(f"stitch.{k}", path, colours["thread"]) for k, path in ((1, hem), (2, rim))]
    parts = [body, base, *sewn]
    for number, side in enumerate((1, -1), 1):
        handle = _tote_handle(hull, height, hide, colours)
        if side < 0:
            handle = warp(handle, lambda p: (-p[0], -p[1], p[2]))
        handle.name = f"handle.{number}"
        parts.append(handle)
    return [warp(part, folded) for part in parts]


def _tote_handle(hull: Hull, height: float, hide: Surface, colours: Paint) -> Part:
    """Roll a leather handle that is riveted to the front on two patches."""
    x, low = 0.082, height - 0.075
    half = [
        hull.front(-x, low, 0.007),
        hull.front(-x, height - 0.01, 0.008),
        (-x * 0.93, -0.071, height + 0.06),
        (-x * 0.55, -0.062, height + 0.145),
        (0, -0.058, height + 0.172),
    ]
    path = smooth_path(arched(half), 90)
    parts = [paint(sweep("roll", path, circle(0.0062, 16)), hide)]
    brass = metal("#c9a14a", rough=0.2)
    for side in (-1, 1):
        spot = hull.front(side * x, low, 0.003)
        parts.append(paint(plate("patch", 0.034, 0.062, 0.004, spot, 5), hide))
        for z in (-0.022, 0.022):
            stud = lathe("stud", _RIVET, turns=20)
            at = (spot[0], spot[1] - 0.0018 - 0.006 * (abs(z) < 0.01), spot[2] + z)
            parts.append(paint(move(stud, at, (90, 0, 0)), brass))
        oval = superellipse(0.0142, 0.028, 5, 60)
        edge = [(spot[0] + a, spot[1] - 0.0022, spot[2] + b) for a, b in oval]
        parts.append(stitches("sewn", edge, colours["thread"], 0.006))
    return joined("handle", parts)


def _flap_bag(colours: Paint) -> list[Part]:
    """Model a trapeze under a long flap with a turn-lock, a top handle and brass feet."""
    foot, height = 0.007, 0.195
    hull = Hull(
        ((foot, 0.142, 0.060), (0.08, 0.139, 0.057), (0.15, 0.128, 0.047), (height, 0.120, 0.038)),
        8,
    )
    hide, gold = leather(colours["body"], grain=0.0016, rough=0.38), metal("#c9a14a", rough=0.16)
    parts = [paint(crumple(hull.shell("body", foot, height, edge=0.010), 0.0012, 0.09, 1), hide)]
    outline = flap_outline(hull, height, 0.083)
    parts.append(paint(flap_sheet("flap", outline), hide))
    parts.append(stitches("stitch", flap_hem(outline, 0.006), colours["thread"], 0.0065))
    y = hull.front(0, 0.098)[1] - 0.0065
    lock = [
        plate("plate", 0.046, 0.030, 0.003, (0, y, 0.100), 3),
        box("knob", (0.008, 0.009, 0.019), 0.003, (0, y - 0.006, 0.0905)),
    ]
    parts.append(joined("clasp", [paint(piece, gold) for piece in lock]))
    handle = [_grip(height, hide)]
    for side in (-1, 1):
        x = side * 0.066
        loop = ringlet("hoop", 0.0115, 0.0021, (x, 0, height + 0.0125), (0, 0, 90))
        ends = [(x, 0, height + z) for z in (0.018, 0.030)]
        handle += [paint(loop, gold), paint(sweep("cap", ends, circle(0.0074, 18)), gold)]
        tab = box("tab", (0.022, 0.034, 0.0055), 0.002, (x, 0, height + 0.0015))
        parts.append(joined(f"tab.{1 if side > 0 else 2}", [paint(tab, hide)]))
        for y in (-0.04, 0.04):
            stud = lathe(f"foot.{side * (1 if y > 0 else 2) + 3}", _FOOT, turns=24)
            parts.append(paint(move(stud, (side * 0.115, y, 0)), gold))
    return [*parts, joined("handle", handle)]


def _grip(height: float, hide: Surface) -> Part:
    """Roll a handle that is thickest in the middle."""
    knots = ((-0.066, 0.018), (-0.067, 0.045), (-0.046, 0.088), (0, 0.103))
    path = smooth_path(arched([(x, 0, height + z) for x, z in knots]), 70)
    thick = [1 + 0.35 * math.sin(math.pi * k / 69) for k in range(70)]
    return paint(sweep("grip", path, circle(0.0058, 18), scales=thick), hide)


def _bucket(colours: Paint) -> list[Part]:
    """Model a suede bucket gathered by a cord, on a leather base, with a shoulder strap."""
    hide, trim = cloth(colours["body"], 0.001, "velvet"), leather(colours["trim"], rough=0.42)
    gold, tie = metal("#c9a14a", rough=0.2), 0.222

    def gathered(angle: float, z: float) -> float:
        deep = 0.085 * math.exp(-(((z - tie) / 0.022) ** 2)) + 0.035 * max((z - 0.13) / 0.13, 0)
        return 1 + deep * math.cos(13 * angle + 0.5 * math.sin(3 * angle)) - deep * 0.4

    knots = [(0.097, 0.012), (0.1015, 0.045), (0.113, 0.10), (0.113, 0.17), (0.100, 0.205)]
    outside = smooth_path([*knots, (0.091, tie), (0.099, 0.242), (0.110, 0.266)], 70)
    inside = [(r - 0.0028, z) for r, z in outside[::-1]]
    under, floor = [(0, 0.001), (0.09, 0.001), (0.098, 0.004)], [(0.09, 0.012), (0, 0.012)]
    profile = [*under, *outside, (0.1086, 0.2672), *inside, *floor]
    body = crumple(lathe("body", profile, turns=260, around=gathered), 0.0055, 0.075, 6)
    cup = [(0, 0), (0.092, 0), (0.1, 0.0035), (0.1045, 0.012), (0.1105, 0.05)]
    base = lathe("base", [*cup, (0.1085, 0.0515), (0.1, 0.0515)], turns=120)
    paint(base, trim)
    angles = np.linspace(0, 2 * math.pi, 90)
    hem = [(0.1112 * math.cos(a), 0.1112 * math.sin(a), 0.046) for a in angles]
    parts = [paint(body, hide), base, stitches("stitch", hem, colours["thread"], 0.008)]
    return [*parts, _drawstring(tie, trim), _shoulder_strap(trim, gold)]


def _shoulder_strap(trim: Surface, gold: Surface) -> Part:
    """Arch a band over a bucket and rivet it to both sides."""
    rise = [(-0.100, 0, 0.212), (-0.112, 0, 0.262), (-0.104, 0, 0.335), (-0.062, 0, 0.415)]
    path = smooth_path(arched([*rise, (0, 0, 0.440)]), 90)
    strap = [paint(sweep("band", path, flat(0.024, 0.0036), up=(0, 1, 0)), trim)]
    for side in (-1, 1):
        tab = box("tab", (0.0045, 0.03, 0.055), 0.0018, (side * 0.104, 0, 0.168))
        strap.append(paint(tab, trim))
        for z in (0.18, 0.212):
            stud = lathe("stud", _BUTTON, turns=20)
            strap.append(paint(move(stud, (side * 0.106, 0, z), (0, side * 90, 0)), gold))
    return joined("strap", strap)


def _drawstring(tie: float, trim: Surface) -> Part:
    """Lay a cord around the gathers, knot it in front and let both ends hang."""
    angles = np.linspace(0, 2 * math.pi, 120, endpoint=False)
    r = 0.0975
    loop = [(r * math.cos(a), r * math.sin(a), tie + 0.002 * math.sin(5 * a)) for a in angles]
    parts = [sweep("cord", loop, circle(0.0034, 12), closed=True)]
    y = -0.102
    for side, drop in ((-1, 0.085), (1, 0.098)):
        knots = [
            (0.002 * side, y, tie),
            (0.012 * side, y - 0.006, tie - 0.02),
            (0.020 * side, y - 0.016, tie - 0.05),
            (0.021 * side, y - 0.018, tie - drop),
        ]
        parts.append(tube("end", knots, 0.003, count=40))
        parts.append(move(lathe("bell", _BELL, turns=24), knots[-1]))
    across = [(-0.011, 0, -0.001), (-0.004, 0, 0.0015), (0.004, 0, 0.0015), (0.011, 0, -0.001)]
    knot = sweep("knot", across, circle(0.0062, 16), scales=[0.75, 1, 1, 0.75])
    parts.append(move(knot, (0, y - 0.0025, tie)))
    return joined("drawstring", [paint(part, trim) for part in parts])


def _quilt(across: float, along: float) -> float:
    """Puff diamonds between seams that run both ways aslant."""
    a, b = (across + along) / 0.034 * math.pi, (across - along) / 0.034 * math.pi
    return 0.0042 * (abs(math.sin(a)) * abs(math.sin(b))) ** 0.45


def _quilted(colours: Paint) -> list[Part]:
    """Model a small bag quilted in diamonds, with a piped flap and a chain."""
    height = 0.155
    hull = Hull(
        ((0, 0.117, 0.030), (0.05, 0.119, 0.036), (0.1, 0.118, 0.034), (height, 0.114, 0.026)), 6
    )
    hide = leather(colours["body"], grain=0.0012, rough=0.33)
    gold = metal(colours["metal"], rough=0.16)
    body = hull.shell("body", 0.0, height, edge=0.009)

    def puffed(p: Point) -> Point:
        rx, ry = hull.size(p[2])
        inner = min(max((0.97 - abs(p[0]) / rx) * 12, 0), 1) * min(max((p[2] - 0.008) / 0.01, 0), 1)
        face = math.copysign(1, p[1]) * _quilt(p[0], p[2]) * inner * (abs(p[1]) > ry * 0.75)
        return p[0], p[1] + face, p[2]

    outline = flap_outline(hull, height, 0.052, 0.03)
    finer = [tuple(row) for row in smooth_path(outline, 150)]
    flap = flap_sheet("flap", finer, 170, _quilt)
    piping = sweep("piping", _rim(outline), circle(0.0027, 10))
    y = hull.front(0, 0.07)[1] - 0.0135
    lock = [
        plate("plate", 0.034, 0.026, 0.004, (0, y, 0.071), 2.5),
        plate("knob", 0.012, 0.018, 0.007, (0, y - 0.004, 0.071), 3),
    ]
    clasp = joined("clasp", [paint(piece, gold) for piece in lock])
    leathers = [paint(part, hide) for part in (warp(body, puffed), flap, piping)]
    return [*leathers, clasp, paint(_chain(height), gold)]


def _rim(outline: Flap) -> np.ndarray:
    """Follow a flap's edge from its right back corner around to the left."""
    right = [(wide, y - 0.001, z) for y, z, wide in outline]
    return np.array([*right, *[(-x, y, z) for x, y, z in right[::-1]]])


def _chain(height: float) -> Part:
    """Link a shoulder chain that stands in an arch over the bag."""
    knots = ((-0.112, -0.012), (-0.113, 0.03), (-0.092, 0.105), (-0.045, 0.165), (0, 0.182))
    dense = smooth_path(arched([(x, 0, height + z) for x, z in knots]), 600)
    walk = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(dense, axis=0), axis=1))])
    even = np.linspace(0, walk[-1], int(walk[-1] / 0.0088))
    at = np.stack([np.interp(even, walk, dense[:, k]) for k in range(3)], -1)
    tangents = np.gradient(at, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    links = []
    for k, (spot, tangent) in enumerate(zip(at, tangents, strict=True)):
        aside = np.array([0, 1.0, 0]) if k % 2 else np.cross(tangent, (0, 1.0, 0))
        oval = [spot + tangent * a + aside * b for a, b in superellipse(0.0068, 0.0046, 2.6, 20)]
        links.append(sweep("link", oval, circle(0.00145, 8), closed=True))
    return joined("chain", links)


_SHAPES: dict[str, Callable[[Paint], list[Part]]] = {
    "tote": _tote,
    "flap": _flap_bag,
    "bucket": _bucket,
    "quilted": _quilted,
}

KIND = Kind(
    name=Words("Handbag", "手提包"),
    category=(Words("Bags", "箱包"), Words("Women's Bags", "女包"), Words("Handbags", "手提包")),
    stands="table",
    sides=(-28.0, 34.0, 152.0),
    height_deg=14,
    detachable=("handle", "strap", "chain", "clasp"),
    build=build,
    groups=(
        Group(
            "handbag-fenwick", "Halden & Rye",
            Words("Fenwick canvas tote, 32 × 28 cm", "芬威克帆布托特包 32 × 28 厘米"),
            Words("Heavy canvas on a leather base, with rolled leather handles long enough for the "
                  "shoulder. Room for a laptop.",
                  "厚实帆布配皮革包底，圆卷皮手柄可肩背，轻松装下笔记本电脑。"),
            Words("Cotton canvas, cowhide", "棉帆布、牛皮"), "119.00",
            (
                Variant(Words("natural and tan", "本白拼棕"),
                        {"body": "#e9e0cd", "trim": "#9a5a2c", "thread": "#f0e6d2"}, "white"),
                Variant(Words("navy and dark brown", "藏青拼深棕"),
                        {"body": "#263a63", "trim": "#4d2c1a", "thread": "#d9c49a"}, "blue"),
            ),
            {"shape": "tote"},
        ),
        Group(
            "handbag-aldwych", "Halden & Rye",
            Words("Aldwych structured top-handle bag, 28 cm", "奥德维奇定型手提包 28 厘米"),
            Words("A trapeze of firm calf leather under a long flap with a brass turn-lock; stands "
                  "on four brass feet.",
                  "硬挺小牛皮梯形包身，长翻盖配黄铜旋扣，底部四颗铜脚钉，立放不倒。"),
            Words("Calf leather", "小牛皮"), "189.00",
            (
                Variant(Words("cherry red", "樱桃红"), {"body": "#8e0f1f", "thread": "#d9828a"},
                        "red"),
                Variant(Words("bottle green", "墨绿色"), {"body": "#1d4a37", "thread": "#8fb39f"},
                        "green"),
            ),
            {"shape": "flap"},
        ),
        Group(
            "handbag-pomona", "Halden & Rye", Words("Pomona drawstring bucket bag, 22 cm",
                                                    "波莫娜抽绳水桶包 22 厘米"),
            Words("Soft suede gathered by a leather cord, on a round leather base, with a wide "
                  "shoulder strap.",
                  "柔软麂皮以皮绳收口，圆形皮质包底，宽肩带单肩背负舒适。"),
            Words("Suede, leather trim", "麂皮、牛皮镶边"), "139.00",
            (
                Variant(Words("cognac", "干邑棕"),
                        {"body": "#a8602c", "trim": "#5d3219", "thread": "#e6cda0"}, "brown"),
                Variant(Words("violet", "紫罗兰色"),
                        {"body": "#9479b8", "trim": "#57406f", "thread": "#d9c9ea"}, "purple"),
            ),
            {"shape": "bucket"},
        ),
        Group(
            "handbag-odette", "Halden & Rye", Words("Odette quilted crossbody with chain, 23 cm",
                                                    "奥黛特菱格链条斜挎包 23 厘米"),
            Words("Diamond-quilted lambskin with a turn-lock and a chain to wear across or on the "
                  "shoulder.",
                  "菱格绗缝羊皮，旋扣开合，金属链条可斜挎可单肩。"),
            Words("Lambskin", "羊皮"), "165.00",
            (
                Variant(Words("black with gold", "黑金色"), {"body": "#26272b", "metal": "#c9a14a"},
                        "black"),
                Variant(Words("blush pink", "裸粉色"), {"body": "#dba6a2", "metal": "#c9cbcd"},
                        "pink"),
            ),
            {"shape": "quilted"},
        ),
    ),
)  # fmt: skip
