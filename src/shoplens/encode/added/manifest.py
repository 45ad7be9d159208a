"""What a folder with a model from elsewhere says of itself: ``model.json``, checked when read.

A folder is whole: ``model.json``, ``picture.onnx``, and where it understands words ``text.onnx``
and ``tokenizer.json``. A network of more than 2 GB keeps its weights in a file beside its own,
whose name begins with its own: ``picture.onnx.data``.
"""

import hashlib
import json
import re
import sys
from dataclasses import MISSING, asdict, dataclass, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

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
Middle = Literal["floor", "round"]
"""Where a middle begins that cannot be in the middle, half a pixel off: always before (as in
transformers), or at the even one of the two places (as in torchvision and open_clip)."""
AGAIN = "add it again (shoplens models add), or import it again (shoplens models import)"
MOST = 100_000
"""No model has more numbers, pixels a side, tokens or rows of a batch than this."""
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the folder: its name there, its size and its SHA-256."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Resize:
    """How a picture becomes ``size_px`` x ``size_px`` before the network sees it.

    A network's own metadata may hold ``told`` as ``resize``, so that one cannot be changed alone.
    """

    shape: Shape
    size_px: int
    short_px: int
    filter: Filter
    fill: int = 0
    middle: Middle = "floor"

    @property
    def told(self) -> str:
        """The same in one line."""
        return json.dumps(asdict(self), sort_keys=True)


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
            told: object = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise MismatchError(f"{where} describes no model: {error}; {AGAIN}") from error
        if not isinstance(told, dict):
            raise MismatchError(f"{where} describes no model; {AGAIN}")
        values = cast("dict[str, object]", told)
        if values.pop("format", None) != FORMAT:
            raise MismatchError(
                f"{where} is of another version of Shoplens; export the model again with this "
                "one, or update Shoplens"
            )
        manifest: Manifest = _read(cls, values, where)
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


def check_sizes(folder: Path, manifest: Manifest) -> None:
    """Look whether all files are there and as long as they should be, without reading them.

    Raises:
        MismatchError: one is gone, or was cut; the message names it.
    """
    for entry in manifest.files:
        path = folder / entry.name
        if not path.is_file():
            raise MismatchError(f"model {manifest.name!r} lacks its file {path}; {AGAIN}")
        size = path.stat().st_size
        if size != entry.bytes:
            raise MismatchError(
                f"{path} has {size:,} bytes where {entry.bytes:,} are wanted: it was cut or "
                f"changed; {AGAIN}"
            )


def verify_files(folder: Path, manifest: Manifest) -> None:
    """Read every file of a folder and compare its SHA-256 (MismatchError names the first wrong)."""
    check_sizes(folder, manifest)
    for entry in manifest.files:
        path = folder / entry.name
        try:
            found = hash_of(path)
        except OSError as error:
            raise MismatchError(f"{path} cannot be read: {error}; {AGAIN}") from error
        if found != entry.sha256:
            raise MismatchError(
                f"{path} has the SHA-256 {found[:16]}… where {entry.sha256[:16]}… is wanted: it "
                f"was changed or damaged; {AGAIN}"
            )


def hash_of(path: Path) -> str:
    """Compute a file's SHA-256, however large it is."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def entry_of(path: Path) -> FileEntry:
    """Describe a file."""
    return FileEntry(path.name, path.stat().st_size, hash_of(path))


def _read(kind: Any, told: object, place: str) -> Any:
    """Make a value of ``kind`` of what JSON gave, or say which place holds something else."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return None if told is None else _read(inside[0], told, place)
    if is_dataclass(kind):
        return _record(kind, told, place)
    if origin is tuple and isinstance(told, list):
        listed = cast("list[object]", told)
        return tuple(_read(inside[0], each, f"{place}[{i}]") for i, each in enumerate(listed))
    if origin is Literal and isinstance(told, str) and told in inside:
        return told
    if kind is float and _finite(told):
        return float(cast("float", told))
    if kind in {bool, int, str} and type(told) is kind:
        return told
    raise MismatchError(f"{place} is {_shown(told)}, wanted is {_words(kind)}; {AGAIN}")


