"""The page about the clients runs as it stands."""

import os
import re
import runpy
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from served_shop import drawing

DOCS = Path(__file__).parents[2] / "docs" / "client.md"
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_block_runs_one_after_the_other(
    serve_shop: Callable[..., AbstractContextManager[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = DOCS.read_text("utf-8")
    assert page.count("```python\n") == len(PYTHON.findall(page)) >= 8
    (tmp_path / "photo.jpg").write_bytes(drawing(1, "JPEG"))
    monkeypatch.chdir(tmp_path)
    with serve_shop(serve={"api_key": "your-admin-key"}) as url:
        script = "\n".join(PYTHON.findall(page)).replace("http://127.0.0.1:8000", url)
        (tmp_path / "page.py").write_text(script + "\nshop.close()\n", "utf-8")
        runpy.run_path(os.fspath(tmp_path / "page.py"))
    told = capsys.readouterr().out
    assert "indexed ['']" in told
    assert "2 products indexed" in told
    assert "Climbing rope Wanderer hiking boot" in told
    assert "400 " in told
    assert "at character 7" in told
