from pathlib import Path

import numpy as np
import pytest

from shoplens.encode.base import ColourApart, Derived, Encoder, Mapper, PictureTower
from shoplens.encode.combined.projection import Projection, pca, principal_axes, truncation
from shoplens.encode.combined.shrunk import ShrunkApart, ShrunkMaps, ShrunkPictures, shrunk
from shoplens.errors import MismatchError
from toy_words import COLOUR, encode, pictures, tiny_bundled

SHOWN = pictures(40)


def fitted(tower: PictureTower, dim: int) -> Projection:
    return pca(principal_axes(encode(tower, SHOWN)), dim, tower.fingerprint)


@pytest.fixture
def tiny(tmp_path: Path) -> Encoder:
    return tiny_bundled(tmp_path)


@pytest.mark.parametrize("dim", [1, 20, 106])
def test_rows_are_those_of_the_base_seen_along_fewer_directions(dim: int) -> None:
    base = COLOUR.picture
    projection = fitted(base, dim)
    tower = shrunk(base, projection)
    rows = encode(tower, SHOWN)
    assert rows.shape == (len(SHOWN), tower.dim) == (40, dim)
    for before, made in zip(encode(base, SHOWN), rows, strict=True):
        seen = [sum(map(float, before * along)) for along in projection.directions]
        length = sum(number**2 for number in seen) ** 0.5
        np.testing.assert_allclose(made, np.array(seen) / length, atol=1e-4)


def test_no_picture_is_needed_to_derive() -> None:
    base = COLOUR.picture
    tower = shrunk(base, fitted(base, 20))
    assert isinstance(tower, PictureTower)
    assert isinstance(tower, Derived)
    assert tower.derives_from == base.fingerprint
    np.testing.assert_allclose(tower.derive(encode(base, SHOWN)), encode(tower, SHOWN), atol=1e-6)
    assert tower.derive(np.zeros((0, base.dim), np.float32)).shape == (0, 20)
    assert tower.encode([]).shape == (0, 20)


def test_cosines_of_pictures_are_nearly_kept_with_enough_numbers() -> None:
    base = COLOUR.picture
    before, after = encode(base, SHOWN), encode(shrunk(base, fitted(base, 39)), SHOWN)
    np.testing.assert_allclose(after @ after.T, before @ before.T, atol=0.02)


def test_each_projection_has_a_fingerprint_of_its_own(tiny: Encoder) -> None:
    base = COLOUR.picture
    towers = [
        shrunk(base, fitted(base, 20)),
        shrunk(base, fitted(base, 21)),
        shrunk(base, truncation(base.dim, 20, base.fingerprint)),
        shrunk(tiny.picture, fitted(tiny.picture, 20)),
    ]
    prints = {base.fingerprint, *(tower.fingerprint for tower in towers)}
    assert len(prints) == 5
    assert all(len(each) == 16 and int(each, 16) for each in prints)
    assert shrunk(base, fitted(base, 20)).fingerprint == towers[0].fingerprint


def test_a_projection_for_another_tower_is_refused(tiny: Encoder) -> None:
    with pytest.raises(MismatchError, match=r"of 107 numbers; .* of 76: shrink the model anew"):
        shrunk(tiny.picture, fitted(COLOUR.picture, 20))


def test_a_tower_keeps_what_else_its_base_can_do(tiny: Encoder) -> None:
    plain = shrunk(COLOUR.picture, fitted(COLOUR.picture, 20))
    assert not isinstance(plain, Mapper | ColourApart)
    both = shrunk(tiny.picture, fitted(tiny.picture, 20))
    assert isinstance(both, Mapper)
    assert isinstance(both, ColourApart)
    for kind in (ShrunkApart, ShrunkMaps):
        with pytest.raises(MismatchError, match="cannot leave colours out"):
            kind(COLOUR.picture, fitted(COLOUR.picture, 20))


@pytest.mark.parametrize("dim", [3, 30, 60])
def test_the_mean_of_a_map_is_the_embedding(dim: int, tiny: Encoder) -> None:
    tower = shrunk(tiny.picture, fitted(tiny.picture, dim))
    assert isinstance(tower, Mapper)
    for shown in SHOWN[:5]:
        ready = tower.prepare(shown)
        cells = tower.map(ready)
        assert cells.shape == (16, 16, dim)
        np.testing.assert_allclose(cells.mean(axis=(0, 1)), tower.encode([ready])[0], atol=1e-4)
    assert tower.map_range == (0.3, 2.0)


def test_colours_are_left_out_nearly_as_the_base_does(tiny: Encoder) -> None:
    base = tiny.picture
    assert isinstance(base, ColourApart)
    tower: ShrunkPictures = shrunk(base, fitted(base, 40))
    assert isinstance(tower, ColourApart)
    for before, row in zip(encode(base, SHOWN), encode(tower, SHOWN), strict=True):
        wanted = tower.derive(base.without_colour(before)[None])[0]
        assert tower.without_colour(row) @ wanted > 0.99
        assert tower.without_colour(row) @ wanted > row @ wanted
