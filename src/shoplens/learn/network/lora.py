"""A low-rank change beside frozen matrices: few numbers to train, none to run (Hu et al., 2021)."""

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from shoplens.errors import ConfigError, MismatchError
from shoplens.learn.network.tail import Tail


class LowRank(nn.Module):
    """``W + scale B A``, where A reads the input and B, at first 0, writes the output."""

    def __init__(self, reads: Tensor, writes: Tensor, scale: float, *, turned: bool) -> None:
        """Hold A (rank, in) and B (out, rank); ``turned`` says that W is (in, out)."""
        super().__init__()
        self.reads = nn.Parameter(reads)
        self.writes = nn.Parameter(writes)
        self.scale = scale
        self.turned = turned

    def forward(self, weight: Tensor) -> Tensor:
        """Merge the change into a weight of any shape that has as many entries."""
        change = self.scale * (self.writes @ self.reads)
        return weight + (change.T if self.turned else change).reshape(weight.shape)


def add_lora(tail: Tail, rank: int, alpha: float, rng: torch.Generator) -> None:
    """Freeze a tail and put a change of this rank beside its matrices, the only thing to train.

    The change is scaled by ``alpha / rank``. ``tail.weights()`` gives the merged weights.

    Raises:
        ConfigError: the rank is below 1.
        MismatchError: there is no matrix, or one has a change already.
    """
    if rank < 1:
        raise ConfigError(f"a change of rank {rank} changes nothing; choose 1 or more")
    matrices = tail.matrices()
    if not matrices:
        raise MismatchError(f"there is no matrix after the cut {tail.cut!r}: choose an earlier cut")
    tail.requires_grad_(requires_grad=False)
    for name, axis in matrices.items():
        attribute = tail.attribute(name)
        if parametrize.is_parametrized(tail, attribute):
            raise MismatchError(f"weight {name!r} has a change already; add one to a new tail")
        shape = tuple(tail.tensor(name).shape)
        change = _change(shape, axis, rank, alpha / rank, rng)
        parametrize.register_parametrization(tail, attribute, change)


def _change(
    shape: tuple[int, ...], axis: int, rank: int, scale: float, rng: torch.Generator
) -> LowRank:
    wide, high = shape[1 - axis], shape[axis]
    # As torch draws linear layers: variance 1 / (3 in).
    reads = (2 * torch.rand(rank, wide, generator=rng) - 1) / wide**0.5
    return LowRank(reads, torch.zeros(high, rank), scale, turned=axis == 1)
