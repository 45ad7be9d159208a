"""A folder of images becomes products: one a picture, the folders above it its category.

Pictures of one name in one folder, as ``shoe.jpg`` and ``shoe.png``, are one product. Hidden
files, links and files that are no pictures are passed over.
"""

import os
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path, PurePosixPath

from shoplens.feed.draft import BrokenOff, Found, Place, Raw, Reading, build
from shoplens.feed.parse import IMAGE_SUFFIXES, clean
from shoplens.types import Rejection

_UNREADABLE = frozenset((".heic", ".heif", ".svg", ".psd", ".jxl", ".raw", ".cr2", ".nef", ".dng"))


def open_folder(path: Path) -> Reading:
    """Every picture below ``path``; images are paths relative to it, with forward slashes."""

    def found() -> Iterator[Found]:
        return _walk(path)

    return Reading({"id": "path", "title": "file name", "category": "folders"}, (), found)


def _walk(root: Path) -> Iterator[Found]:
    failed: list[OSError] = []
    number = 0
    for folder, folders, names in os.walk(root, onerror=failed.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        here = PurePosixPath(Path(folder).relative_to(root).as_posix())
        for stem, pictures in groupby(_pictures(Path(folder), names), key=lambda n: Path(n).stem):
            number += 1
            yield _product(here, stem, [here / name for name in pictures], number)
        for name in sorted(names):
            if Path(name).suffix.lower() in _UNREADABLE:
                supported = " ".join(suffix[1:] for suffix in IMAGE_SUFFIXES)
                reason = f"{Path(name).suffix} is not supported; convert it to one of {supported}"
                yield Rejection(_shown(here / name), reason)
        while failed:
            error = failed.pop()
            yield BrokenOff(_shown(error.filename), f"the folder cannot be read: {error.strerror}")


def _pictures(folder: Path, names: list[str]) -> list[str]:
    kept = [
        name
        for name in names
        if Path(name).suffix.lower() in IMAGE_SUFFIXES
        and not name.startswith(".")
        and not (folder / name).is_symlink()
    ]
    return sorted(kept, key=lambda name: (Path(name).stem, name))


def _product(here: PurePosixPath, stem: str, pictures: list[PurePosixPath], number: int) -> Found:
    where = _shown(pictures[0])
    if where != str(pictures[0]):
        return Rejection(where, "the name is not valid Unicode; rename the file or its folder")
    raw = Raw(
        product_id=str(here / stem),
        title=_words(stem) or stem,
        category=tuple(_words(part) or part for part in here.parts),
        images=[str(picture) for picture in pictures],
    )
    draft = build(Place("file {line}", number), raw)
    return (
        Rejection(where, draft.reason, draft.product_id) if isinstance(draft, Rejection) else draft
    )


def _words(name: str) -> str:
    """``running_shoe-07`` as words."""
    return clean(re.sub(r"[_\-\s]+", " ", name))


def _shown(path: object) -> str:
    """A path that can be printed and stored, whatever bytes its name has."""
    return str(path).encode("utf-8", "replace").decode("utf-8")
