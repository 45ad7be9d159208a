"""A workbench of real parts on small data, and a web server of pictures on this machine."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from served_shop import drawing
from shoplens.catalogue.catalogue import open_catalogue
from shoplens.config import ImageSettings
from shoplens.encode.base import open_encoder
from shoplens.encode.colours.vector import COLOUR_DIM
from shoplens.images.fetch import Fetcher
from shoplens.images.network import Network
from shoplens.images.source import ImageSource
from shoplens.images.thumbnails import Thumbnails
from shoplens.indexing.pipeline import index_pending
from shoplens.indexing.prepare import Preparer
from shoplens.indexing.workbench import IndexCounts, Workbench
from shoplens.store.base import Dims, open_store
from shoplens.types import Product
from small_bench import PictureServer, Put, Work

NOW = datetime(2026, 5, 1, tzinfo=UTC)
MAX_IMAGES = 3


@pytest.fixture
def server() -> Iterator[PictureServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.path)
            picture = served.pictures.get(self.path)
            if picture is None:
                served.ended.wait(30)
                picture = b""
            self.send_response(200)
            self.send_header("Content-Length", str(len(picture)))
            self.end_headers()
            self.wfile.write(picture)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - theirs
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        served = PictureServer(f"shop.test:{http.server_address[1]}")
        thread = threading.Thread(target=http.serve_forever, args=(0.02,))
        thread.start()
        yield served
        served.ended.set()
        http.shutdown()
        thread.join()


@pytest.fixture
def fetcher(server: PictureServer) -> Iterator[Fetcher]:
    port = int(server.host.partition(":")[2])
    here = Network(
        resolve=lambda _host, _port: ["127.0.0.1"],
        is_allowed=lambda address, at: (address, at) == ("127.0.0.1", port),
        ports=(port,),
        backoff_s=0.01,
    )
    settings = ImageSettings.model_validate({"allowed_hosts": ["shop.test"]})
    made = Fetcher(settings, here)
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five pictures: 0.png to 4.png."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for i in range(5):
        (folder / f"{i}.png").write_bytes(drawing(i))
    return folder


@pytest.fixture
def bench(tmp_path: Path, folder: Path, fetcher: Fetcher) -> Iterator[Workbench]:
    catalogue = open_catalogue(f"sqlite:///{tmp_path / 'catalogue.db'}")
    encoder = open_encoder("colour")
    dims = Dims(encoder.picture.dim, encoder.text.dim, COLOUR_DIM)
    store = open_store("exact", tmp_path / "store", dims)
    yield Workbench(
        catalogue,
        encoder,
        store,
        Thumbnails(tmp_path / "thumbnails", 64),
        lambda _feed: ImageSource(folder, fetcher, 1_000_000),
        max_pixels=1_000_000,
        max_images=MAX_IMAGES,
    )
    store.close()
    catalogue.close()


@pytest.fixture
def put(bench: Workbench) -> Put:
    """Put a product with these images; pending from then on."""

    def put_one(product_id: str, *images: str, title: str = "a thing") -> None:
        product = Product(product_id, title, images=images)
        bench.catalogue.products.put([product], feed="shop", run="1", now=NOW)

    return put_one


@pytest.fixture
def work(bench: Workbench) -> Work:
    """Index what is pending."""

    def index(batch: int = 2, **how: object) -> IndexCounts:
        preparer = Preparer(bench, threads=2, connections=2)
        try:
            return index_pending(bench, preparer, batch=batch, **how)  # pyright: ignore[reportArgumentType]
        finally:
            preparer.close()

    return index
