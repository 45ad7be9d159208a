from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.errors import ConfigError, MismatchError
from shoplens.learn.classify.classes import classes_of
from shoplens.learn.classify.fitting import ClassifyConfig, fit, logits_of
from shoplens.learn.classify.training import judge, train_classifier
from shoplens.types import Embeddings
from toy_labels import toy_rows

SMALL = ClassifyConfig(hidden=32, batch=32, rate=1e-2, epochs=40, folds=3, patience=5)
LINEAR = replace(SMALL, hidden=0)
Tasks = Mapping[str, Sequence[str | None]]


def toy(n: int, noise: float = 0.25) -> tuple[Embeddings, dict[str, list[str | None]], list[str]]:
    rows, colours, shapes = toy_rows(n, noise)
    return rows, {"colour": [*colours], "category 1": [*shapes]}, [str(i) for i in range(n)]


@pytest.mark.parametrize("config", [SMALL, LINEAR], ids=["hidden", "linear"])
def test_what_is_learnt_is_told_of_rows_never_seen(config: ClassifyConfig) -> None:
    rows, tasks, groups = toy(240)
    made = train_classifier(rows, tasks, groups, config, np.random.default_rng(0))
    others, truth, _ = toy(150)
    for task, figures in judge(made.heads, others, truth).items():
        assert figures.accuracy > 0.9, task
        assert figures.accuracy > figures.majority
        assert figures.right >= 0.88
        assert figures.error < 0.12
    assert [one.task for one in made.learnt] == ["colour", "category 1"]
    assert sum(made.learnt[0].counts) == 240


def test_the_same_chance_gives_the_same_heads() -> None:
    rows, tasks, groups = toy(90)
    first, again = (
        train_classifier(rows, tasks, groups, SMALL, np.random.default_rng(7)) for _ in range(2)
    )
    assert first.epochs == again.epochs
    for one, other in zip(first.heads.heads, again.heads.heads, strict=True):
        assert (one.layer.weight == other.layer.weight).all()
        assert (one.temperature, one.threshold) == (other.temperature, other.threshold)


def test_labels_that_say_nothing_about_pictures_are_hardly_told() -> None:
    rows, _, groups = toy(200)
    chance = np.random.default_rng(1).choice(["a", "b", "c"], 200).tolist()
    (learnt,) = train_classifier(
        rows, {"luck": chance}, groups, SMALL, np.random.default_rng(0)
    ).learnt
    assert learnt.figures.accuracy < 0.5
    assert learnt.figures.told < 0.1


def test_rows_without_a_label_and_tasks_that_cannot_be_learnt_do_no_harm() -> None:
    rows, tasks, groups = toy(160)
    tasks["colour"] = [label if i % 3 else None for i, label in enumerate(tasks["colour"])]
    tasks["one"] = ["same"] * 160
    made = train_classifier(rows, tasks, groups, SMALL, np.random.default_rng(0))
    assert [one.task for one in made.learnt] == ["colour", "category 1"]
    assert [one.where for one in made.refused] == ["one"]
    assert made.learnt[0].figures.rows == 106
    assert made.learnt[0].figures.accuracy > 0.8


def test_sure_guesses_join_when_asked_for() -> None:
    rows, tasks, groups = toy(200)
    tasks["colour"] = [label if i < 80 else None for i, label in enumerate(tasks["colour"])]
    plain, guessed = (
        train_classifier(
            rows, tasks, groups, replace(SMALL, pseudo=pseudo), np.random.default_rng(0)
        )
        for pseudo in (False, True)
    )
    assert plain.learnt == guessed.learnt, "figures are of given labels alone"
    one, other = (made.heads.heads[0].layer.weight for made in (plain, guessed))
    assert not np.array_equal(one, other)


def test_balanced_labels_help_the_rare_one() -> None:
    rows, tasks, _ = toy(600, noise=0.5)
    kept = [i for i, label in enumerate(tasks["colour"]) if label != "Red" or i % 8 == 0]
    some = {"colour": [tasks["colour"][i] for i in kept]}
    others, truth, _ = toy(301, noise=0.5)
    red = [i for i, label in enumerate(truth["colour"]) if label == "Red"]
    found: list[float] = []
    for balanced in (False, True):
        config = replace(LINEAR, balanced=balanced)
        classes, _ = classes_of(some, [str(i) for i in kept], 2)
        heads = fit(rows[kept], classes, config, np.random.default_rng(0)).heads
        told = heads.predict(others[red])["colour"]
        found.append(float(np.mean([told.best(i)[0] == "Red" for i in range(len(red))])))
    assert found[1] > found[0] + 0.1


def test_a_loss_beyond_all_numbers_is_told() -> None:
    rows, tasks, groups = toy(60)
    with pytest.raises(ConfigError, match=r"the loss became (nan|inf).*give a lower rate"):
        train_classifier(rows, tasks, groups, replace(SMALL, rate=1e30), np.random.default_rng(0))


def test_rows_that_are_no_numbers_are_refused() -> None:
    rows, tasks, groups = toy(60)
    rows[7, 3] = np.nan
    with pytest.raises(MismatchError, match=r"1 of 60 embeddings .* the first in row 7"):
        train_classifier(rows, tasks, groups, SMALL, np.random.default_rng(0))


def test_groups_of_other_rows_are_refused() -> None:
    rows, tasks, groups = toy(60)
    with pytest.raises(MismatchError, match="60 rows, but 59 groups"):
        train_classifier(rows, tasks, groups[1:], SMALL, np.random.default_rng(0))


@pytest.mark.parametrize(
    "change", [{"rate": 0}, {"folds": 1}, {"dropout": 1}, {"fewest": 1}, {"wanted": 1}], ids=str
)
def test_settings_that_make_no_sense_are_refused(change: dict[str, float]) -> None:
    name = next(iter(change))
    with pytest.raises(ConfigError, match=f"a classifier's {name} cannot be"):
        ClassifyConfig(**change)  # pyright: ignore[reportArgumentType]


def test_progress_goes_to_its_end() -> None:
    rows, tasks, groups = toy(60)
    told: list[tuple[str, int, int]] = []

    def progress(step: str, done: int, total: int) -> None:
        told.append((step, done, total))

    train_classifier(rows, tasks, groups, SMALL, np.random.default_rng(0), progress)
    assert told == [("learn", 0, 4), ("learn", 1, 4), ("learn", 2, 4), ("learn", 4, 4)]


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 20), st.floats(0.01, 30), st.sampled_from([0, 8]))
def test_heads_read_embeddings_as_they_come_whatever_their_scale(
    seed: int, scale: float, hidden: int
) -> None:
    rows, tasks, groups = toy(40)
    classes, _ = classes_of(tasks, groups, 2)
    config = ClassifyConfig(hidden=hidden, epochs=2)
    plain = fit(rows, classes, config, np.random.default_rng(seed)).heads
    moved = rows * np.float32(scale) + np.float32(3)
    other = fit(moved, classes, config, np.random.default_rng(seed)).heads
    for one, two in zip(logits_of(plain, rows), logits_of(other, moved), strict=True):
        assert np.allclose(one, two, atol=2e-2)
