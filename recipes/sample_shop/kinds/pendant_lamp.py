"""Pendant lamps: an enamel dome, a glass globe, a wicker basket, a pleated paper bell."""

import math

import numpy as np

from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import (
    Outline,
    Part,
    ball,
    circle,
    hoop,
    joined,
    lathe,
    paint,
    smooth_path,
    sweep,
    walled,
)
from sample_shop.model.nodes import Value, colour, feed, place
from sample_shop.model.surfaces import (
    Surface,
    fabric,
    glowing,
    lacquer,
    metal,
    principled,
    rubber,
    wood,
)

BRASS, STEEL = "#b8965c", "#c9cbcd"


def build(form: Form, colours: Paint) -> list[Part]:
    """Hang a lamp of ``shape`` dome, globe, basket or bell from its ceiling cup at z = 0."""
    shapes = {"dome": _dome, "globe": _globe, "basket": _basket, "bell": _bell}
    top = -form["drop"]
    return [*_ceiling(top, colours), *shapes[form["shape"]](top, colours)]


def _ceiling(top: float, colours: Paint) -> list[Part]:
    """Model the cup under the ceiling and the cable down to ``top``, where the shade begins."""
    rim = [(0, 0), (0.048, 0), (0.05, -0.002), (0.05, -0.018), (0.0465, -0.0245), (0.04, -0.027)]
    cup = lathe("canopy", [*rim, (0.008, -0.028), (0.006, -0.038), (0.0, -0.038)])
    cable = sweep("cable", [(0, 0, -0.03), (0, 0, top - 0.012)], circle(0.0032, 16))
    paint(cup, _plate(colours["fitting"]))
    paint(cable, rubber(colours["cable"]))
    return [cup, cable]


def _plate(code: str) -> Surface:
    """Take brass and steel for metal, any other colour for paint."""
    return metal(code, rough=0.24) if code in {BRASS, STEEL} else lacquer(code, rough=0.3)


def _outline(knots: Outline, top: float, count: int = 70) -> Outline:
    """Smooth (radius, height below ``top``) from the bottom up."""
    return [(max(r, 0.0), top + z) for r, z in smooth_path(knots, count)]


def _bulb(z: float, radius: float, strength: float = 2.2) -> Part:
    """Hang a pear-shaped bulb whose cap is at z."""
    glass = [(0.0, -2.75), (0.45, -2.65), (0.85, -2.25), (1.0, -1.75)]
    knots = [*glass, (0.86, -1.15), (0.55, -0.6), (0.42, 0.0)]
    outside = [(max(r, 0) * radius, z + h * radius) for r, h in smooth_path(knots, 40)]
    return paint(lathe("bulb", [*outside, (0, z)], turns=48), glowing("#fff0d2", strength))


def _socket(top: float, length: float, radius: float, code: str) -> Part:
    """Turn the lamp holder: a grip nipple, a shoulder, a sleeve."""
    low = top - length
    grip = [(0, top + 0.016), (0.0055, top + 0.016), (0.0065, top + 0.014), (0.0065, top + 0.002)]
    shoulder = [(radius * 0.7, top), (radius, top - 0.005)]
    sleeve = [(radius, low + 0.002), (radius * 0.94, low), (0, low)]
    profile = [*grip, *shoulder, *sleeve]
    return paint(lathe("socket", profile, turns=56), _plate(code))


