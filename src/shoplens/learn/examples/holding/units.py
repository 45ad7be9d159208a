"""Which single photos, or products, of what is trained on are kept from it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from shoplens.learn.examples.gather import Examples
from shoplens.learn.examples.holding.spread import Shares, drawn, shuffled

Part = Literal["train", "dev", "seen", "unseen", "dev_unseen"]
Unit = list[int]
"""Places that are held out together."""


def cut(
    examples: Examples, free: Sequence[int], shares: Shares, rng: np.random.Generator
) -> dict[int, Part]:
    """Hold out single photos of products, products of groups, or groups of any other label.

    Each label keeps one unit at least to train on. A picture that is there twice teaches: held
    out, it would be asked for what was trained on.
    """
    copies = Counter(example.image_hash for example in examples.all)
    pool: list[Unit] = []
    by_label = _units(examples, free)
    for units in shuffled(by_label, rng):
        mixed = shuffled(units, rng)
        single = [u for u in mixed if all(copies[examples.all[i].image_hash] == 1 for i in u)]
        pool += single if len(single) < len(mixed) else single[1:]
    seen, dev = _counts(sum(map(len, by_label)), len(pool), shares)
    judging = drawn(range(len(pool)), seen, rng)
    left = sorted(set(range(len(pool))) - set(judging))
    parts: dict[int, Part] = dict.fromkeys(free, "train")
    for place in judging:
        parts |= dict.fromkeys(pool[place], "seen")
    for place in drawn(left, dev, rng):
        parts |= dict.fromkeys(pool[place], "dev")
    return parts


def _units(examples: Examples, free: Sequence[int]) -> list[list[Unit]]:
    """Give the units of each label; a group of several labels is a unit of its first."""
    found: dict[str, dict[str, Unit]] = {}
    first: dict[str, str] = {}
    for i, name in _named(examples, free):
        label = examples.all[i].label
        if examples.way not in {"product", "group"}:
            label = first.setdefault(name, label)
        found.setdefault(label, {}).setdefault(name, []).append(i)
    return [list(units.values()) for _, units in sorted(found.items())]


def _named(examples: Examples, free: Sequence[int]) -> Iterator[tuple[int, str]]:
    for i in free:
        example = examples.all[i]
        names = {"product": example.image_hash, "group": example.product_id}
        yield i, names.get(examples.way, example.group)


def _counts(total: int, pool: int, shares: Shares) -> tuple[int, int]:
    """Tell how many units to judge by and to watch: one of each at least, where the pool allows."""
    dev = min(max(round(shares.dev * total), 1), pool) if shares.dev > 0 else 0
    if shares.held_photos <= 0:
        return 0, dev
    dev = min(dev, max(pool // 3, 1), max(pool - 1, 0))
    return min(max(round(shares.held_photos * total), 1), pool - dev), dev
