"""Labels that nobody gave yet, told by their names, where words can be compared with pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from shoplens.catalogue.fields import fold
from shoplens.encode.base import Encoder
from shoplens.errors import MismatchError
from shoplens.predict.heads import Head, Heads, Layer
from shoplens.predict.judging import calibrate
from shoplens.types import Embeddings

SCALE = 100.0
"""What cosines are multiplied by: the scale that CLIP models learn (Radford et al., 2021)."""
ENOUGH = 30
"""So many rows with labels calibrate a head."""
WANTED = 0.9
HALF = 0.5
"""Told when more likely than all other labels together, as there is nothing to calibrate by."""


def zero_shot_head(encoder: Encoder, task: str, labels: Sequence[str]) -> Head:
    """Make a head of the labels' names: a row's numbers are its cosines with them, scaled.

    It is used, calibrated and kept like one that was trained.

    Raises:
        MismatchError: this encoder cannot compare words with pictures, or there are fewer than two
            labels.
    """
    if encoder.asks is None:
        raise MismatchError(
            f"encoder {encoder.name!r} cannot compare words with pictures; give some products "
            "their labels and run 'shoplens tag --train', or add one that can: shoplens models add"
        )
    if len(set(labels)) < 2:
        raise MismatchError(f"{len(set(labels))} labels for {task!r} are too few; give two or more")
    weight = np.float32(SCALE) * encoder.asks.ask(labels, encoder.text.encode(labels))
    return Head(task, tuple(labels), Layer(weight, np.zeros(len(labels), np.float32)), 1.0, HALF)


def zero_shot_heads(
    encoder: Encoder,
    asked: Mapping[str, Sequence[str]],
    embeddings: Embeddings,
    known: Mapping[str, Sequence[str | None]],
) -> Heads:
    """Make a head for each field of ``asked``, calibrated by the rows whose label is known.

    With fewer than 30 of these, a head tells what is more likely than all its other labels.

    Raises:
        MismatchError: as ``zero_shot_head``.
    """
    heads = [
        _calibrated(zero_shot_head(encoder, field, labels), embeddings, known.get(field, ()))
        for field, labels in asked.items()
    ]
    return Heads(encoder.picture.fingerprint, None, tuple(heads))


def _calibrated(head: Head, embeddings: Embeddings, known: Sequence[str | None]) -> Head:
    place = {fold(label): number for number, label in enumerate(head.labels)}
    rows = [row for row, label in enumerate(known) if label and fold(label) in place]
    if len(rows) < ENOUGH:
        return head
    numbers = np.array([place[fold(known[row] or "")] for row in rows], np.int64)
    logits = head.layer(embeddings[rows]).astype(np.float64)
    temperature, threshold = calibrate(logits, numbers, WANTED)
    return replace(head, temperature=temperature, threshold=threshold)
