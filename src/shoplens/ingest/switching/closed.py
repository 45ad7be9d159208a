"""What is done to models without the one that serves: it may be broken, or nobody needs it."""

import shutil
import time
from pathlib import Path

from shoplens.catalogue.catalogue import Catalogue
from shoplens.config import Settings
from shoplens.encode.base import Encoder
from shoplens.encode.combined.opening import names_in
from shoplens.encode.opening import FOLDER, encoder_of
from shoplens.errors import MismatchError, StorageError
from shoplens.indexing.prepare import Hands
from shoplens.indexing.workbench import Progress
from shoplens.ingest.switching.identity import Identity, folder_of, key_of
from shoplens.ingest.switching.prove import fill, prove, take_over
from shoplens.ingest.switching.report import PromoteReport, RemoveReport, report_of
from shoplens.ingest.switching.side import Side, serving_name


def go_back_to(side: Side, settings: Settings, hands: Hands, progress: Progress) -> PromoteReport:
    """Let ``side`` serve in a shop that nobody has open, whatever became of the one that does.

    Raises:
        MismatchError, StorageError: as a promotion.
    """
    began, catalogue = time.monotonic(), side.bench.catalogue
    lost = serving_name(catalogue.models)
    counts = fill(side, hands, progress)
    proven = prove(side, hands, counts, progress)
    if proven:
        key = key_of_name(settings, catalogue, lost, side.encoder)
        take_over(proven, key, lambda: None)
    names = (lost or settings.encoder, side.name or settings.encoder)
    return report_of(names, proven, (), time.monotonic() - began)


def remove_model(settings: Settings, catalogue: Catalogue, name: str) -> RemoveReport:
    """Delete a model with its files, its store and its embeddings.

    Raises:
        NotFoundError: there is no such model.
        MismatchError: it serves, is what a rollback goes back to, or something is made of it.
        StorageError: the disk or the database refuses; the same call goes on.
    """
    model = catalogue.models.get(name)
    _refuse_needed(settings, catalogue, name)
    if model.state == "candidate":
        words = encoder_of(settings)
        delete_store(settings, catalogue, key_of(settings.store, model, words))
        if all(m.fingerprint != model.fingerprint or m == model for m in catalogue.models.list()):
            catalogue.embeddings.forget(model.fingerprint)
        _delete(settings.data / FOLDER / name)
    catalogue.models.remove(name)
    return RemoveReport(name)


def key_of_name(settings: Settings, catalogue: Catalogue, name: str, words: Encoder) -> str:
    """Name a model's store, or by an empty name that of the settings' encoder, without opening it.

    ``words`` is any encoder with the text tower of the settings'.
    """
    if name:
        return key_of(settings.store, catalogue.models.get(name), words)
    return Identity(settings.store, encoder_of(settings), catalogue.notes).key


def _refuse_needed(settings: Settings, catalogue: Catalogue, name: str) -> None:
    """Refuse to delete what the settings name, or what another model is made of (MismatchError)."""
    if name == settings.encoder:
        raise MismatchError(f"{name!r} is the encoder of the settings; set another one first")
    for other in catalogue.models.list():
        if name in names_in(settings.data / FOLDER / other.name):
            raise MismatchError(f"{other.name} is made of model {name!r}; remove that first")


def delete_store(settings: Settings, catalogue: Catalogue, key: str) -> None:
    """Delete a store that nobody has open (StorageError if the disk refuses)."""
    _delete(folder_of(settings.data, key))
    catalogue.held.drop(key)


def _delete(folder: Path) -> None:
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise StorageError(f"the folder {folder} cannot be deleted: {error}") from error
