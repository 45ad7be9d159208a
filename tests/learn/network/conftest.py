from collections.abc import Iterator

import numpy as np
import pytest
import torch

from learn.network.drawn_networks import convolutional, opened
from shoplens.learn.network.graph import Network


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Waiting threads spin, and these networks are too small to share."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """A network of the bundled kind."""
    return opened(convolutional(np.random.default_rng(1)), tmp_path_factory.mktemp("drawn"))
