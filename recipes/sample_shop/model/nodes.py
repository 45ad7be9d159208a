"""Shader nodes written as formulas: ``(x * 2 + y).sin()`` instead of forty lines of links."""

import bpy

Source = "Value | float"


class Value:
    """A number computed at every point of a surface; arithmetic makes math nodes."""

    def __init__(self, tree: bpy.types.NodeTree, socket: bpy.types.NodeSocket) -> None:
        self.tree, self.socket = tree, socket

    def _math(self, operation: str, *others: Source) -> "Value":
        node = self.tree.nodes.new("ShaderNodeMath")
        node.operation = operation
        self.tree.links.new(self.socket, node.inputs[0])
        for place, other in enumerate(others, 1):
            feed(self.tree, node.inputs[place], other)
        return Value(self.tree, node.outputs[0])

    def __add__(self, other: Source) -> "Value":
        return self._math("ADD", other)

    def __sub__(self, other: Source) -> "Value":
        return self._math("SUBTRACT", other)

    def __mul__(self, other: Source) -> "Value":
        return self._math("MULTIPLY", other)

    def __truediv__(self, other: Source) -> "Value":
        return self._math("DIVIDE", other)

    def __pow__(self, other: Source) -> "Value":
        return self._math("POWER", other)

    def __gt__(self, other: Source) -> "Value":
        return self._math("GREATER_THAN", other)

    def __lt__(self, other: Source) -> "Value":
        return self._math("LESS_THAN", other)

    def __neg__(self) -> "Value":
        return self * -1.0

    def floor(self) -> "Value":
        """Round down."""
        return self._math("FLOOR")

    def abs(self) -> "Value":
        """Drop the sign."""
        return self._math("ABSOLUTE")

    def sin(self) -> "Value":
        """Take the sine, of radians."""
        return self._math("SINE")

    def cos(self) -> "Value":
        """Take the cosine, of radians."""
        return self._math("COSINE")

    def sqrt(self) -> "Value":
        """Take the square root."""
        return self._math("SQRT")

    def atan2(self, other: Source) -> "Value":
        """Take the angle of (other, self), radians."""
        return self._math("ARCTAN2", other)

    def modulo(self, other: Source) -> "Value":
        """Take the remainder, never negative."""
        return self._math("FLOORED_MODULO", other)

    def largest(self, other: Source) -> "Value":
        """Take the larger."""
        return self._math("MAXIMUM", other)

    def ramp(self, low: float, high: float) -> "Value":
        """Go from 0 at ``low`` to 1 at ``high``, smoothly."""
        node = self.tree.nodes.new("ShaderNodeMapRange")
        node.interpolation_type = "SMOOTHSTEP"
        self.tree.links.new(self.socket, node.inputs["Value"])
        node.inputs["From Min"].default_value = low
        node.inputs["From Max"].default_value = high
        return Value(self.tree, node.outputs[0])


def feed(tree: bpy.types.NodeTree, socket: bpy.types.NodeSocket, source: object) -> None:
    """Give an input a value, a colour, or the outcome of other nodes."""
    if isinstance(source, Value):
        tree.links.new(source.socket, socket)
    elif isinstance(source, bpy.types.NodeSocket):
        tree.links.new(source, socket)
    else:
        socket.default_value = source


def place(tree: bpy.types.NodeTree) -> tuple[Value, Value, Value]:
    """Tell the point's x, y and z on the product, in metres."""
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    split = tree.nodes.new("ShaderNodeSeparateXYZ")
    tree.links.new(coordinates.outputs["Object"], split.inputs[0])
    x, y, z = (Value(tree, socket) for socket in split.outputs)
    return x, y, z


def vector(tree: bpy.types.NodeTree, x: object, y: object, z: object) -> bpy.types.NodeSocket:
    """Join three numbers to a vector."""
    node = tree.nodes.new("ShaderNodeCombineXYZ")
    for socket, source in zip(node.inputs, (x, y, z), strict=True):
        feed(tree, socket, source)
    return node.outputs[0]


def noise(tree: bpy.types.NodeTree, size_m: float, detail: float = 3, at: object = None) -> Value:
    """Make smooth noise, about 0.3 to 0.7, with blobs of a size in metres."""
    node = tree.nodes.new("ShaderNodeTexNoise")
    node.inputs["Scale"].default_value = 1 / size_m
    node.inputs["Detail"].default_value = detail
    if at is None:
        coordinates = tree.nodes.new("ShaderNodeTexCoord")
        at = coordinates.outputs["Object"]
    feed(tree, node.inputs["Vector"], at)
    return Value(tree, node.outputs["Fac"])


def cells(tree: bpy.types.NodeTree, size_m: float, at: object) -> Value:
    """Make Voronoi cells of a size: the distance to the nearest middle, in cells."""
    node = tree.nodes.new("ShaderNodeTexVoronoi")
    node.inputs["Scale"].default_value = 1 / size_m
    feed(tree, node.inputs["Vector"], at)
    return Value(tree, node.outputs["Distance"])


def mixed(
    tree: bpy.types.NodeTree, share: object, first: object, second: object
) -> bpy.types.NodeSocket:
    """Mix two colours: all of the second where ``share`` is 1."""
    node = tree.nodes.new("ShaderNodeMix")
    node.data_type = "RGBA"
    feed(tree, node.inputs[0], share)
    feed(tree, node.inputs[6], first)
    feed(tree, node.inputs[7], second)
    return node.outputs[2]


def bump(
    tree: bpy.types.NodeTree, height: object, depth_m: float, strength: float = 1
) -> bpy.types.NodeSocket:
    """Make a surface seem as high as ``height`` (0 to 1) times a depth."""
    node = tree.nodes.new("ShaderNodeBump")
    node.inputs["Strength"].default_value = strength
    node.inputs["Distance"].default_value = depth_m
    feed(tree, node.inputs["Height"], height)
    return node.outputs[0]


def colour(code: str) -> tuple[float, float, float, float]:
    """Read ``#rrggbb`` (sRGB) as linear RGBA."""
    levels = (int(code[k : k + 2], 16) / 255 for k in (1, 3, 5))
    r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in levels)
    return r, g, b, 1.0
