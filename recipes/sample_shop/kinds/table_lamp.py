"""Table lamps: a turned foot under a cloth shade, a jointed desk lamp, a glowing mushroom."""

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
    move,
    paint,
    smooth_path,
    sweep,
    tube,
    walled,
)
from sample_shop.model.nodes import colour, feed, mixed, noise, place
from sample_shop.model.surfaces import (
    Surface,
    fabric,
    glaze,
    glowing,
    lacquer,
    metal,
    principled,
    rubber,
    wood,
)

BRASS, STEEL = "#b8965c", "#c9cbcd"


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a lamp of ``shape`` gourd, desk, mushroom or bobbin."""
    shapes = {"gourd": _gourd, "desk": _desk, "mushroom": _mushroom, "bobbin": _bobbin}
    return shapes[form["shape"]](colours)


def _lit(surface: Surface, strength: float, low: float, high: float, pleats: int = 0) -> Surface:
    """Let a surface shine in its own colour, most at the bulb's height and least in its folds."""
    tree, node = principled(surface)
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


def _swirled(code: str, second: str) -> Surface:
    """Blow glossy glass with soft bands that climb around it."""
    surface = lacquer(code, rough=0.07)
    tree, node = principled(surface)
    x, y, z = place(tree)
    turn = y.atan2(x) * 9.0 + z * 55.0 + noise(tree, 0.09, 1) * 5.0
    share = (turn.sin() * 0.5 + 0.5) ** 2.0
    feed(tree, node.inputs["Base Color"], mixed(tree, share, colour(code), colour(second)))
    return surface


def _fitting(low: float, high: float, top_radius: float) -> list[Part]:
    """Hold a shade: socket, bulb, a harp around them, spokes to the shade's upper ring, a knob."""
    brass = metal(BRASS, rough=0.25)
    grip = [(0, 0), (0.013, 0), (0.013, 0.012), (0.017, 0.014), (0.017, 0.05), (0.015, 0.053)]
    neck = lathe("socket", [(r, low + z) for r, z in (*grip, (0, 0.053))])
    bulb = ball("bulb", (0.027, 0.027, 0.034), (0, 0, low + 0.088))
    side = [(0.016, 0, low + 0.01), (0.045, 0, low + 0.05), (0.05, 0, low + 0.1)]
    side += [(0.03, 0, high - 0.03), (0, 0, high - 0.012)]
    harp = tube("harp", [*side, *((-x, 0, z) for x, _, z in side[-2::-1])], 0.0016, count=60)
    spokes = []
    for a in (0.4, 0.4 + 2.094, 0.4 + 4.189):
        end = (top_radius * math.cos(a), top_radius * math.sin(a), high - 0.003)
        spokes.append(sweep("harp.1", [(0, 0, high - 0.01), end], circle(0.0016, 8)))
    stem = [(0, -0.012), (0.012, -0.011), (0.012, -0.007), (0.005, -0.005), (0.004, 0.002)]
    top = [(0.009, 0.009), (0.0095, 0.013), (0.006, 0.019), (0, 0.021)]
    knob = lathe("finial", [(r, high + z) for r, z in (*stem, *top)], turns=40)
    for part in (neck, harp, *spokes, knob):
        paint(part, brass)
    paint(bulb, glowing("#fff0d0", 2.0))
    return [neck, bulb, harp, *spokes, knob]


def _bead(r: float, low: float, high: float, waist: float) -> Outline:
    """List the outline of one turned bead, from waist to waist."""
    return [
        (waist + (r - waist) * math.sin(a) ** 0.8, low + (high - low) * (1 - math.cos(a)) / 2)
        for a in np.linspace(0.0, math.pi, 22)
    ]


