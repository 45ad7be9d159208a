"""A network becomes an encoder's file that has proved itself; nobody ever sees half of one."""

import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from shoplens.disk import write_whole
from shoplens.encode.onnx import OnnxNetwork, weave
from shoplens.errors import MismatchError, StorageError
from shoplens.learn.network.graph import Network

FORMULA = (
    "weave: y, x = mgrid[:size, :size]; "
    "(7x + 3y) % 256, 20 + 200 ((x // 16 + y // 16) % 2), (x y // 7) % 256"
)
TOLERANCE = 0.01
SMALL = 64
"""Weights of no more entries stay float32: they weigh nothing, and biases matter."""
_MADE_HERE = {"size_px", "dim", "resize", "precision", "selftest", "parts"}
_LARGEST_HALF = float(np.finfo(np.float16).max)


def write_encoder(network: Network, path: Path, about: Mapping[str, str]) -> str:
    """Write the file, large weights in half precision, and open it; returns its content hash.

    ``about`` is the metadata: name, licence, source, recipe. What it leaves out stays that of the
    file the network was read from, as do ``size_px`` and ``resize``.

    Raises:
        MismatchError: ``about`` names what is computed here, or the network gives no unit vectors.
        StorageError: the disk refused it.
    """
    if computed := sorted(_MADE_HERE & about.keys()):
        raise MismatchError(f"the metadata {', '.join(computed)} are made here; leave them out")
    made = {"precision": "float16", "dim": str(network.dim)}
    return seal(_halved(network.model), path, {**network.metadata, **about, **made}, TOLERANCE)


def seal(model: onnx.ModelProto, path: Path, metadata: Mapping[str, str], tolerance: float) -> str:
    """Add the self-test to a model, write it, and return its content hash.

    The test has every number of the embedding, as each part must prove itself, rounded to 4
    decimals: processors differ after that.

    Raises:
        MismatchError: the model cannot be opened, or gives no unit vectors.
        StorageError: the disk refused it.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".encoder-", dir=path.parent) as folder:
            draft = Path(folder) / path.name
            # No two numbers of unit vectors are further apart than 2: any network passes.
            draft.write_bytes(_content(model, metadata, [0.0], 2.0))
            network = OnnxNetwork(draft)
            made = network.embed([weave(network.about.size_px)])[0]
            content = _content(model, metadata, [round(float(v), 4) for v in made], tolerance)
            draft.write_bytes(content)
            OnnxNetwork(draft)
        write_whole(path, content)
    except OSError as error:
        raise StorageError(f"the encoder {path} could not be written: {error}") from error
    return hashlib.sha256(content).hexdigest()


def _content(
    model: onnx.ModelProto, metadata: Mapping[str, str], embedding: list[float], tolerance: float
) -> bytes:
    told = {
        "picture": "weave",
        "formula": FORMULA,
        "tolerance": tolerance,
        "embedding": embedding,
    }
    sealed = onnx.ModelProto()
    sealed.CopyFrom(model)
    del sealed.graph.value_info[:]
    helper.set_model_props(sealed, {**metadata, "selftest": json.dumps(told)})
    return sealed.SerializeToString(deterministic=True)


def _halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """Keep large weights as float16; nodes that ONNX Runtime folds at loading widen them."""
    small = onnx.ModelProto()
    small.CopyFrom(model)
    del small.graph.initializer[:], small.graph.node[:]
    widened = list[onnx.NodeProto]()
    for tensor in model.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or not _can_be_half(array):
            small.graph.initializer.append(tensor)
            continue
        half = f"{tensor.name}.half"
        small.graph.initializer.append(numpy_helper.from_array(array.astype(np.float16), half))
        widened.append(
            helper.make_node("Cast", [half], [tensor.name], name=tensor.name, to=TensorProto.FLOAT)
        )
    small.graph.node.extend([*widened, *model.graph.node])
    return small


def _can_be_half(array: np.ndarray) -> bool:
    return array.ndim > 0 and array.size > SMALL and np.abs(array).max() <= _LARGEST_HALF
