"""Which pictures meet in a batch: some of each of several products, and what each has to find."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from jaxtyping import Int64

from shoplens.learn.examples.mining import batches, hard_negatives
from shoplens.learn.examples.splits import Split
from shoplens.learn.material import Material
from shoplens.learn.recipe import Recipe

Places = Int64[np.ndarray, " m"]
NEAR = 10
"""Look-alikes of each picture that are known."""
MARGIN = 0.05
"""What is nearer than this to a picture's best match is rather a wrong label than a look-alike."""


@dataclass(frozen=True, slots=True)
class Drawer:
    """Draws batches from ``photos``, and adds what answers.

    ``anchors`` gives the gallery picture of each label: it is in every batch of its label, as it is
    what photos have to find. A label without has one more of its own pictures. ``clicked`` gives
    pictures of products that were clicked together with a label's: weak positives.
    """

    photos: Places
    labels: tuple[int, ...]
    anchors: Mapping[int, int]
    clicked: Mapping[int, Places]
    neighbours: Int64[np.ndarray, "n k"] | None
    recipe: Recipe

    @property
    def classes(self) -> int:
        """Count the labels."""
        return len(set(self.labels))

    @property
    def steps(self) -> int:
        """Batches of an epoch: every picture comes about once."""
        counts = np.unique(self.labels, return_counts=True)[1]
        portions = int(np.ceil(counts / self._each).sum())
        return max(1, -(-portions // min(self.recipe.labels_per_batch, self.classes)))

    @property
    def _each(self) -> int:
        """Pictures of a label beside its anchor."""
        return max(self.recipe.per_label - 1, 1)

    def epoch(self, rng: np.random.Generator) -> Iterator[tuple[Places, Places]]:
        """Give (places, labels) of each batch."""
        neighbours = self.neighbours if rng.random() < self.recipe.hard else None
        names = [str(label) for label in self.labels]
        count = min(self.recipe.labels_per_batch, self.classes)
        drawn = batches(names, rng, self._each, count, neighbours)
        numbers = np.array(self.labels, np.int64)
        for rows in islice(drawn, self.steps):
            yield self._answered(rows, numbers, rng)

    def _answered(
        self, rows: Places, numbers: Places, rng: np.random.Generator
    ) -> tuple[Places, Places]:
        """Add the anchors of a batch, and now and then what was clicked with it."""
        places, labels = self.photos[rows], numbers[rows]
        more: list[tuple[int, int]] = []
        for label in map(int, np.unique(labels)):
            own = self.photos[numbers == label]
            more.append((self.anchors.get(label, int(rng.choice(own))), label))
            if label in self.clicked and rng.random() < self.recipe.clicked:
                more.append((int(rng.choice(self.clicked[label])), label))
        added = np.array(more, np.int64).reshape(-1, 2)
        return np.append(places, added[:, 0]), np.append(labels, added[:, 1])


def drawer(material: Material, split: Split, usable: Places, recipe: Recipe) -> Drawer:
    """Sort the training pictures by label; ``usable`` are those of them that can be trained on.

    A gallery picture is an anchor where its label has other pictures too; else its views are the
    pair.
    """
    names = material.labels
    numbers = {name: n for n, name in enumerate(sorted({names[p] for p in map(int, usable)}))}
    answers = set(map(int, split.gallery))
    photos: list[int] = []
    anchors: dict[int, int] = {}
    for place in map(int, usable):
        label = numbers[names[place]]
        if place in answers and material.examples.way == "product" and label not in anchors:
            anchors[label] = place
        else:
            photos.append(place)
    alone = anchors.keys() - {numbers[names[place]] for place in photos}
    photos += [anchors.pop(label) for label in sorted(alone)]
    rows = material.rows[photos]
    told = [names[place] for place in photos]
    near = hard_negatives(rows, told, NEAR, margin=MARGIN) if recipe.hard else None
    clicked = _clicked(material, set(map(int, usable)), numbers)
    found = tuple(numbers[name] for name in told)
    return Drawer(np.array(photos, np.int64), found, anchors, clicked, near, recipe)


def _clicked(material: Material, usable: set[int], numbers: Mapping[str, int]) -> dict[int, Places]:
    """Sort pairs that are both trained on by label, each pair both ways."""
    found: dict[int, list[int]] = {}
    names: Sequence[str] = material.labels
    for one, other in material.examples.pairs:
        if one in usable and other in usable:
            found.setdefault(numbers[names[one]], []).append(other)
            found.setdefault(numbers[names[other]], []).append(one)
    return {label: np.array(places, np.int64) for label, places in found.items()}
