from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.encode.combined.projection import (
    FILE,
    Projection,
    open_projection,
    pca,
    principal_axes,
    truncation,
)
from shoplens.errors import MismatchError, NotFoundError
from toy_words import clustered

DIM, MADE_FOR = 12, "0123456789abcdef"
few = settings(max_examples=30, deadline=None)


def fitted(dim: int = 5, base_dim: int = DIM, made_for: str = MADE_FOR) -> Projection:
    return pca(principal_axes(clustered(60, base_dim)), dim, made_for)


@few
@given(seed=st.integers(0, 999), dim=st.integers(1, DIM - 1), n=st.integers(0, 6))
def test_truncated_rows_are_the_first_numbers_at_unit_length(seed: int, dim: int, n: int) -> None:
    rows = clustered(n, DIM, seed)
    short = truncation(DIM, dim, MADE_FOR).shrink(rows)
    assert short.shape == (n, dim)
    for row, made in zip(rows, short, strict=True):
        kept = [float(number) for number in row[:dim]]
        length = sum(number**2 for number in kept) ** 0.5
        np.testing.assert_allclose(made, [number / length for number in kept], atol=1e-5)


@few
@given(seed=st.integers(0, 999), dim=st.integers(1, DIM - 1))
def test_principal_axes_are_those_of_the_singular_vectors(seed: int, dim: int) -> None:
    rows = clustered(40, DIM, seed)
    made = pca(principal_axes(rows), dim, MADE_FOR).directions.astype(np.float64)
    wanted = np.linalg.svd(rows.astype(np.float64))[2][:dim]
    np.testing.assert_allclose(made.T @ made, wanted.T @ wanted, atol=1e-3)
    np.testing.assert_allclose(made @ made.T, np.eye(dim), atol=1e-5)


@few
@given(seed=st.integers(0, 999), dim=st.integers(1, DIM - 1))
def test_no_other_directions_are_nearer_to_all_inner_products(seed: int, dim: int) -> None:
    rows = clustered(40, DIM, seed).astype(np.float64)
    made = pca(principal_axes(rows.astype(np.float32)), dim, MADE_FOR).directions
    drawn = np.linalg.qr(np.random.default_rng(seed).normal(size=(DIM, dim)))[0].T

    def off(directions: np.ndarray) -> float:
        short = rows @ directions.T
        return float(((rows @ rows.T - short @ short.T) ** 2).sum())

    assert off(made) <= min(off(drawn), off(np.eye(dim, DIM))) + 1e-4


def test_the_same_rows_in_any_order_give_the_same_numbers() -> None:
    rows = clustered(80, DIM)
    axes = principal_axes(rows)
    np.testing.assert_allclose(axes, principal_axes(rows[::-1]), atol=1e-3)
    assert all(axis[np.abs(axis).argmax()] > 0 for axis in axes)


def test_many_rows_are_taken_a_block_at_a_time() -> None:
    rows = clustered(9000, DIM)
    moments = rows.astype(np.float64).T @ rows.astype(np.float64)
    axes = principal_axes(rows).astype(np.float64)
    along = np.diag(axes @ moments @ axes.T)
    np.testing.assert_allclose(along, np.sort(np.linalg.eigvalsh(moments))[::-1], rtol=1e-3)


def test_a_row_of_which_nothing_is_left_becomes_a_fixed_one() -> None:
    rows = np.eye(DIM, dtype=np.float32)[[DIM - 1, 0]]
    short = truncation(DIM, 3, MADE_FOR).shrink(rows)
    np.testing.assert_array_equal(short, [[1, 0, 0], [1, 0, 0]])


def test_a_guess_from_all_that_says_anything_is_the_row() -> None:
    rows = clustered(30, DIM)
    rows[:, 4:] = 0
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    kept = pca(principal_axes(rows), 4, MADE_FOR)
    np.testing.assert_allclose(kept.guess(kept.shrink(rows)), rows, atol=1e-5)


