"""What a folder with a model from elsewhere says of itself: ``model.json``, checked when read.

A folder is whole: ``model.json``, ``picture.onnx``, and where it understands words ``text.onnx``
and ``tokenizer.json``. A network of more than 2 GB keeps its weights in a file beside its own.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from shoplens.errors import MismatchError, NotFoundError

FILE = "model.json"
FORMAT = 1
"""Another number whenever an older Shoplens could misread a folder."""
Precision = Literal["fp32", "int8"]
Shape = Literal["squash", "crop", "pad"]
"""How a picture becomes a square. ``squash``: its sides are scaled each by itself. ``crop``: its
short side becomes ``short_px``, then the middle is cut out. ``pad``: its long side fits, the rest
is filled with ``fill``."""
Filter = Literal["nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"]
"""Pillow's name of a resampling filter."""
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the folder: its name there, its size and its SHA-256."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Resize:
    """How a picture becomes ``size_px`` x ``size_px`` before the network sees it."""

    shape: Shape
    size_px: int
    short_px: int
    filter: Filter
    fill: int = 0


@dataclass(frozen=True, slots=True)
class SelfTest:
    """Values that a tower gives for a fixed input, and how far off each may be.

    For pictures the input is ``weave(size_px)``, for texts the words in ``asked``.
    """

    asked: str
    embedding: tuple[float, ...]
    tolerance: float


@dataclass(frozen=True, slots=True)
class PicturePart:
    """``file`` takes ``pixels`` uint8 (n, s, s, 3), gives ``embedding`` float32 (n, d) of length 1.

    Rescaling and normalising are inside the network. ``batch`` is the most pictures that may go in
    together: 1 where they would change each other, as with ranges measured while it runs (int8).
    """

    file: str
    resize: Resize
    selftest: SelfTest
    batch: int = 32


@dataclass(frozen=True, slots=True)
class TextPart:
    """``file`` takes ``ids`` int64 (n, t), and ``mask`` too if ``mask``; gives ``embedding``.

    Texts are cut to ``context`` tokens. ``pad`` is the id that fills shorter ones up to the longest
    of a batch, or always to ``context`` if ``whole``. ``templates`` each hold one ``{}`` for the
    words asked; their mean is what is compared with pictures. Cosines of words with pictures times
    ``gain`` lie where CLIP's do, 0.1 to 0.35, which search expects. ``batch`` is as of pictures.
    """

    file: str
    tokenizer: str
    context: int
    pad: int
    whole: bool
    mask: bool
    selftest: SelfTest
    templates: tuple[str, ...] = ("{}",)
    gain: float = 1.0
    batch: int = 32


