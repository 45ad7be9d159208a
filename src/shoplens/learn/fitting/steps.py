"""How weights are changed: the optimiser, and its learning rate over time."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LRScheduler, OneCycleLR

from shoplens.errors import ConfigError
from shoplens.learn.recipe import Recipe

MOMENTUM = 0.9
WARMING = 0.15
"""Share of all steps in which the learning rate rises."""
OBJECTIVE_RATE = 5.0
"""How much faster the objective's own weights move: they start from nothing."""


def optimiser(recipe: Recipe, model: nn.Module, objective: nn.Module) -> Optimizer:
    """Put every weight that is trained under the recipe's optimiser; biases never decay."""
    weights = [p for p in model.parameters() if p.requires_grad]
    parts: list[tuple[list[nn.Parameter], dict[str, float]]] = [
        ([p for p in weights if p.ndim > 1], {"lr": recipe.rate}),
        ([p for p in weights if p.ndim <= 1], {"lr": recipe.rate, "weight_decay": 0.0}),
        (list(objective.parameters()), {"lr": recipe.rate * OBJECTIVE_RATE}),
    ]
    groups: list[dict[str, Any]] = [{"params": some, **told} for some, told in parts if some]
    if recipe.optimiser == "sgd":
        return SGD(groups, lr=recipe.rate, momentum=MOMENTUM, weight_decay=recipe.weight_decay)
    made = AdamW if recipe.optimiser == "adamw" else Adam
    return made(groups, lr=recipe.rate, weight_decay=recipe.weight_decay)


def schedule(recipe: Recipe, optimizer: Optimizer, steps: int) -> LRScheduler:
    """Plan the learning rate over ``steps`` (one-cycle: Smith and Topin, 2018)."""
    if recipe.schedule == "one-cycle":
        rates = [group["lr"] for group in optimizer.param_groups]
        return OneCycleLR(optimizer, rates, total_steps=steps, pct_start=WARMING)
    if recipe.schedule == "cosine":
        return CosineAnnealingLR(optimizer, steps)
    return LambdaLR(optimizer, lambda _: 1.0)


def device_of(name: str = "") -> torch.device:
    """Choose where to train: what is asked for, else the GPU if there is one, else the CPU.

    Raises:
        ConfigError: there is no such device here.
    """
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    there = [kind for kind, here in found.items() if here] + ["cpu"]
    try:
        device = torch.device(name or there[0])
    except RuntimeError as error:  # its message lists forty kinds
        raise ConfigError(_no_device(name, there)) from error
    count = torch.cuda.device_count() if device.type == "cuda" else 1
    if device.type not in there or (device.index or 0) >= count:
        raise ConfigError(_no_device(name, there))
    return device


def _no_device(name: str, there: Sequence[str]) -> str:
    return f"there is no device {name!r} to train on; here are {', '.join(there)}"


@contextmanager
def on_threads(count: int) -> Generator[None]:
    """Compute on so many threads while the block runs, 0 for as many as before.

    Small matrices are faster on one: threads that wait for each other cost more than they do.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def told_of(device: torch.device) -> str:
    """Name a device for a person."""
    if device.type == "cuda":
        return f"GPU {torch.cuda.get_device_name(device)}"
    return f"{device.type.upper()}, {torch.get_num_threads()} threads"
