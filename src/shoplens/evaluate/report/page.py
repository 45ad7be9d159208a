"""An evaluation as one HTML file: no script, no other file, readable on a phone and at night."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from pathlib import Path

from shoplens.evaluate.evaluation import Evaluation, Failure
from shoplens.evaluate.report.drawing import bar, curve, difference
from shoplens.evaluate.report.pictures import Gallery
from shoplens.evaluate.report.table import (
    COMPARED_COLUMNS,
    FIRST,
    LEVEL_COLUMNS,
    compared_rows,
    counted,
    curves_of,
    figure_columns,
    figure_rows,
    level_rows,
    remarks,
    slice_metrics,
    slice_rows,
)

STYLE = Path(__file__).with_name("page.css")
OPEN = 10
"""So many values of a field are shown before a click."""
REFUSED = 200
"""So many refusals are listed; JSON has them all."""


def page(evaluation: Evaluation, gallery: Gallery, title: str, now: datetime) -> str:
    """Write the page; every text of the shop is escaped."""
    sections = (
        _figures(evaluation),
        _compared(evaluation),
        _slices(evaluation),
        _robustness(evaluation),
        _failures(evaluation, gallery),
        _refused(evaluation),
    )
    body = "\n".join(part for section in sections for part in section)
    told = "".join(f"<p>{escape(one)}</p>" for one in remarks(evaluation))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE.read_text('utf-8')}</style></head>\n"
        f'<body><main><header><p class="kind">Search evaluation</p><h1>{escape(title)}</h1>\n'
        f'<p class="when">{now:%Y-%m-%d %H:%M} UTC</p>{told}</header>\n'
        f"{body}\n</main></body></html>\n"
    )


def _figures(evaluation: Evaluation) -> Iterator[str]:
    yield "<section><h2>How good it is</h2>"
    drawn = [bar(told, name) for name, told in evaluation.figures.items()]
    yield _table(figure_columns(evaluation), figure_rows(evaluation), drawn)
    yield (
        '<p class="note">Bars go from 0 to 1; lines are 95 % bootstrap intervals over the '
        "products asked about.</p></section>"
    )


def _compared(evaluation: Evaluation) -> Iterator[str]:
    if evaluation.compared:
        yield "<section><h2>Against the run before</h2>"
        ends = [abs(end) for one in evaluation.compared.values() for end in (one.low, one.high)]
        reach = max((end for end in ends if end <= 1.0), default=1.0)
        drawn = [difference(one, name, reach) for name, one in evaluation.compared.items()]
        yield _table(COMPARED_COLUMNS, compared_rows(evaluation), drawn)
        yield (
            f'<p class="note">Drawn from {-reach:.3f} to {reach:+.3f}. p is that of a paired '
            "randomisation test.</p></section>"
        )


def _slices(evaluation: Evaluation) -> Iterator[str]:
    names = slice_metrics(evaluation)
    for field, rows in slice_rows(evaluation).items():
        drawn = [
            bar(one.figures[FIRST], one.value) for one in evaluation.slices if one.field == field
        ]
        columns = (field, "questions", *names)
        yield f"<section><h2>By {escape(field)}</h2>{_table(columns, rows[:OPEN], drawn[:OPEN])}"
        if rows[OPEN:]:
            rest = _table(columns, rows[OPEN:], drawn[OPEN:])
            yield f"<details><summary>{len(rows) - OPEN} more</summary>{rest}</details>"
        yield "</section>"


def _robustness(evaluation: Evaluation) -> Iterator[str]:
    curves = curves_of(evaluation)
    if curves:
        second = slice_metrics(evaluation)[-1]
        yield "<section><h2>When photos get worse</h2>"
        yield (
            f'<p class="legend"><i class="first"></i>{FIRST} with its interval '
            f'<i class="second"></i>{escape(second)}</p><div class="curves">'
        )
        yield from (curve(points, name, FIRST, second) for name, points in curves.items())
        yield f'</div><p class="note">{FIRST} level by level:</p>'
        yield _table(LEVEL_COLUMNS, level_rows(evaluation)) + "</section>"


# ---- pictures ------------------------------------------------------------------------------------


def _failures(evaluation: Evaluation, gallery: Gallery) -> Iterator[str]:
    if evaluation.failures:
        yield "<section><h2>The worst failures</h2>"
        yield (
            '<p class="note">Each row: what was asked, what came first (right ones in a green '
            "frame), what was wanted.</p>"
        )
        name = list(evaluation.figures)[-1]
        for failure in evaluation.failures:
            yield _failure(failure, name, gallery)
        yield "</section>"


def _failure(failure: Failure, name: str, gallery: Gallery) -> str:
    question = failure.question
    came = "".join(
        _card(
            gallery,
            shown.placed.product_id,
            f"{place} · {shown.placed.score:.2f}",
            "right" if shown.grade > 0 else "",
        )
        for place, shown in enumerate(failure.came, start=1)
    )
    came = came or '<span class="none">nothing came</span>'
    wanted = "".join(_card(gallery, product_id, "", "wanted") for product_id in failure.wanted[:2])
    slices = ", ".join(f"{field}: {value}" for field, value in question.slices.items())
    told = "".join(f"<p>{escape(one)}</p>" for one in (question.told(), slices) if one)
    return (
        f'<article><div class="asked"><h3>asked</h3><figure>{gallery.question(question)}</figure>'
        f'{told}<p class="value">{escape(name)} {failure.value:.2f}</p></div>'
        f'<div class="came"><h3>came</h3><div class="row">{came}</div></div>'
        f'<div class="want"><h3>wanted</h3><div class="row">{wanted}</div></div></article>'
    )


def _card(gallery: Gallery, product_id: str, above: str, kind: str) -> str:
    title = escape(gallery.title(product_id))
    head = f"<b>{escape(above)}</b> " if above else ""
    return (
        f'<figure class="{kind}" title="{escape(product_id)}">{gallery.product(product_id)}'
        f"<figcaption>{head}{title}</figcaption></figure>"
    )


def _refused(evaluation: Evaluation) -> Iterator[str]:
    if evaluation.refused:
        yield f"<section><h2>Left out</h2><p>{counted(evaluation.refused)}:</p><ul>"
        for one in evaluation.refused[:REFUSED]:
            yield f"<li><code>{escape(one.where)}</code> {escape(one.reason)}</li>"
        yield "</ul></section>"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], drawn: Sequence[str] = ()) -> str:
    """Write a table; what is ``drawn`` stands at the end of its row."""
    head = "".join(f"<th>{escape(one)}</th>" for one in columns) + ("<th></th>" if drawn else "")
    lines: list[str] = []
    for place, row in enumerate(rows):
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in row)
        end = f'<td class="drawn">{drawn[place]}</td>' if drawn else ""
        lines.append(f"<tr>{cells}{end}</tr>")
    return f'<div class="wide"><table><tr>{head}</tr>{"".join(lines)}</table></div>'
