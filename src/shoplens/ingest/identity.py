"""Rows of two encoders never meet: the catalogue notes what its rows were made with."""

import hashlib
from pathlib import Path

from shoplens.catalogue.journal.notes import Notes
from shoplens.encode.base import Encoder
from shoplens.errors import MismatchError, NotFoundError

NOTE = "identity of the store"
LAYOUT = 2
"""Another number whenever rows hold other things: rows of two layouts never meet either."""


class Identity:
    """What the rows of a store are made with: kind of store, encoder, both fingerprints."""

    def __init__(self, store: str, encoder: Encoder, notes: Notes) -> None:
        towers = f"{encoder.picture.fingerprint}/{encoder.text.fingerprint}"
        self._name = f"{store}/{encoder.name}/{towers}/rows-{LAYOUT}"
        self._notes = notes

    def folder(self, data: Path) -> Path:
        """Name the folder of this identity's rows: another encoder's rows are elsewhere."""
        return data / "store" / hashlib.sha256(self._name.encode()).hexdigest()[:16]

    def check(self) -> None:
        """Refuse to go on with rows that another encoder made (MismatchError)."""
        known = self._known()
        if known not in {"", self._name}:
            raise MismatchError(
                f"this shop was indexed as {known}, not as {self._name}; "
                "set encoder and store back, or index its feed again with --rebuild"
            )

    def settle(self) -> None:
        """Note that the rows are made with this from now on."""
        if self._known() != self._name:
            self._notes.put(NOTE, self._name)

    def _known(self) -> str:
        try:
            return self._notes.get(NOTE)
        except NotFoundError:
            return ""
