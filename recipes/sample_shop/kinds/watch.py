"""Wrist watches: a case with dial and hands, and a strap or bracelet closed to a loop.

While modelling, millimetres: the dial looks along +z with 12 o'clock at +y, the loop lies behind.
"""

import math
from collections.abc import Sequence

import numpy as np

from sample_shop.model import forms
from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.surfaces import lacquer, leather, metal, rubber

Outline = Sequence[tuple[float, float]]


def build(form: Form, colours: Paint) -> list[object]:
    """Model a watch: ``size`` half width and height, ``power`` of the case's outline, ``band``."""
    parts = [*_case(form, colours), *_dial(form, colours), *_hands(form, colours)]
    parts += (_bracelet if form["band"] == "bracelet" else _strap)(form, colours)
    return _stood(form, parts)


def _stood(form: Form, parts: list[object]) -> list[object]:
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
        forms.warp(part, turned)
    low = min(v.co.z for part in parts for v in part.data.vertices)
    return [forms.move(part, (0, 0.02, -low)) for part in parts]


def _rings(form: Form, profile: Outline, count: int = 120) -> list[list[tuple[float, float, float]]]:  # fmt: skip
    """Make the case's outline at each (inset, height)."""
    rx, ry = form["size"]
    return [[(x, y, z) for x, y in forms.superellipse(rx - inset, ry - inset, form["power"], count)]
            for inset, z in profile]  # fmt: skip


def _covered(parts: Sequence[object], surface: object) -> list[object]:
    for part in parts:
        forms.paint(part, surface)
    return list(parts)


def _case(form: Form, colours: Paint) -> list[object]:
    h, lip = form["height"], form.get("lip", 3.0)
    profile = [(3, 0), (1.6, 0.1), (0.5, 0.7), (0, 1.8), (0, h - 2.6), (0.2, h - 2.1), (0.8, h - 1.6),
               (0.9, h - 1.5), (1.1, h - 0.6), (1.5, h - 0.15), (lip - 1, h), (lip - 0.4, h - 0.1),
               (lip, h - 0.5), (lip, h - 1.9)]  # fmt: skip
    steel = metal(colours["case"], rough=0.16)
    rx, ry = form["size"]
    parts = [forms.loft("case", _rings(form, profile))]
    for k, (x, y) in enumerate(((1, 1), (1, -1), (-1, 1), (-1, -1))):
        reach = form.get("lug", 4.2)
        across = x * (form["width"] / 2 + 1.7)
        path = [(across, y * (ry * 0.62), h * 0.45), (across, y * (ry - 0.5), h * 0.44),
                (across, y * (ry + reach * 0.6), h * 0.24), (across, y * (ry + reach), -1.0)]  # fmt: skip
        section = forms.superellipse(1.5, h * 0.27, 4, 28)
        scales = np.interp(np.linspace(0, 1, 30), [0, 0.5, 0.9, 1], [1, 1, 0.72, 0.45])
        parts.append(forms.sweep(f"case.lug{k}", forms.smooth_path(path, 30), section, up=(0, 0.3, 1), scales=scales))  # fmt: skip
    parts += [_crown("crown", rx, h * 0.48, 0.0, form.get("crown", 3.2), 0.07)]
    if form.get("chrono"):
        parts += [_crown(f"crown.push{k}", rx - 2.2, h * 0.48, a, 1.9, 0.0) for k, a in enumerate((30, -30))]  # fmt: skip
    if "insert" in colours:
        parts += _bezel(form, colours)
    _covered([p for p in parts if not p.data.materials], steel)
    return parts


