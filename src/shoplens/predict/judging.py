"""How sure a head is, made honest, and how good it is: numbers only."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64

from shoplens.rank.calibration import calibration_error

Logits = Float64[np.ndarray, "n c"]
Probabilities = Float64[np.ndarray, "n c"]
Numbers = Int64[np.ndarray, " n"]
"""Which label each row has, counted from 0."""

NEVER = 2.0
"""A threshold that no probability reaches."""
COLDEST, HOTTEST = 0.05, 20.0
HALVINGS = 50
BINS = 15


@dataclass(frozen=True, slots=True)
class Figures:
    """How good a head is on rows that it never saw.

    ``majority`` is the accuracy of always saying the commonest label. ``error`` is the expected
    calibration error. Of all rows the share ``told`` was sure enough, and of these the share
    ``right`` was right; 1 where none was told.
    """

    rows: int
    accuracy: float
    macro_f1: float
    majority: float
    error: float
    told: float
    right: float


def softmax(logits: Logits) -> Probabilities:
    """Turn each row into probabilities."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def log_loss(logits: Logits, numbers: Numbers) -> float:
    """Give the mean negative log-likelihood of the right labels."""
    top = logits.max(axis=1)
    total = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return float((total - logits[np.arange(len(numbers)), numbers]).mean())


def fit_temperature(logits: Logits, numbers: Numbers) -> float:
    """Find the temperature at which the right labels are likeliest (Guo et al., 2017).

    The loss is convex in the temperature's inverse, whose slope is halved into; the bounds are
    what is told where rows are all right or all wrong.
    """
    right = logits[np.arange(len(numbers)), numbers]
    low, high = 1 / HOTTEST, 1 / COLDEST
    for _ in range(HALVINGS):
        middle = float(np.sqrt(low * high))
        expected = (softmax(logits * middle) * logits).sum(axis=1)
        if (expected - right).mean() > 0:
            high = middle
        else:
            low = middle
    return float(1 / np.sqrt(low * high))


def find_threshold(
    sure: Float64[np.ndarray, " n"], right: Bool[np.ndarray, " n"], wanted: float
) -> float:
    """Find the lowest probability from which the wanted share of first labels was right.

    The share is that at the low end of its standard error (Wilson, 1927), so that a few lucky rows
    promise nothing. ``NEVER`` where no probability will do.
    """
    if not len(sure):
        return NEVER
    order = np.argsort(-sure, kind="stable")
    count = np.arange(1, len(sure) + 1)
    share = np.cumsum(right[order]) / count
    spread = np.sqrt(share * (1 - share) / count + 1 / (4 * count**2))
    least = (share + 1 / (2 * count) - spread) / (1 + 1 / count)
    last = np.append(sure[order][1:] < sure[order][:-1], [True])
    good = np.flatnonzero((least >= wanted) & last)  # equal ones are told together
    return float(sure[order][good[-1]]) if len(good) else NEVER


def calibrate(logits: Logits, numbers: Numbers, wanted: float) -> tuple[float, float]:
    """Find temperature and threshold by rows that the head never saw; 1 and NEVER without any."""
    if not len(numbers):
        return 1.0, NEVER
    temperature = fit_temperature(logits, numbers)
    sure = softmax(logits / temperature).max(axis=1)
    return temperature, find_threshold(sure, logits.argmax(axis=1) == numbers, wanted)


def figures(probabilities: Probabilities, numbers: Numbers, thresholds: float) -> Figures:
    """Compare what was said with what is right."""
    first = probabilities.argmax(axis=1)
    sure = probabilities.max(axis=1)
    return figures_of(first, sure, numbers, sure >= thresholds)


def figures_of(
    first: Numbers,
    sure: Float64[np.ndarray, " n"],
    numbers: Numbers,
    told: Bool[np.ndarray, " n"],
) -> Figures:
    """Compare first labels, told with probability ``sure``, with what is right."""
    right = first == numbers
    return Figures(
        rows=len(numbers),
        accuracy=float(right.mean()),
        macro_f1=macro_f1(first, numbers),
        majority=float(np.bincount(numbers).max() / len(numbers)),
        error=float(calibration_error(sure, right.astype(np.float64), BINS)),
        told=float(told.mean()),
        right=float(right[told].mean()) if told.any() else 1.0,
    )


def macro_f1(first: Numbers, numbers: Numbers) -> float:
    """Average the harmonic mean of precision and recall over the labels that rows have."""
    size = int(max(first.max(), numbers.max())) + 1
    hit = np.bincount(numbers[first == numbers], minlength=size)
    said, there = np.bincount(first, minlength=size), np.bincount(numbers, minlength=size)
    return float(np.mean((2 * hit / np.maximum(said + there, 1))[there > 0]))
