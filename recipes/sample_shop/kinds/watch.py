"""Wrist watches: a case with dial and hands, and a strap or bracelet closed to a loop.

While modelling, millimetres: the dial looks along +z with 12 o'clock at +y, the loop lies behind.
"""

import math
from collections.abc import Sequence

import numpy as np

from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import (
    Outline,
    Part,
    box,
    circle,
    evenly,
    lathe,
    letters,
    loft,
    move,
    paint,
    panel,
    smooth_path,
    superellipse,
    sweep,
    warp,
)
from sample_shop.model.sewing import wrist_normals, wristband, wristband_stitches
from sample_shop.model.surfaces import Surface, lacquer, leather, metal, rubber

Ring = list[tuple[float, float, float]]


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a watch: ``size`` half width and height, ``power`` of the case's outline, ``band``."""
    parts = [*_case(form, colours), *_dial(form, colours), *_hands(form, colours)]
    parts += (_bracelet if form["band"] == "bracelet" else _strap)(form, colours)
    return _stood(form, parts)


def _stood(form: Form, parts: list[Part]) -> list[Part]:
    """Stand the loop on its lower strap leaning back, or lay it on its side, in metres."""
    lying = form.get("lying", False)
    lean = math.radians(form.get("lean", 9))
    c, s = math.cos(lean), math.sin(lean)

    def turned(p: Sequence[float]) -> tuple[float, float, float]:
        x, up, depth = (-p[1], p[0], -p[2]) if lying else (p[0], p[1], -p[2])
        return x / 1000, (depth * c + up * s) / 1000, (up * c - depth * s) / 1000

    for part in parts:
        if not part.name.startswith(("strap", "thread", "buckle")):
            part.data.set_sharp_from_angle(angle=math.radians(28))
        warp(part, turned)
    low = min(v.co.z for part in parts for v in part.data.vertices)
    return [move(part, (0, 0.02, -low)) for part in parts]


def _rings(form: Form, profile: Outline, count: int = 120) -> list[Ring]:
    """Make the case's outline at each (inset, height)."""
    (rx, ry), power = form["size"], form["power"]
    return [
        [(x, y, z) for x, y in superellipse(rx - inset, ry - inset, power, count)]
        for inset, z in profile
    ]


def _shine(form: Form, code: str, rough: float) -> Surface:
    """Polish hands and indices that are applied; print the others."""
    return metal(code, rough=rough) if form.get("applied", True) else lacquer(code)


def _covered(parts: Sequence[Part], surface: Surface) -> list[Part]:
    """Paint several parts with one surface."""
    for part in parts:
        paint(part, surface)
    return list(parts)


def _case(form: Form, colours: Paint) -> list[Part]:
    """Model the case with its lugs, crown and pushers, and the bezel if there is one."""
    h, lip, rx = form["height"], form.get("lip", 3.0), form["size"][0]
    wall = [(3, 0), (1.6, 0.1), (0.5, 0.7), (0, 1.8), (0, h - 2.6), (0.2, h - 2.1)]
    shoulder = [(0.8, h - 1.6), (0.9, h - 1.5), (1.1, h - 0.6), (1.5, h - 0.15)]
    inner = [(lip - 1, h), (lip - 0.4, h - 0.1), (lip, h - 0.5), (lip, h - 1.9)]
    steel = metal(colours["case"], rough=0.16)
    parts = [loft("case", _rings(form, [*wall, *shoulder, *inner]))]
    parts += [_lug(k, form, x, y) for k, (x, y) in enumerate(((1, 1), (1, -1), (-1, 1), (-1, -1)))]
    parts.append(_crown("crown", rx, h * 0.48, 0.0, form.get("crown", 3.2), 0.07))
    for k, turn in enumerate((30, -30) if form.get("chrono") else ()):
        parts.append(_crown(f"crown.push{k}", rx - 2.2, h * 0.48, turn, 1.9, 0.0))
    bezel = _bezel(form, colours) if "insert" in colours else []
    _covered([*parts, *bezel[:1]], steel)
    return parts + bezel


