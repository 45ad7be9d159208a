import errno
import os
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.errors import StorageError
from shoplens.learn.fitting.checkpoint import Checkpoints

WEIGHT = torch.arange(6.0).reshape(2, 3)
STATE = {"model": {"weight": WEIGHT}, "history": [(0.5, 0.25)]}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path / "new" / "one.pt", "key")
    assert kept.read() is None
    kept.write(STATE)
    kept.write({**STATE, "history": [(0.5, 0.25), (0.4, 0.5)]})
    found = kept.read()
    assert found is not None
    assert found["history"] == [(0.5, 0.25), (0.4, 0.5)]
    torch.testing.assert_close(found["model"]["weight"], WEIGHT)
    assert [file.name for file in kept.path.parent.iterdir()] == ["one.pt"]


def test_another_training_s_file_is_none(tmp_path: Path) -> None:
    Checkpoints(tmp_path / "one.pt", "key").write(STATE)
    assert Checkpoints(tmp_path / "one.pt", "other").read() is None


@settings(max_examples=60, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 8))
def test_a_damaged_file_is_none(
    place: float, bit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Eight stands for a file that ends there."""
    kept = Checkpoints(tmp_path_factory.getbasetemp() / "damaged.pt", "key")
    kept.write(STATE)
    content = bytearray(kept.path.read_bytes())
    at = int(place * len(content))
    if bit == 8:
        del content[at:]
    else:
        content[at] ^= 1 << bit
    kept.path.write_bytes(content)
    assert kept.read() is None


def test_a_folder_in_its_place_is_told_and_none(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path / "one.pt", "key")
    kept.path.mkdir()
    assert kept.read() is None
    with pytest.raises(StorageError, match=r"one\.pt cannot be written .* run the same command"):
        kept.write(STATE)


def test_a_full_disk_leaves_the_file_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Checkpoints(tmp_path / "one.pt", "key")
    kept.write(STATE)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="the disk is full"):
        kept.write({**STATE, "history": []})
    assert [file.name for file in tmp_path.iterdir()] == ["one.pt"]
    monkeypatch.undo()
    found = kept.read()
    assert found is not None
    assert found["history"] == STATE["history"]
