"""Side tables: a round tripod, a bedside cabinet, a tray on crossed legs, a marble pedestal."""

import math
from collections.abc import Sequence

import bpy
import numpy as np

from sample_shop.model import forms
from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import box, circle, lathe, move, paint, smooth_path, sweep
from sample_shop.model.patterns import Pattern
from sample_shop.model.surfaces import lacquer, metal, rubber, stone, wood

BRASS, STEEL = "#b8965c", "#c9cbcd"


def build(form: Form, colours: Paint) -> list[object]:
    """Model a table of ``shape`` tripod, cabinet, tray or pedestal."""
    shapes = {"tripod": _tripod, "cabinet": _cabinet, "tray": _tray, "pedestal": _pedestal}
    return shapes[form["shape"]](colours)


def _plate(code: str) -> bpy.types.Material:
    return metal(code, rough=0.24) if code in {BRASS, STEEL} else lacquer(code, rough=0.35)


def _tapered(
    name: str, foot: Sequence[float], head: Sequence[float], radii: tuple[float, float]
) -> object:
    """Turn a leg, thin at its foot, that stands flat on the floor however it leans."""
    share = np.linspace(0, 1, 24)
    axis = np.outer(1 - share, foot) + np.outer(share, head)
    thick = radii[0] + (radii[1] - radii[0]) * share**0.8
    thick[0] *= 0.88
    ring = forms.superellipse(1, 1, 2, 32)
    return forms.loft(name, [[(p[0] + r * x, p[1] + r * y, p[2]) for x, y in ring]
                       for p, r in zip(axis, thick, strict=True)])  # fmt: skip


def _disc(name: str, radius: float, low: float, thick: float, soft: float) -> object:
    """Turn a table top with soft edges."""
    bend = np.linspace(0, math.pi / 2, 7)
    under = [(radius - soft + soft * math.sin(a), low + soft - soft * math.cos(a)) for a in bend]
    over = [
        (radius - soft + soft * math.cos(a), low + thick - soft + soft * math.sin(a)) for a in bend
    ]
    return lathe(name, [(0, low), *under, *over, (0, low + thick)], turns=140)


def _tripod(colours: Paint) -> list[object]:
    """Stand a round top with a raised lip on three splayed legs and a smaller shelf."""
    height, radius, lip = 0.5, 0.225, 0.018
    profile = [(0, height - 0.038), (radius - 0.03, height - 0.038),
            (radius - 0.012, height - 0.033), (radius - 0.002, height - 0.022),
            (radius, height - 0.012), (radius - 0.001, height - 0.003), (radius - 0.005, height),
            (radius - 0.01, height - 0.0015), (radius - 0.015, height - 0.01),
            (radius - 0.024, height - lip + 0.001), (radius - 0.035, height - lip),
            (0, height - lip)]  # fmt: skip
    top = paint(
        lathe("top", profile, turns=160),
        wood(colours["top"], colours["grain"], axis="x", grain=0.03),
    )
    legs, feet = [], []
    surface = wood(colours["top"], colours["grain"], grain=0.02)
    for k in range(3):
        angle = 2 * math.pi * k / 3 - math.pi / 2
        c, s = math.cos(angle), math.sin(angle)
        leg = _tapered(
            f"leg.{k}",
            (0.2 * c, 0.2 * s, 0.004),
            (0.135 * c, 0.135 * s, height - 0.036),
            (0.0105, 0.0195),
        )
        legs.append(paint(leg, surface))
        feet.append(
            paint(
                move(_disc(f"foot.{k}", 0.0085, 0, 0.0045, 0.001), (0.2 * c, 0.2 * s, 0)),
                rubber("#3a332c"),
            )
        )
    shelf = _disc("shelf", 0.164, 0.172, 0.014, 0.005)
    paint(shelf, wood(colours["top"], colours["grain"], axis="x", grain=0.03))
    return [top, *legs, *feet, shelf]


def _board(
    name: str, size: Sequence[float], at: Sequence[float], surface: bpy.types.Material
) -> object:
    return paint(box(name, size, 0.0022, at), surface)


def _cabinet(colours: Paint) -> list[object]:
    """Put a carcass with one drawer over an open shelf on four splayed legs."""
    wide, deep, low, high, board = 0.42, 0.36, 0.2, 0.52, 0.018
    skin = lacquer(colours["body"], rough=0.42)
    parts = [ _board("top", (wide, deep, board), (0, 0, high - board), skin), _board("side.0",
            (board, deep, high - low - board), (-wide / 2 + board / 2, 0, low), skin),
            _board("side.1", (board, deep, high - low - board), (wide / 2 - board / 2, 0, low),
            skin), _board("shelf", (wide - 2 * board, deep, board), (0, 0, low), skin),
            _board("shelf.1", (wide - 2 * board, deep - 0.03, 0.014), (0, 0.01, low + 0.15), skin),
            _board("back", (wide - 2 * board, 0.008, high - low - 2 * board),
            (0, deep / 2 - 0.012, low + board), skin) ]  # fmt: skip
    front = (wide - 2 * board - 0.006, 0.018, high - board - low - 0.168)
    parts.append(
        _board(
            "drawer",
            front,
            (0, -deep / 2 + 0.01, low + 0.165),
            lacquer(colours["drawer"], rough=0.42),
        )
    )
    parts.append(
        _board(
            "drawer.1",
            (front[0] - 0.02, deep - 0.06, front[2] - 0.03),
            (0, 0, low + 0.172),
            wood("#d9bd92", "#c3a273"),
        )
    )
    knob = [(0, 0), (0.0065, 0), (0.006, 0.008), (0.0075, 0.012), (0.0135, 0.017), (0.0145, 0.021),
            (0.0125, 0.026), (0.007, 0.0285), (0, 0.029)]  # fmt: skip
    pull = move(
        lathe("knob", smooth_path(knob, 40)[1:], turns=48),
        (0, -deep / 2 + 0.0015, low + 0.165 + front[2] / 2),
        (90, 0, 0),
    )
    parts.append(paint(pull, _plate(colours["knob"])))
    return [*parts, *_stand(wide, deep, low, colours)]


