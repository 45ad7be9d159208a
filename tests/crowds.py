"""Threads that ask a network at the same time, in an order that a test knows."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic

import numpy as np

from shoplens.encode.runtime.batching import Batched

PATIENCE_S = 20.0


class Gate:
    """Doubles what it is given, once it is opened; keeps the first column of every batch."""

    def __init__(self, *, opened: bool = False) -> None:
        self.opened = threading.Event()
        self.entered = threading.Semaphore(0)
        self.batches: list[list[int]] = []
        if opened:
            self.opened.set()

    def run(self, output: str, feed: Mapping[str, np.ndarray]) -> np.ndarray:
        del output
        self.batches.append(feed["x"][:, 0].tolist())
        self.entered.release()
        assert self.opened.wait(PATIENCE_S)
        return feed["x"] * 2


def x(*numbers: int, dtype: str = "int64") -> dict[str, np.ndarray]:
    return {"x": np.array(numbers, dtype)[:, None]}


def until(true: Callable[[], bool]) -> None:
    ends = monotonic() + PATIENCE_S
    while not true():
        assert monotonic() < ends, "nothing came of it"
        threading.Event().wait(0.0005)


class Crowd:
    """Threads that ask one after the other, each known to wait before the next one comes."""

    def __init__(self, batched: Batched, gate: Gate) -> None:
        self.batched, self.gate = batched, gate
        self.pool = ThreadPoolExecutor(64)
        self.first = self.pool.submit(batched.run, "y", x(0))
        assert gate.entered.acquire(timeout=PATIENCE_S)

    def ask(self, feed: Mapping[str, np.ndarray]) -> "Future[np.ndarray]":
        already = self.batched.waiting
        asked = self.pool.submit(self.batched.run, "y", feed)
        until(lambda: self.batched.waiting > already)
        return asked

    def let_in(self, asked: "Sequence[Future[np.ndarray]]") -> list[list[int]]:
        self.gate.opened.set()
        rows = [each.result(PATIENCE_S)[:, 0].tolist() for each in (self.first, *asked)]
        self.pool.shutdown()
        assert self.batched.waiting == 0
        return rows


def crowd(most: int = 4, lanes: int = 1) -> Crowd:
    gate = Gate()
    return Crowd(Batched(gate, most, lanes), gate)
