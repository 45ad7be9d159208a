"""Heads read labels off embeddings, one head a task, such as ``colour`` or ``category 2``.

Only numpy is needed: ``learn.classify`` trains them, ``files`` keeps them.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64

from shoplens.errors import MismatchError
from shoplens.predict.judging import NEVER, softmax
from shoplens.types import Embedding, Embeddings

Told = tuple[str, float]
"""A label and its probability."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Rows times ``weight``, and ``bias``."""

    weight: Float32[np.ndarray, "o i"]
    bias: Float32[np.ndarray, " o"]

    def __call__(self, rows: Float32[np.ndarray, "n i"]) -> Float32[np.ndarray, "n o"]:
        """Apply it to each row."""
        return rows @ self.weight.T + self.bias  # (n, o)


@dataclass(frozen=True, slots=True)
class Head:
    """What tells the labels of one task, one row of ``layer`` each.

    Its numbers are divided by ``temperature`` before they become probabilities (Guo et al., 2017).
    ``threshold`` is the probability from which the first label is told at all: chosen so that of
    those told in training's held-out parts a wanted share was right.
    """

    task: str
    labels: tuple[str, ...]
    layer: Layer
    temperature: float = 1.0
    threshold: float = NEVER


@dataclass(frozen=True, slots=True)
class Predicted:
    """What one head says of each row: ``probabilities`` (n, c), one column a label."""

    task: str
    labels: tuple[str, ...]
    probabilities: Float64[np.ndarray, "n c"]
    threshold: float

    def best(self, row: int) -> Told:
        """Give the likeliest label of a row."""
        return self.first(row, 1)[0]

    def first(self, row: int, k: int) -> tuple[Told, ...]:
        """Give the ``k`` likeliest labels of a row."""
        order: list[int] = np.argsort(-self.probabilities[row], kind="stable")[:k].tolist()
        return tuple((self.labels[label], float(self.probabilities[row, label])) for label in order)

    def told(self, row: int) -> str | None:
        """Give the label of a row; None where the head is not sure enough to say."""
        label, probability = self.best(row)
        return label if probability >= self.threshold else None


@dataclass(frozen=True, slots=True)
class Heads:
    """The heads of a shop, for the embeddings of the picture tower called ``fingerprint``.

    ``hidden`` is a layer that all share, cut off below 0; None: heads look at embeddings as they
    are.
    """

    fingerprint: str
    hidden: Layer | None
    heads: tuple[Head, ...]

    @property
    def dim(self) -> int:
        """Dimensions of an embedding."""
        first = self.hidden or self.heads[0].layer
        return int(first.weight.shape[1])

    def predict(self, embeddings: Embeddings) -> dict[str, Predicted]:
        """Tell each task's labels of each row.

        Raises:
            MismatchError: these rows have another number of dimensions.
        """
        if embeddings.shape[1] != self.dim:
            raise MismatchError(
                f"these heads read embeddings of {self.dim} dimensions, not of "
                f"{embeddings.shape[1]}; train them again: shoplens tag --train"
            )
        seen = np.maximum(self.hidden(embeddings), 0) if self.hidden else embeddings
        return {head.task: _predicted(head, seen) for head in self.heads}

    def tell(self, embedding: Embedding) -> dict[str, Told]:
        """Tell what is sure enough of one picture; tasks that are not are left out."""
        found = self.predict(embedding[None])
        return {task: one.best(0) for task, one in found.items() if one.told(0) is not None}


def field_of(task: str) -> str:
    """Name the field of a product that a task fills: ``category 2`` fills ``category``."""
    return task.split(" ", 1)[0]


def _predicted(head: Head, seen: Float32[np.ndarray, "n i"]) -> Predicted:
    logits = head.layer(seen).astype(np.float64) / head.temperature
    return Predicted(head.task, head.labels, softmax(logits), head.threshold)
