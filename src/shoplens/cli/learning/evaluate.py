"""``shoplens evaluate``: ask questions with known answers, and tell how good the answers are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shoplens.catalogue.catalogue import ProductView
from shoplens.catalogue.fields import fold
from shoplens.cli.shop import Command, server_of, settings_of, shared
from shoplens.cli.show import progress_bars, rejection_lines
from shoplens.config import Settings
from shoplens.engine import Engine
from shoplens.errors import BusyError, ConfigError, NotFoundError, StorageError
from shoplens.evaluate.asking import Asked, Asking, Progress, ask_all
from shoplens.evaluate.evaluation import (
    Evaluation,
    Plan,
    groups_of,
    with_robustness,
)
from shoplens.evaluate.evaluation import evaluate as take_figures
from shoplens.evaluate.judged.derive import (
    by_images,
    by_label,
    by_photos,
    by_pictures,
    by_variants,
    images_left,
)
from shoplens.evaluate.judged.files import read_beir, read_judged, read_trec
from shoplens.evaluate.judged.judgements import Judgements, some, usable
from shoplens.evaluate.judged.labels import labels_of
from shoplens.evaluate.report.page import page
from shoplens.evaluate.report.pictures import Gallery
from shoplens.evaluate.report.table import (
    COMPARED_COLUMNS,
    LEVEL_COLUMNS,
    compared_rows,
    counted,
    figure_columns,
    figure_rows,
    level_rows,
    remarks,
    slice_metrics,
    slice_rows,
)
from shoplens.evaluate.report.tojson import to_json
from shoplens.evaluate.robustness import MOST, robustness
from shoplens.evaluate.runs import Placed, read_run, write_run
from shoplens.indexing.workbench import utc_now
from shoplens.types import Product, Query, Stage

PAGE = 1000
LISTED = 10
DERIVED = 1000
"""Questions that are derived unless --queries says otherwise."""
DERIVES = ("variants", "photos", "pictures", "images", "label:FIELD")

EPILOG = """\b
For example:
  shoplens evaluate judged.csv                      photos and words that people judged
  shoplens evaluate judged.csv --html report.html   with pictures of the worst failures
  shoplens evaluate judged.csv --run-file before.trec
  shoplens evaluate judged.csv --against before.trec  is it better than it was?
  shoplens evaluate --derive variants               without judgements: variants find each other
  shoplens evaluate --derive photos --robustness    and how much worse photos may get
\b
judged.csv, of which every other column splits the figures:
  query_image,query_text,product_id,grade,place
  photos/1.jpg,,1042,2,street
  photos/1.jpg,,1043,1,street
  ,red bag,1044,,
"""

_OPTIONS: list[Callable[[Any], Any]] = [
    click.option(
        "--qrels",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="TREC judgements; JUDGED then holds the questions: query_id, query_image, query_text.",
    ),
    click.option(
        "--derive",
        default="",
        metavar="|".join(DERIVES),
        help="Make questions of the shop's own products instead.",
    ),
    click.option(
        "--queries",
        type=click.IntRange(1),
        help=f"Ask at most so many questions.  [default: all that are judged, {DERIVED} derived]",
    ),
    click.option(
        "-k",
        "--k",
        type=click.IntRange(1),
        default=10,
        show_default=True,
        help="Places that count.",
    ),
    click.option(
        "--depth", type=click.IntRange(1), help="Places looked at for mAP@R.  [default: k]"
    ),
    click.option("--by", multiple=True, metavar="FIELD", help="Split figures by this; repeatable."),
    click.option("--coarse", default="", metavar="FIELD", help="Judge also by label: category:1."),
    click.option("--robustness", is_flag=True, help="Ask again with photos spoilt in 35 ways."),
    click.option(
        "--run-file", type=click.Path(path_type=Path), help="Keep the rankings, as a TREC run."
    ),
    click.option(
        "--against",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="TREC run to compare with.",
    ),
    click.option("--json", type=click.Path(path_type=Path), help="Write all figures there."),
    click.option("--html", type=click.Path(path_type=Path), help="Write a page with pictures."),
    click.option("--seed", type=int, default=0, show_default=True, help="Seed of what is drawn."),
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command was asked for, as its options have it."""

    judged: Path | None
    qrels: Path | None
    derive: str
    queries: int | None
    k: int
    depth: int | None
    by: tuple[str, ...]
    coarse: str
    robustness: bool
    run_file: Path | None
    against: Path | None
    json: Path | None
    html: Path | None
    seed: int

    @property
    def plan(self) -> Plan:
        """What figures to take."""
        depth = max(self.k, self.depth or self.k)
        return Plan(self.k, depth, tuple(map(fold, self.by)), fold(self.coarse))


