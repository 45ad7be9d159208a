"""A product's picture, warm where it agrees with what was asked.

A tower's map has one embedding a cell, and their mean is the picture's: so ``cell @ query`` is what
the cell's place gave to the likeness. Heat is on one scale for all products, the tower's own, and
not stretched to the hottest place: a product that hardly matches stays cold.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from shoplens.answer.reasons.heat import warmed
from shoplens.answer.reasons.refs import PhotoRef, ProductRef, Ref, WordsRef, read_ref, write_ref
from shoplens.answer.recent import RecentPictures
from shoplens.encode.base import Encoder, Mapper
from shoplens.encode.crops import encode_query
from shoplens.errors import NotFoundError
from shoplens.images.decode import decode
from shoplens.regions.box import Box
from shoplens.store.base import Store
from shoplens.types import Embedding, Embeddings, Pixels

WORDS_SHARE = 0.4
"""Words lie further from pictures than pictures do: a caption's cosine in CLIP is near 0.3, where
two pictures of one thing have 0.8 (Radford et al., 2021). So their scale is shorter."""


@dataclass(frozen=True, slots=True)
class SimilarityMaps:
    """Draws maps for an encoder that has them; holds nothing that changes.

    ``look`` decodes a query picture and cuts out a box; ``thumbnail`` gives the file of an image's
    thumbnail; ``crops`` says whether query pictures are asked with as several crops.
    """

    encoder: Encoder
    store: Store
    recent: RecentPictures
    look: Callable[[bytes, Box | None], Pixels]
    thumbnail: Callable[[str], Path]
    crops: bool

    def path(self, ref: Ref | None, image_hash: str) -> str:
        """Give the path of a map's address; empty where there is none to be had."""
        if ref is None or not image_hash or not isinstance(self.encoder.picture, Mapper):
            return ""
        if isinstance(ref, WordsRef) and self.encoder.asks is None:
            return ""
        return f"/v1/maps/{write_ref(ref)}/{image_hash}.webp"

    def draw(self, ref: str, image_hash: str) -> bytes:
        """Draw one map: a WebP of the thumbnail's size.

        Raises:
            NotFoundError: the query picture is no longer remembered, there is no such product or
                image, ``ref`` means nothing, or the encoder has no maps.
            QueryError: the box in ``ref`` is none.
        """
        tower = self.encoder.picture
        if not isinstance(tower, Mapper):
            raise NotFoundError(f"encoder {self.encoder.name!r} has no maps; lite2 and lite0 do")
        asked = read_ref(ref)
        queries = self._embeddings(asked)
        picture = decode(self.thumbnail(image_hash).read_bytes())
        cells = tower.map(tower.prepare(picture))
        scores = queries @ cells.mean(axis=(0, 1))  # (q,)
        share = WORDS_SHARE if isinstance(asked, WordsRef) else 1.0
        low, high = (share * edge for edge in tower.map_range)
        return warmed(picture, (cells @ queries[scores.argmax()] - low) / (high - low))

    def _embeddings(self, asked: Ref) -> Embeddings:
        """Give what was asked with; a product asks by each of its pictures, and the best counts."""
        match asked:
            case PhotoRef(query_image_id, box):
                tower = self.encoder.picture
                return self.recent.embedding(
                    query_image_id, box, self._encode, fingerprint=tower.fingerprint
                )[None]
            case ProductRef(product_id):
                found = [embedding for _, embedding in self.store.pictures(product_id)]
                if not found:
                    raise NotFoundError(f"no product {product_id!r} with a picture is searchable")
                return np.stack(found)
            case WordsRef(text):
                if self.encoder.asks is None:
                    raise NotFoundError(f"encoder {self.encoder.name!r} has no maps of words")
                return self.encoder.asks.ask([text], self.encoder.text.encode([text]))

    def _encode(self, data: bytes, box: Box | None) -> Embedding:
        return encode_query(self.encoder.picture, self.look(data, box), multi=self.crops)
