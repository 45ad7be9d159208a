"""Sheets to look at: ``python -m sample_shop.ship.sheet --packed FOLDER --out docs/images``.

All products; ten photos and the product in each; ten scenes with their boxes; ten defective pieces
beside the good ones with what differs outlined.
"""

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Row = dict[str, str]
COLOURS = ("#e6194b", "#3cb44b", "#4363d8", "#f58231", "#911eb4", "#008080", "#9a6324", "#800000")


def main() -> None:
    """Draw the four sheets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packed", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    packed, out = options.packed, options.out
    firsts = sorted((packed / "catalogue").glob("*-1.webp"))
    grid([_open(file, 128) for file in firsts], 16).save(out / "sample-shop.webp", quality=82)
    queries = _rows(packed / "queries.csv")[::16][:10]
    pairs = [
        _beside(packed, row["image"], f"catalogue/{row['product_id']}-1.webp") for row in queries
    ]
    grid(pairs, 5).save(out / "sample-photos.webp", quality=82)
    by_scene: dict[str, list[Row]] = {}
    for row in _rows(packed / "scenes.csv"):
        by_scene.setdefault(row["image"], []).append(row)
    chosen = list(by_scene)[::6][:10]
    grid([_boxed(packed, by_scene[name]) for name in chosen], 4).save(
        out / "sample-scenes.webp", quality=82
    )
    defects = _rows(packed / "defects.csv")[:10]
    grid([_defect(packed, row) for row in defects], 5).save(out / "sample-defects.webp", quality=82)


def grid(pictures: Sequence[Image.Image], across: int) -> Image.Image:
    """Lay pictures of about one size out in rows."""
    wide, high = (max(p.size[k] for p in pictures) + 6 for k in (0, 1))
    down = -(-len(pictures) // across)
    sheet = Image.new("RGB", (wide * across, high * down), "white")
    for number, picture in enumerate(pictures):
        sheet.paste(picture, (number % across * wide + 3, number // across * high + 3))
    return sheet


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _open(path: Path, side: int) -> Image.Image:
    with Image.open(path) as picture:
        small = picture.convert("RGB")
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    return small


def _beside(packed: Path, *names: str) -> Image.Image:
    return grid([_open(packed / name, 190) for name in names], len(names))


def _boxed(packed: Path, rows: Sequence[Row]) -> Image.Image:
    with Image.open(packed / rows[0]["image"]) as picture:
        scene = picture.convert("RGB")
    pen = ImageDraw.Draw(scene)
    for number, row in enumerate(rows):
        colour = COLOURS[number % len(COLOURS)]
        box = [int(row[side]) for side in ("left", "top", "right", "bottom")]
        pen.rectangle(box, outline=colour, width=3)
        pen.text((box[0] + 5, box[1] + 3), row["product_id"], fill=colour)
    scene.thumbnail((480, 480), Image.Resampling.LANCZOS)
    return scene


def _defect(packed: Path, row: Row) -> Image.Image:
    with Image.open(packed / row["image"]) as picture, Image.open(packed / row["mask"]) as mask:
        shown, flags = picture.convert("RGB"), mask.convert("L")
    edge = np.asarray(flags.filter(ImageFilter.MaxFilter(5))) > np.asarray(flags)
    levels = np.array(shown)
    levels[edge] = (230, 25, 75)
    shown = Image.fromarray(levels)
    shown.thumbnail((190, 190), Image.Resampling.LANCZOS)
    return grid([_open(packed / row["good"], 190), shown], 2)


if __name__ == "__main__":
    main()
