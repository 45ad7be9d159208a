"""A picture is changed as photos of the same thing differ: cropped, turned, lit otherwise."""

import numpy as np
from PIL import Image, ImageEnhance

from shoplens.types import Pixels

SMALLEST = 0.75
"""Share of the picture that a crop may leave out, at full strength."""
STRETCH = 0.25
"""How far from square a crop may be, as a logarithm of its sides' ratio."""
TURN_DEGREES = 20.0
LIGHT = 0.3
"""How much brighter or darker, paler or stronger a picture may become."""


def augment(picture: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    """Change a picture; not at all at ``strength`` 0, much at 1.

    Random resized crops (Szegedy et al., 2015), flips, turns and light, each by its own draw.
    """
    if strength == 0:
        return picture
    image = Image.fromarray(picture)
    if rng.random() < strength / 2:
        image = image.rotate(rng.uniform(-1, 1) * TURN_DEGREES, Image.Resampling.BILINEAR)
    image = _cropped(image, strength, rng)
    if rng.random() < strength / 2:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        image = change(image).enhance(1 + strength * LIGHT * rng.uniform(-1, 1))
    return np.asarray(image)


def _cropped(image: Image.Image, strength: float, rng: np.random.Generator) -> Image.Image:
    width, height = image.size
    side = min(width, height) * np.sqrt(rng.uniform(1 - strength * SMALLEST, 1))
    ratio = np.exp(strength * rng.uniform(-1, 1) * STRETCH)
    wide, tall = max(1.0, min(width, side * ratio)), max(1.0, min(height, side / ratio))
    left, top = rng.uniform(0, width - wide), rng.uniform(0, height - tall)
    box = (round(left), round(top), max(round(left + wide), 1), max(round(top + tall), 1))
    return image.crop(box)
