"""``shoplens models``: which models there are beside the bundled ones, and which of them serves."""

import json
import signal
from contextlib import closing
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shoplens.catalogue.catalogue import open_catalogue
from shoplens.catalogue.journal.models import Model
from shoplens.cli.learning.combine import combine, shrink
from shoplens.cli.learning.train import train
from shoplens.cli.models.add import add, export, import_
from shoplens.cli.shop import let_do, server_of, settings_of, shared
from shoplens.cli.show import progress_bars
from shoplens.config import Settings
from shoplens.encode.opening import FOLDER
from shoplens.engine import Engine
from shoplens.indexing.workbench import Progress, silent
from shoplens.ingest.switching.report import ModelRequest, PromoteReport, RemoveReport
from shoplens.ingest.switching.switch import PROMOTE, REMOVE, ROLLBACK
from shoplens.parts import remove as remove_here
from shoplens.parts import roll_back

PARTS = {"seen": "known products", "unseen": "new products"}
"""The parts of a card that has figures: photos of products that it learnt from, and of others."""

EPILOG = """\b
A model from elsewhere, once fetched, then a shop that answers by it (extra: hub):
  shoplens models add --known       what is known to work
  shoplens models add siglip2-b16   fetch it, export it, compare it with the original
  shoplens models promote siglip2-b16
\b
From a training to a shop that answers by it:
  shoplens models train             learn from the shop's own pictures (extra: learn)
  shoplens models list              what there is, and which one serves
  shoplens models show head-1       how it was made and judged
  shoplens models promote head-1    let it serve; the shop goes on answering meanwhile
  shoplens models rollback          let the one before serve again, at once
"""

as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON instead of a table."
)


@click.group(epilog=EPILOG, no_args_is_help=True)
def models() -> None:
    """Add models or train them on this shop, compare them, and choose the one that serves."""


for command in (add, import_, export, combine, shrink, train):
    models.add_command(command)


@models.command("list")
@as_json_option
@shared
def list_models(*, as_json: bool, **rest: Any) -> None:
    """List the models, with how well photos find their products before and after a training."""
    found = _read(settings_of(rest))
    if as_json:
        told = [asdict(model) | {"card": _card(model)} for model in found]
        click.echo(json.dumps(told, default=str, ensure_ascii=False))
    elif found:
        _print_list(found)
    else:
        click.echo(
            "there is no model yet; shoplens models train makes one, shoplens models add brings one"
        )


@models.command()
@click.argument("name")
@as_json_option
@shared
def show(name: str, *, as_json: bool, **rest: Any) -> None:
    """Print the card of model NAME: what it learnt from, how it was judged, what it is weak at."""
    settings = settings_of(rest)
    (model,) = _read(settings, name)
    page = settings.data / FOLDER / name / "card.md"
    if as_json:
        told = asdict(model) | {"card": _card(model)}
        click.echo(json.dumps(told, default=str, ensure_ascii=False))
    elif page.is_file():
        click.echo(page.read_text("utf-8"))
    else:
        click.echo(json.dumps(_card(model), indent=2, ensure_ascii=False))


@models.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME [NAME]")
@as_json_option
@shared
def compare(names: tuple[str, ...], *, as_json: bool, **rest: Any) -> None:
    """Put the figures of models side by side, before their training and after.

    They stand on the cards, judged when each was trained, maybe by different photos. To compare
    what serves by questions of your own: shoplens evaluate.
    """
    found = _read(settings_of(rest), *names)
    if as_json:
        told = [{"name": m.name} | {part: _card(m).get(part) for part in PARTS} for m in found]
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        _print_comparison(found)


@models.command()
@click.argument("name")
@as_json_option
@shared
def promote(name: str, *, as_json: bool, **rest: Any) -> None:
    """Let model NAME serve, or the encoder of the settings again by its name, such as lite2.

    A second store is filled beside the one that answers, and compared product by product; only then
    it takes over, in one step. Stopped anywhere, the same command goes on. The model before is kept
    up to date, so that 'shoplens models rollback' is at once.
    """
    settings = settings_of(rest)
    with progress_bars(Console(stderr=True)) as bars:
        if server_of(settings):
            done = _through_server(settings, PROMOTE, name, bars)
            report = PromoteReport.from_json(done)
        else:
            with Engine.open(settings) as engine:
                report = engine.promote(name, bars)
    _tell(report, as_json=as_json)


