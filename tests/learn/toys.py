"""Materials and shops to learn from, whose answers are known because they were drawn."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from shoplens.config import Settings
from shoplens.engine import Engine
from shoplens.ingest.feeds import IndexRequest
from shoplens.learn.examples.gather import Example, Examples, Role
from shoplens.learn.fitting.fit import Desk
from shoplens.learn.lessons.head import head_lesson
from shoplens.learn.lessons.lesson import Lesson
from shoplens.learn.material import Material
from shoplens.learn.recipe import Recipe
from shoplens.learn.views.bank import Bank
from shoplens.types import Embeddings

DIM = 24
TOLD = 6
"""So many of the numbers tell products apart, weakly; the others are noise."""
HEAD = Recipe(
    "head", "a test", "head", hidden=64, dim=16, epochs=12, patience=12, dropout=0.1, folds=2,
    labels_per_batch=12, per_label=4, rate=0.01, temperature=0.1,
)  # fmt: skip
SIDE = 32


def desk() -> Desk:
    return Desk(torch.device("cpu"))


def unit(rows: np.ndarray) -> Embeddings:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def example(place: int, product: str, role: Role = "photo", label: str = "") -> Example:
    return Example(f"hash-{place}", product, label or product, product, role, f"{place}.png", "f")


def material(
    products: int = 20, photos: int = 7, *, seed: int = 0, noise: float = 0.4, way: str = "product"
) -> Material:
    """Give each product a gallery picture and photos; the noise is much longer than the sign."""
    rng = np.random.default_rng(seed)
    signs = rng.normal(size=(products, TOLD))
    shown = np.repeat(np.arange(products), photos + 1)
    rows = rng.normal(size=(len(shown), DIM)) * noise
    rows[:, :TOLD] = signs[shown] * 0.3 + rng.normal(size=(len(shown), TOLD)) * 0.05
    found = [
        example(place, f"p{product:02d}", "gallery" if place % (photos + 1) == 0 else "photo")
        for place, product in enumerate(shown.tolist())
    ]
    gallery = {one.product_id: i for i, one in enumerate(found) if one.role == "gallery"}
    return Material(Examples(tuple(found), way=way, products=gallery), unit(rows))


def plain(rows: Embeddings, holes: Sequence[int] = ()) -> Bank:
    whole = np.ones(len(rows), np.uint8)
    whole[list(holes)] = 0
    return Bank(rows[:, None], whole)


def head_on(some: Material, recipe: Recipe = HEAD, bank: Bank | None = None) -> Lesson:
    return head_lesson(recipe, bank or plain(some.rows), some.rows, "0123456789abcdef")


# ---- shops on disk -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drawn:
    """A shop whose pictures are sixteen grey squares, and its photos, each in light of a colour.

    The drawn encoder looks at colours, so that photos are hard for it. A product's kind says how
    the upper half looks.
    """

    folder: Path
    products: tuple[str, ...]

    @property
    def feed(self) -> Path:
        return self.folder / "products.csv"

    @property
    def photos(self) -> Path:
        return self.folder / "photos.csv"

    def tell(self, rows: Sequence[tuple[str, ...]], header: str = "image,product_id") -> Path:
        """Write another table of photos."""
        return _write(self.photos, header.split(","), rows)


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def draw(
    folder: Path, products: int = 12, photos: int = 5, *, kinds: int = 4, variants: int = 2
) -> Drawn:
    """Draw products with a catalogue picture and ``photos`` of each; ``variants`` make a group."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(products)
    upper = rng.integers(30, 226, (kinds, 2, 4))
    feed: list[tuple[str, ...]] = []
    table: list[tuple[str, str]] = []
    for number in range(products):
        name, kind = f"p{number:02d}", number % kinds
        squares = np.concatenate([upper[kind], rng.integers(30, 226, (2, 4))])
        _save(folder / f"{name}-0.png", squares, None)
        colour = ("red", "green", "blue")[number % 3]
        title = f"{colour} {_WORDS[number % len(_WORDS)]} {_WORDS[(7 * number + 3) % len(_WORDS)]}"
        group = f"g{number // variants}"
        feed.append((name, title, f"Squares > Kind {kind}", colour, group, f"{name}-0.png"))
        for place in range(photos):
            table.append((f"{name}-photo-{place}.png", name))
            _save(folder / table[-1][0], squares, rng)
    _write(folder / "products.csv", _FEED, feed)
    drawn = Drawn(folder, tuple(row[0] for row in feed))
    drawn.tell(table)
    return drawn


_FEED = ("id", "title", "category", "colour", "item_group_id", "image")
_WORDS = (
    "apple", "bridge", "candle", "dragon", "engine", "forest", "garden", "hammer", "island",
    "jacket", "kettle", "ladder", "mirror", "needle", "orange", "pillow", "quartz", "ribbon",
)  # fmt: skip


def _save(path: Path, squares: np.ndarray, light: np.random.Generator | None) -> None:
    """Save the squares, grey or in light of some colour."""
    levels = squares.repeat(SIDE // 4, 0).repeat(SIDE // 4, 1)[:, :, None].repeat(3, 2) / 255
    if light is not None:
        levels = levels * light.uniform(0.25, 1, 3) + light.normal(0, 0.03, levels.shape)
    Image.fromarray((np.clip(levels, 0, 1) * 255).astype(np.uint8)).save(path)


def index(drawn: Drawn, settings: Settings) -> None:
    with Engine.open(settings) as engine:
        engine.index(IndexRequest(drawn.feed))
