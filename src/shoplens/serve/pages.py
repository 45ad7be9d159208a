"""The page, the widget and the docs: a handful of small files, read once."""

import hashlib
from importlib.resources import files

from fastapi import APIRouter, HTTPException, Request, Response

UI = files("shoplens.serve") / "ui"
PAGES = {"/": "index.html", "/rules": "rules.html", "/status": "status.html", "/docs": "docs.html"}
MEDIA_TYPES = {  # not guessed: what a system's own table says differs, and nosniff is strict
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


class Assets:
    """The files of the ``ui`` folder, in memory, each with a tag that changes with its content."""

    def __init__(self) -> None:
        self._files = {f.name: f.read_bytes() for f in UI.iterdir() if _suffix(f.name)}
        self._tags = {n: f'"{hashlib.sha256(b).hexdigest()[:16]}"' for n, b in self._files.items()}

    def answer(self, request: Request, name: str) -> Response:
        """Send a file, or say that the browser's copy is still good."""
        if name not in self._files:
            raise HTTPException(404, f"there is no {name[:100]!r} here")
        headers = {"etag": self._tags[name], "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
        media_type = MEDIA_TYPES[_suffix(name)]
        return Response(self._files[name], media_type=media_type, headers=headers)


def make_pages() -> APIRouter:
    """Make the routes to everything that a browser shows."""
    assets = Assets()
    router = APIRouter(include_in_schema=False)

    async def page(request: Request) -> Response:
        return assets.answer(request, PAGES[request.url.path])

    async def asset(request: Request, name: str) -> Response:
        return assets.answer(request, name)

    async def icon(request: Request) -> Response:
        return assets.answer(request, "icon.svg")

    for path in PAGES:
        router.add_api_route(path, page)
    router.add_api_route("/favicon.ico", icon)
    router.add_api_route("/ui/{name}", asset)
    return router


def _suffix(name: str) -> str:
    suffix = name.rpartition(".")[2]
    return suffix if suffix in MEDIA_TYPES else ""
