"""Backpacks: soft boxes skinned from their front outline, with zips, webbing and padded straps."""

import math
from collections.abc import Callable

import numpy as np

from sample_shop.model.bags import (
    Harness,
    Hull,
    Pouch,
    flap_hem,
    flap_outline,
    flap_sheet,
    grab_loop,
    piped,
    plate,
    puller,
    ringlet,
    side_pocket,
    straps,
    zipper,
)
from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import (
    Part,
    box,
    crumple,
    mesh,
    move,
    paint,
    smooth_path,
    sweep,
    thickened,
    tube,
    warp,
)
from sample_shop.model.sewing import cloth, flat, joined, stitches
from sample_shop.model.surfaces import Surface, leather, metal, rubber


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a backpack of one ``shape``: daypack, rolltop, flap or boxy."""
    parts = _SHAPES[form["shape"]](colours)
    return [warp(part, lambda p: (p[0], p[1], max(p[2], 0))) for part in parts]


_PULLERS = (
    (0.1545, -0.022, 0.235),
    (-0.1545, -0.022, 0.265),
    (0.119, -0.101, 0.155),
    (-0.119, -0.101, 0.135),
)


def _daypack(colours: Paint) -> list[Part]:
    """Model a rounded sack with two front pockets, zips, bottle pockets and compression straps."""
    cover, dark = cloth(colours["body"], 0.0009), cloth(colours["trim"], 0.0009)
    steel, cord = metal("#8f9296", rough=0.3), rubber(colours["pull"])
    main = Pouch(
        0.29, 0.455, 0.165, 0.0825, top=0.125, foot=0.045, narrower=0.012, edge=0.032, bulge=0.02
    )
    pocket = Pouch(
        0.232, 0.225, 0.062, -0.070, 0.022, top=0.055, foot=0.035, edge=0.024, bulge=0.016
    )
    upper = Pouch(
        0.185, 0.105, 0.026, -0.078, 0.268, top=0.045, foot=0.018, edge=0.014, bulge=0.006
    )
    shells = (main.shell("body", 0.005, 2), pocket.shell("pocket", 0.003, 3))
    parts = [paint(part, cover) for part in (*shells, upper.shell("upper", 0.002, 4))]
    parts += [
        zipper(main.seam(-0.022, 0.17, 0.0028), dark, steel, (0, 1, 0)),
        zipper(pocket.seam(-0.101, 0.085, 0.0016), dark, steel, (0, 1, 0), 0.012),
    ]
    slit = np.array([upper.front(x, 0.349, 0.0022) for x in np.linspace(-0.062, 0.062, 40)])
    parts += [
        zipper(slit, dark, steel, (0, 0, 1), 0.013),
        puller("puller.1", (0.054, slit[0][1] - 0.001, 0.350), 0, steel, cord),
    ]
    for number, at in enumerate(_PULLERS, 2):
        parts.append(puller(f"puller.{number}", at, math.copysign(90, at[0]), steel, cord))
    parts += [piped(main, -0.0505, dark), piped(main, 0.052, dark)]
    spot = pocket.front(0, 0.165, 0.001)
    parts.append(paint(plate("label", 0.052, 0.030, 0.004, spot, 5), leather(colours["label"])))
    for number, x in ((1, 0.136), (2, -0.136)):
        parts.append(side_pocket(f"sidepocket.{number}", x, (0.105, 0.165), 0.02, dark, dark))
    parts += [_compression(f"compression.{k}", side, dark) for k, side in ((1, 1), (2, -1))]
    panel = Pouch(0.235, 0.37, 0.012, 0.094, 0.03, top=0.09, foot=0.04, edge=0.008, bulge=0.004)
    parts.append(paint(panel.shell("backpanel", 0.002), dark))
    parts.append(grab_loop("handle", 0.045, 0.040, (0, 0.052, 0.449), 0.024, dark))
    harness = Harness((0.05, 0.425), (0.115, 0.055), 0.092)
    return [*parts, *straps(harness, dark, dark, rubber("#26272b"))]


def _compression(name: str, side: int, dark: Surface) -> Part:
    """Pull a side flat by webbing through a clip."""
    y, z = (0.058, 0.04, 0, -0.045, -0.062), (0.312, 0.312, 0.310, 0.308, 0.308)
    x = [side * out for out in (0.140, 0.1505, 0.1525, 0.1505, 0.140)]
    path = smooth_path(list(zip(x, y, z, strict=True)), 40)
    web = paint(sweep("web", path, flat(0.019, 0.004), up=(0, 0, 1)), dark)
    clip = box("clip", (0.011, 0.036, 0.029), 0.004, (side * 0.1535, 0.012, 0.296))
    return joined(name, [web, paint(clip, rubber("#26272b"))])


def _rolltop(colours: Paint) -> list[Part]:
    """Model a bag whose mouth is rolled up and clipped down at both sides and in front."""
    shell, dark = cloth(colours["body"], 0.0009), cloth(colours["trim"], 0.0009)
    web, black = cloth(colours["web"], 0.001), rubber("#2a2b2f")
    knots = ((0, 0.136, 0.070), (0.06, 0.142, 0.078), (0.2, 0.147, 0.082), (0.33, 0.150, 0.066))
    hull = Hull((*knots, (0.42, 0.155, 0.028), (0.455, 0.158, 0.010)), 5)
    body = crumple(hull.shell("body", 0.014, 0.455, edge=0.006), 0.007, 0.10, 3)
    base = crumple(
        hull.shell("base", 0.0, 0.095, grow=0.0062, wall=0.003, edge=0.02), 0.0015, 0.1, 5
    )
    parts = [paint(body, shell), paint(base, dark), paint(_roll(0.158, 0.468), shell)]
    pocket = Pouch(0.205, 0.185, 0.030, -0.066, 0.115, top=0.02, foot=0.02, edge=0.014, bulge=0.008)
    parts.append(paint(pocket.shell("pocket", 0.002, 8), shell))
    slit = np.array([pocket.front(x, 0.268, 0.0022) for x in np.linspace(-0.086, 0.086, 40)])
    steel = metal("#8f9296", rough=0.3)
    parts += [
        zipper(slit, dark, steel, (0, 0, 1)),
        puller("puller", (0.078, slit[0][1] - 0.003, 0.268), 0, steel, web),
    ]
    label = plate("label", 0.055, 0.022, 0.003, pocket.front(-0.05, 0.165, 0.001), 6)
    parts.append(paint(label, rubber(colours["label"])))
    parts.append(_closure(hull, web, black, steel))
    for number, side in enumerate((1, -1), 1):
        x = side * 0.163
        tie = [(x, 0, 0.470), (x * 1.035, 0, 0.44), (x * 0.985, 0, 0.37), (x * 0.95, 0, 0.27)]
        band = sweep("web", smooth_path(tie, 40), flat(0.022, 0.003), up=(0, 1, 0))
        lock = box("lock", (0.012, 0.034, 0.052), 0.005, (0, 0, -0.026))
        move(lock, (x * 0.992, 0, 0.385), (0, side * 4, 0))
        parts.append(joined(f"clip.{number}", [paint(band, web), paint(lock, black)]))
    panel = Pouch(0.225, 0.36, 0.014, 0.09, 0.035, top=0.06, foot=0.04, edge=0.009, bulge=0.004)
    parts.append(paint(panel.shell("backpanel", 0.002), dark))
    parts.append(grab_loop("handle", 0.042, 0.036, (0, 0.062, 0.392), 0.024, web))
    return [*parts, *straps(Harness((0.05, 0.385), (0.112, 0.05), 0.085), dark, web, black)]


def _roll(half: float, height: float) -> Part:
    """Roll the mouth of the bag up: a spiral of cloth along x."""
    turn = np.linspace(0, 2 * math.pi * 2.6, 110)
    xs = np.linspace(-half, half, 50)
    points = []
    for x in xs:
        for a in turn:
            r = 0.0055 + 0.0195 * a / turn[-1] + 0.0012 * math.sin(23 * x + 3 * a)
            z = height + r * math.cos(a) + 0.0025 * math.sin(18 * x)
            points.append((x, 0.9 * r * math.sin(a) - 0.012, z))
    n = len(turn)
    corners = [i * n + k for i in range(49) for k in range(n - 1)]
    quads = [(c, c + 1, c + n + 1, c + n) for c in corners]
    return thickened(mesh("roll", points, quads), 0.003)


def _closure(hull: Hull, web: Surface, black: Surface, steel: Surface) -> Part:
    """Hold the roll with a strap from the back over the top to a hook in front."""
    back = [(0, 0.068, 0.385), (0, 0.030, 0.455), (0, 0.012, 0.490), (0, -0.012, 0.4975)]
    front = [(0, -0.037, 0.480), (0, -0.046, 0.440), hull.front(0, 0.37, 0.010)]
    over = [*back, *front, hull.front(0, 0.325, 0.009)]
    low = [(0, -0.086, 0.316), (0, -0.094, 0.304), (0, -0.1015, 0.293), (0, -0.1035, 0.279)]
    parts = [paint(sweep("web", smooth_path(over, 70), flat(0.028, 0.0032), up=(1, 0, 0)), web)]
    parts.append(paint(sweep("web", smooth_path(low, 20), flat(0.028, 0.0032), up=(1, 0, 0)), web))
    spot = hull.front(0, 0.338, 0.014)
    lock = move(box("lock", (0.042, 0.011, 0.046), 0.004, (0, 0, -0.023)), spot, (-8, 0, 0))
    at = (spot[0], spot[1] - 0.006, spot[2] - 0.027)
    hook = ringlet("hook", 0.013, 0.0026, at, (-8, 0, 0))
    parts += [paint(lock, black), paint(hook, steel)]
    return joined("closure", parts)


def _flap_pack(colours: Paint) -> list[Part]:
    """Model a leather rucksack under a flap that two buckled tongues hold down."""
    hide = leather(colours["body"], grain=0.0018, rough=0.42)
    trim = leather(colours["trim"], rough=0.4)
    brass, height = metal("#c9a14a", rough=0.22), 0.355
    knots = ((0, 0.130, 0.062), (0.06, 0.137, 0.069), (0.18, 0.138, 0.070), (0.29, 0.130, 0.062))
    hull = Hull((*knots, (height, 0.121, 0.052)), 5)
    parts = [paint(crumple(hull.shell("body", 0.0, height, edge=0.016), 0.004, 0.09, 3), hide)]
    outline = flap_outline(hull, height, 0.158, 0.05)
    outline = [(y - 0.003 * (y < 0), z, wide + 0.003) for y, z, wide in outline]
    parts += [
        paint(crumple(flap_sheet("flap", outline), 0.0025, 0.09, 5), hide),
        stitches("stitch", flap_hem(outline, 0.008), colours["thread"]),
    ]
    pocket = Pouch(
        0.175, 0.125, 0.042, -0.062, 0.022, top=0.012, foot=0.022, edge=0.012, bulge=0.008
    )
    parts.append(paint(pocket.shell("pocket", 0.002, 7), hide))
    edge = [pocket.front(x, 0.137, 0.0016) for x in np.linspace(-0.072, 0.072, 40)]
    parts.append(stitches("stitch.2", edge, colours["thread"]))
    for number, x in ((1, 0.066), (2, -0.066)):
        parts.append(_buckled(f"buckle.{number}", x, hull, trim, brass))
    for number, x in ((1, 0.130), (2, -0.130)):
        parts.append(side_pocket(f"sidepocket.{number}", x, (0.088, 0.135), 0.0, hide, trim))
    parts.append(grab_loop("handle", 0.045, 0.040, (0, 0.042, height + 0.006), 0.022, trim))
    harness = Harness((0.045, 0.335), (0.100, 0.04), 0.068, 0.042, 0.008)
    return [*parts, *straps(harness, trim, trim, brass)]


def _buckled(name: str, x: float, hull: Hull, trim: Surface, brass: Surface) -> Part:
    """Strap the flap down: a tongue of leather through a brass buckle."""
    lifted = ((0.30, 0.0105), (0.25, 0.0118), (0.2, 0.0122), (0.165, 0.0135))
    knots = [hull.front(x, z, out) for z, out in lifted]
    knots += [(x, -0.110, 0.135), (x, -0.1165, 0.105), (x, -0.1165, 0.07)]
    path, tip = smooth_path(knots, 60), [1, 0.99, 0.97, 0.93, 0.85, 0.7, 0.5, 0.15]
    tongue = sweep("tongue", path, flat(0.021, 0.0036), up=(1, 0, 0), scales=[1] * 52 + tip)
    parts = [paint(tongue, trim)]
    z, y = 0.108, -0.1185
    corners = ((-0.016, 0.012), (0.016, 0.012), (0.016, -0.012), (-0.016, -0.012))
    frame = [(x + a, y, z + b) for a, b in corners]
    for a, b in zip(frame, [*frame[1:], frame[0]], strict=True):
        parts.append(paint(tube("bar", [a, b], 0.0023, count=4), brass))
    ends = [(x, y - 0.001, z + 0.012), (x, y - 0.003, z - 0.013)]
    prong = tube("prong", ends, 0.0015, count=4)
    keeper = box("keeper", (0.0265, 0.010, 0.0085), 0.002, (x, y + 0.0015, z - 0.030))
    parts += [paint(prong, brass), paint(keeper, trim)]
    return joined(name, parts)


def _boxy(colours: Paint) -> list[Part]:
    """Model a child's upright box with a wide zip, two handles and a round badge."""
    cover, web = cloth(colours["body"], 0.0009), cloth(colours["web"], 0.0011)
    steel, black = metal("#b9bbbe", rough=0.25), rubber("#26272b")
    main = Pouch(0.265, 0.370, 0.125, 0.0625, top=0.040, foot=0.035, edge=0.014, bulge=0.012)
    pocket = Pouch(
        0.205, 0.150, 0.036, -0.060, 0.028, top=0.012, foot=0.022, edge=0.011, bulge=0.007
    )
    shells = (main.shell("body", 0.004, 6), pocket.shell("pocket", 0.002, 9))
    parts = [paint(part, cover) for part in shells]
    parts += [
        zipper(main.seam(-0.018, 0.10, 0.0028), web, steel, (0, 1, 0), 0.02),
        piped(main, -0.0535, web, 0.0032),
        piped(main, 0.0535, web, 0.0032),
    ]
    parts += [
        puller("puller.1", (0.1395, -0.018, 0.225), 90, steel, web),
        puller("puller.2", (-0.1395, -0.018, 0.255), -90, steel, web),
    ]
    slit = np.array([pocket.front(x, 0.160, 0.0022) for x in np.linspace(-0.088, 0.088, 40)])
    parts += [
        zipper(slit, web, steel, (0, 0, 1), 0.013),
        puller("puller.3", (0.08, slit[0][1] - 0.003, 0.160), 0, steel, web),
    ]
    disc = plate("badge", 0.046, 0.046, 0.004, main.front(0, 0.262, 0.001), 2)
    parts += [
        paint(disc, rubber(colours["badge"])),
        paint(plate("mark", 0.026, 0.026, 0.004, main.front(0, 0.262, 0.0025), 2), cover),
    ]
    for number, y in ((1, -0.034), (2, 0.030)):
        parts.append(grab_loop(f"handle.{number}", 0.062, 0.070, (0, y, 0.370), 0.026, web))
    for number, x in ((1, 0.128), (2, -0.128)):
        parts.append(side_pocket(f"sidepocket.{number}", x, (0.090, 0.125), 0.004, cover, web))
    harness = Harness((0.05, 0.345), (0.105, 0.05), 0.068, 0.036, 0.005)
    return [*parts, *straps(harness, web, web, black)]


