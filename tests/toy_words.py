"""Encoders for tests of combined ones: small ones that are real, and words that ask by a matrix."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from shoplens.encode.base import Encoder, PictureTower, open_encoder
from shoplens.encode.bundled import RESIZE_RULE, BundledPictures
from shoplens.encode.colour import HashedTexts
from shoplens.encode.onnx import OnnxNetwork
from shoplens.types import Embeddings, Pixels
from tiny_onnx import TinyModel

LENGTH = 0.3


class OtherTexts(HashedTexts):
    """The same words, turned round: another text tower."""

    fingerprint = "00112233445566aa"

    def encode(self, texts: Sequence[str]) -> Embeddings:
        return np.ascontiguousarray(super().encode(texts)[:, ::-1])


@dataclass(frozen=True, slots=True)
class MatrixAsks:
    """Words ask pictures by a matrix (t, p), at length ``LENGTH``."""

    matrix: np.ndarray

    def ask(self, texts: Sequence[str], embeddings: Embeddings) -> Embeddings:
        assert len(texts) == len(embeddings)
        rows = embeddings @ self.matrix
        lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        return (LENGTH * rows / lengths).astype(np.float32)


def with_words(encoder: Encoder, seed: int = 0, *, other_texts: bool = False) -> Encoder:
    """Let the words of an encoder ask its pictures, by a drawn matrix."""
    text = OtherTexts() if other_texts else HashedTexts()
    shape = (text.dim, encoder.picture.dim)
    matrix = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    return replace(encoder, text=text, asks=MatrixAsks(matrix))


def tiny_bundled(folder: Path, seed: int = 0) -> Encoder:
    """A network of four numbers with the colours of its pictures beside, as lite2 has them."""
    weight = np.random.default_rng(seed).normal(size=(3, 4)).astype(np.float32)
    path = TinyModel(weight=weight, resize=RESIZE_RULE).write(folder / f"tiny-{seed}.onnx")
    return Encoder(f"tiny-{seed}", BundledPictures(OnnxNetwork(path)), HashedTexts())


def pictures(count: int, seed: int = 0, side_px: int = 40) -> list[Pixels]:
    """Draw coarse coloured squares, no two alike."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(0, 256, (count, 4, 4, 3), np.uint8)
    return [block.repeat(side_px // 4, 0).repeat(side_px // 4, 1) for block in blocks]


def encode(tower: PictureTower, shown: Sequence[Pixels]) -> Embeddings:
    return tower.encode([tower.prepare(picture) for picture in shown])


def clustered(count: int, dim: int, seed: int = 0) -> Embeddings:
    """Draw unit rows about a few middles, which say most along a few directions."""
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(8, dim)) + 0.5
    rows = middles[rng.integers(0, 8, count)] + 0.3 * rng.normal(size=(count, dim))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


COLOUR = open_encoder("colour")
