"""A shop's own picture becomes a photo as a visitor might take it: hard, but of the same thing.

The product is cut out of a plain ground where it has one, laid askew on a part of another picture,
and taken with too little light, a moving hand and a hard-working JPEG. How hard varies from photo
to photo; the middle is set so that photos score about as those of the sample shop do.
"""

import io

import numpy as np
from jaxtyping import Float32, UInt8
from PIL import Image, ImageDraw, ImageFilter

from shoplens.types import Pixels

SIDE_PX = 320
PLAIN = 18
"""Levels from the border's colour up to which a pixel is ground."""
MOSTLY = 0.6
"""Share of the border that must be of one colour for a ground to be cut away."""
SMALLEST = 0.02
"""Share of a picture that a thing covers at least."""
FLOOD_PX = 96

Mask = UInt8[np.ndarray, "h w"]
Levels = Float32[np.ndarray, "h w 3"]


def as_photo(picture: Pixels, behind: Pixels, rng: np.random.Generator) -> Pixels:
    """Take a photo of what is in ``picture`` in front of a part of ``behind``."""
    hardness = float(rng.beta(2.0, 2.0))
    ground = _backdrop(behind, rng)
    thing = Image.fromarray(picture).convert("RGB")
    thing.thumbnail((SIDE_PX, SIDE_PX))
    mask = Image.fromarray(_mask(np.asarray(thing)))
    box = mask.getbbox() or (0, 0, *thing.size)
    thing, mask = _askew(thing.crop(box), mask.crop(box), hardness, rng)
    share = float(rng.uniform(0.95 - 0.4 * hardness, 1.0))
    scale = share * SIDE_PX / max(thing.size)
    size = max(round(thing.width * scale), 8), max(round(thing.height * scale), 8)
    left, top = ((SIDE_PX - side) * rng.uniform(0.2, 0.8) for side in size)
    shadow = (
        mask.resize(size)
        .filter(ImageFilter.GaussianBlur(6))
        .point([level // 3 for level in range(256)])
    )
    ground.paste((0, 0, 0), (round(left) + 4, round(top) + 6), shadow)
    ground.paste(thing.resize(size), (round(left), round(top)), mask.resize(size))
    _cover(ground, hardness, rng)
    return _taken(ground, hardness, rng)


def _mask(picture: Pixels) -> Mask:
    """Mark what differs from a plain ground; everything, where the ground is not plain."""
    border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]]).astype(int)
    colour = np.median(border, axis=0)
    everything = np.full(picture.shape[:2], 255, np.uint8)
    if (np.abs(border - colour).max(axis=1) < PLAIN).mean() < MOSTLY:
        return everything
    # Flooding from outside keeps white parts inside a thing, as on a white shirt with a print. It
    # is slow, hence small.
    same = (np.abs(picture.astype(int) - colour).max(axis=2) < PLAIN).astype(np.uint8) * 255
    small = Image.fromarray(same).resize((FLOOD_PX, FLOOD_PX))
    framed = Image.fromarray(
        np.pad((np.asarray(small) > 127).astype(np.uint8), 1, constant_values=1)
    )
    framed = framed.copy()  # or else it is read-only
    ImageDraw.floodfill(framed, (0, 0), 2)
    thing = np.where(np.asarray(framed)[1:-1, 1:-1] == 2, 0, 255).astype(np.uint8)
    height, width = picture.shape[:2]
    mask = np.asarray(Image.fromarray(thing).resize((width, height), Image.Resampling.BILINEAR))
    return mask if (mask > 0).mean() > SMALLEST else everything


def _backdrop(behind: Pixels, rng: np.random.Generator) -> Image.Image:
    """Blow up a part of a picture, a little out of focus."""
    height, width = (int(side) for side in behind.shape[:2])
    side = max(int(min(height, width) * rng.uniform(0.3, 0.8)), 1)
    top, left = int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1))
    part = Image.fromarray(behind[top : top + side, left : left + side]).convert("RGB")
    blurred = part.resize((SIDE_PX, SIDE_PX)).filter(ImageFilter.GaussianBlur(rng.uniform(0, 5)))
    tint = Image.new("RGB", blurred.size, tuple(int(c) for c in rng.integers(60, 235, 3)))
    return Image.blend(blurred, tint, float(rng.uniform(0.2, 0.8)))


def _askew(
    thing: Image.Image, mask: Image.Image, hardness: float, rng: np.random.Generator
) -> tuple[Image.Image, Image.Image]:
    """Turn a thing and look at it from one side: its corners move inwards."""
    width, height = thing.size
    reach = 0.02 + 0.2 * hardness
    inwards = rng.uniform(0, reach, (4, 2)) * (width, height)
    corners = np.array([(0, 0), (0, height), (width, height), (width, 0)], float)
    signs = np.array([(-1, -1), (-1, 1), (1, 1), (1, -1)])
    quad = tuple((corners + signs * inwards).ravel().tolist())
    turn = float(rng.normal(0, 4 + 12 * hardness))
    out = [
        layer.transform(layer.size, Image.Transform.QUAD, quad, Image.Resampling.BILINEAR).rotate(
            turn, Image.Resampling.BILINEAR, expand=True
        )
        for layer in (thing, mask)
    ]
    return out[0], out[1]


def _cover(ground: Image.Image, hardness: float, rng: np.random.Generator) -> None:
    """Put something in front of a part of it, now and then."""
    if rng.random() < 0.5 * hardness:
        width, height = (int(s) for s in rng.uniform(0.1, 0.4, 2) * SIDE_PX)
        left, top = (int(s) for s in rng.uniform(0, SIDE_PX, 2))
        colour = tuple(int(c) for c in rng.integers(0, 255, 3))
        ImageDraw.Draw(ground).ellipse((left, top, left + width, top + height), fill=colour)


def _taken(scene: Image.Image, hardness: float, rng: np.random.Generator) -> Pixels:
    """Press the button: light and its colour, an unsteady hand, noise, JPEG."""
    levels: Levels = np.asarray(scene, np.float32) / 255
    light = 1 + hardness * rng.uniform(-0.5, 0.25)
    cast = 1 + hardness * rng.uniform(-0.15, 0.15, 3)
    levels = np.clip(levels * light * cast, 0, 1) ** (1 + hardness * rng.uniform(-0.25, 0.35))
    levels += rng.normal(0, 0.005 + 0.04 * hardness * rng.random(), levels.shape)
    photo = Image.fromarray((np.clip(levels, 0, 1) * 255).astype(np.uint8))
    photo = photo.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 0.3 + 2.2 * hardness))))
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=int(90 - 55 * hardness * rng.random()))
    return np.asarray(Image.open(file).convert("RGB"))
