"""``shoplens status``, ``verify``, ``doctor``, ``calibrate``: is it all there, and is it right?"""

import json
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shoplens.answer.calibrating.report import COLUMNS, CalibrateReport, plot, rows, spoken
from shoplens.answer.calibrating.shop import CalibrateRequest
from shoplens.catalogue.catalogue import open_catalogue
from shoplens.cli.shop import ask, let_do, server_of, settings_of, shared
from shoplens.cli.show import progress_bars, rejection_lines
from shoplens.config import Settings
from shoplens.database.owner import Owner
from shoplens.doctor import Finding, examine
from shoplens.engine import Engine
from shoplens.ingest.status import Status
from shoplens.ingest.verify import VerifyReport, VerifyRequest
from shoplens.ingest.worker import CALIBRATE, VERIFY
from shoplens.types import Rejection, Stage

ALL = 1_000_000
MARKS = {"good": "[green]✓[/]", "note": "[yellow]·[/]", "bad": "[red]✗[/]"}


@click.command()
@click.option(
    "--rejections", is_flag=True, help="List every refused row and image with its reason."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@shared
def status(*, rejections: bool, as_json: bool, **rest: Any) -> None:
    """Show what is indexed, what waits, and what was refused."""
    settings = settings_of(rest)
    server = server_of(settings)
    found, refused = (
        _status_there(settings, server, rejections=rejections)
        if server
        else _status_here(settings, rejections=rejections)
    )
    if as_json:
        told = asdict(found) | {"rejections": [asdict(r) for r in refused]}
        click.echo(json.dumps(told, default=str, ensure_ascii=False))
        return
    table = Table(show_header=False)
    waiting = found.products.get(Stage.PENDING, 0)
    rows = {
        "products": f"{found.products.get(Stage.INDEXED, 0)} indexed, {waiting} waiting",
        "images": f"{found.images} usable, {found.rejected_images} refused",
        "feed rows refused": str(found.rejected_rows),
        "rows in the store": f"{found.rows} ({found.store})",
        "encoder": f"{found.encoder} {found.fingerprint} {found.provider}".strip(),
        "database": found.database,
        "data folder": str(found.data),
        "server": f"{server.address}, {found.jobs_running} jobs running" if server else "none",
    }
    for name, text in rows.items():
        table.add_row(name, Text(text))
    Console().print(table)
    for line in rejection_lines(refused):
        click.echo(line)


def _status_here(settings: Settings, *, rejections: bool) -> tuple[Status, list[Rejection]]:
    with Engine.open(settings) as engine:
        return engine.status(), engine.rejections(k=ALL) if rejections else []


def _status_there(
    settings: Settings, server: Owner, *, rejections: bool
) -> tuple[Status, list[Rejection]]:
    told = ask(settings, server, "GET", "/v1/status")
    told["products"] = {Stage(stage): count for stage, count in told["products"].items()}
    told["data"] = Path(told["data"])
    if not rejections:
        return Status(**told), []
    with closing(open_catalogue(settings.database_url)) as catalogue:
        return Status(**told), catalogue.rejected(k=ALL)


@click.command()
@click.option("--repair", is_flag=True, help="Mark what is missing, so that 'index' does it again.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@shared
def verify(*, repair: bool, as_json: bool, **rest: Any) -> None:
    """Prove that nothing was skipped: every product is indexed, waiting, or refused with a reason.

    Ends with status 1 if the store lacks rows of an indexed product, or holds rows of none.
    """
    report = _verify(settings_of(rest), VerifyRequest(repair))
    if as_json:
        click.echo(json.dumps(asdict(report) | {"ok": report.ok}, ensure_ascii=False))
    else:
        _tell(report, repair=repair)
    raise SystemExit(0 if report.ok else 1)


def _verify(settings: Settings, request: VerifyRequest) -> VerifyReport:
    """Compare here, or let the server do it, as it alone can read its store."""
    console = Console(stderr=True)
    if server_of(settings) is None:
        with Engine.open(settings) as engine, progress_bars(console) as bars:
            return engine.verify(repair=request.repair, progress=bars)
    with (
        closing(open_catalogue(settings.database_url)) as catalogue,
        progress_bars(console) as bars,
    ):
        done = let_do(settings, catalogue, VERIFY, request.to_json(), bars)
    return VerifyReport.from_json(done)


def _tell(report: VerifyReport, *, repair: bool) -> None:
    click.echo(
        f"{report.products} products: {report.indexed} indexed, {report.pending} waiting; "
        f"{report.rows} rows in the store; refused with a reason: {report.rejected_rows} feed "
        f"rows, {report.rejected_images} images"
    )
    for product_id in report.missing:
        click.echo(f"missing from the store: {product_id}")
    for product_id in report.orphans:
        click.echo(f"in the store without a product: {product_id}")
    if not report.ok:
        advice = "run 'shoplens index' again" if repair else "run 'shoplens verify --repair'"
        click.echo(f"something is missing; {advice}")
    elif report.pending:
        click.echo("nothing is lost; run 'shoplens index' to do what waits")
    else:
        click.echo("nothing is missing")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@shared
def doctor(*, as_json: bool, **rest: Any) -> None:
    """Tell what this machine has and lacks; ends with status 1 if something needed is missing."""
    findings = examine(settings_of(rest))
    if as_json:
        click.echo(json.dumps([asdict(f) for f in findings], ensure_ascii=False))
    else:
        _print(findings)
    raise SystemExit(1 if any(f.state == "bad" for f in findings) else 0)


def _print(findings: list[Finding]) -> None:
    table = Table(show_header=False)
    for finding in findings:
        table.add_row(MARKS[finding.state], finding.subject, Text(finding.told))
    Console().print(table)


# ---- calibrate ---------------------------------------------------------------------------------


@click.command()
@click.option(
    "--judged",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV of judged pairs: query_image, query_text, product_id, right (1 or 0).",
)
@click.option(
    "--queries",
    type=click.IntRange(1, 100_000),
    help="How often the shop asks about one of its products.  [default: 200]",
)
@click.option("--dry-run", is_flag=True, help="Tell what would be gained, keep nothing.")
@click.option(
    "--plot", "plots", type=click.Path(path_type=Path), help="Folder for a plot (SVG) of each way."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@shared
def calibrate(
    *,
    judged: Path | None,
    queries: int | None,
    dry_run: bool,
    plots: Path | None,
    as_json: bool,
    **rest: Any,
) -> None:
    """Learn how often this shop's answers are right, so that confidence means what it says.

    Without judged pairs the shop asks about its own products: by their pictures, made into photos
    as visitors take them, and by their words.
    """
    request = CalibrateRequest(str(judged.absolute()) if judged else "", dry_run=dry_run)
    request = replace(request, queries=queries) if queries else request
    report = _calibrate(settings_of(rest), request)
    if plots:
        _draw_calibration(report, plots)
    if as_json:
        click.echo(report.to_json())
    else:
        _tell_calibration(report)


def _calibrate(settings: Settings, request: CalibrateRequest) -> CalibrateReport:
    """Do it here, or let the server do it, as it alone can read its store."""
    console = Console(stderr=True)
    if server_of(settings) is None:
        with Engine.open(settings) as engine, progress_bars(console) as bars:
            return engine.calibrate(request, bars)
    with (
        closing(open_catalogue(settings.database_url)) as catalogue,
        progress_bars(console) as bars,
    ):
        done = let_do(settings, catalogue, CALIBRATE, request.to_json(), bars)
    return CalibrateReport.from_json(done)


def _tell_calibration(report: CalibrateReport) -> None:
    table = Table(*COLUMNS, caption="before→after, judged by products that were not learnt from")
    for row in rows(report):
        table.add_row(*row)
    Console().print(table)
    for line in rejection_lines(list(report.refused)):
        click.echo(line)
    click.echo(report.told())


def _draw_calibration(report: CalibrateReport, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, before in report.before.items():
        curves = {"before": before, "after": report.after[name]}
        (folder / f"{name}.svg").write_text(
            plot(curves, f"asked by {spoken(name)}"), encoding="utf-8"
        )
