"""What a graph computes from constants alone is computed once, before anyone looks at it."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from shoplens.learn.network.surgery.assemble import assembled, shapes

# Typed in part: pyright is told once.
_EVALUATOR: Any = ReferenceEvaluator

Constants = dict[str, np.ndarray]
"""Initializers by name, each of its own shape and type."""

_FOLDABLE = {
    "Add", "Cast", "Concat", "Constant", "ConstantOfShape", "DequantizeLinear", "Div", "Equal",
    "Expand", "Flatten", "Gather", "Identity", "Mul", "Neg", "Pow", "Range", "Reshape", "Shape",
    "Slice", "Split", "Sqrt", "Squeeze", "Sub", "Transpose", "Unsqueeze", "Where",
}  # fmt: skip
"""Kinds that widen small weights or compute shapes; what is not among them stays as it is."""


def fold(model: onnx.ModelProto) -> onnx.ModelProto:
    """Evaluate constant nodes, and shapes known beforehand; half and int8 weights become float32.

    Inputs and outputs stay, but that more of their sides may be known; what reaches no output is
    left out. Types and shapes of all tensors are in the ``value_info`` of what comes back.
    """
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    nodes = list(model.graph.node)
    outputs = {output.name for output in model.graph.output}
    while True:
        nodes = _evaluated(nodes, constants, outputs, model)
        folded = assembled(model, nodes, constants, list(model.graph.output))
        if not _settle_shapes(nodes, constants, folded):
            return folded


def _evaluated(
    nodes: Iterable[onnx.NodeProto],
    constants: Constants,
    outputs: set[str],
    model: onnx.ModelProto,
) -> list[onnx.NodeProto]:
    """Move what follows from ``constants`` into them; returns the nodes that are left."""
    opsets = {opset.domain: opset.version for opset in model.opset_import}
    left = list[onnx.NodeProto]()
    for node in nodes:
        inputs = [name for name in node.input if name]
        if (
            node.op_type not in _FOLDABLE
            or node.domain
            or not constants.keys() >= set(inputs)
            or not outputs.isdisjoint(node.output)
        ):
            left.append(node)
            continue
        graph = helper.make_graph(
            [node],
            "constant",
            [onnx.ValueInfoProto(name=name) for name in dict.fromkeys(inputs)],
            [onnx.ValueInfoProto(name=name) for name in node.output],
        )
        made = _EVALUATOR(graph, opsets=opsets).run(
            None, {name: constants[name] for name in inputs}
        )
        constants.update(
            (name, np.asarray(array)) for name, array in zip(node.output, made, strict=True)
        )
    return left


def _settle_shapes(
    nodes: list[onnx.NodeProto], constants: Constants, folded: onnx.ModelProto
) -> bool:
    """Put in what inference knows of shapes; tells whether there was anything new.

    A Reshape whose result has one unknown side, the number of pictures, needs no other tensor's
    shape: without this, exported transformers are tied together by such shapes and have no cuts.
    """
    sides, settled = shapes(folded), False
    for place, node in enumerate(nodes):
        if node.op_type == "Shape":
            bounds = {each.name: each.i for each in node.attribute}
            known = sides.get(node.input[0], (None,))[bounds.get("start", 0) : bounds.get("end")]
            most_unknown = 0
        elif node.op_type == "Reshape" and node.input[1] not in constants:
            known, most_unknown = sides.get(node.output[0], (None, None)), 1
        else:
            continue
        if known.count(None) > most_unknown or 0 in known:
            continue
        name = f"{node.output[0]}.static"
        constants[name] = np.array([-1 if side is None else side for side in known], np.int64)
        nodes[place], settled = _with_shape(node, name), True
    return settled


def _with_shape(node: onnx.NodeProto, name: str) -> onnx.NodeProto:
    """Replace what a Shape computes, or what a Reshape reads, by a constant."""
    if node.op_type == "Shape":
        return helper.make_node("Identity", [name], node.output, node.name)
    changed = onnx.NodeProto()
    changed.CopyFrom(node)
    changed.input[1] = name
    return changed
