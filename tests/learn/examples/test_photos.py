import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from shoplens.errors import FeedError
from shoplens.learn.examples.gather import Example, Examples, together
from shoplens.learn.examples.photos import read_photos

SHOP = Examples(
    (
        Example("a0", "a", "Apple", "fruit", "gallery", "a.jpg", "feed.csv"),
        Example("7", "7", "Seven", "7", "gallery", "7.jpg", "feed.csv"),
    ),
    way="title",
    products={"a": 0, "b": 0, "7": 1},
)
Read = Callable[..., Examples]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(*lines: str, header: str = "photo,product_id,split", **options: str) -> Examples:
        (tmp_path / "photos").mkdir(exist_ok=True)
        for name in ("1", "2", "3"):
            (tmp_path / "photos" / f"{name}.jpg").write_bytes(f"photo {name}".encode())
        (tmp_path / "photos" / "same.jpg").write_bytes(b"photo 1")
        (tmp_path / "large.jpg").write_bytes(b"x" * 1001)
        table = tmp_path / "photos.csv"
        table.write_text("\n".join([header, *lines]), encoding="utf-8")
        return read_photos(table, tmp_path, SHOP, max_bytes=1000, **options)

    return read


def test_a_photo_gets_the_label_and_group_of_its_product(read: Read, tmp_path: Path) -> None:
    found = read("photos/1.jpg,a,", "photos/2.jpg,b,", "photos\\3.jpg,7,")
    path = tmp_path.resolve() / "photos"
    assert [(e.product_id, e.label, e.group) for e in found.all] == [
        ("a", "Apple", "fruit"),
        ("b", "Apple", "fruit"),  # known by the picture of another variant
        ("7", "Seven", "7"),
    ]
    assert [(e.source, e.feed, e.role) for e in found.all] == [
        (str(path / f"{i}.jpg"), "", "photo") for i in (1, 2, 3)
    ]
    assert found.all[0].image_hash == hashlib.sha256(b"photo 1").hexdigest()
    assert found.refused == ()
    assert len(together(SHOP, found).all) == 5


def test_declared_parts_are_kept(read: Read) -> None:
    found = read("photos/1.jpg,a,train", "photos/2.jpg,a,Validation", "photos/3.jpg,a,TEST")
    assert found.declared == {0: "train", 1: "val", 2: "test"}
    assert read("photos/1.jpg,a,").declared == {}


def test_each_line_that_cannot_be_used_says_why(read: Read) -> None:
    found = read(
        "photos/none.jpg,a,",
        "photos/1.jpg,zzz,",
        ",a,",
        "photos/1.jpg,,",
        "photos/2.jpg,a,query",
        "../outside.jpg,a,",
        "https://shop.example/1.jpg,a,",
        "large.jpg,a,",
        "photos,a,",
        "photos/3.jpg,a,",
    )
    assert [one.where for one in found.refused] == [f"line {i}" for i in range(2, 11)]
    wanted = (
        "no such file", "no product 'zzz' with a usable picture", "no path of a photo",
        "no product is given", "split is 'query'; wanted train, val or test", "leads out of",
        "images are not downloaded", "too large", "not a regular file",
    )  # fmt: skip
    for one, reason in zip(found.refused, wanted, strict=True):
        assert reason in one.reason
    assert len(found.all) == 1


def test_a_file_given_twice_is_one_example_and_stays_held_out(read: Read) -> None:
    found = read("photos/1.jpg,a,train", "photos/same.jpg,b,val", "photos/1.jpg,a,train")
    assert len(found.all) == 1
    assert found.declared == {0: "val"}
    assert [one.reason for one in found.refused] == ["the same file as in line 2"] * 2


def test_one_file_may_be_declared_two_things_and_is_kept_as_both(read: Read) -> None:
    # Which of them is wrong only the shop knows; it is told when the examples are checked.
    assert [e.label for e in read("photos/1.jpg,a,", "photos/same.jpg,7,").all] == [
        "Apple",
        "Seven",
    ]


def test_columns_may_be_named(read: Read) -> None:
    header = "photo,shot,product_id,code,split"
    line = "x.jpg,photos/1.jpg,zzz,a,train"
    found = read(line, header=header, image_column="shot", product_column="Code")
    assert [e.product_id for e in found.all] == ["a"]
    with pytest.raises(FeedError, match="no column of the product, 'kode'"):
        read(line, header=header, product_column="kode")
