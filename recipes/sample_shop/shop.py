"""What the shop sells and which pictures are made of it: the whole plan, before any is rendered."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sample_shop.model.design import Kind
from sample_shop.stage.defects import KINDS as DEFECTS
from sample_shop.stage.photo import Product

KINDS = (
    "mug", "teapot", "bowl", "bottle", "vase", "table_lamp", "pendant_lamp", "chair", "stool",
    "sofa", "side_table", "clock", "cushion", "backpack", "handbag", "sneaker", "boot",
    "headphones", "watch", "plush", "wooden_toy",
)  # fmt: skip
"""Files of ``kinds/``, in the order of the shop's menu."""

QUERIES, SCENES, PAIRS = 160, 60, 60


@dataclass(frozen=True, slots=True)
class Job:
    """One picture to make: its name, what it shows, and for a catalogue picture the side."""

    what: Literal["catalogue", "query", "scene", "defect"]
    name: str
    products: Sequence[Product]
    side: float = 0.0
    defect: str = ""
    hidden: bool = False
    """Whether something shall stand before the product."""

    @property
    def rng(self) -> np.random.Generator:
        """Give the random numbers of this picture, the same always."""
        return np.random.default_rng([len(self.what), *self.name.encode()])


def kinds() -> dict[str, Kind]:
    """Load every kind."""
    return {name: importlib.import_module(f"sample_shop.kinds.{name}").KIND for name in KINDS}


def products() -> list[Product]:
    """List all products in the order of the menu."""
    return [
        Product(f"{group.group_id}-{_slug(variant.colour.en)}", kind, group, variant)
        for kind in kinds().values()
        for group in kind.groups
        for variant in group.variants
    ]


def _slug(text: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def plan() -> list[Job]:
    """List every picture: the catalogue's, the visitors', the scenes, the defective pieces."""
    every = products()
    return [*_catalogue(every), *_queries(every), *_scenes(every), *_defects(every)]


def _catalogue(every: Sequence[Product]) -> list[Job]:
    """Show a group's first variant from three sides, the others from two."""
    jobs = []
    for product in every:
        first = product.variant is product.group.variants[0]
        sides = product.kind.sides[: 3 if first else 2]
        jobs += [
            Job("catalogue", f"{product.product_id}-{number}", [product], side)
            for number, side in enumerate(sides, 1)
        ]
    return jobs


def _queries(every: Sequence[Product]) -> list[Job]:
    rng = np.random.default_rng(11)
    picked = sorted(rng.permutation(len(every))[:QUERIES])
    return [
        Job(
            "query",
            f"q{n:03d}",
            [every[i]],
            hidden=n % 4 == 0 and every[i].kind.stands != "hangs",
        )
        for n, i in enumerate(picked, 1)
    ]


def _scenes(every: Sequence[Product]) -> list[Job]:
    """Put two to eight things together that could stand together, each of another group."""
    rng = np.random.default_rng(12)
    small = [p for p in every if p.kind.stands == "table"]
    large = [p for p in every if p.kind.stands == "floor"]
    jobs = []
    for number in range(1, SCENES + 1):
        floor = number % 3 == 0
        count = int(rng.integers(2, 6 if floor else 9))
        chosen: dict[str, Product] = {}
        for i in rng.permutation(len(large if floor else small)):
            product = (large if floor else small)[i]
            chosen.setdefault(product.group.group_id, product)
            if len(chosen) == count:
                break
        jobs.append(Job("scene", f"s{number:02d}", list(chosen.values())))
    return jobs


def _defects(every: Sequence[Product]) -> list[Job]:
    rng = np.random.default_rng(13)
    picked = rng.permutation(len(every))
    return [
        Job("defect", f"d{n:02d}", [every[picked[n - 1]]], defect=DEFECTS[n % len(DEFECTS)])
        for n in range(1, PAIRS + 1)
    ]
