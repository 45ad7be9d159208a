import math
from dataclasses import replace
from typing import get_args

import pytest
import torch
from torch import nn

from shoplens.errors import ConfigError
from shoplens.learn.fitting.steps import (
    OBJECTIVE_RATE,
    device_of,
    on_threads,
    optimiser,
    schedule,
    told_of,
)
from shoplens.learn.recipe import Optimiser, Recipe, Schedule

RECIPE = Recipe("test", "a test", "head", rate=0.1, weight_decay=0.5)


class Told(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2, 2))


def model() -> nn.Module:
    first, last = nn.Linear(3, 2), nn.Linear(2, 1)
    for weight in last.parameters():
        weight.requires_grad = False
    return nn.Sequential(first, last)


@pytest.mark.parametrize("name", get_args(Optimiser))
def test_matrices_decay_biases_do_not_and_what_is_frozen_stays_out(name: Optimiser) -> None:
    made = model()
    groups = optimiser(replace(RECIPE, optimiser=name), made, Told()).param_groups
    told = [(group["lr"], group["weight_decay"], group["params"]) for group in groups]
    assert [(rate, decay) for rate, decay, _ in told] == [
        (0.1, 0.5),
        (0.1, 0.0),
        (0.1 * OBJECTIVE_RATE, 0.5),
    ]
    assert [tuple(weight.shape) for _, _, params in told for weight in params] == [
        (2, 3),
        (2,),
        (2, 2),
    ]


@pytest.mark.parametrize("steps", [1, 2, 7, 100])
@pytest.mark.parametrize("name", get_args(Schedule))
@pytest.mark.parametrize("kind", get_args(Optimiser))
def test_every_plan_covers_its_steps_and_stays_below_the_rate(
    kind: Optimiser, name: Schedule, steps: int
) -> None:
    recipe = replace(RECIPE, optimiser=kind, schedule=name)
    made = model()
    optimizer = optimiser(recipe, made, nn.Identity())
    plan = schedule(recipe, optimizer, steps)
    rates: list[float] = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        for weight in made.parameters():
            weight.grad = torch.ones_like(weight)
        optimizer.step()
        plan.step()
    assert all(0 < rate <= recipe.rate + 1e-9 for rate in rates)
    assert math.isfinite(sum(rates))
    if name == "constant":
        assert set(rates) == {recipe.rate}
    elif steps > 2:
        assert rates[-1] < max(rates)


def test_one_cycle_rises_then_falls() -> None:
    optimizer = optimiser(RECIPE, model(), nn.Identity())
    plan = schedule(RECIPE, optimizer, 100)
    rates = [optimizer.param_groups[0]["lr"]]
    for _ in range(99):
        optimizer.step()
        plan.step()
        rates.append(optimizer.param_groups[0]["lr"])
    top = rates.index(max(rates))
    assert 10 <= top <= 20
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)


def test_a_device_is_chosen_by_name_or_as_there_is_one() -> None:
    assert device_of("cpu") == torch.device("cpu")
    assert device_of().type in {"cpu", "cuda", "mps"}
    assert told_of(torch.device("cpu")).startswith("CPU, ")


@pytest.mark.parametrize("name", ["gpu", "meta", "cuda:99", "cpu:x", "tpu", "cpu cuda"])
def test_a_device_that_is_not_there_is_told_with_those_that_are(name: str) -> None:
    with pytest.raises(ConfigError, match=f"no device '{name}' to train on; here are .*cpu"):
        device_of(name)


def test_threads_are_given_back() -> None:
    before = torch.get_num_threads()
    with on_threads(1):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
    with pytest.raises(ZeroDivisionError), on_threads(1):
        divmod(1, 0)
    assert torch.get_num_threads() == before
    with on_threads(0):
        assert torch.get_num_threads() == before
