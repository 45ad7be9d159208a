"""A picture tower whose rows are made shorter: less memory, and a measured loss."""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
from jaxtyping import Float32

from shoplens.encode.base import CellMap, ColourApart, Mapper, PictureTower, Prepared
from shoplens.encode.combined.projection import NOTHING, Projection
from shoplens.errors import MismatchError
from shoplens.types import Embedding, Embeddings, Pixels

VERSION = "1"
"""Another number whenever a row changes; part of the fingerprint."""


class ShrunkPictures:
    """Rows of ``base`` along fewer directions; ``Derived``: it needs no picture, only rows."""

    def __init__(self, base: PictureTower, projection: Projection) -> None:
        """Put the projection behind the tower that it was made for.

        Raises:
            MismatchError: it was made for another tower.
        """
        told = (projection.made_for, projection.base_dim)
        if told != (base.fingerprint, base.dim):
            raise MismatchError(
                f"this projection is for rows of {told[0]}, of {told[1]} numbers; these are of "
                f"{base.fingerprint}, of {base.dim}: shrink the model anew"
            )
        self._base = base
        self._projection = projection
        self.derives_from = base.fingerprint
        self.dim = projection.dim
        self.size_px = base.size_px
        content = sha256(np.ascontiguousarray(projection.directions, "<f4").tobytes()).hexdigest()
        named = f"shrunk {VERSION} {content} {self.dim} behind {base.fingerprint}"
        self.fingerprint = sha256(named.encode()).hexdigest()[:16]

    def prepare(self, picture: Pixels) -> Prepared:
        """Do what the base does."""
        return self._base.prepare(picture)

    def encode(self, prepared: Sequence[Prepared]) -> Embeddings:
        """Encode with the base, then shrink."""
        return self.derive(self._base.encode(prepared))

    def derive(self, embeddings: Embeddings) -> Float32[np.ndarray, "n e"]:
        """Shrink the base's rows of the same pictures (MismatchError for rows of another)."""
        return self._projection.shrink(embeddings)


class ShrunkApart(ShrunkPictures):
    """The same behind a base that leaves colours out; here they are left out nearly.

    What was lost of a row cannot be looked at: colours are taken out of what is left of it.
    """

    def __init__(self, base: PictureTower, projection: Projection) -> None:
        super().__init__(base, projection)
        if not isinstance(base, ColourApart):
            raise MismatchError("this encoder cannot leave colours out")
        self._apart: ColourApart = base

    def without_colour(self, embedding: Embedding) -> Embedding:
        """Leave colour out of what is left of the base's row, and shrink that."""
        base = self._projection.guess(embedding[None])[0]
        return self.derive(self._apart.without_colour(base)[None])[0]


class ShrunkMaps(ShrunkApart):
    """The same behind a base that also gives maps, as the bundled ones do."""

    def __init__(self, base: PictureTower, projection: Projection) -> None:
        super().__init__(base, projection)
        if not isinstance(base, Mapper):
            raise MismatchError("this encoder gives no maps")
        self._maps: Mapper = base
        self.map_range = base.map_range

    def map(self, prepared: Prepared) -> CellMap:
        """Shrink each cell by what makes the picture's own row one of unit length."""
        cells = self._maps.map(prepared)
        rows, columns = cells.shape[:2]
        flat = self._projection.seen(cells.reshape(rows * columns, -1).astype(np.float32))
        length = max(float(np.linalg.norm(flat.mean(axis=0))), NOTHING)
        return (flat / np.float32(length)).reshape(rows, columns, self.dim)


def shrunk(base: PictureTower, projection: Projection) -> ShrunkPictures:
    """Put a projection behind a tower, which keeps what else it can do."""
    if not isinstance(base, ColourApart):
        return ShrunkPictures(base, projection)
    return (ShrunkMaps if isinstance(base, Mapper) else ShrunkApart)(base, projection)
