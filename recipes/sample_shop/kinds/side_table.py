"""Side tables: a round tripod, a bedside cabinet, a tray on crossed legs, a marble pedestal."""

import math

import numpy as np

from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import (
    Part,
    Point,
    box,
    circle,
    lathe,
    loft,
    move,
    paint,
    smooth_path,
    superellipse,
    sweep,
)
from sample_shop.model.patterns import Pattern
from sample_shop.model.surfaces import Surface, lacquer, metal, rubber, stone, wood

BRASS, STEEL = "#b8965c", "#c9cbcd"


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a table of ``shape`` tripod, cabinet, tray or pedestal."""
    shapes = {"tripod": _tripod, "cabinet": _cabinet, "tray": _tray, "pedestal": _pedestal}
    return shapes[form["shape"]](colours)


def _plate(code: str) -> Surface:
    """Take brass and steel for metal, any other colour for paint."""
    return metal(code, rough=0.24) if code in {BRASS, STEEL} else lacquer(code, rough=0.35)


def _tapered(name: str, foot: Point, head: Point, radii: tuple[float, float]) -> Part:
    """Turn a leg, thin at its foot, that stands flat on the floor however it leans."""
    share = np.linspace(0, 1, 24)
    axis = np.outer(1 - share, foot) + np.outer(share, head)
    thick = radii[0] + (radii[1] - radii[0]) * share**0.8
    thick[0] *= 0.88
    ring = superellipse(1, 1, 2, 32)
    places = zip(axis, thick, strict=True)
    return loft(name, [[(p[0] + r * x, p[1] + r * y, p[2]) for x, y in ring] for p, r in places])


def _disc(name: str, radius: float, low: float, thick: float, soft: float) -> Part:
    """Turn a table top with soft edges."""
    bend = np.linspace(0, math.pi / 2, 7)
    under = [(radius - soft + soft * math.sin(a), low + soft - soft * math.cos(a)) for a in bend]
    over = [
        (radius - soft + soft * math.cos(a), low + thick - soft + soft * math.sin(a)) for a in bend
    ]
    return lathe(name, [(0, low), *under, *over, (0, low + thick)], turns=140)


def _tripod(colours: Paint) -> list[Part]:
    """Stand a round top with a raised lip on three splayed legs and a smaller shelf."""
    height, radius, lip = 0.5, 0.225, 0.018
    under = [(0, 0.038), (radius - 0.03, 0.038), (radius - 0.012, 0.033), (radius - 0.002, 0.022)]
    drop = [(radius, 0.012), (radius - 0.001, 0.003), (radius - 0.005, 0), (radius - 0.01, 0.0015)]
    inner = [(radius - 0.015, height - 0.01), (radius - 0.024, height - lip + 0.001)]
    floor = [(radius - 0.035, height - lip), (0, height - lip)]
    profile = [*((r, height - depth) for r, depth in (*under, *drop)), *inner, *floor]
    top = lathe("top", profile, turns=160)
    paint(top, wood(colours["top"], colours["grain"], axis="x", grain=0.03))
    legs, feet = [], []
    surface = wood(colours["top"], colours["grain"], grain=0.02)
    for k in range(3):
        angle = 2 * math.pi * k / 3 - math.pi / 2
        c, s = math.cos(angle), math.sin(angle)
        foot, head = (0.2 * c, 0.2 * s, 0.004), (0.135 * c, 0.135 * s, height - 0.036)
        legs.append(paint(_tapered(f"leg.{k}", foot, head, (0.0105, 0.0195)), surface))
        pad = move(_disc(f"foot.{k}", 0.0085, 0, 0.0045, 0.001), (0.2 * c, 0.2 * s, 0))
        feet.append(paint(pad, rubber("#3a332c")))
    shelf = _disc("shelf", 0.164, 0.172, 0.014, 0.005)
    paint(shelf, wood(colours["top"], colours["grain"], axis="x", grain=0.03))
    return [top, *legs, *feet, shelf]


def _cabinet(colours: Paint) -> list[Part]:
    """Put a carcass with one drawer over an open shelf on four splayed legs."""
    wide, deep, low, high, board = 0.42, 0.36, 0.2, 0.52, 0.018
    skin, inner, tall = lacquer(colours["body"], rough=0.42), wide - 2 * board, high - low - board
    boards = (
        ("top", (wide, deep, board), (0, 0, high - board)),
        ("side.0", (board, deep, tall), (-wide / 2 + board / 2, 0, low)),
        ("side.1", (board, deep, tall), (wide / 2 - board / 2, 0, low)),
        ("shelf", (inner, deep, board), (0, 0, low)),
        ("shelf.1", (inner, deep - 0.03, 0.014), (0, 0.01, low + 0.15)),
        ("back", (inner, 0.008, tall - board), (0, deep / 2 - 0.012, low + board)),
    )
    parts = [paint(box(name, size, 0.0022, at), skin) for name, size, at in boards]
    front = (inner - 0.006, 0.018, high - board - low - 0.168)
    drawer = box("drawer", front, 0.0022, (0, -deep / 2 + 0.01, low + 0.165))
    parts.append(paint(drawer, lacquer(colours["drawer"], rough=0.42)))
    size = (front[0] - 0.02, deep - 0.06, front[2] - 0.03)
    inside = box("drawer.1", size, 0.0022, (0, 0, low + 0.172))
    parts.append(paint(inside, wood("#d9bd92", "#c3a273")))
    knob = [(0, 0), (0.0065, 0), (0.006, 0.008), (0.0075, 0.012), (0.0135, 0.017)]
    knob += [(0.0145, 0.021), (0.0125, 0.026), (0.007, 0.0285), (0, 0.029)]
    pull = lathe("knob", smooth_path(knob, 40)[1:], turns=48)
    move(pull, (0, -deep / 2 + 0.0015, low + 0.165 + front[2] / 2), (90, 0, 0))
    parts.append(paint(pull, _plate(colours["knob"])))
    return [*parts, *_stand(wide, deep, low, colours)]


def _stand(wide: float, deep: float, low: float, colours: Paint) -> list[Part]:
    """Screw four splayed legs under a frame of rails."""
    surface = wood(colours["leg"], colours["grain"])
    rails = wood(colours["leg"], colours["grain"], axis="x")
    parts = []
    for k, (sx, sy) in enumerate(((-1, -1), (1, -1), (1, 1), (-1, 1))):
        foot = (sx * (wide / 2 - 0.01), sy * (deep / 2 - 0.012), 0.0)
        head = (sx * (wide / 2 - 0.05), sy * (deep / 2 - 0.05), low - 0.001)
        parts.append(paint(_tapered(f"leg.{k}", foot, head, (0.0105, 0.0185)), surface))
    for number, y in enumerate((-deep / 2 + 0.052, deep / 2 - 0.052)):
        rail = box(f"rail.{number}", (wide - 0.1, 0.02, 0.032), 0.002, (0, y, low - 0.0325))
        parts.append(paint(rail, rails))
    return parts


def _tray(colours: Paint) -> list[Part]:
    """Lay a deep steel tray with two loops for hands on a folding frame of crossed legs."""
    height, radius = 0.51, 0.22
    rim = [(radius - 0.014, 0), (radius - 0.005, 0.004), (radius, 0.013), (radius + 0.002, 0.045)]
    up = [(r, height - 0.048 + z) for r, z in rim]
    lining = [(0.0005, 0.003), (-0.0015, 0.033), (-0.0065, 0.0425), (-0.014, 0.0462)]
    down = [(radius + out, height - depth) for out, depth in lining]
    tray = lathe("tray", [(0, up[0][1]), *up, *down, (0, down[-1][1])], turns=150)
    paint(tray, lacquer(colours["tray"], rough=0.3))
    turn = np.linspace(0, 2 * math.pi, 150, endpoint=False)
    r = radius + 0.0015
    ring = [(r * math.cos(a), r * math.sin(a), height - 0.002) for a in turn]
    lip = sweep("tray.1", ring, circle(0.0032, 12), closed=True)
    paint(lip, lacquer(colours["tray"], rough=0.3))
    return [tray, lip, *_loops(radius, height, colours), *_crossed(height - 0.0485, colours)]


_GRIP = ((0.001, 0.06, -0.02), (-0.012, 0.056, 0.004), (0.008, 0.046, 0.028), (0.016, 0.0, 0.036))
"""Half a tray's handle: out from the rim, along it from the middle, up from the top."""


