"""Variants of a recipe are tried; what the dev parts say, and nothing else, decides."""

from collections.abc import Callable
from dataclasses import replace

import optuna

from shoplens.learn.examples.splits import Split
from shoplens.learn.fitting.fit import Desk
from shoplens.learn.lessons.lesson import Lesson
from shoplens.learn.material import Material
from shoplens.learn.recipe import Recipe
from shoplens.learn.train import train


def search(
    lesson_of: Callable[[Recipe], Lesson],
    material: Material,
    split: Split,
    recipe: Recipe,
    desk: Desk,
    trials: int,
) -> Recipe:
    """Try ``trials`` variants around ``recipe`` (TPE: Bergstra et al., 2011); the first is itself.

    ``split`` should watch unseen products, too, or what is found serves only known ones.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(seed=recipe.seed)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.enqueue_trial({name: getattr(recipe, name) for name in _around(recipe)})

    def tried(trial: optuna.Trial) -> float:
        variant = _variant(recipe, trial)
        fitted = train(lesson_of(variant), material, split, variant, desk).fitted
        return max((look for _, look in fitted.history), default=0.0)

    study.optimize(tried, n_trials=trials)
    return replace(recipe, **study.best_params)


def _around(recipe: Recipe) -> dict[str, tuple[float, float, bool]]:
    """Give the ranges that are searched: least, most, on a logarithmic scale."""
    return {
        "rate": (recipe.rate / 4, min(recipe.rate * 4, 1.0), True),
        "temperature": (recipe.temperature / 2, recipe.temperature * 2, True),
        "dropout": (0.0, max(0.5, recipe.dropout), False),
        "blend": (0.3, max(0.7, recipe.blend), False),
    }


def _variant(recipe: Recipe, trial: optuna.Trial) -> Recipe:
    drawn = {
        name: trial.suggest_float(name, least, most, log=log)
        for name, (least, most, log) in _around(recipe).items()
    }
    return replace(recipe, **drawn)
