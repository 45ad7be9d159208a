from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shoplens.errors import MismatchError, NotFoundError, StorageError
from shoplens.predict.files import read_heads, write_heads
from shoplens.predict.heads import Head, Heads, Layer


def drawn(hidden: int) -> Heads:
    rng = np.random.default_rng(hidden)
    first = Layer(rng.normal(size=(hidden, 5)).astype(np.float32), np.ones(hidden, np.float32))
    wide = hidden or 5
    heads = [
        Head(
            task,
            labels,
            Layer(rng.normal(size=(len(labels), wide)).astype(np.float32),
                  rng.normal(size=len(labels)).astype(np.float32)),
            0.7,
            0.9,
        )
        for task, labels in (("category 1", ("a", "b > c")), ("颜色", ("红", "蓝", "o'ne")))
    ]  # fmt: skip
    return Heads("tower", first if hidden else None, tuple(heads))


@pytest.mark.parametrize("hidden", [0, 4])
def test_heads_come_back_as_they_were(tmp_path: Path, hidden: int) -> None:
    heads = drawn(hidden)
    write_heads(tmp_path / "new" / "heads.npz", heads)
    again = read_heads(tmp_path / "new" / "heads.npz", "tower")
    assert [(h.task, h.labels, h.temperature, h.threshold) for h in again.heads] == [
        (h.task, h.labels, h.temperature, h.threshold) for h in heads.heads
    ]
    rows = np.random.default_rng(1).normal(size=(3, 5)).astype(np.float32)
    for task, told in heads.predict(rows).items():
        assert (again.predict(rows)[task].probabilities == told.probabilities).all()


def test_heads_of_another_tower_are_refused(tmp_path: Path) -> None:
    write_heads(tmp_path / "heads.npz", drawn(0))
    with pytest.raises(MismatchError, match="embeddings of tower, this shop has those of other"):
        read_heads(tmp_path / "heads.npz", "other")


def test_a_missing_file_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="shoplens tag --train"):
        read_heads(tmp_path / "heads.npz", "tower")


@pytest.mark.parametrize("content", [b"", b"no heads", b"PK\x03\x04 cut off"])
def test_another_file_is_told_not_crashed_on(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "heads.npz").write_bytes(content)
    with pytest.raises(MismatchError, match="holds no heads"):
        read_heads(tmp_path / "heads.npz", "tower")


def test_a_file_that_lacks_a_part_is_told(tmp_path: Path) -> None:
    np.savez(tmp_path / "heads.npz", version=np.array(1), tasks=np.array(["colour"]))
    with pytest.raises(MismatchError, match="holds no heads"):
        read_heads(tmp_path / "heads.npz", "tower")


def test_what_cannot_be_written_is_told_and_the_old_file_stays(tmp_path: Path) -> None:
    write_heads(tmp_path / "heads.npz", drawn(0))
    (tmp_path / "heads.npz.draft").mkdir()
    with pytest.raises(StorageError, match="cannot be written"):
        write_heads(tmp_path / "heads.npz", replace(drawn(0), fingerprint="other"))
    assert read_heads(tmp_path / "heads.npz", "tower").fingerprint == "tower"
