"""Where the sample shop's files are, and what is true of its photos, scenes and defective pieces.

``recipes/sample_shop`` rendered the files; they are CC0 and described in ``data/DATASHEET.md``.
Boxes are pixels: left, top, right, bottom, the last two exclusive.
"""

import csv
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from shoplens.errors import StorageError

FOLDER = Path(__file__).parent / "data"
"""Feeds and pictures; image paths in the feeds are relative to it."""

Box = tuple[int, int, int, int]
Dialect = Literal["google", "shopify"]
Language = Literal["en", "zh"]
DefectKind = Literal["stain", "scratch", "dent", "wrong colour", "missing part"]


@dataclass(frozen=True, slots=True)
class QueryPhoto:
    """A photo of one product somewhere; ``visible`` is how much of it is seen, 0 to 1."""

    image: Path
    product_id: str
    box: Box
    visible: float
    place: str


@dataclass(frozen=True, slots=True)
class Thing:
    """One product in a scene; its pixels are those of the scene's mask that hold ``number``."""

    number: int
    product_id: str
    box: Box
    visible: float


@dataclass(frozen=True, slots=True)
class Scene:
    """A photo of two to eight products; ``mask`` is a grey PNG of numbers, 0 for none."""

    image: Path
    mask: Path
    things: tuple[Thing, ...]
    place: str


@dataclass(frozen=True, slots=True)
class DefectPair:
    """A defective piece posed as in a good one's picture; ``mask`` is white where they differ."""

    image: Path
    good: Path
    mask: Path
    product_id: str
    kind: DefectKind


@dataclass(frozen=True, slots=True)
class Judgement:
    """How right a product is for a query: 3 the same, 2 another colour, 1 of the same kind."""

    query: str
    product_id: str
    grade: int


def feed(dialect: Dialect = "google", language: Language = "en") -> Path:
    """Name the shop's feed file."""
    return FOLDER / f"{dialect}.{language}.{'xml' if dialect == 'google' else 'csv'}"


def export(folder: Path) -> None:
    """Copy everything into a folder that is not there yet.

    Raises:
        StorageError: it is there already, or the disk refuses a file.
    """
    try:
        shutil.copytree(FOLDER, folder)
    except FileExistsError as error:
        raise StorageError(f"{folder} is there already; name a new folder") from error
    except (OSError, shutil.Error) as error:
        raise StorageError(f"the sample shop cannot be written to {folder}: {error}") from error


def query_photos() -> tuple[QueryPhoto, ...]:
    """List the photos that visitors might ask with."""
    return tuple(
        QueryPhoto(
            FOLDER / row["image"], row["product_id"], _box(row), float(row["visible"]), row["place"]
        )
        for row in _rows("queries.csv")
    )


def scenes() -> tuple[Scene, ...]:
    """List the photos of several products."""
    by_image: dict[str, list[Mapping[str, str]]] = {}
    for row in _rows("scenes.csv"):
        by_image.setdefault(row["image"], []).append(row)
    return tuple(
        Scene(
            FOLDER / image,
            FOLDER / rows[0]["mask"],
            tuple(
                Thing(int(row["number"]), row["product_id"], _box(row), float(row["visible"]))
                for row in rows
            ),
            rows[0]["place"],
        )
        for image, rows in by_image.items()
    )


def defect_pairs() -> tuple[DefectPair, ...]:
    """List the defective pieces, each with the picture of a good one."""
    kinds: Mapping[str, DefectKind] = {
        "stain": "stain",
        "scratch": "scratch",
        "dent": "dent",
        "wrong colour": "wrong colour",
        "missing part": "missing part",
    }
    return tuple(
        DefectPair(
            FOLDER / row["image"],
            FOLDER / row["good"],
            FOLDER / row["mask"],
            row["product_id"],
            kinds[row["kind"]],
        )
        for row in _rows("defects.csv")
    )


def judgements() -> tuple[Judgement, ...]:
    """Read the graded answers; a query is named as its photo's file is, without ``.webp``."""
    lines = (FOLDER / "judgements.qrels").read_text(encoding="utf-8").splitlines()
    return tuple(
        Judgement(query, product_id, int(grade))
        for query, _, product_id, grade in (line.split() for line in lines)
    )


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _box(row: Mapping[str, str]) -> Box:
    return int(row["left"]), int(row["top"]), int(row["right"]), int(row["bottom"])