def options(command: Command) -> Command:
    """Give ``command`` the options that an evaluation has."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command(epilog=EPILOG)
@click.argument("judged", required=False, type=click.Path(exists=True, path_type=Path))
@options
@shared
def evaluate(**rest: Any) -> None:
    """Tell how good the search is: ask questions with known answers.

    JUDGED is a CSV of judged products, a folder in BEIR's form, or with --qrels a table of
    questions. Every figure has an interval that tells how far it can be trusted.
    """
    wanted = Wanted(**{field.name: rest[field.name] for field in fields(Wanted)})
    settings = settings_of(rest)
    _check(wanted, settings)
    with Engine.open(settings) as engine, TemporaryDirectory() as folder:
        shop = _Shop.of(engine)
        with progress_bars(Console(stderr=True)) as bars:
            evaluation = _evaluated(shop, wanted, Path(folder), bars)
        if wanted.html:
            gallery = Gallery(shop.products, shop.thumbnail, engine.picture)
            _write(wanted.html, page(evaluation, gallery, _title(wanted), utc_now()))
    if wanted.json:
        _write(wanted.json, to_json(evaluation))
    _tell(evaluation)


def _check(wanted: Wanted, settings: Settings) -> None:
    if (wanted.judged is None) == (not wanted.derive):
        raise ConfigError(f"name a file of judgements, or --derive one of: {', '.join(DERIVES)}")
    if wanted.qrels and (wanted.judged is None or wanted.judged.is_dir()):
        raise ConfigError("--qrels needs a table of its questions: query_id, query_image, …")
    server = server_of(settings)
    if server:
        raise BusyError(
            f"{settings.data} is served by process {server.pid} at {server.address}, and an "
            "evaluation needs the shop to itself: stop the server, or copy the folder and name the "
            "copy with --data"
        )


# ---- asking --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shop:
    """An open shop as an evaluation takes it."""

    engine: Engine
    views: Mapping[str, ProductView]
    products: Mapping[str, Product]

    @classmethod
    def of(cls, engine: Engine) -> "_Shop":
        """Read every product that can be found."""
        views: dict[str, ProductView] = {}
        found, after = engine.page(k=PAGE)
        while True:
            views |= {view.product.product_id: view for view in found}
            if not after:
                break
            found, after = engine.page(after=after, k=PAGE)
        indexed = {name: view for name, view in views.items() if view.stage is Stage.INDEXED}
        return cls(engine, indexed, {name: view.product for name, view in indexed.items()})

    def ask(self, query: Query) -> list[Placed]:
        """Answer as visitors are answered, rules included."""
        shown = self.engine.search(query).shown
        return [Placed(one.ranked.product_id, one.ranked.score) for one in shown]

    def hashes(self, product_id: str) -> dict[int, str]:
        """Name the content of each usable image."""
        images = self.views[product_id].images
        return {one.position: one.image_hash for one in images if not one.reason}

    def thumbnail(self, product_id: str) -> Path:
        """Find the small picture of a product's first usable image (NotFoundError)."""
        hashes = self.hashes(product_id) if product_id in self.views else {}
        if not hashes:
            raise NotFoundError(f"product {product_id!r} has no usable picture")
        return self.engine.thumbnail(hashes[min(hashes)])


