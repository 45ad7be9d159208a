"""A network in eight bits: static ranges, learnt from a shop's own pictures.

Weights have 7 bits where products are added in pairs: processors without VNNI saturate otherwise.
Depthwise kernels add one product at a time and keep 8: for Lite0 a cosine of 0.986 to float32
instead of 0.976, with the first six layers in float 0.991. QDQ and QOperator are equally fast.
"""

import logging
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime  # pyright: ignore[reportMissingTypeStubs]  # it ships none
from jaxtyping import UInt8
from onnx import helper
from onnxruntime import quantization  # pyright: ignore[reportMissingTypeStubs]

from shoplens.errors import MismatchError
from shoplens.learn.network.graph import Network, read_network
from shoplens.learn.network.surgery.assemble import needed, shapes
from shoplens.learn.network.write import TOLERANCE, seal
from shoplens.types import Embeddings

Squares = Sequence[UInt8[np.ndarray, "s s 3"]]

# Untyped as they are, pyright is told once.
_RUNTIME: Any = onnxruntime
_QUANTIZATION: Any = quantization
_WEIGHTED = {"Conv", "Gemm", "MatMul"}
_BETWEEN = {"Add", "Clip", "MaxPool", "Relu"}
FLOAT_LAYERS = 6
"""As many of the first layers stay float, an eighth of all at most: few, and the most sensitive."""


@dataclass(frozen=True, slots=True)
class Quantised:
    """The file's hash, and its cosines to the float embeddings of the calibration pictures."""

    content_hash: str
    cosine_mean: float
    cosine_min: float


def quantise(path: Path, out: Path, squares: Squares) -> Quantised:
    """Write the encoder at ``path`` as int8 to ``out``, ranges being those seen on ``squares``.

    A hundred prepared pictures are plenty. What is computed once a picture, and the map, stay
    float. Rows of the two files never belong in one store: name and content hash differ.

    Raises:
        NotFoundError: there is no such file.
        MismatchError: it is no encoder, has nothing to quantise, or the squares are not its size.
        StorageError: the disk refused it.
    """
    network = read_network(path)
    side = int(network.metadata["size_px"])
    if not squares or any(square.shape != (side, side, 3) for square in squares):
        found = sorted({square.shape for square in squares})
        raise MismatchError(f"pictures of {found} were given; wanted are some of {(side, side, 3)}")
    names = _quantised_nodes(network)
    if not names:
        raise MismatchError(f"{path} has no layer that int8 would make faster; serve it as it is")
    model = _calibrated(network, names, squares)
    metadata = network.metadata | {
        "name": f"{network.metadata['name']}-int8",
        "precision": "int8",
    }
    wanted = _embeddings(network.model, squares, optimised=True)
    made = _embeddings(model, squares, optimised=True)
    # Without its optimisations ONNX Runtime computes the same in float, as other processors might.
    other = _embeddings(model, squares, optimised=False)
    tolerance = max(TOLERANCE, round(2 * float(np.abs(made - other).max()), 3))
    cosines = (made * wanted).sum(axis=1)
    return Quantised(
        content_hash=seal(model, out, metadata, tolerance),
        cosine_mean=float(cosines.mean()),
        cosine_min=float(cosines.min()),
    )


class _Reader:
    """Pictures one by one, as the calibration asks for them."""

    def __init__(self, squares: Squares) -> None:
        self._left = iter(squares)

    def get_next(self) -> dict[str, np.ndarray] | None:
        """Give the next picture, None after the last."""
        square = next(self._left, None)
        return None if square is None else {"pixels": square[None]}


def _quantised_nodes(network: Network) -> list[str]:
    """Layers that work place by place for the embedding, and what is between them."""
    nodes = needed(network.nodes, ["embedding"])
    constants, sides = network.constants, shapes(network.model)

    def is_layer(node: onnx.NodeProto) -> bool:
        return node.op_type in _WEIGHTED and node.input[1] in constants

    layers = [place for place, node in enumerate(nodes) if is_layer(node)]
    kept = min(FLOAT_LAYERS, len(layers) // 8)
    start = layers[kept] if layers else len(nodes)
    return [
        node.name
        for node in nodes[start:]
        if _has_places(sides.get(node.output[0], ()))
        and (is_layer(node) or (node.op_type in _BETWEEN and len(sides[node.output[0]]) == 4))
    ]


def _has_places(sides: tuple[int | None, ...]) -> bool:
    """Tell a map or a row of words from what is computed once a picture."""
    return len(sides) > 2 and sides[2:] != (1,) * (len(sides) - 2)


def _calibrated(network: Network, names: list[str], squares: Squares) -> onnx.ModelProto:
    depthwise = {
        node.input[1]: [
            {
                "quant_type": _QUANTIZATION.QuantType.QInt8,
                "axis": 0,
                "symmetric": True,
                "reduce_range": False,
            }
        ]
        for node in network.nodes
        if node.name in names
        and any(each.name == "group" and each.i > 1 for each in node.attribute)
        and network.constants[node.input[1]].shape[1] == 1
    }
    model = onnx.ModelProto()
    model.CopyFrom(network.model)
    # Said to be prepared, as it is: without it the log is told that it should be.
    helper.set_model_props(model, {"onnx.quant.pre_process": "onnxruntime.quant"})
    with _no_new_log_handlers(), tempfile.TemporaryDirectory(prefix="shoplens-") as folder:
        made = Path(folder) / "quantised.onnx"
        _QUANTIZATION.quantize_static(
            model,
            str(made),
            _Reader(squares),
            quant_format=_QUANTIZATION.QuantFormat.QDQ,
            activation_type=_QUANTIZATION.QuantType.QUInt8,
            weight_type=_QUANTIZATION.QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            nodes_to_quantize=names,
            extra_options={"TensorQuantOverrides": depthwise},
        )
        return onnx.ModelProto.FromString(made.read_bytes())


@contextmanager
def _no_new_log_handlers() -> Generator[None]:
    """Undo what ``logging.info`` does of its own accord: give the root logger a handler."""
    before = list(logging.root.handlers)
    try:
        yield
    finally:
        for handler in [each for each in logging.root.handlers if each not in before]:
            logging.root.removeHandler(handler)


def _embeddings(model: onnx.ModelProto, squares: Squares, *, optimised: bool) -> Embeddings:
    options = _RUNTIME.SessionOptions()
    options.log_severity_level = 3
    levels = _RUNTIME.GraphOptimizationLevel
    options.graph_optimization_level = (
        levels.ORT_ENABLE_ALL if optimised else levels.ORT_DISABLE_ALL
    )
    session = _RUNTIME.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    rows = [session.run(["embedding"], {"pixels": square[None]})[0] for square in squares]
    return np.concatenate(rows)
