"""A model is built of nodes and constants, of no more than its outputs need."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import onnx
from onnx import helper, numpy_helper, shape_inference


def assembled(
    model: onnx.ModelProto,
    nodes: Sequence[onnx.NodeProto],
    constants: Mapping[str, np.ndarray],
    outputs: Sequence[onnx.ValueInfoProto],
) -> onnx.ModelProto:
    """Build a model of the same versions and metadata, of what ``outputs`` need and no more."""
    kept = needed(nodes, [output.name for output in outputs])
    used = {name for node in kept for name in node.input}
    graph = helper.make_graph(
        kept,
        model.graph.name,
        [given for given in model.graph.input if given.name not in constants],
        outputs,
        initializer=[
            numpy_helper.from_array(np.asarray(array, order="C"), name)
            for name, array in constants.items()
            if name in used
        ],
    )
    built = helper.make_model(
        graph,
        opset_imports=model.opset_import,
        ir_version=model.ir_version,
        functions=model.functions,
    )
    built.metadata_props.extend(model.metadata_props)
    return shape_inference.infer_shapes(built, data_prop=True)


def needed(
    nodes: Sequence[onnx.NodeProto], wanted: Iterable[str], stop: Iterable[str] = ()
) -> list[onnx.NodeProto]:
    """The nodes, in order, that make the tensors ``wanted``, back to ``stop``."""
    ends, asked, kept = set(stop), set(wanted), list[onnx.NodeProto]()
    for node in reversed(nodes):
        if not asked.isdisjoint(set(node.output) - ends):
            kept.append(node)
            asked.update(name for name in node.input if name)
    return kept[::-1]


def shapes(model: onnx.ModelProto) -> dict[str, tuple[int | None, ...]]:
    """Sides of every tensor that inference knows of; None is a side known only at run time."""
    graph = model.graph
    return {
        value.name: tuple(
            side.dim_value if side.HasField("dim_value") else None
            for side in value.type.tensor_type.shape.dim
        )
        for value in (*graph.input, *graph.value_info, *graph.output)
        if value.type.tensor_type.HasField("shape")
    }
