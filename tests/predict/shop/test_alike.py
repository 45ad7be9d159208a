from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.predict.shop.alike import PLURAL, SPELLING, TYPO, near_duplicates


def edits(one: str, other: str) -> int:
    """Count edits by the book: optimal string alignment, a table of prefixes."""
    table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i in range(len(one) + 1):
        for j in range(len(other) + 1):
            if not i or not j:
                table[i][j] = i + j
                continue
            ways = [
                table[i - 1][j] + 1,
                table[i][j - 1] + 1,
                table[i - 1][j - 1] + (one[i - 1] != other[j - 1]),
            ]
            if i > 1 and j > 1 and one[i - 2 : i] == other[j - 2 : j][::-1]:
                ways.append(table[i - 2][j - 2] + 1)
            table[i][j] = min(ways)
    return table[-1][-1]


@pytest.mark.parametrize(
    ("often", "seldom", "why"),
    [
        ("T-Shirt", "Tshirt", SPELLING),
        ("T-Shirt", "t  SHIRT", SPELLING),
        ("Café", "cafe", SPELLING),
        ("Women's Shoes", "Women s shoes", SPELLING),
        ("iPhone 12", "ＩＰＨＯＮＥ－１２", SPELLING),
        ("連身裙", "连身裙", SPELLING),
        ("Dress", "Dresses", PLURAL),
        ("T-Shirt", "tshirts", PLURAL),
        ("Trousers", "Trousres", TYPO),
        ("Blue Jacket", "blue jaket", TYPO),
        ("Рубашка", "Рубашкa".replace("a", "и"), TYPO),
    ],
)
def test_labels_that_mean_one_are_told_with_the_reason(often: str, seldom: str, why: str) -> None:
    assert near_duplicates({seldom: 2, often: 40}) == [(often, seldom, why)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("iPhone 12", "iPhone 13"),
        ("1.5 l", "15 l"),
        ("Pack 1 2", "Pack 12"),
        ("-2.5", "+2.5"),
        ("-2.5", "2.5"),
        ("Model A1234", "Model A1235"),
        ("Vitamin C", "Vitamin C+"),
        ("红色长袖上衣", "白色长袖上衣"),
        ("Red", "Rod"),
        ("-", "/"),
        ("Sandal", "Sandpit"),
    ],
)
def test_two_things_are_not_taken_for_one(one: str, other: str) -> None:
    assert near_duplicates({one: 40, other: 2}) == []


def test_of_two_frequent_labels_none_is_a_typo() -> None:
    assert near_duplicates({"Shirts": 554, "Tshirts": 661}) == []
    assert near_duplicates({"Shirts": 554, "Tshirts": 20}) == [("Shirts", "Tshirts", TYPO)]


def test_all_spellings_point_to_the_most_frequent_one() -> None:
    found = near_duplicates({"tshirt": 3, "T-Shirt": 120, "T Shirts": 7, "T-Shrit": 1})
    assert found[:2] == [("T-Shirt", "T Shirts", PLURAL), ("T-Shirt", "tshirt", SPELLING)]
    assert near_duplicates({}) == []
    assert near_duplicates({"": 3, " ": 2}) == []


@given(st.lists(st.text("abc", min_size=3, max_size=7), max_size=12))
@settings(deadline=None, max_examples=60)
def test_typos_are_those_that_comparing_all_pairs_finds(words: list[str]) -> None:
    # Nothing of these letters has a plural or another spelling, so a pair is a typo or nothing.
    counts = Counter(words)
    found = {frozenset(pair[:2]) for pair in near_duplicates(counts)}
    wanted = {
        frozenset((one, other))
        for one, other in combinations(counts, 2)
        if edits(one, other) == 1 and max(len(one), len(other)) >= 5
    }
    assert found == wanted
