"""Towers become a folder: networks, tokenizer, self-tests, and ``model.json`` that tells of all."""

import platform
import shutil
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from shoplens.encode.added.manifest import (
    FILE,
    Manifest,
    Parity,
    PicturePart,
    Precision,
    SelfTest,
    TextPart,
    entry_of,
)
from shoplens.encode.added.opening import open_added
from shoplens.encode.hub.fetching.sources import Checkpoint
from shoplens.encode.hub.networks.graph import set_metadata
from shoplens.encode.hub.networks.quantising import quantise
from shoplens.encode.hub.original import Original, Pictures, WordsSide
from shoplens.encode.hub.parity import Ours, OurWords, changed_by_company, compare, open_words
from shoplens.encode.onnx import weave
from shoplens.encode.runtime.session import REFUSALS, Session
from shoplens.errors import MismatchError

PICTURE, TEXT, TOKENIZER = "picture.onnx", "text.onnx", "tokenizer.json"
_ASKED = "a red dress, 红色连衣裙"
_TOLERANCE = {"fp32": 0.004, "int8": 0.02}
"""Of values that are about 0.04 in 768 dimensions. Float differs by 1e-6 between processors, and by
1e-3 on a GPU with short mantissas; eight bits round the other way now and then."""
_VALUES = 16


@dataclass(frozen=True, slots=True)
class Written:
    """A folder with its networks in it, not yet described."""

    folder: Path
    name: str
    precision: Precision
    checkpoint: Checkpoint
    original: Original


def write_float(written: Written) -> None:
    """Write the networks and the tokenizer of a model.

    Raises:
        MismatchError: torch cannot write such a network.
    """
    original, folder = written.original, written.folder
    original.picture.write(folder / PICTURE)
    if original.words:
        original.words.write(folder / TEXT)
        (folder / TOKENIZER).write_text(original.words.tokenizer, "utf-8")
    _label(written)


def write_int8(written: Written, source: Path) -> bool:
    """Write the same in eight bits, of the networks in the folder ``source``.

    Tells whether anything in them gains by it. Of one tower that does not, the float network is
    taken: convolutions stay float.
    """
    names = [PICTURE, TEXT] if written.original.words else [PICTURE]
    gained = [quantise(source / name, written.folder / name) for name in names]
    for name, smaller in zip(names, gained, strict=True):
        if not smaller:
            for each in source.glob(f"{name}*"):
                shutil.copyfile(each, written.folder / each.name)
    if written.original.words:
        shutil.copyfile(source / TOKENIZER, written.folder / TOKENIZER)
    _label(written)
    return any(gained)


def describe(written: Written, pictures: Pictures) -> Manifest:
    """Compare with the original, write ``model.json``, and open the folder to prove it.

    Raises:
        MismatchError: it differs from the original, and which part does.
    """
    original, folder = written.original, written.folder
    exact = written.precision == "fp32"
    try:
        session = Session(folder / PICTURE)
        words = _words(written) if original.words else None
        ours = Ours(session, original.picture.resize, words)
        parity = compare(original, ours, pictures, strict=exact)
        manifest = _manifest(written, ours, parity)
    except REFUSALS as error:
        raise MismatchError(
            f"the network written of {written.name!r} does not run here: {error}"
        ) from error
    (folder / FILE).write_text(manifest.to_json(), "utf-8")
    opened = open_added(folder)
    if opened.asks:
        opened.asks.ask([_ASKED], opened.text.encode([_ASKED]))
    return manifest


def _manifest(written: Written, ours: Ours, parity: Parity) -> Manifest:
    original, checkpoint = written.original, written.checkpoint
    resize, batch = original.picture.resize, 32 if written.precision == "fp32" else 1
    row = ours.picture.run("embedding", {"pixels": weave(resize.size_px)[None]})[0]
    told = _selftest("", row, written.precision)
    files = [each for each in sorted(written.folder.iterdir()) if each.name != FILE]
    if ours.words and ours.words.embed([_ASKED]).shape[1] != len(row):
        raise MismatchError(
            f"its pictures have {len(row)} dimensions and its words "
            f"{ours.words.embed([_ASKED]).shape[1]}: they cannot be compared; leave the words away"
        )
    return Manifest(
        name=written.name,
        architecture=original.architecture,
        source=checkpoint.source,
        licence=checkpoint.licence,
        precision=written.precision,
        dim=len(row),
        picture=PicturePart(PICTURE, resize, told, batch),
        text=_text_part(written, ours.words) if ours.words else None,
        files=tuple(entry_of(each) for each in files),
        parity=parity,
        made_with=_made_with(),
        note=original.note,
    )


def _words(written: Written) -> OurWords:
    """Open the words' tower; where texts change each other it is run for one at a time."""
    assert written.original.words  # noqa: S101  # asked before
    part = _part(written.original.words, 32 if written.precision == "fp32" else 1)
    if (known := written.checkpoint.known) and known.templates:
        part = replace(part, templates=known.templates)
    ours = open_words(written.folder, part)
    if part.batch > 1 and changed_by_company(ours):
        return replace(ours, part=replace(part, batch=1))
    return ours


def _part(side: WordsSide, batch: int) -> TextPart:
    return TextPart(
        file=TEXT,
        tokenizer=TOKENIZER,
        context=side.context,
        pad=side.pad,
        whole=side.whole,
        mask=side.mask,
        selftest=SelfTest(_ASKED, (), 0.0),
        gain=round(side.gain, 4),
        batch=batch,
    )


def _text_part(written: Written, ours: OurWords) -> TextPart:
    told = _selftest(_ASKED, ours.embed([_ASKED])[0], written.precision)
    return replace(ours.part, selftest=told)


def _selftest(asked: str, row: np.ndarray, precision: Precision) -> SelfTest:
    values = tuple(round(float(each), 6) for each in row[:_VALUES])
    return SelfTest(asked, values, _TOLERANCE[precision])


def _label(written: Written) -> None:
    """Let each network say itself what it is, for whoever finds the file alone."""
    checkpoint = written.checkpoint
    told = {
        "name": written.name,
        "precision": written.precision,
        "source": checkpoint.source,
        "licence": checkpoint.licence,
    }
    resize = {"resize": written.original.picture.resize.told}
    set_metadata(written.folder / PICTURE, told | resize)
    if written.original.words:
        set_metadata(written.folder / TEXT, told)


def _made_with() -> str:
    names = ("shoplens", "torch", "transformers", "open-clip-torch", "onnx", "onnxruntime")
    return ", ".join(f"{name} {version(name)}" for name in names) + f"; {platform.machine()}"
