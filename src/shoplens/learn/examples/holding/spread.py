"""Drawing evenly: a sample that is spread over an order, instead of one that lumps by chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shares:
    """How much is held out: of groups (or labels), of photos, and of both for early stopping."""

    unseen: float = 0.2
    held_photos: float = 0.2
    dev: float = 0.1


def drawn(pool: Sequence[T], k: int, rng: np.random.Generator) -> list[T]:
    """Draw ``k`` at even distances from a random start: systematic sampling (Madow, 1944)."""
    if not pool or k <= 0:
        return []
    steps = (np.arange(k) + rng.random()) * len(pool) / k
    return [pool[int(step)] for step in steps] if k < len(pool) else list(pool)


def shuffled(items: Sequence[T], rng: np.random.Generator) -> list[T]:
    """Give ``items`` in any order."""
    return [items[int(place)] for place in rng.permutation(len(items))]


def by_size(sizes: Mapping[str, int], rng: np.random.Generator) -> list[str]:
    """Put names in order of their sizes, equal ones in any order."""
    ties = dict(zip(sorted(sizes), rng.permutation(len(sizes)), strict=True))
    return sorted(sizes, key=lambda name: (sizes[name], ties[name]))


def divided(n: int, shares: Shares) -> tuple[int, int]:
    """Tell how many of ``n`` groups are unseen, and how many more early stopping watches.

    At least one of each where two, better three, are left to train on.
    """
    unseen = _at_least_one(shares.unseen, n, left=2)
    return unseen, _at_least_one(shares.dev, n, left=unseen + 3)


def _at_least_one(share: float, n: int, left: int) -> int:
    if share <= 0 or n <= left:
        return 0
    return min(max(round(share * n), 1), n - left)
