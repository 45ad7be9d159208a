"""Plush animals that sit: soft bodies under a short pile, glass eyes, embroidered faces."""

import math
from collections.abc import Sequence

import bpy
import numpy as np

from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import (
    Part,
    Point,
    ball,
    crumple,
    lathe,
    move,
    paint,
    smooth_path,
    superellipse,
    sweep,
    tube,
    warp,
)
from sample_shop.model.nodes import colour, mixed, noise
from sample_shop.model.patterns import Pattern, drawn
from sample_shop.model.sewing import limb
from sample_shop.model.surfaces import Surface, fabric, lacquer

PILE = {"body": 5, "head": 5, "muzzle": 3.5, "ear": 4.5, "inner": 3, "arm": 5, "leg": 5, "tail": 6,
        "trunk": 4.5, "bib": 5, "tuft": 8}  # fmt: skip
"""Millimetres of pile on the parts that have any."""
BALD = {"eye": 0.04, "pupil": 0.04, "nose": 0.3, "whisker": 0.3, "ribbon": 0.5}
"""How rough the lacquered parts are."""
Ball = tuple[Point, Point]
"""The radii and the middle of a head or a muzzle."""
_BOW = ((0.002, -0.004, 0), (0.02, -0.012, 0.01), (0.04, -0.008, 0.006), (0.041, 0, -0.003),
        (0.022, 0.001, -0.004), (0.002, -0.002, 0))  # fmt: skip
_END = ((0.003, -0.004, -0.003), (0.014, -0.01, -0.022), (0.024, -0.008, -0.05))
"""A ribbon's loop and its end, from the neck's front and the knot's height."""


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a sitting ``animal`` and grow its pile."""
    parts = {"bear": _bear, "bunny": _bunny, "elephant": _elephant, "cat": _cat}[form["animal"]]()
    bare = [_middle(p) for p in parts if p.name.split(".")[0] in {"eye", "nose"}]
    for seed, part in enumerate(parts):
        role = part.name.split(".")[0]
        if role in PILE:
            crumple(part, 0.0022, 0.03, seed)
            _grow(part, PILE[role] / 1000 * form.get("pile", 1.0), bare, seed)
        paint(part, _surface(role, form, colours))
    low = min(v.co.z for part in parts for v in part.data.vertices)
    return [move(part, (0, 0.03, -low)) for part in parts]


def _surface(role: str, form: Form, colours: Paint) -> Surface:
    """Choose pile, lacquer or felt by a part's role."""
    code = colours.get(role, colours["body"])
    if role in PILE:
        lines = None
        if "stripe" in colours and role in form["striped"]:
            lines = Pattern("waves", [colours["stripe"]], 0.034, 0.36, radius=0.06)
        return _pile(code, lines)
    if role in BALD:
        return lacquer(code, rough=BALD[role])
    return fabric(code, weave=0.0004, kind="felt")


def _pile(code: str, lines: Pattern | None) -> Surface:
    """Make a surface for thin hairs: lit from either side alike, or their backs look black."""
    material = bpy.data.materials.new("pile")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    kinds = ("BsdfDiffuse", "BsdfTranslucent", "AddShader", "OutputMaterial")
    front, back, both, out = (tree.nodes.new(f"ShaderNode{kind}") for kind in kinds)
    base: object = drawn(tree, colour(code), lines) if lines else colour(code)
    base = mixed(tree, 0.28, base, (0.11, 0.105, 0.1, 1.0))
    dark = tuple(0.5 * v for v in colour(code)[:3])
    shade = mixed(tree, noise(tree, 0.006, 3).ramp(0.4, 0.7) * 0.22, base, (*dark, 1.0))
    for side, place in ((front, 0), (back, 1)):
        tree.links.new(shade, side.inputs[0])
        tree.links.new(side.outputs[0], both.inputs[place])
    tree.links.new(both.outputs[0], out.inputs[0])
    return material


def _middle(part: Part) -> tuple[np.ndarray, float]:
    """Tell where an eye or a nose is and how far it reaches, so that no pile grows there."""
    points = np.array([v.co for v in part.data.vertices])
    centre = points.mean(axis=0)
    return centre, float(np.linalg.norm(points - centre, axis=1).max())


