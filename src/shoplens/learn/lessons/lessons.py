"""The lesson of a recipe: what each kind trains behind, and what it is shown."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from shoplens.encode.base import OneFile
from shoplens.errors import ConfigError, MismatchError
from shoplens.indexing.workbench import Progress
from shoplens.learn.lessons.align import align_lesson
from shoplens.learn.lessons.distil import taught
from shoplens.learn.lessons.head import head_lesson
from shoplens.learn.lessons.lesson import Lesson
from shoplens.learn.lessons.tail import cut_of, tail_lesson
from shoplens.learn.material import Material
from shoplens.learn.network.graph import Network, read_network
from shoplens.learn.recipe import Recipe
from shoplens.learn.shop import Shop
from shoplens.learn.views.bank import Bank, Viewing, fill
from shoplens.learn.views.trunk import Trunk
from shoplens.types import Pixels


def lesson_of(shop: Shop, recipe: Recipe, material: Material, progress: Progress) -> Lesson:
    """Make ready what the recipe trains on; takes long where views are run through a trunk.

    Raises:
        ConfigError: the recipe is of a kind that is not trained this way.
        MismatchError: this encoder cannot be taken apart.
        StorageError: there is no room for the views.
    """
    if recipe.kind in {"tail", "distil"}:
        return _of_network(shop, recipe, material, progress)
    tower = shop.encoder.picture
    bank = _rows_bank(shop, recipe, material, progress) if recipe.views else _plain_bank(material)
    if recipe.kind == "head":
        return head_lesson(recipe, bank, material.rows, tower.fingerprint)
    if recipe.kind == "align":
        return align_lesson(shop, recipe, bank, material)
    raise ConfigError(f"recipe {recipe.name!r} is trained by 'shoplens tag --train'")


def _of_network(shop: Shop, recipe: Recipe, material: Material, progress: Progress) -> Lesson:
    tower = shop.encoder.picture
    if not isinstance(tower, OneFile):
        raise MismatchError(
            f"encoder {shop.encoder.name!r} is no network that can be taken apart; a recipe of "
            "kind head works behind any encoder"
        )
    network = read_network(tower.path)
    bank = _trunk_bank(shop, recipe, material, network, progress)
    about = {name: network.metadata.get(name, "") for name in ("licence", "source")}
    lesson = tail_lesson(recipe, network, bank, material.rows, about)
    if recipe.kind == "distil":
        return replace(lesson, targets=taught(shop, recipe, material, progress))
    return lesson


def _plain_bank(material: Material) -> Bank:
    """Train on the embeddings that are there, one of each picture."""
    return Bank(material.rows[:, None], np.ones(len(material.rows), np.uint8))


def _rows_bank(shop: Shop, recipe: Recipe, material: Material, progress: Progress) -> Bank:
    """Encode changed views of every picture."""
    tower = shop.encoder.picture

    def run(picture: Pixels) -> np.ndarray:
        return tower.encode([tower.prepare(picture)])[0]

    return _filled(shop, recipe, material, run, f"rows {tower.fingerprint}", progress)


def _trunk_bank(
    shop: Shop, recipe: Recipe, material: Material, network: Network, progress: Progress
) -> Bank:
    """Run every view through what comes before the recipe's cut."""
    tower = shop.encoder.picture
    cut = cut_of(network, recipe)
    trunk = Trunk(network, cut)

    def run(picture: Pixels) -> np.ndarray:
        return trunk(tower.prepare(picture).pixels)

    return _filled(shop, recipe, material, run, f"{cut} {network.content_hash}", progress)


def _filled(
    shop: Shop,
    recipe: Recipe,
    material: Material,
    run: Callable[[Pixels], np.ndarray],
    made_by: str,
    progress: Progress,
) -> Bank:
    examples = material.examples.all
    hashes = hashlib.sha256("".join(one.image_hash for one in examples).encode()).hexdigest()
    viewing = Viewing(
        look=lambda place: shop.opener.open(examples[place]),
        run=run,
        views=recipe.views,
        strength=recipe.strength,
        seed=recipe.seed,
        name=f"{made_by} {hashes} {recipe.views} {recipe.strength} {recipe.seed}",
    )
    return fill(viewing, len(examples), shop.scratch, shop.pool, progress)
