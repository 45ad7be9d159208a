import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.search.words.vocabulary import LONG_SINCE, Vocabulary, words_of
from shoplens.types import Product

words = st.text("abé鞋", min_size=1, max_size=4)
shops = st.lists(st.sets(words, max_size=6), max_size=8)


@given(walked=shops, since=shops, prefix=words, k=st.integers(1, 9))
def test_words_are_counted_and_found_by_their_beginning(
    walked: list[set[str]], since: list[set[str]], prefix: str, k: int
) -> None:
    vocabulary = Vocabulary.of(walked)
    for product in since:
        vocabulary = vocabulary.add(product)
    everything = walked + since
    counts = {
        word: sum(word in p for p in everything) for product in everything for word in product
    }
    assert vocabulary.products == len(everything)
    for word in {*counts, prefix}:
        assert vocabulary.count(word) == counts.get(word, 0)
    longer = [word for word in counts if word.startswith(prefix) and word != prefix]
    longer.sort(key=lambda word: (-counts[word], word))
    found = vocabulary.starting(prefix, k)
    assert [counts[word] for word in found] == [counts[word] for word in longer[:k]]
    assert set(found) <= set(longer)


@given(walked=shops, since=shops)
def test_a_vocabulary_comes_back_from_its_bytes(
    walked: list[set[str]], since: list[set[str]]
) -> None:
    vocabulary = Vocabulary.of(walked)
    for product in since:
        vocabulary = vocabulary.add(product)
    again = Vocabulary.from_bytes(vocabulary.to_bytes())
    assert again.products == vocabulary.products
    for word in set[str]().union(*walked, *since):
        assert again.count(word) == vocabulary.count(word)


@pytest.mark.parametrize("content", [b"", b"{}", b"1 1 1\n", b"9 1 0 0\n", b"1 1 2 7\n\0\0\0\0ab"])
def test_bytes_that_are_no_vocabulary_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        Vocabulary.from_bytes(content)


def test_what_many_products_add_stays_counted() -> None:
    vocabulary = Vocabulary.of([{"shoe"}])
    vocabulary = vocabulary.add({"shoe", *(f"w{i}" for i in range(LONG_SINCE + 1))})
    vocabulary = vocabulary.add({"shoe", "w7"})
    assert [vocabulary.count(w) for w in ("shoe", "w7", "w8", "hat")] == [3, 2, 1, 0]


def test_idf_is_that_of_the_stores() -> None:
    vocabulary = Vocabulary.of([{"red", "shoe"}, {"red"}, {"hat"}])
    assert vocabulary.idf("red") == pytest.approx(math.log(1 + (3 - 2 + 0.5) / 2.5))
    assert vocabulary.idf("nothing") > vocabulary.idf("hat") > vocabulary.idf("red") > 0


def test_codes_of_one_product_are_not_kept() -> None:
    vocabulary = Vocabulary.of([{"wh1000", "shoe", "5"}, {"5"}])
    assert [vocabulary.count(w) for w in ("wh1000", "shoe", "5")] == [0, 1, 2]


def test_a_product_is_found_by_its_single_characters_too() -> None:
    assert {"运动", "鞋", "red"} <= words_of(Product("1", "运动鞋", description="Red"))