def _crown(name: str, rx: float, z: float, turn: float, radius: float, flutes: float) -> object:
    """Turn a fluted knob and set it on the case's side, ``turn`` degrees from 3 o'clock."""
    profile = [(0.9, -2), (0.9, 0.6), (radius * 0.9, 0.7), (radius, 1.1), (radius, 3.0), (radius * 0.85, 3.6),
               (0, 3.8)]  # fmt: skip

    def around(angle: float, along: float) -> float:
        return 1 + flutes * math.cos(angle * 22) * (0.9 < along < 3.2)

    knob = forms.move(forms.lathe(name, profile, turns=132, around=around), (0, 0, 0), (0, 90, 0))
    turned = math.radians(turn)
    return forms.move(knob, (rx * math.cos(turned), rx * math.sin(turned), z), (0, 0, turn))


def _bezel(form: Form, colours: Paint) -> list[object]:
    """Add a turning ring with a toothed edge and a coloured scale."""
    r, h = form["size"][0], form["height"]
    teeth = form.get("teeth", 0.012)
    profile = [(r - 1.5, h - 2.2), (r + 0.3, h - 2.0), (r + 0.5, h - 1.4), (r + 0.4, h), (r - 0.4, h + 0.5),
               (r - 0.5, h + 0.3), (r - 4.0, h + 0.1), (r - 4.2, h - 1.6)]  # fmt: skip

    def around(angle: float, z: float) -> float:
        return 1 + teeth * math.cos(angle * 60) * (h - 2.1 < z < h + 0.1)

    ring = forms.lathe("bezel", profile, turns=360, around=around)
    flat = [(r - 3.9, h + 0.16), (r - 0.7, h + 0.38), (r - 0.7, h + 0.3), (r - 3.9, h + 0.1)]
    scale = forms.paint(forms.lathe("insert", [*flat, flat[0]], turns=120), lacquer(colours["insert"], rough=0.2))  # fmt: skip
    marks = []
    for k in range(60):
        long = 2.2 if k % 5 == 0 else 0.9
        mark = forms.box(f"mark.{k}", (0.9 if k % 15 == 0 else 0.35, long, 0.12), at=(0, r - 2.3, h + 0.26))  # fmt: skip
        marks.append(forms.move(mark, (0, 0, 0), (0, 0, -6 * k)))
    return [ring, scale, *_covered(marks, lacquer(colours["mark"], rough=0.4))]


def _dial(form: Form, colours: Paint) -> list[object]:
    z, lip = form["height"] - 1.85, form.get("lip", 3.0)
    rx, ry = (v - lip for v in form["size"])
    face = forms.paint(forms.loft("dial", _rings(form, [(lip - 0.2, z - 0.2), (lip - 0.1, z)], 96)),
                 lacquer(colours["dial"], rough=0.3))  # fmt: skip
    shine = (metal(colours["index"], rough=0.2) if form.get("applied", True) else lacquer(colours["index"]))  # fmt: skip
    marks = []
    for k in range(60):
        a = math.radians(6 * k)
        edge = _edge(a, rx, ry, form["power"])
        if k % 5 == 0 and not (form.get("chrono") and k in (15, 30, 45)):
            marks.append(_index(form, k, a, edge, z))
        elif form.get("ticks", True):
            tick = forms.box(f"tick.{k}", (0.22, 0.9, 0.08), at=(0, 0, z))
            marks.append(_ray(tick, a, edge - 0.9))
    logo = forms.letters("logo", "MERIDIAN", ry * 0.115, (0, ry * 0.46, z + 0.03), (0, 0, 0), 0.02)
    parts = [face, *_covered(marks, shine), forms.paint(logo, lacquer(colours["hand"], rough=0.4))]
    if form.get("chrono"):
        for k, (x, y) in enumerate(((-0.46, 0), (0.46, 0), (0, -0.46))):
            parts += _subdial(k, (x * rx, y * ry), rx * 0.27, z, colours)
    return parts


def _edge(a: float, rx: float, ry: float, power: float) -> float:
    """Tell how far the dial's edge is in the direction of an hour."""
    s, c = abs(math.sin(a)) / rx, abs(math.cos(a)) / ry
    return float((s**power + c**power) ** (-1 / power))


