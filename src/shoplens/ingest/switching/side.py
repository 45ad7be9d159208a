"""A model and the store of its rows: one such side serves, a second one may be kept beside it."""

import threading
from dataclasses import dataclass, replace

from shoplens.catalogue.journal.models import Models
from shoplens.config import Settings
from shoplens.encode.base import Encoder
from shoplens.encode.colours.vector import COLOUR_DIM
from shoplens.encode.opening import FOLDER, encoder_of, stands_alone
from shoplens.encode.trained.opening import open_trained
from shoplens.errors import MismatchError
from shoplens.indexing.workbench import Workbench
from shoplens.ingest.switching.identity import Identity
from shoplens.store.base import Dims, Store, open_store


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
    """Open a model by its name, or the encoder of the settings by an empty one.

    Texts are compared by the text tower of the settings' encoder, whichever model it is: their rows
    stay what they are when models change.

    Raises:
        NotFoundError: there is none of that name, or its file is gone.
        MismatchError: its file is damaged or another than was registered, or it was trained from
            another encoder than that of the settings or a model of this shop.
    """
    base = encoder_of(settings)
    _check_serving(settings, models, base)
    return _open(settings, models, name, base) if name else base


def open_named(settings: Settings, models: Models, name: str) -> Encoder:
    """Open a model of this shop, or any encoder, by its name (as ``open_model``)."""
    listed = any(name == model.name for model in models.list())
    return open_model(settings, models, name) if listed else encoder_of(settings, name)


def _open(settings: Settings, models: Models, name: str, base: Encoder) -> Encoder:
    model, folder = models.get(name), settings.data / FOLDER

    def opened(part: str) -> Encoder:
        listed = any(part == each.name for each in models.list())
        return _open(settings, models, part, base) if listed else encoder_of(settings, part)

    if model.base == name:
        encoder = encoder_of(settings, name, opened, base.text)
    elif model.base in {settings.encoder, base.name}:
        encoder = open_trained(folder / name, name, base)
    elif stands_alone(folder, model.base):
        encoder = open_trained(folder / name, name, opened(model.base))
    else:
        raise MismatchError(
            f"model {name!r} was made from encoder {model.base!r}, not {settings.encoder!r}; "
            f"set encoder to {model.base!r}, or train one for {settings.encoder!r}"
        )
    if encoder.picture.fingerprint != model.fingerprint:
        raise MismatchError(
            f"the files of model {name!r} are not those that were trained or added (they are "
            f"{encoder.picture.fingerprint}, not {model.fingerprint}); put them back, or go back "
            "to the model before it: shoplens models rollback"
        )
    return encoder


def _check_serving(settings: Settings, models: Models, base: Encoder) -> None:
    """Refuse an encoder that was set while a model of another one serves."""
    model = models.serving()
    if model is None or model.base in {settings.encoder, base.name}:
        return
    if not stands_alone(settings.data / FOLDER, model.base):
        raise MismatchError(
            f"this shop is served by model {model.name!r}, which was made from encoder "
            f"{model.base!r}, not {settings.encoder!r}: set encoder to {model.base!r}. To use "
            f"another encoder, first go back: shoplens models rollback --encoder {model.base}"
        )


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
