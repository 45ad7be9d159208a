import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from shoplens.encode.bundled import MODELS
from shoplens.encode.onnx import OnnxNetwork, weave
from shoplens.encode.runtime.session import Running
from shoplens.errors import MismatchError, NotFoundError
from shoplens.types import Pixels
from tiny_onnx import TinyModel


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tiny.onnx"


def test_a_good_file_opens_and_tells_of_itself(path: Path) -> None:
    network = OnnxNetwork(TinyModel(resize="squeezed").write(path))
    assert (network.about.name, network.about.size_px, network.about.dim) == ("tiny", 16, 4)
    assert network.about.resize == "squeezed"


@pytest.mark.parametrize("threads", [1, 2])
def test_rows_are_what_arithmetic_says(path: Path, threads: int) -> None:
    model = TinyModel()
    network = OnnxNetwork(model.write(path), Running(threads=threads))
    rng = np.random.default_rng(1)
    squares: list[Pixels] = [rng.integers(0, 256, (16, 16, 3), np.uint8) for _ in range(5)]
    means = np.stack([square.mean(axis=(0, 1)) for square in squares]) @ model.weight
    wanted = means / np.linalg.norm(means, axis=1, keepdims=True)
    np.testing.assert_allclose(network.embed(squares), wanted, atol=1e-5)


def test_cells_are_what_arithmetic_says(path: Path) -> None:
    model = TinyModel()
    square = np.random.default_rng(1).integers(0, 256, (16, 16, 3), np.uint8)
    cells = OnnxNetwork(model.write(path)).map(square)
    np.testing.assert_allclose(cells, square @ model.weight, rtol=1e-5)


def test_no_pictures_give_no_rows(path: Path) -> None:
    assert OnnxNetwork(TinyModel().write(path)).embed([]).shape == (0, 4)


def test_many_threads_get_what_one_gets(path: Path) -> None:
    network = OnnxNetwork(TinyModel().write(path))
    rng = np.random.default_rng(2)
    squares: list[Pixels] = [rng.integers(0, 256, (16, 16, 3), np.uint8) for _ in range(200)]
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(network.embed, [[square] for square in squares]))
    np.testing.assert_array_equal(np.concatenate(rows), network.embed(squares))


def test_a_wrong_self_test_vector_is_refused_with_figures(path: Path) -> None:
    selftest = '{"picture": "weave", "tolerance": 0.01, "embedding": [0.5, -0.5]}'
    TinyModel(metadata={"selftest": selftest}).write(path)
    with pytest.raises(MismatchError, match=r"off by \d\.\d{4} where 0\.01 is allowed"):
        OnnxNetwork(path)


def test_a_flipped_bit_in_a_weight_is_refused(path: Path) -> None:
    model = TinyModel()
    content = bytearray(model.content())
    place = content.index(model.weight.astype("<f4").tobytes())
    content[place + 3] ^= 0x40  # an exponent's: 1.0 becomes infinite or tiny
    path.write_bytes(content)
    with pytest.raises(MismatchError, match="self-test"):
        OnnxNetwork(path)


@pytest.mark.parametrize("weight", [np.nan, np.inf, 0.0])
def test_a_network_that_gives_no_unit_vector_is_refused(path: Path, weight: float) -> None:
    good = TinyModel()
    content = good.content()
    old, new = good.weight.astype("<f4"), np.full_like(good.weight, weight).astype("<f4")
    path.write_bytes(content.replace(old.tobytes(), new.tobytes()))
    with pytest.raises(MismatchError, match="self-test"):
        OnnxNetwork(path)


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9])
def test_half_a_file_is_refused(path: Path, share: float) -> None:
    content = TinyModel().content()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(MismatchError):
        OnnxNetwork(path)


def test_a_file_of_something_else_is_refused(path: Path) -> None:
    path.write_text("<!doctype html><title>404 Not Found</title>")
    with pytest.raises(MismatchError, match="reinstall"):
        OnnxNetwork(path)


def test_a_missing_file_is_named(path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"tiny\.onnx"):
        OnnxNetwork(path)


@pytest.mark.parametrize("name", ["name", "size_px", "dim", "resize", "selftest"])
def test_missing_metadata_are_named(path: Path, name: str) -> None:
    with pytest.raises(MismatchError, match=f"lacks the metadata {name}"):
        OnnxNetwork(TinyModel(metadata={name: None}).write(path))


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"size_px": "big"}, "make no sense"),
        ({"selftest": "{"}, "make no sense"),
        ({"selftest": "[]"}, "make no sense"),
        ({"selftest": '{"picture": "weave"}'}, "make no sense"),
        ({"selftest": '{"picture": "weave", "tolerance": 1, "embedding": []}'}, "0 self-test"),
        ({"selftest": '{"picture": "cat", "tolerance": 1, "embedding": [0]}'}, "'cat'"),
        ({"selftest": '{"picture": "weave", "tolerance": 1, "embedding": 7}'}, "make no sense"),
        ({"dim": "5"}, r"promise.*\[5\]"),
        ({"size_px": "17"}, r"promise.*\[17, 17, 3\]"),
    ],
)
def test_metadata_that_lie_are_refused(path: Path, metadata: dict[str, str], message: str) -> None:
    with pytest.raises(MismatchError, match=message):
        OnnxNetwork(TinyModel(metadata=metadata).write(path))


def test_other_bytes_have_another_hash(path: Path, tmp_path: Path) -> None:
    one = OnnxNetwork(TinyModel().write(path))
    same = OnnxNetwork(TinyModel().write(tmp_path / "same.onnx"))
    other = OnnxNetwork(TinyModel(resize="other").write(tmp_path / "other.onnx"))
    assert one.content_hash == same.content_hash != other.content_hash


def test_the_weave_is_never_one_plain_colour() -> None:
    picture = weave(224)
    assert picture.shape == (224, 224, 3)
    assert picture.std(axis=(0, 1)).min() > 50


def test_a_damaged_shipped_file_is_refused(path: Path) -> None:
    shutil.copy(MODELS / "lite0.onnx", path)
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(bytes(range(256)) * 256)
    with pytest.raises(MismatchError):
        OnnxNetwork(path)
