"""What is remembered is what was computed; nothing is computed twice at once, no error is kept."""

import gc
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowds import PATIENCE_S, until
from drawn_products import draw_product
from shoplens.encode.runtime.remembering import Remembered
from shoplens.types import Embedding, Embeddings

PICTURE = draw_product("bag", "gold", "dots", 40)


def row(number: float) -> Embedding:
    return np.array([number, -number], np.float32)


def counted(number: float, made: list[float]) -> Callable[[], Embedding]:
    def make() -> Embedding:
        made.append(number)
        return row(number)

    return make


@settings(deadline=None)
@given(
    asked=st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=5), max_size=40),
    most=st.integers(0, 6),
)
def test_rows_are_remembered_as_long_as_the_oracle_says(asked: list[list[int]], most: int) -> None:
    remembered = Remembered(most)
    keys = {number: remembered.key(str(number)) for number in range(10)}
    kept: list[int] = []  # the oracle: last asked last
    for numbers in asked:
        computed: list[int] = []

        def make(
            places: Sequence[int], numbers: list[int] = numbers, computed: list[int] = computed
        ) -> Embeddings:
            computed.extend(numbers[place] for place in places)
            return np.stack([row(numbers[place]) for place in places])

        made = remembered.rows([keys[number] for number in numbers], make)
        np.testing.assert_array_equal(made, np.stack([row(number) for number in numbers]))
        distinct = list(dict.fromkeys(numbers))
        new = [number for number in distinct if number not in kept]
        assert computed == new
        old = [number for number in distinct if number in kept]
        kept = [number for number in kept if number not in old] + old + new
        kept = kept[max(0, len(kept) - most) :]
        assert len(remembered) == len(kept)


def test_those_who_ask_the_same_at_once_wait_for_the_first() -> None:
    remembered = Remembered(4000)
    made: list[float] = []

    def make() -> Embedding:
        made.append(1)
        until(lambda: remembered.hits == 7)
        return row(1)

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(remembered.picture, "t", PICTURE, make, crops=False) for _ in range(8)]
        rows = [each.result(PATIENCE_S) for each in asked]
    assert made == [1]
    np.testing.assert_array_equal(np.stack(rows), np.tile(row(1), (8, 1)))


def test_of_several_asked_at_once_each_is_computed_once_and_nobody_waits_in_a_circle() -> None:
    remembered = Remembered(4000)
    keys = [remembered.key(str(number)) for number in range(6)]
    both = threading.Barrier(2, timeout=PATIENCE_S)
    computed: list[int] = []

    def ask(numbers: Sequence[int]) -> Embeddings:
        def make(places: Sequence[int]) -> Embeddings:
            computed.extend(numbers[place] for place in places)
            both.wait()  # each has some of its own, and wants some of the other's
            return np.stack([row(numbers[place]) for place in places])

        return remembered.rows([keys[number] for number in numbers], make)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, [0, 1, 2, 3])
        until(lambda: computed == [0, 1, 2, 3])
        second = pool.submit(ask, [5, 3, 4, 2])
        assert first.result(PATIENCE_S)[:, 0].tolist() == [0, 1, 2, 3]
        assert second.result(PATIENCE_S)[:, 0].tolist() == [5, 3, 4, 2]
    assert computed == [0, 1, 2, 3, 5, 4]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_is_not_kept_and_who_waited_tries_by_himself(error: type[BaseException]) -> None:
    remembered = Remembered(4000)
    tries: list[int] = []

    def make() -> Embedding:
        tries.append(len(tries))
        if len(tries) == 1:
            until(lambda: remembered.hits == 2)
            raise error
        return row(2)

    def ask() -> Embedding:
        return remembered.picture("t", PICTURE, make, crops=False)

    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(ask)]
        until(lambda: bool(tries))
        asked += [pool.submit(ask), pool.submit(ask)]
        with pytest.raises(error):
            asked[0].result(PATIENCE_S)
        for each in asked[1:]:
            np.testing.assert_array_equal(each.result(PATIENCE_S), row(2))
    assert tries == [0, 1]


def test_what_gives_too_few_rows_is_not_believed() -> None:
    remembered = Remembered(4000)
    keys = [remembered.key("a"), remembered.key("b")]
    with pytest.raises(ValueError, match="shorter"):
        remembered.rows(keys, lambda _: row(1)[None])
    assert len(remembered) == 0


def test_clearing_forgets_even_what_is_being_computed() -> None:
    remembered = Remembered(4000)
    made: list[float] = []

    def make() -> Embedding:
        remembered.clear()
        return row(1)

    np.testing.assert_array_equal(remembered.picture("t", PICTURE, make, crops=True), row(1))
    assert len(remembered) == 0
    remembered.picture("t", PICTURE, counted(2, made), crops=True)
    remembered.clear()
    remembered.picture("t", PICTURE, counted(3, made), crops=True)
    assert made == [2, 3]


