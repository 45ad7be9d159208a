import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from shoplens.errors import FeedError, MissingExtraError
from shoplens.feed.read import open_feed
from small_feeds import take_all

pa = pytest.importorskip("pyarrow", reason="the parquet extra is not installed")
pq = pytest.importorskip("pyarrow.parquet")


def write(path: Path, columns: Mapping[str, Sequence[object]], **options: int) -> Path:
    pq.write_table(pa.table(dict(columns)), path, **options)
    return path


def test_lists_decimals_and_floats_become_what_they_mean(tmp_path: Path) -> None:
    path = write(
        tmp_path / "feed",
        {
            "id": [1.0, 2.0, None],
            "title": ["Hat", "Cap", "Lost"],
            "price": [Decimal("9.90"), None, Decimal("1.00")],
            "images": [["a.jpg", "b.jpg"], [], ["c.jpg"]],
            "in_stock": [True, False, None],
            "colour": ["red", None, "blue"],
            "units_sold": [1e-05, None, 3.0],
        },
    )
    got = take_all(open_feed(path))
    assert got.feed.kind == "parquet"
    assert got.feed.mapping["images"] == "images"
    hat, cap = got.products
    assert (hat.product_id, hat.price, hat.images) == ("1", Decimal("9.90"), ("a.jpg", "b.jpg"))
    assert (hat.in_stock, cap.in_stock, cap.price) == (True, False, None)
    assert hat.attributes == {"colour": ("red",)}
    assert (hat.popularity, cap.popularity) == (1e-05, None)
    assert got.reasons == ["row 3: the product has no id"]
    assert got.feed.complete


def test_rows_come_in_batches_across_row_groups(tmp_path: Path) -> None:
    ids = [f"p{n}" for n in range(2500)]
    path = write(tmp_path / "feed", {"id": ids, "title": ids}, row_group_size=700)
    assert take_all(open_feed(path)).ids == ids


@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_a_cut_file_is_an_error_that_names_it(tmp_path: Path, kept: float) -> None:
    path = write(tmp_path / "feed", {"id": ["a"] * 50, "title": ["b"] * 50})
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(FeedError, match="feed is no readable Parquet file"):
        open_feed(path)


def test_a_damaged_page_ends_the_feed_and_is_said(tmp_path: Path) -> None:
    ids = [f"p{n}" for n in range(3000)]
    path = write(tmp_path / "feed", {"id": ids, "title": ids}, row_group_size=1000)
    data = bytearray(path.read_bytes())
    start = pq.ParquetFile(path).metadata.row_group(2).column(0).dictionary_page_offset
    data[start : start + 400] = b"\xff" * 400
    path.write_bytes(data)
    got = take_all(open_feed(path))
    assert got.ids == ids[:2000]
    assert not got.feed.complete
    assert got.rejections[-1].where == "row 2001"


def test_a_damaged_text_or_an_impossible_time_costs_only_its_cell(tmp_path: Path) -> None:
    titles = pa.array([b"Hat", b"C\xffp", b"Tie"]).view(pa.string())
    times = pa.array([1, 2, 3], pa.timestamp("ns"))
    path = write(tmp_path / "feed", {"id": ["a", "b", "c"], "title": titles, "since": times})
    got = take_all(open_feed(path))
    assert got.ids == ["a", "c"]
    assert got.reasons == ["row 2: the product has no title"]


def test_without_pyarrow_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "feed", {"id": ["a"], "title": ["b"]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "shoplens.feed.dialects.parquet", raising=False)
    with pytest.raises(MissingExtraError, match=r"shoplens\[parquet\]"):
        open_feed(path)
