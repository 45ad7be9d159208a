import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from served_shop import Serve, drawing
from shoplens.config import ImageSettings, SearchSettings, ServeSettings

DOCS = Path(__file__).parents[2] / "docs" / "api.md"
SECTIONS = {"serve": ServeSettings, "search": SearchSettings, "images": ImageSettings}
BLOCK = re.compile(r"^```(\w+)( problem)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, bool, str]]:
    return [(kind, bool(bad), body) for kind, bad, body in BLOCK.findall(DOCS.read_text("utf-8"))]


def shape(told: Any) -> Any:
    """Reduce an answer to its members and their kinds."""
    if isinstance(told, dict):
        return {name: shape(value) for name, value in told.items()}  # pyright: ignore[reportUnknownVariableType] - any JSON
    return type(told).__name__


@pytest.mark.skipif(not shutil.which("curl"), reason="the examples are written for curl")
def test_every_example_runs_as_it_stands_and_answers_as_it_says(
    serve: Serve, tmp_path: Path
) -> None:
    (tmp_path / "photo.jpg").write_bytes(drawing(1, "JPEG"))
    ran = 0
    answer = ""
    with serve(serve={"api_key": "your-admin-key"}) as client:
        settings = f"SHOP={str(client.base_url).rstrip('/')}\nKEY=your-admin-key\n"
        for kind, bad, body in blocks():
            if kind == "json":
                assert_like(json.loads(answer), json.loads(body))
            if kind != "bash" or "curl" not in body:
                continue
            ran += 1
            command = f"set -eu\n{settings}{body}"
            done = subprocess.run(
                ["bash", "-c", command], cwd=tmp_path, capture_output=True, check=False, timeout=60
            )
            assert done.returncode == 0, f"{body}\n{done.stderr.decode()}"
            answer = done.stdout.decode()
            if "DELETE" in body:
                assert answer == ""
            else:
                assert ("status" in json.loads(answer) and "detail" in answer) is bad, answer
    assert ran >= 13


def assert_like(told: Any, documented: Any) -> None:
    """Check that all that is documented is there, of the same kind."""
    if isinstance(documented, dict):
        for name, value in documented.items():  # pyright: ignore[reportUnknownVariableType] - any JSON
            assert name in told, f"{name} is documented, not told"
            if name != "signals":
                assert_like(told[name], value)
    elif isinstance(documented, list):
        assert isinstance(told, list)
        for one in told[:1]:  # pyright: ignore[reportUnknownVariableType] - any JSON
            assert_like(one, documented[0])
    else:
        assert isinstance(told, type(documented)), f"{told!r} is no {documented!r}"


def test_the_documented_settings_statuses_and_paths_are_real(shop: httpx.Client) -> None:
    text = DOCS.read_text("utf-8")
    paths = shop.get("/openapi.json").json()["paths"]
    for verb, path in re.findall(r"`(GET|POST|PUT|DELETE) (/v1/\S+)`", text):
        assert verb.lower() in paths[path]
    for name in re.findall(r"`((?:serve|search|images)\.\w+)", text):
        section, _, field = name.partition(".")
        assert field in SECTIONS[section].model_fields, name
    assert Path(DOCS.parent / "filters.md").exists()
