"""Mugs: a turned body with a swept handle, glazed."""

import math

from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import (
    Part,
    circle,
    lathe,
    paint,
    smooth_path,
    superellipse,
    sweep,
)
from sample_shop.model.patterns import Pattern
from sample_shop.model.surfaces import Surface, glaze


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a mug of ``radius`` and ``height``; ``shape`` is straight, belly, flared or faceted."""
    radius, height = form["radius"], form["height"]
    body = _body(form["shape"], radius, height)
    handle = _handle(form["shape"], radius, height, form.get("handle", "round"))
    pattern = form.get("pattern")
    drawn = _drawn(pattern, colours, radius) if pattern else None
    surface = glaze(colours["body"], pattern=drawn, rough=form.get("rough", 0.1), bare="#c9b597")
    paint(body, surface)
    if drawn and pattern["name"] != "speckles":
        _line(body, glaze(colours["body"], rough=form.get("rough", 0.1)))
    paint(handle, glaze(colours.get("handle", colours["body"]), rough=form.get("rough", 0.1)))
    return [body, handle]


def _drawn(pattern: Form, colours: Paint, radius: float) -> Pattern:
    """Wrap what ``pattern`` says around the mug, in its roles' colours."""
    codes = [colours[role] for role in pattern["roles"]]
    options = {key: pattern[key] for key in ("share", "low", "high") if key in pattern}
    return Pattern(pattern["name"], codes, pattern["size"], radius=radius, **options)


def _outline(shape: str, radius: float, height: float) -> list[tuple[float, float]]:
    """List (radius, z) of the outside from the foot to the rim."""
    if shape == "belly":
        belly = [(0.62, 0.0), (0.7, 0.02), (0.95, 0.25), (1.0, 0.42), (0.92, 0.7)]
        knots = [*belly, (0.84, 0.9), (0.87, 1.0)]
    elif shape == "flared":
        knots = [(0.6, 0.0), (0.66, 0.015), (0.7, 0.2), (0.78, 0.5), (0.9, 0.8), (1.0, 1.0)]
    else:
        knots = [(0.88, 0.0), (0.95, 0.012), (0.985, 0.05), (1.0, 0.3), (1.0, 0.7), (1.0, 1.0)]
    return [(radius * r, height * z) for r, z in smooth_path(knots, 40)]


def _body(shape: str, radius: float, height: float) -> Part:
    """Turn the body: outside, rim, inside, floor; a faceted one in ten sides."""
    wall = 0.0038
    outside = _outline(shape, radius, height)
    rim_r, rim_z = outside[-1]
    rim = [
        (rim_r - wall / 2 + wall / 2 * math.cos(a), rim_z + wall / 2 * math.sin(a))
        for a in (0.5, 1.1, 1.57, 2.1, 2.7)
    ]
    inside = [(r - wall, max(z, 0.006)) for r, z in reversed(outside) if z > 0.006]
    foot = [(0, 0.0025), (outside[0][0] * 0.8, 0.0025), (outside[0][0] * 0.86, 0.0)]
    profile = [*foot, *outside, *rim, *inside, (0, 0.006)]
    sides = 10

    def facets(angle: float, z: float) -> float:
        swell = 1 - abs(2 * z / height - 1) ** 6
        flat = math.cos(math.pi / sides) / math.cos(
            (angle % (2 * math.pi / sides)) - math.pi / sides
        )
        return 1 + (flat - 1) * max(swell, 0)

    return lathe("body", profile, turns=120, around=facets if shape == "faceted" else None)


def _handle(shape: str, radius: float, height: float, kind: str) -> Part:
    """Sweep an ear from the body's side at +x."""
    outline = _outline(shape, radius, height)

    def side(z: float) -> float:
        return min(outline, key=lambda knot: abs(knot[1] - z))[0] - 0.002

    low, high = height * 0.2, height * 0.82
    reach = radius + height * 0.36
    if kind == "square":
        corners = [(reach * 0.9, high), (reach, high - 0.012), (reach, low + 0.012)]
        knots = [(side(high), high), *corners, (reach * 0.9, low), (side(low), low)]
    else:
        bow = [(reach * 0.87, high + 0.006), (reach, height * 0.62), (reach * 0.93, height * 0.36)]
        knots = [(side(high), high), *bow, (side(low), low)]
    path = [(x, 0, z) for x, z in smooth_path(knots, 40)]
    section = [(float(x), float(y)) for x, y in superellipse(0.0042, 0.0062, 2.6, 20)]
    ends = [1 + 0.5 * (abs(2 * t / 39 - 1) ** 6) for t in range(40)]
    return sweep(
        "handle", path, section if kind != "thin" else circle(0.0035), up=(0, 1, 0), scales=ends
    )


