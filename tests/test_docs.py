"""What the pages say is what the code does: settings, commands, errors, links."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from shoplens import errors
from shoplens.cli.main import COMMANDS
from shoplens.config import Settings
from shoplens.search.fuse import WEIGHTS
from shoplens.store.edge.store import EXACT_BELOW

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def settings_rows(section: type[BaseModel], prefix: str = "") -> list[str]:
    rows: list[str] = []
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            rows += settings_rows(kind, f"{prefix}{name}.")
        else:
            factory = field.default_factory
            default = "one a core" if factory else str(field.default)
            told = (field.description or "").replace("*", r"\*")  # or Markdown makes it italic
            rows.append(f"| `{prefix}{name}` | {default or 'empty'} | {told} |")
    return rows


def test_every_setting_stands_in_the_docs_with_its_default() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    missing = [row for row in settings_rows(Settings) if row not in page]
    assert not missing, "put these lines into docs/settings.md:\n" + "\n".join(missing)


def test_every_command_and_error_stands_in_the_docs() -> None:
    told = "\n".join(page.read_text("utf-8") for page in PAGES)
    names = [f"shoplens {name}" for name in COMMANDS]
    names += re.findall(r"\w+Error", errors.__doc__ or "")
    assert [name for name in names if name not in told] == []


def test_the_signals_stand_in_the_docs_with_their_weights() -> None:
    page = (ROOT / "docs" / "searching.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \|.*\| (\d+) \|$", page, re.MULTILINE))
    assert {name: float(weight) for name, weight in told.items()} == WEIGHTS
    assert f"Up to {EXACT_BELOW:,} pictures" in page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_readme_shows_a_result_in_its_first_thirty_lines() -> None:
    first = (ROOT / "README.md").read_text("utf-8").splitlines()[:30]
    assert any("docs/images/" in line for line in first)
    assert any("make demo" in line for line in first)
