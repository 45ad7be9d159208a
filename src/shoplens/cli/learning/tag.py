"""``shoplens tag``: what products lack is told from their pictures, and a person decides."""

import importlib.util
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shoplens.catalogue.catalogue import Catalogue, open_catalogue
from shoplens.catalogue.images import ImageRecord
from shoplens.catalogue.products import Stored
from shoplens.cli.shop import settings_of, shared
from shoplens.cli.show import progress_bars, rejection_lines
from shoplens.config import Settings
from shoplens.encode.base import Encoder
from shoplens.errors import ConfigError, MissingExtraError, NotFoundError
from shoplens.images.decode import decode
from shoplens.images.source import ImageSource
from shoplens.images.thumbnails import Thumbnails
from shoplens.indexing.workbench import utc_now
from shoplens.ingest.feeds import images_root
from shoplens.ingest.switching.side import open_model, serving_name
from shoplens.predict.files import HEADS, classifier_folder, read_heads
from shoplens.predict.heads import Heads
from shoplens.predict.review.deciding import accepted, apply, undo
from shoplens.predict.review.page import write_page
from shoplens.predict.review.table import write_review
from shoplens.predict.shop.gathering import Gathered, gather
from shoplens.predict.shop.labels import labels_of
from shoplens.predict.shop.tagging import FieldCount, PlaceOf, Suggestion, suggest_missing
from shoplens.predict.shop.teaching import suggest_teaching
from shoplens.predict.zero_shot import zero_shot_heads
from shoplens.types import Rejection

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)
TAGS, TEACH = Path("tags.csv"), Path("suggest.csv")
SHOWN = 10
EPILOG = """\b
A first round:
  shoplens tag --train                        learn from the products that have labels
  shoplens tag --html tags.html               tell what the others lack: tags.csv, and a page
  shoplens tag --apply tags.csv               keep what was accepted
  shoplens index products.csv                 make it searchable
\b
More:
  shoplens tag --suggest 100 --field colour   which products to label next, by hand
  shoplens tag --labels material=wood,steel   labels nobody gave yet (an encoder such as CLIP)
  shoplens tag --image photo.jpg              what is in one picture
"""


