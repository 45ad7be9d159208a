"""A small shop whose every answer is known: shape × colour × pattern, drawn and written as a feed.

Products of one shape and pattern are one group, its colours are the variants. Photos of some
products are drawn too, each with the product that is the right answer.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
from PIL import Image

from shoplens.errors import ConfigError, StorageError
from shoplens.feed.toyshop.drawing import (
    COLOURS,
    PATTERNS,
    SHAPES,
    Painter,
    in_a_photo,
    on_paper,
    second_view,
)

LARGEST = len(SHAPES) * len(COLOURS) * len(PATTERNS)
"""How many different products a toy shop can sell."""


@dataclass(frozen=True, slots=True)
class ToyProduct:
    """What is true of a drawn product; ``images`` are paths below the shop's folder."""

    product_id: str
    shape: str
    colour: str
    pattern: str
    brand: str
    price: Decimal
    sale_price: Decimal | None
    in_stock: bool
    images: tuple[str, ...]

    @property
    def group_id(self) -> str:
        """Name the group of its colour variants."""
        return f"{self.shape}-{self.pattern}"

    @property
    def category(self) -> tuple[str, ...]:
        """Say where in the shop it stands, from broad to narrow."""
        return _KINDS[self.shape].category

    @property
    def title(self) -> str:
        """Name it in English."""
        worn = "" if self.pattern == "plain" else f"{self.pattern} "
        return f"{self.colour} {worn}{self.shape}".capitalize()

    @property
    def title_zh(self) -> str:
        """Name it in Chinese."""
        return f"{_COLOURS_ZH[self.colour]}{_PATTERNS_ZH[self.pattern]}{_KINDS[self.shape].zh}"

    def likeness(self, other: "ToyProduct") -> int:
        """Count likeness, 0 to 7: the shape weighs more than the pattern, that more than colour."""
        same_shape = self.shape == other.shape
        same_pattern = self.pattern == other.pattern
        return 4 * same_shape + 2 * same_pattern + (self.colour == other.colour)


@dataclass(frozen=True, slots=True)
class ToyQuery:
    """A photo file, and the product in it."""

    image: Path
    product_id: str


@dataclass(frozen=True, slots=True)
class ToyShop:
    """A shop on disk: ``feed`` is products.csv, whose images are paths below ``images``."""

    feed: Path
    images: Path
    products: tuple[ToyProduct, ...]
    queries: tuple[ToyQuery, ...]


def draw_shop(
    folder: Path,
    *,
    rng: np.random.Generator,
    k: int = 120,
    photos: int = 24,
    side_px: int = 360,
) -> ToyShop:
    """Draw ``k`` different products and ``photos`` photos of some; about 2 seconds for 120.

    The same ``rng`` state gives the same shop. A file that is already there with the same content
    is not touched, so that an indexer finds no work in a shop drawn twice.

    Raises:
        ConfigError: more products than there are different ones, or more photos than products.
        StorageError: the disk refused a file.
    """
    if not 1 <= k <= LARGEST or not 0 <= photos <= k:
        raise ConfigError(
            f"a toy shop of {k} products and {photos} photos; wanted 1 to {LARGEST} products and "
            "no more photos than products"
        )
    products, painter = _invent(k, rng), Painter(side_px)
    for toy in products:
        thing = painter.draw(toy.shape, toy.colour, toy.pattern)
        for name, view in zip(toy.images, (on_paper, second_view), strict=False):
            _write(folder / name, _jpeg(view(thing), 88))
    queries: list[ToyQuery] = []
    order: list[int] = rng.permutation(k).tolist()
    for number in order[:photos]:
        image = folder / "queries" / f"photo{len(queries) + 1:02d}.jpg"
        _write(image, draw_query(products[number], rng, painter))
        queries.append(ToyQuery(image, products[number].product_id))
    _write(folder / "products.csv", _csv(_COLUMNS, map(_row, products)))
    answers = ((f"queries/{query.image.name}", query.product_id) for query in queries)
    _write(folder / "queries.csv", _csv(("image", "product_id"), answers))
    return ToyShop(folder / "products.csv", folder, products, tuple(queries))


