"""A perceptron behind the whole encoder: it sees embeddings only, so it is trained in seconds."""

from pathlib import Path
from typing import cast

import numpy as np
from torch import Tensor, nn

from shoplens.learn.lessons.lesson import Lesson, unit
from shoplens.learn.network.head import Head, write_head
from shoplens.learn.recipe import Recipe
from shoplens.learn.views.bank import Bank
from shoplens.types import Embeddings

FILE = "head.onnx"


class Perceptron(nn.Module):
    """Two layers, the first rectified; its output has unit length."""

    def __init__(self, recipe: Recipe, read: int, dim: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(read, recipe.hidden),
            nn.ReLU(),
            nn.Dropout(recipe.dropout),
            nn.Linear(recipe.hidden, dim),
        )

    def forward(self, rows: Tensor) -> Tensor:
        """Turn (m, d) into (m, dim)."""
        return unit(self.layers(rows))


def head_lesson(recipe: Recipe, bank: Bank, rows: Embeddings, fingerprint: str) -> Lesson:
    """Train behind the encoder of this fingerprint; ``bank`` holds its rows, changed views too."""

    def write(model: nn.Module, folder: Path, name: str) -> None:
        write_head(
            folder / FILE,
            head_of(cast("Perceptron", model)),
            recipe.blend,
            {"name": name, "recipe": recipe.name, "derives_from": fingerprint},
        )

    read = rows.shape[1]
    return Lesson(lambda: Perceptron(recipe, read, recipe.dim), write, bank, rows, recipe.dim)


def head_of(model: Perceptron) -> Head:
    """Copy its weights out of torch."""
    first, last = cast("nn.Linear", model.layers[0]), cast("nn.Linear", model.layers[3])
    weights = (first.weight, first.bias, last.weight, last.bias)
    return Head(*(w.detach().cpu().numpy().astype(np.float32) for w in weights))