def _line(body: Part, surface: Surface) -> None:
    """Cover the faces that look towards the z axis with another surface."""
    body.data.materials.append(surface)
    for face in body.data.polygons:
        x, y, _ = face.center
        if face.normal.x * x + face.normal.y * y < -0.3 * math.hypot(x, y):
            face.material_index = len(body.data.materials) - 1


KIND = Kind(
    name=Words("Mug", "马克杯"),
    category=(
        Words("Home & Kitchen", "家居厨房"), Words("Drinkware", "饮具"), Words("Mugs", "马克杯"),
    ),
    stands="table",
    sides=(-35.0, 0.0, -140.0),
    height_deg=20,
    detachable=("handle",),
    build=build,
    groups=(
        Group(
            "mug-harbour", "Kiln & Cove",
            Words("Harbour striped mug 350 ml", "海港条纹马克杯 350 毫升"),
            Words("A straight stoneware mug with four painted bands, glazed inside and out. "
                  "Dishwasher safe.",
                  "直筒炻器马克杯，手绘四道彩条，内外施釉，可用洗碗机清洗。"),
            Words("Stoneware", "炻器"), "18.00",
            (
                Variant(Words("navy", "藏青色"), {"body": "#f1ece2", "band": "#22365e"}, "blue"),
                Variant(Words("brick red", "砖红色"), {"body": "#f1ece2", "band": "#a63f2c"}, "red"),
            ),
            {"shape": "straight", "radius": 0.041, "height": 0.095,
             "pattern": {"name": "stripes", "roles": ["band"], "size": 0.0165, "share": 0.42,
                         "low": 0.022, "high": 0.08}},
        ),
        Group(
            "mug-pebble", "Kiln & Cove",
            Words("Pebble speckled mug 400 ml", "鹅卵石斑点马克杯 400 毫升"),
            Words("A round-bellied mug in a matt glaze with iron speckles; each one turns out a "
                  "little different.",
                  "圆腹马克杯，哑光釉面带铁斑，每一只都略有不同。"),
            Words("Stoneware", "炻器"), "22.00",
            (
                Variant(Words("oatmeal", "燕麦色"), {"body": "#d8cbb4", "speck": "#5b4632"}, "beige"),
                Variant(Words("sage green", "灰绿色"), {"body": "#93a68a", "speck": "#3d4a38"},
                        "green"),
            ),
            {"shape": "belly", "radius": 0.047, "height": 0.09, "rough": 0.45,
             "pattern": {"name": "speckles", "roles": ["speck"], "size": 0.007, "share": 0.25}},
        ),
        Group(
            "mug-facet", "Norrvik", Words("Facet ten-sided mug 300 ml", "十棱马克杯 300 毫升"),
            Words("Ten cut faces catch the light; a slim square handle. Porcelain in one colour.",
                  "十个切面随光变化，纤细方形把手，纯色瓷器。"),
            Words("Porcelain", "瓷"), "16.50",
            (
                Variant(Words("mustard yellow", "芥末黄"), {"body": "#d9a32b"}, "yellow"),
                Variant(Words("charcoal", "炭黑色"), {"body": "#33353a"}, "black"),
            ),
            {"shape": "faceted", "radius": 0.042, "height": 0.088, "handle": "square",
             "rough": 0.3},
        ),
        Group(
            "mug-meadow", "Little Fern",
            Words("Meadow floral cup 280 ml", "草地花卉杯 280 毫升"),
            Words("A flared bone-china cup scattered with five-petalled flowers.",
                  "外撇骨瓷杯，满身五瓣小花。"),
            Words("Bone china", "骨瓷"), "24.00",
            (
                Variant(Words("white and blue", "白底蓝花"),
                        {"body": "#f7f5f0", "petal": "#4a6fb3", "heart": "#e3b23c"}, "white"),
                Variant(Words("blush pink", "粉红色"),
                        {"body": "#eebcb8", "petal": "#fdf6f0", "heart": "#c2503c"}, "pink"),
            ),
            {"shape": "flared", "radius": 0.048, "height": 0.084,
             "pattern": {"name": "flowers", "roles": ["petal", "heart"], "size": 0.024}},
        ),
    ),
)  # fmt: skip
