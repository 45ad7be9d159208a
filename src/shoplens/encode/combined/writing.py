"""A combined model is written down: a folder appears whole, or not at all."""

import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shoplens.disk import move_whole
from shoplens.encode.base import Encoder
from shoplens.encode.combined.asking import reach_of
from shoplens.encode.combined.manifest import FusedOf, Made, ShrunkOf, refuse_circle, write_combined
from shoplens.encode.combined.opening import fuse, shrink
from shoplens.encode.combined.projection import FILE, Projection, Way
from shoplens.errors import MismatchError, StorageError


@dataclass(frozen=True, slots=True)
class Named:
    """An encoder, and the name that opens it again."""

    name: str
    encoder: Encoder

    def made(self) -> Made:
        """Give what is written down of it."""
        return Made(self.name, self.encoder.picture.fingerprint)


def write_fused(folder: Path, parts: Sequence[tuple[Named, float]]) -> Encoder:
    """Fuse ``parts`` by weight in a new ``folder``, whose name becomes the model's.

    Raises:
        MismatchError: the parts cannot be fused, or there is such a folder.
        StorageError: the disk refuses.
    """
    whole = fuse(folder.name, [(part.encoder, weight) for part, weight in parts])
    total = sum(weight for _, weight in parts)
    shares = tuple(weight / total for _, weight in parts)
    written = FusedOf(tuple(part.made() for part, _ in parts), shares)
    refuse_circle(folder, written)
    with _new(folder) as making:
        write_combined(making, written)
    return whole


def write_shrunk(folder: Path, base: Named, projection: Projection, way: Way) -> Encoder:
    """Shrink the rows of ``base`` in a new ``folder``, whose name becomes the model's.

    Raises:
        MismatchError: the projection is for another encoder, or there is such a folder.
        StorageError: the disk refuses.
    """
    reach = reach_of(base.encoder, projection)
    whole = shrink(folder.name, base.encoder, projection, reach)
    written = ShrunkOf(base.made(), way, projection.dim, reach)
    refuse_circle(folder, written)
    with _new(folder) as making:
        (making / FILE).write_bytes(projection.to_bytes())
        write_combined(making, written)
    return whole


@contextmanager
def _new(folder: Path) -> Generator[Path]:
    """Give a folder to write into, which gets its name when the block ends well."""
    if folder.exists():
        raise MismatchError(f"there is {folder} already; give another name, or remove it first")
    making = folder.with_name(f".making-{folder.name}")
    try:
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        yield making
        move_whole(making, folder)
    except OSError as error:
        shutil.rmtree(making, ignore_errors=True)
        raise StorageError(f"{folder} cannot be written: {error}") from error
