"""A way to read a feed from bytes."""

from collections.abc import Mapping

import pytest

from shoplens.feed.read import open_feed
from small_feeds import Got, Take, take_all


@pytest.fixture(scope="session")
def take(tmp_path_factory: pytest.TempPathFactory) -> Take:
    """Write a feed, open it, read it to its end."""
    folder = tmp_path_factory.mktemp("feeds")

    def write_and_read(
        content: str | bytes,
        *,
        kind: str = "",
        mapping: Mapping[str, str] | None = None,
        name: str = "feed",
    ) -> Got:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return take_all(open_feed(path, kind=kind, mapping=mapping))

    return write_and_read
