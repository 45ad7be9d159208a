"""A store's folder: one owner at a time, and a note of what is kept in it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from shoplens.disk import write_whole
from shoplens.errors import BusyError, MismatchError, StorageError
from shoplens.store.base import Dims

NOTE = "store.json"
REBUILD = "the store can be rebuilt from the catalogue: shoplens index --rebuild"


@dataclass(frozen=True, slots=True)
class Note:
    """What ``store.json`` says; ``place`` names the file or folder with the rows, if made.

    Notes from before there were colours lack ``colour_dim``: their rows have none.
    """

    kind: str
    dim: int
    text_dim: int
    colour_dim: int = 0
    place: str = ""

    @classmethod
    def of(cls, kind: str, dims: Dims, place: str = "") -> "Note":
        """Note a store of this kind, with these dimensions."""
        return cls(kind, dims.picture, dims.text, dims.colour, place)

    @property
    def dims(self) -> Dims:
        """The dimensions of its rows."""
        return Dims(self.dim, self.text_dim, self.colour_dim)


def claim(folder: Path) -> FileLock:
    """Make ``folder`` ours until the lock is released or this process ends.

    Raises:
        BusyError: another store, here or in another process, has it.
        StorageError: the folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "store.lock", timeout=0, thread_local=False)
        lock.acquire()
    except Timeout as error:
        raise BusyError(
            f"the store in {folder} is open elsewhere; stop that process, or ask the running server"
        ) from error
    except OSError as error:
        raise StorageError(f"the store's folder {folder} cannot be used: {error}") from error
    return lock


def read_note(folder: Path, wanted: Note) -> Note:
    """Read what the folder holds, or write ``wanted`` into one that holds nothing yet.

    Raises:
        MismatchError: it holds another kind of store, or rows of other dimensions.
        StorageError: the note is lost or cannot be read.
    """
    try:
        if not (folder / NOTE).exists():
            _refuse_orphans(folder)
            write_note(folder, wanted)
            return wanted
        note = Note(**json.loads((folder / NOTE).read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise StorageError(f"{folder / NOTE} cannot be read ({error}); {REBUILD}") from error
    if note.kind != wanted.kind:
        raise MismatchError(f"{folder} keeps a store of kind {note.kind!r}, not {wanted.kind!r}")
    if note.dims != wanted.dims:
        raise MismatchError(f"{folder} keeps rows of {note.dims}, not {wanted.dims}; {REBUILD}")
    return note


def write_note(folder: Path, note: Note) -> None:
    """Replace the note in one step that survives a power cut."""
    write_whole(folder / NOTE, json.dumps(asdict(note)).encode())


def _refuse_orphans(folder: Path) -> None:
    """Rows without a note mean that someone deleted it: never take them for nothing."""
    orphans = [path.name for path in folder.iterdir() if path.name.startswith(("shard-", "rows."))]
    if orphans:
        raise StorageError(f"{folder} holds {orphans[0]} but no {NOTE}; {REBUILD}")