def _loops(radius: float, height: float, colours: Paint) -> list[Part]:
    """Rivet a strap handle to either side of the rim."""
    loops = []
    for number, side in enumerate((-1, 1)):
        near = [(radius + out, -y, height + z) for out, y, z in _GRIP]
        far = [(x, -y, z) for x, y, z in near[2::-1]]
        knots = [*near, *far]
        path = [(side * x, y, z) for x, y, z in smooth_path(knots, 60)]
        handle = sweep(f"handle.{number}", path, circle(0.0045, 14))
        loops.append(paint(handle, _plate(colours["handle"])))
    return loops


def _crossed(top: float, colours: Paint) -> list[Part]:
    """Bend two tubes to frames that cross under the tray, pinned where they meet."""
    parts = []
    for number, (lean, inset) in enumerate(((1, 0.0), (-1, 0.017))):
        wide, reach = 0.15 - inset, 0.16
        foot, head = (-lean * reach, 0.008), (lean * reach, top - 0.008)
        for k, y in enumerate((-wide, wide)):
            path = [(foot[0], y, foot[1]), (head[0], y, head[1])]
            parts.append(sweep(f"leg.{number}{k}", path, circle(0.008, 18)))
        for k, (x, z) in enumerate((foot, head)):
            bar = [(x, -wide - 0.008, z), (x, wide + 0.008, z)]
            parts.append(sweep(f"leg.{number}{k + 2}", bar, circle(0.008, 18)))
    for part in parts:
        paint(part, lacquer(colours["leg"], rough=0.4))
    for number, side in enumerate((-1, 1)):
        path = [(0, side * 0.122, top / 2), (0, side * 0.161, top / 2)]
        pin = sweep(f"pin.{number}", path, circle(0.0075, 20))
        parts.append(paint(pin, _plate(colours["handle"])))
    return parts