def _grow(part: Part, length: float, bare: Sequence[tuple[np.ndarray, float]], seed: int) -> None:
    """Join some hairs (bent blades that share the normals of the skin) to a part's mesh."""
    rng = np.random.default_rng(seed + 7)
    data = part.data
    corners = np.array([v.co for v in data.vertices])
    normals = np.array([v.normal for v in data.vertices])
    faces = [tuple(f.vertices) for f in data.polygons]
    quads = np.array([f if len(f) == 4 else (*f, f[-1]) for f in faces])
    area = np.array([f.area for f in data.polygons])
    count = int(area.sum() / 6.9e-6)
    pick = rng.choice(len(quads), count, p=area / area.sum())
    u, v = rng.random((2, count, 1))
    share = [(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v]
    root = sum(w * corners[quads[pick, k]] for k, w in enumerate(share))
    skin = sum(w * normals[quads[pick, k]] for k, w in enumerate(share))
    free = np.ones(count, bool)
    for centre, reach in bare:
        free &= np.linalg.norm(root - centre, axis=1) > reach * 1.1 + 0.0015
    root, skin = root[free], skin[free]
    skin /= np.linalg.norm(skin, axis=1, keepdims=True)
    points, blades = _blades(root, skin, length, rng)
    base = len(corners)
    grown = bpy.data.meshes.new(part.name)
    grown.from_pydata(np.vstack([corners, points]).tolist(), [], faces + (blades + base).tolist())
    grown.polygons.foreach_set("use_smooth", [True] * len(grown.polygons))
    shared = np.vstack([normals, np.repeat(skin, 6, axis=0)])
    grown.normals_split_custom_set_from_vertices(shared.tolist())
    part.data = grown


def _blades(
    root: np.ndarray, skin: np.ndarray, length: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Bend a blade of two quads from each root, drooping a little: points and faces."""
    n = len(root)
    lie = rng.normal(0, 0.36, (n, 3)) + np.array([0, 0, -0.6])
    lie -= skin * (lie * skin).sum(axis=1, keepdims=True)
    tall = length * rng.uniform(0.6, 1.15, (n, 1))
    half = root + tall * (0.5 * skin + 0.18 * lie)
    tip = root + tall * (0.8 * skin + 0.62 * lie)
    side = np.cross(skin, rng.normal(0, 1, (n, 3)))
    side *= 0.00052 / np.linalg.norm(side, axis=1, keepdims=True)
    low = (root - side, root + side, half - side * 0.9, half + side * 0.9)
    points = np.stack([*low, tip - side * 0.25, tip + side * 0.25], axis=1).reshape(-1, 3)
    start = np.arange(n)[:, None] * 6
    return points, np.concatenate([start + np.array(quad) for quad in ((0, 1, 3, 2), (2, 3, 5, 4))])


def _bead(name: str, radii: Point, at: Point) -> Part:
    """Make a small ball of few faces: eyes, pads, nails."""
    steps = np.linspace(-math.pi / 2, math.pi / 2, 15)
    thing = lathe(name, [(max(math.cos(a), 0), math.sin(a)) for a in steps], turns=28)
    return warp(thing, lambda p: [c + r * v for c, r, v in zip(at, radii, p, strict=True)])


def _pear(name: str, radii: Point, at: Point, swell: float) -> Part:
    """Make a ball that is wider below by a share ``swell``."""
    thing = ball(name, radii, at)

    def shift(p: Point) -> Point:
        grow = 1 - swell * (p[2] - at[2]) / radii[2]
        return at[0] + (p[0] - at[0]) * grow, at[1] + (p[1] - at[1]) * grow, p[2]

    return warp(thing, shift)


def _on(radii: Point, at: Point, x: float, z: float, out: float = 0.0) -> Point:
    """Find the front of a ball at x and z."""
    depth = math.sqrt(max(1 - ((x - at[0]) / radii[0]) ** 2 - ((z - at[2]) / radii[2]) ** 2, 0))
    return x, at[1] - radii[1] * depth - out, z


def _face(head: Ball, muzzle: Ball, eye: Point, nose: Point) -> list[Part]:
    """Set eyes (x, z, radius) on the head, a nose of some radii and a sewn mouth on the muzzle."""
    parts = []
    x, z, r = eye
    for k, side in enumerate((1, -1)):
        parts.append(_bead(f"eye.{k}", (r, r * 0.8, r), _on(*head, side * x, z, r * 0.25)))
    (wide, _, rz), (_, _, cz) = muzzle
    at = _on(*muzzle, 0, cz + rz * 0.42, 0.0015)
    snout = _bead("nose", nose, at)
    warp(snout, lambda p: ((p.x - at[0]) * (1 + 0.45 * (p.z - at[2]) / nose[2]), p.y, p.z))
    line = [_on(*muzzle, 0, cz + rz * t, 0.0035) for t in (0.4, 0.1, -0.2)]
    parts += [snout, tube("mouth.0", line, 0.0011)]
    smile = ((0, -0.2), (0.22, -0.38), (0.48, -0.28))
    for k, side in enumerate((1, -1), 1):
        curve = [_on(*muzzle, side * wide * u, cz + rz * v, 0.0035) for u, v in smile]
        parts.append(tube(f"mouth.{k}", curve, 0.0011))
    return parts


def _pads(k: int, at: Point, size: float, toes: int = 3) -> list[Part]:
    """Sew a paw pad and toes on a sole that looks forwards."""
    x, y, z = at
    parts = [_bead(f"pad.{k}", (size * 0.72, 0.004, size * 0.62), (x, y, z - size * 0.25))]
    for j in range(toes):
        a = math.radians(90 + (j - (toes - 1) / 2) * 42)
        across, up = size * 0.82 * math.cos(a), size * 0.78 * math.sin(a)
        spot = (x + across, y + 0.002, z - size * 0.1 + up)
        parts.append(_bead(f"pad.{k}{j}", (size * 0.2, 0.0035, size * 0.22), spot))
    return parts


def _seated(
    leg: float = 0.034, arm: float = 0.024, foot: float = 0.04, toes: int = 3
) -> list[Part]:
    """Make arms that hang, legs stretched forwards, and feet with pads."""
    parts = []
    for k, s in enumerate((1, -1)):
        shoulder = [(s * 0.05, 0, 0.158), (s * 0.085, -0.02, 0.135), (s * 0.1, -0.05, 0.095)]
        sleeve = [*shoulder, (s * 0.093, -0.075, 0.072)]
        parts.append(limb(f"arm.{k}", sleeve, [arm * 0.8, arm, arm, arm * 1.08]))
        thigh = [(s * 0.04, -0.01, 0.042), (s * 0.065, -0.07, 0.038), (s * 0.082, -0.12, 0.036)]
        parts.append(limb(f"leg.{k}", thigh, [leg * 1.15, leg, leg * 0.95]))
        sole = (s * 0.086, -0.138, 0.045)
        parts.append(ball(f"leg.{k}foot", (foot * 0.86, 0.024, foot * 1.1), sole))
        parts += _pads(k, (sole[0], sole[1] - 0.0245, sole[2]), foot * 0.78, toes)
    return parts


def _ribbon(z: float, y: float, radius: float) -> list[Part]:
    """Tie a ribbon with a bow around the neck."""
    strap = [(float(a), float(b)) for a, b in superellipse(0.0016, 0.009, 4, 20)]
    ring = [(x, v + y, z - v * 0.12) for x, v in superellipse(radius, radius * 0.9, 2, 64)]
    parts = [sweep("ribbon", ring, strap, closed=True, up=(0, 0, 1))]
    front = y - radius * 0.9 - 0.004
    knot = z + radius * 0.11
    parts.append(_bead("ribbon.knot", (0.008, 0.006, 0.009), (0, front - 0.004, knot)))
    for k, s in enumerate((1, -1)):
        loop = smooth_path([(s * x, front + v, knot + w) for x, v, w in _BOW], 48)
        flat = [(float(a), float(b)) for a, b in superellipse(0.0013, 0.012, 4, 20)]
        parts.append(sweep(f"ribbon.loop{k}", loop, flat, up=(0, 0, 1)))
        tail = smooth_path([(s * x, front + v, knot + w) for x, v, w in _END], 24)
        narrow = [(b * 0.8, a) for a, b in flat]
        parts.append(sweep(f"ribbon.end{k}", tail, narrow, up=(0, 1, 0)))
    return parts


def _bear() -> list[Part]:
    """Model a sitting bear with a bow."""
    head = ((0.073, 0.063, 0.062), (0, -0.006, 0.228))
    muzzle = ((0.034, 0.03, 0.027), (0, -0.06, 0.209))
    parts = [_pear("body", (0.072, 0.064, 0.092), (0, 0, 0.094), 0.14), ball("head", *head)]
    parts += [ball("muzzle", *muzzle), ball("tail", (0.02, 0.02, 0.02), (0, 0.078, 0.05))]
    for k, s in enumerate((1, -1)):
        ear = ball(f"ear.{k}", (0.029, 0.014, 0.029), (0, 0, 0))
        inner = ball(f"inner.{k}", (0.019, 0.008, 0.019), (0, -0.009, -0.002))
        parts += [move(p, (s * 0.058, 0.002, 0.276), (0, 0, s * 16)) for p in (ear, inner)]
    face = _face(head, muzzle, (0.028, 0.243, 0.0082), (0.0125, 0.008, 0.009))
    return [*parts, *_seated(), *face, *_ribbon(0.172, -0.002, 0.051)]


def _bunny() -> list[Part]:
    """Model a bunny with long ears, one of them flopped."""
    head = ((0.062, 0.057, 0.06), (0, -0.006, 0.222))
    muzzle = ((0.03, 0.022, 0.021), (0, -0.05, 0.207))
    parts = [_pear("body", (0.064, 0.058, 0.09), (0, 0, 0.092), 0.2), ball("head", *head)]
    parts += [ball("muzzle", *muzzle), ball("tail", (0.028, 0.026, 0.028), (0, 0.078, 0.045))]
    for k, s in enumerate((1, -1)):
        low = [(s * 0.024, 0.004, 0.265), (s * 0.034, 0.008, 0.315)]
        high = [*low, (s * 0.046, 0.006, 0.37), (s * 0.052, 0, 0.412)]
        if s < 0:
            high = [*low, (-0.052, 0.006, 0.358), (-0.088, -0.012, 0.366), (-0.106, -0.026, 0.33)]
        parts.append(limb(f"ear.{k}", high, [0.016, 0.025, 0.026, 0.019], 0.42))
        front = [(x, y - 0.0085, z) for x, y, z in high[:3]]
        parts.append(limb(f"inner.{k}", front, [0.008, 0.014, 0.012], 0.35))
    face = _face(head, muzzle, (0.03, 0.236, 0.0082), (0.009, 0.006, 0.0065))
    return [*parts, *_seated(0.032, 0.021, 0.046), *face]


def _elephant() -> list[Part]:
    """Model an elephant with a raised trunk and nails on its feet."""
    head = ((0.07, 0.064, 0.066), (0, -0.006, 0.222))
    trunk = [(0, -0.045, 0.218), (0, -0.086, 0.196), (0, -0.104, 0.152), (0, -0.122, 0.124)]
    trunk += [(0, -0.15, 0.124), (0, -0.164, 0.142)]
    tail = [(0, 0.07, 0.08), (0, 0.1, 0.06), (0.01, 0.112, 0.035)]
    parts = [_pear("body", (0.078, 0.07, 0.094), (0, 0, 0.096), 0.12), ball("head", *head)]
    parts.append(limb("trunk", trunk, [0.036, 0.027, 0.021, 0.018, 0.0165]))
    parts.append(limb("tail", tail, [0.008, 0.006, 0.006]))
    parts.append(ball("tuft", (0.012, 0.012, 0.014), (0.012, 0.114, 0.026)))
    for k, s in enumerate((1, -1)):
        ear = ball(f"ear.{k}", (0.058, 0.013, 0.064), (s * 0.05, 0, -0.012), 2.4)
        inner = ball(f"inner.{k}", (0.043, 0.007, 0.049), (s * 0.054, -0.009, -0.012), 2.4)
        parts += [move(p, (s * 0.055, 0.006, 0.235), (8, s * 8, -s * 22)) for p in (ear, inner)]
        parts.append(_bead(f"eye.{k}", (0.0078,) * 3, _on(*head, s * 0.036, 0.24, 0.001)))
        for j, a in enumerate((-0.55, 0, 0.55)):
            nail = (s * 0.086 + 0.03 * math.sin(a), -0.158, 0.05 + 0.034 * math.cos(a))
            parts.append(_bead(f"pad.n{k}{j}", (0.0085, 0.006, 0.0095), nail))
    return [*parts, *_seated(0.038, 0.027, 0.042, toes=0)]


def _cat() -> list[Part]:
    """Model a cat upright on its paws, with whiskers and a tail curled round."""
    head = ((0.066, 0.056, 0.054), (0, -0.022, 0.218))
    muzzle = ((0.03, 0.019, 0.018), (0, -0.07, 0.203))
    parts = [_pear("body", (0.064, 0.066, 0.098), (0, 0.012, 0.096), 0.26), ball("head", *head)]
    parts += [ball("muzzle", *muzzle), ball("bib", (0.034, 0.022, 0.045), (0, -0.042, 0.132))]
    tail = [(0.02, 0.085, 0.022), (0.085, 0.082, 0.02), (0.12, 0.02, 0.02), (0.112, -0.045, 0.022)]
    radii = [0.018, 0.018, 0.018, 0.017, 0.016]
    parts.append(limb("tail", [*tail, (0.078, -0.085, 0.026)], radii))
    for k, s in enumerate((1, -1)):
        tip = [(s * 0.034, -0.014, 0.246), (s * 0.046, -0.012, 0.276), (s * 0.056, -0.012, 0.305)]
        parts.append(limb(f"ear.{k}", tip, [0.03, 0.02, 0.004], 0.4))
        front = [(x * 0.98, y - 0.008, z - 0.002) for x, y, z in tip]
        parts.append(limb(f"inner.{k}", front, [0.018, 0.012, 0.003], 0.3))
        arm = [(s * 0.034, -0.03, 0.15), (s * 0.038, -0.06, 0.085), (s * 0.038, -0.07, 0.024)]
        parts.append(limb(f"arm.{k}", arm, [0.024, 0.021, 0.021]))
        parts.append(ball(f"arm.{k}paw", (0.023, 0.03, 0.019), (s * 0.039, -0.082, 0.019)))
        parts.append(ball(f"leg.{k}", (0.036, 0.055, 0.052), (s * 0.062, 0.02, 0.052)))
        parts.append(ball(f"leg.{k}paw", (0.022, 0.036, 0.018), (s * 0.078, -0.04, 0.018)))
        for j, z in enumerate((0.209, 0.203, 0.197)):
            middle, end = z + 0.002 - 0.003 * j, z + 0.002 - 0.008 * j
            reach = [(s * 0.05, -0.092, middle), (s * 0.078, -0.084, end)]
            start = _on(*muzzle, s * 0.018, z)
            parts.append(tube(f"whisker.{k}{j}", [start, *reach], 0.0005))
        at = _on(*head, s * 0.028, 0.229, 0.001)
        parts.append(_bead(f"pupil.{k}", (0.0032, 0.003, 0.0068), (at[0], at[1] - 0.0068, at[2])))
    return [*parts, *_face(head, muzzle, (0.028, 0.229, 0.0092), (0.0085, 0.0055, 0.006))]


KIND = Kind(
    name=Words("Plush toy", "毛绒玩具"),
    category=(Words("Toys", "玩具"), Words("Soft toys", "布偶"), Words("Plush toys", "毛绒玩具")),
    stands="table", build=build, sides=(20.0, -42.0, 155.0), height_deg=12.0,
    detachable=("ear", "eye", "arm", "nose", "tail"),
    groups=(
        Group("plush-barnaby", "Little Fern", Words("Barnaby teddy bear 30 cm", "蝴蝶结泰迪熊 30 厘米"),
            Words("A classic sitting bear with a velvet bow, embroidered nose and soft paw pads.", "经典坐姿小熊，丝绒蝴蝶结，刺绣鼻子和软软掌垫，抱着就舍不得放手。"),
            Words("Polyester plush, polyester filling", "涤纶毛绒，PP 棉填充"), "34.00",
            (Variant(Words("honey brown", "蜂蜜棕"), {"body": "#a06a35", "muzzle": "#dcbd8d", "inner": "#d3ae7a", "pad": "#d9b98a", "nose": "#2a1c17", "mouth": "#2a1c17", "eye": "#1d120d", "ribbon": "#a32530"}, "brown"),
                Variant(Words("cream", "奶油色"), {"body": "#dfcba6", "muzzle": "#f1e6d0", "inner": "#e9cdb4", "pad": "#d9a994", "nose": "#5a372a", "mouth": "#5a372a", "eye": "#1d120d", "ribbon": "#2f5f86"}, "beige")),
            {"animal": "bear"}),
        Group("plush-clover", "Little Fern", Words("Clover bunny with a flopped ear 40 cm", "折耳小兔 40 厘米"),
            Words("A slim bunny with long ears, one of them flopped, and a round cotton tail.", "长耳小兔，一只耳朵俏皮折下，圆圆棉尾巴，手感细软。"),
            Words("Polyester plush, polyester filling", "涤纶毛绒，PP 棉填充"), "32.00",
            (Variant(Words("rose pink", "玫瑰粉"), {"body": "#dba3ab", "muzzle": "#f3e6e0", "inner": "#f3d9d6", "tail": "#f3e6e0", "pad": "#f3d9d6", "nose": "#b04a5e", "mouth": "#8d3a4b", "eye": "#1d120d"}, "pink"),
                Variant(Words("white", "白色"), {"body": "#efe9df", "inner": "#e6b3ac", "pad": "#e6b3ac", "nose": "#c9747c", "mouth": "#9c5a60", "eye": "#1d120d"}, "white")),
            {"animal": "bunny"}),
        Group("plush-pebble", "Little Fern", Words("Pebble elephant 30 cm", "大耳朵小象 30 厘米"),
            Words("A sturdy little elephant with big soft ears and a raised trunk for luck.", "憨厚小象，一对大耳朵软乎乎，长鼻上扬，寓意好运。"),
            Words("Polyester plush, polyester filling", "涤纶毛绒，PP 棉填充"), "36.00",
            (Variant(Words("grey", "灰色"), {"body": "#83868d", "inner": "#d6aeb0", "pad": "#e3ddd3", "tuft": "#55575e", "eye": "#1d120d"}, "grey"),
                Variant(Words("lavender", "薰衣草紫"), {"body": "#9c8fba", "inner": "#d9cdea", "pad": "#ece6f2", "tuft": "#5d4c86", "eye": "#1d120d"}, "purple")),
            {"animal": "elephant", "pile": 0.8}),
        Group("plush-marmalade", "Little Fern", Words("Marmalade tabby cat 30 cm", "虎斑猫咪 30 厘米"),
            Words("An upright tabby with glass-green eyes, nylon whiskers and a tail curled round its paws.", "端坐虎斑猫，透亮绿眼睛，细胡须，尾巴绕到爪边，神态乖巧。"),
            Words("Polyester plush, polyester filling", "涤纶毛绒，PP 棉填充"), "33.00",
            (Variant(Words("ginger", "姜橘色"), {"body": "#d2803a", "stripe": "#9c4f1c", "muzzle": "#f1e4cf", "bib": "#f1e4cf", "inner": "#e5b3a0", "nose": "#c26a66", "mouth": "#6d3a2a", "eye": "#6f9a3c", "pupil": "#121210", "whisker": "#f3eee4"}, "orange"),
                Variant(Words("black", "黑色"), {"body": "#33333a", "stripe": "#1f1f23", "muzzle": "#e9e3d8", "bib": "#e9e3d8", "inner": "#8f6a70", "nose": "#c27a7c", "mouth": "#3a2a28", "eye": "#c9a12f", "pupil": "#121210", "whisker": "#e9e6e0"}, "black")),
            {"animal": "cat", "striped": ("body", "tail", "head", "leg")}),
    ),
)  # fmt: skip
