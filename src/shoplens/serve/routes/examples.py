"""``/examples``: photos that the search page offers to try, for who has none at hand."""

from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Response

from shoplens.errors import ConfigError

MOST = 12
MAX_BYTES = 1_000_000
MEDIA_TYPES = {
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
}


def make_examples(folder: Path | None) -> APIRouter:
    """Offer up to twelve photos of a folder, spread over it; without one, none.

    They are read once, at the start, so that nothing else of the folder can be asked for.

    Raises:
        ConfigError: the folder is not there, or has no photo.
    """
    photos = _chosen(folder) if folder else {}
    router = APIRouter(include_in_schema=False)

    async def listed() -> list[str]:
        return [f"/examples/{quote(name)}" for name in photos]

    async def photo(name: str) -> Response:
        if name not in photos:
            raise HTTPException(404, f"there is no photo {name[:100]!r} to try")
        media_type = MEDIA_TYPES[Path(name).suffix.lower()]
        headers = {"cache-control": "public, max-age=3600"}
        return Response(photos[name], media_type=media_type, headers=headers)

    router.add_api_route("/examples", listed)
    router.add_api_route("/examples/{name}", photo)
    return router


def _chosen(folder: Path) -> dict[str, bytes]:
    try:
        usable = sorted(
            file
            for file in folder.iterdir()
            if file.suffix.lower() in MEDIA_TYPES and file.stat().st_size <= MAX_BYTES
        )
        step = max(len(usable) // MOST, 1)
        photos = {file.name: file.read_bytes() for file in usable[::step][:MOST]}
    except OSError as error:
        raise ConfigError(f"serve.examples = {folder}: {error.strerror}") from error
    if not photos:
        raise ConfigError(
            f"serve.examples = {folder} has no photo to try; wanted JPEG, PNG or WebP of at most "
            f"{MAX_BYTES // 1_000_000} MB"
        )
    return photos
