"""A known name, ``hf:owner/name[@revision]`` or a path becomes a folder that can be loaded."""

import re
from dataclasses import dataclass
from pathlib import Path

from shoplens.encode.hub.families import FAMILIES
from shoplens.encode.hub.fetching.download import Progress, Wanted, fetch
from shoplens.encode.hub.fetching.files import loader_of, missing, model_type, names_in
from shoplens.encode.hub.fetching.licence import UNKNOWN, licence_of
from shoplens.encode.hub.known import Known, Loader, known_models
from shoplens.errors import MismatchError, NotFoundError

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Files of one model in a folder, what reads them, and where they came from.

    ``name`` is what it is called here if nobody says otherwise.
    """

    folder: Path
    loader: Loader
    name: str
    source: str
    licence: str
    known: Known | None


def find(source: str, progress: Progress, *, words: bool = True, name: str = "") -> Checkpoint:
    """Bring a model's files into one folder, and see that none lacks.

    Raises:
        NotFoundError: nothing of that name; or it lies on a hub that cannot be reached.
        MismatchError: files lack, or nothing here reads such a model.
        StorageError: the disk is full.
    """
    table = {each.name: each for each in known_models()}
    if source in table:
        known = table[source]
        found = _of_hub(known.repo, known.revision, known, name or known.name, progress)
    elif source.startswith("hf:"):
        repo, _, revision = source.removeprefix("hf:").partition("@")
        known = next((each for each in table.values() if each.repo == repo), None)
        usual = known.name if known else plain_name(repo.rpartition("/")[2])
        found = _of_hub(repo, revision, known, name or usual, progress)
    else:
        found = _of_folder(Path(source), table, name)
    lacks = missing(found.folder, found.loader, words=words and not _pictures_only(found))
    if lacks:
        raise MismatchError(
            f"{source} is not whole: {found.folder} lacks {', '.join(lacks)}; fetch what is missing"
        )
    return found


def plain_name(told: str) -> str:
    """Make a name of small letters, digits and dashes, 60 at most."""
    made = re.sub(r"[^a-z0-9]+", "-", told.lower()).strip("-")[:60].strip("-")
    return made or "model"


def check_name(name: str) -> None:
    """Refuse a name that could not be that of a folder (MismatchError)."""
    if not _NAME.fullmatch(name):
        raise MismatchError(
            f"a model cannot be called {name[:80]!r}; wanted are small letters, digits and dashes, "
            f"60 at most, such as {plain_name(name)!r}"
        )


def _of_hub(
    repo: str, revision: str, known: Known | None, name: str, progress: Progress
) -> Checkpoint:
    got = fetch(Wanted(repo, revision, known, name), progress)
    told = licence_of(got.folder)
    return Checkpoint(
        folder=got.folder,
        loader=got.loader,
        name=name,
        source=f"hf:{repo}@{got.commit}",
        licence=known.licence if told == UNKNOWN and known else told,
        known=known,
    )


def _of_folder(folder: Path, table: dict[str, Known], name: str) -> Checkpoint:
    if folder.is_file():
        raise MismatchError(
            f"{folder} is one file; wanted is the folder of the checkpoint, with the configuration "
            "beside the weights. A file made by 'shoplens models export' is brought in with "
            "'shoplens models import'"
        )
    if not folder.is_dir():
        raise NotFoundError(
            f"there is no known model and no folder {str(folder)!r}; known are "
            f"{', '.join(table)}; others are named hf:owner/name"
        )
    if (folder / "model.json").is_file():
        raise MismatchError(
            f"{folder} is a model that was added already; 'shoplens models import' brings it in"
        )
    # Files fetched by hand lie in a folder named as the message asked.
    called = plain_name(folder.resolve().name)
    known = table.get(name) or table.get(called)
    config = folder / "config.json"
    text = config.read_text("utf-8", "replace") if config.is_file() else ""
    told = licence_of(folder)
    return Checkpoint(
        folder=folder,
        loader=known.loader if known else loader_of(names_in(folder), text),
        name=name or called,
        source=f"hf:{known.repo}, by hand" if known else folder.resolve().name,
        licence=known.licence if told == UNKNOWN and known else told,
        known=known,
    )


def _pictures_only(found: Checkpoint) -> bool:
    """Tell a model that never knew words; of others their tokenizer is wanted."""
    from_table = found.known is not None and found.known.picture_only
    config = found.folder / "config.json"
    return from_table or (
        config.is_file() and _knows_no_words(config.read_text("utf-8", "replace"))
    )


def _knows_no_words(config: str) -> bool:
    kind = model_type(config)
    return kind in FAMILIES and not FAMILIES[kind].words