def _stand(wide: float, deep: float, low: float, colours: Paint) -> list[object]:
    """Screw four splayed legs under a frame of rails."""
    surface, rails = (
        wood(colours["leg"], colours["grain"]),
        wood(colours["leg"], colours["grain"], axis="x"),
    )
    parts = []
    for k, (sx, sy) in enumerate(((-1, -1), (1, -1), (1, 1), (-1, 1))):
        foot = (sx * (wide / 2 - 0.01), sy * (deep / 2 - 0.012), 0.0)
        head = (sx * (wide / 2 - 0.05), sy * (deep / 2 - 0.05), low - 0.001)
        parts.append(paint(_tapered(f"leg.{k}", foot, head, (0.0105, 0.0185)), surface))
    for number, y in enumerate((-deep / 2 + 0.052, deep / 2 - 0.052)):
        parts.append(
            paint(
                box(f"rail.{number}", (wide - 0.1, 0.02, 0.032), 0.002, (0, y, low - 0.0325)), rails
            )
        )
    return parts


def _tray(colours: Paint) -> list[object]:
    """Lay a deep steel tray with two loops for hands on a folding frame of crossed legs."""
    height, radius = 0.51, 0.22
    rim = [(radius - 0.014, 0), (radius - 0.005, 0.004), (radius, 0.013), (radius + 0.002, 0.045),
            (radius + 0.0045, 0.0475), (radius + 0.006, 0.0455),
            (radius + 0.0065, 0.0465)]  # fmt: skip
    up = [(r, height - 0.048 + z) for r, z in rim[:4]]
    down = [
        (radius + 0.0005, height - 0.003),
        (radius - 0.0015, height - 0.033),
        (radius - 0.0065, height - 0.0425),
        (radius - 0.014, height - 0.0462),
    ]
    tray = lathe("tray", [(0, up[0][1]), *up, *down, (0, down[-1][1])], turns=150)
    paint(tray, lacquer(colours["tray"], rough=0.3))
    turn = np.linspace(0, 2 * math.pi, 150, endpoint=False)
    lip = sweep("tray.1", [((radius + 0.0015) * math.cos(a), (radius + 0.0015) * math.sin(a),
            height - 0.002) for a in turn], circle(0.0032, 12), closed=True)  # fmt: skip
    paint(lip, lacquer(colours["tray"], rough=0.3))
    return [tray, lip, *_loops(radius, height, colours), *_crossed(height - 0.0485, colours)]


def _loops(radius: float, height: float, colours: Paint) -> list[object]:
    """Rivet a strap handle to either side of the rim."""
    loops = []
    for number, side in enumerate((-1, 1)):
        knots = [(radius + 0.001, -0.06, height - 0.02), (radius - 0.012, -0.056, height + 0.004),
                (radius + 0.008, -0.046, height + 0.028), (radius + 0.016, 0.0, height + 0.036),
                (radius + 0.008, 0.046, height + 0.028), (radius - 0.012, 0.056, height + 0.004),
                (radius + 0.001, 0.06, height - 0.02)]  # fmt: skip
        path = [(side * x, y, z) for x, y, z in smooth_path(knots, 60)]
        loops.append(
            paint(sweep(f"handle.{number}", path, circle(0.0045, 14)), _plate(colours["handle"]))
        )
    return loops


def _crossed(top: float, colours: Paint) -> list[object]:
    """Bend two tubes to frames that cross under the tray, pinned where they meet."""
    parts = []
    for number, (lean, inset) in enumerate(((1, 0.0), (-1, 0.017))):
        wide, reach = 0.15 - inset, 0.16
        foot, head = (-lean * reach, 0.008), (lean * reach, top - 0.008)
        for k, y in enumerate((-wide, wide)):
            path = [(foot[0], y, foot[1]), (head[0], y, head[1])]
            parts.append(sweep(f"leg.{number}{k}", path, circle(0.008, 18)))
        for k, (x, z) in enumerate((foot, head)):
            parts.append(
                sweep(
                    f"leg.{number}{k + 2}",
                    [(x, -wide - 0.008, z), (x, wide + 0.008, z)],
                    circle(0.008, 18),
                )
            )
    for part in parts:
        paint(part, lacquer(colours["leg"], rough=0.4))
    for number, side in enumerate((-1, 1)):
        pin = sweep(
            f"pin.{number}",
            [(0, side * 0.122, top / 2), (0, side * 0.161, top / 2)],
            circle(0.0075, 20),
        )
        parts.append(paint(pin, _plate(colours["handle"])))
    return parts


def _pedestal(colours: Paint) -> list[object]:
    """Set a marble disc on a fluted trumpet of metal."""
    height, radius, thick = 0.54, 0.2, 0.02
    veins = Pattern("marble", [colours["vein"], colours["vein.1"]], 0.07, share=0.1, space="box")
    top = paint(
        _disc("top", radius, height - thick, thick, 0.004),
        stone(colours["top"], pattern=veins, rough=0.42),
    )
    knots = [(0.15, 0.0), (0.152, 0.004), (0.148, 0.012), (0.12, 0.021), (0.07, 0.036),
            (0.036, 0.075), (0.0235, 0.15), (0.021, 0.26), (0.0235, 0.37), (0.036, 0.45),
            (0.065, 0.492), (0.1, 0.51), (0.115, 0.514)]  # fmt: skip
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
