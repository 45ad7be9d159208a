"""A node without its protocol buffer: what to do, with what, under which names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import onnx
from onnx import AttributeProto
from torch import Tensor

Attribute = int | float | str | tuple[int, ...] | tuple[float, ...]
Result = Tensor | tuple[Tensor, ...]


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a node says beside its inputs; ``outputs`` counts what it gives."""

    values: Mapping[str, Attribute]
    outputs: int = 1

    def whole(self, name: str, default: int) -> int:
        """Read a whole number, or what the standard assumes without it."""
        value = self.values.get(name, default)
        return value if isinstance(value, int) else default

    def number(self, name: str, default: float) -> float:
        """Read a number, or what the standard assumes without it."""
        value = self.values.get(name, default)
        return value if isinstance(value, int | float) else default

    def text(self, name: str, default: str) -> str:
        """Read a word, or what the standard assumes without it."""
        value = self.values.get(name, default)
        return value if isinstance(value, str) else default

    def wholes(self, name: str) -> tuple[int, ...]:
        """Read a list of whole numbers, empty where it is left out."""
        value = self.values.get(name, ())
        return tuple(int(each) for each in value) if isinstance(value, tuple) else ()


Operator = Callable[..., Result]
"""Takes ``Attributes``, then the node's inputs in order; one that is left out comes as None."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One node, ready to run."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Attributes


def operation(node: onnx.NodeProto) -> Operation:
    """Read a node; attributes that are graphs or tensors are left out, no operator here has any."""
    read = {each.name: _value(each) for each in node.attribute}
    values = {name: value for name, value in read.items() if value is not None}
    return Operation(
        kind=f"{node.domain}.{node.op_type}" if node.domain else node.op_type,
        name=node.name or node.output[0],
        inputs=tuple(node.input),
        outputs=tuple(node.output),
        attributes=Attributes(values, len(node.output)),
    )


def _value(attribute: AttributeProto) -> Attribute | None:
    match attribute.type:
        case AttributeProto.INT:
            return attribute.i
        case AttributeProto.FLOAT:
            return attribute.f
        case AttributeProto.STRING:
            return attribute.s.decode()
        case AttributeProto.INTS:
            return tuple(attribute.ints)
        case AttributeProto.FLOATS:
            return tuple(attribute.floats)
        case _:
            return None
