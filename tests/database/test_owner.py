import os
import threading
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


def test_who_only_looks_is_in_nobodys_way(tmp_path: Path) -> None:
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            owner_of(tmp_path)

    Ownership(tmp_path).close()
    visitors = [threading.Thread(target=look) for _ in range(2)]
    for visitor in visitors:
        visitor.start()
    try:
        for _ in range(500):
            Ownership(tmp_path).close()
    finally:
        ended.set()
        for visitor in visitors:
            visitor.join()


def test_the_folder_may_be_freed_by_another_thread(tmp_path: Path) -> None:
    owner = Ownership(tmp_path)
    closing = threading.Thread(target=owner.close)
    closing.start()
    closing.join()
    assert owner_of(tmp_path) is None