def _record(kind: Any, told: object, place: str) -> Any:
    known, hints = {field.name: field for field in fields(kind)}, get_type_hints(kind)
    if not isinstance(told, dict):
        raise MismatchError(f"{place} is {_shown(told)}, wanted is a {kind.__name__}; {AGAIN}")
    values = cast("dict[str, object]", told)
    if strange := sorted(values.keys() - known.keys()):
        raise MismatchError(f"{place} tells of {strange[0][:80]!r}, which nobody knows; {AGAIN}")
    for name, field in known.items():
        if name not in values and field.default is MISSING:
            raise MismatchError(f"{place} tells nothing of {name!r}; {AGAIN}")
    return kind(**{name: _read(hints[name], v, f"{place}: {name}") for name, v in values.items()})


def _finite(told: object) -> bool:
    number = isinstance(told, int | float) and not isinstance(told, bool)
    return number and abs(cast("float", told)) <= sys.float_info.max  # so not NaN either


def _shown(told: object) -> str:
    return repr(told)[:80] if isinstance(told, str | float | int | None) else "a list or group"


def _words(kind: Any) -> str:
    plain = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
    literal = get_origin(kind) is Literal
    return " or ".join(map(repr, get_args(kind))) if literal else plain.get(kind, "a list")


def _check(manifest: Manifest, where: str) -> None:
    """Refuse what would be used wrongly: a name that leaves the folder, a size of nothing."""
    for wrong, what in (*_wrong_files(manifest), *_wrong_numbers(manifest), *_wrong_text(manifest)):
        if wrong:
            raise MismatchError(f"{where} {what}; {AGAIN}")


def _wrong_files(manifest: Manifest) -> list[tuple[bool, str]]:
    names = [entry.name for entry in manifest.files]
    text = manifest.text
    used = {manifest.picture.file, *([text.file, text.tokenizer] if text else [])}
    bad = [name for name in (manifest.name, *names) if not _PLAIN.fullmatch(name)]
    missing = ", ".join(sorted(used - {*names}))
    twice = len({name.casefold() for name in (*names, FILE)}) <= len(names)
    hashed = all(_SHA256.fullmatch(entry.sha256) for entry in manifest.files)
    return [
        (bool(bad), f"names a file {bad[0][:80] if bad else ''!r}; wanted is a plain file name"),
        (bool(missing), f"uses {missing} and lists no such file"),
        (twice, f"lists a file twice, or {FILE} itself"),
        (not hashed, "lists a file without its SHA-256"),
        (any(entry.bytes < 1 for entry in manifest.files), "lists a file of no size"),
    ]


def _wrong_numbers(manifest: Manifest) -> list[tuple[bool, str]]:
    picture, resize, dim = manifest.picture, manifest.picture.resize, manifest.dim
    sizes = (dim, resize.size_px, resize.short_px, picture.batch)
    cropped = resize.shape == "crop" and resize.short_px < resize.size_px
    return [
        (min(sizes) < 1, "tells of a size below 1"),
        (max(sizes) > MOST, f"tells of a size of {max(sizes)}, more than {MOST:,}"),
        (cropped, f"cuts {resize.size_px} px out of {resize.short_px}"),
        (not 0 <= resize.fill <= 255, f"fills with {resize.fill}, wanted is 0 to 255"),
        (_no_test(picture.selftest, dim), "has no self-test of pictures that can be run"),
    ]


def _wrong_text(manifest: Manifest) -> list[tuple[bool, str]]:
    text = manifest.text
    if text is None:
        return []
    sizes = (text.context, text.batch)
    holes = {each.count("{}") for each in text.templates}
    return [
        (min(sizes) < 1 or text.pad < 0, "tells of a size below 1, or pads with less than 0"),
        (max(*sizes, text.pad // 100) > MOST, f"tells of more than {MOST:,} tokens or texts"),
        (holes != {1}, "has a template without exactly one {} for the words, or none"),
        (not 0 < text.gain <= 100, f"has a gain of {text.gain:g}; wanted is more than 0, to 100"),
        (_no_test(text.selftest, manifest.dim), "has no self-test of words that can be run"),
    ]


def _no_test(selftest: SelfTest, dim: int) -> bool:
    return not (0 < len(selftest.embedding) <= dim and 0 < selftest.tolerance < 1)
