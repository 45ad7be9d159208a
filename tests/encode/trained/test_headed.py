from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.encode.base import ColourApart, Derived, Mapper, PictureTower
from shoplens.encode.bundled import RESIZE_RULE, BundledPictures
from shoplens.encode.colour import open_colour
from shoplens.encode.onnx import OnnxNetwork
from shoplens.encode.trained.headed import HeadedMaps, HeadedPictures, OnnxHead, headed
from shoplens.errors import MismatchError, NotFoundError
from shoplens.learn.network.head import Head, write_head
from shoplens.types import Embeddings, Pixels
from tiny_onnx import TinyModel


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> BundledPictures:
    path = TinyModel(resize=RESIZE_RULE).write(tmp_path_factory.mktemp("base") / "base.onnx")
    return BundledPictures(OnnxNetwork(path))


def write(folder: Path, base: PictureTower, blend: float = 0.4, seed: int = 0) -> Path:
    rng = np.random.default_rng(seed)
    shapes = ((6, base.dim), (6,), (4, 6), (4,))
    head = Head(*(rng.normal(size=shape).astype(np.float32) for shape in shapes))
    about = {"name": "head-1", "derives_from": base.fingerprint}
    write_head(folder / "head.onnx", head, blend, about)
    return folder / "head.onnx"


def behind(folder: Path, base: PictureTower, blend: float = 0.4) -> HeadedPictures:
    return headed(base, OnnxHead(write(folder, base, blend)))


def pictures(seed: int, n: int) -> list[Pixels]:
    rng = np.random.default_rng(seed)
    return [
        rng.integers(0, 256, (int(h), int(w), 3), np.uint8) for h, w in rng.integers(1, 60, (n, 2))
    ]


def rows_of(tower: PictureTower, shown: list[Pixels]) -> Embeddings:
    return tower.encode([tower.prepare(picture) for picture in shown])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), n=st.integers(0, 4), blend=st.floats(0.01, 0.99))
def test_embeddings_are_made_of_the_base_s_or_of_pictures_alike(
    seed: int,
    n: int,
    blend: float,
    base: BundledPictures,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    tower = behind(tmp_path_factory.mktemp("head"), base, blend)
    assert isinstance(tower, Derived)
    shown = pictures(seed, n)
    derived = tower.derive(rows_of(base, shown))
    assert derived.shape == (n, tower.dim)
    np.testing.assert_array_equal(derived, rows_of(tower, shown))
    np.testing.assert_allclose(np.linalg.norm(derived, axis=1), 1, atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), blend=st.floats(0.01, 0.99))
def test_the_mean_of_a_map_is_the_embedding(
    seed: int, blend: float, base: BundledPictures, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tower = behind(tmp_path_factory.mktemp("head"), base, blend)
    assert isinstance(tower, Mapper)
    ready = tower.prepare(pictures(seed, 1)[0])
    cells = tower.map(ready)
    assert cells.shape == (*base.map(ready).shape[:2], tower.dim)
    np.testing.assert_allclose(cells.mean(axis=(0, 1)), tower.encode([ready])[0], atol=1e-3)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), blend=st.floats(0.01, 0.99))
def test_without_colour_is_what_the_base_without_colour_comes_to(
    seed: int, blend: float, base: BundledPictures, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tower = behind(tmp_path_factory.mktemp("head"), base, blend)
    assert isinstance(tower, ColourApart)
    before = rows_of(base, pictures(seed, 1))
    wanted = tower.derive(base.without_colour(before[0])[None])[0]
    found = tower.without_colour(tower.derive(before)[0])
    np.testing.assert_allclose(found, wanted, atol=1e-3)


def test_a_base_without_maps_gives_none(tmp_path: Path) -> None:
    colour = open_colour().picture
    tower = behind(tmp_path, colour)
    assert isinstance(tower, Derived)
    assert not isinstance(tower, Mapper | ColourApart)
    with pytest.raises(MismatchError, match="no maps"):
        HeadedMaps(colour, OnnxHead(tmp_path / "head.onnx"))


def test_many_threads_get_what_one_gets(base: BundledPictures, tmp_path: Path) -> None:
    tower = behind(tmp_path, base)
    rows = rows_of(base, pictures(1, 60))
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(tower.derive, [row[None] for row in rows]))
    np.testing.assert_allclose(np.concatenate(made), tower.derive(rows), atol=1e-6)


