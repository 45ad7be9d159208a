from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.rank.calibration import Calibration, Curve, Slant, Way, default_calibration
from shoplens.rank.confidence import (
    AskedBy,
    CategoryPath,
    assess,
    best_match,
    elect,
    evidence_of,
    guess_category,
)
from shoplens.types import RankedProduct

SIGNALS = ("picture", "text", "words", "colour", "text_picture")
ENDINGS = ("", ".lead", ".rise", ".gap")
MIXES = (
    ("picture",), ("words",), ("text", "words"), ("picture", "text", "words"), ("colour",),
    ("picture", "colour"), ("picture", "text", "text_picture", "words"), (),
)  # fmt: skip
CATEGORIES: Mapping[str, CategoryPath] = {
    f"p{i}": ("Shop", "Shoes" if i % 2 else "Bags", f"Kind {i % 4}") for i in range(40)
}


def ways(*mixes: tuple[str, ...]) -> dict[str, Way]:
    found: dict[str, Way] = {}
    for mix in mixes:
        curve = Curve({kind + ending: 0.4 for kind in mix for ending in ENDINGS}, -2.0)
        kind = Curve({"odds": 1.0, "vote": 1.0}, 0.0)
        found["+".join(sorted(mix))] = Way(curve, kind, kind, kind)
    return found


CALIBRATION = Calibration(
    "x", ways(("picture",), ("product",), ("text", "words"), ("picture", "text", "words"))
)


def hit(number: int, group: str = "", **signals: float) -> RankedProduct:
    return RankedProduct(f"p{number}", group, 0, 1.0, signals)


scores = st.floats(-0.25, 1, width=32)
hits = st.lists(
    st.tuples(st.integers(0, 5), st.dictionaries(st.sampled_from(SIGNALS), scores)), max_size=12
)


def listed(drawn: list[tuple[int, dict[str, float]]]) -> list[RankedProduct]:
    return [hit(i, f"g{group}" if group else "", **s) for i, (group, s) in enumerate(drawn)]


# ---- whatever was asked --------------------------------------------------------------------------


@pytest.mark.parametrize("mix", MIXES, ids="+".join)
@settings(max_examples=40)
@pytest.mark.parametrize("ideal", [0.0, 9.0])
@given(drawn=hits, by_product=st.booleans(), fingerprint=st.sampled_from(["", "new"]))
def test_every_mix_of_signals_gets_a_probability(
    mix: tuple[str, ...],
    ideal: float,
    drawn: list[tuple[int, dict[str, float]]],
    by_product: bool,  # noqa: FBT001 - drawn
    fingerprint: str,
) -> None:
    asked = AskedBy(mix, ideal, by_product=by_product)
    found = assess(listed(drawn), asked, default_calibration(fingerprint), CATEGORIES)
    assert [p.product_id for p in found] == [p.product_id for p in listed(drawn)]
    assert all(0 <= p.confidence <= 1 for p in found)


@pytest.mark.parametrize("mix", MIXES, ids="+".join)
@settings(max_examples=40)
@given(
    drawn=hits.filter(bool), signal=st.sampled_from(SIGNALS), more=st.floats(0, 1), data=st.data()
)
def test_a_hit_that_scores_more_is_never_told_less_likely(
    mix: tuple[str, ...],
    drawn: list[tuple[int, dict[str, float]]],
    signal: str,
    more: float,
    data: st.DataObject,
) -> None:
    products = listed(drawn)
    place = data.draw(st.integers(0, len(products) - 1))
    old = products[place]
    raised = {**old.signals, signal: old.signals.get(signal, 0.0) + more}
    after = [*products]
    after[place] = replace(old, signals=raised)
    for ideal in (0.0, 2.0):
        asked = AskedBy(mix, ideal)
        told = assess(products, asked, CALIBRATION, CATEGORIES)[place].confidence
        assert assess(after, asked, CALIBRATION, CATEGORIES)[place].confidence >= told - 1e-4


@given(hits.filter(bool), st.data())
def test_a_hit_is_told_the_same_on_every_page(
    drawn: list[tuple[int, dict[str, float]]], data: st.DataObject
) -> None:
    products = listed(drawn)
    start = data.draw(st.integers(0, len(products) - 1))
    asked = AskedBy(("picture", "text", "words"))
    whole = assess(products, asked, CALIBRATION, CATEGORIES)
    page = assess(products[start:], asked, CALIBRATION, CATEGORIES, among=products)
    assert [p.confidence for p in page] == pytest.approx([p.confidence for p in whole[start:]])
    assert [p.match for p in page] == [p.match for p in whole[start:]]


# ---- evidence ------------------------------------------------------------------------------------


@given(hits.filter(bool))
def test_evidence_is_that_of_a_plain_count_over_the_other_groups(
    drawn: list[tuple[int, dict[str, float]]],
) -> None:
    products = listed(drawn)
    told = evidence_of(products, AskedBy(("picture",)))
    for place, product in enumerate(products):
        level = max(product.signals.get("picture", 0.0), 0.0)
        best: dict[str, float] = {}
        for other in products:
            group = other.group_id or other.product_id
            if group != (product.group_id or product.product_id):
                score = max(other.signals.get("picture", 0.0), 0.0)
                best[group] = max(best.get(group, 0.0), score)
        others = list(best.values()) or [0.0]
        deviation = float(np.std(others)) + 0.02
        assert told["picture"][place] == pytest.approx(level)
        assert told["picture.lead"][place] == pytest.approx(level - max(others), abs=1e-6)
        rise = min((level - float(np.mean(others))) / deviation, 8.0)
        assert told["picture.rise"][place] == pytest.approx(rise, rel=0.01, abs=1e-3)


