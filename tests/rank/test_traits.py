import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.config import RankSettings
from shoplens.rank.traits import DAY_S, Traits, freshness_lift, popularity_lift, typical
from shoplens.types import Fields

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def weighed(**weights: float) -> RankSettings:
    return RankSettings.model_validate({"stock": 0, "popularity": 0, **weights})


ALL = weighed(stock=0.1, popularity=0.2, freshness=0.4, freshness_half_life_days=10.0)
amounts = st.floats(0, allow_nan=False)
scales = st.floats(1e-300, 1e300)


def shares(fields: Fields, settings: RankSettings = ALL, typical: float = 8.0) -> dict[str, float]:
    return Traits(settings, NOW, typical).shares([fields])[0]


def added(age_days: float) -> float:
    return (NOW - timedelta(days=age_days)).timestamp()


def test_each_trait_gives_its_weight_times_its_lift() -> None:
    best = shares({"in_stock": True, "popularity": 24.0, "added": added(0)})
    assert best == pytest.approx({"stock": 0.1, "popularity": 0.1, "freshness": 0.4})
    worst = shares({"in_stock": False, "popularity": 0.0, "added": added(20)})
    assert worst == pytest.approx({"stock": -0.1, "popularity": -0.2, "freshness": -0.2})


def test_a_product_that_tells_nothing_neither_gains_nor_loses() -> None:
    assert shares({}) == {}
    assert shares({"popularity": 8.0, "added": added(10)}) == {}, "typical, and of the half-life"
    assert shares({"popularity": 24.0}, typical=0.0) == {}, "nobody knows what is typical"


def test_what_is_no_number_is_as_if_it_were_not_told() -> None:
    for senseless in (True, "many", ("12",), math.nan, -1.0):
        assert shares({"popularity": senseless}) == {}
    for senseless in (True, "today", ("1",), math.nan, math.inf, -math.inf):
        assert shares({"added": senseless}) == {}
    for senseless in (1.0, "yes", ("true",)):
        assert shares({"in_stock": senseless}) == {}


def test_a_trait_of_weight_zero_is_not_even_read() -> None:
    told: Fields = {"in_stock": True, "popularity": 24.0, "added": added(0)}
    assert shares(told, weighed()) == {}
    assert Traits(weighed(popularity=0.5), NOW).weights == {"popularity": 0.5}


def test_every_product_of_a_list_gets_its_own_shares() -> None:
    told: list[Fields] = [{"in_stock": True}, {}, {"in_stock": False}]
    given = Traits(ALL, NOW).shares(told)
    assert given == [{"stock": 0.1}, {}, {"stock": -0.1}]


@given(less=amounts, more=amounts, scale=scales)
def test_more_popularity_never_lifts_less(less: float, more: float, scale: float) -> None:
    less, more = sorted((less, more))
    assert -1 <= popularity_lift(less, scale) <= popularity_lift(more, scale) <= 1


@given(popularity=st.floats(0, 1e6), scale=st.floats(1e-3, 1e6))
def test_popularity_follows_the_formula_told(popularity: float, scale: float) -> None:
    told = (popularity - scale) / (popularity + scale)
    assert popularity_lift(popularity, scale) == pytest.approx(told, abs=1e-9)


def test_popularity_has_no_unit() -> None:
    assert popularity_lift(3.0, 7.0) == pytest.approx(popularity_lift(3e3, 7e3))
    assert popularity_lift(math.inf, 7.0) == 1


@given(
    ages=st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), half_life=st.floats(0.01, 10_000)
)
def test_what_is_newer_never_lifts_less(ages: tuple[float, float], half_life: float) -> None:
    newer, older = sorted(ages)
    assert -1 <= freshness_lift(older, half_life) <= freshness_lift(newer, half_life) <= 1


def test_freshness_halves_with_every_half_life() -> None:
    above_old = [freshness_lift(age, 30.0) + 1 for age in (0.0, 30.0, 60.0, 90.0)]
    assert above_old == pytest.approx([2, 1, 0.5, 0.25])
    assert freshness_lift(-5.0, 30.0) == 1, "an announced product is new"
    assert shares({"added": NOW.timestamp() - 30 * DAY_S})["freshness"] == pytest.approx(-0.3)


def test_the_typical_product_is_the_middle_one_of_those_that_sell() -> None:
    assert typical([0.0, 0.0, 0.0, 0.0, 1.0, 5.0, 1e3]) == 5
    assert typical([2.0, 4.0]) == 3
    assert typical([]) == typical([0.0, math.nan, math.inf]) == 0
