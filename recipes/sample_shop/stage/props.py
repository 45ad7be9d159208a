"""What stands about in a home beside the products: books, fruit, plants, frames, boxes.

None of it is sold here, so nothing of it is ever a right answer. Lengths in metres; each returns
its parts, standing on z = 0 about the z axis.
"""

import math

import bpy
import numpy as np

from sample_shop.model.forms import (
    ball,
    box,
    lathe,
    loft,
    move,
    paint,
    panel,
    smooth_path,
    superellipse,
)
from sample_shop.model.surfaces import fabric, glaze, lacquer, rubber, wood

Parts = list[bpy.types.Object]

MUTED = (
    "#7a8ea3",
    "#b5684f",
    "#d8c7a5",
    "#5d6f5a",
    "#384354",
    "#c79a3f",
    "#8c4a56",
    "#e4dfd4",
    "#222326",
)


def books(rng: np.random.Generator) -> Parts:
    """Pile two to four books, each a little askew."""
    parts: Parts = []
    z = 0.0
    for number in range(int(rng.integers(2, 5))):
        size = rng.uniform(0.12, 0.16), rng.uniform(0.18, 0.23), rng.uniform(0.014, 0.035)
        turn = (0, 0, rng.uniform(-14, 14))
        cover = lacquer(str(rng.choice(MUTED)), rough=0.5)
        pages = paint(box(f"pages.{number}", (size[0] - 0.004, size[1] - 0.008, size[2] - 0.006),
                          at=(0.003, 0, z + 0.003)), lacquer("#e9e1cc", rough=0.9))  # fmt: skip
        for name, low in (("lid", z + size[2] - 0.003), ("floor", z)):
            board = box(f"{name}.{number}", (size[0], size[1], 0.003), 0.0008, (0, 0, low))
            parts.append(move(paint(board, cover), turn_deg=turn))
        spine = box(f"spine.{number}", (0.003, size[1], size[2]), 0.001, (-size[0] / 2, 0, z))
        parts += [move(pages, turn_deg=turn), move(paint(spine, cover), turn_deg=turn)]
        z += size[2]
    return parts


def fruit(rng: np.random.Generator) -> Parts:
    """Lay out a few apples, lemons or oranges."""
    skins = {"apple": ("#a32a22", 0.038), "lemon": ("#e0b92c", 0.03), "orange": ("#d9731f", 0.039)}
    code, radius = skins[str(rng.choice(sorted(skins)))]
    parts: Parts = []
    for number in range(int(rng.integers(1, 4))):
        angle = number * 2.1 + rng.uniform(0, 1)
        at = (radius * 1.2 * math.cos(angle), radius * 1.2 * math.sin(angle), radius * 0.95)
        stretch = (radius, radius * rng.uniform(0.95, 1.05), radius * 0.95)
        parts.append(paint(ball(f"fruit.{number}", stretch, at), lacquer(code, rough=0.35)))
    return parts


def plant(rng: np.random.Generator) -> Parts:
    """Grow a pot plant with arching leaves."""
    clay = str(rng.choice(["#b9714e", "#d9d4c8", "#4d545c"]))
    rim = [
        (0.0, 0.004),
        (0.045, 0.0),
        (0.06, 0.1),
        (0.066, 0.1),
        (0.066, 0.12),
        (0.058, 0.12),
        (0.052, 0.09),
        (0, 0.09),
    ]
    parts = [paint(lathe("pot", rim), glaze(clay, rough=0.6))]
    green = lacquer(str(rng.choice(["#3f6b3a", "#557a41", "#2f5a45"])), rough=0.4)
    leaves = [paint(_leaf(number, rng), green) for number in range(int(rng.integers(11, 18)))]
    return parts + leaves


def _leaf(number: int, rng: np.random.Generator) -> bpy.types.Object:
    length, bend = rng.uniform(0.16, 0.28), rng.uniform(0.3, 1.1)
    turn = rng.uniform(0, 2 * math.pi)
    rings = []
    for t in np.linspace(0.02, 0.98, 14):
        reach, rise = length * math.sin(bend * t), 0.09 + length * t * math.cos(bend * t * 0.9)
        half = 0.02 * math.sin(math.pi * t) ** 0.7 + 0.001
        across = superellipse(1, 1.2, 2, 8)
        rings.append(
            [(reach, half * c, rise + 0.0008 * s - abs(c) * 0.3 * half) for c, s in across]
        )
    return move(loft(f"leaf.{number}", rings), turn_deg=(0, 0, math.degrees(turn)))


