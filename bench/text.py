"""Do words find the product? MRR@10 and recall@10 of queries written by hand, pictures left out.

    python -m bench.text [adventure_shop] [magento_multiview] [grocery_street_to_catalogue]
                         [zh_product_text] [sample_shop]

words: by BM25 alone. dense: by the sentence encoder alone. fused: as served.
one typo: the same queries, a letter of one Latin word of five letters or more dropped, doubled,
swapped with the next or replaced. cut short: what is typed so far, the last word's first 60 %
(at least three letters), or without its last Chinese character. Queries that neither changes are
left out of those rows; the last column is the fused MRR@10 of the same queries unspoilt. What is
cut short is asked as a search page asks while one types.

held out: the half of the queries, by a hash, that no weight of ``shoplens.search.words`` was chosen
by.

``queries/en.csv`` and ``zh.csv`` were written from what the catalogues sell; each names every
product that a person would take for an answer, and none was dropped for how it went.
"""

import csv
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Literal

import numpy as np

from bench.report import DATA, print_table
from bench.retrieval import open_engine, read_csv
from shoplens.engine import Engine
from shoplens.feed.sampleshop.shop import feed
from shoplens.ingest.feeds import IndexRequest
from shoplens.types import Query

QUERIES = Path(__file__).with_name("queries")
Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
SHOPS = (
    "adventure_shop", "magento_multiview", "grocery_street_to_catalogue", "zh_product_text",
    "sample_shop",
)  # fmt: skip
WAYS = ("words", "dense", "fused")
SIGNALS: Mapping[str, str] = {"words": "words", "dense": "text"}
"""The signal that each way but ``fused`` goes by."""
K = 10
LISTED = 200
"""Products asked for, so that the best 10 of every signal are among them."""
SEED = 4
SHORTEST_TYPO, SHORTEST_CUT, CUT = 5, 3, 0.6

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LATIN = re.compile(rf"[A-Za-z]{{{SHORTEST_TYPO},}}")
_LAST = re.compile(r"(?P<han>[\u4e00-\u9fff]+)$|(?P<word>[^\W_]+)$")


@dataclass(frozen=True)
class Judged:
    """What a visitor types, and every product that is right."""

    shop: str
    language: Language
    text: str
    right: frozenset[str]
    kind: str
    held_out: bool
    typing: bool = False


@dataclass(frozen=True)
class Outcome:
    """How one query went, each way: the reciprocal rank and the share found, within 10."""

    asked: Judged
    reciprocal: Mapping[str, float]
    recall: Mapping[str, float]


# ---- what is asked -------------------------------------------------------------------------------


def judged(shop: str, language: Language) -> list[Judged]:
    """Read the queries of a shop in a language."""
    return [
        Judged(
            shop,
            language,
            row["query"],
            frozenset(row["product_ids"].split("|")),
            row["kind"],
            held_out(row["query"]),
        )
        for row in read_csv(QUERIES / f"{language}.csv")
        if row["shop"] == shop
    ]


def one_typo(text: str) -> str:
    """Spoil one letter of one long Latin word, the same each time; nothing if there is none."""
    rng = np.random.default_rng([SEED, *text.encode()])
    words = list(_LATIN.finditer(text))
    if not words:
        return text
    word = words[rng.integers(len(words))]
    place = int(rng.integers(len(word[0])))
    spoilt = word[0]
    while spoilt == word[0]:  # two equal letters swapped, a letter replaced by itself
        spoilt = _spoil(word[0], place, rng)
    return text[: word.start()] + spoilt + text[word.end() :]


def _spoil(word: str, place: int, rng: np.random.Generator) -> str:
    before, letter, after = word[:place], word[place], word[place + 1 :]
    match int(rng.integers(4)):
        case 0:
            return before + after
        case 1:
            return before + letter * 2 + after
        case 2:
            return before + after[:1] + letter + after[1:]
        case _:
            return before + _LETTERS[rng.integers(len(_LETTERS))] + after


def cut_short(text: str) -> str:
    """Stop typing in the middle of the last word."""
    last = _LAST.search(text)
    if not last:
        return text
    if last["han"]:
        return text[:-1].rstrip() or text
    kept = max(SHORTEST_CUT, round(len(last[0]) * CUT))
    return text[: last.start()] + last[0][:kept]


def held_out(text: str) -> bool:
    """Tell the half of the queries, as typed, that nothing was tuned by."""
    return blake2b(text.encode(), digest_size=1).digest()[0] % 2 == 1


SPOILT: Mapping[str, Callable[[str], str]] = {"one typo": one_typo, "cut short": cut_short}

# ---- asking --------------------------------------------------------------------------------------


def feed_of(shop: str, language: Language, folder: Path) -> Path:
    """Name the shop's feed; that of ``magento_multiview`` is written first, a row a colour."""
    if shop == "sample_shop":
        return feed("google", language)
    if shop != "magento_multiview":
        name = "yanxuan_catalog" if shop == "zh_product_text" else "products"
        return DATA / shop / f"{name}.csv"
    path = folder / "magento.csv"
    views = read_csv(DATA / shop / "images.csv")
    products = {row["instance"]: row for row in views if row["instance"] and row["name"]}
    columns = ("name", "description", "category", "price", "colour", "sku")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "title", *columns[1:-1], "group_id"])
        writer.writerows([key, *(row[c] for c in columns)] for key, row in products.items())
    return path


