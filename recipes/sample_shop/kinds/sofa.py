"""Two-seat sofas: boxy with cushions, rounded, buttoned chesterfield, loose cushions on wood."""

import math

import numpy as np

from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import (
    Part,
    Point,
    ball,
    box,
    circle,
    crumple,
    evenly,
    joined,
    lathe,
    loft,
    move,
    paint,
    smooth_path,
    superellipse,
    sweep,
    warp,
)
from sample_shop.model.surfaces import Surface, fabric, leather, metal, rubber, wood
from sample_shop.model.timber import pad, rod


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a sofa of ``shape`` boxy, rounded, chesterfield or wooden."""
    return _SHAPES[form["shape"]](colours)


def _cushion(name: str, size: Point, at: Point, turn_deg: Point = (0, 0, 0)) -> Part:
    """Model a filled cover (x, y, z) with piping at both its edges, its middle at ``at``."""
    x, y, z = size
    seed = at[0] * 3 + at[2]
    ring = superellipse(x / 2, y / 2, 9, 128)
    body = crumple(pad(name, ring, z * 0.86, edge=0.09, crown=z * 0.24), 0.004, 0.16, seed)
    parts = [body]
    for side in (-1, 1):
        line = [(a * 0.97, b * 0.97, side * z * 0.375) for a, b in ring]
        parts.append(sweep("piping", line, circle(0.0045, 10), closed=True))
    return move(joined(name, parts), at, turn_deg)


def _stud(name: str, radius: float, at: Point) -> Part:
    """Turn a small round stud, for buttons and nails."""
    turns = np.linspace(-math.pi / 2, math.pi / 2, 7)[1:-1]
    dome = [(radius * math.cos(a), radius * math.sin(a)) for a in turns]
    return move(lathe(name, [(0, -radius), *dome, (0, radius)], turns=12), at)


def _tapered_legs(x: float, y: float, height: float, surface: Surface) -> list[Part]:
    """Splay four tapered legs from the corners of a base."""
    legs = []
    for k, (sx, sy) in enumerate(((-1, -1), (1, -1), (-1, 1), (1, 1)), 1):
        top, foot = (sx * x, sy * y, height + 0.01), (sx * (x + 0.035), sy * (y + 0.025), 0)
        leg = rod(f"leg.{k}", top, foot, [(0, 0.025), (0.1, 0.025), (0.6, 0.019), (1, 0.013)])
        legs.append(paint(leg, surface))
    return legs


def _boxy(colours: Paint) -> list[Part]:
    """Model square arms and back around two seat and two back cushions."""
    cloth = fabric(colours["cover"], weave=0.0003)
    parts = [
        box("base", (1.5, 0.8, 0.16), 0.025, (0, 0, 0.13)),
        box("back", (1.32, 0.19, 0.6), 0.045, (0, 0.32, 0.15)),
        *(
            box(f"arm.{k}", (0.15, 0.83, 0.47), 0.04, (s * 0.73, 0, 0.128))
            for k, s in ((1, -1), (2, 1))
        ),
    ]
    for k, s in enumerate((-1, 1), 1):
        parts.append(_cushion(f"seat.{k}", (0.65, 0.66, 0.17), (s * 0.328, -0.1, 0.375)))
        parts.append(
            _cushion(f"cushion.{k}", (0.64, 0.42, 0.17), (s * 0.325, 0.145, 0.655), (76, 0, 0))
        )
    for part in parts:
        paint(part, cloth)
    pillow = _pillow((-0.47, -0.02, 0.64), (66, 0, 18))
    paint(pillow, fabric(colours["pillow"], weave=0.0003))
    oak = wood(colours["leg"], colours["leg grain"], grain=0.03)
    return [*parts, pillow, *_tapered_legs(0.66, 0.33, 0.135, oak)]


def _pillow(at: Point, turn_deg: Point) -> Part:
    """Model a square scatter cushion with pinched corners."""
    ring = superellipse(0.21, 0.21, 7, 128)
    ring *= (1 + 0.06 * (np.abs(ring).min(1) / 0.21) ** 2 - 0.03)[:, None]

    def pinch(x: float, y: float, h: float) -> Point:
        edge = max(abs(x), abs(y)) / 0.21
        return x, y, h * (1 - 0.55 * edge**3 * min(abs(x), abs(y)) / 0.21)

    pillow = pad("pillow", ring, 0.012, edge=0.03, crown=0.13, bend=pinch)
    return move(crumple(pillow, 0.006, 0.12, 2), at, turn_deg)


def _rounded(colours: Paint) -> list[Part]:
    """Model a thick seat in the arms of one round roll of a back, without corners."""
    cloth = fabric(colours["cover"], kind="felt", weave=0.0007)
    plan = superellipse(0.63, 0.4, 3.2, 160)
    plan[:, 1] -= 0.04 * (1 - (plan[:, 0] / 0.63) ** 2) * (plan[:, 1] < 0)
    base = pad("base", plan * [1.08, 0.97], 0.13, edge=0.06)
    seat = pad("seat", plan, 0.24, edge=0.13, crown=0.03)
    angles = np.linspace(math.radians(-14), math.radians(194), 140)
    arc = superellipse(0.68, 0.34, 3.4, 4000)
    turn = np.arctan2(arc[:, 1] / 0.34, arc[:, 0] / 0.68)
    path = []
    for a in angles:
        near = np.abs((turn - a + math.pi) % (2 * math.pi) - math.pi).argmin()
        path.append((*arc[near], 0.415))
    reach = np.linspace(-1, 1, 140)
    ends = (1 - np.abs(reach) ** 20) ** 0.5 * 0.95 + 0.05
    section = superellipse(0.115, 0.3, 3.0, 56)
    back = sweep("back", path, section, up=(0, 0, 1), scales=ends)
    parts = [move(base, (0, 0, 0.145)), move(seat, (0, -0.05, 0.315)), back]
    for k, (x, y) in enumerate(((0.43, 0.17), (-0.46, 0.16)), 1):
        bolster = ball(f"cushion.{k}", (0.2, 0.08, 0.18), power=2.5)
        parts.append(move(bolster, (x, y, 0.57), (-16, 0, -8 * k + 10)))
    warp(back, lambda p: (p.x, p.y, p.z + 0.07 * (p.y + 0.1) * (p.z > 0.4) * (p.z - 0.4) / 0.2))
    parts = [paint(crumple(part, 0.004, 0.1, k), cloth) for k, part in enumerate(parts)]
    feet = []
    for k, (x, y) in enumerate(((-0.5, -0.24), (0.5, -0.24), (-0.5, 0.24), (0.5, 0.24)), 1):
        foot = lathe(f"leg.{k}", [(0, 0), (0.034, 0), (0.036, 0.004), (0.04, 0.08), (0, 0.08)])
        feet.append(paint(move(foot, (x, y, 0)), wood("#7a4f2e", "#543218")))
    return parts + feet


_TUFT = (0.15, 0.13)
_WIDE, _DEEP, _ROUND = 0.72, 0.36, 0.12


def _plan(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Walk from the left arm's front around the back: points (x, y) and normals outwards."""
    corner = [(a, 1) for a in np.linspace(0, math.pi / 2, 40)]
    left = [
        (-_WIDE + _ROUND * (1 - math.cos(a)), _DEEP - _ROUND * (1 - math.sin(a))) for a, _ in corner
    ]
    half = [(-_WIDE, -0.42), *left]
    knots = half + [(-x, y) for x, y in reversed(half)]
    path = evenly(knots, count)
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    return path, np.stack([-along[:, 1], along[:, 0]], axis=1)


