"""Every kind of recipe, from a shop to a model that is registered."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from learn.conftest import Taught, Teach, settings_in
from learn.network.drawn_networks import convolutional
from learn.toys import HEAD, draw, index
from shoplens.encode.base import Derived, Encoder, Mapper
from shoplens.encode.bundled import COLOUR_WEIGHT, RESIZE_RULE, BundledPictures
from shoplens.encode.colour_histogram import COLOUR_DIM
from shoplens.encode.onnx import OnnxNetwork
from shoplens.encode.trained.opening import open_trained
from shoplens.learn.examples.gather import from_catalogue
from shoplens.learn.job import TrainJob, TrainRequest
from shoplens.learn.judging.card import SEEN_TITLES, UNSEEN, Card
from shoplens.learn.network.graph import Network
from shoplens.learn.network.write import seal
from shoplens.learn.recipe import Recipe
from shoplens.learn.shop import Shop
from shoplens.types import Embeddings

TAIL = replace(
    HEAD, name="tail", kind="tail", blocks=1, epochs=1, folds=1, rate=1e-3, patience=5, dropout=0.1
)
KINDS: dict[str, dict[str, Any]] = {
    "last blocks": {"views": 1, "classify": 1.0},
    "last blocks alone": {"blend": 1.0},
    "lora": {"lora_rank": 2, "classify": 1.0, "margin": 0.2},
    "distil": {"kind": "distil", "teacher": "colour", "blend": 1.0},
}
every_kind = pytest.mark.parametrize("changes", KINDS.values(), ids=KINDS)


def rows_of(encoder: Encoder, shop: Shop) -> Embeddings:
    tower = encoder.picture
    shown = [shop.opener.open(one) for one in from_catalogue(shop.catalogue).all]
    return tower.encode([tower.prepare(picture) for picture in shown])


def network_part(rows: Embeddings) -> np.ndarray:
    return rows[:, :-COLOUR_DIM] / (1 - COLOUR_WEIGHT) ** 0.5


def check(shop: Shop, card: Card, recipe: Recipe) -> None:
    """A model of its own, whose frozen half is the base, and whose colours are."""
    folder = shop.models / card.name
    assert {file.name for file in folder.iterdir()} == {"encoder.onnx", "card.json", "card.md"}
    assert shop.catalogue.models.get(card.name).fingerprint == card.fingerprint
    encoder = open_trained(folder, card.name, shop.encoder)
    assert encoder.picture.fingerprint == card.fingerprint != shop.encoder.picture.fingerprint
    assert isinstance(encoder.picture, Mapper)
    assert not isinstance(encoder.picture, Derived)
    before, after = rows_of(shop.encoder, shop), rows_of(encoder, shop)
    np.testing.assert_allclose(np.linalg.norm(after, axis=1), 1, atol=1e-4)
    np.testing.assert_allclose(after[:, -COLOUR_DIM:], before[:, -COLOUR_DIM:], atol=1e-6)
    was, made = network_part(before), network_part(after)
    wide = was.shape[1]
    tuned = made[:, -wide:] / recipe.blend**0.5
    np.testing.assert_allclose(np.linalg.norm(tuned, axis=1), 1, atol=1e-3)
    assert np.abs(tuned - was).max() > 1e-4, "it was trained"
    if recipe.blend == 1:
        assert made.shape[1] == wide
    else:
        frozen = made[:, :wide] / (1 - recipe.blend) ** 0.5
        np.testing.assert_allclose(frozen, was, atol=2e-3)


# ---- a network that is drawn: every kind, fast ---------------------------------------------------


@pytest.fixture
def drawn_shop(taught: Taught, tmp_path: Path) -> Callable[[Shop], Shop]:
    model = convolutional(np.random.default_rng(1))
    told = {"name": "drawn", "size_px": "16", "resize": RESIZE_RULE, "licence": "Apache-2.0"}
    seal(Network.of(model).model, tmp_path / "drawn.onnx", {**told, "dim": "5"}, 0.01)
    tower = BundledPictures(OnnxNetwork(tmp_path / "drawn.onnx"))

    def with_it(shop: Shop) -> Shop:
        return replace(shop, encoder=Encoder("drawn", tower, shop.encoder.text))

    return with_it


@every_kind
def test_every_kind_makes_a_model_of_a_drawn_network(
    changes: dict[str, Any], taught: Taught, drawn_shop: Callable[[Shop], Shop]
) -> None:
    recipe = replace(TAIL, epochs=3, **changes)
    with taught.open() as opened:
        shop = drawn_shop(opened)
        card = TrainJob(shop, TrainRequest(recipe, photos=taught.drawn.photos)).run()
        check(shop, card, recipe)
    assert (card.base, card.licence) == ("drawn", "Apache-2.0")


def test_a_picture_whose_file_is_gone_is_not_trained_on_and_not_asked(
    teach: Teach, drawn_shop: Callable[[Shop], Shop]
) -> None:
    """Their embeddings are known from before, so that only the network misses them."""
    taught = teach()
    with taught.open() as opened:
        shop = drawn_shop(opened)
        request = TrainRequest(replace(TAIL, folds=5), photos=taught.drawn.photos)
        TrainJob(shop, replace(request, recipe=TAIL)).run()
        for name in ("p00-0.png", "p07-0.png"):
            (taught.drawn.folder / name).unlink()
        card = TrainJob(shop, request).run()
    assert card.name == "tail-2"
    photos = {line.photos for line in card.lines if line.part == UNSEEN}
    assert photos == {50}, "those of the ten products that can answer"


def test_a_teacher_who_misses_a_picture_teaches_the_others(
    teach: Teach, drawn_shop: Callable[[Shop], Shop]
) -> None:
    taught = teach()
    with taught.open() as opened:
        shop = drawn_shop(opened)
        tail = TrainRequest(TAIL, photos=taught.drawn.photos)
        TrainJob(shop, tail).run()
        (taught.drawn.folder / "p05-photo-1.png").write_bytes(b"gone")
        recipe = replace(TAIL, name="distil", **KINDS["distil"])
        card = TrainJob(shop, replace(tail, recipe=recipe)).run()
    assert card.name == "distil-1"


# ---- the bundled one -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lite0(tmp_path_factory: pytest.TempPathFactory) -> Taught:
    folder = tmp_path_factory.mktemp("lite0")
    drawn, settings = draw(folder / "shop", 5, 3), settings_in(folder / "data", "lite0")
    index(drawn, settings)
    return Taught(drawn, settings)


@pytest.mark.parametrize("kind", ["last blocks", "lora", "distil"])
def test_every_kind_makes_a_model_of_the_bundled_network(kind: str, lite0: Taught) -> None:
    recipe = replace(TAIL, name=kind.replace(" ", "-"), **KINDS[kind])
    with lite0.open() as shop:
        card = TrainJob(shop, TrainRequest(recipe, photos=lite0.drawn.photos)).run()
        check(shop, card, recipe)
    assert "Apache" in card.licence


# ---- words ---------------------------------------------------------------------------------------


def test_pictures_come_near_the_words_of_their_titles(teach: Teach) -> None:
    taught = teach(products=24, photos=5)
    recipe = replace(
        HEAD, name="words", kind="align", epochs=25, patience=25, dim=23, blend=0.3, folds=1
    )
    with taught.open() as shop:
        card = TrainJob(shop, TrainRequest(recipe, photos=taught.drawn.photos)).run()
        encoder = open_trained(shop.models / card.name, card.name, shop.encoder)
    assert encoder.asks is not None
    asked = {(x.part, x.metric): (x.before, x.after) for x in card.lines if "words" in x.part}
    chance, found = asked[f"by words: {SEEN_TITLES}", "R@10"]
    assert chance == pytest.approx(10 / 24)
    assert found > 1.5 * chance
    chance, found = asked[f"by words: {SEEN_TITLES}", "MRR"]
    assert found > 2 * chance
    assert (f"by words: {UNSEEN}", "R@1") in asked
