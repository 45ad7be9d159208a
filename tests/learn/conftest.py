import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from learn.toys import Drawn, draw, index
from shoplens.config import Settings, read_settings
from shoplens.learn.shop import Shop, open_shop


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Waiting threads spin, and what is trained here is too small to share."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@dataclass(frozen=True, slots=True)
class Taught:
    """A drawn shop that is indexed, in a folder of the test's own."""

    drawn: Drawn
    settings: Settings

    @contextmanager
    def open(self) -> Generator[Shop]:
        with open_shop(self.settings) as shop:
            yield shop

    @property
    def models(self) -> Path:
        return self.settings.data / "models"


def settings_in(folder: Path, encoder: str = "colour") -> Settings:
    told = {"data": folder, "encoder": encoder, "store": "exact"}
    return read_settings({**told, "index": {"threads": 2, "batch": 16}})


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Taught:
    """Twelve products of four kinds with five photos each."""
    folder = tmp_path_factory.mktemp("taught")
    drawn, settings = draw(folder / "shop"), settings_in(folder / "data")
    index(drawn, settings)
    return Taught(drawn, settings)


@pytest.fixture
def taught(indexed: Taught, tmp_path: Path) -> Taught:
    """The same shop; nothing of what a test does to it is seen by another one."""
    shutil.copytree(indexed.settings.data, tmp_path / "data")
    table = shutil.copytree(indexed.drawn.folder, tmp_path / "shop")
    drawn = Drawn(table, indexed.drawn.products)
    return Taught(drawn, settings_in(tmp_path / "data"))


Teach = Callable[..., Taught]


@pytest.fixture
def teach(tmp_path: Path) -> Teach:
    """Draw and index a shop as the test wants it."""

    def make(**told: int) -> Taught:
        drawn, settings = draw(tmp_path / "own", **told), settings_in(tmp_path / "own-data")
        index(drawn, settings)
        return Taught(drawn, settings)

    return make
