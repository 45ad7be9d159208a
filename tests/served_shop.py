"""A real server in a thread, and small ways to ask it."""

import base64
import io
import threading
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
from PIL import Image

from shoplens.engine import Engine
from shoplens.serve.app import create_app
from shoplens.serve.run import listen, make_server

Serve = Callable[..., AbstractContextManager[httpx.Client]]


def drawing(seed: int, kind: str = "PNG") -> bytes:
    """Draw sixteen squares of random colours, as the bytes of an image file."""
    blocks = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(blocks.repeat(16, 0).repeat(16, 1)).save(out, kind)
    return out.getvalue()


@contextmanager
def serving(engine: Engine) -> Generator[httpx.Client]:
    """Serve ``engine`` until the block ends."""
    listener = listen("127.0.0.1", 0)
    server = make_server(create_app(engine))
    thread = threading.Thread(target=server.run, args=([listener.socket],))
    thread.start()
    try:
        with httpx.Client(base_url=listener.address, timeout=30, trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


def put(client: httpx.Client, product_id: str, *images: bytes, **fields: Any) -> httpx.Response:
    """Put a product whose images are sent along."""
    given = {"title": f"square {product_id}", "images": [data_url(i) for i in images], **fields}
    path = f"/v1/products/{quoted(product_id)}"
    answer = client.put(path, json=given)
    assert answer.status_code == 200, answer.text
    return answer


def quoted(product_id: str) -> str:
    """Write an id as a path wants it."""
    return quote(product_id, safe="")


def data_url(image: bytes) -> str:
    """Write an image as a data URL."""
    return f"data:image/png;base64,{base64.b64encode(image).decode()}"


def ids(answer: httpx.Response) -> list[str]:
    """List the products of an answer, the best first."""
    assert answer.status_code == 200, answer.text
    return [product["product_id"] for product in answer.json()["products"]]


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Check that an answer is a problem as RFC 9457 wants it, and give its members."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail"} <= told.keys()
    assert told["status"] == status
    assert told["detail"]
    return told
