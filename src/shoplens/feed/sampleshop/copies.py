"""Copies of a picture as they turn up on other sites: cropped, mirrored, stamped, shrunk.

What a finder of near-duplicates must see through. Made when they are needed, never shipped.
"""

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

Edit = Callable[[Image.Image, np.random.Generator], Image.Image]


def _crop(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Keep 75 to 90 % of each side."""
    width, height = (round(side * rng.uniform(0.75, 0.9)) for side in picture.size)
    left = int(rng.integers(picture.width - width + 1))
    top = int(rng.integers(picture.height - height + 1))
    return picture.crop((left, top, left + width, top + height))


def _mirror(picture: Image.Image, _: np.random.Generator) -> Image.Image:
    return ImageOps.mirror(picture)


def _watermark(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Write a shop's name across, half clear, 25 to 40 % of the picture high in all."""
    text = str(rng.choice(["SHOP EXAMPLE", "best-deals.example", "样板商店 SAMPLE"]))
    size = round(picture.width * rng.uniform(0.09, 0.13))
    layer = Image.new("L", (picture.width * 2, picture.height * 2))
    pen, font = ImageDraw.Draw(layer), ImageFont.load_default(size)
    for row in range(0, layer.height, size * 3):
        pen.text((row % (size * 2), row), f"{text}   " * 4, 110, font)
    turned = layer.rotate(25, Image.Resampling.BICUBIC)
    left, top = picture.width // 2, picture.height // 2
    stencil = turned.crop((left, top, left + picture.width, top + picture.height))
    return Image.composite(Image.new("RGB", picture.size, (128, 128, 132)), picture, stencil)


def _border(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    wide = round(picture.width * rng.uniform(0.04, 0.1))
    colour = int(rng.integers(256)), int(rng.integers(256)), int(rng.integers(256))
    return ImageOps.expand(picture, wide, colour)


def _shrink(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Make it 25 to 45 % as large."""
    share = rng.uniform(0.25, 0.45)
    return picture.resize((round(picture.width * share), round(picture.height * share)))


def _tint(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Change brightness, contrast and colour by up to a fifth, as a filter does."""
    for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        picture = change(picture).enhance(float(rng.uniform(0.8, 1.2)))
    return picture


def _rotate(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    angle = float(rng.uniform(3, 8) * rng.choice([-1, 1]))
    return picture.rotate(angle, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))


EDITS: Mapping[str, Edit] = {
    "crop": _crop,
    "mirror": _mirror,
    "watermark": _watermark,
    "border": _border,
    "shrink": _shrink,
    "tint": _tint,
    "rotate": _rotate,
}


def copy(picture: Image.Image, edit: str, rng: np.random.Generator) -> Image.Image:
    """Make a copy by one of ``EDITS``; RGB, the picture itself stays as it is.

    Raises:
        KeyError: there is no such edit.
    """
    return EDITS[edit](picture.convert("RGB"), rng)
