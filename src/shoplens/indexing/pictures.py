"""One image of one product becomes an embedding, or a reason why not.

What was seen before is not opened again: a local file whose size and time are the same, a URL
that was fetched once, or any file with the same content.
"""

import math
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

from shoplens.catalogue.images import ImageRecord
from shoplens.errors import ImageError
from shoplens.images.decode import decode, size_of
from shoplens.images.source import ImageFile, ImageSource
from shoplens.indexing.cached import embeddings_kept
from shoplens.indexing.colours import FINGERPRINT, colours_of
from shoplens.indexing.workbench import ImageOutcome, Known, Workbench
from shoplens.types import Pixels

PASSED_OVER = "passed over"
"""The stamp of an image beyond ``max_images``: no file's own looks like it."""
MARGIN = 1.2
"""Decoded side over the tower's input side: leaves room for the resize before a centre crop."""


def read_image(
    bench: Workbench,
    source: ImageSource,
    name: str,
    known: Known | None,
    cpu: Callable[[Callable[[], ImageOutcome]], ImageOutcome],
) -> ImageOutcome:
    """Read, decode and encode the image called ``name``, a path or URL; its position is left 0.

    ``cpu`` runs the part that needs a core; the part before it may wait for the network.
    """
    try:
        remote = source.is_remote(name)
        if known and _is_believed(bench, source, known):
            outcome = ImageOutcome(
                known.record,
                known.embedding,
                encoded=False,
                colours=known.colours,
                derived=known.derived,
            )
            done = known.colours is not None or known.embedding is None
            return outcome if done else _reopened(bench, source, outcome, cpu)
        file = source.read(name)
        return cpu(lambda: _encode(bench, file, name, keep_thumbnail=remote))
    except ImageError as error:
        kept = _of_thumbnail(bench, known, cpu) if bench.follows and known else None
        if kept:
            return kept
        record = ImageRecord(0, name, source.stamp(name), "", 0, 0, str(error))
        return ImageOutcome(record, None, encoded=False)


def _is_believed(bench: Workbench, source: ImageSource, known: Known) -> bool:
    """Tell whether what is known of an image is right without a look at it."""
    if known.embedding is None:
        return known.record.reason != ""
    if bench.follows or source.is_remote(known.record.source):
        return True
    stamp = source.stamp(known.record.source)
    return stamp != "" and stamp == known.record.stamp


def _encode(bench: Workbench, file: ImageFile, name: str, *, keep_thumbnail: bool) -> ImageOutcome:
    tower = bench.encoder.picture
    width, height = size_of(file.data)
    record = ImageRecord(0, name, file.stamp, file.image_hash, width, height, "")
    if bench.reuse.is_set():
        kept, derived = embeddings_kept(bench, [file.image_hash])
        if file.image_hash in kept:
            outcome = ImageOutcome(
                record, kept[file.image_hash], encoded=False, derived=bool(derived)
            )
            seen = bench.catalogue.embeddings.get([file.image_hash], FINGERPRINT)
            if file.image_hash in seen:
                return replace(outcome, colours=seen[file.image_hash])
            return _coloured(bench, outcome, file.data)
    picture = _decoded(bench, file.data)
    if keep_thumbnail:
        shown = decode(file.data, min_side_px=_side_px(bench), max_pixels=bench.max_pixels)
        bench.thumbnails.put(file.image_hash, shown)
    outcome = ImageOutcome(record, tower.encode([tower.prepare(picture)])[0], encoded=True)
    return replace(outcome, colours=colours_of(picture), coloured=True)


def _of_thumbnail(
    bench: Workbench, known: Known, cpu: Callable[[Callable[[], ImageOutcome]], ImageOutcome]
) -> ImageOutcome | None:
    thumbnail = bench.thumbnails.path(known.record.image_hash)
    try:
        return cpu(lambda: _encode_thumbnail(bench, known, thumbnail)) if thumbnail else None
    except (ImageError, OSError):
        return None


def _encode_thumbnail(bench: Workbench, known: Known, thumbnail: Path) -> ImageOutcome:
    """Encode what is left of an image that cannot be had any more: better than nothing."""
    tower, picture = bench.encoder.picture, _decoded(bench, thumbnail.read_bytes())
    colours = colours_of(picture) if known.colours is None else known.colours
    embedding = tower.encode([tower.prepare(picture)])[0]
    return ImageOutcome(known.record, embedding, encoded=True, colours=colours)


def _reopened(
    bench: Workbench,
    source: ImageSource,
    outcome: ImageOutcome,
    cpu: Callable[[Callable[[], ImageOutcome]], ImageOutcome],
) -> ImageOutcome:
    """Open an image once more that was encoded before colours were kept; its thumbnail will do."""
    thumbnail = bench.thumbnails.path(outcome.record.image_hash)
    try:
        data = thumbnail.read_bytes() if thumbnail else source.read(outcome.record.source).data
        return cpu(lambda: _coloured(bench, outcome, data))
    except (ImageError, OSError):
        return outcome


def _coloured(bench: Workbench, outcome: ImageOutcome, data: bytes) -> ImageOutcome:
    return replace(outcome, colours=colours_of(_decoded(bench, data)), coloured=True)


def _decoded(bench: Workbench, data: bytes) -> Pixels:
    side = _side_px(bench)
    return decode(data, min_side_px=side, max_pixels=bench.max_pixels, for_eyes=False)


def _side_px(bench: Workbench) -> int:
    return math.ceil(bench.encoder.picture.size_px * MARGIN)


def pass_over(name: str, max_images: int) -> ImageOutcome:
    """Leave an image out because its product has more than are indexed."""
    reason = f"only the first {max_images} images of a product are indexed (index.max_images)"
    return ImageOutcome(ImageRecord(0, name, PASSED_OVER, "", 0, 0, reason), None, encoded=False)


def on(pool: Executor) -> Callable[[Callable[[], ImageOutcome]], ImageOutcome]:
    """Run work on ``pool`` and wait for it."""
    return lambda work: pool.submit(work).result()


def here(work: Callable[[], ImageOutcome]) -> ImageOutcome:
    """Run work in the calling thread."""
    return work()
