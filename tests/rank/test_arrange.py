import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.config import RankSettings
from shoplens.rank.arrange import Plan, arrange
from shoplens.rank.diversity import diverse
from shoplens.rank.rules import read_rules
from shoplens.rank.traits import Traits
from shoplens.types import Action, Compare, Fields, Filter, RankedProduct, Rule

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PLAIN = Traits(RankSettings.model_validate({"stock": 0, "popularity": 0}), NOW)
WEIGHED = RankSettings.model_validate({"stock": 0.125, "popularity": 0.25})
TRAITS = Traits(WEIGHED, NOW, typical_popularity=4.0)
DIRECTIONS = [np.array(signs, np.float32) / 2 for signs in itertools.product((-1, 1), repeat=4)]
VECTORS = dict(enumerate(DIRECTIONS[:12]))
IDS = [f"P{i}" for i in range(12)]


def parse(text: str) -> Filter:
    return Compare("brand", "=", text)


def rule(action: Action, ids: str = "", text: str = "", **more: Any) -> Rule:
    return Rule("r", action, tuple(ids.split()), text, **more)


def plan(*rules: Rule, traits: Traits = PLAIN, **more: Any) -> Plan:
    return Plan(traits, read_rules(rules, parse).rules, **more)


def ids(products: Sequence[RankedProduct]) -> str:
    return " ".join(product.product_id for product in products)


def line(*scores: float, exact: str = "") -> list[RankedProduct]:
    """Products P0, P1, … with these scores; each second one is in a group with the one before."""
    return [
        RankedProduct(f"P{i}", f"g{i // 2}", 0, s, {}, i, {"picture": s}, f"P{i}" in exact.split())
        for i, s in enumerate(scores)
    ]


@dataclass(frozen=True, slots=True)
class Case:
    """A list to arrange, and all that counts for it."""

    found: list[RankedProduct]
    fields: dict[int, Fields]
    rules: tuple[Rule, ...]
    diversity: float
    distinct: bool

    @property
    def plan(self) -> Plan:
        return plan(*self.rules, traits=TRAITS, diversity=self.diversity, distinct=self.distinct)

    def arranged(self, found: Sequence[RankedProduct] | None = None) -> list[RankedProduct]:
        return arrange(self.found if found is None else found, self.fields, self.plan, VECTORS)


held = st.fixed_dictionaries(
    {},
    optional={
        "brand": st.sampled_from([("acme",), ("daybird",)]),
        "in_stock": st.booleans(),
        "popularity": st.sampled_from([0.0, 4.0, 12.0]),
    },
)
rules = st.builds(
    Rule,
    rule_id=st.just("r"),
    action=st.sampled_from(["pin", "hide", "boost", "bury"]),
    product_ids=st.lists(st.sampled_from([*IDS, "p3", "gone"]), max_size=3).map(tuple),
    filter=st.sampled_from(["", "", "acme"]),
    query=st.sampled_from(["", "boots"]),
    position=st.integers(1, 15),
    factor=st.sampled_from([1.5, 2.0, 4.0]),
)


@st.composite
def cases(draw: st.DrawFn, max_diversity: float = 0.5) -> Case:
    rows = draw(st.lists(st.integers(0, 11), unique=True))
    found = [
        RankedProduct(
            product_id=f"P{row}",
            group_id=draw(st.sampled_from(["", "g", "h"])),
            position=0,
            score=(score := draw(st.integers(0, 64)) / 64),
            signals={},
            row_id=row,
            shares=draw(st.sampled_from([{}, {"picture": score / 2, "words": score / 2}])),
            exact=draw(st.sampled_from([False, False, True])),
        )
        for row in rows
    ]
    fields: dict[int, Fields] = {row: draw(held) for row in rows}
    spoken = tuple(draw(st.lists(rules, max_size=4)))
    diversity = draw(st.sampled_from([0.0, 0.25, 0.5]).filter(lambda d: d <= max_diversity))
    return Case(found, fields, spoken, diversity, distinct=draw(st.booleans()))


