"""Options that several commands share; a flag that was not given is left to the settings."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from shoplens.config import Settings, read_settings

Command = TypeVar("Command", bound=Callable[..., Any])

_SHARED = [
    click.option("--data", type=click.Path(path_type=Path), help="Folder that keeps everything."),
    click.option("--encoder", help="Encoder: lite2, lite0 (faster), colour, or a plugin."),
    click.option("--store", help="Vector store: edge, exact, or a plugin."),
    click.option("--database", help="Database URL; SQLite in the data folder if not given."),
]


def shared(command: Command) -> Command:
    """Give ``command`` the options that say which shop is meant."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


def settings_of(shop: Mapping[str, Any], **sections: Mapping[str, Any]) -> Settings:
    """Read the settings with the flags of ``shared`` and those of the command on top."""
    return read_settings({**{name: shop[name] for name in SHARED_NAMES}, **sections})


SHARED_NAMES = ("data", "encoder", "store", "database")
