"""What comes out is upright RGB on white, whatever the file holds; or a reason."""

import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile, ImageOps

from shoplens.errors import ImageError
from shoplens.images.decode import decode, size_of

Saver = Callable[..., bytes]
KINDS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"]
every_kind = pytest.mark.parametrize("kind", KINDS)
ORIENTATION = 0x0112


def with_exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010F] = "a maker whose name nobody needs"
    return exif


def shown(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("RGB"), np.int16)


def far(pixels: np.ndarray, wanted: np.ndarray) -> float:
    """Largest difference of any channel away from edges between colours, of 255."""
    assert pixels.shape == wanted.shape
    return float(np.percentile(np.abs(pixels.astype(np.int16) - wanted), 99))


@every_kind
def test_every_format_gives_its_picture(kind: str, save: Saver, corners: Image.Image) -> None:
    data = save(corners, kind)
    pixels = decode(data)
    assert pixels.dtype == np.uint8
    assert size_of(data) == (48, 32)
    assert far(pixels[4:12, 4:20], shown(corners)[4:12, 4:20]) <= 6
    assert far(pixels[20:28, 28:44], shown(corners)[20:28, 28:44]) <= 6


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_camera_held_any_way_gives_an_upright_picture(
    kind: str, orientation: int, save: Saver, corners: Image.Image
) -> None:
    data = save(corners, kind, exif=with_exif(orientation))
    turned = corners.copy()
    turned.getexif()[ORIENTATION] = orientation
    wanted = shown(ImageOps.exif_transpose(turned))
    assert far(decode(data)[4:12, 4:12], wanted[4:12, 4:12]) <= 6
    assert far(decode(data)[-12:-4, 4:12], wanted[-12:-4, 4:12]) <= 6
    assert decode(data).shape == wanted.shape
    assert size_of(data) == (wanted.shape[1], wanted.shape[0])


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_changes_nothing(
    orientation: int, save: Saver, corners: Image.Image
) -> None:
    data = save(corners, "PNG", exif=with_exif(orientation))
    np.testing.assert_array_equal(decode(data), shown(corners))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_laid_on_white(mode: str, save: Saver) -> None:
    alpha = np.array([[0, 51, 255]], np.uint8)
    colour = np.array([[[0, 0, 0, 0], [100, 100, 100, 51], [100, 100, 100, 255]]], np.uint8)
    picture = Image.fromarray(colour).convert("RGBA")
    if mode == "P":
        picture = Image.fromarray(np.array([[0, 1, 2]], np.uint8))
        picture.putpalette([0, 0, 0, 100, 100, 100, 100, 100, 100])
        data = save(picture, "PNG", transparency=bytes(alpha[0]))
    else:
        data = save(picture.convert(mode), "PNG")
    assert decode(data)[0].tolist() == [[255] * 3, [224] * 3, [100] * 3]


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_transparent_palette_colour_becomes_white(kind: str, save: Saver) -> None:
    picture = Image.fromarray(np.array([[0, 1, 1, 0]] * 4, np.uint8))
    picture.putpalette([10, 20, 30, 200, 100, 50])
    pixels = decode(save(picture, kind, transparency=0))
    assert pixels[0].tolist() == [[255] * 3, [200, 100, 50], [200, 100, 50], [255] * 3]


def test_a_black_and_white_picture_is_read(save: Saver) -> None:
    picture = Image.fromarray(np.array([[True, False]])).convert("1")
    for kind in ("PNG", "TIFF", "BMP"):
        assert decode(save(picture, kind, **({"compression": "raw"} if kind == "TIFF" else {})))[
            0
        ].tolist() == [[255] * 3, [0] * 3]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_of_grey_are_scaled_not_clipped(kind: str, save: Saver) -> None:
    wide = np.array([[0, 257, 32768, 65535]], np.uint16)
    data = save(Image.fromarray(wide), kind)
    assert decode(data)[0, :, 0].tolist() == [0, 1, 128, 255]


def test_sixteen_bits_of_big_endian_grey_are_scaled_too() -> None:
    assert decode(big_endian_tiff([0, 257, 32768, 65535]))[0, :, 1].tolist() == [0, 1, 128, 255]


def big_endian_tiff(grey: list[int]) -> bytes:
    tags = [(256, 4, len(grey)), (257, 4, 1), (258, 3, 16), (259, 3, 1), (262, 3, 1)]
    tags += [(273, 4, 8), (277, 3, 1), (278, 4, 1), (279, 4, 2 * len(grey))]
    strip = struct.pack(f">{len(grey)}H", *grey)
    entries = [
        struct.pack(">HHI", tag, kind, 1) + struct.pack(">I" if kind == 4 else ">HH", *values)
        for tag, kind, value in tags
        for values in [(value,) if kind == 4 else (value, 0)]
    ]
    table = struct.pack(">H", len(entries)) + b"".join(entries) + bytes(4)
    return b"MM\0*" + struct.pack(">I", 8 + len(strip)) + strip + table


