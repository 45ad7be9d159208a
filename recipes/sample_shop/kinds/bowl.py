"""Bowls: a hand-shaped serving bowl, a noodle bowl, an eared soup bowl and a wooden salad bowl."""

import math
from collections.abc import Callable

import numpy as np

from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import (
    Part,
    crumple,
    lathe,
    loft,
    paint,
    smooth_path,
    superellipse,
    sweep,
    warp,
)
from sample_shop.model.nodes import Value, colour, noise, place, vector
from sample_shop.model.patterns import Pattern
from sample_shop.model.surfaces import Surface, glaze, overlaid, wood

MM = 0.001


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a bowl from a profile in millimetres in one of four designs."""
    return _DESIGNS[form["design"]](form, colours)


def _turned(form: Form) -> Part:
    """Turn a bowl: out of its foot ring, up the outside, over the rim, down the inside."""
    outline = smooth_path(form["body"], 72) * MM
    wall, floor = form["wall"] * MM, form["floor"] * MM
    along = np.gradient(outline, axis=0)
    out = np.stack([along[:, 1], -along[:, 0]], axis=1)
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    end, lean = outline[-1], out[-1]
    up = np.array([-lean[1], lean[0]])
    rim = [
        end - lean * wall / 2 * (1 - math.cos(a)) + up * wall / 2 * math.sin(a)
        for a in np.linspace(0.3, 2.84, 8)
    ]
    inside = [p for p in (outline - wall * out)[::-1] if p[1] > floor + form["round"] * MM]
    foot, hollow = float(outline[0][0]), form.get("hollow", 4) * MM
    under = [
        (0, hollow),
        (foot * 0.8, hollow),
        (foot * 0.84, 0.0008),
        (foot * 0.88, 0),
        (foot * 0.97, 0),
    ]
    profile = [*under, *outline, *rim, *inside, *_hollow(inside, floor)]
    return lathe("body", [(float(a), float(b)) for a, b in profile], turns=144)


def _hollow(inside: list[np.ndarray], floor: float) -> list[tuple[float, float]]:
    """Round the inside off to the middle of its floor, by a Bézier curve from the wall."""
    a, run = inside[-1], inside[-1] - inside[-2]
    b = a + run * 0.6 * (floor - a[1]) / run[1]
    c, d = np.array([b[0] * 0.55, floor]), np.array([0.0, floor])
    curve = [
        (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t * t * (1 - t) * c + t**3 * d
        for t in np.linspace(0.08, 1, 22)
    ]
    return [(max(float(r), 0.0), float(z)) for r, z in curve]


def _inside(thing: Part, surface: Surface) -> None:
    """Give what faces the axis or the sky a surface of its own."""
    thing.data.materials.append(surface)
    for face in thing.data.polygons:
        middle, normal = face.center, face.normal
        inwards = middle.x * normal.x + middle.y * normal.y < 0
        face.material_index = int((inwards or normal.z > 0.95) and middle.z > 0.006)


def _dune(form: Form, colours: Paint) -> list[Part]:
    """Model a serving bowl whose rim rises and falls, in a speckled glaze."""
    body = crumple(_turned(form), 0.0014, 0.05, seed=3)
    top = form["body"][-1][1] * MM

    def pinched(p: tuple[float, float, float]) -> tuple[float, float, float]:
        """Let the rim rise, fall and bulge as a hand leaves it."""
        x, y, z = p
        a, share = math.atan2(y, x), max(z / top, 0) ** 2
        out = 1 + share * (0.022 * math.cos(2 * a + 0.6) + 0.012 * math.cos(3 * a - 1.0))
        rise = share * (0.0042 * math.sin(3 * a + 0.4) + 0.0026 * math.cos(5 * a))
        return x * out, y * out, max(z + rise, 0)

    warp(body, pinched)
    speck = Pattern("speckles", [colours["speck"]], 0.011, share=0.12)
    paint(body, glaze(colours["body"], rough=0.25, pattern=speck, bare="#a98560", bare_below=0.008))
    return [body]


def _wave(form: Form, colours: Paint) -> list[Part]:
    """Model a noodle bowl painted with waves outside and two rings inside."""
    body = _turned(form)
    outside = glaze(colours["body"], rough=0.1)
    _seigaiha(outside, colours["wave"], form)
    lining = glaze(colours["body"], rough=0.1)
    top = form["body"][-1][1] * MM
    z = place(lining.node_tree)[2]
    for low, high in ((top - 0.0135, top - 0.0055), (top - 0.0195, top - 0.0175)):
        overlaid(lining, (z > low) * (z < high), colour(colours["wave"]))
    _inside(paint(body, outside), lining)
    return [body]


def _seigaiha(surface: Surface, code: str, form: Form) -> None:
    """Paint overlapping fans of waves, each row half hidden by the one below it."""
    tree = surface.node_tree
    x, y, z = place(tree)
    low, high = (level * MM for level in form["waves"])
    fans, step = 20, 0.25
    across = y.atan2(x) * (fans / (2 * math.pi))
    radius = (x * x + y * y).sqrt()
    foot = form["waves_radius"] * MM
    # nearly the logarithm of radius / foot, which keeps the fans round on a cone
    up = (radius - foot) / (radius + foot) * (fans / math.pi * form["waves_stretch"])
    row = (up / step).floor()

    def distance(number: Value) -> Value:
        a = (across + number * 0.5).modulo(1.0) - 0.5
        b = up - number * step
        return (a * a + b * b).sqrt()

    front, behind = distance(row - 1.0), distance(row)
    chosen = front < 0.5
    d = front * chosen + behind * (chosen * -1.0 + 1.0)
    line = ((d * 6.0 + 0.2).modulo(1.0) - 0.42).abs().ramp(0.25, 0.2)
    overlaid(surface, line * (z > low) * (z < high), colour(code))
    for level in (low - 0.0022, high):
        overlaid(surface, (z > level) * (z < level + 0.0022), colour(code))


def _hearth(form: Form, colours: Paint) -> list[Part]:
    """Model a soup bowl dipped in a second glaze, with two ears."""
    body = _turned(form)
    line = form["dip"] * MM
    surfaces = []
    for lining in (False, True):
        surface = glaze(colours["body"], rough=0.1, bare="#b08a62", bare_below=0.002)
        if not lining:
            tree = surface.node_tree
            x, y, z = place(tree)
            edge = z + noise(tree, 0.03, 1, vector(tree, x, y, z * 0.2)) * 0.012 - (line + 0.006)
            overlaid(surface, edge.ramp(0.0045, 0.0) * 0.8, colour(colours["edge"]))
            overlaid(surface, edge.ramp(0.0008, -0.0008), colour(colours["base"]))
        surfaces.append(surface)
    _inside(paint(body, surfaces[0]), surfaces[1])
    ears = [paint(_ear(form, number, side), surfaces[1]) for number, side in ((1, 1), (2, -1))]
    return [body, *ears]


def _ear(form: Form, number: int, side: int) -> Part:
    """Bend a lug out of the wall that lies nearly flat and tips up a little."""
    path = [
        (side * x * MM, y * MM, (z + form["ear_height"]) * MM)
        for x, y, z in smooth_path(form["ear"], 56)
    ]
    section = [(float(a), float(b)) for a, b in superellipse(0.0046, 0.0058, 2.3, 24)]
    ends = np.minimum(np.arange(56), np.arange(56)[::-1])
    scales = 1 + 0.3 * np.exp(-ends / 3)
    return sweep(f"handle.{number}", path, section, up=(0, 0, 1), scales=list(scales))


def _orchard(form: Form, colours: Paint) -> list[Part]:
    """Model a turned wooden bowl with a spoon and a fork leaning in it."""
    timber = wood(colours["body"], colours["grain"], axis="x", grain=0.011)
    body = paint(_turned(form), timber)
    darker = wood(colours["server"], colours["grain"], axis="x", grain=0.01)
    servers = [
        paint(_server(f"server.{number}", form, lean, fork=bool(number - 1)), darker)
        for number, lean in ((1, -0.15), (2, 0.5))
    ]
    return [body, *servers]


def _server(name: str, form: Form, lean: float, *, fork: bool) -> Part:
    """Carve a salad server that leans on the rim, its blade in the bowl."""
    spoon = [(0, 0, 1), (6, 17, 2.4), (28, 28, 3.6), (58, 26, 3.6), (84, 12, 4.4), (110, 8, 5)]
    knots = [*spoon, (180, 8, 4.6), (250, 9.5, 4.4), (272, 9, 4), (279, 6, 3), (281, 0.5, 1)]
    rings = []
    for s, half, thick in smooth_path(knots, 96):
        bow = 14 * max(1 - s / 90, 0) ** 2 - 6 * math.sin(math.pi * min(s / 281, 1))
        dish = 5.5 * math.exp(-(((s - 42) / 30) ** 2))
        ring = superellipse(max(half, 0.3), max(thick, 0.3) / 2, 2.6, 40)
        rings.append([(u, v + bow + dish * (u / 28) ** 2, s) for u, v in ring])
    blade = loft(name, [[(a * MM, b * MM, c * MM) for a, b, c in ring] for ring in rings])
    if fork:
        warp(blade, _tined)
    return _leant(blade, form, lean)


def _tined(p: tuple[float, float, float]) -> tuple[float, float, float]:
    """Narrow a blade's tip on both sides of its middle as two tines."""
    x, y, z = p
    notch = 0.03 * math.exp(-((x / 0.0055) ** 2))
    return x, y, z + notch * max(1 - z / 0.05, 0)


