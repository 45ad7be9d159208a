"""Rows of two encoders never meet: the catalogue notes what its rows were made with."""

import hashlib
from pathlib import Path

from shoplens.catalogue.journal.models import Model
from shoplens.catalogue.journal.notes import Notes
from shoplens.encode.base import Encoder
from shoplens.errors import MismatchError, NotFoundError

NOTE = "identity of the store"
LAYOUT = 2
"""Another number whenever rows hold other things: rows of two layouts never meet either."""


class Identity:
    """What the rows of a store are made with: kind of store, encoder, both fingerprints."""

    def __init__(self, store: str, encoder: Encoder, notes: Notes) -> None:
        self.name = _name(store, encoder.name, encoder.picture.fingerprint, encoder)
        self.key = _key(self.name)
        self._notes = notes
        self._heir = ""

    def folder(self, data: Path) -> Path:
        """Name the folder of this identity's rows: another encoder's rows are elsewhere."""
        return folder_of(data, self.key)

    def check(self) -> None:
        """Refuse to go on with rows that another encoder made (MismatchError)."""
        known = self._known()
        if known not in {"", self.name, self._heir}:
            raise MismatchError(
                f"this shop was indexed as {known}, not as {self.name}; "
                "set encoder and store back, or index its feed again with --rebuild"
            )

    def leave_to(self, heir: "Identity") -> None:
        """Let questions that are on their way end well when ``heir`` is noted instead."""
        self._heir = heir.name

    def settle(self) -> None:
        """Note that the rows are made with this from now on."""
        if self._known() != self.name:
            self._notes.put(NOTE, self.name)

    def _known(self) -> str:
        try:
            return self._notes.get(NOTE)
        except NotFoundError:
            return ""


def folder_of(data: Path, key: str) -> Path:
    """Name the folder of a store by its key."""
    return data / "store" / key


def key_of(store: str, model: Model, base: Encoder) -> str:
    """Name a model's store without opening the model; ``base`` is what it was made from."""
    return _key(_name(store, model.name, model.fingerprint, base))


def _name(store: str, encoder: str, fingerprint: str, words: Encoder) -> str:
    return f"{store}/{encoder}/{fingerprint}/{words.text.fingerprint}/rows-{LAYOUT}"


def _key(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]
