"""Is "this, but in red" answered with this, in red? Precision@10 of pictures and words together.

    python -m bench.composed [tuning] [FOLDER]

Products of the fashion catalogue are asked with by their own pictures, together with:
in COLOUR: a plain colour that others of its article type have, in words.
picked: the same colour, picked instead of said.
for women / men: the other gender, where its article type has it.
unlike COLOUR: its own colour is asked against.
unlike a product: one of the ten most alike is asked against; "wanted" is no near copy of it.
COLOUR TYPE: no picture, both in words, such as "red shirts".

wanted: of the first ten, how many have what was asked for. type: how many are of the article type.
both: how many are both. The product itself and its near copies (the catalogue's ``group``) are left
out. best: what could be reached; chance: products drawn blindly.

told: titles and attributes tell colours, as in most shops. untold: every word for a colour was
taken out of them, so that pictures alone know.

Figures are of the half of the groups that no weight was chosen by, or ``tuning``; FOLDER is kept.
"""

import csv
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from bench.colours import FAMILY
from bench.report import DATA, print_table
from bench.retrieval import open_engine, read_csv
from bench.text import held_out
from shoplens.catalogue.fields import fold
from shoplens.encode.colours.names import ColourName
from shoplens.encode.colours.parse import CERTAIN, parse_colour
from shoplens.engine import Engine
from shoplens.ingest.feeds import IndexRequest
from shoplens.search.asked import Signal
from shoplens.search.fuse import FUSIONS, WEIGHTS, Scale, Scores, totals
from shoplens.search.gather import Bounds, Gather
from shoplens.search.retrieve import Searcher, Stopwatch
from shoplens.search.terms import NAMED_COLOUR
from shoplens.serve.routes.asking import UNLIKE_WEIGHT
from shoplens.types import Not, OneOf, Query, Term

FOLDER = DATA / "fashion_catalog"
K, SEED = 10, 11
ASKED = 200
"""Products asked with in each of the ways, at most."""
TIERS = (32, 64, 128)
PLAIN = frozenset(map(str, ColourName))
OTHER = {"Men": "Women", "Women": "Men"}
WAYS = (
    "in COLOUR", "picked", "for women / men", "unlike COLOUR", "unlike a product", "COLOUR TYPE",
)  # fmt: skip


@dataclass(frozen=True)
class Item:
    """A product as the catalogue labels it; ``colour`` is its plain name."""

    product_id: str
    group: str
    kind: str
    colour: str
    gender: str


@dataclass(frozen=True)
class Asked:
    """A question, its parts where it has two, and which products are what it asks for."""

    way: str
    whole: Query
    wanted: frozenset[str]
    same_type: frozenset[str]
    left_out: frozenset[str]

    @property
    def picture(self) -> Query:
        """The picture alone; nothing if none is asked with."""
        return replace(self.whole, text="", colour=None, terms=())

    @property
    def words(self) -> Query:
        """The words or the colour alone."""
        return replace(self.whole, product_id="", terms=())

    @property
    def right(self) -> tuple[frozenset[str], ...]:
        """Name the products that have what is wanted, the type, both."""
        return self.wanted, self.same_type, self.wanted & self.same_type


# ---- what is asked -------------------------------------------------------------------------------


def items() -> dict[str, Item]:
    """Read the catalogue's labels."""
    rows = read_csv(FOLDER / "products.csv")
    return {
        row["id"]: Item(
            row["id"], row["group"], row["articleType"], FAMILY.get(said, said), row["gender"]
        )
        for row in rows
        for said in [row["baseColour"].lower()]
    }


