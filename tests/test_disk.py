import os
from pathlib import Path

import pytest

from shoplens.disk import move_whole, write_whole


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "note"
    for content in (b"old", b"new and longer", b""):
        write_whole(path, content)
        assert path.read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == ["note"]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "note"
    write_whole(path, b"old")

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["note"]


def test_a_folder_gets_its_name_after_its_files_are_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = tmp_path / "draft"
    draft.mkdir()
    for name in ("a", "b"):
        (draft / name).write_bytes(name.encode())
    seen: list[bool] = []
    real = os.fsync

    def watched(number: int) -> None:
        seen.append((tmp_path / "whole").exists())
        real(number)

    monkeypatch.setattr(os, "fsync", watched)
    move_whole(draft, tmp_path / "whole")
    assert seen == [False, False, False, True], "two files, their folder, then the name"
    assert {path.read_bytes() for path in (tmp_path / "whole").iterdir()} == {b"a", b"b"}
