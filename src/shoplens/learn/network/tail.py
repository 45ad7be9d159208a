"""The nodes after a cut as a torch module, their weights being its parameters."""

import numpy as np
import torch
from torch import Tensor, nn

from shoplens.errors import MismatchError
from shoplens.learn.network.graph import Network, between, resolve
from shoplens.learn.network.operators.base import Operation, operation
from shoplens.learn.network.operators.table import OPERATORS

_LARGEST_WEIGHT = 1e4
"""Masks are stored as numbers that no weight comes near."""


class Tail(nn.Module):
    """What lies between a cut and the pooled value; nothing if it is cut there.

    A parameter is called as its initializer, with ``/`` for every dot and a number before it:
    ``3:head/weight``. Scalars, masks, shapes and the statistics of batch norms are buffers.
    """

    def __init__(self, network: Network, cut: str) -> None:
        """Take the nodes and copies of their constants.

        Raises:
            MismatchError: the network cannot be cut there, or has an operator unknown here.
        """
        super().__init__()
        self.cut = resolve(network, cut)
        self.operations = [operation(node) for node in between(network, cut)]
        self._pooled = network.pooled
        _check_known(self.operations, cut)
        used = {name for each in self.operations for name in each.inputs}
        frozen = {
            name
            for each in self.operations
            if each.kind == "BatchNormalization"
            for name in each.inputs[1:]
        }
        self._places: dict[str, str] = {}
        self._weights: list[str] = []
        for place, (name, array) in enumerate(network.constants.items()):
            if name in used:
                self._places[name] = f"{place}:{name.replace('.', '/')}"
                self._keep(name, array, trainable=name not in frozen and _is_weight(array))

    def forward(self, x: Tensor) -> Tensor:
        """Compute pooled values (n, d), not yet of unit length, from what the trunk gave."""
        made = {self.cut: x} | {name: self.tensor(name) for name in self._places}
        for each in self.operations:
            inputs = [made[name] if name else None for name in each.inputs]
            result = OPERATORS[each.kind](each.attributes, *inputs)
            outputs = (result,) if isinstance(result, Tensor) else result
            made.update(zip(each.outputs, outputs, strict=True))
        return made[self._pooled]

    def tensor(self, name: str) -> Tensor:
        """Give the constant or weight of this name in the graph, as it is used now."""
        held: Tensor = getattr(self, self._places[name])
        return held

    def attribute(self, name: str) -> str:
        """Tell under which attribute of this module a weight of the graph is kept."""
        return self._places[name]

    def weights(self) -> dict[str, np.ndarray]:
        """Copy what can be trained, by name in the graph, in the shapes of the graph."""
        return {name: self.tensor(name).detach().cpu().numpy().copy() for name in self._weights}

    def matrices(self) -> dict[str, int]:
        """Weights that are matrices, each with its output axis.

        Those of MatMul and Gemm, and of convolutions that look at one place only.
        """
        found: dict[str, int] = {}
        for each in self.operations:
            for name, axis in _output_axes(each):
                if name in self._weights:
                    weight = self.tensor(name)
                    if weight.ndim == 2 or (each.kind == "Conv" and _is_pointwise(weight)):
                        found[name] = axis
        return found

    def _keep(self, name: str, array: np.ndarray, *, trainable: bool) -> None:
        floating = np.issubdtype(array.dtype, np.floating)
        value = torch.tensor(array.astype(np.float32) if floating else array)
        if trainable:
            self._weights.append(name)
            self.register_parameter(self._places[name], nn.Parameter(value))
        else:
            self.register_buffer(self._places[name], value)


def _check_known(operations: list[Operation], cut: str) -> None:
    for each in operations:
        if each.kind not in OPERATORS:
            raise MismatchError(
                f"node {each.name!r} after the cut {cut!r} is a {each.kind}, which cannot be"
                f" trained here; cut after it, or use a network of {', '.join(OPERATORS)}"
            )


def _output_axes(each: Operation) -> list[tuple[str, int]]:
    """The inputs of a node that may be matrices, each with the axis along which results lie."""
    if each.kind == "MatMul":
        return [(each.inputs[1], 1), (each.inputs[0], 0)]
    if each.kind == "Gemm":
        turned = each.attributes.whole("transB", 0)
        return [(each.inputs[1], 0 if turned else 1)]
    return [(each.inputs[1], 0)] if each.kind == "Conv" else []


def _is_pointwise(weight: Tensor) -> bool:
    return weight.ndim == 4 and weight.shape[1] > 1 and weight.shape[2:] == (1, 1)


def _is_weight(array: np.ndarray) -> bool:
    if not np.issubdtype(array.dtype, np.floating) or not array.ndim or array.size == 1:
        return False
    return bool(np.abs(array).max() < _LARGEST_WEIGHT)
