"""Rows are parted by their groups, so that no product is judged by its own variant."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int64

Rows = Int64[np.ndarray, " n"]


def folds_of(groups: Sequence[str], k: int, rng: np.random.Generator) -> Rows:
    """Deal the groups into ``k`` parts of about as many rows; gives the part of each row."""
    names, group = np.unique(np.asarray(groups), return_inverse=True)
    sizes = np.bincount(group, minlength=len(names))
    parts = np.zeros(len(names), np.int64)
    filled = np.zeros(k, np.int64)
    for one in rng.permutation(len(names)):
        parts[one] = int(filled.argmin())
        filled[parts[one]] += sizes[one]
    return parts[group]


def split_groups(
    groups: Sequence[str], share: float, rng: np.random.Generator
) -> tuple[Rows, Rows]:
    """Part rows in two, about ``share`` of the groups' in the first; gives the rows of both."""
    names, group = np.unique(np.asarray(groups), return_inverse=True)
    first = np.zeros(len(names), bool)
    first[rng.permutation(len(names))[: round(share * len(names))]] = True
    return np.flatnonzero(first[group]), np.flatnonzero(~first[group])
