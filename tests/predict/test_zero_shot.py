from collections.abc import Sequence

import numpy as np
import pytest

from shoplens.encode.base import Encoder, OneSpace, open_encoder
from shoplens.errors import MismatchError
from shoplens.predict.zero_shot import zero_shot_head, zero_shot_heads
from shoplens.types import Embeddings, Pixels

INK = {"red": (200, 30, 30), "green": (30, 160, 60), "blue": (40, 60, 200)}


def painted(colour: str, shade: int = 0) -> Pixels:
    levels = np.clip(np.array(INK[colour]) + shade, 0, 255).astype(np.uint8)
    return np.broadcast_to(levels, (32, 32, 3)).copy()


class ColourNames:
    """A text tower that shares the space of pictures: it paints the colour that is named."""

    def __init__(self, encoder: Encoder) -> None:
        self._pictures = encoder.picture
        self.dim = encoder.picture.dim
        self.fingerprint = "colour names"

    def encode(self, texts: Sequence[str]) -> Embeddings:
        named = [next(colour for colour in INK if colour in text) for text in texts]
        return self._pictures.encode([self._pictures.prepare(painted(one)) for one in named])


@pytest.fixture
def shared() -> Encoder:
    plain = open_encoder("colour")
    names = ColourNames(plain)
    return Encoder("painted", plain.picture, names, OneSpace(names))


def rows_of(encoder: Encoder, colours: Sequence[str], shade: int) -> Embeddings:
    tower = encoder.picture
    return tower.encode([tower.prepare(painted(colour, shade)) for colour in colours])


def test_labels_are_told_by_their_names_alone(shared: Encoder) -> None:
    heads = zero_shot_heads(shared, {"colour": ("red", "green", "blue")}, _no_rows(shared), {})
    told = heads.predict(rows_of(shared, ["blue", "red"], 6))["colour"]
    assert (told.told(0), told.told(1)) == ("blue", "red")
    assert heads.fingerprint == shared.picture.fingerprint


def test_rows_with_labels_calibrate_the_names(shared: Encoder) -> None:
    colours = ["red", "green", "blue"] * 15
    rows = rows_of(shared, colours, 4)
    heads = zero_shot_heads(shared, {"colour": tuple(INK)}, rows, {"colour": colours})
    (head,) = heads.heads
    assert head.temperature != 1.0
    assert 0 < head.threshold <= 1
    few = zero_shot_heads(shared, {"colour": tuple(INK)}, rows[:5], {"colour": colours[:5]})
    assert few.heads[0].temperature == 1.0


def test_towers_without_a_common_space_are_refused() -> None:
    with pytest.raises(MismatchError, match="cannot compare words with pictures"):
        zero_shot_head(open_encoder("colour"), "colour", ("red", "blue"))


def test_one_label_is_no_choice(shared: Encoder) -> None:
    with pytest.raises(MismatchError, match="give two or more"):
        zero_shot_head(shared, "colour", ("red", "red"))


def _no_rows(encoder: Encoder) -> Embeddings:
    return np.empty((0, encoder.picture.dim), np.float32)
