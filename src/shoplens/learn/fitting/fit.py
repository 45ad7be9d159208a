"""A model is fitted: epochs of batches, a look after each, the best look kept."""

import copy
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from shoplens.errors import MismatchError, StorageError
from shoplens.indexing.workbench import Progress, silent
from shoplens.learn.fitting.checkpoint import Checkpoints
from shoplens.learn.fitting.curves import Curves, NoCurves
from shoplens.learn.fitting.objectives import Batch, Objective
from shoplens.learn.fitting.steps import optimiser, schedule
from shoplens.learn.recipe import Recipe

State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Course:
    """What a fit goes through: ``epoch`` gives the batches of an epoch by its number.

    ``steps`` counts the batches of one epoch. ``look`` judges the model as it is; higher is
    better. Without one, there is nothing to judge by: every epoch is run, and the last is kept.
    """

    epoch: Callable[[int], Iterator[Batch]]
    steps: int
    look: Callable[[nn.Module], float] | None


@dataclass(frozen=True, slots=True)
class Desk:
    """What a fit works with, beside the model: device, where to keep and tell how it goes."""

    device: torch.device
    progress: Progress = silent
    curves: Curves = field(default_factory=NoCurves)
    checkpoints: Checkpoints | None = None
    stop: Event = field(default_factory=Event)


@dataclass(frozen=True, slots=True)
class Fitted:
    """How a fit went: ``history`` holds (loss, look) of each epoch, ``best`` the one kept.

    A look is 0 where there was nothing to look at.
    ``notes`` are sentences for a person, such as that no checkpoint could be written.
    """

    epochs: int
    best: int
    history: tuple[tuple[float, float], ...]
    seconds: float
    resumed: bool
    notes: tuple[str, ...] = ()


def fit(
    model: nn.Module, objective: Objective, recipe: Recipe, course: Course, desk: Desk
) -> Fitted:
    """Train ``model`` in place; it ends as it was at its best look.

    Raises:
        MismatchError: the loss is no number any more; says what to change.
        KeyboardInterrupt: ``desk.stop`` was set; what was learnt is in the checkpoint.
    """
    run = _Run(model.to(desk.device), objective.to(desk.device), recipe, course, desk)
    run.resume()
    while run.goes_on():
        run.one_epoch()
    return run.ended()


class _Run:
    def __init__(
        self, model: nn.Module, objective: Objective, recipe: Recipe, course: Course, desk: Desk
    ) -> None:
        self._model, self._objective = model, objective
        self._recipe, self._course, self._desk = recipe, course, desk
        self._optimizer: Optimizer = optimiser(recipe, model, objective)
        steps = recipe.epochs * course.steps
        self._schedule: LRScheduler = schedule(recipe, self._optimizer, max(steps, 1))
        self._history: list[tuple[float, float]] = []
        self._best: State = copy.deepcopy(model.state_dict())
        self._best_epoch = 0
        self._seconds = 0.0
        self._resumed = False
        self._notes: list[str] = []

    def goes_on(self) -> bool:
        """Say whether another epoch may gain something."""
        if self._desk.stop.is_set():
            raise KeyboardInterrupt
        done = len(self._history)
        return done < self._recipe.epochs and done - self._best_epoch < self._recipe.patience

    def one_epoch(self) -> None:
        began = time.monotonic()
        number = len(self._history)
        loss = self._train(number)
        look = self._look()
        best = max((look for _, look in self._history), default=-math.inf)
        self._history.append((loss, look))
        if look > best or self._course.look is None:
            self._best, self._best_epoch = copy.deepcopy(self._model.state_dict()), number + 1
        self._seconds += time.monotonic() - began
        self._desk.curves.point(number + 1, {"loss": loss, "look": look})
        self._keep()

    def ended(self) -> Fitted:
        self._model.load_state_dict(self._best)
        self._model.eval()
        done = len(self._history)
        history, notes = tuple(self._history), tuple(self._notes)
        return Fitted(done, self._best_epoch, history, self._seconds, self._resumed, notes)

    def resume(self) -> None:
        """Go on where the same training was stopped."""
        kept = self._desk.checkpoints.read() if self._desk.checkpoints else None
        if kept is None:
            return
        self._model.load_state_dict(kept["model"])
        self._objective.load_state_dict(kept["objective"])
        self._optimizer.load_state_dict(kept["optimizer"])
        self._schedule.load_state_dict(kept["schedule"])
        self._best, self._best_epoch = kept["best"], kept["best_epoch"]
        self._history, self._seconds = list(kept["history"]), kept["seconds"]
        torch.set_rng_state(kept["random"])
        self._resumed = True

    def _look(self) -> float:
        if self._course.look is None:
            return 0.0
        self._model.eval()
        with torch.no_grad():
            return self._course.look(self._model)

    def _train(self, number: int) -> float:
        self._model.train()
        losses: list[float] = []
        total = self._recipe.epochs * self._course.steps
        for batch in self._course.epoch(number):
            if self._desk.stop.is_set():
                raise KeyboardInterrupt
            losses.append(self._step(batch.to(self._desk.device)))
            self._desk.progress("train", number * self._course.steps + len(losses), total)
        return sum(losses) / max(len(losses), 1)

    def _step(self, batch: Batch) -> float:
        with self._halved():
            rows = self._model(batch.inputs)
        loss: Tensor = self._objective(rows.float(), batch)
        told = float(loss.detach())
        if not math.isfinite(told):
            raise MismatchError(
                f"the loss became {told} in epoch {len(self._history) + 1}, so nothing of this "
                f"training is kept; try a lower rate (it is {self._recipe.rate:g}): "
                f"--set rate={self._recipe.rate / 3:.1g}"
            )
        self._optimizer.zero_grad()
        loss.backward()  # pyright: ignore[reportUnknownMemberType]  # torch leaves it open
        weights = [w for group in self._optimizer.param_groups for w in group["params"]]
        nn.utils.clip_grad_norm_(weights, self._recipe.clip)
        self._optimizer.step()
        self._schedule.step()
        return told

    def _halved(self) -> torch.autocast:
        """Compute in bfloat16 where that is faster: on a GPU."""
        enabled = self._recipe.mixed and self._desk.device.type == "cuda"
        return torch.autocast(self._desk.device.type, torch.bfloat16, enabled=enabled)

    def _keep(self) -> None:
        if self._desk.checkpoints is None or self._notes:
            return
        try:
            self._desk.checkpoints.write(
                {
                    "model": self._model.state_dict(),
                    "objective": self._objective.state_dict(),
                    "optimizer": self._optimizer.state_dict(),
                    "schedule": self._schedule.state_dict(),
                    "best": self._best,
                    "best_epoch": self._best_epoch,
                    "history": self._history,
                    "seconds": self._seconds,
                    "random": torch.get_rng_state(),
                }
            )
        except StorageError as error:  # the training itself needs no disk: it goes on
            self._notes.append(str(error))
