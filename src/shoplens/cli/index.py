"""``shoplens index``: make a feed searchable, here or through the server that owns the shop."""

import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from shoplens.catalogue.catalogue import open_catalogue
from shoplens.cli.shop import let_do, server_of, settings_of, shared
from shoplens.cli.show import mapping_text, progress_bars, rejection_lines, report_table
from shoplens.config import Settings
from shoplens.database.owner import Owner
from shoplens.engine import Engine
from shoplens.errors import ConfigError
from shoplens.ingest.feeds import IndexReport, IndexRequest
from shoplens.ingest.worker import INDEX
from shoplens.types import Rejection

SHOWN = 10


@click.command()
@click.argument("feed", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--images",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder that image paths start from; the feed's own folder if not given.",
)
@click.option("--kind", default="", help="Kind of feed; found out by itself if not given.")
@click.option(
    "--map", "maps", multiple=True, metavar="FIELD=COLUMN", help="Name a column yourself."
)
@click.option("--name", default="", help="Name of the feed; its path if not given.")
@click.option("--rebuild", is_flag=True, help="Make every row again, for another encoder or store.")
@click.option("--allow-shrink", is_flag=True, help="Remove products even if most of them are gone.")
@click.option("--threads", type=int, help="Threads that decode and encode.")
@click.option("--allow-host", multiple=True, help="Host that image URLs may point to; repeatable.")
@shared
def index(
    feed: Path, images: Path | None, maps: tuple[str, ...], allow_host: tuple[str, ...], **rest: Any
) -> None:
    """Make the products of FEED searchable by photo and words.

    FEED is a CSV, TSV, JSONL or Parquet file, a Google Merchant feed (XML or TSV), a Shopify or
    WooCommerce export, a page with schema.org products, or a folder of images. Run it again at
    any time: only what is new or changed is done, and what was interrupted goes on.
    """
    hosts = {"allowed_hosts": allow_host or None}
    settings = settings_of(rest, index={"threads": rest["threads"]}, images=hosts)
    request = IndexRequest(
        feed.absolute(),
        images.absolute() if images else None,
        rest["name"],
        rest["kind"],
        _mapping(maps),
        rest["allow_shrink"],
        rest["rebuild"],
    )
    server = server_of(settings)
    if server:
        _through_server(settings, request, server)
    else:
        _here(settings, request)


def _here(settings: Settings, request: IndexRequest) -> None:
    with Engine.open(settings) as engine:
        with progress_bars(Console(stderr=True)) as bars:
            report = engine.index(request, bars)
        _print(report, engine.rejections)


def _through_server(settings: Settings, request: IndexRequest, server: Owner) -> None:
    """Queue the feed in the shop's database, which the server looks at, and follow the job."""
    told = f"the server at {server.address} owns this shop: it does the work, with its own settings"
    click.echo(told, err=True)
    with closing(open_catalogue(settings.database_url)) as catalogue:
        try:
            with progress_bars(Console(stderr=True)) as bars:
                done = let_do(settings, catalogue, INDEX, request.to_json(), bars)
        except KeyboardInterrupt:
            click.echo("the server goes on with it; 'shoplens status' tells what it does", err=True)
            raise SystemExit(128 + signal.SIGINT) from None
        _print(IndexReport.from_json(done), catalogue.rejected)


def _print(report: IndexReport, rejections: Callable[..., list[Rejection]]) -> None:
    console = Console(stderr=True)
    if text := mapping_text(report):
        console.print(text, markup=False, highlight=False)
    Console().print(report_table(report))
    if report.sync.rejected or report.counts.refused:
        for line in rejection_lines(rejections(k=SHOWN)):
            console.print(line, markup=False, highlight=False)
        console.print("all of them: shoplens status --rejections", highlight=False)


def _mapping(maps: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in maps]
    for text, (name, sign, column) in zip(maps, pairs, strict=True):
        if not (name and sign and column):
            raise ConfigError(f"--map wants FIELD=COLUMN, such as id=sku, not {text!r}")
    return {name.strip(): column.strip() for name, _, column in pairs}