def _roll() -> np.ndarray:
    """List the section (outwards, z): up the inner face, over the roll, down the outer face."""
    knots = [(-0.055, 0.22), (-0.06, 0.4), (-0.055, 0.55)]
    turns = np.linspace(math.radians(205), math.radians(-60), 9)
    curl = [(0.025 + 0.085 * math.cos(a), 0.635 + 0.085 * math.sin(a)) for a in turns]
    return smooth_path([*knots, *curl, (0.05, 0.5), (0.05, 0.3), (0.05, 0.12)], 110)


def _shell() -> tuple[Part, list[Point], np.ndarray]:
    """Skin back and arms, the inner face pressed in diamonds; tell buttons and the front edge."""
    path, normals = _plan(420)
    section = _roll()
    slope = np.gradient(section, axis=0)
    slope /= np.linalg.norm(slope, axis=1, keepdims=True)
    up = np.r_[0, np.cumsum(np.linalg.norm(np.diff(section, axis=0), axis=1))]
    length = float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())
    rings, buttons = [], []
    for k, (point, normal) in enumerate(zip(path, normals, strict=True)):
        t = (k / (len(path) - 1) - 0.5) * length
        fade = min(max((length / 2 - abs(t)) / 0.05 - 0.2, 0), 1)
        ring = []
        for (out, z), (dx, dz), s in zip(section, slope, up, strict=True):
            push = fade * _tuft(t, s) * min(max((0.62 - s) / 0.08, 0), 1)
            o, h = out - dz * push, z + dx * push
            ring.append((point[0] + normal[0] * o, point[1] + normal[1] * o, h))
        rings.append([*ring, *_inside(point, normal)])
    for i in range(-14, 15):
        for j in range(1, 5):
            t, s = i * _TUFT[0] / 2, j * _TUFT[1] / 2 + 0.19
            k, row = round((t / length + 0.5) * (len(path) - 1)), int(np.abs(up - s).argmin())
            if (i + j) % 2 == 0 and 6 < k < len(path) - 7:
                buttons.append(rings[k][row])
    return loft("body", rings), buttons, np.array(rings[0][: len(section)])


