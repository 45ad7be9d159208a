from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from learn.toys import HEAD, head_on, material, plain
from shoplens.encode.colour import open_colour
from shoplens.encode.trained.headed import OnnxHead, headed
from shoplens.encode.trained.opening import open_trained
from shoplens.learn.lessons.head import FILE, Perceptron, head_lesson, head_of
from shoplens.learn.lessons.lesson import unit_rows


def model(seed: int = 0, read: int = 24) -> Perceptron:
    torch.default_generator.manual_seed(seed)
    return Perceptron(replace(HEAD, hidden=32, dropout=0.5), read, 8)


def test_its_output_has_unit_length_and_is_dropped_out_in_training_alone() -> None:
    made, rows = model(), torch.randn(5, 24)
    trained = [made.train()(rows) for _ in range(2)]
    assert not torch.equal(*trained)
    judged = [made.eval()(rows) for _ in range(2)]
    assert torch.equal(*judged)
    for some in (*trained, *judged):
        torch.testing.assert_close(some.norm(dim=1), torch.ones(5))


def test_what_was_trained_is_what_serves(tmp_path: Path) -> None:
    """The file joins what was there with what the model makes, by the blend of the recipe."""
    colour = open_colour()
    rows = np.random.default_rng(0).normal(size=(9, colour.picture.dim)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    recipe = replace(HEAD, blend=0.3)
    lesson = head_lesson(recipe, plain(rows), rows, colour.picture.fingerprint)
    made = lesson.make()
    lesson.write(made, tmp_path, "head-7")
    assert OnnxHead(tmp_path / FILE).about.name == "head-7"
    tower = headed(colour.picture, OnnxHead(tmp_path / FILE))
    assert tower.dim == colour.picture.dim + lesson.dim
    trained = unit_rows(made, plain(rows), np.arange(9), torch.device("cpu"))
    wanted = np.concatenate([rows * 0.7**0.5, trained * 0.3**0.5], axis=1)
    np.testing.assert_allclose(tower.derive(rows), wanted, atol=1e-5)
    assert open_trained(tmp_path, "head-7", colour).picture.fingerprint == tower.fingerprint


def test_weights_are_copied_out_of_torch() -> None:
    made = model()
    head = head_of(made)
    before = head.weight1.copy()
    with torch.no_grad():
        for weight in made.parameters():
            weight.zero_()
    np.testing.assert_array_equal(head.weight1, before)
    assert head.weight2.shape == (8, 32)


def test_a_lesson_makes_a_fresh_model_each_time() -> None:
    lesson = head_on(material(3, 2))
    first, again = lesson.make(), lesson.make()
    assert first is not again
    torch.default_generator.manual_seed(3)
    one = lesson.make().state_dict()
    torch.default_generator.manual_seed(3)
    other = lesson.make().state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)
