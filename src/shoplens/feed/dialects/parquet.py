"""Parquet files, a batch of rows at a time; the only place that imports pyarrow."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, cast

import pyarrow as pa  # pyright: ignore[reportMissingTypeStubs] it has none
import pyarrow.parquet as pq  # pyright: ignore[reportMissingTypeStubs] it has none

from shoplens.errors import FeedError
from shoplens.feed.dialects.plain import SAMPLE_ROWS, Cell, RowReader, map_rows
from shoplens.feed.draft import BrokenOff, Found, Place, Reading, merge_rows
from shoplens.feed.rows.jsontext import flatten
from shoplens.feed.rows.text import Source

BATCH_ROWS = 500
_ERRORS = cast("tuple[type[Exception], ...]", (pa.ArrowException, OSError, UnicodeDecodeError))  # pyright: ignore[reportUnknownMemberType] no stubs


_UNREADABLE = (ValueError, OverflowError)
"""What one damaged text, or a time that Python cannot hold, raises."""


class _Scalar(Protocol):
    def as_py(self) -> object: ...


class _Column(Protocol):
    def to_pylist(self) -> list[object]: ...
    def __iter__(self) -> Iterator[_Scalar]: ...


class _Batch(Protocol):
    @property
    def columns(self) -> list[_Column]: ...


class _Schema(Protocol):
    @property
    def names(self) -> list[str]: ...


class _File(Protocol):
    """What we use of pyarrow.parquet.ParquetFile, which has no types."""

    @property
    def schema_arrow(self) -> _Schema: ...
    def iter_batches(self, batch_size: int) -> Iterator[_Batch]: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def _open(path: Path) -> _File:
    return cast("_File", pq.ParquetFile(path))


def open_parquet(source: Source, given: Mapping[str, str], now: datetime | None) -> Reading:
    """Columns are mapped as in a CSV; lists of texts may hold images."""
    try:
        with _open(source.path) as file:
            names = file.schema_arrow.names
            first = next(file.iter_batches(SAMPLE_ROWS), None)
            rows = list(_rows(first, names)) if first is not None else []
    except _ERRORS as error:
        raise FeedError(f"{source.path.name} is no readable Parquet file: {error}") from error
    blank: dict[str, Cell] = dict.fromkeys(names, "")
    sample = [blank | row for row in rows] or [blank]
    columns = map_rows(sample, given)
    reader = RowReader.of(columns.mapping, list(sample[0]), now)

    def found() -> Iterator[Found]:
        return merge_rows(_drafts(source, reader))

    return Reading(columns.mapping, columns.ignored, found)


def _drafts(source: Source, reader: RowReader) -> Iterator[Found]:
    number = 0
    try:
        with _open(source.path) as file:
            for batch in file.iter_batches(BATCH_ROWS):
                for row in _rows(batch, file.schema_arrow.names):
                    number += 1
                    yield reader.draft(Place("row {line}", number), row)
    except _ERRORS as error:
        yield BrokenOff(f"row {number + 1}", f"the file cannot be read any further: {error}")


def _rows(batch: _Batch, names: list[str]) -> Iterator[dict[str, Cell]]:
    columns = [_values(column) for column in batch.columns]
    for cells in zip(*columns, strict=True):
        yield flatten(dict(zip(names, map(_plain, cells), strict=True)))


def _values(column: _Column) -> list[object]:
    """The values of a column; only what cannot be read becomes None."""
    try:
        return column.to_pylist()
    except _UNREADABLE:
        return [_value(scalar) for scalar in column]


def _value(scalar: _Scalar) -> object:
    try:
        return scalar.as_py()
    except _UNREADABLE:
        return None


def _plain(value: object) -> object:
    """A value as JSON would have it, numbers as texts; an id kept as a float loses its ``.0``."""
    if isinstance(value, float):
        return "" if value != value else (str(int(value)) if value.is_integer() else repr(value))  # noqa: PLR0124 NaN is not itself
    if isinstance(value, list):
        return [_plain(one) for one in cast("list[object]", value)]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in cast("dict[str, object]", value).items()}
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str | bool) else ("" if value is None else str(value))