@models.command()
@as_json_option
@shared
def rollback(*, as_json: bool, **rest: Any) -> None:
    """Let the model serve again that did before; works also if the file of this one is lost.

    Everything that changed in the shop since is there. Called twice, it is back where it was.
    """
    settings = settings_of(rest)
    with progress_bars(Console(stderr=True)) as bars:
        if server_of(settings):
            report = PromoteReport.from_json(_through_server(settings, ROLLBACK, "", bars))
        else:
            report = roll_back(settings, bars)
    _tell(report, as_json=as_json)


@models.command()
@click.argument("name")
@shared
def remove(name: str, **rest: Any) -> None:
    """Delete model NAME with all that was made by it, unless it serves or did before."""
    settings = settings_of(rest)
    if server_of(settings):
        report = RemoveReport.from_json(_through_server(settings, REMOVE, name, silent))
    else:
        report = remove_here(settings, name)
    click.echo(report.told())


def _read(settings: Settings, *names: str) -> list[Model]:
    """Give the models of these names, or all; NotFoundError if there is none of a name."""
    with closing(open_catalogue(settings.database_url)) as catalogue:
        return [*map(catalogue.models.get, names)] if names else catalogue.models.list()


def _through_server(settings: Settings, kind: str, name: str, progress: Progress) -> str:
    """Let the server do it, as it alone can write the shop's stores; it answers meanwhile."""
    with closing(open_catalogue(settings.database_url)) as catalogue:
        try:
            return let_do(settings, catalogue, kind, ModelRequest(name).to_json(), progress)
        except KeyboardInterrupt:
            click.echo(
                "the server goes on with it; 'shoplens models list' tells how it ends", err=True
            )
            raise SystemExit(128 + signal.SIGINT) from None


def _tell(report: PromoteReport, *, as_json: bool) -> None:
    if as_json:
        click.echo(report.to_json())
    else:
        for line in (report.told(), *report.lines()):
            click.echo(line)
    raise SystemExit(0 if report.done else 1)


# ---- cards -------------------------------------------------------------------------------------


def _card(model: Model) -> dict[str, Any]:
    """Read a card, whoever wrote it: one that is no card has nothing to tell."""
    try:
        card = json.loads(model.card)
    except ValueError:
        return {}
    return card if isinstance(card, dict) else {}  # pyright: ignore[reportUnknownVariableType] - any JSON


def _figures(model: Model, part: str) -> tuple[str, str, str]:
    """Give metric, before → after, and the interval of the difference; empty where not told."""
    told: Any = _card(model).get(part)
    try:
        low, high = f"{told['low']:+.3f}", f"{told['high']:+.3f}"
        return told["metric"], f"{told['before']:.3f} → {told['after']:.3f}", f"{low} to {high}"
    except (TypeError, KeyError, ValueError):
        return "", "", ""


def _print_list(found: list[Model]) -> None:
    table = Table()
    for column in ("model", "state", "recipe", "from", "made", *PARTS.values(), "judged"):
        table.add_column(column, overflow="fold")
    for model in found:
        figures = [" ".join(_figures(model, part)[:2]) for part in PARTS]
        made = f"{model.created:%m-%d %H:%M}"
        cells = (model.name, model.state, model.recipe, _origin(model), made, *figures)
        cells = (*cells, _verdict(model))
        table.add_row(*map(Text, cells))
    Console().print(table)


def _origin(model: Model) -> str:
    """Name what it was trained from; of one that stands alone, where that came from."""
    return model.base if model.base != model.name else str(_card(model).get("source", ""))


def _verdict(model: Model) -> str:
    if not model.safe:
        return f"not let serve: {model.reason}"
    return "may serve" if model.base != model.name else f"may serve, {model.reason}"


def _print_comparison(found: list[Model]) -> None:
    table = Table(caption="before → after the training, and where the difference lies (95 %)")
    for column in ("", *(model.name for model in found)):
        table.add_column(column, overflow="fold")
    for part, name in PARTS.items():
        told = [_figures(model, part) for model in found]
        table.add_row(name, *(Text("\n".join(filter(None, one))) for one in told))
    table.add_row("summary", *(Text(str(_card(model).get("summary", ""))) for model in found))
    Console().print(table)
