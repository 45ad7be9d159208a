"""A visitor's photo is looked at more than once: whole, and nearer to its middle."""

from concurrent.futures import Executor
from functools import partial
from math import ceil

import numpy as np
from jaxtyping import UInt8

from shoplens.encode.base import PictureTower, Together
from shoplens.types import Embedding, Pixels

Crop = UInt8[np.ndarray, "_ _ 3"]
"""Pixels whose height and width are not those of the next."""
SHARES = (1.0, 0.75, 0.5)
"""Sides of the crops, in shares of the photo's; chosen in recipes/encoder/README.md."""


def crops(picture: Pixels) -> list[Crop]:
    """Cut the centred crops of a query photo, the whole photo first; views, not copies."""
    return [_centre(picture, share) for share in SHARES]


def encode_query(
    tower: PictureTower, picture: Pixels, *, multi: bool, pool: Executor | None = None
) -> Embedding:
    """Encode a query photo: with ``multi`` the mean of its crops' embeddings, at unit length.

    They go through the network together where the tower likes that: with 8 visitors at a time 1.5
    times as many photos as one by one, a single visitor waits 12 % longer (``bench/batching.py``).
    Else, with ``pool``, they are encoded at the same time; never call from a thread of that pool,
    which would wait for itself. Gallery pictures are clean and are encoded whole, without this.
    """
    if not multi:
        return _encode_one(tower, picture)
    encode = partial(_encode_one, tower)
    cut = crops(picture)
    if isinstance(tower, Together) and tower.batch >= len(cut):
        rows = tower.encode([tower.prepare(crop) for crop in cut])
    else:
        rows = np.stack(list(map(encode, cut) if pool is None else pool.map(encode, cut)))
    mean = rows.mean(axis=0)
    length = float(np.linalg.norm(mean))
    # Crops that contradict each other to nothing have no mean; the whole photo speaks then.
    return mean / length if length > 1e-6 else rows[0]


def _encode_one(tower: PictureTower, picture: Crop) -> Embedding:
    return tower.encode([tower.prepare(picture)])[0]


def _centre(picture: Pixels, share: float) -> Crop:
    height, width = picture.shape[:2]
    tall, wide = ceil(height * share), ceil(width * share)
    top, left = (height - tall) // 2, (width - wide) // 2
    return picture[top : top + tall, left : left + wide]