def test_sixteen_bits_of_colour_are_scaled() -> None:
    row = struct.pack(">6H", 65535, 32768, 0, 257, 65535, 65280)
    assert decode(png(2, 1, depth=16, colour=2, rows=[row]))[0].tolist() == [
        [255, 128, 0],
        [1, 255, 255],
    ]


def png(width: int, height: int, *, depth: int, colour: int, rows: list[bytes]) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_four_inks_give_the_colours_they_print(kind: str, save: Saver) -> None:
    inks = np.array([[[0, 0, 0, 0], [255, 0, 0, 0], [0, 255, 255, 0], [0, 0, 0, 255]]], np.uint8)
    picture = Image.fromarray(inks.repeat(16, 0).repeat(16, 1), "CMYK")
    pixels = decode(save(picture, kind))
    for column, wanted in enumerate([[255] * 3, [0, 255, 255], [255, 0, 0], [0] * 3]):
        assert np.abs(pixels[8, 16 * column + 8].astype(int) - wanted).max() <= 8


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "AVIF", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame_is_taken(kind: str, save: Saver) -> None:
    red, blue = (Image.new("RGB", (16, 16), colour) for colour in ("#f00", "#00f"))
    data = save(red, kind, save_all=True, append_images=[blue])
    assert np.abs(decode(data)[8, 8].astype(int) - [255, 0, 0]).max() <= 6


