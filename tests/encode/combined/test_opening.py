import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shoplens.encode.added.opening import open_added
from shoplens.encode.base import ColourApart, Derived, Encoder
from shoplens.encode.combined.manifest import FILE, FusedOf, Made, write_combined
from shoplens.encode.combined.opening import names_in, open_combined
from shoplens.encode.combined.projection import FILE as PROJECTION
from shoplens.encode.combined.projection import pca, principal_axes, truncation
from shoplens.encode.combined.writing import Named, write_fused, write_shrunk
from shoplens.errors import MismatchError, NotFoundError, StorageError
from tiny_added import write as write_added
from toy_words import COLOUR, encode, pictures, tiny_bundled, with_words

SHOWN = pictures(10)
Open = Callable[[str], Encoder]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of models with ``both`` (colour and tiny), and ``less`` of both."""
    models = tmp_path / "models"
    both = write_fused(models / "both", [(named("colour"), 3.0), (tiny(tmp_path), 1.0)])
    axes = principal_axes(encode(both.picture, pictures(60)))
    kept = pca(axes, 40, both.picture.fingerprint)
    write_shrunk(models / "less", Named("both", both), kept, "pca")
    return models


def named(name: str) -> Named:
    return Named(name, with_words(COLOUR))


def tiny(folder: Path) -> Named:
    return Named("tiny", tiny_bundled(folder))


def opener(root: Path) -> Open:
    """Open parts by name, as the engine does: combined ones from their folders."""

    def open_part(name: str) -> Encoder:
        if (root / name).is_dir():
            return open_combined(root / name, open_part)
        known = {"colour": named("colour"), "tiny": tiny(root.parent)}
        if name not in known:
            raise NotFoundError(f"no model {name!r}")
        return known[name].encoder

    return open_part


def test_a_fused_model_opens_as_it_was_made(root: Path, tmp_path: Path) -> None:
    found = open_combined(root / "both", opener(root))
    again = write_fused(tmp_path / "both", [(named("colour"), 0.75), (tiny(tmp_path), 0.25)])
    assert found.name == again.name == "both"
    assert found.picture.fingerprint == again.picture.fingerprint
    np.testing.assert_array_equal(encode(found.picture, SHOWN), encode(again.picture, SHOWN))
    assert isinstance(found.picture, ColourApart)
    assert found.asks is not None
    assert found.text.fingerprint == COLOUR.text.fingerprint


def test_a_shrunk_model_opens_as_it_was_made(root: Path) -> None:
    both = open_combined(root / "both", opener(root))
    found = open_combined(root / "less", opener(root))
    assert (found.name, found.picture.dim) == ("less", 40)
    assert isinstance(found.picture, Derived)
    assert found.picture.derives_from == both.picture.fingerprint
    before, after = encode(both.picture, SHOWN), encode(found.picture, SHOWN)
    np.testing.assert_allclose(after @ after.T, before @ before.T, atol=0.05)
    assert both.asks is not None
    assert found.asks is not None
    texts = ["red shoe", "blue hat"]
    told = [e.asks.ask(texts, e.text.encode(texts)) for e in (both, found) if e.asks]
    np.testing.assert_allclose(before @ told[0].T, after @ told[1].T, atol=0.06)


def test_nothing_is_left_beside_what_was_written(root: Path) -> None:
    assert sorted(path.name for path in root.iterdir()) == ["both", "less"]
    assert [path.name for path in (root / "both").iterdir()] == [FILE]
    assert sorted(path.name for path in (root / "less").iterdir()) == [FILE, PROJECTION]


def test_the_parts_of_a_model_are_named(root: Path, tmp_path: Path) -> None:
    assert names_in(root / "both") == ("colour", "tiny")
    assert names_in(root / "less") == ("both",)
    assert names_in(tmp_path) == ()


def test_a_part_that_is_gone_is_named(root: Path) -> None:
    shutil.rmtree(root / "both")
    with pytest.raises(MismatchError, match=r"'less' is made of 'both', which is gone .*rollback"):
        open_combined(root / "less", opener(root))


def test_a_part_that_is_another_now_is_named(root: Path, tmp_path: Path) -> None:
    def other(name: str) -> Encoder:
        return tiny_bundled(tmp_path, 5) if name == "tiny" else opener(root)(name)

    with pytest.raises(MismatchError, match=r"'tiny' as it was \(\w+\), and it is another now"):
        open_combined(root / "both", other)


def test_a_lost_or_foreign_projection_says_what_to_do(root: Path) -> None:
    projection = root / "less" / PROJECTION
    kept = projection.read_bytes()
    projection.unlink()
    with pytest.raises(MismatchError, match=r"'less' cannot be used: there is no .*rollback"):
        open_combined(root / "less", opener(root))
    projection.write_bytes(kept[:-50])
    with pytest.raises(MismatchError, match=r"'less' cannot be used: .* cannot be read"):
        open_combined(root / "less", opener(root))
    projection.write_bytes(truncation(9, 4, "0" * 16).to_bytes())
    with pytest.raises(MismatchError, match=r"'less' cannot be used: .* is for rows of 0000"):
        open_combined(root / "less", opener(root))


def test_weights_that_cannot_be_are_refused(root: Path) -> None:
    parts = (Made("colour", COLOUR.picture.fingerprint),) * 2
    for weights, told in (((0.5, 0.5), "each another one"), ((-1.0, 2.0), "above 0")):
        write_combined(root / "both", FusedOf(parts, weights))
        with pytest.raises(MismatchError, match=f"'both' cannot be used: .*{told}"):
            open_combined(root / "both", opener(root))


def test_a_circle_ends_in_words_and_not_in_a_stack(root: Path) -> None:
    fingerprint = open_combined(root / "less", opener(root)).picture.fingerprint
    parts = (Made("less", fingerprint), Made("colour", COLOUR.picture.fingerprint))
    write_combined(root / "both", FusedOf(parts, (0.5, 0.5)))
    for name in ("both", "less"):
        with pytest.raises(MismatchError, match=f"'{name}' is made of itself"):
            open_combined(root / name, opener(root))


def test_a_model_cannot_be_written_over_another(root: Path, tmp_path: Path) -> None:
    with pytest.raises(MismatchError, match=r"there is .*both already; give another name"):
        write_fused(root / "both", [(named("colour"), 1.0), (tiny(tmp_path), 9.0)])
    assert open_combined(root / "both", opener(root)).picture.dim == 183


def test_a_model_cannot_be_made_of_its_own_name(root: Path, tmp_path: Path) -> None:
    own = replace(named("colour"), name="mine")
    with pytest.raises(MismatchError, match="'mine' is made of itself"):
        write_fused(root / "mine", [(own, 1.0), (tiny(tmp_path), 1.0)])
    assert not (root / "mine").exists()


def test_a_disk_that_refuses_is_a_storage_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder would be")
    projection = truncation(COLOUR.picture.dim, 9, COLOUR.picture.fingerprint)
    with pytest.raises(StorageError, match="less cannot be written"):
        write_shrunk(tmp_path / "models" / "less", named("colour"), projection, "truncate")


def test_what_a_stopped_writing_left_is_in_nobodys_way(root: Path, tmp_path: Path) -> None:
    (root / ".making-new").mkdir()
    (root / ".making-new" / PROJECTION).write_bytes(b"half")
    write_fused(root / "new", [(named("colour"), 1.0), (tiny(tmp_path), 1.0)])
    assert [path.name for path in (root / "new").iterdir()] == [FILE]
    assert not (root / ".making-new").exists()


def test_an_added_model_can_be_fused_and_shrunk(tmp_path: Path) -> None:
    write_added(tmp_path / "tiny")
    added = Named("tiny", open_added(tmp_path / "tiny"))
    both = write_fused(tmp_path / "both", [(Named("colour", COLOUR), 1.0), (added, 3.0)])
    kept = pca(principal_axes(encode(both.picture, pictures(60))), 50, both.picture.fingerprint)
    less = write_shrunk(tmp_path / "less", Named("both", both), kept, "pca")
    shown = [np.full((40, 40, 3), colour, np.uint8) for colour in ((255, 0, 0), (0, 0, 255))]
    texts = ["red shoe", "blue shoe"]
    for encoder in (both, less):
        assert encoder.asks is not None
        asked = encoder.asks.ask(texts, encoder.text.encode(texts))
        agreement = asked @ encode(encoder.picture, shown).T
        assert agreement.argmax(axis=1).tolist() == [0, 1]
