import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoplens.errors import FeedError
from shoplens.feed.draft import BrokenOff
from shoplens.feed.rows.table import TableRow, find_layout, name_columns, read_rows
from shoplens.feed.rows.text import Source
from shoplens.types import Rejection

Found = list[TableRow | Rejection | BrokenOff]


def read(folder: Path, content: str | bytes) -> tuple[tuple[str, ...], Found]:
    path = folder / "table"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    source = Source(path)
    layout = find_layout(source)
    return layout.columns, list(read_rows(source, layout))


def cells(found: Found) -> list[list[str]]:
    return [row.cells for row in found if isinstance(row, TableRow)]


def shown(found: Found) -> list[str]:
    return [f"{one.line}" if isinstance(one, TableRow) else one.where for one in found]


# Lone surrogates cannot be written as UTF-8; a lone NUL is kept as it is.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_text_in_quotes_comes_back(
    tmp_path: Path, rows: list[tuple[str, str, str]], delimiter: str, newline: str
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=newline, quoting=csv.QUOTE_ALL)
    writer.writerows([("one", "two", "three"), *rows])
    columns, found = read(tmp_path, out.getvalue())
    assert columns == ("one", "two", "three")
    expected = [list(row) for row in rows if any(cell and not cell.isspace() for cell in row)]
    assert cells(found) == expected
    assert len(found) == len(expected)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.sampled_from('ab"",,;\n\r\x00é'), max_size=200))
def test_no_text_breaks_the_reader_and_rows_have_the_width_of_the_header(
    tmp_path: Path, text: str
) -> None:
    columns, found = read(tmp_path, "id,title\n" + text)
    assert all(len(row) == len(columns) for row in cells(found))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_despite_others_in_the_text(tmp_path: Path, delimiter: str) -> None:
    rows = [["id", "title", "note"], ["1", "a b", '"x, y; z|w\tv"'], ["2", "c", "d"]]
    columns, found = read(tmp_path, "\n".join(delimiter.join(row) for row in rows))
    assert columns == ("id", "title", "note")
    assert cells(found)[0][2] == "x, y; z|w\tv"


def test_excel_may_name_the_delimiter(tmp_path: Path) -> None:
    columns, found = read(tmp_path, "sep=;\r\nid;title\r\n1;a,b\r\n")
    assert (columns, cells(found), shown(found)) == (("id", "title"), [["1", "a,b"]], ["3"])


def test_lines_are_counted_through_multi_line_cells_and_blank_rows(tmp_path: Path) -> None:
    _, found = read(tmp_path, '\n\nid,title\n1,"a\nb"\n\n,\n2,c\n')
    assert shown(found) == ["4", "8"]


def test_an_unclosed_quote_costs_only_its_row(tmp_path: Path) -> None:
    _, found = read(tmp_path, 'id,title,x\n1,"open,x\n2,b,x\n3,"c",x\n4,d,x\n')
    assert cells(found) == [["2", "b", "x"], ["3", "c", "x"], ["4", "d", "x"]]
    assert shown(found) == ["line 2", "3", "4", "5"]


def test_an_unclosed_quote_before_a_long_table_is_found_in_bounded_memory(tmp_path: Path) -> None:
    rows = "".join(f"{n},some title of a product,x\n" for n in range(100_000))
    _, found = read(tmp_path, 'id,title,x\na,"open,x\n' + rows)
    assert len(cells(found)) == 100_000
    assert shown(found)[0] == "line 2"


def test_a_quote_in_the_middle_of_a_cell_is_let_pass(tmp_path: Path) -> None:
    _, found = read(tmp_path, 'id,title\n1,24" screen\n2,"Best" shoes\n')
    assert cells(found) == [["1", '24" screen'], ["2", "Best shoes"]]


def test_rows_of_hostile_quotes_are_read_in_linear_time(tmp_path: Path) -> None:
    _, found = read(tmp_path, 'id,title\n"a\n' + 'x","y\n' * 400_000)
    assert found


def test_long_rows_are_refused_and_short_ones_padded(tmp_path: Path) -> None:
    _, found = read(tmp_path, "id,title,x\n1,a,b,c\n2,a\n3,a,b,,\n")
    assert isinstance(found[0], Rejection)
    assert "4 cells, the header 3: is a cell with a comma not quoted" in found[0].reason
    assert found[1] == TableRow(3, ["2", "a", ""], missing=1)
    assert found[2] == TableRow(4, ["3", "a", "b"])


def test_a_last_row_that_was_cut_is_not_a_row(tmp_path: Path) -> None:
    for tail in ("2,a", '2,a,"b'):
        _, found = read(tmp_path, f"id,title,x\n1,a,b\n{tail}")
        assert cells(found) == [["1", "a", "b"]]
        assert isinstance(found[1], BrokenOff)


def test_nul_bytes_and_old_newlines_are_no_obstacle(tmp_path: Path) -> None:
    _, found = read(tmp_path, b"id,title\r1,a\x00b\r2,c\r")
    assert cells(found) == [["1", "a\x00b"], ["2", "c"]]


def test_a_line_without_end_costs_itself(tmp_path: Path) -> None:
    _, found = read(tmp_path, "id,title\n1,a\n2," + "x" * 5_000_000 + "\n3,c\n")
    assert cells(found) == [["1", "a"], ["3", "c"]]
    assert shown(found) == ["2", "line 3", "4"]


def test_a_cell_beyond_the_csv_modules_limit_costs_its_row(tmp_path: Path) -> None:
    _, found = read(tmp_path, 'id,title\n1,"' + "x" * 200_000 + '"\n2,b\n')
    assert cells(found) == [["2", "b"]]
    assert isinstance(found[0], Rejection)


def test_column_names_are_made_unique(tmp_path: Path) -> None:
    names = ["\ufeffid ", "", "a", "a", "a (2)", " "]
    assert name_columns(names) == ("id", "column 2", "a", "a (2)", "a (2) (2)")
    with pytest.raises(FeedError, match="is empty"):
        read(tmp_path, "\n\n")
