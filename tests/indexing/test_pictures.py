from pathlib import Path

from served_shop import drawing
from shoplens.images.decode import decode
from shoplens.indexing.workbench import IndexCounts, Workbench
from small_bench import PictureServer, Put, Work


def test_a_picture_from_the_web_is_kept_as_a_thumbnail_and_asked_for_once(
    bench: Workbench, server: PictureServer, put: Put, work: Work
) -> None:
    url = server.put("/red.png", drawing(1))
    put("a", url)
    assert work() == IndexCounts(products=1, encoded=1, reused=0, refused=0)
    (record,) = next(iter(bench.catalogue.images.of([1]).values()))
    assert (record.source, record.reason, record.width) == (url, "", 64)
    thumbnail = bench.thumbnails.path(record.image_hash)
    assert thumbnail
    small = decode(thumbnail.read_bytes()).astype(int)
    assert abs(small - decode(drawing(1))).mean() < 8, "it shows the picture"
    put("a", url, title="another title")
    assert work() == IndexCounts(products=1, encoded=0, reused=1, refused=0)
    assert server.asked == ["/red.png"]


def test_a_picture_of_this_machine_needs_no_thumbnail_yet(
    bench: Workbench, tmp_path: Path, put: Put, work: Work
) -> None:
    put("a", "0.png")
    work()
    assert not (tmp_path / "thumbnails").exists()


def test_what_the_web_refuses_has_its_reason_and_is_asked_for_again(
    bench: Workbench, server: PictureServer, put: Put, work: Work
) -> None:
    url = server.put("/page.png", b"<html>not here</html>")
    put("a", url, "0.png")
    assert work() == IndexCounts(products=1, encoded=1, reused=0, refused=1)
    ((product_id, record),) = bench.catalogue.images.rejected(k=9)
    assert (product_id, record.source) == ("a", url)
    assert "HTML" in record.reason
    server.put("/page.png", drawing(3))
    put("a", url, "0.png", title="another title")
    assert work() == IndexCounts(products=1, encoded=1, reused=1, refused=0)
