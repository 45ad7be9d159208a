import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.encode.combined.manifest import (
    FILE,
    FusedOf,
    Made,
    ShrunkOf,
    read_combined,
    refuse_circle,
    write_combined,
)
from shoplens.errors import MismatchError, NotFoundError

ONE, OTHER = Made("siglip2-b", "0123456789abcdef"), Made("my_shop.clip:open_clip", "f" * 16)
FUSED = FusedOf((ONE, OTHER), (0.7, 0.3))
SHRUNK = ShrunkOf(ONE, "pca", 256, 0.21)


def written(folder: Path, **changes: object) -> dict[str, Any]:
    """Write a fused model and change what its file says; None takes a key out."""
    folder.mkdir(exist_ok=True)
    write_combined(folder, FUSED)
    told = json.loads((folder / FILE).read_text("utf-8")) | changes
    told = {key: value for key, value in told.items() if value is not None}
    (folder / FILE).write_text(json.dumps(told), "utf-8")
    return told


@pytest.mark.parametrize("combined", [FUSED, SHRUNK])
def test_what_was_written_is_read_again(combined: FusedOf | ShrunkOf, tmp_path: Path) -> None:
    write_combined(tmp_path, combined)
    assert read_combined(tmp_path) == combined


def test_what_a_model_is_made_of_is_told() -> None:
    assert [made.name for made in FUSED.made_of] == ["siglip2-b", "my_shop.clip:open_clip"]
    assert SHRUNK.made_of == (ONE,)


def test_a_folder_without_the_file_holds_none(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"holds no combined model: it has no combined\.json"):
        read_combined(tmp_path)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"format": 2}, "another version of Shoplens"),
        ({"format": None}, "describes no combined model"),
        ({"kind": "stewed"}, "kind 'stewed'"),
        ({"kind": None}, "describes no combined model"),
        ({"kind": "shrunk"}, "describes no combined model"),
        ({"parts": [{"name": "a"}], "weights": [1]}, "describes no combined model"),
        ({"parts": "ab"}, "describes no combined model"),
        ({"weights": ["much", 1]}, "describes no combined model"),
        ({"weights": [1]}, "2 parts and 1 weights"),
        ({"parts": [{"name": "../../etc", "fingerprint": "f"}]}, r"'\.\./\.\./etc', which is no"),
        ({"parts": [{"name": "", "fingerprint": "f"}]}, "'', which is no name"),
        ({"parts": [{"name": [7], "fingerprint": "f"}]}, r"'\[7\]', which is no name"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(
    changes: dict[str, object], told: str, tmp_path: Path
) -> None:
    written(tmp_path, **changes)
    with pytest.raises(MismatchError, match=rf"combined\.json.*{told}"):
        read_combined(tmp_path)


@pytest.mark.parametrize("reach", [-0.1, float("nan"), float("inf")])
def test_a_reach_that_is_no_length_is_refused(reach: float, tmp_path: Path) -> None:
    write_combined(tmp_path, ShrunkOf(ONE, "pca", 256, reach))
    with pytest.raises(MismatchError, match="a reach of"):
        read_combined(tmp_path)


@pytest.mark.parametrize("content", [b"", b"[]", b"7", b'"fused"', b"\xff\xfe{", b'{"format":1}'])
def test_a_file_of_something_else_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(MismatchError, match=r"combined\.json"):
        read_combined(tmp_path)


@settings(max_examples=80, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 8))
def test_a_damaged_file_is_refused_or_still_names_two_parts(
    place: float, bit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Eight stands for a file that ends there. What its numbers say, fingerprints prove later."""
    folder = tmp_path_factory.getbasetemp() / "damaged-manifest"
    written(folder)
    content = bytearray((folder / FILE).read_bytes())
    at = int(place * len(content))
    if bit == 8:
        del content[at:]
    else:
        content[at] ^= 1 << bit
    (folder / FILE).write_bytes(content)
    try:
        found = read_combined(folder)
    except MismatchError:
        return
    assert len(found.made_of) == 2


def link(root: Path, name: str, *parts: str) -> FusedOf:
    (root / name).mkdir()
    combined = FusedOf(tuple(Made(part, "0" * 16) for part in parts), (0.5,) * len(parts))
    write_combined(root / name, combined)
    return combined


def test_a_model_made_of_itself_is_refused_however_far_round(tmp_path: Path) -> None:
    link(tmp_path, "own", "own", "lite2")
    link(tmp_path, "a", "b", "lite2")
    link(tmp_path, "b", "lite0", "c")
    link(tmp_path, "c", "a", "colour")
    link(tmp_path, "behind", "a", "lite2")
    for name in ("own", "a", "b", "c"):
        with pytest.raises(MismatchError, match=rf"'{name}' is made of itself, by .*{name}"):
            refuse_circle(tmp_path / name, read_combined(tmp_path / name))
    refuse_circle(tmp_path / "behind", read_combined(tmp_path / "behind"))  # told when a is opened


def test_one_part_reached_by_two_ways_is_no_circle(tmp_path: Path) -> None:
    link(tmp_path, "less", "lite2", "colour")
    link(tmp_path, "more", "less", "lite2")
    both = link(tmp_path, "both", "less", "more")
    refuse_circle(tmp_path / "both", both)
