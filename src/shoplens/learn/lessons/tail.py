"""The last blocks of a network, or all of it: trained in torch behind a trunk that is run once."""

from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from shoplens.errors import MismatchError
from shoplens.learn.lessons.lesson import Lesson, unit
from shoplens.learn.network.graft import Part, graft
from shoplens.learn.network.graph import Network, cuts
from shoplens.learn.network.lora import add_lora
from shoplens.learn.network.tail import Tail
from shoplens.learn.network.write import write_encoder
from shoplens.learn.recipe import Recipe
from shoplens.learn.views.bank import Bank
from shoplens.types import Embeddings

FILE = "encoder.onnx"
ALL = "pixels"


class Tuned(nn.Module):
    """The tail of a network, its output dropped out in training and of unit length."""

    def __init__(self, tail: Tail, dropout: float) -> None:
        super().__init__()
        self.tail = tail
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Turn what the trunk gave, (m, ...), into unit rows (m, d)."""
        if x.ndim == 4:  # measured 1.5 times as fast, depthwise convolutions above all
            x = x.contiguous(memory_format=torch.channels_last)
        return unit(self.dropout(self.tail(x)))


def cut_of(network: Network, recipe: Recipe) -> str:
    """Name the tensor behind which a recipe trains: before the last ``blocks``, or the input.

    A block ends where a residual is added (He et al., 2016).

    Raises:
        MismatchError: the network has fewer blocks.
    """
    if recipe.blocks == 0:
        return ALL
    sums = {out for node in network.nodes if node.op_type == "Add" for out in node.output}
    ends = [name for name in cuts(network) if name in sums]
    if recipe.blocks > len(ends):
        raise MismatchError(
            f"recipe {recipe.name!r} wants the last {recipe.blocks} blocks, the network has "
            f"{len(ends)}; --set blocks={len(ends)}, or 0 for all of it"
        )
    return ends[-recipe.blocks]


def tail_lesson(
    recipe: Recipe, network: Network, bank: Bank, rows: Embeddings, about: dict[str, str]
) -> Lesson:
    """Train behind the recipe's cut; ``bank`` holds what the trunk gave there."""
    cut = cut_of(network, recipe)

    def make() -> nn.Module:
        tail = Tail(network, cut)
        if recipe.lora_rank:
            random = torch.Generator().manual_seed(recipe.seed)
            add_lora(tail, recipe.lora_rank, float(2 * recipe.lora_rank), random)
        return Tuned(tail, recipe.dropout)

    def write(model: nn.Module, folder: Path, name: str) -> None:
        weights = cast("Tuned", model).tail.weights()
        grafted = graft(network, cut, weights, parts_of(recipe))
        write_encoder(grafted, folder / FILE, {**about, "name": name, "recipe": recipe.name})

    return Lesson(make, write, bank, rows, network.dim)


def parts_of(recipe: Recipe) -> list[Part]:
    """Share the embedding between the network as it was and as it is trained."""
    tuned = Part("tuned", recipe.blend, "tuned")
    return [tuned] if recipe.blend == 1 else [Part("frozen", 1 - recipe.blend, "frozen"), tuned]
