import csv
import hashlib
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learn.conftest import Taught, Teach
from learn.toys import HEAD, example, head_on, material
from shoplens.catalogue.journal.models import Model
from shoplens.encode.trained.opening import open_trained
from shoplens.errors import MismatchError
from shoplens.indexing.workbench import Progress, silent, utc_now
from shoplens.learn.examples.gather import Declared, Examples
from shoplens.learn.examples.splits import folds, make_split
from shoplens.learn.job import TrainJob, TrainRequest, final_split, key_of
from shoplens.learn.judging.card import SEEN, UNSEEN, Card
from shoplens.learn.recipe import Recipe

QUICK = replace(HEAD, epochs=3, folds=1)


def run(
    taught: Taught,
    recipe: Recipe = QUICK,
    progress: Progress = silent,
    stop: Event | None = None,
    **told: object,
) -> Card:
    asked: dict[str, Any] = {"photos": taught.drawn.photos, **told}
    request = TrainRequest(recipe, **asked)
    with taught.open() as shop:
        return TrainJob(shop, request, progress, stop or Event()).run()


def registered(taught: Taught) -> list[Model]:
    with taught.open() as shop:
        return shop.catalogue.models.list()


def line(card: Card, part: str, metric: str) -> tuple[float, float]:
    return next((x.before, x.after) for x in card.lines if (x.part, x.metric) == (part, metric))


# ---- what comes of it ----------------------------------------------------------------------------


def test_photos_make_a_head_that_finds_more_and_is_registered(taught: Taught) -> None:
    card = run(taught, HEAD)
    before, after = line(card, SEEN, "R@1")
    assert after >= before + 0.1
    before, after = line(card, UNSEEN, "MRR")
    assert after > before - 0.05
    assert card.safe, card.reason
    model = registered(taught)[0]
    assert (model.name, model.state, model.safe) == ("head-1", "candidate", True)
    assert (model.recipe, model.base) == ("head", "colour")
    assert model.card == card.to_json()
    folder = taught.models / "head-1"
    assert {file.name for file in folder.iterdir()} == {"head.onnx", "card.json", "card.md"}
    assert [file.name for file in taught.models.iterdir()] == ["head-1"], "scratch is gone"
    with taught.open() as shop:
        tower = open_trained(folder, "head-1", shop.encoder).picture
        assert tower.fingerprint == model.fingerprint == card.fingerprint
        assert shop.catalogue.models.serving() is None


def test_a_second_model_gets_the_next_name_or_the_one_given(taught: Taught) -> None:
    names = [run(taught, name=name).name for name in ("", "", "mine")]
    assert names == ["head-1", "head-2", "mine"]
    assert {model.name for model in registered(taught)} == set(names)


def test_what_should_look_alike_may_be_a_category(taught: Taught) -> None:
    card = run(taught, replace(QUICK, epochs=6), label="category")
    assert "of 4 categories" in card.data[0]
    assert line(card, UNSEEN, "mAP")[1] > 0


def test_single_pictures_take_part_by_changed_views(teach: Teach) -> None:
    taught = teach(products=25, photos=0)
    recipe = replace(QUICK, views=2, folds=5, patience=1)
    card = run(taught, recipe, photos=None, augmented=True)
    assert card.fitted is not None
    assert card.fitted.best == card.fitted.epochs == 3, "nobody watches, so the last is kept"
    assert {(x.photos, x.products) for x in card.lines} == {(25, 13)}, "each was unseen once"


