"""Rows with known labels: each colour and shape has its own corner of a small space."""

from datetime import UTC, datetime

import numpy as np

from shoplens.catalogue.catalogue import Catalogue
from shoplens.catalogue.images import ImageRecord
from shoplens.types import Embeddings, Product

NOW = datetime(2026, 5, 1, tzinfo=UTC)
COLOURS, SHAPES = ("Red", "Green", "Blue"), ("Bags", "Boots")
DIM = 12
TOWER = "toy tower"


def toy_rows(n: int, noise: float = 0.25) -> tuple[Embeddings, list[str], list[str]]:
    """Give unit rows with the colour and the shape that each one shows."""
    rng = np.random.default_rng(n)
    corners = np.eye(len(COLOURS) + len(SHAPES), DIM)
    colours, shapes = rng.integers(0, 3, n), rng.integers(0, 2, n)
    rows = corners[colours] + corners[3 + shapes] + rng.normal(0, noise, (n, DIM))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32), [COLOURS[c] for c in colours], [SHAPES[s] for s in shapes]


def fill(catalogue: Catalogue, n: int, unlabelled: int) -> list[Product]:
    """Keep ``n`` products as if they were indexed; the last ``unlabelled`` say nothing."""
    rows, colours, shapes = toy_rows(n)
    products = [
        Product(
            f"p{i}",
            f"thing {i}",
            category=("Shop", shapes[i]) if i < n - unlabelled else (),
            images=(f"{i}.jpg",),
            attributes={"Colour": (colours[i],)} if i < n - unlabelled else {},
        )
        for i in range(n)
    ]
    catalogue.products.put(products, feed="toy", run="1", now=NOW)
    stored = catalogue.products.get_many([p.product_id for p in products])
    numbers = [stored[p.product_id].number for p in products]
    catalogue.products.mark_indexed([(number, 1) for number in numbers])
    catalogue.images.replace_many(
        {number: [ImageRecord(0, f"{i}.jpg", "s", hash_of(i), 1, 1, "")]
         for i, number in enumerate(numbers)}
    )  # fmt: skip
    kept = {hash_of(i): row for i, row in enumerate(rows)}
    catalogue.embeddings.put(kept, fingerprint=TOWER, now=NOW)
    return products


def hash_of(place: int) -> str:
    return f"{place:064x}"
