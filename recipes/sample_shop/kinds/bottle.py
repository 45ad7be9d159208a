"""Bottles: three insulated steel flasks and a glass carafe with a cork ball."""

import math
from collections.abc import Sequence

import bmesh
import numpy as np

from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import (
    Outline,
    Part,
    ball,
    circle,
    evenly,
    lathe,
    letters,
    move,
    paint,
    smooth_path,
    strip,
    superellipse,
    sweep,
    warp,
)
from sample_shop.model.nodes import bump, cells, feed, place, vector
from sample_shop.model.patterns import Pattern
from sample_shop.model.surfaces import Surface, glass, lacquer, metal, principled, rubber, stone

MM = 0.001


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a bottle in one of four designs."""
    return _DESIGNS[form["design"]](colours)


def _softened(points: Outline, radius: float, steps: int = 5) -> Outline:
    """Round the corners of a chain of straight lines, as far as their lengths allow."""
    p = np.asarray(points, float)
    chain = [p[0]]
    for before, corner, after in zip(p, p[1:], p[2:], strict=False):
        arms = [before - corner, after - corner]
        a, b = (corner + v * min(radius / max(np.hypot(*v), 1e-9), 0.48) for v in arms)
        for t in np.linspace(0, 1, steps):
            chain.append((1 - t) ** 2 * a + 2 * t * (1 - t) * corner + t * t * b)  # noqa: PERF401
    return [(float(x), float(z)) for x, z in [*chain, p[-1]]]


def _drum(name: str, knots: Outline, radius: float = 1.0, turns: int = 96) -> Part:
    """Turn a profile in millimetres whose corners are rounded; it begins and ends at the axis."""
    thing = lathe(name, [(r * MM, z * MM) for r, z in _softened(knots, radius)], turns=turns)
    thing.data.set_sharp_from_angle(angle=math.radians(50))
    return thing


def _curved(name: str, outline: Outline, top: Outline) -> Part:
    """Turn a smooth outside and close it by ``top``, all in millimetres."""
    foot = outline[0][0]
    under = [(0, 2), (foot * 0.86, 2), (foot * 0.9, 0), (foot * 0.96, 0)]
    outside = [(float(r), float(z)) for r, z in smooth_path(outline, 80)]
    return lathe(name, [(r * MM, z * MM) for r, z in [*under, *outside, *top]], turns=112)


def _loop(name: str, knots: Outline, wide: float, thick: float, *, soft: float = 12) -> Part:
    """Bend a flat bar in the plane of x and z."""
    path = [(x * MM, 0, z * MM) for x, z in evenly(_softened(knots, soft, 10), 90)]
    section = [(float(a), float(b)) for a, b in superellipse(thick / 2 * MM, wide / 2 * MM, 4, 28)]
    return sweep(name, path, section, up=(0, 1, 0))


def _stamp(text: str, height: float, radius: float, z: float) -> Part:
    """Print a word on the front of a round wall."""
    word = letters("mark", text, height * MM, (0, 0, z * MM), depth=0.0002)
    work = bmesh.new()
    work.from_mesh(word.data)
    for x in np.arange(-0.05, 0.05, 0.0015):  # a long flat stroke would sink into the round
        every = [*work.verts, *work.edges, *work.faces]
        bmesh.ops.bisect_plane(work, geom=every, plane_co=(x, 0, 0), plane_no=(1, 0, 0))
    work.to_mesh(word.data)
    work.free()
    r = radius * MM
    return warp(
        word, lambda p: ((r - p.y) * math.sin(p.x / r), -(r - p.y) * math.cos(p.x / r), p.z)
    )


def _pin(name: str, radius: float, x: float, z: float, length: float) -> Part:
    """Turn a button whose axis points along x, its outer face at ``x``."""
    knots = [(0, 0), (radius, 0), (radius, length), (0, length)]
    pin = _drum(name, knots, 0.7, 40)
    return move(pin, ((x - math.copysign(length, x)) * MM, 0, z * MM), (0, math.copysign(90, x), 0))


def _trail(colours: Paint) -> list[Part]:
    """Model a flask with a ribbed lid under a carrying loop."""
    outline = [(36, 0), (37.4, 1.5), (38, 5), (38, 30), (38, 100), (38, 175), (37.2, 187)]
    outline += [(33, 199), (28.5, 206), (27, 211)]
    body = _curved("body", outline, [(26.6, 213), (24, 213)])
    collar = _drum(
        "collar", [(24, 211), (26, 211), (26, 216.5), (22.5, 216.5), (22.5, 50), (0, 50)], 0.4
    )
    cap = _drum("lid", [(0, 216.7), (29, 216.7), (29.5, 239), (27, 242), (0, 242)], 1.6, 144)
    _ribbed(cap, 48, 219, 236)
    loop = _loop(
        "lid.loop", [(-30.7, 222), (-31.5, 262), (31.5, 262), (30.7, 222)], 15, 4.4, soft=20
    )
    pins = [_pin(f"lid.loop.{n}", 5.2, side * 34.2, 227, 5) for n, side in ((1, -1), (2, 1))]
    steel, black = metal("#c9cbcd", rough=0.25), rubber(colours["lid"])
    paint(body, lacquer(colours["body"], rough=0.48))
    paint(collar, steel)
    for part in (cap, loop):
        paint(part, black)
    for pin in pins:
        paint(pin, steel)
    mark = paint(_stamp("TARN", 13, 38.05, 96), lacquer(colours["mark"], rough=0.4))
    return [body, collar, cap, loop, *pins, mark]


def _ribbed(thing: Part, count: int, low: float, high: float) -> None:
    """Press grip grooves into the side of a cap."""

    def groove(p: Sequence[float]) -> tuple[float, float, float]:
        x, y, z = p
        r = math.hypot(x, y)
        if r < 0.02 or not low * MM < z < high * MM:
            return x, y, z
        dip = 1 - 0.0008 / r * (0.5 + 0.5 * math.cos(count * math.atan2(y, x)))
        return x * dip, y * dip, z

    warp(thing, groove)


def _works(colours: Paint) -> list[Part]:
    """Model a hammered flask with steel bands, a cup for a lid and a handle."""
    outline = [(44, 0), (46.3, 1.5), (47, 6), (47, 40), (47, 130), (47, 222), (45.6, 236)]
    outline += [(41, 247), (36, 253), (34.5, 257)]
    body = _curved("body", outline, [(33, 258)])
    bands = [
        _drum("band.1", [(0, 1), (47.2, 1), (47.9, 4), (47.9, 15), (47, 15.4), (0, 15.4)], 1.2),
        _drum("band.2", [(33, 257), (36.6, 257), (36.6, 262), (31, 262), (31, 50), (0, 50)], 0.6),
        _drum("band.3", [(0, 205), (47.7, 205), (47.7, 217), (0, 217)], 0.6),
        _drum("band.4", [(0, 77), (47.7, 77), (47.7, 89), (0, 89)], 0.6),
    ]
    cup = [(0, 262.5), (38.6, 262.5), (39.4, 264), (39.4, 271), (38.2, 272.5), (36.6, 318)]
    cup += [(33.5, 324), (0, 324)]
    lid = _drum("lid", cup, 3)
    bar = _loop("handle", [(46, 211), (86, 211), (86, 83), (46, 83)], 22, 5.6, soft=22)
    coat = lacquer(colours["body"], rough=0.3)
    _hammered(coat)
    steel = metal("#c6c8ca", rough=0.26)
    for part in (*bands, lid):
        paint(part, steel)
    for part in (body, bar):
        paint(part, coat)
    mark = paint(_stamp("TARN", 19, 47.05, 150), lacquer(colours["mark"], rough=0.4))
    return [body, *bands, lid, bar, mark]


def _hammered(surface: Surface) -> None:
    """Dimple a paint as hammer finish is."""
    tree, node = principled(surface)
    x, y, z = place(tree)
    dimples = cells(tree, 0.0042, vector(tree, x, y, z))
    feed(tree, node.inputs["Normal"], bump(tree, dimples, 0.0012, 0.5))
    feed(tree, node.inputs["Metallic"], 0.35)


def _sprout(colours: Paint) -> list[Part]:
    """Model a child's dotted bottle in a soft boot, with a straw in its lid."""
    outline = [(31, 0), (33.4, 1.5), (34, 6), (34, 30), (34, 80), (34, 126), (33, 134), (31, 138)]
    body = _curved("body", outline, [(29, 138.5)])
    mouth = [(29, 138), (31, 138), (31, 147), (27, 147), (27, 30), (0, 30)]
    collar = paint(_drum("collar", mouth, 0.6), metal("#c9cbcd", rough=0.25))
    foot = [(0, 0), (34.4, 0), (35.8, 3), (35.8, 30), (34.2, 30.8), (0, 30.8)]
    boot = _drum("boot", foot, 2.2)
    rim = [(0, 138.5), (34.6, 138.5), (35, 140), (35, 153)]
    dome = [
        (float(r), float(z))
        for r, z in smooth_path([(35, 153), (33.6, 160), (27, 167), (16, 171), (0, 172)], 30)
    ]
    lid = lathe("lid", [(r * MM, z * MM) for r, z in [*_softened(rim, 1), *dome[1:]]], turns=120)
    _ribbed(lid, 40, 142, 151)
    lid.data.set_sharp_from_angle(angle=math.radians(50))
    loop = _loop("lid.loop", [(-33, 149), (-36.5, 205), (36.5, 205), (33, 149)], 12, 5, soft=34)
    pins = [_pin(f"lid.loop.{n}", 7.5, side * 38.5, 153, 6) for n, side in ((1, -1), (2, 1))]
    straw = _straw()
    codes = [colours["dot"], colours["dot.2"]]
    dots = Pattern("dots", codes, 0.0305, share=0.42, radius=0.034, low=0.031, high=0.135)
    paint(body, lacquer(colours["body"], rough=0.4, pattern=dots))
    soft, hard = rubber(colours["boot"]), lacquer(colours["lid"], rough=0.3)
    for part, surface in ((boot, soft), (lid, hard), (loop, soft), (straw, rubber("#f0ede6"))):
        paint(part, surface)
    return [body, collar, boot, lid, loop, straw, *(paint(pin, hard) for pin in pins)]


