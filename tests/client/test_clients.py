"""One contract, both clients, a real server."""

import inspect
import io
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from served_shop import drawing
from shoplens import AsyncClient, Client
from shoplens.client.answers import Field, Job, Product
from shoplens.client.refusals import status_of
from shoplens.errors import (
    BusyError,
    ConfigError,
    FeedError,
    ImageError,
    NotFoundError,
    QueryError,
    ShoplensError,
)

CSV = b"id,title,price\nrope-1,Climbing rope,79\nrope-2,Short rope,35\nrope-3,,1\n"
BOOT = Product(
    "boot-1",
    "Hiking boot",
    brand="Daybird",
    category=("Footwear", "Boots"),
    price=Decimal("109.99"),
    currency="EUR",
    in_stock=False,
    attributes={"colour": ("black", "red")},
)


def test_what_is_put_is_found_looked_up_listed_and_removed(shop: Client) -> None:
    there = shop.put(BOOT, [drawing(1)])
    assert there == replace(BOOT, group_id="boot-1", stage="indexed", images=there.images)
    assert shop.product("boot-1") == there
    (image,) = there.images
    assert (image.width, image.reason) == (64, "")
    for found in (
        shop.search(drawing(1), q="boot", limit=3, filter="price > 100"),
        shop.search(q="hiking boot", limit=1),
        shop.search(io.BytesIO(drawing(1))),
    ):
        first = found.products[0]
        assert (first.product_id, first.price) == ("boot-1", Decimal("109.99"))
        assert 0 < first.score <= 1
        assert found.ranking_id
    assert first.image == image.image
    assert "boot-1" in [one.product_id for one in shop.products()]
    shop.remove("boot-1")
    with pytest.raises(NotFoundError):
        shop.product("boot-1")


def test_a_product_that_was_looked_up_can_be_changed_and_put_back(shop: Client) -> None:
    shop.put(BOOT, [drawing(1), drawing(2)])
    before = shop.product("boot-1")
    after = shop.put(replace(before, price=Decimal("0.10"), images=before.images[1:]), [drawing(3)])
    assert after.price == Decimal("0.1")
    assert [image.image for image in after.images][:1] == [before.images[1].image]
    assert len(after.images) == 2


def test_similar_products_leave_out_the_one_asked_with(shop: Client) -> None:
    for i in range(4):
        shop.put(Product(f"s{i}", "square", price=Decimal(i)), [drawing(i)])
    found = shop.similar("s1", filter="price >= 2 AND price <= 3", limit=5).products
    assert {one.product_id for one in found} == {"s2", "s3"}
    everything = shop.search(product_id="s1", limit=3).products
    rest = shop.search(product_id="s1", limit=2, offset=1).products
    assert [one.product_id for one in rest] == [one.product_id for one in everything[1:]]


@pytest.mark.parametrize("product_id", ["a/b", "a/similar", "..", ".", "100%", "红 鞋", "?#&"])
def test_an_id_may_hold_any_sign(product_id: str, shop: Client) -> None:
    shop.put(Product(product_id, "odd one"))
    assert shop.product(product_id).product_id == product_id
    assert product_id not in [one.product_id for one in shop.similar(product_id).products]
    shop.remove(product_id)


def test_all_products_come_page_by_page(shop: Client) -> None:
    for i in range(5):
        shop.put(Product(f"page-{i}", "leaf"))
    ids = [one.product_id for one in shop.products(page=2)]
    assert len(set(ids)) == len(ids)
    assert {f"page-{i}" for i in range(5)} <= set(ids)


