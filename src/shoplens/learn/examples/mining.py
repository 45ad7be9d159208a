"""What looks alike and is not the same teaches most: it is found, and put in one batch."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from jaxtyping import Float32, Int64

from shoplens.errors import MismatchError
from shoplens.types import Embeddings

Places = Int64[np.ndarray, " b"]
Neighbours = Int64[np.ndarray, "n k"]
Numbers = Int64[np.ndarray, " n"]
Scores = Float32[np.ndarray, "b n"]

NONE = -1
"""Stands where a picture has no further negatives."""
CELLS = 1 << 24
"""Scores that are held at a time at most: about 0.3 GB with their places."""


def hard_negatives(
    embeddings: Embeddings,
    labels: Sequence[str],
    k: int,
    block: int = 1024,
    margin: float | None = None,
) -> Neighbours:
    """Find for each row the ``k`` nearest of another label, the nearest first; -1 past the last.

    With a ``margin``, those come first that score less than the row's best positive minus
    ``margin``: semi-hard ones (Schroff et al., 2015). What is nearer than every positive is often
    the same thing under a wrong label, and comes last, the least near before the nearest. A row
    without positives has no such limit. Exact; holds ``block`` by n scores at a time, or fewer
    rows of many.
    """
    numbers = _numbered(labels, len(embeddings))
    n = len(embeddings)
    block = max(min(block, CELLS // max(n, 1)), 1)
    found = np.full((n, k), NONE, np.int64)
    for start in range(0, n, block):
        rows = np.arange(start, min(start + block, n))
        scores = embeddings[rows] @ embeddings.T  # (b, n)
        same = numbers[rows][:, None] == numbers
        if margin is not None:
            _put_last(scores, _best_positive(scores, same, rows) - np.float32(margin), same)
        scores[same] = -np.inf
        _take(scores, found[start : start + block])
    return found


def _numbered(labels: Sequence[str], n: int) -> Numbers:
    if len(labels) != n:
        raise MismatchError(f"{len(labels)} labels for {n} embeddings; wanted one for each")
    return np.unique(np.asarray(labels, np.str_), return_inverse=True)[1].astype(np.int64)


def _best_positive(
    scores: Scores, same: np.ndarray[tuple[int, int], np.dtype[np.bool_]], rows: Places
) -> Float32[np.ndarray, " b"]:
    """Give the best score of another picture of a row's label; infinity where there is none."""
    others = same.copy()
    others[np.arange(len(rows)), rows] = False
    best = np.where(others, scores, -np.inf).max(axis=1)
    return np.where(np.isfinite(best), best, np.inf).astype(np.float32)


def _put_last(
    scores: Scores,
    limit: Float32[np.ndarray, " b"],
    same: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
) -> None:
    """Turn scores from ``limit`` on upside down, below all others: cosines are at most 1."""
    beyond = (scores >= limit[:, None]) & ~same
    scores[beyond] = -4 - scores[beyond]


def _take(scores: Scores, out: Neighbours) -> None:
    """Write the places of the best finite scores of each row into ``out``, the best first."""
    k = min(out.shape[1], scores.shape[1])
    if not k:
        return
    places = np.argpartition(-scores, k - 1, axis=1)[:, :k].astype(np.int64)
    best = np.take_along_axis(scores, places, axis=1)
    order = np.lexsort((places, -best), axis=1)
    out[:, :k] = np.where(
        np.isfinite(np.take_along_axis(best, order, axis=1)),
        np.take_along_axis(places, order, axis=1),
        NONE,
    )


# ---- batches -------------------------------------------------------------------------------------


