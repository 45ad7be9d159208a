"""What no store may take in: rows and queries of another dimension, numbers that are none."""

import math
from collections.abc import Sequence
from typing import get_args

import numpy as np

from shoplens.errors import MismatchError
from shoplens.store.base import Dims
from shoplens.types import Embedding, Row, Space

SPACES: tuple[Space, ...] = get_args(Space)


def embedding_of(row: Row, space: Space) -> Embedding | None:
    """The embedding of a row in one space; None if it has none."""
    return {"picture": row.picture, "text": row.text, "colour": row.colour}[space]


def check_rows(rows: Sequence[Row], dims: Dims) -> None:
    """Refuse a batch whole if one of its rows cannot be kept.

    Raises:
        MismatchError: an embedding has another dimension or holds NaN or infinity, a number
            field is not finite, or a ``row_id`` is negative.
    """
    for row in rows:
        who = f"row {row.row_id} of product {row.product_id!r}"
        if row.row_id < 0:
            raise MismatchError(f"{who} needs a row_id of at least 0")
        for space in SPACES:
            embedding = embedding_of(row, space)
            if embedding is not None:
                _check_embedding(embedding, dims, space, who)
        if row.words is not None and not np.isfinite(row.words.weights).all():
            raise MismatchError(f"{who} has a word weight that is not a finite number")
        for name, value in row.fields.items():
            if isinstance(value, float) and not math.isfinite(value):
                raise MismatchError(f"{who} has {name} = {value}, wanted a finite number")


def check_query(query: Embedding, dims: Dims, space: Space) -> None:
    """Refuse a query that this space cannot be searched with.

    Raises:
        MismatchError: it has another dimension, or holds NaN or infinity.
    """
    _check_embedding(query, dims, space, "the query")


def _check_embedding(embedding: Embedding, dims: Dims, space: Space, who: str) -> None:
    dim = dims.of(space)
    if len(embedding) != dim:
        raise MismatchError(
            f"{who} has a {len(embedding)}-dimensional {space} embedding;"
            f" this store keeps {dim}-dimensional ones"
        )
    if not np.isfinite(embedding).all():
        raise MismatchError(f"{who} has a {space} embedding with a number that is not finite")
