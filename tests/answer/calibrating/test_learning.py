from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from shoplens.answer.calibrating.calibrate import ask, calibrate
from shoplens.answer.calibrating.learning import Case, halves, judge, learn, some_outside, without
from shoplens.answer.calibrating.questions import Known
from shoplens.errors import QueryError
from shoplens.rank.calibration import Calibration, Curve, Way, auroc
from shoplens.rank.confidence import AskedBy, CategoryPath, assess, best_match
from shoplens.types import Query, RankedProduct

FLAT = Curve({}, 0.0)
COIN = Calibration("drawn", {"picture": Way(FLAT, FLAT, FLAT, FLAT)})
CATEGORIES: Mapping[str, CategoryPath] = {
    f"p{i}": ("Shop", "even" if i % 2 == 0 else "odd") for i in range(30)
}
PHOTO = AskedBy(("picture",))


def drawn_cases(n: int, *, noise: float, seed: int) -> list[Case]:
    """Photos of thirty products on a circle: what is meant scores high, as far as noise lets it."""
    rng = np.random.default_rng(seed)
    cases: list[Case] = []
    for number in range(n):
        meant = number % 30
        # Far kinds look less alike: products of the other parity are lower.
        scores = 0.3 + 0.1 * (np.arange(30) % 2 == meant % 2) + rng.normal(0, noise, 30)
        scores[meant] += 0.25
        order = np.argsort(-scores)
        products = tuple(
            RankedProduct(f"p{i}", f"p{i}", 0, float(scores[i]), {"picture": float(scores[i])})
            for i in order
        )
        category = CATEGORIES[f"p{meant}"]
        cases.append(Case(products, PHOTO, frozenset({f"p{meant}"}), category, f"p{meant}"))
    return cases


def both(cases: list[Case]) -> list[Case]:
    return [*cases, *map(without, cases)]


def test_what_is_learnt_holds_for_products_never_seen() -> None:
    learnt, held = halves(drawn_cases(450, noise=0.1, seed=1))
    found = learn(both(learnt), COIN, CATEGORIES)
    judged = judge(some_outside(held), found, CATEGORIES)
    assert judged.error < 0.07
    assert judged.outside > 0.7
    coin = judge(some_outside(held), COIN, CATEGORIES)
    assert judged.brier < coin.brier - 0.05


def test_a_shop_of_clear_pictures_is_sure_and_one_of_noise_is_not() -> None:
    for noise, surest in ((0.02, (0.9, 1.0)), (3.0, (0.0, 0.4))):
        cases = drawn_cases(150, noise=noise, seed=2)
        found = learn(both(cases), COIN, CATEGORIES)
        told = [assess(c.products, PHOTO, found, CATEGORIES)[0].confidence for c in cases]
        assert surest[0] <= float(np.median(told)) <= surest[1]


def test_what_the_shop_does_not_sell_is_no_strong_match_but_its_kind_is_known() -> None:
    cases = drawn_cases(300, noise=0.03, seed=3)
    found = learn(both(cases), COIN, CATEGORIES)
    outside = [without(case) for case in cases[:100]]
    answers = [assess(c.products, PHOTO, found, CATEGORIES) for c in outside]
    matches = [best_match(answer) for answer in answers]
    assert matches.count("strong") < 10
    assert judge(outside, found, CATEGORIES).guesses > 0.9


def test_leaving_out_takes_the_whole_group_and_nothing_else() -> None:
    case = drawn_cases(1, noise=0.1, seed=4)[0]
    variant = replace(case.products[3], product_id="other colour", group_id="p0")
    case = replace(case, products=(*case.products, variant))
    left = without(case)
    assert left.outside
    assert {p.product_id for p in left.products} == {f"p{i}" for i in range(1, 30)}
    assert [p for p in case.products if p in left.products] == list(left.products)


def test_no_thing_is_learnt_from_and_judged_by() -> None:
    learnt, held = halves(drawn_cases(120, noise=0.1, seed=5))
    assert learnt
    assert held
    assert {case.key for case in learnt}.isdisjoint({case.key for case in held})


