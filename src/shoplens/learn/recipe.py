"""A recipe says how an encoder learns: what is trained, on what, by which loss, for how long.

Recipes are TOML files, one each, in ``learn/recipes``; a shop may write its own.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from importlib.resources import files
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_type_hints

from shoplens.errors import ConfigError, NotFoundError

Kind = Literal["head", "tail", "align", "distil", "classifier"]
"""``head``: a perceptron behind the whole encoder; ``tail``: the last layers of the network;
``align``: pictures into the space of texts; ``distil``: as a teacher sees; ``classifier``: labels.
"""
Loss = Literal["supcon", "infonce", "triplet", "multi-similarity"]
Optimiser = Literal["adamw", "adam", "sgd"]
Schedule = Literal["one-cycle", "cosine", "constant"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an encoder learns; every field may stand in a recipe's file.

    **What is trained.** ``blocks``: that many of the network's last blocks, all if 0, for a
    ``tail``. ``lora_rank``: small matrices beside the weights instead of these, if above 0.
    ``hidden`` and ``dim``: sizes of a head. ``blend``: the trained part's share of a cosine; the
    rest is the encoder as it was, and never nothing behind a head.

    **What it is shown.** ``views``: so many changed pictures (cropped, turned, lit otherwise) of
    each, beside itself; ``strength`` of the changes from 0 to 1. ``labels_per_batch`` and
    ``per_label``: that many pictures of that many products in a batch; ``hard``: the share of
    epochs whose batches are look-alikes; ``clicked``: how often a product meets one that visitors
    clicked together with it, where visits are known.

    **By which loss.** ``loss`` with its ``temperature`` (a margin for ``triplet``); ``classify``:
    the weight of also telling the label, by ArcFace with ``margin`` (radians) or, at 0, by plain
    scaled cosines; ``keep``: the weight of keeping the likenesses as they were.

    **How.** ``epochs`` at most; ended after ``patience`` looks without a gain. ``rate`` is the
    highest learning rate. ``clip``: largest norm of a gradient. ``mixed``: half precision where the
    device has it. ``folds``: so many fifths of the products are held out in turn, each judged
    by an encoder that never saw them.
    """

    name: str
    about: str
    kind: Kind
    blocks: int = 0
    lora_rank: int = 0
    hidden: int = 1024
    dim: int = 256
    dropout: float = 0.3
    blend: float = 0.5
    views: int = 0
    strength: float = 1.0
    labels_per_batch: int = 32
    per_label: int = 8
    hard: float = 0.0
    clicked: float = 0.25
    loss: Loss = "supcon"
    temperature: float = 0.1
    classify: float = 0.0
    margin: float = 0.0
    keep: float = 0.0
    optimiser: Optimiser = "adamw"
    schedule: Schedule = "one-cycle"
    rate: float = 1e-3
    weight_decay: float = 1e-2
    clip: float = 5.0
    mixed: bool = True
    epochs: int = 30
    patience: int = 5
    folds: int = 5
    seed: int = 0
    teacher: str = ""

    def __post_init__(self) -> None:
        """Refuse values that make no sense (ConfigError)."""
        for name, (least, most) in _RANGES.items():
            value: float = getattr(self, name)
            if not least <= value <= most:
                told = f"{name} is from {least:g} to {most:g}, not {value!r}"
                raise ConfigError(f"recipe {self.name!r}: {told}")
        if self.kind in {"head", "align"} and self.blend == 1:
            raise ConfigError(
                f"recipe {self.name!r}: blend is below 1 for the kind {self.kind}, not "
                f"{self.blend!r}: the rest is the encoder as it was, which is what keeps finding "
                "products that were never seen"
            )


_RANGES: Mapping[str, tuple[float, float]] = {
    "blend": (0.01, 1),
    "dropout": (0, 0.95),
    "strength": (0, 1),
    "hard": (0, 1),
    "clicked": (0, 1),
    "temperature": (1e-3, 10),
    "margin": (0, 1.5),
    "rate": (1e-8, 10),
    "clip": (1e-6, 1e6),
    "weight_decay": (0, 10),
    "labels_per_batch": (2, 4096),
    "per_label": (2, 4096),
    "epochs": (1, 10_000),
    "patience": (1, 10_000),
    "folds": (1, 5),
    "views": (0, 64),
    "blocks": (0, 1000),
    "lora_rank": (0, 1024),
    "hidden": (1, 16_384),
    "dim": (1, 4096),
    "keep": (0, 1e6),
    "classify": (0, 1e6),
    "seed": (0, 2**32 - 1),
}
"""The least and the most that each number may be."""
_FLOATS = 10**300
"""Whole numbers below this are floats as well."""


def recipe_names() -> list[str]:
    """Name the recipes that come with Shoplens."""
    folder = files("shoplens.learn").joinpath("recipes")
    return sorted(one.name.removesuffix(".toml") for one in folder.iterdir() if ".toml" in one.name)


def open_recipe(name: str, changes: Mapping[str, str] | None = None) -> Recipe:
    """Read a recipe by its name or its file, with ``changes`` (field -> text) on top.

    Raises:
        NotFoundError: there is none of that name.
        ConfigError: the file or a change is no TOML, or names a field there is not.
    """
    if name in recipe_names():
        text = files("shoplens.learn").joinpath("recipes", f"{name}.toml").read_text("utf-8")
    elif name.endswith(".toml"):
        text = _read(name)
    else:
        raise NotFoundError(f"there is no recipe {name!r}; {_there_are()}")
    recipe = _recipe(Path(name).stem, _parsed(text, name))
    told = {field: _value(field, value) for field, value in (changes or {}).items()}
    return replace(recipe, **_checked(name, told)) if told else recipe


def _read(name: str) -> str:
    try:
        return Path(name).read_text("utf-8")
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no file {name!r}; {_there_are()}") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"recipe {name!r} cannot be read as text: {error}") from error


def _there_are() -> str:
    names = ", ".join(recipe_names())
    return f"there are the recipes {names}, or give the path of a .toml file of your own"


def _recipe(name: str, told: Mapping[str, Any]) -> Recipe:
    if missing := [field for field in ("about", "kind") if field not in told]:
        raise ConfigError(f"recipe {name!r} lacks {' and '.join(missing)}")
    made: dict[str, Any] = {"name": name, **_checked(name, told)}
    return Recipe(**made)


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # numbers too long, arrays too deep
        raise ConfigError(f"recipe {name!r} is no TOML: {error}") from error


def _value(field: str, text: str) -> Any:
    """Read one value as TOML would, or as a word without quotes."""
    try:
        return tomllib.loads(f"{field} = {text}")[field]
    except (ValueError, RecursionError, KeyError):
        return text


def _checked(name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Refuse unknown fields and values of another kind than the field's."""
    hints = get_type_hints(Recipe)
    known = [field.name for field in fields(Recipe)]
    if unknown := [field for field in told if field not in known]:
        raise ConfigError(f"recipe {name!r} has no {unknown[0]!r}; fields are {', '.join(known)}")
    return {field: _fitting(name, field, value, hints[field]) for field, value in told.items()}


def _fitting(name: str, field: str, value: Any, wanted: Any) -> Any:
    choices = get_args(wanted)
    if choices:
        if value not in choices:
            told = ", ".join(map(str, choices))
            raise ConfigError(f"recipe {name!r}: {field} is one of {told}, not {value!r}")
        return value
    if wanted is float and type(value) is int and abs(value) < _FLOATS:
        return float(value)
    if type(value) is not (wanted or NoneType):
        raise ConfigError(f"recipe {name!r}: {field} is a {wanted.__name__}, not {value!r}")
    return value