def _gourd(colours: Paint) -> list[Part]:
    """Set a cloth drum on a glazed bottle."""
    belly = [(0.06, 0.012), (0.064, 0.02), (0.083, 0.055), (0.095, 0.105), (0.087, 0.155)]
    neck = [(0.06, 0.195), (0.034, 0.225), (0.023, 0.255), (0.021, 0.275), (0.024, 0.285)]
    outside = smooth_path([*belly, *neck], 70)
    body = lathe("base", [(0, 0.012), *outside, (0.018, 0.288), (0, 0.288)], turns=120)
    disc = [(0, 0), (0.067, 0), (0.069, 0.002), (0.069, 0.011), (0.067, 0.0135), (0, 0.0135)]
    plinth = lathe("foot", disc)
    ring = [(0, 0.286), (0.017, 0.286), (0.019, 0.29), (0.019, 0.298), (0.012, 0.302), (0, 0.302)]
    collar = lathe("collar", ring)
    low, high, bottom, top = 0.315, 0.525, 0.165, 0.128
    shares = np.linspace(0, 1, 12)
    cone = [(bottom + (top - bottom) * t, low + (high - low) * t) for t in shares]
    shade = lathe("shade", walled(cone, 0.0014), turns=144)
    hems = [
        hoop("trim", bottom - 0.0006, low + 0.001, 0.0022),
        hoop("trim.1", top - 0.0006, high - 0.001, 0.0022),
    ]
    paint(body, glaze(colours["base"], rough=0.09))
    for part in (plinth, collar):
        paint(part, metal(BRASS, rough=0.24))
    paint(shade, _lit(fabric(colours["shade"], weave=0.0006), 0.5, low, high))
    for hem in hems:
        paint(hem, fabric(colours["trim"], weave=0.0012))
    whole = joined("shade", [shade, *hems])
    return [body, plinth, collar, whole, *_fitting(0.3, high, top - 0.002)]


def _bobbin(colours: Paint) -> list[Part]:
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

    cone = [
        (bottom + (top - bottom) * t - 0.008 * math.sin(math.pi * t), low + (high - low) * t)
        for t in np.linspace(0, 1, 14)
    ]
    shade = lathe("shade", walled(cone, 0.0012), turns=pleats * 8, around=fold)
    hems = [hoop("trim", bottom * 1.026, low, 0.0038), hoop("trim.1", top * 1.026, high, 0.0032)]
    paint(body, wood(colours["base"], colours["grain"], axis="z", grain=0.012))
    paint(shade, _lit(lacquer(colours["shade"], rough=0.8), 0.5, low, high, pleats))
    for hem in hems:
        paint(hem, fabric(colours["trim"], weave=0.001))
    return [body, joined("shade", [shade, *hems]), *_fitting(z + 0.005, high, top)]


def _mushroom(colours: Paint) -> list[Part]:
    """Rest a glowing dome on a trumpet of the same colour."""
    trumpet = [(0.074, 0.0), (0.076, 0.004), (0.07, 0.01), (0.045, 0.03), (0.029, 0.07)]
    trumpet += [(0.026, 0.12), (0.034, 0.17), (0.05, 0.2)]
    stem = lathe("base", [(0, 0), *smooth_path(trumpet, 60), (0, 0.2)], turns=120)
    dome = [(0.131, 0.158), (0.1345, 0.163), (0.134, 0.18), (0.122, 0.222), (0.095, 0.256)]
    dome += [(0.055, 0.276), (0.0, 0.282)]
    outside = [(max(r, 0), z) for r, z in smooth_path(dome, 60)]
    shade = lathe("shade", walled(outside, 0.003), turns=140)
    cup = [(0, 0.199), (0.05, 0.199), (0.05, 0.204), (0.016, 0.206), (0.016, 0.225), (0, 0.225)]
    holder = lathe("collar", cup)
    bulb = ball("bulb", (0.02, 0.02, 0.024), (0, 0, 0.245))
    dial = [(0, 0.01), (0.006, 0.01), (0.0085, 0.012), (0.0085, 0.019), (0.007, 0.021), (0, 0.021)]
    knob = lathe("knob", dial, turns=32)
    move(knob, (0, -0.046, 0.026), (62, 0, 0))
    for part, strength in ((stem, 0.12), (shade, 0.55)):
        paint(part, _lit(_swirled(colours["shade"], colours["swirl"]), strength, 0.13, 0.3))
    for part in (holder, knob):
        paint(part, metal(BRASS, rough=0.22))
    paint(bulb, glowing("#fff0d0", 2.5))
    return [stem, shade, holder, bulb, knob]


SHOULDER = np.array([0.075, 0.072])
ELBOW = np.array([0.172, 0.36])
WRIST = np.array([-0.105, 0.462])
"""The desk lamp's joints, (x, z)."""


def _rods(name: str, start: np.ndarray, end: np.ndarray, gap: float) -> list[Part]:
    """Lay two rods side by side from joint to joint."""
    along = (end - start) / np.linalg.norm(end - start)
    across = np.array([-along[1], along[0]]) * gap / 2
    rods = []
    for number, side in enumerate((-1, 1)):
        path = [(x, 0, z) for x, z in (start + side * across, end + side * across)]
        rods.append(sweep(f"{name}.{number}", path, circle(0.0038, 16)))
    return rods