def outcomes(shop: str) -> dict[str, list[Outcome]]:
    """Ask a shop everything, as typed and spoilt; a feed of one language is indexed once."""
    found: dict[str, list[Outcome]] = {typing: [] for typing in ("as typed", *SPOILT)}
    with tempfile.TemporaryDirectory() as scratch:
        feeds: dict[Language, Path] = {
            language: feed_of(shop, language, Path(scratch)) for language in LANGUAGES
        }
        for path in dict.fromkeys(feeds.values()):
            languages: list[Language] = [
                language for language in LANGUAGES if feeds[language] == path
            ]
            asked = [one for language in languages for one in judged(shop, language)]
            with tempfile.TemporaryDirectory() as data, open_engine(data, "lite2") as engine:
                # No image is there: every product is indexed with its words alone.
                engine.index(IndexRequest(path, Path(scratch)))
                for typing, group in _ask_all(engine, asked).items():
                    found[typing].extend(group)
    return found


def _ask_all(engine: Engine, asked: Sequence[Judged]) -> dict[str, list[Outcome]]:
    order = _order(engine)
    _check(asked, order)
    found = {"as typed": [_ask(engine, one, order) for one in asked]}
    for typing, spoil in SPOILT.items():
        spoilt = [
            replace(one, text=spoil(one.text), typing=spoil is cut_short)
            for one in asked
            if spoil(one.text) != one.text
        ]
        found[typing] = [_ask(engine, one, order) for one in spoilt]
    return found


def _order(engine: Engine) -> dict[str, int]:
    """Number the products as they stand in the catalogue, which is how a store breaks ties."""
    products, _ = engine.page(k=100_000)
    return {view.product.product_id: number for number, view in enumerate(products)}


def _check(asked: Sequence[Judged], order: Mapping[str, int]) -> None:
    unknown = [
        (one.text, product) for one in asked for product in one.right if product not in order
    ]
    if unknown:
        raise SystemExit(f"right answers that the shop does not sell: {unknown}")


def _ask(engine: Engine, one: Judged, order: Mapping[str, int]) -> Outcome:
    ranked = [
        shown.ranked
        for shown in engine.search(Query(text=one.text, k=LISTED, typing=one.typing)).shown
    ]
    lists = {"fused": [product.product_id for product in ranked]}
    for way, signal in SIGNALS.items():
        listed = [product for product in ranked if signal in product.signals]
        listed.sort(key=lambda p, by=signal: (-p.signals[by], order[p.product_id]))
        lists[way] = [product.product_id for product in listed]
    hits = {way: [p in one.right for p in ids[:K]] for way, ids in lists.items()}
    most = min(len(one.right), K)
    return Outcome(
        one,
        {way: 1 / (1 + hit.index(True)) if any(hit) else 0.0 for way, hit in hits.items()},
        {way: sum(hit) / most for way, hit in hits.items()},
    )


# ---- telling -------------------------------------------------------------------------------------


def mean(group: Sequence[Outcome], way: str) -> float:
    """Average the reciprocal ranks: MRR@10."""
    return float(np.mean([o.reciprocal[way] for o in group]))


def row(named: Sequence[object], group: Sequence[Outcome]) -> list[object]:
    """Average both measures over a group of queries, each way."""
    shares = {way: float(np.mean([o.recall[way] for o in group])) for way in WAYS}
    measures = [(mean(group, way), shares[way]) for way in WAYS]
    return [*named, len(group), *(measure for pair in measures for measure in pair)]


def by_shop(found: Mapping[str, Sequence[Outcome]]) -> Iterator[list[object]]:
    """Make the rows of every shop and language, then of each language."""
    typed = found["as typed"]
    for shop, language in dict.fromkeys((o.asked.shop, o.asked.language) for o in typed):
        ours = {typing: _of(group, language, shop) for typing, group in found.items()}
        yield from _ways_of_typing((shop, language), ours)
    for language in LANGUAGES:
        ours = {typing: _of(group, language) for typing, group in found.items()}
        yield from _ways_of_typing(("all", language), ours)
        rest = {typing: [o for o in group if o.asked.held_out] for typing, group in ours.items()}
        yield from _ways_of_typing(("held out", language), rest)


def _of(group: Sequence[Outcome], language: str, shop: str = "") -> list[Outcome]:
    return [o for o in group if o.asked.language == language and shop in ("", o.asked.shop)]


def _ways_of_typing(
    named: Sequence[object], found: Mapping[str, Sequence[Outcome]]
) -> Iterator[list[object]]:
    for typing, group in found.items():
        spoil = SPOILT.get(typing)
        same = [o for o in found["as typed"] if not spoil or spoil(o.asked.text) != o.asked.text]
        if group:
            yield [*row((*named, typing), group), mean(same, "fused")]


def by_kind(typed: Sequence[Outcome]) -> Iterator[list[object]]:
    """Make a row for each kind of query in each language."""
    kinds = dict.fromkeys((o.asked.language, o.asked.kind) for o in typed)
    for language, kind in sorted(kinds):
        group = [o for o in typed if (o.asked.language, o.asked.kind) == (language, kind)]
        yield row((kind, language), group)


def main(shops: Sequence[str]) -> None:
    """Ask the shops and print both tables."""
    found: dict[str, list[Outcome]] = {}
    for shop in shops:
        for typing, group in outcomes(shop).items():
            found.setdefault(typing, []).extend(group)
    measures = [f"{way} {what}" for way in WAYS for what in (f"MRR@{K}", f"R@{K}")]
    columns = ["shop", "language", "typed", "how many", *measures, "fused MRR, unspoilt"]
    print_table("words to products", columns, list(by_shop(found)))
    columns = ["kind of query", "language", "how many", *measures]
    print_table("words to products, as typed", columns, list(by_kind(found["as typed"])))


if __name__ == "__main__":
    main(sys.argv[1:] or SHOPS)
