"""What a person decided reaches the catalogue, and can be taken back."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from shoplens.catalogue.catalogue import Catalogue
from shoplens.catalogue.fields import CORE_FIELDS, attribute_field, fold
from shoplens.catalogue.journal.tags import Tag, says, tidy
from shoplens.errors import QueryError
from shoplens.predict.review.table import read_review
from shoplens.predict.shop.tagging import Suggestion
from shoplens.types import Rejection


@dataclass(frozen=True, slots=True)
class Decided:
    """How many tags were kept or taken back, how many lines say no or nothing, what was wrong."""

    changed: int
    rejected: int
    open: int
    refused: tuple[Rejection, ...]


def apply(catalogue: Catalogue, path: Path, now: datetime) -> Decided:
    """Keep what a review file accepts; the products are to be indexed anew.

    A line is refused if its product is gone, or says something in that field by now.

    Raises:
        FeedError: the file cannot be read.
        StorageError: the database refuses; nothing of it was kept.
    """
    review = read_review(path)
    ids = sorted({tag.product_id for _, tag in review.accepted})
    products, tags = catalogue.products.get_many(ids), catalogue.tags.of(ids)
    refused = list(review.refused)
    good: list[Tag] = []
    for where, written in review.accepted:
        stored = products.get(written.product_id)
        known = {tag.field for tag in tags.get(written.product_id, ())}
        try:
            tag = tidy(_named(written))
        except QueryError as error:
            refused.append(Rejection(where, str(error), written.product_id))
            continue
        if stored is None:
            refused.append(Rejection(where, "the shop has no such product", tag.product_id))
        elif says(stored.product, tag.field) and tag.field not in known:
            reason = f"its feed says something in {tag.field!r} itself, and that goes before"
            refused.append(Rejection(where, reason, tag.product_id))
        else:
            good.append(tag)
    catalogue.tags.put(good, now=now)
    return Decided(len(good), review.rejected, review.open, tuple(refused))


def undo(catalogue: Catalogue, path: Path) -> Decided:
    """Take back what a review file accepts; a tag that is another by now stays (FeedError)."""
    review = read_review(path)
    removed = catalogue.tags.remove([_named(tag) for _, tag in review.accepted])
    return Decided(removed, review.rejected, review.open, review.refused)


def accepted(catalogue: Catalogue) -> list[Suggestion]:
    """Give everything that was accepted so far, as suggestions that say so."""
    tags = catalogue.tags.all()
    products = catalogue.products.get_many(sorted({tag.product_id for tag in tags}))
    titles = {product_id: stored.product.title for product_id, stored in products.items()}
    return [
        Suggestion(
            tag.product_id,
            titles.get(tag.product_id, ""),
            tag.field,
            tag.value,
            0.0,
            decision="accept",
        )
        for tag in tags
    ]


def _named(tag: Tag) -> Tag:
    """Let an attribute's name stand for its field, such as ``Base Colour`` for ``colour``."""
    folded = fold(tag.field)
    return replace(tag, field=folded if folded in CORE_FIELDS else attribute_field(folded))
