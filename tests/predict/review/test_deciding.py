from collections.abc import Iterator
from pathlib import Path

import pytest

from shoplens.catalogue.catalogue import Catalogue, open_catalogue
from shoplens.predict.review.deciding import accepted, apply, undo
from shoplens.predict.review.table import write_review
from shoplens.types import Product, Stage
from toy_labels import NOW

HEADER = "product_id,field,value,decision\n"


@pytest.fixture
def catalogue(sqlite_url: str) -> Iterator[Catalogue]:
    opened = open_catalogue(sqlite_url)
    red = Product("red", "t", attributes={"Color": ("Red",)})
    opened.products.put([red, Product("bare", "t")], feed="f", run="1", now=NOW)
    opened.products.mark_indexed([(1, 1), (2, 1)])
    yield opened
    opened.close()


def test_accepted_lines_reach_the_product_and_ask_for_indexing(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    file = tmp_path / "tags.csv"
    file.write_text(f"{HEADER}bare,Colour,Blue,accept\nbare,Category,A > B,1\nbare,fit,slim,no\n")
    report = apply(catalogue, file, NOW)
    assert (report.changed, report.rejected, report.open, report.refused) == (2, 1, 0, ())
    bare = catalogue.products.get("bare")
    assert bare.product.attributes == {"colour": ("Blue",)}
    assert (bare.product.category, bare.stage) == (("A", "B"), Stage.PENDING)
    assert catalogue.products.get("red").stage is Stage.INDEXED


def test_lines_that_cannot_be_kept_are_told_with_their_reason(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    file = tmp_path / "tags.csv"
    file.write_text(
        f"{HEADER}red,colour,Blue,y\nnobody,colour,Red,y\nbare,price,3,y\nbare,fit,{'x' * 2000},y\n"
    )
    report = apply(catalogue, file, NOW)
    assert report.changed == 0
    said = [(one.where, one.reason) for one in report.refused]
    assert [where for where, _ in said] == ["line 2", "line 3", "line 4", "line 5"]
    assert "goes before" in said[0][1]
    assert "no such product" in said[1][1]
    assert "cannot be tagged" in said[2][1]
    assert "2000 characters" in said[3][1]


def test_what_was_kept_is_listed_and_can_be_taken_back(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    file = tmp_path / "tags.csv"
    file.write_text(f"{HEADER}bare,colour,Blue,accept\n")
    apply(catalogue, file, NOW)
    file.write_text(f"{HEADER}bare,colour,Green,accept\n")
    assert apply(catalogue, file, NOW).changed == 1, "a person may change their mind"
    write_review(tmp_path / "kept.csv", accepted(catalogue))
    assert undo(catalogue, tmp_path / "kept.csv").changed == 1
    assert catalogue.products.get("bare").product.attributes == {}
    assert undo(catalogue, tmp_path / "kept.csv").changed == 0
    assert accepted(catalogue) == []