@pytest.mark.parametrize("dim", [0, -3, DIM, DIM + 5])
def test_a_length_that_is_not_shorter_is_refused(dim: int) -> None:
    with pytest.raises(MismatchError, match=f"12 numbers cannot be shrunk to {dim}; give 1 to 11"):
        truncation(DIM, dim, MADE_FOR)
    with pytest.raises(MismatchError, match="cannot be shrunk"):
        pca(principal_axes(clustered(20, DIM)), dim, MADE_FOR)


def test_rows_of_another_length_are_refused() -> None:
    with pytest.raises(MismatchError, match="of 12 numbers cannot use 7"):
        fitted().shrink(clustered(2, 7))


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(fitted().to_bytes())
    found = open_projection(tmp_path, MADE_FOR, DIM)
    np.testing.assert_array_equal(found.directions, fitted().directions)
    assert (found.made_for, found.dim, found.base_dim) == (MADE_FOR, 5, DIM)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no .*projection\.npz"):
        open_projection(tmp_path, MADE_FOR, DIM)


@pytest.mark.parametrize(
    ("made_for", "base_dim", "told"),
    [
        ("fedcba9876543210", DIM, "is for rows of 0123456789abcdef .* are of fedcba9876543210"),
        (MADE_FOR, DIM + 1, r"shape \(5, 12\); .* of 13 numbers"),
    ],
)
def test_a_projection_of_another_tower_is_refused(
    made_for: str, base_dim: int, told: str, tmp_path: Path
) -> None:
    (tmp_path / FILE).write_bytes(fitted().to_bytes())
    with pytest.raises(MismatchError, match=f"{told}.*shrink the model anew"):
        open_projection(tmp_path, made_for, base_dim)


def bent(name: str) -> dict[str, np.ndarray]:
    with np.load(BytesIO(fitted().to_bytes())) as kept:
        told = {key: kept[key] for key in kept.files}
    match name:
        case "longer":
            told["directions"] = 2 * told["directions"]
        case "twice":
            told["directions"][1] = told["directions"][0]
        case "nan":
            told["directions"][0, 0] = np.nan
        case "selftest":
            told["selftest"] = -told["selftest"]
        case "short selftest":
            told["selftest"] = told["selftest"][:2]
        case "square":
            told["directions"] = np.eye(DIM, dtype=np.float32)
        case "words":
            told["directions"] = np.array("a")
        case _:
            del told[name]
    return told


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("longer", "at right angles"),
        ("twice", "at right angles"),
        ("nan", "at right angles"),
        ("selftest", "self-test row: off by"),
        ("short selftest", "self-test row: off by inf"),
        ("square", r"shape \(12, 12\)"),
        ("words", "cannot be read"),
        ("directions", "cannot be read"),
        ("made_for", "cannot be read"),
    ],
)
def test_a_file_that_says_something_else_is_refused(name: str, told: str, tmp_path: Path) -> None:
    file = BytesIO()
    np.savez(file, **bent(name))  # pyright: ignore[reportArgumentType]  # its stub means a flag
    (tmp_path / FILE).write_bytes(file.getvalue())
    with pytest.raises(MismatchError, match=f"{told}.*shrink the model anew"):
        open_projection(tmp_path, MADE_FOR, DIM)


@settings(max_examples=80, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 8))
def test_a_damaged_file_is_refused_or_says_the_same(
    place: float, bit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Eight stands for a file that ends there."""
    folder = tmp_path_factory.getbasetemp() / "bent"
    folder.mkdir(exist_ok=True)
    content = bytearray(fitted().to_bytes())
    at = int(place * len(content))
    if bit == 8:
        del content[at:]
    else:
        content[at] ^= 1 << bit
    (folder / FILE).write_bytes(content)
    try:
        found = open_projection(folder, MADE_FOR, DIM)
    except MismatchError:
        return
    np.testing.assert_array_equal(found.directions, fitted().directions)
