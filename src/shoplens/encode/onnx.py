"""ONNX files become networks that have proved themselves; the one importer of onnxruntime."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import onnxruntime  # pyright: ignore[reportMissingTypeStubs]  # it ships none
from jaxtyping import Float32, UInt8

from shoplens.encode.base import CellMap
from shoplens.errors import MismatchError, NotFoundError
from shoplens.types import Embedding, Embeddings, Pixels

# Untyped as it is, pyright is told once; what is used of a session is typed by _Session.
_RUNTIME: Any = onnxruntime
_STATES = _RUNTIME.capi.onnxruntime_pybind11_state
_REFUSALS: tuple[type[Exception], ...] = (
    _STATES.Fail,
    _STATES.InvalidArgument,
    _STATES.InvalidGraph,
    _STATES.InvalidProtobuf,
    _STATES.NotImplemented,
    _STATES.RuntimeException,
)


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


@runtime_checkable
class _Node(Protocol):
    name: str
    shape: list[int | str]


@runtime_checkable
class _Metadata(Protocol):
    custom_metadata_map: dict[str, str]


@runtime_checkable
class _Session(Protocol):
    def run(
        self, output_names: list[str], input_feed: dict[str, np.ndarray]
    ) -> list[np.ndarray]: ...
    def get_inputs(self) -> list[_Node]: ...
    def get_outputs(self) -> list[_Node]: ...
    def get_modelmeta(self) -> _Metadata: ...


class OnnxNetwork:
    """A picture network: ``pixels`` uint8 (n, s, s, 3) in, ``embedding`` float32 (n, d) out.

    It also gives ``map`` (n, h, w, d), whose mean over places, at unit length, is the embedding.

    May be called from several threads at once: each call computes in its caller's thread (plus
    ``threads - 1`` others) without holding Python's lock.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
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
        self._session = _open_session(path, content, threads)
        self.about: About = _read_about(path, self._session.get_modelmeta().custom_metadata_map)
        _check_shapes(path, self._session, self.about)
        try:
            made = self.embed([weave(self.about.size_px)])[0]
        except _REFUSALS as error:
            raise MismatchError(f"{path} opens but cannot run; make it anew ({error})") from error
        _check_selftest(path, self.about, made)

    def embed(self, squares: Sequence[UInt8[np.ndarray, "s s 3"]]) -> Embeddings:
        """Run the network on each square by itself.

        One at a time on purpose: for Lite2 on one thread a batch of 16 took 13.1 ms a picture, a
        batch of 1 took 10.0 (it stays in the processor's cache), and 205 MB less.
        """
        rows = np.empty((len(squares), self.about.dim), np.float32)
        for row, square in zip(rows, squares, strict=True):
            row[:] = self._session.run(["embedding"], {"pixels": square[None]})[0][0]
        return rows

    def map(self, square: UInt8[np.ndarray, "s s 3"]) -> CellMap:
        """Run the network on one square; cells come as they are, of no particular length.

        Measured no slower than ``embed``, which computes the map too (recipes/encoder/README.md).
        """
        return self._session.run(["map"], {"pixels": square[None]})[0][0]


def weave(size_px: int) -> Pixels:
    """Draw the self-test picture, as recipes/encoder/make.py does: whole numbers only."""
    y, x = np.mgrid[:size_px, :size_px]
    planes = [(7 * x + 3 * y) % 256, 20 + 200 * ((x // 16 + y // 16) % 2), (x * y // 7) % 256]
    return np.stack(planes, axis=-1).astype(np.uint8)


def _open_session(path: Path, content: bytes, threads: int) -> _Session:
    options = _RUNTIME.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Waiting threads sleep instead of spinning: the other cores have decoding to do.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The arena is shared by all threads and grows to what runs at once: with 40 threads 245 MB
    # in all, against 290 without it; planning it ahead ("pattern") makes that 470.
    options.enable_cpu_mem_arena = True
    options.enable_mem_pattern = False
    try:
        session: _Session = _RUNTIME.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )
    except _REFUSALS as error:
        raise MismatchError(
            f"{path} is no model that this ONNX Runtime can open, or it is damaged; reinstall the"
            f" package it is of ({error})"
        ) from error
    return session


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


def _check_shapes(path: Path, session: _Session, about: About) -> None:
    inputs = {node.name: node.shape[1:] for node in session.get_inputs()}
    outputs = {node.name: node.shape[1:] for node in session.get_outputs()}
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
