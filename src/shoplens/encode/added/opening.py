"""An added model's folder becomes an encoder that has proved itself; nothing here needs torch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from shoplens.encode.added.manifest import (
    AGAIN,
    FILE,
    Manifest,
    SelfTest,
    check_sizes,
    read_manifest,
    verify_files,
)
from shoplens.encode.added.pictures import AddedPictures, Share, bytes_of
from shoplens.encode.base import Asks, Encoder
from shoplens.encode.bundled import BundledTexts
from shoplens.encode.onnx import weave
from shoplens.encode.runtime.batching import Runs
from shoplens.encode.runtime.providers import AUTO
from shoplens.encode.runtime.session import REFUSALS, Running, Session
from shoplens.errors import ConfigError, MismatchError
from shoplens.plugins import load
from shoplens.types import Embedding

Through = Callable[[Runs, int, Mapping[str, int]], Runs]
"""Puts something before a network: told are the most rows that may go in together, and, by the
name of an input whose rows may be made longer, what fills them."""
WEIGHTS = 1.75
"""Memory that an open network takes at rest, in sizes of its file. Measured of exported vision
transformers 1.1 to 1.7: ONNX Runtime keeps some weights twice, packed for its kernels too."""
_WORDS = {"models": "shoplens.encode.added.texts:open_words"}


def open_added(
    folder: Path, *, running: Running | None = None, through: Through | None = None
) -> Encoder:
    """Open an added model. Its pictures' tower is tried now, that of words when it is first asked.

    Product texts go on being compared by the bundled sentence encoder.

    Raises:
        NotFoundError: the folder holds no model.
        MismatchError: a file is gone, cut, or changed, or does not do what ``model.json`` says.
        MissingExtraError: it knows words, and the package tokenizers is not installed.
        ConfigError: it needs more memory than it may have, or a provider is not installed.
    """
    manifest = read_manifest(folder)
    check_sizes(folder, manifest)
    opening = _Opening(folder, manifest, running_for(manifest, running or Running()), through)
    return Encoder(
        name=manifest.name,
        picture=opening.pictures(),
        text=BundledTexts(),
        asks=opening.words(),
    )


@dataclass(frozen=True, slots=True)
class _Tower:
    """What ``model.json`` promises of a network: its inputs, where 0 stands for any length."""

    file: str
    takes: Mapping[str, tuple[int, ...]]
    selftest: SelfTest
    resize: str = ""


@dataclass(frozen=True, slots=True)
class _Opening:
    folder: Path
    manifest: Manifest
    running: Running
    through: Through | None

    def pictures(self) -> AddedPictures:
        part = self.manifest.picture
        side, share = part.resize.size_px, _share(self.manifest, self.running)
        takes = {"pixels": (_fixed(part.batch), side, side, 3)}
        tower = _Tower(part.file, takes, part.selftest, part.resize.told)
        drawn = weave(side)[None]
        network = self._network(tower, lambda network: network.run("embedding", {"pixels": drawn}))
        through = self._through(network, share.batch, {})
        return AddedPictures(self.manifest, through, share, network.provider)

    def words(self) -> Asks | None:
        part = self.manifest.text
        if part is None:
            return None
        shape = (_fixed(part.batch), part.context if part.whole else 0)
        names = ("ids", "mask") if part.mask else ("ids",)
        tower = _Tower(part.file, dict.fromkeys(names, shape), part.selftest)
        pads = {} if part.whole else {"ids": part.pad, "mask": 0}

        def network(compute: Callable[[Runs], np.ndarray]) -> Runs:
            return self._through(self._network(tower, compute), part.batch, pads)

        asks: Asks = load("extra", "models", _WORDS)(self.folder, self.manifest, network)
        return asks

    def _through(self, network: Runs, most: int, pads: Mapping[str, int]) -> Runs:
        return self.through(network, most, pads) if self.through else network

    def _network(self, tower: _Tower, compute: Callable[[Runs], np.ndarray]) -> Session:
        """Open a tower's network and have it keep its promises, or say what is wrong with it."""
        path = self.folder / tower.file

        def prove(session: Session) -> None:
            _check_shapes(path, session, tower, self.manifest.dim)
            _check_selftest(path, tower.selftest, compute(session), self.manifest.dim)

        try:
            return Session(path, self.running, prove)
        except (*REFUSALS, MemoryError) as error:
            verify_files(self.folder, self.manifest)
            raise MismatchError(
                f"{path} is no network that this ONNX Runtime can run ({error}); {AGAIN}"
            ) from error
        except MismatchError:
            verify_files(self.folder, self.manifest)
            raise


