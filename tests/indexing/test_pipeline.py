import threading
import time

from shoplens.images.fetch import Fetcher
from shoplens.indexing.workbench import IndexCounts, Workbench
from shoplens.types import Stage
from small_bench import PictureServer, Put, Work


def test_every_batch_is_told_and_the_last_is_the_whole(
    bench: Workbench, put: Put, work: Work
) -> None:
    for i in range(7):
        put(f"p{i}", f"{i % 5}.png")
    told: list[tuple[str, int, int]] = []

    def tell(step: str, done: int, total: int) -> None:
        told.append((step, done, total))

    work(batch=2, progress=tell)
    assert told == [("encode", done, 7) for done in (0, 2, 4, 6, 7)]
    assert bench.catalogue.products.counts()[Stage.INDEXED] == 7


def test_stopped_early_the_rest_waits_and_a_second_run_does_just_that(
    bench: Workbench, put: Put, work: Work
) -> None:
    for i in range(9):
        put(f"p{i}", f"{i % 5}.png")
    stop = threading.Event()

    def end_soon(_step: str, done: int, _total: int) -> None:
        if done >= 2:
            stop.set()

    first = work(batch=1, stop=stop, progress=end_soon)
    assert first.products == 2
    assert bench.catalogue.products.counts()[Stage.PENDING] == 7
    second = work(batch=1)
    assert second.products == 7
    assert first.encoded + second.encoded == 5


def test_products_removed_meanwhile_are_forgotten_first(
    bench: Workbench, put: Put, work: Work
) -> None:
    put("a", "0.png")
    put("b", "1.png")
    work()
    bench.catalogue.products.remove(["a"])
    assert work() == IndexCounts()
    assert {product_id for product_id, _ in bench.store.rows()} == {"b"}


def test_a_download_given_up_at_the_end_is_no_fault_of_its_image(
    bench: Workbench, server: PictureServer, fetcher: Fetcher, put: Put, work: Work
) -> None:
    put("a", server.put("/never.png", None))
    stop = threading.Event()
    ended: list[IndexCounts] = []
    thread = threading.Thread(target=lambda: ended.append(work(stop=stop)))
    thread.start()
    deadline = time.monotonic() + 20
    while not server.asked and time.monotonic() < deadline:
        time.sleep(0.005)
    began = time.monotonic()
    stop.set()
    fetcher.close()
    thread.join()
    assert time.monotonic() - began < 5, "nobody waited for the download"
    assert ended == [IndexCounts()]
    assert bench.catalogue.products.get("a").stage is Stage.PENDING
    assert bench.catalogue.images.counts() == (0, 0)
