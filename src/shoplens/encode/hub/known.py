"""The table of models known to be good: ``known.toml``, read and checked."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from shoplens.errors import MismatchError

Loader = Literal["transformers", "open_clip", "onnx"]
"""What reads a checkpoint."""
_TABLE = Path(__file__).with_name("known.toml")


@dataclass(frozen=True, slots=True)
class Known:
    """One model of the table.

    ``commercial`` is ``True``, ``False`` or ``"ask"``; ``parameters_m`` counts millions of the
    pictures' and the words' tower; ``revision`` is empty where none is pinned; ``checked`` says
    where the facts were read.
    """

    name: str
    repo: str
    loader: Loader
    licence: str
    commercial: bool | str
    gated: bool
    files: tuple[str, ...]
    download_mb: float
    parameters_m: tuple[float, ...]
    dim: int
    size_px: int
    languages: tuple[str, ...]
    templates: tuple[str, ...]
    picture_only: bool
    revision: str = ""
    note: str = ""
    checked: str = ""


def known_models() -> tuple[Known, ...]:
    """Read the whole table, in its order."""
    if not _TABLE.is_file():
        return ()
    return read_table(_TABLE.read_text("utf-8"))


def read_table(text: str) -> tuple[Known, ...]:
    """Read a table like ``known.toml`` (MismatchError names the entry that is wrong)."""
    told: Mapping[str, Any] = tomllib.loads(text)
    return tuple(_entry(name, each) for name, each in told.items())


def _entry(name: str, told: Mapping[str, Any]) -> Known:
    try:
        # parameters_m counts each tower by its name: they are told in that order.
        entry: dict[str, Any] = {
            **told,
            "files": tuple(map(str, told["files"])),
            "languages": tuple(map(str, told["languages"])),
            "templates": tuple(map(str, told["templates"])),
            "download_mb": float(told["download_mb"]),
            "parameters_m": tuple(map(float, told["parameters_m"].values())),
        }
        known = Known(name=name, **entry)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise MismatchError(f"known.toml: {name} is not whole: {error!r}") from error
    if known.loader not in get_args(Loader):
        raise MismatchError(f"known.toml: {name} has the loader {known.loader!r}")
    if any(each.count("{}") != 1 for each in known.templates):
        raise MismatchError(f"known.toml: {name} has a template without exactly one {{}}")
    return known
