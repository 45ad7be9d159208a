import os
import sys
from pathlib import Path

import pytest

from shoplens.feed.read import Feed, open_feed
from shoplens.types import Product, Rejection


def fill(root: Path, *names: str) -> Feed:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return open_feed(root)


def test_folders_are_categories_and_names_are_titles(tmp_path: Path) -> None:
    feed = fill(tmp_path, "shoes/running_shoes/red-shoe_07.JPG", "hat.png", "notes.txt", ".x.png")
    assert feed.kind == "folder"
    assert list(feed.records) == [
        Product("hat", "hat", images=("hat.png",)),
        Product(
            "shoes/running_shoes/red-shoe_07",
            "red shoe 07",
            category=("shoes", "running shoes"),
            images=("shoes/running_shoes/red-shoe_07.JPG",),
        ),
    ]
    assert feed.complete


def test_pictures_of_one_name_are_one_product(tmp_path: Path) -> None:
    [product] = fill(tmp_path, "a.png", "a.jpg").records
    assert isinstance(product, Product)
    assert product.images == ("a.jpg", "a.png")


def test_formats_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    [rejection] = fill(tmp_path, "a/b.heic").records
    assert isinstance(rejection, Rejection)
    assert rejection.where == "a/b.heic"
    assert "convert it to one of jpg" in rejection.reason


def test_links_are_not_followed(tmp_path: Path) -> None:
    fill(tmp_path / "outside", "secret.png")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "a.png").symlink_to(tmp_path / "outside" / "secret.png")
    (inside / "b").symlink_to(tmp_path / "outside")
    assert list(open_feed(inside).records) == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.jpg")).write_bytes(b"x")
    [rejection] = open_feed(tmp_path).records
    assert rejection == Rejection(
        "caf?.jpg", "the name is not valid Unicode; rename the file or its folder"
    )