def _dome(top: float, colours: Paint) -> list[Part]:
    """Press an enamelled barn dome with a rolled lip, white inside."""
    bowl = [(0.2, -0.19), (0.1985, -0.18), (0.19, -0.142), (0.165, -0.098), (0.122, -0.064)]
    neck = [(0.078, -0.046), (0.05, -0.034), (0.043, -0.022), (0.0415, -0.002)]
    top -= 0.05
    outside = _outline([*bowl, *neck, (0.034, 0.004), (0.02, 0.006)], top, 90)
    shade = lathe("shade", walled(outside, 0.0015), turns=140)
    lining = lathe("lining", [(r - 0.0019, z - 0.0006) for r, z in outside[1:80]], turns=140)
    lip = hoop("rim", 0.1996, outside[0][1], 0.0028)
    ring = [(0, 0.003), (0.03, 0.003), (0.03, 0.009), (0.022, 0.012), (0, 0.012)]
    collar = lathe("collar", [(r, top + z) for r, z in ring])
    paint(shade, lacquer(colours["shade"], rough=0.12))
    paint(lip, lacquer(colours["rim"], rough=0.15))
    paint(lining, lacquer("#f6f2e8", rough=0.35))
    paint(collar, _plate(colours["fitting"]))
    socket = _socket(top + 0.048, 0.045, 0.02, colours["fitting"])
    whole = joined("shade", [shade, lining, lip])
    return [whole, collar, socket, _bulb(top - 0.035, 0.037)]


def _globe(top: float, colours: Paint) -> list[Part]:
    """Blow a globe of tinted glass around a long filament bulb."""
    radius, neck = 0.125, 0.036
    top -= 0.062
    start = math.asin(neck / radius)
    turn = np.linspace(0.0, math.pi - start, 80)
    middle = top - radius * math.cos(start)
    outside = [(radius * math.sin(a), middle - radius * math.cos(a)) for a in turn]
    shade = lathe("shade", [*outside, (neck, top + 0.006)], turns=120)
    paint(shade, _tinted(colours["shade"]))
    lid = [(0, 0.026), (0.024, 0.026), (0.041, 0.018), (0.0425, 0.014), (0.0425, -0.006)]
    edge = [(0.041, -0.007), (0.0395, -0.004), (0, -0.004)]
    cap = lathe("collar", [(r, top + z) for r, z in (*lid, *edge)])
    paint(cap, _plate(colours["fitting"]))
    tube = [(0, 0), (0.017, 0), (0.017, -0.042), (0.015, -0.045), (0, -0.045)]
    holder = lathe("holder", [(r, top + z) for r, z in tube])
    paint(holder, _plate(colours["fitting"]))
    bulb = ball("bulb", (0.019, 0.019, 0.043), (0, 0, top - 0.085), 2.3)
    paint(bulb, glowing("#ffc878", 1.15))
    return [shade, cap, holder, bulb, _socket(top + 0.06, 0.036, 0.018, colours["fitting"])]


def _tinted(code: str) -> Surface:
    """Tint a thin wall of glass: on a clear film real glass would only darken, without a hue."""
    surface = lacquer(code, rough=0.02)
    tree, node = principled(surface)
    facing = tree.nodes.new("ShaderNodeLayerWeight").outputs["Facing"]
    feed(tree, node.inputs["Alpha"], Value(tree, facing) ** 2.0 * 0.4 + 0.58)
    feed(tree, node.inputs["Emission Color"], colour(code))
    feed(tree, node.inputs["Emission Strength"], 0.32)
    feed(tree, node.inputs["Coat Weight"], 1.0)
    feed(tree, node.inputs["Coat Roughness"], 0.0)
    return surface


def _cane(
    name: str, outside: np.ndarray, start: float, twist: float, weave: float, crossings: float
) -> Part:
    """Wind a cane up an outline, in and out of those it crosses."""
    share = np.linspace(0, 1, len(outside))
    angle = start + twist * share
    radius = outside[:, 0] + weave * np.cos(math.pi * crossings * share)
    path = np.stack([radius * np.cos(angle), radius * np.sin(angle), outside[:, 1]], axis=1)
    return sweep(name, path, [(x * 0.0026, y * 0.0026) for x, y in circle(1.0, 6)])


