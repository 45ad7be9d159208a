"""The picture of an example is opened: from its file, or from what was kept of a URL."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from shoplens.errors import ImageError
from shoplens.images.decode import decode
from shoplens.images.source import ImageSource
from shoplens.images.thumbnails import Thumbnails
from shoplens.indexing.workbench import Progress
from shoplens.learn.examples.gather import Example, Examples, without
from shoplens.types import Pixels, Rejection


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens pictures, from any thread; never asks the network.

    ``source_of`` gives the place where a feed's images are. A picture comes reduced where its
    shorter side stays at least ``min_side_px``. ``max_bytes`` and ``max_pixels`` are the largest
    that is read, as for indexing.
    """

    source_of: Callable[[str], ImageSource]
    thumbnails: Thumbnails
    min_side_px: int
    max_bytes: int
    max_pixels: int

    def open(self, example: Example) -> Pixels:
        """Decode the picture.

        Raises:
            ImageError: it is gone, changed, damaged or too large.
        """
        return decode(
            self._bytes(example),
            min_side_px=self.min_side_px,
            max_pixels=self.max_pixels,
            for_eyes=False,
        )

    def _bytes(self, example: Example) -> bytes:
        if ImageSource.is_remote(example.source):
            return self._kept(example)
        path = Path(example.source)
        if example.feed:
            file = self.source_of(example.feed).read(example.source)
        else:
            file = ImageSource(path.parent, None, self.max_bytes).read(path.name)
        if file.image_hash != example.image_hash:
            raise ImageError(
                f"{example.source} has changed since it was "
                f"{'indexed; index its feed again' if example.feed else 'read; start again'}"
            )
        return file.data

    def _kept(self, example: Example) -> bytes:
        path = self.thumbnails.path(example.image_hash)
        if path is None:
            raise ImageError(
                f"nothing was kept of {example.source}; index its feed with --rebuild to fetch it"
            )
        try:
            return path.read_bytes()
        except OSError as error:
            raise ImageError(f"{path} cannot be read: {error.strerror}") from error


def readable(examples: Examples, opener: Opener, pool: Executor, progress: Progress) -> Examples:
    """Open every picture once; those that cannot be opened are left out, and say why.

    Files that are cut off or damaged are found here, not in the middle of training.
    """
    refused: dict[int, Rejection] = {}
    found = pool.map(partial(_reason, opener), examples.all)
    for place, (example, reason) in enumerate(zip(examples.all, found, strict=True)):
        if reason:
            refused[place] = Rejection(example.source, reason, example.product_id)
        progress("open", place + 1, len(examples.all))
    return without(examples, refused.keys(), refused.values()) if refused else examples


def _reason(opener: Opener, example: Example) -> str:
    try:
        opener.open(example)
    except ImageError as error:
        return str(error)
    return ""
