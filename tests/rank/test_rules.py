from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.rank.rules import (
    Factors,
    Pin,
    Rulebook,
    asked_words,
    field_names,
    hidden,
    pinned,
    read_rules,
)
from shoplens.search.filters import parse_filter
from shoplens.store.match import matches
from shoplens.types import AnyOf, Compare, FieldKind, Fields, Filter, OneOf, Rule

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KINDS: dict[str, FieldKind] = {"brand": "keyword", "price": "number", "in_stock": "boolean"}


def parse(text: str) -> Filter:
    return parse_filter(text, KINDS)


def read(*rules: Rule) -> Rulebook:
    book = read_rules(rules, parse)
    assert not book.broken
    return book


def speaks(query: str, asked: str) -> bool:
    return bool(read(Rule("r", "hide", ("a",), query=query)).speaking(asked, NOW))


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("", ""),
        ("", "anything"),
        ("red boots", "boots, RED ones"),
        ("boot", "Boots"),
        ("café", "cafe table"),
        ("t-shirt", "t-shirt"),
        ("t-shirt", "white tshirts"),
        ("t-shirt", "white t shirt"),
        ("shoes for men", "men shoes"),
        ("10-20", "from 10 to 20"),
        ("AB-123", "ab123"),
        ("3.5mm", "3,5 mm jack"),
        ("运动鞋", "红色的运动鞋"),
        ("鞋", "运动鞋"),
        ("nike 鞋", "鞋子 Nike"),
        ("ＮＩＫＥ", "nike"),
        ("红色的鞋", "红色运动鞋"),
        ("신발", "운동신발이"),
    ],
)
def test_a_rule_speaks_where_all_its_words_are_asked(query: str, asked: str) -> None:
    assert speaks(query, asked)


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("boot", ""),
        ("red boots", "boots"),
        ("boot", "bootleg"),
        ("art", "cartoon"),
        ("10-20", "10"),
        ("运动鞋", "鞋 运动"),
        ("nike 鞋", "nike"),
        ("鞋", "包"),
    ],
)
def test_a_rule_is_silent_where_a_whole_word_is_missing(query: str, asked: str) -> None:
    assert not speaks(query, asked)


words = st.text(st.sampled_from("ab鞋红"), min_size=1, max_size=3)


@given(said=st.lists(words, min_size=1, max_size=3), more=st.lists(words, max_size=3))
def test_a_rule_speaks_of_itself_whatever_stands_around(said: list[str], more: list[str]) -> None:
    assert speaks(" ".join(said), " ".join([*more, *said]))
    assert speaks(" ".join(said), " ".join([*reversed(said), *more]))


def test_a_rule_speaks_from_its_start_up_to_its_end() -> None:
    day = timedelta(days=1)
    book = read(Rule("r", "hide", ("a",), starts=NOW, ends=NOW + day))
    moments = (NOW - day, NOW, NOW + day / 2, NOW + day)
    assert [bool(book.speaking("", now)) for now in moments] == [False, True, True, False]
    open_ended = read(Rule("r", "hide", ("a",), starts=NOW), Rule("s", "hide", ("a",), ends=NOW))
    spoken = [[r.rule.rule_id for r in open_ended.speaking("", now)] for now in moments]
    assert spoken == [["s"], ["r"], ["r"], ["r"]]


def test_a_rule_that_cannot_be_understood_is_told_and_left_out() -> None:
    rules = [
        Rule("gone", "hide", filter="material = silk"),
        Rule("kept", "hide", filter="brand = acme"),
        Rule("garbled", "boost", filter="brand = = acme"),
        Rule("wordless", "pin", ("a",), query="👟 !"),
    ]
    book = read_rules(rules, parse)
    assert [r.rule.rule_id for r in book.rules] == ["kept"]
    assert [r.where for r in book.broken] == ["gone", "garbled", "wordless"]
    assert "material" in book.broken[0].reason
    assert "no words" in book.broken[2].reason
    assert [r.rule.rule_id for r in book.speaking("", NOW)] == ["kept"]


