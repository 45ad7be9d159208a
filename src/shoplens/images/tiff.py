"""TIFF's own small directory format, which EXIF uses too.

A file is rewritten to one page with the tags that pixels need, before Pillow and libtiff see it.
Layout: TIFF 6.0, Adobe 1992, section 2.
"""

import struct
from dataclasses import dataclass
from typing import Literal

from shoplens.errors import ImageError

_ORIENTATION = 0x0112
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_OFFSETS = {273: 279, 324: 325}
_SAMPLE_FORMAT, _PROFILE = 339, 34675
# Sizes, strips, tiles, palette, predictor, extra samples, colour profile; nothing about a camera.
_NEEDED = frozenset(
    {256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325, 338, 339}
    | {530, 532, 34675}
)
_SINGLE = frozenset({256, 257, 259, 262, 266, 274, 277, 278, 284, 317, 322, 323})
_COMPRESSIONS = {1: "none", 5: "LZW", 8: "deflate", 32946: "deflate", 32773: "PackBits"}
_MAX_TAGS, _MAX_VALUES = 1024, 1 << 20

_BYTES = {1: 1, 3: 2, 4: 4, 7: 1}
_CODES = {1: "B", 3: "H", 4: "I"}
_Stripped = tuple[bytes, int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One tag: its 12 bytes as they stand, and where its values are."""

    tag: int
    kind: int
    count: int
    raw: bytes
    start: int


@dataclass(frozen=True, slots=True)
class _Directory:
    data: bytes
    order: Literal["<", ">"]
    start: int
    entries: dict[int, _Entry]

    def values(self, tag: int, default: tuple[int, ...]) -> tuple[int, ...]:
        """Read a tag's whole numbers; any that is not whole numbers counts as missing."""
        entry = self.entries.get(tag)
        if entry is None or entry.kind not in _CODES:
            return default
        code = f"{self.order}{entry.count}{_CODES[entry.kind]}"
        return struct.unpack_from(code, self.data, entry.start)

    def value(self, tag: int, default: int) -> int:
        """Read a tag's first whole number."""
        return (*self.values(tag, ()), default)[0]


def ends_early(there: int, wanted: int) -> ImageError:
    """Say that a file was cut off, and where."""
    return ImageError(f"the file ends early: {there:,} of at least {wanted:,} bytes are there")


def orientation_of(exif: bytes) -> int:
    """Read which way is up: 1 to 8 as EXIF counts, 1 where nothing sensible is said."""
    blob = exif.removeprefix(b"Exif\0\0")
    try:
        value = _directory(blob).value(_ORIENTATION, 1)
    except (struct.error, ImageError):
        return 1
    return value if 1 <= value <= 8 else 1


def strip_tiff(data: bytes) -> _Stripped:
    """Make a file of one page and only the tags that its pixels need.

    Raises:
        ImageError: it is cut off, or is not 1 to 8 or 16 bits a sample in a common compression.
    """
    try:
        page = _directory(data)
        _check_layout(page)
        _check_strips(page)
    except struct.error as error:
        raise ImageError("a damaged TIFF: its directory cannot be read") from error
    orientation = page.value(_ORIENTATION, 1)
    kept = [entry for tag, entry in sorted(page.entries.items()) if tag in _NEEDED]
    # Fewer entries than before fit where the old ones stood; 0: no further page.
    raw = b"".join(entry.raw for entry in kept)
    table = struct.pack(f"{page.order}H", len(kept)) + raw + bytes(4)
    clean = data[: page.start] + table + data[page.start + len(table) :]
    size = page.value(_WIDTH, 0), page.value(_HEIGHT, 0)
    return clean, orientation if 1 <= orientation <= 8 else 1, size


def _directory(data: bytes) -> _Directory:
    """Read the first directory, leaving out entries of unknown kind or outside the file."""
    order: Literal["<", ">"] = ">" if data[:2] == b"MM" else "<"
    magic, start = struct.unpack_from(f"{order}HI", data, 2)
    if magic != 42:
        raise ImageError("a TIFF larger than 4 GB (BigTIFF), which is not read; save it as PNG")
    if start + 2 > len(data):
        raise ends_early(len(data), start + 2)
    (count,) = struct.unpack_from(f"{order}H", data, start)
    end = start + 2 + 12 * count + 4
    if count > _MAX_TAGS or end > len(data):
        raise ends_early(len(data), end)
    entries: dict[int, _Entry] = {}
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, values = struct.unpack_from(f"{order}HHI", data, at)
        size = _BYTES.get(kind, 0) * values
        where = at + 8 if size <= 4 else int(struct.unpack_from(f"{order}I", data, at + 8)[0])
        fits = size and where + size <= len(data) and (values <= _MAX_VALUES or tag == _PROFILE)
        if fits and (values == 1 or tag not in _SINGLE) and (kind == 7) == (tag == _PROFILE):
            entries.setdefault(tag, _Entry(tag, kind, values, data[at : at + 12], where))
    return _Directory(data, order, start, entries)


def _check_layout(page: _Directory) -> None:
    compression = page.value(_COMPRESSION, 1)
    if compression not in _COMPRESSIONS:
        wanted = ", ".join(dict.fromkeys(_COMPRESSIONS.values()))
        raise ImageError(f"a TIFF of compression {compression}; wanted one of {wanted}")
    bits, kinds = set(page.values(_BITS, (1,))), set(page.values(_SAMPLE_FORMAT, (1,)))
    photometric = page.value(_PHOTOMETRIC, 0)
    whole = kinds == {1} and len(bits) == 1 and bits <= {1, 2, 4, 8, 16}
    if not whole or (bits == {16} and photometric == 0):
        raise ImageError(
            f"a TIFF of {sorted(bits)} bits a sample, kind {sorted(kinds)}, photometric "
            f"{photometric}; wanted 8 or 16 bits of unsigned grey, RGB or CMYK"
        )


def _check_strips(page: _Directory) -> None:
    """See that every strip or tile lies inside the file."""
    if not _OFFSETS.keys() & page.entries.keys():
        raise ImageError("a TIFF without a picture: it names no strips and no tiles")
    for where, length in _OFFSETS.items():
        offsets, lengths = page.values(where, ()), page.values(length, ())
        if lengths and len(lengths) != len(offsets):
            raise ImageError(f"a damaged TIFF: {len(offsets)} strips, {len(lengths)} lengths")
        end = max(map(sum, zip(offsets, lengths or (1,) * len(offsets), strict=True)), default=0)
        if end > len(page.data):
            raise ends_early(len(page.data), end)
