"""What do queries gain that come at the same time, or come again? About two minutes.

    python -m bench.batching [--seconds 1.5] [--rounds 3]

The networks have the size and the layers of CLIP ViT-B/32, and random weights: a picture of 224 px
is 49 cells; a text is 5 to 14 tokens, as queries are. Clients ask again as soon as they have their
answer. All ways of one row group are measured by turns, in ``--rounds`` rounds of ``--seconds``
each, so that whatever else the machine does falls on all of them; the baseline is each client
running the network by itself at once, in the same run. One thread a run.
"""

import argparse
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from bench.report import Times, print_table
from shoplens.encode.runtime.batching import Batched, Runs
from shoplens.encode.runtime.remembering import Remembered
from shoplens.encode.runtime.session import Session

CLIENTS = (1, 4, 16)
CORES = len(os.sched_getaffinity(0))
BASELINE = "one by one"
WORDS, CONTEXT, DIM = 49_408, 77, 512
SIZE_PX, PATCH_PX = 224, 32
CELLS = (SIZE_PX // PATCH_PX) ** 2
TOKENS = (5, 15)
Feed = Mapping[str, np.ndarray]
Shape = tuple[int, Sequence[str | int]]
"""The type of an input's numbers, as ONNX counts types, and its shape."""


# ---- networks of the size of CLIP ViT-B/32 -------------------------------------------------------


@dataclass
class Graph:
    """Nodes and weights, under names made up as they come."""

    rng: np.random.Generator
    nodes: list[object] = field(default_factory=list[object])
    weights: list[object] = field(default_factory=list[object])

    def keep(self, values: object) -> str:
        """Keep weights."""
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def drawn(self, *shape: int, size: float) -> str:
        """Keep random weights."""
        return self.keep(self.rng.standard_normal(shape, np.float32) * np.float32(size))

    def do(self, kind: str, *inputs: str, out: str = "", **told: object) -> str:
        """Compute something."""
        name = out or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **told))
        return name

    def linear(self, rows: str, wide: int, out: int) -> str:
        """Multiply by a matrix, and add."""
        product = self.do("MatMul", rows, self.drawn(wide, out, size=wide**-0.5))
        return self.do("Add", product, self.keep(np.zeros(out, np.float32)))

    def norm(self, rows: str, wide: int) -> str:
        """Bring each row to mean 0 and deviation 1."""
        ones, zeros = np.ones(wide, np.float32), np.zeros(wide, np.float32)
        return self.do("LayerNormalization", rows, self.keep(ones), self.keep(zeros), axis=-1)

    def attention(self, rows: str, wide: int, bias: str) -> str:
        """Let rows look at each other, in heads of 64 (Vaswani et al., 2017)."""
        apart, together = np.array([0, 0, wide // 64, 64]), np.array([0, 0, wide])

        def heads(order: Sequence[int]) -> str:
            split = self.do("Reshape", self.linear(rows, wide, wide), self.keep(apart))
            return self.do("Transpose", split, perm=order)

        asked, keys, values = heads([0, 2, 1, 3]), heads([0, 2, 3, 1]), heads([0, 2, 1, 3])
        scores = self.do("Mul", self.do("MatMul", asked, keys), self.keep(np.float32(0.125)))
        scores = self.do("Add", scores, bias) if bias else scores
        seen = self.do("MatMul", self.do("Softmax", scores, axis=-1), values)
        seen = self.do("Transpose", seen, perm=[0, 2, 1, 3])
        return self.linear(self.do("Reshape", seen, self.keep(together)), wide, wide)

    def blocks(self, rows: str, wide: int, bias: str = "") -> str:
        """Do what twelve layers do."""
        for _ in range(12):
            rows = self.do("Add", rows, self.attention(self.norm(rows, wide), wide, bias))
            inner = self.linear(self.norm(rows, wide), wide, 4 * wide)
            gate = self.do("Sigmoid", self.do("Mul", inner, self.keep(np.float32(1.702))))
            inner = self.linear(self.do("Mul", inner, gate), 4 * wide, wide)
            rows = self.do("Add", rows, inner)
        return self.norm(rows, wide)

    def opened(self, mean: str, wide: int, inputs: Mapping[str, Shape]) -> Session:
        """Make unit rows of ``mean`` and open it all."""
        rows = self.do("MatMul", mean, self.drawn(wide, DIM, size=wide**-0.5))
        self.do("LpNormalization", rows, out="embedding", axis=-1, p=2)
        takes = [helper.make_tensor_value_info(name, *told) for name, told in inputs.items()]
        gives = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", DIM])]
        graph = helper.make_graph(self.nodes, "random", takes, gives, self.weights)
        opset = [helper.make_opsetid("", 17)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=8)
        return Session(model.SerializeToString())


def picture_network() -> Session:
    """Draw a network of 87 million weights: ``pixels`` (n, 224, 224, 3)."""
    g, wide = Graph(np.random.default_rng(1)), 768
    levels = g.do("Cast", "pixels", to=TensorProto.FLOAT)
    levels = g.do("Sub", g.do("Div", levels, g.keep(np.float32(127.5))), g.keep(np.float32(1)))
    planes = g.do("Transpose", levels, perm=[0, 3, 1, 2])
    patches = g.drawn(wide, 3, PATCH_PX, PATCH_PX, size=0.02)
    cells = g.do("Conv", planes, patches, strides=[PATCH_PX, PATCH_PX])
    cells = g.do("Reshape", cells, g.keep(np.array([0, wide, CELLS])))
    cells = g.do("Transpose", cells, perm=[0, 2, 1])
    cells = g.do("Add", cells, g.drawn(CELLS, wide, size=0.02))
    mean = g.do("ReduceMean", g.blocks(cells, wide), axes=[1], keepdims=0)
    takes = {"pixels": (TensorProto.UINT8, ["n", SIZE_PX, SIZE_PX, 3])}
    return g.opened(mean, wide, takes)


def text_network() -> Session:
    """Draw a network of 63 million weights: ``ids`` and ``mask`` (n, t)."""
    g, wide = Graph(np.random.default_rng(2)), 512
    rows = g.do("Gather", g.drawn(WORDS, wide, size=0.02), "ids")
    length = g.do("Gather", g.do("Shape", "ids"), g.keep(np.array([1])))
    places = g.drawn(CONTEXT, wide, size=0.02)
    rows = g.do("Add", rows, g.do("Slice", places, g.keep(np.array([0])), length))
    shown = g.do("Cast", "mask", to=TensorProto.FLOAT)
    hidden = g.do("Unsqueeze", g.do("Sub", shown, g.keep(np.float32(1))), g.keep(np.array([1, 2])))
    bias = g.do("Mul", hidden, g.keep(np.float32(1e9)))
    shares = g.do("Unsqueeze", shown, g.keep(np.array([2])))
    kept = g.do("Mul", g.blocks(rows, wide, bias), shares)
    total = g.do("ReduceSum", kept, g.keep(np.array([1])), keepdims=0)
    takes = {name: (TensorProto.INT64, ["n", "t"]) for name in ("ids", "mask")}
    return g.opened(total, wide, takes)


def picture_feed(rng: np.random.Generator) -> Feed:
    """Draw one picture."""
    return {"pixels": rng.integers(0, 256, (1, SIZE_PX, SIZE_PX, 3), np.uint8)}


def text_feed(rng: np.random.Generator) -> Feed:
    """Draw one text."""
    ids = rng.integers(1, WORDS, (1, int(rng.integers(*TOKENS))))
    return {"ids": ids, "mask": np.ones_like(ids)}


# ---- clients -------------------------------------------------------------------------------------


class Counted:
    """A network, and how many rows went through it in how many runs."""

    def __init__(self, network: Runs) -> None:
        self.network = network
        self.runs: list[int] = []

    def run(self, output: str, feed: Feed) -> np.ndarray:
        """Count, and run."""
        self.runs.append(len(next(iter(feed.values()))))
        return self.network.run(output, feed)


@dataclass
class Way:
    """One way to run a network, and what came of it."""

    name: str
    network: Runs
    counted: Counted
    times: Times = field(default_factory=Times)
    spent_s: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times.ms) / self.spent_s


def ways_of(session: Session) -> list[Way]:
    """List the baseline, and batches in one lane and in one a core."""
    counted = Counted(session)
    ways = [Way(BASELINE, counted, counted)]
    for most, lanes in dict.fromkeys(((8, 1), (1, CORES), (4, CORES), (8, CORES), (16, CORES))):
        counted = Counted(session)
        batched = Batched(counted, most, lanes, pads={"ids": 0, "mask": 0})
        ways.append(Way(f"most {most}, lanes {lanes}", batched, counted))
    return ways


def ask(way: Way, feeds: Sequence[Feed], clients: int, seconds: float) -> None:
    """Ask from so many threads at once, for so long."""
    ends = time.perf_counter() + seconds

    def client(number: int) -> None:
        place = number
        while time.perf_counter() < ends:
            with way.times.one():
                way.network.run("embedding", feeds[place % len(feeds)])
            place += clients

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(client, range(clients)))
    way.spent_s += time.perf_counter() - began