def _inside(point: np.ndarray, normal: np.ndarray) -> list[Point]:
    """Close a section of the roll underneath."""
    return [(*(point + normal * o), z) for o, z in ((0.02, 0.12), (-0.04, 0.14))]


def _tuft(t: float, s: float) -> float:
    """Tell how far leather stands out of its pleats, which run between buttons in diamonds."""
    p, q = t / _TUFT[0] + (s - 0.19) / _TUFT[1], t / _TUFT[0] - (s - 0.19) / _TUFT[1]
    puff = (abs(math.sin(math.pi * p)) * abs(math.sin(math.pi * q))) ** 0.45
    low = abs(math.cos(math.pi * p) * math.cos(math.pi * q)) ** 10
    return (0.03 * puff - 0.012 * low) * min(max((s - 0.1) / 0.08, 0), 1)


def _chesterfield(colours: Paint) -> list[Part]:
    """Model rolled arms as high as the back, buttoned all around, with nails along the fronts."""
    hide = leather(colours["cover"], rough=0.4)
    brass = metal("#b58f45", rough=0.3)
    body, buttons, edge = _shell()
    parts = [body, box("base", (1.44, 0.82, 0.2), 0.02, (0, -0.03, 0.1))]
    for k, point in enumerate(buttons, 1):
        parts.append(_stud(f"button.{k}", 0.011, point))
    for k, s in enumerate((-1, 1), 1):
        face = edge * [-s, 1, 1]
        piping = sweep(f"piping.{k}", face - [0, 0.001, 0], circle(0.006, 10))
        parts.append(piping)
        parts.append(_cushion(f"seat.{k}", (0.625, 0.68, 0.16), (s * 0.314, -0.085, 0.375)))
    for part in parts:
        paint(part, hide)
    middle = np.array([0.0, 0.0, 0.62])
    nails = []
    for s in (-1, 1):
        face = edge * [-s, 1, 1]
        centre = np.array([face[:, 0].mean(), face[0, 1], middle[2]])
        nails += [p + (centre - p) * [0.22, 0, 0.08] for p in face[10:108:4]]
    nails += [np.array([x, -0.442, 0.125]) for x in np.linspace(-0.66, 0.66, 54)]
    for k, (x, y, z) in enumerate(nails, 1):
        parts.append(paint(_stud(f"nail.{k}", 0.006, (x, y, z)), brass))
    ball_foot = [(0, 0), (0.022, 0), (0.03, 0.012), (0.042, 0.04), (0.043, 0.055), (0.036, 0.078)]
    neck = [(0.026, 0.085), (0.03, 0.092), (0.046, 0.1), (0.046, 0.12), (0, 0.12)]
    for k, (x, y) in enumerate(((-0.66, -0.37), (0.66, -0.37), (-0.66, 0.33), (0.66, 0.33)), 1):
        leg = move(lathe(f"leg.{k}", [*ball_foot, *neck], turns=32), (x, y, 0))
        parts.append(paint(leg, wood("#5a3520", "#33190c")))
    return parts


