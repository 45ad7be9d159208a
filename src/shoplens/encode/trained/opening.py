"""Models that a shop trained: a folder with a whole network, or with a head behind its base."""

from pathlib import Path

from shoplens.encode.base import Encoder
from shoplens.encode.bundled import BundledPictures
from shoplens.encode.onnx import OnnxNetwork
from shoplens.encode.trained.aligned import ask_base, open_words
from shoplens.encode.trained.headed import OnnxHead, headed
from shoplens.errors import MismatchError, NotFoundError

NETWORK, BEHIND = "encoder.onnx", "head.onnx"
"""The file of a model's folder: which of them is there says what it is."""


def open_trained(folder: Path, name: str, base: Encoder) -> Encoder:
    """Open the model in ``folder``; words are encoded by its ``base``, which also has its colours.

    Raises:
        NotFoundError: its file is gone.
        MismatchError: the file is damaged, does not reproduce its self-test, or was not made for
            this base.
    """
    path = folder / (BEHIND if (folder / BEHIND).is_file() else NETWORK)
    if not path.is_file():
        raise NotFoundError(
            f"the file of model {name!r} is gone from {folder} ({BEHIND} or {NETWORK}); put it "
            "back, or go back to the model before it: shoplens models rollback"
        )
    try:
        if path.name == NETWORK:
            tower = BundledPictures(OnnxNetwork(path))
            return Encoder(name=name, picture=tower, text=base.text)
        behind = headed(base.picture, OnnxHead(path))
        asks = open_words(folder, behind, base.text) or ask_base(behind, base)
    except MismatchError as error:
        raise MismatchError(
            f"model {name!r} cannot be used: {error}; put its files back as they were trained, or "
            "go back to the model before it: shoplens models rollback"
        ) from error
    return Encoder(name=name, picture=behind, text=base.text, asks=asks)
