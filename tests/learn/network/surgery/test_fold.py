import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from learn.network.drawn_networks import (
    PREPARE,
    SCALARS,
    Step,
    convolutional,
    model_of,
    pictures,
    run,
    transformer,
)
from shoplens.learn.network.surgery.assemble import shapes
from shoplens.learn.network.surgery.fold import fold

RNG = np.random.default_rng(4)


def kinds(model: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


def test_small_weights_become_float32_under_their_own_names() -> None:
    model = convolutional(RNG)
    stored = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    folded = fold(model)
    held = {each.name: numpy_helper.to_array(each) for each in folded.graph.initializer}
    assert {array.dtype for array in held.values()} == {np.dtype(np.float32)}
    assert not any(name.endswith((".half", ".int8", ".scale")) for name in held)
    np.testing.assert_array_equal(held["stem.weight"], stored["stem.weight.half"])
    np.testing.assert_allclose(held["head.weight"], stored["head.weight.int8"] * np.float32(0.004))
    assert held["zero"].shape == ()
    assert kinds(folded).count("Cast") == 1


@pytest.mark.parametrize("repeats", [True, False])
def test_a_folded_network_gives_what_it_gave(repeats: bool) -> None:  # noqa: FBT001
    model = transformer(RNG, repeats=repeats)
    pixels = {"pixels": np.stack(pictures(RNG))}
    whole = run(model, ["embedding", "map"], pixels)
    for ours, theirs in zip(run(fold(model), ["embedding", "map"], pixels), whole, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_inputs_and_outputs_stay_but_more_is_known_of_them() -> None:
    model = convolutional(RNG)
    folded = fold(model)
    assert list(folded.graph.input) == list(model.graph.input)
    assert [each.name for each in folded.graph.output] == ["embedding", "map"]
    assert shapes(model)["map"] == (None, None, None, 5)
    assert shapes(folded)["map"] == (None, 8, 8, 5)


def test_a_reshape_asks_no_other_tensor_for_its_sides() -> None:
    folded = fold(transformer(RNG))
    held = {each.name: numpy_helper.to_array(each) for each in folded.graph.initializer}
    asked = [node.input[1] for node in folded.graph.node if node.op_type == "Reshape"]
    assert [held[name].tolist() for name in asked if name.endswith("q.static")] == [[-1, 17, 8]] * 2
    # What is left makes one class token for every picture.
    assert kinds(folded).count("Shape") == 1


def test_a_shape_without_the_number_of_pictures_is_known_beforehand() -> None:
    steps: list[Step] = [
        *PREPARE,
        ("Shape", ["normalised"], "sides", {"start": 1}),
        ("Cast", ["sides"], "numbers", {"to": TensorProto.FLOAT}),
        ("ReduceMean", ["normalised"], "mean", {"axes": [2, 3], "keepdims": 0}),
        ("Mul", ["mean", "numbers"], "embedding", {}),
    ]
    constants = {name: SCALARS[name] for name in ("middle", "unit")}
    model = model_of(steps, constants, {"embedding": ["n", 3]})
    folded = fold(model)
    held = {each.name: numpy_helper.to_array(each) for each in folded.graph.initializer}
    assert held["numbers"].tolist() == [3, 16, 16]
    pixels = {"pixels": np.stack(pictures(RNG))}
    (ours,), (theirs,) = (run(each, ["embedding"], pixels) for each in (folded, model))
    np.testing.assert_allclose(ours, theirs)


def test_chance_and_outputs_are_not_folded() -> None:
    steps: list[Step] = [
        ("RandomNormal", [], "noise", {"shape": [1, 3]}),
        ("Mul", ["unit", "six"], "embedding", {}),
        ("Add", ["noise", "six"], "map", {}),
    ]
    model = model_of(steps, SCALARS, {"embedding": [], "map": [1, 3]})
    assert kinds(fold(model)) == ["RandomNormal", "Mul", "Add"]


def test_what_reaches_no_output_is_left_out() -> None:
    steps: list[Step] = [
        *PREPARE,
        ("Relu", ["normalised"], "unused", {}),
        ("GlobalAveragePool", ["normalised"], "embedding", {}),
    ]
    folded = fold(model_of(steps, SCALARS, {"embedding": ["n", 3, 1, 1]}))
    assert "Relu" not in kinds(folded)
    assert {each.name for each in folded.graph.initializer} == {"middle", "unit"}
    assert shapes(folded)["normalised"] == (None, 3, 16, 16)


def test_constants_may_stand_in_nodes_or_among_the_inputs() -> None:
    model = convolutional(RNG)
    offset = next(each for each in model.graph.initializer if each.name == "offset")
    basis = next(each for each in model.graph.initializer if each.name == "basis")
    model.graph.input.append(
        helper.make_tensor_value_info("basis", TensorProto.FLOAT, list(basis.dims))
    )
    moved = helper.make_node("Constant", [], ["offset"], value=offset)
    nodes = [moved, *model.graph.node]
    model.graph.initializer.remove(offset)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    folded = fold(model)
    assert [each.name for each in folded.graph.input] == ["pixels"]
    assert {"basis", "offset"} <= {each.name for each in folded.graph.initializer}
