"""Is the trained encoder better where it should be, and nowhere worse? Asked as visitors ask.

The rule: a model may serve only if products that it never saw are found no worse than before,
beyond what chance explains.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from shoplens.evaluate.compare import Compared, compare
from shoplens.evaluate.metrics import (
    average_precision,
    label_gains,
    rank_gallery,
    reciprocal_rank,
    success_at,
)
from shoplens.learn.material import Material
from shoplens.learn.train import leave_out
from shoplens.learn.views.bank import Places
from shoplens.types import Embeddings

DEEP = 100
FEWEST = 20
"""Photos of unseen products that a verdict needs at least."""
SAFE_BY = ("R@1", "MRR")
Figures = Mapping[str, Float64[np.ndarray, " q"]]
"""Each metric's value for each photo."""


@dataclass(frozen=True, slots=True)
class Rows:
    """One encoder's rows: of the photos asked, by ``places``, and of the ``gallery``."""

    asked: Embeddings
    gallery: Embeddings


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures of the same photos before and after, with the products that they are of."""

    before: Figures
    after: Figures
    groups: tuple[str, ...]

    def __len__(self) -> int:
        """Count the photos."""
        return len(self.groups)

    def compared(self, seed: int = 0) -> dict[str, Compared]:
        """Compare each metric, photo by photo; photos of one product are drawn together."""
        if not self.groups:
            return {}
        return {
            name: compare(
                self.before[name], self.after[name], np.random.default_rng(seed), self.groups
            )
            for name in self.before
        }


def averaged(rows: np.ndarray) -> Embeddings:
    """Make one row (q, d) of the crops of each photo (q, c, d), as a query's are made one."""
    mean = rows.mean(axis=1)
    lengths = np.linalg.norm(mean, axis=1, keepdims=True)
    return np.where(lengths > 1e-6, mean / np.maximum(lengths, 1e-6), rows[:, 0]).astype(np.float32)


def figures(
    rows: Rows, asked: Places, gallery: Places, labels: Sequence[str], *, leave_own_out: bool = True
) -> dict[str, Float64[np.ndarray, " q"]]:
    """Rank the gallery for each photo; a picture in both never answers itself if left out."""
    names = np.array(labels)
    order = rank_gallery(rows.asked, rows.gallery, DEEP + 1)
    if leave_own_out:
        order = leave_out(order, asked, gallery)
    gains = label_gains(order[:, :DEEP], names[asked], names[gallery])
    relevant = _answers(asked, gallery, labels, leave_own_out=leave_own_out)
    return {
        "R@1": success_at(gains, 1),
        "R@5": success_at(gains, 5),
        "MRR": reciprocal_rank(gains, DEEP),
        "mAP": average_precision(gains, np.minimum(np.maximum(relevant, 1), gains.shape[1])),
    }


def answerable(
    asked: Places, gallery: Places, labels: Sequence[str], *, leave_own_out: bool = True
) -> Places:
    """Keep the photos that something in the gallery, beside themselves, is the right answer to."""
    return asked[_answers(asked, gallery, labels, leave_own_out=leave_own_out) > 0]


def _answers(
    asked: Places, gallery: Places, labels: Sequence[str], *, leave_own_out: bool
) -> Places:
    """Count the right answers of each photo."""
    counts = Counter(labels[place] for place in gallery.tolist())
    found = np.array([counts[labels[place]] for place in asked.tolist()], np.int64)
    return found - (np.isin(asked, gallery) & leave_own_out)


def measure(
    material: Material,
    places: Places,
    after: Rows,
    before: Rows,
    gallery: Places,
    *,
    leave_own_out: bool = True,
) -> Measured:
    """Judge both encoders by the photos at ``places``."""
    labels = material.labels
    groups = tuple(material.examples.all[place].group for place in map(int, places))
    if not groups:
        return Measured({}, {}, ())
    told = [
        figures(rows, places, gallery, labels, leave_own_out=leave_own_out)
        for rows in (before, after)
    ]
    return Measured(told[0], told[1], groups)


def pooled(parts: Sequence[Measured]) -> Measured:
    """Put the folds together: each photo was judged by an encoder that never saw its product."""

    def joined(told: Sequence[Figures]) -> dict[str, Float64[np.ndarray, " q"]]:
        return {name: np.concatenate([one[name] for one in told]) for name in told[0]}

    judged = [part for part in parts if part.groups]
    groups: list[str] = []
    for part in judged:
        groups += part.groups
    if not groups:
        return Measured({}, {}, ())
    return Measured(
        joined([p.before for p in judged]), joined([p.after for p in judged]), tuple(groups)
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """What was measured of some products: asked for by photos and, where it can be, by words."""

    photos: Measured
    words: Measured


def together_of(folds: Sequence[Judged]) -> Judged:
    """Put the folds together, each way of asking by itself."""
    return Judged(pooled([one.photos for one in folds]), pooled([one.words for one in folds]))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a model may serve, and why."""

    safe: bool
    reason: str


def verdict(seen: Measured, unseen: Measured) -> Verdict:
    """Apply the rule."""
    if few := _too_few(unseen, "it never saw"):
        return few
    told = unseen.compared()
    if worse := _worse(told):
        return Verdict(safe=False, reason=f"products it never saw are found worse: {worse}")
    gain = seen.compared().get("R@1") if len(seen) else None
    gained = f"; products it was trained on: R@1 {_change(gain)}" if gain else ""
    worst = told["R@1"]
    return Verdict(
        safe=True,
        reason=f"products it never saw are found no worse: R@1 {_change(worst)}{gained}",
    )


def verdict_int8(whole: Verdict, photos: Measured) -> Verdict:
    """Apply the rule to a model in int8: as a float one it may serve, and beside it is no worse.

    ``photos`` compares the two. Products never seen are judged by the float model alone.
    """
    if not whole.safe:
        return Verdict(safe=False, reason=f"nor may it as a float model: {whole.reason}")
    if few := _too_few(photos, "it was trained on"):
        return few
    told = photos.compared()
    if worse := _worse(told):
        return Verdict(safe=False, reason=f"photos are found worse than in float: {worse}")
    change = _change(told["R@1"])
    return Verdict(
        safe=True, reason=f"no worse than in float: R@1 {change}; in float, {whole.reason}"
    )


def _too_few(photos: Measured, which: str) -> Verdict | None:
    """Refuse to judge by next to nothing."""
    if len(photos) < FEWEST:
        return Verdict(
            safe=False,
            reason=f"{len(photos)} photos of products {which} are too few to judge by, "
            f"{FEWEST} are needed: add photos (--photos), or products with several pictures",
        )
    if len(set(photos.groups)) < 2:
        return Verdict(
            safe=False,
            reason=f"{len(photos)} photos of a single product {which} tell nothing of others: "
            "add photos of more products (--photos)",
        )
    return None


def _worse(told: Mapping[str, Compared]) -> str:
    """Name the first figure that is worse beyond what chance explains, '' if none is."""
    lower = (name for name in SAFE_BY if told[name].high < 0)
    return next((f"{name} {_change(told[name])}" for name in lower), "")


def _change(found: Compared) -> str:
    bounds = f"from {found.low:+.3f} to {found.high:+.3f}"
    return (
        f"{found.before:.3f} → {found.after:.3f} ({found.difference:+.3f}, "
        f"{bounds if np.isfinite(found.low) else 'of a single product'})"
    )
