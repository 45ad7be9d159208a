"""One contract, every encoder: a new encoder is one line in ENCODERS."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drawn_products import COLOURS, OUTLINES, PATTERNS, draw_product
from shoplens.encode.base import (
    ENCODERS,
    Encoder,
    Mapper,
    PictureTower,
    Prepared,
    TextTower,
    open_encoder,
)
from shoplens.errors import NotFoundError
from shoplens.types import Embeddings, Pixels

TEXTS = [
    *("red shoes", "红色的鞋", "AB-123"),
    *("", "a\x00b\tc\n", "😀" * 50, "shoe " * 20_000, "\ud800"),
]

few = settings(max_examples=15, deadline=None)


@pytest.fixture(scope="module", params=sorted(ENCODERS))
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return open_encoder(request.param)


def encode(tower: PictureTower, pictures: list[Pixels]) -> Embeddings:
    return tower.encode([tower.prepare(picture) for picture in pictures])


def noise(seed: int, height: int, width: int) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def assert_unit(rows: Embeddings, dim: int, count: int) -> None:
    assert rows.shape == (count, dim)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-4)


def test_an_encoder_is_what_base_says(encoder: Encoder) -> None:
    assert isinstance(encoder.picture, PictureTower)
    assert isinstance(encoder.text, TextTower)
    assert encoder.name in ENCODERS


def test_fingerprints_are_short_and_stay(encoder: Encoder) -> None:
    again = open_encoder(encoder.name)
    for tower, other in ((encoder.picture, again.picture), (encoder.text, again.text)):
        assert tower.fingerprint == other.fingerprint
        assert len(tower.fingerprint) == 16
        int(tower.fingerprint, 16)


def test_no_two_picture_towers_share_a_fingerprint() -> None:
    towers = [open_encoder(name).picture for name in ENCODERS]
    assert len({tower.fingerprint for tower in towers}) == len(ENCODERS)


@few
@given(height=st.integers(1, 50), width=st.integers(1, 50), seed=st.integers(0, 99))
def test_a_picture_of_any_shape_gives_a_unit_row(
    encoder: Encoder, height: int, width: int, seed: int
) -> None:
    tower = encoder.picture
    assert_unit(encode(tower, [noise(seed, height, width)]), tower.dim, 1)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (900, 700), (4, 1200)])
@pytest.mark.parametrize("level", [0, 127, 128, 255])
def test_a_plain_grey_picture_gives_a_unit_row(
    encoder: Encoder, shape: tuple[int, int], level: int
) -> None:
    picture = np.full((*shape, 3), level, np.uint8)
    assert_unit(encode(encoder.picture, [picture]), encoder.picture.dim, 1)


def test_no_pictures_and_no_texts_give_no_rows(encoder: Encoder) -> None:
    assert encoder.picture.encode([]).shape == (0, encoder.picture.dim)
    assert encoder.text.encode([]).shape == (0, encoder.text.dim)


def test_prepared_pictures_have_the_promised_size(encoder: Encoder) -> None:
    tower = encoder.picture
    prepared: Prepared = tower.prepare(noise(0, 37, 91))
    assert prepared.pixels.shape == (tower.size_px, tower.size_px, 3)


def test_preparing_leaves_the_picture_alone_and_takes_views(encoder: Encoder) -> None:
    picture = noise(3, 60, 80)
    kept = picture.copy()
    mirrored = encode(encoder.picture, [picture[:, ::-1]])
    np.testing.assert_array_equal(picture, kept)
    copied = encode(encoder.picture, [np.ascontiguousarray(picture[:, ::-1])])
    np.testing.assert_array_equal(mirrored, copied)


def test_a_batch_gives_what_one_by_one_gives(encoder: Encoder) -> None:
    tower = encoder.picture
    pictures = [noise(seed, 70 + 9 * seed, 90) for seed in range(9)]
    singly = np.concatenate([encode(tower, [picture]) for picture in pictures])
    np.testing.assert_allclose(encode(tower, pictures), singly, atol=1e-4)


MAPPERS = {"lite2", "lite0"}


def test_an_encoder_says_whether_it_has_maps(encoder: Encoder) -> None:
    assert isinstance(encoder.picture, Mapper) == (encoder.name in MAPPERS)


@few
@given(height=st.integers(1, 50), width=st.integers(1, 50), seed=st.integers(0, 99))
def test_the_mean_of_a_map_is_the_embedding(
    encoder: Encoder, height: int, width: int, seed: int
) -> None:
    tower = encoder.picture
    if isinstance(tower, Mapper):
        ready = tower.prepare(noise(seed, height, width))
        cells = tower.map(ready)
        np.testing.assert_allclose(cells.mean(axis=(0, 1)), tower.encode([ready])[0], atol=1e-4)
        low, high = tower.map_range
        assert 0 <= low < high


def test_a_thing_in_a_corner_is_mapped_to_that_corner(encoder: Encoder) -> None:
    tower = encoder.picture
    if isinstance(tower, Mapper):
        thing = draw_product("bag", "gold", "dots", 200)
        picture = np.full((400, 400, 3), 255, np.uint8)
        picture[200:, 200:] = thing
        heat = tower.map(tower.prepare(picture)) @ encode(tower, [thing])[0]
        middle = heat.shape[0] // 2
        right = heat[middle + 1 :, middle + 1 :].mean()
        assert right > 2 * heat[:middle, :middle].mean()
        assert heat.argmax() // heat.shape[1] >= middle
        assert heat.argmax() % heat.shape[1] >= middle


def test_texts_in_a_batch_give_what_one_by_one_gives(encoder: Encoder) -> None:
    singly = np.concatenate([encoder.text.encode([text]) for text in TEXTS])
    together = encoder.text.encode(TEXTS)
    assert_unit(together, encoder.text.dim, len(TEXTS))
    np.testing.assert_allclose(together, singly, atol=1e-4)


def test_opened_again_it_gives_the_same(encoder: Encoder) -> None:
    again = open_encoder(encoder.name)
    pictures = [noise(seed, 80, 80) for seed in range(3)]
    np.testing.assert_array_equal(
        encode(again.picture, pictures), encode(encoder.picture, pictures)
    )
    np.testing.assert_array_equal(again.text.encode(TEXTS[:3]), encoder.text.encode(TEXTS[:3]))


def test_eight_threads_get_what_one_gets(encoder: Encoder) -> None:
    tower, text = open_encoder(encoder.name).picture, open_encoder(encoder.name).text
    pictures = [noise(seed, 64, 64) for seed in range(16)]
    texts = [f"product {seed} 红色" for seed in range(64)]
    with ThreadPoolExecutor(8) as pool:
        alone = pool.map(partial(encode, tower), [[picture] for picture in pictures])
        said = pool.map(text.encode, [[one] for one in texts])
        rows, text_rows = np.concatenate(list(alone)), np.concatenate(list(said))
    np.testing.assert_allclose(rows, encode(tower, pictures), atol=1e-5)
    np.testing.assert_allclose(text_rows, text.encode(texts), atol=1e-5)


@pytest.mark.parametrize(("side_px", "near"), [(240, 0.9), (160, 0.8)])
def test_every_product_is_nearest_to_itself_at_another_resolution(
    encoder: Encoder, side_px: int, near: float
) -> None:
    kinds = list(product(OUTLINES, COLOURS, PATTERNS))
    large = encode(encoder.picture, [draw_product(*kind, 480) for kind in kinds])
    small = encode(encoder.picture, [draw_product(*kind, side_px) for kind in kinds])
    scores = large @ small.T
    assert np.diag(scores).min() > near
    np.testing.assert_array_equal(scores.argmax(axis=1), np.arange(len(kinds)))


def test_a_picture_in_32_colours_is_near_the_picture(encoder: Encoder) -> None:
    picture = draw_product("shirt", "crimson", "stripes", 400)
    coarse = np.asarray(Image.fromarray(picture).quantize(32).convert("RGB"))
    rows = encode(encoder.picture, [picture, coarse])
    assert rows[0] @ rows[1] > 0.9


def test_a_repeated_text_is_its_own_nearest(encoder: Encoder) -> None:
    texts = ["red leather shoes", "blue corner sofa", "green tea, 250 g", "红色的连衣裙"]
    scores = encoder.text.encode(texts) @ encoder.text.encode(texts[::-1]).T
    np.testing.assert_array_equal(scores.argmax(axis=1), [3, 2, 1, 0])


def test_an_unknown_encoder_is_named_beside_those_there_are() -> None:
    with pytest.raises(NotFoundError, match="no encoder called 'lite9'; there are colour, lite0"):
        open_encoder("lite9")
