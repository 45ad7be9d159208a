"""Teapots: Chinese (purple clay, bail handle) and English (round, footed and flowered)."""

import math

import numpy as np

from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import (
    Outline,
    Part,
    circle,
    lathe,
    loft,
    paint,
    smooth_path,
    superellipse,
    sweep,
)
from sample_shop.model.nodes import colour, mixed, noise, place
from sample_shop.model.surfaces import Surface, fabric, glaze, metal, overlaid, stone

MM = 0.001


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a teapot from profiles in millimetres; the spout points to +x, the handle to -x."""
    outline = smooth_path(form["body"], 72) * MM
    body = _body(outline, form)
    lid = _lid(outline[-1], form)
    spout = _spout(outline, form)
    if form["clay"] == "purple":
        surface = stone(colours["body"], rough=0.5)
    else:
        surface = glaze(colours["body"], rough=0.07, bare=form.get("bare"))
    for part in (body, lid, spout):
        paint(part, surface)
    if "bail" in form:
        handle = _bail(form, colours)
        handle += [paint(lug, surface) for lug in _lugs(form)]
    else:
        handle = [paint(_handle(form), surface)]
    if "petal" in colours:
        _flowered(surface, colours, form)
        lid.data.materials[0] = glaze(colours["body"], rough=0.07)
        handle[0].data.materials[0] = lid.data.materials[0]
        spout.data.materials[0] = lid.data.materials[0]
        _gild(lid, colours["gold"], form)
    return [body, lid, spout, *handle]


def _inside(outline: np.ndarray, wall: float, floor: float) -> Outline:
    """Run from the rim down the inside, a wall's thickness from the outside."""
    along = np.gradient(outline, axis=0)
    out = np.stack([along[:, 1], -along[:, 0]], axis=1)
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    kept = [(r, z) for r, z in outline - wall * out if z > floor and r > wall]
    return [(float(r), float(z)) for r, z in reversed(kept)]


def _body(outline: np.ndarray, form: Form) -> Part:
    """Turn the pot, hollow, in lobes if the form asks for them."""
    wall, floor = form.get("wall", 3.6) * MM, (form["floor"] + 4) * MM
    r, z = outline[-1]
    rim = [
        (r - wall / 2 * (1 - math.cos(a)), z + wall / 2 * math.sin(a) * 0.6)
        for a in (0.5, 1.0, 1.57, 2.1, 2.6)
    ]
    foot = outline[0][0]
    under = [(0, form["floor"] * MM), (foot - 0.008, form["floor"] * MM), (foot - 0.005, 0.0003)]
    profile = [
        *under,
        (foot - 0.003, 0),
        *outline,
        *rim,
        *_inside(outline, wall, floor),
        (0, floor),
    ]
    lobes, top = form.get("lobes", 0), outline[-1][1]

    def melon(angle: float, height: float) -> float:
        swell = max(1 - abs(2.05 * height / top - 1) ** 4, 0)
        return 1 - 0.11 * swell * (1 - abs(math.cos(angle * lobes / 2))) ** 2

    return lathe("body", profile, turns=lobes * 16 or 112, around=melon if lobes else None)


def _lid(rim: np.ndarray, form: Form) -> Part:
    """Turn a lid with its knob; it rests on the rim and a flange reaches into the pot."""
    radius, base = float(rim[0]), float(rim[1]) + 0.0012
    inner = radius - form.get("wall", 3.6) * MM - 0.0007
    flange = [(0, 0.001), (inner - 0.002, 0.001), (inner - 0.002, -0.006), (inner - 0.0005, -0.006)]
    under = [(r, base + z) for r, z in (*flange, (inner, -0.005), (inner, 0))]
    edge = [(radius - 0.0008, base), (radius - 0.0002, base + 0.0004), (radius, base + 0.0011)]
    dome = [(r * MM, base + z * MM) for r, z in smooth_path(form["lid"], 28)]
    knob = [(max(r, 0) * MM, base + z * MM) for r, z in smooth_path(form["knob"], 28)]
    return lathe("lid", [*under, *edge, *dome, *knob[:-1], (0, knob[-1][1])], turns=96)


