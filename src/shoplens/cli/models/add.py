"""``shoplens models add | import | export``: models from elsewhere, and carried elsewhere."""

import importlib.util
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shoplens.catalogue.catalogue import open_catalogue
from shoplens.cli.shop import settings_of, shared
from shoplens.cli.show import progress_bars
from shoplens.config import Settings
from shoplens.encode.added.manifest import Manifest, Precision
from shoplens.encode.added.packing import export_model, import_model
from shoplens.encode.hub.known import Known, known_models
from shoplens.encode.opening import FOLDER
from shoplens.errors import MismatchError, MissingExtraError
from shoplens.indexing.workbench import utc_now
from shoplens.ingest.added.cards import parity_told, resize_told
from shoplens.ingest.added.register import list_all

EPILOG = """\b
Examples:
  shoplens models add --known                        what is known to work, sizes, licences
  shoplens models add siglip2-b16                    fetch, export, compare, keep
  shoplens models add hf:owner/name                  any CLIP, SigLIP, DINO, OpenCLIP of the hub
  shoplens models add ./folder --name ours           a checkpoint that you have as files
  shoplens models promote siglip2-b16-int8           then: let it serve
\b
The network is needed once, by this command. To carry a model to a machine without:
  shoplens models export siglip2-b16-int8            there: one file, and its SHA-256
  shoplens models import FILE --sha256 …             here
"""
IMAGE_ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}
MOST_COMPARED = 16
"""Pictures that both networks are compared on."""
PRECISIONS = (*get_args(Precision), "both")


@click.command(epilog=EPILOG)
@click.argument("source", required=False, default="")
@click.option("--known", is_flag=True, help="List the models that are known to work, and end.")
@click.option("--name", default="", help="What to call it.  [default: as the source is called]")
@click.option("--precision", type=click.Choice(PRECISIONS), default="both", show_default=True)
@click.option("--pictures-only", is_flag=True, help="Leave the tower of words out.")
@click.option(
    "--images",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Pictures to compare on.  [default: those of the sample shop]",
)
@shared
def add(
    source: str,
    name: str,
    precision: str,
    images: Path | None,
    *,
    known: bool,
    pictures_only: bool,
    **rest: Any,
) -> None:
    """Add a model: SOURCE is a known name, hf:owner/name, or a folder with a checkpoint.

    It is exported to ONNX once, by its own preprocessing and tokenizer, and compared with the
    original on real pictures; afterwards it runs without torch. Needs the extra 'hub'.
    """
    if known:
        _print_known(known_models())
        return
    if not source:
        raise click.UsageError("name a model (see --known), hf:owner/name, or a folder")
    for package in ("torch", "transformers", "onnx", "huggingface_hub"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError("adding a model", "hub")
    from shoplens.encode.hub.adding import AddRequest, add as make  # noqa: I001, PLC0415 - torch takes seconds

    settings = settings_of(rest)
    wanted: tuple[Precision, ...] = ("fp32", "int8")
    request = AddRequest(
        source,
        name,
        tuple(one for one in wanted if precision in {one, "both"}),
        text=not pictures_only,
        pictures=_pictures(images),
    )
    with progress_bars(Console(stderr=True)) as bars:
        made = make(request, _folder(settings), bars)
    _list(settings, made)


@click.command("import")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--sha256", default="", help="What its SHA-256 must be; told by 'models export'.")
@shared
def import_(source: Path, sha256: str, **rest: Any) -> None:
    """Bring in a model that 'models export' wrote elsewhere: SOURCE is its file or folder.

    Every file is compared with its SHA-256, and the model must reproduce its self-tests, before
    anything is kept. Needs no network and no torch; for words the extra 'models'.
    """
    settings = settings_of(rest)
    with progress_bars(Console(stderr=True)) as bars:
        made = import_model(source, _folder(settings), sha256=sha256, progress=bars)
    _list(settings, [made])


@click.command()
@click.argument("name")
@click.argument("out", required=False, type=click.Path(path_type=Path))
@shared
def export(name: str, out: Path | None, **rest: Any) -> None:
    """Write model NAME into one file, to carry it to another machine, and print its SHA-256."""
    settings = settings_of(rest)
    folder = settings.data / FOLDER / name
    path = out or Path(f"{name}.shoplens-model.tar")
    with progress_bars(Console(stderr=True)) as bars:
        sha256 = export_model(folder, path, bars)
    click.echo(f"{path}, {path.stat().st_size / 1e6:.0f} MB, SHA-256 {sha256}")
    click.echo(f"there: shoplens models import {path.name} --sha256 {sha256}")


def _folder(settings: Settings) -> Path:
    """Give the folder of the shop's models, after listing what was there and was not listed.

    So what a crash kept from being listed is there, and in nobody's way.
    """
    folder = settings.data / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with closing(open_catalogue(settings.database_url)) as catalogue:
        for name in list_all(settings, catalogue, utc_now()):
            click.echo(f"{name} was there and is listed now", err=True)
    return folder


def _pictures(images: Path | None) -> tuple[Path, ...]:
    if images is None:
        return ()
    found = sorted(path for path in images.rglob("*") if path.suffix.lower() in IMAGE_ENDINGS)
    if not found:
        raise MismatchError(f"{images} holds no picture (.jpg, .png, .webp) to compare on")
    return tuple(found[:: max(1, len(found) // MOST_COMPARED)][:MOST_COMPARED])


def _list(settings: Settings, made: Sequence[Manifest]) -> None:
    """Put what is in the folders into the registry, and say what may be done with it."""
    with closing(open_catalogue(settings.database_url)) as catalogue:
        list_all(settings, catalogue, utc_now())
    _print_made(made)
    click.echo(f"to let it serve: shoplens models promote {made[-1].name}")


def _print_made(made: Iterable[Manifest]) -> None:
    table = Table()
    for column in ("model", "size", "numbers", "pictures", "words", "licence", "like the original"):
        table.add_column(column, overflow="fold")
    for one in made:
        words = f"{one.text.context} tokens" if one.text else "none"
        table.add_row(
            *map(
                Text,
                (
                    one.name,
                    f"{one.megabytes:.0f} MB",
                    str(one.dim),
                    resize_told(one),
                    words,
                    one.licence,
                    parity_told(one.parity),
                ),
            )
        )
    Console().print(table)


def _print_known(known: Iterable[Known]) -> None:
    table = Table(caption="sizes are what is fetched; docs/choose-a-model.md says which, and why")
    for column in ("name", "repository", "licence", "shops may use it", "fetched", "words"):
        table.add_column(column, overflow="fold")
    for one in known:
        words = "none" if one.picture_only else ", ".join(one.languages)
        may = one.commercial if isinstance(one.commercial, str) else _yes(one.commercial)
        size = f"{one.download_mb:,.0f} MB"
        table.add_row(*map(Text, (one.name, one.repo, one.licence, may, size, words)))
    Console().print(table)


def _yes(true: bool) -> str:  # noqa: FBT001 - it is the answer itself
    return "yes" if true else "no"
