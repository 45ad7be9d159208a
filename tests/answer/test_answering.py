"""Answers on a small shop whose truth is known: pages, orders, counts, rules, reasons."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from shoplens.answer.answer import Answer
from shoplens.config import read_settings
from shoplens.engine import Engine
from shoplens.errors import QueryError
from shoplens.rank.confidence import best_match
from shoplens.types import Pixels, Product, Query, Rule, Sort, Term

INK = {"red": (200, 30, 30), "green": (30, 150, 60), "blue": (30, 60, 190)}
KINDS = ("mug", "lamp", "scarf")


def drawn(colour: str, kind: str) -> Pixels:
    """Draw a thing on white: a mug is square, a lamp tall, a scarf wide."""
    picture = np.full((90, 90, 3), 255, np.uint8)
    tall, wide = {"mug": (40, 40), "lamp": (70, 20), "scarf": (20, 70)}[kind]
    top, left = (90 - tall) // 2, (90 - wide) // 2
    picture[top : top + tall, left : left + wide] = INK[colour]
    return picture


def products() -> list[Product]:
    """Three kinds in three colours; a kind is a group."""
    return [
        Product(
            f"{kind}-{colour}",
            f"{colour.capitalize()} {kind} No {9 * i + j}",
            brand=("Daybird", "Fernway")[j % 2],
            category=("Home", f"{kind.capitalize()}s"),
            group_id=kind,
            price=None if (kind, colour) == ("scarf", "blue") else Decimal(10 * i + 3 * j + 5),
            in_stock=colour != "green",
            popularity=float(i + j),
            gtin=f"40000000000{i}{j}",
            attributes={"colour": (colour,)},
        )
        for i, kind in enumerate(KINDS)
        for j, colour in enumerate(INK)
    ]


def png(picture: Pixels) -> bytes:
    file = BytesIO()
    Image.fromarray(picture).save(file, "png")
    return file.getvalue()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("shop")
    given = {"data": folder, "encoder": "lite0", "store": "exact", "index": {"threads": 1}}
    with Engine.open(read_settings(given)) as engine:
        for product in products():
            engine.put_product(product, [png(drawn(*kind_and_colour(product.product_id)[::-1]))])
        yield engine


@pytest.fixture
def shop(opened: Engine) -> Iterator[Engine]:
    yield opened
    for rule, _ in opened.rules():
        opened.remove_rule(rule.rule_id)


def kind_and_colour(product_id: str) -> tuple[str, str]:
    kind, colour = product_id.split("-")
    return kind, colour


def ids(answer: Answer) -> list[str]:
    return [shown.product.product_id for shown in answer.shown]


PHOTO = Query(picture=drawn("red", "mug"))
QUESTIONS = {
    "photo": PHOTO,
    "words": Query(text="mug"),
    "photo and words": replace(PHOTO, text="lamp"),
    "product": Query(product_id="lamp-blue"),
    "colour": Query(colour=(48.0, 60.0, 38.0)),
    "nothing": Query(),
}


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("sort", [None, Sort("price"), Sort("popularity", descending=True)])
@pytest.mark.parametrize("distinct", [False, True])
def test_page_after_page_is_the_whole_answer_and_the_total_counts_it(
    shop: Engine, name: str, sort: Sort | None, *, distinct: bool
) -> None:
    query = replace(QUESTIONS[name], sort=sort, distinct=distinct, k=100)
    whole = shop.search(query)
    pages = [shop.search(replace(query, k=2, offset=offset)) for offset in range(0, 12, 2)]
    assert [i for page in pages for i in ids(page)] == ids(whole)
    assert {page.total for page in pages} == {len(ids(whole))} == {whole.total}
    assert all(page.total_exact for page in pages)
    assert {page.match for page in pages} == {best_match([s.ranked for s in whole.shown])}
    groups = [shown.product.group_id for shown in whole.shown]
    assert not distinct or len(set(groups)) == len(groups)


@pytest.mark.parametrize("name", QUESTIONS)
def test_sorting_orders_the_same_products_and_leaves_those_without_a_price_to_the_end(
    shop: Engine, name: str
) -> None:
    query = replace(QUESTIONS[name], k=100)
    plain, rising = shop.search(query), shop.search(replace(query, sort=Sort("price")))
    assert sorted(ids(plain)) == sorted(ids(rising))
    prices = [shown.product.price for shown in rising.shown]
    known = [price for price in prices if price is not None]
    assert prices[: len(known)] == sorted(known)


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize(
    "text",
    ["", "colour = red", "price < 30", "brand = Daybird AND in_stock", "colour IN (red, 蓝色)"],
)
def test_facets_count_the_answer_and_a_chosen_one_keeps_its_other_values(
    shop: Engine, name: str, text: str
) -> None:
    facets = ("colour", "brand", "in_stock")
    query = replace(QUESTIONS[name], filter=shop.filter(text), facets=facets, k=100)
    found = {facet.field: dict(facet.values) for facet in shop.search(query).facets}
    for field in facets:
        others = " AND ".join(p for p in text.split(" AND ") if p and not p.startswith(field))
        wider = shop.search(replace(query, filter=shop.filter(others), facets=()))
        told = [_value(shown.product, field) for shown in wider.shown]
        assert found[field] == dict(Counter(told))


def _value(product: Product, field: str) -> str:
    if field == "in_stock":
        return str(product.in_stock).lower()
    return product.brand.lower() if field == "brand" else product.attributes["colour"][0]


def test_a_price_facet_is_a_histogram_of_the_answer(shop: Engine) -> None:
    (facet,) = shop.search(replace(PHOTO, facets=("price",))).facets
    prices = [float(p.price) for p in products() if p.price is not None]
    assert (facet.lowest, facet.highest) == (min(prices), max(prices))
    assert sum(r.products for r in facet.ranges) == len(prices)


def test_an_unknown_facet_is_refused_with_a_guess(shop: Engine) -> None:
    with pytest.raises(QueryError, match="did you mean 'brand'"):
        shop.search(replace(PHOTO, facets=("brnad",)))


@pytest.mark.parametrize(
    "code", ["scarf-green", "4000000000021", "40000-0000 0021", "green scarf no 19"]
)
@pytest.mark.parametrize("picture", [None, drawn("red", "mug")])
def test_a_products_own_code_or_title_is_never_outranked(
    shop: Engine, code: str, picture: Pixels | None
) -> None:
    shop.put_rule(Rule("lift", "boost", product_ids=("mug-red",), factor=50.0))
    answer = shop.search(Query(picture=picture, text=code))
    assert ids(answer)[0] == "scarf-green"
    assert answer.shown[0].ranked.match == "strong"


def test_words_select_and_a_typo_is_mended_and_told(shop: Engine) -> None:
    answer = shop.search(Query(text="scraf"))
    assert {i.split("-")[0] for i in ids(answer)} == {"scarf"}
    assert (answer.total, answer.corrected) == (3, "scarf")


def test_what_nothing_answers_to_is_shown_all_the_same_and_said(shop: Engine) -> None:
    answer = shop.search(Query(text="xylophone"))
    assert answer.match == "none"
    assert answer.total == len(ids(answer)) > 0


@pytest.mark.parametrize("weight", [0.5, 1.0])
def test_what_is_not_wanted_goes_down(shop: Engine, weight: float) -> None:
    plain = ids(shop.search(replace(PHOTO, k=9)))
    for term in (
        Term(product_id="lamp-red"),
        Term(text="lamp"),
        Term(picture=drawn("red", "lamp")),
    ):
        asked = replace(PHOTO, k=9, terms=(replace(term, weight=-weight),))
        assert ids(shop.search(asked)).index("lamp-blue") >= plain.index("lamp-blue")


def test_only_what_is_not_wanted_is_no_question(shop: Engine) -> None:
    with pytest.raises(QueryError, match="not wanted"):
        shop.search(Query(terms=(Term(text="lamp", weight=-1.0),)))


def test_a_picture_in_another_colour_is_asked_with_words_or_a_colour(shop: Engine) -> None:
    for query in (replace(PHOTO, text="in blue"), replace(PHOTO, colour=(33.0, 32.0, -68.0))):
        assert ids(shop.search(query))[0] == "mug-blue"


# ---- rules -------------------------------------------------------------------------------------

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


def test_rules_pin_hide_boost_and_bury_from_the_next_question_on(shop: Engine) -> None:
    query = replace(PHOTO, k=9)
    shop.put_rule(Rule("a", "hide", filter="brand = Fernway"))
    shop.put_rule(Rule("b", "pin", product_ids=("scarf-blue",), position=2))
    shop.put_rule(Rule("c", "boost", filter="colour = blue", factor=3.0))
    found = shop.search(query)
    assert {shown.product.brand for shown in found.shown} == {"Daybird"}
    assert found.total == len(found.shown) == 6
    assert ids(found)[1] == "scarf-blue"
    assert kind_and_colour(ids(found)[0])[1] == "blue"
    for rule_id in "abc":
        shop.remove_rule(rule_id)
    assert shop.search(query).total == 9


@pytest.mark.parametrize(
    ("rule", "speaks"),
    [
        (Rule("r", "hide", filter="colour = red", starts=NOW + HOUR), False),
        (Rule("r", "hide", filter="colour = red", ends=NOW - HOUR), False),
        (Rule("r", "hide", filter="colour = red", starts=NOW - HOUR, ends=NOW + HOUR), True),
        (Rule("r", "hide", filter="colour = red", query="lamp"), False),
        (Rule("r", "hide", filter="colour = red", query="mug"), True),
    ],
)
def test_a_rule_speaks_only_for_its_words_and_its_time(
    shop: Engine, rule: Rule, *, speaks: bool
) -> None:
    shop.put_rule(rule)
    assert ("mug-red" not in ids(shop.search(Query(text="mug", k=9)))) is speaks


def test_a_rule_whose_field_is_gone_is_told_and_passed_over(shop: Engine) -> None:
    extra = replace(products()[0], product_id="one", attributes={"season": ("winter",)})
    shop.put_product(extra)
    shop.put_rule(Rule("winter", "hide", filter="season = winter"))
    shop.remove_product("one")
    assert shop.search(replace(PHOTO, k=9)).total == 9
    ((rule, problem),) = shop.rules()
    assert rule.rule_id == "winter"
    assert "season" in problem


# ---- reasons -----------------------------------------------------------------------------------


def test_reasons_add_up_to_the_score_and_name_words_and_colours(shop: Engine) -> None:
    answer = shop.search(Query(text="red mug", explain=True, k=9))
    reasons = answer.reasons["mug-red"]
    for shown in answer.shown:
        told = answer.reasons[shown.product.product_id]
        assert sum(told.shares.values()) == pytest.approx(shown.ranked.score)
    assert reasons.words == ("red", "mug")


def test_nothing_is_explained_unless_asked(shop: Engine) -> None:
    assert shop.search(Query(text="red mug")).reasons == {}


def test_a_list_ends_where_the_shop_does_however_far_one_asks(shop: Engine) -> None:
    for offset in (9, 10_000, 2**61):
        for sort in (None, Sort("price")):
            answer = shop.search(Query(offset=offset, sort=sort))
            assert (answer.shown, answer.total) == ((), 9)