def _pedestal(colours: Paint) -> list[Part]:
    """Set a marble disc on a fluted trumpet of metal."""
    height, radius, thick = 0.54, 0.2, 0.02
    veins = Pattern("marble", [colours["vein"], colours["vein.1"]], 0.07, share=0.1, space="box")
    top = _disc("top", radius, height - thick, thick, 0.004)
    paint(top, stone(colours["top"], pattern=veins, rough=0.42))
    foot = [(0.15, 0.0), (0.152, 0.004), (0.148, 0.012), (0.12, 0.021), (0.07, 0.036)]
    shaft = [(0.036, 0.075), (0.0235, 0.15), (0.021, 0.26), (0.0235, 0.37), (0.036, 0.45)]
    knots = [*foot, *shaft, (0.065, 0.492), (0.1, 0.51), (0.115, 0.514)]
    stem = lathe("base", [(0, 0), *smooth_path(knots, 90), (0.115, 0.52), (0, 0.52)], turns=120)
    paint(stem, _plate(colours["base"]))
    return [top, stem]


KIND = Kind(
    name=Words("Side table", "边几"),
    category=(Words("Furniture", "家具"), Words("Tables", "桌几"), Words("Side tables", "边几")),
    stands="floor",
    sides=(22.0, -35.0, 152.0),
    height_deg=20,
    detachable=("leg", "knob", "handle", "top"),
    build=build,
    groups=(
        Group(
            "side-table-arden", "Norrvik",
            Words("Arden round tripod side table with shelf, 45 cm", "雅登三脚圆边几（带搁板），直径 45 厘米"),
            Words("A lipped top turned from one board on three splayed legs, with a small shelf for the book you are reading.",
                  "整板车制带沿圆桌面，三条外撇腿，下层小搁板正好放手边的书。"),
            Words("Solid oak, oiled", "实木橡木，木蜡油"), "139.00",
            (
                Variant(Words("natural oak", "原木色"), {"top": "#d2a468", "grain": "#ac7a42"}, "beige"),
                Variant(Words("walnut stain", "胡桃木色"), {"top": "#6e452a", "grain": "#462815"}, "brown"),
            ),
            {"shape": "tripod"},
        ),
        Group(
            "side-table-hollis", "Norrvik",
            Words("Hollis bedside table with drawer, 42 × 36 cm", "霍利斯单抽床头柜，42 × 36 厘米"),
            Words("One drawer that closes softly over an open shelf, on splayed beech legs. Comes assembled.",
                  "单抽屉缓冲静音，下层开放格，外撇榉木腿，整装发货。"),
            Words("Lacquered MDF, beech, brass knob", "烤漆密度板、榉木、黄铜拉手"), "165.00",
            (
                Variant(Words("dusty blue", "灰蓝色"), {"body": "#3f6484", "drawer": "#3f6484", "leg": "#c99b63", "grain": "#a87a45", "knob": BRASS}, "blue"),
                Variant(Words("white", "白色"), {"body": "#ece7dd", "drawer": "#ece7dd", "leg": "#c99b63", "grain": "#a87a45", "knob": BRASS}, "white"),
            ),
            {"shape": "cabinet"},
        ),
        Group(
            "side-table-caravan", "Norrvik",
            Words("Caravan tray table with folding legs, 45 cm", "大篷车折叠托盘边几，直径 45 厘米"),
            Words("The steel tray lifts off by its two handles; the crossed legs fold flat behind a door.",
                  "钢制托盘可双手提起单独使用，交叉桌腿折叠后可收于门后。"),
            Words("Powder-coated steel", "喷粉钢"), "72.00",
            (
                Variant(Words("mustard yellow", "芥末黄"), {"tray": "#c98f12", "leg": "#26272b", "handle": BRASS}, "yellow"),
                Variant(Words("brick red", "砖红色"), {"tray": "#9c3522", "leg": "#26272b", "handle": BRASS}, "red"),
            ),
            {"shape": "tray"},
        ),
        Group(
            "side-table-tulipa", "Norrvik",
            Words("Tulipa marble pedestal table, 40 cm", "郁金香大理石独脚边几，直径 40 厘米"),
            Words("A polished marble disc on a spun trumpet base; each stone is veined differently.",
                  "抛光大理石圆面配旋压喇叭底座，每块石材纹理各异。"),
            Words("Marble, spun metal", "大理石、旋压金属"), "210.00",
            (
                Variant(Words("forest green marble", "森林绿大理石"), {"top": "#1d4a38", "vein": "#9fbfa9", "vein.1": "#0f2a20", "base": BRASS}, "green"),
                Variant(Words("black", "黑色大理石"), {"top": "#27272a", "vein": "#d8d2c6", "vein.1": "#101012", "base": "#26272b"}, "black"),
            ),
            {"shape": "pedestal"},
        ),
    ),
)  # fmt: skip
