"""A head that a shop trained, behind any picture tower: embeddings are made of embeddings."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from shoplens.encode.base import (
    CellMap,
    ColourApart,
    Mapper,
    OnProvider,
    PictureTower,
    Prepared,
    Together,
)
from shoplens.encode.runtime.session import REFUSALS, Session
from shoplens.errors import MismatchError, NotFoundError
from shoplens.types import Embedding, Embeddings, Pixels

Derived = Float32[np.ndarray, "n e"]


@dataclass(frozen=True, slots=True)
class AboutHead:
    """What a head's file says of itself: ``derives_from`` is its tower's fingerprint.

    ``blend`` is the head's share of a cosine; the rest, never nothing, is its tower's.
    """

    name: str
    derives_from: str
    base_dim: int
    dim: int
    blend: float
    tolerance: float
    selftest: tuple[float, ...]


class OnnxHead:
    """``row`` and ``cells`` (m, d) in, ``embedding`` (m, e) out; may be called from any thread.

    Cells are turned as the row beside them is: the mean of a map's cells comes to its embedding.
    """

    def __init__(self, path: Path) -> None:
        """Open a file and have it reproduce its self-test vector.

        Raises:
            NotFoundError: there is no such file.
            MismatchError: it is no such head, or does not reproduce its vector.
        """
        if not path.is_file():
            raise NotFoundError(f"there is no model file {path}")
        content = path.read_bytes()
        self.content_hash: str = hashlib.sha256(content).hexdigest()
        try:
            self._session: Session = Session(content)
            self.about: AboutHead = _about(path, self._session.metadata)
            made = self.run(ramp(self.about.base_dim), ramp(self.about.base_dim))[0]
        except REFUSALS as error:
            raise MismatchError(
                f"{path} is no head that can be run, or it is damaged; train it anew ({error})"
            ) from error
        wanted = np.array(self.about.selftest, np.float32)
        off = float(np.abs(made - wanted).max()) if made.shape == wanted.shape else float("inf")
        if not off <= self.about.tolerance:  # written so that NaN fails too
            raise MismatchError(
                f"{path} does not reproduce its self-test vector: off by {off:.4f} where "
                f"{self.about.tolerance:g} is allowed; the file is damaged: train it anew"
            )

    def run(self, rows: Embeddings, cells: Embeddings) -> Derived:
        """Turn each of ``cells`` as the row beside it is turned."""
        return self._session.run("embedding", {"row": rows, "cells": cells})


def ramp(dim: int) -> Embeddings:
    """Draw the row of the self-test, (1, dim), of unit length."""
    row = np.sin(0.1 * np.arange(dim, dtype=np.float64))
    return (row / max(float(np.linalg.norm(row)), 1e-12)).astype(np.float32)[None]


class HeadedPictures:
    """A picture tower with a head behind it; ``Derived``: it needs no picture, only embeddings."""

    def __init__(self, base: PictureTower, head: OnnxHead) -> None:
        """Put the head behind the tower that it was trained for.

        Raises:
            MismatchError: it was trained for another tower.
        """
        if head.about.derives_from != base.fingerprint:
            raise MismatchError(
                f"head {head.about.name!r} was trained for the encoder {head.about.derives_from}, "
                f"this one is {base.fingerprint}; install the version of Shoplens that it was "
                "trained with, or train it anew"
            )
        self._base = base
        self._head = head
        self.derives_from = base.fingerprint
        self.dim = head.about.dim
        self.base_dim = head.about.base_dim
        self.blend = head.about.blend
        self.size_px = base.size_px
        self.batch = base.batch if isinstance(base, Together) else 1
        self.provider = base.provider if isinstance(base, OnProvider) else "cpu"
        named = f"{head.content_hash} behind {base.fingerprint}"
        self.fingerprint = hashlib.sha256(named.encode()).hexdigest()[:16]

    def prepare(self, picture: Pixels) -> Prepared:
        """Do what the base does."""
        return self._base.prepare(picture)

    def encode(self, prepared: Sequence[Prepared]) -> Derived:
        """Encode with the base, then derive."""
        return self.derive(self._base.encode(prepared))

    def derive(self, embeddings: Embeddings) -> Derived:
        """Make embeddings of the base's embeddings of the same pictures (MismatchError)."""
        wanted = self._head.about.base_dim
        if embeddings.shape[1] != wanted:
            raise MismatchError(f"a head on {wanted} numbers cannot use {embeddings.shape[1]}")
        if not len(embeddings):
            return np.zeros((0, self.dim), np.float32)
        return self._head.run(embeddings, embeddings)


class HeadedMaps(HeadedPictures):
    """The same behind a base that gives maps and leaves colours out, as the bundled ones do."""

    def __init__(self, base: PictureTower, head: OnnxHead) -> None:
        super().__init__(base, head)
        if not (isinstance(base, Mapper) and isinstance(base, ColourApart)):
            raise MismatchError("this encoder gives no maps")
        self._maps: Mapper = base
        self._apart: ColourApart = base
        self.map_range = base.map_range

    def map(self, prepared: Prepared) -> CellMap:
        """Turn each cell as the picture's own embedding is turned."""
        cells = self._maps.map(prepared)
        rows, columns = cells.shape[:2]
        flat = np.ascontiguousarray(cells.reshape(rows * columns, -1), np.float32)
        own = np.repeat(flat.mean(axis=0, keepdims=True), len(flat), axis=0)
        return self._head.run(own, flat).reshape(rows, columns, self.dim)

    def without_colour(self, embedding: Embedding) -> Embedding:
        """Leave colour out of the base's part, and derive the head's anew."""
        base = embedding[: self.base_dim] / np.float32((1 - self.blend) ** 0.5)
        return self.derive(self._apart.without_colour(base)[None])[0]


def headed(base: PictureTower, head: OnnxHead) -> HeadedPictures:
    """Put a head behind a tower, with maps where the tower has them."""
    both = isinstance(base, Mapper) and isinstance(base, ColourApart)
    return HeadedMaps(base, head) if both else HeadedPictures(base, head)


def _about(path: Path, metadata: Mapping[str, str]) -> AboutHead:
    try:
        selftest = json.loads(metadata["selftest"])
        about = AboutHead(
            name=metadata["name"],
            derives_from=metadata["derives_from"],
            base_dim=int(metadata["base_dim"]),
            dim=int(metadata["dim"]),
            blend=float(metadata["blend"]),
            tolerance=float(selftest["tolerance"]),
            selftest=tuple(map(float, selftest["embedding"])),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise MismatchError(f"{path} holds metadata that make no sense: {error!r}") from error
    if not 0 < about.blend < 1 or len(about.selftest) != about.dim:
        told = f"a share of {about.blend}, {about.dim} numbers of which {len(about.selftest)} are"
        raise MismatchError(f"{path} holds metadata that make no sense: {told} in the self-test")
    return about
