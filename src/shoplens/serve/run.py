"""Listening: the socket is taken first, so that a busy port is one clear sentence."""

import errno
import signal
import socket
import sys
import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from types import FrameType
from typing import Self

import uvicorn
from fastapi import FastAPI

from shoplens.errors import BusyError, ConfigError

GRACE_S = 10
"""How long answers that are on their way may take after Ctrl-C."""


class Listener:
    """A socket that listens already; visitors wait in line until ``run``."""

    def __init__(self, bound: socket.socket, host: str) -> None:
        self.socket = bound
        self.port: int = bound.getsockname()[1]
        shown = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
        bare = f"[{shown}]" if ":" in shown and not shown.startswith("[") else shown
        self.address = f"http://{bare}:{self.port}"

    def close(self) -> None:
        """Give the port back."""
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def listen(host: str, port: int) -> Listener:
    """Take ``port`` of ``host``; 0 takes a free one.

    Raises:
        BusyError: another program has the port.
        ConfigError: there is no such address here, or it may not be taken.
    """
    try:
        found = socket.getaddrinfo(
            host.strip("[]") or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (socket.gaierror, OverflowError, UnicodeError) as error:
        raise ConfigError(f"{host!r} is no address to listen on ({error})") from error
    family, kind, protocol, _, address = min(found, key=lambda f: f[0] != socket.AF_INET)
    bound = socket.socket(family, kind, protocol)
    try:
        if sys.platform == "win32":  # there REUSEADDR would share the port with a stranger
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(256)
    except OSError as error:
        bound.close()
        raise _told(error, host, port) from error
    return Listener(bound, host)


def make_server(app: FastAPI) -> uvicorn.Server:
    """Make the server: quiet, HTTP only; who wants its log configures ``logging``."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=GRACE_S,
    )
    return uvicorn.Server(config)


def run(app: FastAPI, listener: Listener) -> None:
    """Answer until Ctrl-C or SIGTERM, then let answers on their way finish and return."""
    with closing(listener), _ended_by_signals():
        make_server(app).run(sockets=[listener.socket])


@contextmanager
def _ended_by_signals() -> Generator[None]:
    """End the block normally when a signal ended the server.

    uvicorn raises a signal again after it has shut down; by default SIGTERM would then kill the
    process before the engine is closed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    except KeyboardInterrupt:
        return
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _told(error: OSError, host: str, port: int) -> BusyError | ConfigError:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else port - 1
        return BusyError(f"port {port} is taken by another program; use --port {other} or --port 0")
    if error.errno in {errno.EACCES, errno.EPERM}:
        return ConfigError(f"port {port} may not be taken by this user; use one above 1023")
    return ConfigError(f"cannot listen on {host or 'every address'}: {error.strerror}")
