"""``shoplens status``, ``verify`` and ``doctor``: is everything there, and is it well?"""

import json
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shoplens.cli.options import settings_of, shared
from shoplens.cli.show import progress_bars, rejection_lines
from shoplens.doctor import Finding, examine
from shoplens.engine import Engine
from shoplens.types import Stage

MARKS = {"good": "[green]✓[/]", "note": "[yellow]·[/]", "bad": "[red]✗[/]"}


@click.command()
@click.option(
    "--rejections", is_flag=True, help="List every refused row and image with its reason."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@shared
def status(*, rejections: bool, as_json: bool, **rest: Any) -> None:
    """Show what is indexed, what waits, and what was refused."""
    with Engine.open(settings_of(rest)) as engine:
        found = engine.status()
        refused = engine.rejections(k=1_000_000) if rejections else []
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
        "encoder": f"{found.encoder} {found.fingerprint}",
        "database": found.database,
        "data folder": str(found.data),
    }
    for name, text in rows.items():
        table.add_row(name, Text(text))
    Console().print(table)
    for line in rejection_lines(refused):
        click.echo(line)


@click.command()
@click.option("--repair", is_flag=True, help="Mark what is missing, so that 'index' does it again.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@shared
def verify(*, repair: bool, as_json: bool, **rest: Any) -> None:
    """Prove that nothing was skipped: every product is indexed, waiting, or refused with a reason.

    Ends with status 1 if the store lacks rows of an indexed product, or holds rows of none.
    """
    with Engine.open(settings_of(rest)) as engine, progress_bars(Console(stderr=True)) as bars:
        report = engine.verify(repair=repair, progress=bars)
    if as_json:
        click.echo(json.dumps(asdict(report) | {"ok": report.ok}, ensure_ascii=False))
    else:
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
    raise SystemExit(0 if report.ok else 1)


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
