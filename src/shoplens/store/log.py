"""Rows on disk for the exact store: one file that only grows, a checksum for every batch."""

import io
import json
import os
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from shoplens.disk import sync_folder, write_whole
from shoplens.errors import StorageError
from shoplens.store.folder import REBUILD
from shoplens.types import Fields, FieldValue, Row, SparseRow

_HEADER = struct.Struct("<QI")  # bytes of the body, its CRC-32


@dataclass(frozen=True, slots=True)
class Change:
    """One acknowledged write: first forget these products, then keep these rows."""

    rows: tuple[Row, ...] = ()
    deleted: tuple[str, ...] = ()


class Log:
    """Appends changes; one that ``append`` has returned from is on disk.

    A batch cut short by a crash was never acknowledged: it is dropped when the file is opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("ab")
        sync_folder(path.parent)

    def replay(self) -> Iterator[Change]:
        """Read every change, oldest first, and cut off what a crash left unfinished.

        Raises:
            StorageError: the file is damaged before its end.
        """
        content = self._path.read_bytes()
        at = 0
        while at < len(content):
            end, body = _record(content, at)
            if body is None and end < len(content):
                raise StorageError(f"{self._path} is damaged at byte {at}; {REBUILD}")
            if body is None:
                self._file.truncate(at)
                return
            yield _decoded(body)
            at = end

    def append(self, change: Change) -> None:
        """Write one change through to the disk, or leave the file as it was.

        Raises:
            StorageError: the disk refused it.
        """
        before = self._path.stat().st_size
        try:
            self._file.write(_encoded(change))
            self.sync()
        except OSError as error:
            self._file.close()  # what is still buffered must not come out later
            os.truncate(self._path, before)
            self._file = self._path.open("ab")
            raise StorageError(f"{self._path} could not be written: {error}") from error

    def replace(self, rows: Sequence[Row]) -> None:
        """Start again from ``rows`` alone, in one step."""
        self._file.close()
        write_whole(self._path, _encoded(Change(rows=tuple(rows))) if rows else b"")
        self._file = self._path.open("ab")

    def sync(self) -> None:
        """Put everything on disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _record(content: bytes, at: int) -> tuple[int, bytes | None]:
    """Where the record at ``at`` ends, and its body if that is whole."""
    start = at + _HEADER.size
    if start > len(content):
        return len(content), None
    size, checksum = _HEADER.unpack_from(content, at)
    body = content[start : start + size]
    whole = len(body) == size and zlib.crc32(body) == checksum
    return min(start + size, len(content)), body if whole else None


def _encoded(change: Change) -> bytes:
    """Arrays side by side in one npz; everything else as JSON beside them."""
    rows = change.rows
    facts = [
        [
            row.row_id,
            row.product_id,
            row.group_id,
            row.position,
            dict(row.fields),
            row.picture is not None,
            row.text is not None,
            row.colour is not None,
            -1 if row.words is None else len(row.words.tokens),
        ]
        for row in rows
    ]
    meta = json.dumps({"rows": facts, "deleted": change.deleted}).encode()
    body = io.BytesIO()
    np.savez(
        body,
        meta=np.frombuffer(meta, np.uint8),
        pictures=_stacked([row.picture for row in rows if row.picture is not None]),
        texts=_stacked([row.text for row in rows if row.text is not None]),
        colours=_stacked([row.colour for row in rows if row.colour is not None]),
        tokens=np.concatenate(
            [np.empty(0, np.uint32), *(row.words.tokens for row in rows if row.words is not None)]
        ),
        weights=np.concatenate(
            [np.empty(0, np.float32), *(row.words.weights for row in rows if row.words is not None)]
        ),
    )
    content = body.getvalue()
    return _HEADER.pack(len(content), zlib.crc32(content)) + content


def _stacked(embeddings: list[np.ndarray]) -> np.ndarray:
    return np.stack(embeddings) if embeddings else np.empty((0, 0), np.float32)


def _decoded(body: bytes) -> Change:
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        meta = json.loads(arrays["meta"].tobytes())
        pictures, texts = iter(arrays["pictures"]), iter(arrays["texts"])
        colours = iter(arrays["colours"])
        tokens, weights = arrays["tokens"], arrays["weights"]
    rows: list[Row] = []
    at = 0
    for row_id, product_id, group_id, position, fields, *has, size in meta["rows"]:
        pictured, told, coloured = has
        end = at + max(size, 0)
        words = None if size < 0 else SparseRow(tokens[at:end], weights[at:end])
        at = end
        rows.append(
            Row(
                row_id=row_id,
                product_id=product_id,
                group_id=group_id,
                position=position,
                picture=next(pictures) if pictured else None,
                text=next(texts) if told else None,
                colour=next(colours) if coloured else None,
                words=words,
                fields=_fields(fields),
            )
        )
    return Change(rows=tuple(rows), deleted=tuple(meta["deleted"]))


def _fields(read: Mapping[str, FieldValue | list[str]]) -> Fields:
    """JSON knows lists only; fields hold tuples."""
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in read.items()
    }
