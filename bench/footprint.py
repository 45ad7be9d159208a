"""How large is an installation, how fast does it start? In a virtual environment of its own.

python -m bench.footprint
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.report import print_table

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 7


def size_mb(folder: Path) -> float:
    """Add up what the files below a folder occupy, in MB (10^6 bytes)."""
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6


def seconds(command: list[str]) -> float:
    """Time a command: the median of some runs after one to warm up."""
    times: list[float] = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return sorted(times[1:])[ROUNDS // 2]


def main() -> None:
    """Install without extras, weigh it, start it."""
    with tempfile.TemporaryDirectory() as folder:
        venv = Path(folder) / "venv"
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        packages = next((venv / "lib").glob("python*")) / "site-packages"
        empty = size_mb(packages)
        pip = [str(venv / "bin" / "pip"), "install", "-q", "--only-binary=:all:"]
        constraints = str(ROOT / "constraints.txt")
        wheel = Path(folder) / "wheel"
        build = [str(venv / "bin" / "pip"), "wheel", "-q", "--no-deps", "-w", str(wheel), str(ROOT)]
        subprocess.run(build, check=True)
        built = next(wheel.glob("*.whl"))
        subprocess.run([*pip, "-c", constraints, str(built)], check=True)
        installed = size_mb(packages)
        python, shoplens = str(venv / "bin" / "python"), str(venv / "bin" / "shoplens")
        rows = [
            ["installed without extras, MB", installed - empty, 450],
            ["wheel, MB", built.stat().st_size / 1e6, ""],
            ["python -c pass, s (baseline)", seconds([python, "-c", "pass"]), ""],
            ["import shoplens, s", seconds([python, "-c", "import shoplens"]), 0.3],
            ["shoplens --help, s", seconds([shoplens, "--help"]), 0.5],
        ]
    print_table("footprint", ["what", "figure", "budget"], rows)


if __name__ == "__main__":
    main()
