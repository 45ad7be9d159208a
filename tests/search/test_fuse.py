from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shoplens.search.fuse import (
    FUSIONS,
    HALF,
    LATE,
    ONE,
    WEIGHTS,
    Scale,
    fuse,
    shares,
    shares_by_rank,
    totals,
)

PRODUCTS = st.sampled_from("abcdefgh")
COSINES = st.floats(-1, 1, width=32)
BM25 = st.floats(0, 60, width=32, exclude_min=True)
COLOURS = st.floats(0, 1, width=32)
RAW = {
    "words": BM25,
    "unwanted": BM25,
    "colour": COLOURS,
    "picture": COSINES,
    "text": COSINES,
    "text_picture": COSINES,
}
LISTS = st.fixed_dictionaries(
    {"words": st.dictionaries(PRODUCTS, BM25)},
    optional={name: st.dictionaries(PRODUCTS, raw) for name, raw in RAW.items() if name != "words"},
)


def slowly(signals: dict[str, dict[str, float]], product_id: str) -> float:
    """One product at a time, straight from the docstring."""
    parts: list[tuple[float, float]] = []
    for name, scores in signals.items():
        score = scores.get(product_id, 0.0)
        part = score / (max(scores.values(), default=0) + HALF)
        value = {"words": part, "unwanted": 1 - part, "colour": score}.get(name, (1 + score) / 2)
        parts.append((WEIGHTS[name], value))
    return sum(w * v for w, v in parts) / sum(w for w, _ in parts)


@given(signals=LISTS)
def test_the_formula_is_the_one_described(signals: dict[str, dict[str, float]]) -> None:
    expected = {p: slowly(signals, p) for scores in signals.values() for p in scores}
    assert fuse(signals) == pytest.approx(expected, abs=1e-9)
    assert all(0 <= score <= 1 + 1e-9 for score in fuse(signals).values())


@given(signals=LISTS, fusion=st.sampled_from(sorted(FUSIONS)))
def test_shares_tell_every_signal_and_lie_between_nothing_and_all(
    signals: dict[str, dict[str, float]], fusion: str
) -> None:
    given = FUSIONS[fusion](signals, WEIGHTS, None)
    assert all(theirs.keys() == signals.keys() for theirs in given.values())
    assert all(share >= -1e-9 for theirs in given.values() for share in theirs.values())
    assert all(score <= 1 + 1e-9 for score in totals(given).values())


@given(signals=LISTS, data=st.data())
def test_a_rising_score_never_makes_a_product_fall(
    signals: dict[str, dict[str, float]], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(signals)))
    assume(signals[name] and name != "unwanted")
    product_id = data.draw(st.sampled_from(sorted(signals[name])))
    top = 60.0 if name == "words" else 1.0
    higher = data.draw(st.floats(signals[name][product_id], top))
    before, after = fuse(signals), fuse({**signals, name: {**signals[name], product_id: higher}})
    assert after[product_id] >= before[product_id] - 1e-12
    for other in before:
        if before[product_id] > before[other] + 1e-9:
            assert after[product_id] > after[other]


@given(signals=LISTS, rng=st.randoms(use_true_random=False))
def test_the_order_of_signals_and_products_changes_nothing(
    signals: dict[str, dict[str, float]], rng: Random
) -> None:
    def shuffled(scores: dict[str, float]) -> dict[str, float]:
        return dict(rng.sample(list(scores.items()), len(scores)))

    names = rng.sample(list(signals), len(signals))
    assert fuse({n: shuffled(signals[n]) for n in names}) == pytest.approx(fuse(signals), abs=1e-9)


@given(cosines=st.dictionaries(PRODUCTS, COSINES), words=st.dictionaries(PRODUCTS, BM25))
def test_a_signal_alone_keeps_its_order(cosines: dict[str, float], words: dict[str, float]) -> None:
    for name, scores in (("picture", cosines), ("text", cosines), ("words", words)):
        fused = fuse({name: scores})
        rising = sorted(scores, key=scores.__getitem__)
        assert [fused[p] for p in rising] == sorted(fused.values())


@given(words=st.dictionaries(PRODUCTS, BM25, min_size=2))
def test_what_is_not_wanted_turns_the_order_around(words: dict[str, float]) -> None:
    for fusion in (shares, shares_by_rank):
        fused = totals(fusion({"unwanted": words}))
        best, worst = max(words, key=words.__getitem__), min(words, key=words.__getitem__)
        assert fused[best] <= fused[worst]


@given(
    rows=st.lists(st.tuples(COSINES, COSINES), min_size=1, max_size=6),
    weights=st.tuples(st.floats(0.1, 3), st.floats(-3, 3).filter(lambda w: abs(w) > 0.05)),
)
def test_two_things_asked_as_one_score_as_each_by_itself(
    rows: list[tuple[float, float]], weights: tuple[float, float]
) -> None:
    """Weighted vectors add up: asking with their sum is adding what each gives."""
    first, second = weights
    norm = abs(first) + abs(second)  # any length will do, so long as scores are of the sum over it
    combined = {str(i): (first * a + second * b) / norm for i, (a, b) in enumerate(rows)}
    size = abs(first) + abs(second)
    scale = Scale(norm, size, max(-second, 0.0))
    fused = fuse({"picture": combined}, scales={"picture": scale})
    for i, (a, b) in enumerate(rows):
        theirs = (1 + b) / 2 if second > 0 else (1 - b) / 2
        assert fused[str(i)] == pytest.approx((first * (1 + a) / 2 + abs(second) * theirs) / size)


def test_a_product_without_a_picture_stands_with_the_unrelated_ones() -> None:
    fused = fuse(
        {"picture": {"like": 0.6, "unrelated": 0.0, "unlike": -0.2}, "text": {"bare": 0.0}}
    )
    assert fused["like"] > fused["bare"] == fused["unrelated"] > fused["unlike"]


def test_places_are_fused_as_cormack_clarke_and_buettcher_say() -> None:
    signals = {"picture": {"a": 0.9, "b": 0.8}, "words": {"b": 7.0, "c": 1.0}}
    fused = totals(shares_by_rank(signals, {"picture": 2.0, "words": 1.0}))
    first, second = 1.0, (LATE + 1) / (LATE + 2)
    assert fused == pytest.approx(
        {"a": 2 / 3 * first, "b": 2 / 3 * second + 1 / 3 * first, "c": 1 / 3 * second}
    )


def test_one_thing_asked_needs_no_scale() -> None:
    signals = {"picture": {"a": 0.5, "b": -0.5}}
    assert fuse(signals) == fuse(signals, scales={"picture": ONE}) == {"a": 0.75, "b": 0.25}


def test_a_rare_word_beats_what_the_text_signal_can_add() -> None:
    fused = fuse({"text": {"sku": 0.1, "close": 0.6}, "words": {"sku": 9.0}})
    assert fused["sku"] > fused["close"]


def test_a_picture_leads_and_a_common_word_only_corrects_it() -> None:
    pictures = {"alike": 0.6, "alike and blue": 0.55, "blue": 0.05}
    fused = fuse({"picture": pictures, "words": {"alike and blue": 2.0, "blue": 2.0}})
    assert sorted(fused, key=fused.__getitem__) == ["blue", "alike", "alike and blue"]


def test_nothing_in_gives_nothing_out() -> None:
    assert fuse({}) == {}
    assert fuse({"words": {}, "picture": {}}) == {}
