"""One feed with everything wrong that can be: a reason for each, and all the good is found."""

import os
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from shoplens.config import ImageSettings, Settings
from shoplens.engine import Engine
from shoplens.ingest.feeds import IndexReport, IndexRequest
from shoplens.types import Query, Stage
from small_shop import MakeShop, SmallShop

BOMB_SIDE = 30_000
GOOD = 5


def png_of_zeros(side: int) -> bytes:
    """Make a black-and-white picture of side × side: a hundred megabytes out of a hundred kB."""
    packer = zlib.compressobj(1)
    row = bytes(1 + (side + 7) // 8)
    packed = b"".join([*(packer.compress(row * 100) for _ in range(side // 100)), packer.flush()])
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", packed), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def make_bad_images(shop: SmallShop) -> dict[str, str]:
    """Put bad images among the good ones; give each image's name, and a word of its reason."""
    whole = (shop.images / "p0.png").read_bytes()
    jpeg = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(500)
    files = {
        "broken.jpg": (jpeg, "JPEG"),
        "page.jpg": (b"<!doctype html><title>404</title>", "HTML"),
        "half.png": (whole[: len(whole) // 2], "ends early"),
        "empty.png": (b"", "empty"),
        "bomb.png": (png_of_zeros(BOMB_SIDE), "30,000 × 30,000"),
    }
    for name, (data, _) in files.items():
        (shop.images / name).write_bytes(data)
    os.mkfifo(shop.images / "pipe.png")
    (shop.images / "folder.png").mkdir()
    return {name: word for name, (_, word) in files.items()} | {
        "pipe.png": "pipe",
        "folder.png": "folder",
        "missing.png": "no such file",
        "../../../../etc/passwd": "leads out",
        "/etc/passwd": "leads out",
        "file:///etc/passwd": "neither a path",
        "http://127.0.0.1:1/a.png": "not allowed",
        "https://elsewhere.example/a.png": "not allowed",
    }


def write_bad_feed(shop: SmallShop) -> tuple[dict[str, str], dict[int, str]]:
    """Give the bad images with a word of their reasons, and the bad lines with one of theirs."""
    images = make_bad_images(shop)
    rows = [*shop.rows(GOOD), {**shop.rows(1)[0], "id": "dot", "image": "dot.png"}]
    Image.new("RGB", (1, 1)).save(shop.images / "dot.png")
    first = rows[0]
    rows += [{**first, "id": f"bad{i}", "image": name} for i, name in enumerate(images)]
    bad_rows = [
        ({**first, "id": ""}, "no id"),
        ({**first, "id": "p1", "title": "another p1"}, "taken"),
        ({**first, "id": "x" * 300}, "longer than"),
        ({**first, "id": "no title", "title": "", "image": ""}, "no title"),
        ({**first, "id": "no price", "price": "N/A"}, "N/A"),
    ]
    lines = {len(rows) + 2 + i: word for i, (_, word) in enumerate(bad_rows)}
    shop.write([*rows, *(row for row, _ in bad_rows)])
    with shop.feed.open("a", encoding="utf-8") as file:
        file.write("far,too,many,cells,for,so,few,columns\n")
    return images, {**lines, max(lines) + 1: "8 cells"}


@pytest.fixture
def bad(make_shop: MakeShop) -> tuple[SmallShop, dict[str, str], dict[int, str]]:
    shop = make_shop(GOOD)
    return shop, *write_bad_feed(shop)


def assert_nothing_to_do(report: IndexReport) -> None:
    assert (report.sync.new, report.sync.changed, report.sync.removed) == (0, 0, 0)
    assert (report.stale, report.counts.products) == (0, 0)


def test_every_bad_thing_has_its_reason_and_every_good_one_is_found(
    engine: Engine, bad: tuple[SmallShop, dict[str, str], dict[int, str]]
) -> None:
    shop, images, lines = bad
    report = engine.index(IndexRequest(shop.feed))
    reasons = {(r.where, r.product_id): r.reason for r in engine.rejections(k=1000)}
    for i, (name, word) in enumerate(images.items()):
        assert word.casefold() in reasons[name, f"bad{i}"].casefold(), name
    told = {where: reason for (where, _), reason in reasons.items()}
    for line, word in lines.items():
        assert word in told[f"line {line}"], (line, told)
    assert len(reasons) == len(images) + len(lines), "nothing else was refused"
    for i in range(GOOD):
        photo = engine.picture((shop.images / f"p{i}.png").read_bytes())
        assert engine.search(Query(picture=photo, k=1)).shown[0].product.product_id == f"p{i}"
    assert engine.product("dot").images[0].reason == "", "one pixel is a picture"
    for i in range(len(images)):
        assert engine.product(f"bad{i}").stage is Stage.INDEXED, "still found by its words"
    assert engine.product("no price").product.price is None
    assert report.counts.refused == len(images)


def test_the_counts_add_up_and_a_second_run_has_nothing_to_do(
    engine: Engine, bad: tuple[SmallShop, dict[str, str], dict[int, str]]
) -> None:
    shop, images, lines = bad
    rows = shop.feed.read_text("utf-8").count("\n") - 1
    report = engine.index(IndexRequest(shop.feed))
    dropped_fields = 1  # the price that is "N/A": its product is kept
    assert report.sync.new + report.sync.rejected - dropped_fields == rows
    assert report.counts.products == report.sync.new
    assert_nothing_to_do(engine.index(IndexRequest(shop.feed)))
    verified = engine.verify()
    assert verified.ok
    assert (verified.products, verified.pending) == (report.sync.new, 0)
    assert (verified.rejected_rows, verified.rejected_images) == (len(lines), len(images))
    assert verified.rows == report.sync.new, "one row each, with a picture or without"


def test_an_address_inside_is_refused_even_if_its_host_is_allowed(
    settings: Settings, make_shop: MakeShop
) -> None:
    shop = make_shop(1)
    shop.write([{**shop.rows(1)[0], "image": "http://127.0.0.1/secret.png"}])
    hosts = ImageSettings.model_validate({"allowed_hosts": ["*"], "attempts": 1})
    with Engine.open(settings.model_copy(update={"images": hosts})) as engine:
        engine.index(IndexRequest(shop.feed))
        (refused,) = engine.rejections()
    assert "not of the public internet" in refused.reason


def test_a_feed_cut_in_half_removes_nothing(engine: Engine, make_shop: MakeShop) -> None:
    shop = make_shop(20)
    request = IndexRequest(shop.feed)
    engine.index(request)
    whole = shop.feed.read_bytes()
    middle = whole.index(b"p10,") + 1
    for cut in (whole[:middle], whole[: middle + 20], whole[:60]):
        shop.feed.write_bytes(cut)
        assert engine.index(request).sync.removed == 0
        assert engine.status().products[Stage.INDEXED] == 20
        assert any("stay in the catalogue" in r.reason for r in engine.rejections()), "it is told"
    shop.feed.write_bytes(whole)
    assert_nothing_to_do(engine.index(request))
    assert engine.rejections() == []
    assert engine.verify().ok


def test_an_xml_feed_cut_in_half_removes_nothing(engine: Engine, tmp_path: Path) -> None:
    items = "".join(
        f"<item><g:id>i{i}</g:id><title>t</title><g:image_link>{i}.png</g:image_link></item>"
        for i in range(10)
    )
    head = '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>'
    feed = tmp_path / "feed.xml"
    feed.write_text(f"{head}{items}</channel></rss>", "utf-8")
    request = IndexRequest(feed)
    assert engine.index(request).sync.new == 10
    whole = feed.read_bytes()
    feed.write_bytes(whole[: len(whole) * 3 // 4])
    report = engine.index(request)
    assert (report.sync.removed, report.sync.new) == (0, 0)
    told = [r.reason for r in engine.rejections() if not r.product_id]
    assert len(told) == 2, "where it broke off, and that nothing was removed"
    feed.write_bytes(whole)
    assert_nothing_to_do(engine.index(request))


def test_an_image_that_another_host_may_give_is_asked_for_again(
    settings: Settings, make_shop: MakeShop
) -> None:
    shop = make_shop(1)
    shop.write([{**shop.rows(1)[0], "image": "https://cdn.example/a.png"}])
    request = IndexRequest(shop.feed)
    with Engine.open(settings) as engine:
        engine.index(request)
        assert_nothing_to_do(engine.index(request))
    hosts = ImageSettings.model_validate({"allowed_hosts": ["other.example"]})
    with Engine.open(settings.model_copy(update={"images": hosts})) as engine:
        assert engine.index(request).stale == 1, (
            "the reason names what is allowed, and that changed"
        )
        assert_nothing_to_do(engine.index(request))
