"""Rankings against a slow oracle that scores every product in every signal, one at a time."""

import math
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.catalogue.fields import CORE_FIELDS, fold
from shoplens.config import SearchSettings
from shoplens.encode.base import open_encoder
from shoplens.encode.colours.vector import COLOUR_DIM
from shoplens.encode.crops import encode_query
from shoplens.encode.words.rows import word_query, word_row
from shoplens.search.filters import parse_filter
from shoplens.search.fuse import Scale, fuse
from shoplens.search.gather import Bounds
from shoplens.search.retrieve import Searcher
from shoplens.search.words.ask import WordsAsked
from shoplens.store.base import Dims, open_store
from shoplens.types import Embedding, FieldKind, Pixels, Query, Ranking, Row

ENCODER = open_encoder("colour")
DIMS = Dims(ENCODER.picture.dim, ENCODER.text.dim, COLOUR_DIM)
SETTINGS = SearchSettings.model_validate({})
FIELDS: dict[str, FieldKind] = {**CORE_FIELDS, "colour": "keyword"}


@dataclass(frozen=True, slots=True)
class Item:
    """A product as the oracle sees it."""

    number: int
    title: str
    colour: str
    price: float | None
    pictures: tuple[Embedding, ...]

    @property
    def name(self) -> str:
        return f"P{self.number}"

    def rows(self) -> list[Row]:
        fields = {"product_id": fold(self.name), "colour": self.colour}
        priced = fields if self.price is None else {**fields, "price": self.price}
        return [
            Row(
                row_id=self.number * 256 + position,
                product_id=self.name,
                group_id=f"G{self.number // 2}",
                position=position,
                picture=picture,
                text=None if position else ENCODER.text.encode([self.title])[0],
                words=None if position else word_row(self.title),
                fields=priced,
            )
            for position, picture in enumerate(self.pictures or (None,))
        ]


FILTERS: dict[str, Callable[[Item], bool]] = {
    "": lambda _: True,
    "price < 50": lambda item: item.price is not None and item.price < 50,
    "colour != red": lambda item: item.colour != "red",
    "NOT (colour = red OR price >= 50)": lambda item: (
        item.colour != "red" and (item.price is None or item.price < 50)
    ),
}


@dataclass(frozen=True, slots=True)
class Ask:
    """A question, before it is a Query; ``shown`` is a product's place in the shop."""

    picture: Pixels | None
    text: str
    shown: Item | None
    filter: str

    def query(self, *, k: int = 1000, offset: int = 0) -> Query:
        name = self.shown.name if self.shown else ""
        allowed = parse_filter(self.filter, FIELDS) if self.filter else None
        return Query(self.picture, self.text, name, allowed, k, offset)


def unit(row: Embedding) -> Embedding:
    return row / np.linalg.norm(row)


@st.composite
def shops(draw: st.DrawFn) -> list[Item]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    counts = draw(st.lists(st.integers(0, 6), min_size=1, max_size=20))
    words = rng.choice(["red", "blue", "shoe", "bag", "cotton"], (len(counts), 3))
    return [
        Item(
            number,
            f"{' '.join(words[number - 1])} code{number}",
            str(rng.choice(["red", "blue"])),
            None if rng.random() < 0.2 else float(rng.integers(1, 100)),
            tuple(
                unit(rng.normal(0.3, 1, ENCODER.picture.dim).astype(np.float32)) for _ in range(n)
            ),
        )
        for number, n in enumerate(counts, start=1)
    ]


@st.composite
def questions(draw: st.DrawFn, shop: Sequence[Item]) -> Ask:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    picture = rng.integers(0, 256, (12, 9, 3), dtype=np.uint8)
    text = draw(st.sampled_from(["", "red shoe", "cotton", "code3 bag", "sandals"]))
    shown = draw(st.sampled_from([None, *shop]))
    has_picture = draw(st.booleans()) or not (text or shown)
    return Ask(
        picture if has_picture else None, text, shown, draw(st.sampled_from(sorted(FILTERS)))
    )


def plain_words(text: str, typing: bool) -> WordsAsked:  # noqa: FBT001
    return WordsAsked(word_query(text), 1.0, "", ())


