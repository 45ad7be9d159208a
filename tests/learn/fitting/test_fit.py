import copy
import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import get_args

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from shoplens.errors import MismatchError
from shoplens.indexing.workbench import Progress
from shoplens.learn.fitting.checkpoint import Checkpoints
from shoplens.learn.fitting.fit import Course, Desk, Fitted, fit
from shoplens.learn.fitting.objectives import Batch, Objective
from shoplens.learn.lessons.lesson import unit
from shoplens.learn.recipe import Loss, Optimiser, Recipe, Schedule

RECIPE = Recipe("test", "a test", "head", epochs=6, patience=6, rate=0.02, dropout=0.3)
LABELS, EACH, DIM = 4, 6, 8
CPU = torch.device("cpu")


class Small(nn.Module):
    """A layer whose inputs are dropped out, so that chance takes part."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(DIM, 3)
        self.dropout = nn.Dropout(0.3)

    def forward(self, rows: Tensor) -> Tensor:
        return unit(self.layer(self.dropout(rows)))


def small(seed: int = 0) -> Small:
    torch.default_generator.manual_seed(seed)
    return Small()


@dataclass
class Drawn:
    """Labels that differ along four axes, under noise along the others: three batches an epoch."""

    spoilt: int = -1
    looks: Iterator[float] | None = None
    seen: list[dict[str, Tensor]] = field(default_factory=list[dict[str, Tensor]])

    def rows(self) -> tuple[Tensor, Tensor]:
        labels = np.repeat(np.arange(LABELS), EACH)
        rows = np.random.default_rng(0).normal(size=(len(labels), DIM))
        rows[:, :LABELS] = rows[:, :LABELS] * 0.1 + np.eye(LABELS)[labels]
        return torch.tensor(rows, dtype=torch.float32), torch.tensor(labels)

    def epoch(self, number: int) -> Iterator[Batch]:
        rows, labels = self.rows()
        order = np.random.default_rng([3, number]).permutation(len(rows))
        for some in np.array_split(order, 3):
            inputs = rows[some].clone()
            if number == self.spoilt:
                inputs[0, 0] = math.nan
            yield Batch(inputs, labels[some])

    def look(self, model: nn.Module) -> float:
        assert not model.training
        self.seen.append(copy.deepcopy(model.state_dict()))
        return next(self.looks) if self.looks else float(len(self.seen))

    def course(self) -> Course:
        return Course(self.epoch, 3, self.look)


def objective(recipe: Recipe = RECIPE) -> Objective:
    return Objective(recipe, 3, LABELS)


def fitted(model: nn.Module, course: Course, desk: Desk, recipe: Recipe = RECIPE) -> Fitted:
    return fit(model, objective(recipe), recipe, course, desk)


def same(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


ways = list(itertools.product(get_args(Loss), get_args(Optimiser), get_args(Schedule)))


@pytest.mark.parametrize(("loss", "optimiser", "schedule"), ways)
def test_every_way_of_learning_lowers_the_loss(
    loss: Loss, optimiser: Optimiser, schedule: Schedule
) -> None:
    told = {"classify": 0.5, "margin": 0.3} if optimiser == "adam" else {}
    recipe = replace(RECIPE, loss=loss, optimiser=optimiser, schedule=schedule, **told)
    model, goal = small(), objective(recipe)
    rows, labels = Drawn().rows()

    def now() -> float:
        model.eval()
        with torch.no_grad():
            return float(goal(model(rows), Batch(rows, labels)))

    before = now()
    fit(model, goal, recipe, Drawn().course(), Desk(CPU))
    assert now() < before


def test_the_best_look_is_kept_and_not_the_last() -> None:
    drawn, model = Drawn(looks=iter([0.2, 0.6, 0.3, 0.6, 0.5, 0.1])), small()
    found = fitted(model, drawn.course(), Desk(CPU))
    assert (found.epochs, found.best) == (6, 2)
    assert [look for _, look in found.history] == [0.2, 0.6, 0.3, 0.6, 0.5, 0.1]
    assert same(model.state_dict(), drawn.seen[1])
    assert not same(model.state_dict(), drawn.seen[5])
    assert not model.training


def test_it_ends_when_patience_does() -> None:
    recipe = replace(RECIPE, epochs=50, patience=3)
    drawn = Drawn(looks=iter([0.1, 0.2, *[0.2] * 48]))
    found = fitted(small(), drawn.course(), Desk(CPU), recipe)
    assert (found.epochs, found.best) == (5, 2)


def test_without_a_look_every_epoch_is_run_and_the_last_is_kept() -> None:
    recipe, watched, model = replace(RECIPE, patience=1), Drawn(), small()
    found = fitted(model, replace(watched.course(), look=None), Desk(CPU), recipe)
    assert (found.epochs, found.best) == (6, 6)
    other = small()
    fitted(other, watched.course(), Desk(CPU), recipe)
    assert same(model.state_dict(), watched.seen[5])


def test_one_seed_makes_one_model() -> None:
    first, again, other = small(), small(), small(1)
    torch.default_generator.manual_seed(5)
    fitted(first, Drawn().course(), Desk(CPU))
    torch.default_generator.manual_seed(5)
    fitted(again, Drawn().course(), Desk(CPU))
    fitted(other, Drawn().course(), Desk(CPU))
    assert same(first.state_dict(), again.state_dict())
    assert not same(first.state_dict(), other.state_dict())


def stopping(at: int, stop: Event) -> Progress:
    def progress(_: str, done: int, total: int) -> None:
        assert total == RECIPE.epochs * 3
        if done == at:
            stop.set()

    return progress


@pytest.mark.parametrize("at", [1, 3, 7, 9, 17, 18])
@pytest.mark.parametrize(
    ("optimiser", "schedule"),
    list(zip(get_args(Optimiser), get_args(Schedule), strict=True)),
)
def test_a_training_that_was_stopped_comes_to_the_same_model(
    at: int, optimiser: Optimiser, schedule: Schedule, tmp_path: Path
) -> None:
    recipe = replace(RECIPE, optimiser=optimiser, schedule=schedule, classify=0.5)
    whole, stopped = small(), small()
    torch.default_generator.manual_seed(7)
    wanted = fitted(whole, Drawn().course(), Desk(CPU), recipe)
    kept, stop = Checkpoints(tmp_path / "one.pt", "key"), Event()
    torch.default_generator.manual_seed(7)
    desk = Desk(CPU, stopping(at, stop), checkpoints=kept, stop=stop)
    with pytest.raises(KeyboardInterrupt):
        fitted(stopped, Drawn().course(), desk, recipe)
    done = at // 3
    again = small(seed=1) if done else small()
    torch.default_generator.manual_seed(7)
    later, desk = Drawn(looks=iter(map(float, range(10, 16)))), Desk(CPU, checkpoints=kept)
    found = fitted(again, later.course(), desk, recipe)
    assert (found.resumed, len(later.seen)) == (done > 0, 6 - done)
    assert [loss for loss, _ in found.history] == [loss for loss, _ in wanted.history]
    assert same(again.state_dict(), whole.state_dict())


def test_a_training_that_had_ended_is_not_done_again(tmp_path: Path) -> None:
    desk = Desk(CPU, checkpoints=Checkpoints(tmp_path / "one.pt", "key"))
    first, again, drawn = small(), small(1), Drawn()
    fitted(first, Drawn().course(), desk)
    found = fitted(again, drawn.course(), desk)
    assert (found.resumed, found.epochs, drawn.seen) == (True, 6, [])
    assert same(first.state_dict(), again.state_dict())


@pytest.mark.parametrize("spoilt", [0, 4])
def test_a_loss_that_is_no_number_ends_it_with_advice(spoilt: int, tmp_path: Path) -> None:
    desk = Desk(CPU, checkpoints=Checkpoints(tmp_path / "one.pt", "key"))
    told = rf"became nan in epoch {spoilt + 1}.*it is 0\.02\): --set rate=0\.007"
    with pytest.raises(MismatchError, match=told):
        fitted(small(), Drawn(spoilt=spoilt).course(), desk)


def test_a_rate_far_too_high_ends_in_a_model_or_in_advice() -> None:
    recipe = replace(RECIPE, rate=10.0, clip=1e6, schedule="constant", optimiser="sgd")
    model = small()
    try:
        fitted(model, Drawn().course(), Desk(CPU), recipe)
    except MismatchError as error:
        assert "lower rate" in str(error)  # noqa: PT017 - either is right
    assert all(torch.isfinite(weight).all() for weight in model.parameters())


def test_a_disk_that_refuses_checkpoints_is_noted_once_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    kept = Checkpoints(tmp_path / "file" / "one.pt", "key")
    model, without = small(), small()
    torch.default_generator.manual_seed(7)
    found = fitted(model, Drawn().course(), Desk(CPU, checkpoints=kept))
    torch.default_generator.manual_seed(7)
    plain = fitted(without, Drawn().course(), Desk(CPU))
    assert len(found.notes) == 1
    assert "one.pt cannot be written" in found.notes[0]
    assert (found.epochs, plain.notes) == (6, ())
    assert same(model.state_dict(), without.state_dict())


@dataclass
class Written:
    points: list[tuple[int, Mapping[str, float]]] = field(
        default_factory=list[tuple[int, Mapping[str, float]]]
    )

    def point(self, step: int, figures: Mapping[str, float]) -> None:
        self.points.append((step, figures))

    def close(self) -> None:
        raise AssertionError


def test_curves_get_a_point_an_epoch() -> None:
    curves = Written()
    found = fitted(small(), Drawn().course(), Desk(CPU, curves=curves))
    assert [step for step, _ in curves.points] == [1, 2, 3, 4, 5, 6]
    assert [(one["loss"], one["look"]) for _, one in curves.points] == list(found.history)
