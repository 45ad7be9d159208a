"""What the command line prints: progress bars, tables and one-line reports."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from shoplens.ingest.feeds import IndexReport
from shoplens.types import Answer, Product, Rejection

STEPS = {
    "read": "reading the feed",
    "encode": "encoding pictures",
    "optimise": "arranging for speed",
    "verify": "comparing",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an answer."""

    product_id: str
    title: str
    brand: str
    price: str
    score: float
    signals: Mapping[str, float]


@contextmanager
def progress_bars(console: Console) -> Generator["Bars"]:
    """Show a bar for each step while the block runs."""
    columns = (
        TextColumn("{task.description:20}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bars:
        yield Bars(bars)


class Bars:
    """A progress callback that draws one bar a step."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: str, done: int, total: int) -> None:
        """Move the bar of ``step``."""
        if step not in self._tasks:
            self._tasks[step] = self._bars.add_task(STEPS.get(step, step), total=total or None)
        self._bars.update(self._tasks[step], completed=done, total=total or None)


def lines_of(answer: Answer) -> list[Line]:
    """Take from an answer what a table shows."""
    return [
        Line(
            shown.product.product_id,
            shown.product.title,
            shown.product.brand,
            price_of(shown.product),
            shown.ranked.score,
            shown.ranked.signals,
        )
        for shown in answer.shown
    ]


def price_of(product: Product) -> str:
    """Write what is asked for a product now."""
    price = product.sale_price if product.sale_price is not None else product.price
    return price_text(price, product.currency)


def price_text(price: Decimal | float | None, currency: str) -> str:
    """Write an amount the same way whether it came over HTTP, as a float, or not."""
    if price is None:
        return ""
    whole, _, cents = f"{Decimal(str(price)).normalize():f}".partition(".")
    return f"{whole}.{cents:0<2} {currency}".strip()


def answer_table(lines: Sequence[Line], timings_ms: Mapping[str, float]) -> Table:
    """Lay out an answer."""
    steps = " · ".join(f"{step} {ms:.0f}" for step, ms in timings_ms.items())
    table = Table(caption=f"{sum(timings_ms.values()):.0f} ms: {steps}", caption_justify="left")
    for name in ("", "product", "title", "brand"):
        table.add_column(name, overflow="fold")
    for name in ("price", "score", "why"):
        table.add_column(name, justify="right", overflow="fold")
    for place, line in enumerate(lines, 1):
        why = " ".join(f"{name} {score:.2f}" for name, score in line.signals.items())
        cells = (line.product_id, line.title, line.brand, line.price, f"{line.score:.3f}", why)
        table.add_row(str(place), *(Text(cell) for cell in cells))
    return table


def report_table(report: IndexReport) -> Table:
    """Lay out what indexing did."""
    counts, sync = report.counts, report.sync
    rate = counts.encoded / report.seconds if report.seconds else 0.0
    table = Table(show_header=False, title=f"{report.feed} ({report.kind})", title_justify="left")
    rows = {
        "products": f"{sync.new} new, {sync.changed} changed, {sync.unchanged} unchanged, "
        f"{sync.removed} removed",
        "indexed now": f"{counts.products}",
        "images": f"{counts.encoded} encoded, {counts.reused} reused, {counts.refused} refused",
        "rows refused": f"{sync.rejected}",
        "time": f"{report.seconds:.1f} s ({rate:.1f} images/s)",
    }
    for name, text in rows.items():
        table.add_row(name, Text(text))
    return table


def mapping_text(report: IndexReport) -> str:
    """Say which column was taken for what, and which were passed over."""
    if not report.mapping:
        return ""
    taken = ", ".join(f"{field}={column}" for field, column in report.mapping.items())
    passed = f"; passed over: {', '.join(report.ignored)}" if report.ignored else ""
    return f"columns: {taken}{passed}  (change with --map FIELD=COLUMN)"


def rejection_lines(rejections: Sequence[Rejection]) -> list[str]:
    """Write each rejection on a line."""
    return [
        f"{r.where}: {r.reason}" + (f"  [{r.product_id}]" if r.product_id else "")
        for r in rejections
    ]
