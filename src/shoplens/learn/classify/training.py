"""A classifier from beginning to end: fold by fold, calibrated by rows that heads never saw."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from shoplens.catalogue.fields import fold
from shoplens.errors import MismatchError
from shoplens.learn.classify.classes import Classes, classes_of
from shoplens.learn.classify.fitting import ClassifyConfig, fit, logits_of, shortened
from shoplens.learn.classify.parting import Rows, folds_of
from shoplens.predict.heads import Heads
from shoplens.predict.judging import (
    NEVER,
    Figures,
    Logits,
    calibrate,
    figures,
    figures_of,
    softmax,
)
from shoplens.types import Embeddings, Rejection

Progress = Callable[[str, int, int], None]
STEP = "learn"


@dataclass(frozen=True, slots=True)
class Learnt:
    """What became of one task: how often each label was seen, and how well they are told.

    ``figures`` are of rows whose head, temperature and threshold never saw them. ``before`` is the
    calibration error without a temperature.
    """

    task: str
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    before: float
    figures: Figures
    temperature: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Classifier:
    """Heads that learnt from all rows, and what was learnt; ``refused`` says what was not."""

    heads: Heads
    learnt: tuple[Learnt, ...]
    refused: tuple[Rejection, ...]
    epochs: int


@dataclass(frozen=True, slots=True)
class _HeldOut:
    """What heads said of each row that they did not see, task by task."""

    folds: Rows
    logits: Sequence[Logits]
    epochs: int


def train_classifier(
    embeddings: Embeddings,
    tasks: Mapping[str, Sequence[str | None]],
    groups: Sequence[str],
    config: ClassifyConfig,
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> Classifier:
    """Learn to tell labels from embeddings, with probabilities that mean what they say.

    Each fold of the groups is told by heads that learnt from the others; from what these say come
    temperatures, thresholds and figures. The heads that are given learnt from all rows.

    Args:
        embeddings: one row a product or picture (n, d).
        tasks: task -> the label of each row, None where it is not known.
        groups: rows of one group are never on both sides of a fold.
        config: how heads learn.
        rng: decides folds, first weights, batches and dropout.
        progress: told how many of the fits are done.

    Raises:
        MismatchError: there is nothing to learn, or rows hold what is no number.
        ConfigError: the loss grew beyond all numbers.
    """
    _check(embeddings, groups)
    classes, refused = classes_of(tasks, groups, config.fewest)
    held = _hold_out(embeddings, classes, groups, config, rng, progress)
    found = zip(classes, held.logits, strict=True)
    learnt = [_learnt(one, logits, held.folds, config.wanted) for one, logits in found]
    if config.pseudo:
        found = zip(classes, held.logits, learnt, strict=True)
        classes = [_with_guesses(*one) for one in found]
    fitted = fit(embeddings, classes, shortened(config, held.epochs), rng).heads
    if progress:
        progress(STEP, config.folds + 1, config.folds + 1)
    heads = _calibrated(fitted, learnt)
    return Classifier(heads, tuple(learnt), tuple(refused), held.epochs)


def _check(embeddings: Embeddings, groups: Sequence[str]) -> None:
    if len(embeddings) != len(groups):
        raise MismatchError(f"there are {len(embeddings)} rows, but {len(groups)} groups")
    if len(wrong := np.flatnonzero(~np.isfinite(embeddings).all(axis=1))):
        raise MismatchError(
            f"{len(wrong)} of {len(embeddings)} embeddings hold what is no number, the first in "
            f"row {wrong[0]}; index these products again"
        )


def _hold_out(
    embeddings: Embeddings,
    classes: Sequence[Classes],
    groups: Sequence[str],
    config: ClassifyConfig,
    rng: np.random.Generator,
    progress: Progress | None,
) -> _HeldOut:
    """Let each fold be told by heads that learnt from the others."""
    folds = folds_of(groups, config.folds, rng)
    logits = [np.zeros((len(embeddings), len(one.labels))) for one in classes]
    epochs: list[int] = []
    for part in range(config.folds):
        if progress:
            progress(STEP, part, config.folds + 1)
        out = folds == part
        some = [replace(one, numbers=one.numbers[~out]) for one in classes]
        held = (embeddings[out], [one.numbers[out] for one in classes])
        fitted = fit(embeddings[~out], some, config, rng, held)
        epochs.append(fitted.epochs)
        for whole, told in zip(logits, logits_of(fitted.heads, embeddings[out]), strict=True):
            whole[out] = told
    return _HeldOut(folds, logits, int(np.median(epochs)))


def _learnt(classes: Classes, logits: Logits, folds: Rows, wanted: float) -> Learnt:
    """Calibrate one task by all rows, and judge that fold by fold by the others."""
    known = classes.numbers >= 0
    first = logits.argmax(axis=1)
    sure = np.zeros(len(known))
    told = np.zeros(len(known), bool)
    for part in np.unique(folds[known]):
        out = known & (folds == part)
        temperature, threshold = calibrate(
            logits[known & ~out], classes.numbers[known & ~out], wanted
        )
        sure[out] = softmax(logits[out] / temperature).max(axis=1)
        told[out] = sure[out] >= threshold
    plain = figures(softmax(logits[known]), classes.numbers[known], NEVER)
    judged = figures_of(first[known], sure[known], classes.numbers[known], told[known])
    temperature, threshold = calibrate(logits[known], classes.numbers[known], wanted)
    counts = tuple(classes.counts)
    return Learnt(classes.task, classes.labels, counts, plain.error, judged, temperature, threshold)


def _calibrated(heads: Heads, learnt: Sequence[Learnt]) -> Heads:
    calibrated = (
        replace(head, temperature=one.temperature, threshold=one.threshold)
        for head, one in zip(heads.heads, learnt, strict=True)
    )
    return replace(heads, heads=tuple(calibrated))


def _with_guesses(classes: Classes, logits: Logits, learnt: Learnt) -> Classes:
    """Give rows without a label the one that is sure enough to be told (Lee, 2013)."""
    sure = softmax(logits / learnt.temperature).max(axis=1) >= learnt.threshold
    guessed = sure & (classes.numbers < 0)
    return replace(classes, numbers=np.where(guessed, logits.argmax(axis=1), classes.numbers))


def judge(
    heads: Heads, embeddings: Embeddings, tasks: Mapping[str, Sequence[str | None]]
) -> dict[str, Figures]:
    """Ask heads about rows that they never saw; rows whose label was not learnt count as wrong."""
    found: dict[str, Figures] = {}
    for task, predicted in heads.predict(embeddings).items():
        place = {fold(label): number for number, label in enumerate(predicted.labels)}
        labels = [fold(label or "") for label in tasks[task]]
        known = [row for row, label in enumerate(labels) if label]
        numbers = np.array([place.get(labels[row], len(place)) for row in known], np.int64)
        if known:
            found[task] = figures(predicted.probabilities[known], numbers, predicted.threshold)
    return found
