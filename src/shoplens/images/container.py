"""What a file's bytes are, and the same bytes without metadata.

Pillow never sees EXIF, XMP, comments or further frames: this is where they end. Its EXIF and TIFF
readers warn through the process-wide ``warnings`` module on bytes that strangers choose, and the
only field of them that we want, which way is up, is a number of two bytes.
"""

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from shoplens.errors import ImageError
from shoplens.images.tiff import ends_early, orientation_of, strip_tiff

Format = Literal["JPEG", "PNG", "WebP", "GIF", "BMP", "TIFF", "AVIF"]
WANTED = "JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF"

# A picture saved for the web has about ten scans; thousands of them cost minutes (libjpeg-turbo).
MAX_SCANS = 100


@dataclass(frozen=True, slots=True)
class Container:
    """A picture's bytes, ready for its decoder.

    ``orientation`` is EXIF's 1 to 8. ``size`` is (width, height), (0, 0) where only the decoder
    can tell: AVIF.
    """

    format: Format
    data: bytes
    orientation: int
    size: tuple[int, int]


def open_container(data: bytes) -> Container:
    """Name the format by its signature and drop all metadata but the colour profile.

    Raises:
        ImageError: the bytes are none of the allowed formats, or end before their picture does.
    """
    found = _format_of(data)
    clean, orientation, size = _STRIP[found](data)
    return Container(found, clean, orientation, size)


_Stripped = tuple[bytes, int, tuple[int, int]]

_SIGNATURES: tuple[tuple[bytes, Format], ...] = (
    (rb"\xff\xd8\xff", "JPEG"),
    (rb"\x89PNG\r\n\x1a\n", "PNG"),
    (rb"RIFF....WEBPVP8[ LX]", "WebP"),
    (rb"GIF8[79]a", "GIF"),
    (rb"II[*+]\0|MM\0[*+]", "TIFF"),
    (rb"....ftypavi[fs]|....ftypm[is]f1.{4,64}?avif", "AVIF"),
    (rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", "BMP"),
)

_STRANGERS: tuple[tuple[bytes, str], ...] = (
    (rb"\s*(<\?xml.{0,2000}?|<!--.{0,2000}?)?<(!doctype )?svg", "an SVG drawing"),
    (rb"\s*(<!doctype html|<html|<head|<body)", "an HTML page"),
    (rb"\s*<", "XML or HTML"),
    (rb"\s*[{\[]", "JSON"),
    (rb"%PDF", "a PDF document"),
    (rb"%!PS", "a PostScript document"),
    (rb"....ftyp(he[ivx][cfmsx]|m[is]f1)", "a HEIC picture"),
    (rb"....ftyp", "a video"),
    (rb"\xff\x0a|\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (rb"\xff\x4f\xff\x51|\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (rb"8BPS", "a Photoshop document"),
    (rb"\0\0[\x01\x02]\0", "a Windows icon"),
    (rb"PK\x03\x04", "a ZIP archive"),
    (rb"\x1f\x8b", "gzip-compressed data"),
    (rb"\x1aE\xdf\xa3", "a video"),
    (rb"RIFF", "a RIFF file without a WebP picture"),
)


def _format_of(data: bytes) -> Format:
    if not data:
        raise ImageError(f"the file is empty; wanted {WANTED}")
    start = data.removeprefix(b"\xef\xbb\xbf")[:4096]
    for pattern, name in _SIGNATURES:
        if re.match(pattern, start, re.DOTALL):
            return name
    for pattern, stranger in _STRANGERS:
        if re.match(pattern, start, re.DOTALL | re.IGNORECASE):
            raise ImageError(f"this is {stranger}; wanted {WANTED}")
    raise ImageError(f"not a picture: it starts with {data[:8]!r}; wanted {WANTED}")


# ---- JPEG ------------------------------------------------------------------------------------

_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS = frozenset({0x00, 0x01, 0xFF, *range(0xD0, 0xD9)})


def _strip_jpeg(data: bytes) -> _Stripped:
    view, kept, at = memoryview(data), [b"\xff\xd8"], 2
    orientation, size = 1, (0, 0)
    while (at := data.find(b"\xff", at)) >= 0 and at + 4 <= len(data):
        marker = data[at + 1]
        if marker in _BARE_MARKERS:
            at += 1 if marker == 0xFF else 2  # fill bytes may precede any marker
            continue
        if marker == 0xDA:
            _check_scans(data, at)
            kept.append(bytes(view[at:]))
            return b"".join(kept), orientation, size
        end = at + 2 + int.from_bytes(view[at + 2 : at + 4])
        if end > len(data):
            raise ends_early(len(data), end)
        segment = bytes(view[at:end])
        if marker in _FRAME_MARKERS and len(segment) >= 9:
            size = int.from_bytes(segment[7:9]), int.from_bytes(segment[5:7])
        if segment[:10] == b"\xff\xe1" + segment[2:4] + b"Exif\0\0" and orientation == 1:
            orientation = orientation_of(segment[10:])
        if _is_needed(marker, segment[4:]):
            kept.append(segment)
        at = max(end, at + 2)
    raise ImageError(f"a JPEG without a picture: its {len(data):,} bytes hold headers only")


def _is_needed(marker: int, payload: bytes) -> bool:
    """Tell tables and frames from application data; Adobe's says how four inks are written."""
    if marker == 0xE2:
        return payload.startswith(b"ICC_PROFILE\0")
    if marker == 0xEE:
        return payload.startswith(b"Adobe")
    if marker == 0xE0:
        return payload.startswith(b"JFIF\0")
    return marker < 0xE0


def _check_scans(data: bytes, at: int) -> None:
    end = data.find(b"\xff\xd9", at)
    scans = data.count(b"\xff\xda", at, end if end >= 0 else len(data))
    if scans > MAX_SCANS:
        raise ImageError(f"a JPEG of {scans} scans; at most {MAX_SCANS} are read, save it again")


# ---- PNG -------------------------------------------------------------------------------------

_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})


