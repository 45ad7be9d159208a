"""Which groups, or which labels, no training ever sees."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from shoplens.learn.examples.gather import Example
from shoplens.learn.examples.holding.spread import Shares, by_size, divided, drawn, shuffled


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept from training: ``groups``, because they hold one of ``labels``.

    ``labels`` is None where every label of these groups is meant, as with products.
    """

    groups: AbstractSet[str]
    labels: AbstractSet[str] | None = None

    def has(self, example: Example) -> bool:
        """Tell whether nothing of this example's kind is trained on."""
        return example.group in self.groups and (
            self.labels is None or example.label in self.labels
        )


def held_groups(
    sizes: Mapping[str, int], shares: Shares, rng: np.random.Generator
) -> tuple[Held, Held]:
    """Draw unseen groups, and those that early stopping watches, from small to large ones.

    ``sizes`` counts the pictures that each group can be judged by. One that alone is more than a
    share of them is trained on, if there are others: products that share pictures may form a chain.
    """
    most = max(shares.unseen, shares.dev) * sum(sizes.values())
    fitting = {name: size for name, size in sizes.items() if size <= most} or sizes
    order = by_size(fitting, rng)
    unseen, watched = divided(len(sizes), shares)
    first = set(drawn(order, unseen, rng))
    rest = [name for name in order if name not in first]
    return Held(first), Held(set(drawn(rest, watched, rng)))


def held_labels(
    asking: Sequence[Example], shares: Shares, rng: np.random.Generator
) -> tuple[Held, Held]:
    """Draw unseen labels, and those that early stopping watches, with every group that has one.

    One that would take much more than its share of the pictures is passed over: of few colours,
    black may be a third of the shop.
    """
    labels = sorted({example.label for example in asking})
    unseen, watched = divided(len(labels), shares)
    order = shuffled(labels, rng)
    first = _fitting(asking, order, unseen, shares.unseen)
    rest = [label for label in order if label not in first]
    second = _fitting(asking, rest, watched, shares.dev)
    held = held_with(asking, first)
    return held, Held(held_with(asking, second).groups - held.groups, set(second))


def held_with(asking: Iterable[Example], labels: Iterable[str]) -> Held:
    """Hold out ``labels``, with every group that has one of them."""
    named = set(labels)
    return Held({example.group for example in asking if example.label in named}, named)


def _fitting(asking: Sequence[Example], order: Sequence[str], k: int, share: float) -> list[str]:
    """Take up to ``k`` labels whose groups together hold no more than ``share`` of the pictures."""
    sizes = Counter(example.group for example in asking)
    groups: dict[str, set[str]] = defaultdict(set)
    for example in asking:
        groups[example.label].add(example.group)
    cost = {label: sum(sizes[group] for group in groups[label]) for label in order}
    taken: list[str] = []
    held: set[str] = set()
    for label in order:
        size = sum(sizes[group] for group in held | groups[label])
        if len(taken) < k and size <= share * len(asking):
            taken.append(label)
            held |= groups[label]
    return taken or (sorted(order, key=lambda label: cost[label])[:1] if k else [])
