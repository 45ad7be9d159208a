"""``shoplens models combine`` and ``shrink``: models made of models, without any training."""

import math
import time
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from shoplens.catalogue.catalogue import Catalogue, open_catalogue
from shoplens.cli.shop import settings_of, shared
from shoplens.config import Settings
from shoplens.encode.base import ColourApart, Encoder, PictureTower
from shoplens.encode.combined.projection import Projection, Way, pca, principal_axes, truncation
from shoplens.encode.combined.writing import Named, write_fused, write_shrunk
from shoplens.encode.opening import FOLDER
from shoplens.errors import ConfigError, MismatchError
from shoplens.evaluate.shrinking.loss import DIMS, LEAST, Loss, Losses, measure_losses
from shoplens.evaluate.shrinking.rows import KeptRows, kept_rows
from shoplens.indexing.workbench import utc_now
from shoplens.ingest.added.cards import Card
from shoplens.ingest.added.register import register
from shoplens.ingest.switching.side import open_named

SEED = 0
TIMED, SIDE_PX = 5, 480
"""Pictures that are timed, and their side."""
COMBINE_EPILOG = """\b
Examples:
  shoplens models combine siglip2=0.7 lite2=0.3 --name both
  shoplens models promote both                       then: let it serve
\b
Every picture is encoded by each of them, so their times add up.
"""
SHRINK_EPILOG = """\b
Examples:
  shoplens models shrink siglip2 --measure           what each length would lose; writes nothing
  shoplens models shrink siglip2 --dims 256          the way that loses less here
  shoplens models shrink jina --dims 256 --truncate  a model trained to be cut (Matryoshka)
\b
Rows of the shop's pictures must be there: of an encoder that serves, or did. No picture is encoded
again when the shorter one is let serve.
"""


@click.command(epilog=COMBINE_EPILOG)
@click.argument("parts", nargs=-1, required=True, metavar="NAME=WEIGHT NAME=WEIGHT")
@click.option("--name", required=True, help="Name of the new model.")
@shared
def combine(parts: tuple[str, ...], *, name: str, **rest: Any) -> None:
    """Make one encoder of two or more: likeness is the weighted mean of theirs."""
    settings = settings_of(rest)
    weights = dict(map(_weighted, parts))
    if len(weights) < len(parts):
        raise ConfigError("an encoder is named twice; give each once, with its whole weight")
    with closing(open_catalogue(settings.database_url)) as catalogue:
        folder = _free(settings, catalogue, name)
        opened = [
            (Named(p, open_named(settings, catalogue.models, p)), w) for p, w in weights.items()
        ]
        whole = write_fused(folder, opened)
        part = partial(open_named, settings, catalogue.models)
        register(settings, catalogue, name, _fused_card(opened), utc_now(), part)
    _tell_fused(whole, opened)


@click.command(epilog=SHRINK_EPILOG)
@click.argument("base", metavar="NAME")
@click.option("--dims", type=click.IntRange(1, 8192), help="How many numbers a row keeps.")
@click.option("--pca/--truncate", "by_pca", default=None, help="How.  [default: what loses less]")
@click.option("--name", default="", help="Name of the new model.  [default: NAME-DIMS]")
@click.option("--measure", is_flag=True, help="Only tell what would be lost.")
@shared
def shrink(
    base: str, *, dims: int | None, by_pca: bool | None, name: str, measure: bool, **rest: Any
) -> None:
    """Make the rows of encoder NAME shorter, and tell what that loses on this shop's pictures."""
    if dims is None and not measure:
        raise ConfigError("give --dims, or --measure to see what each length would lose")
    settings = settings_of(rest)
    way: Way | None = None if by_pca is None else "pca" if by_pca else "truncate"
    with closing(open_catalogue(settings.database_url)) as catalogue:
        folder = None if measure else _free(settings, catalogue, name or f"{base}-{dims}")
        named = Named(base, open_named(settings, catalogue.models, base))
        kept = kept_rows(catalogue, named.encoder.picture.fingerprint, _rng())
        losses = _losses(kept, dims)
        if losses is None and (measure or way != "truncate"):
            raise MismatchError(_too_few(named, len(kept.rows)))
        _tell_losses(named, losses, dims, len(kept.rows))
        if folder and dims:
            chosen = _chosen(losses, dims, way)
            projection = _projection(named.encoder.picture, kept, dims, chosen)
            made = write_shrunk(folder, named, projection, chosen)
            card = _shrunk_card(made, named, chosen, losses)
            part = partial(open_named, settings, catalogue.models)
            register(settings, catalogue, made.name, card, utc_now(), part)
            _promotable(card.summary, made.name)


def _chosen(losses: Losses | None, dims: int, way: Way | None) -> Way:
    """Take the way that was asked for, or what loses less; PCA only where it was measured."""
    if losses is None:
        return "truncate"
    if way == "pca" and losses.find("pca", dims) is None and dims < losses.base_dim:
        raise MismatchError(
            f"PCA to {dims} numbers wants at least {2 * dims} pictures, and {losses.fitted} of "
            f"{losses.fitted + losses.measured} were there to fit on; give fewer --dims, or "
            "--truncate"
        )
    least = losses.least(dims)
    return way or (least.way if least else "truncate")


