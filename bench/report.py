"""What every benchmark prints around its figures: the machine, the data, a table."""

import os
import platform
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def machine() -> str:
    """Name the machine: processor, cores, memory, versions."""
    cpu = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = names[0].partition(":")[2].strip() if names else cpu
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    versions = " ".join(f"{p} {metadata.version(p)}" for p in ("shoplens", "onnxruntime", "numpy"))
    python = platform.python_version()
    return f"{cores} cores of {cpu}, {memory_gb:.0f} GiB, Python {python}, {versions}"


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a Markdown table under a title."""
    print(f"\n### {title}\n\n{machine()}\n")
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(_cell(cell) for cell in row) + " |")
    print(flush=True)


def _cell(cell: object) -> str:
    return f"{cell:.3g}" if isinstance(cell, float) else str(cell)


@dataclass
class Times:
    """Durations in milliseconds, and their percentiles."""

    ms: list[float] = field(default_factory=list)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Time the block once."""
        began = time.perf_counter()
        yield
        self.ms.append((time.perf_counter() - began) * 1000)

    def at(self, percent: float) -> float:
        """Give a percentile, in milliseconds."""
        return float(np.percentile(self.ms, percent)) if self.ms else float("nan")


def resident_mb() -> float:
    """Give this process's resident memory now, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1000
    return float("nan")
