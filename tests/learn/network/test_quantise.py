import json
import logging
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from learn.network.drawn_networks import convolutional, pictures, transformer, write
from shoplens.encode.bundled import MODELS, RESIZE_RULE
from shoplens.encode.onnx import OnnxNetwork, weave
from shoplens.errors import MismatchError, NotFoundError
from shoplens.learn.network.quantise import quantise
from shoplens.types import Pixels
from tiny_onnx import TinyModel

RNG = np.random.default_rng(11)


def model(path: Path) -> onnx.ModelProto:
    return onnx.ModelProto.FromString(path.read_bytes())


def small_integers(path: Path) -> dict[str, int]:
    """The largest code of every int8 weight."""
    return {
        tensor.name: int(np.abs(onnx.numpy_helper.to_array(tensor).astype(np.int32)).max())
        for tensor in model(path).graph.initializer
        if tensor.data_type == TensorProto.INT8 and len(tensor.dims) > 1
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(convolutional(np.random.default_rng(1)), tmp_path / "float.onnx")


def test_embeddings_hardly_change(path: Path) -> None:
    out = path.with_name("int8.onnx")
    squares = pictures(RNG, 20)
    told = quantise(path, out, squares)
    before, after = OnnxNetwork(path), OnnxNetwork(out)
    cosines = (before.embed(squares) * after.embed(squares)).sum(axis=1)
    np.testing.assert_allclose(
        [told.cosine_mean, told.cosine_min], [cosines.mean(), cosines.min()], atol=1e-5
    )
    assert told.cosine_min > 0.995
    fresh = pictures(RNG, 20)
    assert (before.embed(fresh) * after.embed(fresh)).sum(axis=1).min() > 0.99


def test_the_file_is_another_encoder_that_proves_itself(path: Path) -> None:
    out = path.with_name("int8.onnx")
    told = quantise(path, out, pictures(RNG, 4))
    after = OnnxNetwork(out)
    assert after.about.name == "drawn-int8"
    assert told.content_hash == after.content_hash != OnnxNetwork(path).content_hash
    kept = {pair.key: pair.value for pair in model(out).metadata_props}
    assert (kept["precision"], kept["licence"], kept["size_px"]) == ("int8", "none", "16")
    assert json.loads(kept["selftest"])["tolerance"] >= 0.01
    assert not any(key.startswith("onnx.") for key in kept)


def test_weights_keep_the_bits_that_every_processor_can_add(path: Path) -> None:
    """Sums of two products must fit 16 bits: 2 * 255 * 64; one product of depthwise always does."""
    out = path.with_name("int8.onnx")
    quantise(path, out, pictures(RNG, 4))
    largest = {name.removesuffix("_quantized"): most for name, most in small_integers(out).items()}
    assert largest.keys() == {"stem.weight", "depthwise.weight", "project.weight", "head.weight"}
    assert largest["depthwise.weight"] == 127
    assert max(largest["stem.weight"], largest["project.weight"], largest["head.weight"]) <= 64


def test_the_map_still_means_the_embedding(path: Path) -> None:
    out = path.with_name("int8.onnx")
    squares = pictures(RNG, 4)
    quantise(path, out, squares)
    after = OnnxNetwork(out)
    mean = after.map(squares[0]).mean(axis=(0, 1))
    np.testing.assert_allclose(mean / np.linalg.norm(mean), after.embed(squares[:1])[0], atol=1e-5)


def test_a_transformer_keeps_its_sums_and_its_first_layer_in_float(tmp_path: Path) -> None:
    path = write(transformer(RNG, repeats=True), tmp_path / "float.onnx")
    out = tmp_path / "int8.onnx"
    told = quantise(path, out, pictures(RNG, 20))
    assert told.cosine_mean > 0.98
    weights = [name.removesuffix("_quantized") for name in small_integers(out)]
    assert sorted(weights) == [
        f"block{i}.{name}" for i in (1, 2) for name in ("down", "qkv", "up")
    ]  # fmt: skip


def test_a_shipped_file_keeps_its_meaning(tmp_path: Path) -> None:
    squares: list[Pixels] = [np.roll(weave(224), 31 * i, axis=i % 3) for i in range(5)]
    out = tmp_path / "int8.onnx"
    told = quantise(MODELS / "lite0.onnx", out, squares)
    assert told.cosine_mean > 0.97
    assert OnnxNetwork(out).about.resize == RESIZE_RULE
    assert out.stat().st_size < 0.75 * (MODELS / "lite0.onnx").stat().st_size


def test_the_log_is_left_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    quantise(path, path.with_name("int8.onnx"), pictures(RNG, 2))
    assert logging.root.handlers == []


def test_pictures_of_another_size_are_refused(path: Path) -> None:
    out = path.with_name("int8.onnx")
    with pytest.raises(MismatchError, match=r"\(8, 8, 3\).*wanted are some of \(16, 16, 3\)"):
        quantise(path, out, pictures(RNG, 2, 8))
    with pytest.raises(MismatchError, match="wanted are some"):
        quantise(path, out, [])
    assert not out.exists()


def test_a_network_without_layers_is_refused(tmp_path: Path) -> None:
    path = TinyModel().write(tmp_path / "tiny.onnx")
    with pytest.raises(MismatchError, match="no layer that int8 would make faster"):
        quantise(path, tmp_path / "int8.onnx", pictures(RNG, 2))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"none\.onnx"):
        quantise(tmp_path / "none.onnx", tmp_path / "int8.onnx", pictures(RNG, 2))
