from concurrent.futures import ThreadPoolExecutor
from functools import partial
from math import inf, nan, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.encode.base import ColourApart, Derived, Encoder, Mapper, PictureTower
from shoplens.encode.combined.fused import fused
from shoplens.encode.combined.projection import truncation
from shoplens.encode.combined.shrunk import shrunk
from shoplens.errors import MismatchError
from toy_words import COLOUR, encode, pictures, tiny_bundled

SHOWN = pictures(12)
few = settings(max_examples=25, deadline=None)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    return tiny_bundled(tmp_path_factory.mktemp("tiny"))


def short(dim: int = 9) -> PictureTower:
    base = COLOUR.picture
    return shrunk(base, truncation(base.dim, dim, base.fingerprint))


@few
@given(weights=st.lists(st.floats(0.01, 100), min_size=3, max_size=3), count=st.integers(2, 3))
def test_a_cosine_is_the_weighted_mean_of_the_parts_cosines(
    weights: list[float], count: int, tiny: Encoder
) -> None:
    towers: list[PictureTower] = [COLOUR.picture, tiny.picture, short()][:count]
    tower = fused(list(zip(towers, weights, strict=False)))
    rows = encode(tower, SHOWN)
    apart = [encode(part, SHOWN) for part in towers]
    for i in range(len(SHOWN)):
        for j in range(len(SHOWN)):
            told = [w * float(part[i] @ part[j]) for w, part in zip(weights, apart, strict=False)]
            wanted = sum(told) / sum(weights[:count])
            assert float(rows[i] @ rows[j]) == pytest.approx(wanted, abs=1e-4)


def test_it_is_a_picture_tower_of_unit_rows(tiny: Encoder) -> None:
    tower = fused([(tiny.picture, 1.0), (COLOUR.picture, 3.0)])
    assert isinstance(tower, PictureTower)
    assert (tower.dim, tower.size_px) == (76 + 107, 48)
    rows = encode(tower, SHOWN)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-4)
    assert tower.encode([]).shape == (0, tower.dim)
    assert tower.prepare(SHOWN[0]).pixels.shape == (48, 48, 3)
    assert not isinstance(tower, Mapper | Derived)


def test_a_batch_and_many_threads_give_what_one_by_one_gives(tiny: Encoder) -> None:
    tower = fused([(COLOUR.picture, 1.0), (tiny.picture, 1.0)])
    singly = np.concatenate([encode(tower, [shown]) for shown in SHOWN])
    np.testing.assert_allclose(encode(tower, SHOWN), singly, atol=1e-5)
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(partial(encode, tower), [[shown] for shown in SHOWN]))
    np.testing.assert_allclose(np.concatenate(rows), singly, atol=1e-5)


def test_a_fingerprint_tells_parts_weights_and_their_order(tiny: Encoder) -> None:
    one, other = COLOUR.picture, tiny.picture
    made = [
        fused([(one, 1.0), (other, 1.0)]),
        fused([(one, 1.0), (other, 2.0)]),
        fused([(other, 1.0), (one, 1.0)]),
        fused([(one, 1.0), (short(), 1.0)]),
    ]
    assert len({tower.fingerprint for tower in made}) == 4
    assert fused([(one, 0.2), (other, 0.2)]).fingerprint == made[0].fingerprint
    assert all(len(t.fingerprint) == 16 and int(t.fingerprint, 16) for t in made)


def test_one_part_or_one_twice_is_refused() -> None:
    for parts in ([], [(COLOUR.picture, 1.0)], [(COLOUR.picture, 1.0), (COLOUR.picture, 2.0)]):
        with pytest.raises(MismatchError, match="two encoders or more"):
            fused(parts)


@pytest.mark.parametrize("weight", [0.0, -1.0, nan, inf])
def test_a_weight_that_is_not_above_0_is_refused(weight: float, tiny: Encoder) -> None:
    with pytest.raises(MismatchError, match=rf"numbers above 0, not 1, {weight:g}"):
        fused([(COLOUR.picture, 1.0), (tiny.picture, weight)])


def test_pictures_prepared_by_another_encoder_are_refused(tiny: Encoder) -> None:
    tower = fused([(COLOUR.picture, 1.0), (tiny.picture, 1.0)])
    three = fused([(COLOUR.picture, 1.0), (tiny.picture, 1.0), (short(), 1.0)])
    for ready in (COLOUR.picture.prepare(SHOWN[0]), three.prepare(SHOWN[0])):
        with pytest.raises(MismatchError, match="prepared by another encoder"):
            tower.encode([ready])


def test_colour_is_forgotten_by_the_parts_that_can(tiny: Encoder) -> None:
    own = tiny.picture
    assert isinstance(own, ColourApart)
    tower = fused([(COLOUR.picture, 0.7), (own, 0.3)])
    assert isinstance(tower, ColourApart)
    drawn, network = encode(COLOUR.picture, SHOWN), encode(own, SHOWN)
    for row, first, second in zip(encode(tower, SHOWN), drawn, network, strict=True):
        parts = [sqrt(0.7) * first, sqrt(0.3) * own.without_colour(second)]
        np.testing.assert_allclose(tower.without_colour(row), np.concatenate(parts), atol=1e-5)
    only_drawn = np.concatenate([drawn[0], np.zeros(own.dim, np.float32)])
    np.testing.assert_array_equal(tower.without_colour(only_drawn), only_drawn)


def test_where_no_part_can_forget_colour_the_whole_cannot() -> None:
    assert not isinstance(fused([(COLOUR.picture, 1.0), (short(), 1.0)]), ColourApart)


def test_fused_towers_can_be_fused_and_shrunk_again(tiny: Encoder) -> None:
    both = fused([(COLOUR.picture, 1.0), (tiny.picture, 1.0)])
    less = shrunk(both, truncation(both.dim, 120, both.fingerprint))
    again = fused([(less, 1.0), (short(), 1.0)])
    np.testing.assert_allclose(np.linalg.norm(encode(again, SHOWN), axis=1), 1, atol=1e-4)
    np.testing.assert_allclose(less.derive(encode(both, SHOWN)), encode(less, SHOWN), atol=1e-6)


def test_the_same_file_opened_twice_is_one_part(tmp_path: Path) -> None:
    one, again = tiny_bundled(tmp_path).picture, tiny_bundled(tmp_path).picture
    with pytest.raises(MismatchError, match="each another one"):
        fused([(one, 1.0), (again, 1.0)])
