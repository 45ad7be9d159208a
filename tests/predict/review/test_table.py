import csv
import json
from pathlib import Path

import pytest

from shoplens.catalogue.journal.tags import Tag
from shoplens.errors import FeedError, StorageError
from shoplens.predict.review.page import write_page
from shoplens.predict.review.table import COLUMNS, read_review, write_review
from shoplens.predict.shop.tagging import Suggestion

SUGGESTED = [
    Suggestion("p,1", '=HYPER("x")', "colour", "Red", 0.987, (("Blue", 0.01),), "/a b/1.webp"),
    Suggestion("p2", "</script><b>", "category", "鞋 > 靴", 0.9, (), "https://x.example/2.jpg"),
    Suggestion("p3", "plain", "fit", "slim", 0.91, (), "", "accept"),
]


def decided(path: Path, *decisions: str) -> Path:
    """Fill in the last column as a spreadsheet would."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    for row, decision in zip(rows[1:], decisions, strict=True):
        row[-1] = decision
    with path.open("w", encoding="utf-16", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    return path


def test_what_a_spreadsheet_saves_is_read_back(tmp_path: Path) -> None:
    write_review(tmp_path / "tags.csv", SUGGESTED)
    review = read_review(decided(tmp_path / "tags.csv", "接受", "No", ""))
    assert review.accepted == (("line 2", Tag("p,1", "colour", "Red")),)
    assert (review.rejected, review.open, review.refused) == (1, 1, ())


def test_a_title_is_no_formula(tmp_path: Path) -> None:
    write_review(tmp_path / "tags.csv", SUGGESTED)
    with (tmp_path / "tags.csv").open(encoding="utf-8-sig", newline="") as file:
        first = next(csv.DictReader(file))
    assert first["title"] == '\'=HYPER("x")'
    assert (first["probability"], first["alternatives"]) == ("0.987", "Blue 0.01")


def test_bad_lines_are_told_and_the_rest_counts(tmp_path: Path) -> None:
    path = tmp_path / "tags.csv"
    path.write_text(
        "product_id,field,value,decision\np1,colour,,yes\np2,colour,Red,maybe\n"
        "p3,colour,Red,Y\np4,colour,Red,yes,more\n"
    )
    review = read_review(path)
    assert [tag.product_id for _, tag in review.accepted] == ["p3"]
    assert [one.where for one in review.refused] == ["line 2", "line 3", "line 5"]
    assert "wanted accept or reject" in review.refused[1].reason


@pytest.mark.parametrize("content", ["", "id,colour\n1,red\n"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "tags.csv").write_text(content)
    with pytest.raises(FeedError, match=r"tags\.csv"):
        read_review(tmp_path / "tags.csv")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        write_review(tmp_path / "file" / "tags.csv", [])


def test_the_page_holds_the_suggestions_and_nothing_of_a_shop_is_run(tmp_path: Path) -> None:
    write_page(tmp_path / "tags.html", SUGGESTED, "tags.csv")
    page = (tmp_path / "tags.html").read_text("utf-8")
    assert "<b>" not in page
    assert page.count("</script>") == 2
    data = page.partition('id="data">')[2].partition("</script>")[0]
    told = json.loads(data)
    assert tuple(told["columns"]) == COLUMNS
    assert told["rows"][1]["title"] == "</script><b>"
    assert [row["picture"] for row in told["rows"]] == [
        "file:///a%20b/1.webp", "https://x.example/2.jpg", "",
    ]  # fmt: skip
