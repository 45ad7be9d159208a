"""``shoplens describe``: a language model looks at pictures, and a person decides."""

import json
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shoplens.catalogue.catalogue import Catalogue, open_catalogue
from shoplens.cli.learning.tag import OUT, Tagging
from shoplens.cli.shop import settings_of, shared
from shoplens.cli.show import progress_bars, rejection_lines
from shoplens.config import Settings
from shoplens.errors import ConfigError
from shoplens.images.fetch import Fetcher
from shoplens.ingest.feeds import ImagePlaces
from shoplens.predict.describe.describing import Describing
from shoplens.predict.describe.kept import Answers
from shoplens.predict.describe.pictures import Pictures
from shoplens.predict.describe.question.asking import Asked, read_asked
from shoplens.predict.describe.report import Job, Report
from shoplens.predict.describe.server.client import Llm
from shoplens.predict.describe.server.place import Place, permit, place_of
from shoplens.predict.describe.server.request import Style, body_of
from shoplens.predict.describe.wanted import Found, find_wanted
from shoplens.predict.review.table import read_review

DESCRIBED = Path("described.csv")
SHOWN = 20
"""So many refusals are told one by one; --json tells all."""
EPILOG = """\b
With a model on this machine (Ollama, llama.cpp, vLLM):
  shoplens describe --llm http://127.0.0.1:11434/v1 --model qwen3-vl \\
      --field material=cotton,wool,leather --field pattern --caption --html described.html
  shoplens tag --apply described.csv          keep what was accepted
  shoplens index products.csv                 make it searchable
\b
First look at what would be sent, and what it may cost:
  shoplens describe --field pattern --dry-run   (with llm.url and llm.model set)
"""


