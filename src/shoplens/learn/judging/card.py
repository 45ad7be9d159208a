"""What a model is, how it was made and how good it is: for people, and for the registry."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from shoplens.disk import write_whole
from shoplens.errors import StorageError
from shoplens.evaluate.compare import Compared
from shoplens.learn.examples.gather import Examples
from shoplens.learn.examples.inspect.told import told
from shoplens.learn.examples.splits import Split
from shoplens.learn.fitting.fit import Fitted
from shoplens.learn.judging.measure import Judged, Measured, Verdict, verdict, verdict_int8
from shoplens.learn.recipe import Recipe
from shoplens.types import Rejection

SEEN = "trained products, photos held out"
UNSEEN = "products never seen"
SEEN_TITLES = "titles it was trained on"
INT8 = "int8 against float, photos held out"
MEANT = (
    "Before is the encoder as it was, after is this model with its blend. The interval bounds the "
    "change with 95 %; photos of one product are drawn together. Products never seen are judged "
    "by {} of five models of the same recipe, each trained without a fifth of the products."
)
MEANT_INT8 = (
    "Before is the float model, after is the same in int8. The interval bounds the change with "
    "95 %; photos of one product are drawn together. How products never seen are found stands on "
    "the card of the float model."
)


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of each step: making views, one training, the trainings that judge, judging."""

    views: float = 0.0
    training: float = 0.0
    folds: float = 0.0
    judging: float = 0.0

    def told(self) -> str:
        """Say it in one line."""
        return (
            f"{self.views:.0f} s to make ready, {self.training:.0f} s to train, {self.folds:.0f} s "
            f"with the trainings that judge, {self.judging:.0f} s to judge"
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One metric of one part, before and after."""

    part: str
    metric: str
    before: float
    after: float
    low: float
    high: float
    p: float
    photos: int
    products: int


@dataclass(frozen=True, slots=True)
class Card:
    """Everything known of a model; ``data`` and ``weak`` are sentences.

    ``low`` and ``high`` of a line bound the change with 95 %, photos of one product drawn together.
    ``int8`` tells how a model in int8 differs from the float one, '' on the card of a float model.
    ``smaller`` is the card of the same model in int8, where that was made beside this one.
    """

    recipe: Recipe
    data: tuple[str, ...]
    weak: tuple[str, ...]
    refused: tuple[Rejection, ...] = ()
    name: str = ""
    base: str = ""
    fingerprint: str = ""
    licence: str = ""
    device: str = ""
    size_bytes: int = 0
    safe: bool = False
    reason: str = ""
    lines: tuple[Line, ...] = ()
    times: Times = field(default_factory=Times)
    fitted: Fitted | None = None
    int8: str = ""
    smaller: "Card | None" = None

    def judged(self, seen: Judged, unseen: Judged) -> "Card":
        """Add the figures and the verdict."""
        found = verdict(seen.photos, unseen.photos)
        lines = (
            *_lines(SEEN, seen.photos),
            *_lines(UNSEEN, unseen.photos),
            *_lines(f"by words: {SEEN_TITLES}", seen.words),
            *_lines(f"by words: {UNSEEN}", unseen.words),
        )
        return replace(self, lines=lines, safe=found.safe, reason=found.reason)

    def in_int8(self, name: str, against: Measured, told: str) -> "Card":
        """Make the card of this model in int8, judged ``against`` this one; ``told`` differs."""
        found = verdict_int8(Verdict(self.safe, self.reason), against)
        lines = tuple(_lines(INT8, against))
        return replace(
            self, name=name, lines=lines, safe=found.safe, reason=found.reason, int8=told
        )

    def to_json(self) -> str:
        """Write it down, ``smaller`` left out.

        ``seen``, ``unseen`` and ``summary`` are for lists of models.
        """
        heads = {"seen": _first(self.lines, SEEN), "unseen": _first(self.lines, UNSEEN)}
        kept = {name: asdict(line) for name, line in heads.items() if line}
        made = {"machine": machine(), "torch": version("torch"), "shoplens": version("shoplens")}
        told = asdict(replace(self, smaller=None)) | kept | made | {"summary": self.reason}
        del told["smaller"]
        return json.dumps(told, ensure_ascii=False)

    def told(self) -> str:
        """Say it in one sentence."""
        state = "may be promoted" if self.safe else "will not be promoted"
        return f"{self.name} {state}: {self.reason}"


def card_of(recipe: Recipe, examples: Examples, split: Split, weak: Sequence[str]) -> Card:
    """Begin a card by what the model is made of."""
    return Card(recipe, tuple(told(examples, split)), tuple(weak), examples.refused)


def machine() -> str:
    """Name the machine that it was trained on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    python = platform.python_version()
    return f"{platform.system()} {platform.machine()}, {cores} cores, Python {python}"


def write_card(card: Card, folder: Path) -> None:
    """Write ``card.json`` and ``card.md`` beside the model (StorageError)."""
    try:
        write_whole(folder / "card.json", card.to_json().encode())
        write_whole(folder / "card.md", markdown(card).encode())
    except OSError as error:
        raise StorageError(f"the card in {folder} cannot be written: {error}") from error


def markdown(card: Card) -> str:
    """Write the card as a page (after Mitchell et al., 2019)."""
    trained = card.fitted
    parts = [
        f"# {card.name}",
        f"{card.recipe.about}",
        f"**{'May be promoted' if card.safe else 'Will not be promoted'}**: {card.reason}.",
        _table(card.lines),
        MEANT_INT8 if card.int8 else MEANT.format(card.recipe.folds),
        "## What it learnt from",
        _bullets(card.data),
        *(["## What is weak", _bullets(card.weak)] if card.weak else []),
        "## How it was made",
        _bullets(
            (
                f"base encoder {card.base}, recipe {card.recipe.name}, seed {card.recipe.seed}",
                f"{trained.epochs} epochs, the best was {trained.best}" if trained else "",
                card.times.told(),
                f"{machine()}, {card.device}",
                f"{card.size_bytes / 1e6:.1f} MB, fingerprint {card.fingerprint}",
                f"licence of the base: {card.licence or 'not told'}; trained on this shop's data",
                *((card.int8,) if card.int8 else ()),
            )
        ),
        "## The recipe",
        "```toml\n" + _toml(asdict(card.recipe)) + "\n```",
    ]
    return "\n\n".join(parts) + "\n"


def _table(lines: Sequence[Line]) -> str:
    rows = [
        f"| {x.part} | {x.metric} | {x.before:.3f} | {x.after:.3f} | {x.after - x.before:+.3f} "
        f"({x.low:+.3f} to {x.high:+.3f}) | {x.photos} of {x.products} |"
        for x in lines
    ]
    head = "| part | metric | before | after | change | photos of products |"
    return "\n".join([head, "|---" * 6 + "|", *rows])


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines if line)


def _toml(told: dict[str, Any]) -> str:
    def value(one: Any) -> str:
        return json.dumps(one, ensure_ascii=False)

    return "\n".join(f"{name} = {value(one)}" for name, one in told.items() if name != "name")


def _lines(part: str, measured: Measured) -> list[Line]:
    photos, products = len(measured), len(set(measured.groups))
    compared: dict[str, Compared] = measured.compared()
    return [
        # A single product bounds nothing; no figure changes by more than 1.
        Line(part, name, c.before, c.after, max(c.low, -1), min(c.high, 1), c.p, photos, products)
        for name, c in compared.items()
    ]


def _first(lines: Sequence[Line], part: str) -> Line | None:
    return next((line for line in lines if line.part == part), None)
