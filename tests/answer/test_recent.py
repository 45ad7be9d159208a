"""Query pictures are remembered as promised: so long, so many bytes, nowhere but in memory."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.answer.recent import BOXES, OVERHEAD, RecentPictures, later, new_query_image_id
from shoplens.errors import NotFoundError
from shoplens.regions.box import Box
from shoplens.types import Embedding

PHOTO = b"photo" * 100


@dataclass
class Clock:
    """Seconds that pass when a test says so; what is due then is done."""

    now: float = 100.0
    waiting: list[tuple[float, Callable[[], None]]] = field(
        default_factory=list[tuple[float, Callable[[], None]]]
    )

    def __call__(self) -> float:
        return self.now

    def later(self, wait_s: float, action: Callable[[], None]) -> Callable[[], None]:
        entry = (self.now + wait_s, action)
        self.waiting.append(entry)
        return lambda: self.waiting.remove(entry)

    def passes(self, seconds: float) -> None:
        self.now += seconds
        for entry in [one for one in self.waiting if one[0] <= self.now]:
            self.waiting.remove(entry)
            entry[1]()


def remembering(clock: Clock, *, minutes: float = 10, max_bytes: int = 10**6) -> RecentPictures:
    numbers = count()
    return RecentPictures(
        minutes, max_bytes, clock=clock, later=clock.later, new_id=lambda: f"q-{next(numbers)}"
    )


def test_a_picture_is_given_back_until_its_time_is_over() -> None:
    clock = Clock()
    recent = remembering(clock)
    name = recent.put(PHOTO)
    clock.passes(599)
    assert recent.get(name) == PHOTO
    clock.passes(1)
    with pytest.raises(NotFoundError, match=r"kept for 10 minutes; send the photo again"):
        recent.get(name)


def test_using_a_picture_does_not_keep_it_longer() -> None:
    clock = Clock()
    recent = remembering(clock)
    name = recent.put(PHOTO)
    for _ in range(9):
        clock.passes(66)
        recent.get(name)
    clock.passes(66)
    with pytest.raises(NotFoundError):
        recent.get(name)


def test_memory_is_freed_in_time_though_nobody_asks_again() -> None:
    clock = Clock()
    recent = remembering(clock)
    recent.put(PHOTO)
    clock.passes(300)
    recent.put(PHOTO)
    assert len(clock.waiting) == 1
    clock.passes(300)
    assert len(recent) == 1
    clock.passes(300)
    assert (len(recent), recent.held_bytes, clock.waiting) == (0, 0, [])


def test_the_one_not_used_for_longest_makes_room() -> None:
    clock = Clock()
    recent = remembering(clock, max_bytes=3 * (len(PHOTO) + OVERHEAD))
    first, second, third = (recent.put(PHOTO) for _ in range(3))
    recent.get(first)
    fourth = recent.put(PHOTO)
    with pytest.raises(NotFoundError):
        recent.get(second)
    assert [recent.get(name) for name in (first, third, fourth)] == [PHOTO] * 3


def test_a_file_larger_than_all_the_room_is_not_remembered_and_drives_nothing_out() -> None:
    clock = Clock()
    recent = remembering(clock, max_bytes=OVERHEAD + 600)
    name = recent.put(PHOTO)
    assert recent.put(bytes(601)) == ""
    assert recent.get(name) == PHOTO


def test_switched_off_it_remembers_nothing_and_says_so() -> None:
    clock = Clock()
    recent = remembering(clock, minutes=0)
    assert recent.put(PHOTO) == ""
    assert (len(recent), clock.waiting) == (0, [])
    with pytest.raises(NotFoundError, match="remembers no query pictures; send the photo again"):
        recent.get("q-0")


def test_closed_it_holds_nothing_and_waits_for_nothing() -> None:
    clock = Clock()
    recent = remembering(clock)
    recent.put(PHOTO)
    recent.close()
    assert (len(recent), recent.held_bytes, clock.waiting) == (0, 0, [])


@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("put"), st.integers(0, 3000)),
            st.tuples(st.just("get"), st.integers(0, 20)),
            st.tuples(st.just("pass"), st.integers(0, 400)),
        ),
        max_size=60,
    )
)
def test_it_holds_what_a_slow_account_holds(steps: list[tuple[str, int]]) -> None:
    clock = Clock()
    limit = 8000
    recent = remembering(clock, max_bytes=limit)
    names: list[str] = []
    held: dict[str, tuple[float, int]] = {}  # least recently used first
    for kind, value in steps:
        if kind == "pass":
            clock.passes(value)
        held = {name: entry for name, entry in held.items() if entry[0] > clock.now}
        if kind == "put":
            names.append(recent.put(bytes(value)))
            held[names[-1]] = (clock.now + 600, value + OVERHEAD)
            while sum(size for _, size in held.values()) > limit:
                del held[next(iter(held))]
        if kind == "get" and value < len(names):
            name = names[value]
            if name in held:
                held[name] = held.pop(name)
                assert len(recent.get(name)) == held[name][1] - OVERHEAD
            else:
                with pytest.raises(NotFoundError):
                    recent.get(name)
        assert len(recent) == len(held)
        assert recent.held_bytes == sum(size for _, size in held.values()) <= limit


def test_an_embedding_is_made_once_for_each_box_however_many_ask() -> None:
    clock = Clock()
    recent = remembering(clock)
    name = recent.put(PHOTO)
    made: list[Box | None] = []
    all_ask = threading.Barrier(8)

    def make(data: bytes, box: Box | None) -> Embedding:
        assert data == PHOTO
        made.append(box)
        return np.full(4, len(made), np.float32)

    def ask(box: Box | None) -> Embedding:
        all_ask.wait()
        return recent.embedding(name, box, make)

    boxes = [None, Box(0, 0, 0.5, 0.5)] * 4
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(ask, boxes))
    assert len(made) == 2
    assert len({row[0] for row in rows[::2]}) == len({row[0] for row in rows[1::2]}) == 1


def test_embeddings_count_as_bytes_and_only_the_newest_boxes_are_kept() -> None:
    clock = Clock()
    recent = remembering(clock)
    name = recent.put(PHOTO)
    before = recent.held_bytes
    made: list[Box | None] = []

    def make(data: bytes, box: Box | None) -> Embedding:
        made.append(box)
        return np.zeros(100, np.float32)

    boxes = [Box(0, 0, 1, (i + 1) / 40) for i in range(BOXES + 5)]
    for box in boxes:
        recent.embedding(name, box, make)
    assert recent.held_bytes == before + BOXES * 400
    recent.embedding(name, boxes[-1], make)
    assert len(made) == BOXES + 5
    recent.embedding(name, boxes[0], make)
    assert len(made) == BOXES + 6
    clock.passes(600)
    assert recent.held_bytes == 0


def test_another_model_makes_an_embedding_of_its_own() -> None:
    recent = remembering(Clock())
    name = recent.put(PHOTO)
    rows = {
        tower: recent.embedding(
            name, None, lambda _data, _box, n=n: np.full(n, n, np.float32), fingerprint=tower
        )
        for n, tower in enumerate(("one", "two", "one"), 1)
    }
    assert {tower: len(row) for tower, row in rows.items()} == {"one": 1, "two": 2}


def test_a_failed_embedding_is_tried_again() -> None:
    recent = remembering(Clock())
    name = recent.put(PHOTO)

    def fail(data: bytes, box: Box | None) -> Embedding:
        raise NotFoundError("not this time")

    with pytest.raises(NotFoundError, match="not this time"):
        recent.embedding(name, None, fail)

    def make(data: bytes, box: Box | None) -> Embedding:
        return np.ones(2, np.float32)

    assert recent.embedding(name, None, make).sum() == 2


def test_ids_cannot_be_guessed_and_no_two_are_alike() -> None:
    ids = {new_query_image_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(name) >= 2 + 32 for name in ids)


def test_threads_never_see_each_other_s_pictures() -> None:
    recent = RecentPictures(10, 300_000)

    def work(number: int) -> None:
        data = bytes([number]) * 2000
        for _ in range(50):
            name = recent.put(data)
            with suppress(NotFoundError):  # another thread's pictures may have driven it out
                assert recent.get(name) == data

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert recent.held_bytes <= 300_000
    assert recent.held_bytes == len(recent) * (2000 + OVERHEAD)
    recent.close()


def test_waiting_in_a_thread_can_be_cancelled_and_happens_otherwise() -> None:
    happened, never = threading.Event(), threading.Event()
    later(3600, never.set)()
    later(0, happened.set)
    assert happened.wait(30)
    assert not never.is_set()
