"""Bytes become a clean picture: upright, RGB, on white, of bounded size; or a reason why not.

No setting of Pillow is changed and ``Image.open`` is not called: it imports every plugin and
warns about large pictures through the process-wide ``warnings``. The format's own reader is.
"""

import io
import struct
import zlib
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageCms, ImageFile
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from shoplens.errors import ImageError
from shoplens.images.container import Container, Format, open_container
from shoplens.images.tiff import orientation_of
from shoplens.types import Pixels

_READERS: Mapping[Format, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WebP": WebPImageFile,
    "GIF": GifImageFile,
    "BMP": BmpImageFile,
    "TIFF": TiffImageFile,
    "AVIF": AvifImageFile,
}

HOSTILE = (
    OSError,  # truncated, or the codec's own error; UnidentifiedImageError too
    SyntaxError,  # not what its signature says
    ValueError,
    TypeError,
    LookupError,  # IndexError, KeyError
    ArithmeticError,  # OverflowError, ZeroDivisionError
    AttributeError,
    EOFError,
    MemoryError,
    AssertionError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""Everything that Pillow's readers were seen or may be expected to raise on hostile bytes."""

_TURNS: Mapping[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Bands of about this many pixels are flattened at a time, so that a large picture is held once.
_BAND_PIXELS = 1 << 20
_MAX_PROFILE_BYTES = 4 << 20


def decode(
    data: bytes,
    *,
    min_side_px: int = 0,
    max_pixels: int = 60_000_000,
    for_eyes: bool = True,
) -> Pixels:
    """Decode the first frame: orientation applied, sRGB, transparency on white, no metadata.

    Args:
        data: the whole file: JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF.
        min_side_px: 0 for the full size; else the picture may come smaller than in the file
            (faster), its shorter side staying at least this long if the file's is.
        max_pixels: refuse more than this, or more than Pillow's own ``MAX_IMAGE_PIXELS``.
        for_eyes: convert RGB by its colour profile, 4 ms for 400 × 533; networks learn from
            pixels as they stand in the file, and find better with them (docs/decisions/0005).

    Returns:
        Read-only (h, w, 3) uint8.

    Raises:
        ImageError: the bytes are no allowed format, cut off, damaged or too large.
    """
    container = open_container(data)
    limit = min(max_pixels, Image.MAX_IMAGE_PIXELS or max_pixels)
    _check_size(container.size, limit)
    try:
        picture = _READERS[container.format](io.BytesIO(container.data))
        _check_size(picture.size, limit)
        turn = _orientation(picture, container)
        return _pixels(picture, turn, min_side_px, for_eyes=for_eyes)
    except HOSTILE as error:
        raise ImageError(_reason(container.format, len(data), error)) from error


def size_of(data: bytes) -> tuple[int, int]:
    """Read (width, height) of the whole upright picture, without decoding it.

    Raises:
        ImageError: the bytes are no allowed format, or their head is cut off or damaged.
    """
    container = open_container(data)
    width, height, orientation = *container.size, container.orientation
    if container.format == "AVIF":
        try:
            picture = _READERS[container.format](io.BytesIO(container.data))
            width, height = picture.size
            orientation = _orientation(picture, container)
        except HOSTILE as error:
            raise ImageError(_reason(container.format, len(data), error)) from error
    return (height, width) if orientation >= 5 else (width, height)


def _orientation(picture: ImageFile.ImageFile, container: Container) -> int:
    """Know which way is up; of AVIF only its reader knows, and says so in EXIF of its own."""
    exif: object = picture.info.get("exif")
    if container.format == "AVIF" and isinstance(exif, bytes):
        return orientation_of(exif)
    return container.orientation


def _check_size(size: tuple[int, int], limit: int) -> None:
    width, height = size
    if width * height > limit:
        raise ImageError(
            f"too large: {width:,} × {height:,} pixels; images.max_pixels reads at most {limit:,}"
        )


def _reason(kind: Format, length: int, error: BaseException) -> str:
    said = str(error)
    if "truncated" in said.lower() or isinstance(error, EOFError):
        return f"the file ends early: its {length:,} bytes hold only part of the {kind} picture"
    if isinstance(error, MemoryError):
        return f"not enough memory to decode this {kind} picture"
    # A bare key or number says nothing without the name of its exception.
    named = said if " " in said else f"{type(error).__name__} {said}".strip()
    return f"a damaged or unusual {kind}: {named}"


def _pixels(
    picture: ImageFile.ImageFile, orientation: int, min_side_px: int, *, for_eyes: bool
) -> Pixels:
    """Reduce, flatten, convert, turn; in the order that touches the fewest pixels."""
    profiled = for_eyes or picture.mode == "CMYK"
    profile: object = picture.info.get("icc_profile") if profiled else None
    if min_side_px and isinstance(picture, JpegImageFile):
        picture.draft(None, (min_side_px, min_side_px))
    picture.load()
    factor = max(min(picture.size) // min_side_px, 1) if min_side_px else 1
    flat = _srgb(_flattened(picture, factor), profile)
    if orientation in _TURNS:  # the turn itself may be 0, so it is no condition
        flat = flat.transpose(_TURNS[orientation])
    return np.asarray(flat)


def _flattened(picture: Image.Image, factor: int) -> Image.Image:
    """Bring any mode to RGB on white (CMYK stays for its profile), ``factor`` times smaller."""
    if picture.mode in {"RGB", "CMYK"} and "transparency" not in picture.info:
        return picture.reduce(factor) if factor > 1 else picture
    width, height = picture.size
    rows = max(_BAND_PIXELS // width // factor, 1) * factor
    out = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    for top in range(0, height, rows):
        band = _on_white(picture.crop((0, top, width, min(top + rows, height))))
        out.paste(band.reduce(factor) if factor > 1 else band, (0, top // factor))
    return out


def _on_white(band: Image.Image) -> Image.Image:
    """Convert a picture of any mode to RGB, on white where it is transparent."""
    if band.mode.startswith("I;16"):
        band = _eight_bits(band)
    if not band.has_transparency_data:
        return band.convert("RGB")
    coloured = band.convert("RGBA")
    white = Image.new("RGB", band.size, (255, 255, 255))
    white.paste(coloured, mask=coloured.getchannel("A"))
    return white


def _eight_bits(band: Image.Image) -> Image.Image:
    """Scale 16-bit grey to 8 bits; Pillow's own conversion clips it at 255."""
    wide = np.asarray(band)
    grey = ((wide.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
    clear: object = band.info.get("transparency")
    if isinstance(clear, int):
        grey = np.where(wide == clear, np.uint8(255), grey)
    return Image.fromarray(grey)


def _srgb(flat: Image.Image, profile: object) -> Image.Image:
    """Convert to sRGB by the file's own profile; one that is unusable counts as absent.

    Costs about 4 ms for 400 × 533, so a profile that says it is sRGB is taken at its word.
    Without a profile CMYK is multiplied out: Pillow reads it inverted as Adobe and browsers do.
    """
    space = {"RGB": b"RGB ", "CMYK": b"CMYK"}[flat.mode]
    if isinstance(profile, bytes) and _is_worth_converting(profile, space):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  # untyped in Pillow
            converted = ImageCms.profileToProfile(flat, source, target, outputMode="RGB")
        except (ImageCms.PyCMSError, *HOSTILE):
            converted = None
        if converted is not None:
            return converted
    return flat if flat.mode == "RGB" else flat.convert("RGB")


def _is_worth_converting(profile: bytes, space: bytes) -> bool:
    return (
        128 < len(profile) <= _MAX_PROFILE_BYTES
        and profile[16:20] == space
        and profile[36:40] == b"acsp"
        and not any(name in profile[:4096] for name in (b"sRGB", b"s\0R\0G\0B"))
    )