def test_clicks_are_told_and_so_is_what_they_cannot_use(taught: Taught, tmp_path: Path) -> None:
    rows = [("session", "product_id")]
    for visit in range(6):
        rows += [
            (f"v{visit}", f"p{2 * (visit % 2):02d}"),
            (f"v{visit}", f"p{2 * (visit % 2) + 1:02d}"),
        ]
    rows += [("v9", "p99"), ("", "p01")]
    with (tmp_path / "clicks.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    card = run(taught, clicks=tmp_path / "clicks.csv")
    assert "2 pairs of products were clicked together" in card.data
    reasons = {one.product_id: one.reason for one in card.refused}
    assert reasons == {
        "p99": "the shop has no such product; it was clicked 1 times",
        "p01": "no session is given",
    }


# ---- who is trained on ---------------------------------------------------------------------------

wholes = st.tuples(st.integers(5, 12), st.integers(0, 999))


def declared(products: int, seed: int, way: str) -> Examples:
    """Products with up to five photos each, some of which a file declares; pairs are groups."""
    rng = np.random.default_rng(seed)
    found = list[tuple[str, str]]()
    parts = dict[int, Declared]()
    kinds: tuple[Declared, ...] = ("train", "val", "test") if seed % 2 else ("train", "val")
    for product in range(products):
        for number in range(int(rng.integers(1, 7))):
            if number and rng.random() < 0.6:
                parts[len(found)] = kinds[rng.integers(len(kinds))]
            found.append((f"p{product}", "photo" if number else "gallery"))
    every = [
        replace(
            example(
                place, product, "gallery" if role == "gallery" or way != "product" else "photo"
            ),
            group=f"g{int(product[1:]) // 2}",
            label=product if way == "product" else f"kind {int(product[1:]) % 3}",
        )
        for place, (product, role) in enumerate(found)
    ]
    answers = {product: place for place, (product, role) in enumerate(found) if role == "gallery"}
    return Examples(tuple(every), declared=parts, way=way, products=answers)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(whole=wholes, way=st.sampled_from(["product", "category"]), augmented=st.booleans())
def test_what_a_file_holds_back_is_never_trained_on(
    *, whole: tuple[int, int], way: str, augmented: bool
) -> None:
    examples, seed = declared(*whole, way), whole[1]
    held = {place for place, part in examples.declared.items() if part != "train"}
    try:
        final = final_split(examples, seed, augmented=augmented)[0]
        parts = folds(examples, 3, np.random.default_rng(seed), augmented=augmented)
    except MismatchError:
        return
    for split in (final, *parts):
        assert not held & set(split.train.tolist())
    asked = {*final.seen.tolist(), *final.unseen.tolist(), *final.dev.tolist()}
    assert held <= asked
    assert not asked & set(final.train.tolist())
    assert len(final.dev_unseen) == 0


@settings(max_examples=40, deadline=None)
@given(whole=wholes, augmented=st.booleans())
def test_every_product_with_a_photo_is_trained_on_and_no_gallery_picture_alone(
    *, whole: tuple[int, int], augmented: bool
) -> None:
    """A gallery picture without a photo would make its product worse: see DESIGN.md."""
    examples = replace(declared(*whole, "product"), declared={})
    try:
        final = final_split(examples, whole[1], augmented=augmented)[0]
    except MismatchError:
        return
    taught = {examples.all[place].product_id for place in map(int, final.train)}
    photos = [one.product_id for one in examples.all if one.role == "photo"]
    assert {one for one in photos if photos.count(one) > 1} <= taught
    if augmented:
        assert {one.product_id for one in examples.all} == taught
    if not augmented:
        assert taught <= set(photos)
        for place in map(int, final.train):
            product = examples.all[place].product_id
            rest = [p for p in map(int, final.train) if examples.all[p].product_id == product]
            assert any(examples.all[p].role == "photo" for p in rest)
            assert examples.products[product] in rest


# ---- stopped, and gone on ------------------------------------------------------------------------


def contents(folder: Path) -> dict[str, str]:
    files = [file for file in folder.rglob("*") if file.is_file() and ".training" not in file.parts]
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


@dataclass
class Stopping:
    """Sets the event at the ``at``-th step of trainings."""

    at: int
    stop: Event
    steps: int = 0

    def __call__(self, step: str, done: int, total: int) -> None:
        assert done <= total
        self.steps += step.startswith("train")
        if self.steps == self.at:
            self.stop.set()


def test_a_training_stopped_in_a_fold_or_after_comes_to_the_same_model(
    taught: Taught, teach: Teach
) -> None:
    recipe = replace(HEAD, epochs=4)
    every = Stopping(-1, Event())
    wanted = run(taught, recipe, every)
    again = teach()
    for at in (2, every.steps // 3, every.steps // 3, every.steps // 4):
        stopping = Stopping(at, Event())
        with pytest.raises(KeyboardInterrupt):
            run(again, recipe, stopping, stopping.stop)
        assert registered(again) == []
        assert contents(again.models) == {}
    last = Stopping(-1, Event())
    card = run(again, recipe, last)
    assert card.fitted is not None
    assert card.fitted.resumed
    assert last.steps < every.steps / 2, "what was done is not done again"
    assert card.lines == wanted.lines
    assert card.fingerprint == wanted.fingerprint


def test_another_training_never_goes_on_with_this_one_s_checkpoint() -> None:
    some = material(6, 4)
    split = make_split(some.examples, np.random.default_rng(0))
    lesson = head_on(some)
    other = material(6, 4, seed=1)
    targets = np.ones((len(some.rows), 2), np.float32)
    keys = [
        key_of(lesson, some, split, HEAD),
        key_of(lesson, some, split, replace(HEAD, seed=1)),
        key_of(lesson, some, replace(split, train=split.train[1:]), HEAD),
        key_of(lesson, some, replace(split, dev=split.dev[1:]), HEAD),
        key_of(head_on(other), other, split, HEAD),
        key_of(replace(lesson, targets=targets), some, split, HEAD),
        key_of(replace(lesson, targets=targets * 2), some, split, HEAD),
    ]
    assert len(set(keys)) == len(keys)
    assert key_of(head_on(some), some, split, HEAD) == keys[0]


# ---- names, and what stands in the way -----------------------------------------------------------


@pytest.mark.parametrize("name", ["head-1", "../outside", "Head 1", "a/b", "x" * 65, "-"])
def test_a_name_that_cannot_be_is_refused_before_any_work(name: str, taught: Taught) -> None:
    run(taught)
    before, steps = contents(taught.settings.data), Stopping(-1, Event())
    with pytest.raises(MismatchError, match="name"):
        run(taught, progress=steps, name=name)
    assert steps.steps == 0
    assert contents(taught.settings.data) == before


def test_a_recipe_of_one_s_own_with_an_impossible_name_is_refused_as_early(taught: Taught) -> None:
    steps = Stopping(-1, Event())
    with pytest.raises(MismatchError, match="'My Head-1' cannot be a model's name"):
        run(taught, replace(QUICK, name="My Head"), steps)
    assert steps.steps == 0


def test_a_name_that_was_taken_meanwhile_leaves_the_other_model_alone(taught: Taught) -> None:
    other = taught.models / "mine"

    def taken(step: str, done: int, total: int) -> None:
        if step == "train" and done == 1:
            other.mkdir(parents=True)
            (other / "head.onnx").write_bytes(b"another one's")
            with taught.open() as shop:
                model = Model("mine", "head", "colour", "abc", utc_now(), safe=False)
                shop.catalogue.models.add(model)

    with pytest.raises(MismatchError, match="there is a model 'mine' already"):
        run(taught, progress=taken, name="mine")
    assert (other / "head.onnx").read_bytes() == b"another one's"
    assert [model.fingerprint for model in registered(taught)] == ["abc"]


def test_what_a_killed_training_left_is_replaced(taught: Taught) -> None:
    half = taught.models / "head-1"
    half.mkdir(parents=True)
    (half / "head.onnx").write_bytes(b"half of")
    (half / "other.txt").write_text("left over")
    assert run(taught).name == "head-1"
    assert {file.name for file in half.iterdir()} == {"head.onnx", "card.json", "card.md"}


def test_a_database_that_refuses_the_model_leaves_no_folder(taught: Taught) -> None:
    """The table is dropped while it trains, as a stand-in for any refusal."""

    def dropped(step: str, done: int, total: int) -> None:
        if step == "train" and done == 1:
            with sqlite3.connect(taught.settings.data / "catalogue.db") as connection:
                connection.execute("DROP TABLE models")

    with pytest.raises(Exception, match="models"):
        run(taught, progress=dropped)
    assert contents(taught.models) == {}
