"""A colour's plain name, in English and Chinese.

The names are the eleven basic terms that languages with a full set share (Berlin & Kay 1969) and
beige, which shops cannot do without. Each name is a union of boxes in lightness, chroma and hue of
CIELAB; the first box that holds a colour names it. The boxes are our own: drawn around the usual
places of the terms, then moved where product photos of a training half disagreed
(``bench/colours.py``). Photos are darker and duller than paint cards, so black reaches up to
lightness 36 and dull yellows are still yellow. The nearest by CIEDE2000 of the
places in ``parse`` (picked by eye, not moved) names fewer of them right.

Gold and silver are how a surface shines, multicolour is several colours: one colour cannot say
them, so ``name_of`` never does. Navy is a blue, maroon a red: ``parse_colour`` knows where.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from shoplens.encode.colours.lab import Lab


class ColourName(StrEnum):
    """What a shop's colour filter offers."""

    BLACK = "black"
    GREY = "grey"
    WHITE = "white"
    BEIGE = "beige"
    BROWN = "brown"
    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"
    PINK = "pink"


CHINESE: Mapping[ColourName, str] = {
    ColourName.BLACK: "黑色",
    ColourName.GREY: "灰色",
    ColourName.WHITE: "白色",
    ColourName.BEIGE: "米色",
    ColourName.BROWN: "棕色",
    ColourName.RED: "红色",
    ColourName.ORANGE: "橙色",
    ColourName.YELLOW: "黄色",
    ColourName.GREEN: "绿色",
    ColourName.BLUE: "蓝色",
    ColourName.PURPLE: "紫色",
    ColourName.PINK: "粉色",
}


class Box(NamedTuple):
    """The colours from (included) to (excluded) in hue, lightness and chroma."""

    name: ColourName
    hue_deg: tuple[float, float] = (0, 360)
    lightness: tuple[float, float] = (-1, 101)
    chroma: tuple[float, float] = (0, 200)

    def holds(self, lab: Lab, hue_deg: float, chroma: float) -> bool:
        """Tell whether a colour lies in it; a box whose hues end before they begin goes past 0."""
        start, end = self.hue_deg
        inside = start <= hue_deg < end if start < end else hue_deg >= start or hue_deg < end
        return (
            inside
            and self.lightness[0] <= lab.lightness < self.lightness[1]
            and self.chroma[0] <= chroma < self.chroma[1]
        )


_N = ColourName
BOXES = (
    # no hue: white balance tints greys, towards blue and green more, and darkness hides hue
    Box(_N.BLACK, lightness=(-1, 12), chroma=(0, 8)),
    Box(_N.BROWN, hue_deg=(20, 80), lightness=(12, 36), chroma=(4, 8)),
    Box(_N.BLACK, hue_deg=(90, 240), lightness=(12, 30), chroma=(0, 8)),
    Box(_N.BLACK, lightness=(12, 36), chroma=(0, 5)),
    Box(_N.WHITE, lightness=(83, 101), chroma=(0, 6)),
    Box(_N.GREY, hue_deg=(95, 300), lightness=(36, 83), chroma=(0, 7)),
    Box(_N.GREY, hue_deg=(20, 95), lightness=(60, 83), chroma=(0, 6)),
    Box(_N.GREY, lightness=(36, 83), chroma=(0, 4.5)),
    # red, pink and what darkness makes of them
    Box(_N.PURPLE, hue_deg=(338, 3), lightness=(-1, 38)),
    Box(_N.RED, hue_deg=(3, 28), lightness=(-1, 38), chroma=(9, 200)),
    Box(_N.BROWN, hue_deg=(3, 8), lightness=(-1, 38)),
    Box(_N.BROWN, hue_deg=(8, 45), lightness=(-1, 70), chroma=(0, 12)),
    Box(_N.RED, hue_deg=(8, 20), lightness=(38, 52), chroma=(45, 200)),
    Box(_N.PINK, hue_deg=(338, 20)),
    Box(_N.RED, hue_deg=(20, 45), lightness=(52, 66), chroma=(75, 200)),
    Box(_N.PINK, hue_deg=(20, 38), lightness=(64, 101)),
    Box(_N.PINK, hue_deg=(38, 45), lightness=(70, 101), chroma=(14, 38)),
    Box(_N.ORANGE, hue_deg=(38, 45), lightness=(52, 101), chroma=(30, 200)),
    Box(_N.BEIGE, hue_deg=(38, 45), lightness=(68, 101)),
    Box(_N.PINK, hue_deg=(20, 24), lightness=(50, 64), chroma=(0, 30)),
    Box(_N.RED, hue_deg=(20, 30), chroma=(12, 200)),
    Box(_N.RED, hue_deg=(30, 38), chroma=(20, 200)),
    Box(_N.RED, hue_deg=(38, 45), chroma=(38, 200)),
    Box(_N.BROWN, hue_deg=(20, 45)),
    # orange and yellow are bright; brown is either when dark, beige when pale
    Box(_N.BEIGE, hue_deg=(45, 72), lightness=(64, 101), chroma=(0, 32)),
    Box(_N.ORANGE, hue_deg=(45, 72), lightness=(42, 101), chroma=(50, 200)),
    Box(_N.ORANGE, hue_deg=(45, 72), lightness=(58, 101), chroma=(38, 200)),
    Box(_N.ORANGE, hue_deg=(45, 72), lightness=(72, 101), chroma=(32, 200)),
    Box(_N.BROWN, hue_deg=(45, 72)),
    Box(_N.YELLOW, hue_deg=(72, 106), lightness=(56, 101), chroma=(42, 200)),
    Box(_N.YELLOW, hue_deg=(72, 106), lightness=(46, 101), chroma=(47, 200)),
    Box(_N.YELLOW, hue_deg=(72, 108), lightness=(70, 101), chroma=(32, 200)),
    Box(_N.BEIGE, hue_deg=(72, 95), lightness=(62, 101)),
    Box(_N.BEIGE, hue_deg=(95, 112), lightness=(78, 101), chroma=(0, 18)),
    Box(_N.BROWN, hue_deg=(72, 82)),
    Box(_N.BROWN, hue_deg=(82, 92), chroma=(25, 200)),
    # the cool half goes by hue alone; the purest blues of a screen lean towards purple
    Box(_N.GREEN, hue_deg=(82, 200)),
    Box(_N.BLUE, hue_deg=(200, 300)),
    Box(_N.BLUE, hue_deg=(300, 308), lightness=(-1, 40), chroma=(55, 200)),
    Box(_N.PURPLE, hue_deg=(300, 338)),
)  # fmt: skip


def name_of(lab: Lab) -> ColourName:
    """Name a colour; greys, black and white never get a hue's name."""
    hue_deg, chroma = lab.hue_deg, lab.chroma
    return next(box.name for box in BOXES if box.holds(lab, hue_deg, chroma))
