"""What cannot be learnt from is told in a sentence, and nothing is left behind by it."""

import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from learn.conftest import Taught, Teach
from learn.toys import HEAD
from shoplens.errors import (
    ConfigError,
    FeedError,
    MismatchError,
    NotFoundError,
    ShoplensError,
    StorageError,
)
from shoplens.indexing.workbench import utc_now
from shoplens.learn.job import TrainJob, TrainRequest
from shoplens.learn.judging.card import Card
from shoplens.learn.recipe import Recipe

QUICK = replace(HEAD, epochs=2, folds=1)


def run(taught: Taught, recipe: Recipe = QUICK, **told: Any) -> Card:
    asked: dict[str, Any] = {"photos": taught.drawn.photos, **told}
    request = TrainRequest(recipe, **asked)
    with taught.open() as shop:
        return TrainJob(shop, request).run()


@contextmanager
def refused(taught: Taught, kind: type[ShoplensError], told: str) -> Generator[None]:
    """Expect this error, and nothing registered, nor any folder but scratch, after."""
    with pytest.raises(kind, match=told):
        yield
    with taught.open() as shop:
        assert shop.catalogue.models.list() == []
    left = list(taught.models.rglob("*")) if taught.models.is_dir() else []
    files = [file for file in left if file.is_file() and file.suffix not in {".pt", ".npy"}]
    assert files == []


def test_nothing_indexed_is_nothing_to_learn_from(teach: Teach) -> None:
    taught = teach(products=3, photos=0)
    for file in taught.settings.data.glob("catalogue.db*"):
        file.unlink()
    with refused(taught, MismatchError, r"no picture to learn from.*index a feed"):
        run(taught, photos=None)


@pytest.mark.parametrize(
    ("products", "told"),
    [(1, "all 6 pictures are of one kind, 'p00'"), (2, "there are 2 products; wanted 3 at least")],
)
def test_one_or_two_products_are_too_few(products: int, told: str, teach: Teach) -> None:
    taught = teach(products=products)
    with refused(taught, MismatchError, told):
        run(taught)


def test_three_products_are_enough(teach: Teach) -> None:
    card = run(teach(products=3))
    assert not card.safe
    assert "too few to judge by" in card.reason


def test_one_class_only_tells_nothing_apart(teach: Teach) -> None:
    taught = teach(products=6, kinds=1)
    with refused(taught, MismatchError, "all 36 pictures are of one kind, 'Squares > Kind 0'"):
        run(taught, label="category")


def test_single_pictures_are_told_what_helps(taught: Taught) -> None:
    with refused(taught, MismatchError, r"one picture only.*--photos FILE.*--augmented"):
        run(taught, photos=None)


Spoil = Callable[[Taught], None]


def without_a_column(taught: Taught) -> None:
    taught.drawn.tell([("p00-photo-0.png", "x")], "image,colour")


def without_a_line(taught: Taught) -> None:
    taught.drawn.tell([])


def of_strangers(taught: Taught) -> None:
    taught.drawn.tell([("p00-photo-0.png", "p99")])


def damaged(taught: Taught) -> None:
    for file in taught.drawn.folder.glob("*-photo-*.png"):
        file.write_bytes(file.read_bytes()[:99])


def no_table(taught: Taught) -> None:
    taught.drawn.photos.write_bytes(bytes(range(256)) * 4)


@pytest.mark.parametrize(
    ("spoil", "kind", "told"),
    [
        (without_a_column, FeedError, r"photos\.csv has no column of the product.*image, colour"),
        (without_a_line, MismatchError, "one picture only"),
        (of_strangers, MismatchError, "one picture only"),
        (damaged, MismatchError, "one picture only"),
        (no_table, FeedError, "photos"),
    ],
)
def test_a_table_of_photos_that_gives_none_is_told(
    spoil: Spoil, kind: type[ShoplensError], told: str, taught: Taught
) -> None:
    spoil(taught)
    with refused(taught, kind, told):
        run(taught)


