"""Table lamps: a turned foot under a cloth shade, a jointed desk lamp, a glowing mushroom."""

import math
from collections.abc import Sequence

import bpy
import numpy as np

from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import ball, circle, lathe, move, paint, smooth_path, sweep, tube
from sample_shop.model.nodes import colour, feed, mixed, noise, place
from sample_shop.model.surfaces import fabric, glaze, glowing, lacquer, metal, rubber, wood

Outline = Sequence[tuple[float, float]]
BRASS, STEEL = "#b8965c", "#c9cbcd"


def build(form: Form, colours: Paint) -> list[object]:
    """Model a lamp of ``shape`` gourd, desk, mushroom or bobbin."""
    shapes = {"gourd": _gourd, "desk": _desk, "mushroom": _mushroom, "bobbin": _bobbin}
    return shapes[form["shape"]](colours)


def _lit(
    surface: bpy.types.Material, strength: float, low: float, high: float, pleats: int = 0
) -> bpy.types.Material:
    """Let a surface shine in its own colour, most at the bulb's height and least in its folds."""
    tree = surface.node_tree
    node = next(n for n in tree.nodes if n.type == "BSDF_PRINCIPLED")
    base = node.inputs["Base Color"]
    source = base.links[0].from_socket if base.is_linked else tuple(base.default_value)
    feed(tree, node.inputs["Emission Color"], source)
    x, y, z = place(tree)
    away = (z - (low * 0.55 + high * 0.45)) / ((high - low) * 0.6)
    shine = (away * away * -0.62 + 1.0) * strength
    if pleats:
        turn = (y.atan2(x) * (pleats / (2 * math.pi))).modulo(1.0)
        shine = shine * (((turn - 0.5).abs() * 2).ramp(0.0, 0.85) * 0.85 + 0.15)
    feed(tree, node.inputs["Emission Strength"], shine)
    return surface


def _swirled(code: str, second: str) -> bpy.types.Material:
    """Glossy blown glass with soft bands that climb around it."""
    surface = lacquer(code, rough=0.07)
    tree = surface.node_tree
    x, y, z = place(tree)
    turn = y.atan2(x) * 9.0 + z * 55.0 + noise(tree, 0.09, 1) * 5.0
    node = next(n for n in tree.nodes if n.type == "BSDF_PRINCIPLED")
    share = (turn.sin() * 0.5 + 0.5) ** 2.0
    feed(tree, node.inputs["Base Color"], mixed(tree, share, colour(code), colour(second)))
    return surface


