from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from learn.network.drawn_networks import convolutional, opened, pictures, run
from learn.toys import unit
from shoplens.errors import MismatchError
from shoplens.learn.network.graph import Network, cuts
from shoplens.learn.views.trunk import Trunk


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    return opened(convolutional(np.random.default_rng(1)), tmp_path_factory.mktemp("drawn"))


def test_what_comes_before_the_end_is_the_embedding_but_for_its_length(network: Network) -> None:
    squares = pictures(np.random.default_rng(0))
    trunk = Trunk(network, network.pooled)
    rows = np.stack([trunk(square) for square in squares])
    assert rows.dtype == np.float32
    wanted = run(network.model, ["embedding"], {"pixels": np.stack(squares)})[0]
    np.testing.assert_allclose(unit(rows), wanted, atol=1e-5)


@pytest.mark.parametrize("place", [0, 1, -2])
def test_many_threads_get_what_one_gets(place: int, network: Network) -> None:
    trunk = Trunk(network, cuts(network)[place])
    squares = pictures(np.random.default_rng(2), 40)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(trunk, squares))
    for one, square in zip(made, squares, strict=True):
        np.testing.assert_array_equal(one, trunk(square))


def test_a_cut_that_is_none_is_told(network: Network) -> None:
    with pytest.raises(MismatchError, match="nowhere"):
        Trunk(network, "nowhere")
