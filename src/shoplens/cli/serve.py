"""``shoplens serve`` and ``shoplens demo``: the HTTP door, and a first look at everything."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console

from shoplens.cli.shop import settings_of, shared
from shoplens.cli.show import answer_table, lines_of, progress_bars, report_table
from shoplens.config import Settings
from shoplens.engine import Engine
from shoplens.errors import BusyError, NotFoundError
from shoplens.feed.sampleshop.shop import FOLDER, QueryPhoto, export, feed, query_photos
from shoplens.images.source import ImageSource
from shoplens.ingest.feeds import IndexRequest
from shoplens.serve.app import create_app
from shoplens.serve.auth import check_address
from shoplens.serve.run import listen, run
from shoplens.types import Query

SHOWN = "q118"
"""The photo of the sample shop that the demo asks with: a purple running shoe in dim light."""
ASKED = 6


@click.command()
@click.option("--host", help="Address to listen on; a public one needs an API key.")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one.")
@click.option("--api-key", help="Key for everything; better set as SHOPLENS_SERVE__API_KEY.")
@click.option("--search-key", help="Key that may search but not change anything.")
@click.option("--allow-host", multiple=True, help="Host that image URLs may point to; repeatable.")
@shared
def serve(allow_host: tuple[str, ...], **rest: Any) -> None:
    """Answer over HTTP: a search page at /, the API below /v1, its description at /docs."""
    flags = {name: rest[name] for name in ("host", "port", "api_key", "search_key")}
    hosts = {"allowed_hosts": allow_host or None}
    _serve(settings_of(rest, serve=flags, images=hosts), any_port=False)


@click.command()
@click.option(
    "--feed",
    "path",
    type=click.Path(exists=True, path_type=Path),
    help="A real feed instead of the sample shop.",
)
@click.option(
    "--images", type=click.Path(exists=True, path_type=Path), help="Folder of its images."
)
@click.option("--serve/--no-serve", "serving", default=True, help="Serve the page afterwards.")
@click.option("--port", type=int, help="Port to listen on; a free one if it is taken.")
@click.option(
    "--export",
    "folder",
    type=click.Path(path_type=Path),
    help="Only write the sample shop's feeds, photos and truth into a new folder.",
)
@shared
def demo(
    path: Path | None, images: Path | None, folder: Path | None, *, serving: bool, **rest: Any
) -> None:
    """Show the main job: index the sample shop, ask it with a photo, serve the page."""
    if folder:
        export(folder)
        click.echo(f"{folder} holds the sample shop; read {folder / 'DATASHEET.md'}")
        return
    rest["data"] = rest["data"] or Path("shoplens-demo")
    examples = None if path else FOLDER / "queries"
    settings = settings_of(rest, serve={"port": rest["port"], "examples": examples})
    console = Console()
    request = IndexRequest((path or feed()).absolute(), images.absolute() if images else None)
    with Engine.open(settings) as engine:
        with progress_bars(console) as bars:
            report = engine.index(request, bars)
        console.print(report_table(report))
        asked = next(photo for photo in query_photos() if photo.image.stem == SHOWN)
        _ask(engine, None if path else asked, request, console)
    if serving:
        _serve(settings, any_port=True)


def _ask(engine: Engine, asked: QueryPhoto | None, request: IndexRequest, console: Console) -> None:
    """Ask with one photo, and say what would have been right."""
    if asked:
        photo, right = asked.image.read_bytes(), asked.product_id
        told = f"asked with {asked.image}, a photo of {right}"
    else:
        right, name = _first_picture(engine)
        source = ImageSource(request.root, None, engine.settings.images.max_bytes)
        photo, told = source.read(name).data, f"asked with {name}, a picture of {right} itself"
    answer = engine.search(Query(picture=engine.picture(photo), k=ASKED))
    console.print(told, highlight=False)
    console.print(answer_table(lines_of(answer), answer.timings_ms))
    place = (
        [shown.product.product_id for shown in answer.shown].index(right) + 1
        if any(shown.product.product_id == right for shown in answer.shown)
        else 0
    )
    console.print(f"{right} came at place {place}" if place else f"{right} did not come")


def _first_picture(engine: Engine) -> tuple[str, str]:
    after = 0
    while True:
        views, after = engine.page(after=after)
        for view in views:
            usable = [r.source for r in view.images if not r.reason and "://" not in r.source]
            if usable:
                return view.product.product_id, usable[0]
        if not after:
            raise NotFoundError("this feed has no usable local image to ask with")


def _serve(settings: Settings, *, any_port: bool) -> None:
    check_address(settings.serve.host, settings.serve)
    try:
        listener = listen(settings.serve.host, settings.serve.port)
    except BusyError as busy:
        if not any_port:
            raise
        click.echo(f"{busy}; taking a free port instead")
        listener = listen(settings.serve.host, 0)
    with listener, Engine.open(settings, address=listener.address) as engine:
        engine.start_worker()
        click.echo(f"search page   {listener.address}/")
        click.echo(f"API           {listener.address}/docs")
        now = engine.status()
        on = f", run by {now.provider}" if now.provider else ""
        click.echo(f"encoder       {now.encoder}{on}")
        click.echo("Ctrl-C stops it")
        run(create_app(engine), listener)
