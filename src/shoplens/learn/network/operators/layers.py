"""Operators that mix entries: products, convolutions, pooling, norms."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from shoplens.errors import MismatchError
from shoplens.learn.network.operators.base import Attributes, Operator
from shoplens.learn.network.operators.shapes import axes_of

# Its functions are untyped: pyright is told once.
_LINALG: Any = torch.linalg


def convolve(at: Attributes, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Slide a kernel over one or two axes."""
    flat = weight.ndim - 2
    function: Callable[..., Tensor] = {1: functional.conv1d, 2: functional.conv2d}[flat]
    strides, dilations = at.wholes("strides") or (1,) * flat, at.wholes("dilations") or (1,) * flat
    around = _pads(at, x, weight.shape[2:], dilations)
    even = around[:flat] == around[flat:]
    return function(
        x if even else functional.pad(x, _torch_order(around)),
        weight,
        bias,
        stride=strides,
        padding=around[:flat] if even else 0,
        dilation=dilations,
        groups=at.whole("group", 1),
    )


def max_pool(at: Attributes, x: Tensor) -> Tensor:
    """Keep the largest entry of each window."""
    padded, kernel, strides, _ = _windows(at, x, -torch.inf)
    return functional.max_pool2d(
        padded, kernel, strides, 0, at.wholes("dilations") or 1, bool(at.whole("ceil_mode", 0))
    )


def average_pool(at: Attributes, x: Tensor) -> Tensor:
    """Average each window; what lies beside the picture counts only if the node says so."""
    padded, kernel, strides, around = _windows(at, x, 0.0)
    counted = torch.ones_like(x[:1, :1])
    inside = 1.0 if at.whole("count_include_pad", 0) else 0.0
    counted = functional.pad(counted, _torch_order(around), value=inside)
    up = bool(at.whole("ceil_mode", 0))
    sums = functional.avg_pool2d(padded, kernel, strides, 0, up, divisor_override=1)
    return sums / functional.avg_pool2d(counted, kernel, strides, 0, up, divisor_override=1)


def global_average(_: Attributes, x: Tensor) -> Tensor:
    """Average all places of each channel."""
    return x.mean(dim=tuple(range(2, x.ndim)), keepdim=True)


def gemm(at: Attributes, a: Tensor, b: Tensor, c: Tensor | None = None) -> Tensor:
    """Multiply two matrices, turned if the node says so, and add a third."""
    left = a.T if at.whole("transA", 0) else a
    right = b.T if at.whole("transB", 0) else b
    made = at.number("alpha", 1.0) * (left @ right)
    return made if c is None else made + at.number("beta", 1.0) * c


def layer_norm(at: Attributes, x: Tensor, scale: Tensor, bias: Tensor | None = None) -> Tensor:
    """Centre and scale what lies from ``axis`` on (Ba et al., 2016)."""
    sides = x.shape[at.whole("axis", -1) :]
    return functional.layer_norm(x, sides, scale, bias, at.number("epsilon", 1e-5))


def batch_norm(
    at: Attributes, x: Tensor, scale: Tensor, bias: Tensor, *statistics: Tensor
) -> Tensor:
    """Centre and scale each channel by stored statistics, which stay as they are."""
    mean, variance = statistics
    if at.whole("training_mode", 0):
        raise MismatchError("a BatchNormalization is in training mode; export the network again")
    return functional.batch_norm(
        x, mean, variance, scale, bias, training=False, eps=at.number("epsilon", 1e-5)
    )


def softmax(at: Attributes, x: Tensor) -> Tensor:
    """Make entries along an axis positive, with sum 1."""
    return torch.softmax(x, at.whole("axis", -1))


def unit_length(at: Attributes, x: Tensor) -> Tensor:
    """Bring to unit length along an axis; zeros stay zeros."""
    return functional.normalize(x, p=at.whole("p", 2), dim=at.whole("axis", -1), eps=1e-12)


def euclidean(x: Tensor, *, dim: tuple[int, ...], keepdim: bool) -> Tensor:
    """Length over several axes; its gradient at zero is zero."""
    return _LINALG.vector_norm(x, dim=dim, keepdim=keepdim)


def reduction(function: Callable[..., Tensor]) -> Operator:
    """Make an operator of what torch does over several axes at once."""

    def operator(at: Attributes, x: Tensor, axes: Tensor | None = None) -> Tensor:
        along = axes_of(at, axes)
        if not along:
            if at.whole("noop_with_empty_axes", 0):
                return x
            along = tuple(range(x.ndim))
        return function(x, dim=along, keepdim=bool(at.whole("keepdims", 1)))

    return operator


def _windows(
    at: Attributes, x: Tensor, value: float
) -> tuple[Tensor, tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """The padded input, the windows' sides and steps, and what was put around."""
    kernel = at.wholes("kernel_shape")
    if len(kernel) != 2:
        raise MismatchError(f"pooling over {len(kernel)} axes is unknown; wanted are 2: cut later")
    around = _pads(at, x, kernel, at.wholes("dilations") or (1, 1))
    padded = functional.pad(x, _torch_order(around), value=value)
    return padded, kernel, at.wholes("strides") or (1, 1), around


def _pads(
    at: Attributes, x: Tensor, kernel: Sequence[int], dilations: Sequence[int]
) -> tuple[int, ...]:
    """What to put before each axis, then after each, as the standard orders it."""
    flat, mode = len(kernel), at.text("auto_pad", "NOTSET")
    if mode in {"NOTSET", "VALID"}:
        return (at.wholes("pads") if mode == "NOTSET" else ()) or (0,) * (2 * flat)
    strides = at.wholes("strides") or (1,) * flat
    missing = [
        max((-(-side // stride) - 1) * stride + (size - 1) * dilation + 1 - side, 0)
        for side, size, stride, dilation in zip(
            x.shape[2:], kernel, strides, dilations, strict=True
        )
    ]
    small = tuple(each // 2 for each in missing)
    large = tuple(each - each // 2 for each in missing)
    return small + large if mode == "SAME_UPPER" else large + small


def _torch_order(around: Sequence[int]) -> list[int]:
    """Torch wants (before, after) of the last axis first."""
    flat = len(around) // 2
    return [pad for axis in reversed(range(flat)) for pad in (around[axis], around[flat + axis])]
