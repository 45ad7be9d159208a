"""Models as a training leaves them, made in a moment; and what tests of them ask."""

import json
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from shoplens.catalogue.catalogue import open_catalogue
from shoplens.catalogue.journal.models import Model
from shoplens.config import Settings
from shoplens.encode.base import open_encoder
from shoplens.encode.bundled import RESIZE_RULE
from shoplens.encode.trained.opening import open_trained
from shoplens.engine import Engine
from shoplens.types import Query
from tiny_onnx import TinyHead, TinyModel

MADE = datetime(2026, 5, 1, tzinfo=UTC)
CARD = {
    "summary": "better on photos, not worse on new products",
    "seen": {"metric": "R@1", "before": 0.31, "after": 0.62, "low": 0.2, "high": 0.41},
    "unseen": {"metric": "R@1", "before": 0.33, "after": 0.34, "low": -0.02, "high": 0.05},
}
PATIENCE_S = 90.0


def add_head(settings: Settings, name: str, *, safe: bool = True, reason: str = "") -> Path:
    """Add a head on the encoder of the settings: another name, another head."""
    base = open_encoder(settings.encoder).picture
    rng = np.random.default_rng(sum(name.encode()))
    weight = rng.normal(size=(base.dim, 6)).astype(np.float32)
    folder = settings.data / "models" / name
    path = TinyHead(weight, base.fingerprint, blend=0.3).write(folder)
    register(settings, name, safe=safe, reason=reason)
    return path


def add_network(settings: Settings, name: str) -> Path:
    """Add a whole network, for which every picture must be encoded again."""
    rng = np.random.default_rng(sum(name.encode()))
    folder = settings.data / "models" / name
    folder.mkdir(parents=True)
    weight = rng.normal(size=(3, 4)).astype(np.float32)
    path = TinyModel(weight=weight, resize=RESIZE_RULE).write(folder / "encoder.onnx")
    register(settings, name)
    return path


def register(settings: Settings, name: str, *, safe: bool = True, reason: str = "") -> None:
    """Put a model that has files into the registry."""
    base = open_encoder(settings.encoder)
    tower = open_trained(settings.data / "models" / name, name, base).picture
    recipe, card = name.rpartition("-")[0], json.dumps(CARD)
    made = Model(name, recipe, settings.encoder, tower.fingerprint, MADE, safe, reason, card)
    with closing(open_catalogue(settings.database_url)) as catalogue:
        catalogue.models.add(made)


def first(engine: Engine, photo: bytes) -> str:
    """Name the product that a photo finds first; empty if nothing is found."""
    answer = engine.search(Query(picture=engine.picture(photo), k=1))
    return answer.shown[0].product.product_id if answer.shown else ""


def soon(happened: Callable[[], bool], what: str) -> None:
    """Wait until something has happened, but not for ever."""
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, f"it never happened: {what}"
        time.sleep(0.005)
