"""What only Edge can get wrong: its graph, its exchange of shards, its indexes."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.errors import StorageError
from shoplens.store.base import Dims
from shoplens.store.edge import shard as edge_shard
from shoplens.store.edge.filters import OWN_INDEXES, key_of
from shoplens.store.edge.rows import HEAD
from shoplens.store.edge.store import EdgeStore
from shoplens.store.exact import ExactStore
from shoplens.types import Compare, Embeddings, FieldKind, Row, Space
from store_rows import DIM, DIMS, plain_row

N, WIDE = 5000, 64


def clustered(n: int, dim: int, rng: np.random.Generator) -> Embeddings:
    """Unit vectors in clusters that lie near a 16-dimensional plane, as embeddings do."""
    inner = rng.normal(size=(100, 16))[rng.integers(0, 100, n)] + 0.6 * rng.normal(size=(n, 16))
    spread = inner @ rng.normal(size=(16, dim)) + rng.normal(size=(n, dim))
    return (spread / np.linalg.norm(spread, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EdgeStore, ExactStore]]:
    """The same 5,000 rows in an optimised Edge store that never scans, and in the oracle."""
    rng = np.random.default_rng(5)
    pictures, texts = clustered(N, WIDE, rng), clustered(N, WIDE, rng)
    rows = [
        Row(i, f"p{i}", "", 0, pictures[i], texts[i], None, {"half": i % 2 == 0}) for i in range(N)
    ]
    folder = tmp_path_factory.mktemp("pair")
    edge = EdgeStore(folder / "edge", Dims(WIDE, WIDE, WIDE), exact_below=0, index_above=0)
    with closing(edge), closing(ExactStore(folder / "exact", Dims(WIDE, WIDE, WIDE))) as exact:
        edge.declare({"half": "boolean"})
        for store in (edge, exact):
            store.upsert(rows)
        edge.optimise()
        yield edge, exact


@pytest.mark.parametrize("space", ["picture", "text"])
@pytest.mark.parametrize("allowed", [None, Compare("half", "=", value=True)])
@pytest.mark.parametrize("k", [10, 100])
def test_the_graph_finds_98_of_100(
    pair: tuple[EdgeStore, ExactStore], space: Space, allowed: Compare | None, k: int
) -> None:
    edge, exact = pair
    found = right = 0
    for query in clustered(40, WIDE, np.random.default_rng(6)):
        true = [c.row_id for c in exact.search(space, query, N)]
        true = [i for i in true if allowed is None or i % 2 == 0][:k]
        best = edge.search(space, query, k, allowed)
        assert len(best) == k
        scores = [(-c.score, c.row_id) for c in best]
        assert scores == sorted(scores)
        found, right = found + len(true), right + len({*true} & {c.row_id for c in best})
    assert right / found >= 0.98


def test_the_graph_scores_with_the_true_vectors(pair: tuple[EdgeStore, ExactStore]) -> None:
    edge, exact = pair
    (query,) = clustered(1, WIDE, np.random.default_rng(7))
    true = {c.row_id: c.score for c in exact.search("picture", query, N)}
    for candidate in edge.search("picture", query, 50):
        assert candidate.score == pytest.approx(true[candidate.row_id], abs=1e-5)


def shards(folder: Path) -> list[Path]:
    return sorted(folder.glob("shard-*"))


def test_optimising_leaves_one_shard_and_every_row(tmp_path: Path) -> None:
    with closing(EdgeStore(tmp_path, DIMS, index_above=0)) as store:
        store.upsert([plain_row(i, kept={"half": i % 2 == 0}) for i in range(300)])
        store.declare({"half": "boolean"})
        (before,) = shards(tmp_path)
        store.optimise()
        (after,) = shards(tmp_path)
        assert before != after
        store.optimise()
        assert shards(tmp_path) == [after], "nothing new: nothing to do"
        assert store.count(Compare("half", "=", value=True)) == 150
    with closing(EdgeStore(tmp_path, DIMS)) as store:
        assert [row_id for _, row_id in store.rows()] == list(range(300))


def test_a_small_store_is_not_worth_optimising(tmp_path: Path) -> None:
    with closing(EdgeStore(tmp_path, DIMS)) as store:
        store.upsert([plain_row(i) for i in range(300)])
        before = shards(tmp_path)
        store.optimise()
        assert shards(tmp_path) == before


def test_what_is_written_while_optimising_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = EdgeStore(tmp_path, DIMS, index_above=0)
    store.upsert([plain_row(i) for i in range(300)])
    run = edge_shard.Optimiser.run

    def run_beside_writes(self: edge_shard.Optimiser, copy: Path) -> None:
        store.upsert([plain_row(7, kept={"late": "yes"}), plain_row(900, kept={"late": "yes"})])
        store.delete(["p3", "p900"])
        store.declare({"late": "keyword"})
        store.upsert([plain_row(901), plain_row(8, words=None)])
        run(self, copy)
        store.delete(["p4"])

    monkeypatch.setattr(edge_shard.Optimiser, "run", run_beside_writes)
    store.optimise()
    for _ in range(2):
        assert store.count(Compare("late", "=", "yes")) == 1
        kept = [row_id for _, row_id in store.rows()]
        assert kept == [i for i in range(300) if i not in {3, 4}] + [901]
        (_, picture), expected = store.pictures("p901")[0], plain_row(901).picture
        np.testing.assert_array_equal(picture, expected)
        store.close()
        store = EdgeStore(tmp_path, DIMS)
    store.close()


@pytest.mark.parametrize("child", ["raise SystemExit('out of memory')", "import os; os.abort()"])
def test_a_failed_optimisation_changes_nothing(
    child: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge_shard, "_CHILD", child)
    with closing(EdgeStore(tmp_path, DIMS, index_above=0)) as store:
        store.upsert([plain_row(i) for i in range(300)])
        before = shards(tmp_path)
        with pytest.raises(StorageError, match=r"stays as it was: (out of memory|its process)"):
            store.optimise()
        assert shards(tmp_path) == before
        store.upsert([plain_row(300)])
        assert store.count() == 301


def test_closing_gives_up_a_running_optimisation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge_shard, "_CHILD", "import time; time.sleep(600)")
    store = EdgeStore(tmp_path, DIMS, index_above=0)
    store.upsert([plain_row(i) for i in range(300)])
    failed: list[StorageError] = []

    def optimise() -> None:
        try:
            store.optimise()
        except StorageError as error:
            failed.append(error)

    thread = threading.Thread(target=optimise)
    thread.start()
    store.close()
    thread.join(timeout=30)
    assert failed
    assert len(shards(tmp_path)) == 1


def test_shards_left_by_a_crash_are_removed(tmp_path: Path) -> None:
    with closing(EdgeStore(tmp_path, DIMS)) as store:
        store.upsert([plain_row(1)])
    (tmp_path / "shard-left").mkdir()
    (tmp_path / "shard-left" / "wal").write_text("half a copy")
    with closing(EdgeStore(tmp_path, DIMS)) as store:
        assert store.count() == 1
    assert len(shards(tmp_path)) == 1


def test_a_crash_while_the_store_was_made_is_mended(tmp_path: Path) -> None:
    EdgeStore(tmp_path, DIMS).close()
    note = json.loads((tmp_path / "store.json").read_text())
    (tmp_path / "store.json").write_text(json.dumps(note | {"place": ""}))
    with closing(EdgeStore(tmp_path, DIMS)) as store:
        assert store.count() == 0


def test_searches_and_writes_may_come_from_several_threads(tmp_path: Path) -> None:
    errors: list[BaseException] = []
    query = np.ones(DIM, np.float32)
    with closing(EdgeStore(tmp_path, DIMS, index_above=0)) as store:
        store.upsert([plain_row(i) for i in range(100)])

        def repeat(first: int) -> None:
            try:
                for i in range(first, first + 40):
                    store.upsert([plain_row(i)])
                    assert f"p{i}" in {c.product_id for c in store.search("picture", query, 999)}
                    store.delete([f"p{i}"])
                    assert not store.pictures(f"p{i}")
            except BaseException as error:  # noqa: BLE001 - handed to the test below
                errors.append(error)

        threads = [threading.Thread(target=repeat, args=(first,)) for first in (1000, 2000, 3000)]
        for thread in threads:
            thread.start()
        store.optimise()
        for thread in threads:
            thread.join(timeout=60)
        assert not errors
        assert store.count() == 100


KINDS: list[FieldKind] = ["keyword", "number", "boolean"]
names = st.tuples(st.text(max_size=8), st.sampled_from(KINDS))


@given(one=names, two=names)
def test_two_fields_never_share_a_key(
    one: tuple[str, FieldKind], two: tuple[str, FieldKind]
) -> None:
    assert (key_of(*one) == key_of(*two)) == (one == two)
    assert key_of(*one) not in {*HEAD, *OWN_INDEXES}
    assert set(key_of(*one)) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_declared_field_has_an_index_of_its_kind(kind: FieldKind, tmp_path: Path) -> None:
    wanted = {"keyword": "Keyword", "number": "Float", "boolean": "Integer"}[kind]
    for _ in range(2):
        with closing(EdgeStore(tmp_path, DIMS)) as store:
            store.declare({"f": kind})
            schema = store._shard.info().payload_schema  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - what Edge itself says
            assert str(schema[key_of("f", kind)].data_type).endswith(wanted)
