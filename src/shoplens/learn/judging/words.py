"""Do words find pictures? Each product is asked for by its own title, among all pictures."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64

from shoplens.encode.base import Derived, Encoder
from shoplens.evaluate.metrics import label_gains, rank_gallery, reciprocal_rank, success_at
from shoplens.learn.judging.measure import DEEP, Figures, Measured
from shoplens.learn.material import Material
from shoplens.learn.views.bank import Places
from shoplens.types import Embeddings


def measure_words(
    encoder: Encoder, titles: Sequence[str], material: Material, asked: Places, gallery: Places
) -> Measured:
    """Ask the pictures of ``gallery`` for the titles of the pictures ``asked``.

    Before, nothing was known: the figures of a ranking by chance.
    """
    tower, asks = encoder.picture, encoder.asks
    asked = _one_each(material, asked)
    if asks is None or not isinstance(tower, Derived) or not len(asked):
        return Measured({}, {}, ())
    texts = [titles[place] for place in map(int, asked)]
    questions = asks.ask(texts, encoder.text.encode(texts))
    answers: Embeddings = tower.derive(material.rows[gallery])
    labels = np.array(material.labels)
    order = rank_gallery(questions, answers, min(DEEP, len(gallery)))
    gains = label_gains(order, labels[asked], labels[gallery])
    after = {
        "R@1": success_at(gains, 1),
        "R@10": success_at(gains, min(10, gains.shape[1])),
        "MRR": reciprocal_rank(gains, DEEP),
    }
    groups = tuple(material.examples.all[place].group for place in map(int, asked))
    return Measured(by_chance(len(asked), len(gallery)), after, groups)


def by_chance(asked: int, gallery: int) -> Figures:
    """Give what a ranking by chance comes to, where one picture of the gallery is right."""
    deep = min(DEEP, gallery)
    harmonic = float((1 / np.arange(1, deep + 1)).sum())
    expected = {"R@1": 1 / gallery, "R@10": min(10, gallery) / gallery, "MRR": harmonic / gallery}
    return {name: _same(value, asked) for name, value in expected.items()}


def _same(value: float, count: int) -> Float64[np.ndarray, " q"]:
    return np.full(count, value)


def _one_each(material: Material, places: Places) -> Places:
    """Keep one picture of each product."""
    first: dict[str, int] = {}
    for place in map(int, places):
        first.setdefault(material.examples.all[place].product_id, place)
    return np.array(list(first.values()), np.int64)
