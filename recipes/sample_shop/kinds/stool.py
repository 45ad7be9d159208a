"""Stools: a round bar stool, a swivel stool on a pedestal, a three-legged and a woven low stool."""

import math
from collections.abc import Sequence

import numpy as np

from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import (
    Part,
    Point,
    circle,
    joined,
    lathe,
    move,
    paint,
    smooth_path,
    superellipse,
    sweep,
    tube,
)
from sample_shop.model.surfaces import fabric, leather, metal, rubber
from sample_shop.model.timber import bent, folded, pad, rod, wooden


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a stool of ``shape`` bar, swivel, milking or woven."""
    return _SHAPES[form["shape"]](colours)


def _disc(name: str, radius: float, low: float, high: float, dish: float = 0.0) -> Part:
    """Turn a seat with rounded edges, its top hollow by ``dish``."""
    soft = min(0.014, (high - low) * 0.45)
    turns = np.linspace(-math.pi / 2, 0, 7)
    below = [(radius - soft + soft * math.cos(a), low + soft + soft * math.sin(a)) for a in turns]
    above = [(r, high + low - z) for r, z in reversed(below)]
    top = [
        (r, high - dish * (1 - (r / radius) ** 2) ** 1.5)
        for r in np.linspace(radius - soft - 0.004, 0.004, 14)
    ]
    return lathe(name, [(0, low), *below, *above, *top, (0, high - dish)])


def _legs(count: int, top: tuple[float, float], foot: float, knots: Sequence[Point]) -> list[Part]:
    """Splay legs about z from (radius, z) under the seat to the radius of their feet."""
    legs = []
    for k in range(count):
        a = math.pi / count + 2 * math.pi * k / count + (math.pi / 6 if count == 3 else 0)
        way = np.array([math.cos(a), math.sin(a), 0])
        legs.append(rod(f"leg.{k + 1}", way * top[0] + [0, 0, top[1]], way * foot, knots))
    return legs


def _ring(name: str, radius: float, z: float, thick: float) -> Part:
    """Bend a level ring for feet to rest on."""
    path = [(radius * math.cos(a), radius * math.sin(a), z) for a in np.linspace(0, 2 * np.pi, 96)]
    return sweep(name, path[:-1], circle(thick), closed=True)


def _bar(colours: Paint) -> list[Part]:
    """Model a dished round seat on four long legs that a steel ring holds together."""
    seat = paint(_disc("seat", 0.172, 0.632, 0.672, 0.009), wooden(colours, "wood", "x"))
    legs = _legs(4, (0.105, 0.64), 0.222, [(0, 0.0165), (0.3, 0.0175), (0.7, 0.0155), (1, 0.0115)])
    surface = wooden(colours, "wood", "z")
    ring = paint(_ring("footring", 0.176, 0.235, 0.0075), metal(colours["ring"], rough=0.3))
    plate = paint(_disc("plate", 0.13, 0.622, 0.634), rubber("#26272b"))
    return [seat, plate, ring, *(paint(leg, surface) for leg in legs)]


def _swivel(colours: Paint) -> list[Part]:
    """Model a padded low-backed seat on a gas column with a footrest and a trumpet base."""
    seat = [(-0.205, 0.722), (-0.12, 0.735), (-0.02, 0.73), (0.07, 0.743), (0.14, 0.79)]
    profile = [*seat, (0.18, 0.862), (0.205, 0.945)]
    outline = superellipse(0.215, 1, 3.2, 128)
    bend = folded(profile, lambda v: 0.6 + 2.9 / (1 + math.exp(-5 * (v - 0.1))))
    hide = leather(colours["seat"], rough=0.38)
    parts = [pad("seat", outline, 0.045, edge=0.13, crown=0.02, bend=bend)]
    rim = [bend(x * 1.004, v * 1.002, 0.0) for x, v in outline]
    parts.append(sweep("piping", rim, circle(0.0045, 10), closed=True))
    for part in parts:
        paint(part, hide)
    for k, v in enumerate((-0.5, -0.15, 0.35, 0.62), 1):
        wide = 0.205 * (1 - abs(v) ** 3.2) ** 0.31
        line = [bend(x, v, _crest(x / 0.215, v)) for x in np.linspace(-wide, wide, 40)]
        parts.append(paint(sweep(f"seam.{k}", line, circle(0.0035, 8)), leather(colours["seam"])))
    chrome = metal("#c9cbcd", rough=0.16)
    foot = [(0.2, 0), (0.205, 0.004), (0.203, 0.009), (0.16, 0.017), (0.09, 0.026)]
    foot += [(0.05, 0.04), (0.033, 0.065), (0.0285, 0.1)]
    sleeve = [(0.0285, 0.44), (0.031, 0.443), (0.031, 0.475)]
    steps = [*sleeve, (0.0175, 0.48), (0.0175, 0.66), (0, 0.66)]
    base = lathe("base", [*(tuple(p) for p in smooth_path(foot, 40)), *steps])
    right = [(0.028, 0, 0.3), (0.135, -0.03, 0.3), (0.13, -0.2, 0.3)]
    left = [(-x, y, z) for x, y, z in right[::-1]]
    loop = bent([*right, (0, -0.235, 0.3), *left], 0.045)
    collar = lathe("collar", [(0.029, 0.275), (0.037, 0.28), (0.037, 0.32), (0.029, 0.325)])
    metals = [base, collar, sweep("footrest", loop, circle(0.0105))]
    plate = paint(_disc("plate", 0.1, 0.655, 0.705), rubber("#26272b"))
    lever = paint(
        tube("lever", [(0, 0, 0.655), (0.1, -0.01, 0.655), (0.19, -0.02, 0.645)], 0.005), chrome
    )
    return [*parts, *(paint(part, chrome) for part in metals), plate, lever]


def _crest(x: float, v: float) -> float:
    """Tell how high the padded seat stands over its middle sheet, both across from -1 to 1."""
    reach = (abs(x) ** 3.2 + abs(v) ** 3.2) ** (1 / 3.2)
    edge = max((reach - 0.87) / 0.13, 0)
    return math.sqrt(max(1 - edge**2, 0)) * (0.045 + 0.02 * (1 - reach**2)) / 2


def _milking(colours: Paint) -> list[Part]:
    """Model a thick painted seat through which three stout legs come up as wedged tenons."""
    seat = paint(_disc("seat", 0.16, 0.3, 0.342, 0.006), wooden(colours, "seat", "x"))
    bulge = [(0, 0.016), (0.1, 0.018), (0.45, 0.0215), (0.75, 0.0185), (1, 0.0145)]
    legs = _legs(3, (0.098, 0.31), 0.172, bulge)
    surface = wooden(colours, "leg", "z")
    parts = [seat, *(paint(leg, surface) for leg in legs)]
    for k in range(3):
        a = math.pi / 2 + 2 * math.pi * k / 3
        peg = lathe(
            f"tenon.{k + 1}", [(0.0165, 0.3), (0.0165, 0.3405), (0.0155, 0.341), (0.001, 0.341)]
        )
        tenon = move(peg, (0.09 * math.cos(a), 0.09 * math.sin(a), 0))
        parts.append(paint(tenon, surface))
    return parts


_WIDE, _DEEP, _TOP = 0.215, 0.165, 0.435


def _strands(across: float, deep: float, turn_deg: float) -> list[Part]:
    """Wrap cords over the rail at y = -deep; each goes in until it meets the diagonal."""
    cords = []
    thick = 0.0031
    for x in np.arange(-across + 0.022, across - 0.02, thick * 1.9):
        inner = min(across - abs(x), deep)
        wrap = [
            (x, -deep + 0.0165 * math.cos(a), _TOP - 0.0165 + 0.0165 * math.sin(a))
            for a in np.linspace(1.9 * math.pi, 0.5 * math.pi, 12)
        ]
        end = -deep + inner
        sag = [
            (x, y, _TOP - 0.15 * max(y + deep, 0) ** 1.2 + 0.001 * math.sin(x * 900))
            for y in np.linspace(-deep + 0.005, end, 5)
        ]
        cord = sweep("cord", [*wrap, *sag], circle(thick, 8), up=(1, 0, 0))
        cords.append(move(cord, turn_deg=(0, 0, turn_deg)))
    return cords


def _woven(colours: Paint) -> list[Part]:
    """Model four posts and two tiers of rails; the seat is cord woven towards the diagonals."""
    upright = wooden(colours, "frame", "z")
    parts = []
    for k, (sx, sy) in enumerate(((-1, -1), (1, -1), (-1, 1), (1, 1)), 1):
        x, y = sx * _WIDE, sy * _DEEP
        post = rod(
            f"leg.{k}",
            (x, y, _TOP + 0.012),
            (x * 1.03, y * 1.03, 0),
            [(0, 0.012), (0.012, 0.0175), (0.06, 0.019), (0.5, 0.0185), (1, 0.0135)],
        )
        parts.append(paint(post, upright))
    ends = [(0, 0.0085), (0.2, 0.0105), (0.5, 0.0115), (0.8, 0.0105), (1, 0.0085)]
    number = 0
    for s in (-1, 1):
        for z, lift in ((0.13, 0.035), (0.27, 0.035)):
            number += 2
            x, y = _WIDE * 1.02, _DEEP * 1.02
            long = rod(f"rail.{number}", (-x, s * y, z), (x, s * y, z), ends)
            short = rod(f"rail.{number + 1}", (s * x, -y, z + lift), (s * x, y, z + lift), ends)
            parts += [
                paint(long, wooden(colours, "frame", "x")),
                paint(short, wooden(colours, "frame", "y")),
            ]
    cords = [c for a in (0, 180) for c in _strands(_WIDE, _DEEP, a)]
    cords += [c for a in (90, -90) for c in _strands(_DEEP, _WIDE, a)]
    return [*parts, paint(joined("seat", cords), fabric(colours["cord"], weave=0.0003))]


_SHAPES = {"bar": _bar, "swivel": _swivel, "milking": _milking, "woven": _woven}

KIND = Kind(
    name=Words("Stool", "凳子"),
    category=(Words("Furniture", "家具"), Words("Seating", "坐具"), Words("Stools", "凳子")),
    stands="floor",
    sides=(24.0, -40.0, 148.0),
    height_deg=18,
    detachable=("leg", "footring", "footrest"),
    build=build,
    groups=(
        Group(
            "stool-perch", "Norrvik",
            Words("Perch bar stool, seat height 67 cm", "栖枝实木吧凳 座高 67 厘米"),
            Words("A dished round seat on four splayed legs, tied together by a steel footring.",
                  "圆形微凹座面，四腿外撇，钢制脚圈加固，吧台与岛台都合适。"),
            Words("Solid beech, steel", "榉木实木，钢"), "89.00",
            (
                Variant(Words("natural beech", "榉木原色"),
                        {"wood": "#cda06c", "wood grain": "#ac7d4b", "ring": "#c9cbcd"}, "beige"),
                Variant(Words("forest green", "森林绿"),
                        {"wood": "#2c4a38", "ring": "#c9a14a"}, "green"),
            ),
            {"shape": "bar"},
        ),
        Group(
            "stool-dinah", "Norrvik",
            Words("Dinah swivel bar stool, 64–85 cm", "黛娜升降旋转吧椅 64–85 厘米"),
            Words("A padded seat with a low back turns through a full circle on a gas-lift column "
                  "with a chromed footrest.",
                  "软包矮背座椅，气压升降，360 度旋转，镀铬脚踏与底盘。"),
            Words("Leather, chromed steel", "皮革，镀铬钢"), "139.00",
            (
                Variant(Words("cherry red", "樱桃红"),
                        {"seat": "#9c1f22", "seam": "#6d1316"}, "red"),
                Variant(Words("black", "黑色"), {"seat": "#26272b", "seam": "#121315"}, "black"),
            ),
            {"shape": "swivel"},
        ),
        Group(
            "stool-trivet", "Norrvik",
            Words("Trivet three-legged stool, 34 cm", "小栈三脚矮凳 34 厘米"),
            Words("Three turned legs come up through a thick painted seat and are wedged in place: "
                  "it never wobbles.",
                  "三条车削凳腿穿过厚实彩漆座面，榫楔固定，放哪儿都稳。"),
            Words("Solid ash", "白蜡木实木"), "45.00",
            (
                Variant(Words("sunflower yellow", "向日葵黄"),
                        {"seat": "#dfa91c", "leg": "#cda06c", "leg grain": "#ac7d4b"}, "yellow"),
                Variant(Words("cobalt blue", "钴蓝色"),
                        {"seat": "#2750a0", "leg": "#cda06c", "leg grain": "#ac7d4b"}, "blue"),
            ),
            {"shape": "milking"},
        ),
        Group(
            "stool-sedge", "Norrvik",
            Words("Sedge woven stool, 44 cm", "莎草手编绳面矮凳 44 厘米"),
            Words("A seat of twisted paper cord, woven by hand over a turned frame with two tiers "
                  "of rails.",
                  "纸绳手工编织座面，车削圆木框架，双层横枨，结实透气。"),
            Words("Solid oak, paper cord", "橡木实木，纸绳"), "95.00",
            (
                Variant(Words("walnut and natural", "胡桃木配原色绳"),
                        {"cord": "#c3a273", "frame": "#6b4226", "frame grain": "#472813"}, "brown"),
                Variant(Words("plum", "梅紫色"),
                        {"cord": "#a98bb3", "frame": "#57336a"}, "purple"),
            ),
            {"shape": "woven"},
        ),
    ),
)  # fmt: skip
