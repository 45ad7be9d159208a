"""Every picture that a shop can learn from, with what it shows: a label, and who else it is of."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from shoplens.answer.calibrating.questions import group_of
from shoplens.catalogue.catalogue import Catalogue
from shoplens.catalogue.fields import attribute_field, fold
from shoplens.catalogue.images import ImageRecord
from shoplens.catalogue.products import Stored
from shoplens.errors import MismatchError, NotFoundError
from shoplens.indexing.pictures import PASSED_OVER
from shoplens.types import Product, Rejection, Stage

Role = Literal["gallery", "photo"]
"""``gallery``: a product's main catalogue picture, it answers; ``photo``: any other, it asks."""
Declared = Literal["train", "val", "test"]

PAGE = 1000
PLACEHOLDER = 20
"""A picture of more groups than this shows none of them: ``picture coming soon``."""
WAYS = ("product", "group", "category", "category:2", "brand")


@dataclass(frozen=True, slots=True)
class Example:
    """A picture and what it shows.

    Products of one ``group`` are held out together. ``source`` is a path or URL as its ``feed``
    has it; without a feed it is a labelled photo, and ``source`` its whole path.
    """

    image_hash: str
    product_id: str
    label: str
    group: str
    role: Role
    source: str
    feed: str


@dataclass(frozen=True, slots=True)
class Examples:
    """What there is to learn from.

    ``way`` tells what the labels are: ``product``, ``group``, ``category:2``, ``brand``, or an
    attribute. Where they are products, a product's main picture is its gallery and further ones
    are photos; else every catalogue picture is gallery, and asks as well, leaving itself out.
    ``products`` tells for each product the place in ``all`` of its gallery picture, or of an equal
    one with its label. ``pairs`` are places that were clicked together: weak positives.
    ``declared`` tells which part a file of photos put an example in.
    """

    all: tuple[Example, ...]
    refused: tuple[Rejection, ...] = ()
    pairs: tuple[tuple[int, int], ...] = ()
    declared: Mapping[int, Declared] = field(default_factory=dict[int, Declared])
    way: str = "product"
    products: Mapping[str, int] = field(default_factory=dict[str, int])

    def by_product(self) -> dict[str, Example]:
        """Give the gallery picture of each product, or one equal to it."""
        return {product_id: self.all[place] for product_id, place in self.products.items()}


# ---- from the catalogue --------------------------------------------------------------------------


def from_catalogue(catalogue: Catalogue, label: str = "product") -> Examples:
    """Take every usable picture of every indexed product.

    Args:
        catalogue: where products and pictures are kept.
        label: ``product`` (each its own), ``group`` (variants are one), ``category``,
            ``category:2`` (the first two levels), ``brand``, or an attribute. Values that filters
            take for one are one, called as most products have it.

    Raises:
        NotFoundError: no product has such a field.
    """
    way = _way(catalogue, label)
    found: list[Example] = []
    refused: list[Rejection] = []
    for stored, records in _indexed(catalogue):
        values = _labels(stored.product, way)
        reason = _reason(values, records, way)
        refused += _refused(stored, records, reason)
        if not reason:
            found += (_example(stored, record, values[0]) for record in _usable(records))
    found, placeholders = _without_placeholders(found)
    if way not in {"product", "group"}:
        found = _spelt(found)
    unique, places = _unique(found)
    examples = _grouped(unique)
    if way == "product":
        examples = _with_roles(examples)
    products: dict[str, int] = {}
    for example, place in zip(found, places, strict=True):
        products.setdefault(example.product_id, place)
    told = (*refused, *placeholders)
    return Examples(tuple(examples), told, way=way, products=products)


def _way(catalogue: Catalogue, label: str) -> str:
    base, _, level = label.strip().partition(":")
    if base == "category" and (not level or (level.isdecimal() and int(level))):
        return f"category:{int(level)}" if level else base
    fields = catalogue.products.attribute_names()
    way = label.strip() if label.strip() in WAYS else attribute_field(label)
    if way not in {*WAYS, *fields}:
        known = ", ".join([*WAYS, *fields])
        raise NotFoundError(f"no product has the field {label!r} to learn; there are: {known}")
    return way


def _indexed(catalogue: Catalogue) -> Iterator[tuple[Stored, Sequence[ImageRecord]]]:
    after = 0
    while page := catalogue.products.walk(after=after, k=PAGE):
        after = page[-1].number
        indexed = [stored for stored in page if stored.stage is Stage.INDEXED]
        records = catalogue.images.of([stored.number for stored in indexed])
        yield from ((stored, records[stored.number]) for stored in indexed)


def _labels(product: Product, way: str) -> list[str]:
    """Give the distinct values that ``product`` has."""
    if way in {"product", "group"}:
        return [product.product_id if way == "product" else group_of(product)]
    if way == "brand":
        values = [product.brand]
    elif way.startswith("category"):
        values = [_path(product, int(way.partition(":")[2] or 0))]
    else:
        named = product.attributes.items()
        values = [v for name, some in named if attribute_field(name) == way for v in some]
    written = {fold(value): " ".join(value.split()) for value in reversed(values)}
    return [name for key, name in written.items() if key]


def _path(product: Product, level: int) -> str:
    """Give the category down to ``level``, all of it for 0; nothing if it is not so deep."""
    levels = [name for name in product.category if fold(name)]
    return " > ".join(levels[: level or None]) if len(levels) >= level else ""


def _usable(records: Sequence[ImageRecord]) -> list[ImageRecord]:
    return [record for record in records if record.image_hash and not record.reason]


def _reason(values: Sequence[str], records: Sequence[ImageRecord], way: str) -> str:
    """Say why a product teaches nothing."""
    if not _usable(records):
        return "it has no usable picture"
    if not values:
        return f"it has no {way}"
    return f"it has {len(values)} values of {way}, and one is learnt" if len(values) > 1 else ""


