"""An error reaches whom it concerns, and whatever is interrupted, nobody waits for ever."""

import signal
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from ctypes import c_ulong, py_object, pythonapi
from pathlib import Path
from random import Random

import numpy as np
import pytest

from crowds import PATIENCE_S, Crowd, Gate, crowd, until, x
from shoplens.encode.runtime.batching import Batched
from shoplens.encode.runtime.session import REFUSALS, Session
from tiny_added import toy, write_text

PADS = {"ids": 0, "mask": 0}


@pytest.fixture
def texts(tmp_path: Path) -> Session:
    path = tmp_path / "text.onnx"
    write_text(path, toy())
    return Session(path)


class Picky(Gate):
    """Fails whenever a number below 0 is among the rows, with the kind of error that it is told."""

    def __init__(self, error: BaseException, *, opened: bool = False) -> None:
        super().__init__(opened=opened)
        self.error = error

    def run(self, output: str, feed: Mapping[str, np.ndarray]) -> np.ndarray:
        made = super().run(output, feed)
        if (made < 0).any():
            raise self.error
        return made


@pytest.mark.parametrize("error", [ValueError("no"), MemoryError(), RuntimeError("no")])
def test_an_error_reaches_only_whom_it_concerns(error: Exception) -> None:
    gate = Picky(error)
    them = Crowd(Batched(gate, most=4), gate)
    asked = [them.ask(x(number)) for number in (1, -2, 3, 4, 5)]
    guilty = asked.pop(1)
    assert them.let_in(asked) == [[0], [2], [6], [8], [10]]
    with pytest.raises(type(error)):
        guilty.result(PATIENCE_S)
    assert gate.batches == [[0], [1, -2, 3, 4], [-2], [3], [4], [5], [1]]


def test_a_word_that_a_real_network_refuses_spoils_no_other(texts: Session) -> None:
    batched = Batched(texts, most=8, pads=PADS)
    good, bad = np.array([[4, 5]]), np.array([[4, 10**6]])

    def run(ids: np.ndarray) -> np.ndarray | str:
        try:
            return batched.run("embedding", {"ids": ids, "mask": np.ones_like(ids)})
        except REFUSALS as error:
            return str(error)

    alone = batched.run("embedding", {"ids": good, "mask": np.ones_like(good)})
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(run, [good, bad, good, good] * 25))
    for place, row in enumerate(made):
        if place % 4 == 1:
            assert "out of data bounds" in str(row)
        else:
            assert isinstance(row, np.ndarray)
            np.testing.assert_allclose(row, alone, atol=1e-5)


def test_arrays_that_do_not_belong_together_go_by_themselves() -> None:
    them = crowd(most=8)
    torn = [
        {"x": np.array([[n]]), "z": np.zeros((rows, 1))} for n, rows in ((1, 2), (2, 1), (3, 0))
    ]
    them.let_in([them.ask(feed) for feed in (*torn, {**torn[1]})])
    assert them.gate.batches == [[0], [1], [2, 2], [3]]


def test_who_led_a_batch_and_is_interrupted_leaves_its_others_their_rows() -> None:
    gate = Picky(KeyboardInterrupt())
    them = Crowd(Batched(gate, most=8), gate)
    interrupted, *asked = [them.ask(x(number)) for number in (-1, 2, 3)]
    assert them.let_in(asked) == [[0], [4], [6]]
    with pytest.raises(KeyboardInterrupt):
        interrupted.result(PATIENCE_S)
    assert them.batched.run("y", x(5)).tolist() == [[10]]


def test_an_error_that_nobody_foresaw_hangs_nobody() -> None:
    class UnforeseenError(Exception):
        pass

    gate = Picky(UnforeseenError())
    them = Crowd(Batched(gate, most=8), gate)
    leader, *asked = [them.ask(x(number)) for number in (-1, 2, 3)]
    assert them.let_in(asked) == [[0], [4], [6]]
    with pytest.raises(UnforeseenError):
        leader.result(PATIENCE_S)


