"""Paths stay below the folder of images, whatever a feed calls them."""

import hashlib
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoplens.errors import ImageError
from shoplens.images.fetch import Fetcher
from shoplens.images.source import ImageSource

if TYPE_CHECKING:
    from .conftest import Shop


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make a folder of images, with a secret beside it."""
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    folder = tmp_path / "img"
    (folder / "shoes").mkdir(parents=True)
    (folder / "shoes" / "a b%20c.jpg").write_bytes(b"picture")
    return folder


@pytest.fixture
def source(root: Path) -> ImageSource:
    return ImageSource(root, None, max_bytes=1000)


@pytest.mark.parametrize(
    "name", ["shoes/a b%20c.jpg", r"shoes\a b%20c.jpg", "./shoes//a b%20c.jpg"]
)
def test_a_path_below_the_root_is_read(name: str, source: ImageSource) -> None:
    file = source.read(name)
    assert file.data == b"picture"
    assert file.image_hash == hashlib.sha256(b"picture").hexdigest()
    assert file.stamp == source.stamp(name) != ""


def test_an_absolute_path_below_the_root_is_read(source: ImageSource, root: Path) -> None:
    assert source.read(str(root / "shoes" / "a b%20c.jpg")).data == b"picture"


def test_links_inside_the_root_are_followed(source: ImageSource, root: Path) -> None:
    (root / "link.jpg").symlink_to(root / "shoes" / "a b%20c.jpg")
    assert source.read("link.jpg").data == b"picture"


def test_a_root_that_is_a_link_is_a_root(root: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(root)
    assert ImageSource(tmp_path / "alias", None, 99).read("shoes/a b%20c.jpg").data == b"picture"


@pytest.mark.parametrize(
    "name",
    ["../secret.jpg", r"..\secret.jpg", "shoes/../../secret.jpg", "/etc/passwd", "way out", ".."],
)
def test_a_path_that_leads_out_is_refused(name: str, source: ImageSource, root: Path) -> None:
    (root / "way out").symlink_to(root.parent / "secret.jpg")
    with pytest.raises(ImageError, match="leads out of the folder of images"):
        source.read(name)
    assert source.stamp(name) == ""


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "not a path"),
        ("  ", "not a path"),
        ("a\0.jpg", "not a path"),
        ("file:///etc/passwd", "neither a path nor an http"),
        ("data:image/png;base64,iVBOR", "neither a path nor an http"),
        ("ftp://a.com/x.jpg", "neither a path nor an http"),
        ("s3://bucket/x.jpg", "neither a path nor an http"),
        ("nowhere.jpg", r"no such file: .*/img/nowhere\.jpg"),
        ("shoes/a b%20c.jpg/x", "no such file"),
        ("Shoes/A B%20C.JPG", "no such file"),
        ("shoes", "not a regular file but a folder"),
        (".", "not a regular file but a folder"),
        ("x" * 5000, "cannot be read|not a usable path"),
        ("\ud800.jpg", "cannot be read|not a usable path"),
    ],
)
def test_what_cannot_be_read_says_why(name: str, reason: str, source: ImageSource) -> None:
    with pytest.raises(ImageError, match=reason):
        source.read(name)


def test_a_missing_file_has_no_stamp(source: ImageSource) -> None:
    assert source.stamp("nowhere.jpg") == ""


def test_a_stamp_changes_with_the_file(source: ImageSource, root: Path) -> None:
    before = source.stamp("shoes/a b%20c.jpg")
    os.utime(root / "shoes" / "a b%20c.jpg", ns=(1, 1))
    assert source.stamp("shoes/a b%20c.jpg") != before


def test_pipes_devices_and_sockets_are_refused_at_once(
    source: ImageSource, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(root / "pipe.jpg")
    with pytest.raises(ImageError, match="not a regular file but a pipe"):
        source.read("pipe.jpg")
    with pytest.raises(ImageError, match="not a regular file but a device"):
        ImageSource(Path("/dev"), None, 1000).read("zero")
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(root)  # a socket's name is short
        listener.bind("s.jpg")
        with pytest.raises(ImageError, match="not a regular file but a socket"):
            source.read("s.jpg")


def test_a_loop_of_links_is_refused(source: ImageSource, root: Path) -> None:
    (root / "one").symlink_to(root / "two")
    (root / "two").symlink_to(root / "one")
    with pytest.raises(ImageError, match=r"not a usable path|cannot be read"):
        source.read("one")


def test_a_file_too_large_is_refused_unread(source: ImageSource, root: Path) -> None:
    with (root / "huge.jpg").open("wb") as file:
        file.truncate(50_000_000_000)
    with pytest.raises(ImageError, match=r"50,000,000,000 bytes; images\.max_bytes is 1,000"):
        source.read("huge.jpg")
    (root / "fits.jpg").write_bytes(bytes(1000))
    assert len(source.read("fits.jpg").data) == 1000


def test_without_a_root_a_path_says_what_to_give() -> None:
    with pytest.raises(ImageError, match="no folder of images was named"):
        ImageSource(None, None, 1000).read("a.jpg")


def test_urls_go_to_the_fetcher_and_have_no_stamp(
    shop: "Shop", make_fetcher: Callable[..., Fetcher], root: Path
) -> None:
    url = shop.says("/a.jpg", b"HTTP/1.0 200 OK\r\n\r\nremote")
    source = ImageSource(root, make_fetcher(), 1000)
    assert source.is_remote(url)
    assert source.is_remote("HTTPS://a.com/x")
    assert not source.is_remote("http.jpg")
    assert source.read(url).data == b"remote"
    assert source.read(url).stamp == source.stamp(url) == ""


def test_without_a_fetcher_urls_are_refused(source: ImageSource) -> None:
    with pytest.raises(ImageError, match="not downloaded here"):
        source.read("https://a.com/x.jpg")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.sampled_from(["..", ".", "/", "\\", "shoes", "secret.jpg", "~", "img"])))
def test_no_way_of_writing_a_path_reaches_the_secret(parts: list[str], source: ImageSource) -> None:
    for name in ("/".join(parts), "\\".join(parts), "".join(parts)):
        with pytest.raises(ImageError):
            source.read(name)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=40))
def test_any_text_is_refused_politely(name: str, source: ImageSource) -> None:
    assert source.stamp(name) == "" or name.strip("./\\ ") == ""
    with pytest.raises(ImageError):
        source.read(name)
