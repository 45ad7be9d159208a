"""Operators that treat every entry by itself."""

from collections.abc import Callable

import torch
from onnx import TensorProto
from torch import Tensor
from torch.nn import functional

from shoplens.learn.network.operators.base import Attributes, Operator

_KINDS: dict[int, torch.dtype] = {
    TensorProto.UINT8: torch.uint8,
    TensorProto.INT8: torch.int8,
    TensorProto.INT32: torch.int32,
    TensorProto.INT64: torch.int64,
    TensorProto.BOOL: torch.bool,
}
"""Everything else is a kind of float, and floats are float32 while training."""


def plain(function: Callable[..., Tensor]) -> Operator:
    """Make an operator of a torch function that needs no attributes."""

    def operator(_: Attributes, *inputs: Tensor) -> Tensor:
        return function(*inputs)

    return operator


def same(_: Attributes, x: Tensor) -> Tensor:
    """Give what came."""
    return x


def cast(at: Attributes, x: Tensor) -> Tensor:
    """Change the type; towards half precision nothing is rounded."""
    return x.to(_KINDS.get(at.whole("to", TensorProto.FLOAT), torch.float32))


def clip(_: Attributes, x: Tensor, low: Tensor | None = None, high: Tensor | None = None) -> Tensor:
    """Hold entries between two scalars; the gradient at and beyond a bound follows torch."""
    if low is not None and high is not None and x.is_floating_point():
        # One operation each way instead of six: a fifth of the time of a whole training step.
        return functional.hardtanh(x, float(low), float(high))
    return x if low is None and high is None else torch.clamp(x, low, high)


def divide(_: Attributes, x: Tensor, y: Tensor) -> Tensor:
    """Divide; whole numbers are cut towards zero."""
    return x / y if x.is_floating_point() else torch.div(x, y, rounding_mode="trunc")


def power(_: Attributes, x: Tensor, exponent: Tensor) -> Tensor:
    """Raise to a power; the type is that of the base."""
    return torch.pow(x, exponent).to(x.dtype)


def gelu(at: Attributes, x: Tensor) -> Tensor:
    """Multiply by the normal distribution (Hendrycks and Gimpel, 2016)."""
    return functional.gelu(x, approximate=at.text("approximate", "none"))


def hard_sigmoid(at: Attributes, x: Tensor) -> Tensor:
    """Hold a straight line between 0 and 1."""
    return torch.clamp(at.number("alpha", 0.2) * x + at.number("beta", 0.5), 0, 1)


def leaky_relu(at: Attributes, x: Tensor) -> Tensor:
    """Let a share of what is negative through."""
    return functional.leaky_relu(x, at.number("alpha", 0.01))


def extreme(choose: Callable[[Tensor, Tensor], Tensor]) -> Operator:
    """Take the larger or the smaller of any number of tensors, entry by entry."""

    def operator(_: Attributes, first: Tensor, *others: Tensor) -> Tensor:
        for other in others:
            first = choose(first, other)
        return first

    return operator
