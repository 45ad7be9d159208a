"""Trained weights are put back: one graph, its parts each a share of a cosine."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

import numpy as np
import onnx
from onnx import TensorProto, helper

from shoplens.errors import MismatchError
from shoplens.learn.network.graph import Network, between, resolve
from shoplens.learn.network.surgery.assemble import assembled, needed, shapes

_LINEAR = {
    "Add", "BatchNormalization", "Conv", "Div", "Flatten", "Gemm", "Identity", "MatMul", "Mul",
    "Reshape", "Squeeze", "Sub", "Transpose", "Unsqueeze",
}  # fmt: skip
_POOLING = {"AveragePool", "GlobalAveragePool", "ReduceMean"}
_TINY = 1e-12
Attribute = int | list[int]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the embedding, of length ``sqrt(share)``: ``share`` is its weight in a cosine.

    ``kind`` tells which weights made it.
    """

    name: str
    share: float
    kind: Literal["frozen", "tuned"]


@dataclass(frozen=True, slots=True)
class _Branch:
    """Names of what one set of weights makes."""

    unit: str
    map: str


@dataclass(slots=True)
class _Writer:
    """Collects nodes and constants under a prefix; methods return the name of what they made."""

    prefix: str
    nodes: list[onnx.NodeProto]
    constants: dict[str, np.ndarray]
    made: int = 0

    def node(self, kind: str, *inputs: str, **attributes: Attribute) -> str:
        self.made += 1
        output = f"{self.prefix}{kind.lower()}{self.made}"
        node = helper.make_node(kind, inputs, [output], name=output)
        node.attribute.extend(helper.make_attribute(*pair) for pair in attributes.items())
        self.nodes.append(node)
        return output

    def constant(self, value: np.ndarray | float | Sequence[int]) -> str:
        self.made += 1
        name = f"{self.prefix}constant{self.made}"
        kind = np.int64 if isinstance(value, Sequence) else np.float32
        self.constants[name] = np.asarray(value, kind)
        return name

    def length(self, rows: str, axis: int) -> str:
        """Length along an axis, which keeps side 1; never quite 0."""
        squares = self.node("ReduceSum", self.node("Mul", rows, rows), self.constant([axis]))
        return self.node("Max", self.node("Sqrt", squares), self.constant(_TINY))

    def mean_cell(self, cells: str) -> str:
        """Mean over places, (n, 1, 1, d)."""
        planes = self.node("Transpose", cells, perm=[0, 3, 1, 2])
        return self.node("Transpose", self.node("GlobalAveragePool", planes), perm=[0, 2, 3, 1])


def graft(
    network: Network, cut: str, weights: Mapping[str, np.ndarray], parts: Sequence[Part]
) -> Network:
    """Build the network whose embedding is ``parts`` in order, joined to one unit vector.

    Nodes after the cut that follow from changed ``weights`` stand twice, the second time as
    ``tuned.``; what reaches no part is left out. The mean of the map's cells is the embedding.
    Where a map cannot follow new weights, its cells all hold the embedding of their part.

    Raises:
        MismatchError: weights that do not fit, or shares whose sum is not 1.
    """
    prefix = _free_prefix(network)
    tail = {name for node in between(network, cut) for name in node.input}
    _check_weights(network, cut, weights, tail)
    _check_parts(parts)
    writer = _Writer(prefix, _set_aside(network, prefix), network.constants)
    frozen = _Branch(_aside(prefix, "embedding"), _aside(prefix, "map"))
    branches = {"frozen": frozen, "tuned": _tuned(network, cut, weights, frozen, writer)}
    vectors, maps = list[str](), list[str]()
    for part in parts:
        vector, cells = _write_part(writer, part, branches[part.kind])
        vectors.append(vector)
        maps.append(cells)
    joined = writer.node("Concat", *vectors, axis=1)
    writer.nodes.append(
        helper.make_node("LpNormalization", [joined], ["embedding"], name="embedding", axis=1, p=2)
    )
    writer.nodes.append(helper.make_node("Concat", maps, ["map"], name="map", axis=3))
    return _finished(network, parts, writer)


def _write_part(writer: _Writer, part: Part, branch: _Branch) -> tuple[str, str]:
    """Append one part; returns its vector (n, d) and its cells (n, r, c, d)."""
    root = writer.constant(part.share**0.5)
    length = writer.length(writer.mean_cell(branch.map), 3)
    cells = writer.node("Mul", writer.node("Div", branch.map, length), root)
    return writer.node("Mul", branch.unit, root), cells


