"""What a loader makes of a checkpoint: two towers with the preprocessing that they came with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from shoplens.encode.added.manifest import Resize
from shoplens.types import Embeddings, Pixels

Planes = Float32[np.ndarray, "n 3 s s"]
"""Pictures as the original network takes them: normalised, colours first."""
Ids = Int64[np.ndarray, "n t"]
Pictures = Sequence[UInt8[np.ndarray, "_ _ 3"]]
"""Decoded pictures, each of its own size."""


@dataclass(frozen=True, slots=True)
class PictureSide:
    """The pictures' tower.

    ``prepare`` is the original's own preprocessing of one picture, ``embed`` its own network;
    ``write`` puts the network that takes ``pixels`` into a file. What ``prepare`` makes of a level
    of a colour is ``level * scale + offset``.
    """

    resize: Resize
    scale: tuple[float, float, float]
    offset: tuple[float, float, float]
    prepare: Callable[[Pixels], Planes]
    embed: Callable[[Planes], Embeddings]
    write: Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class WordsSide:
    """The words' tower: ``tokens`` and ``embed`` are the original's, ``tokenizer`` is for us.

    ``tokenizer`` is the content of a tokenizer.json. ``tokens`` gives ids and mask, cut and filled
    as in training.
    """

    tokenizer: str
    context: int
    pad: int
    whole: bool
    mask: bool
    gain: float
    tokens: Callable[[Sequence[str]], tuple[Ids, Ids]]
    embed: Callable[[Ids, Ids], Embeddings]
    write: Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Original:
    """A whole model; ``words`` is None where it knows pictures only, or they were not asked for."""

    architecture: str
    picture: PictureSide
    words: WordsSide | None
    note: str = ""


def gain_of(log_scale: float, bias: float) -> float:
    """Tell by how much cosines are to be stretched to lie where CLIP's do.

    With a sigmoid loss (SigLIP: Zhai and others, 2023) a pair is as likely right as wrong where
    ``exp(log_scale) * cosine + bias`` is 0; in CLIP's space that is about 0.25. A softmax has no
    such place: its bias is 0 here, its gain 1.
    """
    if bias >= 0:
        return 1.0
    middle = -bias / float(np.exp(log_scale))
    return float(np.clip(0.25 / middle, 1.0, 4.0))