def _basket(top: float, colours: Paint) -> list[Part]:
    """Weave a tapered basket of canes on two slants, bound to hoops."""
    knots = [(0.215, -0.235), (0.213, -0.225), (0.2, -0.17), (0.172, -0.105), (0.125, -0.048)]
    knots += [(0.075, -0.012), (0.05, 0.0)]
    top -= 0.03
    count, twist = 42, math.pi * 0.62
    outside = np.array(_outline(knots, top, 105))
    crossings = count * twist / math.pi
    canes = []
    for k in range(count):
        start = 2 * math.pi * k / count
        canes.append(_cane("cane", outside, start, twist, 0.0028, crossings))
        canes.append(_cane("cane", outside, start, -twist, -0.0028, crossings))
    shade = joined("shade", canes)
    rims = ((0, 0.0062), (9, 0.0036), (52, 0.0036), (-1, 0.0048))
    hoops = [hoop("hoop", *outside[at], thick) for at, thick in rims]
    paint(shade, wood(colours["shade"], colours["grain"], grain=0.05, rough=0.55))
    for binding in hoops:
        paint(binding, wood(colours["grain"], colours["shade"], grain=0.03, rough=0.55))
    disc = [(0, 0.006), (0.046, 0.006), (0.05, 0.003), (0.05, -0.002), (0, -0.002)]
    plate = lathe("collar", [(r, top + z) for r, z in disc])
    paint(plate, _plate(colours["fitting"]))
    socket = _socket(top + 0.03, 0.085, 0.019, colours["fitting"])
    return [joined("shade", [shade, *hoops]), plate, socket, _bulb(top - 0.055, 0.04, 1.2)]


def _bell(top: float, colours: Paint) -> list[Part]:
    """Fold paper to a bell with a waist, threaded at the top, lit from within."""
    skirt = [(0.21, -0.262), (0.203, -0.24), (0.188, -0.2), (0.162, -0.15), (0.126, -0.106)]
    waist = [(0.094, -0.076), (0.083, -0.062), (0.088, -0.046), (0.084, -0.026), (0.036, 0.0)]
    top -= 0.02
    pleats = 48

    def fold(angle: float, z: float) -> float:
        depth = 0.075 + 0.11 * max(0.0, 1 - (top - z) / 0.1)
        return 1 + depth * (abs(2 * (angle * pleats / (2 * math.pi) % 1) - 1) - 0.5)

    outside = _outline([*skirt, *waist], top, 60)
    shade = lathe("shade", walled(outside, 0.001), turns=pleats * 8, around=fold)
    shade.data.set_sharp_from_angle(angle=math.radians(24))
    paint(shade, _paper(colours["shade"], pleats, top))
    cord = hoop("cord", 0.0888, top - 0.063, 0.0026)
    paint(cord, fabric(colours["trim"]))
    lid = [(0, 0.014), (0.02, 0.014), (0.036, 0.006), (0.038, 0), (0.036, -0.004), (0, -0.004)]
    cap = lathe("collar", [(r, top + z) for r, z in lid])
    paint(cap, _plate(colours["fitting"]))
    bulb = _bulb(top - 0.1, 0.035)
    socket = _socket(top + 0.012, 0.11, 0.018, colours["fitting"])
    return [joined("shade", [shade, cord]), cap, bulb, socket]


def _paper(code: str, pleats: int, top: float) -> Surface:
    """Let paper shine: brightest where it is widest, darker in the folds."""
    surface = lacquer(code, rough=0.85)
    tree, node = principled(surface)
    x, y, z = place(tree)
    folds = ((y.atan2(x) * (pleats / (2 * math.pi))).modulo(1.0) - 0.5).abs() * 2
    height = (z * -1.0 + top).ramp(0.0, 0.2) * 0.55 + 0.45
    feed(tree, node.inputs["Emission Color"], tuple(node.inputs["Base Color"].default_value))
    feed(tree, node.inputs["Emission Strength"], (folds * 0.8 + 0.2) * height * 0.38)
    return surface