@contextmanager
def searching(shop: Sequence[Item], bounds: Bounds | None = None) -> Generator[Searcher]:
    titles = {item.name: (item.title, item.title) for item in shop}
    with TemporaryDirectory() as folder:
        store = open_store("exact", Path(folder), DIMS)
        try:
            store.declare(FIELDS)
            store.upsert([row for item in shop for row in item.rows()])
            texts_of = titles.__getitem__
            yield Searcher(
                ENCODER, store, SETTINGS, texts_of, plain_words, bounds=bounds or Bounds()
            )
        finally:
            store.close()


# ---- the oracle --------------------------------------------------------------------------------

Scored = dict[str, tuple[float, int]]
"""Product to its score and the position of the image that has it."""


def slow_signals(shop: Sequence[Item], ask: Ask) -> dict[str, Scored]:
    allowed = [i for i in shop if FILTERS[ask.filter](i) and i is not ask.shown]
    shown = ask.shown.pictures[:4] if ask.shown else ()
    pictures = list(shown)
    if ask.picture is not None:
        photo = encode_query(ENCODER.picture, ask.picture, multi=True)
        pictures = [unit(photo + row) for row in shown] or [photo]
    text = f"{ask.text} {ask.shown.title}".strip() if ask.shown and not shown else ask.text
    signals: dict[str, Scored] = {}
    if pictures:
        signals["picture"] = {
            i.name: max(
                (max(float(row @ p) for p in pictures), -position)
                for position, row in enumerate(i.pictures)
            )
            for i in allowed
            if i.pictures
        }
    if text:
        (asked,) = ENCODER.text.encode([text])
        embeddings = {i.name: ENCODER.text.encode([i.title])[0] for i in allowed}
        signals["text"] = {name: (float(row @ asked), 0) for name, row in embeddings.items()}
        scores = {i.name: slow_bm25(shop, i, text) for i in allowed}
        signals["words"] = {name: (score, 0) for name, score in scores.items() if score}
    return {n: {p: (s, -at) for p, (s, at) in found.items()} for n, found in signals.items()}


def slow_bm25(shop: Sequence[Item], item: Item, text: str) -> float:
    rows = {i.name: word_row(i.title) for i in shop}
    weights = dict(zip(rows[item.name].tokens, rows[item.name].weights, strict=True))
    score = 0.0
    for token in word_query(text).tokens:
        df = sum(token in row.tokens for row in rows.values())
        idf = math.log(1 + (len(shop) - df + 0.5) / (df + 0.5))
        score += idf * float(weights.get(token, 0))
    return score


def slow_scales(ask: Ask) -> dict[str, Scale]:
    """A photo and a product are two things asked in one space."""
    if ask.picture is None or not ask.shown or not ask.shown.pictures:
        return {}
    photo = encode_query(ENCODER.picture, ask.picture, multi=True)
    return {"picture": Scale(float(np.linalg.norm(photo + ask.shown.pictures[0])), 2.0)}


def slow_order(
    shop: Sequence[Item], signals: dict[str, Scored], tier: int, scales: dict[str, Scale]
) -> list[str]:
    """Every product any signal knows: tier by tier, in each by fused score."""
    numbers = {item.name: item.number for item in shop}
    raw = {name: {p: s for p, (s, _) in found.items()} for name, found in signals.items()}
    fused = fuse(raw, scales=scales)
    lists = [
        sorted(found, key=lambda p, found=found: (-found[p][0], numbers[p]))
        for found in signals.values()
    ]
    order: list[str] = []
    while len(order) < len(fused):
        fresh = {p for ranked in lists for p in ranked[:tier]} - set(order)
        order += sorted(fresh, key=lambda p: (-fused[p], numbers[p]))
        tier *= 2
    return order


def names(ranking: Ranking) -> list[str]:
    return [product.product_id for product in ranking.products]


def first_tier(ask: Ask, bounds: Bounds) -> int:
    """A picture asked with words is looked for further down."""
    shown = ask.picture is not None or (ask.shown is not None and ask.shown.pictures)
    worded = ask.text or (ask.shown is not None and not ask.shown.pictures)
    return bounds.composed if shown and worded else bounds.tier


TIERS = st.integers(1, 6)
BOUNDS = st.builds(Bounds, tier=TIERS, composed=TIERS, first_rows=st.integers(1, 9))


