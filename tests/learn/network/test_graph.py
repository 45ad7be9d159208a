import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto

from learn.network.drawn_networks import (
    PREPARE,
    SCALARS,
    Step,
    convolutional,
    model_of,
    opened,
    pictures,
    run,
    transformer,
)
from shoplens.encode.bundled import MODELS
from shoplens.encode.onnx import OnnxNetwork, weave
from shoplens.errors import MismatchError, NotFoundError
from shoplens.learn.network.graph import Network, between, cuts, read_network, trunk
from shoplens.learn.network.tail import Tail
from tiny_onnx import TinyModel

RNG = np.random.default_rng(3)


def in_two(network: Network, cut: str, pixels: np.ndarray) -> np.ndarray:
    """Embed by running the trunk in ONNX Runtime and the tail in torch."""
    (name,) = (
        output.name for output in onnx.ModelProto.FromString(trunk(network, cut)).graph.output
    )
    (carried,) = run(trunk(network, cut), [name], {"pixels": pixels})
    with torch.no_grad():
        rows = Tail(network, cut)(torch.tensor(carried)).numpy()
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_a_shipped_file_cut_anywhere_gives_what_it_gave_whole() -> None:
    network = read_network(MODELS / "lite0.onnx")
    squares = [weave(224), weave(224)[::-1].copy()]
    whole = OnnxNetwork(MODELS / "lite0.onnx").embed(squares)
    known = cuts(network)
    assert known[0] == "normalised"
    assert known[-4:] == ("head.relu6", "average", "pooled", "flat")
    for cut in ("pixels", "block4.project.sum", "block13.project.sum", "average", "flat"):
        cosines = (in_two(network, cut, np.stack(squares)) * whole).sum(axis=1)
        assert cosines.min() > 0.99999, cut


@pytest.mark.parametrize("make", [convolutional, transformer])
def test_every_cut_of_a_drawn_network_gives_what_it_gave_whole(
    make: Callable[[np.random.Generator], onnx.ModelProto], tmp_path: Path
) -> None:
    network = opened(make(np.random.default_rng(5)), tmp_path)
    squares = pictures(RNG)
    whole = OnnxNetwork(tmp_path / "drawn.onnx").embed(squares)
    for cut in cuts(network):
        np.testing.assert_allclose(in_two(network, cut, np.stack(squares)), whole, atol=1e-5)


def test_pixels_means_the_prepared_float_input(drawn: Network) -> None:
    assert cuts(drawn)[0] == "normalised"
    assert trunk(drawn, "pixels") == trunk(drawn, "normalised")
    made = onnx.ModelProto.FromString(trunk(drawn, "pixels"))
    assert [node.op_type for node in made.graph.node] == ["Transpose", "Cast", "Sub", "Mul"]


def test_a_residual_hides_what_it_goes_around(drawn: Network) -> None:
    assert "project" not in cuts(drawn)
    assert {"stem.relu6", "project.sum"} <= set(cuts(drawn))


def test_a_transformer_can_be_cut_between_its_blocks(tmp_path: Path) -> None:
    assert {"block0", "block1", "block2"} <= set(cuts(opened(transformer(RNG), tmp_path)))


@settings(max_examples=60, deadline=None)
@given(
    reads=st.lists(st.lists(st.integers(0, 99), min_size=1, max_size=3), min_size=1, max_size=12)
)
def test_cuts_are_what_no_path_goes_around(reads: list[list[int]]) -> None:
    """Without a cut, nothing of the pixels reaches the embedding: tried by taking each away."""
    steps: list[Step] = [*PREPARE]
    names = ["normalised"]
    for place, read in enumerate(reads):
        inputs = [names[number % len(names)] for number in read]
        steps.append(("Max", inputs, f"t{place}", {}))
        names.append(f"t{place}")
    steps += [
        ("GlobalAveragePool", [names[-1]], "average", {}),
        ("Flatten", ["average"], "flat", {}),
        ("LpNormalization", ["flat"], "embedding", {"axis": 1}),
    ]
    network = Network.of(
        onnx.shape_inference.infer_shapes(model_of(steps, SCALARS, {"embedding": ["n", 3]}))
    )

    def reached(without: str) -> bool:
        made = {"pixels"}
        for _, inputs, output, _ in steps:
            if output != without and not made.isdisjoint(inputs):
                made.add(output)
        return "embedding" in made

    wanted = [name for name in [*names, "average", "flat"] if not reached(name)]
    assert list(cuts(network)) == wanted


def test_a_trunk_holds_no_weight_of_the_tail(drawn: Network) -> None:
    made = onnx.ModelProto.FromString(trunk(drawn, "stem.relu6"))
    kept = {tensor.name for tensor in made.graph.initializer}
    assert kept == {"middle", "unit", "zero", "six", "stem.weight", "stem.bias"}
    assert all(tensor.data_type == TensorProto.FLOAT for tensor in made.graph.initializer)


def test_a_cut_that_is_none_is_refused_and_all_are_named(drawn: Network) -> None:
    for name in ("depthwise", "embedding"):
        with pytest.raises(MismatchError, match=rf"cannot be cut at '{name}'; .*average, pooled"):
            trunk(drawn, name)


def test_nothing_lies_behind_the_pooled_value(drawn: Network) -> None:
    assert between(drawn, "flat") == []
    assert [node.op_type for node in between(drawn, "average")] == ["Conv", "Flatten"]


def test_the_hash_is_that_of_the_file(tmp_path: Path) -> None:
    path = TinyModel().write(tmp_path / "tiny.onnx")
    assert read_network(path).content_hash == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"none\.onnx"):
        read_network(tmp_path / "none.onnx")


@pytest.mark.parametrize("share", [0, 0.5, 0.9])
def test_half_a_file_is_refused(share: float, tmp_path: Path) -> None:
    content = TinyModel().content()
    (tmp_path / "half.onnx").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(MismatchError):
        read_network(tmp_path / "half.onnx")


def test_a_changed_weight_is_refused(tmp_path: Path) -> None:
    model = TinyModel()
    content = bytearray(model.content())
    content[content.index(model.weight.astype("<f4").tobytes()) + 3] ^= 0x40
    (tmp_path / "flipped.onnx").write_bytes(content)
    with pytest.raises(MismatchError, match="self-test"):
        read_network(tmp_path / "flipped.onnx")


POOL: list[Step] = [
    *PREPARE,
    ("GlobalAveragePool", ["normalised"], "average", {}),
    ("Flatten", ["average"], "flat", {}),
    ("Transpose", ["normalised"], "map", {"perm": [0, 2, 3, 1]}),
]
UNITS = {name: SCALARS[name] for name in ("middle", "unit")}
OUTPUTS: dict[str, list[str | int]] = {"embedding": ["n", 3], "map": ["n", 16, 16, 3]}


def test_an_embedding_that_is_made_by_something_else_is_refused(tmp_path: Path) -> None:
    steps: list[Step] = [
        *POOL,
        ("ReduceL2", ["flat"], "length", {"axes": [1]}),
        ("Div", ["flat", "length"], "embedding", {}),
    ]
    with pytest.raises(MismatchError, match="makes its embedding by Div"):
        opened(model_of(steps, UNITS, OUTPUTS), tmp_path)


def test_operators_that_are_too_old_are_refused(tmp_path: Path) -> None:
    last: Step = ("LpNormalization", ["flat"], "embedding", {"axis": 1})
    with pytest.raises(MismatchError, match=r"version \[12\]; wanted is 13"):
        opened(model_of([*POOL, last], UNITS, OUTPUTS, opset=12), tmp_path)
