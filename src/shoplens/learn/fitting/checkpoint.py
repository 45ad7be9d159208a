"""What a training has come to is kept on disk, so that it can go on where it was stopped."""

import errno
import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import torch

from shoplens.disk import write_whole
from shoplens.errors import StorageError

_DIGEST = 32


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """One file, written whole or not at all; ``key`` names recipe and pictures together.

    It begins with the hash of the rest: what a damaged one would be read as, torch does not say.
    """

    path: Path
    key: str

    def write(self, state: dict[str, Any]) -> None:
        """Replace the file.

        Raises:
            StorageError: the disk is full or refuses; the file before is as it was.
        """
        content = BytesIO()
        torch.save({"key": self.key, **state}, content)
        told = content.getvalue()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.path, hashlib.sha256(told).digest() + told)
        except OSError as error:
            for part in self.path.parent.glob(f"{self.path.name}.*"):
                part.unlink()  # it would take the room that the model needs
            why = "the disk is full" if error.errno == errno.ENOSPC else str(error)
            raise StorageError(
                f"{self.path} cannot be written ({why}); what was learnt up to the file before it "
                "is kept: make room and run the same command again"
            ) from error

    def read(self) -> dict[str, Any] | None:
        """Give what was kept of the same training; None if there is none, or of another."""
        try:
            content = self.path.read_bytes()
        except OSError:
            return None
        digest, told = content[:_DIGEST], content[_DIGEST:]
        if hashlib.sha256(told).digest() != digest:
            return None
        state: dict[str, Any] = torch.load(BytesIO(told), map_location="cpu", weights_only=True)
        return state if state["key"] == self.key else None
