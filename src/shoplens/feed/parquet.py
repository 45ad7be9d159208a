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
from shoplens.feed.draft import BrokenOff, Found, Place, Reading, merge_rows
from shoplens.feed.jsontext import flatten
from shoplens.feed.plain import SAMPLE_ROWS, Cell, RowReader, map_rows
from shoplens.feed.text import Source

BATCH_ROWS = 500
_ERRORS = cast("tuple[type[Exception], ...]", (pa.ArrowException, OSError))  # pyright: ignore[reportUnknownMemberType] no stubs


class _Batch(Protocol):
    def to_pylist(self) -> list[dict[str, object]]: ...


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
            rows = first.to_pylist() if first is not None else []
    except _ERRORS as error:
        raise FeedError(f"{source.path.name} is no readable Parquet file: {error}") from error
    blank: dict[str, Cell] = dict.fromkeys(names, "")
    sample = [blank | _cells(row) for row in rows] or [blank]
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
                for row in batch.to_pylist():
                    number += 1
                    yield reader.draft(Place("row {line}", number), _cells(row))
    except _ERRORS as error:
        yield BrokenOff(f"row {number + 1}", f"the file cannot be read any further: {error}")


def _cells(row: Mapping[str, object]) -> dict[str, Cell]:
    return flatten({name: _plain(value) for name, value in row.items()})


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
