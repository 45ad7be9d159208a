"""What this machine has and lacks: one check a function, each telling what to do."""

import os
import platform
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import features

from shoplens.catalogue.catalogue import open_catalogue
from shoplens.config import Settings
from shoplens.database.owner import owner_of
from shoplens.encode.added.manifest import FILE as MANIFEST
from shoplens.encode.added.manifest import read_manifest, verify_files
from shoplens.encode.base import OnProvider
from shoplens.encode.opening import FOLDER, encoder_of
from shoplens.encode.runtime.session import available
from shoplens.errors import MismatchError, ShoplensError
from shoplens.store.base import Dims, open_store

EXTRAS = {
    "parquet": "pyarrow",
    "postgres": "psycopg",
    "learn": "optuna",
    "hub": "transformers",
    "models": "tokenizers",
}
ENOUGH_DISK_GB = 2.0
RUNS = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: ``bad`` must be mended, ``note`` is good to know."""

    subject: str
    state: Literal["good", "note", "bad"]
    told: str


def examine(settings: Settings) -> list[Finding]:
    """Look at everything; a check that fails is a finding, not an end."""
    checks: list[Callable[[Settings], list[Finding]]] = [
        _machine,
        _pictures,
        _disk,
        _database,
        _encoder,
        _models,
        _store,
        _owner,
        _extras,
    ]
    return [finding for check in checks for finding in _guarded(check, settings)]


def _guarded(check: Callable[[Settings], list[Finding]], settings: Settings) -> list[Finding]:
    try:
        return check(settings)
    except (ShoplensError, OSError) as error:
        return [Finding(check.__name__.strip("_"), "bad", str(error))]


def _machine(settings: Settings) -> list[Finding]:
    del settings
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    python = f"Python {platform.python_version()}, {sys.platform} {platform.machine()}"
    version = metadata.version("shoplens")
    return [Finding("shoplens", "good", f"{version}, {python}, {cores} cores")]


def _pictures(settings: Settings) -> list[Finding]:
    del settings
    lacking = [
        name for name in ("jpg", "zlib", "webp", "avif", "libtiff") if not features.check(name)
    ]
    if lacking:
        told = f"Pillow was built without {', '.join(lacking)}: such images will be refused"
        return [Finding("image formats", "note", told)]
    return [Finding("image formats", "good", "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF")]


def _disk(settings: Settings) -> list[Finding]:
    folder = settings.data.absolute()
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    free_gb = shutil.disk_usage(existing).free / 1e9
    if not os.access(existing, os.W_OK):
        told = f"{existing} cannot be written; name another folder with --data"
        return [Finding("data folder", "bad", told)]
    state = "good" if free_gb > ENOUGH_DISK_GB else "note"
    return [Finding("data folder", state, f"{folder}, {free_gb:.1f} GB free")]


def _database(settings: Settings) -> list[Finding]:
    if not settings.database and not (settings.data / "catalogue.db").exists():
        told = f"SQLite {sqlite3.sqlite_version}; nothing is indexed yet"
        return [Finding("database", "good", told)]
    catalogue = open_catalogue(settings.database_url)
    try:
        products = sum(catalogue.products.counts().values())
        url = catalogue.database.url.render_as_string(hide_password=True)
    finally:
        catalogue.close()
    return [Finding("database", "good", f"{url}, {products} products")]


def _encoder(settings: Settings) -> list[Finding]:
    began = time.perf_counter()
    encoder = encoder_of(settings)
    opened_s = time.perf_counter() - began
    picture = np.full((400, 300, 3), 200, np.uint8)
    times: list[float] = []
    for _ in range(RUNS):
        began = time.perf_counter()
        encoder.picture.encode([encoder.picture.prepare(picture)])
        times.append((time.perf_counter() - began) * 1000)
    encoder.text.encode(["red shoe"])
    told = (
        f"{encoder.name} agrees with its self-test; opens in {opened_s:.1f} s, {min(times):.0f} ms"
    )
    tower = encoder.picture
    there = ", ".join(available())
    on = f", run by {tower.provider} (there: {there})" if isinstance(tower, OnProvider) else ""
    return [Finding("encoder", "good", f"{told} a picture on one core{on}")]


def _models(settings: Settings) -> list[Finding]:
    """Compare every file of the added models with its SHA-256."""
    found: list[Finding] = []
    for folder in sorted((settings.data / FOLDER).glob("*")):
        if (folder / MANIFEST).is_file():
            try:
                manifest = read_manifest(folder)
                verify_files(folder, manifest)
            except MismatchError as error:
                found.append(Finding(f"model {folder.name}", "bad", str(error)))
            else:
                told = f"{manifest.megabytes:.0f} MB, as it was added, licence {manifest.licence}"
                found.append(Finding(f"model {folder.name}", "good", told))
    return found


def _store(settings: Settings) -> list[Finding]:
    with tempfile.TemporaryDirectory() as folder:
        open_store(settings.store, Path(folder), Dims(8, 8, 8)).close()
    return [Finding("store", "good", f"{settings.store} opens and closes")]


def _owner(settings: Settings) -> list[Finding]:
    owner = owner_of(settings.data) if settings.data.exists() else None
    if owner is None:
        return [Finding("server", "note", "none is running on this data folder")]
    where = f"at {owner.address}" if owner.address else "without HTTP (a command is running)"
    return [Finding("server", "good", f"process {owner.pid} owns the data folder, {where}")]


def _extras(settings: Settings) -> list[Finding]:
    del settings
    lacking = [extra for extra, package in EXTRAS.items() if not util.find_spec(package)]
    if not lacking:
        return [Finding("extras", "good", "all installed")]
    names = ", ".join(f"shoplens[{extra}]" for extra in lacking)
    return [Finding("extras", "note", f"not installed, needed only if you use them: {names}")]
