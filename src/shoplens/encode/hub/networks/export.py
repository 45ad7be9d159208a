"""Networks of torch become ONNX files: ``pixels``, or ``ids`` and ``mask``, to ``embedding``.

The exporter of torch 2.13 (torch.export underneath) is used: shapes in, dynamic where told.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from shoplens.encode.hub.networks.graph import MOST_INLINE, finish
from shoplens.encode.hub.quiet import quiet
from shoplens.errors import MismatchError

# Untyped in parts, pyright is told once.
_TORCH: Any = torch
_OUTPUT = "shoplens_embedding"
"""No name that a network gives a value of its own: CLIP and SigLIP have one called "embedding"."""
_REFUSALS = (RuntimeError, TypeError, ValueError, _TORCH.onnx.OnnxExporterError)


def export_network(
    network: torch.nn.Module,
    examples: Mapping[str, torch.Tensor],
    axes: Mapping[str, Mapping[int, tuple[int, int]]],
    path: Path,
) -> None:
    """Write a network that takes ``examples`` by name, in that order.

    ``axes`` tells which axes may have another length, from and to (0: however many); equal
    numbers of axes share it. The batch of the examples is 2: of 1 the exporter would make a
    constant.

    Raises:
        MismatchError: torch cannot write this network.
    """
    names = list(examples)
    shapes: Mapping[str, Any] = _shapes(axes)
    try:
        with quiet(), torch.no_grad():
            program: Any = _TORCH.onnx.export(
                network.eval(),
                tuple(examples.values()),
                dynamo=True,
                dynamic_shapes=tuple(shapes[name] for name in names),
                input_names=names,
                output_names=[_OUTPUT],
                verbose=False,
            )
            program.save(str(path), external_data=_bytes(network) > MOST_INLINE)
    except _REFUSALS as error:
        first = str(error).strip().splitlines()[:1]
        raise MismatchError(
            f"torch {torch.__version__} cannot write this network as ONNX: {' '.join(first)[:300]}"
        ) from error
    finish(path, {_OUTPUT: "embedding"})


def _bytes(network: torch.nn.Module) -> int:
    tensors = [*network.parameters(), *network.buffers()]
    return sum(each.numel() * each.element_size() for each in tensors)


def _shapes(axes: Mapping[str, Mapping[int, tuple[int, int]]]) -> Mapping[str, Any]:
    names = {0: "n", 1: "t"}
    made: dict[int, Any] = {}
    for limits in axes.values():
        for axis, (least, most) in limits.items():
            most_of = {"max": most} if most else {}
            made.setdefault(axis, torch.export.Dim(names[axis], min=least, **most_of))
    return {name: {axis: made[axis] for axis in limits} for name, limits in axes.items()}
