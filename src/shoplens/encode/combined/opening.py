"""Models made of models: a folder says of which, and how; they are opened by their names."""

from collections.abc import Callable, Sequence
from pathlib import Path

from shoplens.encode.base import Encoder, TextTower
from shoplens.encode.combined.asking import AskShrunk, ask_fused, own_text
from shoplens.encode.combined.fused import fused
from shoplens.encode.combined.manifest import FusedOf, Made, read_combined, refuse_circle
from shoplens.encode.combined.projection import Projection, open_projection
from shoplens.encode.combined.shrunk import shrunk
from shoplens.errors import MismatchError, NotFoundError

OpenPart = Callable[[str], Encoder]
"""Opens a model or an encoder by its name."""


def open_combined(folder: Path, open_part: OpenPart, text: TextTower | None = None) -> Encoder:
    """Open the combined model in ``folder``, which is called as the folder is.

    Texts are compared by ``text``, or by the text tower of its first part.

    Raises:
        NotFoundError: the folder holds none.
        MismatchError: it is damaged, made of itself, or something that it is made of is gone or
            another than it was.
    """
    combined, name = read_combined(folder), folder.name
    refuse_circle(folder, combined)
    parts = [_part(name, made, open_part) for made in combined.made_of]
    try:
        if isinstance(combined, FusedOf):
            return fuse(name, list(zip(parts, combined.weights, strict=True)), text)
        base = parts[0].picture
        projection = open_projection(folder, base.fingerprint, base.dim)
    except (MismatchError, NotFoundError) as error:
        raise MismatchError(
            f"model {name!r} cannot be used: {error}; put its files back as they were made, or go "
            "back to the model before it: shoplens models rollback"
        ) from error
    return shrink(name, parts[0], projection, combined.reach, text)


def fuse(
    name: str, parts: Sequence[tuple[Encoder, float]], text: TextTower | None = None
) -> Encoder:
    """Make one encoder of several; texts are compared by ``text``, or as by the first.

    Raises:
        MismatchError: there is only one, one is there twice, or a weight is not above 0.
    """
    tower = fused([(encoder.picture, weight) for encoder, weight in parts])
    encoders = [encoder for encoder, _ in parts]
    text = text or encoders[0].text
    return Encoder(name=name, picture=tower, text=text, asks=ask_fused(encoders, tower, text))


def shrink(
    name: str,
    base: Encoder,
    projection: Projection,
    reach: float,
    text: TextTower | None = None,
) -> Encoder:
    """Make an encoder with shorter rows; ``reach`` is what ``asking.reach_of`` measured.

    Raises:
        MismatchError: the projection was made for another encoder.
    """
    tower, text, asks = shrunk(base.picture, projection), text or base.text, None
    if base.asks and reach:
        asks = AskShrunk(base.asks, own_text(base, text), projection, reach)
    return Encoder(name=name, picture=tower, text=text, asks=asks)


def names_in(folder: Path) -> tuple[str, ...]:
    """Name what the model in ``folder`` is made of; nothing if it is no combined one.

    Raises:
        MismatchError: its file cannot be understood.
    """
    try:
        return tuple(made.name for made in read_combined(folder).made_of)
    except NotFoundError:
        return ()


def _part(name: str, made: Made, open_part: OpenPart) -> Encoder:
    back = "put it back, or go back to the model before: shoplens models rollback"
    try:
        encoder = open_part(made.name)
    except NotFoundError as error:
        raise MismatchError(
            f"model {name!r} is made of {made.name!r}, which is gone ({error}); {back}"
        ) from error
    if encoder.picture.fingerprint != made.fingerprint:
        raise MismatchError(
            f"model {name!r} is made of {made.name!r} as it was ({made.fingerprint}), and it is "
            f"another now ({encoder.picture.fingerprint}); {back}, or make {name!r} anew"
        )
    return encoder
