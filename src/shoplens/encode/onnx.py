"""ONNX files with metadata of ours become networks that have proved themselves."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, UInt8

from shoplens.encode.base import CellMap
from shoplens.encode.runtime.session import REFUSALS, Running, Session
from shoplens.errors import MismatchError, NotFoundError
from shoplens.types import Embedding, Embeddings, Pixels


@dataclass(frozen=True, slots=True)
class SelfTest:
    """The first values that the network gives for a drawn picture, and how far off is allowed."""

    picture: str
    embedding: Embedding
    tolerance: float


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself in its metadata.

    ``resize`` names in words how a picture becomes ``size_px`` x ``size_px``; whoever prepares
    pictures for the network compares it with what it does.
    """

    name: str
    size_px: int
    dim: int
    resize: str
    selftest: SelfTest
    licence: str = ""


class OnnxNetwork:
    """A picture network: ``pixels`` uint8 (n, s, s, 3) in, ``embedding`` float32 (n, d) out.

    It also gives ``map`` (n, h, w, d), whose mean over places, at unit length, is the embedding.

    May be called from several threads at once; ``provider`` tells what runs it.
    """

    def __init__(self, path: Path, running: Running | None = None) -> None:
        """Open a file and have it reproduce its self-test vector.

        Raises:
            NotFoundError: there is no such file.
            MismatchError: it is no such network, or does not reproduce its vector.
        """
        if not path.is_file():
            raise NotFoundError(f"there is no model file {path}; reinstall the package it is of")
        content = path.read_bytes()
        self.path: Path = path
        self.content_hash: str = hashlib.sha256(content).hexdigest()
        try:
            self._session: Session = Session(content, running or Running(), self._prove)
        except REFUSALS as error:
            raise MismatchError(
                f"{path} is no model that this ONNX Runtime can run, or it is damaged; reinstall "
                f"the package it is of ({error})"
            ) from error
        self.provider: str = self._session.provider

    def _prove(self, session: Session) -> None:
        self.about: About = _read_about(self.path, session.metadata)
        _check_shapes(self.path, session, self.about)
        made = session.run("embedding", {"pixels": weave(self.about.size_px)[None]})[0]
        _check_selftest(self.path, self.about, made)

    def embed(self, squares: Sequence[UInt8[np.ndarray, "s s 3"]]) -> Embeddings:
        """Run the network on each square by itself.

        One at a time on purpose: for Lite2 on one thread a batch of 16 took 13.1 ms a picture, a
        batch of 1 took 10.0 (it stays in the processor's cache), and 205 MB less.
        """
        rows = np.empty((len(squares), self.about.dim), np.float32)
        for row, square in zip(rows, squares, strict=True):
            row[:] = self._session.run("embedding", {"pixels": square[None]})[0]
        return rows

    def map(self, square: UInt8[np.ndarray, "s s 3"]) -> CellMap:
        """Run the network on one square; cells come as they are, of no particular length.

        Measured no slower than ``embed``, which computes the map too (recipes/encoder/README.md).
        """
        return self._session.run("map", {"pixels": square[None]})[0]


def weave(size_px: int) -> Pixels:
    """Draw the self-test picture, as recipes/encoder/make.py does: whole numbers only."""
    y, x = np.mgrid[:size_px, :size_px]
    planes = [(7 * x + 3 * y) % 256, 20 + 200 * ((x // 16 + y // 16) % 2), (x * y // 7) % 256]
    return np.stack(planes, axis=-1).astype(np.uint8)


def _read_about(path: Path, metadata: Mapping[str, str]) -> About:
    wanted = ("name", "size_px", "dim", "resize", "selftest")
    if missing := [name for name in wanted if name not in metadata]:
        raise MismatchError(f"{path} lacks the metadata {', '.join(missing)}; make it anew")
    try:
        selftest = json.loads(metadata["selftest"])
        return About(
            name=metadata["name"],
            size_px=int(metadata["size_px"]),
            dim=int(metadata["dim"]),
            resize=metadata["resize"],
            selftest=SelfTest(
                picture=str(selftest["picture"]),
                embedding=np.array(selftest["embedding"], np.float32),
                tolerance=float(selftest["tolerance"]),
            ),
            licence=metadata.get("licence", ""),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise MismatchError(f"{path} holds metadata that make no sense: {error!r}") from error


def _check_shapes(path: Path, session: Session, about: About) -> None:
    inputs = {name: [*shape[1:]] for name, shape in session.inputs.items()}
    outputs = {name: [*shape[1:]] for name, shape in session.outputs.items()}
    square = [about.size_px, about.size_px, 3]
    rows, cells = outputs.get("embedding"), outputs.get("map", [])
    if inputs != {"pixels": square} or rows != [about.dim] or cells[2:] != [about.dim]:
        raise MismatchError(
            f"{path} takes {inputs} and gives {outputs}, each a picture; its metadata promise"
            f" 'pixels' {square}, 'embedding' [{about.dim}] and 'map' [h, w, {about.dim}]"
        )


def _check_selftest(path: Path, about: About, made: Float32[np.ndarray, " d"]) -> None:
    wanted, tolerance = about.selftest.embedding, about.selftest.tolerance
    if about.selftest.picture != "weave" or not 0 < len(wanted) <= len(made):
        raise MismatchError(
            f"{path} has {len(wanted)} self-test values of a picture {about.selftest.picture!r};"
            f" wanted are 1 to {len(made)} values of 'weave'"
        )
    off = float(np.abs(made[: len(wanted)] - wanted).max())
    length = float(np.linalg.norm(made))
    # Written so that NaN fails too.
    if not (off <= tolerance and abs(length - 1) <= 1e-3):
        raise MismatchError(
            f"{path} does not reproduce its self-test vector: off by {off:.4f} where {tolerance:g}"
            f" is allowed, of length {length:.4f}; the file is damaged or this machine computes"
            " wrongly: reinstall the package, then run 'shoplens doctor'"
        )
