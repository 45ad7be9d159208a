"""Labels become numbers: what is learnt of a task, and why some of it is not."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from shoplens.catalogue.fields import fold
from shoplens.errors import MismatchError
from shoplens.predict.judging import Numbers
from shoplens.types import Rejection

MOST = 2000
"""Labels of one task; a field with more of them names products rather than describes them."""
SHARE = 0.5
"""A task is learnt only if this share of its labelled rows has a label that is learnt."""


@dataclass(frozen=True, slots=True)
class Classes:
    """The labels of one task that are learnt, and which of them each row has: -1 for none."""

    task: str
    labels: tuple[str, ...]
    numbers: Numbers

    @property
    def counts(self) -> list[int]:
        """How many rows have each label."""
        return np.bincount(self.numbers[self.numbers >= 0], minlength=len(self.labels)).tolist()


def classes_of(
    tasks: Mapping[str, Sequence[str | None]], groups: Sequence[str], fewest: int
) -> tuple[list[Classes], list[Rejection]]:
    """Number the labels of each task; say which tasks and labels are left out, and why.

    Args:
        tasks: task -> the label of each row; labels that fold to one are one, the first spelling
            is told.
        groups: rows of one group show one thing.
        fewest: a label is learnt if rows of so many groups have it.

    Raises:
        MismatchError: nothing is left to learn.
    """
    found: list[Classes] = []
    refused: list[Rejection] = []
    for task, labels in tasks.items():
        if len(labels) != len(groups):
            raise MismatchError(f"task {task!r} labels {len(labels)} rows, not {len(groups)}")
        classes, told = _classes(task, labels, groups, fewest)
        refused += told
        if classes:
            found.append(classes)
    if not found:
        why = "; ".join(f"{one.where}: {one.reason}" for one in refused) or "no task was given"
        raise MismatchError(f"there is nothing to learn: {why}")
    return found, refused


def _classes(
    task: str, labels: Sequence[str | None], groups: Sequence[str], fewest: int
) -> tuple[Classes | None, list[Rejection]]:
    spelled: dict[str, str] = {}
    members: dict[str, set[str]] = defaultdict(set)
    folded = [fold(label) if label else "" for label in labels]
    for key, label, group in zip(folded, labels, groups, strict=True):
        if key and label:
            spelled.setdefault(key, label)
            members[key].add(group)
    kept = sorted(key for key, some in members.items() if len(some) >= fewest)
    place = {key: number for number, key in enumerate(kept)}
    numbers = np.array([place.get(key, -1) for key in folded], np.int64)
    labelled = sum(map(bool, folded))
    reason = _why_not(len(members), len(kept), labelled, int((numbers >= 0).sum()), fewest)
    if reason:
        return None, [Rejection(task, reason)]
    left = sorted(members.keys() - place.keys(), key=lambda key: (-len(members[key]), key))
    rare = [f"{spelled[key]!r} ({len(members[key])})" for key in left]
    told = [Rejection(task, _rare(rare, fewest))] if rare else []
    return Classes(task, tuple(spelled[key] for key in kept), numbers), told


def _why_not(labels: int, kept: int, labelled: int, covered: int, fewest: int) -> str:
    if not labels:
        return "no product has a label; give some their labels first"
    if labels == 1:
        return f"all {labelled} labelled products have one label; two are needed to tell them apart"
    if kept < 2:
        return (
            f"{kept} of {labels} labels have {fewest} or more products of different groups; label "
            "more products of each, at least of two"
        )
    if kept > MOST:
        return f"{kept} labels are more than {MOST}; it seems to name products"
    if covered < SHARE * labelled:
        return (
            f"the {kept} labels with {fewest} or more products cover {covered} of {labelled} "
            "labelled products, less than half; label more products of each"
        )
    return ""


def _rare(rare: Sequence[str], fewest: int) -> str:
    shown = ", ".join(rare[:5]) + (", …" if len(rare) > 5 else "")
    many = f"{len(rare)} labels have" if len(rare) > 1 else "a label has"
    return f"{many} fewer than {fewest} products and cannot be told: {shown}"
