from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from learn.network.drawn_networks import convolutional, opened, pictures
from learn.toys import HEAD, plain
from shoplens.encode.onnx import OnnxNetwork
from shoplens.errors import MismatchError
from shoplens.learn.lessons.lesson import Lesson, unit_rows
from shoplens.learn.lessons.tail import ALL, FILE, cut_of, parts_of, tail_lesson
from shoplens.learn.network.graph import Network
from shoplens.learn.recipe import Recipe
from shoplens.learn.views.bank import Bank
from shoplens.learn.views.trunk import Trunk

RECIPE = replace(HEAD, kind="tail", blocks=1, dropout=0.5)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    return opened(convolutional(np.random.default_rng(1)), tmp_path_factory.mktemp("drawn"))


def lesson_on(network: Network, recipe: Recipe) -> tuple[Lesson, Bank]:
    trunk = Trunk(network, cut_of(network, recipe))
    shown = np.stack([trunk(square) for square in pictures(np.random.default_rng(0), 6)])
    bank = plain(shown)
    rows = np.ones((6, network.dim), np.float32)
    return tail_lesson(recipe, network, bank, rows, {"licence": "Apache-2.0"}), bank


def test_blocks_are_counted_from_the_end_and_none_means_all(network: Network) -> None:
    assert cut_of(network, replace(RECIPE, blocks=0)) == ALL
    last = cut_of(network, RECIPE)
    node = next(one for one in network.nodes if last in one.output)
    assert node.op_type == "Add", "a block ends where a residual is added"
    with pytest.raises(MismatchError, match=r"the last 99 blocks, the network has (\d+); --set"):
        cut_of(network, replace(RECIPE, blocks=99))


@pytest.mark.parametrize("changes", [{"blocks": 0}, {"blocks": 1}, {"lora_rank": 2}])
def test_before_it_is_trained_it_sees_as_the_network_does(
    changes: dict[str, int], network: Network, tmp_path: Path
) -> None:
    recipe = replace(RECIPE, **changes)
    lesson, bank = lesson_on(network, recipe)
    model = lesson.make()
    rows = unit_rows(model, bank, np.arange(6), torch.device("cpu"))
    lesson.write(model, tmp_path, "tail-1")
    made = OnnxNetwork(tmp_path / FILE).embed(pictures(np.random.default_rng(0), 6))
    wide = network.dim
    np.testing.assert_allclose(made[:, :wide], rows * 0.5**0.5, atol=2e-3)
    np.testing.assert_allclose(made[:, wide:], rows * 0.5**0.5, atol=2e-3)


def test_in_training_its_output_is_dropped_out_and_of_unit_length(network: Network) -> None:
    lesson, bank = lesson_on(network, replace(RECIPE, dropout=0.2))
    torch.default_generator.manual_seed(0)
    model = lesson.make().train()
    inputs = torch.as_tensor(bank.plain(np.arange(6)))
    made = [model(inputs).detach() for _ in range(2)]
    assert not torch.equal(*made)
    torch.testing.assert_close(made[0].norm(dim=1), torch.ones(6))


def test_small_matrices_are_all_that_a_lora_trains(network: Network) -> None:
    def trained(recipe: Recipe) -> int:
        model = lesson_on(network, recipe)[0].make()
        return sum(p.numel() for p in model.parameters() if p.requires_grad)

    assert 0 < trained(replace(RECIPE, lora_rank=1)) < trained(RECIPE)


def test_one_seed_makes_one_lora(network: Network) -> None:
    lesson, _ = lesson_on(network, replace(RECIPE, lora_rank=2))
    one, other = lesson.make().state_dict(), lesson.make().state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_the_embedding_is_shared_as_the_recipe_says() -> None:
    assert [(p.share, p.kind) for p in parts_of(replace(RECIPE, blend=0.25))] == [
        (0.75, "frozen"),
        (0.25, "tuned"),
    ]
    assert [p.share for p in parts_of(replace(RECIPE, blend=1.0))] == [1.0]
