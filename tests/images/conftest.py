"""Pictures whose every pixel is known, as files of every format; and a server that misbehaves."""

import contextlib
import dataclasses
import io
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, cast

import numpy as np
import pytest
from PIL import Image, ImageCms

from shoplens.config import ImageSettings
from shoplens.images.fetch import Fetcher
from shoplens.images.network import Network

FORMATS: dict[str, dict[str, object]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "PNG": {},
    "WEBP": {"quality": 95},
    "GIF": {},
    "BMP": {},
    "TIFF": {"compression": "tiff_lzw"},
    "AVIF": {"quality": 95, "subsampling": "4:4:4"},
}

Saver = Callable[..., bytes]


@pytest.fixture(scope="session")
def save() -> Saver:
    """Write a picture as the bytes of a file."""

    def as_bytes(picture: Image.Image, kind: str, **options: object) -> bytes:
        out = io.BytesIO()
        picture.save(out, kind, **{**FORMATS.get(kind, {}), **options})
        return out.getvalue()

    return as_bytes


@pytest.fixture(scope="session")
def corners() -> Image.Image:
    """48 × 32: red, green over blue, yellow; so that every turn of it is a different picture."""
    colours = np.array([[[220, 30, 30], [30, 200, 40]], [[40, 40, 210], [230, 220, 40]]], np.uint8)
    return Image.fromarray(colours.repeat(16, axis=0).repeat(24, axis=1))


@pytest.fixture(scope="session")
def gradient() -> Image.Image:
    """640 × 480 of slow ramps: what reduced decoding must not change."""
    rows, columns = np.mgrid[0:480, 0:640]
    ramps = np.stack([columns * 255 / 639, rows * 255 / 479, (rows + columns) * 255 / 1118], -1)
    return Image.fromarray(ramps.astype(np.uint8))


@pytest.fixture(scope="session")
def profile() -> bytes:
    """sRGB under another name: a colour profile that is worth converting."""
    srgb = ImageCms.createProfile("sRGB")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # untyped in Pillow
    written = ImageCms.ImageCmsProfile(srgb).tobytes()  # pyright: ignore[reportUnknownArgumentType]
    return written.replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))


@pytest.fixture(scope="session")
def swapped(profile: bytes) -> bytes:
    """Make a profile in which red and green have changed places: nothing else explains green."""
    table = bytearray(profile)
    count = struct.unpack_from(">I", table, 128)[0]
    names = {bytes(table[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
    table[names[b"rXYZ"] : names[b"rXYZ"] + 4] = b"gXYZ"
    table[names[b"gXYZ"] : names[b"gXYZ"] + 4] = b"rXYZ"
    return bytes(table)


Reply = Callable[[IO[bytes]], None]


class Shop:
    """A real server on 127.0.0.1 that says exactly the bytes it is told to."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.replies: dict[str, list[Reply]] = {}
        self.requests: list[str] = []
        self.ended = threading.Event()
        shop = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                head = ""
                while not head.endswith("\r\n\r\n"):
                    line = self.rfile.readline().decode()
                    if not line:
                        return
                    head += line
                shop.requests.append(head)
                waiting = shop.replies[head.split(" ")[1]]
                reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
                with contextlib.suppress(OSError):  # the visitor may have left: often the point
                    reply(cast("IO[bytes]", self.wfile))

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """Say nothing: a visitor that breaks off is what many tests want."""

        self.server = Server(("127.0.0.1", 0), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port: int = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def says(self, path: str, *replies: bytes | Reply) -> str:
        """Set what a path answers, one after the other, the last one from then on; give its URL."""
        self.replies[path] = [_saying(reply) for reply in replies]
        return f"http://shop.test:{self.port}{path}"

    @staticmethod
    def ok(body: bytes, *headers: str) -> bytes:
        """Write an answer that is as it should be."""
        return Shop.answer("200 OK", f"Content-Length: {len(body)}", *headers) + body

    @staticmethod
    def answer(status: str, *headers: str) -> bytes:
        """Write an answer without a body."""
        length = (
            [] if any(h.startswith("Content-Length") for h in headers) else ["Content-Length: 0"]
        )
        lines = [f"HTTP/1.1 {status}", *length, "Connection: close", *headers]
        return "\r\n".join([*lines, "", ""]).encode()

    def drips(self, first: bytes, drop: bytes) -> Reply:
        """Make a reply that goes on, a drop at a time, until the visitor leaves."""

        def reply(out: IO[bytes]) -> None:
            out.write(first)
            while not self.ended.wait(0.02):
                out.write(drop)
                out.flush()

        return reply

    def close(self) -> None:
        self.ended.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def _saying(reply: bytes | Reply) -> Reply:
    if not isinstance(reply, bytes):
        return reply

    def write(out: IO[bytes]) -> None:
        out.write(reply)

    return write


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Open a server; nothing of it is left afterwards."""
    opened = Shop()
    yield opened
    opened.close()


@pytest.fixture
def tls_shop() -> Iterator[Shop]:
    """Open a server that speaks TLS as shop.test."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).with_name("shop_test.pem"))
    opened = Shop(context)
    yield opened
    opened.close()


@pytest.fixture
def trusting() -> ssl.SSLContext:
    """Trust the test server's certificate, and no other."""
    return ssl.create_default_context(cafile=Path(__file__).with_name("shop_test.pem"))


@pytest.fixture
def to_shop(shop: Shop) -> Callable[..., Network]:
    """Make a network in which every name is ``addresses``, and only the test server is reached."""

    def make(*addresses: str, **more: object) -> Network:
        strict = Network(
            resolve=lambda _host, _port: addresses or ["127.0.0.1"],
            is_allowed=lambda address, port: port == shop.port and address.startswith("127."),
            ports=(shop.port,),
            backoff_s=0.01,
        )
        return dataclasses.replace(strict, **more)

    return make


@pytest.fixture
def make_fetcher(to_shop: Callable[..., Network]) -> Iterator[Callable[..., Fetcher]]:
    """Make fetchers that may ask the names below .test, and reach the test server only."""
    made: list[Fetcher] = []

    def make(network: Network | None = None, **settings: object) -> Fetcher:
        limits = {"allowed_hosts": ["*.test"], "timeout_s": 5, **settings}
        made.append(Fetcher(ImageSettings.model_validate(limits), network or to_shop()))
        return made[-1]

    yield make
    for fetcher in made:
        fetcher.close()