def names(case: Case, action: str, product: RankedProduct) -> list[float]:
    """The factors of all rules of a kind that speak of a product, by their own words."""
    brand = case.fields[product.row_id].get("brand")
    return [
        rule.factor
        for rule in case.rules
        if rule.action == action
        if product.product_id.lower() in [name.lower() for name in rule.product_ids]
        or (rule.filter and brand == (rule.filter,))
    ]


def expected_score(case: Case, product: RankedProduct) -> float:
    """From the page of docs, one product at a time."""
    told = case.fields[product.row_id]
    up, down = names(case, "boost", product), names(case, "bury", product)
    score = product.score * math.prod(up) / math.prod(down)
    score += 0.125 * ((told.get("in_stock") is True) - (told.get("in_stock") is False))
    sold = told.get("popularity", 4.0)
    assert isinstance(sold, float)
    return score + 0.25 * (sold - 4) / (sold + 4)


@given(case=cases())
def test_all_that_is_not_hidden_comes_back_once(case: Case) -> None:
    shown = [p for p in case.found if not names(case, "hide", p)]
    came = case.arranged()
    if case.distinct:
        groups = {p.group_id or p.product_id for p in shown}
        assert sorted(p.group_id or p.product_id for p in came) == sorted(groups)
        assert {p.product_id for p in came} <= {p.product_id for p in shown}
    else:
        assert sorted(p.product_id for p in came) == sorted(p.product_id for p in shown)


@given(case=cases())
def test_a_score_is_the_sum_of_its_shares_and_the_one_described(case: Case) -> None:
    before = {p.product_id: p for p in case.found}
    for product in case.arranged():
        assert product.score == math.fsum(product.shares.values())
        expected = expected_score(case, before[product.product_id])
        assert product.score == pytest.approx(expected, abs=1e-9)
        kept = replace(product, score=0, shares={})
        assert kept == replace(before[product.product_id], score=0, shares={})


@given(case=cases())
def test_arranging_twice_changes_nothing(case: Case) -> None:
    once = case.arranged()
    assert case.arranged(once) == once


@given(case=cases(), rng=st.randoms(use_true_random=False))
def test_the_order_of_what_was_found_does_not_matter(case: Case, rng: Random) -> None:
    assert case.arranged(rng.sample(case.found, len(case.found))) == case.arranged()


@given(case=cases())
def test_nothing_outranks_an_exact_match_but_what_was_named_for_the_question(case: Case) -> None:
    named = {
        name.lower()
        for rule in case.rules
        if rule.action == "pin" and rule.query
        for name in rule.product_ids
    }
    others = [p.exact for p in case.arranged() if p.product_id.lower() not in named]
    assert others == sorted(others, reverse=True)


@given(case=cases(max_diversity=0.0))
def test_what_is_not_pinned_stands_by_exactness_score_and_row(case: Case) -> None:
    unpinned = [p for p in case.arranged() if not names(case, "pin", p)]
    assert unpinned == sorted(unpinned, key=lambda p: (not p.exact, -p.score, p.row_id))


@given(case=cases())
def test_without_rules_variety_orders_what_is_not_exact(case: Case) -> None:
    bare = replace(case, rules=(), distinct=False)
    plain = replace(bare, diversity=0.0).arranged()
    exact, rest = [p for p in plain if p.exact], [p for p in plain if not p.exact]
    varied = diverse(rest, VECTORS, case.diversity, exact)
    assert bare.arranged() == [*exact, *varied]


@given(
    n=st.integers(1, 12),
    places=st.dictionaries(st.sampled_from(IDS), st.integers(1, 15), max_size=6),
)
def test_pins_stand_where_they_were_promised(n: int, places: dict[str, int]) -> None:
    found = line(*(1 - i / 16 for i in range(n)))
    pins = [rule("pin", name, position=place) for name, place in places.items()]
    expected = [p.product_id for p in found if p.product_id not in places]
    for name, place in sorted(places.items(), key=lambda pin: pin[1]):
        if name in IDS[:n]:  # a collision moves it behind the last pin, the end before the end
            taken = [expected.index(p) for p in places if p in expected]
            expected.insert(max([place - 1, *(t + 1 for t in taken)]), name)
    assert ids(arrange(found, {}, plan(*pins))).split() == expected


