"""Every architecture is drawn and added once for all tests here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import tiny_hub
from shoplens.encode.added.manifest import Manifest
from shoplens.encode.hub.adding import AddRequest, add

WRITERS: Mapping[str, Callable[[Path], Path]] = {
    "clip": tiny_hub.write_clip,
    "siglip": tiny_hub.write_siglip,
    "siglip2": lambda folder: tiny_hub.write_siglip(folder, gemma=True),
    "chinese-clip": tiny_hub.write_chinese_clip,
    "metaclip-2": tiny_hub.write_metaclip_2,
    "dinov2": tiny_hub.write_dinov2,
    "dinov3": tiny_hub.write_dinov3,
    "open-clip": tiny_hub.write_open_clip,
    "open-siglip": tiny_hub.write_open_siglip,
    "mobileclip": tiny_hub.write_mobileclip,
    "jina": tiny_hub.write_jina,
}


@dataclass(frozen=True, slots=True)
class Made:
    """A checkpoint, and what ``add`` made of it in ``models``."""

    checkpoint: Path
    models: Path
    manifests: tuple[Manifest, ...]


def silent(step: str, done: int, total: int) -> None:
    """Tell nobody."""


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return tiny_hub.write_images(tmp_path_factory.mktemp("images"))


@pytest.fixture(scope="session")
def made(
    tmp_path_factory: pytest.TempPathFactory, images: tuple[Path, ...]
) -> Callable[[str], Made]:
    """Give what was made of an architecture, by its name in ``WRITERS``."""
    root = tmp_path_factory.mktemp("hub")

    @cache
    def make(name: str) -> Made:
        folder = WRITERS[name](root / name)
        request = AddRequest(str(folder), name=name, pictures=images)
        return Made(folder, root / "models", add(request, root / "models", silent))

    return make