def _wooden(colours: Paint) -> list[Part]:
    """Model a showwood frame with paddle arms and a slatted back, loose cushions on it."""
    across, along, upright = (
        wood(colours["frame"], colours["frame grain"], axis=axis, grain=0.03) for axis in "xyz"
    )
    parts = [
        paint(box(f"rail.{k}", (1.26, 0.026, 0.075), 0.008, (0, y, 0.27)), across)
        for k, y in enumerate((-0.33, 0.27), 1)
    ]
    for k, z in enumerate((0.46, 0.73), 1):
        rail = box(f"crest.{k}", (1.26, 0.026, 0.06), 0.01)
        parts.append(paint(move(rail, (0, 0.235 + z * 0.2, z), (-14, 0, 0)), across))
    for k, x in enumerate(np.linspace(-0.54, 0.54, 11), 1):
        slat = rod(f"slat.{k}", (x, 0.33, 0.48), (x, 0.386, 0.75), [(0, 0.009), (1, 0.009)])
        parts.append(paint(slat, upright))
    for k, s in enumerate((-1, 1), 1):
        parts += _side(k, s, along, upright)
    deck = paint(box("deck", (1.24, 0.6, 0.015), 0.004, (0, -0.03, 0.325)), rubber("#33302c"))
    cloth = fabric(colours["cover"], weave=0.0003)
    soft = []
    for k, s in enumerate((-1, 1), 1):
        soft.append(_cushion(f"seat.{k}", (0.615, 0.64, 0.13), (s * 0.309, -0.06, 0.405)))
        soft.append(
            _cushion(f"cushion.{k}", (0.6, 0.4, 0.13), (s * 0.306, 0.225, 0.645), (77, 0, 0))
        )
    return [*parts, deck, *(paint(part, cloth) for part in soft)]


def _side(k: int, s: int, along: Surface, upright: Surface) -> list[Part]:
    """Model two legs, the rail between them and an arm shaped like a paddle."""
    x = s * 0.655
    front = rod(f"leg.{k}", (x, -0.33, 0.57), (x, -0.36, 0), [(0, 0.018), (0.5, 0.024), (1, 0.014)])
    rear = rod(f"leg.{k + 2}", (x, 0.3, 0.57), (x, 0.38, 0), [(0, 0.018), (0.5, 0.024), (1, 0.014)])
    side = paint(box(f"siderail.{k}", (0.026, 0.62, 0.06), 0.008, (x, -0.02, 0.28)), along)
    start, end = (x * 0.955, 0.285, 0.3), (x * 0.955, 0.395, 0.8)
    post = rod(f"post.{k}", start, end, [(0, 0.018), (0.5, 0.017), (1, 0.013)])
    half = [(0.0, -0.4), (0.032, -0.393), (0.044, -0.34), (0.043, -0.2), (0.032, 0.05)]
    half += [(0.024, 0.3), (0.018, 0.39)]
    ring = smooth_path([*half, (0, 0.4), *((-a, b) for a, b in half[:0:-1])], 96, closed=True)
    arm = pad(
        f"arm.{k}",
        ring,
        0.026,
        edge=0.2,
        bend=lambda a, b, h: (x + a, b - 0.02, 0.583 + h - 0.03 * b),
    )
    return [*(paint(p, upright) for p in (front, rear, post)), side, paint(arm, along)]


