"""``Client`` and ``AsyncClient``: the same questions, sent in two ways."""

import time
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Self, Unpack

import anyio
import httpx

from shoplens.client import asking
from shoplens.client.answers import (
    Answer,
    Field,
    Job,
    Product,
    Rejection,
    Rule,
    Shown,
    Status,
    Suggested,
)
from shoplens.client.asking import IMAGES, MAPS, Pages, Watch
from shoplens.client.refusals import patiently
from shoplens.client.sending import Asked, FeedOptions, File, Narrowed
from shoplens.client.wire import Reply, Request, T, Talk, built, failed, options, replied
from shoplens.errors import ConfigError

URL = "http://127.0.0.1:8000"
PAGE = 100


class Client:
    """Asks a server; keeps its connections until closed, safe to share by threads.

    ``timeout_s`` is for each step of an exchange: to connect, to send, to be answered. What may be
    repeated is, up to ``retries`` times: after a broken connection, after 503, and after 429 that
    says when.

    Raises:
        ConfigError: ``url`` or a number makes no sense; asked without the right key.
        BusyError: try later: the server is not ready, too slow, or cannot be reached.
        ShoplensError: anything else the server refuses with, mostly as a narrower class. Each has
            ``status`` (0 if there was no answer) and ``detail``.
    """

    def __init__(
        self, url: str = URL, key: str = "", timeout_s: float = 10.0, retries: int = 2
    ) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(**options(url, key, timeout_s))
        self._retries = _checked(retries)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def search(self, image: File | None = None, **asked: Unpack[Asked]) -> Answer:
        """Find products by a photo, words (``q``), a colour, a product, or several together.

        Raises:
            ImageError: a photo cannot be read, is too large, or is no picture.
            QueryError: a filter, or something else in the question, cannot be understood.
            NotFoundError: there is no such product, or a photo is no longer remembered.
        """
        return self._lead(asking.search(image, asked))

    def search_all(
        self, image: File | None = None, page: int = PAGE, **asked: Unpack[Asked]
    ) -> Iterator[Shown]:
        """Go through a whole answer, or ``limit`` products of it, ``page`` of them a request."""
        pages = Pages(image, page, asked)
        while not pages.ended:
            yield from self._lead(pages.turn())

    def similar(self, product_id: str, **asked: Unpack[Narrowed]) -> Answer:
        """Find products like one of the shop, which is left out (errors as in ``search``)."""
        return self._lead(asking.similar(product_id, asked))

    def suggest(self, q: str, limit: int = 8) -> Suggested:
        """Complete what has been typed so far: ``limit`` queries, categories and products."""
        return self._lead(asking.suggest(q, limit))

    def thumbnail(self, path: str) -> bytes:
        """Fetch the WebP that ``image`` of a product names (NotFoundError)."""
        return self._lead(asking.picture(path, IMAGES))

    def similarity_map(self, path: str) -> bytes:
        """Fetch the WebP that ``why.map`` of a product names: warm where it agrees.

        Raises:
            NotFoundError: the photo that was asked with is no longer remembered.
        """
        return self._lead(asking.picture(path, MAPS))

    def fields(self) -> tuple[Field, ...]:
        """List what a filter may name."""
        return self._lead(asking.filterable())

    def product(self, product_id: str) -> Product:
        """Look a product up (NotFoundError)."""
        return self._lead(asking.product(product_id))

    def products(self, page: int = PAGE) -> Iterator[Product]:
        """Go through all products, the oldest first, ``page`` of them a request (at most 500)."""
        after: int | None = 0
        while after is not None:
            found = self._lead(asking.page(after, page))
            yield from found.products
            after = found.next

    def put(self, product: Product, images: Iterable[File | str] = ()) -> Product:
        """Add or replace a product as a whole; it is searchable when this returns.

        ``images`` come after those that ``product.images`` has from the server: a URL as text,
        or a file as bytes, a Path or an open file, whose content is sent.

        Raises:
            ImageError: an image cannot be read, or all together are too large to be sent.
            QueryError: something else about the product cannot be used.
        """
        return self._lead(asking.put(product, images))

    def remove(self, product_id: str) -> None:
        """Forget a product; it is gone from search when this returns (NotFoundError)."""
        self._lead(asking.remove(product_id))

    def rules(self) -> tuple[Rule, ...]:
        """List every rule; ``problem`` says why one cannot be followed."""
        return self._lead(asking.rules())

    def put_rule(self, rule: Rule) -> Rule:
        """Add or replace a rule; it counts from the next search on (QueryError)."""
        return self._lead(asking.put_rule(rule))

    def remove_rule(self, rule_id: str) -> None:
        """Forget a rule (NotFoundError)."""
        self._lead(asking.remove_rule(rule_id))

    def index(self, feed: File, progress: Watch | None = None, **how: Unpack[FeedOptions]) -> Job:
        """Send a feed and wait until it is searchable: ``queue``, then ``wait``."""
        return self._lead(asking.index(feed, progress, how))

    def queue(self, feed: File, **how: Unpack[FeedOptions]) -> Job:
        """Send a feed; the server indexes it in the background.

        ``name`` tells feeds apart: what the feed of that name held before and holds no more is
        removed. Never repeated by itself.

        Raises:
            FeedError: it cannot be read here, or is larger than the server takes at once.
        """
        return self._lead(asking.queue(feed, how))

    def job(self, job_id: str) -> Job:
        """Look how far a job has come (NotFoundError)."""
        return self._lead(asking.job(job_id))

    def wait(
        self, job: Job | str, progress: Watch | None = None, timeout_s: float | None = None
    ) -> Job:
        """Wait for a job to be done; ``progress`` is told whenever it has come further.

        Raises:
            FeedError: it failed or was interrupted; says why.
            BusyError: it is not done after ``timeout_s`` seconds, spent between looks.
        """
        return self._lead(asking.wait(job, progress, timeout_s))

    def rejections(self, limit: int = PAGE) -> tuple[Rejection, ...]:
        """List refused feed rows, then refused images, each with its reason."""
        return self._lead(asking.rejections(limit))

    def status(self) -> Status:
        """Count products, images and rows, and say what they are indexed with."""
        return self._lead(asking.status())

    def ready(self) -> bool:
        """Tell whether a search would be answered; BusyError if nobody is there at all."""
        return self._lead(asking.ready())

    def _lead(self, talk: Talk[T]) -> T:
        patient = patiently(talk, self._retries)
        try:
            request = next(patient)
            while True:
                request = patient.send(self._send(request))
        except StopIteration as end:
            told: T = end.value
            return told
        finally:
            patient.close()

    def _send(self, request: Request) -> Reply:
        time.sleep(request.after_s)
        try:
            return replied(self._http.send(built(self._http, request)))
        except httpx.RequestError as error:
            return failed(error)