def test_a_row_given_away_may_be_changed() -> None:
    remembered = Remembered(4000)
    made: list[float] = []
    for _ in range(3):
        given_away = remembered.picture("t", PICTURE, counted(1, made), crops=False)
        np.testing.assert_array_equal(given_away, row(1))
        given_away[:] = 9
    assert made == [1]


def test_pictures_are_told_apart_by_all_that_makes_their_embedding() -> None:
    remembered = Remembered(4000)
    made: list[float] = []
    changed = PICTURE.copy()
    changed[-1, -1, -1] ^= 1
    turned = np.ascontiguousarray(PICTURE.reshape(20, 80, 3))
    ways = [
        ("t", PICTURE, False), ("t", PICTURE, True), ("u", PICTURE, False),
        ("t", changed, False), ("t", turned, False), ("t", PICTURE[:20], False),
    ]  # fmt: skip
    for _ in range(2):
        for number, (tower, picture, crops) in enumerate(ways):
            make = counted(number, made)
            given_back = remembered.picture(tower, picture, make, crops=crops)
            np.testing.assert_array_equal(given_back, row(number))
    assert made == [0, 1, 2, 3, 4, 5]
    assert (remembered.hits, remembered.misses) == (6, 6)


def test_a_view_is_the_same_picture_as_its_copy() -> None:
    remembered = Remembered(4000)
    for view in (PICTURE[::2, 1::2], PICTURE[0, ::2, 1]):
        assert not view.flags.c_contiguous
        assert remembered.key(view) == remembered.key(view.copy())


@given(
    one=st.lists(st.text(st.characters(), max_size=4) | st.binary(max_size=4), max_size=3),
    other=st.lists(st.text(st.characters(), max_size=4) | st.binary(max_size=4), max_size=3),
)
def test_keys_are_equal_only_where_the_parts_are(
    one: list[str | bytes], other: list[str | bytes]
) -> None:
    remembered = Remembered(4000)
    plain = [
        [part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part for part in parts]
        for parts in (one, other)
    ]
    assert (remembered.key(*one) == remembered.key(*other)) == (plain[0] == plain[1])


def test_half_a_character_has_a_key_too() -> None:
    remembered = Remembered(4000)
    assert remembered.key("\ud83d") != remembered.key("\ude00")


def test_two_memories_hash_the_same_differently() -> None:
    assert Remembered(4000).key("red shoe") != Remembered(4000).key("red shoe")


def test_without_pictures_none_is_remembered() -> None:
    remembered = Remembered(4000, pictures_s=0.0)
    made: list[float] = []
    for number in range(2):
        remembered.picture("t", PICTURE, counted(number, made), crops=False)
    assert made == [0, 1]
    assert len(remembered) == 0


def test_nothing_of_what_was_asked_is_kept() -> None:
    remembered = Remembered(4000)
    picture = draw_product("shirt", "crimson", "dots", 50)
    make = counted(1, [])
    remembered.picture("tower", picture, make, crops=False)
    remembered.rows([remembered.key("tower", "my secret wish")], lambda _: row(2)[None])
    kept = _reachable(remembered)
    assert not any("secret wish" in str(each) for each in kept if isinstance(each, str | bytes))
    shapes = [np.shape(each) for each in kept if type(each) is np.ndarray]
    assert shapes == [(2,), (2,)]
    assert all(getattr(each, "base", None) is None for each in kept)  # no views of larger ones


def _reachable(thing: object) -> list[object]:
    """All that an object holds, but for the types of things."""
    found: dict[int, object] = {}
    left = [thing]
    while left:
        each = left.pop()
        if id(each) not in found and not isinstance(each, type):
            found[id(each)] = each
            left += gc.get_referents(each)
    return list(found.values())


def test_what_a_photo_came_to_is_forgotten_in_time_and_words_are_not() -> None:
    now, made = [0.0], list[float]()
    remembered = Remembered(4000, pictures_s=60.0, clock=lambda: now[0])
    other = draw_product("bag", "red", "dots", 40)
    words = remembered.key("words")

    def ask(picture: np.ndarray, number: float) -> Embedding:
        return remembered.picture("tower", picture, counted(number, made), crops=True)

    remembered.rows([words], lambda _: row(9)[None])
    ask(PICTURE, 1)
    now[0] = 30
    ask(other, 2)
    ask(PICTURE, 1)
    assert made == [1, 2]
    now[0] = 60  # asking again in between does not lengthen its time
    ask(other, 2)
    assert (made, len(remembered)) == ([1, 2], 2)
    ask(PICTURE, 1)
    assert made == [1, 2, 1]
    now[0] = 1000
    np.testing.assert_array_equal(remembered.rows([words], lambda _: row(0)[None])[0], row(9))
    assert len(remembered) == 1
