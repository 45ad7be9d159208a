"""``shoplens models add``: a model of the hub becomes a folder that runs without torch."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shoplens.disk import move_whole
from shoplens.encode.added.manifest import Manifest, Precision
from shoplens.encode.hub.fetching.sources import Checkpoint, check_name, find
from shoplens.encode.hub.folder import Written, describe, write_float, write_int8
from shoplens.encode.hub.original import Original, Pictures
from shoplens.errors import MismatchError, NotFoundError, StorageError
from shoplens.feed import sampleshop
from shoplens.images.decode import decode
from shoplens.plugins import load
from shoplens.types import Pixels

Progress = Callable[[str, int, int], None]
LOADERS = {
    "transformers": "shoplens.encode.hub.loading.transformers_models:load",
    "open_clip": "shoplens.encode.hub.loading.open_clip_models:load",
    "onnx": "shoplens.encode.hub.loading.ready_onnx:load",
}
_PICTURES = 12
"""As many are compared: each goes through both networks, and what differs differs on all."""


@dataclass(frozen=True, slots=True)
class AddRequest:
    """What to add, and how.

    ``source`` is a known name, ``hf:owner/name[@revision]`` or a folder with a checkpoint. ``text``
    False leaves the words' tower out. ``pictures`` are image files to compare it on with the
    original; without any, those of the sample shop.
    """

    source: str
    name: str = ""
    precisions: tuple[Precision, ...] = ("fp32", "int8")
    text: bool = True
    pictures: tuple[Path, ...] = ()


def add(request: AddRequest, into: Path, progress: Progress) -> tuple[Manifest, ...]:
    """Write ``into/NAME``, and ``into/NAME-int8`` if asked; each whole or not at all.

    Raises:
        NotFoundError: there is no such model, or the hub cannot be reached: what to fetch is told.
        MismatchError: it cannot be added, differs from its original, or is there already.
        StorageError: the disk refused it.
        MissingExtraError: a package of the extra ``hub`` is not installed.
    """
    if request.name:
        check_name(request.name)
    checkpoint = find(request.source, progress, words=request.text, name=request.name)
    targets = {each: _target(into, checkpoint.name, each) for each in request.precisions}
    try:
        into.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{checkpoint.name}-", dir=into) as draft:
            made = _draft(request, checkpoint, Path(draft), progress)
            for manifest in made:
                move_whole(Path(draft) / manifest.precision, targets[manifest.precision])
    except OSError as error:
        raise StorageError(f"{into} refused the model: {error}; is the disk full?") from error
    return made


def _draft(
    request: AddRequest, checkpoint: Checkpoint, draft: Path, progress: Progress
) -> tuple[Manifest, ...]:
    """Write what was asked for into folders named by precision; int8 only if it gains."""
    name = checkpoint.name
    steps = _Steps(progress, 2 + 2 * len(request.precisions))
    steps.begin("load")
    # Called by its extra, so that a missing package is.
    loader = load("loader", "hub", {"hub": LOADERS[checkpoint.loader]})
    original: Original = loader(checkpoint, words=request.text)
    pictures = _pictures(request.pictures)
    steps.begin("export")
    written = Written(draft / "fp32", name, "fp32", checkpoint, original)
    written.folder.mkdir()
    write_float(written)
    made: list[Manifest] = []
    if "fp32" in request.precisions:
        steps.begin("compare")
        made.append(describe(written, pictures))
    if "int8" in request.precisions:
        steps.begin("int8")
        small = replace(written, folder=draft / "int8", name=f"{name}-int8", precision="int8")
        small.folder.mkdir()
        if write_int8(small, written.folder):
            steps.begin("compare")
            made.append(describe(small, pictures))
        elif not made:
            raise MismatchError(f"nothing in {name} would gain by int8: add it as fp32")
    steps.end()
    return tuple(made)


class _Steps:
    """Counts the parts of the work as they begin."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def begin(self, step: str) -> None:
        """Tell what begins now."""
        self._progress(step, min(self._done, self._total), self._total)
        self._done += 1

    def end(self) -> None:
        """Tell that all is done."""
        self._progress("compare", self._total, self._total)


def _target(into: Path, name: str, precision: Precision) -> Path:
    target = into / (f"{name}-int8" if precision == "int8" else name)
    check_name(name)
    if target.exists():
        raise MismatchError(
            f"there is a model {target.name!r} already, in {target}; give this one another name "
            "(--name), or delete that folder first"
        )
    return target


def _pictures(paths: Sequence[Path]) -> Pictures:
    """Decode the pictures to compare on, spread over all that there are."""
    found = list(paths) or _samples()
    made: list[Pixels] = []
    for path in found[:: max(1, len(found) // _PICTURES)][:_PICTURES]:
        try:
            made.append(decode(path.read_bytes()))
        except OSError as error:
            raise NotFoundError(f"{path} cannot be read: {error}") from error
    return made


def _samples() -> list[Path]:
    folder = Path(sampleshop.__path__[0]) / "data" / "catalogue"
    return sorted(folder.glob("*.webp"))
