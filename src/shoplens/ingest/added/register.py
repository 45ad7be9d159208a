"""A model that was not trained here comes into a shop: its folder is there, now it is listed."""

import logging
from datetime import datetime
from functools import partial

from shoplens.catalogue.catalogue import Catalogue
from shoplens.catalogue.journal.models import Model
from shoplens.config import Settings
from shoplens.disk import write_whole
from shoplens.encode.combined.opening import OpenPart
from shoplens.encode.opening import FOLDER, encoder_of, stands_alone
from shoplens.errors import MismatchError, NotFoundError, StorageError
from shoplens.ingest.added.cards import Card, card_in
from shoplens.ingest.switching.side import open_named

log = logging.getLogger(__name__)
NOT_JUDGED = "not judged on this shop yet; shoplens evaluate does"


def register(
    settings: Settings,
    catalogue: Catalogue,
    name: str,
    card: Card,
    now: datetime,
    part: OpenPart | None = None,
) -> Model:
    """Open the model in the folder called ``name``, and list it as a candidate.

    It stands alone: it was made from no encoder by training, so its base is itself. A model that
    is listed already, and whose files are the same, stays as it is. ``part`` opens what a combined
    one is made of, where that may be a model that was trained.

    Raises:
        NotFoundError, MismatchError, MissingExtraError: it cannot be opened.
        MismatchError: another model has its name.
        StorageError: its card cannot be written.
    """
    folder = settings.data / FOLDER / name
    if not stands_alone(settings.data / FOLDER, name):
        raise MismatchError(f"{folder} holds no model that was added or combined")
    fingerprint = encoder_of(settings, name, part).picture.fingerprint
    for model in catalogue.models.list():
        if (model.name, model.base, model.fingerprint) == (name, name, fingerprint):
            return model
    model = Model(
        name, card.recipe, name, fingerprint, now, safe=True, reason=NOT_JUDGED, card=card.to_json()
    )
    try:
        write_whole(folder / "card.md", card.page(name).encode())
    except OSError as error:
        raise StorageError(f"the card in {folder} cannot be written: {error}") from error
    catalogue.models.add(model)
    return model


def list_all(settings: Settings, catalogue: Catalogue, now: datetime) -> list[str]:
    """List every model in the shop's folder that stands alone and is not listed; name them.

    A folder comes to be whole in one step, and is listed after it: what a crash left between the
    two is listed by this. One that cannot be opened is left as it is, and the log tells.
    """
    models, added = settings.data / FOLDER, list[str]()
    known = {model.name for model in catalogue.models.list()}
    for folder in sorted(models.iterdir()) if models.is_dir() else ():
        if folder.name in known or folder.name.startswith(".") or not folder.is_dir():
            continue
        if stands_alone(models, folder.name):
            try:
                part = partial(open_named, settings, catalogue.models)
                register(settings, catalogue, folder.name, card_in(folder), now, part)
            except (MismatchError, NotFoundError) as error:
                log.warning("the model in %s is not listed: %s", folder, error)
            else:
                added.append(folder.name)
    return added
