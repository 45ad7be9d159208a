"""What no store may take in: rows and queries of another dimension, numbers that are none."""

import math
from collections.abc import Sequence

import numpy as np

from shoplens.errors import MismatchError
from shoplens.types import Embedding, Row, Space


def check_rows(rows: Sequence[Row], dim: int, text_dim: int) -> None:
    """Refuse a batch whole if one of its rows cannot be kept.

    Raises:
        MismatchError: an embedding has another dimension or holds NaN or infinity, a number
            field is not finite, or a ``row_id`` is negative.
    """
    for row in rows:
        who = f"row {row.row_id} of product {row.product_id!r}"
        if row.row_id < 0:
            raise MismatchError(f"{who} needs a row_id of at least 0")
        if row.picture is not None:
            _check_embedding(row.picture, dim, "picture", who)
        if row.text is not None:
            _check_embedding(row.text, text_dim, "text", who)
        if row.words is not None and not np.isfinite(row.words.weights).all():
            raise MismatchError(f"{who} has a word weight that is not a finite number")
        for name, value in row.fields.items():
            if isinstance(value, float) and not math.isfinite(value):
                raise MismatchError(f"{who} has {name} = {value}, wanted a finite number")


def check_query(query: Embedding, dim: int, space: Space) -> None:
    """Refuse a query that this space cannot be searched with.

    Raises:
        MismatchError: it has another dimension, or holds NaN or infinity.
    """
    _check_embedding(query, dim, space, "the query")


def _check_embedding(embedding: Embedding, dim: int, space: Space, who: str) -> None:
    if len(embedding) != dim:
        raise MismatchError(
            f"{who} has a {len(embedding)}-dimensional {space} embedding;"
            f" this store keeps {dim}-dimensional ones"
        )
    if not np.isfinite(embedding).all():
        raise MismatchError(f"{who} has a {space} embedding with a number that is not finite")
