from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.encode.base import Encoder, OneSpace
from shoplens.encode.colour import HashedTexts, open_colour
from shoplens.encode.trained.aligned import (
    FILE,
    REACH,
    AskPictures,
    WordsSpace,
    ask_base,
    open_words,
    words_file,
)
from shoplens.encode.trained.headed import HeadedPictures, OnnxHead, headed
from shoplens.encode.trained.opening import open_trained
from shoplens.errors import MismatchError
from shoplens.learn.network.head import Head, write_head

DIM = 4
TEXTS = HashedTexts()
BASE = open_colour()


def space(seed: int = 0, dim: int = DIM, made_for: str = TEXTS.fingerprint) -> WordsSpace:
    rng = np.random.default_rng(seed)
    middle = rng.normal(size=TEXTS.dim, scale=0.1).astype(np.float32)
    return WordsSpace(middle, rng.normal(size=(dim, TEXTS.dim)).astype(np.float32), made_for)


def write(folder: Path, blend: float = 0.4, seed: int = 0) -> HeadedPictures:
    rng, base = np.random.default_rng(seed), BASE.picture
    shapes = ((6, base.dim), (6,), (DIM, 6), (DIM,))
    head = Head(*(rng.normal(size=shape).astype(np.float32) for shape in shapes))
    about = {"name": "text-align-1", "derives_from": base.fingerprint}
    write_head(folder / "head.onnx", head, blend, about)
    return headed(base, OnnxHead(folder / "head.onnx"))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), blend=st.floats(0.01, 0.99))
def test_a_question_scores_a_quarter_of_the_agreement(
    seed: int, blend: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tower = write(tmp_path_factory.mktemp("head"), blend, seed)
    rng, known = np.random.default_rng(seed), space(seed)
    before = rng.normal(size=(5, BASE.picture.dim)).astype(np.float32)
    pictures = tower.derive(before / np.linalg.norm(before, axis=1, keepdims=True))
    words = [f"red shoe {seed}"]
    text = TEXTS.encode(words)[0]
    question = AskPictures(known, tower.base_dim, tower.blend).ask(words, text[None])[0]
    there = known.directions @ (text - known.middle)
    shown = pictures[:, tower.base_dim :]
    agreement = shown @ there / np.linalg.norm(there) / np.linalg.norm(shown, axis=1)
    np.testing.assert_allclose(pictures @ question, REACH * agreement, atol=1e-4)


def test_words_come_to_the_space_at_unit_length() -> None:
    known = space()
    rows = known(TEXTS.encode(["red shoe", "blue hat", ""]))
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    middle = known(known.middle[None])
    np.testing.assert_array_equal(middle, np.zeros((1, DIM)))
    assert known(np.zeros((0, TEXTS.dim), np.float32)).shape == (0, DIM)


def test_a_model_with_a_words_file_asks_pictures(tmp_path: Path) -> None:
    tower = write(tmp_path)
    assert open_words(tmp_path, tower, TEXTS) is None
    assert open_trained(tmp_path, "text-align-1", BASE).asks is None
    (tmp_path / FILE).write_bytes(words_file(space()))
    asked = open_trained(tmp_path, "text-align-1", BASE).asks
    assert asked is not None
    words = ["red shoe", "blue hat"]
    texts = TEXTS.encode(words)
    wanted = AskPictures(space(), tower.base_dim, tower.blend).ask(words, texts)
    np.testing.assert_allclose(asked.ask(words, texts), wanted, atol=1e-6)


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (space(made_for="0123456789abcdef"), "0123456789abcdef"),
        (space(dim=DIM + 1), rf"\({DIM + 1}, {TEXTS.dim}\); .* with {DIM} numbers of a picture"),
    ],
)
def test_a_space_for_other_towers_is_refused(known: WordsSpace, told: str, tmp_path: Path) -> None:
    tower = write(tmp_path)
    (tmp_path / FILE).write_bytes(words_file(known))
    with pytest.raises(MismatchError, match=f"{told}.*train it anew"):
        open_words(tmp_path, tower, TEXTS)
    with pytest.raises(MismatchError, match=r"'text-align-1' cannot be used.*rollback"):
        open_trained(tmp_path, "text-align-1", BASE)


@settings(max_examples=60, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 8))
def test_a_damaged_words_file_is_refused_or_says_the_same(
    place: float, bit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Eight stands for a file that ends there."""
    folder = tmp_path_factory.getbasetemp() / "damaged"
    if not folder.is_dir():
        folder.mkdir()
        write(folder)
    tower = headed(BASE.picture, OnnxHead(folder / "head.onnx"))
    content = bytearray(words_file(space()))
    at = int(place * len(content))
    if bit == 8:
        del content[at:]
    else:
        content[at] ^= 1 << bit
    (folder / FILE).write_bytes(content)
    try:
        found = open_words(folder, tower, TEXTS)
    except MismatchError:
        return
    assert found is not None
    np.testing.assert_array_equal(found.space.directions, space().directions)


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"middle": np.zeros(TEXTS.dim)},
        {"middle": np.zeros(3), "directions": np.zeros((DIM, TEXTS.dim)), "made_for": "x"},
        {"middle": np.zeros(TEXTS.dim), "directions": np.zeros(3), "made_for": "x"},
        {"middle": np.zeros(TEXTS.dim), "directions": np.zeros(()), "made_for": "x"},
        {"middle": "a", "directions": "b", "made_for": "c"},
    ],
)
def test_a_file_of_other_arrays_is_refused(arrays: dict[str, object], tmp_path: Path) -> None:
    tower = write(tmp_path)
    file = BytesIO()
    told = {name: np.asarray(value) for name, value in arrays.items()}
    if "made_for" in told:
        told["made_for"] = np.asarray(TEXTS.fingerprint)
    np.savez(file, **told)  # pyright: ignore[reportArgumentType]  # its stub means a flag
    (tmp_path / FILE).write_bytes(file.getvalue())
    with pytest.raises(MismatchError, match=FILE):
        open_words(tmp_path, tower, TEXTS)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), blend=st.floats(0.01, 0.99))
def test_one_space_for_both_is_kept_behind_a_head(
    seed: int, blend: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tower = write(tmp_path_factory.mktemp("head"), blend, seed)
    asks = ask_base(tower, Encoder("clip", BASE.picture, BASE.text, OneSpace(BASE.text)))
    assert asks is not None
    rng = np.random.default_rng(seed)
    text, before = rng.normal(size=(2, 1, BASE.picture.dim)).astype(np.float32)
    np.testing.assert_allclose(
        tower.derive(before) @ asks.ask(["red"], text)[0], before @ text[0], rtol=1e-3, atol=1e-3
    )


def test_where_nothing_is_shared_words_cannot_ask_the_base(tmp_path: Path) -> None:
    assert ask_base(write(tmp_path), BASE) is None
