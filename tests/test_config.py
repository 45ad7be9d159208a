from pathlib import Path

import pytest

from shoplens.config import read_settings
from shoplens.errors import ConfigError


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_flag_beats_the_environment_beats_the_file_beats_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert read_settings().search.k == 12
    Path("shoplens.toml").write_text("[search]\nk = 3\nmax_text = 50\n", "utf-8")
    assert read_settings().search.k == 3
    monkeypatch.setenv("SHOPLENS_SEARCH__K", "4")
    assert read_settings({"search": {"k": None}}).search.k == 4
    found = read_settings({"search": {"k": 5}}).search
    assert (found.k, found.max_text) == (5, 50), "sections are merged, not replaced"


def test_every_senseless_setting_is_named() -> None:
    with pytest.raises(ConfigError) as raised:
        read_settings({"search": {"k": 0}, "bogus": 1})
    assert "search.k" in str(raised.value)
    assert "bogus" in str(raised.value)


def test_a_broken_file_is_a_config_error() -> None:
    Path("shoplens.toml").write_text("[search\n", "utf-8")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_settings()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read_settings().search.k = 3