def _lug(k: int, form: Form, x: int, y: int) -> Part:
    """Bend a lug from a corner of the case down to the strap's pin."""
    h, ry, reach = form["height"], form["size"][1], form.get("lug", 4.2)
    across = x * (form["width"] / 2 + 1.7)
    knots = ((ry * 0.62, h * 0.45), (ry - 0.5, h * 0.44), (ry + reach * 0.6, h * 0.24))
    path = smooth_path([(across, y * v, z) for v, z in (*knots, (ry + reach, -1.0))], 30)
    section = superellipse(1.5, h * 0.27, 4, 28)
    scales = np.interp(np.linspace(0, 1, 30), [0, 0.5, 0.9, 1], [1, 1, 0.72, 0.45])
    return sweep(f"case.lug{k}", path, section, up=(0, 0.3, 1), scales=scales)


def _crown(name: str, rx: float, z: float, turn: float, radius: float, flutes: float) -> Part:
    """Turn a fluted knob and set it on the case's side, ``turn`` degrees from 3 o'clock."""
    stem = [(0.9, -2), (0.9, 0.6), (radius * 0.9, 0.7), (radius, 1.1), (radius, 3.0)]
    profile = [*stem, (radius * 0.85, 3.6), (0, 3.8)]

    def around(angle: float, along: float) -> float:
        return 1 + flutes * math.cos(angle * 22) * (0.9 < along < 3.2)

    knob = move(lathe(name, profile, turns=132, around=around), turn_deg=(0, 90, 0))
    turned = math.radians(turn)
    return move(knob, (rx * math.cos(turned), rx * math.sin(turned), z), (0, 0, turn))


def _bezel(form: Form, colours: Paint) -> list[Part]:
    """Add a turning ring with a toothed edge and a coloured scale."""
    r, h = form["size"][0], form["height"]
    teeth = form.get("teeth", 0.012)
    edge = [(r - 1.5, h - 2.2), (r + 0.3, h - 2.0), (r + 0.5, h - 1.4), (r + 0.4, h)]
    slope = [(r - 0.4, h + 0.5), (r - 0.5, h + 0.3), (r - 4.0, h + 0.1), (r - 4.2, h - 1.6)]

    def around(angle: float, z: float) -> float:
        return 1 + teeth * math.cos(angle * 60) * (h - 2.1 < z < h + 0.1)

    ring = lathe("bezel", [*edge, *slope], turns=360, around=around)
    flat = [(r - 3.9, h + 0.16), (r - 0.7, h + 0.38), (r - 0.7, h + 0.3), (r - 3.9, h + 0.1)]
    scale = lathe("insert", [*flat, flat[0]], turns=120)
    paint(scale, lacquer(colours["insert"], rough=0.2))
    marks = []
    for k in range(60):
        size = (0.9 if k % 15 == 0 else 0.35, 2.2 if k % 5 == 0 else 0.9, 0.12)
        mark = box(f"mark.{k}", size, at=(0, r - 2.3, h + 0.26))
        marks.append(move(mark, turn_deg=(0, 0, -6 * k)))
    return [ring, scale, *_covered(marks, lacquer(colours["mark"], rough=0.4))]


def _dial(form: Form, colours: Paint) -> list[Part]:
    """Model the dial's face, its indices, minutes and name, and a chronograph's counters."""
    z, lip = form["height"] - 1.85, form.get("lip", 3.0)
    rx, ry = (v - lip for v in form["size"])
    face = loft("dial", _rings(form, [(lip - 0.2, z - 0.2), (lip - 0.1, z)], 96))
    paint(face, lacquer(colours["dial"], rough=0.3))
    shine = _shine(form, colours["index"], 0.2)
    marks = []
    for k in range(60):
        a = math.radians(6 * k)
        edge = _edge(a, rx, ry, form["power"])
        if k % 5 == 0 and not (form.get("chrono") and k in (15, 30, 45)):
            marks.append(_index(form, k, a, edge, z))
        elif form.get("ticks", True):
            tick = box(f"tick.{k}", (0.22, 0.9, 0.08), at=(0, 0, z))
            marks.append(_ray(tick, a, edge - 0.9))
    logo = letters("logo", "MERIDIAN", ry * 0.115, (0, ry * 0.46, z + 0.03), (0, 0, 0), 0.02)
    parts = [face, *_covered(marks, shine), paint(logo, lacquer(colours["hand"], rough=0.4))]
    if form.get("chrono"):
        for k, (x, y) in enumerate(((-0.46, 0), (0.46, 0), (0, -0.46))):
            parts += _subdial(k, (x * rx, y * ry), rx * 0.27, z, colours)
    return parts