def _straw() -> Part:
    """Bend a soft drinking spout forward out of the lid, with a bite valve at its end."""
    knots = [(0, -4, 165), (0, -5, 178), (0, -9, 189), (0, -17, 198), (0, -24, 203)]
    path = smooth_path(knots, 40) * MM
    swell = [1.35, 1.2, *[1.0] * 24, *np.linspace(1, 1.3, 8), 1.3, 1.28, 1.22, 1.1, 0.9, 0.55]
    return sweep(
        "lid.straw", [tuple(p) for p in path], circle(0.0056, 28), up=(1, 0, 0), scales=swell
    )


def _carafe(colours: Paint) -> list[Part]:
    """Model a glass carafe closed by a ball of cork."""
    belly = [(36, 0), (40, 2), (43, 9), (44.5, 30), (44, 75), (40, 118), (30, 155)]
    neck = [(20.5, 186), (17.5, 212), (18, 236), (21.5, 254), (24, 259)]
    outline = smooth_path([*belly, *neck], 90)
    inside = [(r - 2.6, max(z, 9)) for r, z in outline[::-1] if z > 7]
    rim = [(24 - 1.3 + 1.3 * math.cos(a), 259 + 1.3 * math.sin(a)) for a in (0.6, 1.2, 1.8, 2.5)]
    profile = [(0, 3), (26, 2), (31, 0), *outline, *rim, *inside[:-1], (34, 9), (0, 10)]
    body = lathe("body", [(float(r) * MM, float(z) * MM) for r, z in profile], turns=128)
    paint(body, glass(colours["body"], ior=1.46))
    cork = Pattern("speckles", ["#7d5330", "#e0bd8c"], 0.0042, share=0.5)
    stopper = ball("stopper", (0.0235, 0.0235, 0.0235), (0, 0, 0.2675))
    thong = [
        (0.0181 * math.cos(a), 0.0181 * math.sin(a), 0.2085 + 0.0032 * a / 6.283)
        for a in np.linspace(0, 6 * math.pi, 150)
    ]
    cord = sweep("cord", thong, strip(0.0019, 0.0019), up=(0, 0, 1))
    paint(cord, stone(colours["cord"], rough=0.7))
    return [body, paint(stopper, stone("#b98a57", pattern=cork, rough=0.8)), cord]


