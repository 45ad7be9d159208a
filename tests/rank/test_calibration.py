import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.encode.base import ENCODERS, open_encoder
from shoplens.errors import MismatchError
from shoplens.rank.calibration import (
    UNKNOWN,
    Calibration,
    Curve,
    Slant,
    Way,
    auroc,
    brier,
    calibration_error,
    default_calibration,
    fit_curve,
    fit_slant,
    probability,
    reliability,
)

CURVE = Curve({"picture": 2.0, "picture.rise": 0.5}, -1.0)
CALIBRATION = Calibration(
    "a/b", {"picture": Way(CURVE, CURVE, CURVE, CURVE, 7)}, {"shoes": Slant(1.5, -0.25)}
)
pairs = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40)


def drawn(odds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return (rng.random(len(odds)) < probability(odds)).astype(float)


def test_a_curve_that_made_the_pairs_is_found_again() -> None:
    rng = np.random.default_rng(1)
    evidence = {"a": rng.random(20_000), "b": rng.normal(size=20_000)}
    right = drawn(6 * evidence["a"] + 0.5 * evidence["b"] - 3, rng)
    found = fit_curve(evidence, right, np.ones(20_000))
    assert found.weights["a"] == pytest.approx(6, rel=0.1)
    assert found.weights["b"] == pytest.approx(0.5, rel=0.1)
    assert found.bias == pytest.approx(-3, rel=0.1)


def test_evidence_that_speaks_against_a_hit_is_not_weighed() -> None:
    rng = np.random.default_rng(2)
    evidence = {"good": rng.random(2000), "bad": rng.random(2000)}
    right = drawn(5 * evidence["good"] - 5 * evidence["bad"], rng)
    found = fit_curve(evidence, right, np.ones(2000))
    assert found.weights["good"] > 1
    assert "bad" not in found.weights


def test_no_small_step_from_a_fitted_curve_makes_it_better() -> None:
    rng = np.random.default_rng(3)
    evidence = {name: rng.random(400) for name in "ab"}
    right = drawn(3 * evidence["a"] + evidence["b"] - 2, rng)
    weights = rng.random(400)
    found = fit_curve(evidence, right, weights)

    def loss(curve: Curve) -> float:
        p = probability(curve.odds(evidence, 400))
        return -float(weights @ (right * np.log(p) + (1 - right) * np.log(1 - p)))

    for name in "ab":
        for step in (-0.5, 0.5):
            other = Curve({**found.weights, name: found.weights[name] + step}, found.bias)
            assert loss(other) > loss(found)
    for step in (-0.2, 0.2):
        assert loss(Curve(found.weights, found.bias + step)) > loss(found)


@pytest.mark.parametrize("right", [0.0, 1.0])
def test_pairs_that_are_all_alike_give_a_curve_short_of_certain(right: float) -> None:
    found = fit_curve({"a": np.linspace(0, 1, 20)}, np.full(20, right), np.ones(20))
    told = probability(found.odds({"a": np.linspace(0, 1, 20)}, 20))
    assert np.abs(told - right).max() < 0.2
    assert ((told > 0) & (told < 1)).all()


def test_a_category_with_few_pairs_stays_near_the_shop() -> None:
    odds = np.linspace(-2, 2, 4)
    few = fit_slant(odds, np.zeros(4), np.ones(4))
    many = fit_slant(np.tile(odds, 100), np.zeros(400), np.ones(400))
    assert -1 < few.shift < 0
    assert many.shift < few.shift - 1
    assert few.slope > 0
    assert many.slope > 0


def test_a_category_that_is_as_the_shop_is_not_slanted() -> None:
    rng = np.random.default_rng(4)
    odds = rng.normal(size=5000)
    found = fit_slant(odds, drawn(odds, rng), np.ones(5000))
    assert found.slope == pytest.approx(1, abs=0.1)
    assert found.shift == pytest.approx(0, abs=0.1)


# ---- kept and shipped ----------------------------------------------------------------------------


def test_a_calibration_survives_being_written_down() -> None:
    assert Calibration.from_json(CALIBRATION.to_json()) == CALIBRATION


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"ways": 3}', "null"])
def test_something_else_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(MismatchError, match="shoplens calibrate"):
        Calibration.from_json(text)


@pytest.mark.parametrize("name", ENCODERS)
def test_every_encoder_that_ships_has_its_own_default(name: str) -> None:
    encoder = open_encoder(name)
    shipped = default_calibration(f"{encoder.picture.fingerprint}/{encoder.text.fingerprint}")
    assert shipped.fingerprint != UNKNOWN
    assert {"picture", "product", "picture+text+words", "text+words"} <= shipped.ways.keys()


def test_an_unknown_encoder_is_judged_by_nothing_that_depends_on_its_scale() -> None:
    unknown = default_calibration("never/seen")
    assert unknown.fingerprint == UNKNOWN
    for name, way in unknown.ways.items():
        if name == "colour":  # no encoder makes it
            continue
        assert all(column.endswith((".rise", ".gap")) for column in way.meant.weights)
        for curve in (way.kind, way.blind, way.guess):
            assert curve.weights.keys() <= {"odds", "vote"}


def test_no_shipped_curve_falls() -> None:
    for fingerprint in (UNKNOWN, *_shipped()):
        for way in default_calibration(fingerprint).ways.values():
            for curve in (way.meant, way.kind, way.blind, way.guess):
                assert all(weight > 0 for weight in curve.weights.values())


def _shipped() -> list[str]:
    encoders = [open_encoder(name) for name in ENCODERS]
    return [f"{e.picture.fingerprint}/{e.text.fingerprint}" for e in encoders]


def test_the_shipped_file_is_small() -> None:
    file = Path(__file__).parents[2] / "src/shoplens/rank/defaults.json"
    assert file.stat().st_size < 80_000


# ---- judging -------------------------------------------------------------------------------------


def test_a_forecast_that_is_always_right_errs_by_nothing() -> None:
    told = np.array([0.0, 1.0, 1.0])
    assert calibration_error(told, told) == 0
    assert brier(told, told) == 0
    assert auroc(told, told) == 1


def test_a_coin_told_as_certain_errs_by_half() -> None:
    told, right = np.full(10, 0.999), np.tile([0.0, 1.0], 5)
    assert calibration_error(told, right) == pytest.approx(0.499)
    assert reliability(told, right) == [(pytest.approx(0.999), 0.5, 10)]


@given(pairs)
def test_auroc_is_the_share_of_pairs_in_order(pairs: list[tuple[float, bool]]) -> None:
    yes = [score for score, right in pairs if right]
    no = [score for score, right in pairs if not right]
    naive = [1.0 if y > n else 0.5 if y == n else 0.0 for y in yes for n in no]
    scores, right = np.array(pairs, float).T
    assert auroc(scores, right) == pytest.approx(np.mean(naive) if naive else 0.5)


@given(pairs)
def test_the_calibration_error_is_that_of_bins_made_by_hand(
    pairs: list[tuple[float, bool]],
) -> None:
    bins: dict[int, list[tuple[float, bool]]] = {}
    for told, right in pairs:
        bins.setdefault(min(math.floor(told * 10), 9), []).append((told, right))
    naive = sum(abs(sum(told - right for told, right in some)) for some in bins.values())
    told, right = np.array(pairs, float).T
    assert calibration_error(told, right) == pytest.approx(naive / len(pairs))
