"""An added model in one file, to carry it to a machine without a network, and back into a folder.

The file is a plain tar, ``model.json`` first, always the same bytes for the same model. It may come
from anybody: it is read header by header here, so that nothing that a tar can hold but plain files
comes to be, and no byte more is written than ``model.json`` tells of.
"""

import hashlib
import os
import re
import shutil
import tarfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from shoplens.disk import move_whole, sync_file, sync_folder
from shoplens.encode.added.manifest import AGAIN, FILE, Manifest, check_sizes, read_manifest
from shoplens.encode.added.opening import open_added
from shoplens.encode.base import ENCODERS
from shoplens.errors import ConfigError, MismatchError, NotFoundError, StorageError

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many bytes of it are, and how many there are."""
ENDING = ".shoplens-model.tar"
CHECKPOINT = ("config.json", "open_clip_config.json")
"""A folder with one of these, and without ``model.json``, is an original model."""
LONGEST_JSON = 10_000_000
_BLOCK, _RECORD, _PIECE = tarfile.BLOCKSIZE, tarfile.RECORDSIZE, 1 << 20
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE)
Files = Iterator[tuple[str, int, BinaryIO]]
"""Name and size of each, and where its bytes can be read: before the next one is asked for."""


@dataclass(slots=True)
class _Told:
    """Adds up bytes for who wants to see that it goes on."""

    progress: Progress | None
    what: str
    total: int
    done: int = 0

    def more(self, count: int) -> None:
        self.done += count
        if self.progress:
            self.progress(self.what, self.done, self.total)


def export_model(folder: Path, out: Path, progress: Progress | None = None) -> str:
    """Write a model into one file at ``out``, or inside the folder ``out``; give its SHA-256.

    Raises:
        NotFoundError: the folder holds no model.
        MismatchError: a file of it is gone, cut, or changed; nothing is written.
        StorageError: the disk refused it.
    """
    manifest = read_manifest(folder)
    check_sizes(folder, manifest)
    path = out / f"{manifest.name}{ENDING}" if out.is_dir() else out
    draft = path.with_name(path.name + ".draft")
    told = _Told(progress, "exporting", sum(entry.bytes for entry in manifest.files))
    try:
        with _writing(path):
            with draft.open("wb") as file:
                sha256 = _write_tar(folder, manifest, file, told)
                sync_file(file)
            draft.replace(path)
            sync_folder(path.parent)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return sha256


def import_model(
    source: Path, into: Path, sha256: str = "", progress: Progress | None = None
) -> Manifest:
    """Bring in a model as ``into``/NAME, whole and proved, or not at all.

    ``source`` is a file that ``export_model`` wrote, or a folder with a model; ``sha256`` is that
    of the file, or of the folder's ``model.json``, which holds those of all others.

    Raises:
        NotFoundError: there is no such file, or no model in such a folder.
        ConfigError: ``sha256`` is no SHA-256.
        MismatchError: it is no model, was damaged or changed, or one of its name is there already.
        MissingExtraError: it knows words, and the package tokenizers is not installed.
        StorageError: the disk refused it, or is full.
    """
    wanted = sha256.strip().lower().removeprefix("sha256:")
    if wanted and not re.fullmatch("[0-9a-f]{64}", wanted):
        raise ConfigError(f"{sha256[:80]!r} is no SHA-256: wanted are 64 digits from 0 to f")
    with _opened(source, wanted, progress) as (content, files):
        manifest = Manifest.from_json(content.decode("utf-8", "replace"), f"{FILE} of {source}")
        draft = into / f".{manifest.name}.draft"
        try:
            with _writing(into):
                _make_room(draft, into / manifest.name, manifest)
                _keep(draft, manifest, content, files, progress)
            _prove(draft)
            with _writing(into):
                move_whole(draft, into / manifest.name)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return manifest


def _write_tar(folder: Path, manifest: Manifest, file: BinaryIO, told: _Told) -> str:
    whole = hashlib.sha256()

    def put(piece: bytes) -> None:
        whole.update(piece)
        file.write(piece)

    content = (folder / FILE).read_bytes()
    put(_header(FILE, len(content)) + content + _padding(len(content)))
    for entry in sorted(manifest.files, key=lambda entry: entry.name):
        put(_header(entry.name, entry.bytes))
        with (folder / entry.name).open("rb") as part:
            found = _copy(part, entry.bytes, put, told, str(folder / entry.name))
        _compare(str(folder / entry.name), found, entry.sha256)
        put(_padding(entry.bytes))
    put(bytes(2 * _BLOCK))
    put(bytes(-file.tell() % _RECORD))
    return whole.hexdigest()


def _header(name: str, size: int) -> bytes:
    told = tarfile.TarInfo(name)
    told.size, told.mode = size, 0o644
    return told.tobuf(tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)


@contextmanager
def _opened(
    source: Path, wanted: str, progress: Progress | None
) -> Generator[tuple[bytes, Files], None, None]:
    """Give ``model.json`` and the other files, the hash compared before anything else is read."""
    if not source.exists():
        raise NotFoundError(f"there is no file or folder {source}")
    if source.is_dir():
        content = _json_of(source)
        _compare(str(source / FILE), hashlib.sha256(content).hexdigest(), wanted)
        yield content, _in_folder(source, content)
        return
    try:
        file = source.open("rb")
    except OSError as error:
        raise MismatchError(f"{source} cannot be read: {error}") from error
    with file:
        if wanted:
            size = source.stat().st_size
            told = _Told(progress, "checking", size)
            found = _copy(file, size, _nowhere, told, str(source))
            _compare(str(source), found, wanted)
            file.seek(0)
        files = _in_tar(source, file)
        name, size, _ = next(files, ("", 0, file))
        if name != FILE or not 0 < size <= LONGEST_JSON:
            raise MismatchError(f"{source} does not begin with a {FILE}; {_no_tar(source)}")
        yield _read(file, size, str(source)), files


def _json_of(folder: Path) -> bytes:
    try:
        return (folder / FILE).read_bytes()
    except FileNotFoundError as error:
        if any((folder / name).is_file() for name in CHECKPOINT):
            raise MismatchError(
                f"{folder} is an original model and has no {FILE}: to make one of it, "
                f"shoplens models add {folder}"
            ) from error
        raise NotFoundError(f"{folder} holds no added model: it has no {FILE}") from error
    except OSError as error:
        raise MismatchError(f"{folder / FILE} cannot be read: {error}") from error


def _in_folder(folder: Path, content: bytes) -> Files:
    for entry in Manifest.from_json(content.decode("utf-8", "replace"), str(folder / FILE)).files:
        path = folder / entry.name
        try:
            with path.open("rb") as file:
                yield entry.name, os.fstat(file.fileno()).st_size, file
        except OSError as error:
            raise MismatchError(f"{path} cannot be read: {error}; {AGAIN}") from error


def _in_tar(source: Path, file: BinaryIO) -> Files:
    """Read the headers of a tar, each when what the one before told of has been passed."""
    after = 0
    while True:
        file.seek(after)
        block = _read(file, _BLOCK, str(source))
        if not any(block):
            return
        try:
            told = tarfile.TarInfo.frombuf(block, "utf-8", "replace")
        except tarfile.HeaderError as error:
            raise MismatchError(f"{source} cannot be read ({error}); {_no_tar(source)}") from error
        if told.type not in _PLAIN or told.size < 0:
            raise MismatchError(f"{source} holds {told.name!r}, no plain file; {_no_tar(source)}")
        after += _BLOCK + told.size + len(_padding(told.size))
        yield told.name, told.size, file


def _no_tar(source: Path) -> str:
    return (
        f"wanted is a file of 'shoplens models export', NAME{ENDING}; an original model is brought "
        f"in as a folder, by shoplens models add {source.parent}"
    )


def _make_room(draft: Path, final: Path, manifest: Manifest) -> None:
    if manifest.name in ENCODERS:
        raise MismatchError(f"{manifest.name!r} is the name of an encoder that comes with Shoplens")
    if final.exists():
        raise MismatchError(
            f"there is a model {manifest.name!r} already ({final}); remove it first: "
            f"shoplens models remove {manifest.name}"
        )
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    free, needed = shutil.disk_usage(draft).free, sum(entry.bytes for entry in manifest.files)
    if needed > free:
        raise StorageError(
            f"model {manifest.name!r} takes {needed / 1e6:,.0f} MB, and {draft.parent} has "
            f"{free / 1e6:,.0f} MB left"
        )


def _keep(
    draft: Path, manifest: Manifest, content: bytes, files: Files, progress: Progress | None
) -> None:
    """Write what ``model.json`` tells of, and nothing else."""
    left = {entry.name: entry for entry in manifest.files}
    told = _Told(progress, "importing", sum(entry.bytes for entry in manifest.files))
    for name, size, file in files:
        entry = left.pop(name, None)
        if entry is None:
            raise MismatchError(f"{FILE} tells nothing of the file {name[:80]!r}, or it came twice")
        if size != entry.bytes:
            raise MismatchError(f"{name!r} has {size:,} bytes where {entry.bytes:,} are wanted")
        with (draft / name).open("xb") as out:
            found = _copy(file, size, out.write, told, name)
            sync_file(out)
        _compare(name, found, entry.sha256)
    if left:
        raise MismatchError(f"the file {min(left)!r} is missing: it was cut; fetch it again")
    with (draft / FILE).open("xb") as out:
        out.write(content)
        sync_file(out)
    sync_folder(draft)


def _prove(folder: Path) -> None:
    """Open both towers, so that whatever is wrong is told now."""
    encoder = open_added(folder)
    if encoder.asks:
        encoder.asks.ask(["proof"], np.zeros((1, encoder.text.dim), np.float32))


def _copy(
    file: BinaryIO, size: int, put: Callable[[bytes], object], told: _Told, where: str
) -> str:
    """Hand on so many bytes, and give their SHA-256."""
    digest = hashlib.sha256()
    left = size
    while left:
        piece = _read(file, min(_PIECE, left), where)
        digest.update(piece)
        put(piece)
        told.more(len(piece))
        left -= len(piece)
    return digest.hexdigest()


def _read(file: BinaryIO, size: int, where: str) -> bytes:
    try:
        piece = file.read(size)
    except OSError as error:
        raise MismatchError(f"{where} cannot be read: {error}") from error
    if len(piece) < size:
        raise MismatchError(f"{where} ends too early: it was cut; fetch it again")
    return piece


def _compare(where: str, found: str, wanted: str) -> None:
    if wanted and found != wanted:
        raise MismatchError(
            f"{where} has the SHA-256 {found} where {wanted} is wanted: it was changed or damaged; "
            f"fetch it again, or {AGAIN}"
        )


def _nowhere(piece: bytes) -> None:
    del piece


@contextmanager
def _writing(path: Path) -> Generator[None, None, None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error}; nothing was kept") from error