_DESIGNS = {"trail": _trail, "works": _works, "sprout": _sprout, "carafe": _carafe}

KIND = Kind(
    name=Words("Bottle", "水瓶"),
    category=(Words("Home & Kitchen", "家居厨房"), Words("Drinkware", "饮具"),
              Words("Bottles & Flasks", "水瓶水壶")),
    stands="table",
    sides=(-24.0, 30.0, 152.0),
    height_deg=12,
    detachable=("lid", "lid.loop", "lid.straw", "handle", "stopper", "boot"),
    build=build,
    groups=(
        Group(
            "bottle-ridgeway", "Tarn", Words("Ridgeway insulated bottle 710 ml",
                                             "岭道真空保温水壶 710 毫升"),
            Words("Double-walled steel keeps drinks cold for a day; the screw lid has a loop to "
                  "clip to a pack.",
                  "双层不锈钢真空结构，长效保冷；旋盖自带提环，可挂背包。"),
            Words("Stainless steel, powder-coated", "不锈钢，磨砂喷塑"), "34.00",
            (
                Variant(Words("signal orange", "亮橙色"),
                        {"body": "#d0551a", "lid": "#26272b", "mark": "#f1ede5"}, "orange"),
                Variant(Words("black", "黑色"),
                        {"body": "#26272b", "lid": "#26272b", "mark": "#c9cbcd"}, "black"),
            ),
            {"design": "trail"},
        ),
        Group(
            "bottle-lockkeeper", "Tarn", Words("Lockkeeper vacuum flask 1 l",
                                               "守闸人真空保温壶 1 升"),
            Words("An old-fashioned flask in hammered paint; its steel lid is the cup, and the "
                  "handle takes a gloved hand.",
                  "复古锤纹漆保温壶，钢制壶盖即水杯，宽大提手戴手套也好握。"),
            Words("Stainless steel, hammer-finish paint", "不锈钢，锤纹漆"), "46.00",
            (
                Variant(Words("pine green", "松绿色"), {"body": "#1f4a35", "mark": "#d9d3c2"},
                        "green"),
                Variant(Words("brick red", "砖红色"), {"body": "#8c2a1f", "mark": "#d9d3c2"},
                        "red"),
            ),
            {"design": "works"},
        ),
        Group(
            "bottle-puddle", "Little Fern",
            Words("Puddle children's straw bottle 350 ml", "小水洼儿童吸管杯 350 毫升"),
            Words("A small steel bottle with a soft straw, a carry loop and a bumper boot.",
                  "小巧不锈钢儿童水杯，软吸管，便携提环，硅胶底套防摔。"),
            Words("Stainless steel and silicone", "不锈钢、硅胶"), "24.00",
            (
                Variant(Words("sunny yellow", "明黄色"),
                        {"body": "#e3b52c", "dot": "#f6efdf", "dot.2": "#d0622c", "boot": "#2f7d78",
                         "lid": "#2f7d78"}, "yellow"),
                Variant(Words("lavender", "薰衣草紫"),
                        {"body": "#a08cc4", "dot": "#f6efdf", "dot.2": "#5b4391", "boot": "#c9607f",
                         "lid": "#c9607f"}, "purple"),
            ),
            {"design": "sprout"},
        ),
        Group(
            "bottle-spring", "Aster", Words("Spring glass carafe with cork ball 800 ml",
                                            "清泉玻璃水瓶（软木球塞）800 毫升"),
            Words("A blown carafe for water or juice that pours without a drip, closed by a ball "
                  "of natural cork.",
                  "人工吹制玻璃水瓶，盛水盛果汁皆宜，倾倒不滴漏，配天然软木球塞。"),
            Words("Glass and cork", "玻璃、软木"), "29.00",
            (
                Variant(Words("clear", "透明"), {"body": "#fbfefd", "cord": "#4a3626"}, "clear"),
                Variant(Words("amber", "琥珀色"), {"body": "#e8bd85", "cord": "#2a211b"}, "brown"),
            ),
            {"design": "carafe"},
        ),
    ),
)  # fmt: skip