def test_a_gif_frame_smaller_than_its_screen_stands_alone(save: Saver) -> None:
    data = bytearray(save(Image.new("RGB", (4, 4), "#0a0"), "GIF"))
    data[6:10] = struct.pack("<HH", 60_000, 60_000)
    pixels = decode(bytes(data))
    assert pixels.shape == (4, 4, 3)
    assert pixels[0, 0].tolist() == [0, 170, 0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("min_side_px", [60, 100, 224, 479, 480, 5000])
def test_a_reduced_picture_shows_the_same_and_stays_large_enough(
    kind: str, min_side_px: int, save: Saver, gradient: Image.Image
) -> None:
    pixels = decode(save(gradient, kind), min_side_px=min_side_px)
    height, width, _ = pixels.shape
    assert height >= min(min_side_px, 480)
    assert abs(width - height * 640 / 480) <= 1.5
    small = gradient.resize((width, height), Image.Resampling.BOX)
    assert np.abs(pixels.astype(int) - shown(small)).mean() <= (12 if kind == "GIF" else 4)


def test_a_reduced_picture_is_really_smaller(save: Saver, gradient: Image.Image) -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        assert decode(save(gradient, kind), min_side_px=100).shape[0] < 200
        assert decode(save(gradient, kind), min_side_px=1).shape == (1, 2, 3)


def test_bands_of_a_large_transparent_picture_meet_without_a_seam(save: Saver) -> None:
    rows, columns = np.mgrid[0:1500, 0:1101]
    alpha = np.where((rows // 50 + columns // 50) % 2, 255, 90)
    picture = np.stack([rows % 256, columns % 256, alpha, alpha], -1).astype(np.uint8)
    data = save(Image.fromarray(picture), "PNG", compress_level=1)
    whole = Image.new("RGB", (1101, 1500), "white")
    whole.paste(Image.fromarray(picture), mask=Image.fromarray(picture[..., 3]))
    np.testing.assert_array_equal(decode(data), np.asarray(whole))
    np.testing.assert_array_equal(decode(data, min_side_px=300), np.asarray(whole.reduce(3)))


def test_a_colour_profile_is_applied(save: Saver, swapped: bytes) -> None:
    red = Image.new("RGB", (16, 16), (200, 40, 40))
    plain = decode(save(red, "PNG"))[8, 8].astype(int)
    assert plain.tolist() == [200, 40, 40]
    converted = decode(save(red, "PNG", icc_profile=swapped))[8, 8].astype(int)
    assert converted[1] > 150 > converted[0]


@pytest.mark.parametrize("cut", [40, 130, 300])
def test_a_broken_colour_profile_counts_as_none(cut: int, save: Saver, swapped: bytes) -> None:
    data = save(Image.new("RGB", (16, 16), (200, 40, 40)), "PNG", icc_profile=swapped[:cut])
    assert decode(data)[8, 8].tolist() == [200, 40, 40]


@every_kind
def test_too_many_pixels_are_refused_before_decoding(
    kind: str, save: Saver, gradient: Image.Image
) -> None:
    data = save(gradient, kind)
    with pytest.raises(
        ImageError, match=r"640 × 480 pixels; images\.max_pixels reads at most 307,199"
    ):
        decode(data, max_pixels=640 * 480 - 1)
    assert decode(data, max_pixels=640 * 480).shape == (480, 640, 3)


def test_a_promise_of_a_gigantic_picture_is_refused_without_a_warning() -> None:
    bomb = png(60_000, 60_000, depth=8, colour=2, rows=[])
    with pytest.raises(ImageError, match="too large: 60,000 × 60,000"):
        decode(bomb, max_pixels=10**12)


def test_a_very_long_picture_is_allowed(save: Saver) -> None:
    assert decode(save(Image.new("RGB", (1, 60_000), "red"), "PNG")).shape == (60_000, 1, 3)
    assert decode(save(Image.new("L", (60_000, 1)), "JPEG"), min_side_px=9).shape == (1, 60_000, 3)


@every_kind
@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_a_file_cut_off_is_refused(
    kind: str, part: float, save: Saver, gradient: Image.Image
) -> None:
    data = save(gradient, kind)
    with pytest.raises(ImageError, match=r"ends early|damaged"):
        decode(data[: int(len(data) * part)])


def test_a_cut_file_says_how_much_of_it_is_there(save: Saver, gradient: Image.Image) -> None:
    data = save(gradient, "WEBP")
    with pytest.raises(ImageError, match=f"ends early: 1,000 of at least {len(data):,} bytes"):
        decode(data[:1000])
    with pytest.raises(ImageError, match="ends early: its 1,000 bytes hold only part of the JPEG"):
        decode(save(gradient, "JPEG")[:1000])


def test_nothing_of_pillow_is_changed(save: Saver, corners: Image.Image) -> None:
    before = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, Image.init.__module__
    for kind in KINDS:
        decode(save(corners, kind), max_pixels=5000)
    assert before == (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, "PIL.Image")


@st.composite
def damage(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    spots = draw(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8))
    front = draw(st.booleans())
    keep = draw(st.floats(0, 1) | st.just(1.0))

    def apply(data: bytes) -> bytes:
        out = bytearray(data)
        reach = min(len(out), 400) if front else len(out)
        for where, value in spots:
            out[int(where * (reach - 1))] = value
        return bytes(out[: int(len(out) * keep)])

    return apply


@every_kind
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(hurt=damage(), min_side_px=st.sampled_from([0, 7]), mode=st.sampled_from(["RGB", "L", "P"]))
def test_hostile_bytes_give_a_picture_or_an_image_error(
    kind: str, hurt: Callable[[bytes], bytes], min_side_px: int, mode: str, hostile: Saver
) -> None:
    data = hurt(hostile(kind, mode))
    try:
        assert min(size_of(data)) >= 0
        pixels = decode(data, min_side_px=min_side_px, max_pixels=1_000_000)
    except ImageError:
        return
    assert pixels.dtype == np.uint8
    assert pixels.shape[2] == 3


@pytest.fixture(scope="session")
def hostile(save: Saver, corners: Image.Image, profile: bytes) -> Saver:
    """Keep one valid file of every kind and mode, with everything that a parser may trip over."""
    kept: dict[tuple[str, str], bytes] = {}

    def get(kind: str, mode: str) -> bytes:
        if (kind, mode) not in kept:
            usable = "L" if kind in {"JPEG", "WEBP", "AVIF"} and mode == "P" else mode
            extra = {} if kind in {"GIF", "BMP"} else {"exif": with_exif(6), "icc_profile": profile}
            kept[kind, mode] = save(corners.convert(usable), kind, **extra)
        return kept[kind, mode]

    return get


@given(data=st.binary(max_size=200))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ImageError, match=r"wanted|ends early|damaged|without"):
        decode(data)


def test_nobody_can_change_a_picture_that_others_may_hold(
    save: Saver, corners: Image.Image
) -> None:
    with pytest.raises(ValueError, match="read-only"):
        decode(save(corners, "PNG"))[0, 0, 0] = 1


def test_a_profile_is_for_eyes_and_left_out_for_networks(save: Saver, swapped: bytes) -> None:
    red = Image.new("RGB", (16, 16), (200, 40, 40))
    tagged = save(red, "PNG", icc_profile=swapped)
    assert (decode(tagged, for_eyes=False) == (200, 40, 40)).all()
    assert (decode(tagged) != (200, 40, 40)).any()