@click.command(epilog=EPILOG)
@click.option("--train", is_flag=True, help="Learn from the labels that products have.")
@click.option("--field", "fields", multiple=True, help="Only this field; repeatable.")
@click.option("--out", type=OUT, help="Review file to write.  [default: tags.csv or suggest.csv]")
@click.option("--html", "html", type=OUT, help="Also write a page with pictures to click through.")
@click.option("--apply", "applied", type=FILE, help="Keep what a review file accepts.")
@click.option("--undo", "undone", type=FILE, help="Take back what a review file accepts.")
@click.option("--accepted", type=OUT, help="Write a review file of everything kept so far.")
@click.option("--suggest", type=click.IntRange(1, 10_000), help="List products to label next.")
@click.option("--labels", multiple=True, metavar="FIELD=A,B", help="Tell labels by their names.")
@click.option("--image", type=FILE, help="Tell what is in one picture.")
@click.option("--pseudo", is_flag=True, help="Train: also learn from sure guesses.")
@click.option("--balanced", is_flag=True, help="Train: rare labels weigh as much as common ones.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@shared
def tag(**asked: Any) -> None:
    """Fill in what products lack, from their pictures: never silently, a person decides.

    Without an option, writes what can be told with at least 90 % right to the review file. Fill
    its column 'decision' with accept or reject, then give it to --apply.
    """
    modes = [name for name in MODES if asked[name]]
    if len(modes) > 1:
        raise ConfigError(f"one at a time: --{' or --'.join(map(_spelled, modes))}")
    settings = settings_of(asked)
    with closing(open_catalogue(settings.database_url)) as catalogue:
        (MODES[modes[0]] if modes else _fill)(Tagging(settings, catalogue, asked))


@dataclass(frozen=True, slots=True)
class Tagging:
    """A call of the command: which shop, and what was asked."""

    settings: Settings
    catalogue: Catalogue
    asked: Mapping[str, Any]

    def encoder(self) -> Encoder:
        """Open the encoder that serves."""
        models = self.catalogue.models
        return open_model(self.settings, models, serving_name(models))

    def heads(self, fingerprint: str) -> Heads:
        """Read what was trained (NotFoundError, MismatchError)."""
        return read_heads(classifier_folder(self.settings.data) / HEADS, fingerprint)

    def place_of(self) -> PlaceOf:
        """Find pictures for a browser: the thumbnail if it was made, or else URL or file."""
        data, images = self.settings.data.absolute(), self.settings.images
        thumbnails = Thumbnails(data / "thumbnails", images.thumbnail_px)

        def place(stored: Stored, image: ImageRecord) -> str:
            thumbnail = thumbnails.path(image.image_hash)
            if thumbnail or ImageSource.is_remote(image.source):
                return str(thumbnail or image.source)
            root = images_root(self.catalogue.notes, data / "uploads", stored.feed)
            return str(root / image.source) if root else ""

        return place

    def tell(self, found: Mapping[str, object], show: Callable[[], None]) -> None:
        """Print JSON if that was asked for, or else what ``show`` shows."""
        if self.asked["as_json"]:
            click.echo(json.dumps(found, ensure_ascii=False))
        else:
            show()

    def write(self, suggestions: Sequence[Suggestion], default: Path) -> Path:
        """Write the review file, and the page beside it if that was asked for."""
        path: Path = self.asked["out"] or default
        write_review(path, suggestions)
        if self.asked["html"]:
            write_page(self.asked["html"], suggestions, path.name)
        return path


# ---- telling what is missing ---------------------------------------------------------------------


def _fill(call: Tagging) -> None:
    fingerprint = call.encoder().picture.fingerprint
    heads = call.heads(fingerprint)
    _told(call, gather(call.catalogue, fingerprint), heads)


def _zero_shot(call: Tagging) -> None:
    encoder = call.encoder()
    labels = dict(_labels(text) for text in call.asked["labels"])
    gathered = gather(call.catalogue, encoder.picture.fingerprint)
    known = labels_of(gathered.products).tasks
    _told(call, gathered, zero_shot_heads(encoder, labels, gathered.embeddings, known))


def _told(call: Tagging, gathered: Gathered, heads: Heads) -> None:
    fields = call.asked["fields"]
    suggestions, counts = suggest_missing(gathered, heads, call.place_of(), fields)
    path = call.write(suggestions, TAGS)
    found = {
        "file": str(path),
        "without_picture": gathered.without,
        "fields": {one.field: {"missing": one.missing, "told": one.told} for one in counts},
    }
    call.tell(found, lambda: _show_counts(counts, len(suggestions), gathered.without, path))


def _show_counts(counts: Sequence[FieldCount], told: int, without: int, path: Path) -> None:
    table = Table("field", "products that lack it", "told", "not sure enough")
    for one in counts:
        numbers = (one.missing, one.told, one.missing - one.told)
        table.add_row(Text(one.field), *map(str, numbers))
    Console().print(table)
    if without:
        click.echo(f"{without} products have no picture to tell anything from")
    click.echo(f"{told} suggestions in {path}; nothing was changed")
    if told:
        click.echo(f"fill in 'decision' (accept or reject), then: shoplens tag --apply {path}")


def _image(call: Tagging) -> None:
    tower = call.encoder().picture
    heads = call.heads(tower.fingerprint)
    data: bytes = call.asked["image"].read_bytes()
    picture = decode(data, max_pixels=call.settings.images.max_pixels)
    told = heads.tell(tower.encode([tower.prepare(picture)])[0])
    found = {task: {"label": label, "probability": p} for task, (label, p) in told.items()}
    lines = [f"{task}: {label} ({p:.0%})" for task, (label, p) in told.items()]
    call.tell(found, lambda: click.echo("\n".join(lines) or "nothing that is sure enough"))


# ---- what to label next --------------------------------------------------------------------------


def _suggest(call: Tagging) -> None:
    fingerprint = call.encoder().picture.fingerprint
    gathered = gather(call.catalogue, fingerprint)
    try:
        heads = call.heads(fingerprint)
    except NotFoundError:
        heads = None
    suggestions = suggest_teaching(
        gathered,
        heads,
        call.asked["fields"],
        call.asked["suggest"],
        (call.place_of(), np.random.default_rng(0)),
    )
    path = call.write(suggestions, TEACH)
    rows = [
        {"product_id": one.product_id, "field": one.field, "guess": one.value}
        for one in suggestions
    ]
    call.tell({"file": str(path), "suggestions": rows}, lambda: _show_teaching(suggestions, path))


def _show_teaching(suggestions: Sequence[Suggestion], path: Path) -> None:
    table = Table("product", "title", "field", "guess")
    for one in suggestions[:SHOWN]:
        guess = f"{one.value} {one.probability:.0%}" if one.value else ""
        table.add_row(*map(Text, (one.product_id, one.title, one.field, guess)))
    Console().print(table)
    click.echo(
        f"{len(suggestions)} labels to give in {path}: write 'value', and accept in 'decision', "
        f"then: shoplens tag --apply {path}"
    )


# ---- deciding ------------------------------------------------------------------------------------


def _apply(call: Tagging) -> None:
    report = apply(call.catalogue, call.asked["applied"], utc_now())
    told = f"{report.changed} tags kept, {report.rejected} rejected, {report.open} not decided"
    _decided(call, told, report.changed, report.refused)


def _undo(call: Tagging) -> None:
    report = undo(call.catalogue, call.asked["undone"])
    _decided(call, f"{report.changed} tags taken back", report.changed, report.refused)


def _decided(call: Tagging, told: str, changed: int, refused: Sequence[Rejection]) -> None:
    def show() -> None:
        for line in rejection_lines(refused):
            click.echo(line)
        click.echo(told)
        if changed:
            click.echo("run 'shoplens index' with your feed to make this searchable")

    rejections = [{"where": one.where, "reason": one.reason} for one in refused]
    call.tell({"changed": changed, "refused": rejections}, show)


def _accepted(call: Tagging) -> None:
    path: Path = call.asked["accepted"]
    kept = accepted(call.catalogue)
    write_review(path, kept)
    found = {"file": str(path), "tags": len(kept)}
    call.tell(found, lambda: click.echo(f"{len(kept)} accepted tags in {path}"))


# ---- training ------------------------------------------------------------------------------------


def _train(call: Tagging) -> None:
    if importlib.util.find_spec("torch") is None:
        raise MissingExtraError("training", "learn")
    from shoplens.learn.classify.fitting import ClassifyConfig  # noqa: PLC0415 - torch is slow
    from shoplens.learn.classify.shop import TrainRequest, train_shop  # noqa: PLC0415

    fingerprint = call.encoder().picture.fingerprint
    gathered = gather(call.catalogue, fingerprint)
    config = ClassifyConfig(pseudo=call.asked["pseudo"], balanced=call.asked["balanced"])
    request = TrainRequest(call.settings.data, fingerprint, call.asked["fields"], config)
    with progress_bars(Console(stderr=True)) as bars:
        card = train_shop(gathered, request, utc_now(), bars)
    call.tell(
        json.loads(card.to_json()), lambda: _show_card(card.columns, card.rows(), card.notes())
    )


def _show_card(columns: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str]) -> None:
    table = Table(caption="judged on products that were not learnt from")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)
    for note in notes:
        click.echo(note)


def _labels(text: str) -> tuple[str, list[str]]:
    field, sign, labels = text.partition("=")
    named = [label.strip() for label in labels.split(",") if label.strip()]
    if not (field.strip() and sign and named):
        raise ConfigError(f"--labels wants FIELD=A,B,C, such as material=wood,steel, not {text!r}")
    return field.strip(), named


MODES: Mapping[str, Callable[[Tagging], None]] = {
    "train": _train,
    "suggest": _suggest,
    "applied": _apply,
    "undone": _undo,
    "accepted": _accepted,
    "labels": _zero_shot,
    "image": _image,
}


def _spelled(mode: str) -> str:
    return {"applied": "apply", "undone": "undo"}.get(mode, mode)