def test_lines_that_cannot_be_used_are_on_the_card_and_the_others_are(taught: Taught) -> None:
    folder = taught.drawn.folder
    (folder / "p00-photo-0.png").write_bytes(b"no picture")
    whole = (folder / "p01-photo-0.png").read_bytes()
    (folder / "p01-photo-0.png").write_bytes(whole[: len(whole) // 2])
    rows = [(f"p{i:02d}-photo-{j}.png", f"p{i:02d}") for i in range(12) for j in range(5)]
    more = [("gone.png", "p02"), ("p03-photo-0.png", "p99"), ("../secret.png", "p04"), ("", "p05")]
    taught.drawn.tell([*rows, *more])
    card = run(taught)
    reasons = {one.product_id: one.reason for one in card.refused}
    assert set(reasons) == {"p00", "p01", "p02", "p99", "p04", "p05"}
    assert reasons["p99"] == "no product 'p99' with a usable picture is indexed"
    assert "70 pictures of 12 products" in card.data[0]
    assert f"left out: {len(card.refused)}, because:" in card.data[-1]


def test_a_gallery_picture_that_is_gone_costs_nothing_that_is_known(teach: Teach) -> None:
    taught = teach()
    (taught.drawn.folder / "p03-0.png").unlink()
    assert run(taught).refused == ()


@pytest.mark.parametrize(
    ("wanted", "kind", "told"),
    [
        ({"label": "smell"}, NotFoundError, "no product has the field 'smell'.*category"),
        ({"device": "gpu"}, ConfigError, "no device 'gpu'"),
        ({"logger": "paper"}, ConfigError, "no logger 'paper'; there are tensorboard"),
        ({"image_column": "pic"}, FeedError, "no column of the image, 'pic'"),
        ({"product_column": "pid"}, FeedError, "no column of the product, 'pid'"),
    ],
)
def test_what_is_asked_for_and_not_there_is_named(
    wanted: dict[str, Any], kind: type[ShoplensError], told: str, taught: Taught
) -> None:
    with refused(taught, kind, told):
        run(taught, **wanted)


@pytest.mark.parametrize(
    ("changes", "kind", "told"),
    [
        ({"kind": "classifier"}, ConfigError, "shoplens tag --train"),
        ({"kind": "tail", "blocks": 1}, MismatchError, "'colour' is no network.*kind head works"),
        ({"kind": "distil"}, MismatchError, "'colour' is no network"),
        ({"kind": "align"}, MismatchError, "12 different titles are too few.*20 are needed"),
    ],
)
def test_a_recipe_that_does_not_fit_this_shop_says_so(
    changes: dict[str, Any], kind: type[ShoplensError], told: str, taught: Taught
) -> None:
    with refused(taught, kind, told):
        run(taught, replace(QUICK, **changes))


def test_clicks_without_their_columns_are_told(taught: Taught, tmp_path: Path) -> None:
    (tmp_path / "clicks.csv").write_text("when,what\n1,p00\n", encoding="utf-8")
    with refused(taught, FeedError, r"clicks\.csv has no column of the session"):
        run(taught, clicks=tmp_path / "clicks.csv")


def test_embeddings_that_are_no_numbers_end_in_advice(taught: Taught) -> None:
    with taught.open() as shop:
        tower, kept = shop.encoder.picture, shop.catalogue.embeddings
        job = TrainJob(shop, TrainRequest(QUICK, photos=taught.drawn.photos))
        some = job.examples().all
        spoilt = {one.image_hash: np.full(tower.dim, np.nan, np.float32) for one in some[20:60]}
        kept.put(spoilt, fingerprint=tower.fingerprint, now=utc_now())
    with refused(taught, MismatchError, r"loss became nan in epoch 1.*--set rate="):
        run(taught)


def test_a_label_that_holds_out_every_product_is_told(teach: Teach) -> None:
    """Each group has variants of every colour: what holds out one label leaves none of any."""
    taught = teach(products=12, variants=3)
    with refused(taught, MismatchError, r"to train on.*learn by another label"):
        run(taught, label="colour")


def test_a_disk_with_room_for_the_model_but_no_checkpoint_is_told_on_the_card(
    taught: Taught,
) -> None:
    recipe = replace(QUICK, hidden=256, dim=256)
    with _small_disk(taught.models, "1400k") as resize:
        card = run(taught, recipe)
        notes = [line for line in card.weak if "cannot be written" in line]
        assert len(notes) == 1
        assert "the disk is full" in notes[0]
        assert card.size_bytes > 300_000
        resize("600k")
        with pytest.raises(StorageError, match=r"cannot be (made|written)|could not be written"):
            run(taught, recipe)
        assert [folder.name for folder in taught.models.iterdir() if folder.name[0] != "."] == [
            "head-1"
        ]
        resize("1400k")
        assert run(taught, recipe).name == "head-2"


@contextmanager
def _small_disk(folder: Path, size: str) -> Generator[Callable[[str], None]]:
    folder.mkdir()

    def mount(options: str) -> None:
        made = ["mount", "-t", "tmpfs", "-o", options, "shoplens-test", str(folder)]
        if subprocess.run(made, capture_output=True, check=False).returncode:
            pytest.skip("no disk can be mounted here")

    mount(f"size={size}")
    try:
        yield lambda size: mount(f"remount,size={size}")
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
