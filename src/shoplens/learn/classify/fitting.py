"""Heads are fitted to labelled rows by gradient steps; torch is needed here alone."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float32, Int64
from torch import Tensor
from torch.nn.functional import cross_entropy

from shoplens.errors import ConfigError
from shoplens.learn.classify.classes import Classes
from shoplens.predict.heads import Head, Heads, Layer
from shoplens.predict.judging import Logits, Numbers, log_loss
from shoplens.types import Embeddings


@dataclass(frozen=True, slots=True)
class ClassifyConfig:
    """How heads learn.

    ``hidden``: size of the layer that the tasks share, 0 for none; ``dropout``: the share of it
    that is left out of a step. ``smoothing``: the share of a label's weight that all labels get
    (Szegedy et al., 2016). ``balanced``: each label weighs the same, however rare. ``epochs`` at
    most, ended ``patience`` after the best. ``folds``: each is judged by heads that never saw it.
    ``wanted``: the share of told labels that is to be right. ``fewest``: groups that have a label
    that is learnt. ``pseudo``: sure guesses for unlabelled rows are learnt from (Lee, 2013).
    """

    hidden: int = 512
    dropout: float = 0.5
    smoothing: float = 0.1
    rate: float = 1e-3
    decay: float = 0.3
    batch: int = 256
    epochs: int = 150
    patience: int = 10
    folds: int = 5
    wanted: float = 0.9
    fewest: int = 8
    balanced: bool = False
    pseudo: bool = False

    def __post_init__(self) -> None:
        """Refuse values that make no sense (ConfigError)."""
        sensible = {
            "hidden": 0 <= self.hidden <= 16_384,
            "dropout": 0 <= self.dropout < 1,
            "smoothing": 0 <= self.smoothing < 1,
            "rate": self.rate > 0,
            "decay": self.decay >= 0,
            "batch": self.batch >= 1,
            "epochs": self.epochs >= 1,
            "patience": self.patience >= 1,
            "folds": 2 <= self.folds <= 20,
            "wanted": 0 < self.wanted < 1,
            "fewest": self.fewest >= 2,
        }
        for name, good in sensible.items():
            if not good:
                raise ConfigError(f"a classifier's {name} cannot be {getattr(self, name)!r}")


@dataclass(frozen=True, slots=True)
class Fitted:
    """Heads, not calibrated yet, and after how many epochs they were taken."""

    heads: Heads
    epochs: int


class Learner:
    """The heads while they learn: parameters in torch, one block of outputs a task."""

    def __init__(
        self,
        embeddings: Embeddings,
        classes: Sequence[Classes],
        config: ClassifyConfig,
        rng: np.random.Generator,
    ) -> None:
        self._config = config
        self._classes = classes
        self._rng = rng
        self._chance = torch.Generator().manual_seed(int(rng.integers(2**62)))
        self._mean = embeddings.mean(axis=0)
        # One scale for all dimensions: with one for each, the rare ones are blown up. Accuracy of
        # seven tasks of a fashion shop: 0.855 against 0.845 (linear), 0.865 against 0.861 (hidden).
        self._scale = max(float(embeddings.std(axis=0).mean()), 1e-6)
        self._rows = _tensor(((embeddings - self._mean) / self._scale).astype(np.float32))
        self._numbers = [_tensor(one.numbers) for one in classes]
        self._weights = [_weights(one, balanced=config.balanced) for one in classes]
        sizes = [len(one.labels) for one in classes]
        wide = [embeddings.shape[1], *([config.hidden] if config.hidden else []), sum(sizes)]
        self._sizes = sizes
        self._layers = [self._layer(wide[i], wide[i + 1]) for i in range(len(wide) - 1)]
        matrices, biases = zip(*self._layers, strict=True)
        self._steps = torch.optim.AdamW(
            [
                {"params": list(matrices), "weight_decay": config.decay},
                {"params": list(biases), "weight_decay": 0.0},
            ],
            lr=config.rate,
        )

    def _layer(self, narrow: int, wide: int) -> tuple[Tensor, Tensor]:
        reach = narrow**-0.5
        weight = torch.empty(wide, narrow).uniform_(-reach, reach, generator=self._chance)
        return weight.requires_grad_(), torch.zeros(wide).requires_grad_()

    def epoch(self) -> None:
        """Step once through all rows (ConfigError if the loss is no number any more)."""
        total = 0.0
        order = self._rng.permutation(len(self._rows))
        for start in range(0, len(order), self._config.batch):
            loss = self._loss(_tensor(order[start : start + self._config.batch]))
            self._steps.zero_grad()
            loss.backward()  # pyright: ignore[reportUnknownMemberType] # torch leaves it untyped
            self._steps.step()  # pyright: ignore[reportUnknownMemberType]
            total += loss.item()
        if not np.isfinite(total):
            raise ConfigError(
                f"the loss became {total} at a learning rate of {self._config.rate:g}; nothing was "
                "kept, give a lower rate"
            )

    def _loss(self, some: Tensor) -> Tensor:
        (first, shift), *rest = self._layers
        out = self._rows[some] @ first.T + shift
        for weight, bias in rest:
            seen = torch.relu(out)
            keep = 1 - self._config.dropout
            mask = torch.rand(seen.shape, generator=self._chance) < keep
            out = (seen * mask / keep) @ weight.T + bias
        losses = [
            cross_entropy(
                block,
                numbers[some],
                weight,
                ignore_index=-1,
                reduction="sum",
                label_smoothing=self._config.smoothing,
            )
            / (numbers[some] >= 0).sum().clamp(min=1)
            for block, numbers, weight in zip(
                torch.split(out, self._sizes, dim=1), self._numbers, self._weights, strict=True
            )
        ]
        return torch.stack(losses).sum()

    def heads(self) -> Heads:
        """Give the heads as they are now, for embeddings as they come."""
        layers = [(w.detach().numpy().copy(), b.detach().numpy().copy()) for w, b in self._layers]
        weight, bias = layers[0]
        weight = weight / np.float32(self._scale)
        layers[0] = (weight, bias - weight @ self._mean)
        hidden = Layer(*layers[0]) if len(layers) > 1 else None
        ends = np.cumsum(self._sizes)[:-1]
        blocks = zip(*(np.split(part, ends) for part in layers[-1]), strict=True)
        heads = [
            Head(one.task, one.labels, Layer(*block))
            for one, block in zip(self._classes, blocks, strict=True)
        ]
        return Heads("", hidden, tuple(heads))


@contextmanager
def _one_thread() -> Generator[None]:
    """Keep torch to one thread: the matrices are small, and threads that wait for others spin."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@_one_thread()
