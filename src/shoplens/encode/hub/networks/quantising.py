"""A network in eight bits: weights once, what they meet while it runs.

Dynamic, for it needs no pictures to learn ranges from, and transformers have nothing but large
products. Weights have 7 bits where products are added in pairs: processors without VNNI saturate
otherwise. The tables of words are rounded row by row, each with its own range, by hand: ONNX
Runtime's own way gives one range to a table of 256,000 rows.
"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnxruntime import quantization  # pyright: ignore[reportMissingTypeStubs]  # it ships none

from shoplens.encode.hub.networks.graph import load_whole, save
from shoplens.encode.hub.quiet import quiet

# Untyped as they are, pyright is told once.
_QUANTIZATION: Any = quantization
_HELPER: Any = helper
_NUMPY: Any = numpy_helper
_SMALLEST_TABLE = 1_000
"""Rows; positions have fewer, and are added to everything."""


def quantise(path: Path, out: Path) -> bool:
    """Write the network at ``path`` as int8 to ``out``, or tell that nothing in it would gain.

    The last product stays float: it is of one row a picture or text, and costs nothing. Raises
    MismatchError if the file is damaged.
    """
    model = load_whole(path)
    weights = {each.name for each in model.graph.initializer}
    products = [
        node.name
        for node in model.graph.node
        if node.op_type in {"MatMul", "Gemm"} and node.input[1] in weights
    ]
    tables = _round_tables(model)
    # Told to take none of them, ONNX Runtime would take all.
    inner = products[:-1]
    if inner:
        del model.graph.value_info[:]
        _HELPER.set_model_props(model, {"onnx.quant.pre_process": "onnxruntime.quant"})
        _round_products(model, inner, out)
    elif tables:
        save(model, out)
    return bool(inner or tables)


def _round_products(model: onnx.ModelProto, names: list[str], out: Path) -> None:
    with quiet(), tempfile.TemporaryDirectory(prefix="shoplens-", dir=out.parent) as folder:
        rounded, made = Path(folder) / "rounded.onnx", Path(folder) / "made.onnx"
        save(model, rounded)
        _QUANTIZATION.quantize_dynamic(
            str(rounded),
            str(made),
            op_types_to_quantize=["MatMul", "Gemm"],
            nodes_to_quantize=names,
            per_channel=True,
            reduce_range=True,
            weight_type=_QUANTIZATION.QuantType.QInt8,
            use_external_data_format=Path(f"{rounded}.data").exists(),
            extra_options={"MatMulConstBOnly": True},
        )
        save(load_whole(made), out)


def _round_tables(model: onnx.ModelProto) -> int:
    """Put int8 rows and a factor each in the place of large tables, and count them."""
    graph = model.graph
    weights = {each.name: each for each in graph.initializer}
    nodes: list[onnx.NodeProto] = []
    found: set[str] = set()
    others = [node for node in graph.node if node.op_type != "Gather"]
    kept = {each for node in others for each in node.input}
    for node in graph.node:
        looked_up = node.op_type == "Gather" and node.input[0] not in kept
        table = weights.get(node.input[0]) if looked_up else None
        if table is None or not _is_table(table, node):
            nodes.append(node)
            continue
        nodes += _looking_up(node)
        found.add(table.name)
    for name in found:
        rows: Any = _NUMPY.to_array(weights[name])
        factors: Any = np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1e-12) / 127
        levels: Any = rows / factors
        small = levels.round().astype(np.int8)
        graph.initializer.remove(weights[name])
        graph.initializer.append(_NUMPY.from_array(small, f"{name}_int8"))
        graph.initializer.append(_NUMPY.from_array(factors.astype(np.float32), f"{name}_factors"))
    del graph.node[:]
    graph.node.extend(nodes)
    return len(found)


def _is_table(table: onnx.TensorProto, node: onnx.NodeProto) -> bool:
    flat = all(each.name != "axis" or each.i == 0 for each in node.attribute)
    large = len(table.dims) == 2 and table.dims[0] >= _SMALLEST_TABLE
    return flat and large and table.data_type == onnx.TensorProto.FLOAT


def _looking_up(node: onnx.NodeProto) -> list[onnx.NodeProto]:
    table, ids, out = node.input[0], node.input[1], node.output[0]
    make = _HELPER.make_node
    return [
        make("Gather", [f"{table}_int8", ids], [f"{out}_levels"], axis=0),
        make("Gather", [f"{table}_factors", ids], [f"{out}_factors"], axis=0),
        make("Cast", [f"{out}_levels"], [f"{out}_numbers"], to=onnx.TensorProto.FLOAT),
        make("Mul", [f"{out}_numbers", f"{out}_factors"], [out]),
    ]
