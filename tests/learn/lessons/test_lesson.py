import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from learn.toys import plain
from shoplens.learn.lessons import lesson as module
from shoplens.learn.lessons.lesson import unit, unit_rows

CPU = torch.device("cpu")


class Noisy(nn.Module):
    """Says in training something else than later."""

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return unit(rows + torch.rand_like(rows) * self.training)


@settings(max_examples=20, deadline=None)
@given(n=st.integers(0, 12), seed=st.integers(0, 99))
def test_rows_come_in_order_whatever_the_portions(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(12, 3)).astype(np.float32)
    places = rng.permutation(12)[:n]
    made = unit_rows(Noisy().train(), plain(rows), places, CPU)
    assert len(made) == n
    if n:
        wanted = rows[places] / np.linalg.norm(rows[places], axis=1, keepdims=True)
        np.testing.assert_allclose(made, wanted, atol=1e-6)


def test_very_many_rows_are_run_in_portions() -> None:
    rows = np.random.default_rng(0).normal(size=(module.AT_ONCE * 2 + 3, 2)).astype(np.float32)
    made = unit_rows(Noisy(), plain(rows), np.arange(len(rows)), CPU)
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    assert len(made) == len(rows)


def test_a_row_of_nothing_stays_nothing() -> None:
    assert torch.equal(unit(torch.zeros(1, 3)), torch.zeros(1, 3))
