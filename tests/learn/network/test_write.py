import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from learn.network.drawn_networks import pictures, run
from shoplens.encode.bundled import MODELS, RESIZE_RULE, BundledPictures
from shoplens.encode.onnx import OnnxNetwork
from shoplens.errors import MismatchError, StorageError
from shoplens.learn.network.graft import Part, graft
from shoplens.learn.network.graph import Network, cuts, read_network
from shoplens.learn.network.tail import Tail
from shoplens.learn.network.write import write_encoder

RNG = np.random.default_rng(10)
HALVES = [Part("frozen", 0.5, "frozen"), Part("tuned", 0.5, "tuned")]
ABOUT = {"name": "head-1", "recipe": "last-blocks", "licence": "Apache-2.0", "source": "lite0"}


def tuned(network: Network, cut: str) -> Network:
    weights = {
        name: (array * RNG.normal(1, 0.1, array.shape)).astype(np.float32)
        for name, array in Tail(network, cut).weights().items()
    }
    return graft(network, cut, weights, HALVES)


def model(path: Path) -> onnx.ModelProto:
    return onnx.ModelProto.FromString(path.read_bytes())


def metadata(path: Path) -> dict[str, str]:
    return {pair.key: pair.value for pair in model(path).metadata_props}


@pytest.fixture(scope="module")
def shipped() -> Network:
    return tuned(read_network(MODELS / "lite0.onnx"), "block15.project")


def test_a_shipped_file_that_was_tuned_serves_as_the_bundled_ones_do(
    shipped: Network, tmp_path: Path
) -> None:
    path = tmp_path / "encoder.onnx"
    told = write_encoder(shipped, path, ABOUT)
    opened = OnnxNetwork(path)
    assert told == opened.content_hash == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (opened.about.name, opened.about.size_px, opened.about.dim) == ("head-1", 224, 512)
    assert opened.about.resize == RESIZE_RULE
    tower = BundledPictures(opened)
    picture = RNG.integers(0, 256, (80, 60, 3), np.uint8)
    prepared = tower.prepare(picture)
    row = tower.encode([prepared])[0]
    assert row.shape == (512 + 72,)
    np.testing.assert_allclose(tower.map(prepared).mean(axis=(0, 1)), row, atol=1e-5)


def test_half_precision_is_half_the_size_and_hardly_another_embedding(
    shipped: Network, tmp_path: Path
) -> None:
    path = tmp_path / "encoder.onnx"
    write_encoder(shipped, path, ABOUT)
    assert path.stat().st_size < 0.52 * shipped.model.ByteSize()
    squares = pictures(RNG, 3, 224)
    (whole,) = run(shipped.model, ["embedding"], {"pixels": np.stack(squares)})
    assert (whole * OnnxNetwork(path).embed(squares)).sum(axis=1).min() >= 0.9999
    assert metadata(path)["precision"] == "float16"


def test_only_large_weights_become_half(drawn: Network, tmp_path: Path) -> None:
    path = tmp_path / "encoder.onnx"
    write_encoder(drawn, path, ABOUT)
    halves = {
        tensor.name: int(np.prod(tensor.dims))
        for tensor in model(path).graph.initializer
        if tensor.data_type == TensorProto.FLOAT16
    }
    assert halves == {"stem.weight.half": 162, "head.weight.half": 72}


def test_a_weight_that_half_precision_cannot_hold_stays_as_it_is(
    drawn: Network, tmp_path: Path
) -> None:
    path = tmp_path / "encoder.onnx"
    large = drawn.constants["head.weight"] * np.float32(1e6)
    write_encoder(graft(drawn, "project.sum", {"head.weight": large}, HALVES), path, ABOUT)
    kept = {tensor.name: tensor.data_type for tensor in model(path).graph.initializer}
    assert kept["tuned.head.weight"] == TensorProto.FLOAT


def test_a_written_file_can_be_read_cut_and_written_again(drawn: Network, tmp_path: Path) -> None:
    first, second = tmp_path / "first.onnx", tmp_path / "second.onnx"
    write_encoder(tuned(drawn, "average"), first, ABOUT)
    network = read_network(first)
    assert "average" in cuts(network)
    write_encoder(network, second, {"name": "again"})
    squares = pictures(RNG)
    np.testing.assert_allclose(
        OnnxNetwork(first).embed(squares), OnnxNetwork(second).embed(squares), atol=1e-6
    )
    told = metadata(second)
    assert (told["name"], told["licence"]) == ("again", "Apache-2.0")
    assert json.loads(told["parts"])[1] == {"name": "tuned", "start": 5, "end": 10, "share": 0.5}


def test_the_self_test_sees_every_part(drawn: Network, tmp_path: Path) -> None:
    """Sixteen values, as the shipped files have, would be of the frozen part alone."""
    path = tmp_path / "encoder.onnx"
    write_encoder(tuned(drawn, "average"), path, ABOUT)
    basis = next(t for t in model(path).graph.initializer if t.name == "tuned.basis").raw_data
    reversed_ = np.frombuffer(basis, "<f4")[::-1].tobytes()
    path.write_bytes(path.read_bytes().replace(basis, reversed_))
    with pytest.raises(MismatchError, match="self-test"):
        OnnxNetwork(path)


def test_the_same_network_gives_the_same_bytes(drawn: Network, tmp_path: Path) -> None:
    one, two = (write_encoder(drawn, tmp_path / name, ABOUT) for name in ("a.onnx", "b.onnx"))
    assert one == two


@pytest.mark.parametrize("name", ["size_px", "dim", "resize", "precision", "selftest", "parts"])
def test_what_is_computed_cannot_be_told(name: str, drawn: Network, tmp_path: Path) -> None:
    with pytest.raises(MismatchError, match=f"metadata {name} are made here"):
        write_encoder(drawn, tmp_path / "encoder.onnx", {**ABOUT, name: "7"})


def test_a_network_that_gives_no_unit_vector_leaves_the_old_file(
    drawn: Network, tmp_path: Path
) -> None:
    path = tmp_path / "encoder.onnx"
    write_encoder(drawn, path, ABOUT)
    before = path.read_bytes()
    nothing = {name: np.zeros_like(drawn.constants[name]) for name in ("basis", "offset")}
    with pytest.raises(MismatchError, match="self-test"):
        write_encoder(graft(drawn, "average", nothing, [Part("t", 1, "tuned")]), path, ABOUT)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["encoder.onnx"]


def test_a_folder_that_is_not_there_is_a_storage_error(drawn: Network, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"encoder\.onnx could not be written"):
        write_encoder(drawn, tmp_path / "none" / "encoder.onnx", ABOUT)
