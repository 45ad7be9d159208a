"""Image files that came over HTTP are kept by content, as a feed's folder would keep them."""

import hashlib
import uuid
from collections.abc import Sequence
from pathlib import Path

from shoplens.catalogue.products import Stored
from shoplens.errors import ImageError, StorageError
from shoplens.ingest.feeds import ImagePlaces
from shoplens.types import Product


class Uploads:
    """The folder of image files that did not come from a feed's folder or from a URL."""

    def __init__(self, folder: Path, places: ImagePlaces) -> None:
        self._folder = folder
        self._places = places

    def images_of(
        self, product: Product, before: Stored | None, uploads: Sequence[bytes]
    ) -> tuple[str, ...]:
        """Name the images of a product from the network; ``uploads`` come last.

        A local path is accepted only if the product has it already: then the file is copied, so
        that the product no longer needs its feed's folder.

        Raises:
            ImageError: an image is a path on this machine that the product did not have.
            StorageError: the disk refuses an upload.
        """
        known = set(before.product.images) if before else set[str]()
        names = [self._accept(name, before if name in known else None) for name in product.images]
        return (*names, *(self.keep(data) for data in uploads))

    def keep(self, data: bytes) -> str:
        """Write ``data`` down once, and name it."""
        name = hashlib.sha256(data).hexdigest()
        path = self._folder / name[:2] / name
        part = path.with_name(f"{name}.{uuid.uuid4().hex}.part")
        if not path.exists():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                part.write_bytes(data)
                part.replace(path)
            except OSError as error:
                part.unlink(missing_ok=True)
                raise StorageError(f"an uploaded image cannot be kept: {error}") from error
        return f"{name[:2]}/{name}"

    def _accept(self, name: str, before: Stored | None) -> str:
        source = self._places.source_of(before.feed if before else "")
        if source.is_remote(name):
            return name
        if before is None:
            raise ImageError(
                f"{name!r} is a path; over HTTP an image is a URL, or sent along as a file"
            )
        return self.keep(source.read(name).data)
