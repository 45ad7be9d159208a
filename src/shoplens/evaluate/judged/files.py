"""Judgements that people or clicks made: a table, TREC qrels beside a table, a BEIR folder."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from shoplens.catalogue.fields import fold
from shoplens.errors import FeedError
from shoplens.evaluate.judged.judgements import Judgements, Question
from shoplens.evaluate.runs import number_of, one_word
from shoplens.feed.rows.table import TableRow, find_layout, read_rows
from shoplens.feed.rows.text import Source
from shoplens.types import Rejection

ASKED = ("query_id", "query_image", "query_text", "query_product")
GRADES = ("grade", "right", "clicks")
CLICKS_FLOOR = 3.0
"""So many clicks at least make a product right: fewer happen by mistake."""

Cells = Mapping[str, str]


def read_judged(path: Path) -> Judgements:
    """Read a table of ``query_image``, ``query_text``, ``product_id`` and ``grade``.

    Lines of one picture and text, or of one ``query_id``, are one question. ``right`` is another
    name for ``grade``, which is 1 if not given. With ``clicks`` instead, clicks are added up and
    are the grade from three on. Every other column is a slice. Images are relative to the file.

    Raises:
        FeedError: the file cannot be read, or lacks its columns.
    """
    reading = _Reading(path.parent)
    columns, rows = _table(path)
    if "product_id" not in columns or not {*ASKED} & {*columns}:
        raise _without(path, columns, "product_id, query_image or query_text, and grade if graded")
    by_clicks = "clicks" in columns and not {"grade", "right"} & {*columns}
    for row in rows:
        if isinstance(row, Rejection):
            reading.refused.append(row)
        else:
            reading.judge(*row, by_clicks=by_clicks)
    return reading.done(CLICKS_FLOOR if by_clicks else 0.0)


def read_trec(questions: Path, qrels: Path) -> Judgements:
    """Read TREC qrels, ``query_id 0 product_id grade``, and a table of the questions.

    The table has ``query_id`` with ``query_image`` or ``query_text``. Grades below 0 count as 0.

    Raises:
        FeedError: a file cannot be read, or lacks its columns.
    """
    reading = _Reading(questions.parent)
    columns, rows = _table(questions)
    if "query_id" not in columns or not {*ASKED[1:]} & {*columns}:
        raise _without(questions, columns, "query_id, and query_image or query_text")
    for row in rows:
        if isinstance(row, Rejection):
            reading.refused.append(row)
        else:
            reading.asked(*row)
    for number, line in enumerate(_lines(qrels), start=1):
        parts = line.split()
        if len(parts) == 4:
            reading.relate(f"{qrels.name} line {number}", parts[0], parts[2], parts[3])
        elif parts:
            reason = f"{len(parts)} words; wanted query_id, 0, product_id and grade"
            reading.refused.append(Rejection(f"{qrels.name} line {number}", reason))
    return reading.done()


def read_beir(folder: Path) -> Judgements:
    """Read ``queries.jsonl`` and ``qrels/test.tsv``; all of ``qrels/`` where no test is.

    Ids of the corpus are product ids. A query may have ``image`` beside ``text``; plain values of
    its ``metadata`` are slices.

    Raises:
        FeedError: a file is missing or cannot be read.
    """
    reading = _Reading(folder)
    for number, line in enumerate(_lines(folder / "queries.jsonl"), start=1):
        if line.strip():
            _beir_query(reading, number, line)
    test = folder / "qrels" / "test.tsv"
    files = [test] if test.exists() else sorted((folder / "qrels").glob("*.tsv"))
    if not files:
        raise FeedError(f"{folder} has no qrels/*.tsv; a BEIR folder judges there")
    for file in files:
        for number, line in enumerate(_lines(file), start=1):
            parts = line.split("\t")
            if len(parts) == 3 and not (number == 1 and parts[0] == "query-id"):
                reading.relate(f"{file.name} line {number}", *map(str.strip, parts))
            elif line.strip() and number > 1:
                reason = f"{len(parts)} cells; wanted query-id, corpus-id and score, tabs between"
                reading.refused.append(Rejection(f"{file.name} line {number}", reason))
    return reading.done()


def _beir_query(reading: "_Reading", number: int, line: str) -> None:
    where = f"queries.jsonl line {number}"
    try:
        told: object = json.loads(line)
    except ValueError as error:
        reading.refused.append(Rejection(where, f"no JSON: {error}"))
        return
    if not isinstance(told, dict) or "_id" not in told:
        reading.refused.append(Rejection(where, "no object with _id and text"))
        return
    query = cast("dict[str, Any]", told)
    metadata: object = query.get("metadata")
    kept = cast("dict[str, Any]", metadata) if isinstance(metadata, dict) else {}
    slices = {fold(k): str(v) for k, v in kept.items() if isinstance(v, str | int | float)}
    cells = {"query_image": str(query.get("image") or ""), "query_text": str(query.get("text", ""))}
    reading.asked(where, {**slices, **cells, "query_id": str(query["_id"])})


@dataclass(slots=True)
class _Reading:
    """Questions and grades on their way."""

    folder: Path
    questions: dict[str, Question] = field(default_factory=dict[str, Question])
    grades: dict[str, dict[str, float]] = field(default_factory=dict[str, dict[str, float]])
    refused: list[Rejection] = field(default_factory=list[Rejection])

    def asked(self, where: str, cells: Cells) -> str:
        """Note the question of a row; gives its id, or nothing where it is refused."""
        given, image, text, product = (cells.get(name, "") for name in ASKED)
        if not (image or text or product):
            if given in self.questions:
                return given
            return self._refuse(where, "neither query_image nor query_text; give at least one")
        query_id = one_word(given or "|".join(part for part in (image, text, product) if part))
        picture = self.folder / image if image else None
        aside = {*ASKED, *GRADES, "product_id"}
        slices = {name: value for name, value in cells.items() if value and name not in aside}
        question = Question(query_id, picture, text, product, slices)
        known = self.questions.setdefault(query_id, question)
        if (known.picture, known.text, known.product_id) != (picture, text, product):
            return self._refuse(where, f"query_id {query_id} asked something else on a line before")
        return query_id

    def judge(self, where: str, cells: Cells, *, by_clicks: bool) -> None:
        """Note the question of a row and the grade of its product."""
        told = cells.get("clicks", "") if by_clicks else cells.get("grade") or cells.get("right")
        name = "clicks" if by_clicks else "grade"
        grade = number_of(told) if told else 1.0
        if not cells["product_id"]:
            self._refuse(where, "no product_id; name the product that is judged")
        elif grade is None or grade < 0:
            reason = f"{name} is {told!r}; wanted a number from 0 up"
            self._refuse(where, reason, cells["product_id"])
        elif query_id := self.asked(where, cells):
            own = self.grades.setdefault(query_id, {})
            before = own.get(cells["product_id"], 0.0)
            own[cells["product_id"]] = before + grade if by_clicks else max(before, grade)

    def relate(self, where: str, query_id: str, product_id: str, told: str) -> None:
        """Note a line of qrels."""
        grade = number_of(told)
        if grade is None:
            self._refuse(where, f"the grade is {told!r}; wanted a number", product_id)
        elif one_word(query_id) not in self.questions:
            self._refuse(where, f"no question has the id {query_id!r}", product_id)
        else:
            own = self.grades.setdefault(one_word(query_id), {})
            own[product_id] = max(own.get(product_id, 0.0), grade)

    def done(self, floor: float = 0.0) -> Judgements:
        """Give what was read; grades below ``floor`` are none."""
        grades = {
            query_id: {product_id: grade if grade >= floor else 0.0 for product_id, grade in own}
            for query_id, own in ((query_id, own.items()) for query_id, own in self.grades.items())
        }
        return Judgements(tuple(self.questions.values()), grades, tuple(self.refused))

    def _refuse(self, where: str, reason: str, product_id: str = "") -> str:
        self.refused.append(Rejection(where, reason, product_id))
        return ""


def _table(path: Path) -> tuple[tuple[str, ...], Iterator[tuple[str, Cells] | Rejection]]:
    source = Source(path)
    layout = find_layout(source)
    columns = tuple(fold(name).replace(" ", "_") for name in layout.columns)

    def rows() -> Iterator[tuple[str, Cells] | Rejection]:
        for row in read_rows(source, layout):
            if isinstance(row, TableRow):
                cells = (cell.strip() for cell in row.cells)
                yield f"line {row.line}", dict(zip(columns, cells, strict=True))
            else:
                yield Rejection(row.where, row.reason)

    return columns, rows()


def _without(path: Path, columns: tuple[str, ...], wanted: str) -> FeedError:
    return FeedError(f"{path} has the columns {', '.join(columns) or 'none'}; wanted {wanted}")


def _lines(path: Path) -> list[str]:
    """Read lines; only a newline ends one, as JSON may hold every other separator."""
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise FeedError(f"{path} cannot be read: {error}") from error
