"""Rows are the same whoever asks beside; nobody waits for nothing, nobody waits for ever."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowds import PATIENCE_S, Crowd, Gate, crowd, until, x
from shoplens.encode.runtime.batching import STEP, Batched
from shoplens.encode.runtime.session import Session
from tiny_added import RESIZE, VOCABULARY, toy, write_picture, write_text

SIDE = RESIZE.size_px


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Session:
    path = tmp_path_factory.mktemp("network") / "picture.onnx"
    write_picture(path, toy(), RESIZE)
    return Session(path)


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Session:
    path = tmp_path_factory.mktemp("network") / "text.onnx"
    write_text(path, toy())
    return Session(path)


# ---- who goes with whom --------------------------------------------------------------------------


def test_who_comes_alone_goes_alone_and_at_once() -> None:
    gate = Gate(opened=True)
    batched = Batched(gate, most=8)
    for number in range(3):
        np.testing.assert_array_equal(batched.run("y", x(number)), [[2 * number]])
    assert gate.batches == [[0], [1], [2]]


def test_who_waits_goes_together_in_order() -> None:
    them = crowd(most=4)
    asked = [them.ask(x(number)) for number in range(1, 8)]
    assert them.let_in(asked) == [[2 * number] for number in range(8)]
    assert them.gate.batches == [[0], [1, 2, 3, 4], [5, 6, 7]]


def test_requests_of_several_rows_are_never_torn_apart() -> None:
    them = crowd(most=4)
    asked = [them.ask(x(1, 2, 3)), them.ask(x(4, 5)), them.ask(x(6)), them.ask(x(7, 8))]
    assert them.let_in(asked)[1:] == [[2, 4, 6], [8, 10], [12], [14, 16]]
    assert them.gate.batches == [[0], [1, 2, 3], [4, 5, 6], [7, 8]]


def test_more_rows_than_fit_go_by_themselves() -> None:
    them = crowd(most=2)
    asked = [them.ask(x(1)), them.ask(x(2, 3, 4, 5)), them.ask(x(6))]
    assert them.let_in(asked)[2] == [4, 6, 8, 10]
    assert them.gate.batches == [[0], [1], [2, 3, 4, 5], [6]]


def test_other_kinds_of_arrays_go_apart() -> None:
    them = crowd(most=8)
    wide = {"x": np.array([[3, 3]])}
    asked = [them.ask(each) for each in (x(1), x(2, dtype="int32"), wide, x(4), x(5))]
    assert them.let_in(asked)[1:] == [[2], [4], [6], [8], [10]]
    assert them.gate.batches == [[0], [1, 4, 5], [2], [3]]


def test_other_outputs_go_apart() -> None:
    them = crowd(most=8)
    with ThreadPoolExecutor(1) as other:
        asked = other.submit(them.batched.run, "z", x(1))
        until(lambda: them.batched.waiting == 1)
        them.let_in([them.ask(x(2))])
        assert asked.result(PATIENCE_S).tolist() == [[2]]
    assert them.gate.batches == [[0], [1], [2]]


@pytest.mark.parametrize("lanes", [1, 2, 3])
def test_no_more_run_at_once_than_there_are_lanes(lanes: int) -> None:
    gate = Gate()
    batched = Batched(gate, most=1, lanes=lanes)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(batched.run, "y", x(number)) for number in range(8)]
        for _ in range(lanes):
            assert gate.entered.acquire(timeout=PATIENCE_S)
        until(lambda: batched.waiting == 8 - lanes)
        assert len(gate.batches) == lanes
        gate.opened.set()
        assert [int(each.result(PATIENCE_S)[0, 0]) for each in asked] == list(range(0, 16, 2))


def test_a_full_batch_does_not_wait_for_its_time() -> None:
    gate = Gate(opened=True)
    batched = Batched(gate, most=3, wait_ms=PATIENCE_S * 1000)
    began = monotonic()
    with ThreadPoolExecutor(3) as pool:
        rows = list(pool.map(batched.run, "yyy", map(x, range(3))))
    assert [row.tolist() for row in rows] == [[[0]], [[2]], [[4]]]
    assert len(gate.batches) == 1
    assert monotonic() - began < PATIENCE_S / 2


def test_who_does_not_go_with_them_does_not_wait_for_them() -> None:
    gate = Gate()
    batched = Batched(gate, most=2, lanes=2, wait_ms=PATIENCE_S * 1000)
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(batched.run, "y", x(1))]
        asked.append(pool.submit(batched.run, "y", x(2, 3, dtype="int32")))
        until(lambda: batched.waiting == 1)
        asked.append(pool.submit(batched.run, "y", x(4)))
        assert all(gate.entered.acquire(timeout=PATIENCE_S) for _ in range(2))
        assert sorted(map(len, gate.batches)) == [2, 2]
        gate.opened.set()
        assert [each.result(PATIENCE_S)[0, 0] for each in asked] == [2, 4, 8]


def test_company_that_does_not_come_is_waited_for_no_longer() -> None:
    batched = Batched(Gate(opened=True), most=3, wait_ms=5.0)
    began = monotonic()
    assert batched.run("y", x(4)).tolist() == [[8]]
    assert 0.005 <= monotonic() - began < PATIENCE_S / 2


def test_what_gives_no_row_a_row_is_asked_one_by_one() -> None:
    class Mean(Gate):
        def run(self, output: str, feed: Mapping[str, np.ndarray]) -> np.ndarray:
            return super().run(output, feed).mean(axis=0, keepdims=True)

    gate = Mean()
    them = Crowd(Batched(gate, most=4), gate)
    assert them.let_in([them.ask(x(1)), them.ask(x(2))]) == [[0], [2], [4]]
    assert gate.batches == [[0], [1, 2], [2], [1]]


# ---- the rows are the same -----------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=40),
    most=st.integers(1, 12),
    lanes=st.integers(1, 3),
    wait_ms=st.sampled_from([0.0, 0.0, 0.5]),
    seed=st.integers(0, 2**32),
)
def test_pictures_in_company_are_what_they_are_alone(
    pictures: Session, sizes: list[int], most: int, lanes: int, wait_ms: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    asked = [rng.integers(0, 256, (n, SIDE, SIDE, 3), np.uint8) for n in sizes]
    batched = Batched(pictures, most, lanes, wait_ms)
    with ThreadPoolExecutor(12) as pool:
        feeds = [{"pixels": squares} for squares in asked]
        made = list(pool.map(batched.run, ["embedding"] * len(feeds), feeds))
    for rows, squares in zip(made, asked, strict=True):
        wanted = [toy().picture_row(square) for square in squares]
        np.testing.assert_allclose(rows, wanted, atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 3 * STEP), min_size=1, max_size=40),
    most=st.integers(1, 12),
    lanes=st.integers(1, 3),
    seed=st.integers(0, 2**32),
)
def test_texts_in_company_are_what_they_are_alone(
    texts: Session, lengths: list[int], most: int, lanes: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    asked = [rng.integers(1, len(VOCABULARY), (1, t)) for t in lengths]
    # Not what pads: a mask that is lost in company, or longer than its text, gives other rows.
    table = toy().table
    batched = Batched(texts, most, lanes, pads={"ids": 1, "mask": 0})

    def run(ids: np.ndarray) -> np.ndarray:
        return batched.run("embedding", {"ids": ids, "mask": np.ones_like(ids)})

    with ThreadPoolExecutor(12) as pool:
        made = list(pool.map(run, asked))
    for row, ids in zip(made, asked, strict=True):
        wanted = table[ids[0]].astype(np.float64).sum(axis=0)
        np.testing.assert_allclose(row[0], wanted / np.linalg.norm(wanted), atol=1e-5)


def test_texts_of_about_one_length_go_together_and_no_others() -> None:
    gate = Gate()
    batched = Batched(gate, most=8, pads={"x": -1})
    them = Crowd(batched, gate)
    lengths = (STEP, STEP + 1, 1, 3 * STEP, 2 * STEP)
    asked = [them.ask({"x": np.full((1, t), t)}) for t in lengths]
    gate.opened.set()
    rows = [each.result(PATIENCE_S) for each in asked]
    assert gate.batches == [[0], [STEP, 1], [STEP + 1, 2 * STEP], [3 * STEP]]
    assert [row.shape[1] for row in rows] == [STEP, 2 * STEP, STEP, 3 * STEP, 2 * STEP]
    assert rows[2][0].tolist() == [2] + [-2] * (STEP - 1)


def test_without_pads_texts_of_other_lengths_go_apart(texts: Session) -> None:
    gate = Gate()
    them = Crowd(Batched(gate, most=8), gate)
    asked = [them.ask({"x": np.full((1, t), t)}) for t in (2, 3, 2)]
    them.let_in(asked)
    assert gate.batches == [[0], [2, 2], [3]]


def test_a_path_serves_as_a_session(tmp_path: Path) -> None:
    """What the towers hand over: a real session behind, many threads before."""
    write_picture(tmp_path / "n.onnx", toy(), RESIZE)
    batched = Batched(Session(tmp_path / "n.onnx"), most=8)
    grey = np.full((1, SIDE, SIDE, 3), 128, np.uint8)
    row = batched.run("embedding", {"pixels": grey})[0]
    np.testing.assert_allclose(row, toy().picture_row(grey[0]), atol=1e-5)
