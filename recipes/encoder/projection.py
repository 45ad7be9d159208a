"""The mean and the basis that the average of the last feature map is projected with.

Fitted on MIT-licensed pictures only, half on photos taken in shops and half on shop pictures,
so that neither kind decides alone. What tells the two kinds apart is not what tells products
apart: the direction from one kind's mean to the other's is dropped before the basis is chosen.
"""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from backbone import Array
from PIL import Image

DIM = 256
SEED = 7
SET_ASIDE = 600
"""Training photos that every choice of this recipe was judged on; none is fitted on."""
STORED = Path(__file__).with_name("projection.npz")


def fit(photos: Array, shop_pictures: Array) -> tuple[Array, Array]:
    """Fit a mean (c,) and an orthonormal basis (c, 256) on two kinds of pooled features."""
    photo_mean, shop_mean = photos.mean(0), shop_pictures.mean(0)
    axis = shop_mean - photo_mean
    axis = axis / np.linalg.norm(axis)
    spread = sum(_normalised_covariance(x, axis) for x in (photos, shop_pictures))
    _, vectors = np.linalg.eigh(spread)
    basis = vectors[:, ::-1][:, :DIM]
    signs = np.where(basis.sum(0) < 0, -1, 1)  # eigenvectors have none of their own
    return (photo_mean + shop_mean) / 2, basis * signs


def _normalised_covariance(features: Array, axis: Array) -> Array:
    """Give each kind the same weight, however many pictures it has, and nothing along ``axis``."""
    rest = features - np.outer(features @ axis, axis)
    covariance = np.cov(rest.T)
    return covariance / np.trace(covariance)


def read_stored(name: str) -> tuple[Array, Array]:
    """Read the mean and basis that were fitted once and are kept beside this file."""
    with np.load(STORED) as stored:
        return stored[f"{name}_mean"].astype(np.float32), stored[f"{name}_basis"].astype(np.float32)


def photo_paths(data: Path) -> list[Path]:
    """List the training photos of the grocery set, without those set aside for choosing."""
    folder = data / "grocery_street_to_catalogue"
    rows = [row["photo"] for row in _rows(folder / "photos.csv") if row["split"] == "train"]
    kept = sorted(np.random.default_rng(SEED).permutation(len(rows))[SET_ASIDE:])
    return [folder / rows[i] for i in kept]


def shop_paths(data: Path) -> list[Path]:
    """List the product pictures of the adventure shop."""
    folder = data / "adventure_shop"
    return [folder / row["image"] for row in _rows(folder / "products.csv")]


def _rows(path: Path) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def read_square(path: Path, size_px: int, share: float = 1.0) -> np.ndarray:
    """Read the centred square whose side is ``share`` of the short side, at ``size_px``."""
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    width, height = picture.size
    side = min(width, height) * share
    left, top = (width - side) / 2, (height - side) / 2
    box = (left, top, left + side, top + side)
    return np.asarray(picture.resize((size_px, size_px), Image.Resampling.BICUBIC, box=box))


def pooled(session: onnxruntime.InferenceSession, paths: Sequence[Path], size_px: int) -> Array:
    """Average the last feature map of every picture, in float64 for the fit: (n, c)."""
    rows = [session.run(["pooled"], {"pixels": read_square(p, size_px)[None]})[0] for p in paths]
    return np.concatenate(rows).astype(np.float64)