@pytest.mark.skipif(sys.platform == "win32", reason="no signals to one thread there")
def test_who_waits_can_be_interrupted() -> None:
    them = crowd(most=8)
    before = them.ask(x(1))
    main = threading.main_thread().ident
    assert main

    def interrupt() -> None:
        until(lambda: them.batched.waiting == 2)
        signal.pthread_kill(main, signal.SIGINT)

    stopping = threading.Thread(target=interrupt)
    stopping.start()
    with pytest.raises(KeyboardInterrupt):
        them.batched.run("y", x(2))
    stopping.join()
    assert them.batched.waiting == 1
    assert them.let_in([before, them.ask(x(3))]) == [[0], [2], [6]]
    assert them.gate.batches == [[0], [1, 3]]


class Turnstile(Picky):
    """Lets one batch through at a time."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(error, opened=True)
        self.turns = threading.Semaphore(0)

    def run(self, output: str, feed: Mapping[str, np.ndarray]) -> np.ndarray:
        made = Gate.run(self, output, feed)
        assert self.turns.acquire(timeout=PATIENCE_S)
        if (made < 0).any():
            raise self.error
        return made


@pytest.mark.skipif(sys.platform == "win32", reason="no signals to one thread there")
def test_who_left_is_not_asked_to_lead_when_its_batch_fails() -> None:
    gate = Turnstile(ValueError("no"))
    them = Crowd(Batched(gate, most=8), gate)
    leader = them.ask(x(1))
    main = threading.main_thread().ident
    assert main

    def interrupt() -> None:
        until(lambda: them.batched.waiting == 2)
        them.ask(x(-3))
        gate.turns.release()
        until(lambda: len(gate.batches) == 2)
        signal.pthread_kill(main, signal.SIGINT)

    stopping = threading.Thread(target=interrupt)
    stopping.start()
    with pytest.raises(KeyboardInterrupt):
        them.batched.run("y", x(2))
    stopping.join()
    gate.turns.release(9)
    assert leader.result(PATIENCE_S).tolist() == [[2]]
    assert gate.batches == [[0], [1, 2, -3], [-3], [1]]


class Doubling:
    """Holds nothing that an interrupt could leave behind."""

    def run(self, output: str, feed: Mapping[str, np.ndarray]) -> np.ndarray:
        del output
        return feed["x"] * 2


class Interrupted:
    """Threads that ask over and over, whatever interrupts them."""

    def __init__(self, batched: Batched) -> None:
        self.batched = batched
        self.enough = threading.Event()
        self.wrong: list[object] = []
        self.caught = 0
        self.threads = [
            threading.Thread(target=self._go_on, args=(number,), daemon=True) for number in range(6)
        ]
        for thread in self.threads:
            thread.start()

    def _go_on(self, number: int) -> None:
        while not self.enough.is_set():
            try:
                self._ask(number)
            except KeyboardInterrupt:
                self.caught += 1

    def _ask(self, number: int) -> None:
        while not self.enough.is_set():
            made = self.batched.run("y", x(number)).tolist()
            if made != [[2 * number]]:
                self.wrong.append((number, made))

    def interrupt(self, rng: Random) -> None:
        """Interrupt one of the first four, wherever it is, and see it come out."""
        before, ident = self.caught, rng.choice(self.threads[:4]).ident
        assert ident
        pythonapi.PyThreadState_SetAsyncExc(c_ulong(ident), py_object(KeyboardInterrupt))
        until(lambda: self.caught > before)

    def stop(self) -> None:
        self.enough.set()
        for thread in self.threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


@pytest.mark.parametrize(("lanes", "wait_ms"), [(1, 0.0), (2, 0.0), (1, 0.05), (2, 0.05)])
def test_interrupts_at_any_moment_hang_nobody(lanes: int, wait_ms: float) -> None:
    batched = Batched(Doubling(), 4, lanes, wait_ms)
    them = Interrupted(batched)
    rng = Random(lanes)
    for _ in range(150):
        them.interrupt(rng)
    them.stop()
    assert them.wrong == []
    assert batched.waiting == 0
    assert batched.run("y", x(7)).tolist() == [[14]]