@given(
    case=cases(max_diversity=0.0), place=st.integers(0, 11), more=st.sampled_from([4.0, 12.0, 99.0])
)
def test_more_popularity_never_lowers(case: Case, place: int, more: float) -> None:
    rules = tuple(rule for rule in case.rules if rule.action != "pin")
    case = replace(case, rules=rules, distinct=False)
    if place < len(case.found):
        row_id = case.found[place].row_id
        told = case.fields[row_id]
        sold = max(more, float(str(told.get("popularity", 4.0))))
        richer = replace(case, fields={**case.fields, row_id: {**told, "popularity": sold}})
        before, after = ([p.row_id for p in c.arranged()] for c in (case, richer))
        assert row_id not in before or after.index(row_id) <= before.index(row_id)


@given(case=cases(), cut=st.integers(0, 12))
def test_what_stands_above_never_comes_again(case: Case, cut: int) -> None:
    above = replace(case, found=case.found[:cut]).arranged()
    below = arrange(case.found, case.fields, case.plan, VECTORS, above)
    if case.distinct:
        shown = [p.group_id or p.product_id for p in [*above, *below]]
    else:
        shown = [p.product_id for p in [*above, *below]]
    assert len(shown) == len(set(shown))
    if above:
        assert [p.exact for p in below] == sorted((p.exact for p in below), reverse=True)


# ---- one example each ---------------------------------------------------------------------------


def test_a_product_hidden_and_pinned_is_hidden() -> None:
    found = line(0.9, 0.8, 0.7, exact="P1")
    rules = rule("pin", "P1", query="boots"), rule("hide", "P1")
    assert ids(arrange(found, {}, plan(*rules))) == "P0 P2"


def test_a_pin_by_name_for_the_question_may_stand_before_an_exact_match() -> None:
    found = line(0.9, 0.8, 0.7, 0.6, exact="P2 P3")
    assert ids(arrange(found, {}, plan())) == "P2 P3 P0 P1"
    assert ids(arrange(found, {}, plan(rule("pin", "P1", query="boots")))) == "P1 P2 P3 P0"
    assert ids(arrange(found, {}, plan(rule("pin", "P3", query="boots")))) == "P3 P2 P0 P1"
    assert ids(arrange(found, {}, plan(rule("pin", "P1")))) == "P2 P3 P1 P0", "for any question"
    brand: dict[int, Fields] = {1: {"brand": ("acme",)}}
    by_filter = rule("pin", text="acme", query="boots")
    assert ids(arrange(found, brand, plan(by_filter))) == "P2 P3 P1 P0"


def test_an_exact_match_is_not_lowered_by_a_pin_for_any_question() -> None:
    found = line(0.9, 0.8, 0.7, 0.6, exact="P3")
    assert ids(arrange(found, {}, plan(rule("pin", "P3", position=3)))) == "P3 P0 P1 P2"
    of_its_group = plan(rule("pin", "P2"), distinct=True)
    assert ids(arrange(found, {}, of_its_group)) == "P3 P0"
    named = plan(rule("pin", "P3", query="boots", position=3))
    assert ids(arrange(found, {}, named)) == "P0 P1 P3 P2", "unless named for this question"


def test_of_two_pins_for_one_place_the_named_one_gets_it() -> None:
    found = line(0.9, 0.8, 0.7, 0.6, 0.5)
    rules = rule("pin", "P3"), rule("pin", "P2"), rule("pin", "P4", query="boots", position=2)
    assert ids(arrange(found, {}, plan(*rules))) == "P3 P4 P2 P0 P1"
    at_the_end = rule("pin", "P0", position=8), rule("pin", "P1", query="boots", position=9)
    assert ids(arrange(found[:3], {}, plan(*at_the_end))) == "P2 P0 P1"


