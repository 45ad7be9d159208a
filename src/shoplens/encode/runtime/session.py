"""Networks in ONNX files, opened and run: what serves imports onnxruntime here and nowhere else."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import onnxruntime  # pyright: ignore[reportMissingTypeStubs]  # it ships none

from shoplens.encode.runtime.providers import PROVIDERS, known, options, order
from shoplens.errors import MismatchError

# Untyped as it is, pyright is told once; what is used of a session is typed by _Opened.
_RUNTIME: Any = onnxruntime
_STATES = _RUNTIME.capi.onnxruntime_pybind11_state
REFUSALS: tuple[type[Exception], ...] = (
    _STATES.EPFail,
    _STATES.Fail,
    _STATES.InvalidArgument,
    _STATES.InvalidGraph,
    _STATES.InvalidProtobuf,
    _STATES.NoSuchFile,
    _STATES.NotImplemented,
    _STATES.RuntimeException,
    UnicodeDecodeError,  # from its own message about a damaged name
)
"""What opening or running a network ends in when its file or its input is not right."""
_NO_START = (*REFUSALS, MismatchError, RuntimeError, ValueError)
"""What a provider ends in that is installed and not at home here: no device, no driver."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Running:
    """How networks run: ``providers`` in order of preference, ``memory_mb`` 0 without a ceiling.

    Names are those of ``providers.PROVIDERS``, and ``auto`` for the best that works here.
    """

    providers: tuple[str, ...] = ("cpu",)
    threads: int = 1
    memory_mb: int = 0


@runtime_checkable
class _Node(Protocol):
    name: str
    shape: list[int | str | None]


@runtime_checkable
class _Metadata(Protocol):
    custom_metadata_map: dict[str, str]


@runtime_checkable
class _Opened(Protocol):
    def run(
        self, output_names: list[str], input_feed: dict[str, np.ndarray]
    ) -> list[np.ndarray]: ...
    def get_inputs(self) -> list[_Node]: ...
    def get_outputs(self) -> list[_Node]: ...
    def get_modelmeta(self) -> _Metadata: ...
    def get_providers(self) -> list[str]: ...


class Session:
    """One network; may be called from several threads at once.

    Each call computes in its caller's thread (plus ``threads - 1`` others) without holding
    Python's lock. ``provider`` is the one that runs it; ``inputs`` and ``outputs`` give shapes by
    name, their batch included.
    """

    def __init__(
        self,
        model: Path | bytes,
        running: Running = Running(),
        prove: Callable[["Session"], None] | None = None,
    ) -> None:
        """Open a network with the first provider that opens it and passes ``prove``.

        By its path it takes less memory, and finds weights that lie in a file beside it; ``bytes``
        are for a content that was hashed just now. Of a provider that fails, the log tells.

        Raises:
            ConfigError: a provider was named that is not there.
            REFUSALS: the processor itself cannot open it; or what ``prove`` raises.
        """
        tried = order(running.providers, _RUNTIME.get_available_providers())
        for name, then in pairwise(tried):
            try:
                self._start(model, running, name)
                if prove:
                    prove(self)
            except _NO_START as error:
                _LOG.warning("%s cannot run this network, taking %s: %s", name, then, error)
            else:
                return
        self._start(model, running, tried[-1])
        if prove:
            prove(self)

    def _start(self, model: Path | bytes, running: Running, name: str) -> None:
        self._opened = _open(model, running, name)
        self.provider: str = name
        self.metadata: Mapping[str, str] = self._opened.get_modelmeta().custom_metadata_map
        self.inputs: Mapping[str, tuple[int | str, ...]] = _shapes(self._opened.get_inputs())
        self.outputs: Mapping[str, tuple[int | str, ...]] = _shapes(self._opened.get_outputs())

    def run(self, output: str, feed: Mapping[str, np.ndarray]) -> np.ndarray:
        """Compute one output (REFUSALS: an input is not right, or memory ran out)."""
        return self._opened.run([output], dict(feed))[0]


def available() -> tuple[str, ...]:
    """Name the providers that are installed here, the best first."""
    return known(_RUNTIME.get_available_providers())


def _open(model: Path | bytes, running: Running, name: str) -> _Opened:
    settings = _RUNTIME.SessionOptions()
    settings.intra_op_num_threads = running.threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 3
    # Waiting threads sleep instead of spinning: the other cores have decoding to do.
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The arena is shared by all threads and grows to what runs at once: with 40 threads 245 MB
    # in all, against 290 without it; planning it ahead ("pattern") makes that 470.
    settings.enable_cpu_mem_arena = True
    settings.enable_mem_pattern = False
    # What the first of them cannot compute of a network, the processor does.
    names = dict.fromkeys((name, "cpu"))
    providers = [
        (PROVIDERS[each].official, options(each, running.threads, running.memory_mb))
        for each in names
    ]
    opened: _Opened = _RUNTIME.InferenceSession(
        model if isinstance(model, bytes) else str(model),
        settings,
        providers=providers,
        # Its own way back to the processor prints, and hides what runs the network.
        enable_fallback=0,
    )
    if opened.get_providers()[0] != PROVIDERS[name].official:
        raise MismatchError(f"{PROVIDERS[name].official} did not start")
    return opened


def _shapes(nodes: list[_Node]) -> dict[str, tuple[int | str, ...]]:
    return {node.name: tuple("?" if n is None else n for n in node.shape) for node in nodes}
