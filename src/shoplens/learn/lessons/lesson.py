"""What every kind of training has: a model to make, rows to show it, a folder to write it to."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor, nn
from torch.nn import functional

from shoplens.learn.views.bank import Bank, Places
from shoplens.types import Embeddings

AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Lesson:
    """``make`` gives a fresh model whose output is unit rows; ``write`` puts it into a folder.

    ``rows`` (n, d) are the embeddings of the encoder as it was. ``targets`` (n, t), where there
    are any, are what each picture should come to; a picture without one has no length.
    """

    make: Callable[[], nn.Module]
    write: Callable[[nn.Module, Path, str], None]
    bank: Bank
    rows: Embeddings
    dim: int
    targets: Float32[np.ndarray, "n t"] | None = None


def unit_rows(model: nn.Module, bank: Bank, places: Places, device: torch.device) -> Embeddings:
    """Run the model on pictures as they are, in portions."""
    model.eval()
    made: list[np.ndarray] = []
    with torch.no_grad():
        for start in range(0, len(places), AT_ONCE):
            some = torch.as_tensor(bank.plain(places[start : start + AT_ONCE]), device=device)
            made.append(model(some).float().cpu().numpy())
    return np.concatenate(made) if made else np.zeros((0, 1), np.float32)


def unit(rows: Tensor) -> Tensor:
    """Bring rows to unit length."""
    return functional.normalize(rows, dim=1)
