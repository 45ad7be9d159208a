"""Qdrant Edge's shard as a folder: made, opened, optimised beside itself, its errors named.

Edge 0.9 holds Python's interpreter lock during every call. A search takes a millisecond, but
``optimize`` takes minutes, in which the whole process would stand still and not even Ctrl-C
would be heard: it is therefore run by a child process, on a copy.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import qdrant_edge as edge

from shoplens.errors import StorageError
from shoplens.store.base import Dims
from shoplens.store.check import SPACES
from shoplens.store.folder import REBUILD

RESERVE_BYTES = 256 << 20
"""Free space that writes leave alone: Edge maps its files, and a full disk would kill us."""
_PR_SET_PDEATHSIG = 1
_PARTS = ("edge_config.json", "segments", "wal")
_CHILD = "import sys; from shoplens.store.edge.shard import optimise_here as go; go(sys.argv[1])"


def config(dims: Dims, *, index_above: int) -> edge.EdgeConfig:
    """How rows are kept; a segment of more than ``index_above`` pictures gets a graph.

    Colours get none: their few numbers are always scanned.

    ``payload_m`` is 0: with payload indexes the default made a build 15 times slower, and few
    allowed rows are scanned anyway. One segment for all: each more would cost every search.
    """
    row_bytes = 4 * max(dims.picture, dims.text)
    return edge.EdgeConfig(
        vectors={
            "picture": edge.EdgeVectorParams(dims.picture, edge.Distance.Dot),
            "text": edge.EdgeVectorParams(dims.text, edge.Distance.Dot),
            "colour": edge.EdgeVectorParams(
                dims.colour,
                edge.Distance.Dot,
                datatype=edge.VectorStorageDatatype.Float16,
                hnsw_config=edge.HnswIndexConfig(0, 16, full_scan_threshold=1),
            ),
        },
        sparse_vectors={"words": edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
        hnsw_config=edge.HnswIndexConfig(16, 128, full_scan_threshold=1, payload_m=0),
        quantization_config=edge.ScalarQuantizationConfig(
            edge.ScalarType.Int8, quantile=0.99, memory=edge.Memory.Pinned
        ),
        optimizers=edge.EdgeOptimizersConfig(
            default_segment_number=1, indexing_threshold=max(1, index_above * row_bytes // 1024)
        ),
        max_search_threads=1,
    )


def walk(limit: int, *, filtered: bool) -> edge.SearchParams:
    """How to walk the graph: int8 scores first, twice as many as asked scored anew in float32.

    Measured on 60,000 × 320 rows in clusters, queries from elsewhere: without a filter recall@10
    is 0.96 at ef 192, 0.99 at 400. Half of the rows allowed: 0.90 and 0.97, but 0.995 at 192 with
    ACORN (Patel et al., 2024), which steps over rows that are not allowed, at 1.4 ms; a fifth of
    the rows allowed: 0.64 and 0.78, with ACORN 0.997.
    """
    careful = edge.QuantizationSearchParams(rescore=True, oversampling=2.0)
    if not filtered:
        ef = max(512, min(8 * limit, limit + 2048))
        return edge.SearchParams(hnsw_ef=ef, quantization=careful)
    over = edge.AcornSearchParams(enable=True, max_selectivity=1.0)
    return edge.SearchParams(hnsw_ef=max(256, 2 * limit), quantization=careful, acorn=over)


@contextmanager
def naming_errors(doing: str) -> Generator[None]:
    """Turn what Edge raises into StorageError; bugs of ours pass as they are."""
    try:
        yield
    except BaseException as error:
        # Edge knows nothing narrower than Exception, and Rust's panics are BaseExceptions.
        if type(error) is Exception or type(error).__name__ == "PanicException":
            raise StorageError(f"the store failed to {doing}: {error}") from error
        raise


def make_shard(folder: Path, wanted: edge.EdgeConfig) -> Path:
    """Make an empty shard in a new folder inside ``folder``."""
    check_room(folder)
    place = _new_place(folder)
    with naming_errors("make its files"):
        edge.EdgeShard.create(str(place), wanted).close()
    return place


def load_shard(place: Path, wanted: edge.EdgeConfig) -> edge.EdgeShard:
    """Open a shard.

    Raises:
        StorageError: parts of it are lost or damaged. Edge would take lost segments for none.
    """
    lost = [part for part in _PARTS if _is_lost(place / part)]
    if lost:
        raise StorageError(f"{place} has lost its {lost[0]}; {REBUILD}")
    try:
        with naming_errors(f"open {place}"):
            return edge.EdgeShard.load(str(place), wanted)
    except StorageError as error:
        raise StorageError(f"{error}; {REBUILD}") from error


def remove_others(folder: Path, place: str) -> None:
    """Delete the shards that a crash, or a swap, left behind."""
    for other in folder.glob("shard-*"):
        if other.name != place:
            shutil.rmtree(other, ignore_errors=True)


def check_room(folder: Path, needed_bytes: int = 0) -> None:
    """Refuse to write when the disk is nearly full.

    Raises:
        StorageError: fewer than ``RESERVE_BYTES`` would be left.
    """
    free = shutil.disk_usage(folder).free
    if free < needed_bytes + RESERVE_BYTES:
        raise StorageError(
            f"{folder} has {free >> 20} MB of free disk; the store needs"
            f" {(needed_bytes + RESERVE_BYTES) >> 20} MB to write safely: free some and run again"
        )


def copy_shard(place: Path) -> Path:
    """Copy a flushed shard that nobody writes to, beside itself.

    Raises:
        StorageError: there is no room for the copy and what will be built from it.
    """
    size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
    check_room(place.parent, 3 * size)
    copy = _new_place(place.parent)
    try:
        shutil.copytree(place, copy, dirs_exist_ok=True)
    except OSError as error:
        shutil.rmtree(copy, ignore_errors=True)
        raise StorageError(f"{place} could not be copied: {error}") from error
    return copy


def unindexed(shard: edge.EdgeShard) -> int:
    """How many embeddings lack a graph; words count on both sides, and always have an index."""
    with naming_errors("look at itself"):
        filters = [edge.Filter(must=[edge.HasVectorCondition(name)]) for name in (*SPACES, "words")]
        held = sum(shard.count(edge.CountRequest(filter=let)) for let in filters)
        return held - shard.info().indexed_vectors_count


class Optimiser:
    """Runs ``optimise_here`` in a child process, so that this one goes on working."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._stopped = False

    def run(self, copy: Path) -> None:
        """Optimise a shard that is not open.

        Raises:
            StorageError: the child failed, or was stopped; what it said last is in the message.
        """
        with self._lock:
            if self._stopped:
                raise StorageError("the store is closing; optimise it another time")
            self._child = subprocess.Popen(  # noqa: S603 - our own interpreter, our own code
                [sys.executable, "-c", _CHILD, str(copy)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
        with self._child as child:
            try:
                said = child.communicate()[1].strip().splitlines()
            except BaseException:
                child.kill()
                raise
        if child.returncode:
            why = said[-1] if said else f"its process ended with {child.returncode}"
            raise StorageError(f"the store could not be optimised and stays as it was: {why}")

    def stop(self) -> None:
        """End a run that is under way, and let no other begin."""
        with self._lock:
            self._stopped = True
            if self._child is not None:
                self._child.kill()


def optimise_here(place: str) -> None:
    """Build graphs and int8 rows in this process, out of the way of others."""
    if hasattr(os, "nice"):
        os.nice(9)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # end when the parent does
    shard = edge.EdgeShard.load(place)
    shard.optimize()
    shard.flush()
    shard.close()


def _is_lost(part: Path) -> bool:
    return not part.exists() or (part.is_dir() and not any(part.iterdir()))


def _new_place(folder: Path) -> Path:
    return Path(tempfile.mkdtemp(prefix="shard-", dir=folder))
