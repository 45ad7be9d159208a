"""Thumbnails are small, complete, and named by a hash and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoplens.errors import ImageError, StorageError
from shoplens.images.thumbnails import Thumbnails
from shoplens.types import Pixels

HASH = "ab" + "0123456789" * 6 + "cd"


@pytest.fixture
def noisy() -> Pixels:
    """A picture that does not compress."""
    return np.random.default_rng(7).integers(0, 256, (600, 400, 3), np.uint8)


def test_a_thumbnail_is_a_small_webp_named_by_hash(tmp_path: Path, noisy: Pixels) -> None:
    thumbnails = Thumbnails(tmp_path / "made" / "when needed", 128)
    assert thumbnails.path(HASH) is None
    file = thumbnails.put(HASH, noisy)
    assert file == tmp_path / "made" / "when needed" / "ab" / f"{HASH}.webp"
    assert thumbnails.path(HASH) == file
    with Image.open(file) as picture:
        assert (picture.format, picture.size) == ("WEBP", (85, 128))
        assert not picture.getexif()


def test_a_thumbnail_shows_its_picture(tmp_path: Path, gradient: Image.Image) -> None:
    file = Thumbnails(tmp_path, 160).put(HASH, np.asarray(gradient))
    with Image.open(file) as picture:
        shown = np.asarray(picture.convert("RGB"), int)
    wanted = np.asarray(gradient.resize((160, 120)), int)
    assert np.abs(shown - wanted).mean() < 4


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    file = Thumbnails(tmp_path, 320).put(HASH, np.zeros((9, 7, 3), np.uint8))
    with Image.open(file) as picture:
        assert picture.size == (7, 9)


def test_a_very_long_picture_has_a_thumbnail(tmp_path: Path) -> None:
    file = Thumbnails(tmp_path, 320).put(HASH, np.zeros((60_000, 1, 3), np.uint8))
    with Image.open(file) as picture:
        assert picture.size == (1, 320)


def test_what_is_there_is_not_made_again(tmp_path: Path, noisy: Pixels) -> None:
    thumbnails = Thumbnails(tmp_path, 64)
    file = thumbnails.put(HASH, noisy)
    os.utime(file, ns=(1, 1))
    assert thumbnails.put(HASH, np.zeros_like(noisy)) == file
    assert file.stat().st_mtime_ns == 1


def test_an_empty_file_counts_as_missing(tmp_path: Path, noisy: Pixels) -> None:
    thumbnails = Thumbnails(tmp_path, 64)
    file = thumbnails.put(HASH, noisy)
    file.write_bytes(b"")
    assert thumbnails.path(HASH) is None
    assert thumbnails.put(HASH, noisy).stat().st_size > 100


@pytest.mark.parametrize(
    "name", ["", "ab", "../../etc/passwd", HASH.upper(), HASH + "\n", "é" * 64]
)
def test_what_is_no_hash_reaches_no_file(name: str, tmp_path: Path, noisy: Pixels) -> None:
    thumbnails = Thumbnails(tmp_path, 64)
    assert thumbnails.path(name) is None
    with pytest.raises(ImageError, match="64 hex digits"):
        thumbnails.put(name, noisy)


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from shoplens.errors import StorageError
from shoplens.images.thumbnails import Thumbnails

folder, name = Path(sys.argv[1]), sys.argv[2]
noisy = np.random.default_rng(7).integers(0, 256, (600, 400, 3), np.uint8)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
try:
    Thumbnails(folder, 320).put(name, noisy)
except StorageError as error:
    print(error)
"""


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(tmp_path: Path) -> None:
    """In a child: the limit on file sizes would hit the test runner's own output too."""
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path), HASH]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert f"{HASH}.webp cannot be written: File too large" in told
    assert Thumbnails(tmp_path, 320).path(HASH) is None
    assert not list((tmp_path / "ab").iterdir())


def test_a_folder_that_is_a_file_is_one_clear_error(tmp_path: Path, noisy: Pixels) -> None:
    (tmp_path / "ab").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be written"):
        Thumbnails(tmp_path, 64).put(HASH, noisy)
