"""Every figure of docs/benchmarks.md, one after the other; an hour and a half on two cores."""

import subprocess
import sys

MODULES = (
    *("footprint", "retrieval", "sample", "text", "composed", "colours", "indexing", "latency"),
    *("store", "batching", "hub"),
)

for module in MODULES:
    print(f"\n## python -m bench.{module}", flush=True)
    subprocess.run([sys.executable, "-m", f"bench.{module}"], check=True)
