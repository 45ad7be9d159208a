"""Pictures to look at: a visitor's photo decoded, a product's thumbnail found or made."""

import math
from dataclasses import dataclass
from pathlib import Path

from shoplens.catalogue.images import Images
from shoplens.config import ImageSettings
from shoplens.encode.base import Encoder
from shoplens.errors import ImageError, NotFoundError
from shoplens.images.decode import decode
from shoplens.images.thumbnails import Thumbnails
from shoplens.ingest.feeds import ImagePlaces
from shoplens.regions.box import Box, cut
from shoplens.types import Pixels


@dataclass(frozen=True, slots=True)
class Pictures:
    """Decodes what comes in and finds what goes out."""

    encoder: Encoder
    images: Images
    places: ImagePlaces
    thumbnails: Thumbnails
    settings: ImageSettings

    def look(self, data: bytes, box: Box | None = None) -> Pixels:
        """Decode the photo of a query, or what a box in it holds; ImageError if it cannot be."""
        side = math.ceil(2 * self.encoder.picture.size_px / (box.shorter if box else 1))
        picture = decode(
            data, min_side_px=side, max_pixels=self.settings.max_pixels, for_eyes=False
        )
        # a copy, or a small thing would keep the whole of a large photo in memory
        return cut(picture, box).copy() if box else picture

    def thumbnail(self, image_hash: str) -> Path:
        """Give the file of a thumbnail, made now if it was never looked at (NotFoundError)."""
        path = self.thumbnails.path(image_hash)
        if path:
            return path
        feed, record = self.images.origin(image_hash)
        try:
            file = self.places.source_of(feed).read(record.source)
            if file.image_hash != image_hash:
                raise NotFoundError(f"{record.source} has changed since it was indexed")
            side, limit = self.settings.thumbnail_px, self.settings.max_pixels
            picture = decode(file.data, min_side_px=side, max_pixels=limit)
        except ImageError as error:
            raise NotFoundError(f"{record.source} cannot be shown: {error}") from error
        return self.thumbnails.put(image_hash, picture)
