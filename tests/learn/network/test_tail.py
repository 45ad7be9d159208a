import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from learn.network.drawn_networks import (
    PREPARE,
    SCALARS,
    Step,
    model_of,
    opened,
    pictures,
    run,
    transformer,
)
from shoplens.errors import MismatchError
from shoplens.learn.network.graph import Network, trunk
from shoplens.learn.network.tail import Tail

RNG = np.random.default_rng(6)


def test_the_tail_at_the_end_gives_back_what_it_gets(drawn: Network) -> None:
    rows = torch.rand(3, 5)
    tail = Tail(drawn, "flat")
    assert tail(rows) is rows
    assert list(tail.parameters()) == []
    assert tail.weights() == {}


def test_weights_have_the_names_and_the_values_of_the_graph(drawn: Network) -> None:
    held = Tail(drawn, "project.sum").weights()
    assert held.keys() == {"head.weight", "head.bias", "basis", "offset"}
    for name, array in held.items():
        np.testing.assert_array_equal(array, drawn.constants[name])


def test_parameters_are_called_after_the_graph_without_dots(drawn: Network) -> None:
    names = [name for name, _ in Tail(drawn, "project.sum").named_parameters()]
    assert [re.sub(r"^\d+:", "", name) for name in names] == [
        "basis", "head/bias", "offset", "head/weight",
    ]  # fmt: skip


def test_scalars_are_not_trained(drawn: Network) -> None:
    buffers = [name for name, _ in Tail(drawn, "project.sum").named_buffers()]
    assert sorted(re.sub(r"^\d+:", "", name) for name in buffers) == ["six", "zero"]


def test_a_gradient_reaches_every_weight_and_what_came_in(drawn: Network) -> None:
    tail = Tail(drawn, "stem.relu6")
    x = torch.rand(4, 6, 8, 8, requires_grad=True)
    (tail(x) * torch.rand(4, 5)).sum().backward()
    for name, parameter in tail.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name
    assert x.grad is not None


def test_a_transformer_learns(tmp_path: Path) -> None:
    network = opened(transformer(RNG), tmp_path)
    tail = Tail(network, "block1")
    (x,) = run(trunk(network, "block1"), ["block1"], {"pixels": np.stack(pictures(RNG, 8))})
    wanted = torch.tensor(RNG.normal(size=(8, 6)).astype(np.float32))
    steps = torch.optim.Adam(tail.parameters(), 1e-2)
    losses: list[float] = []
    for _ in range(30):
        loss = nn.functional.mse_loss(tail(torch.tensor(x)), wanted)
        steps.zero_grad()
        loss.backward()  # pyright: ignore[reportUnknownMemberType]  # torch leaves it untyped
        steps.step()  # pyright: ignore[reportUnknownMemberType]
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2


def test_the_network_keeps_its_weights_while_the_tail_changes(drawn: Network) -> None:
    before = drawn.constants["basis"].copy()
    tail = Tail(drawn, "average")
    with torch.no_grad():
        for parameter in tail.parameters():
            parameter.zero_()
    np.testing.assert_array_equal(drawn.constants["basis"], before)
    assert not tail.weights()["basis"].any()


def test_weights_are_a_copy(drawn: Network) -> None:
    tail = Tail(drawn, "average")
    tail.weights()["offset"][:] = 7
    np.testing.assert_array_equal(tail.weights()["offset"], drawn.constants["offset"])


def test_statistics_and_masks_are_not_trained(tmp_path: Path) -> None:
    """A mask that is trained, or decays, lets through what it should hide."""
    mask = np.array([0, -np.inf, np.finfo(np.float32).min], np.float32)
    steps: list[Step] = [
        *PREPARE,
        ("Conv", ["normalised", "kernel"], "stem", {}),
        ("BatchNormalization", ["stem", "scale", "bias", "mean", "variance"], "normed", {}),
        ("Transpose", ["normed"], "cells", {"perm": [0, 2, 3, 1]}),
        ("Add", ["cells", "mask"], "masked", {}),
        ("Softmax", ["masked"], "map", {}),
        ("ReduceMean", ["map"], "flat", {"axes": [1, 2], "keepdims": 0}),
        ("LpNormalization", ["flat"], "embedding", {"axis": 1}),
    ]
    constants = {
        **SCALARS,
        "kernel": RNG.normal(size=(3, 3, 1, 1)).astype(np.float32),
        **{name: RNG.uniform(0.5, 1, 3).astype(np.float32) for name in ("scale", "bias")},
        **{name: RNG.uniform(0.5, 1, 3).astype(np.float32) for name in ("mean", "variance")},
        "mask": mask,
    }
    model = model_of(steps, constants, {"embedding": ["n", 3], "map": ["n", 16, 16, 3]})
    tail = Tail(opened(model, tmp_path), "pixels")
    assert tail.weights().keys() == {"kernel"}
    assert not torch.isnan(tail(torch.rand(1, 3, 16, 16))).any()


def test_an_operator_that_is_unknown_is_named_with_its_node_and_the_cut(tmp_path: Path) -> None:
    steps: list[Step] = [
        *PREPARE,
        ("Selu", ["normalised"], "bent", {}),
        ("GlobalAveragePool", ["bent"], "average", {}),
        ("Flatten", ["average"], "flat", {}),
        ("LpNormalization", ["flat"], "embedding", {"axis": 1}),
        ("Transpose", ["bent"], "map", {"perm": [0, 2, 3, 1]}),
    ]
    model = model_of(steps, SCALARS, {"embedding": ["n", 3], "map": ["n", 16, 16, 3]})
    network = opened(model, tmp_path)
    with pytest.raises(MismatchError, match=r"node 'bent' after the cut 'pixels' is a Selu"):
        Tail(network, "pixels")
    assert Tail(network, "bent").weights() == {}


def test_matrices_are_found_with_the_axis_of_what_they_write(
    drawn: Network, tmp_path: Path
) -> None:
    assert Tail(drawn, "stem.relu6").matrices() == {
        "project.weight": 0, "head.weight": 0, "basis": 0,
    }  # fmt: skip
    assert Tail(opened(transformer(RNG), tmp_path), "block1").matrices() == {
        "block2.qkv": 1, "block2.up": 1, "block2.down": 1, "projection": 1,
    }  # fmt: skip
