from pathlib import Path

import pytest

from shoplens.errors import FeedError
from shoplens.learn.examples.reading.table import PRODUCT, Cells, Column, read_cells
from shoplens.types import Rejection

COLUMNS = (
    Column("image", ("photo", "image")),
    Column("product", PRODUCT),
    Column("split", ("split",), needed=False),
)


def read(path: Path, content: bytes | str) -> list[Cells | Rejection]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_cells(path, COLUMNS))


@pytest.mark.parametrize(
    "content",
    [
        "photo,product_id\n1.jpg,a\n",
        "\ufeffPhoto;Product ID\r\n1.jpg;a\r\n",
        "other\timage\tSKU\nx\t1.jpg\ta\n",
        "photo,product_id\n1.jpg,a\n".encode("utf-16"),
        "id,photo,product_id\n7, 1.jpg ,a\n",
    ],
)
def test_columns_are_found_however_they_are_written(tmp_path: Path, content: bytes | str) -> None:
    (row,) = read(tmp_path / "photos.csv", content)
    assert isinstance(row, Cells)
    assert row.where == "line 2"
    assert {"image": "1.jpg", "product": "a"}.items() <= row.of.items()


def test_a_column_named_by_hand_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "photos.csv"
    path.write_text("photo,shot,product_id\n1.jpg,2.jpg,a\n", encoding="utf-8")
    (row,) = read_cells(path, (Column("image", ("photo",), header="Shot"),))
    assert isinstance(row, Cells)
    assert row.of == {"image": "2.jpg"}


def test_a_damaged_line_costs_that_line(tmp_path: Path) -> None:
    rows = read(
        tmp_path / "p.csv", 'photo,product_id\n"1.jpg,a\n2.jpg,b\n3.jpg,c,too,many\n4.jpg,d\n'
    )
    assert [row.where for row in rows if isinstance(row, Rejection)] == ["line 2", "line 4"]
    assert [row.of["product"] for row in rows if isinstance(row, Cells)] == ["b", "d"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        (
            "product_id,url\na,b\n",
            r"no column of the image, such as photo, image; it has: product_id",
        ),
        ("photo,split\n1.jpg,train\n", "no column of the product, such as product_id, sku"),
    ],
)
def test_what_is_missing_is_told_with_what_is_there(
    tmp_path: Path, content: str, said: str
) -> None:
    with pytest.raises(FeedError, match=said):
        read(tmp_path / "photos.csv", content)


def test_a_column_named_by_hand_must_be_there(tmp_path: Path) -> None:
    path = tmp_path / "photos.csv"
    path.write_text("photo,product_id\n1.jpg,a\n", encoding="utf-8")
    with pytest.raises(
        FeedError, match="no column of the split, 'part'; it has: photo, product_id"
    ):
        read_cells(path, (Column("split", ("split",), "part", needed=False),))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="cannot be read"):
        read_cells(tmp_path / "none.csv", COLUMNS)