def _spring(start: np.ndarray, end: np.ndarray) -> list[Part]:
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


def _joint(name: str, at: np.ndarray, radius: float) -> list[Part]:
    """Bolt two cheeks together: a plate on either side and a ribbed wing nut at the front."""
    plates = []
    for number, y in enumerate((-0.009, 0.006)):
        rim = [(0, 0), (radius, 0), (radius + 0.0008, 0.0015), (radius, 0.003), (0, 0.003)]
        disc = lathe(f"{name}.{number}", rim, turns=48)
        plates.append(move(disc, (at[0], y + 0.003, at[1]), (90, 0, 0)))
    wing = [(0, 0), (0.0095, 0), (0.011, 0.002), (0.011, 0.011), (0.009, 0.0135), (0, 0.0135)]
    nut = lathe("nut", wing, turns=96, around=lambda a, _: 1 + 0.05 * math.cos(16 * a))
    move(nut, (at[0], -0.009, at[1]), (90, 0, 0))
    return [*plates, nut]


def _head(colours: Paint) -> list[Part]:
    """Hang the bell-shaped reflector from the wrist, white inside."""
    bell = [(0.088, -0.135), (0.0875, -0.132), (0.083, -0.108), (0.068, -0.068), (0.044, -0.038)]
    neck = [(0.03, -0.022), (0.027, -0.012), (0.0265, 0.03), (0.024, 0.037), (0.014, 0.041)]
    outside = [(max(r, 0), z) for r, z in smooth_path([*bell, *neck, (0.0, 0.042)], 70)]
    shade = lathe("shade", walled(outside, 0.0012), turns=120)
    inner = lathe("lining", [(r - 0.0016, z) for r, z in outside[2:44]], turns=120)
    lip = hoop("rim", 0.0878, -0.1345, 0.0017)
    bulb = ball("bulb", (0.029, 0.029, 0.036), (0, 0, -0.072))
    paint(shade, lacquer(colours["body"], rough=0.2))
    paint(lip, lacquer(colours["body"], rough=0.2))
    paint(inner, lacquer("#f4f1ea", rough=0.4))
    paint(bulb, glowing("#fff1d6", 2.5))
    parts = [joined("shade", [shade, inner, lip]), bulb]
    for part in parts:
        move(part, (WRIST[0] - 0.026, 0, WRIST[1] - 0.012), (0, 34, 0))
    return parts


def _desk(colours: Paint) -> list[Part]:
    """Balance two pairs of rods and a bell on a heavy disc."""
    disc = [(0, 0), (0.083, 0), (0.0865, 0.002), (0.088, 0.006), (0.088, 0.013), (0.085, 0.019)]
    post = [(0.078, 0.0225), (0.02, 0.0245), (0.014, 0.027), (0.0105, 0.035), (0.0105, 0.058)]
    base = move(lathe("base", [*disc, *post, (0, 0.058)], turns=120), (0.075, 0, 0))
    arms = [*_rods("arm", SHOULDER, ELBOW, 0.016), *_rods("arm", ELBOW, WRIST, 0.016)]
    sizes = ((SHOULDER, 0.019), (ELBOW, 0.02), (WRIST, 0.016))
    joints = [part for at, radius in sizes for part in _joint("joint", at, radius)]
    spring = _spring(SHOULDER, ELBOW)
    for part in (base, *arms):
        paint(part, lacquer(colours["body"], rough=0.2))
    for part in (*joints, *spring):
        paint(part, metal(STEEL, rough=0.2))
    arm = [(-0.125, 0.004, 0.487), (-0.06, 0.008, 0.5), (0.05, 0.008, 0.43), (0.15, 0.012, 0.395)]
    loop = [(0.19, 0.014, 0.365), (0.17, 0.012, 0.31), (0.125, 0.012, 0.2), (0.1, 0.014, 0.11)]
    knots = [*arm, *loop, (0.1, 0.018, 0.05), (0.095, 0.02, 0.022)]
    cable = paint(tube("cable", knots, 0.0026, count=90), rubber(colours["cable"]))
    return [base, *arms, *joints, *spring, *_head(colours), cable]


KIND = Kind(
    name=Words("Table lamp", "台灯"),
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
