"""The HTTP door: ``create_app`` puts gate, routes and pages around an engine that is given."""

import logging
import os
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from shoplens.config import ServeSettings
from shoplens.engine import Engine
from shoplens.errors import ShoplensError
from shoplens.serve.auth import Keys
from shoplens.serve.gate import BodyLimit, ExactPaths, Gate, Shield
from shoplens.serve.openapi import describe
from shoplens.serve.pages import make_pages
from shoplens.serve.problems import Problem, tell_problems, told
from shoplens.serve.routes import examples, products, rules, search, work
from shoplens.serve.routes.out.records import StateOut

DESCRIPTION = """A photo in, products out.

Errors are `application/problem+json` (RFC 9457). With a key set, send it as
`Authorization: Bearer KEY` or `X-API-Key: KEY`. A filter reads like
`category = "Shoes" AND price < 80 AND in_stock`.
"""
TAGS = [
    {"name": "search", "description": "Photo, words or product in, products out."},
    {"name": "rules", "description": "What a merchandiser wants of rankings."},
    {"name": "products", "description": "What the shop sells, one by one."},
    {"name": "feeds", "description": "What the shop sells, all at once, in the background."},
    {"name": "server", "description": "How the server is."},
]

_log = logging.getLogger(__name__)


class Warming:
    """Warms the engine up in a thread; ``/readyz`` says no until it is."""

    def __init__(self, warm: Callable[[], None]) -> None:
        self._warm = warm
        self._thread = threading.Thread(target=self._run, name="warm", daemon=True)
        self.ready = False
        self.failure = ""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wait(self) -> None:
        """Wait for the end: nobody may close the engine before."""
        self._thread.join()

    def _run(self) -> None:
        try:
            self._warm()
            self.ready = True
        except ShoplensError as error:
            self.failure = str(error)
            _log.error("the warm-up failed: %s", error)
        finally:
            if not self.ready and not self.failure:
                self.failure = "unforeseen, see the log of the server"


def create_app(engine: Engine) -> FastAPI:
    """Make the app around ``engine``, which stays the caller's to close.

    The caller starts the engine's worker, too.
    """
    warming = Warming(engine.warm)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        # more threads than cores only wait for each other; some spare ones send files meanwhile
        current_default_thread_limiter().total_tokens = 4 + 2 * (os.cpu_count() or 1)
        warming.start()
        yield
        warming.wait()

    app = FastAPI(
        title="Shoplens",
        description=DESCRIPTION,
        version="1",
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        middleware=_gates(engine.settings.serve),
    )
    app.state.engine = engine
    for router in (
        search.router,
        products.router,
        rules.router,
        work.router,
        _health(warming),
        make_pages(),
    ):
        app.include_router(router)
    app.include_router(examples.make_examples(engine.settings.serve.examples))
    tell_problems(app)
    app.openapi = lambda: describe(app)
    return app


def _gates(settings: ServeSettings) -> list[Middleware]:
    """List what a request passes, the outermost first."""
    origins = settings.allowed_origins
    cors = Middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=["GET", "POST"],
        allow_headers=["authorization", "x-api-key", "content-type"],
    )
    return [
        Middleware(Shield),
        *([cors] if origins else []),
        Middleware(Gate, keys=Keys.of(settings), allowed_origins=origins),
        Middleware(BodyLimit, max_bytes=settings.max_upload_bytes),
        Middleware(ExactPaths),
    ]


def _health(warming: Warming) -> APIRouter:
    router = APIRouter(tags=["server"])

    @router.get("/healthz", summary="Is it alive?")
    async def healthz() -> StateOut:  # pyright: ignore[reportUnusedFunction] - the router has it
        """Say that the process answers."""
        return StateOut("ok")

    @router.get("/readyz", summary="Is it warm?", response_model=StateOut, responses=told(503))
    async def readyz() -> StateOut | Problem:  # pyright: ignore[reportUnusedFunction] - as above
        """Say yes once a search has gone through every part."""
        if warming.ready:
            return StateOut("ready")
        if warming.failure:
            return Problem(503, f"the warm-up failed: {warming.failure}")
        return Problem(503, "still warming up; ask again", headers={"retry-after": "1"})

    return router
