"""Which products lack what is asked for, and have a picture to tell it from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from shoplens.catalogue.catalogue import Catalogue
from shoplens.catalogue.images import ImageRecord
from shoplens.catalogue.journal.tags import CATEGORY, DESCRIPTION, Tag, says, tagged
from shoplens.catalogue.products import Stored
from shoplens.predict.describe.question.asking import Asked
from shoplens.types import Product, Stage

WALKED = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A product with fields to fill; ``product`` is as its feed tells it, without its tags.

    So what a model once said, and a person accepted, is not shown to a model as a fact.
    """

    stored: Stored
    product: Product
    image: ImageRecord
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Products to ask about, in the catalogue's order.

    ``missing`` counts, by tag field, all products that lack it; ``without`` those that have no
    usable picture.
    """

    wanted: tuple[Wanted, ...]
    missing: Mapping[str, int]
    without: int


def find_wanted(catalogue: Catalogue, asked: Asked) -> Found:
    """Find every product that says nothing in a field that is asked for."""
    fields = [field.tag for field in asked.fields]
    found: list[Wanted] = []
    missing: Counter[str] = Counter(dict.fromkeys(fields, 0))
    after = without = 0
    while page := catalogue.products.walk(after=after, k=WALKED):
        after = page[-1].number
        here = [one for one in page if one.stage is not Stage.REMOVED]
        images = catalogue.images.of([one.number for one in here])
        tags = catalogue.tags.of([one.product.product_id for one in here])
        for one in here:
            lacking = tuple(field for field in fields if not says(one.product, field))
            missing.update(lacking)
            image = next((i for i in images[one.number] if not i.reason and i.image_hash), None)
            if lacking and image:
                told = _untagged(one.product, tags.get(one.product.product_id, ()))
                found.append(Wanted(one, told, image, lacking))
            without += bool(lacking) and image is None
    return Found(tuple(found), missing, without)


def _untagged(product: Product, tags: Sequence[Tag]) -> Product:
    """Take away the texts that tags put there; what the feed says in their place stays."""
    alone = tagged(Product("", ""), [tag for tag in tags if tag.field in {CATEGORY, DESCRIPTION}])
    if alone.description == product.description:
        product = replace(product, description="")
    if alone.category == product.category:
        product = replace(product, category=())
    return product
