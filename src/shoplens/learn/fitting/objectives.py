"""What a model should become: a loss over one batch of unit rows with their labels.

The losses are those of pytorch-metric-learning (Musgrave et al., 2020).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import torch
from pytorch_metric_learning import losses  # pyright: ignore[reportMissingTypeStubs]  # none
from torch import Tensor, nn
from torch.nn import functional

from shoplens.learn.recipe import Recipe

SCALE = 20.0
"""What cosines are multiplied by before a softmax over labels."""
_LOSSES: Mapping[str, Any] = vars(losses)


@dataclass(frozen=True, slots=True)
class Batch:
    """``inputs`` for the model, (m, ...); ``labels`` (m,) number what each shows.

    ``before`` (m, d) are the rows of the encoder as it was, ``targets`` (m, t) what a teacher or
    a title says of each; either may be absent.
    """

    inputs: Tensor
    labels: Tensor
    before: Tensor | None = None
    targets: Tensor | None = None

    def to(self, device: torch.device) -> "Batch":
        """Move it to where the model is."""
        before = None if self.before is None else self.before.to(device)
        targets = None if self.targets is None else self.targets.to(device)
        return Batch(self.inputs.to(device), self.labels.to(device), before, targets)


class Objective(nn.Module):
    """Losses added up as a recipe weighs them; has weights of its own where labels are told."""

    def __init__(self, recipe: Recipe, dim: int, labels: int) -> None:
        super().__init__()
        self._recipe = recipe
        self._aligned = recipe.kind in {"align", "distil"}
        self.likeness = nn.Identity() if self._aligned else _likeness(recipe)
        told = recipe.classify > 0 and not self._aligned
        self.told = _telling(recipe, dim, labels) if told else None

    def forward(self, rows: Tensor, batch: Batch) -> Tensor:
        """Give the loss of ``rows`` (m, d), of unit length."""
        recipe = self._recipe
        if self._aligned:
            assert batch.targets is not None  # noqa: S101 - told to the type checker
            return agreement(rows, batch.targets, batch.labels, recipe.temperature)
        loss = cast("Tensor", self.likeness(rows, batch.labels))
        if self.told is not None:
            loss = loss + recipe.classify * cast("Tensor", self.told(rows, batch.labels))
        if recipe.keep and batch.before is not None:
            loss = loss + recipe.keep * moved(rows, batch.before)
        return loss


def moved(rows: Tensor, before: Tensor) -> Tensor:
    """Tell how far the likenesses of a batch are from what they were: their mean squared change.

    (Relational distillation: Park et al., 2019, on cosines.)
    """
    return (rows @ rows.T - before @ before.T).square().mean()


def _likeness(recipe: Recipe) -> nn.Module:
    """Make the loss over pairs.

    (In order: Khosla et al., 2020; Oord et al., 2018; Schroff et al., 2015; Wang et al., 2019.)
    """
    made: dict[str, tuple[str, dict[str, float]]] = {
        "supcon": ("SupConLoss", {"temperature": recipe.temperature}),
        "infonce": ("NTXentLoss", {"temperature": recipe.temperature}),
        "triplet": ("TripletMarginLoss", {"margin": recipe.temperature}),
        "multi-similarity": ("MultiSimilarityLoss", {}),
    }
    name, options = made[recipe.loss]
    return cast("nn.Module", _LOSSES[name](**options))


def _telling(recipe: Recipe, dim: int, labels: int) -> nn.Module:
    """Make the loss of telling labels, with a margin or without.

    (ArcFace: Deng et al., 2019; scaled cosines: Wang et al., 2017.)
    """
    if recipe.margin:
        degrees = math.degrees(recipe.margin)
        return cast("nn.Module", _LOSSES["ArcFaceLoss"](labels, dim, margin=degrees, scale=SCALE))
    return cast("nn.Module", _LOSSES["NormalizedSoftmaxLoss"](labels, dim, temperature=1 / SCALE))


def agreement(rows: Tensor, targets: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """Ask each row for its own target among the batch's, and each target for its row.

    (InfoNCE both ways, as CLIP: Radford et al., 2021.) Targets of the same label are not held
    against each other. Targets of other dimensions than the rows are agreed with in their
    likenesses alone.
    """
    if rows.shape[1] != targets.shape[1]:
        return moved(rows, targets)
    same = labels[:, None] == labels[None]
    same = same & ~torch.eye(len(rows), dtype=torch.bool, device=rows.device)
    scores = (rows @ targets.T / temperature).masked_fill(same, -1e9)
    own = torch.arange(len(rows), device=rows.device)
    return (functional.cross_entropy(scores, own) + functional.cross_entropy(scores.T, own)) / 2