def _edge(a: float, rx: float, ry: float, power: float) -> float:
    """Tell how far the dial's edge is in the direction of an hour."""
    s, c = abs(math.sin(a)) / rx, abs(math.cos(a)) / ry
    return float((s**power + c**power) ** (-1 / power))


def _ray(thing: Part, a: float, distance: float) -> Part:
    """Turn a mark to an hour's direction and push it out from the centre."""
    at = (distance * math.sin(a), distance * math.cos(a), 0)
    return move(thing, at, (0, 0, -math.degrees(a)))


def _index(form: Form, k: int, a: float, edge: float, z: float) -> Part:
    """Set an hour's number, dot or baton at the dial's edge."""
    style, ry = form["index"], form["size"][1]
    name = f"index.{k // 5}"
    if style == "numbers":
        text = letters(name, str(k // 5 or 12), ry * 0.22, (0, 0, z + 0.1), (0, 0, 0), 0.06)
        return move(text, (math.sin(a) * (edge - 3.2), math.cos(a) * (edge - 3.2), 0))
    if style == "dots" and k % 15:
        drop = [(0, z), (1.15, z), (1.15, z + 0.2), (0.9, z + 0.32), (0, z + 0.35)]
        return _ray(lathe(name, drop, turns=32), a, edge - 2.6)
    long = ry * (0.22 if k % 15 == 0 else 0.17)
    wide = form.get("bold", 0.8) * (1.5 if k == 0 else 1)
    return _ray(box(name, (wide, long, 0.35), 0.1, at=(0, 0, z)), a, edge - 1.2 - long / 2)


def _subdial(k: int, at: tuple[float, float], r: float, z: float, colours: Paint) -> list[Part]:
    """Sink a counter with its own hand into the dial."""
    disc = lathe(f"counter.{k}", [(0, z + 0.05), (r, z + 0.05), (r, z), (0, z)], turns=64)
    wall = [(r - 0.15, z), (r - 0.15, z + 0.16), (r + 0.1, z + 0.16), (r + 0.1, z)]
    rim = lathe(f"counter.rim{k}", wall, turns=64)
    needle = box(f"hand.{k + 4}", (0.3, r * 0.85, 0.1), at=(0, r * 0.35, z + 0.15))
    move(needle, turn_deg=(0, 0, (40, -120, 165)[k]))
    ticks = [box(f"tick.c{k}{j}", (0.18, 0.6, 0.06), at=(0, 0, z + 0.05)) for j in range(12)]
    for j, tick in enumerate(ticks):
        _ray(tick, j * math.pi / 6, r - 0.6)
    paint(disc, lacquer(colours["counter"], rough=0.35))
    _covered([rim, needle, *ticks], lacquer(colours["hand"], rough=0.3))
    return [move(thing, (*at, 0)) for thing in (disc, rim, needle, *ticks)]


def _hands(form: Form, colours: Paint) -> list[Part]:
    """Set the hands to nine past ten."""
    z, reach = form["height"] - 1.35, min(form["size"]) - form.get("lip", 3.0)
    parts = []
    for k, (angle, long, bold) in enumerate(((304.5, 0.56, 1.5), (54, 0.86, 1.15))):
        wide, tall = bold * form.get("bold", 0.8), reach * long
        half = [(wide * 0.5, -reach * 0.12), (wide * 0.62, tall * 0.75), (0.05, tall)]
        left = [(-x, y) for x, y in half]
        hand = panel(f"hand.{k}", [left[0], *half, *left[:0:-1]], 0.18, 0.05)
        move(hand, (0, 0, z + 0.22 * k), (-90, 0, 0))
        parts.append(move(hand, turn_deg=(0, 0, -angle)))
    dome = [(0.9, z - 0.4), (0.9, z + 0.55), (0.6, z + 0.75), (0, z + 0.8)]
    parts.append(lathe("hand.2", dome, turns=32))
    _covered(parts, _shine(form, colours["hand"], 0.3))
    needle = box("hand.3", (0.3, reach * 1.1, 0.12), at=(0, reach * 0.3, z + 0.45))
    paint(needle, lacquer(colours.get("second", colours["hand"]), rough=0.3))
    return [*parts, move(needle, turn_deg=(0, 0, -216))]


def _loop(form: Form, count: int) -> np.ndarray:
    """Walk from the upper lugs behind the wrist to the lower lugs: (y, z)."""
    start = form["size"][1] + form.get("lug", 4.2) - 3.0
    top = max(start + 8.5, 30.5)
    down = [(start, 1.7), (start + 2.2, 0.9), (start + 5, -2.4), (top - 1.6, -9), (top, -20)]
    half = [*down, (top - 2, -32), (top - 9, -42), (top - 20, -48)]
    knots = [*half, (0, -50), *[(-y, z) for y, z in reversed(half)]]
    return evenly(smooth_path(knots, 1200), count)


def _strap(form: Form, colours: Paint) -> list[Part]:
    """Close a strap with a buckle at the back: the lower half lies outside the upper one."""
    n = 240
    path, share = _loop(form, n), np.linspace(0, 1, n)
    normals = wrist_normals(path)
    widths = form["width"] * (1 - 0.16 * np.sin(np.pi * share) ** 0.7) - 0.5
    thick = 2.2 + form.get("padded", 1.4) * np.exp(-((np.minimum(share, 1 - share) / 0.11) ** 2))
    upper, lower = slice(0, 142), slice(98, n)
    over = np.interp(np.arange(98, n), [98, 136, 160, n], [2.7, 2.7, 0, 0])
    outer = path[lower] + normals[lower] * over[:, None]
    tip = widths[lower].copy()
    tip[:9] *= np.sqrt(np.clip(1 - ((8.6 - np.arange(9)) / 8.8) ** 2, 0.03, 1))
    behind = wristband("strap.upper", path[upper], widths[upper], thick[upper])
    parts = [behind, wristband("strap.lower", outer, tip, thick[lower])]
    for k, at in enumerate((108, 118)):
        parts.append(_keeper(f"strap.keeper{k}", path[at], normals[at], widths[at]))
    code = colours["strap"]
    _covered(parts, rubber(code) if form["band"] == "rubber" else leather(code, grain=0.0012))
    if form["band"] == "leather":
        inside = wristband_stitches("thread", path[3:100], widths[3:100], thick[3:100])
        outside = wristband_stitches("thread", outer[12:-3], tip[12:-3], thick[lower][12:-3])
        parts += _covered([inside, outside], lacquer(colours["thread"], rough=0.7))
    buckle = _buckle(path[136], normals[136], widths[136])
    return [*parts, *_covered(buckle, metal(colours["case"], rough=0.16))]


def _frame(at: np.ndarray, normal: np.ndarray, corners: Sequence[Sequence[float]]) -> Ring:
    """Place (x, along the strap, off the strap) at a point of the loop."""
    along = np.array([-normal[1], normal[0]])
    return [(x, *(at + along * a + normal * d)) for x, a, d in corners]


def _keeper(name: str, at: np.ndarray, normal: np.ndarray, width: float) -> Part:
    """Slip a loop over both halves of the strap."""
    ring = superellipse(width / 2 + 0.9, 3.3, 7, 64)
    path = _frame(at, normal, [(x, 0, d + 1.35) for x, d in ring])
    section = [(x, y) for y, x in superellipse(2.2, 0.55, 4, 20)]
    return sweep(name, path, section, closed=True, up=(0, -normal[1], normal[0]))


def _buckle(at: np.ndarray, normal: np.ndarray, width: float) -> list[Part]:
    """Bend a buckle's frame and the pin across it."""
    ring = superellipse(width / 2 + 1.8, 5.2, 5, 64)
    around = _frame(at, normal, [(x, a, 3.2) for x, a in ring])
    frame = sweep("buckle", around, circle(0.95), closed=True)
    path = _frame(at, normal, [(0, -5.4, 3.9), (0, -2, 4.9), (0, 2, 4.9), (0, 5.4, 3.6)])
    return [frame, sweep("buckle.pin", smooth_path(path, 20), circle(0.6))]


def _bracelet(form: Form, colours: Paint) -> list[Part]:
    """Line up links of three pieces; the two inner rows are polished."""
    count = 47
    path = _loop(form, count * 2 + 1)[1::2]
    normal, share = wrist_normals(path), np.linspace(0, 1, count)
    widths = (form["width"] - 0.4) * (1 - 0.2 * np.sin(np.pi * share) ** 0.7)
    pitch = np.linalg.norm(path[1] - path[0])
    brushed, bright = metal(colours["case"], rough=0.3), metal(colours["case"], rough=0.12)
    parts = []
    for k in range(count):
        clasp = abs(k - count // 2) <= 2
        for row, (middle, wide) in enumerate(((-0.345, 0.29), (0, 0.37), (0.345, 0.29))):
            if clasp and row != 1:
                continue
            across, long, deep = (1.02, 1.12, 3.4) if clasp else (wide, 0.95, 2.9)
            size, at = (widths[k] * across, pitch * long, deep), (widths[k] * middle, 0, -deep / 2)
            link = box(f"bracelet.{k}{'abc'[row]}", size, 0.6, at=at)
            central = row == 1 and not clasp
            paint(link, bright if central else brushed)
            along, n = np.array([-normal[k][1], normal[k][0]]), normal[k]
            spot = path[k] + along * pitch * (0.5 if central else 0.0)
            warp(link, lambda p, s=spot, a=along, n=n: (p.x, *(s + a * p.y + n * p.z)))
            parts.append(link)
    for y in (1, -1):
        end = box(f"bracelet.end{y}", (form["width"] - 0.2, 7.5, 3.6), 0.7)
        ends = move(end, (0, y * (form["size"][1] - 0.2), 0.6), (-14 * y, 0, 0))
        parts.append(paint(ends, brushed))
    return parts


KIND = Kind(
    name=Words("Watch", "手表"),
    category=(Words("Accessories", "配饰"), Words("Watches", "钟表"), Words("Wrist watches", "手表")),
    stands="table", build=build, sides=(18.0, -38.0, 150.0), height_deg=14.0,
    detachable=("strap", "crown", "hand", "bracelet"),
    groups=(
        Group("watch-noon", "Meridian", Words("Noon slim dress watch 40 mm", "超薄简约腕表 40 毫米"),
            Words("A slim round watch with baton indices on a stitched leather strap.", "圆形超薄表壳，条形时标，缝线真皮表带，商务日常都合适。"),
            Words("Stainless steel case, calf leather strap", "不锈钢表壳，小牛皮表带"), "149.00",
            (Variant(Words("gold with brown strap", "金壳棕带"), {"case": "#dcb482", "dial": "#f1ede5", "index": "#c38e4c", "hand": "#a8763a", "strap": "#6b3f22", "thread": "#d9b98c"}, "brown"),
                Variant(Words("silver with navy strap", "银壳藏青带"), {"case": "#c9cbcd", "dial": "#23345a", "index": "#e2e4e6", "hand": "#e2e4e6", "strap": "#25355a", "thread": "#b8c2d6"}, "blue")),
            {"size": (20, 20), "power": 2, "height": 8.0, "lip": 2.2, "width": 20, "band": "leather", "index": "baton", "bold": 0.8, "lean": 12}),
        Group("watch-fathom", "Meridian", Words("Fathom 200 m diver's watch 42 mm", "200 米潜水腕表 42 毫米"),
            Words("A diver's watch with a turning bezel, bold luminous dots and a solid three-row bracelet.", "潜水表，单向旋转表圈，夜光圆点时标，实心三排钢带，防水 200 米。"),
            Words("Stainless steel", "不锈钢"), "269.00",
            (Variant(Words("steel with black dial", "钢色黑盘"), {"case": "#c9cbcd", "dial": "#1d1e21", "insert": "#1d1e21", "mark": "#f1ede5", "index": "#f1ede5", "hand": "#f1ede5", "second": "#d2432f"}, "silver"),
                Variant(Words("steel with green dial", "钢色绿盘"), {"case": "#c9cbcd", "dial": "#1c5640", "insert": "#1c5640", "mark": "#f1ede5", "index": "#f1ede5", "hand": "#f1ede5", "second": "#e0a52c"}, "green")),
            {"size": (21, 21), "power": 2, "height": 11.0, "lip": 4.4, "width": 20, "band": "bracelet", "index": "dots", "bold": 1.5, "applied": False, "crown": 3.6, "lying": True, "lean": 13}),
        Group("watch-salon", "Meridian", Words("Salon rectangular watch 26 x 33 mm", "方形复古腕表 26×33 毫米"),
            Words("A slender rectangular watch with printed numerals, in the manner of the nineteen-twenties.", "二十年代风格长方形小表，印刷数字时标，细皮带，纤巧优雅。"),
            Words("Gilt steel case, leather strap", "镀金钢壳，真皮表带"), "129.00",
            (Variant(Words("gold with black strap", "金壳黑带"), {"case": "#d9b878", "dial": "#f3ecdc", "index": "#26272b", "hand": "#26272b", "strap": "#26272b", "thread": "#3f4046"}, "black"),
                Variant(Words("silver with red strap", "银壳红带"), {"case": "#c9cbcd", "dial": "#f1ede5", "index": "#26272b", "hand": "#2b3f7a", "strap": "#9c1f2c", "thread": "#c9555a"}, "red")),
            {"size": (13.2, 16.8), "power": 8, "height": 7.2, "lip": 2.4, "width": 17, "band": "leather", "index": "numbers", "bold": 0.7, "applied": False, "ticks": False, "crown": 2.2, "padded": 0.8, "lug": 5.0, "lean": 12}),
        Group("watch-relay", "Meridian", Words("Relay sports chronograph 43 mm", "三眼运动计时腕表 43 毫米"),
            Words("A chronograph with three counters, two pushers and a soft silicone strap for training.", "三眼计时盘，双计时按钮，柔软硅胶表带，运动佩戴舒适不闷汗。"),
            Words("Steel case, silicone strap", "钢制表壳，硅胶表带"), "189.00",
            (Variant(Words("black with orange strap", "黑壳橙带"), {"case": "#3a3b40", "dial": "#222327", "counter": "#3c3d43", "insert": "#26272b", "mark": "#e8e4dc", "index": "#f1ede5", "hand": "#f1ede5", "second": "#e8641e", "strap": "#dd5a17"}, "orange"),
                Variant(Words("silver with purple strap", "银壳紫带"), {"case": "#c9cbcd", "dial": "#f1ede5", "counter": "#cfc7dd", "insert": "#5a3f8c", "mark": "#f1ede5", "index": "#3d2a63", "hand": "#3d2a63", "second": "#d2432f", "strap": "#5f4396"}, "purple")),
            {"size": (21.5, 21.5), "power": 2, "height": 11.5, "lip": 4.4, "width": 22, "band": "rubber", "index": "baton", "bold": 1.3, "applied": False, "chrono": True, "teeth": 0.0, "crown": 3.2, "padded": 1.8, "lean": 12}),
    ),
)  # fmt: skip
