"""Clocks that stand: a twin-bell alarm, a mantel clock, a round on a cradle, a flip clock."""

import math
from collections.abc import Sequence

import numpy as np

from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import (
    Outline,
    Part,
    Point,
    ball,
    box,
    circle,
    joined,
    lathe,
    letters,
    loft,
    mesh,
    move,
    paint,
    panel,
    smooth_path,
    superellipse,
    sweep,
)
from sample_shop.model.surfaces import Surface, lacquer, metal, rubber, wood

BRASS, STEEL = "#b8965c", "#c9cbcd"
ROMAN = ["XII", "I", "II", "III", "IIII", "V", "VI", "VII", "VIII", "IX", "X", "XI"]
ARABIC = ["12", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]
_FOOT = ((0, 0), (0.009, 0), (0.0115, 0.002), (0.0115, 0.005), (0.009, 0.0068), (0, 0.0068))


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a clock of ``shape`` alarm, mantel, round or flip."""
    shapes = {"alarm": _alarm, "mantel": _mantel, "round": _round, "flip": _flip}
    return shapes[form["shape"]](colours)


def _plate(code: str) -> Surface:
    """Take brass and steel for metal, any other colour for paint."""
    return metal(code, rough=0.2) if code in {BRASS, STEEL} else lacquer(code, rough=0.22)


def _turned(
    name: str, profile: Outline, at: Point, turns: int = 112, *, back: bool = False
) -> Part:
    """Turn (radius, towards the viewer, or away from it at the ``back``) about the y axis."""
    return move(lathe(name, profile, turns=turns), at, (-90 if back else 90, 0, 0))


def _marks(name: str, every: int, radii: tuple[float, float], wide: float, at: Point) -> Part:
    """Print a stroke at each ``every``-th minute, from the first radius to the second."""
    points, faces = [], []
    for minute in range(0, 60, every):
        a = math.radians(6 * minute)
        for across, r in ((-1, radii[0]), (1, radii[0]), (1, radii[1]), (-1, radii[1])):
            x, z, c, s = across * wide / 2, r, math.cos(a), math.sin(a)
            points.append((at[0] + x * c + z * s, at[1], at[2] + z * c - x * s))
        faces.append(list(range(len(points) - 4, len(points))))
    return mesh(name, points, faces, smooth=False)


def _numerals(texts: Sequence[str], radius: float, tall: float, at: Point, *, lean: bool) -> Part:
    """Write the hours round a dial, upright or leaning with the radius."""
    every = []
    for hour, text in enumerate(texts):
        a = math.radians(30 * hour)
        spot = (at[0] + radius * math.sin(a), at[1], at[2] + radius * math.cos(a))
        turn = (90, 30 * hour if lean else 0, 0)
        every.append(letters("numerals", text, tall, spot, turn, 0.0003))
    return joined("numerals", every)


def _hand(name: str, outline: Outline, turn_deg: float, at: Point, code: str) -> Part:
    """Cut a hand that points up and turn it clockwise."""
    cut = panel(name, outline, 0.0009, 0.0002)
    return paint(move(cut, at, (0, turn_deg, 0)), _plate(code))


def _baton(length: float, tail: float, wide: float) -> Outline:
    """Draw a straight hand with a blunt tip and a tail."""
    tip, foot = length * 0.96, wide * 0.6
    return [(-foot, -tail), (foot, -tail), (wide / 2, tip), (0, length), (-wide / 2, tip)]


def _spade(length: float, wide: float) -> Outline:
    """Draw an old hand: a thin shaft that swells to a leaf before its tip."""
    shaft = [(wide * 0.35, -length * 0.16), (wide * 0.22, length * 0.5), (wide, length * 0.66)]
    leaf = [(wide * 0.75, length * 0.76), (wide * 0.2, length * 0.86), (wide * 0.1, length)]
    half = [*shaft, *leaf]
    return [*half, *((-x, z) for x, z in reversed(half))]


def _hub(radius: float, at: Point, code: str) -> Part:
    profile = [(0, 0), (radius, 0), (radius, 0.002), (radius * 0.7, 0.0027), (0, 0.003)]
    return paint(_turned("hub", profile, at, 32), _plate(code))


def _alarm(colours: Paint) -> list[Part]:
    """Put two bells and a hammer on a round case."""
    z, dial_y = 0.065, -0.0148
    pot = [(0, -0.023), (0.044, -0.023), (0.0475, -0.02), (0.0485, -0.016), (0.0485, 0.0125)]
    case = _turned("case", pot, (0, 0, z))
    outer = [(0.0483, 0.0125), (0.0505, 0.0135), (0.0515, 0.017), (0.051, 0.021)]
    inner = [(0.0485, 0.0238), (0.0455, 0.0232), (0.0435, 0.0205), (0.0432, 0.0138)]
    bezel = _turned("bezel", [*outer, *inner], (0, 0, z))
    dial = _turned("dial", [(0.0434, 0.0142), (0, 0.0142)], (0, 0, z))
    marks = _marks("marks", 1, (0.0392, 0.0412), 0.0006, (0, dial_y, z))
    hours = _numerals(ARABIC, 0.0322, 0.0108, (0, dial_y, z), lean=False)
    for part in (case, bezel):
        paint(part, lacquer(colours["case"], rough=0.16))
    ring = [(0.0462, 0.0236), (0.0448, 0.0242), (0.0428, 0.0208), (0.0425, 0.0138)]
    chrome = _turned("bezel.1", ring, (0, 0, z))
    paint(chrome, _plate(colours["metal"]))
    paint(dial, lacquer("#f3eee1", rough=0.5))
    for part in (marks, hours):
        paint(part, lacquer("#26272b", rough=0.5))
    hands = [
        _hand("hand.alarm", _baton(0.02, 0.004, 0.0014), 195, (0, -0.016, z), "#b3302a"),
        _hand("hand.hour", _spade(0.0235, 0.0028), 305, (0, -0.0172, z), "#26272b"),
        _hand("hand.minute", _spade(0.0345, 0.0022), 54, (0, -0.0184, z), "#26272b"),
        _hub(0.0024, (0, -0.018, z), "#26272b"),
    ]
    face = [case, bezel, chrome, dial, marks, hours, *hands]
    return [*face, *_bells(z, colours), *_legs(z, colours), *_winders(z)]


def _bells(z: float, colours: Paint) -> list[Part]:
    """Screw the bells on, with a hammer between and a handle over both."""
    flare = [(0.0225, 0.0), (0.0228, 0.0012), (0.0222, 0.006), (0.019, 0.0125)]
    outside = smooth_path([*flare, (0.0125, 0.0168), (0.0, 0.0182)], 30)
    profile = [*outside, *[(max(r - 0.0012, 0), h - 0.001) for r, h in reversed(outside)]]
    grip = [(0, 0.017), (0.004, 0.017), (0.0045, 0.0185), (0.0035, 0.021), (0.0022, 0.0235)]
    nut = [*grip, (0, 0.024)]
    post, parts = [(0, -0.01), (0.003, -0.01), (0.003, 0.017)], []
    for number, lean in enumerate((-40, 40)):
        at = (0.0565 * math.sin(math.radians(lean)), 0, z + 0.0565 * math.cos(math.radians(lean)))
        for name, rings, count in (("bell", profile, 72), ("nut", nut, 28), ("post", post, 20)):
            turned = lathe(f"{name}.{number}", rings, turns=count)
            parts.append(paint(move(turned, at, (0, lean, 0)), _plate(colours["metal"])))
    x, top = 0.0795 * math.sin(math.radians(40)), z + 0.0795 * math.cos(math.radians(40))
    rise = [(x, 0, top), (0.046, 0, top + 0.012), (0.026, 0, top + 0.0265)]
    knots = [*((-a, b, c) for a, b, c in rise), (0, 0, top + 0.031), *rise[::-1]]
    handle = sweep("handle", smooth_path(knots, 70), circle(0.0023, 14))
    rod = sweep("hammer", [(0, 0.004, z + 0.045), (0, 0.004, z + 0.064)], circle(0.0014, 10))
    ends = [(x, 0.004, z + 0.0635) for x in (-0.0085, -0.0078, 0.0078, 0.0085)]
    head = sweep("hammer.1", ends, circle(0.0048, 24), scales=[0.8, 1, 1, 0.8])
    for part in (handle, rod, head):
        paint(part, _plate(colours["metal"]))
    return [*parts, handle, rod, head]


def _legs(z: float, colours: Paint) -> list[Part]:
    """Splay two legs in front and one behind, each with a ball for a foot."""
    legs = []
    spots = ((-0.03, -0.009, -0.04, -0.009), (0.03, -0.009, 0.04, -0.009), (0, 0.014, 0, 0.02))
    for number, (x, y, *foot) in enumerate(spots):
        top = (x, y, z - 0.035 if x else z - 0.046)
        leg = sweep(f"leg.{number}", [top, (*foot, 0.0045)], circle(0.0036, 18))
        end = ball(f"leg.{number + 3}", (0.0052, 0.0052, 0.0045), (*foot, 0.0045))
        legs += [paint(leg, _plate(colours["metal"])), paint(end, _plate(colours["metal"]))]
    return legs


def _winders(z: float) -> list[Part]:
    """Put the winding keys and setting knobs on the back."""
    parts = []
    for number, (x, up) in enumerate(((-0.02, 0.008), (0.02, 0.008))):
        stem = sweep(f"key.{number}", [(x, 0.022, z + up), (x, 0.03, z + up)], circle(0.002, 12))
        wing = box(f"key.{number + 2}", (0.018, 0.0016, 0.009), 0.0007, (x, 0.031, z + up - 0.0045))
        parts += [stem, wing]
    for number, (x, up) in enumerate(((-0.012, -0.018), (0.012, -0.018), (0, 0.026))):
        knob = [(0.0042, 0), (0.0045, 0.0055), (0.004, 0.0065), (0, 0.0065)]
        at = (x, 0.0225, z + up)
        parts.append(_turned(f"key.{number + 4}", knob, at, 24, back=True))
    return [paint(part, metal(STEEL, rough=0.25)) for part in parts]


def _mantel(colours: Paint) -> list[Part]:
    """Saw the hat of a mantel clock, with a brass-rimmed dial and a plinth."""
    z, face = 0.108, -0.047
    hat = [(0.0, 0.204), (0.04, 0.198), (0.074, 0.177), (0.092, 0.148), (0.104, 0.112)]
    half = [*hat, (0.122, 0.084), (0.15, 0.066), (0.166, 0.056), (0.17, 0.044)]
    right = [tuple(p) for p in smooth_path(half, 40)]
    outline = [(-x, h) for x, h in right[:0:-1]] + right + [(0.17, 0.016), (-0.17, 0.016)]
    body = panel("case", outline[::-1], 0.094, 0.005)
    plinth = box("plinth", (0.366, 0.116, 0.014), 0.004, (0, 0, 0.006))
    corners = [(x, y) for x in (-0.165, 0.165) for y in (-0.04, 0.04)]
    feet = [move(lathe(f"foot.{k}", _FOOT, turns=36), (*at, 0)) for k, at in enumerate(corners)]
    for foot in feet:
        paint(foot, _plate(BRASS))
    for part in (body, plinth):
        paint(part, wood(colours["case"], colours["grain"], axis="x", grain=0.02, rough=0.28))
    ring = [(0.0765, 0.0), (0.0765, 0.004), (0.074, 0.0095), (0.0715, 0.0105), (0.069, 0.008)]
    bezel = _turned("bezel", [*ring, (0.0685, 0.003)], (0, face, z))
    dial = _turned("dial", [(0.069, 0.0035), (0, 0.0035)], (0, face, z))
    at = (0, face - 0.0042, z)
    ink = [
        _numerals(ROMAN, 0.0545, 0.0145, at, lean=True),
        _marks("marks", 1, (0.0635, 0.066), 0.0006, at),
        _marks("marks.1", 5, (0.0628, 0.0668), 0.0014, at),
    ]
    paint(bezel, _plate(BRASS))
    paint(dial, lacquer(colours["dial"], rough=0.45))
    for part in ink:
        paint(part, lacquer(colours["ink"], rough=0.5))
    code = colours["hand"]
    hands = [
        _hand("hand.hour", _spade(0.038, 0.0045), 304, (0, face - 0.0058, z), code),
        _hand("hand.minute", _spade(0.058, 0.0032), 51, (0, face - 0.0072, z), code),
        _hub(0.0034, (0, face - 0.0065, z), BRASS),
    ]
    lid = [(0.066, 0.0), (0.066, 0.003), (0.062, 0.004), (0, 0.004)]
    door = _turned("door", lid, (0, 0.0468, z), back=True)
    paint(door, lacquer("#2b2521", rough=0.4))
    return [body, plinth, *feet, bezel, dial, *ink, *hands, door]


def _round(colours: Paint) -> list[Part]:
    """Roll a thick-rimmed disc into a wooden cradle."""
    radius, z = 0.084, 0.098
    turn = np.linspace(0.4, math.pi, 24)
    roll = [(radius - 0.018 + 0.018 * math.sin(a), -0.019 * math.cos(a)) for a in turn]
    front = [(radius - 0.0215, 0.017), (radius - 0.0235, 0.012), (radius - 0.024, 0.006)]
    rim = [(0.0, -0.016), (radius * 0.8, -0.016), *roll, *front]
    body = paint(_turned("case", rim, (0, 0, z), 128), lacquer(colours["case"], rough=0.38))
    dial = _turned("dial", [(radius - 0.0235, 0.0065), (0, 0.0065)], (0, 0, z))
    paint(dial, lacquer(colours["dial"], rough=0.6))
    at = (0, -0.0072, z)
    ink = [
        _marks("marks", 5, (0.0445, 0.0545), 0.0022, at),
        _marks("marks.1", 15, (0.0415, 0.0545), 0.0038, at),
        _marks("marks.2", 1, (0.0525, 0.0545), 0.0007, at),
    ]
    for part in ink:
        paint(part, lacquer(colours["ink"], rough=0.5))
    second = colours["second"]
    hands = [
        _hand("hand.hour", _baton(0.03, 0.007, 0.0046), 305, (0, -0.0085, z), colours["ink"]),
        _hand("hand.minute", _baton(0.047, 0.008, 0.0034), 54, (0, -0.0099, z), colours["ink"]),
        _hand("hand.second", _baton(0.05, 0.014, 0.0011), 200, (0, -0.0113, z), second),
        _hub(0.0036, (0, -0.0102, z), second),
    ]
    seat = [(0.0855 * math.sin(a), z - 0.0855 * math.cos(a)) for a in np.linspace(-0.52, 0.52, 24)]
    low = [(-0.056, 0.0), (0.056, 0.0), (0.056, 0.0225)]
    cradle = panel("cradle", [*low, *seat[::-1], (-0.056, 0.0225)], 0.052, 0.002)
    paint(cradle, wood(colours["wood"], colours["grain"], axis="x", grain=0.014))
    lid, key = [(0.03, 0), (0.03, 0.002), (0, 0.002)], [(0.006, 0), (0.0065, 0.005), (0, 0.0055)]
    hatch = _turned("door", lid, (0, 0.0158, z), back=True)
    paint(hatch, rubber("#2b2b2e"))
    wheel = _turned("key", key, (0.045, 0.0155, z), 32, back=True)
    paint(wheel, rubber("#2b2b2e"))
    return [body, dial, *ink, *hands, cradle, hatch, wheel]


_SHELL = ((0.047, 0.0475, 4), (0.0468, 0.0133, 5), (0.043, 0.0067, 5), (0.03, 0.0014, 6),
          (0.0, 0.0, 6), (-0.03, 0.0, 6), (-0.042, 0.0005, 6), (-0.045, 0.0014, 6),
          (-0.0458, 0.0033, 6), (-0.045, 0.0052, 7), (-0.036, 0.0081, 9),
          (-0.03, 0.009, 9))  # fmt: skip
"""Rings of the shell from the back over the lip to the window: y, inset, power of the outline."""


def _flip(colours: Paint) -> list[Part]:
    """Mould a rounded shell around two leaves of numerals that fall over."""
    z, wide, tall = 0.0565, 0.095, 0.048
    rings = [
        [(x, y, z + h) for x, h in superellipse(wide - inset, tall - inset, power, 96)]
        for y, inset, power in _SHELL
    ]
    shell = paint(loft("case", rings), lacquer(colours["case"], rough=0.2))
    frame = [(float(x), float(h)) for x, h in superellipse(wide * 0.93, tall * 0.86, 8, 64)]
    back = move(panel("window", frame, 0.002), (0, -0.0305, z))
    parts = [shell, paint(back, lacquer("#17181a", rough=0.5))]
    for number, (x, text) in enumerate(((-0.042, "10"), (0.042, "08"))):
        parts += _leaves(number, x, z, text, colours)
    for number, (x, y) in enumerate(((-0.07, -0.03), (0.07, -0.03), (-0.07, 0.03), (0.07, 0.03))):
        stub = [(0, 0), (0.008, 0), (0.009, 0.002), (0.009, 0.012), (0, 0.012)]
        foot = lathe(f"foot.{number}", stub, turns=32)
        parts.append(paint(move(foot, (x, y, 0)), rubber("#26272b")))
    rim = [(0, 0), (0.0125, 0), (0.014, 0.0015), (0.014, 0.008), (0.0125, 0.0095), (0, 0.0095)]
    wheel = lathe("knob", rim, turns=120, around=lambda a, _: 1 + 0.025 * math.cos(24 * a))
    for k in range(7):
        slot = box(f"vent.{k}", (0.05, 0.001, 0.0022), 0.0003, (0, 0.0469, z - 0.002 + 0.0045 * k))
        parts.append(paint(slot, lacquer("#17181a", rough=0.6)))
    hatch = box("door", (0.062, 0.0012, 0.022), 0.0005, (0, 0.0466, z - 0.03))
    parts.append(paint(hatch, lacquer(colours["case"], rough=0.45)))
    return [*parts, paint(move(wheel, (0.0945, 0.004, z), (0, 90, 0)), _plate(colours["knob"]))]


def _leaves(number: int, x: float, z: float, text: str, colours: Paint) -> list[Part]:
    """Hang an upper and a lower leaf on their axle and print a number across both."""
    surface = lacquer(colours["card"], rough=0.45)
    cards = [
        paint(box(f"card.{number + k}", (0.07, 0.002, 0.0335), 0.0009, (x, -0.0345, low)), surface)
        for k, low in ((0, z + 0.0005), (2, z - 0.034))
    ]
    at = (x, -0.0357, z - 0.0008)
    digits = letters(f"numerals.{number}", text, 0.066, at, depth=0.0002)
    split = box(f"axle.{number}", (0.071, 0.0008, 0.0011), 0.0, (x, -0.0361, z - 0.00055))
    ends = [(x + side * 0.0362, -0.035, z - 0.0055) for side in (-1, 1)]
    pegs = [box(f"axle.{number}{k}", (0.003, 0.004, 0.011), 0.001, e) for k, e in enumerate(ends)]
    paint(digits, lacquer(colours["digit"], rough=0.5))
    paint(split, lacquer("#0e0e10", rough=0.6))
    return [*cards, digits, split, *[paint(peg, metal(STEEL, rough=0.3)) for peg in pegs]]


KIND = Kind(
    name=Words("Table clock", "座钟"),
    category=(Words("Home & Kitchen", "家居厨房"), Words("Home decor", "家居装饰"), Words("Table clocks", "座钟")),
    stands="table", sides=(-20.0, 24.0, 152.0), height_deg=10,
    detachable=("hand.", "bell", "handle", "numerals", "knob"),
    build=build,
    groups=(
        Group(
            "clock-rooster", "Meridian", Words("Rooster twin-bell alarm clock, 16 cm", "雄鸡双铃机械闹钟，高 16 厘米"),
            Words("Two steel bells, a brisk hammer and keys to wind it: nobody sleeps through it.", "双钢铃配敲锤，手动上弦，铃声清脆响亮，再也不怕睡过头。"),
            Words("Enamelled steel", "烤漆钢"), "34.00",
            (Variant(Words("red", "红色"), {"case": "#b01f1c", "metal": STEEL}, "red"),
             Variant(Words("mint green", "薄荷绿"), {"case": "#5fa58c", "metal": BRASS}, "green")),
            {"shape": "alarm"},
        ),
        Group(
            "clock-ambrose", "Meridian", Words("Ambrose tambour mantel clock, 37 cm", "安布罗斯拱形木质座钟，宽 37 厘米"),
            Words("A mantel clock in the old hat shape, with Roman hours and a quartz movement that does not tick aloud.", "经典礼帽造型座钟，罗马数字表盘，静音石英机芯。"),
            Words("Solid wood, brass", "实木、黄铜"), "128.00",
            (Variant(Words("walnut", "胡桃木色"), {"case": "#74452a", "grain": "#472613", "dial": "#efe6cf", "ink": "#26221e", "hand": "#26272b"}, "brown"),
             Variant(Words("ebony", "乌木黑"), {"case": "#2c2826", "grain": "#1c1918", "dial": "#f3efe6", "ink": "#26221e", "hand": "#26272b"}, "black")),
            {"shape": "mantel"},
        ),
        Group(
            "clock-halo", "Meridian", Words("Halo round desk clock on a wooden cradle, 18 cm", "光环圆形木托台钟，高 18 厘米"),
            Words("A soft-edged round clock that lifts out of its oak cradle; a sweeping second hand, no ticking.", "圆润边框台钟，可从橡木底托取下，扫秒静音。"),
            Words("ABS, oak", "ABS 塑料、橡木"), "42.00",
            (Variant(Words("plum purple", "梅子紫"), {"case": "#5b3a78", "dial": "#f3efe8", "ink": "#2b2433", "second": "#d9822b", "wood": "#d0a468", "grain": "#ab7c45"}, "purple"),
             Variant(Words("grey", "灰色"), {"case": "#7f8487", "dial": "#f3efe8", "ink": "#2c2d30", "second": "#c23a2c", "wood": "#d0a468", "grain": "#ab7c45"}, "grey")),
            {"shape": "round"},
        ),
        Group(
            "clock-tumble", "Meridian", Words("Tumble retro flip clock, 19 cm", "翻页复古时钟，宽 19 厘米"),
            Words("The minutes fall with a small click behind a deep rounded frame, as they did in 1970.", "深边圆角外壳，分钟翻页轻声落下，重温七十年代的味道。"),
            Words("ABS, metal leaves", "ABS 塑料、金属翻页片"), "58.00",
            (Variant(Words("orange", "橙色"), {"case": "#d9601a", "card": "#232427", "digit": "#f3efe6", "knob": STEEL}, "orange"),
             Variant(Words("ivory", "象牙白"), {"case": "#e9e2d2", "card": "#232427", "digit": "#f3efe6", "knob": STEEL}, "white")),
            {"shape": "flip"},
        ),
    ),
)  # fmt: skip
