"""A model and the store of its rows: one such side serves, a second one may be kept beside it."""

import threading
from dataclasses import dataclass, replace

from shoplens.catalogue.journal.models import Models
from shoplens.config import Settings
from shoplens.encode.base import Encoder, open_encoder
from shoplens.encode.colours.vector import COLOUR_DIM
from shoplens.encode.trained.opening import open_trained
from shoplens.errors import MismatchError
from shoplens.indexing.workbench import Workbench
from shoplens.ingest.switching.identity import Identity
from shoplens.store.base import Dims, Store, open_store

FOLDER = "models"
"""Where trained models are, in the data folder, each in a folder of its name."""


@dataclass(frozen=True, slots=True)
class Side:
    """``name`` is a model's, or empty for the encoder of the settings."""

    name: str
    encoder: Encoder
    identity: Identity
    bench: Workbench

    def serving(self) -> "Side":
        """Give it as the side that serves: it follows nobody."""
        return replace(self, bench=replace(self.bench, follows=None))

    def following(self, first: Store) -> "Side":
        """Give it as a second side, whose rows follow those of the ``first``."""
        return replace(self, bench=replace(self.bench, follows=first))


def serving_name(models: Models) -> str:
    """Name the model that serves, empty for the encoder of the settings."""
    model = models.serving()
    return model.name if model else ""


def counterpart(models: Models) -> str | None:
    """Name what a rollback goes back to, empty for the encoder of the settings; None if nothing."""
    previous = models.previous()
    if previous:
        return previous.name
    return "" if models.serving() else None


def open_model(settings: Settings, models: Models, name: str) -> Encoder:
    """Open a trained model by its name, or the encoder of the settings by an empty one.

    Raises:
        NotFoundError: there is none of that name, or its file is gone.
        MismatchError: its file is damaged or another than was registered, or it was made from
            another encoder than that of the settings.
    """
    base = _open_base(settings, models)
    if not name:
        return base
    model = models.get(name)
    if model.base not in {settings.encoder, base.name}:
        raise MismatchError(
            f"model {name!r} was made from encoder {model.base!r}, not {settings.encoder!r}; "
            f"set encoder to {model.base!r}, or train one for {settings.encoder!r}"
        )
    encoder = open_trained(settings.data / FOLDER / name, name, base)
    if encoder.picture.fingerprint != model.fingerprint:
        raise MismatchError(
            f"the files of model {name!r} are not those that were trained (they are "
            f"{encoder.picture.fingerprint}, not {model.fingerprint}); put them back, or go back "
            "to the model before it: shoplens models rollback"
        )
    return encoder


def _open_base(settings: Settings, models: Models) -> Encoder:
    """Open the encoder of the settings, unless it is another than the serving model's."""
    base, model = open_encoder(settings.encoder), models.serving()
    if model and model.base not in {settings.encoder, base.name}:
        raise MismatchError(
            f"this shop is served by model {model.name!r}, which was made from encoder "
            f"{model.base!r}, not {settings.encoder!r}: set encoder to {model.base!r}. To use "
            f"another encoder, first go back: shoplens models rollback --encoder {model.base}"
        )
    return base


def open_side(settings: Settings, name: str, first: Workbench) -> Side:
    """Open a second side, beside the one that serves at ``first``.

    Raises:
        NotFoundError, MismatchError, StorageError: its model or its store cannot be opened.
    """
    catalogue = first.catalogue
    encoder = open_model(settings, catalogue.models, name)
    if encoder.text.fingerprint == first.encoder.text.fingerprint:
        # One for both: it is large, and holds numpy to one thread while it works.
        encoder = replace(encoder, text=first.encoder.text)
    identity = Identity(settings.store, encoder, catalogue.notes)
    store = open_store(settings.store, identity.folder(settings.data), dims_of(encoder))
    if not store.count():
        catalogue.held.drop(identity.key)
    bench = replace(
        first, encoder=encoder, store=store, follows=first.store, reuse=threading.Event()
    )
    return Side(name, encoder, identity, bench)


def dims_of(encoder: Encoder) -> Dims:
    """Tell how long the rows are that an encoder makes."""
    return Dims(encoder.picture.dim, encoder.text.dim, COLOUR_DIM)