def running_for(manifest: Manifest, running: Running) -> Running:
    """Leave int8 to the processor, unless another provider was named.

    Others do not know its products: OpenVINO takes 76 ms for a ViT-B/32 that the processor's own
    kernels do in 24 (``bench/hub.py``).
    """
    if manifest.precision != "int8":
        return running
    named = ("cpu" if each == AUTO else each for each in running.providers)
    return replace(running, providers=tuple(named))


def _share(manifest: Manifest, running: Running) -> Share:
    """Divide the memory there is, or refuse before any of it is taken."""
    batch, side = manifest.picture.batch, manifest.picture.resize.size_px
    if not running.memory_mb:
        return Share(batch)
    weights = WEIGHTS * sum(entry.bytes for entry in manifest.files)
    needed_mb = (weights + bytes_of(side)) / 1e6
    if needed_mb > running.memory_mb:
        smaller = f"use {manifest.name}-int8, " if manifest.precision == "fp32" else "use "
        raise ConfigError(
            f"model {manifest.name!r} needs about {needed_mb:,.0f} MB of memory, the ceiling is "
            f"{running.memory_mb:,} (inference.memory_mb): {smaller}a smaller model, or raise it"
        )
    return Share.under(running.memory_mb * 1e6 - weights, batch, side)


def _fixed(batch: int) -> int:
    """Give the batch that a network may be made for and no other: one row, or none."""
    return 1 if batch == 1 else 0


def _check_shapes(path: Path, session: Session, tower: _Tower, dim: int) -> None:
    told = session.metadata.get("resize", tower.resize)
    if tower.resize and told != tower.resize:
        raise MismatchError(
            f"{path} was made for pictures resized as {told}, {FILE} says {tower.resize}: the "
            f"preprocessing was changed after the model was made; {AGAIN}"
        )
    inputs, rows = dict(session.inputs), session.outputs.get("embedding", ())
    right = inputs.keys() == tower.takes.keys() and all(
        _fits(inputs[name], wanted) for name, wanted in tower.takes.items()
    )
    if not right:
        raise MismatchError(
            f"{path} takes {inputs}, {FILE} promises {dict(tower.takes)} (0: any number); the two "
            f"do not belong together: {AGAIN}"
        )
    if not _fits(rows, (_fixed(1), dim)):
        given = f"{rows[-1]} numbers" if rows else "no 'embedding'"
        raise MismatchError(
            f"{path} gives {given}, {FILE} promises an 'embedding' of {dim} numbers: the dimension "
            f"is wrong, the two do not belong together; {AGAIN}"
        )


def _fits(found: tuple[int | str, ...], wanted: tuple[int, ...]) -> bool:
    """Compare shapes; where a network tells a name instead of a number, any will do."""
    return len(found) == len(wanted) and all(
        isinstance(one, str) or one == other for one, other in zip(found, wanted, strict=True)
    )


def _check_selftest(path: Path, selftest: SelfTest, rows: np.ndarray, dim: int) -> None:
    if rows.shape != (1, dim):
        raise MismatchError(
            f"{path} gives {rows.shape} numbers for one input where {FILE} promises (1, {dim}): "
            f"the dimension is wrong, the two do not belong together; {AGAIN}"
        )
    made: Embedding = rows[0].astype(np.float32)
    wanted = np.array(selftest.embedding, np.float32)
    off = float(np.abs(made[: len(wanted)] - wanted).max())
    length = float(np.linalg.norm(made))
    # Written so that NaN fails too.
    if not (off <= selftest.tolerance and abs(length - 1) <= 1e-2):
        raise MismatchError(
            f"{path} does not reproduce its self-test: off by {off:.4f} where "
            f"{selftest.tolerance:g} is allowed, of length {length:.4f}; {FILE} is of another "
            f"network, or this machine computes wrongly: {AGAIN}"
        )
