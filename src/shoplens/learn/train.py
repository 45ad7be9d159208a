"""One training, from a lesson and a split to a fitted model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float64
from torch import nn

from shoplens.errors import MismatchError
from shoplens.evaluate.metrics import label_gains, rank_gallery, reciprocal_rank
from shoplens.learn.examples.splits import Split
from shoplens.learn.fitting.fit import Course, Desk, Fitted, fit
from shoplens.learn.fitting.objectives import Batch, Objective
from shoplens.learn.fitting.steps import on_threads
from shoplens.learn.lessons.lesson import Lesson, unit_rows
from shoplens.learn.material import Material
from shoplens.learn.recipe import Recipe
from shoplens.learn.views.bank import Places
from shoplens.learn.views.batches import Drawer, drawer
from shoplens.types import Embeddings

DEEP = 50
"""Places looked at by a look."""
LOOKED = 1000
"""Photos asked by a look at most."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A fitted model, and how it went."""

    model: nn.Module
    fitted: Fitted


def train(lesson: Lesson, material: Material, split: Split, recipe: Recipe, desk: Desk) -> Trained:
    """Fit a fresh model to the training part of ``split``; its dev parts say when to stop.

    Raises:
        MismatchError: there is nothing to train on, or the loss is no number any more.
    """
    torch.default_generator.manual_seed(recipe.seed)
    model = lesson.make()
    usable = _usable(lesson, split.train)
    if not len(usable):
        raise MismatchError(
            f"of {len(material.examples.all)} pictures nothing to train on is left after what is "
            "held out to judge by: add photos, or learn by another label"
        )
    drawn = drawer(material, split, usable, recipe)
    objective = Objective(recipe, lesson.dim, drawn.classes)
    watch = _Look if lesson.targets is None else _TargetLook
    look = watch(lesson, material.labels, split, recipe, desk.device)
    course = Course(
        lambda number: _batches(lesson, drawn, number), drawn.steps, look if look.asks else None
    )
    with on_threads(1 if recipe.kind in {"head", "align"} else 0):
        return Trained(model, fit(model, objective, recipe, course, desk))


def _batches(lesson: Lesson, drawn: Drawer, number: int) -> Iterator[Batch]:
    """Draw an epoch: the same one for the same seed and number, wherever it was resumed."""
    rng = np.random.default_rng([drawn.recipe.seed, number])
    for places, labels in drawn.epoch(rng):
        inputs = torch.as_tensor(lesson.bank.drawn(places, rng))
        before = torch.as_tensor(lesson.rows[places])
        targets = None if lesson.targets is None else torch.as_tensor(lesson.targets[places])
        yield Batch(inputs, torch.as_tensor(labels), before, targets)


def _usable(lesson: Lesson, places: Places) -> Places:
    """Leave out pictures that could not be read, or have nothing to come to."""
    kept = lesson.bank.whole[places].astype(bool)
    if lesson.targets is not None:
        kept &= np.linalg.norm(lesson.targets[places], axis=1) > 0.5
    return places[kept]


class _Look:
    """Judges a model as it is: does a photo find its product, with the blend that will serve?"""

    def __init__(
        self,
        lesson: Lesson,
        labels: Sequence[str],
        split: Split,
        recipe: Recipe,
        device: torch.device,
    ) -> None:
        self._lesson, self._labels, self._device = lesson, np.array(labels), device
        self._blend = recipe.blend
        rng = np.random.default_rng(recipe.seed)
        read = replace(lesson, targets=None)
        self._gallery = _usable(read, split.gallery)
        parts = [_usable(read, part) for part in (split.dev, split.dev_unseen)]
        self._asked = [_some(part, rng) for part in parts if len(part)]

    @property
    def asks(self) -> bool:
        """Say whether there is any photo to ask with."""
        return bool(self._asked)

    def __call__(self, model: nn.Module) -> float:
        """Give the mean reciprocal rank, of trained and of held out products alike."""
        gallery = self._rows(model, self._gallery)
        found = [float(self._ranks(self._rows(model, p), gallery, p).mean()) for p in self._asked]
        return sum(found) / len(found)

    def _rows(self, model: nn.Module, places: Places) -> Embeddings:
        trained = unit_rows(model, self._lesson.bank, places, self._device)
        before = self._lesson.rows[places]
        shares = (1 - self._blend) ** 0.5, self._blend**0.5
        return np.concatenate([before * shares[0], trained * shares[1]], axis=1, dtype=np.float32)

    def _ranks(
        self, asked: Embeddings, gallery: Embeddings, places: Places
    ) -> Float64[np.ndarray, " q"]:
        order = leave_out(rank_gallery(asked, gallery, DEEP + 1), places, self._gallery)
        gains = label_gains(order, self._labels[places], self._labels[self._gallery])
        return reciprocal_rank(gains, DEEP)


class _TargetLook:
    """Judges a model that has targets: does a target find its picture among those watched?"""

    def __init__(
        self,
        lesson: Lesson,
        labels: Sequence[str],
        split: Split,
        recipe: Recipe,
        device: torch.device,
    ) -> None:
        rng = np.random.default_rng(recipe.seed)
        watched = np.concatenate([split.dev, split.dev_unseen])
        self._lesson, self._device = lesson, device
        self._places = _some(_usable(lesson, watched), rng)
        self._labels = np.array(labels)[self._places]

    @property
    def asks(self) -> bool:
        """Say whether there is any target to ask with."""
        return len(self._places) > 0

    def __call__(self, model: nn.Module) -> float:
        """Give the mean reciprocal rank; where dimensions differ, how little likenesses moved."""
        targets = self._lesson.targets
        assert targets is not None  # noqa: S101 - told to the type checker
        rows = unit_rows(model, self._lesson.bank, self._places, self._device)
        wanted = np.asarray(targets[self._places], np.float32)
        if wanted.shape[1] != rows.shape[1]:
            return -float(np.square(rows @ rows.T - wanted @ wanted.T).mean())
        order = rank_gallery(wanted, rows, min(DEEP, len(rows)))
        gains = label_gains(order, self._labels, self._labels)
        return float(reciprocal_rank(gains, DEEP).mean())


def leave_out(order: Places, asked: Places, gallery: Places) -> Places:
    """Take each picture asked out of its own answer (q, k); what follows moves up, -1 is last."""
    own = gallery[order] == asked[:, None]
    others = np.argsort(own, axis=1, kind="stable")
    return np.take_along_axis(np.where(own, -1, order), others, axis=1)


def _some(places: Places, rng: np.random.Generator) -> Places:
    return places if len(places) <= LOOKED else np.sort(rng.choice(places, LOOKED, replace=False))
