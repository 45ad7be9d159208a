"""Text becomes rows: delimiter and header found, one bad quote costs one row, memory bounded."""

import csv
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from shoplens.errors import FeedError
from shoplens.feed.draft import BrokenOff
from shoplens.feed.parse import clean
from shoplens.feed.rows.text import Lines, LongLineError, Source
from shoplens.types import Rejection

DELIMITERS = ",;\t|"
MAX_ROW = 2_000_000
"""Longest row that is put together from lines, characters."""
MAX_COLUMNS = 2000
REPARSE_BUDGET = 16 * MAX_ROW
_SAMPLE_ROWS = 20


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is written; rows begin after physical line ``header_end``."""

    delimiter: str
    columns: tuple[str, ...]
    header_end: int


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row, its cells as many as there are columns; the last ``missing`` were not written."""

    line: int
    cells: list[str]
    missing: int = 0


class _RowTooLongError(Exception):
    """The row under construction passed MAX_ROW: most likely a quote was never closed."""


class _Feeder(Iterator[str]):
    """Hands lines to the csv module and holds those of the current row, to take them back."""

    def __init__(self, lines: Lines, source: Source) -> None:
        self.lines = lines
        self._source = source
        self.held: list[str] = []
        self.open_at_end = False
        self._size = 0
        self._budget = REPARSE_BUDGET

    def begin(self) -> None:
        """Forget the lines of the row before."""
        self.held = []
        self._size = 0

    def __next__(self) -> str:
        if self._size > MAX_ROW:
            raise _RowTooLongError
        try:
            line = next(self.lines)
        except StopIteration:
            self.open_at_end = bool(self.held)
            raise
        self.held.append(line)
        self._size += len(line)
        return line

    def give_back(self) -> None:
        """Read the row's second and further lines again, unless that was done too often."""
        if self._size <= self._budget:
            self._budget -= self._size
            self.lines.push(self.held[1:])

    def is_cut(self, missing: int) -> bool:
        """Whether the file ends in this row: no newline, and cells missing or reading failed."""
        whole = not self.held or self.held[-1].endswith(("\n", "\r"))
        return not whole and bool(missing or self._source.failure)


def find_layout(source: Source) -> Layout:
    """Find delimiter and header in the first rows.

    Raises:
        FeedError: there is no header.
    """
    with source.text() as text:
        lines = Lines(text)
        try:
            first = next((line for line in lines if line.strip("\ufeff \t\r\n\x00")), "")
            if first[:4].casefold() == "sep=" and len(first.strip()) == 5:
                delimiter, first = first.strip()[4], next(lines, "")
            else:
                delimiter = ""
        except LongLineError as error:
            raise FeedError(f"{source.path.name} is no table: {error}") from error
        if not first:
            raise FeedError(f"{source.path.name} is empty: a header and rows were expected")
        lines.push([first])
        start = lines.number
        sample = _sample(lines)
    delimiter = delimiter or max(DELIMITERS, key=lambda one: _fit(sample, one))
    rows = csv.reader(sample, delimiter=delimiter)
    try:
        header = next(rows)
    except csv.Error as error:
        raise FeedError(f"the header of {source.path.name} cannot be read: {error}") from error
    if len(header) > MAX_COLUMNS:
        raise FeedError(f"{source.path.name} has {len(header)} columns; at most {MAX_COLUMNS}")
    return Layout(delimiter, name_columns(header), start + rows.line_num)


def _sample(lines: Lines) -> list[str]:
    sample: list[str] = []
    with suppress(LongLineError):
        sample.extend(islice(lines, 200))
    return sample


def _fit(sample: list[str], delimiter: str) -> tuple[bool, int, float]:
    """How well ``delimiter`` explains the first rows: steady width, then many columns."""
    try:
        rows = list(islice(csv.reader(sample, delimiter=delimiter), _SAMPLE_ROWS))
    except csv.Error:
        return False, 0, 0.0
    width = len(rows[0]) if rows else 0
    steady = sum(len(row) == width for row in rows) / max(1, len(rows))
    return width > 1 and steady >= 0.5, width, steady


