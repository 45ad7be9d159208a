"""What tests of the JavaScript clients need of this machine; where it lacks that, they skip."""

import os
import shutil
from pathlib import Path

import pytest

PACKAGES = ("instantsearch.js", "playwright-core")


@pytest.fixture(scope="session")
def node() -> str:
    """The node to run JavaScript with."""
    found = shutil.which("node")
    if not found:
        pytest.skip("there is no node on this machine")
    return found


@pytest.fixture(scope="session")
def npm() -> Path:
    """A folder outside the repository with the packages installed; nothing is downloaded here."""
    folder = Path(os.environ.get("SHOPLENS_NPM", "/tmp/pw"))  # noqa: S108
    missing = [name for name in PACKAGES if not (folder / "node_modules" / name).is_dir()]
    if missing:
        pytest.skip(
            f"{folder} lacks {' and '.join(missing)}; npm install --prefix FOLDER "
            f"{' '.join(PACKAGES)}, and name it as SHOPLENS_NPM"
        )
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser to drive."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    found = found or shutil.which("google-chrome")
    if not found:
        pytest.skip("there is no chromium on this machine")
    return found
