"""Embeddings by the content of the image and the encoder: no image is encoded twice."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from sqlalchemy import Engine, delete, func, select

from shoplens.database.tables import embeddings as table
from shoplens.database.transactions import portions, reading, upsert, writing
from shoplens.types import Embedding


class Embeddings:
    """A cache that outlives products; ``fingerprint`` names encoder, preprocessing, dimension."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, image_hashes: Sequence[str], fingerprint: str) -> dict[str, Embedding]:
        """Give the embeddings that are known; the rest is to be encoded."""
        with reading(self._engine) as connection:
            return {
                image_hash: np.frombuffer(data, "<f4").astype(np.float32)
                for some in portions(image_hashes)
                for image_hash, data in connection.execute(
                    select(table.c.image_hash, table.c.embedding).where(
                        table.c.fingerprint == fingerprint, table.c.image_hash.in_(some)
                    )
                )
            }

    def put(self, rows: Mapping[str, Embedding], *, fingerprint: str, now: datetime) -> None:
        """Keep embeddings by the hashes of their images; those of the same hash are replaced."""
        if not rows:
            return
        with writing(self._engine) as connection:
            connection.execute(
                upsert(self._engine, table),
                [
                    {
                        "fingerprint": fingerprint,
                        "image_hash": image_hash,
                        "embedding": embedding.astype("<f4").tobytes(),
                        "created": now,
                    }
                    for image_hash, embedding in rows.items()
                ],
            )

    def forget(self, fingerprint: str) -> None:
        """Forget everything that one encoder made."""
        with writing(self._engine) as connection:
            connection.execute(delete(table).where(table.c.fingerprint == fingerprint))

    def count(self, fingerprint: str) -> int:
        """Count the embeddings that one encoder made."""
        query = select(func.count()).where(table.c.fingerprint == fingerprint)
        with reading(self._engine) as connection:
            return connection.scalar(query) or 0
