"""What a feed calls an image, a path or a URL, becomes the bytes of a file."""

import errno
import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from shoplens.errors import ImageError
from shoplens.images.fetch import Fetcher

_REMOTE = re.compile(r"https?://", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"(data|file|blob|javascript):|[a-z][a-z0-9+.-]+://", re.IGNORECASE)
# Without O_NONBLOCK the opening of a FIFO waits for a writer; not every system has these.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A file's bytes, their SHA-256 in hex, and the stamp that tells whether it has changed."""

    data: bytes
    image_hash: str
    stamp: str


class ImageSource:
    """Reads images below ``root`` and from the hosts that ``fetcher`` may ask; nothing else."""

    def __init__(self, root: Path | None, fetcher: Fetcher | None, max_bytes: int) -> None:
        self._root = root.resolve() if root else None
        self._fetcher = fetcher
        self._max_bytes = max_bytes

    @staticmethod
    def is_remote(source: str) -> bool:
        """Tell URLs from paths."""
        return _REMOTE.match(source) is not None

    def read(self, source: str) -> ImageFile:
        """Read or download an image.

        Raises:
            ImageError: it is not there, not allowed, not a file, or too large.
        """
        if not self.is_remote(source):
            data, stamp = self._read_local(self._path(source))
        elif self._fetcher is None:
            raise ImageError(f"images are not downloaded here, only read from files: {source}")
        else:
            data, stamp = self._fetcher.fetch(source), ""
        return ImageFile(data, hashlib.sha256(data).hexdigest(), stamp)

    def stamp(self, source: str) -> str:
        """Tell cheaply whether a local file is still the one read: its size and time of change.

        Empty for a URL and for a file that is missing or may not be read.
        """
        if self.is_remote(source):
            return ""
        try:
            return _stamp(self._path(source).stat())
        except (ImageError, OSError):
            return ""

    def _path(self, source: str) -> Path:
        """Find a file at or below the root, links followed; no other path ever comes back."""
        if not source.strip() or "\0" in source:
            raise ImageError(f"not a path: {source!r}")
        if _OTHER_SCHEME.match(source):
            raise ImageError(f"neither a path nor an http(s) URL: {source[:80]!r}")
        if self._root is None:
            raise ImageError(
                f"{source!r} is a local path, and no folder of images was named (--images FOLDER)"
            )
        try:
            path = (self._root / source.replace("\\", "/")).resolve()
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links; lone surrogates
            raise ImageError(f"not a usable path: {source!r} ({error})") from error
        if not path.is_relative_to(self._root):
            raise ImageError(f"{source!r} leads out of the folder of images, {self._root}")
        return path

    def _read_local(self, path: Path) -> tuple[bytes, str]:
        try:
            opened = os.open(path, _FLAGS)
        except (OSError, ValueError) as error:
            raise ImageError(_reason(error, path)) from error
        try:
            # Judged by the open file, not by its name, which may mean another file by now.
            status = os.fstat(opened)
            if not stat.S_ISREG(status.st_mode):
                raise ImageError(f"not a regular file but {_kind(status.st_mode)}: {path}")
            if status.st_size > self._max_bytes:
                raise self._too_large(f"{status.st_size:,}", path)
            with os.fdopen(opened, "rb", closefd=False) as file:
                data = file.read(self._max_bytes + 1)  # it may have grown meanwhile
        except OSError as error:
            raise ImageError(_reason(error, path)) from error
        finally:
            os.close(opened)
        if len(data) > self._max_bytes:
            raise self._too_large(f"more than {self._max_bytes:,}", path)
        return data, _stamp(status)

    def _too_large(self, said: str, path: Path) -> ImageError:
        return ImageError(
            f"the image is too large: {said} bytes; images.max_bytes is {self._max_bytes:,}: {path}"
        )


def _stamp(status: os.stat_result) -> str:
    return f"{status.st_size}-{status.st_mtime_ns}"


def _reason(error: OSError | ValueError, path: Path) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return f"no such file: {path}"
    if isinstance(error, OSError) and error.errno == errno.ENXIO:
        return f"not a regular file but a socket: {path}"
    said = error.strerror if isinstance(error, OSError) else str(error)
    return f"the file cannot be read ({said}): {path}"


def _kind(mode: int) -> str:
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFCHR: "a device"}
    return kinds.get(stat.S_IFMT(mode), "something else")
