from pathlib import Path

import numpy as np
import pytest
import torch

from learn.network.drawn_networks import PREPARE, SCALARS, Step, model_of, opened, transformer
from shoplens.errors import ConfigError, MismatchError
from shoplens.learn.network.graph import Network
from shoplens.learn.network.lora import add_lora
from shoplens.learn.network.tail import Tail

RNG = np.random.default_rng(7)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def changes_in(tail: Tail) -> list[torch.nn.Parameter]:
    """A and B of each matrix in turn: what can be trained."""
    return [each for each in tail.parameters() if each.requires_grad]


def test_a_change_begins_as_no_change(drawn: Network) -> None:
    x = torch.rand(2, 6, 8, 8)
    tail = Tail(drawn, "stem.relu6")
    before = tail(x).detach()
    add_lora(tail, 2, 4.0, seeded())
    torch.testing.assert_close(tail(x), before)


def test_only_the_change_is_trained(drawn: Network) -> None:
    tail = Tail(drawn, "stem.relu6")
    add_lora(tail, 2, 4.0, seeded())
    # A and B at rank 2 of the projection (6, 6), the head (12, 6) and the basis (5, 12).
    shapes = [(2, 6), (6, 2), (2, 6), (12, 2), (2, 12), (5, 2)]
    assert [tuple(each.shape) for each in changes_in(tail)] == shapes


@pytest.mark.parametrize("cut", ["stem.relu6", "block1"])
def test_merged_weights_are_those_of_the_formula(cut: str, drawn: Network, tmp_path: Path) -> None:
    """W + (alpha / rank) B A, turned where the graph keeps W as (in, out)."""
    turned = cut == "block1"
    network = opened(transformer(RNG), tmp_path) if turned else drawn
    tail = Tail(network, cut)
    base = tail.weights()
    add_lora(tail, 3, 6.0, seeded())
    pairs = iter(changes_in(tail))
    changes = dict(zip(tail.matrices(), zip(pairs, pairs, strict=True), strict=True))
    with torch.no_grad():
        for a, b in changes.values():
            a.normal_(generator=seeded(1))
            b.normal_(generator=seeded(2))
    merged = tail.weights()
    for name, array in base.items():
        if name not in changes:
            np.testing.assert_array_equal(merged[name], array)
            continue
        a, b = (each.detach().numpy() for each in changes[name])
        change = 2 * b @ a
        wanted = array + (change.T if turned else change).reshape(array.shape)
        np.testing.assert_allclose(merged[name], wanted, rtol=1e-5, atol=1e-5)


def test_a_tail_with_merged_weights_is_the_tail_with_its_change(drawn: Network) -> None:
    tail, plain = Tail(drawn, "stem.relu6"), Tail(drawn, "stem.relu6")
    add_lora(tail, 2, 4.0, seeded())
    for each in changes_in(tail):
        with torch.no_grad():
            each.normal_(0, 0.1, generator=seeded(3))
    with torch.no_grad():
        for name, array in tail.weights().items():
            plain.tensor(name).copy_(torch.tensor(array))
    x = torch.rand(2, 6, 8, 8)
    torch.testing.assert_close(tail(x), plain(x))


def test_a_gradient_reaches_the_change_and_not_the_base(drawn: Network) -> None:
    tail = Tail(drawn, "project.sum")
    add_lora(tail, 2, 4.0, seeded())
    (tail(torch.rand(2, 6, 8, 8)) * torch.rand(2, 5)).sum().backward()
    a, b, *_ = changes_in(tail)
    assert b.grad is not None
    assert b.grad.abs().max() > 0
    assert a.grad is not None
    assert not a.grad.any()  # B is 0 still
    assert all(p.grad is None for p in tail.parameters() if not p.requires_grad)


def test_the_same_seed_gives_the_same_change(drawn: Network) -> None:
    def reads(seed: int) -> torch.Tensor:
        tail = Tail(drawn, "average")
        add_lora(tail, 2, 4.0, seeded(seed))
        return changes_in(tail)[0]

    first, same, other = map(reads, (1, 1, 2))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_a_tail_without_a_matrix_is_refused(drawn: Network) -> None:
    with pytest.raises(MismatchError, match="no matrix after the cut 'flat'"):
        add_lora(Tail(drawn, "flat"), 2, 4.0, seeded())


def test_a_rank_of_nothing_is_refused(drawn: Network) -> None:
    with pytest.raises(ConfigError, match="rank 0"):
        add_lora(Tail(drawn, "average"), 0, 4.0, seeded())


def test_a_second_change_beside_the_first_is_refused(drawn: Network) -> None:
    tail = Tail(drawn, "average")
    add_lora(tail, 2, 4.0, seeded())
    with pytest.raises(MismatchError, match="has a change already"):
        add_lora(tail, 2, 4.0, seeded())


@pytest.mark.parametrize("turned", [0, 1])
def test_a_gemm_is_turned_as_it_says(turned: int, tmp_path: Path) -> None:
    steps: list[Step] = [
        *PREPARE,
        ("GlobalAveragePool", ["normalised"], "average", {}),
        ("Flatten", ["average"], "row", {}),
        ("Gemm", ["row", "weight", "bias"], "flat", {"transB": turned}),
        ("LpNormalization", ["flat"], "embedding", {"axis": 1}),
        ("Unsqueeze", ["embedding", "axes"], "map", {}),
    ]
    constants = {
        **SCALARS,
        "weight": RNG.normal(size=(4, 3) if turned else (3, 4)).astype(np.float32),
        "bias": RNG.normal(size=4).astype(np.float32),
        "axes": np.array([1, 2]),
    }
    model = model_of(steps, constants, {"embedding": ["n", 4], "map": ["n", 1, 1, 4]})
    tail = Tail(opened(model, tmp_path), "average")
    add_lora(tail, 1, 1.0, seeded())
    a, b = changes_in(tail)
    assert (tuple(a.shape), tuple(b.shape)) == ((1, 3), (4, 1))