def test_a_rule_speaks_of_its_products_and_of_what_its_filter_lets_through() -> None:
    both = read(Rule("r", "hide", ("SKU-1",), "brand = acme")).rules[0]
    assert both.touches("sku-1", {})
    assert both.touches("other", {"brand": ("acme",)})
    assert not both.touches("other", {"brand": ("daybird",)})
    assert not read(Rule("r", "hide")).rules[0].touches("other", {}), "it names nothing"


def test_what_is_hidden_is_a_filter_for_the_search() -> None:
    rules = read(
        Rule("a", "hide", ("SKU-1", "b")),
        Rule("b", "hide", filter="price > 80"),
        Rule("c", "pin", ("c",)),
    ).rules
    ids = OneOf("product_id", ("b", "sku-1"))
    assert hidden(rules) == AnyOf((ids, Compare("price", ">", 80.0)))
    assert hidden(rules[2:]) is None
    assert hidden(read(Rule("a", "hide")).rules) is None


products = st.fixed_dictionaries(
    {
        "product_id": st.sampled_from("abc").map(lambda product_id: (product_id,)),
        "brand": st.sampled_from([("acme",), ("daybird",)]),
        "price": st.sampled_from([10.0, 90.0]),
    }
)
hides = st.builds(
    Rule,
    rule_id=st.just("r"),
    action=st.just("hide"),
    product_ids=st.lists(st.sampled_from("abc"), max_size=2).map(tuple),
    filter=st.sampled_from(["", "brand = acme", "price < 50 AND NOT brand = acme"]),
)


@given(rules=st.lists(hides, max_size=3), fields=products)
def test_the_search_hides_just_what_the_rules_touch(rules: list[Rule], fields: Fields) -> None:
    reads, allowed = read(*rules).rules, hidden(read(*rules).rules)
    named = fields["product_id"]
    assert isinstance(named, tuple)
    touched = any(rule.touches(named[0], fields) for rule in reads)
    assert (allowed is not None and matches(allowed, fields)) == touched


def test_pins_stand_one_after_the_other_and_the_best_of_the_filter_last() -> None:
    rules = read(
        Rule("late", "pin", ("x",), position=9),
        Rule("all", "pin", ("a", "b"), "brand = acme", position=3),
        Rule("named", "pin", ("c",), query="boots", position=4),
    ).rules
    acme = Compare("brand", "=", "acme")
    assert pinned(rules) == [
        Pin(3, "a"),
        Pin(4, "b"),
        Pin(4, "c", named=True),
        Pin(5, filter=acme),
        Pin(9, "x"),
    ]


def test_boosts_and_buries_multiply() -> None:
    rules = read(
        Rule("up", "boost", filter="brand = acme", factor=3.0),
        Rule("down", "bury", ("a",), factor=2.0),
        Rule("other", "hide", ("a",), factor=7.0),
    ).rules
    factors = Factors.of(rules)
    assert factors.on("a", {"brand": ("acme",)}) == 1.5
    assert factors.on("b", {"brand": ("acme",)}) == 3.0
    assert factors.on("a", {}) == 0.5
    assert factors.on("b", {}) == 1.0


def test_the_fields_that_rules_need_are_named() -> None:
    text = "NOT (brand = acme OR price < 5) AND in_stock"
    rules = read(Rule("a", "boost", filter=text), Rule("b", "pin", ("a",)))
    assert field_names(rules.rules) == {"brand", "price", "in_stock"}
    assert field_names(rules.rules[1:]) == set()
    assert field_names(read(Rule("a", "boost", filter="brand IN (a, b)")).rules) == {"brand"}


def test_neighbouring_words_also_count_as_one() -> None:
    assert asked_words("T shirt").words == {"t", "shirt", "tshirt"}