def _ray(thing: object, a: float, distance: float) -> object:
    """Turn a mark to an hour's direction and push it out from the centre."""
    return forms.move(thing, (distance * math.sin(a), distance * math.cos(a), 0), (0, 0, -math.degrees(a)))  # fmt: skip


def _index(form: Form, k: int, a: float, edge: float, z: float) -> object:
    style, ry = form["index"], form["size"][1]
    name = f"index.{k // 5}"
    if style == "numbers":
        text = forms.letters(name, str(k // 5 or 12), ry * 0.22, (0, 0, z + 0.1), (0, 0, 0), 0.06)
        return forms.move(text, (math.sin(a) * (edge - 3.2), math.cos(a) * (edge - 3.2), 0))
    if style == "dots" and k % 15:
        dot = forms.lathe(name, [(0, z), (1.15, z), (1.15, z + 0.2), (0.9, z + 0.32), (0, z + 0.35)], turns=32)  # fmt: skip
        return _ray(dot, a, edge - 2.6)
    long = ry * (0.22 if k % 15 == 0 else 0.17)
    wide = form.get("bold", 0.8) * (1.5 if k == 0 else 1)
    return _ray(forms.box(name, (wide, long, 0.35), 0.1, at=(0, 0, z)), a, edge - 1.2 - long / 2)


def _subdial(k: int, at: tuple[float, float], r: float, z: float, colours: Paint) -> list[object]:
    disc = forms.lathe(f"counter.{k}", [(0, z + 0.05), (r, z + 0.05), (r, z), (0, z)], turns=64)
    rim = forms.lathe(f"counter.rim{k}", [(r - 0.15, z), (r - 0.15, z + 0.16), (r + 0.1, z + 0.16), (r + 0.1, z)],
                turns=64)  # fmt: skip
    needle = forms.box(f"hand.{k + 4}", (0.3, r * 0.85, 0.1), at=(0, r * 0.35, z + 0.15))
    forms.move(needle, (0, 0, 0), (0, 0, (40, -120, 165)[k]))
    ticks = [_ray(forms.box(f"tick.c{k}{j}", (0.18, 0.6, 0.06), at=(0, 0, z + 0.05)), j * math.pi / 6,
             r - 0.6) for j in range(12)]  # fmt: skip
    forms.paint(disc, lacquer(colours["counter"], rough=0.35))
    _covered([rim, needle, *ticks], lacquer(colours["hand"], rough=0.3))
    return [forms.move(thing, (*at, 0)) for thing in (disc, rim, needle, *ticks)]


def _hands(form: Form, colours: Paint) -> list[object]:
    """Set the hands to nine past ten."""
    z, reach = form["height"] - 1.35, min(form["size"]) - form.get("lip", 3.0)
    parts = []
    for k, (angle, long, bold) in enumerate(((304.5, 0.56, 1.5), (54, 0.86, 1.15))):
        wide = bold * form.get("bold", 0.8)
        outline = [(-wide * 0.5, -reach * 0.12), (wide * 0.5, -reach * 0.12), (wide * 0.62, reach * long * 0.75),
                   (0.05, reach * long), (-0.05, reach * long), (-wide * 0.62, reach * long * 0.75)]  # fmt: skip
        hand = forms.move(forms.panel(f"hand.{k}", outline, 0.18, 0.05), (0, 0, z + 0.22 * k), (-90, 0, 0))  # fmt: skip
        parts.append(forms.move(hand, (0, 0, 0), (0, 0, -angle)))
    cap = forms.lathe("hand.2", [(0.9, z - 0.4), (0.9, z + 0.55), (0.6, z + 0.75), (0, z + 0.8)], turns=32)  # fmt: skip
    _covered([*parts, cap], metal(colours["hand"], rough=0.3) if form.get("applied",
             True) else lacquer(colours["hand"]))  # fmt: skip
    needle = forms.box("hand.3", (0.3, reach * 1.1, 0.12), at=(0, reach * 0.3, z + 0.45))
    forms.paint(needle, lacquer(colours.get("second", colours["hand"]), rough=0.3))
    return [*parts, cap, forms.move(needle, (0, 0, 0), (0, 0, -216))]


def _loop(form: Form, count: int) -> np.ndarray:
    """Walk from the upper lugs behind the wrist to the lower lugs: (y, z)."""
    start = form["size"][1] + form.get("lug", 4.2) - 3.0
    top = max(start + 8.5, 30.5)
    half = [(start, 1.7), (start + 2.2, 0.9), (start + 5, -2.4), (top - 1.6, -9), (top, -20), (top - 2, -32), (top - 9, -42),
            (top - 20, -48)]  # fmt: skip
    knots = [*half, (0, -50), *[(-y, z) for y, z in reversed(half)]]
    dense = forms.smooth_path(knots, 1200)
    run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(dense, axis=0), axis=1))])
    even = np.linspace(0, run[-1], count)
    return np.column_stack([np.interp(even, run, dense[:, k]) for k in range(2)])


