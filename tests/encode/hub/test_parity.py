from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from shoplens.encode.hub import parity
from shoplens.encode.hub.fetching.sources import find
from shoplens.encode.hub.loading import transformers_models
from shoplens.encode.hub.networks.quantising import quantise
from shoplens.encode.hub.original import Original, gain_of
from shoplens.encode.hub.parity import Ours, open_words
from shoplens.encode.onnx import weave
from shoplens.encode.runtime.session import Session
from shoplens.errors import MismatchError

from .conftest import Made, silent

ONNX: Any = onnx
Make = Callable[[str], Made]
PICTURES = [weave(120)[:, :80], weave(64)[:40]]


@pytest.fixture(scope="module")
def original(made: Make) -> Original:
    checkpoint = find(str(made("clip").checkpoint), silent)
    return transformers_models.load(checkpoint, words=True)


@pytest.fixture
def ours(made: Make) -> Ours:
    folder, manifest = made("clip").models / "clip", made("clip").manifests[0]
    assert manifest.text is not None
    words = open_words(folder, manifest.text)
    return Ours(Session(folder / "picture.onnx"), manifest.picture.resize, words)


def test_the_same_model_agrees(original: Original, ours: Ours) -> None:
    told = parity.compare(original, ours, PICTURES)
    assert told.picture_min > 0.9999
    assert told.text_min is not None
    assert told.text_min > 0.9999
    assert told.pictures == 2


@pytest.mark.parametrize("change", [{"shape": "squash"}, {"short_px": 80}])
def test_wrong_resizing_is_told_from_a_wrong_network(
    original: Original, ours: Ours, change: dict[str, object]
) -> None:
    wrong = replace(ours, resize=replace(ours.resize, **change))  # type: ignore[arg-type]
    with pytest.raises(MismatchError, match=r"its preprocessing is not what was read"):
        parity.compare(original, wrong, PICTURES)


def test_a_wrong_deviation_inside_the_network_is_told(
    original: Original, ours: Ours, made: Make, tmp_path: Path
) -> None:
    model = ONNX.load(str(made("clip").models / "clip" / "picture.onnx"))
    for weight in model.graph.initializer:
        if list(weight.dims) == [1, 3, 1, 1] and numpy_helper.to_array(weight).min() > 0:
            scale = numpy_helper.to_array(weight) * np.array([1, 3, 0.2]).reshape(1, 3, 1, 1)
            weight.CopyFrom(numpy_helper.from_array(scale.astype(np.float32), weight.name))
    ONNX.save(model, str(tmp_path / "picture.onnx"))
    wrong = replace(ours, picture=Session(tmp_path / "picture.onnx"))
    with pytest.raises(MismatchError, match="the network written computes something else"):
        parity.compare(original, wrong, PICTURES)


def test_a_tokenizer_that_counts_otherwise_is_told(original: Original, ours: Ours) -> None:
    assert original.words is not None
    shifted = original.words.tokens

    def tokens(texts: object) -> tuple[np.ndarray, np.ndarray]:
        ids, mask = shifted(texts)  # type: ignore[arg-type]
        return ids + 1, mask

    wrong = replace(original, words=replace(original.words, tokens=tokens))
    with pytest.raises(MismatchError, match="tokenizer written differs"):
        parity.compare(wrong, ours, PICTURES)


def test_without_pictures_nothing_can_be_compared(original: Original, ours: Ours) -> None:
    with pytest.raises(MismatchError, match="no pictures"):
        parity.compare(original, ours, [])


def test_int8_is_smaller_and_rounds_tables_row_by_row(made: Make, tmp_path: Path) -> None:
    rows, width = 2000, 64
    rng = np.random.default_rng(1)
    table = rng.normal(size=(rows, width)).astype(np.float32)
    table[7] *= 1000  # one range for all would leave nothing of the others
    kept = {"table": table, "weight": rng.normal(size=(width, 8)).astype(np.float32)}
    make = onnx.helper.make_node
    graph = onnx.helper.make_graph(
        [
            make("Gather", ["table", "ids"], ["found"]),
            make("MatMul", ["found", "weight"], ["embedding"]),
        ],
        "table",
        [onnx.helper.make_tensor_value_info("ids", onnx.TensorProto.INT64, ["n"])],
        [onnx.helper.make_tensor_value_info("embedding", onnx.TensorProto.FLOAT, ["n", 8])],
        [numpy_helper.from_array(each, name) for name, each in kept.items()],
    )
    opset = [onnx.helper.make_opsetid("", 18)]
    ONNX.save(
        onnx.helper.make_model(graph, opset_imports=opset, ir_version=10),
        str(tmp_path / "float.onnx"),
    )
    assert quantise(tmp_path / "float.onnx", tmp_path / "small.onnx")
    ids = np.arange(50)
    wanted = Session(tmp_path / "float.onnx").run("embedding", {"ids": ids})
    given = Session(tmp_path / "small.onnx").run("embedding", {"ids": ids})
    lengths = np.linalg.norm(wanted, axis=1) * np.linalg.norm(given, axis=1)
    assert ((wanted * given).sum(axis=1) / lengths).min() > 0.999
    sizes = [(tmp_path / name).stat().st_size for name in ("small.onnx", "float.onnx")]
    assert sizes[0] < 0.3 * sizes[1]


def test_a_network_without_products_gains_nothing_by_int8(tmp_path: Path) -> None:
    node = onnx.helper.make_node("Relu", ["x"], ["embedding"])
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [node],
        "plain",
        [value("x", onnx.TensorProto.FLOAT, [1])],
        [value("embedding", onnx.TensorProto.FLOAT, [1])],
    )
    ONNX.save(onnx.helper.make_model(graph), str(tmp_path / "plain.onnx"))
    assert not quantise(tmp_path / "plain.onnx", tmp_path / "out.onnx")
    assert not (tmp_path / "out.onnx").exists()


@pytest.mark.parametrize(
    ("scale", "bias", "gain"),
    [(100.0, 0.0, 1.0), (100.0, -12.5, 2.0), (100.0, -50.0, 1.0), (100.0, -1.0, 4.0)],
)
def test_the_gain_brings_an_even_chance_to_a_quarter(
    scale: float, bias: float, gain: float
) -> None:
    assert gain_of(float(np.log(scale)), bias) == pytest.approx(gain)
