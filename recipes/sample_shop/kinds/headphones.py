"""Headphones: two cups, modelled once and mirrored, under a headband; they stand on their cups."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import (
    Outline,
    Part,
    Point,
    ball,
    box,
    circle,
    copied,
    lathe,
    loft,
    move,
    paint,
    smooth_path,
    superellipse,
    sweep,
    tube,
)
from sample_shop.model.sewing import foam, joined
from sample_shop.model.surfaces import Surface, fabric, lacquer, leather, metal, rubber


def build(form: Form, colours: Paint) -> list[Part]:
    """Model headphones of one ``shape``: wireless, retro, studio or kids."""
    return _SHAPES[form["shape"]](colours)


def _mirrored(parts: Sequence[Part]) -> list[Part]:
    """Number the parts of the right side 1 and add the left side as 2."""
    both = []
    for part in parts:
        role, part.name = part.name, f"{part.name}.1"
        both += [part, copied(part, f"{role}.2", mirror="x")]
    return both


def _worn(pieces: Sequence[tuple[Part, Surface]], at: Point, turn_deg: Point) -> list[Part]:
    """Paint the pieces of the right cup and hang it where it touches the ear."""
    return [move(paint(part, surface), at, turn_deg) for part, surface in pieces]


def _solid(name: str, profile: Outline, ry: float, rz: float, power: float = 2) -> Part:
    """Skin ovals along x, each (how much narrower, where); the way a cup's shell grows."""
    rings = []
    for inset, x in profile:
        oval = superellipse(max(ry - inset, 1e-4), max(rz - inset, 1e-4), power, 72)
        rings.append([(x, y, z) for y, z in oval])
    return loft(name, rings)


def _rounded(depth: float, edge: float, dome: float, reach: float, start: float = 0) -> Outline:
    """List (inset, x) of a shell: its outer edge rounded, its outer face swelling by ``dome``."""
    end = start + depth
    turn = np.linspace(0, math.pi / 2, 9)[1:]
    profile = [(0.002, start), (0.0, start + 0.002), (0.0, start + depth - edge)]
    profile += [(edge * (1 - math.cos(a)), end - edge * (1 - math.sin(a))) for a in turn]
    face = np.linspace(0, 1, 10)[1:]
    return profile + [(edge + (reach - edge) * t, end + dome * (1 - (1 - t) ** 2)) for t in face]


def _pad(ry: float, rz: float, power: float, wide: float, thick: float, x: float) -> Part:
    """Stuff a ring-shaped ear pad whose outline is ry by rz, its middle at x."""
    oval = superellipse(ry - wide / 2, rz - wide / 2, power, 96)
    path = [(x, y, z) for y, z in oval]
    section = superellipse(wide / 2, thick / 2, 2.5, 28)
    return sweep("pad", path, section, closed=True, up=(1, 0, 0))


def _band(
    name: str, path: np.ndarray, wide: Callable[[float], float], thick: Callable[[float], float]
) -> Part:
    """Skin a band along a path in the x-z plane; its size depends on the share of the way."""
    tangents = np.gradient(path, axis=0)
    rings = []
    for k, (point, tangent) in enumerate(zip(path, tangents, strict=True)):
        share = k / (len(path) - 1)
        out = np.array([-tangent[2], 0, tangent[0]]) / np.hypot(tangent[0], tangent[2])
        oval = superellipse(wide(share) / 2, thick(share) / 2, 3.2, 32)
        rings.append([tuple(point + np.array([0, y, 0]) + out * h) for y, h in oval])
    return loft(name, rings)


def _arch(knots: Outline, count: int = 72) -> np.ndarray:
    """Mirror (x, z) knots of the right side, from the bottom to the crown, to a path."""
    flat = smooth_path([*((-x, z) for x, z in knots), *knots[-2::-1]], count)
    return np.stack([flat[:, 0], np.zeros(count), flat[:, 1]], -1)


def _swell(low: float, high: float, power: float = 1.5) -> Callable[[float], float]:
    """Grow from ``low`` at the ends to ``high`` in the middle."""
    return lambda share: low + (high - low) * math.sin(math.pi * share) ** power


