"""Picture networks of random weights: one as the bundled ones are, one as transformers export."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime  # pyright: ignore[reportMissingTypeStubs]  # it ships none
from onnx import TensorProto, helper, numpy_helper

from shoplens.learn.network.graph import Network, read_network
from shoplens.learn.network.write import seal
from shoplens.types import Pixels

SIZE_PX = 16
_RUNTIME: Any = onnxruntime
Step = tuple[str, Sequence[str], str, Mapping[str, Any]]


def run(
    model: onnx.ModelProto | bytes, outputs: list[str], inputs: Mapping[str, np.ndarray]
) -> list[np.ndarray]:
    """Compute with ONNX Runtime, on one thread."""
    options = _RUNTIME.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    content = model if isinstance(model, bytes) else model.SerializeToString()
    session = _RUNTIME.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    return session.run(outputs, dict(inputs))


def pictures(rng: np.random.Generator, n: int = 3, size_px: int = SIZE_PX) -> list[Pixels]:
    return [rng.integers(0, 256, (size_px, size_px, 3), np.uint8) for _ in range(n)]


def model_of(
    steps: Sequence[Step],
    constants: Mapping[str, np.ndarray],
    outputs: Mapping[str, Sequence[str | int]],
    opset: int = 17,
) -> onnx.ModelProto:
    """Put a picture network together, its steps being (kind, inputs, output, attributes)."""
    nodes = [
        helper.make_node(kind, inputs, [output], output, **attributes)
        for kind, inputs, output, attributes in steps
    ]
    square: list[str | int] = ["n", SIZE_PX, SIZE_PX, 3]
    graph = helper.make_graph(
        nodes,
        "drawn",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, square)],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in outputs.items()
        ],
        initializer=[numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def write(model: onnx.ModelProto, path: Path) -> Path:
    metadata = {"name": "drawn", "size_px": str(SIZE_PX), "resize": "any", "licence": "none"}
    dim = model.graph.output[0].type.tensor_type.shape.dim[1].dim_value
    seal(model, path, {**metadata, "dim": str(dim)}, 0.01)
    return path


def opened(model: onnx.ModelProto, folder: Path) -> Network:
    return read_network(write(model, folder / "drawn.onnx"))


PREPARE: list[Step] = [
    ("Transpose", ["pixels"], "planes", {"perm": [0, 3, 1, 2]}),
    ("Cast", ["planes"], "levels", {"to": TensorProto.FLOAT}),
    ("Sub", ["levels", "middle"], "centred", {}),
    ("Mul", ["centred", "unit"], "normalised", {}),
]
SCALARS = {
    "middle": np.array(127, np.float32),
    "unit": np.array(1 / 128, np.float32),
    "zero": np.array(0, np.float32),
    "six": np.array(6, np.float32),
}


def convolutional(rng: np.random.Generator) -> onnx.ModelProto:
    """Draw a small network of the bundled kind: half and int8 weights, a residual, a basis."""

    def weight(*shape: int) -> np.ndarray:
        return rng.normal(0, np.prod(shape[1:]) ** -0.5, shape).astype(np.float32)

    constants = {
        **SCALARS,
        "stem.weight.half": weight(6, 3, 3, 3).astype(np.float16),
        "depthwise.weight": weight(6, 1, 3, 3),
        "project.weight.half": weight(6, 6, 1, 1).astype(np.float16),
        "head.weight.int8": rng.integers(-127, 128, (12, 6, 1, 1), np.int8),
        "head.weight.scale": np.full((12, 1, 1, 1), 0.004, np.float32),
        "basis": weight(5, 12, 1, 1),
        **{name: weight(6) for name in ("stem.bias", "depthwise.bias", "project.bias")},
        "head.bias": weight(12),
        "offset": weight(5),
    }
    steps: list[Step] = [
        *PREPARE,
        ("Cast", ["stem.weight.half"], "stem.weight", {"to": TensorProto.FLOAT}),
        ("Conv", ["normalised", "stem.weight", "stem.bias"], "stem",
         {"strides": [2, 2], "pads": [0, 0, 1, 1], "kernel_shape": [3, 3]}),
        ("Clip", ["stem", "zero", "six"], "stem.relu6", {}),
        ("Conv", ["stem.relu6", "depthwise.weight", "depthwise.bias"], "depthwise",
         {"group": 6, "pads": [1, 1, 1, 1]}),
        ("Cast", ["project.weight.half"], "project.weight", {"to": TensorProto.FLOAT}),
        ("Conv", ["depthwise", "project.weight", "project.bias"], "project", {}),
        ("Add", ["project", "stem.relu6"], "project.sum", {}),
        ("Cast", ["head.weight.int8"], "head.weight.codes", {"to": TensorProto.FLOAT}),
        ("Mul", ["head.weight.codes", "head.weight.scale"], "head.weight", {}),
        ("Conv", ["project.sum", "head.weight", "head.bias"], "head", {}),
        ("Clip", ["head", "zero", "six"], "head.relu6", {}),
        ("GlobalAveragePool", ["head.relu6"], "average", {}),
        ("Conv", ["average", "basis", "offset"], "pooled", {}),
        ("Flatten", ["pooled"], "flat", {"axis": 1}),
        ("LpNormalization", ["flat"], "embedding", {"axis": 1, "p": 2}),
        ("Conv", ["head.relu6", "basis", "offset"], "map.planes", {}),
        ("Transpose", ["map.planes"], "map", {"perm": [0, 2, 3, 1]}),
    ]  # fmt: skip
    return model_of(steps, constants, {"embedding": ["n", 5], "map": ["n", "h", "w", 5]})


def transformer(rng: np.random.Generator, *, repeats: bool = False) -> onnx.ModelProto:
    """Draw two blocks behind patches of 4 px, as torch exports them: shapes made of shapes.

    The map is that of the patches, which the class token's embedding is no mean of; with
    ``repeats`` it is the embedding in every place.
    """
    constants: dict[str, np.ndarray] = {
        **SCALARS,
        "patch": rng.normal(0, 0.1, (8, 3, 4, 4)).astype(np.float32),
        "token": rng.normal(size=(1, 1, 8)).astype(np.float32),
        "places": rng.normal(size=(1, 17, 8)).astype(np.float32),
        "projection": rng.normal(size=(8, 6)).astype(np.float32),
        **{f"i{number}": np.array(number) for number in (0, 1)},
        **{f"v{number}": np.array([number]) for number in (0, 1, 2, 8, 16, 17, 24)},
        "patches.shape": np.array([0, 8, 16]),
        "grid": np.array([-1, 4, 4, 8]),
    }
    steps: list[Step] = [
        *PREPARE,
        ("Conv", ["normalised", "patch"], "patches", {"strides": [4, 4]}),
        ("Reshape", ["patches", "patches.shape"], "rows", {}),
        ("Transpose", ["rows"], "words", {"perm": [0, 2, 1]}),
        ("Shape", ["words"], "words.shape", {}),
        ("Gather", ["words.shape", "i0"], "n", {"axis": 0}),
        ("Unsqueeze", ["n", "v0"], "n1", {}),
        ("Concat", ["n1", "v1", "v8"], "token.shape", {"axis": 0}),
        ("Expand", ["token", "token.shape"], "tokens", {}),
        ("Concat", ["tokens", "words"], "all", {"axis": 1}),
        ("Add", ["all", "places"], "block0", {}),
        *_block(rng, constants, "block0", "block1"),
        *_block(rng, constants, "block1", "block2"),
        ("Gather", ["block2", "i0"], "class", {"axis": 1}),
        ("MatMul", ["class", "projection"], "flat", {}),
        ("LpNormalization", ["flat"], "embedding", {"axis": 1, "p": 2}),
    ]
    if repeats:
        constants |= {"cell": np.array([-1, 1, 1, 6]), "map.shape": np.array([1, 4, 4, 6])}
        steps += [
            ("Reshape", ["embedding", "cell"], "cells", {}),
            ("Expand", ["cells", "map.shape"], "map", {}),
        ]
    else:
        steps += [
            ("Slice", ["block2", "v1", "v17", "v1"], "kept", {}),
            ("Reshape", ["kept", "grid"], "cells", {}),
            ("MatMul", ["cells", "projection"], "map", {}),
        ]
    return model_of(steps, constants, {"embedding": ["n", 6], "map": ["n", 4, 4, 6]})


def _block(
    rng: np.random.Generator, constants: dict[str, np.ndarray], x: str, y: str
) -> list[Step]:
    """One head of attention and two layers, with residuals; it asks ``x`` for its shape."""
    constants |= {
        f"{y}.qkv": rng.normal(0, 0.3, (8, 24)).astype(np.float32),
        f"{y}.bias": rng.normal(0, 0.3, (24,)).astype(np.float32),
        f"{y}.scale": rng.normal(1, 0.1, (8,)).astype(np.float32),
        f"{y}.up": rng.normal(0, 0.3, (8, 16)).astype(np.float32),
        f"{y}.down": rng.normal(0, 0.3, (16, 8)).astype(np.float32),
        f"{y}.root": np.array(8**-0.5, np.float32),
    }
    return [
        ("LayerNormalization", [x, f"{y}.scale"], f"{y}.norm", {"axis": -1}),
        ("MatMul", [f"{y}.norm", f"{y}.qkv"], f"{y}.product", {}),
        ("Add", [f"{y}.product", f"{y}.bias"], f"{y}.three", {}),
        ("Shape", [f"{y}.norm"], f"{y}.shape", {}),
        ("Gather", [f"{y}.shape", "i0"], f"{y}.n", {"axis": 0}),
        ("Gather", [f"{y}.shape", "i1"], f"{y}.words", {"axis": 0}),
        ("Unsqueeze", [f"{y}.n", "v0"], f"{y}.n1", {}),
        ("Unsqueeze", [f"{y}.words", "v0"], f"{y}.words1", {}),
        ("Concat", [f"{y}.n1", f"{y}.words1", "v8"], f"{y}.part", {"axis": 0}),
        ("Slice", [f"{y}.three", "v0", "v8", "v2"], f"{y}.q.cut", {}),
        ("Slice", [f"{y}.three", "v8", "v16", "v2"], f"{y}.k.cut", {}),
        ("Slice", [f"{y}.three", "v16", "v24", "v2"], f"{y}.v.cut", {}),
        ("Reshape", [f"{y}.q.cut", f"{y}.part"], f"{y}.q", {}),
        ("Reshape", [f"{y}.k.cut", f"{y}.part"], f"{y}.k", {}),
        ("Reshape", [f"{y}.v.cut", f"{y}.part"], f"{y}.v", {}),
        ("Transpose", [f"{y}.k"], f"{y}.turned", {"perm": [0, 2, 1]}),
        ("MatMul", [f"{y}.q", f"{y}.turned"], f"{y}.likeness", {}),
        ("Mul", [f"{y}.likeness", f"{y}.root"], f"{y}.scaled", {}),
        ("Softmax", [f"{y}.scaled"], f"{y}.shares", {"axis": -1}),
        ("MatMul", [f"{y}.shares", f"{y}.v"], f"{y}.attended", {}),
        ("Add", [x, f"{y}.attended"], f"{y}.middle", {}),
        ("MatMul", [f"{y}.middle", f"{y}.up"], f"{y}.wide", {}),
        ("Relu", [f"{y}.wide"], f"{y}.on", {}),
        ("MatMul", [f"{y}.on", f"{y}.down"], f"{y}.narrow", {}),
        ("Add", [f"{y}.middle", f"{y}.narrow"], y, {}),
    ]
