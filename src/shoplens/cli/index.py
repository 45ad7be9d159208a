"""``shoplens index``: make a feed searchable, here or through the server that owns the shop."""

import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from shoplens.catalogue.catalogue import open_catalogue
from shoplens.cli.options import settings_of, shared
from shoplens.cli.show import mapping_text, progress_bars, rejection_lines, report_table
from shoplens.config import Settings
from shoplens.database.owner import owner_of
from shoplens.engine import Engine
from shoplens.errors import ConfigError, ShoplensError
from shoplens.indexing.workbench import utc_now
from shoplens.ingest.feeds import IndexRequest

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
    r"""Make the products of FEED searchable by photo and words.

    \b
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
    owner = owner_of(settings.data)
    if owner and owner.address:
        _through_server(settings, request, owner.address)
    else:
        _here(settings, request)


def _here(settings: Settings, request: IndexRequest) -> None:
    console = Console(stderr=True)
    with Engine.open(settings) as engine:
        with progress_bars(console) as bars:
            report = engine.index(request, bars)
        if text := mapping_text(report):
            console.print(text, markup=False, highlight=False)
        Console().print(report_table(report))
        if report.sync.rejected or report.counts.refused:
            for line in rejection_lines(engine.rejections(k=SHOWN)):
                console.print(line, markup=False, highlight=False)
            console.print("all of them: shoplens status --rejections", highlight=False)


def _through_server(settings: Settings, request: IndexRequest, address: str) -> None:
    """Queue the feed in the shop's database, which the server looks at, and follow the job."""
    console = Console(stderr=True)
    console.print(f"the server at {address} owns this shop; it does the work", highlight=False)
    catalogue = open_catalogue(settings.database_url)
    try:
        job = catalogue.jobs.submit("index", request.to_json(), utc_now())
        with progress_bars(console) as bars:
            while job.state in {"queued", "running"}:
                if job.message:
                    bars(job.message, job.done, job.total)
                time.sleep(0.3)
                job = catalogue.jobs.get(job.job_id)
    finally:
        catalogue.close()
    if job.state != "done":
        raise ShoplensError(f"the server could not index {request.path}: {job.message}")
    click.echo(job.message)


def _mapping(maps: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in maps]
    for text, (name, sign, column) in zip(maps, pairs, strict=True):
        if not (name and sign and column):
            raise ConfigError(f"--map wants FIELD=COLUMN, such as id=sku, not {text!r}")
    return {name.strip(): column.strip() for name, _, column in pairs}
