"""What may run a network: our names for ONNX Runtime's execution providers, and their options."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import takewhile

from shoplens.errors import ConfigError

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Provider:
    """What ONNX Runtime calls it, and the package that brings it."""

    official: str
    package: str


PROVIDERS = {
    "cuda": Provider("CUDAExecutionProvider", "onnxruntime-gpu"),
    "coreml": Provider("CoreMLExecutionProvider", "onnxruntime on macOS"),
    "openvino": Provider("OpenVINOExecutionProvider", "onnxruntime-openvino"),
    "cpu": Provider("CPUExecutionProvider", "onnxruntime"),
}
"""By name, the one first that ``auto`` tries first."""


def known(installed: Collection[str]) -> tuple[str, ...]:
    """Name those of ours that are among ONNX Runtime's ``installed``, the best first."""
    return tuple(name for name, each in PROVIDERS.items() if each.official in installed)


def order(wanted: Iterable[str], installed: Collection[str]) -> tuple[str, ...]:
    """Tell which to try, one after the other: as ``wanted``, and ``cpu`` in any case at the end.

    Raises:
        ConfigError: one was named that does not exist, or that is not installed.
    """
    there = known(installed)
    tried: list[str] = []
    for name in wanted:
        tried += there if name == AUTO else (_checked(name, there),)
    # Whatever opens at all opens on the processor: none has its turn after that.
    before = takewhile(lambda name: name != "cpu", tried)
    return (*dict.fromkeys(before), "cpu")


def options(name: str, threads: int, memory_mb: int) -> dict[str, str]:
    """Give the options of a provider, in ONNX Runtime's words; ``memory_mb`` 0 is no ceiling."""
    if name == "cuda":
        # Growing by what is asked for: the other way takes up to twice that from other processes.
        limit = {"gpu_mem_limit": str(memory_mb * 1_000_000)} if memory_mb else {}
        return {"arena_extend_strategy": "kSameAsRequested", **limit}
    if name == "openvino":
        return {"device_type": "CPU", "precision": "FP32", "num_of_threads": str(threads)}
    if name == "coreml":
        return {"ModelFormat": "MLProgram", "MLComputeUnits": "ALL"}
    return {}


def _checked(name: str, there: tuple[str, ...]) -> str:
    if name not in PROVIDERS:
        raise ConfigError(
            f"no provider is called {name!r}; there are {', '.join(PROVIDERS)} and {AUTO} "
            "(inference.providers)"
        )
    if name not in there:
        raise ConfigError(
            f"the provider {name!r} is not installed, only {', '.join(there)} (inference.providers)"
            f"; it comes with the package {PROVIDERS[name].package}"
        )
    return name
