"""Shoplens: self-hosted visual search and recommendation for any shop.

Start with ``types``, then ``engine``, then the rooms in the order of the data. To ask a server
from Python: ``shoplens.Client``, ``shoplens.AsyncClient``, imported only when they are named.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shoplens.client.clients import AsyncClient, Client

__all__ = ["AsyncClient", "Client"]


def __getattr__(name: str) -> object:
    """Import a client on its first use: ``shoplens --help`` needs neither it nor httpx."""
    if name in __all__:
        return getattr(import_module("shoplens.client.clients"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