def _tuned(
    network: Network,
    cut: str,
    weights: Mapping[str, np.ndarray],
    frozen: _Branch,
    writer: _Writer,
) -> _Branch:
    """Append a copy of all that follows from new weights; names what stands for each output."""
    before = {node.output[0] for node in needed(network.nodes, [resolve(network, cut)])}
    old = network.constants
    renamed = {
        name: f"{writer.prefix}{name}"
        for name, array in weights.items()
        if not np.array_equal(array, old[name])
    }
    writer.constants.update((new, weights[name]) for name, new in renamed.items())
    for node in list(writer.nodes):
        if node.output[0] in before or renamed.keys().isdisjoint(node.input):
            continue
        renamed.update((name, f"{writer.prefix}{name}") for name in node.output)
        writer.nodes.append(_with_names(node, renamed))
    if network.pooled not in renamed:
        return frozen
    unit = renamed[frozen.unit]
    if frozen.map in renamed and _map_follows(network):
        return _Branch(unit, renamed[frozen.map])
    return _Branch(unit, _repeated(writer, network, frozen.map, unit))


def _repeated(writer: _Writer, network: Network, cells: str, unit: str) -> str:
    """Put a unit vector into every place of a map."""
    rows, columns = _grid(network)
    if rows and columns:
        grid = writer.constant([1, rows, columns, 1])
    else:
        shape = writer.node("Shape", cells)
        sides = writer.node("Slice", shape, writer.constant([0]), writer.constant([3]))
        grid = writer.node("Concat", sides, writer.constant([1]), axis=0)
    cell = writer.node("Reshape", unit, writer.constant([0, 1, 1, -1]))
    return writer.node("Expand", cell, grid)


def _map_follows(network: Network) -> bool:
    """Tell whether the map's mean stays the embedding under any weights.

    It does where the map is made of the embedding, where it is what is pooled and nothing but
    linear nodes come after the pooling, and in what ``graft`` wrote.
    """
    behind = needed(network.nodes, ["map"])
    seen = {name for node in behind for name in node.input}
    if "parts" in network.metadata or not seen.isdisjoint({network.pooled, "embedding"}):
        return True
    makers = {name: node for node in network.nodes for name in node.output}
    name = network.pooled
    while (node := makers.get(name)) is not None and node.op_type in _LINEAR:
        flowing = [each for each in node.input if each in makers]
        if len(flowing) != 1:
            return False
        name = flowing[0]
    return node is not None and node.op_type in _POOLING and node.input[0] in seen


def _finished(network: Network, parts: Sequence[Part], writer: _Writer) -> Network:
    """Build the model, its outputs and what it says of itself."""
    ends = list(accumulate(network.dim for _ in parts))
    rows, columns = (side or name for side, name in zip(_grid(network), "hw", strict=True))
    sides = {"embedding": ["n", ends[-1]], "map": ["n", rows, columns, ends[-1]]}
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in sides.items()
    ]
    model = assembled(network.model, writer.nodes, writer.constants, outputs)
    told = [
        {"name": part.name, "start": end - network.dim, "end": end, "share": part.share}
        for part, end in zip(parts, ends, strict=True)
    ]
    metadata = network.metadata | {"dim": str(ends[-1]), "parts": json.dumps(told)}
    helper.set_model_props(model, metadata)
    return Network.of(model)


def _grid(network: Network) -> tuple[int | None, int | None]:
    """Rows and columns of the map, where they are known."""
    _, rows, columns, _ = shapes(network.model).get("map", (None, None, None, None))
    return rows, columns


def _set_aside(network: Network, prefix: str) -> list[onnx.NodeProto]:
    """Copies of all nodes, their outputs renamed to make room for the new ones."""
    names = {name: _aside(prefix, name) for name in ("embedding", "map")}
    return [_with_names(node, names) for node in network.nodes]


def _aside(prefix: str, name: str) -> str:
    return prefix.replace("tuned", "frozen") + name


def _with_names(node: onnx.NodeProto, names: Mapping[str, str]) -> onnx.NodeProto:
    copied = onnx.NodeProto()
    copied.CopyFrom(node)
    copied.input[:] = [names.get(name, name) for name in node.input]
    copied.output[:] = [names.get(name, name) for name in node.output]
    copied.name = copied.output[0]
    return copied


def _free_prefix(network: Network) -> str:
    """Find a prefix that no tensor has yet: a network may be trained again."""
    taken = [*network.constants, *(name for node in network.nodes for name in node.output)]
    prefix, turn = "tuned.", 1
    while any(name.startswith(prefix) for name in taken):
        turn += 1
        prefix = f"tuned{turn}."
    return prefix


def _check_weights(
    network: Network, cut: str, weights: Mapping[str, np.ndarray], tail: set[str]
) -> None:
    old = network.constants
    for name, array in weights.items():
        if name not in tail or name not in old:
            raise MismatchError(f"there is no weight {name!r} after the cut {cut!r}")
        if array.shape != old[name].shape:
            raise MismatchError(
                f"weight {name!r} has the shape {array.shape}; wanted is {old[name].shape}"
            )


def _check_parts(parts: Sequence[Part]) -> None:
    total = sum(part.share for part in parts)
    if abs(total - 1) > 1e-6 or any(part.share <= 0 for part in parts):
        raise MismatchError(f"the parts' shares sum to {total}; wanted are shares above 0, sum 1")
    if len({part.name for part in parts}) != len(parts):
        raise MismatchError("two parts have the same name; give each its own")
