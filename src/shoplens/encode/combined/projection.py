"""Fewer numbers a row: an embedding seen along fewer directions, at unit length again."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tokenize import TokenError
from typing import Literal
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Float32, Float64

from shoplens.errors import MismatchError, NotFoundError
from shoplens.types import Embeddings

FILE = "projection.npz"
Way = Literal["truncate", "pca"]
"""``truncate`` keeps the first numbers, as models trained for it allow (Kusupati et al., 2022);
``pca`` those along which a shop's own pictures say most."""
NOTHING = 1e-6
"""A row this short after it was shrunk has no direction left."""
TOLERANCE = 1e-4
_SQUARE_OFF = 1e-3
_BLOCK = 4096
_UNREADABLE = (
    OSError, ValueError, TypeError, KeyError, EOFError, RuntimeError, SyntaxError, TokenError,
    BadZipFile,
)  # fmt: skip
"""What a damaged file of arrays ends in, as in ``encode.trained.aligned``."""


@dataclass(frozen=True, slots=True)
class Projection:
    """Directions, of unit length and at right angles, that rows are seen along.

    ``made_for`` is the fingerprint of the picture tower whose rows they are for.
    """

    directions: Float32[np.ndarray, "e d"]
    made_for: str

    @property
    def dim(self) -> int:
        """Numbers that are left."""
        return self.directions.shape[0]

    @property
    def base_dim(self) -> int:
        """Numbers that there were."""
        return self.directions.shape[1]

    def seen(self, rows: Embeddings) -> Float32[np.ndarray, "n e"]:
        """Look along the directions; lengths are what is left of them (MismatchError)."""
        if rows.shape[1] != self.base_dim:
            raise MismatchError(
                f"a projection of {self.base_dim} numbers cannot use {rows.shape[1]}"
            )
        return rows @ self.directions.T

    def shrink(self, rows: Embeddings) -> Float32[np.ndarray, "n e"]:
        """Give unit rows; one of which nothing is left becomes some fixed one."""
        short = self.seen(rows)
        lengths = np.linalg.norm(short, axis=1, keepdims=True)
        short[lengths[:, 0] < NOTHING, 0] = 1
        return short / np.where(lengths < NOTHING, 1, lengths)

    def guess(self, short: Float32[np.ndarray, "n e"]) -> Float32[np.ndarray, "n d"]:
        """Give the unit rows nearest to nothing but what is left: the rest is lost."""
        return short @ self.directions

    def to_bytes(self) -> bytes:
        """Write it down, with what it makes of a fixed row."""
        file, told = BytesIO(), self.shrink(_ramp(self.base_dim))[0]
        np.savez(file, directions=self.directions, made_for=self.made_for, selftest=told)
        return file.getvalue()


def truncation(base_dim: int, dim: int, made_for: str) -> Projection:
    """Keep the first ``dim`` numbers (MismatchError unless there are more)."""
    _check_dim(dim, base_dim)
    return Projection(np.eye(dim, base_dim, dtype=np.float32), made_for)


def pca(axes: Float32[np.ndarray, "d d"], dim: int, made_for: str) -> Projection:
    """Keep the first ``dim`` of the axes that ``principal_axes`` found (MismatchError)."""
    _check_dim(dim, axes.shape[0])
    return Projection(np.ascontiguousarray(axes[:dim]), made_for)


def principal_axes(rows: Embeddings) -> Float32[np.ndarray, "d d"]:
    """Find the directions along which rows say most, the one that says most first.

    No mean is subtracted: cosines are inner products of rows as they are, and the best that ``e``
    directions can do for all inner products at once, in squares, is the first ``e`` right singular
    vectors of the rows themselves (Eckart and Young, 1936). Signs are fixed, so that the same rows
    give the same numbers.
    """
    dim: int = rows.shape[1]
    moments: Float64[np.ndarray, "d d"] = np.zeros((dim, dim))
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK].astype(np.float64)
        moments += block.T @ block
    axes = np.linalg.eigh(moments)[1].T[::-1]  # (d, d), a row each
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    return (axes * np.where(largest < 0, -1.0, 1.0)).astype(np.float32)


def open_projection(folder: Path, made_for: str, base_dim: int) -> Projection:
    """Read the file that ``to_bytes`` wrote and have it reproduce its self-test.

    Raises:
        NotFoundError: there is none.
        MismatchError: it is damaged, or for rows of another tower.
    """
    path = folder / FILE
    if not path.is_file():
        raise NotFoundError(f"there is no {path}")
    try:
        with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as kept:
            directions, selftest = (
                kept[name].astype(np.float32) for name in ("directions", "selftest")
            )
            told = str(kept["made_for"])
    except _UNREADABLE as error:
        raise MismatchError(f"{path} cannot be read ({error}); shrink the model anew") from error
    sides: tuple[int, ...] = directions.shape
    if told != made_for or len(sides) != 2 or sides[1] != base_dim or not 0 < sides[0] < base_dim:
        raise MismatchError(
            f"{path} is for rows of {told} and holds numbers of shape {sides}; these rows are of "
            f"{made_for}, of {base_dim} numbers: shrink the model anew"
        )
    projection = Projection(directions, told)
    _prove(path, projection, selftest)
    return projection


def _prove(path: Path, projection: Projection, selftest: np.ndarray) -> None:
    """Refuse directions that are not square to each other, or that give another row."""
    crossed = projection.directions @ projection.directions.T
    off = float(np.abs(crossed - np.eye(projection.dim)).max())
    if not off <= _SQUARE_OFF:  # written so that NaN fails too
        raise MismatchError(
            f"{path} holds directions that are not at right angles and of length 1 (off by "
            f"{off:.4f}); shrink the model anew"
        )
    made = projection.shrink(_ramp(projection.base_dim))[0]
    away = float(np.abs(made - selftest).max()) if made.shape == selftest.shape else float("inf")
    if not away <= TOLERANCE:
        raise MismatchError(
            f"{path} does not reproduce its self-test row: off by {away:.4f} where {TOLERANCE:g} "
            "is allowed; it is damaged: shrink the model anew"
        )


def _check_dim(dim: int, base_dim: int) -> None:
    if not 0 < dim < base_dim:
        raise MismatchError(
            f"rows of {base_dim} numbers cannot be shrunk to {dim}; give 1 to {base_dim - 1}"
        )


def _ramp(dim: int) -> Embeddings:
    """Draw the row of the self-test, (1, dim), of unit length."""
    row = np.cos(0.1 * np.arange(dim, dtype=np.float64))
    return (row / float(np.linalg.norm(row))).astype(np.float32)[None]
