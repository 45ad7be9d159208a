"""Materials as a shop names them: glaze, wood, brass, fabric, leather, glass and so on.

Colours are ``#rrggbb`` (sRGB). Sizes of grain and weave are metres on the product.
"""

import bpy

from sample_shop.model.nodes import Value, bump, cells, colour, feed, mixed, noise, place, vector
from sample_shop.model.patterns import Pattern, drawn

Surface = bpy.types.Material


def principled(surface: Surface) -> tuple[bpy.types.NodeTree, bpy.types.Node]:
    """Find a surface's nodes and the one among them that colour and gloss are fed into."""
    tree = surface.node_tree
    return tree, next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")


def overlaid(surface: Surface, share: Value, code: object) -> None:
    """Lay a colour (linear RGBA or a socket) over what a surface already has."""
    tree, node = principled(surface)
    base = node.inputs["Base Color"].links[0].from_socket
    feed(tree, node.inputs["Base Color"], mixed(tree, share, base, code))


def _surface(name: str) -> tuple[Surface, bpy.types.NodeTree, bpy.types.Node]:
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    return material, *principled(material)


def _base(tree: bpy.types.NodeTree, code: str, pattern: Pattern | None) -> object:
    base: object = colour(code)
    return drawn(tree, base, pattern) if pattern else base


def _set(tree: bpy.types.NodeTree, node: bpy.types.Node, **inputs: object) -> None:
    for name, source in inputs.items():
        feed(tree, node.inputs[name.replace("_", " ")], source)


def glaze(
    code: str,
    *,
    pattern: Pattern | None = None,
    rough: float = 0.12,
    bare: str | None = None,
    bare_below: float = 0.003,
) -> Surface:
    """Glazed ceramic; ``bare`` is the clay that shows below a height."""
    material, tree, node = _surface("glaze")
    base = _base(tree, code, pattern)
    cloud = noise(tree, 0.03, 2).ramp(0.3, 0.7) * 0.06
    base = mixed(tree, cloud, base, colour("#ffffff" if rough > 0.3 else "#30281f"))
    if bare:
        below = place(tree)[2].ramp(bare_below + 0.001, bare_below)
        base = mixed(tree, below, base, colour(bare))
        rough_at: object = below * (0.75 - rough) + rough
    else:
        rough_at = rough
    _set(tree, node, Base_Color=base, Roughness=rough_at, Coat_Weight=0.5 if rough < 0.3 else 0.0)
    _set(tree, node, Normal=bump(tree, noise(tree, 0.018, 2), 0.0012, 0.25))
    return material


def wood(
    light: str, dark: str, *, axis: str = "z", grain: float = 0.02, rough: float = 0.42
) -> Surface:
    """Sawn and oiled wood, its fibres along an axis; ``grain`` is the distance of its rings."""
    material, tree, node = _surface("wood")
    x, y, z = place(tree)
    squeezed = {"x": (x * 0.09, y, z), "y": (x, y * 0.09, z), "z": (x, y, z * 0.09)}[axis]
    at = vector(tree, *squeezed)
    rings = (squeezed[0] + squeezed[1] * 0.7 + squeezed[2] * 0.4) / grain + noise(
        tree, grain * 3, 3, at
    ) * 5
    ring = (rings * 3.1).sin() * 0.5 + 0.5
    fine = vector(
        tree, *(v * (0.25 if a == axis else 6.0) for a, v in zip("xyz", squeezed, strict=True))
    )
    fibre = noise(tree, grain * 0.8, 4, fine)
    share = ring * 0.55 + fibre * 0.45
    _set(tree, node, Base_Color=mixed(tree, share, colour(light), colour(dark)), Roughness=rough)
    _set(tree, node, Normal=bump(tree, fibre, 0.0006, 0.35), Coat_Weight=0.08)
    return material


def metal(
    code: str, *, rough: float = 0.22, brushed: bool = False, pattern: Pattern | None = None
) -> Surface:
    """Bare metal of a colour: steel ``#c9cbcd``, brass ``#c9a14a``, copper ``#b8683f``."""
    material, tree, node = _surface("metal")
    smudge = noise(tree, 0.04, 4).ramp(0.3, 0.75) * 0.12 + rough
    _set(tree, node, Base_Color=_base(tree, code, pattern), Metallic=1.0, Roughness=smudge)
    if brushed:
        x, y, z = place(tree)
        lines = noise(tree, 0.0006, 2, vector(tree, x * 0.02, y * 0.02, z))
        _set(tree, node, Normal=bump(tree, lines, 0.0002, 0.3), Anisotropic=0.5)
    return material


