"""``shoplens models train``: a better encoder for this shop, judged before anybody sees it."""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shoplens.cli.shop import settings_of, shared
from shoplens.cli.show import progress_bars, rejection_lines
from shoplens.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from shoplens.learn.job import TrainRequest
    from shoplens.learn.judging.card import Card

PATH = click.Path(exists=True, dir_okay=False, path_type=Path)
EPILOG = """\b
Examples:
  shoplens models train                                  a head, from the shop's own pictures
  shoplens models train --photos photos.csv              with photos that people took
  shoplens models train --recipe last-blocks --photos photos.csv
  shoplens models train --set epochs=40 --set blend=0.3
  shoplens models promote head-1                         then: let it serve
\b
photos.csv has the columns image and product_id; a column split (train, val) holds some back.
Nothing that serves is touched by a training: it only adds a candidate.
"""


@click.command(epilog=EPILOG)
@click.option("--recipe", help="Name of a recipe, or a .toml file of your own.  [default: head]")
@click.option("--recipes", is_flag=True, help="List the recipes and end.")
@click.option("--name", default="", help="Name of the model.  [default: head-1, head-2, …]")
@click.option("--photos", type=PATH, help="CSV of labelled photos: image, product_id[, split].")
@click.option("--image-column", default="", help="Column with the photos' paths.")
@click.option("--product-column", default="", help="Column with the products' ids.")
@click.option("--clicks", type=PATH, help="CSV of visits: session, product_id[, time].")
@click.option(
    "--label", help="What should look alike: product, group, category, category:2, an attribute."
)
@click.option("--augmented", is_flag=True, help="Products with a single picture take part, too.")
@click.option("--set", "changes", multiple=True, metavar="FIELD=VALUE", help="Change the recipe.")
@click.option("--search", type=click.IntRange(2, 1000), help="Try so many variants of it first.")
@click.option("--int8", is_flag=True, help="Also make it smaller and faster, judged by itself.")
@click.option("--device", default="", help="cpu, cuda, mps.  [default: a GPU if there is one]")
@click.option("--log", "logger", default="", help="Also draw curves: tensorboard, mlflow, wandb.")
@click.option("--json", "as_json", is_flag=True, help="Print the card as JSON; with --int8, both.")
@shared
def train(*, recipe: str | None, recipes: bool, as_json: bool, **rest: Any) -> None:
    """Train an encoder on this shop's pictures and judge it on products it never saw.

    Needs the extra 'learn'. Stopped by Ctrl-C, the same command goes on where it was.
    """
    for package in ("torch", "onnx", "optuna", "pytorch_metric_learning"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError("training", "learn")
    if recipes:
        _list_recipes()
        return
    card = _train(recipe or "head", rest)
    cards = [card, card.smaller] if card.smaller else [card]
    if as_json:
        told = [one.to_json() for one in cards]
        click.echo(f"[{', '.join(told)}]" if card.smaller else told[0])
    else:
        for one in cards:
            tell(one)


def _train(recipe: str, rest: dict[str, Any]) -> "Card":
    from shoplens.learn.job import TrainJob  # noqa: PLC0415 - torch takes a second to import
    from shoplens.learn.shop import open_shop  # noqa: PLC0415

    request = _request(recipe, rest)
    with (
        open_shop(settings_of(rest)) as shop,
        progress_bars(Console(stderr=True)) as bars,
    ):
        return TrainJob(shop, request, bars).run()


def _request(recipe: str, rest: dict[str, Any]) -> "TrainRequest":
    from shoplens.learn.job import TrainRequest  # noqa: PLC0415
    from shoplens.learn.recipe import open_recipe  # noqa: PLC0415

    return TrainRequest(
        open_recipe(recipe, _changes(rest["changes"])),
        name=rest["name"],
        photos=rest["photos"],
        image_column=rest["image_column"],
        product_column=rest["product_column"],
        clicks=rest["clicks"],
        label=rest["label"] or "product",
        augmented=rest["augmented"],
        device=rest["device"],
        logger=rest["logger"],
        int8=rest["int8"],
        trials=rest["search"] or 0,
    )


def _changes(texts: tuple[str, ...]) -> dict[str, str]:
    for text in texts:
        if "=" not in text:
            raise ConfigError(f"--set wants FIELD=VALUE, such as epochs=40, not {text!r}")
    return {text.partition("=")[0].strip(): text.partition("=")[2].strip() for text in texts}


def _list_recipes() -> None:
    from shoplens.learn.recipe import open_recipe, recipe_names  # noqa: PLC0415

    table = Table("recipe", "what it does")
    for name in recipe_names():
        table.add_row(name, Text(open_recipe(name).about))
    Console().print(table)


def tell(card: "Card") -> None:
    """Print what was learnt, or what int8 changed of it, and how good it is."""
    learnt = (*card.data, *card.weak, *rejection_lines(list(card.refused)))
    for line in (card.int8,) if card.int8 else learnt:
        click.echo(line)
    table = Table("", "metric", "before", "after", "change, 95 %", "photos")
    for line in card.lines:
        change = f"{line.after - line.before:+.3f} ({line.low:+.3f} to {line.high:+.3f})"
        figures = (f"{line.before:.3f}", f"{line.after:.3f}", change, str(line.photos))
        table.add_row(Text(line.part), line.metric, *figures)
    Console().print(table)
    click.echo(f"{card.times.told()}; {card.device}")
    click.echo(card.told())
    if card.safe:
        click.echo(f"let it serve: shoplens models promote {card.name}")
