"""A small shop on disk, quick to index, with an answer known by construction."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

COLUMNS: list[str] = ["id", "title", "brand", "category", "price", "colour", "image"]
COLOURS = ("red", "green", "blue")


@dataclass(frozen=True, slots=True)
class SmallShop:
    """Its feed, its folder of images, and a way to change both."""

    feed: Path
    images: Path

    def write(self, rows: list[dict[str, str]]) -> None:
        with self.feed.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)

    def rows(self, n: int) -> list[dict[str, str]]:
        return [
            {
                "id": f"p{i}",
                "title": f"{COLOURS[i % 3]} square number {i}",
                "brand": "Square & Co",
                "category": "Shapes > Squares",
                "price": f"{10 + i}.50",
                "colour": COLOURS[i % 3],
                "image": f"p{i}.png",
            }
            for i in range(n)
        ]

    def draw(self, name: str, seed: int) -> None:
        rng = np.random.default_rng(seed)
        blocks = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        Image.fromarray(blocks.repeat(16, 0).repeat(16, 1)).save(self.images / name)


MakeShop = Callable[[int], SmallShop]