def lacquer(code: str, *, rough: float = 0.25, pattern: Pattern | None = None) -> Surface:
    """Paint, or smooth plastic: colour under a gloss (0.08) or matt (0.55) skin."""
    material, tree, node = _surface("lacquer")
    _set(
        tree,
        node,
        Base_Color=_base(tree, code, pattern),
        Roughness=rough,
        Coat_Weight=0.4 if rough < 0.3 else 0.0,
    )
    _set(tree, node, Normal=bump(tree, noise(tree, 0.0015, 2), 0.0002, 0.12))
    return material


def rubber(code: str) -> Surface:
    """Soft matt plastic: soles, grips, cables."""
    material, tree, node = _surface("rubber")
    _set(tree, node, Base_Color=colour(code), Roughness=0.62, Specular_IOR_Level=0.35)
    _set(tree, node, Normal=bump(tree, noise(tree, 0.001, 2), 0.0003, 0.2))
    return material


def fabric(
    code: str, *, pattern: Pattern | None = None, weave: float = 0.0012, kind: str = "plain"
) -> Surface:
    """Cloth: ``plain`` (canvas, linen), ``twill``, ``knit``, ``felt`` or ``velvet``.

    ``weave`` is the distance of threads; below a pixel it only softens the light.
    """
    material, tree, node = _surface("fabric")
    base = _base(tree, code, pattern)
    height = _weave(tree, kind, weave)
    shade = mixed(tree, height * -0.35 + 0.35, base, colour("#1a1512"))
    mottle = noise(tree, weave * 14, 4).ramp(0.35, 0.7) * 0.07
    shade = mixed(tree, mottle, shade, colour("#ffffff"))
    _set(
        tree,
        node,
        Base_Color=shade,
        Roughness=0.92,
        Specular_IOR_Level=0.15,
        Sheen_Weight=0.8 if kind == "velvet" else 0.25,
        Sheen_Roughness=0.4,
    )
    _set(tree, node, Normal=bump(tree, height, weave * 0.6, 0.7))
    return material


def _weave(tree: bpy.types.NodeTree, kind: str, size: float) -> Value:
    x, y, z = place(tree)
    if kind in {"felt", "velvet"}:
        return noise(tree, size * 2.5, 6)
    turn = 6.283 / size
    if kind == "twill":
        return ((x + y + z) * turn).sin() * 0.5 + 0.5
    if kind == "knit":
        slant = ((x * turn * 0.5).sin().abs() * size * 0.5 + z) * turn
        return slant.sin() * 0.35 + (x * turn * 0.5).sin().abs() * 0.3 + 0.35
    return ((x + y) * turn).sin() * ((z + y) * turn).sin() * 0.5 + 0.5


def leather(
    code: str, *, grain: float = 0.0022, rough: float = 0.45, pattern: Pattern | None = None
) -> Surface:
    """Grained leather, a little darker in its creases and paler where it is handled."""
    material, tree, node = _surface("leather")
    base = _base(tree, code, pattern)
    x, y, z = place(tree)
    pebbles = cells(tree, grain, vector(tree, x, y, z))
    worn = noise(tree, 0.06, 4).ramp(0.35, 0.75) * 0.22
    base = mixed(tree, worn, base, colour("#1c120c"))
    _set(tree, node, Base_Color=base, Roughness=noise(tree, 0.01, 3) * 0.2 + (rough - 0.1))
    _set(tree, node, Normal=bump(tree, pebbles * -1.0 + 1.0, grain * 0.25, 0.55))
    return material


def glass(tint: str = "#ffffff", *, rough: float = 0.0, ior: float = 1.45) -> Surface:
    """Clear or tinted glass; model both its walls."""
    material, tree, node = _surface("glass")
    _set(tree, node, Base_Color=colour(tint), Roughness=rough, IOR=ior, Transmission_Weight=1.0)
    return material


def glowing(code: str, strength: float = 2.0, *, pattern: Pattern | None = None) -> Surface:
    """A lampshade or bulb that shines: its own colour plus light."""
    material, tree, node = _surface("glow")
    base = _base(tree, code, pattern)
    _set(
        tree, node, Base_Color=base, Roughness=0.8, Emission_Color=base, Emission_Strength=strength
    )
    _set(tree, node, Normal=bump(tree, noise(tree, 0.0015, 3), 0.0004, 0.3))
    return material


def stone(code: str, *, pattern: Pattern | None = None, rough: float = 0.35) -> Surface:
    """Stone, concrete or terrazzo."""
    material, tree, node = _surface("stone")
    base = _base(tree, code, pattern)
    base = mixed(tree, noise(tree, 0.015, 6).ramp(0.3, 0.7) * 0.2, base, colour("#6a6661"))
    _set(tree, node, Base_Color=base, Roughness=rough)
    _set(tree, node, Normal=bump(tree, noise(tree, 0.004, 5), 0.0008, 0.3))
    return material
