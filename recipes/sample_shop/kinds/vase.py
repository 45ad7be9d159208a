"""Vases: an amphora, a plum vase in running glaze, a ring on a foot, and blown ribbed glass."""

import math
from collections.abc import Callable

import numpy as np

from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import Part, lathe, loft, paint, smooth_path, superellipse, sweep
from sample_shop.model.nodes import bump, colour, feed, noise, place, vector
from sample_shop.model.patterns import Pattern
from sample_shop.model.surfaces import Surface, glass, glaze, lacquer, overlaid, principled

MM = 0.001


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a vase from a profile in millimetres in one of four designs."""
    return _DESIGNS[form["design"]](form, colours)


def _turned(form: Form, around: Callable[[float, float], float] | None = None) -> Part:
    """Turn a hollow vase: up the outside, over a round rim, down a wall's thickness inside."""
    outline = smooth_path(form["body"], form.get("steps", 90)) * MM
    wall, floor = form["wall"] * MM, form["floor"] * MM
    along = np.gradient(outline, axis=0)
    out = np.stack([along[:, 1], -along[:, 0]], axis=1)
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    end, lean = outline[-1], out[-1]
    up = np.array([-lean[1], lean[0]])
    rim = [
        end - lean * wall / 2 * (1 - math.cos(a)) + up * wall / 2 * math.sin(a)
        for a in np.linspace(0.35, 2.8, 7)
    ]
    inside = [p for p in (outline - wall * out)[::-1] if p[1] > floor and p[0] > wall]
    foot = float(outline[0][0])
    under = [(0, 0.002), (foot - 0.009, 0.002), (foot - 0.006, 0.0003), (foot - 0.003, 0)]
    lining = [(inside[-1][0] * 0.8, floor), (0, floor)]
    profile = [(float(r), float(z)) for r, z in [*under, *outline, *rim, *inside, *lining]]
    return lathe("body", profile, turns=form.get("turns", 112), around=around)


def _lined(thing: Part, surface: Surface) -> None:
    """Give what faces the axis a surface of its own, so that no painting shows inside."""
    thing.data.materials.append(surface)
    for face in thing.data.polygons:
        middle, normal = face.center, face.normal
        inwards = middle.x * normal.x + middle.y * normal.y < 0
        face.material_index = int(inwards and middle.z > 0.006)


def _amphora(form: Form, colours: Paint) -> list[Part]:
    """Model a banded amphora with two handles."""
    body = _turned(form)
    low, size = form["bands"]
    bands = Pattern("bands", [colours["band"]] * 3, size * MM, share=0.42, low=low * MM)
    clay = lacquer(colours["body"], rough=0.5)
    paint(body, _toothed(lacquer(colours["body"], rough=0.5, pattern=bands), colours, form))
    _lined(body, clay)
    handles = [paint(_ear(form, number, side), clay) for number, side in ((1, 1), (2, -1))]
    return [body, *handles]


def _ear(form: Form, number: int, side: int) -> Part:
    """Sweep a handle from the neck to the shoulder."""
    path = [(side * x * MM, 0, z * MM) for x, z in smooth_path(form["ear"], 56)]
    section = [(float(x), float(y)) for x, y in superellipse(0.0052, 0.0105, 3, 28)]
    ends = np.minimum(np.arange(56), np.arange(56)[::-1])
    scales = (1 + 0.4 * np.exp(-ends / 3)) * np.linspace(0.92, 1.05, 56)
    return sweep(f"handle.{number}", path, section, up=(0, 1, 0), scales=list(scales))


def _toothed(surface: Surface, colours: Paint, form: Form) -> Surface:
    """Paint a frieze of triangles and a chain of rings around the shoulder."""
    tree = surface.node_tree
    x, y, z = place(tree)
    low, high = (level * MM for level in form["frieze"])
    turn = y.atan2(x) / (2 * math.pi)
    up = (z - low) / (high - low)
    tooth = ((turn * 30.0).modulo(1.0) - 0.5).abs() * 2.0
    drawn = (up - tooth).ramp(0.03, -0.03) * (up > 0.0) * (up < 0.93)
    overlaid(surface, drawn, colour(colours["band"]))
    return surface


