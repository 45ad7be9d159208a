"""What the tests of indexing say to each other."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from shoplens.indexing.workbench import IndexCounts

Put = Callable[..., None]
"""Puts a product by its id and the names of its images."""
Work = Callable[..., IndexCounts]
"""Indexes what is pending."""


@dataclass(frozen=True, slots=True)
class PictureServer:
    """Serves ``pictures`` by path; one that is None never comes, until ``ended``."""

    host: str
    pictures: dict[str, bytes | None] = field(default_factory=dict[str, bytes | None])
    asked: list[str] = field(default_factory=list[str])
    ended: threading.Event = field(default_factory=threading.Event)

    def put(self, path: str, picture: bytes | None) -> str:
        self.pictures[path] = picture
        return f"http://{self.host}{path}"
