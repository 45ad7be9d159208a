"""Small WebP copies for the page, named by the hash of the file they show."""

import io
import os
import re
import tempfile
from pathlib import Path

from PIL import Image

from shoplens.errors import ImageError, StorageError
from shoplens.types import Pixels

_HASH = re.compile(r"[0-9a-f]{64}")
_QUALITY = 80
_METHOD = 2


class Thumbnails:
    """A folder of thumbnails, two levels deep: ``ab/abcd….webp``.

    They can always be made again, so nothing here is forced to disk; a file that a power cut
    left empty counts as missing.
    """

    def __init__(self, folder: Path, size_px: int) -> None:
        self._folder = folder
        self._size_px = size_px

    def put(self, image_hash: str, picture: Pixels) -> Path:
        """Make the thumbnail of ``picture``, its longest side at most ``size_px``, if not there.

        Raises:
            StorageError: the disk refused it; no half-written file stays behind.
        """
        file = self._file(image_hash)
        if file is None:
            raise ImageError(f"not an image hash: {image_hash[:80]!r}; wanted 64 hex digits")
        if not _is_there(file):
            small = Image.fromarray(picture)
            small.thumbnail((self._size_px, self._size_px), Image.Resampling.BICUBIC)
            out = io.BytesIO()
            small.save(out, "WEBP", quality=_QUALITY, method=_METHOD)
            _write(file, out.getbuffer())
        return file

    def path(self, image_hash: str) -> Path | None:
        """Find a thumbnail that was made before; any text is safe to ask for."""
        file = self._file(image_hash)
        return file if file and _is_there(file) else None

    def _file(self, image_hash: str) -> Path | None:
        if not _HASH.fullmatch(image_hash):
            return None
        return self._folder / image_hash[:2] / f"{image_hash}.webp"


def _is_there(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except OSError:
        return False


def _write(file: Path, data: memoryview) -> None:
    """Write beside it under another name, then rename: readers see all of it or nothing."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(data)
            Path(beside).chmod(0o644)
            Path(beside).replace(file)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageError(f"the thumbnail {file} cannot be written: {error.strerror}") from error