def compare(
    name: str, session: Session, feeds: Sequence[Feed], seconds: float, rounds: int
) -> list[list[object]]:
    """Measure all ways with all numbers of clients; a row each."""
    rows: list[list[object]] = []
    for clients in CLIENTS:
        ways = ways_of(session)
        if clients == 1:  # alone, all ways of batching are one
            ways = [ways[0], ways[-2]]
        for turn in range(rounds):
            for way in ways[turn % len(ways) :] + ways[: turn % len(ways)]:
                ask(way, feeds, clients, seconds)
        for way in ways:
            figures = (way.rate, way.rate / ways[0].rate, way.times.at(50), way.times.at(99))
            rows.append([name, clients, way.name, *figures, float(np.mean(way.counted.runs))])
    return rows


# ---- the rest ------------------------------------------------------------------------------------


class Nothing:
    """A network that takes no time."""

    def run(self, output: str, feed: Feed) -> np.ndarray:
        """Give what came."""
        del output
        return feed["x"]


class Handed:
    """The other design: a thread of its own runs the network, callers hand over and wait."""

    def __init__(self, network: Runs) -> None:
        self.network = network
        self.queue: SimpleQueue[tuple[str, Feed, threading.Event, list[np.ndarray]]] = SimpleQueue()
        threading.Thread(target=self.work, daemon=True).start()

    def work(self) -> None:
        """Serve for ever."""
        while True:
            output, feed, done, made = self.queue.get()
            made.append(self.network.run(output, feed))
            done.set()

    def run(self, output: str, feed: Feed) -> np.ndarray:
        """Hand over, and wait."""
        done, made = threading.Event(), list[np.ndarray]()
        self.queue.put((output, feed, done, made))
        done.wait()
        return made[0]


