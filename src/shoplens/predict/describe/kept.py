"""Answers that were paid for are kept, so that no question is asked twice.

One line of JSON for each, only ever added to. What is kept is the text as it came: it is checked
again whenever it is read, so a line that somebody changed says no more than a server could.
"""

import hashlib
import json
import os
import re
from pathlib import Path
from typing import BinaryIO, cast

from shoplens.errors import StorageError
from shoplens.predict.describe.server.reply import parse_object

FOLDER = "described"


class Answers:
    """The answers of one model at one shop; close it when done."""

    def __init__(self, data: Path, model: str) -> None:
        bare = re.sub(r"[^a-z0-9.]+", "-", model.lower()).strip("-.")[:60]
        name = f"{bare}-{hashlib.sha256(model.encode()).hexdigest()[:8]}.jsonl"
        self.path = data / FOLDER / name
        self._texts = _read(self.path)
        self._file: BinaryIO | None = None

    def get(self, image_hash: str, version: str) -> tuple[str, ...] | None:
        """Give the texts that answered a question, the first and maybe a second."""
        return self._texts.get(f"{image_hash} {version}")

    def put(self, image_hash: str, version: str, texts: tuple[str, ...]) -> None:
        """Keep an answer, instead of one before to the same question (StorageError)."""
        key = f"{image_hash} {version}"
        line = json.dumps({"question": key, "texts": texts}, ensure_ascii=False).encode(
            "utf-8", "replace"
        )
        try:
            file = self._file = self._file or _open(self.path)
            file.write(line + b"\n")
        except OSError as error:
            raise StorageError(
                f"the answer cannot be kept in {self.path} ({error.strerror}); free some space, "
                "the same command goes on"
            ) from error
        self._texts[key] = texts

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()


def _open(path: Path) -> BinaryIO:
    """Open for adding; a last line that was torn is ended first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("ab+", buffering=0)
    if file.tell():
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":
            file.write(b"\n")
    return cast("BinaryIO", file)


def _read(path: Path) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return found
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error.strerror})") from error
    for line in lines:
        told = parse_object(line) or {}
        key, texts = told.get("question"), told.get("texts")
        if isinstance(key, str) and isinstance(texts, list):
            some = [text for text in cast("list[object]", texts) if isinstance(text, str)]
            if 1 <= len(some) <= 2:
                found[key] = tuple(some)
    return found
