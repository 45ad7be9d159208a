import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from learn.network.drawn_networks import opened, pictures, run, transformer
from shoplens.errors import MismatchError
from shoplens.learn.network.graft import Part, graft
from shoplens.learn.network.graph import Network, cuts, trunk
from shoplens.learn.network.tail import Tail

RNG = np.random.default_rng(9)
HALVES = [Part("frozen", 0.5, "frozen"), Part("tuned", 0.5, "tuned")]
TUNED = [Part("tuned", 1.0, "tuned")]


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def changed(network: Network, cut: str, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        name: (array + rng.normal(0, 0.1, array.shape)).astype(np.float32)
        for name, array in Tail(network, cut).weights().items()
    }


def embedded(network: Network, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    made = run(network.model, ["embedding", "map"], {"pixels": pixels})
    return made[0], made[1]


def trained(
    network: Network, cut: str, weights: dict[str, np.ndarray], pixels: np.ndarray
) -> np.ndarray:
    """Pooled values by torch: the oracle of what stands in the graph."""
    tail = Tail(network, cut)
    with torch.no_grad():
        for name, array in weights.items():
            tail.tensor(name).copy_(torch.tensor(array))
        (x,) = run(trunk(network, cut), [tail.cut], {"pixels": pixels})
        return tail(torch.tensor(x)).numpy()


def assert_map_means_embedding(rows: np.ndarray, cells: np.ndarray) -> None:
    np.testing.assert_allclose(cells.mean(axis=(1, 2)), rows, atol=1e-5)


@pytest.mark.parametrize("cut", ["pixels", "project.sum", "average", "flat"])
def test_unchanged_weights_give_the_same_half_twice(cut: str, drawn: Network) -> None:
    pixels = np.stack(pictures(RNG))
    frozen, _ = embedded(drawn, pixels)
    grafted = graft(drawn, cut, Tail(drawn, cut).weights(), HALVES)
    rows, cells = embedded(grafted, pixels)
    np.testing.assert_allclose(rows, np.hstack([frozen, frozen]) * 0.5**0.5, atol=1e-6)
    assert_map_means_embedding(rows, cells)


def test_what_did_not_change_is_computed_once(drawn: Network) -> None:
    same = graft(drawn, "pixels", Tail(drawn, "pixels").weights(), HALVES)
    only_last = {"basis": changed(drawn, "average")["basis"]}
    last = graft(drawn, "pixels", only_last, HALVES)

    def convolutions(network: Network) -> int:
        return sum(node.op_type == "Conv" for node in network.nodes)

    assert convolutions(same) == convolutions(drawn)
    assert convolutions(last) == convolutions(drawn) + 2  # pooled, and the map


@settings(max_examples=25, deadline=None)
@given(data=st.data(), share=st.floats(0.05, 0.95), seed=st.integers(0, 99))
def test_parts_are_the_frozen_and_the_tuned_embedding(
    data: st.DataObject, share: float, seed: int, drawn: Network
) -> None:
    cut = data.draw(st.sampled_from(cuts(drawn)[:-1]))
    weights = changed(drawn, cut, seed)
    pixels = np.stack(pictures(np.random.default_rng(seed)))
    parts = [Part("frozen", 1 - share, "frozen"), Part("tuned", share, "tuned")]
    rows, cells = embedded(graft(drawn, cut, weights, parts), pixels)
    frozen, _ = embedded(drawn, pixels)
    np.testing.assert_allclose(rows[:, :5], frozen * (1 - share) ** 0.5, atol=1e-5)
    tuned = unit(trained(drawn, cut, weights, pixels))
    np.testing.assert_allclose(rows[:, 5:], tuned * share**0.5, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert_map_means_embedding(rows, cells)


def test_the_tuned_part_alone_leaves_the_frozen_nodes_out(drawn: Network) -> None:
    weights = changed(drawn, "pixels")
    grafted = graft(drawn, "pixels", weights, TUNED)
    pixels = np.stack(pictures(RNG))
    rows, cells = embedded(grafted, pixels)
    wanted = unit(trained(drawn, "pixels", weights, pixels))
    np.testing.assert_allclose(rows, wanted, atol=1e-5)
    assert_map_means_embedding(rows, cells)
    assert not weights.keys() & grafted.constants.keys()
    kinds = [node.op_type for node in grafted.nodes]
    assert kinds.count("Conv") == [node.op_type for node in drawn.nodes].count("Conv")


def test_three_parts_are_told_in_order(drawn: Network) -> None:
    shares = {"frozen": 0.4, "tuned": 0.35, "more": 0.25}
    parts = [
        Part(name, share, "frozen" if name == "frozen" else "tuned")
        for name, share in shares.items()
    ]
    grafted = graft(drawn, "average", changed(drawn, "average"), parts)
    assert json.loads(grafted.metadata["parts"]) == [
        {"name": "frozen", "start": 0, "end": 5, "share": 0.4},
        {"name": "tuned", "start": 5, "end": 10, "share": 0.35},
        {"name": "more", "start": 10, "end": 15, "share": 0.25},
    ]
    assert (grafted.dim, grafted.metadata["dim"]) == (15, "15")
    rows, cells = embedded(grafted, np.stack(pictures(RNG)))
    for place, share in enumerate(shares.values()):
        lengths = np.linalg.norm(rows[:, 5 * place : 5 * place + 5], axis=1)
        np.testing.assert_allclose(lengths, share**0.5, atol=1e-5)
    assert_map_means_embedding(rows, cells)


def test_a_grafted_network_can_be_trained_again(drawn: Network) -> None:
    first = graft(drawn, "average", changed(drawn, "average"), HALVES)
    assert "project.sum" in cuts(first)
    weights = changed(first, "project.sum", seed=2)
    assert {"tuned.basis", "basis", "head.weight"} <= weights.keys()
    again = graft(first, "project.sum", weights, HALVES)
    pixels = np.stack(pictures(RNG))
    rows, cells = embedded(again, pixels)
    once, _ = embedded(first, pixels)
    twice = unit(trained(first, "project.sum", weights, pixels))
    np.testing.assert_allclose(rows, np.hstack([once, twice]) * 0.5**0.5, atol=1e-5)
    assert_map_means_embedding(rows, cells)


@pytest.mark.parametrize("repeats", [True, False])
def test_a_map_that_cannot_follow_repeats_the_embedding(
    repeats: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    network = opened(transformer(np.random.default_rng(3), repeats=repeats), tmp_path)
    grafted = graft(network, "block1", changed(network, "block1"), TUNED)
    rows, cells = embedded(grafted, np.stack(pictures(RNG)))
    assert cells.shape == (3, 4, 4, 6)
    np.testing.assert_allclose(cells, np.broadcast_to(rows[:, None, None], cells.shape), atol=1e-5)
    # Its sides are known: nothing frozen behind the cut is computed for them.
    assert "block2" not in {name for node in grafted.nodes for name in node.output}


def test_the_same_training_gives_the_same_network(drawn: Network) -> None:
    one, same, other = (
        graft(drawn, "average", changed(drawn, "average", seed), HALVES) for seed in (1, 1, 2)
    )
    assert one.content_hash == same.content_hash != other.content_hash


def test_weights_that_are_not_of_the_tail_are_refused(drawn: Network) -> None:
    for name in ("stem.weight", "nothing", "normalised"):
        with pytest.raises(MismatchError, match=f"no weight '{name}' after the cut 'average'"):
            graft(drawn, "average", {name: np.zeros(3, np.float32)}, HALVES)
    with pytest.raises(MismatchError, match=r"'offset' has the shape \(4,\); wanted is \(5,\)"):
        graft(drawn, "average", {"offset": np.zeros(4, np.float32)}, HALVES)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([], "sum to 0"),
        ([Part("a", 0.5, "frozen")], "sum to 0.5"),
        ([Part("a", 1.5, "frozen"), Part("b", -0.5, "tuned")], "shares above 0"),
        ([Part("a", 0.5, "frozen"), Part("a", 0.5, "tuned")], "same name"),
    ],
)
def test_parts_that_do_not_fit_are_refused(parts: list[Part], message: str, drawn: Network) -> None:
    with pytest.raises(MismatchError, match=message):
        graft(drawn, "average", {}, parts)
