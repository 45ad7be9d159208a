"""``kill -9`` at any moment: whatever was reported done is there, and the same command goes on."""

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shoplens.config import Settings
from shoplens.engine import Engine
from shoplens.ingest.feeds import IndexRequest
from shoplens.types import Stage
from small_shop import MakeShop, SmallShop

KILLS = 30
CHILD = """
import sys
from pathlib import Path
from shoplens.config import read_settings
from shoplens.engine import Engine
from shoplens.ingest.feeds import IndexRequest
def told(step, done, total):
    print(step, done, total, flush=True)
index = {"threads": 2, "batch": 5}
flags = {"data": Path(sys.argv[2]), "encoder": "colour", "store": "edge", "index": index}
with Engine.open(read_settings(flags)) as engine:
    print("open", 0, 0, flush=True)
    engine.index(IndexRequest(Path(sys.argv[1])), told)
print("end", 0, 0, flush=True)
"""


def child_lines(child: subprocess.Popen[str]) -> Iterator[tuple[str, int]]:
    assert child.stdout
    for line in child.stdout:
        step, done, _ = line.split()
        yield step, int(done)


def run_and_kill(shop: SmallShop, data: Path, rng: random.Random) -> tuple[bool, int]:
    """Kill a child after a random number of lines and a random wait; tell what it reported."""
    command = [sys.executable, "-c", CHILD, str(shop.feed), str(data)]
    patience, reported = rng.randint(1, 14), 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        for place, (step, done) in enumerate(child_lines(child)):
            reported = done if step == "encode" else reported
            if step == "end":
                return True, reported
            if place == patience:
                try:
                    child.wait(rng.uniform(0, 0.02))
                except subprocess.TimeoutExpired:
                    child.kill()
    return False, reported


@pytest.mark.slow
def test_killed_at_random_points_nothing_reported_is_lost(
    make_shop: MakeShop, settings: Settings
) -> None:
    rng = random.Random(20)
    shop = make_shop(60)
    settings = settings.model_copy(update={"store": "edge"})
    kills, version = 0, 0
    before = 0
    while kills < KILLS:
        ended, reported = run_and_kill(shop, settings.data, rng)
        with Engine.open(settings) as engine:
            indexed = engine.status().products.get(Stage.INDEXED, 0)
            report = engine.verify()
        assert report.ok, (kills, report)
        assert indexed >= min(before + reported, 60), "what was reported done is indexed"
        kills += not ended
        before = indexed
        if ended:
            version += 1
            rows = shop.rows(60)
            for row in rows:
                row["price"] = f"{version}.99"
            shop.write(rows)
            before = 0
    with Engine.open(settings) as engine:
        engine.index(IndexRequest(shop.feed))
        assert engine.status().products[Stage.INDEXED] == 60
        assert engine.verify().ok