def test_a_feed_is_indexed_and_its_progress_told(shop: Client, tmp_path: Path) -> None:
    (tmp_path / "ropes.csv").write_bytes(CSV)
    told: list[Job] = []
    job = shop.index(tmp_path / "ropes.csv", told.append, mapping={"title": "title"})
    assert (job.state, job.feed, told[-1]) == ("done", "ropes", job)
    assert job.finished is not None
    assert job.finished.tzinfo is not None
    assert {one.product_id for one in shop.search(q="rope").products} >= {"rope-1", "rope-2"}
    assert any("line 4" in one.where for one in shop.rejections())
    with (tmp_path / "ropes.csv").open("rb") as file:
        assert shop.queue(file, name="again", kind="csv", allow_shrink=True).feed == "again"
    last = shop.queue(CSV, name="again")
    assert shop.wait(last).state == shop.wait(last.job_id).state == shop.job(last.job_id).state


def test_a_feed_that_cannot_be_read_is_an_error(shop: Client, tmp_path: Path) -> None:
    with pytest.raises(FeedError, match=r"job \d+ failed: \w+"):
        shop.index(b"\x00\x01\x02", name="noise")
    with pytest.raises(FeedError, match=r"nope\.csv cannot be read: No such file"):
        shop.index(tmp_path / "nope.csv")
    with pytest.raises(FeedError, match="cannot be a feed's name") as caught:
        shop.queue(CSV, name="api")
    assert status_of(caught.value) == 422


def test_a_job_that_takes_too_long_is_not_waited_for(shop: Client) -> None:
    job = shop.queue(b"id,title\n" + b"\n".join(b"%d,x" % i for i in range(500)), name="long")
    with pytest.raises(BusyError, match="after 0 s; it goes on"):
        shop.wait(job, timeout_s=0)
    shop.wait(job)


def test_the_server_says_how_things_stand(shop: Client) -> None:
    shop.put(BOOT)
    status = shop.status()
    assert status.products["indexed"] >= 1
    assert (status.encoder, status.store) == ("colour", "exact")
    assert {Field("price", "number"), Field("colour", "keyword")} <= set(shop.fields())


def test_a_server_is_ready_once_it_is_warm(shop: Client) -> None:
    while not shop.ready():
        pass
    assert shop.ready()


# ---- what goes wrong -----------------------------------------------------------------------


def test_a_mistake_in_a_filter_says_where(shop: Client) -> None:
    with pytest.raises(QueryError) as caught:
        shop.search(q="boot", filter="price << 80")
    assert caught.value.position == 7
    assert status_of(caught.value) == 400
    with pytest.raises(QueryError, match="limit"):
        shop.search(q="boot", limit=0)
    with pytest.raises(QueryError, match="shade"):
        shop.search(shade="red")  # pyright: ignore[reportCallIssue] - as a newer one might


def test_what_is_not_there_is_not_found(shop: Client) -> None:
    for ask in (shop.product, shop.remove, shop.similar, shop.job):
        with pytest.raises(NotFoundError) as caught:
            ask("nobody")
        assert status_of(caught.value) == 404
    with pytest.raises(QueryError, match="empty"):
        shop.product("")


def test_an_image_that_is_none_is_told(shop: Client, tmp_path: Path) -> None:
    with pytest.raises(ImageError) as caught:
        shop.search(b"no picture")
    assert status_of(caught.value) == 422
    with pytest.raises(ImageError, match=r"nope\.jpg cannot be read: No such file"):
        shop.search(tmp_path / "nope.jpg")


def test_a_path_as_text_is_never_sent(shop: Client, tmp_path: Path) -> None:
    (tmp_path / "boot.png").write_bytes(drawing(1))
    path: Any = str(tmp_path / "boot.png")
    with pytest.raises(ImageError, match="send an image as bytes, a Path or a file"):
        shop.search(path)
    with pytest.raises(ImageError, match="send an image as bytes, a Path or a file"):
        shop.put(BOOT, [path])
    there = shop.put(BOOT, [tmp_path / "boot.png", "http://127.0.0.1:1/away.jpg"])
    sources = [image.source for image in there.images]
    assert str(tmp_path) not in "".join(sources)
    assert "http://127.0.0.1:1/away.jpg" in sources


