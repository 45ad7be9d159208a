from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.encode.trained.headed import OnnxHead
from shoplens.errors import MismatchError, StorageError
from shoplens.learn.network.head import Head, write_head

ABOUT = {"name": "head-1", "derives_from": "0123456789abcdef"}


def drawn(seed: int, d0: int = 5, h1: int = 7, h2: int = 3) -> Head:
    rng = np.random.default_rng(seed)
    shapes = ((h1, d0), (h1,), (h2, h1), (h2,))
    return Head(*(rng.normal(size=shape).astype(np.float32) for shape in shapes))


def slow(head: Head, row: np.ndarray, cell: np.ndarray, blend: float) -> np.ndarray:
    """The formula, number by number: the row says which units are on and how long it becomes."""
    hidden = [
        float(sum(w * x for w, x in zip(weights, row, strict=True)) + bias)
        for weights, bias in zip(head.weight1, head.bias1, strict=True)
    ]
    of_cell = [
        float(sum(w * x for w, x in zip(weights, cell, strict=True)) + bias) * (on > 0)
        for weights, bias, on in zip(head.weight1, head.bias1, hidden, strict=True)
    ]

    def out(units: list[float]) -> np.ndarray:
        rows = zip(head.weight2, head.bias2, strict=True)
        return np.array([sum(w * u for w, u in zip(ws, units, strict=True)) + b for ws, b in rows])

    length = np.sqrt((out([max(u, 0.0) for u in hidden]) ** 2).sum())
    return np.concatenate([(1 - blend) ** 0.5 * cell, blend**0.5 * out(of_cell) / length])


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    sizes=st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 6)),
    lines=st.integers(1, 5),
    blend=st.floats(0.01, 0.99),
)
def test_a_file_computes_what_the_formula_says(
    seed: int,
    sizes: tuple[int, int, int],
    lines: int,
    blend: float,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    head, rng = drawn(seed, *sizes), np.random.default_rng(seed + 1)
    path = tmp_path_factory.mktemp("head") / "head.onnx"
    write_head(path, head, blend, ABOUT)
    rows, cells = (rng.normal(size=(lines, sizes[0])).astype(np.float32) for _ in range(2))
    made = OnnxHead(path).run(rows, cells)
    pairs = zip(made, rows, cells, strict=True)
    for one, row, cell in pairs:
        np.testing.assert_allclose(one, slow(head, row, cell, blend), rtol=1e-3, atol=1e-3)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), cells=st.integers(1, 30), blend=st.floats(0.01, 0.99))
def test_the_mean_of_cells_is_the_row_of_their_mean(
    seed: int, cells: int, blend: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("head") / "head.onnx"
    write_head(path, drawn(seed), blend, ABOUT)
    head = OnnxHead(path)
    each = np.random.default_rng(seed).normal(size=(cells, 5)).astype(np.float32)
    mean = each.mean(axis=0, keepdims=True)
    mapped = head.run(np.repeat(mean, cells, axis=0), each).mean(axis=0)
    np.testing.assert_allclose(mapped, head.run(mean, mean)[0], rtol=1e-3, atol=1e-3)


def test_a_unit_row_stays_one(tmp_path: Path) -> None:
    write_head(tmp_path / "head.onnx", drawn(3), 0.3, ABOUT)
    rows = np.random.default_rng(3).normal(size=(8, 5)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    made = OnnxHead(tmp_path / "head.onnx").run(rows, rows)
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    likeness = (rows @ rows.T) * 0.7 + (made[:, 5:] @ made[:, 5:].T)
    np.testing.assert_allclose(made @ made.T, likeness, atol=1e-5)


def test_layers_that_make_nothing_of_a_row_leave_it_finite(tmp_path: Path) -> None:
    zeros = Head(*(np.zeros(shape, np.float32) for shape in ((7, 5), (7,), (3, 7), (3,))))
    write_head(tmp_path / "head.onnx", zeros, 0.5, ABOUT)
    made = OnnxHead(tmp_path / "head.onnx").run(*(np.ones((2, 5), np.float32),) * 2)
    np.testing.assert_allclose(made, [[0.5**0.5] * 5 + [0] * 3] * 2, rtol=1e-6)


def test_a_file_tells_what_it_is(tmp_path: Path) -> None:
    write_head(tmp_path / "head.onnx", drawn(0), 0.25, ABOUT)
    about = OnnxHead(tmp_path / "head.onnx").about
    told = about.name, about.derives_from, about.base_dim, about.dim, about.blend
    assert told == ("head-1", "0123456789abcdef", 5, 8, 0.25)
    assert len(about.selftest) == 8


def test_the_same_head_is_the_same_file(tmp_path: Path) -> None:
    def content(seed: int, blend: float) -> str:
        return write_head(tmp_path / "head.onnx", drawn(seed), blend, ABOUT)

    first = content(1, 0.5)
    assert OnnxHead(tmp_path / "head.onnx").content_hash == first
    assert content(1, 0.5) == first
    assert len({first, content(2, 0.5), content(1, 0.4)}) == 3


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("layer", range(4))
def test_weights_that_are_no_numbers_never_open(layer: int, value: float, tmp_path: Path) -> None:
    head = drawn(0)
    weights = [head.weight1, head.bias1, head.weight2, head.bias2]
    weights[layer] = np.full_like(weights[layer], value)
    with np.errstate(invalid="ignore", over="ignore"):
        write_head(tmp_path / "head.onnx", Head(*weights), 0.5, ABOUT)
    with pytest.raises(MismatchError, match="self-test"):
        OnnxHead(tmp_path / "head.onnx")


@pytest.mark.parametrize(
    ("shapes", "told"),
    [
        (((7, 5), (6,), (3, 7), (3,)), r"\(6,\)"),
        (((7, 5), (7,), (3, 6), (3,)), r"\(3, 6\)"),
        (((7, 5), (7,), (3, 7), (4,)), r"\(4,\)"),
        (((7,), (7,), (3, 7), (3,)), "wanted are"),
    ],
)
def test_layers_that_do_not_fit_are_refused(
    shapes: tuple[tuple[int, ...], ...], told: str, tmp_path: Path
) -> None:
    layers = Head(*(np.zeros(shape, np.float32) for shape in shapes))
    with pytest.raises(MismatchError, match=told):
        write_head(tmp_path / "head.onnx", layers, 0.5, ABOUT)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("blend", [0.0, -0.1, 1.0, 1.01, np.nan])
def test_what_is_no_share_is_refused(blend: float, tmp_path: Path) -> None:
    with pytest.raises(MismatchError, match="share"):
        write_head(tmp_path / "head.onnx", drawn(0), blend, ABOUT)


@pytest.mark.parametrize("name", ABOUT)
def test_a_file_without_a_name_is_refused(name: str, tmp_path: Path) -> None:
    about = {key: value for key, value in ABOUT.items() if key != name}
    with pytest.raises(MismatchError, match=name):
        write_head(tmp_path / "head.onnx", drawn(0), 0.5, about)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match=r"head\.onnx"):
        write_head(tmp_path / "file" / "head.onnx", drawn(0), 0.5, ABOUT)
