"""A colour said, picked or not wanted: how much it counts, and what becomes of a photo's own."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shoplens.encode.base import Encoder, open_encoder
from shoplens.encode.colours.vector import COLOUR_DIM, query_vector
from shoplens.encode.runtime.remembering import Remembered
from shoplens.search.terms import NAMED_COLOUR, Parts, Sorting, add_up
from shoplens.store.base import Dims, open_store
from shoplens.types import Embedding, Pixels, Query, Term

RED = (220, 20, 20)
PLACE = (47.0, 68.0, 48.0)


class ColourlessPictures:
    """The tower of another encoder, with a way to forget the last part of a row."""

    def __init__(self, encoder: Encoder) -> None:
        tower = encoder.picture
        self.dim, self.size_px, self.fingerprint = tower.dim, tower.size_px, tower.fingerprint
        self.prepare, self.encode = tower.prepare, tower.encode

    def without_colour(self, embedding: Embedding) -> Embedding:
        kept = embedding.copy()
        kept[self.dim // 2 :] = 0
        return kept / np.float32(np.linalg.norm(kept))


def sorted_out(folder: Path, query: Query) -> tuple[Parts, Embedding, Embedding]:
    """Sort a query; beside it the photo's embedding as it is, and without its colours."""
    plain = open_encoder("colour")
    tower = ColourlessPictures(plain)
    encoder = Encoder("colourless", tower, plain.text)
    store = open_store("exact", folder, Dims(tower.dim, plain.text.dim, COLOUR_DIM))
    try:
        parts = Sorting(encoder, store, lambda _: ("", ""), crops=False, pool=None).parts(query)
    finally:
        store.close()
    photo = tower.encode([tower.prepare(drawn())])[0]
    return parts, photo, tower.without_colour(photo)


def drawn() -> Pixels:
    picture = np.full((40, 40, 3), 255, np.uint8)
    picture[8:30, 10:30] = RED
    return picture


@pytest.mark.parametrize("weight", [1.0, -0.5, 3.0])
def test_a_colour_said_counts_less_than_one_picked(tmp_path: Path, weight: float) -> None:
    terms = (Term(text="a red bag", weight=weight),)
    parts, _, _ = sorted_out(tmp_path, Query(colour=PLACE, terms=terms))
    assert [colour.weight for colour in parts.colours] == [
        1.0,
        pytest.approx(weight * NAMED_COLOUR),
    ]
    assert 0 < NAMED_COLOUR < 1


def test_a_colour_said_alone_keeps_its_direction_and_is_shorter(tmp_path: Path) -> None:
    parts, _, _ = sorted_out(tmp_path, Query(text="#dc1414"))
    asked = add_up(parts.colours)
    assert asked
    assert asked.row @ query_vector(RED) == pytest.approx(1, abs=1e-5)
    assert (asked.scale.size, asked.scale.norm) == pytest.approx((NAMED_COLOUR, NAMED_COLOUR))


@pytest.mark.parametrize(
    "asked",
    [
        Query(text="in red"),
        Query(colour=PLACE),
        Query(terms=(Term(text="red", weight=-0.35),)),
        Query(terms=(Term(text="blue", weight=0.2),)),
    ],
)
def test_where_a_colour_is_asked_for_or_against_the_photos_own_do_not_count(
    tmp_path: Path, asked: Query
) -> None:
    query = Query(picture=drawn(), text=asked.text, colour=asked.colour, terms=asked.terms)
    parts, photo, colourless = sorted_out(tmp_path, query)
    assert not np.allclose(photo, colourless)
    assert parts.pictures[0].what == pytest.approx(colourless)


@pytest.mark.parametrize("text", ["", "with stripes", "a coffee mug"])
def test_where_no_colour_is_asked_a_photo_counts_whole(tmp_path: Path, text: str) -> None:
    parts, photo, _ = sorted_out(tmp_path, Query(picture=drawn(), text=text))
    assert parts.pictures[0].what == pytest.approx(photo)
    assert parts.colours == []


@pytest.mark.parametrize("crops", [True, False])
def test_a_photo_that_is_remembered_is_asked_with_as_if_it_were_not(
    tmp_path: Path, *, crops: bool
) -> None:
    encoder = open_encoder("colour")
    store = open_store("exact", tmp_path, Dims(encoder.picture.dim, encoder.text.dim, COLOUR_DIM))
    plain = Sorting(encoder, store, lambda _: ("", ""), crops, pool=None)
    remembered = Remembered(4000)
    sorting = replace(plain, remembered=remembered)
    query = Query(picture=drawn(), terms=(Term(picture=drawn(), weight=-0.5),))
    try:
        wanted = [photo.what for photo in plain.parts(query).pictures]
        for _ in range(2):
            asked = [photo.what for photo in sorting.parts(query).pictures]
            np.testing.assert_array_equal(np.stack(asked), np.stack(wanted))
    finally:
        store.close()
    assert (remembered.misses, remembered.hits) == (1, 3)
