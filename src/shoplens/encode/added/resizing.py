"""A picture becomes the square that a network was trained on: exactly as its own library does it.

As transformers' image processors (with Pillow) and open_clip's transforms: same rounding, same
filters, no shortcut. Peers that resize in another way lose accuracy without a word.
"""

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from shoplens.encode.added.manifest import Resize
from shoplens.types import Pixels

Square = UInt8[np.ndarray, "s s 3"]
FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "box": Image.Resampling.BOX,
    "hamming": Image.Resampling.HAMMING,
}
LONGEST = 16
"""Pictures that are longer than this many times their width are cut before they are resized.

Pillow then rounds a pixel now and then the other way, but 1 x 4000 pixels need no 600 MB."""


def square(picture: Pixels, resize: Resize) -> Square:
    """Give the ``size_px`` x ``size_px`` pixels that the network looks at."""
    image = Image.fromarray(picture)
    if resize.shape == "squash":
        shaped = image.resize((resize.size_px, resize.size_px), FILTERS[resize.filter])
    elif resize.shape == "crop":
        shaped = _cropped(image, resize)
    else:
        shaped = _padded(image, resize)
    return np.asarray(shaped)


def _cropped(image: Image.Image, resize: Resize) -> Image.Image:
    """Make the short side ``short_px``, the long side what then comes to it, cut down to a whole.

    That rounding is torchvision's, which transformers follows.
    """
    short, long = sorted(image.size)
    scaled = int(resize.short_px * long / short)
    landscape = image.width > image.height
    width, height = (scaled, resize.short_px) if landscape else (resize.short_px, scaled)
    side = resize.size_px
    left, top = _start(width - side, resize), _start(height - side, resize)
    corners = (left, top, left + side, top + side)
    if long <= LONGEST * short:
        return image.resize((width, height), FILTERS[resize.filter]).crop(corners)
    across, down = image.width / width, image.height / height
    seen = (left * across, top * down, (left + side) * across, (top + side) * down)
    box = (seen[0], seen[1], min(seen[2], image.width), min(seen[3], image.height))
    return image.resize((side, side), FILTERS[resize.filter], box=box)


def _start(spare: int, resize: Resize) -> int:
    return spare // 2 if resize.middle == "floor" else round(spare / 2)


def _padded(image: Image.Image, resize: Resize) -> Image.Image:
    """Make the long side fit, rounded as open_clip does, and put the rest around it."""
    side = resize.size_px
    ratio = max(image.size) / side
    width, height = (max(1, round(each / ratio)) for each in image.size)
    small = image.resize((width, height), FILTERS[resize.filter])
    whole = Image.new("RGB", (side, side), (resize.fill,) * 3)
    whole.paste(small, ((side - width) // 2, (side - height) // 2))
    return whole
