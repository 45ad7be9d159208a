"""Files that survive a power cut whole: the old one or the new one, never a part."""

import os
from pathlib import Path
from typing import BinaryIO


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is either the old one or the new one (OSError: it is the old one)."""
    draft = path.with_name(path.name + ".draft")
    try:
        with draft.open("wb") as file:
            file.write(content)
            sync_file(file)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def move_whole(draft: Path, folder: Path) -> None:
    """Give a folder its name once all of its files are on disk (OSError)."""
    for path in draft.iterdir():
        with path.open("r+b") as file:
            os.fsync(file.fileno())
    sync_folder(draft)
    draft.rename(folder)
    sync_folder(folder.parent)


def sync_file(file: BinaryIO) -> None:
    """Put what was written so far on disk."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Put the names in ``folder`` on disk; Windows does so by itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
