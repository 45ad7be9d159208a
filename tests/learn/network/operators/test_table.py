"""Every operator of the table against ONNX Runtime, on random input."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from learn.network.drawn_networks import run
from shoplens.errors import MismatchError
from shoplens.learn.network.operators.base import Attributes, operation
from shoplens.learn.network.operators.layers import average_pool, batch_norm
from shoplens.learn.network.operators.table import OPERATORS

Value = int | float | str | Sequence[int] | Sequence[float]


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


def positive(*shape: int) -> np.ndarray:
    return np.abs(normal(*shape)) + np.float32(0.1)


def wholes(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def scalar(number: float) -> np.ndarray:
    return np.array(number, np.float32)


@dataclass(frozen=True)
class Case:
    """A node: its inputs (None is left out), attributes, outputs, and the version it is of."""

    kind: str
    inputs: list[np.ndarray | None]
    attributes: dict[str, Value] = field(default_factory=dict[str, Value])
    outputs: int = 1
    opset: int = 17

    def __str__(self) -> str:
        told = [f"{name}={value}" for name, value in self.attributes.items()]
        return " ".join([self.kind, f"{len(self.inputs)} inputs", *told, f"v{self.opset}"])


X, PLANES = normal(2, 3, 5), normal(2, 4, 7, 6)
CASES = [
    *(
        Case(kind, [X])
        for kind in ("Abs", "Erf", "Exp", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu")
    ),
    *(Case(kind, [X]) for kind in ("Neg", "Relu", "Sigmoid", "Tanh", "Shape", "Flatten")),
    *(Case(kind, [positive(2, 3)]) for kind in ("Log", "Reciprocal", "Sqrt")),
    *(Case(kind, [X, normal(3, 1)]) for kind in ("Add", "Sub", "Mul", "Div", "Max", "Min")),
    Case("Add", [wholes(1, 2), wholes(5, 6)]),
    Case("Div", [wholes(7, -7, 8), wholes(2, 2, -3)]),
    Case("Max", [X, normal(5), normal(3, 5)]),
    Case("Cast", [X * 5], {"to": TensorProto.INT64}),
    Case("Cast", [wholes(3, 0, -2)], {"to": TensorProto.FLOAT}),
    Case("Cast", [X.astype(np.float16)], {"to": TensorProto.FLOAT}),
    Case("Cast", [wholes(3, 0)], {"to": TensorProto.BOOL}),
    Case("Clip", [X, scalar(-0.5), scalar(0.5)]),
    Case("Clip", [X, None, scalar(0.5)]),
    Case("Clip", [X]),
    Case("Equal", [wholes(1, 2, 3), wholes(1, 5, 3)]),
    Case("Gelu", [X], {}, opset=20),
    Case("Gelu", [X], {"approximate": "tanh"}, opset=20),
    Case("HardSigmoid", [X], {"alpha": 0.3, "beta": 0.4}),
    Case("LeakyRelu", [X], {"alpha": 0.3}),
    Case("Pow", [positive(2, 3), scalar(1.7)]),
    Case("Pow", [X, wholes(2)]),
    Case("Where", [np.array([True, False, True]), normal(2, 3), scalar(0)]),
    Case("MatMul", [normal(2, 3, 5), normal(5, 4)]),
    Case("MatMul", [normal(2, 3, 4, 5), normal(2, 3, 5, 2)]),
    Case("Gemm", [normal(3, 4), normal(4, 5), normal(5)]),
    Case("Gemm", [normal(4, 3), normal(5, 4), normal(3, 1)],
         {"transA": 1, "transB": 1, "alpha": 0.5, "beta": 2.0}),
    Case("Gemm", [normal(3, 4), normal(4, 5)]),
    Case("Conv", [PLANES, normal(6, 4, 3, 3), normal(6)],
         {"strides": [2, 2], "pads": [0, 1, 2, 1]}),
    Case("Conv", [PLANES, normal(4, 1, 3, 3)], {"group": 4, "pads": [1, 1, 1, 1]}),
    Case("Conv", [PLANES, normal(6, 4, 2, 3)], {"dilations": [2, 1], "auto_pad": "VALID"}),
    Case("Conv", [PLANES, normal(6, 4, 3, 3)], {"auto_pad": "SAME_UPPER", "strides": [2, 2]}),
    Case("Conv", [PLANES, normal(6, 4, 2, 2)], {"auto_pad": "SAME_LOWER"}),
    Case("Conv", [normal(2, 4, 9), normal(6, 2, 3)], {"group": 2, "pads": [1, 1]}),
    Case("BatchNormalization",
         [PLANES, positive(4), normal(4), normal(4) + 1, positive(4)], {"epsilon": 0.01}),
    Case("LayerNormalization", [X, normal(5), normal(5)], {"epsilon": 0.01}),
    Case("LayerNormalization", [X, normal(3, 5)], {"axis": 1}),
    Case("LpNormalization", [X], {"axis": 1, "p": 2}),
    Case("LpNormalization", [X], {"p": 1}),
    Case("Softmax", [X]),
    Case("Softmax", [X], {"axis": 1}),
    Case("GlobalAveragePool", [PLANES]),
    Case("AveragePool", [PLANES], {"kernel_shape": [3, 2], "strides": [2, 2]}),
    Case("AveragePool", [PLANES], {"kernel_shape": [3, 3], "pads": [0, 1, 2, 1]}),
    Case("AveragePool", [PLANES],
         {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "count_include_pad": 1}),
    Case("AveragePool", [PLANES], {"kernel_shape": [2, 2], "auto_pad": "SAME_UPPER"}),
    Case("AveragePool", [PLANES], {"kernel_shape": [2, 4], "strides": [2, 2], "ceil_mode": 1}),
    Case("MaxPool", [PLANES], {"kernel_shape": [3, 2], "strides": [2, 2], "pads": [0, 1, 2, 0]}),
    Case("MaxPool", [PLANES], {"kernel_shape": [2, 2], "dilations": [2, 2]}),
    Case("MaxPool", [PLANES], {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}),
    *(
        Case(kind, [X], {"axes": [0, -1], "keepdims": 0}, opset=17)
        for kind in ("ReduceMean", "ReduceL2")
    ),
    *(Case(kind, [X, wholes(1)]) for kind in ("ReduceSum",)),
    *(Case(kind, [X, wholes(1)], opset=18) for kind in ("ReduceMean", "ReduceL2")),
    Case("ReduceSum", [X]),
    Case("ReduceSum", [X], {"noop_with_empty_axes": 1}),
    Case("Concat", [normal(2, 3), normal(2, 4)], {"axis": -1}),
    Case("Expand", [normal(3, 1), wholes(2, 1, 4)]),
    Case("Expand", [normal(2, 3, 4), wholes(4)]),
    Case("Flatten", [X], {"axis": 2}),
    Case("Flatten", [X], {"axis": 0}),
    Case("Flatten", [X], {"axis": -1}),
    Case("Gather", [X, wholes(2, -1, 0)], {"axis": 1}),
    Case("Gather", [X, np.array(-2)], {"axis": -1}),
    Case("Gather", [wholes(7, 8, 9), np.array(1)]),
    Case("Gather", [X, np.array([[0, 1], [1, 1]])]),
    Case("Reshape", [X, wholes(0, -1)]),
    Case("Reshape", [normal(0, 3), wholes(3, 0)], {"allowzero": 1}),
    Case("Shape", [X], {"start": 1, "end": -1}),
    Case("Slice", [X, wholes(1), wholes(1000), wholes(2)]),
    Case("Slice", [X, wholes(0, -1), wholes(1, -6), wholes(0, 2), wholes(1, -2)]),
    Case("Slice", [X, wholes(-1, 3), wholes(9, 1)]),
    Case("Split", [normal(2, 7)], {"axis": 1, "num_outputs": 3}, outputs=3, opset=18),
    Case("Split", [normal(2, 6)], {"axis": 1}, outputs=3),
    Case("Split", [normal(2, 7), wholes(1, 4, 2)], {"axis": -1}, outputs=3),
    Case("Squeeze", [normal(1, 3, 1, 2), wholes(-2)]),
    Case("Squeeze", [normal(1, 3, 1, 2)]),
    Case("Transpose", [X], {"perm": [2, 0, 1]}),
    Case("Transpose", [X]),
    Case("Unsqueeze", [X, wholes(0, -1)]),
    Case("Unsqueeze", [X, wholes(3, 1)]),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_operator_gives_what_onnx_runtime_gives(case: Case) -> None:
    names = [f"in{place}" if x is not None else "" for place, x in enumerate(case.inputs)]
    given = {name: x for name, x in zip(names, case.inputs, strict=True) if x is not None}
    outputs = [f"out{place}" for place in range(case.outputs)]
    node = helper.make_node(case.kind, names, outputs)
    node.attribute.extend(helper.make_attribute(*pair) for pair in case.attributes.items())
    graph = helper.make_graph(
        [node],
        case.kind,
        [
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(x.dtype), x.shape)
            for name, x in given.items()
        ],
        [onnx.ValueInfoProto(name=name) for name in outputs],
    )
    versions = [helper.make_opsetid("", case.opset)]
    wanted = run(helper.make_model(graph, opset_imports=versions, ir_version=8), outputs, given)
    read = operation(node)
    inputs = [None if x is None else torch.tensor(x) for x in case.inputs]
    result = OPERATORS[read.kind](read.attributes, *inputs)
    made = [result] if isinstance(result, torch.Tensor) else list(result)
    assert len(made) == len(wanted)
    for ours, theirs in zip(made, wanted, strict=True):
        assert tuple(ours.shape) == theirs.shape
        assert ours.numpy().dtype == theirs.dtype
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-5, atol=1e-5)


def test_no_operator_of_the_table_is_left_out() -> None:
    assert {case.kind for case in CASES} == OPERATORS.keys()


def test_a_norm_in_training_mode_is_refused() -> None:
    ones = torch.ones(3)
    with pytest.raises(MismatchError, match="training mode"):
        batch_norm(Attributes({"training_mode": 1}), torch.ones(1, 3), ones, ones, ones, ones)


def test_pooling_over_other_than_two_axes_is_refused() -> None:
    with pytest.raises(MismatchError, match="over 1 axes"):
        average_pool(Attributes({"kernel_shape": (2,)}), torch.ones(1, 3, 4))


def test_an_operator_of_another_house_keeps_its_name() -> None:
    node = helper.make_node("Attention", ["x"], ["y"], domain="com.example")
    assert operation(node).kind == "com.example.Attention"


def test_attributes_of_other_kinds_fall_back_on_the_standard() -> None:
    at = Attributes({"axis": "up", "epsilon": "few", "auto_pad": 3, "pads": 1})
    assert (at.whole("axis", 2), at.number("epsilon", 0.5)) == (2, 0.5)
    assert (at.text("auto_pad", "NOTSET"), at.wholes("pads")) == ("NOTSET", ())
