"""A trained network is made smaller and faster, and judged beside the one that it is made from."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from shoplens.encode.base import PictureTower, Prepared
from shoplens.encode.trained.opening import NETWORK, open_trained
from shoplens.errors import ImageError, MismatchError
from shoplens.learn.examples.splits import Split
from shoplens.learn.judging.asking import Judging
from shoplens.learn.judging.card import Card
from shoplens.learn.network.quantise import Quantised, quantise
from shoplens.learn.views.bank import Places

ENDING = "-int8"
"""What the name of a model in int8 has behind that of the float one."""
CALIBRATED = 200
"""Pictures that ranges are learnt from at most."""
TIMED = 20
"""Pictures that both are timed on at most."""


def make_int8(card: Card, whole: Path, folder: Path, judging: Judging, split: Split) -> Card:
    """Write the model of the folder ``whole`` in int8 into ``folder``; returns its card.

    Ranges are learnt from pictures that it was trained on. Both are asked the photos that
    ``split`` held out of products trained on: no others are new to both.

    Raises:
        MismatchError: nothing of it can be made int8.
        StorageError: the disk is full.
    """
    began = time.monotonic()
    base, name = judging.shop.encoder, f"{card.name}{ENDING}"
    before = open_trained(whole, card.name, base).picture
    rng = np.random.default_rng(card.recipe.seed)
    ready = _prepared(judging, before, rng.permutation(split.train)[:CALIBRATED])
    try:
        made = quantise(whole / NETWORK, folder / NETWORK, [one.pixels for one in ready])
    except MismatchError as error:
        raise MismatchError(
            f"{error}; what was trained is kept: run the same command without --int8"
        ) from error
    after = open_trained(folder, name, base).picture
    told = f"int8 of {card.name}: {_differs(whole, folder, made)}, {_faster(before, after, ready)}"
    found = judging.measure(after, split.seen, split.gallery, before)
    times = replace(card.times, judging=time.monotonic() - began)
    return replace(card.in_int8(name, found, told), fingerprint=after.fingerprint, times=times)


def _prepared(judging: Judging, tower: PictureTower, places: Places) -> list[Prepared]:
    """Make pictures ready; one that cannot be opened any more is left out."""
    shop, examples = judging.shop, judging.material.examples.all

    def prepare(place: int) -> Prepared | None:
        try:
            return tower.prepare(shop.opener.open(examples[place]))
        except ImageError:
            return None

    made: list[Prepared] = []
    for done, one in enumerate(shop.pool.map(prepare, places.tolist())):
        judging.progress("int8", done + 1, len(places))
        if one is not None:
            made.append(one)
    return made


def _differs(whole: Path, folder: Path, made: Quantised) -> str:
    before, after = ((place / NETWORK).stat().st_size / 1e6 for place in (whole, folder))
    return (
        f"{after:.1f} MB instead of {before:.1f}, cosine to float {made.cosine_mean:.3f} "
        f"(least {made.cosine_min:.3f})"
    )


def _faster(before: PictureTower, after: PictureTower, ready: Sequence[Prepared]) -> str:
    """Time both on one thread, picture by picture in turn: what disturbs one disturbs both."""

    def milliseconds(tower: PictureTower, one: Prepared) -> float:
        began = time.perf_counter()
        tower.encode([one])
        return 1000 * (time.perf_counter() - began)

    spent = [[milliseconds(tower, one) for tower in (before, after)] for one in ready[:TIMED]]
    was, now = np.median(spent, axis=0)
    return f"{now:.1f} ms a picture on one thread instead of {was:.1f}"