def _plum(form: Form, colours: Paint) -> list[Part]:
    """Model a plum vase whose second glaze has run down from its mouth."""
    body = _turned(form)
    surface = glaze(colours["body"], rough=0.08, bare="#b99873", bare_below=0.006)
    tree = surface.node_tree
    x, y, z = place(tree)
    line = form["run"] * MM
    around = vector(tree, x, y, z * 0.12)
    runs = noise(tree, 0.022, 2, around) * 0.16 + noise(tree, 0.009, 1, around) * 0.05
    above = z + runs - (line + 0.105)
    edge = above.ramp(-0.03, 0.0) * above.ramp(0.035, 0.004)
    overlaid(surface, above.ramp(-0.006, 0.006), colour(colours["run"]))
    overlaid(surface, edge * 0.65, colour(colours["break"]))
    fleck = noise(tree, 0.0035, 3, vector(tree, x, y, z * 0.3))
    overlaid(
        surface, fleck.ramp(0.6, 0.68) * above.ramp(-0.02, 0.03) * 0.6, colour(colours["break"])
    )
    return [paint(body, surface)]


def _halo(form: Form, colours: Paint) -> list[Part]:
    """Stand a ring with a hole on a foot and open it into a short neck on top."""
    big, fat, deep = (form[key] * MM for key in ("ring", "fat", "deep"))
    middle = form["foot"] * MM + big + fat
    rings = []
    for a in np.linspace(0, 2 * math.pi, 128, endpoint=False):
        section = superellipse(fat, deep, 2.3, 48)
        rings.append(
            [((big + u) * math.sin(a), v, middle + (big + u) * math.cos(a)) for u, v in section]
        )
    body = loft("body", rings, closed=True)
    top = middle + big + fat
    r, wall = form["neck"] * MM, 0.0032
    flare = [(1.5, -0.012), (1.22, -0.006), (1, 0.004), (0.93, 0.018), (0.98, 0.03), (1.14, 0.038)]
    neck = [(r * wide, top + z) for wide, z in flare]
    outside = [(float(a), float(b)) for a, b in smooth_path(neck, 36)]
    (u, v), half = outside[-1], wall / 2
    rim = [
        (u - half + half * math.cos(a), v + half * math.sin(a)) for a in (0.5, 1.1, 1.57, 2.1, 2.7)
    ]
    inside = [(a - wall, b) for a, b in reversed(outside) if b > top + 0.001]
    collar = lathe("neck", [*outside, *rim, *inside, (0, top + 0.001)], turns=80)
    f, rise = form["foot_radius"] * MM, form["foot"] * MM
    under = [(0, 0.0015), (f * 0.85, 0.0015), (f * 0.9, 0), (f * 0.97, 0), (f, 0.002)]
    base = [*under, (f * 0.94, 0.008), (f * 0.9, rise + 0.01), (0, rise + 0.012)]
    foot = lathe("foot", base, turns=80)
    speck = Pattern("speckles", [colours["speck"]], 0.0075, share=0.12)
    surface = glaze(colours["body"], rough=0.6, pattern=speck)
    return [paint(part, surface) for part in (body, collar, foot)]


def _tide(form: Form, colours: Paint) -> list[Part]:
    """Model a vase of blown glass with twisted ribs and a wavy rim."""
    ribs, top = form["ribs"], form["body"][-1][1] * MM

    def optic(angle: float, z: float) -> float:
        """Swell and twist the ribs, and let the rim run in soft waves."""
        share = min(max(z / top, 0), 1)
        wave = 0.035 * math.cos(ribs * (angle + 0.5 * share))
        lip = 0.05 * math.cos(5 * angle) * max(share - 0.55, 0) ** 1.5 / 0.3
        return 1 + wave * min(share * 5, 1) + lip

    body = _turned(form, optic)
    return [paint(body, _tinted(colours["body"]))]


def _tinted(code: str) -> Surface:
    """Tint glass and let its surface swell as blown glass does."""
    surface = glass(code, ior=1.47)
    tree, node = principled(surface)
    feed(tree, node.inputs["Normal"], bump(tree, noise(tree, 0.05, 0), 0.002, 0.1))
    return surface


_DESIGNS = {"amphora": _amphora, "plum": _plum, "halo": _halo, "tide": _tide}

