"""What a training works on: the pictures it may learn from, and their embeddings as they are."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from shoplens.catalogue.embeddings import Embeddings as Kept
from shoplens.encode.base import PictureTower
from shoplens.encode.crops import crops
from shoplens.errors import ImageError
from shoplens.indexing.workbench import Progress, utc_now
from shoplens.learn.examples.gather import Example, Examples, without
from shoplens.learn.examples.splits import Ints
from shoplens.types import Embedding, Embeddings, Pixels, Rejection

KEPT_AT_ONCE = 512

Look = Callable[[Example], Pixels]


@dataclass(frozen=True, slots=True)
class Material:
    """``rows`` (n, d) are the embeddings of ``examples`` by the encoder as it is."""

    examples: Examples
    rows: Embeddings

    @property
    def labels(self) -> list[str]:
        """What each picture shows."""
        return [example.label for example in self.examples.all]


def read_material(
    examples: Examples,
    tower: PictureTower,
    kept: Kept,
    look: Look,
    pool: Executor,
    progress: Progress,
) -> Material:
    """Look embeddings up, encode and keep what is missing; leave out what cannot be opened."""
    hashes = [example.image_hash for example in examples.all]
    known = kept.get(list(dict.fromkeys(hashes)), tower.fingerprint)
    missing = [i for i, image_hash in enumerate(hashes) if image_hash not in known]
    refused: dict[int, Rejection] = {}
    fresh: dict[str, Embedding] = {}

    def encode(place: int) -> Embedding | ImageError:
        try:
            return tower.encode([tower.prepare(look(examples.all[place]))])[0]
        except ImageError as error:
            return error

    for done, (place, made) in enumerate(zip(missing, pool.map(encode, missing), strict=True)):
        progress("encode", done + 1, len(missing))
        example = examples.all[place]
        if isinstance(made, ImageError):
            refused[place] = Rejection(example.source, str(made), example.product_id)
        else:
            known[example.image_hash] = fresh[example.image_hash] = made
        if len(fresh) >= KEPT_AT_ONCE:
            kept.put(fresh, fingerprint=tower.fingerprint, now=utc_now())
            fresh = {}
    kept.put(fresh, fingerprint=tower.fingerprint, now=utc_now())
    usable = without(examples, refused.keys(), refused.values()) if refused else examples
    rows = [known[example.image_hash] for example in usable.all]
    return Material(usable, np.stack(rows) if rows else np.zeros((0, tower.dim), np.float32))


@dataclass(frozen=True, slots=True)
class Asked:
    """Photos as a visitor's are encoded: ``rows`` (q, c, d) of the crops of each of ``places``."""

    places: Ints
    rows: np.ndarray

    def among(self, places: Ints) -> "Asked":
        """Give those of ``places`` that are here, in order."""
        here = np.isin(self.places, places)
        return Asked(self.places[here], self.rows[here])


def ask_all(
    examples: Examples,
    places: Ints,
    tower: PictureTower,
    look: Look,
    pool: Executor,
    progress: Progress,
) -> Asked:
    """Encode the crops of photos; one that cannot be opened any more is left out."""

    def encode(place: int) -> np.ndarray | None:
        try:
            picture = look(examples.all[place])
        except ImageError:
            return None
        return np.concatenate([tower.encode([tower.prepare(crop)]) for crop in crops(picture)])

    made: list[tuple[int, np.ndarray]] = []
    for done, (place, rows) in enumerate(
        zip(places.tolist(), pool.map(encode, places.tolist()), strict=True)
    ):
        progress("judge", done + 1, len(places))
        if rows is not None:
            made.append((place, rows))
    found = np.array([place for place, _ in made], np.int64)
    return Asked(found, np.stack([r for _, r in made]) if made else np.zeros((0, 1, tower.dim)))
