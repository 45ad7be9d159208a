from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.encode.base import Derived, Encoder, Mapper
from shoplens.encode.bundled import RESIZE_RULE, BundledPictures
from shoplens.encode.colour import HashedTexts
from shoplens.encode.onnx import OnnxNetwork
from shoplens.encode.trained.opening import open_trained
from shoplens.errors import MismatchError, NotFoundError
from tiny_onnx import TinyHead, TinyModel


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    path = TinyModel(resize=RESIZE_RULE).write(tmp_path_factory.mktemp("base") / "base.onnx")
    return Encoder("tiny", BundledPictures(OnnxNetwork(path)), HashedTexts())


@pytest.fixture(scope="module")
def head(base: Encoder) -> TinyHead:
    weight = np.random.default_rng(8).normal(size=(base.picture.dim, 5)).astype(np.float32)
    return TinyHead(weight, base.picture.fingerprint, blend=0.3)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 99), pictures=st.integers(0, 4))
def test_derived_embeddings_are_those_of_the_pictures(
    seed: int,
    pictures: int,
    base: Encoder,
    head: TinyHead,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("model")
    head.write(folder)
    tower = open_trained(folder, "head-1", base).picture
    assert isinstance(tower, Derived)
    assert tower.derives_from == base.picture.fingerprint
    rng = np.random.default_rng(seed)
    drawn = [rng.integers(0, 256, (30, 20, 3), np.uint8) for _ in range(pictures)]
    rows = base.picture.encode([base.picture.prepare(one) for one in drawn])
    derived = tower.derive(rows)
    assert derived.shape == (pictures, tower.dim)
    np.testing.assert_allclose(
        derived, tower.encode([tower.prepare(one) for one in drawn]), atol=1e-5
    )
    np.testing.assert_allclose(np.linalg.norm(derived, axis=1), 1, atol=1e-5)
    for row, before in zip(derived, rows, strict=True):
        np.testing.assert_allclose(row, head.expected(before), atol=1e-5)


def test_words_are_the_base_s_and_the_name_is_the_model_s(
    base: Encoder, head: TinyHead, tmp_path: Path
) -> None:
    head.write(tmp_path)
    encoder = open_trained(tmp_path, "head-1", base)
    assert (encoder.name, encoder.asks) == ("head-1", None)
    assert encoder.text is base.text
    assert isinstance(encoder.picture, Mapper)
    assert encoder.picture.fingerprint != base.picture.fingerprint
    assert encoder.picture.dim == base.picture.dim + 5


def test_a_whole_network_looks_at_pictures(base: Encoder, tmp_path: Path) -> None:
    other = TinyModel(resize=RESIZE_RULE, weight=np.eye(3, dtype=np.float32))
    other.write(tmp_path / "encoder.onnx")
    encoder = open_trained(tmp_path, "tail-1", base)
    assert not isinstance(encoder.picture, Derived)
    assert encoder.text is base.text


def test_a_file_that_is_gone_is_told_with_what_to_do(base: Encoder, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"of model 'head-1' is gone.*shoplens models rollback"):
        open_trained(tmp_path / "nowhere", "head-1", base)


@pytest.mark.parametrize("name", ["encoder.onnx", "head.onnx"])
def test_a_damaged_file_is_refused_with_what_to_do(
    name: str, base: Encoder, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(b"no model")
    with pytest.raises(MismatchError, match=r"'head-1' cannot be used.*shoplens models rollback"):
        open_trained(tmp_path, "head-1", base)


def test_a_head_of_another_base_is_refused(base: Encoder, head: TinyHead, tmp_path: Path) -> None:
    TinyHead(head.weight, "0123456789abcdef").write(tmp_path)
    with pytest.raises(MismatchError, match="0123456789abcdef"):
        open_trained(tmp_path, "head-1", base)