def _strip_png(data: bytes) -> _Stripped:
    view, kept, at = memoryview(data), [data[:8]], 8
    orientation, size = 1, (0, 0)
    name = b""
    while name != b"IEND":
        end = at + 12 + int.from_bytes(view[at : at + 4])
        if at + 12 > len(data) or end > len(data):
            raise ends_early(len(data), max(end, at + 12))
        name, body = bytes(view[at + 4 : at + 8]), view[at + 8 : end - 4]
        if name == b"IHDR" and len(body) >= 8:
            size = int.from_bytes(body[:4]), int.from_bytes(body[4:8])
        if name == b"eXIf":
            orientation = orientation_of(bytes(body))
        if name in _PNG_KEPT or (name == b"iCCP" and _is_small_profile(bytes(body))):
            if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(view[end - 4 : end]):
                raise ImageError(f"a damaged PNG: the checksum of its {name.decode()} is wrong")
            kept.append(bytes(view[at:end]))
        at = end
    return b"".join(kept), orientation, size


def _is_small_profile(body: bytes) -> bool:
    """Decompress with a limit: Pillow would refuse the whole picture for a huge profile."""
    _, _, rest = body.partition(b"\0")
    try:
        inflater = zlib.decompressobj()
        inflater.decompress(rest[1:], 1 << 20)
    except zlib.error:
        return False
    return rest[:1] == b"\0" and inflater.eof


# ---- GIF -------------------------------------------------------------------------------------