def parcel(rng: np.random.Generator) -> Parts:
    """Put a cardboard box down, taped."""
    size = rng.uniform(0.12, 0.2), rng.uniform(0.1, 0.16), rng.uniform(0.06, 0.13)
    card = paint(box("card", size, 0.002), lacquer("#b08a5b", rough=0.85))
    tape = box("tape", (size[0] + 0.001, 0.035, size[2] + 0.001), 0.002)
    return [card, paint(tape, lacquer("#d8c08d", rough=0.3))]


def pencils(rng: np.random.Generator) -> Parts:
    """Stand a tin of pencils."""
    tin = [(0, 0.002), (0.036, 0.0), (0.036, 0.095), (0.034, 0.095), (0.034, 0.004), (0, 0.004)]
    parts = [paint(lathe("tin", tin), lacquer(str(rng.choice(MUTED)), rough=0.4))]
    for number in range(6):
        angle = number * 1.05
        stick = lathe(
            f"pencil.{number}",
            [(0, 0), (0.0036, 0.0), (0.0036, 0.165), (0.0008, 0.178), (0, 0.179)],
            turns=6,
        )
        move(stick, (0.02 * math.cos(angle), 0.02 * math.sin(angle), 0.004),
             (-9 * math.sin(angle), 9 * math.cos(angle), 0))  # fmt: skip
        parts.append(paint(stick, lacquer(str(rng.choice(MUTED)), rough=0.35)))
    return parts


def cloth(rng: np.random.Generator) -> Parts:
    """Drop a folded tea towel."""
    size = rng.uniform(0.2, 0.28), rng.uniform(0.12, 0.2), 0.012
    towel = box("towel", size, 0.005)
    return [paint(towel, fabric(str(rng.choice(MUTED)), weave=0.0016))]


def frame(rng: np.random.Generator, width: float = 0.5, height: float = 0.65) -> Parts:
    """Make a framed print whose middle is the origin, facing -y."""
    bars = panel("frame", _rectangle(width, height), 0.025, 0.003)
    paper = panel("paper", _rectangle(width * 0.92, height * 0.94), 0.027)
    art = panel("art", [(x, z) for x, z in smooth_path(
        rng.uniform(-0.3, 0.3, (6, 2)) * (width, height), 60, closed=True)], 0.029)  # fmt: skip
    parts = [
        paint(bars, wood("#8f6d47", "#5d4329", axis="x")),
        paint(paper, lacquer("#efeae0", rough=0.8)),
    ]
    return [*parts, paint(art, lacquer(str(rng.choice(MUTED)), rough=0.8))]


def _rectangle(width: float, height: float) -> list[tuple[float, float]]:
    return [
        (-width / 2, -height / 2),
        (width / 2, -height / 2),
        (width / 2, height / 2),
        (-width / 2, height / 2),
    ]


def curtain(rng: np.random.Generator, width: float = 0.9, height: float = 2.3) -> Parts:
    """Hang a curtain in folds along x, its foot on z = 0."""
    phase, folds = rng.uniform(0, 6), 7
    rings = []
    for z in np.linspace(0, height, 12):
        front = [
            (x * width, 0.05 * math.sin(phase + x * folds * 6.28 + 0.3 * z), z)
            for x in np.linspace(-0.5, 0.5, 90)
        ]
        back = [(x, y + 0.004, z) for x, y, z in reversed(front)]
        rings.append(front + back)
    return [paint(loft("curtain", rings), fabric(str(rng.choice(MUTED)), weave=0.003))]


def phone(rng: np.random.Generator) -> Parts:
    """Leave a phone lying, dark screen up."""
    body = paint(box("phone", (0.072, 0.15, 0.008), 0.004), rubber("#22242a"))
    screen = paint(
        box("screen", (0.066, 0.142, 0.0005), at=(0, 0, 0.0078)), lacquer("#0b0c10", rough=0.05)
    )
    turn = (0, 0, float(rng.uniform(0, 180)))
    return [move(body, turn_deg=turn), move(screen, turn_deg=turn)]


SMALL = (books, fruit, plant, parcel, pencils, cloth, phone)
"""Props for a table; for a floor they are made larger or left out."""

LOW = (books, fruit, parcel, cloth)
"""Props that hide a part of what stands behind them, not all of it."""
