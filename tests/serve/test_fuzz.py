"""The API is asked everything that its own description allows, and much that it does not.

Each example, each edge of each field, some draws, and some visits of several steps: the same ones
every time. What comes back must be as described: the status, the content type, the shape. What is
forbidden must be refused, what is allowed accepted, and a key asked for where one is needed.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from served_shop import Serve, drawing, put

KEY = "fuzz"
CONFIG = """
[generation]
deterministic = true
database = "none"
max-examples = 3
with-security-parameters = false

# 400 is for what no JSON Schema tells, such as a filter's grammar
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "404"]

# 422 for a photo that is none, an image that is a path, an id that is not the path's
[[operations]]
include-path-regex = "^/v1/(search|products|products/{product_id})$"
include-method = ["POST", "PUT"]
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "404", "422"]

# the number 0 is no true or false, but a form writes it as one may
[[operations]]
include-path = "/v1/feeds"
[operations.checks.negative_data_rejection]
enabled = false
"""
UNGUESSED = {  # their names are hashes of pictures
    "GET /v1/images/{image_hash}.webp",
    "GET /v1/maps/{ref}/{image_hash}.webp",
}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_api_does_what_its_description_says(serve: Serve, tmp_path: Path) -> None:
    settings = {"max_upload_bytes": 1_000_000, "api_key": KEY}
    with serve(serve=settings, search={"max_k": 100}) as client:
        client.headers["X-API-Key"] = KEY
        for i, product_id in enumerate(("boot-1", "boot-2", "boot-3")):
            put(client, product_id, drawing(i), price=100 + i, brand="Daybird")
        fuzz(f"{str(client.base_url).rstrip('/')}/openapi.json", tmp_path)
        described = client.get("/openapi.json").json()["paths"]
    every = [f"{verb.upper()} {path}" for path, verbs in described.items() for verb in verbs]
    answered = statuses(tmp_path / "fuzz.har", every)
    assert 500 not in set[int]().union(*answered.values())
    assert {name for name in every if not answered[name] & {200, 201, 202, 204}} == UNGUESSED


def fuzz(description: str, folder: Path) -> None:
    """Ask as the description at an address says; fail with what Schemathesis says was wrong."""
    settings, report = folder / "fuzz.toml", folder / "fuzz.har"
    settings.write_text(CONFIG, "utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings)]
    command += ["run", description, "-H", f"X-API-Key: {KEY}", "--no-color"]
    command += ["--report", "har", "--report-har-path", str(report)]
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode()[-20_000:]


def statuses(report: Path, operations: list[str]) -> dict[str, set[int]]:
    """Tell how each operation has answered; the report knows only addresses."""
    found = {name: set[int]() for name in operations}
    shapes = {
        name: re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(name))) for name in operations
    }
    for entry in json.loads(report.read_text("utf-8"))["log"]["entries"]:
        url: str = entry["request"]["url"]
        asked = f"{entry['request']['method']} {urlsplit(url).path}"
        for name, shape in shapes.items():
            if shape.fullmatch(asked):
                found[name].add(entry["response"]["status"])
    return found
