"""Drawn products: their likeness is known, because we drew it."""

import numpy as np
from PIL import Image, ImageDraw

from shoplens.types import Pixels

OUTLINES = {
    "shirt": "90,90 390,90 450,220 360,220 360,420 120,420 120,220 30,220",
    "trousers": "150,60 330,60 380,440 280,440 240,200 200,440 100,440",
    "bag": "180,80 300,80 320,200 430,200 430,400 50,400 50,200 160,200",
}
"""Corners of each shape on a sheet of 480 x 480."""
COLOURS = ("crimson", "royalblue", "gold")
PATTERNS = ("plain", "stripes", "dots")


def draw_product(shape: str, colour: str, pattern: str, side_px: int) -> Pixels:
    """Draw a shape in a colour with a pattern on white paper; every size shows the same."""
    side = 480
    paper = Image.new("RGB", (side, side), "white")
    cloth = Image.new("RGB", (side, side), colour)
    pen = ImageDraw.Draw(cloth)
    if pattern == "stripes":
        for y in range(0, side, 60):
            pen.rectangle((0, y, side, y + 24), fill="white")
    if pattern == "dots":
        for y in range(30, side, 80):
            for x in range(30, side, 80):
                pen.ellipse((x - 18, y - 18, x + 18, y + 18), fill="black")
    corners = [int(number) for number in OUTLINES[shape].replace(",", " ").split()]
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).polygon(corners, fill=255)
    paper.paste(cloth, mask=mask)
    return np.asarray(paper.resize((side_px, side_px), Image.Resampling.LANCZOS))