def batches(
    labels: Sequence[str],
    rng: np.random.Generator,
    per_label: int,
    labels_per_batch: int,
    neighbours: Neighbours | None = None,
) -> Iterator[Places]:
    """Give the batches of one epoch: ``labels_per_batch`` labels, ``per_label`` places of each.

    Every place comes once at least. A label with fewer is filled up with its own places again, the
    last batches with labels that had their turn: a batch teaches by what it tells apart. With
    ``neighbours`` of each place (as from :func:`hard_negatives`) a batch is a neighbourhood:
    labels that look alike, and what looks like these, until it is full.
    """
    epoch = _Epoch(_numbered(labels, len(labels)), per_label, rng)
    near = _near(epoch.numbers, neighbours) if neighbours is not None else {}
    wanted = min(labels_per_batch, len(epoch.rows))
    while (seed := epoch.next()) is not None:
        chosen = _neighbourhood(seed, near, epoch.waits, wanted)
        while len(chosen) < wanted and (label := epoch.next(chosen)) is not None:
            chosen.append(label)
        chosen += epoch.others(chosen, wanted - len(chosen))
        yield np.concatenate([epoch.take(label) for label in chosen])


class _Epoch:
    """What still has to come, label by label."""

    def __init__(self, numbers: Numbers, per_label: int, rng: np.random.Generator) -> None:
        self.numbers = numbers
        self._rng = rng
        self._per_label = per_label
        order = np.argsort(numbers, kind="stable")
        bounds = np.flatnonzero(np.diff(numbers[order])) + 1
        self.rows: list[Places] = np.split(order, bounds) if len(order) else []
        self._waiting = [self._portions(rows) for rows in self.rows]
        self._left = set(range(len(self.rows)))
        turns = np.repeat(np.arange(len(self.rows)), [len(some) for some in self._waiting])
        self._turns = deque(map(int, rng.permutation(turns)))

    def waits(self, label: int) -> bool:
        """Tell whether some of a label has not come yet."""
        return bool(self._waiting[label])

    def next(self, but: Sequence[int] = ()) -> int | None:
        """Give a label that waits, each as likely as it has much left; none if all is done."""
        if all(label in but for label in self._left):
            return None
        passed: list[int] = []
        found: int | None = None
        while self._turns and found is None:
            label = self._turns.popleft()
            if label in but:
                passed.append(label)
            elif self._waiting[label]:
                found = label
        self._turns.extendleft(reversed(passed))
        return found

    def take(self, label: int) -> Places:
        """Give the next places of a label, or any again if all came."""
        waiting = self._waiting[label]
        if not waiting:
            return self._portions(self.rows[label])[0]
        if len(waiting) == 1:
            self._left.discard(label)
        return waiting.pop()

    def others(self, chosen: Sequence[int], k: int) -> list[int]:
        """Draw ``k`` labels that are not among ``chosen``, done or not."""
        if k <= 0:
            return []
        left = np.setdiff1d(np.arange(len(self.rows)), np.asarray(chosen, np.int64))
        return [int(label) for label in self._rng.choice(left, k, replace=False)]

    def _portions(self, rows: Places) -> list[Places]:
        mixed = self._rng.permutation(rows)
        cuts = range(0, len(mixed), self._per_label)
        found = [mixed[start : start + self._per_label] for start in cuts]
        if len(found[-1]) < self._per_label:
            rest = np.concatenate([found[-1], mixed[: -len(found[-1])]])
            found[-1] = np.resize(rest, self._per_label)
        return found


def _neighbourhood(
    seed: int, near: Mapping[int, Sequence[int]], waits: Callable[[int], bool], wanted: int
) -> list[int]:
    """Walk from label to the labels most like it, breadth first, over those that wait."""
    chosen = [seed]
    for label in chosen:
        for other in near.get(label, ()):
            if len(chosen) == wanted:
                return chosen
            if other not in chosen and waits(other):
                chosen.append(other)
    return chosen


def _near(numbers: Numbers, neighbours: Neighbours) -> dict[int, list[int]]:
    """Give the labels most like each label: a neighbour at place r counts 1 / (r + 1)."""
    rows, ranks = np.nonzero(neighbours != NONE)
    count = int(numbers.max(initial=-1)) + 1
    edges = numbers[rows] * count + numbers[neighbours[rows, ranks]]
    codes, which = np.unique(edges, return_inverse=True)
    weights = np.bincount(which, 1 / (ranks + 1), len(codes))
    near: dict[int, list[int]] = {}
    for place in np.lexsort((codes, -weights)):
        label, other = divmod(int(codes[place]), count)
        if label != other:
            near.setdefault(label, []).append(other)
    return near
