from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Lock, Semaphore

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tiny_added
from shoplens.encode.added.manifest import Manifest, Resize
from shoplens.encode.added.pictures import AddedPictures, Share, bytes_of
from shoplens.encode.base import ColourApart, Mapper, PictureTower, Prepared
from shoplens.encode.runtime.session import Session
from shoplens.errors import MismatchError
from shoplens.types import Pixels
from tiny_added import toy


class Watched:
    """A network that notes how many went in together, and how many times at once."""

    def __init__(self, path: Path, most: int = 1_000_000) -> None:
        self.session = Session(path)
        self.most = most
        self.batches: list[int] = []
        self.at_once = self.peak = 0
        self.lock = Lock()
        self.gate: Semaphore | None = None

    def run(self, output: str, feed: Mapping[str, np.ndarray]) -> np.ndarray:
        n = len(feed["pixels"])
        with self.lock:
            self.batches.append(n)
            self.at_once += 1
            self.peak = max(self.peak, self.at_once)
        try:
            if self.gate:
                self.gate.acquire(timeout=5)
            if n > self.most:
                raise MemoryError(f"{n} pictures")
            return self.session.run(output, feed)
        finally:
            with self.lock:
                self.at_once -= 1


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    return tiny_added.write(tmp_path)


@pytest.fixture
def network(tmp_path: Path, manifest: Manifest) -> Watched:
    return Watched(tmp_path / manifest.picture.file)


def tower(manifest: Manifest, network: Watched, share: Share | None = None) -> AddedPictures:
    return AddedPictures(manifest, network, share or Share(32), "cpu")


def drawn(n: int, height: int = 40, width: int = 60) -> list[Pixels]:
    rng = np.random.default_rng(0)
    return list(rng.integers(0, 256, (n, height, width, 3), np.uint8))


def prepared(made: AddedPictures, n: int) -> list[Prepared]:
    return [made.prepare(picture) for picture in drawn(n)]


def test_it_is_a_picture_tower_without_maps_or_colours(
    manifest: Manifest, network: Watched
) -> None:
    made = tower(manifest, network)
    assert isinstance(made, PictureTower)
    assert not isinstance(made, Mapper | ColourApart)
    assert (made.dim, made.size_px, made.provider) == (8, 36, "cpu")
    ready = made.prepare(drawn(1)[0])
    assert ready.pixels.shape == (32, 32, 3)
    assert ready.colour.shape == (0,)


def test_rows_are_what_arithmetic_says(manifest: Manifest, network: Watched) -> None:
    made = tower(manifest, network)
    ready = prepared(made, 7)
    rows = made.encode(ready)
    assert rows.dtype == np.float32
    wanted = [toy().picture_row(each.pixels) for each in ready]
    np.testing.assert_allclose(rows, wanted, atol=1e-5)


def test_no_pictures_give_no_rows(manifest: Manifest, network: Watched) -> None:
    assert tower(manifest, network).encode([]).shape == (0, 8)
    assert network.batches == []


def test_they_go_in_by_batches_and_come_out_in_order(manifest: Manifest, network: Watched) -> None:
    made = tower(manifest, network, Share(4))
    ready = prepared(made, 10)
    rows = made.encode(ready)
    assert network.batches == [4, 4, 2]
    singly = np.concatenate([made.encode([each]) for each in ready])
    np.testing.assert_allclose(rows, singly, atol=1e-5)


def test_what_does_not_fit_together_goes_by_halves(tmp_path: Path, manifest: Manifest) -> None:
    network = Watched(tmp_path / "picture.onnx", most=3)
    made = tower(manifest, network, Share(16))
    ready = prepared(made, 16)
    wanted = [toy().picture_row(each.pixels) for each in ready]
    np.testing.assert_allclose(made.encode(ready), wanted, atol=1e-5)
    assert max(n for n in network.batches if n <= 3) == 2


def test_what_cannot_be_computed_even_alone_is_told_of(tmp_path: Path, manifest: Manifest) -> None:
    made = tower(manifest, Watched(tmp_path / "picture.onnx", most=0))
    with pytest.raises(MismatchError, match=r"'tiny' cannot compute a picture any more \(1 pict"):
        made.encode(prepared(made, 2))


def test_no_more_are_computed_at_once_than_memory_allows(
    manifest: Manifest, network: Watched
) -> None:
    made = tower(manifest, network, Share(2, at_once=3))
    network.gate = Semaphore(0)
    ready = prepared(made, 2)
    with ThreadPoolExecutor(12) as pool:
        asked = [pool.submit(made.encode, ready) for _ in range(12)]
        for _ in asked:
            network.gate.release()
        for each in asked:
            assert each.result(timeout=20).shape == (2, 8)
    assert 1 <= network.peak <= 3


@given(room=st.floats(0, 1e12), batch=st.integers(1, 64), size_px=st.integers(16, 1024))
def test_a_share_of_memory_is_never_more_than_there_is_but_for_one_picture(
    room: float, batch: int, size_px: int
) -> None:
    share = Share.under(room, batch, size_px)
    assert 1 <= share.batch <= batch
    assert share.at_once >= 1
    pictures = share.batch * share.at_once
    assert pictures == 1 or pictures * bytes_of(size_px) <= room
    assert (pictures + share.batch) * bytes_of(size_px) > room


def test_another_file_or_another_way_of_resizing_is_another_fingerprint(
    manifest: Manifest, network: Watched
) -> None:
    resize = manifest.picture.resize
    others: list[Resize] = [
        replace(resize, filter="bilinear"),
        replace(resize, shape="squash"),
        replace(resize, short_px=40),
        replace(resize, middle="round"),
    ]
    changed = [
        manifest,
        *(replace(manifest, picture=replace(manifest.picture, resize=each)) for each in others),
        replace(
            manifest,
            files=tuple(
                replace(entry, sha256="0" * 64) if entry.name == "picture.onnx" else entry
                for entry in manifest.files
            ),
        ),
    ]
    found = [tower(each, network).fingerprint for each in changed]
    assert len(set(found)) == len(found)
    renamed = replace(manifest, name="other", note="x", text=None)
    assert tower(renamed, network).fingerprint == found[0]
