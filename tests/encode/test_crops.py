from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawn_products import draw_product
from shoplens.encode.base import Prepared, open_encoder
from shoplens.encode.crops import SHARES, crops, encode_query
from shoplens.types import Embedding, Embeddings, Pixels


@given(height=st.integers(1, 60), width=st.integers(1, 60))
def test_crops_are_never_empty_and_always_centred(height: int, width: int) -> None:
    picture = np.zeros((height, width, 3), np.uint8)
    cut = crops(picture)
    assert cut[0].shape == picture.shape
    for crop, share in zip(cut, SHARES, strict=True):
        tall, wide, _ = crop.shape
        assert tall >= max(1, height * share) > tall - 1
        assert wide >= max(1, width * share) > wide - 1


def test_the_middle_of_the_photo_is_in_every_crop() -> None:
    picture = np.zeros((101, 201, 3), np.uint8)
    picture[50, 100] = 255
    for crop in crops(picture):
        (place,) = np.argwhere(crop[:, :, 0])
        assert abs(place[0] - crop.shape[0] / 2) <= 1
        assert abs(place[1] - crop.shape[1] / 2) <= 1


def test_crops_share_the_photo_s_memory() -> None:
    picture = draw_product("bag", "gold", "dots", 64)
    assert all(np.shares_memory(crop, picture) for crop in crops(picture))


def test_a_query_is_the_unit_mean_of_its_crops() -> None:
    tower = open_encoder("colour").picture
    picture = draw_product("shirt", "crimson", "dots", 200)
    rows = [tower.encode([tower.prepare(crop)])[0] for crop in crops(picture)]
    wanted: Embedding = np.mean(rows, axis=0)
    wanted = wanted / np.linalg.norm(wanted)
    np.testing.assert_allclose(encode_query(tower, picture, multi=True), wanted, atol=1e-6)


def test_without_crops_a_query_is_the_gallery_s_embedding() -> None:
    tower = open_encoder("colour").picture
    picture = draw_product("shirt", "crimson", "dots", 200)
    plain = tower.encode([tower.prepare(picture)])[0]
    np.testing.assert_array_equal(encode_query(tower, picture, multi=False), plain)


@pytest.mark.parametrize("name", ["colour", "lite0"])
def test_a_pool_changes_nothing(name: str) -> None:
    tower = open_encoder(name).picture
    picture = draw_product("bag", "gold", "stripes", 200)
    with ThreadPoolExecutor(3) as pool:
        pooled = encode_query(tower, picture, multi=True, pool=pool)
    np.testing.assert_array_equal(pooled, encode_query(tower, picture, multi=True))


def test_crops_find_a_product_that_fills_half_the_photo() -> None:
    tower = open_encoder("lite0").picture
    gallery = [draw_product(shape, "crimson", "dots", 200) for shape in ("shirt", "bag")]
    photo = np.full((400, 400, 3), 90, np.uint8)
    photo[100:300, 100:300] = gallery[0]
    shirt = tower.encode([tower.prepare(gallery[0])])[0]
    assert encode_query(tower, photo, multi=True) @ shirt > (
        encode_query(tower, photo, multi=False) @ shirt
    )


class Contradicting:
    """A tower to which the three crops of a photo point three ways that cancel out."""

    dim, size_px, fingerprint = 2, 1, "0" * 16

    def prepare(self, picture: Pixels) -> Prepared:
        side = np.full((1, 1, 3), picture.shape[0], np.uint8)
        return Prepared(side, np.empty(0, np.float32))

    def encode(self, prepared: Sequence[Prepared]) -> Embeddings:
        angles = {40: 0.0, 30: 2 * np.pi / 3, 20: 4 * np.pi / 3}
        turns = [angles[int(ready.pixels[0, 0, 0])] for ready in prepared]
        return np.array([(np.cos(turn), np.sin(turn)) for turn in turns], np.float32)


def test_crops_that_cancel_out_leave_the_whole_photo() -> None:
    photo = np.zeros((40, 40, 3), np.uint8)
    made = encode_query(Contradicting(), photo, multi=True)
    np.testing.assert_array_equal(made, np.array([1, 0], np.float32))