def _refused(stored: Stored, records: Sequence[ImageRecord], reason: str) -> Iterator[Rejection]:
    product_id = stored.product.product_id
    for record in records:
        if record.reason and record.stamp != PASSED_OVER:
            yield Rejection(record.source, record.reason, product_id)
    if reason:
        yield Rejection(f"product {product_id}", reason, product_id)


def _example(stored: Stored, record: ImageRecord, label: str) -> Example:
    product = stored.product
    return Example(
        image_hash=record.image_hash,
        product_id=product.product_id,
        label=label,
        group=group_of(product),
        role="gallery",
        source=record.source,
        feed=stored.feed,
    )


def _without_placeholders(found: Sequence[Example]) -> tuple[list[Example], list[Rejection]]:
    groups: dict[str, set[str]] = defaultdict(set)
    for example in found:
        groups[example.image_hash].add(example.group)
    many = {image: len(names) for image, names in groups.items() if len(names) > PLACEHOLDER}
    first = {example.image_hash: example for example in reversed(found)}
    refused = [
        Rejection(
            first[image].source, f"a placeholder, it seems: {k} products have this same picture"
        )
        for image, k in many.items()
    ]
    return [example for example in found if example.image_hash not in many], refused


def _spelt(found: Sequence[Example]) -> list[Example]:
    """Call values that filters take for one as most products call them."""
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for example in found:
        spellings[fold(example.label)][example.label] += 1
    names = {
        key: min(counts, key=lambda name, counts=counts: (-counts[name], name))
        for key, counts in spellings.items()
    }
    return [replace(example, label=names[fold(example.label)]) for example in found]


def _with_roles(found: Sequence[Example]) -> list[Example]:
    """Let the first picture of each product answer, and the others ask."""
    seen: set[str] = set()
    out: list[Example] = []
    for example in found:
        role: Role = "photo" if example.product_id in seen else "gallery"
        seen.add(example.product_id)
        out.append(replace(example, role=role))
    return out


# ---- put together, and taken apart ---------------------------------------------------------------


def together(first: Examples, second: Examples) -> Examples:
    """Add the examples of ``second``; a file that has the label already is refused.

    Raises:
        MismatchError: the labels of one are products, say, and of the other categories.
    """
    if first.way != second.way:
        raise MismatchError(
            f"examples labelled by {first.way} and by {second.way} teach two different things; "
            "gather both by the same"
        )
    kept, places = _unique([*first.all, *second.all])
    new = places[len(first.all) :]
    again = [
        Rejection(example.source, "the same file shows this already", example.product_id)
        for example, place in zip(second.all, new, strict=True)
        if kept[place] is not example
    ]
    declared: dict[int, Declared] = {
        new[i]: part for i, part in second.declared.items() if kept[new[i]] is second.all[i]
    }
    return Examples(
        tuple(_grouped(kept)),
        (*first.refused, *second.refused, *again),
        (*first.pairs, *((new[one], new[other]) for one, other in second.pairs)),
        {**first.declared, **declared},
        first.way,
        {**{name: new[place] for name, place in second.products.items()}, **first.products},
    )


def without(examples: Examples, gone: Collection[int], refused: Iterable[Rejection]) -> Examples:
    """Leave out the examples at the places ``gone`` because of what ``refused`` says.

    Where labels are products, another catalogue picture answers for a product that lost its
    gallery picture; photos of a product that has none left teach nothing and go too.
    """
    answers = _answers(examples, set(gone))
    places: dict[int, int] = {}
    kept: list[Example] = []
    orphans: list[Rejection] = []
    for i, example in enumerate(examples.all):
        if i in gone:
            continue
        if examples.way == "product" and example.product_id not in answers:
            reason = "no catalogue picture of its product can be read"
            orphans.append(Rejection(example.source, reason, example.product_id))
            continue
        places[i] = len(kept)
        answering = answers.get(example.product_id) == i
        kept.append(replace(example, role="gallery") if answering else example)
    return Examples(
        tuple(kept),
        (*examples.refused, *refused, *orphans),
        tuple((places[a], places[b]) for a, b in examples.pairs if {a, b} <= places.keys()),
        {places[i]: part for i, part in examples.declared.items() if i in places},
        examples.way,
        {name: places[i] for name, i in answers.items()},
    )


def _answers(examples: Examples, gone: Collection[int]) -> dict[str, int]:
    """Give the place of the picture that answers for each product that keeps one."""
    found = {name: place for name, place in examples.products.items() if place not in gone}
    for i, example in enumerate(examples.all):
        if i not in gone and example.feed:
            found.setdefault(example.product_id, i)
    return found


def _unique(found: Sequence[Example]) -> tuple[list[Example], list[int]]:
    """Keep the first of several equal pictures of one label; also gives the place of each.

    A copy would ask for itself, and judge nothing.
    """
    first: dict[tuple[str, str], int] = {}
    kept: list[Example] = []
    places: list[int] = []
    for example in found:
        key = (example.label, example.image_hash)
        if key not in first:
            first[key] = len(kept)
            kept.append(example)
        places.append(first[key])
    return kept, places


def _grouped(found: Sequence[Example]) -> list[Example]:
    """Join the groups of products that share a picture: union-find (Galler and Fischer, 1964)."""
    above: dict[str, str] = {}

    def top(name: str) -> str:
        while (parent := above.setdefault(name, name)) != name:
            above[name] = above[parent]
            name = parent
        return name

    first: dict[str, str] = {}
    for example in found:
        one, other = sorted(
            (top(first.setdefault(example.image_hash, example.group)), top(example.group))
        )
        above[other] = one
    return [replace(example, group=top(example.group)) for example in found]