def untold(path: Path) -> None:
    """Write the catalogue's feed without any word for a colour."""
    rows = read_csv(FOLDER / "products.csv")
    words = {word for row in rows for word in row["baseColour"].lower().split()} | CERTAIN
    told = re.compile(rf"\b(?:{'|'.join(sorted(words, key=len, reverse=True))})s?\b", re.IGNORECASE)
    columns = [name for name in rows[0] if name != "baseColour"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        for row in rows:
            writer.writerow(row | {"title": " ".join(told.sub(" ", row["title"]).split())})


@dataclass(frozen=True)
class Asking:
    """Makes the questions of one half."""

    shop: Mapping[str, Item]
    tuning: bool

    def questions(self) -> Iterator[Asked]:
        """Make all but those that need a look at the answers."""
        rng = np.random.default_rng(SEED)
        ours = [item for item in self.shop.values() if held_out(item.group) is not self.tuning]
        made = Counter[str]()
        for i in rng.permutation(len(ours)).tolist():
            item = ours[int(i)]
            for one in (*self._colours(item, rng), *self._gender(item), *self._unlike(item)):
                made[one.way] += 1
                if made[one.way] <= ASKED:
                    yield one
        yield from self._in_words()

    def _colours(self, item: Item, rng: np.random.Generator) -> Iterator[Asked]:
        others = self._of(kind=item.kind) - self._of(group=item.group)
        names = {self.shop[other].colour for other in others} & PLAIN - {item.colour}
        if names:
            name = str(rng.choice(sorted(names)))
            lab = parse_colour(name)
            place = (lab.lightness, lab.a, lab.b) if lab else None
            wanted = self._of(colour=name)
            yield self._asked("in COLOUR", item, wanted, Query(text=f"in {name}"))
            yield self._asked("picked", item, wanted, Query(colour=place))

    def _gender(self, item: Item) -> Iterator[Asked]:
        other = OTHER.get(item.gender, "")
        wanted = self._of(gender=other)
        if other and wanted & self._of(kind=item.kind):
            text = f"for {other.lower()}"
            yield self._asked("for women / men", item, wanted, Query(text=text))

    def _unlike(self, item: Item) -> Iterator[Asked]:
        if item.colour in PLAIN:
            wanted = self.shop.keys() - self._of(colour=item.colour)
            against = Query(terms=(Term(text=item.colour, weight=-UNLIKE_WEIGHT),))
            yield self._asked("unlike COLOUR", item, wanted, against)

    def _in_words(self) -> Iterator[Asked]:
        for colour, kind in sorted({(item.colour, item.kind) for item in self.shop.values()}):
            text = f"{colour} {kind.lower()}"
            if colour in PLAIN and held_out(text) is not self.tuning:
                wanted, same = self._of(colour=colour), self._of(kind=kind)
                if len(wanted & same) > 2:
                    query = Query(text=text, k=K)
                    yield Asked("COLOUR TYPE", query, wanted, same, frozenset())

    def unlike_answers(self, answers: Mapping[str, Sequence[str]]) -> Iterator[Asked]:
        """Ask against the first answer to each product's picture that has near copies."""
        for product_id, ids in answers.items():
            copies = (self._of(group=self.shop[other].group) for other in ids)
            found = next(((p, c) for p, c in zip(ids, copies, strict=True) if len(c) > 1), None)
            if found:
                against = Query(terms=(Term(product_id=found[0], weight=-UNLIKE_WEIGHT),))
                wanted, also = self.shop.keys() - found[1], {found[0]}
                item = self.shop[product_id]
                yield self._asked("unlike a product", item, wanted, against, also)

    def _asked(
        self,
        way: str,
        item: Item,
        wanted: Collection[str],
        asked: Query,
        also: Collection[str] = (),
    ) -> Asked:
        copies = self._of(group=item.group).union(also)
        without = Not(OneOf("product_id", tuple(sorted(map(fold, copies)))))
        whole = replace(asked, product_id=item.product_id, filter=without, k=K)
        same = self._of(kind=item.kind) - copies
        return Asked(way, whole, frozenset(wanted) - copies, same, copies)

    def _of(self, **labels: str) -> frozenset[str]:
        ((name, label),) = labels.items()
        return frozenset(p for p, item in self.shop.items() if getattr(item, name) == label)


# ---- answering -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Heard:
    """The raw scores of a question's signals, and the products that each lists, best first."""

    signals: Mapping[str, Scores]
    scales: Mapping[str, Scale]
    listed: Mapping[str, Sequence[str]]
    numbers: Mapping[str, int]


@dataclass(frozen=True)
class Fusing:
    """How signals become an order; ``tier`` is how many products each of them lists, 0: as served.

    ``named`` is what a colour said in words counts, in shares of what it counts as served; ``kept``
    keeps the colours of the picture shown.
    """

    fusion: str = "sum"
    weights: Mapping[str, float] = field(default_factory=lambda: WEIGHTS)
    tier: int = 0
    named: float = 1.0
    without: str = ""
    kept: bool = False


SERVED, AS_PICKED = Fusing(), Fusing(named=1 / NAMED_COLOUR)
OTHERWISE: Mapping[str, Fusing] = {
    "by reciprocal rank": Fusing(fusion="rank"),
    "without the colour signal": Fusing(without="colour"),
    "colours of the picture kept": Fusing(kept=True),
    "kept, without the colour signal": Fusing(kept=True, without="colour"),
    "said colour as much as picked": AS_PICKED,
    "the same, and the picture weighs 2": replace(AS_PICKED, weights={**WEIGHTS, "picture": 2.0}),
    **{f"tier {tier}": Fusing(tier=tier) for tier in TIERS},
}


def served(engine: Engine, query: Query) -> list[str]:
    """Ask as a visitor does."""
    return [shown.product.product_id for shown in engine.search(query).shown]


def hear(asked: Query, signals: Sequence[Signal]) -> Heard:
    """Look the best of every signal up in all the others."""
    gather = Gather(asked.filter, (), Bounds())
    lists = {s.name: gather.best(s.probes, TIERS[-1]).best for s in signals if s.lists}
    pool = {product_id for listed in lists.values() for product_id in listed}
    found = {s.name: gather.of(s.probes, pool) for s in signals}
    return Heard(
        {name: {p: row.score for p, row in rows.items()} for name, rows in found.items()},
        {signal.name: signal.scale for signal in signals},
        {name: list(listed) for name, listed in lists.items()},
        {p: row.row_id for rows in found.values() for p, row in rows.items()},
    )


def first(heard: Heard, fusing: Fusing) -> list[str]:
    """Fuse what was heard; the first K are those that the searcher gives."""
    raw = {name: scores for name, scores in heard.signals.items() if name != fusing.without}
    scales = dict(heard.scales)
    if "words" in raw and "colour" in raw:
        said, by = scales["colour"], fusing.named
        scales["colour"] = Scale(said.norm * by, said.size * by, said.against * by)
    beside = len(heard.listed) > 1 and "picture" in heard.listed
    tier = fusing.tier or (Bounds().composed if beside else Bounds().tier)
    lists = [listed[:tier] for name, listed in heard.listed.items() if name in raw]
    pool = {product_id for listed in lists for product_id in listed}
    raw = {n: {p: s for p, s in scores.items() if p in pool} for n, scores in raw.items()}
    fused = totals(FUSIONS[fusing.fusion](raw, fusing.weights, scales))
    return sorted(pool, key=lambda p: (-fused[p], heard.numbers[p]))[:K]


def answers(engine: Engine, searcher: Searcher, one: Asked) -> Iterator[tuple[str, list[str]]]:
    """Answer a question in every way; what is simulated must be what is served."""
    signals = searcher.understand(one.whole, Stopwatch()).signals
    heard = hear(one.whole, signals)
    if not one.whole.product_id:  # words alone are also chosen by whether they answer
        yield "served", served(engine, one.whole)
        yield "nearest", first(heard, SERVED)
        yield "nearest, said colour as much as picked", first(heard, AS_PICKED)
        return
    whole = served(engine, one.whole)
    if first(heard, SERVED) != whole:
        raise SystemExit(f"{one.whole} is served in another order than is measured here")
    yield "picture alone", served(engine, one.picture)
    if not one.whole.terms:
        yield "words or colour alone", served(engine, one.words)
    yield "together, as served", whole
    shown = searcher.understand(one.picture, Stopwatch()).signals
    with_colours = [*shown, *(s for s in signals if s.name != "picture")]
    against = any(term.product_id for term in one.whole.terms)
    kept = heard if against else hear(one.whole, with_colours)
    for name, fusing in OTHERWISE.items():
        yield name, first(kept if fusing.kept else heard, fusing)


# ---- telling -------------------------------------------------------------------------------------


def measured(asking: Asking, engine: Engine) -> Iterable[list[object]]:
    """Ask everything and average."""
    searcher = engine.calibrating().reaching.searcher
    asked = list(asking.questions())
    pictures = {one.whole.product_id: one.picture for one in asked if one.way == "unlike COLOUR"}
    asked += asking.unlike_answers({p: served(engine, query) for p, query in pictures.items()})
    figures: dict[tuple[str, str], list[list[float]]] = {}
    for one in asked:
        for name, ids in answers(engine, searcher, one):
            found = [sum(p in right for p in ids) / K for right in one.right]
            figures.setdefault((one.way, name), []).append(found)
        left = len(asking.shop) - len(one.left_out)
        sizes = [len(right) for right in one.right]
        figures.setdefault((one.way, "best"), []).append([min(size, K) / K for size in sizes])
        figures.setdefault((one.way, "chance"), []).append([size / left for size in sizes])
    for (way, name), all_ in sorted(figures.items(), key=lambda kept: WAYS.index(kept[0][0])):
        yield [way, name, len(all_), *np.mean(all_, axis=0).tolist()]


def main(arguments: Sequence[str]) -> None:
    """Index the catalogue told, ask; then untold, ask again."""
    tuning = "tuning" in arguments
    folders = [argument for argument in arguments if argument != "tuning"]
    asking = Asking(items(), tuning)
    rows: list[list[object]] = []
    with tempfile.TemporaryDirectory() as scratch:
        feeds = {"told": FOLDER / "products.csv", "untold": Path(scratch) / "untold.csv"}
        untold(feeds["untold"])
        with open_engine(folders[0] if folders else f"{scratch}/shop", "lite2") as engine:
            for name, feed in feeds.items():
                engine.index(IndexRequest(feed, FOLDER, name="fashion"))
                rows += [[name, *row] for row in measured(asking, engine)]
    columns = ["colours", "asked", "answered by", "how many", "wanted", "type", "both"]
    half = "tuning" if tuning else "held-out"
    print_table(f"pictures and words together, precision@{K}, {half} half", columns, rows)


if __name__ == "__main__":
    main(sys.argv[1:])
