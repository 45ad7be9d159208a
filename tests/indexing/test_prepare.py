import os
from pathlib import Path

import pytest

from served_shop import drawing
from shoplens.catalogue.images import ImageRecord
from shoplens.indexing.workbench import IndexCounts, Workbench
from small_bench import Put, Work


def records(bench: Workbench, product_id: str) -> list[ImageRecord]:
    number = bench.catalogue.products.get(product_id).number
    return bench.catalogue.images.of([number])[number]


@pytest.mark.parametrize("batch", [1, 2, 10], ids="{} a batch".format)
def test_an_image_that_variants_share_is_encoded_once(
    batch: int, bench: Workbench, put: Put, work: Work
) -> None:
    put("red", "0.png", "1.png")
    put("blue", "2.png", "0.png")
    put("green", "0.png")
    assert work(batch) == IndexCounts(products=3, encoded=3, reused=2, refused=0)
    assert bench.catalogue.embeddings.count(bench.encoder.picture.fingerprint) == 3
    assert [r.source for r in records(bench, "blue")] == ["2.png", "0.png"]
    (_, first), (_, second) = bench.store.pictures("blue")
    assert (second == bench.store.pictures("red")[0][1]).all(), "each at its own position"
    assert (first != second).any()


def test_images_beyond_the_limit_are_reported_not_skipped(
    bench: Workbench, put: Put, work: Work
) -> None:
    put("many", *(f"{i}.png" for i in range(5)))
    assert work() == IndexCounts(products=1, encoded=3, reused=0, refused=2)
    found = records(bench, "many")
    assert [r.position for r in found] == [0, 1, 2, 3, 4]
    assert [bool(r.reason) for r in found] == [False, False, False, True, True]
    assert "only the first 3 images" in found[3].reason
    assert [position for position, _ in bench.store.pictures("many")] == [0, 1, 2]


def test_a_file_that_did_not_change_is_not_opened_again(
    bench: Workbench, folder: Path, put: Put, work: Work
) -> None:
    put("a", "0.png")
    work()
    file = folder / "0.png"
    stamp = file.stat()
    file.write_bytes(bytes(stamp.st_size))  # no picture at all: opened, it would be refused
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    put("a", "0.png", title="another title")
    assert work() == IndexCounts(products=1, encoded=0, reused=1, refused=0)
    file.write_bytes(drawing(9))
    put("a", "0.png", title="a third title")
    assert work() == IndexCounts(products=1, encoded=1, reused=0, refused=0)


def test_content_that_was_encoded_in_an_earlier_run_is_reused_under_any_name(
    bench: Workbench, folder: Path, put: Put, work: Work
) -> None:
    put("a", "0.png")
    work()
    (folder / "copy.png").write_bytes((folder / "0.png").read_bytes())
    put("b", "copy.png")
    assert work() == IndexCounts(products=1, encoded=0, reused=1, refused=0)


def test_a_refused_image_that_variants_share_has_its_reason_in_each(
    bench: Workbench, put: Put, work: Work
) -> None:
    put("a", "nowhere.png", "0.png")
    put("b", "nowhere.png")
    assert work() == IndexCounts(products=2, encoded=1, reused=0, refused=2)
    for product_id in "ab":
        assert "no such file" in records(bench, product_id)[0].reason
    assert [position for position, _ in bench.store.pictures("a")] == [1]
    assert bench.store.count() == 3, "the main row of each, and one picture"