def _spout(outline: np.ndarray, form: Form) -> Part:
    """Skin a hollow spout whose root follows the belly and whose mouth is cut level."""
    count = 44
    path = smooth_path(form["spout"], count) * MM
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    at = np.linspace(0, 1, count)
    widths = np.interp(at, *zip(*form["spout_widths"], strict=True)) * MM
    widths = np.convolve(np.pad(widths, 4, mode="edge"), np.ones(9) / 9, mode="valid")
    cut = np.clip((at - 0.72) / 0.28, 0, 1)[:, None] * form.get("cut", 0.8)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    leaning = across * (1 - cut) + np.array([-1.0, 0.0]) * cut
    leaning /= np.sum(leaning * across, axis=1, keepdims=True)
    oval = superellipse(1, form.get("oval", 0.86), 2, 40)

    def ring(k: int, radius: float, push: float = 0.0) -> list[tuple[float, float, float]]:
        middle = path[k] + along[k] * push
        points = [(*(middle + leaning[k] * radius * u), radius * v) for u, v in oval]
        hug = max(1 - at[k] / 0.32, 0) ** 2
        return [(x + hug * (_belly(outline, z, y) - x), y, z) for x, z, y in points]

    wall = min(float(widths[-1]) * 0.3, 0.0022)
    outer = [ring(k, float(widths[k])) for k in range(count)]
    lip = [ring(count - 1, float(widths[-1]) - wall * s, wall * b) for s, b in _LIP]
    bore = [ring(k, float(widths[k]) - wall) for k in range(count - 1, count // 2, -2)]
    return loft("spout", [*outer, *lip, *bore])


_LIP = ((0.12, 0.28), (0.32, 0.45), (0.55, 0.5), (0.8, 0.35))


def _belly(outline: np.ndarray, z: float, y: float) -> float:
    """Find x just under the body's skin at a height and a distance to the side."""
    r = float(np.interp(z, outline[:, 1], outline[:, 0]))
    return math.sqrt(max(r * r - y * y, 0)) - 0.0012


def _handle(form: Form) -> Part:
    """Sweep an ear, thicker where it joins the pot."""
    path = [(-x * MM, 0, z * MM) for x, z in smooth_path(form["handle"], 64)]
    thick, wide = form["handle_section"]
    section = [(float(x), float(y)) for x, y in superellipse(thick * MM, wide * MM, 2.3, 24)]
    ends = np.minimum(np.arange(64), np.arange(64)[::-1])
    scales = (1 + 0.5 * np.exp(-ends / 3.2)) * np.linspace(1.08, 0.86, 64)
    return sweep("handle", path, section, up=(0, 1, 0), scales=list(scales))


def _bail(form: Form, colours: Paint) -> list[Part]:
    """Bend a cane-wrapped handle over the pot, with brass ferrules and rings through the lugs."""
    half = form["bail"]
    knots = [(-x, z) for x, z in half] + [(x, z) for x, z in reversed(half[:-1])]
    path = [(x * MM, 0, z * MM) for x, z in smooth_path(knots, 300)]
    wraps = [1 + 0.09 * abs(math.sin(k * math.pi / 5)) for k in range(300)]
    cane = sweep("handle", path, circle(0.0046, 16), up=(0, 1, 0), scales=wraps)
    paint(cane, fabric(colours["cane"], weave=0.0012))
    brass = metal("#b8924a", rough=0.25)
    parts = [cane]
    for number, (side, end) in enumerate(((-1, path[:16]), (1, path[-16:]))):
        x, z = side * half[0][0] * MM, half[0][1] * MM
        loop = [(x, 0.0075 * math.sin(a), z - 0.0058 + 0.0075 * math.cos(a)) for a in _TURN]
        parts.append(sweep(f"handle.{2 * number + 1}", loop, circle(0.0013, 12), closed=True))
        parts.append(sweep(f"handle.{2 * number + 2}", end, circle(0.0056, 20), up=(0, 1, 0)))
    for part in parts[1:]:
        paint(part, brass)
    return parts


_TURN = np.linspace(0, 2 * math.pi, 40, endpoint=False)


def _lugs(form: Form) -> list[Part]:
    """Stand two rings on the shoulder for the bail."""
    x, z = form["bail"][0][0] * MM, (form["bail"][0][1] - 16.5) * MM
    lugs = []
    for number, side in enumerate((-1, 1)):
        loop = [(side * x + 0.008 * math.sin(a), 0, z + 0.008 * math.cos(a)) for a in _TURN]
        lugs.append(sweep(f"lug.{number + 1}", loop, circle(0.0034, 16), closed=True, up=(0, 1, 0)))
    return lugs


def _flowered(surface: Surface, colours: Paint, form: Form) -> None:
    """Paint blossoms of five petals with leaves between two heights of the belly."""
    tree = surface.node_tree
    x, y, z = place(tree)
    size, repeats, low = 0.043, 8, form["flowers_from"] * MM
    across, up = y.atan2(x) * (repeats / (2 * math.pi)), (z - low) / size
    row = up.floor()
    a = ((across + row * 0.5).modulo(1.0) - 0.5) * 1.15
    b = up.modulo(1.0) - 0.5
    wobble = (noise(tree, 0.012, 2) - 0.5) * 0.12
    a, b = a + wobble, b - wobble
    inside = (z > low) * (z < low + 2 * size)
    for side in (-1.0, 1.0):
        s, t = a * side - 0.27, b + 0.1 * side
        reach = (s * s * 7.0 + (t - s * 0.5) * (t - s * 0.5) * 45.0).sqrt()
        overlaid(surface, reach.ramp(0.52, 0.46) * inside, colour(colours["leaf"]))
    r, turn = (a * a + b * b).sqrt(), b.atan2(a)
    petals = (turn * 5.0 + row * 2.0).cos() * 0.045 + 0.25
    shade = mixed(
        tree, (r / petals).ramp(0.25, 1.0), colour(colours["petal"]), colour(colours["tip"])
    )
    overlaid(surface, (petals - r).ramp(-0.01, 0.012) * inside, shade)
    overlaid(surface, r.ramp(0.075, 0.06) * inside, colour(colours["heart"]))


def _gild(lid: Part, code: str, form: Form) -> None:
    """Cover a knob with gold: the lid's faces above its dome."""
    lid.data.materials.append(metal(code, rough=0.16))
    base = max(form["body"], key=lambda knot: knot[1])[1] + 1.2
    limit = (base + form["knob"][0][1]) * MM
    for face in lid.data.polygons:
        face.material_index = int(face.center.z > limit)


KIND = Kind(
    name=Words("Teapot", "茶壶"),
    category=(Words("Home & Kitchen", "家居厨房"), Words("Tea & Coffee", "茶具咖啡具"),
              Words("Teapots", "茶壶")),
    stands="table",
    sides=(-22.0, 32.0, 158.0),
    height_deg=18,
    detachable=("lid", "handle", "spout"),
    build=build,
    groups=(
        Group(
            "teapot-stillwater", "Kiln & Cove",
            Words("Stillwater clay teapot 180 ml", "静水紫砂壶 180 毫升"),
            Words("A small unglazed gongfu teapot with a close-fitting lid and a clean pour; the "
                  "clay takes on a soft shine with use.",
                  "小容量功夫茶壶，素胎不施釉，壶盖严密，出水利落，越养越润。"),
            Words("Unglazed stoneware clay", "紫砂陶"), "68.00",
            (
                Variant(Words("purple-brown", "紫泥"), {"body": "#5d3526"}, "brown"),
                Variant(Words("ochre", "段泥"), {"body": "#b98d4f"}, "beige"),
                Variant(Words("ink green", "墨绿泥"), {"body": "#3f4f42"}, "green"),
            ),
            {"clay": "purple", "floor": 2, "wall": 3,
             "body": [(27, 0), (28.5, 1.2), (37, 7), (44, 18), (46, 29), (43.5, 41), (36, 50),
                      (29, 54), (26.5, 55.5), (26.3, 57)],
             "lid": [(26.3, 1.4), (25.8, 3), (22, 6.5), (14, 10), (7, 11.8), (4.6, 12.6)],
             "knob": [(4.4, 12.8), (5.2, 14), (7.2, 17), (7.4, 19.5), (5.4, 22.6), (2.6, 23.9),
                      (0, 24.2)],
             "spout": [(43, 26), (51, 31), (60, 39), (69, 49.5)],
             "spout_widths": [(0, 14.5), (0.15, 10), (0.45, 7), (0.8, 5.4), (1, 5)], "cut": 0.7,
             "handle": [(31, 46), (45, 56), (60, 57.5), (69, 47), (69, 33), (58, 19), (37, 14)],
             "handle_section": (3.3, 4.2)},
        ),
        Group(
            "teapot-lantern", "Kiln & Cove",
            Words("Lantern melon teapot with bail handle 900 ml", "灯笼瓜棱提梁壶 900 毫升"),
            Words("A ribbed melon-shaped pot under a wrapped cane handle, in a deep pooled glaze "
                  "that breaks pale on the ridges.",
                  "瓜棱壶身配藤编提梁，釉色浓润，棱线处自然透亮。"),
            Words("Glazed porcelain, cane and brass", "瓷、藤、黄铜"), "74.00",
            (
                Variant(Words("celadon", "青瓷色"), {"body": "#7fae98", "cane": "#a9793f"},
                        "green"),
                Variant(Words("oxblood", "郎红"), {"body": "#8a1c1a", "cane": "#3a2a20"}, "red"),
            ),
            {"clay": "glaze", "floor": 3, "lobes": 10, "bare": "#cdb898",
             "body": [(42, 0), (44, 1.5), (60, 12), (73, 32), (76, 50), (70, 71), (54, 88),
                      (41, 94.5),
                      (38, 96.5), (37.8, 99)],
             "lid": [(37.8, 1.6), (37, 3.2), (31, 8), (20, 13.5), (10, 16.6), (5.6, 18)],
             "knob": [(5.4, 18.2), (6.5, 20), (10.4, 24), (11, 27.5), (8.5, 32), (3.8, 34.4),
                      (0, 34.9)],
             "spout": [(70, 42), (87, 50), (100, 66), (112, 86), (124, 98)],
             "spout_widths": [(0, 20), (0.14, 15.5), (0.4, 11), (0.75, 8), (0.92, 7), (1, 7.4)],
             "cut": 0.75,
             "bail": [(58, 110), (61, 128), (60, 152), (42, 180), (0, 191)]},
        ),
        Group(
            "teapot-parlour", "Kiln & Cove",
            Words("Parlour round teapot 1.2 l", "客厅圆腹茶壶 1.2 升"),
            Words("The classic English round pot: a generous belly, a dripless spout and a handle "
                  "that stays clear of the heat.",
                  "经典英式圆肚茶壶，容量充足，壶嘴不滴漏，壶把不烫手。"),
            Words("Stoneware", "炻器"), "46.00",
            (
                Variant(Words("mustard yellow", "芥末黄"), {"body": "#d39a1e"}, "yellow"),
                Variant(Words("cobalt blue", "钴蓝色"), {"body": "#1f3f8f"}, "blue"),
            ),
            {"clay": "glaze", "floor": 3, "bare": "#c9b08a", "wall": 4.2,
             "body": [(44, 0), (46, 1.5), (63, 13), (77, 36), (80, 56), (75, 80), (61, 101),
                      (50, 109), (46, 111.5), (45.5, 114)],
             "lid": [(45.5, 1.6), (44.6, 3.6), (39, 9), (27, 15.5), (14, 19.5), (7.5, 20.8)],
             "knob": [(7.2, 21), (8, 23), (12.5, 27), (14, 31), (12, 35.6), (6.5, 38.6), (0, 39.5)],
             "spout": [(74, 48), (94, 55), (106, 73), (115, 96), (133, 114)],
             "spout_widths": [(0, 25), (0.14, 19.5), (0.4, 14), (0.7, 10.5), (0.9, 8.6), (1, 9.2)],
             "cut": 0.7,
             "handle": [(51, 97), (80, 116.5), (112, 113), (125, 89), (119, 58), (98, 38),
                        (65, 31)],
             "handle_section": (5.4, 8.2)},
        ),
        Group(
            "teapot-rosehill", "Little Fern",
            Words("Rosehill floral footed teapot 850 ml", "玫瑰山花卉高足茶壶 850 毫升"),
            Words("A tall footed afternoon-tea pot in bone china with painted blossoms and a "
                  "gilded knob.",
                  "高足骨瓷下午茶壶，壶身手绘花朵，壶钮描金。"),
            Words("Bone china", "骨瓷"), "82.00",
            (
                Variant(Words("white with pink blossoms", "白底粉花"),
                        {"body": "#f4f0e8", "petal": "#b8325a", "tip": "#eb9fb4", "leaf": "#5f8a4f",
                         "heart": "#e2b038", "gold": "#c9a14a"}, "white"),
                Variant(Words("lilac with cream blossoms", "丁香紫底奶油花"),
                        {"body": "#9d86bd", "petal": "#f0d9a0", "tip": "#fbf4e4", "leaf": "#4f6f55",
                         "heart": "#a8622c", "gold": "#c9a14a"}, "purple"),
            ),
            {"clay": "glaze", "floor": 14, "wall": 3, "flowers_from": 30,
             "body": [(41, 0), (42, 1.5), (39, 5), (29, 10.5), (28, 13), (38, 22), (56, 38),
                      (66, 60),
                      (67, 74), (60, 97), (46, 120), (38, 135), (36.5, 143), (38.5, 150)],
             "lid": [(38.5, 1.6), (38, 3), (33, 8), (25, 15), (14, 23), (6, 28), (4.2, 30)],
             "knob": [(4, 30.2), (5.5, 32), (9.4, 36), (9.6, 39), (6.4, 44), (3, 48), (0, 49.5)],
             "spout": [(60, 62), (84, 70), (96, 92), (103, 120), (122, 146)],
             "spout_widths": [(0, 22), (0.14, 17), (0.4, 11.5), (0.7, 8.6), (0.9, 7), (1, 7.8)],
             "cut": 0.62,
             "handle": [(35, 127), (57, 149), (84, 150), (101, 128), (97, 98), (84, 76), (78, 62),
                        (58, 54)],
             "handle_section": (4.2, 5.6)},
        ),
    ),
)  # fmt: skip
