"""Every figure of docs/benchmarks.md, one after the other; about half an hour on two cores."""

import subprocess
import sys

MODULES = ("footprint", "retrieval", "sample", "text", "colours", "indexing", "latency", "store")

for module in MODULES:
    print(f"\n## python -m bench.{module}", flush=True)
    subprocess.run([sys.executable, "-m", f"bench.{module}"], check=True)