def test_about_a_third_is_taken_out_always_the_same() -> None:
    cases = drawn_cases(30, noise=0.1, seed=6)
    outside = [case.outside for case in some_outside(cases)]
    assert 4 <= sum(outside) <= 16
    assert outside == [case.outside for case in some_outside(cases)]


def test_a_way_that_was_hardly_asked_stays_as_it_was() -> None:
    found = learn(drawn_cases(20, noise=0.1, seed=7), COIN, CATEGORIES)
    assert found == COIN


def test_a_shop_without_categories_keeps_what_it_knew_of_kinds() -> None:
    kind = Curve({"odds": 0.5}, 0.25)
    base = Calibration("drawn", {"picture": Way(FLAT, kind, kind, kind)})
    cases = [replace(c, category=()) for c in drawn_cases(200, noise=0.1, seed=8)]
    way = learn(both(cases), base, {}).ways["picture"]
    assert (way.kind, way.blind, way.guess) == (kind, kind, kind)
    assert way.meant.weights


def test_a_category_whose_scores_lie_is_trusted_less() -> None:
    """Shoes score as bags do, but half of them are the wrong one."""
    rng = np.random.default_rng(9)
    cases: list[Case] = []
    categories: dict[str, CategoryPath] = {}
    for number in range(400):
        shoe = number % 2 == 0
        name = f"{'shoe' if shoe else 'bag'} {number}"
        categories[name] = ("Shoes",) if shoe else ("Bags",)
        lies = shoe and rng.random() < 0.6
        signals = {"picture": 0.8 + float(rng.normal(0, 0.02))}
        rest = [RankedProduct(f"x{i}", "", 0, 0.1, {"picture": 0.3}) for i in range(5)]
        products = (RankedProduct(name, "", 0, 0.9, signals), *rest)
        groups = frozenset({"x0"} if lies else {name})
        cases.append(Case(products, PHOTO, groups, categories[name], name))
    found = learn(both(cases), COIN, categories)
    told = {
        kind: np.mean(
            [
                assess(c.products, PHOTO, found, categories)[0].confidence
                for c in cases
                if c.category == (kind,)
            ]
        )
        for kind in ("Shoes", "Bags")
    }
    assert told["Shoes"] < told["Bags"] - 0.15


# ---- the whole of it -----------------------------------------------------------------------------


def test_calibrating_tells_what_was_gained() -> None:
    found = calibrate(drawn_cases(240, noise=0.1, seed=10), COIN, CATEGORIES)
    assert found.better
    assert found.after["picture"].brier < found.before["picture"].brier
    assert found.before["picture"].answers == found.after["picture"].answers > 60
    again = calibrate(drawn_cases(240, noise=0.1, seed=10), found.calibration, CATEGORIES)
    assert again.after["picture"].error == pytest.approx(found.after["picture"].error)


def test_questions_that_make_no_sense_to_the_shop_are_left_out() -> None:
    def rank(query: Query) -> tuple[list[RankedProduct], AskedBy]:
        if not query.text:
            raise QueryError("nothing was asked")
        return [], AskedBy(("words",))

    steps: list[int] = []
    questions = [Known(Query(text=text), frozenset({"p"}), (), "p") for text in ("", "mug")]
    cases = ask(questions, rank, lambda _step, done, _total: steps.append(done))
    assert [case.asked.signals for case in cases] == [("words",)]
    assert steps == [1, 2]


def test_confidence_tells_outside_from_inside_better_than_the_cosine() -> None:
    """Each photo is of another brightness, which moves all its cosines together."""
    rng = np.random.default_rng(11)
    cases: list[Case] = []
    for case in drawn_cases(450, noise=0.04, seed=11):
        shift = float(rng.normal(0, 0.2))
        moved = (
            replace(p, signals={"picture": min(max(p.signals["picture"] + shift, 0), 1)})
            for p in case.products
        )
        cases.append(replace(case, products=tuple(moved)))
    learnt, held = halves(cases)
    found = learn(both(learnt), COIN, CATEGORIES)
    judged = some_outside(held)
    inside = np.array([float(not case.outside) for case in judged])
    cosines = np.array([case.products[0].signals["picture"] for case in judged])
    assert judge(judged, found, CATEGORIES).outside > auroc(cosines, inside) + 0.1
