import hashlib
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoplens.errors import ImageError
from shoplens.images.source import ImageSource
from shoplens.images.thumbnails import Thumbnails
from shoplens.indexing.workbench import silent
from shoplens.learn.examples.gather import Example, Examples
from shoplens.learn.examples.opening import Opener, readable

URL = "https://shop.example/a.jpg"


def jpeg(width: int, height: int, seed: int = 0) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG")
    return out.getvalue()


def picture_of(data: bytes, source: str, feed: str = "feed", of: str = "a") -> Example:
    image_hash = hashlib.sha256(data).hexdigest()
    return Example(image_hash, of, of, of, "gallery" if feed else "photo", source, feed)


Write = Callable[[str, bytes], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(name: str, data: bytes) -> str:
        (tmp_path / name).write_bytes(data)
        return str(tmp_path / name)

    return write


@pytest.fixture
def opener(tmp_path: Path) -> Opener:
    def source_of(feed: str) -> ImageSource:
        return ImageSource({"feed": tmp_path}[feed], None, 1_000_000)

    thumbnails = Thumbnails(tmp_path / "thumbnails", 320)
    return Opener(source_of, thumbnails, min_side_px=100, max_bytes=1_000_000, max_pixels=1_000_000)


def test_a_picture_of_a_feed_and_a_labelled_photo_are_opened(opener: Opener, write: Write) -> None:
    data = jpeg(120, 100)
    path = write("a.jpg", data)
    for example in (picture_of(data, "a.jpg"), picture_of(data, path, feed="")):
        assert opener.open(example).shape == (100, 120, 3)


def test_a_large_picture_comes_no_larger_than_needed(opener: Opener, write: Write) -> None:
    data = jpeg(800, 600)
    write("a.jpg", data)
    height, width = opener.open(picture_of(data, "a.jpg")).shape[:2]
    assert 100 <= min(height, width) < 200


def test_a_url_is_opened_from_what_was_kept_of_it(opener: Opener) -> None:
    example = picture_of(b"what the network had", URL)
    with pytest.raises(ImageError, match=f"nothing was kept of {URL}; index its feed"):
        opener.open(example)
    opener.thumbnails.put(example.image_hash, np.zeros((50, 70, 3), np.uint8))
    assert opener.open(example).shape == (50, 70, 3)


def test_a_file_that_is_another_by_now_is_refused(opener: Opener, write: Write) -> None:
    example = picture_of(jpeg(9, 9), "a.jpg")
    photo = picture_of(jpeg(9, 9), write("a.jpg", jpeg(9, 9, seed=1)), feed="")
    with pytest.raises(
        ImageError, match=r"a\.jpg has changed since it was indexed; index its feed"
    ):
        opener.open(example)
    with pytest.raises(ImageError, match="has changed since it was read; start again"):
        opener.open(photo)


def test_damaged_pictures_are_found_before_they_are_needed(opener: Opener, write: Write) -> None:
    good, whole = jpeg(50, 50), jpeg(60, 60, seed=1)
    cut, noise = whole[: len(whole) // 2], b"no picture at all"
    write("good.jpg", good)
    write("cut.jpg", cut)
    write("noise.jpg", noise)
    examples = Examples(
        (
            picture_of(cut, "cut.jpg", of="a"),
            picture_of(good, "good.jpg", of="b"),
            picture_of(noise, "noise.jpg", of="c"),
            picture_of(b"", "gone.jpg", of="d"),
        ),
        products={"a": 0, "b": 1, "c": 2, "d": 3},
    )
    told: list[tuple[str, int, int]] = []

    def progress(step: str, done: int, total: int) -> None:
        told.append((step, done, total))

    with ThreadPoolExecutor(2) as pool:
        left = readable(examples, opener, pool, progress)
    assert [example.product_id for example in left.all] == ["b"]
    assert left.products == {"b": 0}
    assert [(one.where, one.product_id) for one in left.refused] == [
        ("cut.jpg", "a"), ("noise.jpg", "c"), ("gone.jpg", "d"),
    ]  # fmt: skip
    assert "the file ends early" in left.refused[0].reason
    assert told == [("open", i, 4) for i in (1, 2, 3, 4)]


def test_good_pictures_are_all_kept(opener: Opener, write: Write) -> None:
    data = jpeg(50, 50)
    write("a.jpg", data)
    examples = Examples((picture_of(data, "a.jpg"),), products={"a": 0})
    with ThreadPoolExecutor(1) as pool:
        assert readable(examples, opener, pool, silent) is examples
