"""The ONNX graph: pixels in, an embedding and a map out.

Weights are stored small and widened by nodes whose inputs are all constant. ONNX Runtime
folds such nodes when it loads the file, so that they cost disk but no time.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from backbone import Array, Block, Convolution
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8
PRECISIONS = ("float32", "float16", "mixed", "int8")
"""``mixed`` is float16 but for the head, the largest weight of all, which is int8."""


class GraphWriter:
    """Collects nodes and constants; every method returns the name of what it made."""

    def __init__(self, precision: str) -> None:
        if precision not in PRECISIONS:
            raise ValueError(f"no precision {precision!r}; there are {', '.join(PRECISIONS)}")
        self.precision = precision
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def node(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        """Append one node with one output."""
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def constant(self, name: str, value: np.ndarray[Any, Any]) -> str:
        """Keep an array exactly as it is."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def weight(self, name: str, value: Array) -> str:
        """Keep an array whose first axis is the output channel, in the chosen precision."""
        if self.precision == "float32":
            return self.constant(name, value)
        rounded = self.precision == "int8" or (self.precision == "mixed" and name == "head.weight")
        if not rounded or not is_pointwise(value):
            small = self.constant(f"{name}.half", value.astype(np.float16))
            return self.node("Cast", [small], name, to=TensorProto.FLOAT)
        codes, scale = quantised(value)
        cast = self.node(
            "Cast", [self.constant(f"{name}.int8", codes)], f"{name}.codes", to=TensorProto.FLOAT
        )
        return self.node("Mul", [cast, self.constant(f"{name}.scale", scale)], name)

    def convolution(self, x: str, size_px: int, convolution: Convolution) -> tuple[str, int]:
        """Append a convolution padded as TensorFlow's SAME; returns its name and map size."""
        kernel, stride = convolution.weight.shape[-1], convolution.stride
        out_px = -(-size_px // stride)
        pad = max((out_px - 1) * stride + kernel - size_px, 0)
        name = convolution.name
        inputs = [
            x,
            self.weight(f"{name}.weight", convolution.weight),
            self.constant(f"{name}.bias", convolution.bias),
        ]
        y = self.node(
            "Conv", inputs, name,
            group=convolution.groups,
            strides=[stride, stride],
            kernel_shape=[kernel, kernel],
            pads=[pad // 2, pad // 2, pad - pad // 2, pad - pad // 2],
        )  # fmt: skip
        if convolution.clipped:
            y = self.node("Clip", [y, "zero", "six"], f"{name}.relu6")
        return y, out_px


def is_pointwise(weight: Array) -> bool:
    """Tell whether a weight is of a 1 x 1 convolution: nearly all bytes, and easy to round."""
    return weight.ndim == 4 and weight.shape[1] > 1 and weight.shape[2:] == (1, 1)


def quantised(weight: Array) -> tuple[np.ndarray[Any, np.dtype[np.int8]], Array]:
    """Round to int8 with one scale for each output channel, the best of 24 clippings."""
    axes = tuple(range(1, weight.ndim))
    peak = np.abs(weight).max(axis=axes, keepdims=True) + 1e-12
    best, best_error = peak / 127, np.full_like(peak, np.inf)
    for clip in np.linspace(0.54, 1.0, 24):
        scale = peak * clip / 127
        codes = np.clip(np.rint(weight / scale), -127, 127)
        error = ((codes * scale - weight) ** 2).sum(axis=axes, keepdims=True)
        better = error < best_error
        best, best_error = np.where(better, scale, best), np.where(better, error, best_error)
    codes = np.clip(np.rint(weight / best), -127, 127).astype(np.int8)
    return codes, best.astype(np.float32)


def write_features(writer: GraphWriter, blocks: Sequence[Block], size_px: int) -> str:
    """Append everything from ``pixels`` to the last feature map (n, c, h, w)."""
    writer.constant("zero", np.float32(0).reshape(()))
    writer.constant("six", np.float32(6).reshape(()))
    middle = writer.constant("middle", np.float32(127).reshape(()))
    unit = writer.constant("unit", np.float32(1 / 128).reshape(()))
    planes = writer.node("Transpose", ["pixels"], "planes", perm=[0, 3, 1, 2])
    levels = writer.node("Cast", [planes], "levels", to=TensorProto.FLOAT)
    centred = writer.node("Sub", [levels, middle], "centred")
    x, px = writer.node("Mul", [centred, unit], "normalised"), size_px
    for block in blocks:
        y = x
        for convolution in block.convolutions:
            y, px = writer.convolution(y, px, convolution)
        x = writer.node("Add", [y, x], f"{y}.sum") if block.residual else y
    return x


def build(
    blocks: Sequence[Block], size_px: int, mean: Array, basis: Array, precision: str
) -> onnx.ModelProto:
    """Build the whole model; ``mean`` is (c,), ``basis`` (c, d) with orthonormal columns."""
    writer = GraphWriter(precision)
    features = write_features(writer, blocks, size_px)
    rows = np.ascontiguousarray(basis.T, dtype=np.float32)  # (d, c)
    dim = len(rows)
    weight = writer.weight("basis", rows[:, :, None, None])
    offset = writer.constant("offset", -(rows @ mean))
    average = writer.node("GlobalAveragePool", [features], "average")
    pooled = writer.node("Conv", [average, weight, offset], "pooled", kernel_shape=[1, 1])
    flat = writer.node("Flatten", [pooled], "flat", axis=1)
    writer.node("LpNormalization", [flat], "embedding", axis=1, p=2)
    planes = writer.node("Conv", [features, weight, offset], "map.planes", kernel_shape=[1, 1])
    writer.node("Transpose", [planes], "map", perm=[0, 2, 3, 1])
    return _model(writer, size_px, {"embedding": ["n", dim], "map": ["n", "h", "w", dim]})


def build_pooled(blocks: Sequence[Block], size_px: int) -> onnx.ModelProto:
    """Build a model that stops at the global average, to fit mean and basis on."""
    writer = GraphWriter("float32")
    average = writer.node("GlobalAveragePool", [write_features(writer, blocks, size_px)], "average")
    writer.node("Flatten", [average], "pooled", axis=1)
    return _model(writer, size_px, {"pooled": ["n", len(blocks[-1].convolutions[-1].bias)]})


def _model(
    writer: GraphWriter, size_px: int, shapes: Mapping[str, list[str | int]]
) -> onnx.ModelProto:
    pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["n", size_px, size_px, 3])
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in shapes.items()
    ]
    graph = helper.make_graph(
        writer.nodes, "shoplens-encoder", [pixels], outputs, initializer=writer.constants
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
    )
    onnx.checker.check_model(model, full_check=True)
    return model