def overheads() -> list[list[object]]:
    """Measure what each design costs one caller, in microseconds."""
    feed = {"x": np.zeros((1, 4), np.float32)}
    nothing = Nothing()
    rows: list[list[object]] = []
    led = Batched(nothing, most=8)
    for name, network in (
        ("none", nothing), ("led by its callers", led), ("a thread", Handed(nothing))
    ):  # fmt: skip
        times = Times()
        for _ in range(5000):
            with times.one():
                network.run("embedding", feed)
        rows.append([name, times.at(50) * 1000, times.at(99) * 1000])
    return rows


def memory(pictures: Session, texts: Session) -> list[list[object]]:
    """Measure what is remembered against what is not, in milliseconds."""
    rng = np.random.default_rng(3)
    remembered = Remembered(4000)

    def timed(ask: Callable[[int], object]) -> list[float]:
        first, again = Times(), Times()
        for number in range(20):
            with first.one():
                ask(number)
            for _ in range(10):
                with again.one():
                    ask(number)
        return [first.at(50), again.at(50), again.at(99), first.at(50) / again.at(50)]

    rows: list[list[object]] = []
    for height, width in ((224, 224), (600, 800), (1200, 1600)):
        shown = [rng.integers(0, 256, (height, width, 3), np.uint8) for _ in range(20)]
        square = picture_feed(rng)

        def show(number: int, shown: Sequence[np.ndarray] = shown, square: Feed = square) -> object:
            make = lambda: pictures.run("embedding", square)[0]  # noqa: E731
            return remembered.picture("tower", shown[number], make, crops=False)

        rows.append([f"picture {width}×{height}, not cropped", *timed(show)])
    feeds = [text_feed(rng) for _ in range(20)]

    def say(number: int) -> object:
        key = remembered.key("tower", "text", f"red shoes for running {number}")
        return remembered.rows([key], lambda _: texts.run("embedding", feeds[number]))

    return [*rows, ["text", *timed(say)]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    rng = np.random.default_rng(0)
    pictures, texts = picture_network(), text_network()
    rows: list[list[object]] = []
    for name, session, feed in (("picture", pictures, picture_feed), ("text", texts, text_feed)):
        feeds = [feed(rng) for _ in range(64)]
        ask(Way("", session, Counted(session)), feeds[:4], 2, given.seconds / 2)
        rows += compare(name, session, feeds, given.seconds, given.rounds)
    columns = ["tower", "clients", "way", "a second", "ratio", "p50 ms", "p99 ms", "rows a run"]
    print_table("queries at the same time", columns, rows)
    columns = ["query", "first, p50 ms", "again, p50 ms", "again, p99 ms", "ratio"]
    print_table("queries that were asked before", columns, memory(pictures, texts))
    columns = ["who runs a network that takes no time", "p50 µs", "p99 µs"]
    print_table("what batching costs who asks alone", columns, overheads())


if __name__ == "__main__":
    main()