def _walled(outside: Outline, wall: float) -> list[tuple[float, float]]:
    """Close an outline (going up) by the same one set ``wall`` inwards."""
    points = np.asarray(outside, float)
    along = np.gradient(points, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    inside = points + wall * np.stack([-along[:, 1], along[:, 0]], axis=1)
    inside[:, 0] = np.maximum(inside[:, 0], 0)
    return [tuple(p) for p in (*points, *inside[::-1], points[0])]


def _ring(name: str, radius: float, z: float, thick: float) -> object:
    turn = np.linspace(0, 2 * math.pi, 96, endpoint=False)
    path = [(radius * math.cos(a), radius * math.sin(a), z) for a in turn]
    return sweep(name, path, circle(thick, 10), closed=True)


def _fitting(low: float, high: float, top_radius: float) -> list[object]:
    """Hold a shade: socket, bulb, a harp around them, spokes to the shade's upper ring, a knob."""
    brass = metal(BRASS, rough=0.25)
    neck = lathe("socket", [(0, low), (0.013, low), (0.013, low + 0.012), (0.017, low + 0.014),
            (0.017, low + 0.05), (0.015, low + 0.053), (0, low + 0.053)])  # fmt: skip
    bulb = ball("bulb", (0.027, 0.027, 0.034), (0, 0, low + 0.088))
    knots = [
        (0.016, low + 0.01),
        (0.045, low + 0.05),
        (0.05, low + 0.1),
        (0.03, high - 0.03),
        (0, high - 0.012),
    ]
    side = [(x, 0, z) for x, z in knots]
    harp = tube("harp", [*side, *[(-x, 0, z) for x, _, z in side[-2::-1]]], 0.0016, count=60)
    spokes = [ sweep("harp.1", [(0, 0, high - 0.01), (top_radius * math.cos(a),
            top_radius * math.sin(a), high - 0.003)], circle(0.0016, 8))
            for a in (0.4, 0.4 + 2.094, 0.4 + 4.189) ]  # fmt: skip
    knob = lathe("finial", [(0, high - 0.012), (0.012, high - 0.011), (0.012, high - 0.007),
            (0.005, high - 0.005), (0.004, high + 0.002), (0.009, high + 0.009),
            (0.0095, high + 0.013), (0.006, high + 0.019), (0, high + 0.021)],
            turns=40)  # fmt: skip
    for part in (neck, harp, *spokes, knob):
        paint(part, brass)
    paint(bulb, glowing("#fff0d0", 2.0))
    return [neck, bulb, harp, *spokes, knob]


def _joined(name: str, parts: Sequence[bpy.types.Object]) -> bpy.types.Object:
    """Make one object of several, each in its own surface."""
    with bpy.context.temp_override(
        active_object=parts[0], object=parts[0], selected_editable_objects=list(parts)
    ):
        bpy.ops.object.join()
    parts[0].name = name
    return parts[0]


def _bead(r: float, low: float, high: float, waist: float) -> list[tuple[float, float]]:
    """List the outline of one turned bead, from waist to waist."""
    return [(waist + (r - waist) * math.sin(a) ** 0.8, low + (high - low) * (1 - math.cos(a)) / 2)
            for a in np.linspace(0.0, math.pi, 22)]  # fmt: skip


def _gourd(colours: Paint) -> list[object]:
    """Set a cloth drum on a glazed bottle."""
    knots = [(0.06, 0.012), (0.064, 0.02), (0.083, 0.055), (0.095, 0.105), (0.087, 0.155),
            (0.06, 0.195), (0.034, 0.225), (0.023, 0.255), (0.021, 0.275),
            (0.024, 0.285)]  # fmt: skip
    body = lathe(
        "base", [(0, 0.012), *smooth_path(knots, 70), (0.018, 0.288), (0, 0.288)], turns=120
    )
    plinth = lathe(
        "foot", [(0, 0), (0.067, 0), (0.069, 0.002), (0.069, 0.011), (0.067, 0.0135), (0, 0.0135)]
    )
    collar = lathe(
        "collar",
        [(0, 0.286), (0.017, 0.286), (0.019, 0.29), (0.019, 0.298), (0.012, 0.302), (0, 0.302)],
    )
    low, high, bottom, top = 0.315, 0.525, 0.165, 0.128
    shade = lathe("shade", _walled([(bottom + (top - bottom) * t, low + (high - low) * t)
            for t in np.linspace(0, 1, 12)], 0.0014), turns=144)  # fmt: skip
    hems = [
        _ring("trim", bottom - 0.0006, low + 0.001, 0.0022),
        _ring("trim.1", top - 0.0006, high - 0.001, 0.0022),
    ]
    paint(body, glaze(colours["base"], rough=0.09))
    for part in (plinth, collar):
        paint(part, metal(BRASS, rough=0.24))
    paint(shade, _lit(fabric(colours["shade"], weave=0.0006), 0.5, low, high))
    for hem in hems:
        paint(hem, fabric(colours["trim"], weave=0.0012))
    return [
        body,
        plinth,
        collar,
        _joined("shade", [shade, *hems]),
        *_fitting(0.3, high, top - 0.002),
    ]


def _bobbin(colours: Paint) -> list[object]:
    """Set a pleated coolie shade on a stack of turned beads."""
    outline = [(0, 0), (0.078, 0), (0.082, 0.003), (0.083, 0.012), (0.079, 0.019), (0.06, 0.023)]
    z = 0.023
    for radius, tall in ((0.04, 0.064), (0.036, 0.057), (0.032, 0.051), (0.028, 0.045)):
        outline += _bead(radius, z, z + tall, 0.015)
        z += tall
    body = lathe("base", [*outline, (0.015, z + 0.008), (0, z + 0.008)], turns=80)
    low, high, bottom, top, pleats = z + 0.012, z + 0.19, 0.17, 0.072, 44

    def fold(angle: float, _: float) -> float:
        return 1 + 0.055 * abs(2 * (angle * pleats / (2 * math.pi) % 1) - 1)

    cone = [(bottom + (top - bottom) * t - 0.008 * math.sin(math.pi * t), low + (high - low) * t)
            for t in np.linspace(0, 1, 14)]  # fmt: skip
    shade = lathe("shade", _walled(cone, 0.0012), turns=pleats * 8, around=fold)
    hems = [_ring("trim", bottom * 1.026, low, 0.0038), _ring("trim.1", top * 1.026, high, 0.0032)]
    paint(body, wood(colours["base"], colours["grain"], axis="z", grain=0.012))
    paint(shade, _lit(lacquer(colours["shade"], rough=0.8), 0.5, low, high, pleats))
    for hem in hems:
        paint(hem, fabric(colours["trim"], weave=0.001))
    return [body, _joined("shade", [shade, *hems]), *_fitting(z + 0.005, high, top)]


def _mushroom(colours: Paint) -> list[object]:
    """Rest a glowing dome on a trumpet of the same colour."""
    stem_knots = [(0.074, 0.0), (0.076, 0.004), (0.07, 0.01), (0.045, 0.03), (0.029, 0.07),
            (0.026, 0.12), (0.034, 0.17), (0.05, 0.2)]  # fmt: skip
    stem = lathe("base", [(0, 0), *smooth_path(stem_knots, 60), (0, 0.2)], turns=120)
    cap_knots = [(0.131, 0.158), (0.1345, 0.163), (0.134, 0.18), (0.122, 0.222), (0.095, 0.256),
            (0.055, 0.276), (0.0, 0.282)]  # fmt: skip
    outside = [(max(r, 0), z) for r, z in smooth_path(cap_knots, 60)]
    shade = lathe("shade", _walled(outside, 0.003), turns=140)
    holder = lathe(
        "collar",
        [(0, 0.199), (0.05, 0.199), (0.05, 0.204), (0.016, 0.206), (0.016, 0.225), (0, 0.225)],
    )
    bulb = ball("bulb", (0.02, 0.02, 0.024), (0, 0, 0.245))
    knob = lathe(
        "knob",
        [(0, 0.01), (0.006, 0.01), (0.0085, 0.012), (0.0085, 0.019), (0.007, 0.021), (0, 0.021)],
        turns=32,
    )
    move(knob, (0, -0.046, 0.026), (62, 0, 0))
    for part, strength in ((stem, 0.12), (shade, 0.55)):
        paint(part, _lit(_swirled(colours["shade"], colours["swirl"]), strength, 0.13, 0.3))
    for part in (holder, knob):
        paint(part, metal(BRASS, rough=0.22))
    paint(bulb, glowing("#fff0d0", 2.5))
    return [stem, shade, holder, bulb, knob]


SHOULDER, ELBOW, WRIST = (
    np.array([0.075, 0.072]),
    np.array([0.172, 0.36]),
    np.array([-0.105, 0.462]),
)


def _rods(name: str, start: np.ndarray, end: np.ndarray, gap: float) -> list[object]:
    """Lay two rods side by side from joint to joint."""
    along = (end - start) / np.linalg.norm(end - start)
    across = np.array([-along[1], along[0]]) * gap / 2
    return [ sweep(f"{name}.{number}", [(p[0], 0, p[1])
            for p in (start + side * across, end + side * across)], circle(0.0038, 16)) for number,
            side in enumerate((-1, 1)) ]  # fmt: skip


def _spring(start: np.ndarray, end: np.ndarray) -> list[object]:
    """Stretch a spring along the lower arm between two pegs that stand out from it."""
    along = (end - start) / np.linalg.norm(end - start)
    across = np.array([along[1], -along[0]])
    points, pegs = [], []
    low, high = start + along * 0.012 + across * 0.024, start + along * 0.17 + across * 0.02
    for t in np.linspace(0, 1, 320):
        turn, width = 2 * math.pi * 26 * t, 0.0055 * min(1, 14 * t, 14 * (1 - t))
        x, z = low + (high - low) * t + across * width * math.cos(turn)
        points.append((x, width * math.sin(turn), z))
    for number, at in enumerate((low, high)):
        path = [(p[0], 0, p[1]) for p in (at - across * 0.024, at + across * 0.003)]
        pegs.append(sweep(f"peg.{number}", path, circle(0.0025, 12)))
    return [sweep("spring", points, circle(0.0012, 6)), *pegs]


def _joint(name: str, at: np.ndarray, radius: float) -> list[object]:
    """Bolt two cheeks together: a plate on either side and a ribbed wing nut at the front."""
    plates = []
    for number, y in enumerate((-0.009, 0.006)):
        disc = lathe(
            f"{name}.{number}",
            [(0, 0), (radius, 0), (radius + 0.0008, 0.0015), (radius, 0.003), (0, 0.003)],
            turns=48,
        )
        plates.append(move(disc, (at[0], y + 0.003, at[1]), (90, 0, 0)))
    nut = lathe("nut", [(0, 0), (0.0095, 0), (0.011, 0.002), (0.011, 0.011), (0.009, 0.0135),
            (0, 0.0135)], turns=96, around=lambda a, _: 1 + 0.05 * math.cos(16 * a))  # fmt: skip
    move(nut, (at[0], -0.009, at[1]), (90, 0, 0))
    return [*plates, nut]


def _head(colours: Paint) -> list[object]:
    """Hang the bell-shaped reflector from the wrist, white inside."""
    knots = [(0.088, -0.135), (0.0875, -0.132), (0.083, -0.108), (0.068, -0.068), (0.044, -0.038),
            (0.03, -0.022), (0.027, -0.012), (0.0265, 0.03), (0.024, 0.037), (0.014, 0.041),
            (0.0, 0.042)]  # fmt: skip
    outside = [(max(r, 0), z) for r, z in smooth_path(knots, 70)]
    shade = lathe("shade", _walled(outside, 0.0012), turns=120)
    inner = lathe("lining", [(r - 0.0016, z) for r, z in outside[2:44]], turns=120)
    lip = _ring("rim", 0.0878, -0.1345, 0.0017)
    bulb = ball("bulb", (0.029, 0.029, 0.036), (0, 0, -0.072))
    paint(shade, lacquer(colours["body"], rough=0.2))
    paint(lip, lacquer(colours["body"], rough=0.2))
    paint(inner, lacquer("#f4f1ea", rough=0.4))
    paint(bulb, glowing("#fff1d6", 2.5))
    parts = [_joined("shade", [shade, inner, lip]), bulb]
    for part in parts:
        move(part, (WRIST[0] - 0.026, 0, WRIST[1] - 0.012), (0, 34, 0))
    return parts


def _desk(colours: Paint) -> list[object]:
    """Balance two pairs of rods and a bell on a heavy disc."""
    foot = [(0, 0), (0.083, 0), (0.0865, 0.002), (0.088, 0.006), (0.088, 0.013), (0.085, 0.019),
            (0.078, 0.0225), (0.02, 0.0245), (0.014, 0.027), (0.0105, 0.035), (0.0105, 0.058),
            (0, 0.058)]  # fmt: skip
    base = move(lathe("base", foot, turns=120), (0.075, 0, 0))
    arms = [*_rods("arm", SHOULDER, ELBOW, 0.016), *_rods("arm", ELBOW, WRIST, 0.016)]
    joints = [
        part
        for at, r in ((SHOULDER, 0.019), (ELBOW, 0.02), (WRIST, 0.016))
        for part in _joint("joint", at, r)
    ]
    spring = _spring(SHOULDER, ELBOW)
    for part in (base, *arms):
        paint(part, lacquer(colours["body"], rough=0.2))
    for part in (*joints, *spring):
        paint(part, metal(STEEL, rough=0.2))
    knots = [(-0.125, 0.004, 0.487), (-0.06, 0.008, 0.5), (0.05, 0.008, 0.43), (0.15, 0.012, 0.395),
             (0.19, 0.014, 0.365), (0.17, 0.012, 0.31), (0.125, 0.012, 0.2), (0.1, 0.014, 0.11),
             (0.1, 0.018, 0.05), (0.095, 0.02, 0.022)]  # fmt: skip
    cable = paint(tube("cable", knots, 0.0026, count=90), rubber(colours["cable"]))
    return [base, *arms, *joints, *spring, *_head(colours), cable]


_NAME = Words("Table lamp", "台灯")

KIND = Kind(
    name=_NAME,
    category=(Words("Lighting", "灯具"), Words("Indoor lamps", "室内灯"), Words("Table lamps", "台灯")),
    stands="table",
    sides=(22.0, -32.0, 150.0),
    height_deg=10,
    detachable=("shade", "knob", "spring"),
    build=build,
    groups=(
        Group(
            "table-lamp-marlow", "Pella", Words("Marlow ceramic table lamp with fabric shade, 55 cm", "马洛陶瓷布罩台灯，高 55 厘米"),
            Words("A hand-glazed bottle base on a brass foot under a woven drum shade; it gives an even, warm light beside the sofa or the bed.", "手工施釉的瓶形灯座配黄铜底，上罩织布灯罩，光线柔和均匀，沙发边、床头皆宜。"),
            Words("Glazed ceramic, brass, cotton-linen shade", "釉面陶瓷、黄铜、棉麻灯罩"), "89.00",
            (
                Variant(Words("ink blue", "墨蓝色"), {"base": "#1f4272", "shade": "#e6dcc6", "trim": "#cdbf9f"}, "blue"),
                Variant(Words("terracotta brown", "陶土棕"), {"base": "#8a4527", "shade": "#d8c3a0", "trim": "#8b6a45"}, "brown"),
            ),
            {"shape": "gourd"},
        ),
        Group(
            "table-lamp-drafter", "Pella", Words("Drafter jointed desk lamp, E27", "绘图师折臂书桌台灯，E27 灯头"),
            Words("Two pairs of sprung arms hold the bell wherever you leave it; the cast-iron foot keeps it there.", "双节弹簧摇臂，灯头可随意悬停；铸铁底座稳重不晃。"),
            Words("Painted steel, cast-iron foot", "烤漆钢、铸铁底座"), "74.50",
            (
                Variant(Words("signal yellow", "亮黄色"), {"body": "#e5ad0a", "cable": "#2a2b2e"}, "yellow"),
                Variant(Words("black", "黑色"), {"body": "#232427", "cable": "#2a2b2e"}, "black"),
                Variant(Words("poppy red", "罂粟红"), {"body": "#b8241c", "cable": "#2a2b2e"}, "red"),
            ),
            {"shape": "desk"},
        ),
        Group(
            "table-lamp-fungo", "Pella", Words("Fungo mushroom glass lamp, 28 cm", "蘑菇玻璃台灯，高 28 厘米"),
            Words("A blown-glass dome on a trumpet foot, both swirled with a second shade of the same colour; dims by its brass knob.", "吹制玻璃圆顶配喇叭形灯座，通体同色系流纹，黄铜旋钮可调光。"),
            Words("Swirled glass, brass", "流纹玻璃、黄铜"), "119.00",
            (
                Variant(Words("apricot orange", "杏橙色"), {"shade": "#dd7420", "swirl": "#eda65e"}, "orange"),
                Variant(Words("lilac", "丁香紫"), {"shade": "#7d5fa6", "swirl": "#a991c7"}, "purple"),
            ),
            {"shape": "mushroom"},
        ),
        Group(
            "table-lamp-bobbin", "Norrvik", Words("Bobbin wooden table lamp with pleated shade, 45 cm", "珠串木质百褶罩台灯，高 45 厘米"),
            Words("Four turned beads carry a wide, knife-pleated shade bound by hand at both edges.", "四颗车制木珠托起宽檐百褶灯罩，上下边缘手工包边。"),
            Words("Turned beech, pleated cotton", "车制榉木、百褶棉布"), "68.00",
            (
                Variant(Words("moss green", "苔藓绿"), {"base": "#b98a56", "grain": "#8f6238", "shade": "#5d7a45", "trim": "#3d5430"}, "green"),
                Variant(Words("rose pink", "玫瑰粉"), {"base": "#e3d6c3", "grain": "#cbb899", "shade": "#bd6a75", "trim": "#93434f"}, "pink"),
            ),
            {"shape": "bobbin"},
        ),
    ),
)  # fmt: skip
