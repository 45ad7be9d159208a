"""A switch is stopped, killed, searched through and written through: the shop stays right."""

import random
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shoplens.config import Settings
from shoplens.engine import Engine
from shoplens.ingest.feeds import IndexRequest
from shoplens.ingest.switching.report import PromoteReport
from shoplens.types import Product, Stage
from small_shop import MakeShop, SmallShop
from trained_models import add_head, add_network, first, soon

N = 24
KILLS = 6
CHILD = """
import sys
from pathlib import Path
from shoplens.config import read_settings
from shoplens.engine import Engine
def told(step, done, total):
    print(step, done, total, flush=True)
index = {"threads": 1, "batch": 2}
flags = {"data": Path(sys.argv[1]), "encoder": "colour", "store": sys.argv[2], "index": index}
with Engine.open(read_settings(flags)) as engine:
    print("open", 0, 0, flush=True)
    engine.promote(sys.argv[3], told)
print("end", 0, 0, flush=True)
"""


@pytest.fixture
def shop(make_shop: MakeShop) -> SmallShop:
    return make_shop(N)


@contextmanager
def meanwhile(*works: Callable[[], None]) -> Generator[None]:
    """Do each work again and again in a thread of its own; what breaks there breaks the test."""
    ended, broken = threading.Event(), list[BaseException]()

    def loop(work: Callable[[], None]) -> None:
        try:
            while not ended.is_set():
                work()
        except BaseException as error:  # noqa: BLE001 - told below
            broken.append(error)

    threads = [threading.Thread(target=loop, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    if broken:
        raise broken[0]


@pytest.mark.parametrize("store", ["exact", "edge"])
def test_a_shop_is_searched_and_changed_while_models_come_and_go(
    store: str, settings: Settings, shop: SmallShop
) -> None:
    settings = settings.model_copy(update={"store": store})
    rng = random.Random(4)
    photos = [(f"p{i}", (shop.images / f"p{i}.png").read_bytes()) for i in range(N)]
    there: dict[str, bytes] = dict(photos)
    with Engine.open(settings) as engine:
        engine.index(IndexRequest(shop.feed))
        for add, name in ((add_head, "head-1"), (add_network, "tail-1")):
            add(settings, name)

        def search() -> None:
            product_id, photo = rng.choice(photos)
            assert first(engine, photo) == product_id

        def write() -> None:
            name = f"n{rng.randrange(6)}"
            if name in there:
                engine.remove_product(name)
                del there[name]
            else:
                shop.draw("n.png", rng.randrange(100, 10**6))
                photo = (shop.images / "n.png").read_bytes()
                engine.put_product(Product(name, "a new thing"), [photo])
                there[name] = photo

        with meanwhile(search, write):
            reports = [engine.promote(name) for name in ("head-1", "tail-1")]
            reports += [engine.rollback() for _ in range(3)]
        assert [report.after for report in reports] == ["head-1", "tail-1"] * 2 + ["head-1"]
        report = engine.verify()
        assert (report.ok, report.indexed, report.pending) == (True, len(there), 0)
        assert {first(engine, photo) for photo in there.values()} == {*there}
        assert engine.rollback().done
        assert {first(engine, photo) for photo in there.values()} == {*there}


def stop_at(done: int, stop: Callable[[], None]) -> Callable[[str, int, int], None]:
    def progress(step: str, so_far: int, _total: int) -> None:
        if step == "encode" and so_far >= done:
            stop()

    return progress


def test_stopped_by_ctrl_c_it_goes_on_where_it_was(
    settings: Settings, engine: Engine, shop: SmallShop
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    engine.index(IndexRequest(shop.feed))
    add_network(settings, "tail-1")
    with pytest.raises(KeyboardInterrupt):
        engine.promote("tail-1", stop_at(8, interrupt))
    assert engine.status().encoder == "colour"
    assert first(engine, (shop.images / "p1.png").read_bytes()) == "p1"
    engine.put_product(Product("new", "a new thing"))
    report = engine.promote("tail-1")
    assert 0 < report.counts.encoded <= N - 8
    assert (report.products, engine.verify().ok) == (N + 1, True)


def test_stopped_by_the_end_of_the_engine_it_goes_on_in_the_next(
    settings: Settings, shop: SmallShop
) -> None:
    reports: list[PromoteReport] = []
    begun = threading.Event()
    engine = Engine.open(settings)
    engine.index(IndexRequest(shop.feed))
    add_network(settings, "tail-1")
    hands = engine._hands  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

    def pause() -> None:
        begun.set()
        hands.stop.wait(30)

    thread = threading.Thread(
        target=lambda: reports.append(engine.promote("tail-1", stop_at(8, pause)))
    )
    thread.start()
    assert begun.wait(60)
    engine.close()
    thread.join()
    (report,) = reports
    assert not report.done
    assert "colour goes on serving" in report.told()
    with Engine.open(settings) as engine:
        assert engine.status().encoder == "colour"
        assert engine.verify().ok
        assert 0 < engine.promote("tail-1").counts.encoded < N
        assert engine.verify().ok


def run_and_kill(settings: Settings, rng: random.Random) -> bool:
    """Kill a child after a random number of lines; tell whether it had ended before."""
    command = [sys.executable, "-c", CHILD, str(settings.data), settings.store, "tail-1"]
    patience = rng.randint(1, 22)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        for place, line in enumerate(child.stdout):
            if line.startswith("end"):
                return True
            if place == patience:
                try:
                    child.wait(rng.uniform(0, 0.02))
                except subprocess.TimeoutExpired:
                    child.kill()
    return False


@pytest.mark.slow
@pytest.mark.parametrize("store", ["exact", "edge"])
def test_killed_anywhere_one_model_serves_with_the_whole_shop(
    store: str, settings: Settings, shop: SmallShop
) -> None:
    settings = settings.model_copy(update={"store": store})
    rng = random.Random(7)
    with Engine.open(settings) as engine:
        engine.index(IndexRequest(shop.feed))
    add_network(settings, "tail-1")
    photo = (shop.images / "p5.png").read_bytes()
    for kills in range(KILLS):
        ended = run_and_kill(settings, rng)
        with Engine.open(settings) as engine:
            serving = engine.status().encoder
            assert engine.verify().ok, kills
            assert engine.status().products[Stage.INDEXED] == N + kills
            assert first(engine, photo) == "p5"
            engine.put_product(Product(f"new{kills}", "a new thing"))
            if ended or serving == "tail-1":
                assert engine.rollback().after == "colour"
    with Engine.open(settings) as engine:
        report = engine.promote("tail-1")
        assert report.products == N + KILLS
        assert engine.verify().ok
        assert first(engine, photo) == "p5"


def test_a_killed_promotion_s_rows_of_products_removed_since_are_found(
    settings: Settings, shop: SmallShop
) -> None:
    """Rows that were written, and not yet noted as written, are deleted all the same."""
    with Engine.open(settings) as engine:
        engine.index(IndexRequest(shop.feed))
        add_head(settings, "head-1")
        engine.promote("head-1")
        engine.rollback()
        catalogue = engine._catalogue  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        (kept,) = {*catalogue.held.stores()} - {engine._parts.identity.key}  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        number = catalogue.products.get("p2").number
        catalogue.held.put(kept, [(number, "p2", 0)])  # as a kill before the second note leaves it
        engine.remove_product("p2")
        soon(lambda: not catalogue.held.gone(kept, k=1), "it is deleted there too")
        report = engine.rollback()
        assert (report.products, report.rows) == (N - 1, N - 1)
        assert engine.verify().ok


def test_a_model_being_filled_is_never_followed_by_a_wrong_store(
    settings: Settings, shop: SmallShop, tmp_path: Path
) -> None:
    """Two models take turns: each store holds rows of its own length only."""
    with Engine.open(settings) as engine:
        engine.index(IndexRequest(shop.feed))
        add_head(settings, "head-1")
        add_network(settings, "tail-1")
        for name in ("head-1", "tail-1", "head-1", "colour", "tail-1"):
            engine.promote(name)
            shop.draw("p3.png", sum(name.encode()))
            engine.index(IndexRequest(shop.feed))
            assert engine.verify().ok
            assert first(engine, (shop.images / "p3.png").read_bytes()) == "p3"
