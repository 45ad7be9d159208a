"""Our files against the original: real pictures and texts through both whole chains.

Where they differ it is told which part does, the preprocessing or the network: wrong preprocessing
is how others break without a word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from shoplens.encode.added.manifest import Parity, Resize, TextPart
from shoplens.encode.added.resizing import square
from shoplens.encode.added.texts import embed
from shoplens.encode.added.tokens import Tokens
from shoplens.encode.hub.original import Ids, Original, Pictures, PictureSide, Planes, WordsSide
from shoplens.encode.runtime.session import Session
from shoplens.errors import MismatchError
from shoplens.types import Embeddings, Pixels

LEAST = 0.999
"""The lowest cosine to the original that a float network may have."""
TEXTS = (
    "",
    "a",
    "red dress",
    "A photo of a RED dress, size M.",
    "men's running shoes – blue/white",
    "Crème brûlée & café; naïve façade №5",
    "红色连衣裙",
    "适合夏天的轻便跑鞋，男款，蓝色（42码）",
    "ワンピース 赤",
    "빨간 원피스",
    "платье красное",
    "👗❤️ summer sale 🎉 50%",
    "it's <b>bold</b> _under_score_ {braces} ~tilde~",
    "  two   spaces\tand\na line  ",
    "3.14 1,000 42cm 2XL 100%",
    "nice shoes for running on hills " * 80,
    "夏季新款女装" * 100,
)
"""What is compared: languages, signs, nothing at all, and 480 words."""


@dataclass(frozen=True, slots=True)
class Ours:
    """The towers as written, open."""

    picture: Session
    resize: Resize
    words: "OurWords | None"


@dataclass(frozen=True, slots=True)
class OurWords:
    """The words' tower, and its tokenizer as serving opens it."""

    network: Session
    tokens: Tokens
    part: TextPart

    def embed(self, texts: Sequence[str]) -> Embeddings:
        """Embed texts as they are."""
        return embed(self.network, self.tokens, self.part, texts)


def open_words(folder: Path, part: TextPart) -> OurWords:
    """Open a words' tower that was written."""
    tokens = Tokens(folder / part.tokenizer, part)
    return OurWords(Session(folder / part.file), tokens, part)


def compare(original: Original, ours: Ours, pictures: Pictures, *, strict: bool = True) -> Parity:
    """Measure cosines to the original; ``strict``: refuse what differs.

    Raises:
        MismatchError: it differs, and which part does.
    """
    if not pictures:
        raise MismatchError("there are no pictures to compare the model on; name some")
    seen = compare_pictures(original.picture, ours, pictures, strict=strict)
    least, mean = float(seen.min()), float(seen.mean())
    if original.words is None or ours.words is None:
        return Parity(_round(least), _round(mean), pictures=len(pictures))
    read = compare_texts(original.words, ours.words, strict=strict)
    return Parity(
        _round(least), _round(mean), _round(read.min()), _round(read.mean()), len(pictures)
    )


def compare_pictures(
    side: PictureSide, ours: Ours, pictures: Pictures, *, strict: bool
) -> np.ndarray:
    """Give the cosine of each picture's two embeddings (MismatchError if ``strict``)."""
    cosines: list[float] = []
    for number, picture in enumerate(pictures):
        planes = side.prepare(picture)
        wanted = side.embed(planes)[0]
        made = _run(ours, square(picture, ours.resize))
        cosine = float(made @ wanted)
        cosines.append(cosine)
        # Written so that NaN fails too.
        if strict and not cosine >= LEAST:
            raise _differing(number, cosine, float(_run(ours, _levels(side, planes)) @ wanted))
    return np.array(cosines)


def compare_texts(side: WordsSide, ours: OurWords, *, strict: bool) -> np.ndarray:
    """Give the cosine of each text's two embeddings (MismatchError if ``strict``)."""
    cosines: list[float] = []
    for text in TEXTS:
        ids, mask = side.tokens([text])
        mine, _ = ours.tokens([text])
        if not same_tokens(ids[0].tolist(), mine[0].tolist(), side.pad):
            raise MismatchError(
                f"the tokenizer written differs from the original on {text[:40]!r}: "
                f"{_shown(mine)} where {_shown(ids)} is wanted; this model cannot be added"
            )
        cosine = float(ours.embed([text])[0] @ side.embed(ids, mask)[0])
        cosines.append(cosine)
        if strict and not cosine >= LEAST:
            raise MismatchError(
                f"the words' network written differs from the original: cosine {cosine:.5f} where "
                f"{LEAST} is wanted, on {text[:40]!r}; this model cannot be added"
            )
    return np.array(cosines)


def changed_by_company(ours: OurWords) -> bool:
    """Tell whether a text's embedding depends on what else is in its batch.

    So it is where fillings are not masked: such texts must be run one by one.
    """
    texts = TEXTS[2:8]
    together = ours.embed(texts)
    alone = np.concatenate([ours.embed([text]) for text in texts])
    return bool(np.abs(together - alone).max() > 1e-3)


def same_tokens(wanted: Sequence[int], made: Sequence[int], pad: int) -> bool:
    """Compare two rows of ids, however far each is filled up."""
    return all(a == b for a, b in zip_longest(wanted, made, fillvalue=pad))


def _run(ours: Ours, pixels: Pixels) -> np.ndarray:
    return ours.picture.run("embedding", {"pixels": pixels[None]})[0]


def _levels(side: PictureSide, planes: Planes) -> Pixels:
    """Give the original's own pixels to our network: what differs then is the network."""
    scale, offset = np.array(side.scale, np.float32), np.array(side.offset, np.float32)
    levels: Any = (planes[0].transpose(1, 2, 0) - offset) / scale
    return levels.round().clip(0, 255).astype(np.uint8)


def _differing(number: int, chain: float, network: float) -> MismatchError:
    if network >= LEAST:
        part = "its preprocessing is not what was read from its files: the network itself agrees"
        what = f"({network:.5f})"
    else:
        part = "the network written computes something else, even of the original's own pixels"
        what = f"(cosine {network:.5f})"
    return MismatchError(
        f"the model written differs from the original on picture {number + 1}: cosine {chain:.5f} "
        f"where {LEAST} is wanted; {part} {what}; this model cannot be added"
    )


def _shown(ids: Ids) -> str:
    told = ids[0].tolist()
    return f"{told[:12]}{'…' if len(told) > 12 else ''} ({len(told)})"


def _round(cosine: float) -> float:
    return round(min(float(cosine), 1.0), 6)