def _strip_gif(data: bytes) -> _Stripped:
    """Keep the first frame only, on a screen of its own size."""
    at = 13 + _palette_bytes(data, 10)
    palette, control = data[13:at], b""
    while (block := data[at : at + 1]) not in {b"", b";"}:
        if block == b"!":
            end = _skip_blocks(data, at + 2)
            if data[at + 1 : at + 3] == b"\xf9\x04":
                # The way this frame is wiped before the next one does not matter here.
                control = b"!\xf9\x04" + bytes([data[at + 3] & 1]) + data[at + 4 : at + 8]
            at = end
            continue
        if block != b",":
            raise ImageError(f"a damaged GIF: no block starts with {block!r}, at byte {at:,}")
        start = at + 10 + _palette_bytes(data, at + 9)
        end = _skip_blocks(data, start + 1)
        width_height = data[at + 5 : at + 9]
        screen = b"GIF89a" + width_height + data[10:13] + palette
        frame = b",\0\0\0\0" + data[at + 5 : end]
        size = (
            int.from_bytes(width_height[:2], "little"),
            int.from_bytes(width_height[2:], "little"),
        )
        return screen + control + frame + b";", 1, size
    raise ImageError(f"a GIF without a picture: its {len(data):,} bytes hold headers only")


def _palette_bytes(data: bytes, at: int) -> int:
    if at >= len(data):
        raise ends_early(len(data), at + 1)
    return 3 << ((data[at] & 7) + 1) if data[at] & 0x80 else 0


def _skip_blocks(data: bytes, at: int) -> int:
    """Step over a chain of counted blocks; the empty one that ends it is included."""
    while at < len(data) and data[at]:
        at += 1 + data[at]
    if at >= len(data):
        raise ends_early(len(data), at + 1)
    return at + 1


# ---- WebP, BMP, AVIF, TIFF -------------------------------------------------------------------


def _strip_webp(data: bytes) -> _Stripped:
    """Check the length and read the size: Pillow allocates the canvas when it opens the file."""
    wanted = 8 + int.from_bytes(data[4:8], "little")
    if len(data) < max(wanted, 30):
        raise ends_early(len(data), max(wanted, 30))
    if data[12:16] == b"VP8X":
        first, second = data[24:27], data[27:30]
        size = int.from_bytes(first, "little") + 1, int.from_bytes(second, "little") + 1
    elif data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        size = (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    else:
        bits = int.from_bytes(data[26:30], "little")
        size = bits & 0x3FFF, (bits >> 16) & 0x3FFF
    return data, _webp_orientation(data), size


def _webp_orientation(data: bytes) -> int:
    at = 12
    while at + 8 <= len(data):
        end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"EXIF":
            return orientation_of(data[at + 8 : end])
        at = end + end % 2
    return 1


def _strip_bmp(data: bytes) -> _Stripped:
    header = int.from_bytes(data[14:18], "little")
    wide = 2 if header == 12 else 4
    width = int.from_bytes(data[18 : 18 + wide], "little")
    height = int.from_bytes(data[18 + wide : 18 + 2 * wide], "little", signed=wide == 4)
    compression = int.from_bytes(data[30:34], "little") if header >= 40 else 0
    if compression not in {0, 3}:
        # Pillow unpacks run lengths in Python, seconds for a file of some megabytes.
        raise ImageError("a run-length compressed BMP, which is not read; save it as PNG or JPEG")
    return data, 1, (width, abs(height))


def _strip_avif(data: bytes) -> _Stripped:
    """Hide the EXIF item by giving it an unknown type; which way is up is in ``irot``, ``imir``."""
    start = data.find(b"iinf")
    if start < 0:
        raise ImageError("a damaged AVIF: it lists no pictures")
    end = start + int.from_bytes(data[start - 4 : start])
    listed = re.sub(rb"(?s)(infe[\x02\x03].{7,9})Exif", rb"\1skip", data[start:end])
    return data[:start] + listed + data[end:], 1, (0, 0)


_STRIP: Mapping[Format, Callable[[bytes], _Stripped]] = {
    "JPEG": _strip_jpeg,
    "PNG": _strip_png,
    "GIF": _strip_gif,
    "WebP": _strip_webp,
    "BMP": _strip_bmp,
    "AVIF": _strip_avif,
    "TIFF": strip_tiff,
}