def _evaluated(shop: _Shop, wanted: Wanted, folder: Path, progress: Progress) -> Evaluation:
    rng = np.random.default_rng(wanted.seed)
    plan = wanted.plan
    before = read_run(wanted.against) if wanted.against else None
    asking = Asking(shop.ask, shop.engine.picture)
    if wanted.derive == "images":
        judgements, asked = _leaving_out(shop, wanted, rng)
    else:
        found = _derived(shop, wanted, folder, rng) if wanted.derive else _read(wanted)
        judgements = usable(found, shop.products.keys())
        judgements = some(judgements, wanted.queries or (DERIVED if wanted.derive else 2**62), rng)
        _check_fields(judgements, shop, plan)
        asked = ask_all(judgements.questions, asking, plan.depth, progress)
    if wanted.run_file:
        write_run(asked.run, wanted.run_file)
    evaluation = take_figures(judgements, asked, shop.products, plan, rng, before)
    if not wanted.robustness:
        return evaluation
    groups = groups_of(judgements, shop.products)
    fewer = some(judgements, MOST, rng)
    return with_robustness(evaluation, robustness(fewer, asking, plan.k, groups, rng, progress))


def _check_fields(judgements: Judgements, shop: _Shop, plan: Plan) -> None:
    """Look every field up before the asking, which may take long."""
    columns = {name for question in judgements.questions for name in question.slices}
    for field in ({*plan.by} - columns) | ({plan.coarse} - {""}):
        labels_of(shop.products, field)


def _read(wanted: Wanted) -> Judgements:
    path = wanted.judged or Path()
    if path.is_dir():
        return read_beir(path)
    return read_trec(path, wanted.qrels) if wanted.qrels else read_judged(path)


def _derived(shop: _Shop, wanted: Wanted, folder: Path, rng: np.random.Generator) -> Judgements:
    k = wanted.queries or DERIVED
    kind, _, field = wanted.derive.partition(":")
    if kind == "label" and field:
        return by_label(shop.products, field)
    if wanted.derive == "variants":
        return by_variants(shop.products)
    if wanted.derive == "pictures":
        return by_pictures(shop.products, shop.thumbnail, rng, k)
    if wanted.derive == "photos":
        return by_photos(shop.products, shop.thumbnail, shop.engine.picture, folder, rng, k)
    raise ConfigError(f"--derive {wanted.derive} is none of: {', '.join(DERIVES)}")


def _leaving_out(shop: _Shop, wanted: Wanted, rng: np.random.Generator) -> tuple[Judgements, Asked]:
    if wanted.robustness:
        raise ConfigError("--derive images asks with embeddings; --derive pictures can be spoilt")
    store = shop.engine.calibrating().reaching.searcher.store
    lefts = images_left(shop.products, shop.hashes, rng, wanted.queries or DERIVED)
    judgements, run = by_images(
        lefts, shop.products, store, shop.engine.thumbnail, wanted.plan.depth
    )
    return judgements, Asked(run, {})


# ---- telling -------------------------------------------------------------------------------------


def _tell(evaluation: Evaluation) -> None:
    console = Console()
    _print(console, "", figure_columns(evaluation), figure_rows(evaluation))
    for field, rows in slice_rows(evaluation).items():
        columns = (field, "questions", *slice_metrics(evaluation))
        _print(console, "", columns, rows[:LISTED])
        if len(rows) > LISTED:
            click.echo(f"… and {len(rows) - LISTED} more in --json and --html")
    if evaluation.compared:
        _print(console, "against the run before", COMPARED_COLUMNS, compared_rows(evaluation))
    if evaluation.robustness:
        _print(console, "success@1", LEVEL_COLUMNS, level_rows(evaluation))
    for line in rejection_lines(evaluation.refused[:LISTED]):
        click.echo(line)
    if evaluation.refused:
        click.echo(counted(evaluation.refused))
    for remark in remarks(evaluation):
        click.echo(remark)


def _print(
    console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    table = Table(title=title or None, title_justify="left")
    for place, name in enumerate(columns):
        table.add_column(name, justify="left" if place == 0 else "right", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _title(wanted: Wanted) -> str:
    return wanted.judged.name if wanted.judged else f"questions derived by {wanted.derive}"


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}") from error