KIND = Kind(
    name=Words("Vase", "花瓶"),
    category=(Words("Home & Kitchen", "家居厨房"), Words("Home decor", "家居装饰"),
              Words("Vases", "花瓶")),
    stands="table",
    sides=(20.0, -35.0, 160.0),
    height_deg=14,
    detachable=("handle", "neck"),
    build=build,
    groups=(
        Group(
            "vase-delos", "Kiln & Cove", Words("Delos two-handled vase 30 cm",
                                               "提洛双耳花瓶 高 30 厘米"),
            Words("An amphora in matt earthenware with hand-painted bands and a toothed frieze.",
                  "双耳尊造型，哑光陶土质感，手绘弦纹与三角纹饰。"),
            Words("Earthenware", "陶"), "58.00",
            (
                Variant(Words("terracotta", "陶土橙"), {"body": "#a8481f", "band": "#2b2320"},
                        "orange"),
                Variant(Words("black", "黑色"), {"body": "#29292c", "band": "#c98a52"}, "black"),
            ),
            {"design": "amphora", "wall": 4, "floor": 8, "bands": (62, 13), "frieze": (186, 206),
             "body": [(42, 0), (43, 2), (40, 7), (35, 13), (38, 24), (58, 66), (80, 120), (86, 158),
                      (78, 190), (56, 216), (39, 232), (35, 248), (37, 270), (44, 288), (50, 296)],
             "ear": [(33, 275), (54, 283), (76, 271), (84, 244), (81, 215), (68, 196)]},
        ),
        Group(
            "vase-tarnmere", "Kiln & Cove",
            Words("Tarnmere running-glaze plum vase 27 cm", "山湖窑变梅瓶 高 27 厘米"),
            Words("A high-shouldered plum vase; the upper glaze runs down over the lower in the "
                  "kiln, so no two are alike.",
                  "梅瓶造型，丰肩收腹，上层釉在窑中自然垂流，件件不同。"),
            Words("Stoneware", "炻器"), "64.00",
            (
                Variant(Words("lake blue", "湖蓝色"),
                        {"body": "#d5c3a0", "run": "#14506f", "break": "#6fb3bd"}, "blue"),
                Variant(Words("flame red", "火焰红"),
                        {"body": "#4a4138", "run": "#9c1f17", "break": "#d9843c"}, "red"),
            ),
            {"design": "plum", "wall": 4, "floor": 7, "run": 110,
             "body": [(50, 0), (51, 2), (48, 20), (47, 50), (55, 100), (73, 155), (84, 196),
                      (80, 226),
                      (60, 245), (34, 253), (22, 257), (20, 263), (23, 268), (28, 270)]},
        ),
        Group(
            "vase-halo", "Norrvik", Words("Halo ring vase 26 cm", "光环中空花瓶 高 26 厘米"),
            Words("A hollow ring for a few dried stems or a single branch, in a sandy matt glaze.",
                  "中空圆环造型，哑光砂釉，插几枝干花或一枝绿植即成风景。"),
            Words("Ceramic", "陶瓷"), "39.00",
            (
                Variant(Words("sand", "沙色"), {"body": "#cdbda1", "speck": "#7a6248"}, "beige"),
                Variant(Words("dusty pink", "藕粉色"), {"body": "#c98f85", "speck": "#80463f"},
                        "pink"),
            ),
            {"design": "halo", "ring": 78, "fat": 31, "deep": 34, "foot": 8, "foot_radius": 37,
             "neck": 19},
        ),
        Group(
            "vase-tide", "Aster", Words("Tide ribbed glass vase 24 cm",
                                        "潮汐波纹玻璃花瓶 高 24 厘米"),
            Words("Mouth-blown glass with twisting ribs and a softly waved rim.",
                  "人工吹制玻璃，瓶身斜旋棱纹，瓶口如浪花舒展。"),
            Words("Glass", "玻璃"), "48.00",
            (
                Variant(Words("bottle green", "墨绿色"), {"body": "#a9dcbd"}, "green"),
                Variant(Words("amethyst", "紫晶色"), {"body": "#cdb4ea"}, "purple"),
            ),
            {"design": "tide", "wall": 3.4, "floor": 16, "ribs": 18, "turns": 180, "steps": 70,
             "body": [(40, 0), (42.5, 2), (44, 8), (42, 30), (43, 70), (49, 120), (57, 165),
                      (66, 200),
                      (79, 228), (86, 236)]},
        ),
    ),
)  # fmt: skip
