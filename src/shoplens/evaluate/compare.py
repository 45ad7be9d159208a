"""What figures are worth: intervals by resampling, and whether one run is better than another.

Photos of one product are not independent: where ``groups`` names what each query is about, whole
groups are drawn, and swapped, together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float, Float64

from shoplens.errors import MismatchError

Values = Float[np.ndarray, " q"]
Wide = Float64[np.ndarray, " g"]
Verdict = Literal["better", "worse", "no difference that can be told"]

DRAWS = 10_000
EXACT_UP_TO = 14
"""So few groups that differ are swapped in every way there is: 2^14 of them."""
BLOCK = 1 << 21
"""So many numbers are drawn at a time."""


class Interval(NamedTuple):
    """A mean, and between which values it would probably lie with other queries of the kind.

    The bounds are infinite where a single group leaves nothing to tell.
    """

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Compared:
    """Two means over the same queries, the interval of ``difference``, after less before.

    ``p`` is how often a difference as large would come about if both were equally good.
    """

    before: float
    after: float
    difference: float
    low: float
    high: float
    p: float

    def verdict(self, level: float = 0.95) -> Verdict:
        """Call it a difference only where the interval and the test agree that it is one."""
        if self.p >= 1.0 - level or self.low <= 0.0 <= self.high:
            return "no difference that can be told"
        return "better" if self.difference > 0 else "worse"


def interval(
    values: Values,
    rng: np.random.Generator,
    level: float = 0.95,
    groups: Sequence[str] | None = None,
) -> Interval:
    """Draw queries, or whole groups, with replacement and take percentiles of the means.

    (Percentile bootstrap: Efron, 1979; of clusters: Field and Welsh, 2007.)

    Raises:
        MismatchError: there are no values, one is not finite, or groups are not as many.
    """
    sums, sizes = _grouped(values, groups)
    mean = float(values.mean(dtype=np.float64))
    if len(sums) < 2:
        return Interval(mean, -np.inf, np.inf)
    step = max(BLOCK // len(sums), 1)
    means: list[Wide] = []
    for start in range(0, DRAWS, step):
        drawn = rng.integers(0, len(sums), (min(step, DRAWS - start), len(sums)))
        means.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(np.concatenate(means), [tail, 1.0 - tail]).tolist()
    return Interval(mean, min(low, mean), max(high, mean))  # not past it by rounding


def compare(
    before: Values,
    after: Values,
    rng: np.random.Generator,
    groups: Sequence[str] | None = None,
    level: float = 0.95,
) -> Compared:
    """Compare two runs over the same queries: a paired bootstrap and a randomisation test.

    The test is two-sided and exact where few groups differ. (Smucker, Allan and Carterette, 2007.)

    Raises:
        MismatchError: the runs are not as long, empty, or hold what is not finite.
    """
    if len(before) != len(after):
        told = f"{len(before)} values before and {len(after)} after"
        raise MismatchError(f"{told}; compare runs over the same queries")
    gained = after.astype(np.float64) - before
    difference, low, high = interval(gained, rng, level, groups)
    sums, _ = _grouped(gained, groups)
    means = float(before.mean(dtype=np.float64)), float(after.mean(dtype=np.float64))
    return Compared(*means, difference, low, high, _chance(sums[sums != 0], rng))


def _chance(sums: Wide, rng: np.random.Generator) -> float:
    """Tell how often swapping runs at random gives a difference at least as large as this one."""
    if not len(sums):
        return 1.0
    as_large = abs(sums.sum()) - 1e-9 * np.abs(sums).sum()  # or rounding breaks ties
    if len(sums) <= EXACT_UP_TO:
        every = np.arange(1 << len(sums))[:, None] >> np.arange(len(sums)) & 1
        return float((np.abs(_swapped(every, sums)) >= as_large).mean())
    step = max(BLOCK // len(sums), 1)
    reached = 0
    for start in range(0, DRAWS, step):
        shape = min(step, DRAWS - start), len(sums)
        swaps = rng.integers(0, 2, shape, dtype=np.int8)
        reached += int((np.abs(_swapped(swaps, sums)) >= as_large).sum())
    return (reached + 1) / (DRAWS + 1)


def _swapped(swaps: np.ndarray, sums: Wide) -> Wide:
    """Sum up with the sign of those turned that are swapped."""
    return sums.sum() - 2.0 * (swaps.astype(np.float64) @ sums)


def _grouped(values: Values, groups: Sequence[str] | None) -> tuple[Wide, Wide]:
    """Add up the values of each group, and count them."""
    if not len(values) or not np.isfinite(values).all():
        told = f"{len(values)} values, {int(np.isfinite(values).sum())} of them finite"
        raise MismatchError(f"{told}; at least one is wanted, and all finite")
    if groups is None:
        return values.astype(np.float64), np.ones(len(values))
    if len(groups) != len(values):
        raise MismatchError(f"{len(groups)} groups for {len(values)} values; give one a value")
    numbers: dict[str, int] = {}
    places = np.array([numbers.setdefault(group, len(numbers)) for group in groups])
    sums = np.bincount(places, weights=values.astype(np.float64))
    return sums, np.bincount(places).astype(np.float64)
