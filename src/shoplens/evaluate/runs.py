"""What came for every question, and TREC run files, in which runs are kept to compare with."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

import numpy as np

from shoplens.errors import FeedError, StorageError
from shoplens.types import Rejection


@dataclass(frozen=True, slots=True)
class Placed:
    """A product in a ranking; the score is the engine's own, and need not fall from place to place.

    Rules and exact matches stand above what scores more.
    """

    product_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Run:
    """Rankings of distinct products, best first, by ``query_id``, which is one word."""

    rankings: Mapping[str, tuple[Placed, ...]]
    refused: tuple[Rejection, ...] = ()

    def ids(self, query_id: str) -> list[str]:
        """List the products that came for a question; none where it was not asked."""
        return [placed.product_id for placed in self.rankings.get(query_id, ())]


def one_word(text: str) -> str:
    """Write ``text`` without white space, as TREC files need it; equal only for equal texts."""
    return re.sub(r"[\s%]", lambda found: quote(found[0]), text)


def number_of(text: str) -> float | None:
    """Read a finite number; None if it is none."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def write_run(run: Run, path: Path, tag: str = "shoplens") -> None:
    """Write ``query_id Q0 product_id place score tag`` lines, white space in products as ``%20``.

    Tools sort by score, so one that does not fall is written a little lower than the one before.

    Raises:
        StorageError: the disk refuses.
    """
    lines: list[str] = []
    for query_id, ranking in run.rankings.items():
        last = np.inf
        for place, placed in enumerate(ranking, start=1):
            last = min(placed.score, float(np.nextafter(last, -np.inf)))
            name = one_word(placed.product_id)
            lines.append(f"{query_id} Q0 {name} {place} {last!r} {tag}\n")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}") from error


def read_run(path: Path) -> Run:
    """Read a TREC run file: by score, then by place; of a product named twice the best stays.

    Raises:
        FeedError: it cannot be read, or no line of it can.
    """
    rows: dict[str, list[tuple[float, int, str]]] = {}
    refused: list[Rejection] = []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FeedError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(text.splitlines(), start=1):
        parts = line.split()
        score = number_of(parts[4]) if len(parts) >= 5 else None
        if score is not None and parts[3].isdecimal():
            rows.setdefault(parts[0], []).append((-score, int(parts[3]), unquote(parts[2])))
        elif parts:
            reason = "wanted query_id, Q0, product_id, place, score and a name"
            refused.append(Rejection(f"{path.name} line {number}", reason))
    if not rows:
        raise FeedError(f"{path} holds no line of a TREC run: query_id Q0 product_id place score x")
    rankings: dict[str, tuple[Placed, ...]] = {}
    for query_id, own in rows.items():
        best: dict[str, float] = {}
        for score, _, product_id in sorted(own):
            best.setdefault(product_id, -score)
        rankings[query_id] = tuple(Placed(*one) for one in best.items())
    return Run(rankings, tuple(refused))