def fit(
    embeddings: Embeddings,
    classes: Sequence[Classes],
    config: ClassifyConfig,
    rng: np.random.Generator,
    held: tuple[Embeddings, Sequence[Numbers]] | None = None,
) -> Fitted:
    """Fit heads to the rows that have labels.

    With ``held`` rows and their labels, those of the epoch that told these best; without, those
    after ``config.epochs``.

    Raises:
        ConfigError: the loss grew beyond all numbers.
    """
    learner = Learner(embeddings, classes, config, rng)
    if held is None:
        for _ in range(config.epochs):
            learner.epoch()
        return Fitted(learner.heads(), config.epochs)
    best, least = Fitted(learner.heads(), 0), np.inf
    for epoch in range(1, config.epochs + 1):
        learner.epoch()
        heads = learner.heads()
        loss = _held_loss(heads, *held)
        if loss < least:
            best, least = Fitted(heads, epoch), loss
        elif epoch - best.epochs >= config.patience:
            break
    return best


def logits_of(heads: Heads, embeddings: Embeddings) -> list[Logits]:
    """Give what each head computes before any temperature."""
    seen = np.maximum(heads.hidden(embeddings), 0) if heads.hidden else embeddings
    return [head.layer(seen).astype(np.float64) for head in heads.heads]


def shortened(config: ClassifyConfig, epochs: int) -> ClassifyConfig:
    """Take the number of epochs that others found best."""
    return replace(config, epochs=max(epochs, 1))


def _held_loss(heads: Heads, embeddings: Embeddings, numbers: Sequence[Numbers]) -> float:
    return sum(
        log_loss(logits[some >= 0], some[some >= 0])
        for logits, some in zip(logits_of(heads, embeddings), numbers, strict=True)
        if (some >= 0).any()
    )


def _tensor(values: Float32[np.ndarray, "..."] | Int64[np.ndarray, "..."]) -> Tensor:
    return torch.from_numpy(values)  # pyright: ignore[reportUnknownMemberType]


def _weights(classes: Classes, *, balanced: bool) -> Float32[Tensor, " c"] | None:
    """Weigh labels so that each counts the same; None where rows count the same."""
    if not balanced:
        return None
    counts = np.maximum(np.array(classes.counts, np.float32), 1)
    return _tensor(counts.sum() / (len(counts) * counts))