def _part_of(path: np.ndarray, low: float, high: float, lift: object = 0.0) -> np.ndarray:
    """Cut a stretch out of a path, shifted inwards (down at the crown) by ``lift``."""
    a, b = int(low * len(path)), int(high * len(path))
    tangents = np.gradient(path, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    inwards = np.stack([tangents[:, 2], tangents[:, 1], -tangents[:, 0]], -1)
    return (path + inwards * lift)[a:b]


def _pin(name: str, a: Point, b: Point, radius: float) -> Part:
    """Make a round pin with softened ends from one point to another."""
    path = np.linspace(a, b, 9)
    return sweep(name, path, circle(radius, 20), scales=[0.7, 1, 1, 1, 1, 1, 1, 1, 0.7])


def _wireless(colours: Paint) -> list[Part]:
    """Model closed oval cups on short stems under a padded band."""
    cup = (0.040, 0.048, 2.5)
    shell, trim = lacquer(colours["body"], rough=0.42), metal(colours["metal"], rough=0.25)
    hide = leather(colours["pad"], grain=0.0012, rough=0.5)
    net = [(0.012, -0.0032), (0.03, -0.005), (0.0399, -0.005)]
    rim = [(0.004, -0.003), (0.0005, -0.0025), (0.0005, 0.0), (0.004, 0.0)]
    side = [
        (_solid("cup", _rounded(0.026, 0.012, 0.004, 0.040), *cup), shell),
        (_solid("trim", rim, *cup), trim),
        (_pad(0.0415, 0.0495, 2.5, 0.021, 0.022, -0.0135), hide),
        (_solid("mesh", net, *cup), foam("#2c2d31")),
        (_pin("button", (0.013, 0.026, -0.033), (0.013, 0.031, -0.037), 0.0035), trim),
        (_pin("stem", (0.013, 0, 0.040), (0.012, 0, 0.068), 0.0042), trim),
        (_pin("socket", (0.013, 0, 0.044), (0.0128, 0, 0.053), 0.0068), shell),
    ]
    worn = _worn(side, (0.064, 0, 0.0498), (0, 4, -7))
    path = _arch([(0.0805, 0.112), (0.0840, 0.135), (0.0765, 0.163), (0.0500, 0.186), (0.0, 0.196)])
    band = _band("band", path, _swell(0.019, 0.034), _swell(0.0105, 0.012))
    rest = _part_of(path, 0.22, 0.79, 0.008)
    cushion = _band("bandpad", rest, _swell(0.020, 0.031, 0.5), _swell(0.004, 0.013, 0.5))
    return [*_mirrored(worn), paint(band, shell), paint(cushion, hide)]


def _retro(colours: Paint) -> list[Part]:
    """Model small discs in foam on a springy steel band, with a thin forked cable."""
    r = 0.029
    shell, steel = lacquer(colours["body"], rough=0.35), metal("#c9cbcd", rough=0.18)
    puff = [(0.002, 0.001), (-0.003, -0.004), (-0.0035, -0.009), (-0.0005, -0.014)]
    face = [(0.006, -0.0165), (0.014, -0.0165), (0.0288, -0.0145)]
    side = [
        (_solid("cup", _rounded(0.011, 0.003, 0.0015, r), r - 0.002, r - 0.002), shell),
        (_solid("disc", _rounded(0.0022, 0.0007, 0.0003, 0.017, 0.012), 0.017, 0.017), steel),
        (_solid("pad", [*puff, *face], r, r), foam(colours["pad"])),
        (box("hinge", (0.0085, 0.012, 0.012), 0.002, (0.0065, 0, 0.024)), shell),
        (_pin("stem", (0.0065, 0, 0.03), (0.0065, 0, 0.058), 0.0019), steel),
    ]
    worn = _worn(side, (0.066, 0, 0.0328), (0, 3, -6))
    path = _arch([(0.0765, 0.082), (0.0825, 0.108), (0.0765, 0.137), (0.0500, 0.160), (0.0, 0.170)])
    band = paint(_band("band", path, lambda _: 0.0095, lambda _: 0.0013), steel)
    slide = _part_of(path, 0.855, 0.99)
    slider = paint(_band("slider", slide, lambda _: 0.0135, lambda _: 0.0062), shell)
    return [*_mirrored([*worn, slider]), band, *_forked_cable(rubber(colours["cable"]), steel)]


def _forked_cable(cord: Surface, steel: Surface) -> list[Part]:
    """Join a thin wire from each cup in front of the headphones and end it in a plug."""
    w, meet = 0.0013, (0.012, -0.075, 0.0022)
    tail = [(0.045, -0.092, w), (0.078, -0.088, w), (0.092, -0.062, w), (0.098, -0.046, w)]
    wires = [
        [(0.071, 0, 0.006), (0.073, -0.012, w), (0.066, -0.045, w), (0.036, -0.068, w), meet],
        [(-0.071, 0, 0.006), (-0.072, -0.014, w), (-0.058, -0.05, w), (-0.022, -0.072, w), meet],
        [meet, *tail, (0.112, -0.046, 0.003)],
    ]
    parts = [paint(tube("wire", p, w, count=60), cord) for p in wires]
    parts.append(paint(_pin("split", (0.001, -0.071, 0.003), (0.02, -0.079, 0.003), 0.0029), cord))
    return [joined("cable", [*parts, *_plug((0.111, -0.046, 0.0045), -12, 0.72, cord, steel)])]


def _plug(at: Point, turn_deg: float, scale: float, cord: Surface, steel: Surface) -> list[Part]:
    """Turn a jack plug that lies on the floor, its tip away from the cable."""
    grip = [(0, 0), (0.0026, 0), (0.004, 0.004), (0.0058, 0.008), (0.006, 0.026), (0.0052, 0.0285)]
    ring = [(0, 0.028), (0.0032, 0.028), (0.0032, 0.045), (0.0026, 0.0455), (0.0026, 0.0465)]
    tip = [(0.0032, 0.047), (0.0032, 0.051), (0.0023, 0.0535), (0.003, 0.056), (0.0008, 0.059)]
    handle = paint(lathe("grip", [*grip, (0, 0.0285)], turns=32), cord)
    jack = paint(lathe("plug", [*ring, *tip, (0, 0.059)], turns=32), steel)
    return [move(part, at, (90, 0, turn_deg + 90), scale) for part in (handle, jack)]


def _studio(colours: Paint) -> list[Part]:
    """Model round cups that pivot in steel forks, a stitched band and a coiled cable."""
    r = 0.046
    shell, steel = lacquer(colours["body"], rough=0.3), metal(colours["metal"], rough=0.2)
    hide = leather(colours["pad"], grain=0.0014, rough=0.42)
    turn = np.linspace(-0.08, math.pi + 0.08, 60)
    fork = [(0.013, (r + 0.006) * math.cos(a), (r + 0.006) * math.sin(a)) for a in turn]
    wall = [*_rounded(0.022, 0.004, 0.0, 0.012), (0.0125, 0.0195), (0.0459, 0.0195)]
    lid = _rounded(0.0024, 0.001, 0.0012, r - 0.015, 0.0195)
    ring = _rounded(0.0028, 0.0012, 0, 0.004, 0.004)
    pivots = [
        _pin(f"pivot{where}", (0.013, s * (r - 0.003), 0), (0.013, s * (r + 0.0095), 0), 0.0045)
        for where, s in (("front", 1), ("back", -1))
    ]
    side = [
        (_solid("cup", wall, r, r), shell),
        (_solid("plate", lid, r - 0.015, r - 0.015), steel),
        (_solid("ring", ring, r + 0.0012, r + 0.0012), steel),
        (_pad(r + 0.002, r + 0.002, 2, 0.024, 0.024, -0.011), hide),
        (_solid("mesh", [(0.014, -0.001), (0.0459, -0.002)], r, r), foam("#2c2d31")),
        (sweep("fork", fork, superellipse(0.0016, 0.0045, 4, 20), up=(1, 0, 0)), steel),
        *((pivot, steel) for pivot in pivots),
        (box("slider", (0.005, 0.013, 0.034), 0.0018, (0.013, 0, r + 0.004)), steel),
    ]
    worn = _worn(side, (0.063, 0, 0.0535), (0, 3, -6))
    path = _arch([(0.0785, 0.124), (0.0840, 0.146), (0.0775, 0.176), (0.0520, 0.201), (0.0, 0.212)])
    band = paint(_band("band", path, _swell(0.026, 0.036, 0.6), _swell(0.007, 0.017, 0.6)), hide)
    ends = paint(_band("bandend", path[58:], lambda _: 0.028, lambda s: 0.0085 + 0.001 * s), shell)
    head = [*_mirrored([*worn, ends]), band, *_seams(path, colours["stitch"])]
    return [*head, *_coil(rubber(colours["cable"]), metal("#c9a14a", rough=0.2))]


def _seams(path: np.ndarray, code: str) -> list[Part]:
    """Sew a thread along both edges of the headband's top."""
    thick = _swell(0.007, 0.017, 0.6)
    lift = np.array([[-0.475 * thick(k / (len(path) - 1))] for k in range(len(path))])
    things = []
    for number, y in enumerate((-0.011, 0.011), 1):
        line = _part_of(path, 0.12, 0.89, lift) + np.array([0, y, 0])
        thread = sweep(f"stitch.{number}", line, circle(0.0006, 8))
        things.append(paint(thread, fabric(code, weave=0.001)))
    return things


def _coil(cord: Surface, gold: Surface) -> list[Part]:
    """Lead a coiled cable from the left cup over the floor to a plug."""
    wire, wide = 0.0017, 0.0052
    lead = [(-0.073, 0.004, 0.010), (-0.076, -0.006, 0.004), (-0.073, -0.03, wire)]
    start = (-0.06, -0.058, wide)
    turns = [(-0.02, -0.083, wide), (0.035, -0.078, wide), (0.075, -0.062, wide)]
    along = smooth_path([start, *turns, (0.105, -0.066, wide)], 900)
    tangents = np.gradient(along, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    aside = np.cross(tangents, (0, 0, 1))
    angle = np.linspace(0, 2 * math.pi * 44, 900)[:, None]
    near = np.minimum(np.arange(900), np.arange(900)[::-1])[:, None]
    grown = np.clip(near / 30, 0, 1) * (wide - wire)
    helix = along + grown * (np.cos(angle) * aside + np.sin(angle) * np.array([0, 0, 1]))
    tail = [(0.105, -0.066, wide), (0.116, -0.069, 0.0055), (0.124, -0.073, 0.006)]
    parts = [tube("lead", [*lead, start], wire, count=40), sweep("coil", helix, circle(wire, 8))]
    parts.append(tube("tail", tail, wire, count=16))
    plug = _plug((0.122, -0.072, 0.006), -26, 1.0, cord, gold)
    return [joined("cable", [*(paint(part, cord) for part in parts), *plug])]


def _kids(colours: Paint) -> list[Part]:
    """Model small round cups in two colours, with a bear's ears on the band."""
    r = 0.036
    shell, second = lacquer(colours["body"], rough=0.22), lacquer(colours["second"], rough=0.22)
    hide = leather(colours["pad"], grain=0.001, rough=0.5)
    side = [
        (_solid("cup", _rounded(0.022, 0.009, 0.002, r), r, r), shell),
        (_solid("disc", _rounded(0.0035, 0.0016, 0.003, 0.021, 0.0225), 0.021, 0.021), second),
        (_pad(r + 0.001, r + 0.001, 2, 0.019, 0.019, -0.009), hide),
        (_solid("mesh", [(0.012, -0.001), (0.0359, -0.002)], r, r), foam(colours["second"])),
        (box("arm", (0.008, 0.018, 0.029), 0.0035, (0.0115, 0, r - 0.006)), second),
    ]
    worn = _worn(side, (0.057, 0, 0.0378), (0, 4, -6))
    path = _arch([(0.0705, 0.090), (0.0755, 0.108), (0.0700, 0.134), (0.0460, 0.156), (0.0, 0.165)])
    band = paint(_band("band", path, _swell(0.024, 0.027), _swell(0.012, 0.0125)), shell)
    rest = _part_of(path, 0.26, 0.75, 0.008)
    cushion = _band("bandpad", rest, _swell(0.016, 0.022, 0.5), _swell(0.004, 0.011, 0.5))
    ear = ball("ear", (0.0215, 0.009, 0.0215), (0, 0, 0.0145), 2.2)
    lining = ball("earlining", (0.0135, 0.0035, 0.0135), (0, -0.0072, 0.0145), 2.2)
    ears = _worn([(ear, shell), (lining, second)], (0.0435, 0, 0.158), (0, 33, 0))
    return [*_mirrored([*worn, joined("ear", ears)]), band, paint(cushion, hide)]


_SHAPES = {"wireless": _wireless, "retro": _retro, "studio": _studio, "kids": _kids}

KIND = Kind(
    name=Words("Headphones", "耳机"),
    category=(Words("Electronics", "数码"), Words("Audio", "影音"), Words("Headphones", "头戴式耳机")),
    stands="table",
    sides=(32.0, -38.0, 150.0),
    height_deg=16,
    detachable=("pad", "cable", "ear"),
    build=build,
    groups=(
        Group(
            "headphones-halcyon", "Oriole", Words("Halcyon wireless over-ear headphones, 40 h",
                                                  "翠鸟无线头戴式耳机 续航 40 小时"),
            Words("Closed wireless headphones with noise cancelling, soft oval pads and a steel "
                  "slider. Forty hours on one charge.",
                  "封闭式无线降噪耳机，椭圆柔软耳罩，不锈钢伸缩杆，一次充电可听四十小时。"),
            Words("ABS, steel, protein leather", "ABS、不锈钢、蛋白皮"), "179.00",
            (
                Variant(Words("midnight black", "午夜黑"),
                        {"body": "#26272b", "pad": "#1f2023", "metal": "#8d9095"}, "black"),
                Variant(Words("sand beige", "沙色"),
                        {"body": "#d3c3aa", "pad": "#b7a284", "metal": "#c9a98a"}, "beige"),
            ),
            {"shape": "wireless"},
        ),
        Group(
            "headphones-roller", "Oriole", Words("Roller 79 retro on-ear headphones, 3.5 mm",
                                                 "滚轴 79 复古贴耳耳机 3.5 毫米接口"),
            Words("Featherweight on-ears with foam pads and a sprung steel band, as on a roller "
                  "disco in 1979.",
                  "轻若无物的贴耳耳机，海绵耳套配弹性钢头梁，重现 1979 年的随身听风格。"),
            Words("Steel, plastic, foam", "钢、塑料、海绵"), "35.00",
            (
                Variant(Words("orange foam", "橙色海绵"),
                        {"body": "#2b2c30", "pad": "#d9581a", "cable": "#26272b"}, "orange"),
                Variant(Words("blue foam", "蓝色海绵"),
                        {"body": "#c9ccd0", "pad": "#2b62a8", "cable": "#d8d8d6"}, "blue"),
            ),
            {"shape": "retro"},
        ),
        Group(
            "headphones-console", "Oriole",
            Words("Console studio headphones with coiled cable, 3 m",
                  "控制台录音室监听耳机 3 米弹簧线"),
            Words("Closed monitors for recording: round cups on steel forks, thick stitched "
                  "headband, coiled cable with a 6.3 mm plug.",
                  "录音监听耳机：圆形耳罩配钢制叉臂，加厚车缝头梁，弹簧线配 6.3 毫米插头。"),
            Words("Steel, plastic, leather", "钢、塑料、皮革"), "149.00",
            (
                Variant(Words("tan and brown", "棕褐色"),
                        {"body": "#3a2a20", "pad": "#8a5430", "metal": "#c9cbcd",
                         "stitch": "#e6d3ac", "cable": "#33261e"}, "brown"),
                Variant(Words("silver and white", "银白色"),
                        {"body": "#e6e3dc", "pad": "#d9d5cc", "metal": "#c9cbcd",
                         "stitch": "#8c8a86", "cable": "#dcd9d2"}, "white"),
            ),
            {"shape": "studio"},
        ),
        Group(
            "headphones-cub", "Little Fern", Words("Cub children's headphones, 85 dB limit",
                                                   "小熊儿童耳机 85 分贝限音"),
            Words("Sized for heads from three years, with round bear ears and sound that never "
                  "gets too loud.",
                  "三岁以上儿童尺寸，圆圆的小熊耳朵，音量自动限制，呵护听力。"),
            Words("ABS, protein leather", "ABS、蛋白皮"), "29.00",
            (
                Variant(Words("candy pink", "糖果粉"),
                        {"body": "#e8779a", "second": "#f4e3d6", "pad": "#f0d3d6"}, "pink"),
                Variant(Words("apple green", "苹果绿"),
                        {"body": "#74b544", "second": "#f3cf3e", "pad": "#e9ead9"}, "green"),
            ),
            {"shape": "kids"},
        ),
    ),
)  # fmt: skip
