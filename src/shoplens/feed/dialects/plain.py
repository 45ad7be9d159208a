"""Rows with named columns become products by a mapping: CSV, JSONL, and through it Google, Parquet.

In these feeds a row without a title but with an image takes its id for a title, and consecutive
rows of one id that differ only in their image are one product.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from shoplens.feed.draft import (
    BrokenOff,
    Draft,
    Found,
    Place,
    Raw,
    Reading,
    build,
    merge_rows,
)
from shoplens.feed.mapping import ATTRIBUTE, Columns, guess, parts
from shoplens.feed.parse import clean, split_images, split_path, split_values
from shoplens.feed.rows.jsontext import Item, flatten, read_items
from shoplens.feed.rows.table import Layout, TableRow, find_layout, read_rows
from shoplens.feed.rows.text import Source
from shoplens.types import Rejection

SAMPLE_ROWS = 200
_NEEDED = ("id", "title", "images", "price")

Cell = str | tuple[str, ...]
Row = tuple[Place, Mapping[str, Cell]]


@dataclass(frozen=True, slots=True)
class RowReader:
    """Turns rows into products by ``columns``, each field's column names in order."""

    columns: Mapping[str, tuple[str, ...]]
    now: datetime | None = None
    separators: str = "|;"

    @classmethod
    def of(
        cls, mapping: Mapping[str, str], names: Sequence[str], now: datetime | None
    ) -> "RowReader":
        """Take a mapping apart once, for all rows."""
        return cls({field: tuple(parts(written, names)) for field, written in mapping.items()}, now)

    def draft(self, place: Place, row: Mapping[str, Cell], *, untitled: bool = True) -> Found:
        """One row as a product; ``untitled`` lets a row with an image go by its id."""
        raw = self.raw(row)
        if untitled and raw.images and not clean(raw.title):
            raw = replace(raw, title=raw.product_id)
        return build(place, raw, self.now)

    def raw(self, row: Mapping[str, Cell]) -> Raw:
        """The row's texts by field."""
        return Raw(
            product_id=self._first("id", row),
            title=self._first("title", row),
            description=self._first("description", row),
            brand=self._first("brand", row),
            category=self._category(row),
            group_id=self._first("group_id", row),
            price=self._first("price", row),
            sale_price=self._first("sale_price", row),
            sale_dates=tuple(self._first("sale_dates", row).split("/")),
            currency=self._first("currency", row),
            in_stock=self._first("in_stock", row),
            url=self._first("url", row),
            gtin=self._first("gtin", row),
            mpn=self._first("mpn", row),
            images=[one for cell in self._all("images", row) for one in split_images(cell)],
            attributes={
                field.removeprefix(ATTRIBUTE): [
                    value
                    for cell in self._all(field, row)
                    for value in split_values(cell, self.separators)
                ]
                for field in self.columns
                if field.startswith(ATTRIBUTE)
            },
            popularity=self._first("popularity", row),
        )

    def missing(self, cells_missing: int, names: Sequence[str]) -> list[str]:
        """Which needed columns a short row does not reach."""
        gone = set(names[len(names) - cells_missing :])
        return [c for field in _NEEDED for c in self.columns.get(field, ()) if c in gone]

    def _all(self, field: str, row: Mapping[str, Cell]) -> Iterator[str]:
        for column in self.columns.get(field, ()):
            cell = column[1:] if column.startswith("=") else row.get(column, "")
            if isinstance(cell, tuple):
                yield from cell
            elif cell:
                yield cell

    def _first(self, field: str, row: Mapping[str, Cell]) -> str:
        if field not in self.columns:
            return ""
        return next((cell for cell in self._all(field, row) if cell.strip()), "")

    def _category(self, row: Mapping[str, Cell]) -> tuple[str, ...]:
        cells = list(self._all("category", row))
        if len(self.columns.get("category", ())) == 1 and len(cells) == 1:
            return split_path(cells[0])
        return tuple(dict.fromkeys(cell for cell in map(clean, cells) if cell))


def open_csv(source: Source, given: Mapping[str, str], now: datetime | None) -> Reading:
    """A table in text, any delimiter."""
    layout = find_layout(source)
    columns = guess(layout.columns, _table_sample(source, layout), given)
    reader = RowReader.of(columns.mapping, layout.columns, now)

    def found() -> Iterator[Found]:
        return merge_rows(read_table(source, layout, reader))

    return Reading(columns.mapping, columns.ignored, found)


def _table_sample(source: Source, layout: Layout) -> list[dict[str, str]]:
    rows = (row for row in read_rows(source, layout) if isinstance(row, TableRow))
    return [_named(layout, row) for row in islice(rows, SAMPLE_ROWS)]


def _named(layout: Layout, row: TableRow) -> dict[str, str]:
    return dict(zip(layout.columns, row.cells, strict=True))


def read_table(
    source: Source, layout: Layout, reader: RowReader, *, untitled: bool = True
) -> Iterator[Found]:
    """Every row of a table as a product; a row that was cut before a needed column is refused."""
    for row in read_rows(source, layout):
        if not isinstance(row, TableRow):
            yield row
            continue
        place = Place("line {line}", row.line)
        gone = reader.missing(row.missing, layout.columns) if row.missing else []
        if gone:
            reason = (
                f"the row has {len(row.cells) - row.missing} of {len(row.cells)} cells and does "
                f"not reach {', '.join(gone)}: is there a line break outside of quotes?"
            )
            yield Rejection(str(place), reason)
        else:
            yield reader.draft(place, _named(layout, row), untitled=untitled)


def open_jsonl(source: Source, given: Mapping[str, str], now: datetime | None) -> Reading:
    """One JSON object a line, or an array of objects."""
    with source.text() as text:
        items = (item for item in read_items(text) if isinstance(item, Item))
        sample = [flatten(item.value) for item in islice(items, SAMPLE_ROWS)]
    columns = map_rows(sample, given)
    reader = RowReader.of(columns.mapping, _names(sample), now)

    def found() -> Iterator[Found]:
        with source.text() as text:
            yield from merge_rows(_json_drafts(read_items(text), reader))

    return Reading(columns.mapping, columns.ignored, found)


def map_rows(sample: Sequence[Mapping[str, Cell]], given: Mapping[str, str]) -> Columns:
    """Guess a mapping for rows whose cells may be lists."""
    joined = [
        {k: "|".join(v) if isinstance(v, tuple) else v for k, v in row.items()} for row in sample
    ]
    return guess(_names(sample), joined, given)


def _names(sample: Sequence[Mapping[str, Cell]]) -> list[str]:
    return list(dict.fromkeys(name for row in sample for name in row))


def _json_drafts(
    items: Iterable[Item | Rejection | BrokenOff], reader: RowReader
) -> Iterator[Found]:
    for item in items:
        yield reader.draft(item.place, flatten(item.value)) if isinstance(item, Item) else item


def without_image(draft: Found, column: str) -> Found:
    """Note as a problem that a product has no picture to be found by."""
    if not isinstance(draft, Draft) or draft.product.images:
        return draft
    reason = f"{column} is missing: the product can be found by words only"
    return replace(draft, problems=(*draft.problems, reason))
