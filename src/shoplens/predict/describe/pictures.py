"""An image becomes what is sent: drawn anew and small, nothing of its file but the pixels."""

import io
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from shoplens.errors import ImageError
from shoplens.images.decode import decode
from shoplens.images.source import ImageSource
from shoplens.predict.describe.wanted import Wanted

QUALITY = 88
LEAST_PX = 32
"""Models that look in squares of 28 pixels refuse less."""

Jpeg = tuple[bytes, tuple[int, int]]
"""A JPEG file and its (width, height)."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Reads products' images from where their feeds have them; may be called from any thread."""

    source_of: Callable[[str], ImageSource]
    size_px: int
    max_pixels: int

    def of(self, wanted: Wanted) -> Jpeg:
        """Give a product's picture as it is sent.

        Raises:
            ImageError: it cannot be read, or is not the one that was indexed.
        """
        source = wanted.image.source
        file = self.source_of(wanted.stored.feed).read(source)
        if file.image_hash != wanted.image.image_hash:
            raise ImageError(f"changed since it was indexed; run 'shoplens index': {source}")
        return jpeg_of(file.data, self.size_px, self.max_pixels)


def jpeg_of(data: bytes, size_px: int, max_pixels: int) -> Jpeg:
    """Draw a picture whose longest side is at most ``size_px``, on white where it is too narrow.

    Raises:
        ImageError: it is no usable picture.
    """
    picture = Image.fromarray(decode(data, min_side_px=size_px, max_pixels=max_pixels))
    picture.thumbnail((size_px, size_px), Image.Resampling.LANCZOS)
    size = max(picture.width, LEAST_PX), max(picture.height, LEAST_PX)
    if size != picture.size:
        padded = Image.new("RGB", size, (255, 255, 255))
        padded.paste(picture)
        picture = padded
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue(), size
