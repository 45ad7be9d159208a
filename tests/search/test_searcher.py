"""What one asks with, what one gets, and what is refused: on a small drawn shop."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from shoplens.catalogue.fields import CORE_FIELDS, fold
from shoplens.config import SearchSettings
from shoplens.encode.base import Encoder, OneSpace, open_encoder
from shoplens.encode.colours.vector import COLOUR_DIM
from shoplens.encode.words.rows import word_query, word_row
from shoplens.errors import NotFoundError, QueryError
from shoplens.search.gather import Bounds
from shoplens.search.retrieve import Searcher
from shoplens.search.words.ask import WordsAsked
from shoplens.store.base import Dims, Store, open_store
from shoplens.types import Compare, Embeddings, OneOf, Pixels, Query, Ranking, Row, Term

INK = {"red": (220, 20, 20), "blue": (20, 20, 220), "green": (20, 160, 20)}
TITLES = {
    "a1": "red square",
    "A1": "red square with a hole, the second of its name",
    "b7": "blue square cotton shirt",
    "c9": "green circle KX-4711",
    "bare": "blue square without a picture",
    "void": "",
}
COLOURS = {"a1": ("red", "blue"), "A1": ("red",), "b7": ("blue",), "c9": ("green",)}


def drawn(colour: str, *, side: int = 30) -> Pixels:
    picture = np.full((60, 60, 3), 255, np.uint8)
    start = (60 - side) // 2
    picture[start : start + side, start : start + side] = INK[colour]
    return picture


def texts_of(product_id: str) -> tuple[str, str]:
    if product_id not in TITLES:
        raise NotFoundError(f"no product {product_id!r}")
    return TITLES[product_id], TITLES[product_id]


def plain_words(text: str, typing: bool) -> WordsAsked:  # noqa: FBT001
    return WordsAsked(word_query(text), 1.0, "", ())


def rows(encoder: Encoder) -> Iterator[Row]:
    for number, (product_id, title) in enumerate(TITLES.items()):
        pictures = [drawn(colour) for colour in COLOURS.get(product_id, ())]
        for position, picture in enumerate(pictures or [None]):
            tower = encoder.picture
            yield Row(
                row_id=number * 256 + position,
                product_id=product_id,
                group_id="",
                position=position,
                picture=None if picture is None else tower.encode([tower.prepare(picture)])[0],
                text=None if position or not title else encoder.text.encode([title])[0],
                words=None if position or not title else word_row(title),
                fields={"product_id": fold(product_id), "price": float(10 * number + position)},
            )


@pytest.fixture
def encoder() -> Encoder:
    return open_encoder("colour")


@pytest.fixture
def store(tmp_path: Path, encoder: Encoder) -> Iterator[Store]:
    dims = Dims(encoder.picture.dim, encoder.text.dim, COLOUR_DIM)
    opened = open_store("exact", tmp_path, dims)
    opened.declare(CORE_FIELDS)
    opened.upsert(list(rows(encoder)))
    yield opened
    opened.close()


@pytest.fixture
def searcher(encoder: Encoder, store: Store) -> Searcher:
    return Searcher(
        encoder, store, SearchSettings.model_validate({"max_k": 100}), texts_of, plain_words
    )


def names(ranking: Ranking) -> list[str]:
    return [product.product_id for product in ranking.products]


def test_a_photo_finds_its_likeness_and_tells_which_image_it_was(searcher: Searcher) -> None:
    best = searcher.rank(Query(picture=drawn("blue"))).products[:2]
    assert [(p.product_id, p.position) for p in best] == [("a1", 1), ("b7", 0)]
    assert best[0].signals.keys() == {"picture"}


@pytest.mark.parametrize("text", ["KX-4711", "kx 4711", "green circle KX-4711", "绿 green KX-4711"])
def test_an_exact_code_or_title_comes_first(searcher: Searcher, text: str) -> None:
    ranking = searcher.rank(Query(text=text))
    assert names(ranking)[0] == "c9"
    assert ranking.products[0].signals.keys() == {"text", "words"}


def test_a_code_comes_first_even_beside_a_photo_of_something_like_another(
    searcher: Searcher,
) -> None:
    ranking = searcher.rank(Query(picture=drawn("green", side=34), text="KX-4711"))
    assert names(ranking)[0] == "c9"


def test_words_without_any_letter_are_still_searched(searcher: Searcher) -> None:
    ranking = searcher.rank(Query(text=" ?! "))
    assert len(ranking.products) == 5
    assert all(product.signals.keys() == {"text"} for product in ranking.products)


def test_words_correct_a_picture(searcher: Searcher) -> None:
    alone = names(searcher.rank(Query(picture=drawn("blue"))))
    with_words = names(searcher.rank(Query(picture=drawn("blue"), text="cotton shirt")))
    assert alone.index("a1") < alone.index("b7")
    assert with_words[0] == "b7"


def test_a_product_is_never_like_itself_but_one_that_folds_alike_is(searcher: Searcher) -> None:
    found = names(searcher.rank(Query(product_id="a1")))
    assert found[:2] == ["A1", "b7"]
    assert "a1" not in found


def test_a_product_without_pictures_is_asked_with_by_its_texts(searcher: Searcher) -> None:
    ranking = searcher.rank(Query(product_id="bare"))
    assert names(ranking)[0] == "b7"
    assert "bare" not in names(ranking)
    assert ranking.products[0].signals.keys() == {"text", "words"}


def test_a_product_and_words_ask_for_both(searcher: Searcher) -> None:
    assert names(searcher.rank(Query(product_id="b7")))[0] == "a1"
    assert names(searcher.rank(Query(product_id="b7", text="green circle")))[0] == "c9"


def test_a_product_and_a_photo_ask_for_what_is_like_both(searcher: Searcher) -> None:
    found = names(searcher.rank(Query(product_id="c9", picture=drawn("red"))))
    assert set(found[:2]) == {"a1", "A1"}


def test_a_filter_holds_for_every_row_that_is_scored(searcher: Searcher) -> None:
    narrow = replace(searcher, bounds=Bounds(tier=1))
    allowed = OneOf("price", (0.0, 20.0))  # b7, and of a1 the red picture, not the blue one
    query = Query(picture=drawn("blue"), text="red square", filter=allowed)
    found = {product.product_id: product for product in narrow.rank(query).products}
    assert found.keys() == {"a1", "b7"}
    assert found["a1"].position == 0
    assert found["a1"].signals["picture"] < found["b7"].signals["picture"] - 0.1


def test_products_that_fold_alike_do_not_take_each_others_scores(searcher: Searcher) -> None:
    narrow = replace(searcher, bounds=Bounds(tier=1))
    ranking = narrow.rank(Query(picture=drawn("red"), text="the second of its name", k=2))
    assert set(names(ranking)) == {"a1", "A1"}
    red, also_red = (product.signals["picture"] for product in ranking.products)
    assert red == pytest.approx(also_red, abs=1e-5)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (Query(), "nothing was asked; ask with a picture"),
        (Query(text=" \n"), "nothing was asked"),
        (Query(filter=Compare("price", "<", 5.0)), "nothing was asked"),
        (Query(text="x" * 2001), "2001 characters; at most 2000"),
        (Query(text="x", k=0), "0 products were asked for; ask for 1 to 100"),
        (Query(text="x", k=101), "101 products were asked for; ask for 1 to 100"),
        (Query(text="x", offset=-1), "places 0 to 11"),
        (Query(text="x", k=10, offset=9_991), "places 9992 to 10001 .* 1 to 10000"),
        (Query(product_id="void"), "'void' has neither a picture nor words"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_reason(
    searcher: Searcher, query: Query, message: str
) -> None:
    with pytest.raises(QueryError, match=message):
        searcher.rank(query)


def test_the_last_place_can_be_asked_for(searcher: Searcher) -> None:
    ranking = searcher.rank(Query(text="x", k=10, offset=9_990))
    assert ranking.products == ()
    assert ranking.complete


def test_an_unknown_product_is_said_not_to_exist(searcher: Searcher) -> None:
    with pytest.raises(NotFoundError, match="no product 'zzz'"):
        searcher.rank(Query(product_id="zzz"))


def test_every_answer_has_its_own_id_and_the_time_of_each_step(searcher: Searcher) -> None:
    first, second = (searcher.rank(Query(text="square")) for _ in range(2))
    assert first.ranking_id != second.ranking_id
    assert set(first.timings_ms) == {"encode", "search", "fuse"}
    assert all(spent >= 0 for spent in first.timings_ms.values())
    numbered = replace(searcher, new_id=lambda: "r-1")
    assert numbered.rank(Query(text="square")).ranking_id == "r-1"


def test_threads_get_the_answers_that_one_alone_gets(searcher: Searcher) -> None:
    queries = [
        Query(picture=drawn(colour), text=text) for colour in INK for text in TITLES.values()
    ]
    alone = [searcher.rank(query).products for query in queries]
    with ThreadPoolExecutor(2) as crops, ThreadPoolExecutor(4) as visitors:
        pooled = replace(searcher, pool=crops)
        assert [r.products for r in visitors.map(pooled.rank, queries * 3)] == alone * 3


def test_crops_are_only_looked_at_when_set(searcher: Searcher, encoder: Encoder) -> None:
    whole = replace(searcher, settings=SearchSettings.model_validate({"crops": False}))
    (first, *_) = whole.rank(Query(picture=drawn("green"))).products
    assert first.signals["picture"] == pytest.approx(1, abs=1e-5)
    (first, *_) = searcher.rank(Query(picture=drawn("green"))).products
    assert first.signals["picture"] < 0.999


class ColourNames:
    """A text tower that shares the space of pictures: it draws the colour that is named."""

    def __init__(self, encoder: Encoder) -> None:
        self._pictures = encoder.picture
        self.dim = encoder.picture.dim
        self.fingerprint = "colour names"

    def encode(self, texts: Sequence[str]) -> Embeddings:
        named = [next((c for c in INK if c in text), "green") for text in texts]
        return self._pictures.encode([self._pictures.prepare(drawn(c)) for c in named])


@dataclass(frozen=True)
class Louder:
    """Words that ask pictures by rows of length 3, whatever is in the embeddings."""

    names: ColourNames

    def ask(self, texts: Sequence[str], embeddings: Embeddings) -> Embeddings:
        del embeddings
        return 3 * self.names.encode(texts)


def test_words_for_and_against_ask_pictures_as_one_row_of_that_reach(
    tmp_path: Path, encoder: Encoder
) -> None:
    names = ColourNames(encoder)
    store = open_store("exact", tmp_path, Dims(encoder.picture.dim, encoder.text.dim, COLOUR_DIM))
    store.declare(CORE_FIELDS)
    store.upsert([replace(row, words=None) for row in rows(encoder)])
    asking = Encoder("loud", encoder.picture, encoder.text, Louder(names))
    settings = SearchSettings.model_validate({})
    searcher = Searcher(asking, store, settings, texts_of, plain_words)
    query = Query(text="blue", terms=(Term(text="red", weight=-0.5),), k=50)
    blue, red = names.encode(["blue", "red"])
    wanted = blue - 0.5 * red
    wanted *= 3 / np.linalg.norm(wanted)
    ranked = searcher.rank(query).products
    pictured = [(p, [row @ wanted for _, row in store.pictures(p.product_id)]) for p in ranked]
    assert any(found for _, found in pictured)
    for product, found in pictured:
        if found:
            assert product.signals["text_picture"] == pytest.approx(max(found), abs=1e-4)
    store.close()


def test_words_find_pictures_where_both_share_a_space(tmp_path: Path, encoder: Encoder) -> None:
    names = ColourNames(encoder)
    shared = Encoder("clip", encoder.picture, names, OneSpace(names))
    dims = Dims(encoder.picture.dim, encoder.picture.dim, COLOUR_DIM)
    store = open_store("exact", tmp_path, dims)
    store.declare(CORE_FIELDS)
    store.upsert([replace(row, text=None, words=None) for row in rows(encoder)])
    searcher = Searcher(shared, store, SearchSettings.model_validate({}), texts_of, plain_words)
    best = searcher.rank(Query(text="something blue")).products[0]
    assert (best.product_id, best.position) == ("a1", 1)
    assert best.signals.keys() == {"text_picture"}
    store.close()
