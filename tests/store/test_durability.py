"""What was acknowledged survives; what is damaged is said to be."""

import json
import os
import random
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import store_writer
from shoplens.errors import BusyError, MismatchError, StorageError
from shoplens.store.base import Dims, Store, open_store
from shoplens.types import Compare
from store_rows import COLOUR_DIM, DIM, DIMS, TEXT_DIM, plain_row


def opened(kind: str, folder: Path) -> Store:
    return open_store(kind, folder, DIMS)


def writer(kind: str, folder: Path, first: int) -> subprocess.Popen[str]:
    command = [sys.executable, store_writer.__file__, kind, str(folder), str(first)]
    path = os.pathsep.join(p for p in sys.path if p)
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    )


def acknowledged_until_killed(child: subprocess.Popen[str], lines: int) -> list[tuple[str, int]]:
    """Kill after so many lines; what was said but not read yet counts as well."""
    assert child.stdout is not None
    said: list[str] = [child.stdout.readline() for _ in range(lines)]
    child.kill()
    said += child.stdout.readlines()
    child.stdout.close()
    child.wait()
    return [(word, int(i)) for word, i in (line.split() for line in said if line.endswith("\n"))]


def check(store: Store, first: int, acknowledged: list[tuple[str, int]]) -> None:
    """Every acknowledged round is there whole; at most one write more may have been done."""
    kept = {i for word, i in acknowledged if word == "kept"}
    gone = {i for word, i in acknowledged if word == "gone"}
    there: dict[int, list[int]] = {}
    for product_id, row_id in store.rows():
        there.setdefault(int(product_id[1:]), []).append(row_id)
    last = max(kept, default=first - 1)
    for i in kept - gone - {max(gone, default=first - 3) + 1}:
        assert there[i] == [i * 4, i * 4 + 1, i * 4 + 2]
    assert not gone & there.keys()
    assert max(there, default=last) <= last + 1
    assert store.count(Compare("round", "=", float(last))) == 3
    query = plain_row(last * 4).picture
    assert query is not None
    best = store.search("picture", query / np.linalg.norm(query), 100)
    assert last * 4 in {candidate.row_id for candidate in best}


@pytest.mark.parametrize(("kind", "kills"), [("edge", 10), ("exact", 10)])
def test_kill_9_at_any_moment_loses_nothing_acknowledged(
    kind: str, kills: int, tmp_path: Path
) -> None:
    chance, first = random.Random(kind), 1000
    for _ in range(kills):
        child = writer(kind, tmp_path, first)
        acknowledged = acknowledged_until_killed(child, chance.randint(3, 60))
        with closing(opened(kind, tmp_path)) as store:
            check(store, first, acknowledged)
        first = max(i for word, i in acknowledged if word == "kept") + 10
    with closing(opened(kind, tmp_path)) as store:
        query = np.ones(DIM, np.float32)
        found = [candidate.row_id for candidate in store.search("picture", query, 1000)]
        assert sorted(found) == [row_id for _, row_id in store.rows()]


@pytest.fixture
def filled(kind: str, tmp_path: Path) -> Path:
    """The folder of a closed store with five rows."""
    with closing(opened(kind, tmp_path)) as store:
        store.upsert([plain_row(i) for i in range(5)])
    return tmp_path


def test_a_second_process_is_told_that_the_store_is_busy(kind: str, tmp_path: Path) -> None:
    child = writer(kind, tmp_path, 1000)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "kept 1000\n"
        with pytest.raises(BusyError, match="open elsewhere; stop that process"):
            opened(kind, tmp_path)
    finally:
        child.kill()
        child.communicate()
    opened(kind, tmp_path).close()


def test_a_second_store_in_this_process_is_busy_too(kind: str, filled: Path) -> None:
    with closing(opened(kind, filled)), pytest.raises(BusyError):
        opened(kind, filled)
    opened(kind, filled).close()


def test_closing_twice_is_no_trouble(kind: str, filled: Path) -> None:
    store = opened(kind, filled)
    store.close()
    store.close()


def test_other_dimensions_or_another_kind_are_refused(kind: str, filled: Path) -> None:
    with pytest.raises(MismatchError, match=r"6 \(picture\), 4 \(text\).* 3 .*not 8 .*--rebuild"):
        open_store(kind, filled, Dims(8, TEXT_DIM, COLOUR_DIM))
    other = {"exact": "edge", "edge": "exact"}[kind]
    with pytest.raises(MismatchError, match=f"kind '{kind}', not '{other}'"):
        opened(other, filled)
    with closing(opened(kind, filled)) as store:
        assert store.count() == 5