def _normals(path: np.ndarray) -> np.ndarray:
    along = np.gradient(path, axis=0)
    out = np.column_stack([-along[:, 1], along[:, 0]]) * -1
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    return out * np.sign((out * (path - [0, -24])).sum(axis=1, keepdims=True).mean())


def _band(name: str, path: np.ndarray, widths: np.ndarray, thick: np.ndarray, power: float = 5) -> object:  # fmt: skip
    normal = _normals(path)
    rings = []
    for (y, z), n, w, t in zip(path, normal, widths, thick, strict=True):
        rings.append([(x, y + n[0] * d, z + n[1] * d) for x, d in forms.superellipse(w / 2, t / 2, power, 40)])  # fmt: skip
    return forms.loft(name, rings)


def _strap(form: Form, colours: Paint) -> list[object]:
    """Close a strap with a buckle at the back: the lower half lies outside the upper one."""
    width = form["width"]
    n = 240
    path = _loop(form, n)
    share = np.linspace(0, 1, n)
    widths = width * (1 - 0.16 * np.sin(np.pi * share) ** 0.7) - 0.5
    thick = 2.2 + form.get("padded", 1.4) * np.exp(-((np.minimum(share, 1 - share) / 0.11) ** 2))
    upper, lower = slice(0, 142), slice(98, n)
    over = np.interp(np.arange(98, n), [98, 136, 160, n], [2.7, 2.7, 0, 0])
    outer = path[lower] + _normals(path)[lower] * over[:, None]
    tip = widths[lower].copy()
    tip[:9] *= np.sqrt(np.clip(1 - ((8.6 - np.arange(9)) / 8.8) ** 2, 0.03, 1))
    parts = [_band("strap.upper", path[upper], widths[upper], thick[upper]),
             _band("strap.lower", outer, tip, thick[lower])]  # fmt: skip
    soft = (rubber(colours["strap"]) if form["band"] == "rubber" else leather(colours["strap"], grain=0.0012))  # fmt: skip
    for k, at in enumerate((108, 118)):
        parts.append(_keeper(f"strap.keeper{k}", path[at], _normals(path)[at], widths[at]))
    _covered(parts, soft)
    if form["band"] == "leather":
        sewn = [_sewn(path[3:100], widths[3:100], thick[3:100]), _sewn(outer[12:-3], tip[12:-3],
                thick[lower][12:-3])]  # fmt: skip
        parts += _covered(sewn, lacquer(colours["thread"], rough=0.7))
    return [*parts, *_covered(_buckle(path[136], _normals(path)[136], widths[136]), metal(colours["case"],
            rough=0.16))]  # fmt: skip


