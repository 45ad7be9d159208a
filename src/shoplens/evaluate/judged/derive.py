"""Judgements that nobody had to make: what a shop knows of its products becomes questions."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from shoplens.answer.calibrating.photos import as_photo
from shoplens.answer.calibrating.questions import group_of
from shoplens.errors import ImageError, NotFoundError
from shoplens.evaluate.judged.judgements import Grades, Judgements, Question
from shoplens.evaluate.judged.labels import Labels, Products, coarse, labels_of
from shoplens.evaluate.runs import Placed, Run, one_word
from shoplens.store.base import Store
from shoplens.types import Embedding, Pixels, Rejection

Thumbnail = Callable[[str], Path]
"""Gives the small picture of a product; NotFoundError if it has none."""
Hashes = Callable[[str], Mapping[int, str]]
"""Gives the content hash of each usable image of a product, by position."""
FileOf = Callable[[str], Path]
"""Gives the file of an image by the hash of its content."""


def by_variants(products: Products) -> Judgements:
    """Ask with each product that has variants; the others of its group are right."""
    return _alike(labels_of(products, "group_id"))


def by_label(products: Products, name: str) -> Judgements:
    """Ask with each product; those that share a label in the field ``name`` are right.

    Raises:
        QueryError: no product has the field.
    """
    return _alike(labels_of(products, name))


def _alike(labels: Labels) -> Judgements:
    """Ask with each product: a question that names it as right is widened to all of its labels."""
    questions = tuple(
        Question(one_word(product_id), product_id=product_id) for product_id in labels
    )
    own = {question.query_id: {question.product_id: 1.0} for question in questions}
    found = coarse(Judgements(questions, own), labels)
    kept = tuple(question for question in found.questions if len(found.grades[question.query_id]))
    return Judgements(
        kept, {question.query_id: found.grades[question.query_id] for question in kept}
    )


def by_pictures(
    products: Products, thumbnail: Thumbnail, rng: np.random.Generator, k: int
) -> Judgements:
    """Ask with ``k`` products' own pictures, which are in the shop: the product's group is right.

    As they are, nearly all are found: what tells something is how figures fall with robustness.
    """
    questions: list[Question] = []
    for product_id in _drawn(products, rng):
        if len(questions) < k:
            with suppress(NotFoundError):
                questions.append(Question(one_word(product_id), thumbnail(product_id)))
    return Judgements(tuple(questions), _of_group(products))


def by_photos(
    products: Products,
    thumbnail: Thumbnail,
    look: Callable[[bytes], Pixels],
    folder: Path,
    rng: np.random.Generator,
    k: int,
) -> Judgements:
    """Make photos as visitors take them of ``k`` products' pictures; the product's group is right.

    They are written into ``folder``. (``answer.calibrating.photos`` says how they are made.)
    """
    ids = list(products)
    questions: list[Question] = []
    refused: list[Rejection] = []
    for product_id in _drawn(products, rng)[:k]:
        behind = ids[int(rng.integers(len(ids)))]
        try:
            thing, ground = (look(thumbnail(one).read_bytes()) for one in (product_id, behind))
        except (NotFoundError, ImageError) as error:
            refused.append(Rejection(f"product {product_id}", str(error), product_id))
            continue
        path = folder / f"{len(questions)}.png"
        Image.fromarray(as_photo(thing, ground, rng)).save(path)
        questions.append(Question(one_word(product_id), path))
    return Judgements(tuple(questions), _of_group(products), tuple(refused))


def _drawn(products: Products, rng: np.random.Generator) -> list[str]:
    """Put the ids of products into an order by chance."""
    ids = list(products)
    order: list[int] = rng.permutation(len(ids)).tolist()
    return [ids[place] for place in order]


def _of_group(products: Products) -> Mapping[str, Grades]:
    """Grade all products of a product's group 1, by the question about it."""
    groups: dict[str, dict[str, float]] = {}
    for product_id, product in products.items():
        groups.setdefault(group_of(product), {})[product_id] = 1.0
    return {one_word(name): groups[group_of(product)] for name, product in products.items()}


# ---- leaving one image out -----------------------------------------------------------------------


Row = tuple[str, int]
"""An image of a product, by the product's id and the image's position."""


@dataclass(frozen=True, slots=True)
class Left:
    """An image that is left out, and every row of the shop that shows the same file."""

    row: Row
    image_hash: str
    copies: frozenset[Row]


def images_left(
    products: Products, hashes: Hashes, rng: np.random.Generator, k: int
) -> Iterator[Left]:
    """Draw ``k`` second or further images of products whose group has others that differ."""
    rows: dict[str, set[Row]] = {}
    contents: dict[str, set[str]] = {}
    for product_id, product in products.items():
        for position, image_hash in hashes(product_id).items():
            rows.setdefault(image_hash, set()).add((product_id, position))
            contents.setdefault(group_of(product), set()).add(image_hash)
    further = [
        Left(row, image_hash, frozenset(same))
        for image_hash, same in rows.items()
        for row in sorted(same)
        if row[1] > 0 and len(contents[group_of(products[row[0]])]) > 1
    ]
    order: list[int] = rng.permutation(len(further))[:k].tolist()
    return (further[place] for place in order)


def by_images(
    lefts: Iterable[Left], products: Products, store: Store, file_of: FileOf, k: int
) -> tuple[Judgements, Run]:
    """Ask with images as if their content were not in the shop; the product's group is right.

    Asked of the store, by the embeddings it keeps, since an engine would find the image itself.
    So this judges the encoder, without crops, words, colours and rules.
    """
    questions: list[Question] = []
    rankings: dict[str, tuple[Placed, ...]] = {}
    own: dict[str, Grades] = {}
    grades = _of_group(products)
    for left in lefts:
        product_id, position = left.row
        embedding = dict(store.pictures(product_id)).get(position)
        if embedding is not None:
            query_id = one_word(f"{product_id}#{position}")
            questions.append(Question(query_id, file_of(left.image_hash)))
            own[query_id] = grades[one_word(product_id)]
            rankings[query_id] = _without(store, embedding, left.copies, k)
    return Judgements(tuple(questions), own), Run(rankings)


def _without(
    store: Store, embedding: Embedding, copies: frozenset[Row], k: int
) -> tuple[Placed, ...]:
    """Find the ``k`` nearest products when some rows are not looked at."""
    rows = 4 * k + len(copies)
    while True:
        found = store.search("picture", embedding, rows)
        best: dict[str, float] = {}
        for row in found:
            if (row.product_id, row.position) not in copies:
                best.setdefault(row.product_id, row.score)
        if len(best) >= k or len(found) < rows:
            return tuple(Placed(*one) for one in list(best.items())[:k])
        rows *= 2
