"""The rows that a shop keeps of its own pictures, to measure by and to fit on."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from shoplens.answer.calibrating.questions import group_of
from shoplens.catalogue.catalogue import Catalogue
from shoplens.types import Embeddings, Stage

PAGE = 1000
MOST = 20_000
"""So many pictures are looked at: more change the third digit and take minutes."""


@dataclass(frozen=True, slots=True)
class KeptRows:
    """Rows of distinct pictures, and the group of products that each shows."""

    rows: Embeddings
    groups: tuple[str, ...]


def kept_rows(catalogue: Catalogue, fingerprint: str, rng: np.random.Generator) -> KeptRows:
    """Read what one picture tower made of the shop's indexed pictures, or of any ``MOST`` of them.

    A picture of several groups is taken for one of the first. There may be none: then the tower
    never served here.
    """
    if not catalogue.embeddings.count(fingerprint):
        return KeptRows(np.zeros((0, 0), np.float32), ())
    shown = dict(_pictures(catalogue))
    names = sorted(shown)
    drawn = sorted(names[int(place)] for place in rng.permutation(len(names))[:MOST])
    found = catalogue.embeddings.get(drawn, fingerprint)
    there = [name for name in drawn if name in found]
    if not there:
        return KeptRows(np.zeros((0, 0), np.float32), ())
    rows = np.stack([found[name] for name in there])
    return KeptRows(rows, tuple(shown[name] for name in there))


def _pictures(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Give the hash of every usable picture once, with the first group that shows it."""
    seen: set[str] = set()
    after = 0
    while page := catalogue.products.walk(after=after, k=PAGE):
        after = page[-1].number
        indexed = [stored for stored in page if stored.stage is Stage.INDEXED]
        records = catalogue.images.of([stored.number for stored in indexed])
        for stored in indexed:
            for record in records[stored.number]:
                if record.image_hash and not record.reason and record.image_hash not in seen:
                    seen.add(record.image_hash)
                    yield record.image_hash, group_of(stored.product)
