"""A second store is told what the catalogue says of images, whatever became of their files."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from served_shop import drawing
from shoplens.encode.base import Encoder
from shoplens.encode.bundled import RESIZE_RULE, BundledPictures
from shoplens.encode.colours.vector import COLOUR_DIM
from shoplens.encode.onnx import OnnxNetwork
from shoplens.images.fetch import Fetcher
from shoplens.indexing.ledger import follow
from shoplens.indexing.prepare import Preparer
from shoplens.indexing.workbench import IndexCounts, Workbench
from shoplens.store.base import Dims, open_store
from shoplens.types import Stage
from small_bench import PictureServer, Put, Work
from tiny_onnx import TinyModel

Follow = Callable[[], IndexCounts]


@pytest.fixture
def second(bench: Workbench, tmp_path: Path) -> Iterator[Workbench]:
    """A bench with an encoder that has seen nothing yet."""
    network = OnnxNetwork(TinyModel(resize=RESIZE_RULE).write(tmp_path / "tiny.onnx"))
    encoder = Encoder("tiny", BundledPictures(network), bench.encoder.text)
    dims = Dims(encoder.picture.dim, encoder.text.dim, COLOUR_DIM)
    store = open_store("exact", tmp_path / "second", dims)
    yield replace(bench, encoder=encoder, store=store, follows=bench.store, reuse=Event())
    store.close()


@pytest.fixture
def catch_up(second: Workbench) -> Follow:
    def run() -> IndexCounts:
        catalogue = second.catalogue
        behind = catalogue.held.behind("second", k=99)
        batch = [catalogue.products.get(product_id) for _, product_id in behind]
        assert all(stored.stage is Stage.INDEXED for stored in batch)
        preparer = Preparer(second, threads=2, connections=2)
        try:
            return follow(second, "second", preparer.finish(preparer.start(batch)))
        finally:
            preparer.close()

    return run


def places(bench: Workbench, product_id: str) -> list[int]:
    return [position for position, _ in bench.store.pictures(product_id)]


def test_texts_are_taken_from_the_first_store_and_pictures_encoded(
    bench: Workbench, second: Workbench, put: Put, work: Work, catch_up: Follow
) -> None:
    put("a", "0.png", "1.png")
    put("b")
    work()
    assert catch_up() == IndexCounts(products=2, encoded=2)
    assert [*second.store.rows()] == [*bench.store.rows()]
    main = [row for _, row in bench.store.rows()]
    for row, text in bench.store.embeddings("text", main).items():
        np.testing.assert_array_equal(second.store.embeddings("text", [row])[row], text)
    assert second.catalogue.held.count_behind("second") == 0


def test_an_image_that_was_refused_stays_refused_though_it_came_back(
    bench: Workbench, second: Workbench, folder: Path, put: Put, work: Work, catch_up: Follow
) -> None:
    put("a", "0.png", "late.png", "1.png")
    work()
    (folder / "late.png").write_bytes(drawing(7))
    assert catch_up() == IndexCounts(products=1, encoded=2, refused=1)
    assert places(second, "a") == places(bench, "a") == [0, 2]
    assert second.catalogue.held.lacking("second") == []


def test_an_image_that_is_gone_is_lacking_until_it_is_tried_again(
    second: Workbench, folder: Path, put: Put, work: Work, catch_up: Follow
) -> None:
    put("a", "0.png", "1.png")
    work()
    (folder / "1.png").rename(folder / "away.png")
    assert catch_up() == IndexCounts(products=1, encoded=1, refused=1)
    assert second.catalogue.held.lacking("second") == [1]
    assert second.catalogue.held.count_behind("second") == 0, "it is not tried at every change"
    (folder / "away.png").rename(folder / "1.png")
    second.catalogue.held.retry("second")
    assert catch_up() == IndexCounts(products=1, encoded=1, reused=1)
    assert second.catalogue.held.lacking("second") == []
    assert places(second, "a") == [0, 1]


def test_a_picture_that_left_the_web_is_encoded_from_its_thumbnail(
    server: PictureServer,
    fetcher: Fetcher,
    second: Workbench,
    put: Put,
    work: Work,
    catch_up: Follow,
) -> None:
    put("a", server.put("/red.png", drawing(1)))
    work()
    server.put("/red.png", b"<html>not here</html>")
    assert catch_up() == IndexCounts(products=1, encoded=1)
    assert places(second, "a") == [0]
    assert second.catalogue.held.lacking("second") == []


def test_the_limit_of_images_is_that_of_when_it_was_indexed(
    second: Workbench, put: Put, work: Work, catch_up: Follow
) -> None:
    put("a", *(f"{i}.png" for i in range(5)))
    work()
    other = replace(second, max_images=1)
    preparer = Preparer(other, threads=2, connections=2)
    stored = second.catalogue.products.get("a")
    counts = follow(other, "second", preparer.finish(preparer.start([stored])))
    preparer.close()
    assert counts == IndexCounts(products=1, encoded=3, refused=2)
    assert places(second, "a") == [0, 1, 2]