def test_another_head_or_another_base_has_another_fingerprint(
    base: BundledPictures, tmp_path: Path
) -> None:
    one = behind(tmp_path, base)
    assert behind(tmp_path, base).fingerprint == one.fingerprint
    other = headed(base, OnnxHead(write(tmp_path, base, seed=1)))
    colour = behind(tmp_path, open_colour().picture)
    assert len({base.fingerprint, one.fingerprint, other.fingerprint, colour.fingerprint}) == 4


def test_a_head_of_another_encoder_is_refused_with_both_names(
    base: BundledPictures, tmp_path: Path
) -> None:
    colour = open_colour().picture
    with pytest.raises(MismatchError, match=f"{colour.fingerprint}.*{base.fingerprint}.*anew"):
        headed(base, OnnxHead(write(tmp_path, colour)))


def test_rows_of_another_length_are_refused(base: BundledPictures, tmp_path: Path) -> None:
    with pytest.raises(MismatchError, match=f"on {base.dim} numbers cannot use 7"):
        behind(tmp_path, base).derive(np.zeros((2, 7), np.float32))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"head\.onnx"):
        OnnxHead(tmp_path / "head.onnx")


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.999])
def test_half_a_file_is_refused(share: float, base: BundledPictures, tmp_path: Path) -> None:
    path = write(tmp_path, base)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(MismatchError):
        OnnxHead(path)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    page, network = tmp_path / "page.onnx", tmp_path / "network.onnx"
    page.write_text("<!doctype html><title>404 Not Found</title>")
    TinyModel().write(network)
    for path in (page, network):
        with pytest.raises(MismatchError, match=path.name):
            OnnxHead(path)


@settings(max_examples=60, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_refused_or_changes_nothing_that_counts(
    place: float, bit: int, base: BundledPictures, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("head")
    row = rows_of(base, pictures(2, 1))
    wanted = behind(folder, base).derive(row)
    content = bytearray((folder / "head.onnx").read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    (folder / "head.onnx").write_bytes(content)
    try:
        made = headed(base, OnnxHead(folder / "head.onnx")).derive(row)
    except MismatchError:
        return
    assert np.isfinite(made).all()
    assert made.shape == wanted.shape


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("selftest", None),
        ("selftest", "{"),
        ("selftest", "[]"),
        ("selftest", '{"tolerance": 0.001, "embedding": 7}'),
        ("selftest", '{"tolerance": 0.001, "embedding": []}'),
        ("name", None),
        ("derives_from", None),
        ("dim", "many"),
        ("dim", "5"),
        ("base_dim", "-5"),
        ("base_dim", "5"),
        ("blend", None),
        ("blend", "half"),
        ("blend", "nan"),
        ("blend", "0"),
        ("blend", "1"),
        ("blend", "2"),
    ],
)
def test_metadata_that_lie_are_refused(
    name: str, value: str | None, base: BundledPictures, tmp_path: Path
) -> None:
    path = write(tmp_path, base)
    model = onnx.ModelProto.FromString(path.read_bytes())
    told = {pair.key: pair.value for pair in model.metadata_props} | {name: value or ""}
    del model.metadata_props[:]
    for key, text in told.items():
        if key != name or value is not None:
            model.metadata_props.add(key=key, value=text)
    path.write_bytes(model.SerializeToString())
    with pytest.raises(MismatchError, match=r"head\.onnx"):
        OnnxHead(path)