def draw_query(
    product: ToyProduct, rng: np.random.Generator, painter: Painter | None = None
) -> bytes:
    """Take another photo of a product, by hand, somewhere; a JPEG file's bytes."""
    painter = painter or Painter(360)
    thing = painter.draw(product.shape, product.colour, product.pattern)
    return _jpeg(in_a_photo(thing, rng), 82)


# ---- what there is to know -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Kind:
    zh: str
    category: tuple[str, ...]
    price: int


_KINDS = {
    "t-shirt": _Kind("T恤", ("Clothing", "Tops", "T-shirts"), 18),
    "dress": _Kind("连衣裙", ("Clothing", "Dresses"), 49),
    "trousers": _Kind("长裤", ("Clothing", "Trousers"), 39),
    "handbag": _Kind("手提包", ("Bags", "Handbags"), 65),
    "backpack": _Kind("双肩包", ("Bags", "Backpacks"), 55),
    "mug": _Kind("马克杯", ("Home", "Kitchen", "Mugs"), 9),
    "sneaker": _Kind("运动鞋", ("Shoes", "Sneakers"), 59),
    "cap": _Kind("棒球帽", ("Clothing", "Accessories", "Caps"), 15),
    "lamp": _Kind("台灯", ("Home", "Lighting", "Table lamps"), 34),
    "chair": _Kind("椅子", ("Home", "Furniture", "Chairs"), 89),
    "umbrella": _Kind("雨伞", ("Clothing", "Accessories", "Umbrellas"), 22),
}
_COLOURS_ZH = {
    "red": "红色",
    "orange": "橙色",
    "yellow": "黄色",
    "green": "绿色",
    "blue": "蓝色",
    "purple": "紫色",
    "pink": "粉色",
    "black": "黑色",
}
_PATTERNS_ZH = {"plain": "纯色", "striped": "条纹", "dotted": "波点", "checked": "格子"}
_BRANDS = ("Albatross", "Bluebell", "Corvina", "Dapple", "Elmwood")
_SECOND_VIEWS, _ON_SALE, _IN_STOCK = 0.5, 0.25, 0.85

_COLUMNS = (
    "id", "title", "description", "brand", "category", "item_group_id", "price", "sale_price",
    "currency", "availability", "image_link", "additional_image_link", "colour", "pattern",
    "title_zh",
)  # fmt: skip


def _invent(k: int, rng: np.random.Generator) -> tuple[ToyProduct, ...]:
    """Choose ``k`` different combinations and give each a price, a brand, a stock."""
    combinations = [(s, c, p) for s in SHAPES for c in COLOURS for p in PATTERNS]
    order: list[int] = rng.permutation(len(combinations)).tolist()
    products: list[ToyProduct] = []
    for shape, colour, pattern in (combinations[number] for number in order[:k]):
        product_id = f"toy-{len(products) + 1:03d}"
        price = Decimal(round(_KINDS[shape].price * rng.uniform(0.8, 1.3))) - Decimal("0.05")
        on_sale = rng.random() < _ON_SALE
        views = 1 + (rng.random() < _SECOND_VIEWS)
        products.append(
            ToyProduct(
                product_id=product_id,
                shape=shape,
                colour=colour,
                pattern=pattern,
                brand=_BRANDS[rng.integers(len(_BRANDS))],
                price=price,
                sale_price=(price * Decimal("0.8")).quantize(Decimal("0.01")) if on_sale else None,
                in_stock=bool(rng.random() < _IN_STOCK),
                images=tuple(f"images/{product_id}-{view + 1}.jpg" for view in range(views)),
            )
        )
    return tuple(products)


def _row(toy: ToyProduct) -> tuple[str, ...]:
    return (
        toy.product_id,
        toy.title,
        f"{toy.title} by {toy.brand}, {toy.category[0].lower()}.",
        toy.brand,
        " > ".join(toy.category),
        toy.group_id,
        str(toy.price),
        str(toy.sale_price or ""),
        "EUR",
        "in stock" if toy.in_stock else "out of stock",
        toy.images[0],
        ",".join(toy.images[1:]),
        toy.colour,
        toy.pattern,
        toy.title_zh,
    )


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _write(file: Path, data: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.is_file() or file.read_bytes() != data:
            file.write_bytes(data)
    except OSError as error:
        raise StorageError(f"the toy shop's {file} cannot be written: {error.strerror}") from error