class AsyncClient:
    """``Client`` for asyncio and trio: every method of the same name does the same, awaited."""

    def __init__(
        self, url: str = URL, key: str = "", timeout_s: float = 10.0, retries: int = 2
    ) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.AsyncClient(**options(url, key, timeout_s))
        self._retries = _checked(retries)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def search(self, image: File | None = None, **asked: Unpack[Asked]) -> Answer:
        """See ``Client.search``."""
        return await self._lead(asking.search(image, asked))

    async def search_all(
        self, image: File | None = None, page: int = PAGE, **asked: Unpack[Asked]
    ) -> AsyncIterator[Shown]:
        """See ``Client.search_all``; for ``async for``."""
        pages = Pages(image, page, asked)
        while not pages.ended:
            for product in await self._lead(pages.turn()):
                yield product

    async def similar(self, product_id: str, **asked: Unpack[Narrowed]) -> Answer:
        """See ``Client.similar``."""
        return await self._lead(asking.similar(product_id, asked))

    async def suggest(self, q: str, limit: int = 8) -> Suggested:
        """See ``Client.suggest``."""
        return await self._lead(asking.suggest(q, limit))

    async def thumbnail(self, path: str) -> bytes:
        """See ``Client.thumbnail``."""
        return await self._lead(asking.picture(path, IMAGES))

    async def similarity_map(self, path: str) -> bytes:
        """See ``Client.similarity_map``."""
        return await self._lead(asking.picture(path, MAPS))

    async def fields(self) -> tuple[Field, ...]:
        """See ``Client.fields``."""
        return await self._lead(asking.filterable())

    async def product(self, product_id: str) -> Product:
        """See ``Client.product``."""
        return await self._lead(asking.product(product_id))

    async def products(self, page: int = PAGE) -> AsyncIterator[Product]:
        """See ``Client.products``; for ``async for``."""
        after: int | None = 0
        while after is not None:
            found = await self._lead(asking.page(after, page))
            for product in found.products:
                yield product
            after = found.next

    async def put(self, product: Product, images: Iterable[File | str] = ()) -> Product:
        """See ``Client.put``."""
        return await self._lead(asking.put(product, images))

    async def remove(self, product_id: str) -> None:
        """See ``Client.remove``."""
        await self._lead(asking.remove(product_id))

    async def rules(self) -> tuple[Rule, ...]:
        """See ``Client.rules``."""
        return await self._lead(asking.rules())

    async def put_rule(self, rule: Rule) -> Rule:
        """See ``Client.put_rule``."""
        return await self._lead(asking.put_rule(rule))

    async def remove_rule(self, rule_id: str) -> None:
        """See ``Client.remove_rule``."""
        await self._lead(asking.remove_rule(rule_id))

    async def index(
        self, feed: File, progress: Watch | None = None, **how: Unpack[FeedOptions]
    ) -> Job:
        """See ``Client.index``."""
        return await self._lead(asking.index(feed, progress, how))

    async def queue(self, feed: File, **how: Unpack[FeedOptions]) -> Job:
        """See ``Client.queue``."""
        return await self._lead(asking.queue(feed, how))

    async def job(self, job_id: str) -> Job:
        """See ``Client.job``."""
        return await self._lead(asking.job(job_id))

    async def wait(
        self, job: Job | str, progress: Watch | None = None, timeout_s: float | None = None
    ) -> Job:
        """See ``Client.wait``."""
        return await self._lead(asking.wait(job, progress, timeout_s))

    async def rejections(self, limit: int = PAGE) -> tuple[Rejection, ...]:
        """See ``Client.rejections``."""
        return await self._lead(asking.rejections(limit))

    async def status(self) -> Status:
        """See ``Client.status``."""
        return await self._lead(asking.status())

    async def ready(self) -> bool:
        """See ``Client.ready``."""
        return await self._lead(asking.ready())

    async def _lead(self, talk: Talk[T]) -> T:
        patient = patiently(talk, self._retries)
        try:
            request = next(patient)
            while True:
                request = patient.send(await self._send(request))
        except StopIteration as end:
            told: T = end.value
            return told
        finally:
            patient.close()

    async def _send(self, request: Request) -> Reply:
        await anyio.sleep(request.after_s)
        try:
            return replied(await self._http.send(built(self._http, request)))
        except httpx.RequestError as error:
            return failed(error)


def _checked(retries: int) -> int:
    if retries < 0:
        raise ConfigError(f"retries = {retries} makes no sense; 0 is none")
    return retries