@click.command(epilog=EPILOG)
@click.option("--llm", "url", metavar="URL", help="OpenAI-compatible server.  [default: llm.url]")
@click.option("--model", help="The model, as the server calls it.  [default: llm.model]")
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="NAME[=A,B]",
    help="Fill this field, from these labels or in a few words; repeatable.",
)
@click.option("--caption", is_flag=True, help="Write descriptions for products without one.")
@click.option("--language", default="", help="Of captions and free words.  [default: the title's]")
@click.option("--out", type=OUT, help="Review file to write.  [default: described.csv]")
@click.option("--html", type=OUT, help="Also write a page with pictures to click through.")
@click.option("--limit", type=click.IntRange(1), help="Ask about at most so many products.")
@click.option("--budget", type=click.IntRange(1), help="Most tokens.  [default: llm.budget_tokens]")
@click.option("--send-pictures-to", "host", default="", help="Let pictures leave this machine.")
@click.option("--again", is_flag=True, help="Ask anew where an answer was refused.")
@click.option("--dry-run", is_flag=True, help="Print one request and the numbers; send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@shared
def describe(**asked: Any) -> None:
    """Fill in what products lack by asking a language model: a person decides what is kept.

    Writes suggestions to a review file, as 'shoplens tag' does. Pictures stay on this machine
    unless you name the host that may have them. What was answered is not asked again.
    """
    llm = {"url": asked["url"], "model": asked["model"], "budget_tokens": asked["budget"]}
    settings = settings_of(asked, llm=llm)
    place = place_of(settings.llm.url)
    if not settings.llm.model:
        raise ConfigError("no model was named; give --model, or set llm.model")
    questions = read_asked(
        asked["fields"], caption=asked["caption"], language=asked["language"].strip()
    )
    if not asked["dry_run"]:
        permit(place, asked["host"], allow_remote=settings.llm.allow_remote)
        _spare(asked["out"] or DESCRIBED)
    with closing(open_catalogue(settings.database_url)) as catalogue:
        call = Tagging(settings, catalogue, asked)
        found = find_wanted(catalogue, questions)
        with _run_over(settings, catalogue, questions, found, asked) as run:
            (_dry_run if asked["dry_run"] else _ask)(call, run, place, found)


def _spare(path: Path) -> None:
    """Refuse to write over what a person decided (ConfigError), or another file (FeedError)."""
    review = read_review(path) if path.exists() else None
    if review and (review.accepted or review.rejected):
        raise ConfigError(
            f"{path} holds decisions: {len(review.accepted)} accepted, {review.rejected} rejected; "
            f"use them (shoplens tag --apply {path}) and move it away, or give another --out"
        )


@contextmanager
def _run_over(
    settings: Settings, catalogue: Catalogue, asked: Asked, found: Found, flags: dict[str, Any]
) -> Generator[Describing]:
    """Put a run together; what it opens is closed after the block."""
    uploads = settings.data.absolute() / "uploads"
    job = Job(found.wanted, asked, settings.llm.image_px, flags["limit"], flags["again"])
    with (
        closing(Fetcher(settings.images)) as fetcher,
        closing(Answers(settings.data, settings.llm.model)) as answers,
    ):
        places = ImagePlaces(catalogue.notes, uploads, fetcher, settings.images.max_bytes)
        limits = settings.llm.image_px, settings.images.max_pixels
        yield Describing(job, answers, Pictures(places.source_of, *limits))


# ---- asking --------------------------------------------------------------------------------------


def _ask(call: Tagging, run: Describing, place: Place, found: Found) -> None:
    settings = call.settings.llm
    if run.open:
        click.echo(
            f"pictures and texts of {len(run.open)} products go to {place.told}, "
            f"model {settings.model}",
            err=True,
        )
    ended = False
    try:
        if run.open:
            with progress_bars(Console(stderr=True)) as bars:
                run.run(
                    lambda: Llm(settings, place, rng=np.random.default_rng()),
                    settings.connections,
                    bars,
                )
        ended = True
    finally:  # also after Ctrl-C and where the server gave up: what is there was paid for
        report = run.report(call.place_of())
        if ended or report.products:
            _tell(call, report, found, call.write(report.suggestions, DESCRIBED))


def _tell(call: Tagging, report: Report, found: Found, path: Path) -> None:
    prices = call.settings.llm.price_in, call.settings.llm.price_out
    told = {
        "file": str(path),
        "fields": {
            field: {
                "missing": missing,
                "told": report.told.get(field, 0),
                "unknown": report.unknown.get(field, 0),
            }
            for field, missing in found.missing.items()
        },
        "without_picture": found.without,
        "answers": {"new": report.products - report.kept, "kept": report.kept},
        "left": report.left,
        "out_of_budget": report.out_of_budget,
        "spent": {
            "requests": report.spent.requests,
            "tokens_in": report.spent.tokens_in,
            "tokens_out": report.spent.tokens_out,
            "guessed": report.spent.guessed,
            "price": round(report.spent.price(*prices), 6),
        },
        "refused": [
            {"where": one.where, "reason": one.reason, "product_id": one.product_id}
            for one in report.rejections
        ],
    }
    call.tell(told, lambda: _show(report, found, path, prices))


def _show(report: Report, found: Found, path: Path, prices: tuple[float, float]) -> None:
    table = Table("field", "products that lack it", "told", "not to be seen")
    for field, missing in found.missing.items():
        numbers = missing, report.told.get(field, 0), report.unknown.get(field, 0)
        table.add_row(Text(field), *map(str, numbers))
    Console().print(table)
    for line in _lines(report, found, prices):
        click.echo(line)
    click.echo(f"{len(report.suggestions)} suggestions in {path}; nothing was changed")
    if report.suggestions:
        click.echo(f"fill in 'decision' (accept or reject), then: shoplens tag --apply {path}")


def _lines(report: Report, found: Found, prices: tuple[float, float]) -> Sequence[str]:
    lines = rejection_lines(report.rejections[:SHOWN])
    if len(report.rejections) > SHOWN:
        lines.append(f"… and {len(report.rejections) - SHOWN} more; --json tells all")
    if found.without:
        lines.append(f"{found.without} products have no picture to look at; run 'shoplens index'")
    spent = report.spent
    price = f", {spent.price(*prices):.4f} at your prices" if any(prices) else ""
    guessed = f" ({spent.guessed} answers guessed)" if spent.guessed else ""
    lines.append(
        f"{report.products - report.kept} products answered now, {report.kept} before; "
        f"{spent.tokens_in:,} tokens in, {spent.tokens_out:,} out{guessed}{price}"
    )
    if report.left:
        why = "the budget allows no more" if report.out_of_budget else "the same command goes on"
        lines.append(f"{report.left} products are left: {why}")
    return lines


# ---- what would be asked -------------------------------------------------------------------------


def _dry_run(call: Tagging, run: Describing, place: Place, found: Found) -> None:
    """Show one request, its picture cut short, and what all of them may cost."""
    settings = call.settings.llm
    counts = {"products": len(run.open), "without_picture": found.without, "to": place.address}
    if not run.open:
        call.tell(counts, lambda: click.echo("nothing is left to ask"))
        return
    question = run.question(run.open[0])
    body = json.loads(body_of(question, settings, Style()))
    picture = body["messages"][1]["content"][1]["image_url"]
    picture["url"] = f"{picture['url'][:40]}… ({len(question.jpeg):,} bytes)"
    tokens = question.tokens() * len(run.open)
    told = counts | {"request": body, "tokens_in": tokens}

    def show() -> None:
        click.echo(f"POST {place.address}/chat/completions")
        click.echo(json.dumps(body, ensure_ascii=False, indent=2))
        click.echo(
            f"{len(run.open)} products would be asked about, at {place.told}: about {tokens:,} "
            f"tokens in, at most {settings.max_tokens * len(run.open):,} out"
        )
        click.echo("nothing was sent")

    call.tell(told, show)
