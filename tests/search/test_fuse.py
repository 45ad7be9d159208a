from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shoplens.search.fuse import HALF, UNKNOWN, WEIGHTS, fuse

PRODUCTS = st.sampled_from("abcdefgh")
COSINES = st.floats(-1, 1, width=32)
BM25 = st.floats(0, 60, width=32, exclude_min=True)
LISTS = st.fixed_dictionaries(
    {"words": st.dictionaries(PRODUCTS, BM25)},
    optional={
        name: st.dictionaries(PRODUCTS, COSINES) for name in ("picture", "text", "text_picture")
    },
)


def slowly(signals: dict[str, dict[str, float]], product_id: str) -> float:
    """One product at a time, straight from the docstring."""
    parts: list[tuple[float, float]] = []
    for name, scores in signals.items():
        if name == "words":
            value = scores.get(product_id, 0) / (max(scores.values(), default=0) + HALF)
        else:
            value = (1 + scores[product_id]) / 2 if product_id in scores else UNKNOWN
        parts.append((WEIGHTS[name], value))
    return sum(w * v for w, v in parts) / sum(w for w, _ in parts)


@given(signals=LISTS)
def test_the_formula_is_the_one_described(signals: dict[str, dict[str, float]]) -> None:
    expected = {p: slowly(signals, p) for scores in signals.values() for p in scores}
    assert fuse(signals) == pytest.approx(expected, abs=1e-9)
    assert all(0 <= score <= 1 + 1e-9 for score in fuse(signals).values())


@given(signals=LISTS, data=st.data())
def test_a_rising_score_never_makes_a_product_fall(
    signals: dict[str, dict[str, float]], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(signals)))
    assume(signals[name])
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


def test_a_product_without_a_picture_stands_with_the_unrelated_ones() -> None:
    fused = fuse(
        {"picture": {"like": 0.6, "unrelated": 0.0, "unlike": -0.2}, "text": {"bare": 0.0}}
    )
    assert fused["like"] > fused["bare"] == fused["unrelated"] > fused["unlike"]


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
