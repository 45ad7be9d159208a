"""A product's picture with heat laid over it: the warmer, the more a place agrees.

The colours are those of inferno (Smith and van der Walt 2015, CC0), which grow lighter in even
steps, so that their order is seen by everybody. They are opaque where it is hot and fade to nothing
where it is cold. The picture below is greyed a little, lest a red shoe look hot by itself.
"""

import io

import numpy as np
from jaxtyping import Float32
from PIL import Image

from shoplens.types import Pixels

Heat = Float32[np.ndarray, "rows columns"]
"""From 0, cold, to 1, hot: cells of a picture's centred square."""

OPACITY = 0.68
"""Of the hottest places: the product stays to be seen."""
OPAQUE_FROM = 0.5
"""From this heat on."""
GREYED = 0.45
"""How much of the picture's own colours is taken away, all over."""
QUALITY = 78
METHOD = 2
"""Pillow's effort, 0 to 6: 1 ms more than 1, for 16 % fewer bytes."""

_INFERNO = (
    (0, 0, 4), (31, 12, 72), (85, 15, 109), (136, 34, 106), (186, 54, 85), (227, 89, 51),
    (249, 140, 10), (249, 201, 50), (252, 255, 164),
)  # fmt: skip


def warmed(picture: Pixels, heat: Heat) -> bytes:
    """Lay ``heat`` over the centred square of ``picture``, and give it as WebP of the same size."""
    shown = Image.fromarray(picture)
    shown = Image.blend(shown, shown.convert("L").convert("RGB"), GREYED)
    side = min(shown.size)
    corner = ((shown.width - side) // 2, (shown.height - side) // 2)
    cells = Image.fromarray(np.rint(np.clip(heat, 0, 1) * 255).astype(np.uint8))
    smooth = cells.resize((side, side), Image.Resampling.BICUBIC)
    colours = Image.fromarray(_COLOURS[np.asarray(smooth)])
    shown.paste(colours, corner, Image.fromarray(_OPACITIES[np.asarray(smooth)]))
    out = io.BytesIO()
    shown.save(out, "WEBP", quality=QUALITY, method=METHOD)
    return out.getvalue()


def _colours() -> np.ndarray:
    """Give the colour of each of 256 heats."""
    places = np.linspace(0, 255, len(_INFERNO))
    planes = [np.interp(np.arange(256), places, plane) for plane in zip(*_INFERNO, strict=True)]
    return np.rint(np.stack(planes, axis=1)).astype(np.uint8)


_COLOURS = _colours()
_OPACITIES = np.rint(
    255 * OPACITY * np.clip(np.arange(256) / 255 / OPAQUE_FROM, 0, 1)
).astype(np.uint8)  # fmt: skip
