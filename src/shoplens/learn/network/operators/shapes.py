"""Operators that move entries about, or tell of shapes."""

import torch
from torch import Tensor

from shoplens.learn.network.operators.base import Attributes


def listed(numbers: Tensor) -> list[int]:
    """Give the whole numbers that an input holds."""
    return [int(number) for number in numbers.reshape(-1)]


def axes_of(at: Attributes, axes: Tensor | None) -> tuple[int, ...]:
    """Read axes where they stand: an input since some version, an attribute before."""
    return at.wholes("axes") if axes is None else tuple(listed(axes))


def reshape(at: Attributes, x: Tensor, shape: Tensor) -> Tensor:
    """Give entries other sides; -1 is what remains, 0 copies a side."""
    sides = listed(shape)
    if not at.whole("allowzero", 0):
        sides = [side or x.shape[place] for place, side in enumerate(sides)]
    return x.reshape(sides)


def flatten(at: Attributes, x: Tensor) -> Tensor:
    """Make a matrix, its rows being all axes before ``axis``."""
    axis = at.whole("axis", 1)
    rows = 1
    for side in x.shape[:axis]:
        rows *= side
    return x.reshape(rows, -1)


def transpose(at: Attributes, x: Tensor) -> Tensor:
    """Put axes into another order, the reverse one where none is given."""
    return x.permute(at.wholes("perm") or tuple(reversed(range(x.ndim))))


def concat(at: Attributes, *inputs: Tensor) -> Tensor:
    """Join along an axis."""
    return torch.cat(inputs, at.whole("axis", 0))


def split(at: Attributes, x: Tensor, sizes: Tensor | None = None) -> tuple[Tensor, ...]:
    """Cut along an axis into given sizes, or into equal parts of which the last may be smaller."""
    axis = at.whole("axis", 0)
    if sizes is not None:
        return torch.split(x, listed(sizes), axis)
    return torch.split(x, -(-x.shape[axis] // at.outputs), axis)


def take_slice(
    _: Attributes,
    x: Tensor,
    starts: Tensor,
    ends: Tensor,
    axes: Tensor | None = None,
    steps: Tensor | None = None,
) -> Tensor:
    """Keep a range of each axis; steps may go backwards, as in Python."""
    lows, highs = listed(starts), listed(ends)
    along = list(range(len(lows))) if axes is None else listed(axes)
    by = [1] * len(lows) if steps is None else listed(steps)
    for low, high, axis, step in zip(lows, highs, along, by, strict=True):
        start, stop, stride = slice(low, high, step).indices(x.shape[axis])
        if stride == 1:
            x = x.narrow(axis, start, max(stop - start, 0))
        else:
            x = x.index_select(axis, torch.arange(start, stop, stride, device=x.device))
    return x


def gather(at: Attributes, x: Tensor, places: Tensor) -> Tensor:
    """Pick along an axis; places below 0 count from the end."""
    axis = at.whole("axis", 0) % x.ndim
    wanted = torch.where(places < 0, places + x.shape[axis], places)
    picked = x.index_select(axis, wanted.reshape(-1))
    return picked.reshape((*x.shape[:axis], *places.shape, *x.shape[axis + 1 :]))


def unsqueeze(at: Attributes, x: Tensor, axes: Tensor | None = None) -> Tensor:
    """Add axes of side 1, at places counted in the result."""
    places = axes_of(at, axes)
    for place in sorted(place % (x.ndim + len(places)) for place in places):
        x = x.unsqueeze(place)
    return x


def squeeze(at: Attributes, x: Tensor, axes: Tensor | None = None) -> Tensor:
    """Drop axes of side 1, all of them where none is named."""
    places = axes_of(at, axes)
    return x.squeeze(places) if places else x.squeeze()


def expand(_: Attributes, x: Tensor, shape: Tensor) -> Tensor:
    """Repeat along axes of side 1; a wanted side of 1 leaves the tensor's own."""
    sides = listed(shape)
    own = [1] * (len(sides) - x.ndim) + list(x.shape)
    wanted = [1] * (x.ndim - len(sides)) + sides
    return x.expand([wide if side == 1 else side for side, wide in zip(own, wanted, strict=True)])


def shape_of(at: Attributes, x: Tensor) -> Tensor:
    """Tell the sides, or those from ``start`` up to ``end``."""
    sides = list(x.shape)[at.whole("start", 0) : at.whole("end", x.ndim)]
    return torch.tensor(sides, dtype=torch.int64, device=x.device)
