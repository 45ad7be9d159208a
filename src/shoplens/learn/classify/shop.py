"""A shop teaches a classifier: products and their labels go in, a folder with heads comes out."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from shoplens.errors import MismatchError
from shoplens.learn.classify.card import ClassifierCard, write_classifier
from shoplens.learn.classify.fitting import ClassifyConfig
from shoplens.learn.classify.training import Progress, train_classifier
from shoplens.predict.files import classifier_folder
from shoplens.predict.heads import field_of
from shoplens.predict.shop.gathering import Gathered
from shoplens.predict.shop.labels import labels_of


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """What to learn: the fields, or all if there are none; how; and the chance it starts from."""

    data: Path
    fingerprint: str
    fields: Sequence[str] = ()
    config: ClassifyConfig = field(default_factory=ClassifyConfig)
    seed: int = 0


def train_shop(
    gathered: Gathered, request: TrainRequest, now: datetime, progress: Progress
) -> ClassifierCard:
    """Learn what a shop says of its products, and keep it in ``data/models/classifier``.

    Interrupted at any point, nothing is kept and what was there before stays.

    Raises:
        MismatchError: there is nothing to learn; the message says of each field why.
        StorageError: the disk is full.
    """
    began = time.monotonic()
    found = labels_of(gathered.products)
    classifier = train_classifier(
        gathered.embeddings,
        _asked(found.tasks, request.fields),
        gathered.groups,
        request.config,
        np.random.default_rng(request.seed),
        progress,
    )
    heads = replace(classifier.heads, fingerprint=request.fingerprint)
    card = ClassifierCard(
        fingerprint=request.fingerprint,
        created=now,
        seconds=time.monotonic() - began,
        products=len(gathered.stored),
        config=request.config,
        learnt=classifier.learnt,
        refused=(*found.passed, *classifier.refused),
        alike=found.alike,
    )
    write_classifier(classifier_folder(request.data), replace(classifier, heads=heads), card)
    return card


def _asked(
    found: Mapping[str, Sequence[str | None]], fields: Sequence[str]
) -> dict[str, Sequence[str | None]]:
    """Take the tasks of some fields, or all; MismatchError if no product says anything in one."""
    tasks = {
        task: labels for task, labels in found.items() if not fields or field_of(task) in fields
    }
    if unknown := sorted({*fields} - {*map(field_of, tasks)}):
        known = ", ".join(sorted({field_of(task) for task in found}))
        raise MismatchError(f"no product says anything in {', '.join(unknown)}; there are: {known}")
    return tasks