@dataclass(frozen=True, slots=True)
class Parity:
    """Least and mean cosine between the folder's network and the original, on real pictures."""

    picture_min: float
    picture_mean: float
    text_min: float | None = None
    text_mean: float | None = None
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """One added model. ``text`` is None for one that knows pictures only.

    ``source`` says where it came from (``hf:owner/name@revision`` or a file's name), ``licence`` in
    the words of that place. Both towers give ``dim`` numbers, in one space.
    """

    name: str
    architecture: str
    source: str
    licence: str
    precision: Precision
    dim: int
    picture: PicturePart
    text: TextPart | None
    files: tuple[FileEntry, ...]
    parity: Parity | None = None
    made_with: str = ""
    note: str = ""

    def entry(self, name: str) -> FileEntry:
        """Give the entry of one of its files (MismatchError if it lists none of that name)."""
        for entry in self.files:
            if entry.name == name:
                return entry
        raise MismatchError(f"{FILE} of model {self.name!r} lists no file {name!r}")

    @property
    def megabytes(self) -> float:
        """Size of all files together."""
        return sum(entry.bytes for entry in self.files) / 1e6

    def to_json(self) -> str:
        """Write it down."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str, where: str = FILE) -> "Manifest":
        """Read what ``to_json`` wrote; ``where`` names it in errors.

        Raises:
            MismatchError: it is no such file, or of a newer version of Shoplens.
        """
        try:
            told = json.loads(text)
            if told.pop("format") != FORMAT:
                raise MismatchError(
                    f"{where} is of another version of Shoplens; export the model again with this "
                    "one, or update Shoplens"
                )
            manifest = _manifest(told)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise MismatchError(f"{where} describes no model: {error!r}") from error
        _check(manifest, where)
        return manifest


def read_manifest(folder: Path) -> Manifest:
    """Read ``model.json`` of a folder.

    Raises:
        NotFoundError: there is none.
        MismatchError: it makes no sense.
    """
    path = folder / FILE
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise NotFoundError(f"{folder} holds no added model: it has no {FILE}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise MismatchError(f"{path} cannot be read: {error}") from error
    return Manifest.from_json(text, str(path))


def verify_files(folder: Path, manifest: Manifest) -> None:
    """Read every file of a folder and compare its SHA-256 (MismatchError names the first wrong)."""
    for entry in manifest.files:
        path = folder / entry.name
        if not path.is_file():
            raise MismatchError(f"model {manifest.name!r} lacks its file {path}")
        size = path.stat().st_size
        if size != entry.bytes:
            raise MismatchError(
                f"{path} has {size:,} bytes where {entry.bytes:,} are wanted: it was cut or changed"
            )
        found = hash_of(path)
        if found != entry.sha256:
            raise MismatchError(
                f"{path} has the SHA-256 {found[:16]}… where {entry.sha256[:16]}… is wanted: it "
                "was changed or damaged; fetch it again"
            )


def hash_of(path: Path) -> str:
    """Compute a file's SHA-256, however large it is."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def entry_of(path: Path) -> FileEntry:
    """Describe a file."""
    return FileEntry(path.name, path.stat().st_size, hash_of(path))


def _manifest(told: Mapping[str, Any]) -> Manifest:
    parts: dict[str, Any] = {
        "picture": _picture(told["picture"]),
        "text": _text(told["text"]) if told["text"] else None,
        "files": tuple(FileEntry(**entry) for entry in told["files"]),
        "parity": Parity(**told["parity"]) if told["parity"] else None,
    }
    return Manifest(**{**told, **parts})


def _picture(told: Mapping[str, Any]) -> PicturePart:
    parts: dict[str, Any] = {
        "resize": Resize(**told["resize"]),
        "selftest": _selftest(told["selftest"]),
    }
    return PicturePart(**{**told, **parts})


def _text(told: Mapping[str, Any]) -> TextPart:
    parts: dict[str, Any] = {
        "selftest": _selftest(told["selftest"]),
        "templates": tuple(map(str, told["templates"])),
    }
    return TextPart(**{**told, **parts})


def _selftest(told: Mapping[str, Any]) -> SelfTest:
    return SelfTest(
        str(told["asked"]), tuple(map(float, told["embedding"])), float(told["tolerance"])
    )


def _check(manifest: Manifest, where: str) -> None:
    """Refuse what would be used wrongly: a name that leaves the folder, a size of nothing."""
    names = [entry.name for entry in manifest.files]
    used = [manifest.picture.file]
    used += [manifest.text.file, manifest.text.tokenizer] if manifest.text else []
    resize = manifest.picture.resize
    if bad := [name for name in names if not _PLAIN.fullmatch(name)]:
        raise MismatchError(f"{where} names a file {bad[0][:80]!r}; wanted is a plain file name")
    if missing := sorted({*used} - {*names}):
        raise MismatchError(f"{where} uses {', '.join(missing)} and lists no such file")
    if min(manifest.dim, resize.size_px, resize.short_px, manifest.picture.batch) < 1:
        raise MismatchError(f"{where} tells of a size below 1; export the model again")
    if manifest.text and any(each.count("{}") != 1 for each in manifest.text.templates):
        raise MismatchError(f"{where} has a template without exactly one {{}} for the words")
