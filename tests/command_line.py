"""The command line as real processes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 60.0


def command(*arguments: str | Path, data: Path, encoder: str = "colour") -> list[str]:
    """Write a call of the command line on the shop in ``data``."""
    shop = ["--data", str(data), "--encoder", encoder]
    return [sys.executable, "-m", "shoplens.cli", *map(str, arguments), *shop]


def run(
    *arguments: str | Path,
    data: Path,
    encoder: str = "colour",
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command(*arguments, data=data, encoder=encoder),
        capture_output=True,
        text=True,
        check=False,
        timeout=2 * PATIENCE_S,
        env={**os.environ, **(environment or {})},
    )


@contextmanager
def begun(
    *arguments: str | Path, data: Path, environment: Mapping[str, str] | None = None
) -> Generator[subprocess.Popen[str]]:
    """Run a command while the block does something else; whatever is left of it is killed."""
    with subprocess.Popen(
        command(*arguments, data=data),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def eventually(happened: Callable[[], bool], what: str) -> None:
    """Wait until something has happened, but not for ever."""
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, f"it never happened: {what}"
        time.sleep(0.01)


def one_line(stderr: str) -> str:
    """Give the last line that a command said, after any progress bars; a traceback is none."""
    assert "Traceback" not in stderr, stderr
    lines = [line for line in stderr.splitlines() if line.strip() and "━" not in line]
    return lines[-1] if lines else ""