def name_columns(header: list[str]) -> tuple[str, ...]:
    """Column names, each once: a nameless one is called by its number, a second ``a`` ``a (2)``."""
    while len(header) > 1 and not clean(header[-1]):
        header = header[:-1]
    names: dict[str, None] = {}
    for number, cell in enumerate(header, start=1):
        name = unique = clean(cell, 200) or f"column {number}"
        copies = 1
        while unique in names:
            copies += 1
            unique = f"{name} ({copies})"
        names[unique] = None
    return tuple(names)


def read_rows(source: Source, layout: Layout) -> Iterator[TableRow | Rejection | BrokenOff]:
    """Every row after the header, blank ones left out.

    A quote that is not closed costs the row that opens it: the lines after it are read again.
    """
    with source.text() as text:
        feeder = _Feeder(Lines(text), source)
        yield from _skip_header(feeder, layout)
        yield from _read(feeder, layout)


def _read(feeder: _Feeder, layout: Layout) -> Iterator[TableRow | Rejection | BrokenOff]:
    rows = csv.reader(feeder, delimiter=layout.delimiter, strict=True)
    while True:
        feeder.begin()
        line = feeder.lines.number + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except LongLineError as error:
            yield Rejection(f"line {feeder.lines.number}", str(error))
        except (csv.Error, _RowTooLongError) as error:
            yield from _mend(feeder, layout, line, error)
        else:
            yield from _fit_row(feeder, layout, line, cells)
            continue
        rows = csv.reader(feeder, delimiter=layout.delimiter, strict=True)


def _skip_header(feeder: _Feeder, layout: Layout) -> Iterator[Rejection]:
    while feeder.lines.number < layout.header_end:
        try:
            next(feeder.lines)
        except LongLineError as error:
            yield Rejection(f"line {feeder.lines.number}", str(error))
        except StopIteration:
            return


def _mend(
    feeder: _Feeder, layout: Layout, line: int, error: Exception
) -> Iterator[TableRow | Rejection | BrokenOff]:
    """A row that is not well-formed: read its one line leniently, or refuse its first line."""
    if feeder.open_at_end:
        feeder.open_at_end = False
        feeder.give_back()
        yield BrokenOff(f"line {line}", "the feed ends inside a quoted cell that begins here")
    elif len(feeder.held) == 1 and not isinstance(error, _RowTooLongError):
        try:
            cells = next(csv.reader(feeder.held, delimiter=layout.delimiter))
        except csv.Error as again:
            yield Rejection(f"line {line}", f"the row cannot be read: {again}")
        else:
            yield from _fit_row(feeder, layout, line, cells)
    else:
        feeder.give_back()
        yield Rejection(f"line {line}", "a quote is opened here and not closed properly")


def _fit_row(
    feeder: _Feeder, layout: Layout, line: int, cells: list[str]
) -> Iterator[TableRow | Rejection | BrokenOff]:
    """Pad a short row, refuse a long one; a short one at the very end was cut."""
    width = len(layout.columns)
    if not any(cell and not cell.isspace() for cell in cells):
        return
    extra = [cell for cell in cells[width:] if cell.strip()]
    missing = max(0, width - len(cells))
    if extra:
        mark = _NAMES.get(layout.delimiter, "delimiter")
        reason = f"the row has {len(cells)} cells, the header {width}: is a cell with a {mark} "
        yield Rejection(f"line {line}", f"{reason}not quoted?")
    elif feeder.is_cut(missing):
        reason = f"the feed breaks off: the last row has {len(cells)} of {width} cells"
        yield BrokenOff(f"line {line}", reason)
    else:
        yield TableRow(line, cells[:width] + [""] * missing, missing)


_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
