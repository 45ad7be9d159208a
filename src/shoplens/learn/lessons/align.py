"""Pictures come near the words of their titles: a head from what they look like to what they say.

The words' space is that of the encoder's text tower, reduced to the directions in which the shop's
own titles differ.
"""

from pathlib import Path
from typing import cast

import numpy as np
from jaxtyping import Float32
from torch import nn

from shoplens.catalogue.fields import dense_text
from shoplens.disk import write_whole
from shoplens.encode.trained.aligned import FILE as WORDS
from shoplens.encode.trained.aligned import WordsSpace, words_file
from shoplens.errors import MismatchError, StorageError
from shoplens.learn.lessons.head import FILE, Perceptron, head_of
from shoplens.learn.lessons.lesson import Lesson
from shoplens.learn.material import Material
from shoplens.learn.network.head import write_head
from shoplens.learn.recipe import Recipe
from shoplens.learn.shop import Shop
from shoplens.learn.views.bank import Bank
from shoplens.types import Embeddings

FEWEST = 20
"""Different titles that a space is made of at least."""


def align_lesson(shop: Shop, recipe: Recipe, bank: Bank, material: Material) -> Lesson:
    """Give each picture the embedding of its product's title as its target.

    Raises:
        MismatchError: there are too few different titles.
    """
    texts = titles_of(shop, material)
    rows = shop.encoder.text.encode(texts)
    space = space_of(rows, recipe.dim, shop.encoder.text.fingerprint)
    dim = len(space.directions)

    def write(model: nn.Module, folder: Path, name: str) -> None:
        about = {
            "name": name,
            "recipe": recipe.name,
            "derives_from": shop.encoder.picture.fingerprint,
        }
        write_head(folder / FILE, head_of(cast("Perceptron", model)), recipe.blend, about)
        try:
            write_whole(folder / WORDS, words_file(space))
        except OSError as error:
            raise StorageError(f"{folder / WORDS} cannot be written: {error}") from error

    read = material.rows.shape[1]
    return Lesson(
        make=lambda: Perceptron(recipe, read, dim),
        write=write,
        bank=bank,
        rows=material.rows,
        dim=dim,
        targets=space(rows),
    )


def titles_of(shop: Shop, material: Material) -> list[str]:
    """Say of each picture what its product is called."""
    ids = [example.product_id for example in material.examples.all]
    found = shop.catalogue.products.get_many(list(dict.fromkeys(ids)))
    return [dense_text(found[one].product) if one in found else "" for one in ids]


def space_of(rows: Float32[np.ndarray, "n t"], dim: int, made_for: str) -> WordsSpace:
    """Find the directions in which the titles differ most (principal components)."""
    different: Embeddings = np.unique(rows, axis=0)
    if len(different) < FEWEST:
        raise MismatchError(
            f"{len(different)} different titles are too few to learn words from; {FEWEST} are "
            "needed at least"
        )
    middle = different.mean(axis=0)
    directions = np.linalg.svd(different - middle, full_matrices=False)[2]
    kept = min(dim, len(different) - 1)
    return WordsSpace(middle, np.ascontiguousarray(directions[:kept]), made_for)