_SHAPES = {"boxy": _boxy, "rounded": _rounded, "chesterfield": _chesterfield, "wooden": _wooden}

KIND = Kind(
    name=Words("Sofa", "沙发"),
    category=(Words("Furniture", "家具"), Words("Living room", "客厅家具"), Words("Sofas", "沙发")),
    stands="floor",
    sides=(26.0, -38.0, 152.0),
    height_deg=15,
    detachable=("leg", "seat", "cushion"),
    build=build,
    groups=(
        Group(
            "sofa-fjell", "Norrvik",
            Words("Fjell two-seat sofa, 160 cm", "山野双人布艺沙发 160 厘米"),
            Words("Square arms, piped loose cushions and oak feet: a plain, comfortable two-seater "
                  "with washable covers.",
                  "方正扶手，滚边坐垫靠垫，橡木脚，简洁舒适，外套可拆洗。"),
            Words("Polyester weave, oak feet", "涤纶面料，橡木脚"), "699.00",
            (
                Variant(Words("light grey", "浅灰色"), {"cover": "#98999b", "pillow": "#c98a2b",
                        "leg": "#bd8a52", "leg grain": "#936134"}, "grey"),
                Variant(Words("navy", "藏青色"), {"cover": "#25365a", "pillow": "#c9bda6",
                        "leg": "#bd8a52", "leg grain": "#936134"}, "blue"),
            ),
            {"shape": "boxy"},
        ),
        Group(
            "sofa-nimbus", "Norrvik",
            Words("Nimbus curved loveseat, 155 cm", "云团弧形双人沙发 155 厘米"),
            Words("A deep seat held by one round, generous back, covered in looped bouclé.",
                  "一体弧形靠背环抱加厚坐垫，圈圈绒面料，触感柔软。"),
            Words("Bouclé", "圈圈绒"), "849.00",
            (
                Variant(Words("ivory", "象牙白"), {"cover": "#e8e0d0"}, "white"),
                Variant(Words("burnt orange", "焦橙色"), {"cover": "#b55a1a"}, "orange"),
            ),
            {"shape": "rounded"},
        ),
        Group(
            "sofa-wexford", "Norrvik",
            Words("Wexford buttoned two-seat sofa, 165 cm", "韦氏拉扣双人皮沙发 165 厘米"),
            Words("Deep diamond buttoning, rolled arms and hand-set brass nails on turned feet.",
                  "菱形深拉扣，卷边扶手，手工铜钉，车旋木脚，经典英式款。"),
            Words("Full-grain leather", "头层牛皮"), "1490.00",
            (
                Variant(Words("chestnut brown", "栗棕色"), {"cover": "#6b3a1e"}, "brown"),
                Variant(Words("bottle green", "墨绿色"), {"cover": "#1f4433"}, "green"),
            ),
            {"shape": "chesterfield"},
        ),
        Group(
            "sofa-holm", "Norrvik",
            Words("Holm wooden-frame loveseat, 138 cm", "屿岸实木框架双人沙发 138 厘米"),
            Words("Paddle arms and a spindle back in solid wood, with loose cushions that zip out "
                  "of their covers.",
                  "实木框架，桨形扶手，圆棒靠背，坐垫靠垫可拆，拉链外套方便清洗。"),
            Words("Solid ash, cotton blend", "白蜡木实木，棉混纺"), "599.00",
            (
                Variant(Words("mustard", "芥末黄"), {"cover": "#c58a1c", "frame": "#80512d",
                        "frame grain": "#573319"}, "yellow"),
                Variant(Words("dusty rose", "豆沙粉"), {"cover": "#bf7f80", "frame": "#80512d",
                        "frame grain": "#573319"}, "pink"),
            ),
            {"shape": "wooden"},
        ),
    ),
)  # fmt: skip
