"""What an encoder is: a picture tower and a text tower that give unit vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, UInt8

from shoplens.encode.runtime.session import Running
from shoplens.plugins import load
from shoplens.types import Embedding, Embeddings, Pixels

ENCODERS = {
    "lite2": "shoplens.encode.bundled:open_lite2",
    "lite0": "shoplens.encode.bundled:open_lite0",
    "colour": "shoplens.encode.colour:open_colour",
}


CellMap = Float32[np.ndarray, "rows columns d"]
"""Cells of a picture, each in the space of its embedding."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture made ready for a tower: its model's input, and what is computed beside it."""

    pixels: UInt8[np.ndarray, "s s 3"]
    colour: Float32[np.ndarray, " c"]


@runtime_checkable
class PictureTower(Protocol):
    """Pictures become unit vectors; ``fingerprint`` names weights, preprocessing and dimension.

    Both methods may be called from several threads at once. Rows of two fingerprints never meet
    in one store.
    """

    @property
    def dim(self) -> int:
        """Dimensions of an embedding."""
        ...

    @property
    def size_px(self) -> int:
        """Side of the tower's input: decoding a picture much larger than this is wasted."""
        ...

    @property
    def fingerprint(self) -> str:
        """Short hexadecimal name of weights, preprocessing and dimension together."""
        ...

    def prepare(self, picture: Pixels) -> Prepared:
        """Resize and crop as the model expects."""
        ...

    def encode(self, prepared: Sequence[Prepared]) -> Embeddings:
        """One unit-length row a picture, in order."""
        ...


@runtime_checkable
class Mapper(Protocol):
    """A picture tower that can also tell where: it gives a map beside its embedding.

    The mean of a map's cells is the picture's embedding, so the mean of ``cell @ query`` over all
    cells is the likeness itself, and each cell's product is what its place gave to it. Not every
    tower is one: ask ``isinstance(tower, Mapper)``. May be called from several threads at once.
    """

    @property
    def map_range(self) -> tuple[float, float]:
        """A cell's products with a photo's embedding between which it goes from chance to sure."""
        ...

    def map(self, prepared: Prepared) -> CellMap:
        """Cells of what the tower sees of a picture, the top left one first."""
        ...


@runtime_checkable
class ColourApart(Protocol):
    """A picture tower that can leave the colours of a picture out of its embedding.

    For questions such as "this, but in red": the colour is asked for by itself. Not every tower is
    one: ask ``isinstance(tower, ColourApart)``.
    """

    def without_colour(self, embedding: Embedding) -> Embedding:
        """Give the unit vector that says the same of everything but colour."""
        ...


@runtime_checkable
class Derived(Protocol):
    """A picture tower whose embeddings can be made of another's, without looking at the picture.

    Not every tower is one: ask ``isinstance(tower, Derived)``. May be called from several threads
    at once.
    """

    @property
    def derives_from(self) -> str:
        """Fingerprint of the other picture tower."""
        ...

    def derive(self, embeddings: Embeddings) -> Float32[np.ndarray, "n e"]:
        """Turn the other's rows into those that ``encode`` gives for the same pictures."""
        ...


@runtime_checkable
class OneFile(Protocol):
    """A picture tower whose network is one ONNX file, which can be taken apart and trained."""

    @property
    def path(self) -> Path:
        """Where the file is."""
        ...

    @property
    def licence(self) -> str:
        """What the file says of its licence, "" if nothing."""
        ...


@runtime_checkable
class Together(Protocol):
    """A picture tower that likes several pictures at once, up to ``batch``.

    Not every tower is one: what computes as fast one by one is none, and is better called from
    several threads.
    """

    @property
    def batch(self) -> int:
        """Most pictures that go through the network together."""
        ...


@runtime_checkable
class OnProvider(Protocol):
    """A picture tower that tells what runs its network: cpu, cuda, openvino or coreml."""

    @property
    def provider(self) -> str:
        """One of these names."""
        ...


@runtime_checkable
class TextTower(Protocol):
    """Texts become unit vectors; may be called from several threads at once."""

    @property
    def dim(self) -> int:
        """Dimensions of an embedding."""
        ...

    @property
    def fingerprint(self) -> str:
        """Short hexadecimal name of weights, preprocessing and dimension together."""
        ...

    def encode(self, texts: Sequence[str]) -> Embeddings:
        """One unit-length row a text, in order; an empty text gives some fixed unit vector."""
        ...


@runtime_checkable
class Asks(Protocol):
    """Words become questions to pictures; may be called from several threads at once."""

    def ask(self, texts: Sequence[str], embeddings: Embeddings) -> Float32[np.ndarray, "n p"]:
        """Give each text a row whose inner product with a picture's tells how well they agree.

        ``embeddings`` are what the text tower made of the same texts: what needs them need not
        encode again. Agreement lies where CLIP's cosines do, 0.1 to 0.35; all rows of one encoder
        have the same length.
        """
        ...


@dataclass(frozen=True, slots=True)
class OneSpace:
    """``Asks`` of a text tower whose rows lie in the space of the pictures' as they are."""

    text: TextTower

    def ask(self, texts: Sequence[str], embeddings: Embeddings) -> Embeddings:
        """Give the embeddings themselves."""
        del texts
        return embeddings


@dataclass(frozen=True, slots=True)
class Encoder:
    """Both towers; ``asks``, where there is one, compares words with pictures.

    Texts are compared with texts by ``text``, which need not be what words ask pictures by.
    """

    name: str
    picture: PictureTower
    text: TextTower
    asks: Asks | None = None


def open_encoder(name: str, running: Running | None = None) -> Encoder:
    """Load the encoder called ``name`` and check it against its own self-test vector.

    ``running`` says how the networks of those that come with Shoplens run; a plugin decides itself.

    Raises:
        NotFoundError: there is none of that name.
        MismatchError: the file does not reproduce its self-test vector.
    """
    opener = load("encoder", name, ENCODERS)
    encoder: Encoder = opener(running or Running()) if name in ENCODERS else opener()
    return encoder
