import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, external_data_helper, helper, numpy_helper

from shoplens.encode.runtime.providers import PROVIDERS, Provider
from shoplens.encode.runtime.session import REFUSALS, Running, Session
from shoplens.errors import ConfigError, MismatchError
from tiny_onnx import TinyModel

MODEL = TinyModel()
CONTENT = MODEL.content()


def squares(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, 16, 16, 3), np.uint8)


def rows(pixels: np.ndarray) -> np.ndarray:
    """What the network gives, by other means."""
    means = pixels.astype(np.float64).mean(axis=(1, 2)) @ MODEL.weight
    return means / np.linalg.norm(means, axis=1, keepdims=True)


@pytest.mark.parametrize("threads", [1, 2])
def test_by_its_path_or_its_bytes_a_network_computes_what_arithmetic_says(
    tmp_path: Path, threads: int
) -> None:
    path = MODEL.write(tmp_path / "tiny.onnx")
    for model in (path, CONTENT):
        session = Session(model, Running(threads=threads))
        made = session.run("embedding", {"pixels": squares(5)})
        np.testing.assert_allclose(made, rows(squares(5)), atol=1e-5)


def test_it_tells_of_itself() -> None:
    session = Session(CONTENT)
    assert session.provider == "cpu"
    assert session.inputs == {"pixels": ("n", 16, 16, 3)}
    assert session.outputs == {"embedding": ("n", 4), "map": ("n", 16, 16, 4)}
    assert session.metadata["name"] == "tiny"


def test_weights_in_a_file_beside_it_are_found(tmp_path: Path) -> None:
    weight = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["row", "weight"], ["embedding"])],
        "beside",
        [helper.make_tensor_value_info("row", TensorProto.FLOAT, ["n", 300])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 4])],
        [numpy_helper.from_array(weight, "weight")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    path = tmp_path / "big.onnx"
    external_data_helper.convert_model_to_external_data(model, location="big.onnx.data")
    external_data_helper.write_external_data_tensors(model, str(tmp_path))
    path.write_bytes(model.SerializeToString())
    row = np.ones((1, 300), np.float32)
    made = Session(path).run("embedding", {"row": row})
    np.testing.assert_allclose(made, row @ weight, rtol=1e-4)
    (tmp_path / "big.onnx.data").unlink()
    with pytest.raises(REFUSALS):
        Session(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(REFUSALS, match=r"nowhere\.onnx"):
        Session(tmp_path / "nowhere.onnx")


@settings(max_examples=300)
@given(
    place=st.integers(0, len(CONTENT) - 1),
    value=st.integers(0, 255),
    cut=st.none() | st.integers(0, len(CONTENT)),
)
def test_a_damaged_file_opens_or_ends_in_a_refusal(place: int, value: int, cut: int | None) -> None:
    content = bytearray(CONTENT)
    content[place] = value
    try:
        session = Session(bytes(content[:cut]))
        session.run("embedding", {"pixels": squares(1)})
    except REFUSALS:
        pass
    except ValueError as error:
        assert "pixels" in str(error)  # noqa: PT017 - its input has another name now


def test_an_input_of_another_size_is_refused() -> None:
    with pytest.raises(REFUSALS, match="17"):
        Session(CONTENT).run("embedding", {"pixels": np.zeros((1, 17, 16, 3), np.uint8)})


def test_sixteen_threads_get_what_one_gets() -> None:
    session = Session(CONTENT)
    feeds = [{"pixels": squares(1, seed)} for seed in range(64)]
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(partial(session.run, "embedding"), feeds))
    for feed, row in zip(feeds, made, strict=True):
        np.testing.assert_allclose(row, rows(feed["pixels"]), atol=1e-5)


def test_what_fails_its_proof_on_the_processor_is_not_opened() -> None:
    def prove(session: Session) -> None:
        raise MismatchError(f"off on {session.provider}")

    with pytest.raises(MismatchError, match="off on cpu"):
        Session(CONTENT, prove=prove)


def test_a_provider_that_is_not_installed_is_an_error_and_not_passed_over() -> None:
    with pytest.raises(ConfigError, match="'cuda' is not installed"):
        Session(CONTENT, Running(("cuda", "cpu")))


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> str:
    """Name another provider of this onnxruntime, which leaves all to the processor."""
    monkeypatch.setitem(PROVIDERS, "azure", Provider("AzureExecutionProvider", "onnxruntime"))
    return "azure"


def test_the_first_that_can_runs_the_network(second: str) -> None:
    session = Session(CONTENT, Running((second, "cpu")))
    assert session.provider == second
    made = session.run("embedding", {"pixels": squares(2)})
    np.testing.assert_allclose(made, rows(squares(2)), atol=1e-5)


def test_one_that_computes_wrongly_is_left_for_the_next_and_the_log_says_so(
    second: str, caplog: pytest.LogCaptureFixture
) -> None:
    proved: list[str] = []

    def prove(session: Session) -> None:
        proved.append(session.provider)
        if session.provider == second:
            raise MismatchError("off by 0.5")

    with caplog.at_level(logging.WARNING):
        session = Session(CONTENT, Running((second,)), prove)
    assert proved == [second, "cpu"]
    assert session.provider == "cpu"
    assert "azure cannot run this network, taking cpu: off by 0.5" in caplog.text


def test_what_no_provider_can_open_is_refused_after_the_last(
    second: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(REFUSALS):
        Session(CONTENT[:100], Running((second,)))
    assert "azure cannot run this network, taking cpu" in caplog.text
