import sys
from pathlib import Path

import pytest

from shoplens.errors import MissingExtraError, NotFoundError
from shoplens.plugins import load


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(NotFoundError, match="no store called 'nope'; there are exact"):
        load("store", "nope", {"exact": "shoplens.store.exact:ExactStore"})


def test_a_third_party_is_named_by_its_import_string() -> None:
    assert load("thing", "pathlib:Path", {}).__name__ == "Path"


def test_a_missing_module_or_attribute_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="no thing module"):
        load("thing", "no_such_module_here:x", {})
    with pytest.raises(NotFoundError, match="has no 'nothing'"):
        load("thing", "pathlib:nothing", {})


def test_a_missing_package_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "needs_more.py").write_text("import no_such_package_here\n", "utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with pytest.raises(MissingExtraError, match=r"pip install 'shoplens\[big\]'"):
        load("encoder", "big", {"big": "needs_more:x"})
