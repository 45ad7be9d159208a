"""The sample shop behind a real ``shoplens serve``, and the adapter's example on its own site."""

import json
import os
import re
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from command_line import begun, run
from shoplens.feed.read import open_feed
from shoplens.feed.sampleshop.shop import feed
from shoplens.types import Product

CLIENT = Path(__file__).resolve().parents[1] / "clients" / "instantsearch"
KEY, SEARCH_KEY = "an-admin-key-for-tests", "a-search-key-for-tests"


class _Files(SimpleHTTPRequestHandler):
    """The files of the adapter, and below /node_modules those that npm installed."""

    def __init__(self, *args: object, npm: Path, **named: object) -> None:
        self._npm = npm
        super().__init__(*args, directory=str(CLIENT), **named)  # type: ignore[arg-type]

    def translate_path(self, path: str) -> str:
        """Find a file."""
        plain = path.partition("?")[0]
        if plain.startswith("/node_modules/") and ".." not in plain:
            return str(self._npm / plain.removeprefix("/"))
        return super().translate_path(path)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
        """Say nothing."""


@contextmanager
def site(npm: Path) -> Generator[str]:
    """Serve the example on an origin of its own, as a shop's page is."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, npm=npm)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def sample_shop(data: Path, origin: str) -> Generator[str]:
    """Index the sample shop and serve it; pages of ``origin`` may ask."""
    indexed = run("index", feed(), data=data)
    assert indexed.returncode == 0, indexed.stderr
    environment = {
        "SHOPLENS_SERVE__ALLOWED_ORIGINS": json.dumps([origin]),
        "SHOPLENS_SERVE__API_KEY": KEY,
        "SHOPLENS_SERVE__SEARCH_KEY": SEARCH_KEY,
    }
    with begun("serve", "--port", "0", data=data, environment=environment) as server:
        assert server.stdout
        said = server.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", said)
        assert address, f"{said}{server.stderr and server.stderr.read()}"
        yield address[0]


def products() -> list[Product]:
    """Read what the feed holds, without the server."""
    return [record for record in open_feed(feed()).records if isinstance(record, Product)]


def price_of(product: Product) -> float:
    """Give what is asked now."""
    price = product.price if product.sale_price is None else product.sale_price
    assert price is not None
    return float(price)


def drive(node: str, npm: Path, address: str, **given: str) -> dict[str, object]:
    """Do what a visitor does, and give what the page showed after each step."""
    script = Path(__file__).parent / "clients" / "drive.mjs"
    ended = subprocess.run(
        [node, str(script), address, json.dumps(given)],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        env={**os.environ, "SHOPLENS_NPM": str(npm)},
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)