def _projection(tower: PictureTower, kept: KeptRows, dims: int, way: Way) -> Projection:
    """Make what is written: fitted on all pictures, those that were held out for measuring too."""
    if way == "truncate":
        return truncation(tower.dim, dims, tower.fingerprint)
    return pca(principal_axes(kept.rows), dims, tower.fingerprint)


def _losses(kept: KeptRows, dims: int | None) -> Losses | None:
    if len(kept.rows) < LEAST:
        return None
    tried = DIMS if dims is None else (*DIMS, dims)
    return measure_losses(kept.rows, kept.groups, tried, _rng())


def _too_few(named: Named, there: int) -> str:
    return (
        f"this shop has {there} pictures with rows of {named.name!r}, and {LEAST} are wanted; "
        f"index more, or let it serve once: shoplens models promote {named.name}"
    )


def _rng() -> np.random.Generator:
    return np.random.default_rng(SEED)


def _weighted(text: str) -> tuple[str, float]:
    name, found, number = text.rpartition("=")
    try:
        weight = float(number) if found else math.nan
    except ValueError:
        weight = math.nan
    if not name or not 0 < weight < math.inf:
        raise ConfigError(f"give each part as NAME=WEIGHT, such as lite2=0.3, not {text!r}")
    return name, weight


def _free(settings: Settings, catalogue: Catalogue, name: str) -> Path:
    """Give the folder that a new model of this name gets (MismatchError if the name is taken)."""
    catalogue.models.check_name(name)
    return settings.data / FOLDER / name


# ---- told --------------------------------------------------------------------------------------


def _tell_fused(whole: Encoder, parts: Sequence[tuple[Named, float]]) -> None:
    total = sum(weight for _, weight in parts)
    table = Table("", "share", "numbers", "ms a picture", "words ask pictures")
    for part, weight in parts:
        encoder = part.encoder
        asks = "yes" if encoder.asks else "no"
        cells = (f"{weight / total:.0%}", f"{encoder.picture.dim}", f"{_ms(encoder.picture):.0f}")
        table.add_row(part.name, *cells, asks)
    tower, asks = whole.picture, "yes" if whole.asks else "no"
    table.add_row(whole.name, "", f"{tower.dim}", f"{_ms(tower):.0f}", asks)
    Console().print(table)
    click.echo(f"times: median of {TIMED} pictures, {SIDE_PX} px; those of the parts add up")
    _promotable("made", whole.name)


def _fused_card(parts: Sequence[tuple[Named, float]]) -> Card:
    total = sum(weight for _, weight in parts)
    told = [f"{part.name}: {weight / total:.0%} of a cosine" for part, weight in parts]
    facts = {"parts": {part.name: weight / total for part, weight in parts}}
    return Card("fused", f"fused of {', '.join(told)}", told, facts)


def _ms(tower: PictureTower) -> float:
    """Time a picture by itself: the median of some, after one to warm up."""
    rng, taken = _rng(), list[float]()
    for _ in range(TIMED + 1):
        picture = rng.integers(0, 256, (SIDE_PX, SIDE_PX, 3), np.uint8)
        began = time.perf_counter()
        tower.encode([tower.prepare(picture)])
        taken.append(1000 * (time.perf_counter() - began))
    return float(np.median(taken[1:]))


def _tell_losses(named: Named, losses: Losses | None, asked: int | None, there: int) -> None:
    if losses is None:
        click.echo(f"not measured: {_too_few(named, there)}")
        return
    caption = (
        f"of {losses.base_dim} numbers; {losses.measured} pictures asked, PCA fitted on "
        f"{losses.fitted} of other products. kept: of the ten nearest; off: of a cosine, mean"
    )
    table = Table(caption=caption, caption_justify="left")
    for column in ("", "numbers", "bytes a row", "truncated: kept", "off", "PCA: kept", "off"):
        table.add_column(column, justify="right")
    for dim in losses.dims:
        ways = [*_cells(losses.find("truncate", dim)), *_cells(losses.find("pca", dim))]
        table.add_row("→" if dim == asked else "", f"{dim}", f"{4 * dim:,}", *ways)
    Console().print(table)
    if isinstance(named.encoder.picture, ColourApart):
        click.echo(
            "where colours stand last in a row, as in lite2, to truncate cuts them off first"
        )


def _cells(loss: Loss | None) -> tuple[str, str]:
    return (f"{loss.recall:.3f}", f"{loss.off:.4f}") if loss else ("too few", "")


def _shrunk_card(made: Encoder, named: Named, way: Way, losses: Losses | None) -> Card:
    dims, before = made.picture.dim, named.encoder.picture.dim
    how = "the first ones" if way == "truncate" else "by PCA"
    summary = f"{dims} of the {before} numbers of {named.name}, {how}"
    loss = losses and losses.find(way, dims)
    if losses is None or loss is None:
        return Card("shrunk", summary, ["what it loses was not measured"], {"way": way})
    kept = f"{loss.recall:.3f} of the ten nearest kept"
    off = f"a cosine is {loss.off:.4f} from what it was, in the mean"
    asked = f"measured on {losses.measured} pictures of this shop"
    facts = {"way": way, "recall": loss.recall, "off": loss.off}
    return Card("shrunk", f"{summary}: {kept}", [kept, off, asked], facts)


def _promotable(told: str, name: str) -> None:
    click.echo(f"{name}: {told}; to let it serve: shoplens models promote {name}")