def test_what_is_too_large_says_how_large_and_what_is_allowed(shop: Client) -> None:
    told = r"1,\d\d\d,\d\d\d bytes are too large for this server: at most 1000000 bytes"
    with pytest.raises(ImageError, match=told):
        shop.search(bytes(1_100_000))
    with pytest.raises(ImageError, match=told):
        shop.put(BOOT, [bytes(1_100_000)])
    with pytest.raises(FeedError, match=told) as caught:
        shop.index(bytes(1_100_000))
    assert status_of(caught.value) == 413


def test_a_wrong_key_is_a_setting_that_is_wrong(
    make_client: Any, server: httpx.Client, shop: Client
) -> None:
    shop.put(BOOT)
    url = str(server.base_url)
    for key, status in (("", 401), ("guess", 401), ("schlüssel", 401), ("search", 403)):
        with make_client(url, key=key) as client:
            with pytest.raises(ConfigError, match="key") as caught:
                client.status()
            assert status_of(caught.value) == status
    with make_client(url + "/", key=" search ") as client:
        assert client.search(q="boot").products


def test_a_server_that_is_not_there_is_named(make_client: Any) -> None:
    with make_client("http://127.0.0.1:1", retries=1) as client:
        with pytest.raises(BusyError, match=r"http://127\.0\.0\.1:1 cannot be reached") as caught:
            client.status()
        assert status_of(caught.value) == 0


def test_another_server_is_no_shop(make_client: Any, server: httpx.Client) -> None:
    with (
        make_client(f"{server.base_url}/docs", key="admin") as client,
        pytest.raises(ShoplensError),
    ):
        client.fields()


@pytest.mark.parametrize(
    "url",
    ["", "localhost:8000", "ftp://shop", "http://", "http://shop:port", "http://shop/?page=1"],
)
def test_a_url_that_is_none_is_refused_at_once(url: str) -> None:
    for make in (Client, AsyncClient):
        with pytest.raises(ConfigError, match="URL"):
            make(url)


def test_options_that_make_no_sense_are_refused_and_no_key_is_shown() -> None:
    for make in (Client, AsyncClient):
        with pytest.raises(ConfigError, match="retries"):
            make(retries=-1)
        with pytest.raises(ConfigError, match="control character") as caught:
            make(key="sword\nfish")
        assert "fish" not in str(caught.value)
        assert "swordfish" not in repr(vars(make(key="swordfish")))


@contextmanager
def stubborn(*answers: bytes) -> Generator[tuple[str, list[bytes]]]:
    """Listen on a free port; give each connection the next answer, b"" being none, and close it."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            for words in answers:
                connection, _ = listener.accept()
                with connection:
                    asked.append(connection.recv(65_536))
                    connection.sendall(words)

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
        thread.join()


STATUS = b'HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n{"products": {}}'


def test_a_connection_that_breaks_is_made_anew(make_client: Any) -> None:
    with stubborn(b"", STATUS) as (url, asked), make_client(url) as client:
        assert client.status().products == {}
    assert len(asked) == 2
    off = pytest.raises(BusyError, match="broke the connection off")
    with stubborn(b"") as (url, asked), make_client(url) as client, off:
        client.queue(CSV)
    assert len(asked) == 1


def test_a_server_that_is_too_slow_is_asked_once(make_client: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with make_client(url, timeout_s=0.05) as client, pytest.raises(BusyError, match="in time"):
            client.status()
        listener.accept()[0].close()
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()


# ---- alike -----------------------------------------------------------------------------------


def public(kind: type) -> dict[str, str]:
    """Describe what a class offers; of the results, what is awaited or gone through."""
    methods = {
        name: str(inspect.signature(method)).replace("AsyncIterator", "Iterator")
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }
    return methods | {"__init__": str(inspect.signature(kind))}


def test_both_clients_offer_the_same() -> None:
    assert public(Client) == public(AsyncClient)


def test_importing_the_package_imports_neither_client_nor_httpx() -> None:
    code = "import shoplens, sys; print(sorted({'httpx', 'anyio', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    with pytest.raises(AttributeError, match="no attribute 'Clien'"):
        __import__("shoplens").Clien  # noqa: B018 - a look is enough
