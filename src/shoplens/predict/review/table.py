"""The review file: one suggestion a line, with a column for what a person decides."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shoplens.catalogue.fields import fold
from shoplens.catalogue.journal.tags import Tag
from shoplens.errors import FeedError
from shoplens.feed.rows.table import TableRow, find_layout, read_rows
from shoplens.feed.rows.text import Source
from shoplens.predict.files import write_file
from shoplens.predict.shop.tagging import Suggestion
from shoplens.types import Rejection

COLUMNS = (
    *("product_id", "title", "field", "value"),
    *("probability", "alternatives", "image", "decision"),
)
NEEDED = ("product_id", "field", "value", "decision")
ACCEPT = frozenset({"accept", "accepted", "yes", "y", "1", "true", "ok", "x", "接受", "是", "√"})
REJECT = frozenset({"reject", "rejected", "no", "n", "0", "false", "拒绝", "否", "×"})
FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a review file holds: accepted tags by line, how many were rejected, how many wait."""

    accepted: tuple[tuple[str, Tag], ...]
    rejected: int
    open: int
    refused: tuple[Rejection, ...]


def write_review(path: Path, suggestions: Sequence[Suggestion]) -> None:
    """Write suggestions as CSV, for any spreadsheet (StorageError)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for one in suggestions:
        others = "; ".join(f"{label} {probability:.2f}" for label, probability in one.others)
        # A title may be taken for a formula; it is there to be read, not to be read back.
        title = f"'{one.title}" if one.title.startswith(FORMULA) else one.title
        probability = f"{one.probability:.3f}" if one.probability else ""
        cells = (one.product_id, title, one.field, one.value, probability, others)
        writer.writerow((*cells, one.picture, one.decision))
    write_file(path, out.getvalue().encode("utf-8-sig"))  # spreadsheets ask for the mark


def read_review(path: Path) -> Reviewed:
    """Read what was decided; the value counts as it stands, so it may have been corrected.

    Raises:
        FeedError: the file cannot be read, or lacks its columns.
    """
    accepted: list[tuple[str, Tag]] = []
    refused: list[Rejection] = []
    rejected = still_open = 0
    for row in _rows(path):
        if isinstance(row, Rejection):
            refused.append(row)
            continue
        where, cells = row
        decision = fold(cells["decision"])
        if decision in ACCEPT and cells["value"]:
            accepted.append((where, Tag(cells["product_id"], cells["field"], cells["value"])))
        elif decision in ACCEPT:
            reason = "it is accepted, but there is no value; write one"
            refused.append(Rejection(where, reason, cells["product_id"]))
        elif decision and decision not in REJECT:
            reason = f"decision is {cells['decision'][:40]!r}; wanted accept or reject"
            refused.append(Rejection(where, reason, cells["product_id"]))
        rejected += decision in REJECT
        still_open += not decision
    return Reviewed(tuple(accepted), rejected, still_open, tuple(refused))


def _rows(path: Path) -> Iterator[tuple[str, Mapping[str, str]] | Rejection]:
    try:
        source = Source(path)
        layout = find_layout(source)
        names = [fold(column) for column in layout.columns]
        if lacking := [name for name in NEEDED if name not in names]:
            raise FeedError(
                f"{path} has the columns {', '.join(names)}; it lacks {', '.join(lacking)}: is it "
                "a file that 'shoplens tag' wrote?"
            )
        for row in read_rows(source, layout):
            if isinstance(row, TableRow):
                cells = (cell.strip() for cell in row.cells)
                yield f"line {row.line}", dict(zip(names, cells, strict=True))
            else:
                yield Rejection(row.where, row.reason)
    except OSError as error:
        raise FeedError(f"{path} cannot be read: {error.strerror}") from error
