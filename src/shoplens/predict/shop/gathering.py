"""The products of a shop become rows, from embeddings that are kept: no picture is opened."""

from dataclasses import dataclass

import numpy as np

from shoplens.catalogue.catalogue import Catalogue
from shoplens.catalogue.images import ImageRecord
from shoplens.catalogue.products import Stored
from shoplens.errors import NotFoundError
from shoplens.types import Embedding, Embeddings, Product, Stage

WALKED = 1000


@dataclass(frozen=True, slots=True)
class Gathered:
    """Products with a row each, and one picture of each to show; ``without`` have no embedding."""

    stored: tuple[Stored, ...]
    embeddings: Embeddings
    pictures: tuple[ImageRecord, ...]
    without: int

    @property
    def products(self) -> list[Product]:
        """The products alone."""
        return [one.product for one in self.stored]

    @property
    def groups(self) -> list[str]:
        """The group of each product; one that has none is a group by itself."""
        return [one.product.group_id or one.product.product_id for one in self.stored]


def gather(catalogue: Catalogue, fingerprint: str) -> Gathered:
    """Read every product that has a usable image, as the tower ``fingerprint`` saw it.

    The first usable image speaks for its product. The mean over all images told no more: category
    0.738 against 0.741, colour 0.821 against 0.837 (Magento's sample shop, 260 products).

    Raises:
        NotFoundError: there is none.
    """
    stored: list[Stored] = []
    rows: list[Embedding] = []
    pictures: list[ImageRecord] = []
    after = without = 0
    while page := catalogue.products.walk(after=after, k=WALKED):
        after = page[-1].number
        here = [one for one in page if one.stage is not Stage.REMOVED]
        images = catalogue.images.of([one.number for one in here])
        usable = {number: [i for i in some if not i.reason] for number, some in images.items()}
        hashes = {i.image_hash for some in usable.values() for i in some}
        known = catalogue.embeddings.get(sorted(hashes), fingerprint)
        for one in here:
            seen = next((i for i in usable[one.number] if i.image_hash in known), None)
            if seen is None:
                without += 1
                continue
            stored.append(one)
            rows.append(known[seen.image_hash])
            pictures.append(seen)
    if not rows:
        raise NotFoundError(
            f"no product has a picture that {fingerprint} has seen; run 'shoplens index' first"
        )
    return Gathered(tuple(stored), np.stack(rows), tuple(pictures), without)