_SHAPES: dict[str, Callable[[Paint], list[Part]]] = {
    "daypack": _daypack,
    "rolltop": _rolltop,
    "flap": _flap_pack,
    "boxy": _boxy,
}

KIND = Kind(
    name=Words("Backpack", "双肩包"),
    category=(Words("Bags", "箱包"), Words("Travel & Everyday Bags", "旅行与日用包"),
              Words("Backpacks", "双肩包")),
    stands="table",
    sides=(-30.0, 32.0, 150.0),
    height_deg=13,
    detachable=("handle", "strap", "buckle", "closure", "puller"),
    build=build,
    groups=(
        Group(
            "backpack-fell", "Tarn", Words("Fell daypack 22 L", "山野日用双肩包 22 升"),
            Words("A light daypack with two zipped front pockets, bottle pockets and a breathable "
                  "padded back.",
                  "轻量日用双肩包，双拉链前袋，两侧水壶袋，透气加厚背垫。"),
            Words("Recycled nylon", "再生尼龙"), "79.00",
            (
                Variant(Words("pine green", "松绿色"),
                        {"body": "#265a3f", "trim": "#26282b", "pull": "#d98a1f",
                         "label": "#8a5a34"}, "green"),
                Variant(Words("flame orange", "火焰橙"),
                        {"body": "#d65a1a", "trim": "#2c2e33", "pull": "#f0e6d6",
                         "label": "#33251d"}, "orange"),
            ),
            {"shape": "daypack"},
        ),
        Group(
            "backpack-quay", "Tarn", Words("Quay roll-top backpack 25 L", "码头卷口双肩包 25 升"),
            Words("Waterproof roll-top for wet commutes: clips down at both sides, hooks in front, "
                  "grows when unrolled.",
                  "防水卷口设计，两侧插扣、前方挂钩固定，展开即可扩容，雨天通勤无忧。"),
            Words("Coated polyester canvas", "涂层涤纶帆布"), "98.00",
            (
                Variant(Words("mustard", "芥末黄"),
                        {"body": "#c8941c", "trim": "#2d2f34", "web": "#26272b",
                         "label": "#e9e2d2"}, "yellow"),
                Variant(Words("slate grey", "石板灰"),
                        {"body": "#6d7379", "trim": "#3a3d42", "web": "#26272b",
                         "label": "#d98a1f"}, "grey"),
            ),
            {"shape": "rolltop"},
        ),
        Group(
            "backpack-dunmore", "Halden & Rye",
            Words("Dunmore leather rucksack 15 L", "邓莫尔皮革翻盖双肩包 15 升"),
            Words("Full-grain leather under a long flap with two brass buckles; ages beautifully "
                  "with every trip.",
                  "头层牛皮，长翻盖配双黄铜针扣，越用越有光泽。"),
            Words("Full-grain leather, brass", "头层牛皮、黄铜"), "229.00",
            (
                Variant(Words("chestnut", "栗棕色"),
                        {"body": "#8a4a22", "trim": "#55290f", "thread": "#e2c896"}, "brown"),
                Variant(Words("black", "黑色"),
                        {"body": "#26272b", "trim": "#1f2023", "thread": "#77787c"}, "black"),
            ),
            {"shape": "flap"},
        ),
        Group(
            "backpack-lumi", "Little Fern", Words("Lumi mini school backpack 12 L",
                                                  "露米迷你书包 12 升"),
            Words("A neat box for small shoulders: wide zip, two carrying handles, a pocket on "
                  "every side.",
                  "方正小巧的儿童书包，大开口拉链，双提手，三面口袋，轻便好收纳。"),
            Words("Waxed cotton blend", "涂蜡棉混纺"), "59.00",
            (
                Variant(Words("sky blue", "天蓝色"),
                        {"body": "#3f86bf", "web": "#22324f", "badge": "#f1ede5"}, "blue"),
                Variant(Words("poppy red", "罂粟红"),
                        {"body": "#c62f2a", "web": "#3b2324", "badge": "#f1ede5"}, "red"),
            ),
            {"shape": "boxy"},
        ),
    ),
)  # fmt: skip
