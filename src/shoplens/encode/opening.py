"""An encoder by its name: one that comes with Shoplens, a plugin, or one that a shop added."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from shoplens.config import Settings
from shoplens.encode.added.manifest import FILE as ADDED
from shoplens.encode.added.opening import Through, open_added
from shoplens.encode.base import Encoder, TextTower, open_encoder
from shoplens.encode.combined.manifest import FILE as COMBINED
from shoplens.encode.combined.opening import OpenPart, open_combined
from shoplens.encode.runtime.batching import Batched, Runs
from shoplens.encode.runtime.session import Running

FOLDER = "models"
"""Where a shop's models are, in its data folder, each in a folder of its name."""


def encoder_of(
    settings: Settings,
    name: str = "",
    part: OpenPart | None = None,
    text: TextTower | None = None,
) -> Encoder:
    """Open the encoder called ``name``, or that of the settings by an empty one.

    ``part`` opens what a combined one is made of, if that is not by this function, too. Texts are
    compared by ``text`` where one is given and the encoder has no tower of its own for that.

    Raises:
        NotFoundError: there is none of that name, or a file of it is gone.
        MismatchError: a file is damaged, or is not what it was.
        MissingExtraError: it needs a package that is not installed.
        ConfigError: no such provider of ONNX Runtime is installed.
    """
    name = name or settings.encoder
    folder, running = settings.data / FOLDER / name, running_of(settings)
    if not stands_alone(folder.parent, name):
        return open_encoder(name, running)
    if (folder / ADDED).is_file():
        encoder = open_added(folder, running=running, through=_through(settings))
        return replace(encoder, text=text) if text else encoder
    return open_combined(folder, part or partial(encoder_of, settings), text)


def _through(settings: Settings) -> Through:
    """Let queries that come at the same time go through a network together."""
    inference = settings.inference

    def through(network: Runs, most: int, pads: Mapping[str, int]) -> Runs:
        rows = min(most, inference.batch)
        if rows == 1:
            return network
        return Batched(network, rows, settings.index.threads, inference.batch_wait_ms, pads)

    return through


def running_of(settings: Settings) -> Running:
    """Say how networks run where these settings hold: one thread for each that asks."""
    inference = settings.inference
    return Running(inference.providers, memory_mb=inference.memory_mb)


def stands_alone(models: Path, name: str) -> bool:
    """Tell whether ``name`` is a model that was added or combined: made from no other by training.

    Import strings of plugins are no folders' names.
    """
    folder = models / name
    return ":" not in name and any((folder / file).is_file() for file in (ADDED, COMBINED))