def _leant(thing: Part, form: Form, turn: float) -> Part:
    """Lay a server from the bottom of the bowl over its rim, towards an azimuth."""
    start, end = (np.array(point) * MM for point in form["server"])
    along = (end - start) / np.linalg.norm(end - start)
    c, s = math.cos(turn), math.sin(turn)

    def placed(p: tuple[float, float, float]) -> tuple[float, float, float]:
        x, y, z = p
        r = start[0] + along[0] * z - along[1] * y
        h = start[1] + along[1] * z + along[0] * y
        return r * c - x * s, r * s + x * c, h

    return warp(thing, placed)


_DESIGNS: dict[str, Callable[[Form, Paint], list[Part]]] = {
    "dune": _dune,
    "wave": _wave,
    "hearth": _hearth,
    "orchard": _orchard,
}

KIND = Kind(
    name=Words("Bowl", "碗"),
    category=(Words("Home & Kitchen", "家居厨房"), Words("Tableware", "餐具"),
              Words("Bowls", "碗")),
    stands="table",
    sides=(-20.0, 40.0, 160.0),
    height_deg=28,
    detachable=("handle", "server"),
    build=build,
    groups=(
        Group(
            "bowl-dune", "Kiln & Cove", Words("Dune hand-shaped serving bowl 28 cm",
                                              "沙丘手捏大汤碗 28 厘米"),
            Words("A wide, low bowl with a rim left as the potter's hands made it; for salads, "
                  "pasta or fruit.",
                  "宽口浅腹，碗沿保留手捏起伏，盛沙拉、意面、水果都合适。"),
            Words("Stoneware", "炻器"), "52.00",
            (
                Variant(Words("chalk white", "粉白色"), {"body": "#ece6da", "speck": "#8a7a66"},
                        "white"),
                Variant(Words("slate grey", "岩灰色"), {"body": "#5d6368", "speck": "#26282b"},
                        "grey"),
            ),
            {"design": "dune", "wall": 6, "floor": 10, "round": 9,
             "body": [(50, 0), (51, 3), (53, 7), (72, 13), (104, 29), (126, 49), (136, 66),
                      (139, 76)]},
        ),
        Group(
            "bowl-tidepool", "Kiln & Cove",
            Words("Tidepool noodle bowl 19 cm", "潮纹拉面碗 19 厘米"),
            Words("A deep bowl on a turned foot with a wave pattern outside and two lines under "
                  "the rim; holds a full portion of ramen.",
                  "深腹高足，外壁青海波纹，口沿内双线，满满一碗面刚刚好。"),
            Words("Porcelain", "瓷"), "26.00",
            (
                Variant(Words("indigo", "靛蓝色"), {"body": "#f2efe8", "wave": "#22407c"}, "blue"),
                Variant(Words("vermilion", "朱红色"), {"body": "#f2efe8", "wave": "#b5301f"},
                        "red"),
            ),
            {"design": "wave", "wall": 4, "floor": 15, "round": 14, "hollow": 9, "waves": (19, 76),
             "waves_radius": 40,
             "waves_stretch": 1.5,
             "body": [(36, 0), (36.8, 1), (36, 9), (36.5, 11.5), (46, 18), (66, 35), (82, 58),
                      (91, 77),
                      (96, 88)]},
        ),
        Group(
            "bowl-hearthside", "Norrvik", Words("Hearthside two-handled soup bowl 550 ml",
                                                "炉边双耳汤碗 550 毫升"),
            Words("A round-bellied soup bowl with two ears, glazed above and dipped dark below; "
                  "goes from oven to table.",
                  "圆腹双耳汤碗，上浅下深双色浸釉，烤箱取出即可上桌。"),
            Words("Stoneware", "炻器"), "19.50",
            (
                Variant(Words("honey yellow", "蜂蜜黄"),
                        {"body": "#d99c27", "edge": "#9a5a1a", "base": "#4a2c1c"}, "yellow"),
                Variant(Words("leaf green", "叶绿色"),
                        {"body": "#6f8f3a", "edge": "#43602a", "base": "#33302a"}, "green"),
            ),
            {"design": "hearth", "wall": 4.6, "floor": 7, "round": 12, "dip": 27, "ear_height": 47,
             "body": [(38, 0), (39.5, 1.5), (48, 8), (61, 24), (66, 40), (64.5, 54), (61, 64),
                      (62, 70),
                      (64, 73)],
             "ear": [(59.5, -20.5, -1), (70, -23, 1), (84, -18, 4), (90, 0, 5.5), (84, 18, 4),
                     (70, 23, 1),
                     (59.5, 20.5, -1)]},
        ),
        Group(
            "bowl-orchard", "Norrvik", Words("Orchard wooden salad bowl with servers 27 cm",
                                             "果园木质沙拉碗（含分菜勺叉）27 厘米"),
            Words("Turned from one block and oiled, with a pair of carved servers.",
                  "整木车制，食用级木油养护，配一对手工木勺叉。"),
            Words("Solid wood", "实木"), "64.00",
            (
                Variant(Words("walnut", "胡桃木色"),
                        {"body": "#8d5a34", "grain": "#54311c", "server": "#b07a45"}, "brown"),
                Variant(Words("beech", "榉木色"),
                        {"body": "#d3ab76", "grain": "#b17f48", "server": "#c08a50"}, "beige"),
            ),
            {"design": "orchard", "wall": 9, "floor": 13, "round": 14, "hollow": 2,
             "server": ((-62, 20), (128, 107)),
             "body": [(58, 0), (62, 1.5), (78, 9), (104, 30), (122, 58), (131, 84), (133, 100)]},
        ),
    ),
)  # fmt: skip