@settings(deadline=None, max_examples=100)
@given(data=st.data(), shop=shops(), bounds=BOUNDS)
def test_a_ranking_is_that_of_the_slow_oracle(
    data: st.DataObject, shop: list[Item], bounds: Bounds
) -> None:
    ask = data.draw(questions(shop))
    signals = slow_signals(shop, ask)
    with searching(shop, bounds) as searcher:
        ranking = searcher.rank(ask.query())
    assert ranking.complete
    assert names(ranking) == slow_order(shop, signals, first_tier(ask, bounds), slow_scales(ask))
    for product in ranking.products:
        known = {name: found.get(product.product_id) for name, found in signals.items()}
        scores = {name: score for name, (score, _) in ((n, k) for n, k in known.items() if k)}
        assert dict(product.signals) == pytest.approx(scores, abs=1e-5)
        assert product.position == next(position for _, position in filter(None, known.values()))
        assert 0 <= product.score <= 1


@settings(deadline=None, max_examples=40)
@given(data=st.data(), shop=shops(), bounds=BOUNDS, k=st.integers(1, 7))
def test_page_after_page_is_one_long_page(
    data: st.DataObject, shop: list[Item], bounds: Bounds, k: int
) -> None:
    ask = data.draw(questions(shop))
    with searching(shop, bounds) as searcher:
        whole = searcher.rank(ask.query())
        pages = [searcher.rank(ask.query(k=k, offset=offset)) for offset in range(0, 21, k)]
    assert [product for page in pages for product in page.products] == list(whole.products)
    assert all(page.complete for page in pages)


@settings(deadline=None, max_examples=40)
@given(data=st.data(), shop=shops(), bounds=BOUNDS, k=st.integers(1, 14))
def test_k_distinct_allowed_products_come_back_whenever_there_are_so_many(
    data: st.DataObject, shop: list[Item], bounds: Bounds, k: int
) -> None:
    ask = data.draw(questions(shop))
    with searching(shop, bounds) as searcher:
        found = names(searcher.rank(ask.query(k=k)))
    allowed = {i.name for i in shop if FILTERS[ask.filter](i) and i is not ask.shown}
    able = {name for found in slow_signals(shop, ask).values() for name in found}
    assert set(found) <= allowed
    assert len(found) == len(set(found)) == min(k, len(able))


# ---- many images, and the bounds ---------------------------------------------------------------


def crowded(crowd: int, others: int) -> list[Item]:
    """Make one product whose images are all nearer to the photo than any of the others."""
    rng = np.random.default_rng(5)
    photo = encode_query(ENCODER.picture, np.zeros((8, 8, 3), np.uint8), multi=True)
    noise = rng.normal(0, 1, (crowd + others, photo.size)).astype(np.float32)
    near = tuple(unit(photo + 0.01 * row) for row in noise[:crowd])
    far = [(unit(row),) for row in noise[crowd:]]
    return [
        Item(number, f"code{number}", "red", 1.0, pictures)
        for number, pictures in enumerate([near, *far], start=1)
    ]


BLACK = Ask(np.zeros((8, 8, 3), np.uint8), "", None, "")


def test_one_product_with_very_many_images_does_not_crowd_out_the_others() -> None:
    with searching(crowded(200, 30), Bounds(tier=4, first_rows=8)) as searcher:
        ranking = searcher.rank(BLACK.query(k=20))
    assert ranking.complete
    assert len(set(names(ranking))) == 20
    assert names(ranking)[0] == "P1"


def test_only_the_bound_on_rows_makes_an_answer_incomplete() -> None:
    with searching(crowded(200, 30), Bounds(tier=4, first_rows=8, rows=150)) as searcher:
        short = searcher.rank(BLACK.query(k=2))
        enough = searcher.rank(BLACK.query(k=1))
    assert names(short) == ["P1"]
    assert not short.complete
    assert enough.complete
    with searching(crowded(120, 4), Bounds(rows=150)) as searcher:
        everything = searcher.rank(BLACK.query(k=9))
    assert len(everything.products) == 5
    assert everything.complete


def test_a_product_listed_by_one_signal_only_has_its_true_score_in_the_others() -> None:
    shop = crowded(1, 40)
    with searching(shop, Bounds(tier=3)) as searcher:
        ranking = searcher.rank(replace(BLACK, text="code30").query(k=6))
    place = {product.product_id: product for product in ranking.products}["P30"]
    expected = slow_signals(shop, replace(BLACK, text="code30"))["picture"]["P30"][0]
    assert place.signals["picture"] == pytest.approx(expected, abs=1e-5)
    assert place.signals["words"] > 0
