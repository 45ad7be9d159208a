"""Heads as a file: arrays alone, no code in it, written whole or not at all."""

import io
import zipfile
from pathlib import Path

import numpy as np

from shoplens.disk import write_whole
from shoplens.errors import MismatchError, NotFoundError, StorageError
from shoplens.predict.heads import Head, Heads, Layer

VERSION = 1
HEADS = "classifier.npz"
CARD = "card.json"
FIRST = "first run: shoplens tag --train"
AGAIN = "train again: shoplens tag --train"


def classifier_folder(data: Path) -> Path:
    """Name the folder of the classifier of the shop in ``data``."""
    return data / "models" / "classifier"


def write_heads(path: Path, heads: Heads) -> None:
    """Keep heads in a file of their own, instead of those before (StorageError)."""
    arrays = {
        "version": np.array(VERSION),
        "fingerprint": np.array(heads.fingerprint),
        "tasks": np.array([head.task for head in heads.heads]),
        "temperatures": np.array([head.temperature for head in heads.heads]),
        "thresholds": np.array([head.threshold for head in heads.heads]),
    }
    if heads.hidden:
        arrays |= {"hidden_weight": heads.hidden.weight, "hidden_bias": heads.hidden.bias}
    for place, head in enumerate(heads.heads):
        arrays[f"labels_{place}"] = np.array(head.labels)
        arrays[f"weight_{place}"] = head.layer.weight
        arrays[f"bias_{place}"] = head.layer.bias
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    write_file(path, file.getvalue())


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, in a folder that is made if needed (StorageError)."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written ({error.strerror}); free some space, or name another place"
        ) from error


def read_heads(path: Path, fingerprint: str) -> Heads:
    """Read the heads of the picture tower called ``fingerprint``.

    Raises:
        NotFoundError: there is no such file.
        MismatchError: they were made for another tower, or the file is something else.
    """
    try:
        # From memory: of a damaged file numpy would leave the handle open.
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            heads = _heads(dict(arrays))
    except FileNotFoundError:
        raise NotFoundError(f"nothing was trained yet, there is no {path}; {FIRST}") from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise MismatchError(f"{path} holds no heads ({error}); {AGAIN}") from error
    if heads.fingerprint != fingerprint:
        raise MismatchError(
            f"the heads in {path} read embeddings of {heads.fingerprint}, this shop has those of "
            f"{fingerprint}; {AGAIN}"
        )
    return heads


def _heads(arrays: dict[str, np.ndarray]) -> Heads:
    if int(arrays["version"]) != VERSION:
        raise ValueError(f"its version is {arrays['version']}, not {VERSION}")
    weight = arrays.get("hidden_weight")
    hidden = None if weight is None else Layer(weight, arrays["hidden_bias"])
    heads = tuple(
        Head(
            str(task),
            tuple(str(label) for label in arrays[f"labels_{place}"]),
            Layer(arrays[f"weight_{place}"], arrays[f"bias_{place}"]),
            float(arrays["temperatures"][place]),
            float(arrays["thresholds"][place]),
        )
        for place, task in enumerate(arrays["tasks"])
    )
    return Heads(str(arrays["fingerprint"]), hidden, heads)
