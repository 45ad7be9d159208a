"""Photos are asked as a visitor asks, of the encoder as it was and as it is trained."""

from dataclasses import dataclass, field

import numpy as np

from shoplens.answer.calibrating.photos import as_photo
from shoplens.encode.base import Derived, Encoder, PictureTower
from shoplens.errors import ImageError
from shoplens.indexing.workbench import Progress
from shoplens.learn.examples.gather import Example
from shoplens.learn.examples.splits import Split
from shoplens.learn.judging.measure import (
    Judged,
    Measured,
    Rows,
    answerable,
    averaged,
    measure,
)
from shoplens.learn.judging.words import measure_words
from shoplens.learn.lessons.align import titles_of
from shoplens.learn.material import Asked, Material, ask_all
from shoplens.learn.shop import Shop
from shoplens.learn.views.bank import Places
from shoplens.types import Embeddings, Pixels

MOST = 500
"""Photos asked for one table at most; more tell little more."""


@dataclass
class Judging:
    """Asks both encoders; remembers what the encoder as it was gave for a photo.

    ``augmented``: there are no photos, so a picture asks as a hard photo of itself.
    """

    shop: Shop
    material: Material
    augmented: bool
    progress: Progress
    _before: dict[int, np.ndarray] = field(default_factory=dict[int, np.ndarray])

    def of(self, encoder: Encoder, asked: Places, split: Split) -> Judged:
        """Judge a trained encoder by photos of ``asked``, and by their words if it knows any."""
        photos = self.measure(encoder.picture, asked, split.gallery)
        if encoder.asks is None:
            return Judged(photos, Measured({}, {}, ()))
        titles = titles_of(self.shop, self.material)
        return Judged(photos, measure_words(encoder, titles, self.material, asked, split.gallery))

    def measure(
        self,
        tower: PictureTower,
        asked: Places,
        gallery: Places,
        against: PictureTower | None = None,
    ) -> Measured:
        """Judge ``tower`` and another by the same photos and gallery.

        The other is the one it was made from, unless it is ``against`` another one.
        """
        own, labels = not self.augmented, self.material.labels
        if not len(asked):
            return Measured({}, {}, ())
        other = against or self.shop.encoder.picture
        kept, answers_before = self._gallery(other, gallery)
        gallery, answers = self._gallery(tower, kept)
        asked = _some(answerable(asked, gallery, labels, leave_own_out=own))
        before = self._asked(other, asked)
        made = self._asked(tower, before.places)
        before = before.among(made.places)
        base = Rows(averaged(before.rows), answers_before[np.isin(kept, gallery)])
        after = Rows(averaged(made.rows), answers)
        return measure(self.material, made.places, after, base, gallery, leave_own_out=own)

    def _asked_before(self, places: Places) -> Asked:
        new = np.array([p for p in places.tolist() if p not in self._before], np.int64)
        made = self._ask(self.shop.encoder.picture, new)
        self._before |= dict(zip(made.places.tolist(), made.rows, strict=True))
        here = [place for place in places.tolist() if place in self._before]
        rows = [self._before[place] for place in here]
        empty = np.zeros((0, 1, self.shop.encoder.picture.dim))
        return Asked(np.array(here, np.int64), np.stack(rows) if rows else empty)

    def _asked(self, tower: PictureTower, places: Places) -> Asked:
        derived = isinstance(tower, Derived)
        if not derived and tower.fingerprint != self.shop.encoder.picture.fingerprint:
            return self._ask(tower, places)
        before = self._asked_before(places)
        if not derived:
            return before
        count, crops, dim = before.rows.shape
        rows = tower.derive(before.rows.reshape(count * crops, dim).astype(np.float32))
        return Asked(before.places, rows.reshape(count, crops, tower.dim))

    def _ask(self, tower: PictureTower, places: Places) -> Asked:
        shop = self.shop
        return ask_all(self.material.examples, places, tower, self._look, shop.pool, self.progress)

    def _look(self, example: Example) -> Pixels:
        picture = self.shop.opener.open(example)
        if not self.augmented or example.role == "photo":
            return picture
        seed = int(example.image_hash[:12], 16)
        others = self.material.examples.all
        behind = self.shop.opener.open(others[seed % len(others)])
        return as_photo(picture, behind, np.random.default_rng(seed))

    def _gallery(self, tower: PictureTower, places: Places) -> tuple[Places, Embeddings]:
        """Encode gallery pictures, each whole; one that cannot be opened any more is left out."""
        if isinstance(tower, Derived):
            return places, tower.derive(self.material.rows[places])
        if tower.fingerprint == self.shop.encoder.picture.fingerprint:
            return places, self.material.rows[places]
        examples = self.material.examples.all

        def encode(place: int) -> np.ndarray | None:
            try:
                picture = self.shop.opener.open(examples[place])
            except ImageError:
                return None
            return tower.encode([tower.prepare(picture)])[0]

        kept: list[int] = []
        rows: list[np.ndarray] = []
        made = self.shop.pool.map(encode, places.tolist())
        for done, (place, row) in enumerate(zip(places.tolist(), made, strict=True)):
            self.progress("judge", done + 1, len(places))
            if row is not None:
                kept.append(place)
                rows.append(row)
        found = np.array(kept, np.int64)
        return found, np.stack(rows) if rows else np.zeros((0, tower.dim), np.float32)


def _some(places: Places) -> Places:
    if len(places) <= MOST:
        return places
    return np.sort(np.random.default_rng(0).choice(places, MOST, replace=False))