KIND = Kind(
    name=Words("Pendant lamp", "吊灯"),
    category=(Words("Lighting", "灯具"), Words("Ceiling lights", "吊装灯"), Words("Pendant lamps", "吊灯")),
    stands="hangs",
    sides=(20.0, -35.0, 155.0),
    height_deg=-7,
    detachable=("shade", "canopy"),
    build=build,
    groups=(
        Group(
            "pendant-lamp-foundry", "Pella",
            Words("Foundry enamel dome pendant, 40 cm", "工坊搪瓷圆顶吊灯，直径 40 厘米"),
            Words("A pressed-steel dome enamelled twice, white inside so that the light falls evenly on the table.",
                  "冲压钢制圆顶，双层搪瓷，内壁纯白，光线均匀洒落桌面。"),
            Words("Enamelled steel, brass", "搪瓷钢、黄铜"), "96.00",
            (
                Variant(Words("bottle green", "墨绿色"), {"shade": "#12432f", "rim": "#12432f", "fitting": BRASS, "cable": "#2a2b2e"}, "green"),
                Variant(Words("tomato red", "番茄红"), {"shade": "#b3281b", "rim": "#b3281b", "fitting": BRASS, "cable": "#2a2b2e"}, "red"),
            ),
            {"shape": "dome", "drop": 0.19},
        ),
        Group(
            "pendant-lamp-orb", "Aster",
            Words("Orb hand-blown glass globe pendant, 25 cm", "圆球手工吹制玻璃吊灯，直径 25 厘米"),
            Words("A seamless globe of tinted glass around a long filament bulb, hung from a metal cap.",
                  "无缝染色玻璃球，内置长形灯丝灯泡，金属灯盖悬挂。"),
            Words("Blown glass, metal", "吹制玻璃、金属"), "108.00",
            (
                Variant(Words("amber", "琥珀色"), {"shade": "#b5690a", "fitting": BRASS, "cable": "#3a2a1d"}, "orange"),
                Variant(Words("smoke grey", "烟灰色"), {"shade": "#4b5057", "fitting": "#26272b", "cable": "#26272b"}, "grey"),
            ),
            {"shape": "globe", "drop": 0.19},
        ),
        Group(
            "pendant-lamp-lattice", "Pella",
            Words("Lattice woven rattan pendant, 44 cm", "藤影编织吊灯，直径 44 厘米"),
            Words("Split cane woven on the slant and bound to hoops; it throws a soft lattice of shadow on the wall.",
                  "藤条斜编，箍圈收边，灯光透过藤隙在墙上投下柔和的格影。"),
            Words("Rattan cane", "藤条"), "79.00",
            (
                Variant(Words("natural", "原藤色"), {"shade": "#d6b07a", "grain": "#a87a43", "fitting": "#e8e2d6", "cable": "#e0d6c2"}, "beige"),
                Variant(Words("dark walnut", "深胡桃色"), {"shade": "#5a3a24", "grain": "#37220f", "fitting": "#26272b", "cable": "#26272b"}, "brown"),
            ),
            {"shape": "basket", "drop": 0.19},
        ),
        Group(
            "pendant-lamp-bluebell", "Norrvik",
            Words("Bluebell pleated paper pendant, 44 cm", "风铃百褶纸吊灯，直径 44 厘米"),
            Words("Folded by hand from one sheet of heavy paper, gathered with a cord at the waist.",
                  "由整张厚纸手工折成，腰间以细绳收束。"),
            Words("Pleated paper", "折纸"), "45.00",
            (
                Variant(Words("sky blue", "天蓝色"), {"shade": "#6d9fca", "trim": "#f1ede5", "fitting": "#e8e2d6", "cable": "#efe9dd"}, "blue"),
                Variant(Words("paper white", "纸白色"), {"shade": "#ebe5d9", "trim": "#a9822f", "fitting": "#e8e2d6", "cable": "#efe9dd"}, "white"),
            ),
            {"shape": "bell", "drop": 0.19},
        ),
    ),
)  # fmt: skip