def test_variants_do_not_stand_in_each_others_way() -> None:
    alone = [hit(0, "mug", picture=0.9), hit(1, "cup", picture=0.4)]
    twins = [*alone, hit(2, "mug", picture=0.89)]
    asked = AskedBy(("picture",))
    first = assess(alone, asked, CALIBRATION, {})[0].confidence
    assert assess(twins, asked, CALIBRATION, {})[0].confidence == pytest.approx(first, abs=1e-3)
    rivals = [*alone, hit(2, "bowl", picture=0.89)]
    assert assess(rivals, asked, CALIBRATION, {})[0].confidence < first - 0.1


def test_words_count_by_how_much_of_the_question_a_product_has() -> None:
    with_coverage = replace(CALIBRATION, ways=ways(("coverage", "text")))
    products = [hit(0, words=4.0, text=0.5), hit(1, words=1.0, text=0.5)]

    def sure(ideal: float) -> float:
        asked = AskedBy(("text", "words"), ideal)
        return assess(products, asked, with_coverage, {})[0].confidence

    assert sure(4.0) > sure(12.0)


def test_a_calibration_that_knows_no_coverage_weighs_words_as_they_are() -> None:
    products = [hit(0, words=9.0, text=0.5)]
    told = [
        assess(products, AskedBy(("text", "words"), ideal), CALIBRATION, {})[0].confidence
        for ideal in (0.0, 3.0)
    ]
    assert told[0] == told[1] > 0


def test_a_signal_that_nothing_was_learnt_of_changes_nothing() -> None:
    products = [hit(0, picture=0.7, colour=0.9), hit(1, picture=0.4, colour=0.1)]
    both = assess(products, AskedBy(("colour", "picture")), CALIBRATION, {})
    assert both == assess(products, AskedBy(("picture",)), CALIBRATION, {})


def test_a_products_own_picture_is_weighed_apart_from_a_photo() -> None:
    own = replace(
        CALIBRATION,
        ways={
            **CALIBRATION.ways,
            "product": replace(CALIBRATION.ways["product"], meant=Curve({}, -4.0)),
        },
    )
    products = [hit(0, picture=0.9)]
    photo = assess(products, AskedBy(("picture",)), own, {})[0].confidence
    assert assess(products, AskedBy(("picture",), by_product=True), own, {})[0].confidence < photo


# ---- what is told --------------------------------------------------------------------------------


def test_the_very_code_of_a_product_is_a_strong_match_even_uncalibrated() -> None:
    products = [replace(hit(0, words=0.1), exact=True), hit(1, words=9.0)]
    found = assess(products, AskedBy(("words",)), Calibration("x", {}), {})
    assert [p.match for p in found] == ["strong", "none"]
    assert found[0].confidence == 0.99


def test_the_kind_may_be_right_where_the_product_is_not() -> None:
    def flat(bias: float) -> Curve:
        return Curve({}, bias)

    products = [hit(0, picture=0.5)]
    cases = {(2.0, -9.0): "strong", (-2.0, 1.0): "similar", (-2.0, -1.0): "none"}
    for (meant, kind), match in cases.items():
        way = Way(flat(meant), flat(kind), flat(kind), flat(0.0))
        calibration = Calibration("x", {"picture": way})
        assert assess(products, AskedBy(("picture",)), calibration, CATEGORIES)[0].match == match


def test_a_category_can_be_trusted_less_than_the_shop() -> None:
    slanted = replace(CALIBRATION, slants={"shoes": Slant(1.0, -2.0)})
    products = [hit(0, picture=0.8), hit(1, picture=0.8)]
    categories = {"p0": ("SHOES", "Boots"), "p1": ("Bags",)}
    shoe, bag = assess(products, AskedBy(("picture",)), slanted, categories)
    assert shoe.confidence < bag.confidence


def test_an_answer_is_as_good_as_its_best_hit() -> None:
    base = hit(0)
    assert best_match([]) == "none"
    assert best_match([base, replace(base, match="similar")]) == "similar"
    assert best_match([replace(base, match="similar"), replace(base, match="strong")]) == "strong"


# ---- the category that is meant ------------------------------------------------------------------


def test_the_guess_goes_as_deep_as_most_votes_agree() -> None:
    boots, shoes, bags = ("Worn", "Shoes", "Boots"), ("Worn", "Shoes", "Pumps"), ("Worn", "Bags")
    assert elect({boots: 0.6, shoes: 0.2, bags: 0.2}) == (boots, 0.6)
    assert elect({boots: 0.4, shoes: 0.3, bags: 0.3}) == (("Worn", "Shoes"), 0.7)
    assert elect({boots: 0.3, shoes: 0.2, bags: 0.5}) == (("Worn",), 1.0)
    assert elect({("A",): 0.4, ("B",): 0.3, (): 0.3}) == (("A",), 0.4)
    assert elect({(): 1.0}) == ((), 0.0)
    assert elect({}) == ((), 0.0)


def test_near_groups_are_heard_more_and_variants_once() -> None:
    near = [hit(1, picture=0.9)]
    far = [hit(i, "one group", picture=0.3) for i in range(2, 12, 2)]
    guess = guess_category([*near, *far], AskedBy(("picture",)), CALIBRATION, CATEGORIES)
    assert guess.category == CATEGORIES["p1"]
    assert 0 < guess.confidence < 1


def test_without_categories_there_is_no_guess() -> None:
    assert (
        guess_category([hit(0, picture=1.0)], AskedBy(("picture",)), CALIBRATION, {}).category == ()
    )
    assert guess_category([], AskedBy(("picture",)), CALIBRATION, CATEGORIES).confidence == 0
