"""What the command line prints: progress bars, tables and one-line reports."""

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any

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

from shoplens.answer.answer import Answer
from shoplens.client import answers as wire
from shoplens.client.parse import parse
from shoplens.ingest.feeds import IndexReport
from shoplens.serve.routes.out.answers import AnswerOut
from shoplens.types import Rejection

STEPS = {
    "read": "reading the feed",
    "encode": "encoding pictures",
    "optimise": "arranging for speed",
    "words": "learning words",
    "verify": "comparing",
    "load": "opening the original",
    "export": "writing ONNX",
    "compare": "comparing with it",
    "int8": "rounding to int8",
}
FACET_VALUES = 8


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


def told_of(answer: Answer) -> dict[str, Any]:
    """Tell an answer as the HTTP API does."""
    told: dict[str, Any] = json.loads(json.dumps(AnswerOut.of(answer), default=_members))
    return told


def _members(noun: Any) -> dict[str, Any]:
    if is_dataclass(noun):
        return {one.name: getattr(noun, one.name) for one in fields(noun)}
    return dict(noun)


def lines_of(answer: Answer) -> tuple[wire.Shown, ...]:
    """Take from an answer what a table shows."""
    return parse(wire.Answer, told_of(answer)).products


def answer_parts(answer: wire.Answer) -> Iterator[Text | Table]:
    """Lay out an answer: how it was understood, its products, how many there are, its facets."""
    if answer.corrected:
        yield Text(f"understood as: {answer.corrected}")
    if answer.match == "none" and any(one.signals for one in answer.products):
        yield Text(f"no confident match{_guess_text(answer.guess)}")
    yield answer_table(answer.products, answer.timings_ms)
    least = "" if answer.total_exact else "at least "
    yield Text(f"{len(answer.products)} of {least}{answer.total} products")
    if answer.facets:
        yield _facet_table(answer.facets)


def answer_table(
    products: Sequence[wire.Shown], timings_ms: Mapping[str, float] | None = None
) -> Table:
    """Lay out the products of an answer; ``why`` has reasons if there are, or else signals."""
    timings_ms = timings_ms or {}
    steps = " · ".join(f"{step} {ms:.0f}" for step, ms in timings_ms.items())
    table = Table(caption=f"{sum(timings_ms.values()):.0f} ms: {steps}", caption_justify="left")
    for name in ("", "product", "title", "brand"):
        table.add_column(name, overflow="fold")
    for name in ("price", "score", "match", "why"):
        table.add_column(name, justify="right", overflow="fold")
    for place, one in enumerate(products, 1):
        cells = (one.product_id, one.title, one.brand, _price_text(one))
        reasons = (f"{one.score:.3f}", _match_text(one), _why_text(one))
        table.add_row(str(place), *(Text(cell) for cell in (*cells, *reasons)))
    return table


def _guess_text(guess: wire.Guess | None) -> str:
    return f"; probably {' > '.join(guess.category)} ({guess.confidence:.0%})" if guess else ""


def _price_text(one: wire.Shown) -> str:
    """Write what is asked for a product now."""
    price = one.price if one.sale_price is None else one.sale_price
    if price is None:
        return ""
    whole, _, cents = f"{price.normalize():f}".partition(".")
    return f"{whole}.{cents:0<2} {one.currency}".strip()


def _match_text(one: wire.Shown) -> str:
    """Say how sure it is, where something was compared at all."""
    return f"{one.match} {one.confidence:.0%}" if one.signals else ""


def _why_text(one: wire.Shown) -> str:
    shares = one.why.shares if one.why else one.signals
    parts = [" ".join(f"{name} {share:.2f}" for name, share in shares.items())]
    parts += [", ".join(one.why.words), ", ".join(one.why.colours)] if one.why else []
    return " · ".join(part for part in parts if part)


def _facet_table(facets: Sequence[wire.Facet]) -> Table:
    table = Table(show_header=False)
    for facet in facets:
        counts = [(one.value, one.products) for one in facet.values]
        ranges = [(f"{r.low:g}–{r.high:g}", r.products) for r in facet.ranges if r.products]
        told = [f"{name} ({products})" for name, products in counts[:FACET_VALUES] + ranges]
        more = ["…"] if len(counts) > FACET_VALUES else []
        table.add_row(Text(facet.field), Text(" · ".join(told + more)))
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
