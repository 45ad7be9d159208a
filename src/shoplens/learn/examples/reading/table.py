"""Tables with a few known columns, called as people call them, in any encoding and delimiter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shoplens.errors import FeedError
from shoplens.feed.mapping import plain_name
from shoplens.feed.parse import clean
from shoplens.feed.rows.table import Layout, TableRow, find_layout, read_rows
from shoplens.feed.rows.text import Source
from shoplens.types import Rejection

PRODUCT = (
    "product_id", "sku", "variant_id", "item_id", "article_id", "class_id", "product_code",
    "instance", "handle", "asin", "id", "product", "商品编号", "商品id", "产品编号", "产品id",
    "编号",
)  # fmt: skip
"""What the column of product ids may be called, the most telling first."""
_SHOWN = 12
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its ``name``; ``known`` are the headers it may have, the most telling first.

    ``header`` is the one it has here, where a person said so.
    """

    name: str
    known: Sequence[str]
    header: str = ""
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one line by the names of their columns; one that is not there is empty."""

    where: str
    of: Mapping[str, str]


def read_cells(path: Path, columns: Sequence[Column]) -> Iterator[Cells | Rejection]:
    """Read a CSV or TSV file line by line; a line that is damaged is a Rejection.

    Raises:
        FeedError: it cannot be read as a table, or lacks a column that is needed.
    """
    source = Source(path)
    layout = find_layout(source)
    places = {column.name: _place(column, layout, path) for column in columns}
    return _cells(source, layout, {name: i for name, i in places.items() if i is not None})


def _cells(
    source: Source, layout: Layout, places: Mapping[str, int]
) -> Iterator[Cells | Rejection]:
    for row in read_rows(source, layout):
        if isinstance(row, TableRow):
            cells = {name: clean(row.cells[i], _LONGEST) for name, i in places.items()}
            yield Cells(f"line {row.line}", cells)
        else:
            yield Rejection(row.where, row.reason)
    if source.failure:
        yield Rejection(source.path.name, source.failure)


def _place(column: Column, layout: Layout, path: Path) -> int | None:
    headers = [plain_name(header) for header in layout.columns]
    wanted = [column.header] if column.header else column.known
    found = next(
        (headers.index(plain_name(name)) for name in wanted if plain_name(name) in headers), None
    )
    if found is None and (column.needed or column.header):
        there = ", ".join(layout.columns[:_SHOWN])
        called = repr(column.header) if column.header else f"such as {', '.join(column.known[:3])}"
        raise FeedError(
            f"{path.name} has no column of the {column.name}, {called}; it has: {there}. "
            f"Name the right one"
        )
    return found
