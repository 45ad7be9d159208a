"""What a combined model is made of: ``combined.json``, checked when read."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from shoplens.errors import MismatchError, NotFoundError

FILE = "combined.json"
"""The file of a model's folder that says that it is one of these."""
FORMAT = 1
"""Another number whenever an older Shoplens could misread a folder."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,199}")


@dataclass(frozen=True, slots=True)
class Made:
    """A model or encoder that another is made of: its name, its picture tower's fingerprint."""

    name: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class FusedOf:
    """Several encoders and what each counts; weights sum to 1."""

    parts: tuple[Made, ...]
    weights: tuple[float, ...]
    kind: str = "fused"

    @property
    def made_of(self) -> tuple[Made, ...]:
        """Everything that must be there."""
        return self.parts


@dataclass(frozen=True, slots=True)
class ShrunkOf:
    """One encoder whose rows are kept shorter.

    ``way`` tells how, for people. ``reach`` is the length of its questions, 0 where words cannot be
    asked.
    """

    base: Made
    way: str
    dim: int
    reach: float
    kind: str = "shrunk"

    @property
    def made_of(self) -> tuple[Made, ...]:
        """Everything that must be there."""
        return (self.base,)


Combined = FusedOf | ShrunkOf


def write_combined(folder: Path, combined: Combined) -> None:
    """Write it down; OSError is the caller's."""
    told = {"format": FORMAT, **asdict(combined)}
    (folder / FILE).write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", "utf-8")


def read_combined(folder: Path) -> Combined:
    """Read what a folder's model is made of.

    Raises:
        NotFoundError: it is no combined model.
        MismatchError: the file makes no sense, or is of a newer version of Shoplens.
    """
    path = folder / FILE
    try:
        told = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise NotFoundError(f"{folder} holds no combined model: it has no {FILE}") from error
    except (OSError, ValueError) as error:
        raise MismatchError(f"{path} cannot be read ({error}); make the model anew") from error
    try:
        version, kind = told.pop("format"), told["kind"]
        combined = _read(kind, told) if version == FORMAT else None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise MismatchError(
            f"{path} describes no combined model ({error!r}); make it anew"
        ) from error
    if combined is None:
        raise MismatchError(
            f"{path} is of another version of Shoplens; update Shoplens, or make the model anew"
        )
    _check(path, combined)
    return combined


def refuse_circle(folder: Path, combined: Combined) -> None:
    """Refuse a model that is made of itself, by whatever way round (MismatchError)."""
    seen: set[str] = set()
    ahead = [made.name for made in combined.made_of]
    while ahead:
        name = ahead.pop()
        if name == folder.name:
            raise MismatchError(
                f"model {name!r} is made of itself, by {folder / FILE}; make it anew of others"
            )
        if name not in seen and (folder.parent / name / FILE).is_file():
            ahead += [made.name for made in read_combined(folder.parent / name).made_of]
        seen.add(name)


def _read(kind: str, told: Mapping[str, Any]) -> Combined:
    if kind == "fused":
        parts = tuple(map(_made, told["parts"]))
        return FusedOf(parts, tuple(map(float, told["weights"])))
    if kind == "shrunk":
        dim, reach = int(told["dim"]), float(told["reach"])
        return ShrunkOf(_made(told["base"]), str(told["way"]), dim, reach)
    raise ValueError(f"kind {kind!r}")


def _made(told: Mapping[str, Any]) -> Made:
    return Made(str(told["name"]), str(told["fingerprint"]))


def _check(path: Path, combined: Combined) -> None:
    """Refuse names that lead elsewhere, and numbers that say nothing."""
    for made in combined.made_of:
        if not _NAME.fullmatch(made.name):
            told = made.name[:80]
            raise MismatchError(f"{path} names a model {told!r}, which is no name; make it anew")
    if isinstance(combined, FusedOf) and len(combined.parts) != len(combined.weights):
        told = f"{len(combined.parts)} parts and {len(combined.weights)} weights"
        raise MismatchError(f"{path} holds {told}; make the model anew")
    if isinstance(combined, ShrunkOf) and not (
        combined.reach >= 0 and math.isfinite(combined.reach)
    ):
        raise MismatchError(f"{path} holds a reach of {combined.reach}; make the model anew")
