import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shoplens.search.words.near import LONGEST, NearWords

words = st.text("abcd", min_size=1, max_size=9)


def edits(a: str, b: str) -> int:
    """Optimal string alignment, said as its definition."""
    table = {(i, 0): i for i in range(len(a) + 1)} | {(0, j): j for j in range(len(b) + 1)}
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            other = a[i - 1] != b[j - 1]
            costs = [table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + other]
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                costs.append(table[i - 2, j - 2] + 1)
            table[i, j] = min(costs)
    return table[len(a), len(b)]


@given(kept=st.lists(words, unique=True, max_size=30), asked=words, most=st.integers(1, 2))
def test_the_words_within_so_many_edits_are_found_and_no_others(
    kept: list[str], asked: str, most: int
) -> None:
    places, far = map(np.ndarray.tolist, NearWords(kept).within(asked, most))
    found = {kept[int(place)]: int(edit) for place, edit in zip(places, far, strict=True)}
    assert found == {word: edits(asked, word) for word in kept if edits(asked, word) <= most}


def test_words_of_other_letters_or_too_long_are_passed_over() -> None:
    near = NearWords(["鞋", "ab1", "é", "a" * (LONGEST + 1), "shoe", ""])
    assert near.within("shoes", 1)[0].tolist() == [4]
    for odd in ("", "鞋", "sho3", "a" * (LONGEST + 1)):
        assert near.within(odd, 2)[0].tolist() == []
    assert NearWords([]).within("shoe", 2)[0].tolist() == []
