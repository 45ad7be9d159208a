"""A perceptron behind any picture tower, as a file that is its own: rows in, longer rows out."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from jaxtyping import Float32
from onnx import TensorProto, helper, numpy_helper

from shoplens.disk import write_whole
from shoplens.errors import MismatchError, StorageError

FORMULA = "ramp: sin(0.1 j), j = 0 .. base_dim - 1, at unit length; as row and as cells"
TOLERANCE = 0.001
OPSET, IR_VERSION = 17, 8
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Head:
    """Two layers, the first rectified, from rows of ``d0`` numbers to ``h2``."""

    weight1: Float32[np.ndarray, "h1 d0"]
    bias1: Float32[np.ndarray, " h1"]
    weight2: Float32[np.ndarray, "h2 h1"]
    bias2: Float32[np.ndarray, " h2"]


def write_head(path: Path, layers: Head, blend: float, about: Mapping[str, str]) -> str:
    """Write the file that joins a row and its projection; returns its content hash.

    Of ``row`` and ``cells``, both (m, d0), it makes ``embedding`` (m, d0 + h2): the cells, and
    what the layers make of them while ``row`` decides which hidden units are on and how long the
    projection is, so that the mean of a map's cells is the embedding. ``blend`` is the
    projection's share of a cosine. ``about`` needs ``name`` and ``derives_from``, the fingerprint
    of the tower whose rows these are. The self-test has every number, as computed by numpy.

    Raises:
        MismatchError: layers that do not fit each other, no share, or ``about`` lacks a name.
        StorageError: the disk refused it.
    """
    _check(layers, blend, about)
    high, wide = layers.weight1.shape
    model = _model(layers, blend)
    test = {
        "row": "ramp",
        "formula": FORMULA,
        "tolerance": TOLERANCE,
        "embedding": [round(float(value), 5) for value in _of_ramp(layers, blend)],
    }
    helper.set_model_props(
        model,
        {
            **about,
            "base_dim": str(wide),
            "dim": str(wide + len(layers.bias2)),
            "hidden": str(high),
            "blend": repr(blend),
            "selftest": json.dumps(test),
        },
    )
    content = model.SerializeToString(deterministic=True)
    try:
        write_whole(path, content)
    except OSError as error:
        raise StorageError(f"the head {path} could not be written: {error}") from error
    return hashlib.sha256(content).hexdigest()


def _model(layers: Head, blend: float) -> onnx.ModelProto:
    wide, dim = layers.weight1.shape[1], layers.weight1.shape[1] + len(layers.bias2)
    constants = {
        "weight1": layers.weight1.T,
        "bias1": layers.bias1,
        "weight2": layers.weight2.T,
        "bias2": layers.bias2,
        "axis": np.array([1], np.int64),
        "zero": np.array(0, np.float32),
        "tiny": np.array(_TINY, np.float32),
        "kept": np.array((1 - blend) ** 0.5, np.float32),
        "share": np.array(blend**0.5, np.float32),
    }
    return helper.make_model(
        helper.make_graph(
            _nodes(),
            "shoplens-head",
            [_rows("row", wide), _rows("cells", wide)],
            [_rows("embedding", dim)],
            initializer=[
                numpy_helper.from_array(np.asarray(array, order="C"), name)
                for name, array in constants.items()
            ],
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )


def _nodes() -> list[onnx.NodeProto]:
    """What is linear in ``cells`` is computed of ``row`` as well, for its signs and its length."""
    steps = [
        ("row.hidden", "Gemm", "row", "weight1", "bias1"),
        ("row.on", "Greater", "row.hidden", "zero"),
        ("row.rectified", "Relu", "row.hidden"),
        ("row.made", "Gemm", "row.rectified", "weight2", "bias2"),
        ("row.squares", "Mul", "row.made", "row.made"),
        ("row.sum", "ReduceSum", "row.squares", "axis"),
        ("row.root", "Sqrt", "row.sum"),
        ("row.length", "Max", "row.root", "tiny"),
        ("cells.hidden", "Gemm", "cells", "weight1", "bias1"),
        ("cells.on", "Where", "row.on", "cells.hidden", "zero"),
        ("cells.made", "Gemm", "cells.on", "weight2", "bias2"),
        ("cells.unit", "Div", "cells.made", "row.length"),
        ("cells.share", "Mul", "cells.unit", "share"),
        ("cells.kept", "Mul", "cells", "kept"),
    ]
    nodes = [helper.make_node(kind, inputs, [made], made) for made, kind, *inputs in steps]
    joined = ["cells.kept", "cells.share"]
    return [*nodes, helper.make_node("Concat", joined, ["embedding"], "embedding", axis=1)]


def _rows(name: str, wide: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["m", wide])


def _of_ramp(layers: Head, blend: float) -> Float32[np.ndarray, " d"]:
    row = np.sin(0.1 * np.arange(layers.weight1.shape[1], dtype=np.float64))
    row = row / max(float(np.linalg.norm(row)), _TINY)
    hidden = np.maximum(layers.weight1 @ row + layers.bias1, 0)
    made = layers.weight2 @ hidden + layers.bias2
    unit = made / max(float(np.linalg.norm(made)), _TINY)
    return np.concatenate([(1 - blend) ** 0.5 * row, blend**0.5 * unit]).astype(np.float32)


def _check(layers: Head, blend: float, about: Mapping[str, str]) -> None:
    if missing := [name for name in ("name", "derives_from") if name not in about]:
        raise MismatchError(f"the metadata lack {', '.join(missing)}; a head's file needs them")
    if not 0 < blend < 1:
        raise MismatchError(
            f"a head cannot have the share {blend}; choose one above 0 and below 1: the rest is "
            "the encoder as it was"
        )
    shapes = [layers.weight1.shape, layers.bias1.shape, layers.weight2.shape, layers.bias2.shape]
    if (
        [len(shape) for shape in shapes] != [2, 1, 2, 1]
        or shapes[1][0] != shapes[0][0]
        or shapes[2] != (shapes[3][0], shapes[1][0])
    ):
        raise MismatchError(
            f"layers of shapes {shapes}; wanted are (h1, d), (h1,), (h2, h1), (h2,)"
        )
