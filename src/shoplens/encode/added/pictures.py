"""The pictures' tower of an added model."""

import hashlib
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from math import isqrt
from threading import BoundedSemaphore

import numpy as np
from jaxtyping import UInt8

from shoplens.encode.added.manifest import AGAIN, Manifest
from shoplens.encode.added.resizing import square
from shoplens.encode.base import Prepared
from shoplens.encode.runtime.batching import Runs
from shoplens.encode.runtime.session import REFUSALS
from shoplens.errors import MismatchError
from shoplens.types import Embeddings, Pixels

PREPARATION = "1"
"""Another number whenever ``resizing`` gives other pixels; part of the fingerprint."""
COPIES = 100
"""Memory that one picture takes while it is looked at, in copies of itself as float32.

Measured of vision transformers as exported: B/32 at 224 px 7, B/16 35, L/14 58, so400m/14 at
384 px 90. Their files say nothing of it, and too careful is the right side."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many pictures may be in a network together, and in how many batches at once (0: any)."""

    batch: int
    at_once: int = 0

    @classmethod
    def under(cls, room_bytes: float, batch: int, size_px: int) -> "Share":
        """Divide the memory that a network's weights leave over; at least one picture fits.

        As many batches as pictures in one: one large batch would leave cores without work.
        """
        pictures = max(1, int(room_bytes // bytes_of(size_px)))
        together = min(batch, isqrt(pictures))
        return cls(together, pictures // together)


def bytes_of(size_px: int) -> int:
    """Estimate what one picture takes while a network looks at it."""
    return COPIES * 3 * 4 * size_px**2


class AddedPictures:
    """A picture tower; it has no map and knows no colours by themselves.

    ``size_px`` is how large a picture should come to ``prepare``: what is cut off at the edges is
    part of it. ``provider`` tells what runs the network.
    """

    def __init__(self, manifest: Manifest, network: Runs, share: Share, provider: str) -> None:
        picture, resize = manifest.picture, manifest.picture.resize
        self._name = manifest.name
        self.provider = provider
        self._network = network
        self._resize = resize
        self.batch = share.batch
        self._turn = BoundedSemaphore(share.at_once) if share.at_once else nullcontext()
        self.dim = manifest.dim
        self.size_px = max(resize.size_px, resize.short_px)
        hashes = [entry.sha256 for entry in manifest.files if entry.name.startswith(picture.file)]
        named = f"{sorted(hashes)} {PREPARATION} {resize.told} {manifest.dim}"
        self.fingerprint = hashlib.sha256(named.encode()).hexdigest()[:16]

    def prepare(self, picture: Pixels) -> Prepared:
        """Resize and crop as the model's own library does."""
        return Prepared(square(picture, self._resize), np.empty(0, np.float32))

    def encode(self, prepared: Sequence[Prepared]) -> Embeddings:
        """Run the network on as many at once as it may have.

        Raises:
            MismatchError: it cannot even compute one: memory ran out, or a device went away.
        """
        rows = np.empty((len(prepared), self.dim), np.float32)
        for start in range(0, len(prepared), self.batch):
            together = prepared[start : start + self.batch]
            pixels = np.stack([ready.pixels for ready in together])
            with self._turn:
                rows[start : start + len(together)] = self._run(pixels)
        return rows

    def _run(self, pixels: UInt8[np.ndarray, "n s s 3"]) -> Embeddings:
        """Run them together, or, if that is too much for a device's memory, by halves."""
        try:
            return self._network.run("embedding", {"pixels": pixels}).astype(np.float32, copy=False)
        except (*REFUSALS, MemoryError) as error:
            if len(pixels) == 1:
                raise MismatchError(
                    f"model {self._name!r} cannot compute a picture any more ({error}); if memory "
                    f"is short, take a smaller model or other inference.providers, else {AGAIN}"
                ) from error
        half = len(pixels) // 2
        return np.concatenate([self._run(pixels[:half]), self._run(pixels[half:])])
