"""An ONNX picture network that can be cut: which tensors carry all that reaches the embedding."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from shoplens.encode.onnx import OnnxNetwork
from shoplens.errors import MismatchError
from shoplens.learn.network.surgery.assemble import assembled, needed, shapes
from shoplens.learn.network.surgery.fold import fold

OLDEST_OPSET = 13
"""Since then Softmax has one axis, and Squeeze and ReduceSum take theirs as an input."""
_PREPARATION = {
    "Add", "Cast", "Clip", "Concat", "Constant", "Div", "Expand", "Gather", "Identity", "Mul",
    "Pad", "Reshape", "Shape", "Slice", "Split", "Squeeze", "Sub", "Transpose", "Unsqueeze",
}  # fmt: skip
"""Kinds that make the float input of pixels; the first other node begins the network proper."""


@dataclass(frozen=True, slots=True)
class Network:
    """A picture network whose constants are folded; ``model`` is read, never changed.

    ``content_hash`` is that of the file it was read from, or of ``model`` where there is none.
    """

    model: onnx.ModelProto
    content_hash: str

    @classmethod
    def of(cls, model: onnx.ModelProto) -> "Network":
        """Wrap a model that is in no file yet."""
        content = model.SerializeToString(deterministic=True)
        return cls(model, hashlib.sha256(content).hexdigest())

    @property
    def nodes(self) -> list[onnx.NodeProto]:
        """Every node, each after those that it reads."""
        return list(self.model.graph.node)

    @property
    def constants(self) -> dict[str, np.ndarray]:
        """Copies of all initializers, by name."""
        return {
            tensor.name: numpy_helper.to_array(tensor) for tensor in self.model.graph.initializer
        }

    @property
    def outputs(self) -> dict[str, onnx.ValueInfoProto]:
        """What the network gives: ``embedding`` and ``map``."""
        return {output.name: output for output in self.model.graph.output}

    @property
    def metadata(self) -> dict[str, str]:
        """What the file says of itself."""
        return {pair.key: pair.value for pair in self.model.metadata_props}

    @property
    def pooled(self) -> str:
        """Name of the tensor that becomes ``embedding`` when it is brought to unit length."""
        return next(node.input[0] for node in self.nodes if "embedding" in node.output)

    @property
    def dim(self) -> int:
        """Dimensions of the embedding."""
        return self.outputs["embedding"].type.tensor_type.shape.dim[1].dim_value


def read_network(path: Path) -> Network:
    """Read an encoder's file after it has reproduced its self-test vector.

    Raises:
        NotFoundError: there is no such file.
        MismatchError: it is no such network, or not one that can be taken apart.
    """
    opened = OnnxNetwork(path)
    model = onnx.ModelProto.FromString(path.read_bytes())
    if any(tensor.data_location == TensorProto.EXTERNAL for tensor in model.graph.initializer):
        raise MismatchError(f"{path} keeps weights in other files; save it as one file")
    versions = [each.version for each in model.opset_import if not each.domain]
    if not versions or versions[0] < OLDEST_OPSET:
        raise MismatchError(
            f"{path} is written in operators of version {versions}; wanted is {OLDEST_OPSET} or"
            " later: export it anew"
        )
    network = Network(fold(model), opened.content_hash)
    _check_end(path, network)
    return network


def cuts(network: Network) -> tuple[str, ...]:
    """Names of the float tensors through which all that reaches ``embedding`` flows, in order.

    The first is the prepared float input, the last the pooled value.
    """
    floats = _floats(network)
    found: list[str] = []
    prepared = False
    for node, only in _boundaries(network):
        if not prepared and node.op_type not in _PREPARATION:
            prepared, found = True, found[-1:]
        if only in floats and only not in found[-1:]:
            found.append(only)
    return tuple(found[:-1])


def resolve(network: Network, cut: str) -> str:
    """Name the tensor that ``cut`` means; ``pixels`` is the prepared float input.

    Raises:
        MismatchError: not all that reaches the embedding flows through it.
    """
    known = cuts(network)
    if cut == "pixels":
        return known[0]
    if cut not in known:
        raise MismatchError(f"the network cannot be cut at {cut!r}; it can at {', '.join(known)}")
    return cut


def trunk(network: Network, cut: str) -> bytes:
    """Serialize the model from ``pixels`` to the tensor at ``cut``, its only output, in float32."""
    name = resolve(network, cut)
    output = helper.make_tensor_value_info(name, TensorProto.FLOAT, _symbols(network, name))
    built = assembled(network.model, network.nodes, network.constants, [output])
    return built.SerializeToString(deterministic=True)


def between(network: Network, cut: str) -> list[onnx.NodeProto]:
    """The nodes that make the pooled value of what is at ``cut``; none where that is the same."""
    return needed(network.nodes, [network.pooled], stop=[resolve(network, cut)])


def _boundaries(network: Network) -> Iterator[tuple[onnx.NodeProto, str]]:
    """After each node that depends on pixels, the one tensor still to be used, or ''."""
    nodes = needed(network.nodes, ["embedding"])
    uses = Counter(name for node in nodes for name in node.input)
    uses["embedding"] += 1
    made, live = {"pixels"}, {"pixels"}
    for node in nodes:
        if made.isdisjoint(node.input):
            continue
        made.update(node.output)
        live.update(name for name in node.output if uses[name])
        for name in node.input:
            uses[name] -= 1
        live -= {name for name in node.input if not uses[name]}
        yield node, next(iter(live)) if len(live) == 1 else ""


def _floats(network: Network) -> set[str]:
    graph = network.model.graph
    return {
        value.name
        for value in (*graph.value_info, *graph.output)
        if value.type.tensor_type.elem_type == TensorProto.FLOAT
    }


def _symbols(network: Network, name: str) -> list[int | str] | None:
    sides = shapes(network.model).get(name)
    if sides is None:
        return None
    return [f"side{place}" if side is None else side for place, side in enumerate(sides)]


def _check_end(path: Path, network: Network) -> None:
    maker = next((node for node in network.nodes if "embedding" in node.output), None)
    attributes = {each.name: each.i for each in maker.attribute} if maker else {}
    if (
        maker is None
        or maker.op_type != "LpNormalization"
        or attributes.get("axis", -1) not in {1, -1}
        or attributes.get("p", 2) != 2
    ):
        raise MismatchError(
            f"{path} makes its embedding by {maker.op_type if maker else 'nothing'}; wanted is"
            " LpNormalization of each row, p=2: export it anew"
        )
