"""A file's kind is known by its first bytes, and its metadata goes no further."""

import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shoplens.errors import ImageError
from shoplens.images.container import MAX_SCANS, open_container
from shoplens.images.tiff import orientation_of

Saver = Callable[..., bytes]
STRANGERS = {
    b"": "the file is empty",
    b"<svg xmlns='http://www.w3.org/2000/svg'/>": "an SVG drawing",
    b'\xef\xbb\xbf<?xml version="1.0"?>\n<svg>': "an SVG drawing",
    b"\n<!DOCTYPE html><html>": "an HTML page",
    b'{"error": "not found"}': "JSON",
    b"%PDF-1.7": "a PDF document",
    b"\0\0\0\x18ftypheic\0\0\0\0mif1heic": "a HEIC picture",
    b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic": "a HEIC picture",
    b"\0\0\0\x18ftypmp42\0\0\0\0": "a video",
    b"\xff\x0a\xfa": "a JPEG XL picture",
    b"8BPS\0\1": "a Photoshop document",
    b"PK\x03\x04": "a ZIP archive",
    b"\0\0\1\0\1\0": "a Windows icon",
    b"hello world": "it starts with b'hello wo'",
}


@pytest.mark.parametrize(("data", "name"), STRANGERS.items(), ids=STRANGERS.values())
def test_what_is_no_picture_is_named(data: bytes, name: str) -> None:
    with pytest.raises(ImageError, match=f"{name}.*wanted JPEG, PNG"):
        open_container(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "AVIF"])
def test_metadata_goes_no_further(kind: str, save: Saver, corners: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "ACME-CAMERA", 6
    data = save(corners, kind, exif=exif, xmp=b"<x:xmpmeta>home address</x:xmpmeta>")
    assert b"ACME-CAMERA" in data
    clean = open_container(data)
    if kind in {"JPEG", "PNG"}:
        assert b"ACME-CAMERA" not in clean.data
        assert b"home address" not in clean.data
    picture = Image.open(io.BytesIO(clean.data))
    assert not picture.getexif().get(0x010F)
    assert "xmp" not in picture.info or kind == "AVIF"


def test_a_truncated_exif_is_no_reason_to_refuse_a_picture(
    save: Saver, corners: Image.Image
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    blob = exif.tobytes()
    for length in range(len(blob)):
        assert open_container(save(corners, "JPEG", exif=blob[:length])).orientation in {1, 6}


@given(blob=st.binary(max_size=120))
def test_orientation_is_one_of_eight_whatever_exif_holds(blob: bytes) -> None:
    assert orientation_of(b"Exif\0\0" + blob) in range(1, 9)
    assert orientation_of(b"II*\0\x08\0\0\0" + blob) in range(1, 9)


def test_a_jpeg_of_thousands_of_scans_is_refused(save: Saver, corners: Image.Image) -> None:
    data = save(corners, "JPEG", progressive=True)
    assert open_container(data).format == "JPEG"
    scan = data[data.index(b"\xff\xda") : data.index(b"\xff\xd9")]
    bomb = data[: data.index(b"\xff\xd9")] + scan * MAX_SCANS + b"\xff\xd9"
    with pytest.raises(ImageError, match="scans; at most 100 are read"):
        open_container(bomb)


def test_a_film_behind_a_photo_does_not_count_as_scans(save: Saver, corners: Image.Image) -> None:
    film = b"\xff\xda\0\0" * 1000
    assert open_container(save(corners, "JPEG") + film).size == (48, 32)


def test_a_damaged_png_chunk_is_named(save: Saver, corners: Image.Image) -> None:
    data = bytearray(save(corners, "PNG"))
    data[data.index(b"IDAT") + 10] ^= 1
    with pytest.raises(ImageError, match="checksum of its IDAT is wrong"):
        open_container(bytes(data))


def test_a_run_length_bmp_is_refused(save: Saver, corners: Image.Image) -> None:
    data = bytearray(save(corners.quantize(8), "BMP"))
    data[30] = 1
    with pytest.raises(ImageError, match="run-length compressed BMP"):
        open_container(bytes(data))


@pytest.mark.parametrize("compression", ["jpeg", "group4", "lzma", "zstd"])
def test_a_tiff_of_an_exotic_codec_is_refused(
    compression: str, save: Saver, corners: Image.Image
) -> None:
    picture = corners.convert("1") if compression == "group4" else corners
    with pytest.raises(ImageError, match=r"TIFF of compression .* wanted one of none, LZW"):
        open_container(save(picture, "TIFF", compression=compression))


def test_a_tiff_of_floats_is_refused(save: Saver) -> None:
    data = save(Image.new("F", (4, 4)), "TIFF", compression="raw")
    with pytest.raises(ImageError, match=r"32.*bits a sample.*wanted 8 or 16"):
        open_container(data)


def test_a_tiff_keeps_its_first_page_only(save: Saver, corners: Image.Image) -> None:
    data = save(corners, "TIFF", save_all=True, append_images=[corners, corners])
    assert getattr(Image.open(io.BytesIO(data)), "n_frames", 0) == 3
    assert getattr(Image.open(io.BytesIO(open_container(data).data)), "n_frames", 0) == 1