def test_a_pinned_filter_places_its_best_product_only() -> None:
    found = line(0.9, 0.8, 0.7, 0.6)
    brand: dict[int, Fields] = {2: {"brand": ("acme",)}, 3: {"brand": ("acme",)}}
    assert ids(arrange(found, brand, plan(rule("pin", text="acme")))) == "P2 P0 P1 P3"
    after = rule("pin", "P2", "acme", position=2)
    assert ids(arrange(found, brand, plan(after))) == "P0 P2 P3 P1", "the best that is left"


def test_a_pin_of_what_is_not_there_leaves_no_gap() -> None:
    assert ids(arrange(line(0.9, 0.8), {}, plan(rule("pin", "gone P1")))) == "P0 P1"
    assert arrange([], {}, plan(rule("pin", "gone"))) == []


def test_a_pin_beyond_the_end_stands_last() -> None:
    rules = rule("pin", "P0", position=90), rule("pin", "P1", position=80)
    assert ids(arrange(line(0.9, 0.8, 0.7), {}, plan(*rules))) == "P2 P1 P0"


def test_boosts_and_buries_are_told_as_the_share_of_rules() -> None:
    brand: dict[int, Fields] = {1: {"brand": ("acme",)}}
    up, down = rule("boost", text="acme", factor=2.0), rule("bury", "P0", factor=4.0)
    first, second = arrange(line(0.8, 0.5), brand, plan(up, down))
    assert (first.product_id, first.shares) == ("P1", {"picture": 0.5, "rule": 0.5})
    assert (second.product_id, second.score) == ("P0", pytest.approx(0.2))


def test_a_score_that_does_not_say_what_it_is_made_of_is_likeness() -> None:
    bare = [replace(line(0.5)[0], shares={})]
    arranged = arrange(bare, {0: {"in_stock": True}}, plan(traits=TRAITS))
    assert arranged[0].shares == {"likeness": 0.5, "stock": 0.125}
    assert arranged[0].score == 0.625


def test_distinct_keeps_what_stands_first_of_each_group() -> None:
    found = line(0.9, 0.8, 0.7, 0.6)
    assert ids(arrange(found, {}, plan(distinct=True))) == "P0 P2"
    pin = rule("pin", "P3 P2")
    assert ids(arrange(found, {}, plan(pin, distinct=True))) == "P3 P0"
    assert ids(arrange(line(0.9, 0.8, exact="P1"), {}, plan(distinct=True))) == "P1"
    ungrouped = [replace(p, group_id="") for p in found]
    assert ids(arrange(ungrouped, {}, plan(distinct=True))) == "P0 P1 P2 P3"


def test_a_list_that_follows_has_no_pins_and_no_group_twice() -> None:
    found = line(0.9, 0.8, 0.7, 0.6, 0.5)
    following = plan(rule("pin", "P4"), rule("hide", "P2"))
    assert ids(arrange(found[1:], {}, following, {}, found[:1])) == "P1 P3 P4"
    distinct = replace(following, distinct=True)
    assert ids(arrange(found[1:], {}, distinct, {}, found[:1])) == "P3 P4"


def test_variety_counts_what_is_pinned_and_exact() -> None:
    found = line(0.5, 0.9, 0.85, exact="P0")
    alike = {0: DIRECTIONS[0], 1: DIRECTIONS[0], 2: DIRECTIONS[5]}
    assert ids(arrange(found, {}, plan(diversity=0.5), alike)) == "P0 P2 P1"
    pinned = [replace(p, exact=False) for p in found]
    varied = plan(rule("pin", "P0", position=3), diversity=0.5)
    assert ids(arrange(pinned, {}, varied, alike)) == "P2 P1 P0"


def test_the_plan_names_the_fields_it_needs() -> None:
    assert plan(rule("boost", text="acme")).fields == ["brand"]
    assert plan(traits=TRAITS).fields == ["in_stock", "popularity"]
    fresh = RankSettings.model_validate({"stock": 0, "popularity": 0, "freshness": 0.1})
    assert plan(traits=Traits(fresh, NOW)).fields == ["added"]