def test_a_folder_from_before_there_were_colours_asks_to_be_rebuilt(
    kind: str, filled: Path
) -> None:
    note = json.loads((filled / "store.json").read_text())
    del note["colour_dim"]
    (filled / "store.json").write_text(json.dumps(note))
    with pytest.raises(MismatchError, match=r"and 0 \(colour\).* 3 \(colour\).*index --rebuild"):
        opened(kind, filled)


def test_a_lost_note_is_not_taken_for_an_empty_store(kind: str, filled: Path) -> None:
    (filled / "store.json").unlink()
    with pytest.raises(StorageError, match="shoplens index --rebuild"):
        opened(kind, filled)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"kind": 1, "more": 2}'])
def test_a_broken_note_is_named(kind: str, filled: Path, content: str) -> None:
    (filled / "store.json").write_text(content)
    with pytest.raises(StorageError, match=r"store\.json cannot be read .* index --rebuild"):
        opened(kind, filled)


def test_a_folder_that_cannot_be_made_is_named(kind: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="file"):
        opened(kind, tmp_path / "file")


@pytest.mark.parametrize(
    ("part", "empty"),
    [("segments", False), ("segments", True), ("wal", False), ("edge_config.json", False)],
)
def test_a_half_deleted_edge_folder_is_named(
    part: str,
    empty: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    with closing(opened("edge", tmp_path)) as store:
        store.upsert([plain_row(1)])
    shard = tmp_path / json.loads((tmp_path / "store.json").read_text())["place"]
    (shard / part).rename(tmp_path / "elsewhere")
    if empty:
        (shard / part).mkdir()
    with pytest.raises(StorageError, match=f"lost its {part}; .* index --rebuild"):
        opened("edge", tmp_path)
    if empty:
        (shard / part).rmdir()
    (tmp_path / "elsewhere").rename(shard / part)
    with closing(opened("edge", tmp_path)) as store:
        assert store.count() == 1


def test_a_damaged_edge_folder_is_named(tmp_path: Path) -> None:
    with closing(opened("edge", tmp_path)) as store:
        store.upsert([plain_row(1)])
    next(tmp_path.glob("shard-*/segments/*/segment.json")).write_text("{")
    with pytest.raises(StorageError, match=r"failed to open .* index --rebuild"):
        opened("edge", tmp_path)


@pytest.mark.parametrize("cut", [1, 5, 100])
def test_a_batch_cut_short_is_dropped_whole(cut: int, tmp_path: Path) -> None:
    log = tmp_path / "rows.log"
    with closing(opened("exact", tmp_path)) as store:
        store.upsert([plain_row(1)])
        before = log.stat().st_size
        store.upsert([plain_row(2), plain_row(3)])
    os.truncate(log, log.stat().st_size - cut)
    with closing(opened("exact", tmp_path)) as store:
        assert list(store.rows()) == [("p1", 1)]
        assert log.stat().st_size == before
        store.upsert([plain_row(4)])
    with closing(opened("exact", tmp_path)) as store:
        assert list(store.rows()) == [("p1", 1), ("p4", 4)]


def test_a_log_damaged_in_the_middle_is_named(tmp_path: Path) -> None:
    with closing(opened("exact", tmp_path)) as store:
        store.upsert([plain_row(1)])
        store.upsert([plain_row(2)])
    with (tmp_path / "rows.log").open("r+b") as log:
        log.seek(40)
        log.write(b"????")
    with pytest.raises(StorageError, match=r"damaged at byte 0; .* index --rebuild"):
        opened("exact", tmp_path)


def test_a_log_of_dead_rows_is_rewritten(tmp_path: Path) -> None:
    sizes: list[int] = []
    with closing(opened("exact", tmp_path)) as store:
        for _ in range(5):
            store.upsert([plain_row(i) for i in range(10)])
            sizes.append((tmp_path / "rows.log").stat().st_size)
        store.optimise()
        assert (tmp_path / "rows.log").stat().st_size == sizes[0]
        store.delete([f"p{i}" for i in range(10)])
    assert (tmp_path / "rows.log").stat().st_size == 0
    with closing(opened("exact", tmp_path)) as store:
        assert store.count() == 0


def nearly_full(_: Path) -> SimpleNamespace:
    return SimpleNamespace(free=4 << 20)


def test_a_full_disk_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(opened("edge", tmp_path)) as store:
        store.upsert([plain_row(1)])
        with monkeypatch.context() as patched:
            patched.setattr(shutil, "disk_usage", nearly_full)
            with pytest.raises(StorageError, match="4 MB of free disk; the store needs 256 MB"):
                store.upsert([plain_row(2)])
        assert store.count() == 1
        store.upsert([plain_row(2)])
        assert store.count() == 2