def _sewn(path: np.ndarray, widths: np.ndarray, thick: np.ndarray) -> object:
    """Sew both edges with dashes, as one mesh."""
    points: list[tuple[float, float, float]] = []
    faces: list[tuple[int, ...]] = []
    normal = _normals(path)
    for side in (-1, 1):
        for k in range(0, len(path) - 3, 4):
            base = len(points)
            for j in (k, k + 2):
                (y, z), n = path[j], normal[j]
                x = side * (widths[j] / 2 - 1.7)
                for dx, d in ((-0.28, 0.0), (0, 0.3), (0.28, 0.0)):
                    lift = thick[j] / 2 - 0.02 + d
                    points.append((x + dx, y + n[0] * lift, z + n[1] * lift))
            faces += [(base, base + 1, base + 4, base + 3), (base + 1, base + 2, base + 5, base + 4)]  # fmt: skip
    return forms.mesh("thread", points, faces)


def _frame(at: np.ndarray, normal: np.ndarray, corners: np.ndarray) -> list[tuple[float, float, float]]:  # fmt: skip
    """Place (x, along the strap, off the strap) at a point of the loop."""
    along = np.array([-normal[1], normal[0]])
    return [(x, *(at + along * a + normal * d)) for x, a, d in corners]


def _keeper(name: str, at: np.ndarray, normal: np.ndarray, width: float) -> object:
    ring = forms.superellipse(width / 2 + 0.9, 3.3, 7, 64)
    path = _frame(at, normal, np.array([(x, 0, d + 1.35) for x, d in ring]))
    along = (0, -normal[1], normal[0])
    return forms.sweep(name, path, [(x, y) for y, x in forms.superellipse(2.2, 0.55, 4, 20)], closed=True, up=along)  # fmt: skip


def _buckle(at: np.ndarray, normal: np.ndarray, width: float) -> list[object]:
    ring = forms.superellipse(width / 2 + 1.8, 5.2, 5, 64)
    path = _frame(at, normal, np.array([(x, a, 3.2) for x, a in ring]))
    pin = _frame(at, normal, np.array([(0, -5.4, 3.9), (0, -2, 4.9), (0, 2, 4.9), (0, 5.4, 3.6)]))
    return [forms.sweep("buckle", path, forms.circle(0.95), closed=True), forms.sweep("buckle.pin", forms.smooth_path(pin, 20),
            forms.circle(0.6))]  # fmt: skip


def _bracelet(form: Form, colours: Paint) -> list[object]:
    """Line up links of three pieces; the two inner rows are polished."""
    count = 47
    path = _loop(form, count * 2 + 1)[1::2]
    normal, share = _normals(path), np.linspace(0, 1, count)
    widths = (form["width"] - 0.4) * (1 - 0.2 * np.sin(np.pi * share) ** 0.7)
    pitch = np.linalg.norm(path[1] - path[0])
    brushed, bright = metal(colours["case"], rough=0.3), metal(colours["case"], rough=0.12)
    parts = []
    for k in range(count):
        clasp = abs(k - count // 2) <= 2
        for row, (middle, wide) in enumerate(((-0.345, 0.29), (0, 0.37), (0.345, 0.29))):
            if clasp and row != 1:
                continue
            size = (widths[k] * (1.02 if clasp else wide), pitch * (1.12 if clasp else 0.95),
                    3.4 if clasp else 2.9)  # fmt: skip
            shift = 0.5 if row == 1 and not clasp else 0.0
            link = forms.box(f"bracelet.{k}{'abc'[row]}", size, 0.6, at=(widths[k] * middle, 0, -size[2] / 2))  # fmt: skip
            forms.paint(link, bright if row == 1 and not clasp else brushed)
            along, n = np.array([-normal[k][1], normal[k][0]]), normal[k]
            spot = path[k] + along * pitch * shift
            forms.warp(link, lambda p, s=spot, a=along, n=n: (p.x, *(s + a * p.y + n * p.z)))
            parts.append(link)
    for y in (1, -1):
        end = forms.box(f"bracelet.end{y}", (form["width"] - 0.2, 7.5, 3.6), 0.7, at=(0, 0, 0))
        ends = forms.move(end, (0, y * (form["size"][1] - 0.2), 0.6), (-14 * y, 0, 0))
        parts.append(forms.paint(ends, brushed))
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
