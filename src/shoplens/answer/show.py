"""A ranking becomes something to look at: products with the image that matched best."""

from collections.abc import Sequence

from shoplens.catalogue.catalogue import Catalogue
from shoplens.catalogue.images import ImageRecord
from shoplens.types import RankedProduct, Ranking, Shown


def show(catalogue: Catalogue, ranking: Ranking) -> tuple[Shown, ...]:
    """Fetch what is shown of each ranked product; one that was removed meanwhile is left out."""
    found = catalogue.products.get_many([r.product_id for r in ranking.products])
    records = catalogue.images.of([stored.number for stored in found.values()])
    return tuple(
        Shown(ranked, stored.product, _best_image(ranked, records.get(stored.number, [])))
        for ranked in ranking.products
        if (stored := found.get(ranked.product_id))
    )


def _best_image(ranked: RankedProduct, records: Sequence[ImageRecord]) -> str:
    usable = [r for r in records if r.image_hash and not r.reason]
    matched = [r.image_hash for r in usable if r.position == ranked.position]
    return next(iter([*matched, *(r.image_hash for r in usable)]), "")
