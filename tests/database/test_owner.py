import os
from pathlib import Path

import pytest

from shoplens.database.owner import Owner, Ownership, owner_of
from shoplens.errors import BusyError, StorageError


def test_a_free_folder_has_no_owner(tmp_path: Path) -> None:
    assert owner_of(tmp_path) is None
    Ownership(tmp_path).close()
    assert owner_of(tmp_path) is None


def test_the_second_owner_is_told_who_is_first(tmp_path: Path) -> None:
    first = Ownership(tmp_path, address="http://127.0.0.1:8000")
    assert owner_of(tmp_path) == Owner(os.getpid(), "http://127.0.0.1:8000")
    with pytest.raises(BusyError, match=rf"process {os.getpid()} at http://127.0.0.1:8000"):
        Ownership(tmp_path)
    first.close()
    Ownership(tmp_path).close()


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(StorageError, match="--data"):
        Ownership(tmp_path / "file" / "data")
